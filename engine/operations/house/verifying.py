"""Whether the ledger is what its journal says: chains recomputed, replayed, and compared with every table."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from hashlib import sha256
from json import loads

from engine.journal.canonical import canonical
from engine.journal.chain import Break, ChainRow, breaks
from engine.journal.event import Event, NewerEventError, UnreadableEventError
from engine.journal.replay import Kept, ReplayedCase, differences, house_of_chain
from engine.operations.identity.judging import Proofs
from engine.operations.ledger.gc_tuning import seldom_collected
from engine.operations.ledger.ledger import Ledger
from engine.store import adopted_rows
from engine.store import chain_rows as chains
from engine.store import house_rows as house
from engine.store.connection import Store
from engine.workflow.texts import TextKind

NAMED = 20
"""Missing numbers of one series that are named; after them it is clear enough."""

_SERIAL = re.compile(r"\{serial(?::[^{}]*)?\}")
_UNREADABLE = (ValueError, LookupError, TypeError, AttributeError)


def verify(ledger: Ledger, *, counts: Counter[str] | None = None) -> tuple[int, tuple[Break, ...]]:
    """Return how many journal rows were checked, and every place where the ledger is not what they say.

    Args:
        counts: Takes how many rows show what of their officer; see `engine.operations.identity.judging`.

    What it cannot see: a whole ledger put in place of another, or the newest rows cut off together with
    everything that counts them.
    """
    store = ledger.store
    checked = 0
    found: list[Break] = []
    with seldom_collected(), store.reading():
        house_rows = chains.house_chain(store)
        last = house_rows[-1] if house_rows else None
        broken = breaks("", house_rows, head=last.hash if last else "", length=len(house_rows))
        found.extend(broken or _of_house(store, house_rows))
        checked += len(house_rows)
        keys = _keys(house_rows) if not broken else None
        proofs = _proofs(ledger, house_rows) if not broken else None
        if proofs is not None:
            found += [*proofs.breaks("", house_rows), *proofs.of_credentials()]
        series = _Series(chains.counters(store))
        versions = {(each.name, each.version) for each in adopted_rows.texts(store) if each.kind == TextKind.WORKFLOW}
        for case, rows, kept in chains.standings(store):
            checked += len(rows)
            if versions and (case.workflow, case.version) not in versions:
                found.append(
                    Break(case=case.number, seq=1, what="not adopted", which=f"{case.workflow} {case.version}")
                )
            series.count(case.number)
            broken = breaks(case.number, rows, head=case.head, length=case.revision)
            found.extend(broken)
            if not broken:
                try:
                    for what, which in differences(case, rows, kept):
                        found.append(Break(case=case.number, seq=case.revision, what=what, which=which))
                except _UNREADABLE as error:
                    found.append(Break(case=case.number, seq=case.revision, what=_unreadable(error)))
            if proofs is not None:
                found.extend(proofs.breaks(case.number, rows, (case.workflow, case.version)))
            found.extend(_strange_keys(case, kept, keys))
            if rows and (rows[-1].to_state, rows[-1].clearance) != (case.state, case.clearance):
                found.append(Break(case=case.number, seq=case.revision, what="state"))
        found.extend(series.breaks(store))
        orphans = chains.orphans(store) if checked != chains.count_entries(store) else []
        checked += len(orphans)
        found.extend(Break(case=str(case_id), seq=seq, what="no case") for case_id, seq in orphans)
    if counts is not None and proofs is not None:
        counts.update(proofs.counts)
    return checked, tuple(found)


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
    store = ledger.store
    with store.reading():
        entries = chains.house_chain(store)
        last = entries[-1] if entries else None
        broken = breaks("", entries, head=last.hash if last else "", length=len(entries))
        return tuple(broken or _of_house(store, entries))


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
    stored = {"calendar": None, "proof": "asserted", **settings}
    for what, said, stands in (
        ("units", replayed.units, units),
        ("officers", replayed.officers, officers),
        ("settings", replayed.settings, stored),
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
        self._strange.append(number)

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
