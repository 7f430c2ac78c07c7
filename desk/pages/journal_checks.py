"""The journal checked for who may: in a job, by the operation of `qingling journal verify`, with the same words."""

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

from desk.answers import Answer, GoTo, PageShown
from desk.jobs import Job
from desk.pages.clearing import campaigns_of
from desk.pages.house import refused_on, status_of, tabs
from desk.pages.issuing import work_page
from desk.visit import Visit
from engine.errors import QinglingError, RefusedError
from engine.language import Text
from engine.operations.cases.attachments import verify_contents
from engine.operations.figures.judged_sums import wrong_sums
from engine.operations.house.checkpoints import compared, coverage
from engine.operations.house.verifying import note_verified, of_schema, verification
from engine.operations.ledger.need_to_know import veiled
from engine.rules.reading_rights import Deed
from presentation.case_view import when
from presentation.journal_verdicts import verdict_lines, words_of

VERIFY: Final = "verify"
"""The kind of work, as its address says."""
MOST: Final = 300
"""What does not hold, said one by one on a page; more are counted."""


@dataclass(eq=False, kw_only=True, slots=True)
class Verified:
    """What was found, until its officer has read it."""

    is_made: bool = False
    holds: bool = False
    lines: list[str] = field(default_factory=list)
    """How far it was looked at, and what holds."""
    broken: list[str] = field(default_factory=list)
    """What does not hold: as much as the page says."""
    count: int = 0
    """In how many places something does not."""

    def destroy(self) -> None:
        """Forget it."""
        self.lines, self.broken = [], []


def journal_page(visit: Visit) -> Answer:
    """Show what can be checked."""
    return _start(visit, None)


def begin_verifying(visit: Visit) -> Answer:
    """Begin to check the journal, or show the page with why that may not be."""
    whole = bool(visit.asked.one("whole"))
    found = Verified()
    job = Job(officer=visit.officer, kind=VERIFY, title=Text("Verify the journal", "校验日志"), subject=found)

    def work(inside: Visit, _job: Job) -> None:
        with inside.viewing(Deed.VERIFY, tables=whole) as view:
            _verify(inside, found, whole=whole)
            view.shown(tables=whole)

    try:
        with visit.viewing(Deed.VERIFY, tables=whole):
            visit.background.jobs.keep(job)
            visit.background.start(visit, job, work)
    except RefusedError as refused:
        return _start(visit, refused)
    return GoTo(to=job.address)


def verified_page(visit: Visit) -> Answer:
    """Show how far the check has come, or what was found."""
    job = visit.background.jobs.job(visit.officer, VERIFY, visit.asked.path["key"])
    found = job.subject
    assert isinstance(found, Verified), "the kind says so"
    if not found.is_made:
        return work_page(job)
    job.is_had = True
    values = {"tabs": tabs(visit), "address": job.address, "found": found}
    return PageShown(template="verified.html", values=values, status=HTTPStatus.OK)


def end_verified(visit: Visit) -> Answer:
    """Give up what was found, or cancel the check."""
    jobs = visit.background.jobs
    job = jobs.job(visit.officer, VERIFY, visit.asked.path["key"])
    if visit.asked.one("_do") == "cancel":
        jobs.cancel(job)
        return GoTo(to=job.address)
    jobs.end(job)
    return GoTo(to="/house/journal")


def _verify(visit: Visit, found: Verified, *, whole: bool) -> None:
    """Check the journal and the attached files, and keep what was found in words; the whole of it is journaled."""
    ledger, folder = visit.ledger, visit.settings.files
    journal = verification(ledger, whole=whole)
    beside = compared(ledger, []) if journal.whole else ()
    if whole and not journal.breaks:  # of a journal that does not hold nothing can be counted
        beside = (*beside, *wrong_sums(ledger, campaigns_of(ledger).measures_of))
    files, spoilt = (None, ()) if folder is None else verify_contents(ledger, folder)
    broken = (*journal.breaks, *of_schema(ledger), *beside, *spoilt)
    if not visit.reader.sees_everything:
        broken = tuple(each.replace(case=veiled(visit.reader, each.case)) for each in broken)
    if whole and journal.saw_all and not broken:
        note_verified(visit.acting, journal)
    covered = coverage(ledger)
    found.holds = not broken
    found.broken, found.count = [words_of(each) for each in broken[:MOST]], len(broken)
    found.lines = [
        str(Text("{n} rows checked", "已校验 {n} 行").format(n=journal.checked)),
        *verdict_lines(broken, journal),
    ]
    if not journal.whole:
        found.lines.append(
            str(
                Text(
                    "only what came after the newest checkpoint, and the cases it touches",
                    "仅核对最新检查点之后的日志及所涉事项",
                )
            )
        )
    if covered.made_at is not None:
        said = Text(
            "checkpoint {code} of {at} covers {n} of {all} rows", "检查点 {code}（{at}）涵盖 {n} 行，共 {all} 行"
        )
        at = when(ledger, covered.made_at)
        found.lines.append(str(said.format(code=covered.code, at=at, n=covered.covered, all=covered.entries)))
    if files:
        found.lines.append(str(Text("attached files looked at: {n}", "已核对附件 {n} 个").format(n=files)))
    found.is_made = True


def _start(visit: Visit, refused: QinglingError | None) -> PageShown:
    """Return the page on which the check is begun."""
    if refused is None:
        with visit.viewing(Deed.VERIFY) as view:
            view.shown()
    return PageShown(template="verify.html", values=refused_on(visit, refused), status=status_of(refused))
