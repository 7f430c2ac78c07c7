"""While commands run, no secret stands where others of the machine look: arguments, environments, files put aside."""

import csv
import json
import os
import subprocess
import sys
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from houses import PASSPHRASE, House, built_house, house
from test_leaks import ADDRESS, FIRST, MOBILE, NAME, leaks

from documents.ledger_in.reader_process import ReaderProcess
from engine.operations.house.second_process import SecondProcess
from engine.operations.ledger.access import open_ledger
from workflows.adopted_book import AdoptedDeclarations

__all__ = ["built_house", "house"]

WATCHED = """
import json, os, sys

said = {"children": [], "put_away": [], "written": []}

def watch(event, args):
    if event == "subprocess.Popen":
        _, words, _, env = args
        said["children"].append([list(map(str, words)), dict(os.environ if env is None else env)])
    elif event in {"os.remove", "os.rename", "os.truncate"} and isinstance(args[0], (str, os.PathLike)):
        place, held = os.fspath(args[0]), args[1] if event == "os.remove" else -1
        try:
            if held != -1:
                place = os.path.join(os.readlink(f"/proc/self/fd/{held}"), place)
            with open(place, "rb") as file:
                said["put_away"].append([place, file.read().hex()])
        except OSError:
            pass  # a folder, or what is not there
    elif event == "open" and isinstance(args[0], str) and args[2] & (os.O_WRONLY | os.O_RDWR):
        said["written"].append(args[0])

sys.path.insert(0, sys.argv[1])
import cli, ctypes, resource
commands = json.loads(sys.argv[2])
sys.addaudithook(watch)
codes = []
for each in commands:
    try:
        cli.main(each)
    except SystemExit as left:
        codes.append(left.code)
said["codes"] = codes
said["image"] = [ctypes.CDLL(None).prctl(3, 0, 0, 0, 0), *resource.getrlimit(resource.RLIMIT_CORE)]
print(json.dumps(said), file=sys.stderr)
"""
"""A program that runs commands one after another and tells what Python itself said of each child that was started,
each file that was opened to write, and what stood in each that was taken away or renamed, just before that."""

OFFICE = """#!/bin/sh
tr '\\0' '\\n' < /proc/$$/environ > {seen}
printf '%s\\n' "$@" >> {seen}
for each in "$@"; do last=$each; done
cp "$last" "$TMPDIR/lu-put-aside.tmp"
[ "$1" = --version ] || printf '%%PDF-1.4 made' > "$(dirname "$last")/letter.pdf"
"""
"""Stands in for LibreOffice, whose own files are not ours: it tells what it was given, and puts something aside."""


APART = ".qingling-apart-"
"""How folders begin in which a file is written before it comes to its place; only the owner opens them."""


@pytest.fixture
def folder(house: House) -> Path:
    """Return the house's folder, with a ledger to import, who reports, and a program called soffice."""
    (house.folder / "who").write_text(f"{NAME}；联系电话：{MOBILE}；住址：{ADDRESS}", "utf-8")
    with (house.folder / "old.csv").open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows(
            [["收到时间", "线索来源", "反映的主要问题", "举报人姓名", "联系电话", "住址"],
             ["2019-06-01", "来信", "反映王五收红包", NAME, MOBILE, ADDRESS]]
        )  # fmt: skip
    for each in ("bin", "tmp", "out"):
        (house.folder / each).mkdir()
    office = house.folder / "bin" / "soffice"
    office.write_text(OFFICE.format(seen=house.folder / "out" / "seen"), "utf-8")
    office.chmod(0o755)
    return house.folder


def test_nothing_is_handed_on_or_left_aside(house: House, folder: Path) -> None:
    """Of the passphrase and of who reports nothing is in a child's words or variables, nor in what lay in a folder.

    What this cannot see: files that a library in C makes by itself, such as SQLite's own when it sorts, which have no
    name on the disk; and what LibreOffice does within the folder that it is given, which goes with it.
    """
    lead = ["--unit", "0101", "--received-on", "2019-06-28", "--source", "letter", "--real-name", "yes"]
    typed = [
        ["receive", *lead, "--reporter", f"@{folder / 'who'}", "--summary", "反映王五收红包", "--subject", "王五"],
        ["reporter", "ask", FIRST, "--reason", "x"],
        ["--by", "li", "reporter", "agree", FIRST],
        ["reporter", "open", FIRST, "--reason", "x"],
        ["import", str(folder / "old.csv"), "--unit", "0101", "--apply"],
        ["letter", "settings", "--contact", "王某", "--telephone", "0371-60000000"],
        [
            "letter",
            "issue",
            "pass_on",
            FIRST,
            "-o",
            str(folder / "out" / "letter.docx"),
            "--pdf",
            "--preview",
            "--handling-office",
            "办公室",
        ],
        ["backup", str(folder / "out" / "backup.zip")],
        ["export", "ledger", "-o", str(folder / "out" / "ledger.xlsx"), "--reason", "x"],
    ]
    env = {
        **{name: value for name, value in os.environ.items() if not name.startswith("QINGLING_")},
        "QINGLING_DATABASE": str(house.database), "QINGLING_NOW": house.now, "QINGLING_LANG": "en",
        "QINGLING_OFFICER": "wang", "QINGLING_PASSPHRASE": PASSPHRASE, "TMPDIR": str(folder / "tmp"),
        "PATH": f"{folder / 'bin'}:{os.environ['PATH']}",
    }  # fmt: skip
    words = [sys.executable, "-c", WATCHED, str(Path(__file__).parents[1]), json.dumps(typed)]
    ran = subprocess.run(words, env=env, capture_output=True, text=True, cwd=folder, check=False)
    said: dict[str, Any] = json.loads(ran.stderr.splitlines()[-1])

    assert said["codes"] == [0] * len(typed), ran.stderr[:2000]
    assert NAME in ran.stdout  # shown to whom it was opened, and only there
    assert said["image"] == [0, 0, 0]
    found = []
    for arguments, variables in said["children"]:
        found += leaks(" ".join(arguments), "\n".join(arguments).encode())
        shown = "\n".join(f"{name}={value}" for name, value in variables.items())
        found += [(arguments[0], "passphrase")] if PASSPHRASE in shown or "QINGLING_PASSPHRASE" in shown else []
    for place, content in said["put_away"]:
        if Path(place).parent.parent == folder and Path(place).parent.name.startswith(APART):
            continue  # beside the ledger, with the copy of it that goes back to its sender
        found += leaks(place, bytes.fromhex(content))
        found += [(place, "passphrase")] if PASSPHRASE.encode() in bytes.fromhex(content) else []
    assert found == []
    assert any("soffice" in arguments[0] for arguments, _ in said["children"])
    assert any("lu-put-aside" in place for place, _ in said["put_away"])
    seen = (folder / "out" / "seen").read_text("utf-8")
    assert "QINGLING_" not in seen
    assert list((folder / "tmp").iterdir()) == []
    outside = {each for each in said["written"] if not Path(each).is_relative_to(folder)} - {os.devnull}
    assert outside == set()


def shown(pid: int) -> list[bytes]:
    """Return what the system shows of a process: to everybody its arguments, to its account its environment."""
    found = [Path(f"/proc/{pid}/cmdline").read_bytes()]
    with suppress(PermissionError):  # it lets nobody look any more
        found.append(Path(f"/proc/{pid}/environ").read_bytes())
    return found


def test_what_the_system_shows_of_our_own_processes(
    house: House, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reader of a ledger that is named for a reporter, and the second one of `verify` show nothing to others."""
    monkeypatch.setenv("QINGLING_PASSPHRASE", PASSPHRASE)
    path = (folder / "old.csv").rename(folder / f"{NAME}.csv")
    with path.open("rb") as file:
        reader = ReaderProcess(path, path.stat().st_size, file, NAME)
        of_reader = shown(reader._process.pid)
        assert len(list(reader.frames())) > 1
    second = SecondProcess(partial(open_ledger, str(house.database), AdoptedDeclarations, real_now=None))
    of_second = shown(second._process.pid)
    second.close()
    assert leaks("arguments", of_reader[0]) == []
    assert [each for each in (*of_reader, *of_second) if PASSPHRASE.encode() in each] == []
    assert [each for each in of_second if b"QINGLING_" in each] == []
