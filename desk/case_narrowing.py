"""Which list of cases an address or a form asks for, and the cases that it holds."""

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from typing import Final

from desk.visit import Visit
from engine.errors import NotFoundError
from engine.language import Text
from engine.operations.cases.lookup import list_cases
from engine.operations.deadlines.urgency import by_urgency
from engine.operations.ledger.ledger import Ledger
from engine.operations.ledger.older_versions import older_states
from engine.rules.case import Case
from engine.workflow.model import FieldType, Workflow

COLUMNS: Final = {
    "what": Text("what", "内容"),
    "state": Text("state", "状态"),
    "due": Text("due", "期限"),
    "who": Text("must act", "应办人员"),
    "unit": Text("unit", "单位"),
    "dated": Text("dated", "日期"),
}
"""What stands in a list unless columns are chosen; the number stands in every list."""
OF_FIELD: Final = "f."
"""Before the name of a field that is a column."""
WITHIN: Final = {"late": -1, "today": 0, "week": 7}
"""What the address says of the day on which something is due -> days from today."""
FILTERS: Final = ("q", "state", "unit", "due", "closed")


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseList:
    """Which list the address asks for."""

    workflow: Workflow
    words: str
    state: str | None
    unit: str | None
    due_by: date | None
    everything: bool
    """Closed cases too."""
    after: str | None
    columns: tuple[str, ...]

    @property
    def asks(self) -> dict[str, object]:
        """What the access log says was asked for."""
        return {
            "workflow": self.workflow.name,
            "unit": self.unit,
            "state": self.state,
            "open": not self.everything,
            "search": self.words,
            "due_by": None if self.due_by is None else self.due_by.isoformat(),
        }


def asked_list(visit: Visit) -> CaseList:
    """Return what the address, or a form that brings the same, asks for.

    Raises:
        NotFoundError: If there is no such workflow or state.
    """
    asked = visit.asked
    workflow = visit.ledger.workflows.latest(asked.path["workflow"])
    state, within = asked.one("state") or None, WITHIN.get(asked.one("due"))
    if state is not None and state not in workflow.states and state not in older_states(visit.ledger, workflow):
        raise NotFoundError(Text("there is no such state", "没有这个状态"))
    columns = tuple(each for each in asked.query.get("col", ()) if column_title(workflow, each) is not None)
    return CaseList(
        workflow=workflow,
        words=asked.one("q"),
        state=state,
        unit=asked.one("unit") or None,
        due_by=None if within is None else visit.ledger.today(visit.now) + timedelta(days=within),
        everything=bool(asked.one("closed")),
        after=asked.one("after") or None,
        columns=columns or tuple(COLUMNS),
    )


def found_cases(visit: Visit, ledger: Ledger, asked: CaseList, *, most: int) -> list[Case]:
    """Return the first cases of a list, and one more if there are more than *most*."""
    name, after = asked.workflow.name, asked.after
    if asked.words:
        found = list_cases(
            ledger, name, unit=asked.unit, state=asked.state, open_only=not asked.everything,
            words=asked.words, after=after, now=visit.now,
        )  # fmt: skip
        return list(islice(found, most + 1))
    return by_urgency(
        ledger, name, unit=asked.unit, state=asked.state, open_only=not asked.everything, due_by=asked.due_by,
        after=after, limit=most + 1,
    )  # fmt: skip


def column_title(workflow: Workflow, name: str) -> Text | None:
    """Return what a column is called; None if there is no such one, or it is sealed."""
    if not name.startswith(OF_FIELD):
        return COLUMNS.get(name)
    field = workflow.fields.get(name.removeprefix(OF_FIELD))
    return None if field is None or field.type is FieldType.SEALED else field.title
