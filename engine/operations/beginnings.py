"""How cases begin: none in the future or before its parent; and what is alike in thousands of them is reckoned once."""

from collections.abc import Mapping
from datetime import date

from engine.cases import Case, Family
from engine.deadlines import Clock, after_change
from engine.definition import Workflow
from engine.errors import BadValueError
from engine.expressions import names
from engine.instants import local_day
from engine.language import Text
from engine.operations.ledger import Ledger
from engine.remembering import counting_sources, dates_of
from engine.rules import Rules

MOST = 20_000
"""Beginnings remembered; a ledger of ten years has fewer days."""


def refuse_future(workflow: Workflow, dated_on: str, *, today: date) -> None:
    """Refuse a case that is dated in the future: a receipt, or the decision that opened it.

    Raises:
        BadValueError: If *dated_on* (local date, YYYY-MM-DD) lies after *today*.
    """
    if dated_on > today.isoformat():
        title = workflow.fields[workflow.dated_by].title
        raise BadValueError(
            Text(f"{title.en}: {dated_on} lies in the future", f"{title.zh}：{dated_on} 在今天之后"),
        )


def refuse_earlier(workflow: Workflow, dated_on: str, *, parent: str, since: str) -> None:
    """Refuse a case that is dated before the one that opens it: what was decided on it cannot be older.

    Args:
        parent: Number of the case that opens it.
        since: Day from which that one is dated.

    Raises:
        BadValueError: If *dated_on* lies before *since* (local dates, YYYY-MM-DD).
    """
    if dated_on < since:
        title = workflow.fields[workflow.dated_by].title
        raise BadValueError(
            Text(
                f"{title.en}: {dated_on} lies before {parent} came in ({since})",
                f"{title.zh}：{dated_on} 早于 {parent} 的收到日期（{since}）",
            ),
        )


class Beginnings:
    """Counts cases that have just come into their state, and starts their deadlines."""

    def __init__(self, ledger: Ledger, *, remembering: bool) -> None:
        """Begin.

        Args:
            remembering: Remember what was reckoned; for one case alone that would only cost time.
        """
        self._ledger = ledger
        self._remembering = remembering
        self._matters: dict[tuple[str, int], tuple[str, ...] | None] = {}
        self._known: dict[tuple[object, ...], tuple[int, tuple[Clock, ...]]] = {}

    def of(
        self, rules: Rules, case: Case, state: str, fields: Mapping[str, object], *, parent: Case | None, by: str
    ) -> tuple[int, tuple[Clock, ...]]:
        """Return how a case counts that has just come into *state*, and the deadlines that begin with it.

        Args:
            fields: Its values in that state.

        Raises:
            BadValueError: If a date needs a year without a published calendar and the workflow says refuse.
        """
        key = self._key(rules, case, state, fields, by) if self._remembering and parent is None else None
        found = None if key is None else self._known.get(key)
        if found is None:
            found = self._reckoned(rules, case._replace(state=state, fields=fields), parent=parent, by=by)
            if key is not None:
                if len(self._known) >= MOST:
                    self._known.clear()
                self._known[key] = found
        clearance, clocks = found
        case_id = (case.id,)
        return clearance, tuple([Clock._make(each[:1] + case_id + each[2:]) for each in clocks])

    def _reckoned(self, rules: Rules, case: Case, *, parent: Case | None, by: str) -> tuple[int, tuple[Clock, ...]]:
        """Return how the case counts and the deadlines that begin with it."""
        today = local_day(case.changed_at, self._ledger.zone)
        scope = rules.scope(case, case.fields, Family(parent=parent), by=by, today=today)
        clocks = after_change(
            rules.workflow,
            case.state,
            case.fields,
            rules.applies(scope),
            (),
            case_id=case.id,
            now_at=case.changed_at,
            calendar=self._ledger.calendar_of(case.unit_id),
        )
        return int(rules.count(case.state, scope)), clocks

    def _key(
        self, rules: Rules, case: Case, state: str, fields: Mapping[str, object], by: str
    ) -> tuple[object, ...] | None:
        """Return what decides how the case begins; None if that is more than can be remembered."""
        workflow = rules.workflow
        version = workflow.name, workflow.version
        if version not in self._matters:
            self._matters[version] = _matters(workflow)
        matters = self._matters[version]
        if matters is None:
            return None
        values = tuple(map(fields.get, matters))
        if list in map(type, values):
            return None
        return version, state, case.unit_id, case.changed_at, by, values


def _matters(workflow: Workflow) -> tuple[str, ...] | None:
    """Return the fields that decide how cases count and what begins; None if a case's own number does."""
    named = {name for source in counting_sources(workflow) for name in names(source)}
    if "number" in named:
        return None
    return tuple(sorted({*named, *dates_of(workflow)} & {*workflow.fields}))
