"""A meeting: what it has to go through, each case in turn with the steps that can be taken, and what was decided.

A meeting is a case whose declaration has a field that lists cases (`recurs: {lists: …}`); no other is known here.
"""

from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import urlencode

from desk.answers import Answer, PageShown
from desk.case_shown import case_line, deadline_shown, lamp_shown, title_of
from desk.pages.cases import PRESET
from desk.pages.paperwork import letters_for
from desk.steps import sorted_steps
from desk.visit import Visit, whole_number
from engine.errors import NotFoundError
from engine.language import Text
from engine.operations.cases.lookup import CaseView, cases_numbered, view_for
from engine.operations.deadlines.urgency import by_urgency, first_deadlines
from engine.operations.ledger.acting import Acting
from engine.rules.case import Case
from engine.rules.reading_rights import Deed
from engine.workflow.page_shapes import agenda_of, field_for_item, field_of_parent
from presentation.case_view import field_pairs

ROWS: Final = 50
"""Meetings of one state on the page of all of them."""
_AROUND: Final = " \t，,；;、。.（("
"""What parts a number from words behind it."""


def agendas_page(visit: Visit) -> Answer:
    """Show the meetings that are not closed yet, what is due first before the others."""
    rows: list[Mapping[str, object]] = []
    with visit.viewing(Deed.LIST, agendas=True) as view:
        acting, numbers = Acting(view.ledger, visit.officer, visit.now), list[str]()
        for name in view.ledger.workflows.names():
            workflow = view.ledger.workflows.latest(name)
            field = agenda_of(workflow)
            for state in workflow.states if field is not None else ():
                if workflow.is_final(state):
                    continue
                cases = by_urgency(view.ledger, name, state=state, open_only=False, limit=ROWS)
                due = first_deadlines(acting, cases)
                numbers += [each.number for each in cases]
                rows += [
                    {
                        **case_line(visit, each),
                        "about": title_of(visit, each),
                        "unit": view.ledger.naming.unit_name(each.unit),
                        "count": len(_numbers(each, field or "")),
                        "due": lamp_shown(view.ledger, due[each.id]) if each.id in due else None,
                    }
                    for each in cases
                ]
        view.shown(numbers, agendas=True)
    return PageShown(template="agendas.html", values={"rows": rows, "limited": view.limited})


def agenda_page(visit: Visit) -> Answer:
    """Show the agenda of a meeting, one case of it in full, and what was decided on each."""
    meeting = visit.case(Deed.READ, visit.asked.path["number"])
    ledger, workflow = visit.ledger, visit.ledger.rules_of(meeting).workflow
    field = agenda_of(workflow)
    if field is None:
        raise NotFoundError(Text("this case has no agenda", "本件没有议程"))
    seen, numbers = view_for(visit.acting, meeting.number), _numbers(meeting, field)
    cases, decided = cases_numbered(ledger, numbers), _decided(visit, seen)
    with visit.viewing(Deed.LIST, agenda=meeting.number) as view:
        view.shown(list(cases), agenda=meeting.number)
    at = whole_number(visit.asked.one("at") or "1", least=1, most=9_999)
    chosen = numbers[at - 1] if at <= len(numbers) else None
    content = {name: value for name, value in meeting.fields.items() if name != field}
    values = {
        **case_line(visit, meeting),
        "title": title_of(visit, meeting),
        "unit": ledger.naming.unit_name(meeting.unit),
        "content": field_pairs(workflow, content, ledger.naming),
        "deadlines": [deadline_shown(visit, meeting, each) for each in seen.deadlines],
        "items": [
            {
                **(case_line(visit, cases[each]) if each in cases else {"number": each, "state": ""}),
                "about": title_of(visit, cases[each]) if each in cases else "",
                "tasks": decided.get(each, ()),
            }
            for each in numbers
        ],
        "at": at,
        "item": None if chosen is None or chosen not in cases else _item(visit, chosen),
        "chosen": chosen,
        "letters": letters_for(visit, meeting),
        **_ways_on(visit, seen, chosen, at=at, last=len(numbers)),
    }
    return PageShown(template="agenda.html", values=values)


def _ways_on(visit: Visit, seen: CaseView, chosen: str | None, *, at: int, last: int) -> Mapping[str, object]:
    """Return the steps of the meeting: those about one case, brought its number, and the others; and the ways back."""
    here = f"/case/{seen.case.number}/agenda"
    back = f"{here}?at={min(at + 1, max(last, 1))}"
    steps = sorted_steps(visit.ledger, seen.case, seen.steps)
    offered = [each for each in (steps.first, *steps.at_hand, *steps.more) if each is not None]
    fields = {each.trigger: _item_field(visit, seen.case, each.trigger) for each in offered}
    about = {"fresh": "yes", "_back": back}
    return {
        "back": urlencode({"_back": back}),
        "again": urlencode({"_back": f"{here}?at={at}"}),
        "decide": [
            (each, urlencode({**about, f"{PRESET}{fields[each.trigger]}": chosen or ""}))
            for each in offered
            if fields[each.trigger] is not None
        ],
        "steps": [each for each in offered if fields[each.trigger] is None],
    }


def _numbers(meeting: Case, field: str) -> list[str]:
    """Return the numbers that an agenda holds, one a line; words behind a number are left out."""
    lines = str(meeting.fields.get(field) or "").replace("；", "\n").splitlines()
    found = []
    for each in lines:
        words = each.strip()
        end = next((place for place, sign in enumerate(words) if sign in _AROUND), len(words))
        if words[:end]:
            found.append(words[:end])
    return list(dict.fromkeys(found))


def _item(visit: Visit, number: str) -> Mapping[str, object]:
    """Return one case of the agenda, with what can be done with it."""
    case = visit.case(Deed.READ, number)
    seen = view_for(visit.acting, number)
    workflow = visit.ledger.rules_of(case).workflow
    steps = sorted_steps(visit.ledger, seen.case, seen.steps)
    content = {name: value for name, value in case.fields.items() if name != workflow.summary}
    return {
        **case_line(visit, case),
        "about": title_of(visit, case),
        "unit": visit.ledger.naming.unit_name(case.unit),
        "content": field_pairs(workflow, content, visit.ledger.naming),
        "deadlines": [deadline_shown(visit, case, each) for each in seen.deadlines],
        "steps": [each for each in (steps.first, *steps.at_hand) if each is not None],
        "more": steps.more,
    }


def _decided(visit: Visit, seen: CaseView) -> Mapping[str, Sequence[Mapping[str, object]]]:
    """Return what the meeting has opened, by the number of the case that each is about."""
    found: dict[str, list[Mapping[str, object]]] = {}
    for child in seen.children:
        field = field_of_parent(visit.ledger.rules_of(child).workflow)
        about = str(child.fields.get(field or "") or "")
        found.setdefault(about, []).append({**case_line(visit, child), "about": title_of(visit, child)})
    return found


def _item_field(visit: Visit, meeting: Case, trigger: str) -> str | None:
    """Return the field in which a step of the meeting is brought the number of the case that it decides on."""
    ledger, workflow = visit.ledger, visit.ledger.rules_of(meeting).workflow
    opened = {each.workflow for step in workflow.transitions if step.trigger == trigger for each in step.opens}
    found = (field_for_item(workflow, trigger, ledger.workflows.latest(each)) for each in sorted(opened))
    return next((each for each in found if each is not None), None)
