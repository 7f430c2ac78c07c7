"""Many cases: lists narrowed by what stands in the address, so that a list can be sent to somebody."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Final

from desk.answers import Answer, GoTo, PageShown
from desk.case_narrowing import COLUMNS, FILTERS, OF_FIELD, CaseList, asked_list, column_title, found_cases
from desk.case_shown import lamp_shown, title_of
from desk.pages.bulk_steps import bulk_steps
from desk.pages.bulk_writing import WRITTEN
from desk.visit import Visit
from engine.errors import BadValueError, NotFoundError
from engine.language import Text
from engine.operations.cases.lookup import number_meant
from engine.operations.deadlines.recipients import Recipients
from engine.operations.deadlines.urgency import count_cases, first_deadlines
from engine.operations.house.directory import open_units
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.ledger import Ledger
from engine.operations.ledger.older_versions import older_states
from engine.rules.case import Case, Count
from engine.rules.reading_rights import Deed
from engine.rules.values import shown
from presentation.case_view import state_words
from presentation.deadline_view import names_said

ROWS: Final = 50
"""Cases on a page."""


def list_page(visit: Visit) -> Answer:
    """Show the cases of a workflow that the address asks for."""
    asked = asked_list(visit)
    if asked.words:
        with suppress(NotFoundError, BadValueError):
            return GoTo(to=f"/case/{visit.ledger.case(number_meant(visit.ledger, asked.words)).number}")
    name, counted, asks = asked.workflow.name, None, asked.asks
    with visit.viewing(Deed.SEARCH if asked.words else Deed.LIST, **asks) as view:
        cases = found_cases(visit, view.ledger, asked, most=ROWS)
        view.shown([each.number for each in cases[:ROWS]], **asks)
        rows = list(_rows(visit, view.ledger, cases[:ROWS], asked.columns))
        if visit.asked.one("count") and not asked.words:
            counted = count_cases(
                view.ledger, name, unit=asked.unit, state=asked.state, open_only=not asked.everything,
                due_by=asked.due_by,
            )  # fmt: skip
    kept = [(key, visit.asked.one(key)) for key in FILTERS if visit.asked.one(key)]
    kept += [("col", each) for each in visit.asked.query.get("col", ())]
    values = {
        "workflow": name,
        "title": asked.workflow.title,
        "workflows": [(each, visit.ledger.workflows.latest(each).title) for each in visit.ledger.workflows.names()],
        "states": [
            *((each.name, each.title) for each in asked.workflow.states.values()),
            *older_states(visit.ledger, asked.workflow).items(),
        ],
        "units": [(each.code, each.name) for each in open_units(visit.ledger)],
        "filters": {key: visit.asked.one(key) for key in FILTERS},
        "columns": [(each, column_title(asked.workflow, each)) for each in asked.columns],
        "choices": _choices(asked),
        "rows": rows,
        "steps": [*bulk_steps(visit.ledger.rules(name)), *WRITTEN.items()],
        "limited": view.limited,
        "can_export": visit.may(Deed.EXPORT),
        "kept": kept,
        "counted": counted,
        "next": [*kept, ("after", cases[ROWS - 1].number)] if len(cases) > ROWS else None,
    }
    return PageShown(template="list.html", values=values)


def _choices(asked: CaseList) -> Sequence[tuple[str, Text, bool]]:
    """Return all columns that there are: name, title, and whether it stands there."""
    names = [*COLUMNS, *(f"{OF_FIELD}{each}" for each in asked.workflow.fields if each != asked.workflow.summary)]
    titled = ((each, column_title(asked.workflow, each)) for each in names)
    return [(name, title, name in asked.columns) for name, title in titled if title is not None]


def _rows(visit: Visit, ledger: Ledger, cases: list[Case], columns: Sequence[str]) -> Iterator[Mapping[str, object]]:
    """Yield the rows of a list, each with who must act and the deadline that is due first."""
    people = Recipients(ledger, ledger.today(visit.now))
    due = first_deadlines(Acting(ledger, visit.officer, visit.now), cases)
    for each in cases:
        rules, first = ledger.rules_of(each), due.get(each.id)
        fields = rules.workflow.fields
        named = [name for name in (one.removeprefix(OF_FIELD) for one in columns) if name in fields]
        yield {
            "number": each.number,
            "what": title_of(visit, each),
            "state": state_words(rules.workflow, each.state),
            "unit": ledger.naming.unit_name(each.unit),
            "dated": each.dated_on,
            "who": names_said(people, people.must_act(rules, each)),
            "is_open": each.clearance == Count.OPEN,
            "due": None if first is None else lamp_shown(ledger, first),
            **{
                f"{OF_FIELD}{name}": ledger.naming.veiled(shown(fields[name], each.fields.get(name), ledger.naming))
                for name in named
            },
        }
