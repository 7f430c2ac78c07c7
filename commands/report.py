"""`qingling report`: the figures of a day, week, month, stage or year, as a file to read, print or send."""

from collections.abc import Mapping
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
from presentation.report_kinds import ENDINGS, KINDS, NIL

if TYPE_CHECKING:
    from datetime import date

    from documents.reports.paper import Report
    from documents.reports.section import Section
    from engine.operations.figures.figure_values import Figures
    from engine.operations.zero.verdict import Statement
    from presentation.report_prepared import Assessing

WORKFLOW: Final = "lead"


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
    forecast: bool
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
@option("--year", metavar="YEAR", en="The year of a campaign that takes one.", zh="按年度的专项行动的年份。")
@option(
    "--points",
    metavar="FILE",
    type=click.Path(path_type=Path),
    en="With assessment: your own file of points (yaml); without it nothing is scored.",
    zh="与考核数据合用：本单位自定的计分办法（yaml 文件）；不给则不计分。",
)
@option(
    "--forecast",
    is_flag=True,
    en="With --campaign: how it may stand on its day, or why nobody can say.",
    zh="与 --campaign 合用：并列清零日的预测，或不能预测的原因。",
)
@option("-o", "--out", metavar="FILE", type=click.Path(path_type=Path), en="The file to write.", zh="写到哪个文件。")
@replace_option
@purpose_option
@json_option
@pass_as(ReportRequest)
def report(app: AppContext, asked: ReportRequest) -> None:
    """Report on the period."""
    from commands.presentation.campaigns import campaigns_of
    from documents.reports.lists import LONGEST
    from engine.operations.cases.exporting import may_export
    from engine.operations.figures.period import ReportKind, period_of
    from engine.operations.figures.report_figures import figures
    from presentation.report_prepared import assessing, ranked_by, report_scope

    asked.refuse_bad_file()
    kind, out = ReportKind(asked.kind), asked.out
    if asked.rank is not None and kind is not ReportKind.BULLETIN:
        raise BadValueError(Text("only a bulletin ranks units (--rank)", "只有通报对单位排序（--rank）"))
    if asked.points is not None and kind is not ReportKind.ASSESSMENT:
        raise BadValueError(Text("only an assessment has points (--points)", "只有考核数据可以计分（--points）"))
    if asked.forecast and asked.campaign is None:
        raise BadValueError(Text("only a campaign is forecast (--campaign)", "只能预测专项行动（--campaign）"))
    about = asked.about
    with viewing(app, Deed.REPORT, **about) as view:
        ledger, now = view.ledger, app.now
        may_export(app.acting, unit=asked.unit)
        meant = period_of(kind, asked.period, today=ledger.today(now))
        measures = campaigns_of(app).measures_of(asked.workflow)
        found = figures(
            ledger, asked.workflow, meant, unit=asked.unit, nil=NIL, measures=measures,
            longest=None if asked.as_json else LONGEST, now=now,
        )  # fmt: skip
        ranked = ranked_by(asked.rank)
        chosen = assessing(found, measures, asked.points) if kind is ReportKind.ASSESSMENT else None
        zero = None if asked.campaign is None else _zero(app, asked.campaign, asked.year, meant.until, asked.unit)
        ahead = () if zero is None or not asked.forecast else _ahead(app, zero)
        view.shown(**about, caseload=found.total.caseload, file=None if out is None else out.name)
        digest = None
        if out is not None:
            points = None if chosen is None else chosen.points
            scope = report_scope(found, campaign=None if zero is None else zero.campaign.name, points=points)
            digest = _write(app, _paper(app, found, ranked, zero, chosen, ahead, view.limits), out, asked.reason, scope)
        if asked.as_json:
            from documents.reports.plain import plain_of
            from engine.operations.zero.frozen import plain

            more: dict[str, object] = {} if zero is None else {"zero": plain(zero, ())}
            more |= {} if chosen is None else {"assessment": chosen.plain(found)}
            print_json({"file": None if out is None else str(out), "sha256": digest, **plain_of(found), **more})
        else:
            say(str(out))
            talk(t("sha256 {digest}; in the journal", "sha256 {digest}；已记入日志", digest=digest))
            view.say_limits()


def _ahead(app: AppContext, zero: "Statement") -> "tuple[Section, ...]":
    """Return how a campaign may stand on its day, as sections of a report."""
    from commands.presentation.campaigns import campaigns_of
    from engine.operations.zero.outlook import look_ahead
    from presentation.forecast_section import forecast_sections

    declared = campaigns_of(app).measures_of(zero.campaign.workflow).forecast
    return tuple(forecast_sections(look_ahead(app.ledger, zero, declared)))


def _zero(app: AppContext, name: str, year: int | None, day: "date", unit: str | None) -> "Statement":
    """Return how a campaign stands on a day; nothing is said of it while the journal does not hold."""
    from commands.presentation.campaigns import campaigns_of
    from presentation.report_prepared import campaign_standing

    chosen = campaigns_of(app).campaign(name, year=year)
    return campaign_standing(
        app.ledger, app.acting.ledger, chosen, day=day, unit=unit, now=app.now, reads_all=app.reader.reads_all
    )


def _write(
    app: AppContext,
    paper: "Report",
    out: Path,
    reason: str,
    scope: Mapping[str, object],
) -> str:
    """Write the report apart, journal it, and only then give it its name; return its digest.

    Raises:
        BadFileError: If it cannot be written.
    """
    from presentation.report_prepared import writer_of

    ending, found = out.suffix.lower(), paper.figures

    def write(file: Path, _scratch: Path) -> int:
        writer_of(ending)(paper, file)
        return found.total.caseload

    what = f"report {found.period.kind} {ending[1:]}"
    _, digest = hand_out(app.acting, what, out, write, scope=scope, reason=reason, replace=True)
    return digest


def _paper(
    app: AppContext,
    found: "Figures",
    ranked: tuple[str, ...],
    zero: "Statement | None",
    assessed_by: "Assessing | None",
    ahead: "tuple[Section, ...]",
    limits: Text | None,
) -> "Report":
    """Return the report in the language in use."""
    from commands.console.command_lines import lines_as_typed
    from presentation.report_prepared import report_paper

    return report_paper(
        app.ledger, found, now=app.now, ranked=ranked, zero=zero, assessed_by=assessed_by, ahead=ahead,
        limits=limits,
        covered=lambda said: lines_as_typed(str(said)),
    )  # fmt: skip
