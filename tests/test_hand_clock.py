"""A clock set by hand: for questions and rehearsals; elsewhere only as its keeper allowed it, and it is always told."""

import csv
import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import openpyxl
import psycopg
import pytest
from docx import Document
from houses import LEAD, PASSPHRASE, House, built_house, house

from commands.console import wall_clock
from engine.operations.ledger.hand_clock import REHEARSAL

__all__ = ["built_house", "house"]

AHEAD = (datetime.now(UTC) + timedelta(days=300)).strftime("%Y-%m-%dT%H:%M+00:00")
BACK = (datetime.now(UTC) - timedelta(days=3)).strftime("%Y-%m-%dT%H:%M+00:00")
SOON = (datetime.now(UTC) + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M+00:00")
EN, ZH = REHEARSAL.en, REHEARSAL.zh


@dataclass
class Real:
    """A ledger that is no rehearsal, on one of the databases, and the commands that are run in it."""

    house: House
    url: str

    def run(self, *args: str, now: str = "", by: str = "wang", lang: str = "en") -> Any:
        """Run a command, by the clock unless *now* sets it."""
        kept = str(self.house.folder / "kept-files")
        env = {"QINGLING_DATABASE": self.url, "QINGLING_NOW": now, "QINGLING_FILES": kept}
        return self.house.run(*args, by=by, lang=lang, env=env)

    def done(self, *args: str, now: str = "", by: str = "wang") -> str:
        """Run a command that must succeed, and return what it prints."""
        result = self.run(*args, now=now, by=by)
        assert result.exit_code == 0, result.output
        return str(result.stdout).strip()

    def refused(self, *args: str, now: str = "", by: str = "wang") -> str:
        """Run a command that must be refused in one line, and return that."""
        result = self.run(*args, now=now, by=by)
        assert result.exit_code == 21, result.output
        (line,) = result.stderr.strip().splitlines()
        return str(line)

    def receive(self, now: str = "") -> str:
        """Register a lead."""
        return self.done("receive", "--unit", "0101", *LEAD, now=now)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Return what a statement finds in the tables."""
        if self.url.startswith("postgresql"):
            with psycopg.connect(self.url) as served:
                return served.execute(query.encode()).fetchall()
        with closing(sqlite3.connect(self.url)) as connection:
            return connection.execute(query).fetchall()

    def count(self) -> int:
        """Return how many rows the journal has."""
        return int(self.rows("SELECT COUNT(*) FROM journal")[0][0])

    def alter(self, statement: str) -> None:
        """Change a table past the program, as who has the file or the password can."""
        if self.url.startswith("postgresql"):
            with psycopg.connect(self.url) as served:
                served.execute("SET session_replication_role = replica")
                served.execute(statement.encode())
            return
        with closing(sqlite3.connect(self.url, isolation_level=None)) as connection:
            for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
                connection.execute(f'DROP TRIGGER "{name}"')
            connection.execute(statement)


@pytest.fixture
def real(empty_url: str, tmp_path: Path) -> Real:
    """Return a real ledger on each database in turn, founded by the clock."""
    folder = tmp_path / "real"
    folder.mkdir()
    (folder / "passphrase.txt").write_text(PASSPHRASE + "\n", "utf-8")
    found = Real(House(folder), empty_url)
    found.done(
        "init", "--not-classified", "--name", "某县卫健局", "--unit", "0101", "--unit-name", "县医院",
        "--officer", "wang", "--officer-name", "王某", "--passphrase-file", str(folder / "passphrase.txt"),
        "--key-file", str(folder / "custodian.key"),
    )  # fmt: skip
    (folder / "password.txt").write_text("violin gravel sunday maple\n", "utf-8")
    found.done("credential", "password", "--password-file", str(folder / "password.txt"))
    found.done("login", "--password-file", str(folder / "password.txt"))
    found.done("credential", "demand", "asserted", "--reason", "these are about the clock")
    found.done("logout")
    found.done("officer", "add", "zhao", "赵某", "--role", "verifier", "--unit", "0101")
    return found


def test_nothing_is_written_at_an_instant_set_by_hand(real: Real, tmp_path: Path) -> None:
    """Ahead or back, by option or variable: every command that writes is refused in one line, and writes nothing."""
    number = real.receive()
    stood = real.count()
    channels = tmp_path / "real" / "ledger-channels.yaml"
    channels.write_text("channels:\n  trial: {family: file, folder: letters}\n", "utf-8")
    for words in (
        ("receive", "--unit", "0101", *LEAD),
        ("note", number, "x"),
        ("advance", number, "assign", "--responsible-leader", "wang", "--handler", "zhao"),
        ("void", number, "--reason", "x"),
        ("attach", number, str(channels)),
        ("unit", "add", "0102", "县中医院"),
        ("officer", "grant", "zhao", "auditor"),
        ("sweep",),
        ("run", "--once"),
        ("backup", str(tmp_path / "x.db")),
        ("export", "ledger", "-o", str(tmp_path / "x.xlsx")),
    ):
        assert "no rehearsal" in real.refused(*words, now=AHEAD), words
        assert "no rehearsal" in real.refused(*words, "--now", BACK), words

    assert real.count() == stood
    assert not list(tmp_path.glob("x.*"))
    assert not list(tmp_path.rglob("*-files/**/*"))


def test_a_clock_put_ahead_and_back_spoils_no_lead(real: Real) -> None:
    """Forward by most of a year and back again: nothing is dated ahead, and `list` and `zero` say the same."""
    number = real.receive()
    real.refused("note", number, "tomorrow", now=AHEAD)
    real.done("note", number, "today")
    day = datetime.now(UTC).date() + timedelta(days=1)
    latest = max(row[0] for row in real.rows("SELECT at FROM journal"))

    assert datetime.fromtimestamp(latest / 1e6, UTC).date() <= day
    assert [each["state"] for each in json.loads(real.done("list", "--json"))] == ["received"]
    asked = real.run("zero", "lead_limits", "--year", str(datetime.now(UTC).year), "--json")
    assert asked.exit_code in (2, 20, 30), asked.output


def test_a_question_may_be_asked_of_any_day(real: Real) -> None:
    """`list`, `show`, `deadline list`, `journal log` and a dry run answer as of a clock set by hand."""
    number = real.receive()
    for words in (("list",), ("show", number), ("deadline", "list"), ("journal", "log"), ("journal", "verify")):
        real.done(*words, now=AHEAD)
    late = json.loads(real.done("show", number, "--json", now=AHEAD))["deadlines"][0]

    assert late["late_by"] is not None
    moved = ("advance", number, "assign", "--responsible-leader", "wang", "--handler", "zhao", "--dry-run")
    assert "Assigned" in real.done(*moved, now=AHEAD)


def test_a_real_ledger_is_not_founded_by_hand(tmp_path: Path) -> None:
    """`init` at an instant set by hand is refused unless it is for rehearsal, and leaves no file."""
    folder = tmp_path / "new"
    folder.mkdir()
    (folder / "passphrase.txt").write_text(PASSPHRASE + "\n", "utf-8")
    line = House(folder).refused(
        21, "init", "--not-classified", "--name", "x", "--unit", "0101", "--unit-name", "x", "--officer", "wang",
        "--officer-name", "x", "--passphrase-file", str(folder / "passphrase.txt"),
    )  # fmt: skip

    assert "--rehearsal" in line
    assert [each.name for each in folder.iterdir()] == ["passphrase.txt"]


def test_who_keeps_the_ledger_allows_it_for_a_time(real: Real) -> None:
    """Allowed, the clock may be set back, never ahead; the rows say so; `forbid` ends it; all of it is journaled."""
    number = real.receive()
    assert "keep this ledger" in real.refused("clock", "allow", "--until", SOON, "--reason", "x", by="zhao")
    assert "real clock" in real.refused("clock", "allow", "--until", SOON, "--reason", "x", now=BACK)
    assert real.run("clock", "allow", "--until", SOON, "--reason", " ").exit_code == 2
    real.done("clock", "allow", "--until", SOON, "--reason", "停电两日补记")
    assert "停电两日补记" in real.done("clock", "show")
    before = real.receive(BACK)
    assert "never ahead" in real.refused("note", before, "x", now=AHEAD)
    real.done("note", number, "补记", now=BACK)
    real.done("clock", "forbid", "--reason", "已补记完毕")
    assert "no rehearsal" in real.refused("note", before, "x", now=BACK)
    assert "no clock set by hand" in real.refused("clock", "forbid", "--reason", "x")

    for words in (("show", before), ("journal", "log", before), ("show", number)):
        assert "clock set by hand; written" in real.done(*words), words
    kinds = [each["kind"] for each in json.loads(real.done("journal", "log", "--json"))]
    assert kinds.index("clock_allowed") < kinds.index("clock_forbidden")
    verified = real.run("journal", "verify")
    assert "2 rows are dated by a clock set by hand" in verified.stderr
    assert json.loads(real.done("journal", "verify", "--json"))["clock_set_by_hand"] == 2


def test_what_was_allowed_ends(real: Real) -> None:
    """Longer than a month, or up to a day that is over, is refused; once it is over, so is a clock set by hand."""
    for until in (BACK, AHEAD):
        assert real.run("clock", "allow", "--until", until, "--reason", "x").exit_code == 2
    just = (datetime.now(UTC) + timedelta(seconds=1)).isoformat()
    real.done("clock", "allow", "--until", just, "--reason", "x")
    while datetime.now(UTC) < datetime.fromisoformat(just):
        real.run("clock", "show")
    assert "no rehearsal" in real.refused("unit", "add", "0102", "x", now=BACK)


def test_no_table_can_be_changed_to_allow_it(real: Real) -> None:
    """A setting put into the table by hand makes no rehearsal; the journal's own row, altered, is found at once."""
    at = 1
    for name, value in (("rehearsal", "true"), ("hand_clock", '{"until":99999999999999999}')):
        real.alter(f"INSERT INTO settings (name, value) VALUES ('{name}', '{value}')")
    assert "no rehearsal" in real.refused("unit", "add", "0102", "x", now=BACK)
    assert real.run("journal", "verify").exit_code == 0
    real.alter(
        f'UPDATE journal SET body = replace(body, \'"roles":\', \'"rehearsal":true,"roles":\')'
        f" WHERE case_id = 0 AND seq = {at}"
    )
    assert real.run("journal", "verify").exit_code == 12
    told = {each["topic"]: each["verdict"] for each in json.loads(real.run("doctor", "--json").stdout)}
    assert told["journal of the house"] == "wrong"


def test_a_rehearsal_is_never_made_real(house: House) -> None:
    """There is no command for it, `init` does not do it, and taking the mark out of the journal is found."""
    line = house.refused(
        21, "init", "--not-classified", "--name", "x", "--unit", "0101", "--unit-name", "x", "--officer", "wang",
        "--officer-name", "x", "--passphrase-file", str(house.folder / "passphrase.txt"),
        "--key-file", str(house.folder / "other.key"),
    )  # fmt: skip
    assert "set up already" in line
    Real(house, str(house.database)).alter("UPDATE journal SET body = replace(body, ',\"rehearsal\":true', '')")
    assert house.run("journal", "verify", env={"QINGLING_NOW": ""}).exit_code == 12


@pytest.fixture
def skewed(real: Real, monkeypatch: pytest.MonkeyPatch) -> Real:
    """Return a real ledger while this machine's clock is an hour ahead."""

    def an_hour_ahead() -> datetime:
        return datetime.now(UTC) + timedelta(hours=1)

    monkeypatch.setattr(wall_clock, "real_now", an_hour_ahead)
    return real


def test_the_clock_of_the_database_decides(skewed: Real) -> None:
    """An hour ahead, a machine dates by PostgreSQL's clock and is named; on a file there is no other clock than its."""
    served = skewed.url.startswith("postgresql")
    number = skewed.receive()
    (at,) = skewed.rows(f"SELECT opened_at FROM cases WHERE number = '{number}'")[0]
    ahead = datetime.fromtimestamp(at / 1e6, UTC) - datetime.now(UTC)
    shown = json.loads(skewed.done("clock", "show", "--json"))
    clocks = [each for each in json.loads(skewed.run("doctor", "--json").stdout) if each["topic"] == "clock"]
    named = [each["sentence"] for each in clocks if each["verdict"] == "attention"]

    assert abs(ahead - (timedelta(0) if served else timedelta(hours=1))) < timedelta(minutes=1)
    assert shown["clock"] == ("database" if served else "machine")
    assert [("ahead of the database's" in each) for each in named] == ([True] if served else [])


def test_a_machine_that_was_ahead_is_told(real: Real, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put ahead by months and back, a file's rows say what the clock said, and `doctor` that it is behind them."""
    number = real.receive()
    with monkeypatch.context() as patched:
        patched.setattr(wall_clock, "real_now", lambda: datetime.now(UTC) + timedelta(days=200))
        real.done("note", number, "ahead")
    real.done("note", number, "back")
    shown, found = real.done("show", number), json.loads(real.run("doctor", "--json").stdout)
    verdicts = {each["verdict"] for each in found if each["topic"] == "clock"}
    served = real.url.startswith("postgresql")

    assert ("the clock said" in shown) is not served
    assert ("wrong" in verdicts) is not served
    assert real.run("journal", "verify").exit_code == 0


def test_what_is_noted_beside_a_hand_clock_is_the_deciding_clocks(skewed: Real) -> None:
    """The instants that are noted beside one set by hand are the deciding clock's, too."""
    skewed.done("clock", "allow", "--until", SOON, "--reason", "x")
    number = skewed.receive(BACK)
    (body,) = skewed.rows(f"SELECT j.body FROM journal j JOIN cases c ON c.id = j.case_id WHERE c.number = '{number}'")[
        0
    ]
    off = datetime.fromtimestamp(json.loads(body)["real_at"] / 1e6, UTC) - datetime.now(UTC)
    served = skewed.url.startswith("postgresql")

    assert abs(off - (timedelta(0) if served else timedelta(hours=1))) < timedelta(minutes=1)


PAGES = (
    ("list",),
    ("show", "0101-XS-2019-0001"),
    ("deadline", "list"),
    ("zero", "zhengzhou_2019"),
    ("journal", "log"),
    ("unit", "list"),
    ("officer", "list"),
    ("advance", "0101-XS-2019-0001", "assign", "--responsible-leader", "li", "--handler", "zhao", "--dry-run"),
    ("doctor",),
    ("clock", "show"),
)


@pytest.mark.parametrize(("lang", "mark"), [("en", EN), ("zh", ZH)])
def test_every_page_of_a_rehearsal_begins_with_its_mark(house: House, lang: str, mark: str) -> None:
    """Once, in the first line, in the language in use; every JSON object says so under its key."""
    house.lead()
    for words in PAGES:
        lines = house.run(*words, lang=lang).stdout.splitlines()
        assert lines[0] == mark, words
        assert lines.count(mark) == 1, words
        if words[0] != "advance" or lang == "en":
            found = json.loads(house.run(*words, "--json", lang=lang).stdout)
            assert all(each["rehearsal"] is True for each in (found if isinstance(found, list) else [found])), words


def test_a_real_ledger_has_no_mark(real: Real) -> None:
    """Neither line nor key."""
    number = real.receive()
    for words in (("list",), ("show", number), ("doctor",)):
        shown = real.run(*words).stdout + real.run(*words, "--json").stdout
        assert EN not in shown
        assert "rehearsal" not in shown


def header_of(sheet: Any) -> str:
    """Return what stands above each printed page of a sheet."""
    return str(sheet.oddHeader.center.text)


def test_every_paper_of_a_rehearsal_bears_its_mark(house: House) -> None:
    """Letters, reports, ledgers, event logs, messages and frozen statements, whatever their form."""
    number = house.assigned(house.lead())
    house.now = "2019-12-20T10:00"
    house.done("sweep")
    out = house.folder / "out"
    out.mkdir()
    for name in ("ledger.xlsx", "ledger.csv", "ledger.json"):
        house.done("export", "ledger", "-o", str(out / name), lang="zh")
    for log in ("xes", "ocel", "csv"):
        house.done("export", log, "-o", str(out / f"events.{log}"))
    for ending in ("html", "docx", "xlsx"):
        house.done("report", "monthly", "--period", "2019-07", "-o", str(out / f"report.{ending}"), lang="zh")
    house.done("letter", "settings", "--contact", "王某", "--telephone", "0000")
    letter = ("letter", "chase_letter", number, "-o", str(out / "letter.docx"), "--preview", "--code", "示卫")
    house.done(*letter, lang="zh")
    assert house.run("zero", "zhengzhou_2019", "--freeze", "-o", str(out), lang="zh").exit_code in (0, 30, 31)

    sheet = openpyxl.load_workbook(out / "ledger.xlsx").worksheets[0]
    assert ZH in str(sheet.cell(1, 1).value)
    assert ZH in header_of(sheet)
    rows = list(csv.reader(StringIO((out / "ledger.csv").read_text("utf-8-sig"))))
    assert {row[-1] for row in rows} == {ZH}
    assert json.loads((out / "ledger.json").read_text("utf-8"))["rehearsal"] is True
    root = ET.parse(out / "events.xes").getroot()
    assert [each.get("value") for each in root if each.get("key") == "rehearsal"] == ["true"]
    assert json.loads((out / "events.ocel").read_text("utf-8"))["rehearsal"] is True
    events = list(csv.DictReader(StringIO((out / "events.csv").read_text("utf-8-sig"))))
    assert {each["rehearsal"] for each in events} == {"true"}
    assert ZH in (out / "report.html").read_text("utf-8")
    assert Document(str(out / "report.docx")).sections[0].header.paragraphs[0].text == ZH
    for page in openpyxl.load_workbook(out / "report.xlsx").worksheets:
        assert ZH in header_of(page)
    assert Document(str(out / "letter.docx")).sections[0].header.paragraphs[0].text == ZH
    frozen_files = {*out.glob("*.json")} - {out / "ledger.json"}
    assert frozen_files
    for frozen in frozen_files:
        assert json.loads(frozen.read_text("utf-8"))["rehearsal"] is True
    assert all(each.read_text("utf-8").startswith(ZH) for each in out.glob("*.txt"))
    assert ZH in house.run("outbox", "preview", lang="zh").stdout


def test_a_machine_clock_that_was_wrong_is_said_and_blocks_nobody(real: Real, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a clock that ran ahead was repaired, and where it jumps ahead, one line warns; the step is taken."""
    number = real.receive()
    if real.url.startswith("postgresql"):
        pytest.skip("the database's clock decides there")
    right = datetime.now(UTC)
    rows = {
        timedelta(0): None,
        timedelta(days=40): "nothing was written for 40 days",
        timedelta(days=1): "this machine's clock is before the newest entry",
    }
    for shift, says in rows.items():
        monkeypatch.setattr(wall_clock, "real_now", lambda at=right + shift: at)
        result = real.run("note", number, "已联系")
        assert result.exit_code == 0, result.output
        assert (says in result.stderr) if says else (result.stderr.count("clock") == 0), (shift, result.stderr)
    assert "clock_at" in json.loads(real.done("journal", "log", number, "--json"))[-1]["body"]
