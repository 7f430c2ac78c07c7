"""A step that asks many questions, one on a card: answered at the bedside on a telephone, kept item by item.

What is answered is kept as the step's form that was begun, so nothing is lost between two rooms; a photograph and a
remark are written at once. The step itself is taken by its form, which holds all answers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from http import HTTPStatus
from typing import Final

from desk.answers import Answer, GoTo, PageShown
from desk.case_shown import lamp_shown, title_of
from desk.fields import Fields, Input, as_typed, brought
from desk.pages.remarks import CAUGHT, keep_files
from desk.steps import StepAsked, reasons_of, said, step_asked
from desk.visit import Visit, whole_number
from engine.errors import BadValueError, QinglingError, Reason
from engine.language import Text
from engine.operations.cases.attachments import attached
from engine.operations.cases.casework import note
from engine.operations.cases.drafts import drafts_of, load_draft, save_draft
from engine.operations.cases.lookup import log
from engine.operations.cases.photographs import bare
from engine.operations.cases.value_checks import checked_values
from engine.operations.deadlines.urgency import by_urgency, first_deadlines
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.free_text import IdentitySeenError, seen_in
from engine.rules.case import Case
from engine.rules.reading_rights import Deed
from engine.rules.values import shown
from engine.workflow.page_shapes import checklist_steps
from presentation.case_view import state_words

ROWS: Final = 100
"""Cases of one state on the page of all checklists."""
_REMARK, _PHOTOS, _ONLY_BESIDE = "_remark", "_photo", "_only"
_NOT_KEPT: Final = Text(
    "a text that shows a telephone, an ID number or who reports is not kept; write it when the step is taken",
    "含电话、身份证号或举报人信息的文字不暂存，请在最后办理时填写",
)


def checklists_page(visit: Visit) -> Answer:
    """Show the cases that wait for a checklist, most urgent first, with how far each is."""
    begun = {(each.number, each.trigger): len(each.values) for each in drafts_of(visit.acting)}
    rows: list[Mapping[str, object]] = []
    with visit.viewing(Deed.LIST, checklists=True) as view:
        acting, numbers = Acting(view.ledger, visit.officer, visit.now), list[str]()
        for name in view.ledger.workflows.names():
            workflow = view.ledger.workflows.latest(name)
            for state in workflow.states if checklist_steps(workflow) else ():
                triggers = checklist_steps(workflow, state)
                cases = by_urgency(view.ledger, name, state=state, limit=ROWS) if triggers else []
                due = first_deadlines(acting, cases)
                numbers += [each.number for each in cases]
                rows += [
                    {
                        "number": each.number,
                        "about": title_of(visit, each),
                        "workflow": workflow.title,
                        "unit": view.ledger.naming.unit_name(each.unit),
                        "state": state_words(workflow, each.state),
                        "due": lamp_shown(view.ledger, due[each.id]) if each.id in due else None,
                        "trigger": triggers[0],
                        "begun": begun.get((each.number, triggers[0]), 0),
                    }
                    for each in cases
                ]
        view.shown(numbers, checklists=True)
    return PageShown(template="checklists.html", values={"rows": rows, "limited": view.limited})


def card_page(visit: Visit) -> Answer:
    """Show one card of a checklist, or, after the last one, all answers."""
    case = visit.case(Deed.READ, visit.asked.path["number"])
    return _card(visit, case, given={}, refused=None)


def keep_card(visit: Visit) -> Answer:
    """Keep what a card says and go on to the next, or show it again with why it cannot stand."""
    case, trigger = visit.case(Deed.READ, visit.asked.path["number"]), visit.asked.path["trigger"]
    asked = _asked(visit, case)
    items, at = _items(visit, case, asked), _place(visit)
    if at > len(items):
        raise BadValueError(Text("there is no such item", "没有这一项"))
    item, form = items[at - 1], visit.asked.form
    if visit.asked.one("_fill"):
        name, _, words = visit.asked.one("_fill").partition(":")
        return _card(visit, case, given={**form, name: (words,)}, refused=None)
    rules, before = visit.ledger.rules_of(case), load_draft(visit.acting, case.number, trigger)
    value = brought(rules.workflow, form, names=(item.name,))
    held = {} if before is None else dict(before.values)
    remark, photos = visit.asked.one(_REMARK), visit.asked.files.get(_PHOTOS, ())
    title = str(rules.workflow.fields[item.name].title)
    try:
        if value:
            if seen_in(rules.workflow, [value], {}):
                raise BadValueError(_NOT_KEPT)
            checked_values(visit.acting, rules, value, unit=case.unit, case=case)
        words = f"{title}：{remark}" if remark else ""
        writing = visit.looked_through(words={"words": words})
        if photos:
            shown = [replace(each, content=bare(each.content)) for each in photos]
            keep_files(visit, case, shown, about=title)
        if words:
            note(writing, case.number, words)
        if not visit.asked.one(_ONLY_BESIDE):
            held.pop(item.name, None)
            save_draft(visit.acting, case.number, trigger, {**held, **value})
    except CAUGHT as refused:
        return _card(visit, case, given=form, refused=refused)
    return GoTo(to=f"/case/{case.number}/cards/{trigger}?at={at + 1}")


def _card(
    visit: Visit, case: Case, *, given: Mapping[str, tuple[str, ...]], refused: QinglingError | None
) -> PageShown:
    """Return a card; that after the last one is the list of all answers."""
    trigger, at = visit.asked.path["trigger"], _place(visit)
    asked = _asked(visit, case)
    draft = load_draft(visit.acting, case.number, trigger)
    reasons = [] if refused is None else list(reasons_of(refused))
    held = {**({} if draft is None else as_typed(draft)), **given}
    items = _items(visit, case, asked, given=held, reasons=reasons)
    item = items[at - 1] if at <= len(items) else None
    workflow = visit.ledger.rules_of(case).workflow
    values = {
        "number": case.number,
        "title": title_of(visit, case),
        "unit": visit.ledger.naming.unit_name(case.unit),
        "step": asked,
        "trigger": trigger,
        "at": min(at, len(items) + 1),
        "items": [(each, _answer(visit, case, each)) for each in items],
        "item": item,
        "open": [each for each in items if each.required and not each.words],
        "answered": sum(bool(each.words) for each in items),
        "basis": "" if item is None else workflow.fields[item.name].basis or "",
        "written": [] if item is None else _written(visit, case, str(item.title)),
        "remark": visit.asked.one(_REMARK),
        "said": said(reasons, [] if item is None else [item.name]),
        "insists": isinstance(refused, IdentitySeenError),
    }
    status = HTTPStatus.OK if refused is None else HTTPStatus.UNPROCESSABLE_ENTITY
    return PageShown(template="card.html", values=values, status=status)


def _asked(visit: Visit, case: Case) -> StepAsked:
    """Return what the step asks.

    Raises:
        NotFoundError: If no such step leaves the state of the case.
    """
    return step_asked(visit.acting, case, visit.asked.path["trigger"], list(log(visit.ledger, case.number)))


def _items(
    visit: Visit, case: Case, asked: StepAsked, *, given: Mapping[str, tuple[str, ...]] | None = None,
    reasons: Sequence[Reason] = (),
) -> list[Input]:  # fmt: skip
    """Return what stands on the cards, a question each: what must be answered first."""
    fields = _fields(visit, case)
    found = fields.inputs(asked.required | asked.optional, required=asked.required, given=given or {}, reasons=reasons)
    found = [each for each in found if each.kind != "sealed"]
    return [*(each for each in found if each.required), *(each for each in found if not each.required)]


def _answer(visit: Visit, case: Case, item: Input) -> str:
    """Return what was answered, as people read it."""
    if not item.words:
        return ""
    field = visit.ledger.rules_of(case).workflow.fields[item.name]
    if item.kind == "flag":
        return shown(field, item.words == "true", visit.ledger.naming)
    return shown(field, list(item.given) if len(item.given) > 1 else item.words, visit.ledger.naming)


def _written(visit: Visit, case: Case, title: str) -> list[str]:
    """Return the names of the photographs that were kept for an item."""
    return [each.name for each in attached(visit.ledger, case) if each.name.startswith(f"{title} ")]


def _place(visit: Visit) -> int:
    """Return which card is asked for; the first one is 1."""
    return whole_number(visit.asked.one("at") or "1", least=1, most=999)


def _fields(visit: Visit, case: Case) -> Fields:
    """Return what makes the inputs for a case."""
    return Fields(visit.acting, visit.ledger.rules_of(case), unit=case.unit, case=case)
