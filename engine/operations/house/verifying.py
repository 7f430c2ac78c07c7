"""Whether the ledger is what its journal says: chains recomputed, replayed, and compared with every table."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from json import loads
from typing import Final

from engine.errors import DatabaseError, InvalidWorkflowError, NotFoundError
from engine.journal.canonical import canonical
from engine.journal.chain import Break, ChainRow, breaks
from engine.journal.event import Event, NewerEventError, UnreadableEventError
from engine.journal.house_events import UNIT_TYPES, LedgerVerified, StatementFrozen
from engine.journal.house_head import HOUSE_HEAD
from engine.journal.house_history import HouseHistory
from engine.journal.kept import Kept, ReplayedCase
from engine.journal.replay import differences, house_of_chain
from engine.operations.house.arming import wrongly_armed
from engine.operations.house.installation import differences as differences_of_tables
from engine.operations.house.judging import Judge
from engine.operations.house.touched import touched_since
from engine.operations.identity.judged_proofs import Proofs
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.gc_tuning import seldom_collected
from engine.operations.ledger.ledger import Ledger
from engine.operations.ledger.unit_calendars import laid_over
from engine.store import adopted_rows, case_rows, day_rows
from engine.store import chain_rows as chains
from engine.store import house_rows as house
from engine.store.connection import Store
from engine.workflow.texts import TextKind
from engine.working_days.calendars import Calendar
from engine.working_days.instants import microseconds

NAMED = 20
"""Missing numbers of one series that are named; after them it is clear enough."""

_SERIAL = re.compile(r"\{serial(?::[^{}]*)?\}")
_UNREADABLE = (ValueError, LookupError, TypeError, AttributeError)


@dataclass(frozen=True, kw_only=True, slots=True)
class Verification:
    """What was checked, and what was found."""

    checked: int
    """Journal rows."""
    breaks: tuple[Break, ...]
    """Every place where the ledger is not what they say."""
    judged: int
    """Steps that were judged again as a whole."""
    in_part: int
    """Steps of which only hands and states were judged again."""
    whole: bool
    """Every row of every table was compared, and not only what came after the newest checkpoint."""
    known_by: Mapping[str, int]
    """How many rows show what of their officer; see `engine.operations.identity.judged_proofs`."""


def verify(ledger: Ledger) -> tuple[int, tuple[Break, ...]]:
    """Return how many journal rows were checked, and every place where the ledger is not what they say.

    What it cannot see: a whole ledger put in place of another, or the newest rows cut off together with
    everything that counts them.
    """
    found = verification(ledger)
    return found.checked, found.breaks


def verification(ledger: Ledger, *, whole: bool = True) -> Verification:
    """Recompute, replay, compare and judge again.

    Args:
        whole: Everything; else the house, what came after the newest checkpoint, and the cases that it touches.
    """
    store = ledger.store
    with seldom_collected(), store.reading():
        house_rows = chains.house_chain(store)
        broken = list(_of_house_chain(store, house_rows))
        touched = None if whole else touched_since(ledger)
        checking = _Checking(ledger, house_rows if _holds(broken) else None)
        found = broken + list(checking.of_house())
        if touched is None:
            series = _Series(chains.counters(store))
            for case, rows, kept in chains.standings(store):
                series.count(case.number)
                found.extend(checking.of_case(case, rows, kept))
            found.extend(series.breaks(store))
            checked = checking.checked + len(house_rows)
            orphans = chains.orphans(store) if checked != chains.count_entries(store) else []
            checking.checked += len(orphans)
            found.extend(Break(case=str(case_id), seq=seq, what="no case") for case_id, seq in orphans)
        else:
            for case, rows, kept in chains.standings_of(store, touched):
                found.extend(checking.of_case(case, rows, kept))
        found.extend(checking.of_head())
    judge = checking.judge
    return Verification(
        checked=checking.checked + len(house_rows),
        breaks=tuple(found),
        judged=0 if judge is None else judge.judged,
        in_part=0 if judge is None else judge.in_part,
        whole=touched is None,
        known_by={} if checking.proofs is None else checking.proofs.counts,
    )


COMPARED_DAYS: Final = 7
"""For so many days it is enough that every row of every table was compared; then it is done again."""


def compared_at(ledger: Ledger) -> int | None:
    """Return when every row of every table was last compared and held, in microseconds since 1970 UTC; None if never.

    Before a statement is frozen that is done as well.
    """
    found = case_rows.last_of_house(ledger.store, [LedgerVerified.kind, StatementFrozen.kind])
    return None if found is None else found.at


def verification_as_needed(ledger: Ledger, *, now: datetime) -> Verification:
    """Verify what is new; all of it if every table was not compared within `COMPARED_DAYS`."""
    at = compared_at(ledger)
    is_recent = at is not None and 0 <= microseconds(now) - at <= COMPARED_DAYS * 86_400 * 1_000_000
    return verification(ledger, whole=not is_recent)


def note_verified(acting: Acting, found: Verification) -> None:
    """Write into the house's journal that every table was compared, and held."""
    with acting.ledger.store.begin():
        acting.note_in_house(LedgerVerified(checked=found.checked, judged=found.judged))


def of_schema(ledger: Ledger) -> tuple[Break, ...]:
    """Return what tables, columns, indexes and triggers are not those that the program makes."""
    return tuple(Break(case="", seq=0, what="schema", which=str(each)) for each in differences_of_tables(ledger))


def _of_house_chain(store: Store, house_rows: list[ChainRow]) -> Iterator[Break]:
    """Yield where the house's own chain does not hold, or the house is not what it says."""
    last = house_rows[-1] if house_rows else None
    broken = breaks("", house_rows, head=last.hash if last else "", length=len(house_rows))
    yield from broken or _of_house(store, house_rows)


def _holds(broken: list[Break]) -> bool:
    """Say whether the house's chain itself holds, whatever stands otherwise than it says."""
    return not any(each.what in {"changed", "missing", "misplaced", "newer"} for each in broken)


class _Checking:
    """Compares cases with their chains and judges these again."""

    def __init__(self, ledger: Ledger, house_rows: list[ChainRow] | None) -> None:
        self.checked = 0
        self.judge: Judge | None = None
        self._ledger = ledger
        self._house_rows = house_rows or []
        self._keys = None if house_rows is None else _keys(house_rows)
        self.proofs = None if house_rows is None else _proofs(ledger, house_rows)
        self._history: HouseHistory | None = None
        self._calendars: dict[str, tuple[Calendar, ...]] = {}
        texts = adopted_rows.texts(ledger.store)
        self._versions = {(each.name, each.version) for each in texts if each.kind == TextKind.WORKFLOW}
        if house_rows:
            with suppress(*_UNREADABLE):
                self._history = HouseHistory(house_rows)
                self.judge = Judge(ledger, self._history)

    def of_house(self) -> Iterator[Break]:
        """Yield what of the house was done without the power that it takes."""
        if self.judge is not None:
            yield from self.judge.of_house(self._house_rows)
        if self.proofs is not None:
            yield from self.proofs.breaks("", self._house_rows)
            yield from self.proofs.of_credentials()

    def of_case(self, case: ReplayedCase, rows: Sequence[ChainRow], kept: Kept) -> Iterator[Break]:
        """Yield where a case is not what its chain says, and what of it was not allowed."""
        self.checked += len(rows)
        if self._versions and (case.workflow, case.version) not in self._versions:
            yield Break(case=case.number, seq=1, what="not adopted", which=f"{case.workflow} {case.version}")
        broken = breaks(case.number, rows, head=case.head, length=case.revision)
        yield from broken
        if not broken:
            try:
                for what, which in differences(case, rows, kept):
                    yield Break(case=case.number, seq=case.revision, what=what, which=which)
                yield from self._judged(case, rows, kept)
            except _UNREADABLE as error:
                yield Break(case=case.number, seq=case.revision, what=_unreadable(error))
        if self.proofs is not None:
            yield from self.proofs.breaks(case.number, rows, (case.workflow, case.version))
        yield from _strange_keys(case, kept, self._keys)
        if rows and (rows[-1].to_state, rows[-1].clearance) != (case.state, case.clearance):
            yield Break(case=case.number, seq=case.revision, what="state")

    def of_head(self) -> Iterator[Break]:
        """Yield that the house's chain does not end where it is kept to end."""
        kept = house.setting(self._ledger.store, HOUSE_HEAD)
        last = self._house_rows[-1] if self._house_rows else None
        if last is None or kept == [last.seq, last.hash]:
            return
        if kept is not None or (self.judge is not None and self.judge.houses_named):
            yield Break(case="", seq=last.seq, what="house head")

    def _calendars_of(self, unit: str, history: HouseHistory) -> tuple[Calendar, ...]:
        """Return the calendars by which a unit ever counted; none if the house counted by another one before."""
        if unit not in self._calendars:
            counted = self._ledger.calendar
            every = history.every_own_days(unit) if history.counts_alike else ()
            self._calendars[unit] = tuple(laid_over(counted, unit, own) if own else counted for own in every)
        return self._calendars[unit]

    def _judged(self, case: ReplayedCase, rows: Sequence[ChainRow], kept: Kept) -> Iterator[Break]:
        """Yield what of a case was not allowed, and which of its reminders will not come."""
        if self.judge is None or self._history is None:
            return
        try:
            yield from self.judge.of_case(case, rows)
            names = wrongly_armed(self._ledger, case, kept, self._calendars_of(case.unit or "", self._history))
        except (DatabaseError, InvalidWorkflowError, NotFoundError):
            return  # its workflow was altered, or is none that was adopted: that is said besides
        if names:
            yield Break(case=case.number, seq=case.revision, what="next_at", which=", ".join(names))


def _proofs(ledger: Ledger, house_rows: list[ChainRow]) -> Proofs | None:
    """Return what judges how officers were known; None if the house's chain cannot tell."""
    try:
        return Proofs(ledger, house_rows)
    except _UNREADABLE:
        return None


def _keys(house_rows: list[ChainRow]) -> frozenset[str] | None:
    """Return the ids of the keys that values may be sealed to; None if the house's chain cannot tell."""
    try:
        return house_of_chain(house_rows).keys
    except _UNREADABLE:
        return None


def _strange_keys(case: ReplayedCase, kept: Kept, keys: frozenset[str] | None) -> Iterator[Break]:
    """Yield the fields that are sealed to a key which the house's chain does not have in force."""
    if keys is not None and kept.sealed:
        strange = dict.fromkeys(name for (name, _), (_, key) in sorted(kept.sealed.items()) if key not in keys)
        if strange:
            yield Break(case=case.number, seq=case.revision, what="sealed_to", which=", ".join(strange))


def set_by_hand(ledger: Ledger) -> int:
    """Return how many journal rows are dated by a clock that was set by hand, so far as they can be read."""
    count = 0
    for body in chains.bodies_with(ledger.store, "real_at"):  # a field of a workflow may have that name as well
        with suppress(UnreadableEventError):
            count += Event.read(body).real_at is not None
    return count


def of_house(ledger: Ledger) -> tuple[Break, ...]:
    """Return every place where the house is not what its own chain says, or that chain does not hold."""
    with ledger.store.reading():
        entries = chains.house_chain(ledger.store)
        checking = _Checking(ledger, entries)
        return (*_of_house_chain(ledger.store, entries), *checking.of_head())


def _of_house(store: Store, entries: list[ChainRow]) -> Iterator[Break]:
    """Yield what of the house is not as its chain says; a house without a chain was never set up."""
    if not entries:
        return
    seq = entries[-1].seq
    try:
        replayed = house_of_chain(entries)
    except _UNREADABLE as error:
        yield Break(case="", seq=seq, what=_unreadable(error))
        return
    units = {each.code: (each.name, each.closed_at) for each in house.units(store)}
    officers = {each.code: (each.name, each.left_at) for each in house.officers(store)}
    settings = {name: value for name, value in house.settings(store).items() if name in replayed.settings}
    calendar = settings.get("calendar")
    if isinstance(calendar, dict):
        settings["calendar"] = sha256(str(calendar.get("text")).encode()).hexdigest()
    stored = {"calendar": None, "proof": "asserted", UNIT_TYPES: {}, **settings}
    own_days = dict(day_rows.own_days(store).values())
    said_days = {code: {kind: each for kind, each in own.items() if each} for code, own in replayed.own_days.items()}
    contacts = {code: digest for code, digest in replayed.contacts.items() if digest is not None}
    reached = {code: sha256(text.encode()).hexdigest() for code, text in house.contact_texts(store) if code in contacts}
    for what, said, stands in (
        ("units", replayed.units, units),
        ("officers", replayed.officers, officers),
        ("settings", replayed.settings, stored),
        ("own_days", {code: own for code, own in said_days.items() if own}, own_days),
        ("contact", contacts, reached),
    ):
        for code in sorted(said.keys() | stands.keys()):
            if said.get(code) != stands.get(code):
                yield Break(case="", seq=seq, what=what, which=code)
    for officer, role, unit in sorted(replayed.grants ^ chains.grants(store)):
        yield Break(case="", seq=seq, what="grants", which=f"{officer} {role} {unit}".rstrip())
    yield from _of_texts(store, replayed.adopted, seq)


def _of_texts(store: Store, adopted: Mapping[tuple[str, str, int], tuple[str, int]], seq: int) -> Iterator[Break]:
    """Yield which text is not the one that was adopted, and which kept workflow is none of these."""
    kept = {(each.kind, each.name, each.version): each for each in adopted_rows.texts(store)}
    for place in sorted(adopted.keys() | kept.keys()):
        text = kept.get(place)
        digest = "" if text is None else sha256(text.plain.encode()).hexdigest()
        if text is None or (digest, text.seq) != adopted.get(place) or text.digest != digest:
            yield Break(case="", seq=seq, what="adopted", which=" ".join(map(str, place)))
    for name, version, digest, plain in chains.declarations(store):
        by_chain = kept.get((TextKind.WORKFLOW, name, version))
        unknown = bool(kept) and (by_chain is None or _digest(by_chain.plain) != digest)
        if unknown or _digest(plain) != digest:
            yield Break(case="", seq=seq, what="declaration", which=f"{name} {version}")


def _unreadable(error: Exception) -> str:
    """Say what is wrong with a chain that holds and cannot be replayed."""
    return "newer" if isinstance(error, NewerEventError) else "changed"


def _digest(plain: str) -> str:
    """Return the digest of a kept declaration; nothing if it cannot be read."""
    try:
        return sha256(canonical(loads(plain)).encode()).hexdigest()
    except ValueError:
        return ""


class _Series:
    """Counts the numbers in use while the cases go by, so that a case that is gone leaves a gap."""

    def __init__(self, counters: dict[str, int]) -> None:
        self._last = {each: last for each, last in counters.items() if _SERIAL.search(each)}
        self._counted = dict.fromkeys(self._last, 0)
        self._highest = dict.fromkeys(self._last, 0)
        self._by_head: dict[tuple[str, str], str] = {}
        self._tails = set[str]()
        for each in self._last:
            head, tail = _SERIAL.split(each, maxsplit=1)
            self._by_head[head, tail] = each
            self._tails.add(tail)
        self._strange: list[str] = []

    def count(self, number: str) -> None:
        """Count one number as used."""
        for tail in self._tails:
            if number.endswith(tail):
                bare = number[: len(number) - len(tail)] if tail else number
                head = bare.rstrip("0123456789")
                name = self._by_head.get((head, tail))
                if name is not None and len(head) < len(bare):
                    serial = int(bare[len(head) :])
                    self._counted[name] += 1
                    self._highest[name] = max(self._highest[name], serial)
                    return
        if not self._count_after_digits(number):
            self._strange.append(number)

    def _count_after_digits(self, number: str) -> bool:
        """Count a number whose serial stands behind other digits; say whether it is one of a series."""
        for (head, tail), name in self._by_head.items():
            serial = number[len(head) : len(number) - len(tail)]
            if serial.isdecimal() and name.format(serial=int(serial)) == number:
                self._counted[name] += 1
                self._highest[name] = max(self._highest[name], int(serial))
                return True
        return False

    def breaks(self, store: Store) -> Iterator[Break]:
        """Yield the numbers that are gone, and the series that have given more numbers than they say."""
        yield from (Break(case=number, seq=0, what="counter") for number in self._strange[:NAMED])
        for name, last in self._last.items():
            if self._highest[name] > last:
                yield Break(case=name.format(serial=self._highest[name]), seq=0, what="counter")
            elif self._counted[name] != last:
                missing = (name.format(serial=each) for each in range(1, last + 1))
                yield from _gone(store, missing)


def _gone(store: Store, numbers: Iterator[str]) -> Iterator[Break]:
    """Yield the first of *numbers* that no case has."""
    named = 0
    for number in numbers:
        if store.one("SELECT 1 FROM cases WHERE number = ?", (number,)) is None:
            yield Break(case=number, seq=0, what="gone")
            named += 1
            if named == NAMED:
                return
