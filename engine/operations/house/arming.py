"""Whether the reminders of deadlines will come when they are due, and by which days these were counted."""

import re
from collections.abc import Mapping
from typing import Final

from engine.deadlines.clock import Clock, Status, derivation, due_by, ladder
from engine.deadlines.timetable import LadderStep, rung_due_at
from engine.journal.canonical import parsed
from engine.journal.house_history import HouseHistory
from engine.journal.kept import Kept, ReplayedCase
from engine.operations.ledger.ledger import Ledger
from engine.operations.ledger.unit_calendars import laid_over
from engine.store import clock_rows
from engine.workflow.deadline import Deadline, EndsByField
from engine.workflow.model import FieldType
from engine.working_days.calendars import Calendar

_OWN: Final = re.compile(r"\+([^+]+)\.[0-9a-f]{6}$")
"""What the label of a calendar with own days of a unit ends in; see `laid_over`."""

_MET_ON: Final = 4
"""Where `Kept.clocks` says when the act was done that met a deadline."""
_EXTENSIONS: Final = 5
"""Where `Kept.clocks` says how often a deadline was extended."""


class Arming:
    """Judges when reminders come; made once for all cases, since many are due on the same day."""

    def __init__(self, ledger: Ledger, history: HouseHistory) -> None:
        self._ledger = ledger
        self._history = history
        self._calendars: dict[str, dict[str, list[Calendar]]] = {}
        self._steps: dict[tuple[str, int, str, int], LadderStep | None] = {}
        self._known: dict[str, bool] = {}
        self._by_moment: dict[tuple[str, int], Mapping[str, str]] = {}
        self._right = set[tuple[object, ...]]()

    def wrong(self, case: ReplayedCase, kept: Kept) -> list[str]:
        """Return the deadlines of a case whose next reminder would come at another instant than it is due, or never.

        Raises:
            DatabaseError: If the workflow of the case was altered.
        """
        return [
            place[0]
            for place, climb in kept.climbs.items()
            if (climb.next_at is not None or kept.clocks[place][0] == Status.RUNNING)
            and not self._is_right(case, kept, place)
        ]

    def foreign(self, kept: Kept) -> bool:
        """Say whether a deadline of a case was counted by own days that no unit ever had by the house's chain."""
        return not all(self._is_known(climb.calendar) for climb in kept.climbs.values())

    def miscounted(self, case: ReplayedCase, kept: Kept) -> list[str]:
        """Return the deadlines that were stopped or extended and whose days do not follow from their start by that.

        Only where the unit never had own days, and the house never counted by another calendar: what these moved, and
        what stayed, the days themselves do not tell.

        Raises:
            DatabaseError: If the workflow of the case was altered.
        """
        places = [
            place
            for place, climb in kept.climbs.items()
            if climb.pauses or kept.clocks[place][_EXTENSIONS] or kept.clocks[place][0] == Status.PAUSED
        ]
        if not places or len(self._counted(case.unit or "")) != 1:
            return []
        calendar, wrong = self._ledger.calendar, []
        deadlines = self._ledger.rules(case.workflow, case.version).workflow.deadlines
        for clock in clock_rows.of_case(self._ledger.store, case.id):
            declared = deadlines.get(clock.name)
            is_counted = clock.calendar == calendar.label and not clock.provisional and not clock.starts
            if declared is not None and is_counted and (clock.name, clock.round) in places:
                way = derivation(declared, clock, calendar=calendar)
                is_due = way is None or way.provisional or clock.status is Status.PAUSED
                if (
                    way is not None and not is_due and due_by(way, calendar) != (clock.due_on, clock.due_at)
                ) or not self._is_first(declared, clock):
                    wrong.append(clock.name)
        return wrong

    def _is_first(self, declared: Deadline, clock: Clock) -> bool:
        """Say whether the first due day of a deadline follows from its start, which no row of a journal repeats."""
        if len(declared.lengths) != 1:  # a value may have given it another length since
            return True
        calendar = self._ledger.calendar
        way = derivation(declared, clock._replace(pauses=(), extensions=()), calendar=calendar)
        return way is None or way.provisional or due_by(way, calendar)[0] == clock.original_due_on

    def misdated(self, case: ReplayedCase, kept: Kept) -> list[str]:
        """Return the deadlines that were met at another moment than the field holds which says when the act was done.

        Raises:
            DatabaseError: If the workflow of the case was altered.
        """
        timed = self._timed(case.workflow, case.version)
        newest = {name: term for name, term in sorted(kept.clocks) if name in timed} if timed else {}
        if not newest:
            return []
        fields = parsed(case.fields or b"{}")
        acts = {name: kept.clocks[name, term] for name, term in newest.items()}
        return [name for name, act in acts.items() if act[0] == Status.MET and act[_MET_ON] != fields.get(timed[name])]

    def _timed(self, name: str, version: int) -> Mapping[str, str]:
        """Return the deadlines of a workflow that an act at a moment meets -> the field that holds it."""
        key = name, version
        if key not in self._by_moment:
            workflow = self._ledger.rules(name, version).workflow
            self._by_moment[key] = {
                each.name: each.ends.field
                for each in workflow.deadlines.values()
                if isinstance(each.ends, EndsByField) and workflow.fields[each.ends.field].type is FieldType.MOMENT
            }
        return self._by_moment[key]

    def _is_known(self, label: str) -> bool:
        """Say whether a calendar of that label could be: one without own days, or with those that a unit had."""
        if label not in self._known:
            found = _OWN.search(label)
            self._known[label] = found is None or any(
                laid_over(self._ledger.calendar, found[1], own).label.endswith(found[0])
                for own in self._history.every_own_days(found[1])
                if own
            )
        return self._known[label]

    def _is_right(self, case: ReplayedCase, kept: Kept, place: tuple[str, int]) -> bool:
        """Say whether the next reminder of a deadline comes when it is due, so far as that can be said."""
        climb = kept.climbs[place]
        status, _, due_on, due_at, *_ = kept.clocks[place]
        key = (case.workflow, case.version, case.unit, place[0], status, due_on, due_at, climb.rung, climb.next_at)
        if (key, climb.calendar) in self._right:
            return True
        step = None
        if status == Status.RUNNING:
            step = self._step(case.workflow, case.version, place[0], climb.rung or 0)
        if step is None or climb.next_at is None:
            # Of a ladder with an end an older program set none after the last rung; the next sweep does.
            return climb.next_at is None and (step is None or step.more == 1)
        counted = self._counted(case.unit or "")
        if climb.calendar in counted and isinstance(due_on, str):
            at = due_at if isinstance(due_at, int) else None
            every = [calendar for same in counted.values() for calendar in same]
            # A reminder stays where it was set, so any calendar by which the unit ever counted may have set it.
            if climb.next_at not in {rung_due_at(step, due_on, at, each) for each in every}:
                return False
        self._right.add((key, climb.calendar))
        return True

    def _step(self, name: str, version: int, deadline: str, rung: int) -> LadderStep | None:
        """Return the next rung of a deadline; None if there is none."""
        key = name, version, deadline, rung
        if key not in self._steps:
            workflow = self._ledger.rules(name, version).workflow
            declared = workflow.deadlines.get(deadline)
            self._steps[key] = None if declared is None else ladder(workflow, declared).step(rung)
        return self._steps[key]

    def _counted(self, unit: str) -> dict[str, list[Calendar]]:
        """Return the calendars by which a unit ever counted, by label; none if the house counted by another before."""
        if unit not in self._calendars:
            found = self._calendars[unit] = {}
            counted = self._ledger.calendar
            for own in self._history.every_own_days(unit) if self._history.counts_alike else ():
                each = laid_over(counted, unit, own) if own else counted
                found.setdefault(each.label, []).append(each)
        return self._calendars[unit]
