"""One case: what is known of it, what can be done next, and the form of a step."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Final
from urllib.parse import quote

from desk.answers import Answer, GoTo, PageShown, is_ours
from desk.case_shown import asked_of_me, asked_of_others, case_shown, entries_shown, timeline_shown, title_of
from desk.fields import Fields, as_typed, brought
from desk.likely_twins import resembling
from desk.pages.case_affairs import affairs_of
from desk.pages.paperwork import letters_for
from desk.signing import ways_to_sign
from desk.steps import is_step, reasons_of, said, sorted_steps, step_asked
from desk.visit import Visit, whole_number
from desk.wrong import refused_page
from engine.errors import BadValueError, NotFoundError, QinglingError, RefusedError
from engine.language import Text
from engine.operations.cases.casework import advance
from engine.operations.cases.drafts import drop_draft, load_draft, save_draft
from engine.operations.cases.lookup import CaseView, timeline_of, view_for
from engine.operations.cases.signatures import ask
from engine.operations.cases.value_checks import checked_values
from engine.operations.ledger.free_text import IdentitySeenError
from engine.operations.ledger.overtaken import OvertakenError
from engine.rules.case import Case
from engine.rules.reading_rights import Deed
from engine.rules.values import shown
from engine.workflow.model import FieldType, Workflow
from engine.workflow.page_shapes import agenda_of, checklist_steps
from engine.workflow.proofs import Proof
from presentation.case_view import state_words

PRESET: Final = "_set."
"""Before the name of a field in the address of a form."""


def case_page(visit: Visit) -> Answer:
    """Show a case."""
    case = visit.case(Deed.READ, visit.asked.path["number"])
    return _page(visit, case, refused=None, status=HTTPStatus.OK)


def case_refused(visit: Visit, refused: QinglingError) -> Answer:
    """Show a case again with why something on its page may not be, and with what was typed there."""
    late = isinstance(refused, OvertakenError)
    status = HTTPStatus.CONFLICT if late else HTTPStatus.UNPROCESSABLE_ENTITY
    return _page(visit, visit.ledger.case(visit.asked.path["number"]), refused=refused, status=status)


def _page(visit: Visit, case: Case, *, refused: QinglingError | None, status: HTTPStatus) -> PageShown:
    """Return the page of a case."""
    seen = view_for(visit.acting, case.number, found=case)
    since = refused.since if isinstance(refused, OvertakenError) else ()
    timeline = timeline_shown(visit, seen)
    values = {
        **case_shown(visit, seen),
        "timeline": list(reversed(timeline)),
        "steps": sorted_steps(visit.ledger, seen.case, seen.steps),
        "letters": letters_for(visit, seen.case),
        "can_print": visit.may(Deed.EXPORT),
        "affairs": affairs_of(visit, seen.case),
        "alike": resembling(visit, seen.case) if visit.asked.one("done") == "1" else (),
        "mine": (mine := asked_of_me(visit, seen)),
        "signs": ways_to_sign(visit) if mine else None,
        "unsigned": asked_of_others(visit, seen),
        "can_be_sealed": bool(visit.ledger.rules_of(case).sealed),
        **_shape(visit, visit.ledger.rules_of(case).workflow, seen.case.state),
        "notice": _notice(visit, seen, timeline),
        "said": [] if refused is None or since else said(reasons_of(refused), ()),
        "changed": entries_shown(visit, visit.ledger.rules_of(case).workflow, since),
        "insists": isinstance(refused, IdentitySeenError),
        "typed": {name: visit.asked.one(name) for name in ("words", "reason", "on")},
        "seen": seen.case.revision,
    }
    return PageShown(template="case.html", values=values, status=status)


def _shape(visit: Visit, workflow: Workflow, state: str) -> Mapping[str, object]:
    """Return by which other pages a case of a workflow is worked on in a state."""
    return visit.kept(
        ("shape", workflow.name, str(workflow.version), state),
        lambda: {"cards": checklist_steps(workflow, state), "has_agenda": agenda_of(workflow) is not None},
    )


def step_page(visit: Visit) -> Answer:
    """Show the form of a step, as it was left if it was begun."""
    case = visit.case(Deed.READ, visit.asked.path["number"])
    draft = (
        None
        if visit.asked.one("fresh")
        else load_draft(visit.acting, case.number, visit.asked.path["trigger"], found=case)
    )
    given = {**({} if draft is None else as_typed(draft)), **_preset(visit)}
    return _form(visit, case, given=given, refused=None, status=HTTPStatus.OK)


def check_step(visit: Visit) -> Answer:
    """Keep what stands in the form, and return how it is understood: a part of the page."""
    case, trigger = visit.case(Deed.READ, visit.asked.path["number"]), visit.asked.path["trigger"]
    rules = visit.ledger.rules_of(case)
    values = brought(rules.workflow, visit.asked.form)
    save_draft(visit.acting, case.number, trigger, values)
    looking = visit.only_looking(rules.workflow, values)
    understood, wrong = list[tuple[str, str]](), list[str]()
    for name, value in values.items():
        field = rules.workflow.fields[name]
        try:
            read = checked_values(looking, rules, {name: value}, unit=case.unit, case=case)[name]
        except BadValueError as error:
            wrong += [str(each.sentence) for each in reasons_of(error)]
            continue
        if field.type is FieldType.DATE and read != value:
            understood.append((str(field.title), shown(field, read, visit.ledger.naming)))
    return PageShown(template="check.html", values={"understood": understood, "wrong": wrong})


def take_step(visit: Visit) -> Answer:
    """Take the step that a form asks for, or show the form again with what was typed and why it may not be."""
    asked = visit.asked
    case = visit.unshown(Deed.READ, asked.path["number"])
    if asked.one("_fill"):
        visit.write_down(Deed.READ, case.number, "shown")
        name, _, value = asked.one("_fill").partition(":")
        return _form(visit, case, given={**asked.form, name: (value,)}, refused=None, status=HTTPStatus.OK)
    try:
        seen = whole_number(asked.one("_seen"), least=1, most=999_999_999)
        trigger, workflow = asked.path["trigger"], visit.ledger.rules_of(case).workflow
        values = brought(workflow, asked.form)
        acting = visit.looked_through(workflow, values, as_seen=(case.number, seen))
        signature = asked.one("_ask")
        if signature:
            signer = str(values.pop(signature, ""))
            ask(acting, case.number, signature, signer, step=trigger, values=values)
            return GoTo(to=f"/case/{case.number}?done={visit.ledger.case(case.number).revision}")
        outcome = advance(acting, case.number, trigger, values)
        drop_draft(visit.acting, case.number, trigger, found=case)
    except (BadValueError, NotFoundError, RefusedError, OvertakenError) as refused:
        late = isinstance(refused, OvertakenError)
        status = HTTPStatus.CONFLICT if late else HTTPStatus.UNPROCESSABLE_ENTITY
        case = visit.case(Deed.READ, case.number)  # it may have been restricted meanwhile
        if isinstance(refused, OvertakenError) and not is_step(visit.ledger, case, asked.path["trigger"]):
            return _no_more(visit, case, refused)
        return _form(visit, case, given=asked.form, refused=refused, status=status)
    row = outcome.case.revision if outcome.repeated is None else outcome.repeated.seq
    return GoTo(to=_back(visit) or f"/case/{case.number}?done={row}")


def _no_more(visit: Visit, case: Case, refused: OvertakenError) -> PageShown:
    """Return the page that says by what somebody else did a step has become one that cannot be taken any more."""
    last = entries_shown(visit, visit.ledger.rules_of(case).workflow, refused.since)[-1]
    words = Text(
        "{who} came first: {words}. This step cannot be taken any more; nothing was written",
        "{who}已先行办理：{words}。目前没有这一步，本次未写入任何内容",
    ).format(who=last["who"], words=last["words"])
    back = (f"/case/{quote(case.number)}", Text("Back to the case", "返回事项"))
    return refused_page(Text("Changed meanwhile", "内容已有变化"), words, HTTPStatus.CONFLICT, again=back)


def _back(visit: Visit) -> str:
    """Return the page of ours from which a form was opened to come back to it; empty if none said so."""
    back = visit.asked.one("_back")
    return back if is_ours(back) else ""


def _preset(visit: Visit) -> dict[str, tuple[str, ...]]:
    """Return what the address says of fields, so that nothing is typed that the page before knew."""
    query = visit.asked.query
    return {name.removeprefix(PRESET): value for name, value in query.items() if name.startswith(PRESET)}


def _is_signed(workflow: Workflow, trigger: str) -> bool:
    """Say whether who takes a step must sign it."""
    return any(each.trigger == trigger and each.proof == Proof.SIGNATURE.word for each in workflow.transitions)


def _form(
    visit: Visit, case: Case, *, given: Mapping[str, tuple[str, ...]], refused: QinglingError | None, status: HTTPStatus
) -> PageShown:
    """Return the form of a step.

    Args:
        given: What was typed.
        refused: Why it may not be.
    """
    timeline, naming = timeline_of(visit.ledger, case), visit.ledger.naming
    wanted = step_asked(visit.acting, case, visit.asked.path["trigger"], timeline)
    rules = visit.ledger.rules_of(case)
    since = refused.since if isinstance(refused, OvertakenError) else ()
    reasons = [] if refused is None or since else reasons_of(refused)
    inputs = _fields(visit, case).inputs(
        wanted.required | wanted.optional, required=wanted.required, given=given, reasons=reasons
    )
    values = {
        "number": case.number,
        "title": title_of(visit, case),
        "state": state_words(rules.workflow, case.state),
        "step": wanted,
        "is_draft": given.keys() - _preset(visit).keys() != set() and visit.asked.form == {},
        "back": _back(visit),
        "asks": [each for each in inputs if each.required],
        "takes": [each for each in inputs if not each.required],
        "opened": any(each.is_given or each.wrong for each in inputs if not each.required),
        "known": [
            (str(rules.workflow.fields[name].title), naming.veiled(shown(rules.workflow.fields[name], value, naming)))
            for name, value in wanted.known.items()
        ],
        "said": said(reasons, [each.name for each in inputs]),
        "changed": entries_shown(visit, rules.workflow, since),
        "insists": isinstance(refused, IdentitySeenError),
        "signs": ways_to_sign(visit, demanded=True)
        if _is_signed(rules.workflow, visit.asked.path["trigger"])
        else None,
        "seen": case.revision,
        "today": str(visit.acting.today),
    }
    return PageShown(template="step.html", values=values, status=status)


def _fields(visit: Visit, case: Case) -> Fields:
    """Return what makes the inputs for a case."""
    return Fields(visit.acting, visit.ledger.rules_of(case), unit=case.unit, case=case)


def _notice(visit: Visit, seen: CaseView, shown: Sequence[Mapping[str, object]]) -> Mapping[str, object] | None:
    """Return what has just been done, if this page follows on it.

    Args:
        shown: Each row of the journal of the case as the page shows it.
    """
    done = visit.asked.one("done")
    rows = zip(seen.timeline, shown, strict=True)
    return next((row for each, row in rows if str(each.seq) == done and each.by == visit.officer), None)
