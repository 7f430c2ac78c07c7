"""Reminders and a spreadsheet beside programs of a few lines that keep the same promise and know no rules.

These floors write nothing that was noted of ours: their statements are their own.
"""

import hashlib
import json
import sqlite3
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from xml.sax.saxutils import escape

from benchmarks.ground import NOW, OFFICER, build, copied, fill, opened
from benchmarks.measuring import Finding, paired, seconds
from benchmarks.recording import plain_connection
from engine.operations.deadlines.sweep import CHUNK, sweep
from engine.working_days.instants import microseconds

LATER = NOW + timedelta(days=1)


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
