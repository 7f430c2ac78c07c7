"""`qingling report`: the figures of a day, week, month, stage or year, as a file to read, print or send."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from commands.console.bilingual import argument, command, json_option, option, pass_as
from commands.console.completion import completing
from commands.console.context import AppContext
from commands.console.names import TitledChoice
from commands.console.output import print_json, say, talk
from commands.shared.handing_out import hand_out, purpose_option, refuse_taken, replace_option
from commands.shared.reading import viewing
from engine.errors import BadValueError
from engine.language import Text, t
from engine.rules.reading_rights import Deed

if TYPE_CHECKING:
    from datetime import date

    from documents.reports.assessment import AssessedFigure
    from documents.reports.paper import Report
    from documents.reports.points import Points
    from documents.reports.section import Section
    from engine.campaigns.measures import Measures
    from engine.operations.figures.figure_values import Figures
    from engine.operations.zero.verdict import Statement

KINDS: Final = {
    "daily": Text("daily", "日动态"),
    "weekly": Text("weekly", "周报"),
    "monthly": Text("monthly", "月报"),
    "stage": Text("stage", "阶段性总结"),
    "year": Text("year", "年度报告"),
    "bulletin": Text("bulletin", "通报"),
    "assessment": Text("assessment", "考核数据"),
}
ENDINGS: Final = (".html", ".xlsx", ".docx")
WORKFLOW: Final = "lead"
NIL: Final = ("nil_return", "work_done")
"""Of a return: the flag that nothing occurred, and what was done."""


def _workflows(app: AppContext, _ctx: click.Context, _incomplete: str) -> list[str]:
    """Return the names of all workflows."""
    return list(app.declarations.names())


@dataclass(frozen=True, kw_only=True, slots=True)
class ReportRequest:
    """What was asked of a report, as it was typed."""

    kind: str
    period: str | None
    unit: str | None
    workflow: str
    rank: str | None
    campaign: str | None
    year: int | None
    points: Path | None
    out: Path | None
    replace: bool
    reason: str
    as_json: bool

    @property
    def about(self) -> dict[str, object]:
        """What is written down of it."""
        return {"kind": self.kind, "period": self.period, "unit": self.unit, "workflow": self.workflow}

    def refuse_bad_file(self) -> None:
        """Refuse a file that no report can be written to.

        Raises:
            BadValueError: If none is named and nothing is printed either, or its ending is not known.
            BadFileError: If it is there already.
        """
        out = self.out
        if out is None:
            if not self.as_json:
                raise BadValueError(Text("say where to write: -o report.html", "请写明写到哪个文件：-o 报告.html"))
            return
        if out.suffix.lower() not in ENDINGS:
            endings = ", ".join(ENDINGS)
            raise BadValueError(
                Text(f"{out}: name a file that ends in {endings}", f"{out}：文件名须以 {'、'.join(ENDINGS)} 结尾")
            )
        refuse_taken(out, replace=self.replace)


@command(
    "report",
    en="Report on a period: html in one file with charts, xlsx or docx, by the ending of the file. Figures are as of "
    "the end of the period, from the journal; they add up, and say how they were counted. A bulletin ranks the units; "
    "an assessment lists what units are assessed by, with the source of each figure, and scores nothing by itself. "
    "No report names anybody or repeats what a lead says; each is journaled with its digest.",
    zh="按期生成报告：按扩展名写成 html（单文件、带图表）、xlsx 或 docx。数字截至期末，据日志重建，合计相符，"
    "并附统计口径；通报对各单位排序；考核数据逐项列明来源，程序不自行计分。报告不写人员姓名和线索内容；每次生成连同文件摘要记入日志。",
    example=Text(
        "qingling report monthly --period 2019-06 -o 2019-06.html\n"
        "qingling report bulletin --period 2019-06 -o bulletin.docx",
        "qingling report 月报 --period 2019-06 -o 月报.html\nqingling report 通报 --period 2019-06 -o 通报.docx",
    ),
)
@argument("kind", type=TitledChoice(KINDS), metavar="KIND",
          en="daily, weekly, monthly, stage, year, bulletin or assessment.",
          zh="日动态、周报、月报、阶段性总结、年度报告、通报或考核数据。")  # fmt: skip
@option(
    "--period",
    metavar="PERIOD",
    en="2019-07-05, 2019-W28, 2019-07, 2019 or 2019-07-01..2019-09-30 (default: the current one).",
    zh="如 2019-07-05、2019-W28、2019-07、2019、2019-07-01..2019-09-30（默认本期）。",
)
@option("--unit", metavar="UNIT", en="Only this unit.", zh="只看该单位。")
@option(
    "--workflow",
    metavar="WORKFLOW",
    default=WORKFLOW,
    shell_complete=completing(_workflows),
    en="Of which kind of case (default: lead).",
    zh="统计哪个流程（默认问题线索）。",
)
@option(
    "--rank",
    metavar="INDICATORS",
    en="What a bulletin ranks by, the weightiest first: clear_rate, on_time_rate, overdue, missing_returns.",
    zh="通报按哪些指标排序，重者在前：办结率、按期率、超期、未报。",
)
@option(
    "--campaign",
    metavar="CAMPAIGN",
    en="Say first how this campaign stands at the end of the period: zero, late or not, with its whole scope.",
    zh="首先写明该专项行动期末是否清零（含逾期清零）及其全部范围。",
)
@option("--year", type=int, metavar="YEAR", en="The year of a campaign that takes one.", zh="按年度的专项行动的年份。")
@option(
    "--points",
    metavar="FILE",
    type=click.Path(path_type=Path),
    en="With assessment: your own file of points (yaml); without it nothing is scored.",
    zh="与考核数据合用：本单位自定的计分办法（yaml 文件）；不给则不计分。",
)
@option("-o", "--out", metavar="FILE", type=click.Path(path_type=Path), en="The file to write.", zh="写到哪个文件。")
@replace_option
@purpose_option
@json_option
@pass_as(ReportRequest)
def report(app: AppContext, asked: ReportRequest) -> None:
    """Report on the period."""
    from commands.presentation.campaigns import campaigns_of
    from engine.operations.cases.exporting import may_export
    from engine.operations.figures.period import ReportKind, period_of
    from engine.operations.figures.report_figures import figures

    asked.refuse_bad_file()
    kind, out = ReportKind(asked.kind), asked.out
    if asked.rank is not None and kind is not ReportKind.BULLETIN:
        raise BadValueError(Text("only a bulletin ranks units (--rank)", "只有通报对单位排序（--rank）"))
    if asked.points is not None and kind is not ReportKind.ASSESSMENT:
        raise BadValueError(Text("only an assessment has points (--points)", "只有考核数据可以计分（--points）"))
    about = asked.about
    with viewing(app, Deed.REPORT, **about) as view:
        ledger, now = view.ledger, app.now
        may_export(app.acting, unit=asked.unit)
        meant = period_of(kind, asked.period, today=ledger.today(now))
        measures = campaigns_of(app).measures_of(asked.workflow)
        found = figures(ledger, asked.workflow, meant, unit=asked.unit, nil=NIL, measures=measures, now=now)
        ranked = _ranked(asked.rank)
        assessing = _assessing(found, measures, asked.points) if kind is ReportKind.ASSESSMENT else None
        zero = None if asked.campaign is None else _zero(app, asked.campaign, asked.year, meant.until, asked.unit)
        view.shown(**about, caseload=found.total.caseload, file=None if out is None else out.name)
        digest = (
            None
            if out is None
            else _write(app, found, ranked, zero, out, asked.reason, limits=view.limits, assessing=assessing)
        )
        if asked.as_json:
            from documents.reports.plain import plain_of
            from engine.operations.zero.frozen import plain

            more: dict[str, object] = {} if zero is None else {"zero": plain(zero, ())}
            more |= {} if assessing is None else {"assessment": assessing.plain(found)}
            print_json({"file": None if out is None else str(out), "sha256": digest, **plain_of(found), **more})
        else:
            say(str(out))
            talk(t("sha256 {digest}; in the journal", "sha256 {digest}；已记入日志", digest=digest))
            view.say_limits()


@dataclass(frozen=True, kw_only=True, slots=True)
class _Assessing:
    """What units are assessed by."""

    chosen: "tuple[AssessedFigure, ...]"
    points: "Points | None"

    def sections(self, found: "Figures") -> "list[Section]":
        """Return what is printed of it."""
        from documents.reports.assessment import assessment

        return list(assessment(found, self.chosen, self.points))

    def plain(self, found: "Figures") -> dict[str, object]:
        """Return what scripts get of it."""
        from documents.reports.assessment import assessment_plain

        return assessment_plain(found, self.chosen, self.points)


def _assessing(found: "Figures", measures: "Measures", file: Path | None) -> _Assessing:
    """Return the figures that the measures name, with the points of a file.

    Raises:
        BadValueError: If the measures name none.
        InvalidWorkflowError: If the file of points is not sound.
    """
    from documents.reports.assessment import assessed
    from documents.reports.points import points_in

    chosen = assessed(found, measures)
    if not chosen:
        raise BadValueError(
            Text(
                f"measures/{found.workflow}.yaml names no figures for an assessment (assessment)",
                f"measures/{found.workflow}.yaml 未列考核数据（assessment）",
            )
        )
    rated = [each.name for each in chosen if each.is_rate]
    points = None if file is None else points_in(file, figures=[each.name for each in chosen], rated=rated)
    return _Assessing(chosen=chosen, points=points)


def _zero(app: AppContext, name: str, year: int | None, day: "date", unit: str | None) -> "Statement":
    """Return how a campaign stands on a day; nothing is said of it while the journal does not hold."""
    from commands.presentation.campaigns import campaigns_of
    from engine.operations.house.verifying import verification_as_needed
    from engine.operations.zero.verdict import check_zero

    chosen = campaigns_of(app).campaign(name, year=year)
    statement = check_zero(app.ledger, chosen, day=day, unit=unit, now=app.now)
    if not (app.reader.reads_all and app.ledger.store.sees_all):
        return statement.unchecked()
    found = verification_as_needed(app.acting.ledger, now=app.now)
    return statement.doubted() if found.breaks else statement


def _ranked(rank: str | None) -> tuple[str, ...]:
    """Return the indicators that were named.

    Raises:
        BadValueError: If there is no such indicator.
    """
    from documents.reports.ranking import INDICATORS, RANKED
    from engine.reading.listed import parted

    words = {str(word): name for name, title in INDICATORS.items() for word in (title.zh, title.en, name)}
    words |= {"超期": "overdue", "未报": "missing_returns"}
    typed = [] if rank is None else parted(rank)
    named = tuple(words.get(each.strip(), each.strip()) for each in typed) if typed else RANKED
    for each in named:
        if each not in INDICATORS:
            known = ", ".join(INDICATORS)
            raise BadValueError(
                Text(
                    f"--rank: there is no indicator '{each}'; write {known}",
                    f"--rank：没有指标“{each}”；可写 办结率、按期率、超期、未报",
                )
            )
    return named


def _write(
    app: AppContext,
    found: "Figures",
    ranked: tuple[str, ...],
    zero: "Statement | None",
    out: Path,
    reason: str,
    *,
    limits: Text | None,
    assessing: _Assessing | None,
) -> str:
    """Write the report apart, journal it, and only then give it its name; return its digest.

    Raises:
        BadFileError: If it cannot be written.
    """
    from documents.reports.paper import paper_of, places_of
    from engine.operations.ledger.hand_clock import mark_of
    from engine.working_days.instants import local_time

    acting, ledger = app.acting, app.ledger
    local = local_time(acting.now_at, ledger.zone)
    said: tuple[str, ...] = () if limits is None else (str(limits),)
    first: tuple[Section, ...] = ()
    if zero is not None:
        from presentation.zero_section import verdict_line, zero_sections

        said, first = (*said, verdict_line(zero)), tuple(zero_sections(zero, places_of(found.period.kind)))
    if assessing is not None:
        first = (*first, *assessing.sections(found))
    name = str(ledger.settings.get("name") or "")
    paper = paper_of(
        found, house=name, now=local, ranked=ranked, said=said, first=first, mark=str(mark_of(ledger) or "")
    )
    paper = _with_checkpoint(app, paper)
    ending = out.suffix.lower()
    scope = {
        "workflow": found.workflow,
        "from": found.period.first.isoformat(),
        "to": found.period.until.isoformat(),
        **({} if found.unit is None else {"unit": found.unit}),
        **({} if zero is None else {"campaign": zero.campaign.name}),
        **(
            {}
            if assessing is None or assessing.points is None
            else {"points": assessing.points.name, "points_digest": assessing.points.digest}
        ),
    }

    def write(file: Path, _scratch: Path) -> int:
        _writer(ending)(paper, file)
        return found.total.caseload

    what = f"report {found.period.kind} {ending[1:]}"
    _, digest = hand_out(acting, what, out, write, scope=scope, reason=reason, replace=True)
    return digest


def _with_checkpoint(app: AppContext, paper: "Report") -> "Report":
    """Return a report that shows the newest checkpoint of the journal, if there is one."""
    from dataclasses import replace

    from commands.shared.journal_notes import coverage_words
    from engine.operations.house.checkpoints import coverage, newest

    checkpoint = newest(app.ledger)
    if checkpoint is None:
        return paper
    return replace(paper, checkpoint=str(checkpoint), covered=coverage_words(app.ledger, coverage(app.ledger)))


def _writer(ending: str) -> "Callable[[Report, Path], None]":
    """Return what writes a report into a file of that ending."""
    if ending == ".xlsx":
        from documents.reports.report_xlsx import write_xlsx

        return write_xlsx
    if ending == ".docx":
        from documents.reports.docx import write_docx

        return write_docx
    from documents.reports.page import write_html

    return write_html
