"""Reports and ledgers: chosen, made in a job, looked at, issued; each that leaves the house is journaled."""

from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from tempfile import mkdtemp
from typing import Final

from desk.answers import Answer, FileToKeep, GoTo, PageShown
from desk.case_narrowing import OF_FIELD, WITHIN
from desk.jobs import Job
from desk.made_files import MadeFile, MadeReport, hand_out
from desk.pages.clearing import campaigns_of
from desk.pages.imports import stands
from desk.rendering import Drawing
from desk.steps import reasons_of, said
from desk.visit import Visit
from documents.ledger_out.called_formats import format_called, format_title, format_workflow
from documents.ledger_out.formats import Format, seen_format
from documents.ledger_out.write import ENDINGS as LEDGER_ENDINGS
from documents.reports.lists import LONGEST
from documents.reports.page import charts_of
from documents.reports.section import Section
from engine.errors import BadValueError, NotFoundError, QinglingError, RefusedError, without_hints
from engine.language import Text, t
from engine.operations.cases.exporting import Scope, may_export
from engine.operations.figures.period import ReportKind, period_of
from engine.operations.figures.report_figures import figures
from engine.operations.house.directory import open_units
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.adopted import AdoptedTexts
from engine.operations.ledger.older_versions import older_states
from engine.operations.zero.outlook import look_ahead
from engine.operations.zero.verdict import Statement
from engine.rules.reading_rights import Deed
from engine.workflow.texts import TextKind
from presentation.forecast_section import forecast_sections
from presentation.ledger_prepared import both, rows_asked, write_scope
from presentation.report_kinds import DEFAULT_FORMAT, ENDINGS, KINDS, NIL
from presentation.report_prepared import assessing, campaign_standing, ranked_by, report_paper, report_scope, writer_of
from workflows.adopted_book import adopted_sources
from workflows.campaigns_found import without_year

REPORT, FILE = "report", "file"
"""Kinds of work, as their addresses say."""
REPORTS: Final = "/reports"
"""The address of the page from which reports and ledgers are asked for."""
SEEN_ENDINGS: Final = (".xlsx", ".csv")
"""In which forms a list is exported as it is seen."""


def reports_page(visit: Visit) -> Answer:
    """Show what can be chosen."""
    return _start(visit, refused=None, status=HTTPStatus.OK)


def begin(visit: Visit) -> Answer:
    """Begin to make a report or a ledger, or show the page again with why that may not be."""
    try:
        job = _ledger_begun(visit) if visit.asked.one("_do") == "ledger" else _report_begun(visit)
    except (BadValueError, NotFoundError, RefusedError) as refused:
        return _start(visit, refused=refused, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return GoTo(to=job.address)


def export_seen(visit: Visit) -> Answer:
    """Begin to export a list as it is seen: the filters of its address go along."""
    asked = visit.asked
    declared = visit.ledger.workflows.latest(asked.path["workflow"])
    state, ending = asked.one("state") or None, asked.one("ending")
    if state is not None and state not in declared.states and state not in older_states(visit.ledger, declared):
        raise NotFoundError(Text("there is no such state", "没有这个状态"))
    words, within = asked.one("q") or None, WITHIN.get(asked.one("due"))
    if ending not in SEEN_ENDINGS:
        raise BadValueError(Text("choose a form of the file", "请选择文件格式"))
    scope = Scope(
        workflow=declared.name,
        unit=_unit_asked(visit),
        state=state,
        open_only=not asked.one("closed"),
        words=words,
        due_by=None if within is None or words else (visit.acting.today + timedelta(days=within)).isoformat(),
    )
    chosen = [each.removeprefix(OF_FIELD) for each in asked.form.get("col", ())]
    fields = dict.fromkeys((declared.summary, declared.dated_by, *chosen))
    form = seen_format(declared, [each for each in fields if each in declared.fields])
    return GoTo(to=_ledger_job(visit, form, scope, ending).address)


def report_page(visit: Visit) -> Answer:
    """Show how far a report has come, or what it says."""
    job = _job(visit, REPORT)
    made = job.subject
    assert isinstance(made, MadeReport), "the kind says so"
    if made.paper is None:
        return work_page(job)
    paper = made.paper
    values = {
        "address": job.address,
        "paper": paper,
        "charts": {name: Drawing(words) for name, words in charts_of(paper).items()},
        "limited": made.limited,
        "forms": [each[1:] for each in ENDINGS],
    }
    return PageShown(template="report.html", values=values)


def issue_report(visit: Visit) -> Answer:
    """Give a report as a file, once it is journaled; or give it up."""
    job = _job(visit, REPORT)
    if visit.asked.one("_do") == "cancel":
        visit.background.jobs.cancel(job)
        return GoTo(to=job.address)
    if visit.asked.one("_do") == "end":
        visit.background.jobs.end(job)
        return GoTo(to=REPORTS)
    made = job.subject
    assert isinstance(made, MadeReport), "the kind says so"
    ending = f".{visit.asked.one('_as')}"
    if made.paper is None or made.scope is None or ending not in ENDINGS:
        raise BadValueError(Text("it is not ready, or no such form of it is made", "尚未生成，或没有这种格式"))
    paper, scope = made.paper, made.scope
    kind = paper.figures.period.kind
    name = f"{paper.title}（{paper.span}）{ending}"

    def write(file: Path, _scratch: Path) -> int:
        writer_of(ending)(paper, file)
        return paper.figures.total.caseload

    def counted(_count: int, digest: str) -> None:
        visit.write_down(Deed.REPORT, "", "shown", kind=str(kind), **scope, sha256=digest)

    may_export(visit.acting, unit=paper.figures.unit)
    file, _, _ = hand_out(
        visit,
        f"report {kind} {ending[1:]}",
        name,
        write,
        scope=scope,
        reason=visit.asked.one("reason"),
        counted=counted,
    )
    given = MadeFile(name=name, file=file)
    try:
        return FileToKeep(name=name, content=given.content)
    finally:
        given.destroy()


def file_page(visit: Visit) -> Answer:
    """Show how far a file has come, or where it can be had."""
    job = _job(visit, FILE)
    made = job.subject
    assert isinstance(made, MadeFile), "the kind says so"
    if made.file is None:
        return work_page(job)
    values = {"title": job.title, "address": job.address, "made": made, "back": made.back or REPORTS}
    return PageShown(template="made.html", values=values)


def end_file(visit: Visit) -> Answer:
    """Give a file up, or cancel the making of it."""
    job = _job(visit, FILE)
    if visit.asked.one("_do") == "cancel":
        visit.background.jobs.cancel(job)
        return GoTo(to=job.address)
    visit.background.jobs.end(job)
    made = job.subject
    assert isinstance(made, MadeFile), "the kind says so"
    return GoTo(to=made.back or REPORTS)


def give_file(visit: Visit) -> Answer:
    """Give a file that was made and journaled."""
    job = _job(visit, FILE)
    made = job.subject
    assert isinstance(made, MadeFile), "the kind says so"
    content = made.content
    job.is_had = True
    return FileToKeep(name=made.name, content=content)


def _job(visit: Visit, kind: str) -> Job:
    """Return the work that the address names.

    Raises:
        NotFoundError: If the officer has none of that key.
    """
    return visit.background.jobs.job(visit.officer, kind, visit.asked.path["key"])


def _unit_asked(visit: Visit) -> str | None:
    """Return the code of the unit that was asked for; for an officer who reads one unit only, that one."""
    if visit.asked.one("unit"):
        return visit.asked.one("unit")
    own = [] if visit.reader.reads_all else [each for each in open_units(visit.ledger) if each.id in visit.reader.units]
    return own[0].code if len(own) == 1 else None


def _report_begun(visit: Visit) -> Job:
    """Begin to make a report.

    Raises:
        BadValueError: If there is no such kind or period.
        NotFoundError: If there is no such unit.
        RefusedError: If the officer may not.
    """
    asked, unit = visit.asked, _unit_asked(visit)
    if asked.one("kind") not in KINDS:
        raise BadValueError(Text("choose a report", "请选择报告种类"))
    kind, workflow = ReportKind(asked.one("kind")), asked.one("workflow")
    visit.ledger.workflows.latest(workflow)
    may_export(visit.acting, unit=unit)
    meant = period_of(kind, asked.one("period") or None, today=visit.acting.today)
    campaign = None
    if asked.one("campaign"):
        campaign = campaigns_of(visit.ledger).campaign(asked.one("campaign"), year=_year_of(visit, meant.until.year))
    if asked.one("rank") and kind is not ReportKind.BULLETIN:
        raise BadValueError(Text("only a bulletin ranks units", "只有通报对单位排序"))
    if asked.one("forecast") and campaign is None:
        raise BadValueError(Text("only a campaign is forecast; choose one", "只能预测专项行动，请选择专项行动"))
    ranked = ranked_by(asked.one("rank") or None)
    made = MadeReport(points=_points_sent(visit, kind))
    title = Text(f"{KINDS[kind].en} report {meant.title.en}", f"{meant.title.zh}{KINDS[kind].zh}")
    job = Job(officer=visit.officer, kind=REPORT, title=title, subject=made)

    def work(inside: Visit, _job: Job) -> None:
        about: dict[str, object] = {"kind": str(kind), "period": str(meant.first), "unit": unit, "workflow": workflow}
        with inside.viewing(Deed.REPORT, **about) as view:
            may_export(inside.acting, unit=unit)
            measures = campaigns_of(inside.ledger).measures_of(workflow)
            found = figures(
                view.ledger, workflow, meant, unit=unit, nil=NIL, measures=measures, longest=LONGEST, now=inside.now
            )
            chosen = assessing(found, measures, made.points) if kind is ReportKind.ASSESSMENT else None
            zero = None
            if campaign is not None:
                zero = campaign_standing(
                    view.ledger, inside.ledger, campaign, day=meant.until, unit=unit, now=inside.now,
                    reads_all=inside.reader.reads_all,
                )  # fmt: skip
            view.shown(**about, caseload=found.total.caseload)
        made.limited = view.limited
        points = None if chosen is None else chosen.points
        made.scope = report_scope(found, campaign=None if campaign is None else campaign.name, points=points)
        made.paper = report_paper(
            inside.ledger, found, now=inside.now, ranked=ranked, zero=zero, assessed_by=chosen,
            ahead=_ahead(inside, zero), limits=view.limited, covered=lambda words: str(without_hints(words)),
        )  # fmt: skip
        made.drop_points()

    visit.background.jobs.keep(job)
    visit.background.start(visit, job, work)
    return job


def _ahead(visit: Visit, zero: Statement | None) -> tuple[Section, ...]:
    """Return how a campaign may stand on its day, if that was asked for."""
    if zero is None or not visit.asked.one("forecast"):
        return ()
    declared = campaigns_of(visit.ledger).measures_of(zero.campaign.workflow).forecast
    return tuple(forecast_sections(look_ahead(visit.ledger, zero, declared)))


def _points_sent(visit: Visit, kind: ReportKind) -> Path | None:
    """Return where the file of points that was sent lies, readable to the desk only; None if none was.

    Raises:
        BadValueError: If no assessment is asked for.
    """
    sent = visit.asked.files.get("points")
    if not sent:
        return None
    if kind is not ReportKind.ASSESSMENT:
        raise BadValueError(Text("only an assessment has points", "只有考核数据可以计分"))
    name = Path(sent[0].name.replace("\\", "/")).name[-80:]
    place = Path(mkdtemp(dir=visit.background.jobs.folder)) / (name.strip(".") or "points.yaml")
    place.write_bytes(sent[0].content)
    return place


def _year_of(visit: Visit, year: int) -> int | None:
    """Return the year of the campaign that was asked for, if it takes one: that in which the period ends."""
    listed = {each.name: each.takes_year for each in campaigns_of(visit.ledger).listed()}
    return year if listed.get(visit.asked.one("campaign")) else None


def _ledger_begun(visit: Visit) -> Job:
    """Begin to make a ledger.

    Raises:
        BadValueError: If there is no such form of a file.
        NotFoundError: If there is no such format or unit.
        RefusedError: If the officer may not.
    """
    asked = visit.asked
    sources = adopted_sources(AdoptedTexts(visit.ledger.store), TextKind.FORMAT)
    form = format_called(sources, asked.one("format"), visit.ledger.workflows.latest)
    if asked.one("ending") not in LEDGER_ENDINGS:
        raise BadValueError(Text("choose a form of the file", "请选择文件格式"))
    scope = Scope(
        workflow=form.workflow,
        unit=_unit_asked(visit),
        where=both(form.where, None),
        open_only=bool(asked.one("open")),
    )
    return _ledger_job(visit, form, scope, asked.one("ending"))


def _ledger_job(visit: Visit, form: Format, scope: Scope, ending: str) -> Job:
    """Begin to write the cases of a scope.

    Raises:
        RefusedError: If the officer may not, or has too much begun.
        NotFoundError: If there is no such unit.
    """
    may_export(visit.acting, unit=scope.unit)
    declared = visit.ledger.workflows.latest(form.workflow)
    asked = rows_asked(declared, scope.state, None, open_only=scope.open_only)
    asked += [t("only with these words: {words}", "仅含“{words}”的", words=scope.words)] if scope.words else []
    reason, made = visit.asked.one("reason"), MadeFile(name=f"{form.title}{ending}")
    job = Job(
        officer=visit.officer,
        kind=FILE,
        title=Text(f"Ledger: {form.title.en}", f"台账：{form.title.zh}"),
        subject=made,
    )

    def work(inside: Visit, job: Job) -> None:
        with inside.viewing(Deed.EXPORT, **scope.plain(), search=scope.words) as view:
            may_export(inside.acting, unit=scope.unit)
            acting = Acting(view.ledger, inside.officer, inside.now)

            def write(file: Path, scratch: Path) -> int:
                return write_scope(
                    acting, form, scope, file, scratch, said=asked, originals=False, one_more=job.one_more
                )

            def counted(count: int, digest: str) -> None:
                view.shown(what=what, count=count, scope=scope.plain(), search=scope.words, sha256=digest)

            what = f"ledger {form.name} {ending[1:]}"
            made.limited = view.limited
            made.file, made.count, made.digest = hand_out(
                inside, what, made.name, write, scope=scope.plain(), reason=reason, counted=counted
            )

    visit.background.jobs.keep(job)
    visit.background.start(visit, job, work)
    return job


def work_page(job: Job) -> PageShown:
    """Return the page of something that is under way, or came to nothing."""
    values = {
        "title": job.title,
        "address": job.address,
        "is_under_way": job.is_under_way,
        "stands": stands(job),
        "done": job.done,
        "expected": max(job.expected, job.done, 1),
        "said": [],
        "refused": None if job.refused is None else without_hints(job.refused),
    }
    return PageShown(template="work.html", values=values)


def _start(visit: Visit, *, refused: QinglingError | None, status: HTTPStatus) -> PageShown:
    """Return the page on which a report or a ledger is chosen."""
    if refused is None:
        with visit.viewing(Deed.REPORT, choosing=True) as view:
            view.shown(choosing=True)
    latest = visit.ledger.workflows.latest
    names = sorted(visit.ledger.workflows.names(), key=lambda each: -len(latest(each).transitions))
    texts = AdoptedTexts(visit.ledger.store)
    sources = adopted_sources(texts, TextKind.FORMAT)
    ledgers = {each: format_workflow(sources[each], each) for each in texts.newest(TextKind.FORMAT)}
    values = {
        "said": [] if refused is None else said(reasons_of(refused), ()),
        "typed": {
            name: visit.asked.one(name)
            for name in ("kind", "period", "unit", "workflow", "campaign", "format", "reason", "rank", "forecast")
        },
        "kinds": list(KINDS.items()),
        "workflows": [(name, latest(name).title) for name in names],
        "units": [(each.code, each.name) for each in open_units(visit.ledger)],
        "campaigns": [(each.name, without_year(each.title)) for each in campaigns_of(visit.ledger).listed()],
        "formats": [
            (latest(of).title, [(each, format_title(sources[each], each)) for each in ledgers if ledgers[each] == of])
            for of in names
            if of in ledgers.values()
        ],
        "default_format": DEFAULT_FORMAT,
        "endings": [each[1:] for each in LEDGER_ENDINGS],
        "can_export": visit.may(Deed.EXPORT),
        "open": [
            (each.address, each.title, stands(each))
            for each in visit.background.jobs.of(visit.officer)
            if each.kind in {REPORT, FILE}
        ],
    }
    return PageShown(template="reports.html", values=values, status=status)
