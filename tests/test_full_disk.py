"""On a full disk or a used-up quota: one line, nothing half written, nothing journaled that was not done."""

import os
import resource
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from houses import House, built_house, house

__all__ = ["built_house", "house"]

ROOT = Path(__file__).resolve().parent.parent
NUMBER = "0101-XS-2019-0001"
SMALL = 3 << 20
"""Bytes of the small disk."""
QUOTA = 100
"""Bytes that a file may have at most where no small disk can be mounted: less than any that we write."""


@pytest.fixture(scope="module")
def told_once(built_house: Path, tmp_path_factory: pytest.TempPathFactory) -> House:
    """Return a house with a lead, a letterhead, a channel into a folder, and files to write from."""
    house = House(Path(shutil.copytree(built_house, tmp_path_factory.mktemp("told") / "house")))
    house.assigned(house.lead())
    house.done("letter", "settings", "--code", "示卫", "--contact", "王某", "--telephone", "000", "--superior", "市局")
    (house.folder / "ledger.csv").write_text(
        "线索编号,收到时间,来源,反映内容\n1,2019-06-01,letter,甲\n2,昨天,letter,乙\n", "utf-8"
    )
    (house.folder / "paper.txt").write_text("what was found " * 99, "utf-8")
    (house.folder / "kept.txt").write_text("what was attached " * 99, "utf-8")
    house.done("attach", NUMBER, str(house.folder / "kept.txt"))
    house.done("journal", "checkpoint")
    house.done("backup", str(house.folder / "good.db"))
    return house


@pytest.fixture
def told(told_once: House, tmp_path: Path) -> House:
    """Return a fresh one."""
    return House(Path(shutil.copytree(told_once.folder, tmp_path / "house")))


@pytest.fixture
def full(tmp_path: Path) -> Iterator[Path]:
    """Return the folder of a small disk that is full to the last byte."""
    folder = tmp_path / "full"
    folder.mkdir()
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("only root can mount a small disk; the quota is tried all the same")
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SMALL}", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if made.returncode:
        pytest.skip(f"no small disk can be mounted: {made.stderr.decode().strip()}")
    try:
        _fill(folder)
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def _fill(folder: Path) -> None:
    """Write until there is no more room."""
    with (folder / "ballast").open("wb", buffering=0) as stream:
        while True:
            try:
                stream.write(b"\0" * 4096)
            except OSError:
                return


COMMANDS: dict[str, tuple[str, ...]] = {
    "backup": ("backup", "{out}/copy.db"),
    "export xlsx": ("export", "ledger", "-o", "{out}/a.xlsx"),
    "export csv": ("export", "ledger", "-o", "{out}/a.csv"),
    "export json": ("export", "ledger", "-o", "{out}/a.json"),
    "event log xes": ("export", "xes", "-o", "{out}/a.xes"),
    "event log ocel": ("export", "ocel", "-o", "{out}/a.json"),
    "event log csv": ("export", "csv", "-o", "{out}/a.csv"),
    "report html": ("report", "monthly", "--period", "2019-06", "-o", "{out}/a.html"),
    "report xlsx": ("report", "monthly", "--period", "2019-06", "-o", "{out}/a.xlsx"),
    "report docx": ("report", "monthly", "--period", "2019-06", "-o", "{out}/a.docx"),
    "letter": ("letter", "pass_on", NUMBER, "-o", "{out}/a.docx", "--handling-office", "医政股"),
    "template": ("letter", "template", "pass_on", "-o", "{out}/a.docx"),
    "freeze": ("zero", "yearly", "--year", "2019", "--freeze", "-o", "{out}"),
    "marked copy": ("import", "{house}/ledger.csv", "--unit", "0101", "--apply", "--marked", "{out}/a.xlsx"),
    "mapping": ("import", "{house}/ledger.csv", "--unit", "0101", "--map-to", "{out}/map.yaml"),
    "drawing": ("workflow", "graph", "lead", "-o", "{out}/a.svg"),
    "workflow of one's own": ("workflow", "new", "leave", "-o", "{out}/leave.yaml"),
    "case file": ("case-file", NUMBER, "-o", "{out}/a.docx", "--reason", "archive"),
    "kept file": ("attach", NUMBER, "--get", "kept.txt", "--out", "{out}/a.txt"),
    "checkpoint": ("journal", "checkpoint", "-o", "{out}/a.txt"),
    "proof": ("journal", "prove", NUMBER, "-o", "{out}/a.txt"),
    "witness": ("journal", "witness", "--folder", "{out}/kept", "--name", "w.invalid"),
    "key": ("reporter", "key", "--key-file", "{out}/a.key", "--passphrase-file", "{house}/passphrase.txt",
            "--old-passphrase-file", "{house}/passphrase.txt"),
    "restore": ("--database", "{out}/again.db", "restore", "{house}/good.db"),
    "daily backup": ("run", "--once", "--backup-to", "{out}/kept"),
    "init": (
        "--database", "{out}/new.db", "init", "--rehearsal", "--not-classified", "--name", "x", "--unit", "1",
        "--unit-name", "x", "--officer", "a", "--officer-name", "x", "--passphrase-file", "{house}/passphrase.txt",
    ),
    "demo": ("demo", "{out}/demo"),
}  # fmt: skip
"""Every command that writes a file, into a folder on the disk that is full."""


def journaled(house: House) -> list[tuple[str, str]]:
    """Return every row of the journal."""
    with closing(sqlite3.connect(house.database)) as connection:
        return connection.execute("SELECT kind, body FROM journal ORDER BY case_id, seq").fetchall()


def cases(house: House) -> int:
    """Return how many cases there are."""
    with closing(sqlite3.connect(house.database)) as connection:
        count: int = connection.execute("SELECT count(*) FROM cases").fetchone()[0]
        return count


def files(folder: Path) -> set[str]:
    """Return what lies in a folder, hidden or not."""
    return {str(each.relative_to(folder)) for each in folder.rglob("*")}


@pytest.mark.parametrize("kind", COMMANDS)
def test_a_full_disk(told: House, full: Path, kind: str) -> None:
    """One line that names the trouble; nothing is left there, and the journal does not say that it was done."""
    args = [each.format(out=full, house=told.folder) for each in COMMANDS[kind]]
    before, there, count = journaled(told), files(full), cases(told)

    result = told.run(*args)

    _refused(result.exit_code, result.stderr)
    assert files(full) - {"demo", "kept"} == there
    if kind != "daily backup":  # its sweep and its returns are done before
        assert journaled(told) == before
        assert cases(told) == count


@pytest.mark.parametrize("kind", [each for each in COMMANDS if each not in {"daily backup", "demo", "witness"}])
def test_a_quota_that_is_used_up(told: House, tmp_path: Path, kind: str) -> None:
    """Where no file may grow, not even the ledger's own, it is the same."""
    out = tmp_path / "out"
    out.mkdir()
    args = [each.format(out=out, house=told.folder) for each in COMMANDS[kind]]
    before, count = journaled(told), cases(told)
    env = {name: value for name, value in os.environ.items() if not name.startswith("QINGLING_")}
    env |= {"QINGLING_DATABASE": str(told.database), "QINGLING_NOW": told.now, "QINGLING_LANG": "en",
            "QINGLING_OFFICER": "wang", "PYTHONDONTWRITEBYTECODE": "1"}  # fmt: skip

    ended = subprocess.run(
        [sys.executable, str(ROOT / "cli.py"), *args], env=env, cwd=told.folder, capture_output=True, text=True,
        check=False, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (QUOTA, QUOTA)),
    )  # fmt: skip

    _refused(ended.returncode, ended.stderr)
    assert files(out) == set()
    assert (journaled(told), cases(told)) == (before, count)


def _refused(code: int, said: str) -> None:
    """Look that a refusal is one line, no fault of the program, and says that there is no room."""
    assert code in {11, 12}, said
    assert "Traceback" not in said
    assert "fault of the program" not in said
    lines = [each for each in said.splitlines() if each.startswith("Error: ")]
    assert len(lines) == 1, said
    assert any(
        words in lines[0] for words in ("No space left", "File too large", "is full", "disk error", "not enough")
    ), said


def test_messages_wait_while_a_disk_is_full(told: House, full: Path) -> None:
    """A folder that takes no message is a channel that is down: the message waits, and nothing is left half written."""
    told.done("officer", "contact", "wang", "trial=x")
    (told.folder / "ledger-channels.yaml").write_text(f"channels: {{trial: {{family: file, folder: {full}}}}}", "utf-8")
    there = files(full)

    result = told.run("outbox", "test", "--to", "wang")

    assert result.exit_code in {0, 40}, result.output
    assert "Traceback" not in result.output
    assert files(full) == there


def test_an_attached_file_on_a_full_disk(told: House, full: Path) -> None:
    """It is not kept by half, and the case does not say that it has it."""
    before, there = journaled(told), files(full)

    result = told.run("attach", NUMBER, str(told.folder / "paper.txt"), env={"QINGLING_FILES": str(full / "files")})

    _refused(result.exit_code, result.stderr)
    assert {each for each in files(full) if (full / each).is_file()} == there
    assert journaled(told) == before


def test_a_ledger_on_a_full_disk(told: House, full: Path) -> None:
    """A ledger that cannot grow refuses in one line, keeps what it has, and takes the lead once there is room."""
    (full / "ballast").unlink()
    ledger = House(full)
    shutil.copy(told.database, ledger.database)
    before = ledger.found("list")
    _fill(full)
    refused = None
    for _ in range(200):
        refused = ledger.run(
            "receive", "--unit", "0101", "--received-on", "2019-06-28", "--source", "letter", "--summary", "x" * 9999
        )
        if refused.exit_code:
            break

    assert refused is not None
    _refused(refused.exit_code, refused.stderr)
    (full / "ballast").unlink()
    ledger.lead()
    assert len(ledger.found("list")) > len(before)
    shutil.copytree(told.folder / "ledger-files", full / "ledger-files")
    ledger.done("journal", "verify")
