"""Whether the ledger is what its journal says: chains recomputed, replayed, and compared with every table."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from json import loads
from typing import TYPE_CHECKING, Final

from engine.errors import DatabaseError, InvalidWorkflowError
from engine.journal.canonical import canonical_bytes, parsed
from engine.journal.chain import Break, ChainRow, breaks
from engine.journal.event import Event, UnreadableEventError
from engine.journal.house_events import UNIT_TYPES, LedgerVerified, StatementFrozen
from engine.journal.replayed_house import House, house_of_chain
from engine.operations.house.baseline import Baseline
from engine.operations.house.case_ranges import CaseRange, Known, RangeChecker
from engine.operations.house.checking import UNREADABLE, Checking, unreadable
from engine.operations.house.checkpoints import newest
from engine.operations.house.database_roles import differences as differences_of_roles
from engine.operations.house.installation import differences as differences_of_tables
from engine.operations.house.number_series import Series
from engine.operations.house.sharing import RANGE, checked, reading
from engine.operations.house.touched import TouchedCases, touched_since
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.gc_tuning import seldom_collected
from engine.operations.ledger.ledger import Ledger
from engine.store import adopted_rows, case_rows, day_rows, stray_rows
from engine.store import chain_rows as chains
from engine.store import house_rows as house
from engine.store.connection import Store
from engine.workflow.texts import TextKind
from engine.working_days.instants import microseconds

if TYPE_CHECKING:
    from engine.operations.house.second_process import SecondProcess


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
    saw_all: bool = True
    """False if the database showed this log-in only some cases; then nothing is said of what is missing."""
    spared: int = 0
    """Journal rows of cases that stand as a baseline says, and were not judged again."""


def verify(ledger: Ledger) -> tuple[int, tuple[Break, ...]]:
    """Return how many journal rows were checked, and every place where the ledger is not what they say.

    What it cannot see: a whole ledger put in place of another, or the newest rows cut off together with
    everything that counts them.
    """
    found = verification(ledger)
    return found.checked, found.breaks


def verification(ledger: Ledger, *, whole: bool = True, baseline: Baseline | None = None) -> Verification:
    """Recompute, replay, compare and judge again.

    Args:
        whole: Everything; else the house, what came after the newest checkpoint, and the cases that it touches.
        baseline: What held before and need not be judged again where it stands as it did; of everything only.

    Raises:
        RefusedError: If there is a baseline, and the database shows this log-in only some cases.
    """
    store = ledger.store
    saw_all = store.sees_all
    every_case = whole or newest(ledger) is None
    with seldom_collected(), reading(ledger, every_case=every_case) as second:
        house_rows = chains.house_chain(store)
        broken, said = _of_house_chain(store, house_rows)
        touched = None if whole else touched_since(ledger)
        checking = Checking(ledger, house_rows if _holds(broken) else None, said)
        found = broken + list(checking.of_house())
        if touched is None:
            found += _of_every_case(ledger, checking, second, house_rows, baseline)
        else:
            found += _of_touched(store, checking, touched)
        found.extend(checking.of_head())
    judge = checking.judge
    return Verification(
        checked=checking.checked + len(house_rows),
        breaks=tuple(each for each in found if saw_all or each.what not in _BY_WHAT_IS_HIDDEN),
        judged=0 if judge is None else judge.judged,
        in_part=0 if judge is None else judge.in_part,
        whole=touched is None,
        known_by={} if checking.proofs is None else checking.proofs.counts,
        saw_all=saw_all,
        spared=0 if baseline is None else baseline.spared,
    )


def _of_every_case(
    ledger: Ledger,
    checking: Checking,
    second: "SecondProcess | None",
    house_rows: list[ChainRow],
    baseline: Baseline | None,
) -> list[Break]:
    """Return what is found in all cases, and what belongs to none."""
    store, found = ledger.store, list[Break]()
    series, saw_all = Series(chains.counters(store)), store.sees_all
    ranges = [CaseRange(*each) for each in chains.case_ranges(store, RANGE)]
    if baseline is not None:
        known = baseline.begin(ledger, house_rows if checking.judges_all else None)
        ranges = [each._replace(known=_among(known, each)) for each in ranges]
    for each, by_second in checked(ranges, RangeChecker(ledger, checking), second, house_holds=checking.house_holds):
        found.extend(each.breaks)
        series.count_besides(each.series)
        if by_second:
            checking.count_besides(each.counted)
        if baseline is not None:
            baseline.follow(each)
    if saw_all:
        found.extend(series.breaks(store))
        found.extend(checking.of_names(whole=True))
        found.extend(
            Break(case=f"#{gone}", seq=0, what="stray", which=table) for table, gone in stray_rows.strays(store)
        )
        by_hand = stray_rows.marked_by_hand(store)
        found.extend(Break(case=f"#{each}", seq=0, what="unsent", which="outbox") for each in by_hand)
        found.extend(checking.of_log_ins())
    entries = checking.checked + len(house_rows)
    # Looking for rows without a case reads the whole journal, so it is done only where the sum says that there
    # are some.
    orphans = chains.orphans(store) if saw_all and entries != chains.count_entries(store) else []
    checking.checked += len(orphans)
    return found + [Break(case=str(case_id), seq=seq, what="no case") for case_id, seq in orphans]


def _among(known: Known, asked: CaseRange) -> Known:
    """Return those of the stretches that begin in a range."""
    found = (known.get(first) for first in range(asked.first, asked.last + 1))
    return {each.first: each for each in found if each is not None} if known else {}


def breaks_of_cases(ledger: Ledger, ids: Sequence[int]) -> Iterator[Break]:
    """Yield what is found in some cases by themselves; nothing is judged if the house's chain does not hold.

    Args:
        ids: In rising order.
    """
    house_rows = chains.house_chain(ledger.store)
    broken, said = _of_house_chain(ledger.store, house_rows)
    checking = Checking(ledger, house_rows if _holds(broken) else None, said)
    for case, rows, kept in chains.standings_of(ledger.store, ids, since_at=0):
        yield from checking.of_case(case, rows, kept)


def _of_touched(store: Store, checking: Checking, touched: TouchedCases) -> list[Break]:
    """Return what is found in the cases that have rows which no checkpoint covers, and in such rows without a case."""
    series, found, seen = Series(chains.counters(store)), list[Break](), 0
    for case, rows, kept in chains.standings_of(store, touched.ids, since_at=touched.since_at):
        seen += 1
        series.count(case.number)
        found.extend(checking.of_case(case, rows, kept))
    found.extend(checking.of_names(whole=False))
    found.extend(series.newest_gone(store))
    orphans = chains.orphans(store) if store.sees_all and seen != len(touched.ids) else []
    return found + [Break(case=str(case_id), seq=seq, what="no case") for case_id, seq in orphans]


_BY_WHAT_IS_HIDDEN: Final = frozenset({"parent", "first", "outbox"})
"""What a case refers to: where it is not seen it would be called gone."""


def compared_days(ledger: Ledger) -> int:
    """Return for how many days it is enough that every row of every table was compared; 0 if that cannot be read."""
    try:
        return ledger.workflows.house_terms().compared_days
    except (DatabaseError, InvalidWorkflowError):
        return 0  # the list that says so was altered, which comparing names


def compared_at(ledger: Ledger) -> int | None:
    """Return when every row of every table was last compared and held, in microseconds since 1970 UTC; None if never.

    Before a statement is frozen that is done as well.
    """
    found = case_rows.last_of_house(ledger.store, [LedgerVerified.kind, StatementFrozen.kind])
    return None if found is None else found.at


def verification_as_needed(ledger: Ledger, *, now: datetime) -> Verification:
    """Verify what is new; all of it if every table was not compared within the declared days."""
    at = compared_at(ledger)
    # What was compared after now was so by another clock, and says nothing about how long ago it is.
    is_recent = at is not None and 0 <= microseconds(now) - at <= compared_days(ledger) * 86_400 * 1_000_000
    return verification(ledger, whole=not is_recent)


def note_verified(acting: Acting, found: Verification) -> None:
    """Write into the house's journal that every table was compared, and held."""
    with acting.ledger.store.begin():
        acting.note_in_house(LedgerVerified(checked=found.checked, judged=found.judged))


def of_schema(ledger: Ledger) -> tuple[Break, ...]:
    """Return what tables, columns, indexes, triggers and roles of the database are not those that the program makes."""
    found = (Break(case="", seq=0, what="schema", which=str(each)) for each in differences_of_tables(ledger))
    return (*found, *differences_of_roles(ledger))


def _of_house_chain(store: Store, house_rows: list[ChainRow]) -> tuple[list[Break], House | None]:
    """Return where the house's own chain does not hold, or the house is not what it says; and what it says.

    A house without a chain was never set up.
    """
    last = house_rows[-1] if house_rows else None
    broken = list(breaks("", house_rows, head=last.hash if last else "", length=len(house_rows)))
    if broken or last is None:
        return broken, None
    try:
        said = house_of_chain(house_rows)
    except UNREADABLE as error:
        return [Break(case="", seq=last.seq, what=unreadable(error))], None
    return list(_of_house(store, said, last.seq)), said


def _holds(broken: list[Break]) -> bool:
    """Say whether the house's chain itself holds, whatever stands otherwise than it says."""
    return not any(each.what in {"changed", "missing", "misplaced", "newer"} for each in broken)


def set_by_hand(ledger: Ledger) -> int:
    """Return how many journal rows are dated by a clock that was set by hand, so far as they can be read."""
    count = 0
    for body in chains.bodies_by_hand(ledger.store):  # a field of a workflow may have that name as well
        with suppress(UnreadableEventError):
            count += Event.read(body).real_at is not None
    return count


def of_house(ledger: Ledger) -> tuple[Break, ...]:
    """Return every place where the house is not what its own chain says, or that chain does not hold."""
    with ledger.store.reading():
        entries = chains.house_chain(ledger.store)
        checking = Checking(ledger, entries)
        return (*_of_house_chain(ledger.store, entries)[0], *checking.of_head())


def _of_house(store: Store, replayed: House, seq: int) -> Iterator[Break]:
    """Yield what of the house is not as its chain says, whose last row has that number."""
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
        if by_chain is None or by_chain.plain == plain:  # one text read once: it is the longest work of a quiet day
            unknown = bool(kept) and by_chain is None
        else:
            unknown = not _has(by_chain.plain, digest)
        if unknown or not _has(plain, digest):
            yield Break(case="", seq=seq, what="declaration", which=f"{name} {version}")


def _has(plain: str, digest: str) -> bool:
    """Say whether a kept declaration, which may stand in any order, has that digest in the one that is hashed."""
    for read in (parsed, loads):  # the first is quicker, and reads whole numbers beyond 64 bits as others
        with suppress(ValueError):
            if sha256(canonical_bytes(read(plain))).hexdigest() == digest:
                return True
    return False
