"""The process that reads a file is bounded: whatever the file is, the parent gets one line, soon, and stays small."""

import io
import os
import resource
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from file_maker import archive_of, bare_xlsx, ods, xls
from ledger_maker import county_ledger, saved

from documents.ledger_in.files import frames, limits
from documents.ledger_in.files.found import Block, Plain
from documents.ledger_in.reader_process import ReaderProcess, resident
from documents.ledger_in.workbook import open_book
from engine.errors import BadFileError


def many_cells(path: Path) -> Path:
    """Save a small open document that says it repeats a cell a hundred million times."""
    cell = '<table:table-cell table:number-columns-repeated="1000"><text:p>x</text:p></table:table-cell>'
    cell = cell.replace("<table:table-cell ", '<table:table-cell office:value-type="string" ')
    return ods(path, f'<table:table-row table:number-rows-repeated="100000">{cell}</table:table-row>')


def swollen(path: Path) -> Path:
    """Save a workbook whose sheet is packed a thousand times smaller than it is."""
    return bare_xlsx(path, f"<sheetData>{' ' * 50_000_000}</sheetData>")


def many_parts(path: Path) -> Path:
    """Save an archive of more parts than any workbook has."""
    path.write_bytes(archive_of({f"xl/{n}": b"" for n in range(3000)}))
    return path


def circle(path: Path) -> Path:
    """Save an old workbook whose directory never ends: its chain of sectors runs in a circle."""
    content = bytearray(xls(path, [["线索编号"]]).read_bytes())
    directory = int.from_bytes(content[48:52], "little")
    table = int.from_bytes(content[76:80], "little")
    at = (table + 1) * 512 + 4 * directory
    content[at : at + 4] = directory.to_bytes(4, "little")
    path.write_bytes(content)
    return path


def one_line(path: Path) -> Path:
    """Save a text that is one line of fifty million characters."""
    path.write_bytes(b'a,b\n1,"' + b"x" * 50_000_000)
    return path


def far_corner(path: Path) -> Path:
    """Save a sheet whose last cell is the last that there can be."""
    return bare_xlsx(path, '<sheetData><row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>')


def entities(path: Path) -> Path:
    """Save an open document whose one word is made of a thousand million others."""
    names = "abcdefghij"
    tens = [f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in pairwise(names)]
    declared = '<!ENTITY a "lol">' + "".join(tens)
    with zipfile.ZipFile(ods(path, "")) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["content.xml"] = f"<!DOCTYPE x [{declared}]><x>&j;</x>".encode()
    path.write_bytes(archive_of(parts))
    return path


def walked(path: Path) -> None:
    """Read all rows of a file."""
    for sheet in open_book(path).sheets:
        list(sheet.open_rows())


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (many_cells, "1 GiB"),
        (swollen, "解压"),
        (many_parts, "解压"),
        (circle, "已损坏"),
        (one_line, "引号"),
        (far_corner, "XFD1048576"),
        (entities, "已损坏"),
    ],
)
def test_a_hostile_file_is_one_line(tmp_path: Path, made: Callable[[Path], Path], said: str) -> None:
    """A file made to exhaust its reader is refused in one line, in ten seconds, and the parent grows by nothing."""
    path = made(tmp_path / "a")
    before, begun = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
    with pytest.raises(BadFileError, match=said) as refused:
        walked(path)

    assert "\n" not in str(refused.value)
    assert str(path) in str(refused.value)
    assert time.monotonic() - begun < 10
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 * 1024


def test_the_reader_holds_its_limits() -> None:
    """The reader's first act is to take from itself what it does not need: memory, time, files, writing."""
    code = (
        "import resource, sys; from documents.ledger_in.files import limits\n"
        "assert limits.keep_within(3 << 20)\n"
        "for name in ('AS', 'CPU', 'NOFILE', 'FSIZE', 'CORE'):\n"
        "    print(*resource.getrlimit(getattr(resource, f'RLIMIT_{name}')))"
    )
    said = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, cwd=Path(__file__).parents[1]
    ).stdout.splitlines()

    assert said == ["1073741824 1073741824", "14 15", "16 16", "0 0", "0 0"]


def test_the_reader_loads_no_more_than_reading_needs() -> None:
    """The engine, its declarations and its database are not in the process that touches a file from elsewhere."""
    code = "import sys; from documents.ledger_in.files import reader, workbooks, plain_text; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, cwd=Path(__file__).parents[1]
    ).stdout.split()

    assert {each for each in loaded if each.startswith(("engine", "yaml", "sqlalchemy", "openpyxl", "click"))} == set()


def processes() -> set[str]:
    """Return the children of this process that have not been waited for."""
    return set(Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split())


@pytest.mark.skipif(sys.platform != "linux", reason="asks /proc")
def test_no_process_is_left_behind(tmp_path: Path) -> None:
    """A book that is dropped half read, one that is read whole and one that is refused leave no process behind."""
    before = processes()
    long = saved(tmp_path / "a.xlsx", [["线索编号", "备注"], *([n, "x"] for n in range(5000))])
    walk = open_book(long).sheets[0].open_rows()
    assert next(walk) == ["线索编号", "备注"]
    assert processes() != before
    del walk
    assert processes() == before
    assert len(list(open_book(long).sheets[0].open_rows())) == 5001
    assert processes() == before


def all_frames(path: Path) -> list[bytes]:
    """Return what the reader says of a file, frame by frame."""
    with path.open("rb") as file:
        process = ReaderProcess(path, path.stat().st_size, file, None)
        return [frames.frame(kind, frames.body_of(payload)) for kind, payload in process.frames()]


def test_a_reader_that_falls_silent_anywhere_is_a_failure(tmp_path: Path) -> None:
    """Cut after any frame or inside one, what was said ends without its last frame: never a whole ledger."""
    said = all_frames(county_ledger(tmp_path / "a.xlsx"))
    assert said[-1][:1] == frames.END
    whole = b"".join(said)
    for cut in {sum(map(len, said[:n])) - back for n in range(1, len(said) + 1) for back in (0, 1)} - {len(whole)}:
        stream = io.BytesIO(whole[:cut])
        kinds = []
        while (found := frames.read_frame(stream)) is not None:
            kinds.append(found[0])
        assert frames.END not in kinds


@pytest.mark.parametrize(
    "body",
    [
        {}, {"rows": 5}, {"rows": [5]}, {"rows": [[{}]]}, {"rows": [[["x"]]]}, {"rows": [[None]], "dates": {"0": [5]}},
        {"rows": [[None]], "dates": {"9": ["2019-06-03"]}}, {"rows": [[None]], "dates": {"0": ["2019-02-30"]}},
        {"rows": [[None]], "dates": {"x": []}}, {"rows": [], "errors": [[1]]}, {"rows": [], "hidden": ["x"]},
        {"rows": [[None]], "dates": {"0": ["P1e999"]}}, {"rows": [], "dates": []},
    ],
)  # fmt: skip
def test_what_the_reader_says_is_checked(body: dict[str, object]) -> None:
    """A frame that holds anything but cells is refused: its writer may be in the hands of the file."""
    with pytest.raises(frames.BrokenFrameError):
        frames.block_of(body)


def test_a_frame_longer_than_any_may_be_is_not_waited_for() -> None:
    """The length that a frame states is believed up to a limit."""
    too_long = frames._HEADER.pack(frames.ROWS, limits.LONGEST_FRAME + 1)

    with pytest.raises(frames.BrokenFrameError):
        frames.read_frame(io.BytesIO(too_long))


def test_cells_of_every_kind_pass_the_pipe() -> None:
    """What goes in comes out, dates, times and spans of time, odd numbers and half characters included."""
    from datetime import date, datetime, time, timedelta

    row: list[Plain] = [
        "文",
        1.0,
        2,
        True,
        None,
        date(2019, 6, 3),
        datetime(2019, 6, 3, 1, 2, 3, 4000),
        time(6),
        timedelta(1, 5),
    ]
    sent = Block([[*row], ["x", *row[1:]], ["short"]], [(0, 1, "#REF!")], [(2, 0)], [1], [2])
    stream = io.BytesIO(frames.rows_frame(frames.ROWS, 3, Block([[*each] for each in sent.rows], *sent[1:])))
    found = frames.read_frame(stream)
    assert found is not None
    assert frames.block_of(frames.body_of(found[1])) == sent

    odd = frames.rows_frame(frames.ROWS, 0, Block([[float("inf"), 1 << 70, "\ud800"]]))
    found = frames.read_frame(io.BytesIO(odd))
    assert found is not None
    assert frames.block_of(frames.body_of(found[1])).rows == [["inf", str(1 << 70), "?"]]


BEGUN = (
    "import sys, os, resource; sys.path.insert(0, sys.argv.pop(1)); from documents.ledger_in.files import frames\n"
    "os.write(1, frames.frame(frames.READY, {}))\n"
)
"""A reader that has started, and then does something else."""


@pytest.mark.parametrize(
    ("then", "said"),
    [
        ("resource.setrlimit(resource.RLIMIT_CPU, (1, 2))\nwhile True: pass", "读取超过 8 秒"),
        ("os.kill(os.getpid(), 9)", "读取超过 8 秒"),
        ("os.abort()", "1 GiB"),
        ("raise MemoryError", "1 GiB"),
        ("os.kill(os.getpid(), 11)", "已损坏"),
        ("sys.exit(0)", "已损坏"),
        ("os.write(1, b'BXXXX')", "已损坏"),
        ("os.write(1, frames.frame(frames.BOOK, {}))", "已损坏"),
        ("os.write(1, frames.frame(frames.BOOK, {'sheets': 5}))", "已损坏"),
        ("os.write(1, frames.frame(frames.ROWS, {}))", "已损坏"),
        ("os.write(1, frames.frame(frames.FAILED, {'why': 'x'}))", "已损坏"),
        ("os.write(1, frames.frame(frames.FAILED, {'why': 'far'}))", "一直延伸到"),
    ],
)
def test_however_the_reader_ends_it_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, then: str, said: str
) -> None:
    """Killed, aborted, out of time, out of memory, silent or talking nonsense: one line that says which."""
    monkeypatch.setattr("documents.ledger_in.reader_process._PROGRAM", BEGUN + then)
    with pytest.raises(BadFileError, match=said):
        open_book(saved(tmp_path / "a.xlsx", [["线索编号"]]))


def test_a_reader_that_keeps_one_waiting_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader that says nothing for too long is ended, and the line says how long that was."""
    monkeypatch.setattr(limits, "waiting_seconds", lambda _: 1)
    monkeypatch.setattr("documents.ledger_in.reader_process._PROGRAM", BEGUN + "import time; time.sleep(60)")
    with pytest.raises(BadFileError, match="读取超过 1 秒"):
        open_book(saved(tmp_path / "a.xlsx", [["线索编号"]]))


def test_the_size_of_a_process_can_be_asked() -> None:
    """Where the system enforces no limit of memory, the size of the reader is looked at from outside."""
    assert resident(os.getpid()) > 1 << 20
    assert resident(2**22 + 1) == 0


def test_a_reader_that_does_not_start_is_no_fault_of_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader that cannot run is a fault of the program, and no file is called damaged for it."""
    monkeypatch.setattr("documents.ledger_in.reader_process._PROGRAM", "import nothing_of_this_name")
    with pytest.raises(RuntimeError, match="nothing_of_this_name"):
        open_book(saved(tmp_path / "a.xlsx", [["线索编号"]]))
