"""What verifying promises, done with sqlite3, json and hashlib alone: the floor that knows nothing of this program.

Rows, bodies and heads are read, chains hashed, bodies parsed and put together, and what comes out is compared with the
case, its deadlines and its reminders. It judges no step, knows one workflow's kinds of rows and no other, and names
nothing: it says that all holds, or fails.
"""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from hashlib import sha256
from itertools import groupby
from operator import itemgetter
from typing import Any

_CASES = (
    "SELECT c.id, c.number, c.workflow, c.version, c.state, u.code, p.number, f.number, c.dated_on, c.opened_at,"
    " c.changed_at, c.clearance, c.fields, c.revision, c.head FROM cases c LEFT JOIN units u ON u.id = c.unit_id"
    " LEFT JOIN cases p ON p.id = c.parent_id LEFT JOIN cases f ON f.id = c.first_id WHERE c.id > ? ORDER BY c.id"
)
_JOURNAL = (
    "SELECT case_id, seq, at, by, kind, from_state, to_state, clearance, body, hash FROM journal WHERE case_id > ?"
    " ORDER BY case_id, seq"
)
_DEADLINES = (
    "SELECT case_id, name, round, status, original_due_on, due_on, due_at, met_on, ledger, rung, next_at"
    " FROM deadlines WHERE case_id > ? ORDER BY case_id"
)
_REMINDERS = (
    "SELECT d.case_id, d.name, r.rung, r.level FROM reminders r JOIN deadlines d ON d.id = r.deadline_id"
    " WHERE d.case_id > ? ORDER BY d.case_id"
)
_NEW = (
    "SELECT j.case_id FROM journal j LEFT JOIN tree_leaves l ON l.case_id = j.case_id AND l.seq = j.seq"
    " WHERE l.position IS NULL AND j.at >= (SELECT max(made_at) - 86400000000 FROM checkpoints)"
)

_SAID = "status", "original_due_on", "due_on", "due_at", "met_on"


def verify_new(connection: sqlite3.Connection) -> int:
    """Verify the house's chain and every case from the first that has a row without a place in the tree.

    Returns:
        How many journal rows were read.
    """
    new = {row[0] for row in connection.execute(_NEW)} - {0}
    entries = connection.execute("SELECT count(*) FROM journal").fetchone()[0]
    placed = connection.execute("SELECT count(*) FROM tree_leaves WHERE position >= 0").fetchone()[0]
    house = list(connection.execute(_JOURNAL.replace("> ?", "= ?"), (0,)))
    _chain("", house)
    for row in house:
        json.loads(row[8])
    assert entries > placed
    return len(house) + verify_cases(connection, after=min(new) - 1)


def verify_cases(connection: sqlite3.Connection, *, after: int = 0) -> int:
    """Verify every case whose id is greater than *after*; return how many journal rows were read."""
    chains = _by_case(connection, _JOURNAL, after)
    deadlines = _by_case(connection, _DEADLINES, after)
    reminders = _by_case(connection, _REMINDERS, after)
    chain, due, sent = (next(each, (0, [])) for each in (chains, deadlines, reminders))
    count = 0
    for case in connection.execute(_CASES, (after,)):
        assert chain[0] == case[0]
        rows = chain[1]
        own = due[1] if due[0] == case[0] else []
        taken = sent[1] if sent[0] == case[0] else []
        assert (len(rows), _chain(case[1], rows)) == (case[13], case[14])
        _replayed(case, rows, own, taken)
        count += len(rows)
        chain = next(chains, (0, []))
        due = next(deadlines, (0, [])) if own else due
        sent = next(reminders, (0, [])) if taken else sent
    return count


def _by_case(connection: sqlite3.Connection, statement: str, after: int) -> Iterator[tuple[int, list[Any]]]:
    """Yield the rows of each case that has any."""
    for case_id, rows in groupby(connection.execute(statement, (after,)), key=itemgetter(0)):
        yield case_id, list(rows)


def _chain(number: str, rows: Sequence[Any]) -> str:
    """Return the head of a chain, hashed again from its first row."""
    previous, quoted = "", json.dumps(number, ensure_ascii=False)
    for place, (_, seq, at, by, kind, before, after, clearance, body, written) in enumerate(rows, 1):
        one, other = json.dumps(before, ensure_ascii=False), json.dumps(after, ensure_ascii=False)
        text = (
            f'{{"at":{at},"body":{body},"by":{json.dumps(by, ensure_ascii=False)},"case":{quoted},'
            f'"clearance":{clearance},"from":{one},"kind":"{kind}","previous":"{previous}","seq":{seq},"to":{other}}}'
        )
        previous = sha256(text.encode()).hexdigest()
        assert (seq, previous) == (place, written)
    return previous


def _replayed(case: Sequence[Any], rows: Sequence[Any], deadlines: Sequence[Any], reminders: Sequence[Any]) -> None:
    """Put together what the rows of a case say, and compare it with the tables."""
    fields: dict[str, Any] = {}
    said: dict[tuple[str, int], tuple[Any, ...]] = {}
    begun = json.loads(rows[0][8])
    unit, first, dated_on = begun["unit"], None, begun["dated_on"]
    reminded = []
    for row in rows:
        body = json.loads(row[8])
        for name in body.get("was", ()):
            fields.pop(name, None)
        fields.update(body.get("set", ()))
        for name, each in body.get("deadlines", {}).items():
            said[name, each["round"]] = (*map(each.get, _SAID), each["extended"])
        if row[4] == "reminded":
            reminded.append((body["deadline"], body["rung"], body["level"]))
    assert fields == json.loads(case[12])
    stood = (begun["workflow"], begun["version"], rows[-1][6], unit, begun.get("parent"), first, dated_on)
    assert (*stood, rows[0][2], rows[-1][2], rows[-1][7]) == tuple(case[2:12])
    kept = {}
    for _, name, term, status, original, due_on, due_at, met_on, ledger, _, _ in deadlines:
        extended = len(json.loads(ledger)["extensions"])
        kept[name, term] = (status, original, due_on, due_at, met_on, extended)
    assert said == kept
    assert sorted(reminded) == sorted(tuple(each[1:]) for each in reminders)
