"""Compares cases with their chains, and judges these again."""

from collections import Counter
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import pairwise
from typing import Any, Final

from engine.errors import BadValueError, DatabaseError, InvalidWorkflowError, NotFoundError
from engine.journal.canonical import parsed
from engine.journal.case_events import CaseEvent
from engine.journal.chain import Break, ChainRow, breaks
from engine.journal.event import NewerEventError
from engine.journal.events import read_of_case
from engine.journal.house_head import HOUSE_HEAD
from engine.journal.house_history import HouseHistory
from engine.journal.kept import Kept, ReplayedCase
from engine.journal.migration_events import CaseMigrated
from engine.journal.replay import SILENT, differences
from engine.journal.replayed_house import House, house_of_chain
from engine.language import Text
from engine.operations.house.arming import Arming
from engine.operations.house.judging import OTHER_DAYS, Judge
from engine.operations.identity.judged_proofs import Proofs
from engine.operations.ledger.ledger import Ledger
from engine.rules.case import Count
from engine.rules.shapes import CAME_BACK, ShapedTerm
from engine.store import adopted_rows, unique_rows
from engine.store import house_rows as house
from engine.workflow.texts import TextKind

UNREADABLE: Final = (ValueError, LookupError, TypeError, AttributeError, BadValueError)
"""What replaying a chain raises that holds and is not what this program writes, or by which no day can be counted."""


CHECKED: Final = "checked"
"""How `Checking.counted` calls the journal rows."""
NAMED: Final = "named"
"""How it calls that some row named the house; this is said and not counted."""
JUDGED: Final = "judged"
"""How it calls the steps that were judged whole."""
IN_PART: Final = "in part"
"""How it calls the steps that were judged in part."""
_OFFICERS: Final = "officers named"
_KNOWN_BY: Final = "known by "


class Checking:
    """Compares cases with their chains and judges these again."""

    def __init__(self, ledger: Ledger, house_rows: list[ChainRow] | None, said: House | None = None) -> None:
        """Read what the house's chain says.

        Args:
            house_rows: The chain; None if it does not hold.
            said: How it says that the house stands, if that was replayed already.
        """
        self.checked = 0
        self.judge: Judge | None = None
        self.house_holds = house_rows is not None
        self._ledger = ledger
        self._house_rows = house_rows or []
        self._keys = None if house_rows is None else _keys(house_rows) if said is None else said.keys
        self.proofs = None if house_rows is None else _proofs(ledger, house_rows)
        self._arming: Arming | None = None
        texts = adopted_rows.texts(ledger.store)
        self._versions = {(each.name, each.version) for each in texts if each.kind == TextKind.WORKFLOW}
        if house_rows:
            with suppress(*UNREADABLE):
                history = HouseHistory(house_rows)
                self.judge, self._arming = Judge(ledger, history), Arming(ledger, history)

    @property
    def judges_all(self) -> bool:
        """Say whether nothing of a case is left unjudged since the house's chain cannot tell."""
        return self.judge is not None and self.proofs is not None and self._keys is not None

    @property
    def counted(self) -> Counter[str]:
        """What was counted so far."""
        found = Counter({CHECKED: self.checked})
        if self.judge is not None:
            judge = self.judge
            found.update({JUDGED: judge.judged, IN_PART: judge.in_part, NAMED: int(judge.houses_named)})
            found[_OFFICERS] = judge.names.wanted
        if self.proofs is not None:
            found.update({f"{_KNOWN_BY}{word}": count for word, count in self.proofs.counts.items()})
        return found

    def count_besides(self, counted: Counter[str]) -> None:
        """Count what was counted of other cases by another one, of the same house."""
        self.checked += counted[CHECKED]
        if self.judge is not None:
            self.judge.names.wanted += counted[_OFFICERS]
            self.judge.judged += counted[JUDGED]
            self.judge.in_part += counted[IN_PART]
            self.judge.houses_named |= bool(counted[NAMED])
        if self.proofs is not None:
            for name, count in counted.items():
                if name.startswith(_KNOWN_BY):
                    self.proofs.counts[name.removeprefix(_KNOWN_BY)] += count

    def of_house(self) -> Iterator[Break]:
        """Yield what of the house was done without the power that it takes."""
        if self.judge is not None:
            yield from self.judge.of_house(self._house_rows)
        if self.proofs is not None:
            yield from self.proofs.breaks("", self._house_rows)
            yield from self.proofs.of_credentials()

    def of_names(self, *, whole: bool) -> Iterator[Break]:
        """Yield who is not kept beside the cases so far; if that is all of them, who is beside others as well."""
        if self.judge is not None:
            yield from self.judge.names.rest()
            yield from self.judge.names.beside() if whole else ()

    def of_log_ins(self) -> Iterator[Break]:
        """Yield the log-ins that the tables have otherwise than the journal; only where every table is compared."""
        return iter(()) if self.proofs is None else self.proofs.of_log_ins()

    def of_case(self, case: ReplayedCase, rows: Sequence[ChainRow], kept: Kept) -> Iterator[Break]:
        """Yield where a case is not what its chain says, and what of it was not allowed."""
        self.checked += len(rows)
        if self._versions and (case.workflow, case.version) not in self._versions:
            yield Break(case=case.number, seq=1, what="not adopted", which=f"{case.workflow} {case.version}")
        broken = breaks(case.number, rows, head=case.head, length=case.revision)
        yield from broken
        events: Sequence[CaseEvent | None] = ()
        if not broken:
            try:
                events = _events_of(rows)
                fields, are_stored = yield from _differing(case, rows, events, kept)
                if not self._is_shaped(case, rows, fields, kept):
                    yield Break(case=case.number, seq=case.revision, what="shape")
                yield from self._given_otherwise(case, fields if are_stored else None, kept)
                yield from self._judged(case, rows, events, kept)
            except UNREADABLE as error:
                yield Break(case=case.number, seq=case.revision, what=unreadable(error))
        if self.proofs is not None:
            yield from self.proofs.breaks(case.number, rows, (case.workflow, case.version), events)
        yield from _strange_keys(case, kept, self._keys)
        if rows and (rows[-1].to_state, rows[-1].clearance) != (case.state, case.clearance):
            yield Break(case=case.number, seq=case.revision, what="state")

    def _given_otherwise(self, case: ReplayedCase, fields: Mapping[str, object] | None, kept: Kept) -> Iterator[Break]:
        """Yield of which fields that are given once the rows are not those of the case's values.

        Args:
            fields: The values that are stored, if it is known that these are the values by its chain.
        """
        said: set[tuple[tuple[str, str], str]] = set()
        stored = case.fields or b""
        if case.clearance != Count.VOID:
            try:
                names = self._ledger.rules(case.workflow, case.version).unique
            except (DatabaseError, InvalidWorkflowError, NotFoundError):
                return  # as in `_judged`
            if any(name.encode() in stored for name in names):  # few cases have any
                fields = parsed(stored) if fields is None else fields
                had = {name: fields[name] for name in names if fields.get(name) is not None}
                said = {((case.workflow, name), unique_rows.digest(str(value))) for name, value in had.items()}
        if said != kept.given:
            which = ", ".join(sorted({field for (_, field), _ in said ^ kept.given}))
            yield Break(case=case.number, seq=case.revision, what="given once", which=which)

    def of_head(self) -> Iterator[Break]:
        """Yield that the house's chain does not end where it is kept to end."""
        kept = house.setting(self._ledger.store, HOUSE_HEAD)
        last = self._house_rows[-1] if self._house_rows else None
        if last is None or kept == [last.seq, last.hash]:
            return
        if kept is not None or (self.judge is not None and self.judge.houses_named):
            yield Break(case="", seq=last.seq, what="house head")

    def _is_shaped(
        self, case: ReplayedCase, rows: Sequence[ChainRow], fields: Mapping[str, object], kept: Kept
    ) -> bool:
        """Say whether the shape by which a case is counted among many is that of its values, terms and rows alone."""
        try:
            shapes = self._ledger.rules(case.workflow, case.version).shapes
        except (DatabaseError, InvalidWorkflowError, NotFoundError):
            return True  # its workflow was altered, or is none that was adopted: that is said besides
        shape = shapes.of(fields, shapes.standing(_terms(kept)))
        if any(row.clearance == 0 != before.clearance for before, row in pairwise(rows)):
            shape |= CAME_BACK
        return shape == case.shape and not shapes.is_ambiguous(shape)

    def _judged(
        self, case: ReplayedCase, rows: Sequence[ChainRow], events: Sequence[CaseEvent | None], kept: Kept
    ) -> Iterator[Break]:
        """Yield what of a case was not allowed, and which of its reminders will not come."""
        if self.judge is None or self._arming is None:
            return
        try:
            yield from self.judge.of_case(case, rows, events)
            names = self._arming.wrong(case, kept)
        except (DatabaseError, InvalidWorkflowError, NotFoundError):
            return  # its workflow was altered, or is none that was adopted: that is said besides
        if self._arming.foreign(kept):
            yield Break(case=case.number, seq=case.revision, what="not allowed", which=str(OTHER_DAYS))
        for name in self._arming.miscounted(case, kept):
            if any(isinstance(each, CaseMigrated) and name in each.deadlines for each in events):
                continue  # the move bounded its day; that was judged with its row
            which = Text("'{name}' is not due by its start, pauses and extensions", "“{name}”与起算日及暂停、延期不符")
            yield Break(case=case.number, seq=case.revision, what="not allowed", which=str(which.format(name=name)))
        for name in self._arming.misdated(case, kept):
            which = Text("'{name}' was not met when its field says", "“{name}”的办结时间与所据字段不符")
            yield Break(case=case.number, seq=case.revision, what="not allowed", which=str(which.format(name=name)))
        if names:
            yield Break(case=case.number, seq=case.revision, what="next_at", which=", ".join(names))


def _terms(kept: Kept) -> Iterator[ShapedTerm]:
    """Yield the deadlines of a case, as its shape looks at them."""
    said: Any
    for place, said in kept.clocks.items():
        status, first_due_on, _, due_at, met_on, extensions, *_ = said
        yield ShapedTerm(place[0], status, first_due_on, due_at, kept.climbs[place].ended_at, met_on, extensions)


def _differing(
    case: ReplayedCase, rows: Sequence[ChainRow], events: Sequence[CaseEvent | None], kept: Kept
) -> Generator[Break, None, tuple[Mapping[str, object], bool]]:
    """Yield where a case is not as its chain says; return the values that it must have, and whether it has them."""
    found, are_stored = differences(case, rows, events, kept), True
    while True:
        try:
            what, which = next(found)
        except StopIteration as end:
            fields: Mapping[str, object] = end.value
            return fields, are_stored
        are_stored &= what != "fields"
        yield Break(case=case.number, seq=case.revision, what=what, which=which)


def _events_of(rows: Sequence[ChainRow]) -> list[CaseEvent | None]:
    """Return what the rows of a case say, each read once for all who judge it; None for silent ones.

    Raises:
        UnreadableEventError: If a body is not one of its kind, or is of a newer version.
    """
    return [None if row.kind in SILENT else read_of_case(row.kind, row.body or b"") for row in rows]


def _proofs(ledger: Ledger, house_rows: list[ChainRow]) -> Proofs | None:
    """Return what judges how officers were known; None if the house's chain cannot tell."""
    try:
        return Proofs(ledger, house_rows)
    except UNREADABLE:
        return None


def _keys(house_rows: list[ChainRow]) -> frozenset[str] | None:
    """Return the ids of the keys that values may be sealed to; None if the house's chain cannot tell."""
    try:
        return house_of_chain(house_rows).keys
    except UNREADABLE:
        return None


def _strange_keys(case: ReplayedCase, kept: Kept, keys: frozenset[str] | None) -> Iterator[Break]:
    """Yield the fields that are sealed to a key which the house's chain does not have in force."""
    if keys is not None and kept.sealed:
        strange = dict.fromkeys(name for (name, _), (_, key) in sorted(kept.sealed.items()) if key not in keys)
        if strange:
            yield Break(case=case.number, seq=case.revision, what="sealed_to", which=", ".join(strange))


def unreadable(error: Exception) -> str:
    """Say what is wrong with a chain that holds and cannot be replayed."""
    return "newer" if isinstance(error, NewerEventError) else "changed"
