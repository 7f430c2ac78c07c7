"""Each table and column of the store: as what a change by hand is found, or why nothing judges it."""

import shutil
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, suppress
from datetime import date
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

import pytest
from asked_to_sign import NUMBER, TERM, known, set_up
from ledgers import DAY, START, opened, register
from test_operations_imports_take_in import FILE, row

from engine.campaigns.measures import Measures
from engine.errors import QinglingError
from engine.journal.signing import public_of, signing_key
from engine.operations.cases.casework import attach, link, note
from engine.operations.cases.drafts import save_draft
from engine.operations.deadlines.sweep import sweep
from engine.operations.deadlines.timing import pause
from engine.operations.figures import kept_sums
from engine.operations.figures.judged_sums import wrong_sums
from engine.operations.figures.period import ReportKind, period_of
from engine.operations.figures.report_figures import figures
from engine.operations.house.checkpoints import compared, make_checkpoint
from engine.operations.house.verifying import verify
from engine.operations.identity import credentials
from engine.operations.identity.logging_in import log_in
from engine.operations.identity.showing import act_as, evidence_of
from engine.operations.imports.take_in import take_in
from engine.operations.imports.transaction import all_or_nothing
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.ledger import Ledger
from engine.operations.returns.filing import open_returns
from engine.store.tables import metadata

GONE, ADDED = "a row taken away", "a row put in"

NEXT_TO_JOURNAL: Final = "the journal's row says when; nothing rests on it but the order of lists"
SENDING: Final = "what becomes of a message is no act of an officer and stands in no journal; SECURITY.md says so"
NOTHING_YET: Final = "nothing has happened yet: a form that was begun, looked through again when it is sent"
GUESSES: Final = "guesses before a log-in; the journal has a row for each streak"
SAID_TWICE: Final = "the message says the same; it only makes lines quick to take back"
TILES: Final = "made of the entries, which are compared without them; a proof that a false one makes is refused"
NOT_TAKEN: Final = "a report asks by its days and how much there is of a block, and takes no other"
UNUSED: Final = "no unit has one and nothing reads it"

JUDGED: Final[Mapping[str, Mapping[str, str]]] = {
    "adopted": {
        **dict.fromkeys(("kind", "name", "version", "digest", "plain", "seq", GONE, ADDED), "adopted"),
        "shipped": "- says whether an upgrade offers a newer text; the text itself is judged",
    },
    "asked_signatures": {
        **dict.fromkeys(("case_id", "field", "seq", "officer", "given_seq", "reminded_at", GONE), "signatures asked"),
        ADDED: "stray",
    },
    "attachments": {**dict.fromkeys(("case_id", "seq", "digest", "name", "size", GONE), "attachments"), ADDED: "stray"},
    "cases": {
        **{each: each for each in ("dated_on", "opened_at", "changed_at", "fields", "import_key", "state")},
        "id": "no case",
        "number": "counter",
        "workflow": "workflow",
        "version": "workflow",
        "unit_id": "unit",
        "parent_id": "parent",
        "first_id": "first",
        "clearance": "state",
        "revision": "missing",
        "shape": "shape",
        "head": "misplaced",
        GONE: "gone",
        ADDED: "counter",
    },
    "checkpoints": {
        **dict.fromkeys(("origin", "size", "note", ADDED), "checkpoint"),
        "made_at": f"- {NEXT_TO_JOURNAL}",
        GONE: "- who took it away is found by whoever holds it elsewhere; until the next one more is read each day",
    },
    "counters": {"series": "counter", "last": "gone", GONE: "counter", ADDED: "gone"},
    "credentials": dict.fromkeys(("seq", "officer", "way", "kept", "ended_at", GONE, ADDED), "credential"),
    "deadlines": {
        **dict.fromkeys(
            ("case_id", "name", "round", "status", "original_due_on", "due_on", "due_at", "ledger", "met_on"),
            "deadlines",
        ),
        "rung": "rung",
        "next_at": "next_at",
        "starts_at": "not allowed",
        GONE: "deadlines",
        ADDED: "deadlines",
        "id": "- a number of the program's own; reminders that name another are judged",
        "calendar": "- says by which days it was counted; own days that no unit had are found, and the day is judged",
        "provisional": "- says that the day is counted again once a calendar is published; the day is judged",
        "arming": "- counts how often the day moved; a sweep that meets a reminder twice stops and says so",
        "ended_at": "ended_at",
    },
    "digest_lines": {
        "deadline_id": "stray",
        "outbox_id": "stray",
        ADDED: "stray",
        **dict.fromkeys(("arming", "rung", GONE), f"- {SAID_TWICE}"),
    },
    "drafts": {
        "case_id": "stray",
        ADDED: "stray",
        **dict.fromkeys(("officer", "trigger", "typed", "revision", "at", GONE), f"- {NOTHING_YET}"),
    },
    "grants": dict.fromkeys(("officer_id", "role", "unit_id", GONE, ADDED), "grants"),
    "journal": {
        **dict.fromkeys(("at", "by", "kind", "from_state", "to_state", "clearance", "body", "hash"), "changed"),
        **dict.fromkeys(("case_id", "seq", GONE), "missing"),
        ADDED: "no case",
    },
    "kept_sums": {
        "sums": "kept sum",
        **dict.fromkeys(("asked", "block", "cases", "entries", "kin", ADDED), f"- {NOT_TAKEN}"),
        "made_at": "- says which sums are forgotten first",
        GONE: "- it is counted again",
    },
    "log_in_failures": dict.fromkeys(("officer", "source", "failures", "last_at", GONE, ADDED), f"- {GUESSES}"),
    "log_ins": {
        **dict.fromkeys(("seq", "officer", "credential", "token", "until", "ended_at", GONE, ADDED), "log-in"),
        "seen_at": "- says when it was used last; its end is judged",
    },
    "named_officers": dict.fromkeys(("officer", "case_id", GONE, ADDED), "named"),
    "occurrences": {
        **dict.fromkeys(("workflow", "recurs", "unit_id", "parent_id", "period", "case_id", GONE), "occurrence"),
        ADDED: "stray",
    },
    "officers": {
        "id": "grants",
        **dict.fromkeys(("code", "name", "left_at", GONE, ADDED), "officers"),
        "contact": "contact",
    },
    "outbox": {
        "id": "stray",
        "recipient": "outbox",
        GONE: "outbox",
        "payload": "outbox",
        "status": "unsent",
        **dict.fromkeys(("key", "kind", "created_at", "attempts", "next_try_at"), f"- {SENDING}"),
        **dict.fromkeys(("sent_at", "remark", "open_lines", ADDED), f"- {SENDING}"),
    },
    "questions": {
        **dict.fromkeys(("case_id", "field", "seq", "said", "state", "closed_seq", GONE), "questions"),
        ADDED: "stray",
    },
    "reminders": {
        "deadline_id": "reminders",
        "rung": "reminders",
        "level": "reminders",
        GONE: "reminders",
        "arming": "outbox",
        ADDED: "stray",
        "outcome": "- whether it was taken back before it went out, or there was nobody: of the message, not the rung",
        **dict.fromkeys(("due_at", "at"), f"- {NEXT_TO_JOURNAL}"),
    },
    "sealed_values": {
        **dict.fromkeys(("case_id", "field", "seq", "key_id", "ciphertext", GONE), "sealed"),
        ADDED: "stray",
    },
    "settings": {
        "name": "settings",
        "value": "settings",
        GONE: "settings",
        ADDED: "- the program reads no setting that it does not know",
    },
    "signatures": {**dict.fromkeys(("case_id", "seq", "signature", GONE), "signature"), ADDED: "stray"},
    "tree_leaves": {
        **dict.fromkeys(("position", "case_id", "seq"), "another root"),
        GONE: "fewer",
        ADDED: "- a place after the last one, which no checkpoint covers yet",
    },
    "tree_tiles": dict.fromkeys(("level", "place", "root", "hashes", GONE, ADDED), f"- {TILES}"),
    "unique_values": dict.fromkeys(("workflow", "field", "digest", "case_id", GONE, ADDED), "given once"),
    "units": {
        "id": "unit",
        **dict.fromkeys(("code", "name", "closed_at", GONE, ADDED), "units"),
        "own_days": "own_days",
        "parent_id": f"- {UNUSED}",
    },
    "workflow_versions": {
        **dict.fromkeys(("name", "version", "digest", "plain", ADDED), "declaration"),
        "stored_at": "- says by which version a child opens; the child's own row names it, and it must be adopted",
        GONE: "- what was adopted stands in for it, and it is kept again",
    },
}
"""By table: column, or what is done to a whole row -> as what it is found; after a dash, why nothing judges it."""

OTHER_TABLES: Final[Mapping[str, str]] = {
    "alembic_version": "another version of the tables is refused when the ledger is opened",
    "search": "words by which cases are found; whoever finds one is shown the case itself",
    "search_pending": "the same; made again by `qingling doctor --mend-search`",
}
"""Those that no table class describes, and why nothing judges them; what SQLite keeps for `search` is left out."""
OF_SEARCH: Final = ("search_data", "search_idx", "search_config")

ROWS: Final[Mapping[str, str]] = {
    "settings": "name = 'zone'",
    "deadlines": "status = 1",
    "officers": "id IN (SELECT officer_id FROM grants)",
    "outbox": "payload LIKE '%\"ref\"%'",
    "reminders": "outcome = 'sent'",
}
"""Which row is changed where not any will do."""
VALUES: Final[Mapping[tuple[str, str], object]] = {
    ("settings", "value"): '"UTC"',
    ("officers", "contact"): '{"mail":"evil@example.org"}',
    ("units", "own_days"): '{"off":{"2019-07-09":"x"}}',
    ("deadlines", "starts_at"): 1_560_000_000_000_000,
    ("outbox", "payload"): "{}",
    ("outbox", "status"): 1,
}
"""What is put in where not any other value would be one."""


def build(folder: Path, file: str) -> None:
    """Make a ledger in which each table but that of the tree's tiles has a row."""
    set_up(file)
    private = b"zhou".ljust(32)
    paper = folder / "paper.txt"
    paper.write_text("seen", "utf-8")
    with opened(file) as ledger:
        credentials.register_key(known(ledger, "keeper"), "zhou", public_of(private))
        acting = known(ledger, "zhou")
        attach(acting, NUMBER, paper, folder=folder / "files")
        register(ledger, now=START + DAY, reporter="Reporter Q-773", real_name=True)
        second = register(ledger, now=START + DAY, archive_number="2019-7").number
        link(acting, second, NUMBER, reason="同一线索")
        pause(acting, NUMBER, TERM, reason="外出取证")
        with all_or_nothing(ledger) as fate:
            list(take_in(acting, "lead", [row(source="nobody knows")], file=FILE, asking=True))
            fate.keep()
        save_draft(acting, NUMBER, "verify", {"summary": "x"})
        with suppress(QinglingError):
            log_in(ledger, "tang", lambda: "wrong", source="there", now=START + DAY)
        now = START + 2 * DAY
        act_as(ledger, evidence_of(ledger, named=None, held="", account="", key=signing_key(private), now=now))
        note(Acting(ledger, "zhou", now), NUMBER, "已联系")
        open_returns(ledger, now=START + 40 * DAY)
        sweep(ledger, now=START + 60 * DAY)
        with patch.object(kept_sums, "_WORTH_IT", 0):
            period = period_of(ReportKind.YEAR, "2019", today=date(2020, 1, 1))
            figures(ledger, "lead", period, longest=9, now=START + 400 * DAY)
        make_checkpoint(known(ledger, "keeper", START + 60 * DAY), folder / "origin.key")


class Hand:
    """Somebody who holds the file: changes one table, and puts it back."""

    def __init__(self, there: sqlite3.Connection, table: str) -> None:
        described = metadata.tables[table]
        self.columns = [each.name for each in described.columns]
        self._keys = [each.name for each in described.primary_key]
        self._own = {each.name for each in described.columns if each.primary_key or each.unique or each.name == "seq"}
        self._there, self._table = there, table
        self._all = self._rows("1 = 1")
        self._row = dict(zip(self.columns, (self._rows(ROWS.get(table, "1 = 1")) or [()])[-1], strict=False))

    def attacks(self) -> Iterator[str]:
        """Do one thing after another to the table; each is undone when the next is asked for."""
        for column in self.columns if self._row else ():
            there = [each for each in self._all if each[self.columns.index(column)] is not None]
            chosen = self._row
            if chosen[column] is None and there:
                chosen = dict(zip(self.columns, there[-1], strict=True))
            value = VALUES.get((self._table, column), self._otherwise(chosen[column]))
            yield from self._done(column, f'UPDATE {self._table} SET "{column}" = ? WHERE {self._this}', value, chosen)
        if self._row:
            yield from self._done(GONE, f"DELETE FROM {self._table} WHERE {self._this}", None, self._row)
        added = {name: self._otherwise(each) if name in self._own else each for name, each in self._row.items()}
        if self._table == "named_officers":
            added["case_id"] = self._row["case_id"]
        if self._row:
            self._put([tuple(added.values())])
            yield ADDED
            self._undo()

    def _done(self, what: str, statement: str, value: object, row: Mapping[str, Any]) -> Iterator[str]:
        values = [] if what is GONE else [value]
        self._there.execute(statement, (*values, *(row[each] for each in self._keys)))
        yield what
        self._undo()

    @property
    def _this(self) -> str:
        return " AND ".join(f'"{each}" = ?' for each in self._keys)

    @staticmethod
    def _otherwise(value: Any) -> object:
        return value + 7_777 if isinstance(value, int) else "x" if value is None else f"{value}9"

    def _rows(self, where: str) -> list[tuple[Any, ...]]:
        names = ", ".join(f'"{each}"' for each in self.columns)
        return self._there.execute(f"SELECT {names} FROM {self._table} WHERE {where} ORDER BY 1, 2").fetchall()

    def _put(self, rows: Sequence[tuple[Any, ...]]) -> None:
        marks = ", ".join("?" * len(self.columns))
        self._there.executemany(f"INSERT INTO {self._table} VALUES ({marks})", rows)

    def _undo(self) -> None:
        self._there.execute("BEGIN")
        self._there.execute(f"DELETE FROM {self._table}")
        self._put(self._all)
        self._there.execute("COMMIT")


def found(ledger: Ledger) -> set[str]:
    """Return as what anything is found: by chains, by checkpoints that are kept, and by sums counted again."""
    ledger.forget()
    broken = (*verify(ledger)[1], *compared(ledger, ()))
    return {each.what for each in broken or wrong_sums(ledger, lambda _name: Measures())}


@pytest.fixture(scope="module")
def file(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the ledger that is attacked."""
    folder = tmp_path_factory.mktemp("judged")
    made = Path(shutil.copy(sqlite_template, folder / "ledger.db"))
    build(folder, str(made))
    return made


def test_each_table_and_column_is_judged_or_says_why_not(file: Path) -> None:
    """A change by hand of any column, a row taken away and a row put in are found as what stands beside them."""
    wrong: dict[str, object] = {}
    assert {name: {*each} for name, each in JUDGED.items()} == {
        each.name: {*each.columns.keys(), GONE, ADDED} for each in metadata.tables.values()
    }
    with closing(sqlite3.connect(file, isolation_level=None)) as there, opened(str(file)) as ledger:
        every = {name for (name,) in there.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        assert {each for each in every if each not in OF_SEARCH} == {*JUDGED, *OTHER_TABLES}
        assert found(ledger) == set()
        for table, judged in JUDGED.items():
            for what in Hand(there, table).attacks():
                is_judged = not judged[what].startswith("-")
                if is_judged:
                    seen = found(ledger)
                    if judged[what] not in seen:
                        wrong[f"{table}: {what}"] = seen
        assert found(ledger) == set()
    assert wrong == {}
