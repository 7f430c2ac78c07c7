"""Steps, reminders and a spreadsheet beside programs of a few lines that keep the same promise and know no rules.

These floors write nothing that was noted of ours: their statements are their own. They are given what ours decides:
in which state a lead comes, which deadlines begin and end, on which day.
"""

import hashlib
import itertools
import json
import sqlite3
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple
from xml.sax.saxutils import escape

from benchmarks.ground import NOW, OFFICER, build, copied, fill, opened
from benchmarks.measuring import Finding, paired, seconds
from benchmarks.recording import plain_connection
from engine.operations.cases.casework import advance
from engine.operations.deadlines.sweep import CHUNK, sweep
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.ledger import Ledger
from engine.working_days.instants import microseconds

LATER = NOW + timedelta(days=1)
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

Row = tuple[Any, ...]


class _RowSaid(NamedTuple):
    """One journal row of a step: what a floor must know to write it."""

    number: str
    kind: str
    body: Mapping[str, Any]
    to_state: str
    clearance: int


def steps(folder: Path, *, leads: int, rounds: int, times: int) -> Finding:
    """Measure durable steps of many kinds, some of children, with many messages waiting."""
    base = folder / f"mixed-{leads}.db"
    if not base.exists():
        build(str(base))
        fill(str(base), leads, assigned=False)
        _crowd(str(base))
    with closing(plain_connection(str(base))) as plain:
        numbers = [row[0] for row in plain.execute("SELECT number FROM cases ORDER BY id")][:: leads // (4 * times + 8)]
    warming, walked = numbers[:4], numbers[4 : 4 + 4 * times]
    said = _said(copied(base, "said.db"), [*warming, *walked])
    count = sum(map(len, _ROADS)) * times
    warm = said[: len(said) - count]

    def ours() -> float:
        ledger = opened(copied(base, "ours.db"))
        with closing(ledger.store):
            _walk(ledger, warming, lambda: None)
            return seconds(lambda: _walk(ledger, walked, lambda: None)) / count

    def floor() -> float:
        with closing(plain_connection(copied(base, "floor.db"))) as plain:
            _plain_steps(plain, warm)
            return seconds(lambda: _plain_steps(plain, said[len(warm) :])) / count

    return paired(
        f"durable steps of {len({name for road in _ROADS for name, *_ in road})} kinds, {_WAITING:,} messages waiting"
        f" ({leads:,} leads)",
        "sqlite3 in statements of its own: reading the case and its deadlines, hashing, writing",
        ours,
        floor,
        at_most=2.0,
        rounds=rounds,
    )


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
            acting = Acting(ledger, OFFICER, LATER + timedelta(minutes=place))
            done = advance(acting, child if of else number, trigger, given)
            child = done.opened[0].number if done.opened else child
            after()


def _said(url: str, numbers: Sequence[str]) -> list[list[_RowSaid]]:
    """Return what the journal says of each step once ours has taken it."""
    said: list[list[_RowSaid]] = []
    asked = (
        "SELECT c.number, j.kind, j.body, j.to_state, j.clearance FROM journal j JOIN cases c ON c.id = j.case_id"
        " WHERE j.rowid > ? ORDER BY j.rowid"
    )
    ledger = opened(url)
    with closing(ledger.store):
        store = ledger.store
        last = [store.value("SELECT max(rowid) FROM journal")]

        def note() -> None:
            found = store.query(asked, (last[-1],))
            said.append([_RowSaid(n, kind, json.loads(body), to, count) for n, kind, body, to, count in found])
            last.append(store.value("SELECT max(rowid) FROM journal"))

        _walk(ledger, numbers, note)
    return said


def _plain_steps(plain: sqlite3.Connection, said: Sequence[Sequence[_RowSaid]]) -> None:
    """Write what steps come to."""
    for each in said:
        _plain_step(plain, each)


def _plain_step(plain: sqlite3.Connection, rows: Sequence[_RowSaid]) -> None:
    """Write what one step comes to, in a commit of its own."""
    run = plain.execute
    run("BEGIN IMMEDIATE")
    for said in rows:
        at = microseconds(LATER)
        if said.kind == "opened":
            found = _plain_child(plain, said, at)
        else:
            found = run(
                "SELECT id, state, fields, revision, head FROM cases WHERE number = ?", (said.number,)
            ).fetchone()
        case_id, state, fields, revision, head = found
        text = json.dumps(said.body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        hashed = hashlib.sha256(f"{head}{said.number}{revision + 1}{at}{said.kind}{text}".encode()).hexdigest()
        values = {**json.loads(fields), **said.body.get("set", {})}
        changed = run(
            "UPDATE cases SET state = ?, clearance = ?, fields = ?, changed_at = ?, revision = revision + 1, head = ?"
            " WHERE id = ? AND revision = ?",
            (
                said.to_state,
                said.clearance,
                json.dumps(values, ensure_ascii=False, sort_keys=True),
                at,
                hashed,
                case_id,
                revision,
            ),
        )
        assert changed.rowcount == 1
        run(
            "INSERT INTO journal (case_id, seq, at, by, kind, from_state, to_state, clearance, body, hash)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (case_id, revision + 1, at, OFFICER, said.kind, state, said.to_state, said.clearance, text, hashed),
        )
        for name, each in said.body.get("deadlines", {}).items():
            _plain_deadline(plain, case_id, name, each, at)
    run("COMMIT")


def _plain_child(plain: sqlite3.Connection, said: _RowSaid, at: int) -> Row:
    """Number and write a child."""
    plain.execute(
        "INSERT INTO counters (series, last) VALUES (?, 1) ON CONFLICT (series) DO UPDATE SET last = counters.last + 1",
        (f"{said.number[:-4]}{{serial}}",),
    )
    (case_id,) = plain.execute(
        "INSERT INTO cases (number, workflow, version, state, unit_id, dated_on, opened_at, changed_at, clearance,"
        " fields, revision, head) VALUES (?, ?, 1, ?, 1, ?, ?, ?, 0, '{}', 0, '') RETURNING id",
        (said.number, said.body["workflow"], said.to_state, _TODAY, at, at),
    ).fetchone()
    return case_id, None, "{}", 0, ""


def _plain_deadline(plain: sqlite3.Connection, case_id: int, name: str, each: Mapping[str, Any], at: int) -> None:
    """Write how a deadline stands: changed if there is one of that round, else begun."""
    ended_at = at if each["status"] > 1 else None
    wanted = (each["status"], each["due_on"], ended_at, at + 1, case_id, name, each["round"])
    changed = plain.execute(
        "UPDATE deadlines SET status = ?, due_on = ?, ended_at = ?, next_at = ?"
        " WHERE case_id = ? AND name = ? AND round = ?",
        wanted,
    )
    if not changed.rowcount:
        plain.execute(
            "INSERT INTO deadlines (case_id, name, round, status, starts_at, original_due_on, due_on, ledger, calendar,"
            " provisional, arming, rung, next_at) VALUES (?, ?, ?, ?, ?, ?, ?, '{}', 'china', 0, 0, 0, ?)",
            (case_id, name, each["round"], each["status"], at, each["due_on"], each["due_on"], at + 1),
        )


def reminders(folder: Path, *, leads: int, due: int, rounds: int) -> Finding:
    """Measure a sweep against one loop that finds what is due and writes reminder, journal, message and next rung."""
    base = folder / f"due-{leads}-{due}.db"
    if not base.exists():
        build(str(base))
        fill(str(base), leads, assigned=True, due=due)

    def ours() -> float:
        ledger = opened(copied(base, "ours.db"))
        ledger.rules("lead")
        with closing(ledger.store):
            return seconds(lambda: sweep(ledger, now=LATER))

    def floor() -> float:
        with closing(plain_connection(copied(base, "floor.db"))) as plain:
            return seconds(lambda: _plain_sweep(plain))

    return paired(
        f"reminders: {due:,} due of {leads:,} leads",
        "sqlite3 in statements of its own: finding, hashing, one digest, the same commits",
        ours,
        floor,
        at_most=3.0,
        rounds=rounds,
    )


def _plain_sweep(plain: sqlite3.Connection) -> None:
    """Remind one officer of all that is due."""
    at, never = microseconds(LATER), microseconds(LATER + timedelta(days=30))
    lines: list[str] = []
    while True:
        plain.execute("BEGIN IMMEDIATE")
        found = plain.execute(
            "SELECT d.id, d.name, d.due_on, d.arming, d.rung, c.id, c.number, c.state, c.clearance, c.revision, c.head"
            " FROM deadlines d JOIN cases c ON c.id = d.case_id WHERE d.status = 0 AND d.next_at <= ?"
            " ORDER BY d.next_at LIMIT ?",
            (at, CHUNK),
        ).fetchall()
        journal, heads, claims, refs = [], [], [], []
        for deadline_id, name, due_on, arming, rung, case_id, number, state, clearance, revision, head in found:
            body = json.dumps({"deadline": name, "due_on": due_on, "rung": rung, "to": [OFFICER]})
            hashed = hashlib.sha256(f"{head}{number}{revision + 1}{at}{body}".encode()).hexdigest()
            journal.append((case_id, revision + 1, at, "reminded", state, state, clearance, body, hashed))
            heads.append((at, revision + 1, hashed, case_id))
            claims.append((deadline_id, rung, arming, at, at))
            refs.append((deadline_id, arming, rung))
            lines.append(json.dumps({"number": number, "deadline": name, "due": due_on, "ref": refs[-1]}))
        plain.executemany(
            "INSERT INTO journal (case_id, seq, at, by, kind, from_state, to_state, clearance, body, hash)"
            " VALUES (?, ?, ?, 'x', ?, ?, ?, ?, ?, ?)",
            journal,
        )
        plain.executemany("UPDATE cases SET changed_at = ?, revision = ?, head = ? WHERE id = ?", heads)
        plain.executemany("UPDATE deadlines SET rung = rung + 1, next_at = ? WHERE id = ?",
                          [(never, each[0]) for each in claims])  # fmt: skip
        plain.executemany("INSERT INTO reminders (deadline_id, rung, arming, level, outcome, due_at, at)"
                          " VALUES (?, ?, ?, 'reminder', 'sent', ?, ?)", claims)  # fmt: skip
        if found:
            (outbox_id,) = plain.execute(
                "INSERT INTO outbox (key, kind, recipient, payload, created_at, status, attempts, next_try_at,"
                " open_lines) VALUES (?, 'digest', ?, ?, ?, 0, 0, ?, ?) RETURNING id",
                (f"x/{claims[0][0]}", OFFICER, f"[{','.join(lines)}]", at, at, len(lines)),
            ).fetchone()
            plain.executemany("INSERT INTO digest_lines (deadline_id, arming, rung, outbox_id) VALUES (?, ?, ?, ?)",
                              [(*each, outbox_id) for each in refs])  # fmt: skip
            lines.clear()
        plain.execute("COMMIT")
        if len(found) < CHUNK:
            return


def bare_sheet(file: Path, cells: Sequence[object], rows: int) -> None:
    """Write a spreadsheet of the same row again and again, by nothing but zip and XML."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as made:
        for name, text in _PARTS.items():
            made.writestr(name, text)
        with made.open("xl/worksheets/sheet1.xml", "w") as sheet:
            sheet.write(f'<worksheet xmlns="{_MAIN}"><sheetData>'.encode())
            for start in range(0, rows, 1000):
                sheet.write("".join(_bare_rows(cells, range(start, min(start + 1000, rows)))).encode())
            sheet.write(b"</sheetData></worksheet>")


def _bare_rows(cells: Sequence[object], places: range) -> Iterator[str]:
    """Yield rows as XML."""
    for place in places:
        row = "".join(
            '<c s="1"/>' if value is None
            else f'<c s="1"><v>{value}</v></c>' if isinstance(value, int | float)
            else f'<c s="1" t="inlineStr"><is><t xml:space="preserve">{escape(str(value))}</t></is></c>'
            for value in cells
        )  # fmt: skip
        yield f'<row r="{place + 1}" ht="36" customHeight="1">{row}</row>'


_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels"'
    ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPES}.sheet.main+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_TYPES}.styles+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPES}.worksheet+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r1"'
    f' Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="r1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="r2" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
    '<sheet name="x" sheetId="1" r:id="r1"/></sheets></workbook>',
    "xl/styles.xml": f'<styleSheet xmlns="{_MAIN}"><fonts count="1"><font/></fonts>'
    '<fills count="1"><fill><patternFill patternType="none"/></fill></fills>'
    '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="2"><xf/>'
    '<xf applyAlignment="1"><alignment wrapText="1" vertical="center"/></xf></cellXfs></styleSheet>',
}
