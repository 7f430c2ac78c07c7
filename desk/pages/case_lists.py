"""Many cases: lists narrowed by what stands in the address, so that a list can be sent to somebody."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from itertools import islice
from typing import Final

from desk.answers import Answer, GoTo, PageShown
from desk.case_shown import title_of, tone_of
from desk.pages.bulk_steps import bulk_steps
from desk.visit import Visit
from engine.errors import BadValueError, NotFoundError
from engine.language import Text
from engine.operations.cases.lookup import list_cases, number_meant
from engine.operations.deadlines.recipients import Recipients
from engine.operations.deadlines.standings import standings
from engine.operations.house.directory import open_units
from engine.operations.ledger.ledger import Ledger
from engine.operations.ledger.older_versions import older_states
from engine.rules.case import Case, Count
from engine.rules.reading_rights import Deed
from presentation.case_view import state_words
from presentation.deadline_view import due_words, left_words, names_said

ROWS: Final = 50
"""Cases on a page."""
_FILTERS: Final = ("q", "state", "unit", "closed")


def list_page(visit: Visit) -> Answer:
    """Show the cases of a workflow that the address asks for."""
    asked = visit.asked
    name = asked.path["workflow"]
    declared = visit.ledger.workflows.latest(name)
    words, state, unit = asked.one("q"), asked.one("state") or None, asked.one("unit") or None
    older = older_states(visit.ledger, declared)
    if state is not None and state not in declared.states and state not in older:
        raise NotFoundError(Text("there is no such state", "没有这个状态"))
    if words:
        with suppress(NotFoundError, BadValueError):
            return GoTo(to=f"/case/{visit.ledger.case(number_meant(visit.ledger, words)).number}")
    everything, after = bool(asked.one("closed")), asked.one("after")
    asks: dict[str, object] = {"workflow": name, "unit": unit, "state": state, "open": not everything, "search": words}
    with visit.viewing(Deed.SEARCH if words else Deed.LIST, **asks) as view:
        found = list_cases(
            view.ledger, name, unit=unit, state=state, open_only=not everything, words=words or None,
            after=after or None, now=visit.now,
        )  # fmt: skip
        cases = list(islice(found, ROWS + 1))
        view.shown([each.number for each in cases[:ROWS]], **asks)
        rows = list(_rows(visit, view.ledger, cases[:ROWS]))
    kept = {key: asked.one(key) for key in _FILTERS if asked.one(key)}
    values = {
        "workflow": name,
        "title": declared.title,
        "workflows": _workflows(visit),
        "states": [*((each.name, each.title) for each in declared.states.values()), *older.items()],
        "units": [(each.code, each.name) for each in open_units(visit.ledger)],
        "filters": {key: asked.one(key) for key in _FILTERS},
        "rows": rows,
        "steps": bulk_steps(visit.ledger.rules(name)),
        "limited": view.limited,
        "can_export": visit.may(Deed.EXPORT),
        "kept": kept,
        "next": {**kept, "after": cases[ROWS - 1].number} if len(cases) > ROWS else None,
    }
    return PageShown(template="list.html", values=values)


def _workflows(visit: Visit) -> list[tuple[str, Text]]:
    """Return all workflows: name and title."""
    return [(each, visit.ledger.workflows.latest(each).title) for each in visit.ledger.workflows.names()]


def _rows(visit: Visit, ledger: Ledger, cases: list[Case]) -> Iterator[Mapping[str, object]]:
    """Yield the rows of a list, each with who must act and the deadline that is due first."""
    people = Recipients(ledger, ledger.today(visit.now))
    for each in cases:
        rules = ledger.rules_of(each)
        live = (found for found in standings(ledger, number=each.number, now=visit.now) if found.case.id == each.id)
        due = next(live, None)
        yield {
            "number": each.number,
            "title": title_of(visit, each),
            "state": state_words(rules.workflow, each.state),
            "unit": ledger.naming.unit_name(each.unit),
            "dated_on": each.dated_on,
            "who": names_said(people, people.must_act(rules, each)),
            "is_open": each.clearance == Count.OPEN,
            "due": None
            if due is None
            else {
                "title": due.declared.title,
                "on": due_words(ledger, due.clock),
                "left": left_words(due),
                "tone": tone_of(due),
            },
        }
