"""Durable steps beside statements that write the very same rows and know no rules.

What ours decides is given to the floor: where a case comes, which terms begin and end on which day, whom it names and
by which words it is found. The statements are its own; in the end every table of both ledgers must hold the same rows,
which is compared.
"""

import hashlib
import itertools
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

from orjson import OPT_SORT_KEYS, Fragment, dumps, loads

from benchmarks.ground import NOW, OFFICER, build, copied, fill, opened
from benchmarks.measuring import Finding, paired, seconds
from benchmarks.recording import plain_connection
from engine.operations.cases.casework import advance
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.ledger import Ledger
from engine.working_days.instants import microseconds

_LATER = NOW + timedelta(days=1)
_TODAY = "2019-07-02"
_SIGNED = {"signed_by": OFFICER, "signed_on": _TODAY}
_ASSIGN = ("assign", {"responsible_leader": OFFICER, "handler": "officer00"}, "")
_WAITING = 5_000
"""Messages that wait in the outbox, each of two lines."""


def _verify(finding: str, **more: object) -> tuple[str, dict[str, object], str]:
    """Return the step that a verification report takes."""
    report = {"finding": finding, "verifiers": [OFFICER, "officer00"], "verified_on": _TODAY, "report_number": "核1"}
    return "verify", {"suspected_crime": False, **report, **more}, ""


_ROADS: Sequence[Sequence[tuple[str, Mapping[str, object], str]]] = (
    (
        _ASSIGN, _verify("partly", irregularity=True), ("handle", {"measures": "约谈并责令整改"}, ""),
    ),
    (
        _ASSIGN, _verify("unclear"),
        ("shelve", {"reason": "查找", "next_review_on": "2019-08-01", "signed_by": OFFICER}, ""),
        ("keep_shelved", {"reason": "仍无", "next_review_on": "2019-09-01", "signed_by": OFFICER}, ""),
        ("take_up", {"reason": "到案"}, ""),
    ),
    (
        _ASSIGN, _verify("unsubstantiated"),
        ("request_review", {"review_requested_on": _TODAY, "reason": "查否必复核"}, ""),
        ("name_reviewer", {"reviewer": "officer05"}, "review"),
    ),
    (
        _ASSIGN, _verify("substantiated", suspected_crime=True), ("transfer_police", _SIGNED, ""),
        ("send", {"receiving_body": "某局", "sent_on": _TODAY, "material": "案卷一册"}, "referral"),
        ("receipt", {"receipted_on": _TODAY, "received_by": "某人"}, "referral"),
        ("answer", {"answered_on": _TODAY, "outcome": "filed"}, "referral"),
    ),
)  # fmt: skip
"""Step, what it brings, and the workflow of the child that takes it, if the lead does not."""


class _Term(NamedTuple):
    """How a term stands after a step."""

    name: str
    round: int
    status: int
    starts_at: int
    original_due_on: str
    due_on: str
    due_at: int | None
    ledger: Mapping[str, Any]
    calendar: str
    provisional: int
    arming: int
    rung: int
    next_at: int | None
    ended_at: int | None
    met_on: str | None


class _Born(NamedTuple):
    """What is decided of a child before it has values."""

    workflow: str
    version: int
    unit_id: int
    parent: str
    dated_on: str


class _Decided(NamedTuple):
    """What is decided of one case by a step: one row of its journal, and what follows from it."""

    number: str
    at: int
    kind: str
    to_state: str
    clearance: int
    body: Mapping[str, Any]
    shape: int
    terms: Sequence[_Term]
    """Those that change, as they become."""
    named: Sequence[str]
    """The officers whom the case names from now on."""
    words: Sequence[str | None]
    """The one by which it was found before, if its words change."""
    once: Sequence[tuple[str, str]]
    """Workflow and field of each value that no other case may have."""
    born: _Born | None


_Step = Sequence[_Decided]


def mixed(folder: Path, *, leads: int, rounds: int, times: int) -> Finding:
    """Measure durable steps of many kinds, some of children, with many messages waiting."""
    base = folder / f"mixed-{leads}.db"
    if not base.exists():
        build(str(base))
        fill(str(base), leads, assigned=False)
        _crowd(str(base))
    with closing(plain_connection(str(base))) as plain:
        numbers = [row[0] for row in plain.execute("SELECT number FROM cases ORDER BY id")][:: leads // (4 * times + 8)]
    warming, walked = numbers[:4], numbers[4 : 4 + 4 * times]
    decided = _decided(copied(base, "decided.db"), [*warming, *walked])
    count = sum(map(len, _ROADS)) * times
    warm, measured = decided[: len(decided) - count], decided[len(decided) - count :]

    def ours() -> float:
        ledger = opened(copied(base, "ours.db"))
        with closing(ledger.store):
            _walk(ledger, warming, lambda: None)
            return seconds(lambda: _walk(ledger, walked, lambda: None)) / count

    def floor() -> float:
        with closing(plain_connection(copied(base, "floor.db"))) as plain:
            _plain_steps(plain, warm)
            return seconds(lambda: _plain_steps(plain, measured)) / count

    found = paired(
        f"durable steps of {len({name for road in _ROADS for name, *_ in road})} kinds, {_WAITING:,} messages waiting"
        f" ({leads:,} leads)",
        "sqlite3 in statements of its own: reading the case and its terms, hashing, writing every row that ours does",
        ours,
        floor,
        at_most=2.0,
        rounds=rounds,
    )
    _require_the_same(folder / "ours.db", folder / "floor.db")
    return found


def _require_the_same(ours: Path, floor: Path) -> None:
    """Refuse to compare programs that leave different rows."""
    with closing(plain_connection(str(ours))) as one, closing(plain_connection(str(floor))) as other:
        kept = "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'"
        for (table,) in one.execute(kept).fetchall():
            asked = f"SELECT * FROM {table}"
            if sorted(map(repr, one.execute(asked))) != sorted(map(repr, other.execute(asked))):
                raise AssertionError(f"the floor leaves other rows in {table}")


def _crowd(url: str) -> None:
    """Let many messages wait, each with two lines."""
    at = microseconds(NOW)
    with closing(plain_connection(url)) as plain:
        plain.execute("BEGIN")
        plain.executemany(
            "INSERT INTO outbox (id, key, kind, recipient, payload, created_at, status, attempts, next_try_at,"
            " open_lines) VALUES (?, ?, 'digest', 'officer01', '{\"entries\":[]}', ?, 0, 0, ?, 2)",
            [(place, f"w/{place}", at, at) for place in range(1, _WAITING + 1)],
        )
        plain.executemany(
            "INSERT INTO digest_lines (deadline_id, arming, rung, outbox_id) VALUES (?, 0, 1, ?)",
            [(10_000_000 + line, 1 + line // 2) for line in range(2 * _WAITING)],
        )
        plain.execute("COMMIT")


def _walk(ledger: Ledger, numbers: Sequence[str], after: Callable[[], object]) -> None:
    """Let leads go all roads in turn."""
    for number, road in zip(numbers, itertools.cycle(_ROADS)):  # the roads have no end
        child = ""
        for place, (trigger, values, of) in enumerate(road):
            given = values if trigger != "send" else {**values, "letter_number": f"移〔2019〕{child[:4]}{child[-4:]}号"}
            acting = Acting(ledger, OFFICER, _LATER + timedelta(minutes=place))
            done = advance(acting, child if of else number, trigger, given)
            child = done.opened[0].number if done.opened else child
            after()


def _decided(url: str, numbers: Sequence[str]) -> list[_Step]:
    """Return what ours decides of each step."""
    found: list[_Step] = []
    known: dict[tuple[str, int], frozenset[object]] = {}
    ledger = opened(url)
    with closing(ledger.store), closing(plain_connection(url)) as plain:
        (last,) = plain.execute("SELECT max(rowid) FROM journal").fetchone()

        def new(what: str, case_id: int, statement: str) -> list[Any]:
            """Return the rows of a case that were not there when it was last asked about."""
            rows = plain.execute(statement, (case_id,)).fetchall()
            before = known.get((what, case_id), frozenset())
            known[what, case_id] = frozenset(rows)
            return [row for row in rows if row not in before]

        def said_of(case_id: int) -> tuple[list[_Term], list[str], list[str | None], list[tuple[str, str]]]:
            columns = ", ".join(_Term._fields)
            terms = new("terms", case_id, f"SELECT {columns} FROM deadlines WHERE case_id = ? ORDER BY id")
            named = new("named", case_id, "SELECT officer FROM named_officers WHERE case_id = ?")
            words = new("words", case_id, "SELECT was FROM search_pending WHERE case_id = ?")
            once = new("once", case_id, "SELECT workflow, field FROM unique_values WHERE case_id = ?")
            return (
                [each._replace(ledger=loads(str(each.ledger))) for each in map(_Term._make, terms)],
                [officer for (officer,) in named],
                [was for (was,) in words],
                once,
            )

        for number in numbers:
            said_of(plain.execute("SELECT id FROM cases WHERE number = ?", (number,)).fetchone()[0])

        def note() -> None:
            nonlocal last
            asked = (
                "SELECT j.rowid, c.id, c.number, j.at, j.kind, j.to_state, j.clearance, j.body, c.shape, c.workflow,"
                " c.version, c.unit_id, c.dated_on FROM journal j JOIN cases c ON c.id = j.case_id WHERE j.rowid > ?"
                " ORDER BY j.rowid"
            )
            step = []
            for row in plain.execute(asked, (last,)).fetchall():
                last, case_id, *said, body, shape, workflow, version, unit_id, dated_on = row
                says = loads(body)
                is_new = said[2] == "opened"
                born = _Born(workflow, version, unit_id, says["parent"], dated_on) if is_new else None
                step.append(_Decided._make((*said, says, shape, *said_of(case_id), born)))
            found.append(step)

        _walk(ledger, numbers, note)
    return found


def _plain_steps(plain: sqlite3.Connection, steps: Sequence[_Step]) -> None:
    """Write steps, each in a commit of its own."""
    run = plain.execute
    for step in steps:
        run("BEGIN IMMEDIATE")
        for decided in step:
            _plain_row(plain, decided)
        run("COMMIT")


def _plain_row(plain: sqlite3.Connection, decided: _Decided) -> None:
    """Write what becomes of one case: the case, its journal, its terms, whom it names, by what it is found."""
    number, at, kind, to_state, clearance, body = decided[:6]
    run = plain.execute
    if decided.born is not None:
        case_id, state, stored, revision, head = _plain_child(plain, decided, decided.born)
    else:
        case_id, state, stored, revision, head = run(
            "SELECT id, state, fields, revision, head FROM cases WHERE number = ?", (number,)
        ).fetchone()
    written = dumps(body, option=OPT_SORT_KEYS).decode()
    chained = {
        "at": at, "body": Fragment(written), "by": OFFICER, "case": number, "clearance": clearance, "from": state,
        "kind": kind, "previous": head, "seq": revision + 1, "to": to_state,
    }  # fmt: skip
    hashed = hashlib.sha256(dumps(chained, option=OPT_SORT_KEYS)).hexdigest()
    brought = body.get("set", {})
    values = {
        name: value for name, value in loads(stored).items() if name in brought or name not in body.get("was", {})
    }
    changed = run(
        "UPDATE cases SET state = ?, clearance = ?, fields = ?, changed_at = ?, revision = ?, head = ?, shape = ?"
        " WHERE id = ? AND revision = ?",
        (
            to_state, clearance, dumps({**values, **brought}, option=OPT_SORT_KEYS).decode(), at, revision + 1, hashed,
            decided.shape, case_id, revision,
        ),
    )  # fmt: skip
    assert changed.rowcount == 1
    run(
        "INSERT INTO journal (case_id, seq, at, by, kind, from_state, to_state, clearance, body, hash)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (case_id, revision + 1, at, OFFICER, kind, state, to_state, clearance, written, hashed),
    )
    if decided.named:
        named = [(officer, case_id) for officer in decided.named]
        plain.executemany("INSERT INTO named_officers (officer, case_id) VALUES (?, ?)", named)
    for words in decided.words:
        run("INSERT INTO search_pending (case_id, was) VALUES (?, ?)", (case_id, words))
    for workflow, field in decided.once:
        digest = hashlib.sha256(brought[field].encode()).hexdigest()
        row = (workflow, field, digest, case_id)
        run("INSERT INTO unique_values (workflow, field, digest, case_id) VALUES (?, ?, ?, ?)", row)
    if decided.terms:
        _plain_terms(plain, case_id, decided.terms)


def _plain_child(plain: sqlite3.Connection, decided: _Decided, born: _Born) -> tuple[Any, ...]:
    """Number and write a child as it begins."""
    plain.execute(
        "INSERT INTO counters (series, last) VALUES (?, 1) ON CONFLICT (series) DO UPDATE SET last = counters.last + 1",
        (f"{decided.number[:-4]}{{serial:04}}",),
    )
    (case_id,) = plain.execute(
        "INSERT INTO cases (number, workflow, version, state, unit_id, parent_id, dated_on, opened_at, changed_at,"
        " clearance, fields, revision, head)"
        " VALUES (?, ?, ?, ?, ?, (SELECT id FROM cases WHERE number = ?), ?, ?, ?, 0, '{}', 0, '') RETURNING id",
        (
            decided.number, born.workflow, born.version, decided.to_state, born.unit_id, born.parent, born.dated_on,
            decided.at, decided.at,
        ),
    ).fetchone()  # fmt: skip
    return case_id, None, "{}", 0, ""


def _plain_terms(plain: sqlite3.Connection, case_id: int, terms: Sequence[_Term]) -> None:
    """Write how terms stand: those that the case has are changed, the others begin."""
    run = plain.execute
    known = {
        (name, place): (term_id, rung, arming)
        for term_id, name, place, rung, arming in run(
            "SELECT id, name, round, rung, arming FROM deadlines WHERE case_id = ?", (case_id,)
        )
    }
    for each in terms:
        row = each._replace(ledger=_as_text(each.ledger))
        if (each.name, each.round) not in known:
            run(_BEGIN_TERM, (case_id, *row))
            continue
        term_id, rung, arming = known[each.name, each.round]
        if rung:  # it has reminded: what is still to be said of it is taken back, of which there is nothing here
            assert run(_WAITS, (term_id, arming)).fetchone() is None
        run(_CHANGE_TERM, (*row[2:], term_id))


def _as_text(ledger: Mapping[str, Any]) -> Any:
    """Return the history of a term as it is stored."""
    return dumps(ledger, option=OPT_SORT_KEYS).decode()


_BEGIN_TERM = (
    f"INSERT INTO deadlines (case_id, {', '.join(_Term._fields)}) VALUES (?, {', '.join('?' * len(_Term._fields))})"
)
_CHANGE_TERM = f"UPDATE deadlines SET {', '.join(f'{name} = ?' for name in _Term._fields[2:])} WHERE id = ?"
_WAITS = "SELECT rung, outbox_id FROM digest_lines WHERE deadline_id = ? AND arming = ?"
