"""Steps that need not be judged again: others that were alike in all that decides them were found allowed.

A register holds thousands of cases that took the same steps. What the rules say of one is kept by the values that they
look at, as a step in bulk does; only what was allowed is kept, since a refusal names the case.
"""

from collections.abc import Mapping
from typing import Final

from engine.journal.case_events import StepTaken
from engine.journal.chain import ChainRow
from engine.rules.cache import deciding_names, touched_fields
from engine.rules.transitions import Rules

OF_HISTORY: Final = frozenset({"history"})
"""What of a case's relatives its own chain tells."""
MAX_ENTRIES: Final = 20_000
"""Of each step; it is emptied when it is full."""

Key = tuple[object, ...]
Standing = tuple[str, int, Mapping[str, object], tuple[tuple[str, str], ...], str | None]
"""Unit, clearance and values of a case before a step, who took which steps, and the state that it came from."""


class AlikeSteps:
    """The steps of one trigger in one version of a workflow, and which of them were allowed."""

    def __init__(self, rules: Rules, trigger: str) -> None:
        asks, named = rules.asks_for(trigger), deciding_names(rules, trigger)
        self.is_whole = asks <= OF_HISTORY
        """They are judged whole; else only by hands and states, since they look at relatives."""
        self.by_today = "today" in named
        """What is allowed depends on the day."""
        self._by_history = bool(asks)
        possible = [each for leading in rules.machine.plan(trigger).values() for each in leading]
        self._by_more = "number" in named or any(each.name in rules.computed or each.opens for each in possible)
        self._deciding = named & rules.workflow.fields.keys()
        self._present = touched_fields(rules, trigger) - self._deciding
        self._growing = rules.growing
        fields = rules.workflow.fields
        self._naming = sorted({name for each in possible for name in each.by if name in fields})
        """Fields of which the officer they name may take the step."""
        self._by_doers = any(each.not_by for each in possible)
        self._allowed = set[Key]()

    def key(
        self, row: ChainRow, event: StepTaken, roles: frozenset[str], standing: Standing, day: object
    ) -> Key | None:
        """Return all that decides a step; None if more does.

        Of one that is judged by hands and states only these decide, which is less by far.

        Args:
            event: What the row says.
            roles: Those of the officer at that time.
            day: The local date, if what is allowed depends on it.
        """
        unit, clearance, fields, moves, came_from = standing
        if not self.is_whole:
            return self._of_hands(row, event, roles, fields, moves)
        given, was = event.set, event.was
        if self._by_more or any(given.get(name) is None for name in self._growing.intersection((*given, *was))):
            return None
        deciding, present = self._deciding, self._present
        # Values with their types: 1 is as good as True for a key, and is not for a rule.
        values: list[object] = []
        for name, value in fields.items():
            if name in deciding:
                values += name, value.__class__, tuple(value) if isinstance(value, list) else value
            elif name in present:
                values += name, value is None
        values.append(None)
        for name, value in given.items():
            if name in deciding:
                values += name, value.__class__, tuple(value) if isinstance(value, list) else value
            else:
                values += name, value is None
        found = (
            *(row.from_state, row.to_state, row.clearance, row.by, event.transition, roles, unit, clearance),
            *(tuple(values), tuple(event.seals), tuple(was), moves if self._by_history else (), day, came_from),
        )
        return found if _is_key(found) else None

    def _of_hands(
        self,
        row: ChainRow,
        event: StepTaken,
        roles: frozenset[str],
        fields: Mapping[str, object],
        moves: tuple[tuple[str, str], ...],
    ) -> Key | None:
        """Return all that `wrong_hands` looks at, and which way of the trigger the row says was gone."""
        named: list[object] = []
        for name in self._naming:
            value = fields.get(name)
            named.append(tuple(value) if isinstance(value, list) else value)
        doers = moves if self._by_doers else ()
        found = row.from_state, row.to_state, row.by, event.transition, roles, doers, *named
        return found if not named or _is_key(found) else None

    def was_allowed(self, key: Key | None) -> bool:
        """Say whether a step with that key was allowed."""
        return key in self._allowed

    def allow(self, key: Key | None) -> None:
        """Keep that a step with that key was allowed."""
        if key is not None:
            if len(self._allowed) >= MAX_ENTRIES:
                self._allowed.clear()
            self._allowed.add(key)


def _is_key(found: Key) -> bool:
    """Say whether nothing in it is a value that no field holds, which no set takes."""
    try:
        hash(found)
    except TypeError:
        return False
    return True
