"""One case: what is known of it, what can be done next, and the form of a step."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus

from desk.answers import Answer, GoTo, PageShown
from desk.case_shown import case_shown, entries_shown, title_of
from desk.fields import Fields, brought
from desk.reasons import reasons_of
from desk.steps import said, sorted_steps, step_asked
from desk.visit import Visit, whole_number
from engine.errors import BadValueError, ConflictError, QinglingError, RefusedError
from engine.journal.case_events import StepTaken
from engine.journal.chain import JournalEntry
from engine.journal.events import legible
from engine.language import Text
from engine.operations.cases.casework import advance
from engine.operations.cases.free_text import IdentitySeenError
from engine.operations.cases.lookup import log, view
from engine.rules.case import Case
from engine.rules.reading_rights import Deed
from engine.rules.values import shown
from presentation.case_view import state_words


def case_page(visit: Visit) -> Answer:
    """Show a case."""
    case = visit.case(Deed.READ, visit.asked.path["number"])
    seen = view(visit.ledger, case.number, now=visit.now)
    values = {
        **case_shown(visit, seen),
        "steps": sorted_steps(visit.acting, seen.case, seen.steps),
        "notice": _notice(visit, seen.timeline),
    }
    return PageShown(template="case.html", values=values)


def step_page(visit: Visit) -> Answer:
    """Show the form of a step."""
    case = visit.case(Deed.READ, visit.asked.path["number"])
    return _form(visit, case, given={}, refused=None, status=HTTPStatus.OK)


def take_step(visit: Visit) -> Answer:
    """Take the step that a form asks for, or show the form again with what was typed and why it may not be."""
    asked = visit.asked
    case = visit.case(Deed.READ, asked.path["number"])
    timeline = list(log(visit.ledger, case.number))
    if _is_done(visit, timeline):
        return GoTo(to=f"/case/{case.number}?done={timeline[-1].seq}")
    if asked.one("fill"):
        name, _, value = asked.one("fill").partition(":")
        return _form(visit, case, given={**asked.form, name: (value,)}, refused=None, status=HTTPStatus.OK)
    try:
        _refuse_unseen(case, whole_number(asked.one("seen"), least=1, most=999_999_999))
        wanted = step_asked(visit.acting, case, asked.path["trigger"], timeline)
        workflow = visit.ledger.rules_of(case).workflow
        inputs = _fields(visit, case).inputs(
            wanted.required | wanted.optional, required=wanted.required, given=asked.form
        )
        values = brought(inputs)
        outcome = advance(visit.looked_through(workflow, values), case.number, wanted.trigger, values)
    except (BadValueError, RefusedError, ConflictError) as refused:
        conflicts = isinstance(refused, ConflictError)
        status = HTTPStatus.CONFLICT if conflicts else HTTPStatus.UNPROCESSABLE_ENTITY
        return _form(visit, visit.ledger.case(case.number), given=asked.form, refused=refused, status=status)
    return GoTo(to=f"/case/{case.number}?done={outcome.case.revision}")


def _form(
    visit: Visit, case: Case, *, given: Mapping[str, tuple[str, ...]], refused: QinglingError | None, status: HTTPStatus
) -> PageShown:
    """Return the form of a step.

    Args:
        given: What was typed.
        refused: Why it may not be.
    """
    timeline = list(log(visit.ledger, case.number))
    wanted = step_asked(visit.acting, case, visit.asked.path["trigger"], timeline)
    rules = visit.ledger.rules_of(case)
    fields = list(rules.workflow.fields.values())
    conflicts = isinstance(refused, ConflictError)
    reasons = [] if refused is None or conflicts else reasons_of(refused, fields)
    inputs = _fields(visit, case).inputs(
        wanted.required | wanted.optional, required=wanted.required, given=given, reasons=reasons
    )
    seen = visit.asked.one("seen")
    changed = [each for each in timeline if conflicts and seen.isdecimal() and each.seq > int(seen)]
    values = {
        "number": case.number,
        "title": title_of(visit, case),
        "state": state_words(rules.workflow, case.state),
        "step": wanted,
        "asks": [each for each in inputs if each.required],
        "takes": [each for each in inputs if not each.required],
        "opened": any(each.given or each.wrong for each in inputs if not each.required),
        "known": [
            (str(rules.workflow.fields[name].title), shown(rules.workflow.fields[name], value, visit.ledger.naming))
            for name, value in wanted.known.items()
        ],
        "said": said(reasons, [each.name for each in inputs]),
        "changed": entries_shown(visit, rules.workflow, changed),
        "conflicts": conflicts,
        "insists": isinstance(refused, IdentitySeenError),
        "seen": case.revision,
        "today": str(visit.acting.today),
    }
    return PageShown(template="step.html", values=values, status=status)


def _refuse_unseen(case: Case, seen: int) -> None:
    """Refuse what was asked of an older case than the one that is there.

    Args:
        seen: The newest entry of its journal when its form was shown.

    Raises:
        ConflictError: If so.
    """
    if seen != case.revision:
        raise ConflictError(Text("somebody else changed the case meanwhile", "他人已先行办理"))


def _fields(visit: Visit, case: Case) -> Fields:
    """Return what makes the inputs for a case."""
    return Fields(visit.acting, visit.ledger.rules_of(case), unit=case.unit, case=case)


def _is_done(visit: Visit, timeline: Sequence[JournalEntry]) -> bool:
    """Say whether the newest entry is what this form asks for: it was pressed before, and no answer came."""
    if not timeline or timeline[-1].by != visit.officer or visit.asked.one("seen") != str(timeline[-1].seq - 1):
        return False
    event = legible(timeline[-1].kind, timeline[-1].body)
    return isinstance(event, StepTaken) and event.trigger == visit.asked.path["trigger"]


def _notice(visit: Visit, timeline: Sequence[JournalEntry]) -> Mapping[str, object] | None:
    """Return what has just been done, if this page follows on it."""
    done = visit.asked.one("done")
    entry = next((each for each in timeline if str(each.seq) == done and each.by == visit.officer), None)
    if entry is None:
        return None
    case = visit.ledger.case(visit.asked.path["number"])
    return next(iter(entries_shown(visit, visit.ledger.rules_of(case).workflow, [entry])), None)
