"""A set-up ledger for the tests of the engine: real rows, the shipped workflows, an officer for each role."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache, cached_property
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from databases import TableRows, fill, rows_of

from commands.shared.rule_files import shipped_texts
from engine.journal.sealing import PublicKey
from engine.operations.cases.casework import advance, open_case
from engine.operations.cases.commit import Outcome
from engine.operations.house import registration as keeping
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.adopted import NewText
from engine.operations.ledger.ledger import Ledger
from engine.reading.choice_lists import Law
from engine.rules.case import Case
from engine.store import case_rows
from engine.store import house_rows as house
from engine.store.connection import Store, open_store
from engine.store.database import is_postgres, side_files, sqlite_file
from engine.store.tables import metadata
from engine.workflow.model import Choice, Workflow
from engine.workflow.problems import Problem, Where
from engine.workflow.texts import Source
from workflows.loader import Declarations

START = datetime(2019, 7, 1, 10, tzinfo=ZoneInfo("Asia/Shanghai"))
"""A Monday morning; stories begin here and take a step a day."""
DAY = timedelta(days=1)

OFFICERS: Mapping[str, tuple[str, ...]] = {
    "zhou": ("office",),
    "feng": ("office",),
    "chen": ("verifier",),
    "wang": ("verifier", "office"),
    "sun": ("verifier",),
    "bao": ("custodian",),
    "liu": ("supervising_leader",),
    "zhao": ("unit_head",),
    "tang": ("leading_group",),
    "ji": ("discipline_office",),
    "qian": ("auditor",),
    "lian": ("liaison",),
    "gone": ("office", "custodian"),
    "none": (),
}
"""Officers of unit 0101 and their roles; `keeper` keeps the house, `gone` has left."""

LEAD: Mapping[str, object] = {"received_on": "2019-06-28", "source": "telephone", "summary": "反映有人长期把持停车场"}
DEFAULT_KEY = PublicKey(id="0f0f0f0f0f0f0f0f", value="jXd4CP6vb2NxLR0JVGpfCWfOeAfmhe1ODMKUFKQ7cCU=")
"""A public key whose private part nobody kept, for ledgers in which nothing is to be opened."""

Dump = dict[str, list[tuple[Any, ...]]]
Options = tuple[PublicKey | None, bool, bool]
"""The custodian, whether it is a rehearsal, whether the program's texts are adopted."""

_FILES: dict[tuple[bytes, Options], bytes] = {}
_ROWS: dict[Options, TableRows] = {}


@contextmanager
def opened(url: str, *, real_now: datetime | None = None) -> Iterator[Ledger]:
    """Lend the ledger of a database that is there."""
    store = open_store(url)
    try:
        yield on(store, real_now=real_now)
    finally:
        store.close()


@contextmanager
def furnished(
    url: str, *, custodian: PublicKey | None = DEFAULT_KEY, rehearsal: bool = False, adopts: bool = True
) -> Iterator[Ledger]:
    """Set up two units and all officers in a database with empty tables, and lend its ledger.

    It is done once for each set of options, and then copied.

    Args:
        rehearsal: Commands that set the clock by hand will be run in it.
        adopts: The program's texts are adopted; not where declarations of a test's own are passed to operations.
    """
    options: Options = (custodian, rehearsal, adopts)
    (_fill_database if is_postgres(url) else _fill_file)(url, options)
    with opened(url) as ledger:
        yield ledger


def _fill_file(url: str, options: Options) -> None:
    """Furnish a SQLite file, or copy the one that was made of the same file by the same options."""
    file = sqlite_file(url)
    made_of = (file.read_bytes(), options)
    if side_files(file) or made_of not in _FILES:
        _furnish(url, options)
        _FILES[made_of] = file.read_bytes()
    else:
        file.write_bytes(_FILES[made_of])


def _fill_database(url: str, options: Options) -> None:
    """Furnish a PostgreSQL database, or copy into it the rows that the same options led to before."""
    if options not in _ROWS:
        _furnish(url, options)
        _ROWS[options] = rows_of(url)
    else:
        fill(url, _ROWS[options])


def _furnish(url: str, options: Options) -> None:
    custodian, rehearsal, adopts = options
    with opened(url) as ledger:
        furnish(ledger, custodian=custodian, rehearsal=rehearsal, adopts=adopts)


def on(store: Store, *, real_now: datetime | None = None) -> Ledger:
    """Return the ledger of an open store, with the shipped workflows."""
    return Ledger(store, _Shipped(stored=lambda n, v: house.kept_workflow(store, n, v)), real_now=real_now)


class _Shipped(Declarations):
    """The shipped declarations, each file of which is read once for all ledgers of the tests."""

    _ONCE: ClassVar[dict[Source, tuple[Workflow | None, tuple[Problem, ...], Where]]] = {}

    def _freshly_read(self, path: Source) -> tuple[Workflow | None, tuple[Problem, ...], Where]:
        if path not in self._ONCE:
            self._ONCE[path] = super()._freshly_read(path)
        return self._ONCE[path]

    @cached_property
    def lists(self) -> Mapping[str, tuple[Choice, ...]]:
        return _shipped_book().lists

    @cached_property
    def law(self) -> Law:
        return _shipped_book().law


@cache
def _shipped_book() -> Declarations:
    """Return the declarations of no ledger."""
    return Declarations()


@cache
def shipped() -> tuple[NewText, ...]:
    """Return the texts of the program, which ledgers adopt when they begin; read once."""
    return shipped_texts()


def furnish(
    ledger: Ledger, *, custodian: PublicKey | None = DEFAULT_KEY, rehearsal: bool = False, adopts: bool = True
) -> None:
    """Set up two units and all officers."""
    keeping.set_up(
        ledger, name="某县卫健局", unit=("0101", "某医院"), officer=("keeper", "管某"), zone="Asia/Shanghai",
        custodian=custodian, now=START, rehearsal=rehearsal, adopts=shipped() if adopts else (),
    )  # fmt: skip
    keeping.add_unit(Acting(ledger, "keeper", START), "0102", "某中医院")
    for code, roles in OFFICERS.items():
        keeping.add_officer(Acting(ledger, "keeper", START), code, f"{code}某")
        for role in roles:
            keeping.grant(Acting(ledger, "keeper", START), code, role, "0101")
    keeping.grant(Acting(ledger, "keeper", START), "liu", "supervising_leader", "0102")
    keeping.leave(Acting(ledger, "keeper", START), "gone")


def dump(store: Store) -> Dump:
    """Return every row of every table, in an order that does not depend on the database."""
    return {name: sorted(store.query(f"SELECT * FROM {name}"), key=repr) for name in sorted(metadata.tables)}


def register(ledger: Ledger, *, by: str = "zhou", unit: str = "0101", now: datetime = START, **more: object) -> Case:
    """Register a lead and return it."""
    return open_case(Acting(ledger, by, now), "lead", {**LEAD, **more}, unit=unit).case


@dataclass(frozen=True, slots=True)
class Move:
    """One step of a story: who does what, and the state of the case after it."""

    by: str
    trigger: str
    state: str
    values: Mapping[str, object] = field(default_factory=dict)
    of: str = ""
    """Empty for the lead; else the child: its agency, or its workflow, the newest of them."""


class Story:
    """A lead that is driven step by step, a day after the other, by real operations."""

    def __init__(self, ledger: Ledger, **more: object) -> None:
        self.ledger = ledger
        self.now = START
        self.number = open_case(Acting(ledger, "zhou", self.now), "lead", {**LEAD, **more}, unit="0101").case.number

    @property
    def lead(self) -> Case:
        """The lead as it stands."""
        return self.ledger.case(self.number)

    @property
    def children(self) -> tuple[Case, ...]:
        """The cases that the lead has opened, in their order."""
        return case_rows.children(self.ledger.store, self.lead.id)

    def case(self, of: str = "") -> Case:
        """Return the lead, or the newest child of that agency or workflow."""
        if not of:
            return self.lead
        return [each for each in self.children if of in {each.workflow, each.fields.get("agency")}][-1]

    def play(self, moves: Sequence[Move]) -> "Story":
        """Take the steps; each must lead to the state that is written beside it."""
        for move in moves:
            self.now += DAY
            after = self.take(move).case
            assert after.state == move.state, f"{move.trigger} led to {after.state}"
        return self

    def take(self, move: Move) -> Outcome:
        """Take one step without moving the clock; dates given as +N lie N days from the story's day."""
        number = self.case(move.of).number
        values = {name: self.dated(value) for name, value in move.values.items()}
        return advance(Acting(self.ledger, move.by, self.now), number, move.trigger, values)

    def dated(self, value: object) -> object:
        """Return the local date that a value written as +N or -N stands for; other values as they are."""
        if isinstance(value, str) and value[:1] in {"+", "-"} and value[1:].isdigit():
            return (self.now + int(value) * DAY).date().isoformat()
        return value


@contextmanager
def undone(store: Store) -> Iterator[None]:
    """Let what is written in the block be undone at its end."""
    with suppress(ZeroDivisionError), store.begin():
        yield
        raise ZeroDivisionError
