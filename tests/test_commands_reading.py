"""Reading is a right: every command, by every kind of officer, on a case of the own and of another unit."""

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import click
import pytest
from houses import House
from ledgers import DAY, DEFAULT_KEY, START, furnished, opened, register, shipped

import cli
from engine.errors import QinglingError
from engine.operations.cases.casework import advance
from engine.operations.house import registration as keeping
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.need_to_know import broken_at, digest_of, reader_called
from engine.rules.reading_rights import Deed, Reader, Subject, may
from engine.store.access_rows import AccessLog, AccessRow, access_file
from engine.store.connection import open_store
from engine.workflow.powers import ReadingScope
from engine.working_days.instants import microseconds

OWN, FOREIGN, NAMED, NONE = "0101-XS-2019-0001", "0102-XS-2019-0001", "0102-XS-2019-0002", "0102-XS-2019-0999"
NUMBERS = (OWN, FOREIGN, NAMED)

ONE_CASE = {
    # command:          what is typed; {} stands for the number
    "show": "show {}",
    "workflow diff": "workflow diff lead lead --case {}",
    "journal log": "journal log {}",
    "journal prove": "journal prove {} -o {file}.proof",
    "deadline list": "deadline list {}",
    "deadline explain": "deadline explain {}",
    "letter list": "letter list {}",
    "letter issue": "letter issue supervision_notice {} --preview -o {file}.docx",
    "attach": "attach {} --get paper.pdf",
    "case-file": "case-file {} -o {file}.docx",
    "note": "note {} words",
    "advance": "advance {} assign --dry-run",
    "amend": "amend {} --reason words --summary other",
    "link": "link {} 0101-XS-2019-0001 --reason words",
    "void": "void {} --reason words",
    "hand-over": "hand-over {} 0101 --reason words --dry-run",
    "pause": "pause {} disposal --reason words",
    "resume": "resume {} disposal --reason words",
    "extend": "extend {} disposal --reason words --signed-by zhao",
    "restrict": "restrict {} --to keeper --reason words",
    "receipt answer": "receipt answer {} --words-file -",
    "sign": "sign {}",
    "decline": "decline {} --reason words",
    "reporter ask": "reporter ask {} --reason words",
    "reporter agree": "reporter agree {}",
    "reporter open": "reporter open {} --reason words --key-file no.key",
}
"""Commands on one case: to those who may not read it, it is as if there were none."""

SEVERAL = {
    # command:          what is typed, the deed, and whether the numbers stand in what it gives
    "list": ("list --json", Deed.LIST, True),
    "today": ("today --json", Deed.LIST, False),
    "list --where": ("list --json --where clearance==0 --workflow lead", Deed.SEARCH, False),
    "list --search": ("list --json --search Words --workflow lead", Deed.SEARCH, False),
    "journal log": ("journal log --json", Deed.JOURNAL, True),
    "deadline list": ("deadline list --json", Deed.LIST, True),
    "outbox list": ("outbox list --json", Deed.OUTBOX, False),
    "zero": ("zero zhengzhou_2019 --json", Deed.ZERO, True),
    "report": ("report monthly --period 2019-06 --json", Deed.REPORT, False),
    "export ledger": ("export ledger -o {file}.csv --reason words", Deed.EXPORT, True),
    "export xes": ("export xes -o {file}.xes --reason words", Deed.EXPORT, True),
    "export ocel": ("export ocel -o {file}.json --reason words", Deed.EXPORT, True),
    "export csv": ("export csv -o {file}.csv --reason words", Deed.EXPORT, True),
    "journal verify": ("journal verify", Deed.VERIFY, False),
    "journal access": ("journal access --json", Deed.ACCESS, False),
    "backup": ("backup {file}.bak", Deed.BACKUP, False),
    "sweep": ("sweep", Deed.SWEEP, False),
    "outbox deliver": ("outbox deliver", Deed.SEND, False),
    "outbox preview": ("outbox preview", Deed.SEND, False),
    "outbox retry": ("outbox retry", Deed.SEND, False),
    "outbox bounced": ("outbox bounced 1 --reason words", Deed.SEND, False),
    "outbox test": ("outbox test --to zhou", Deed.SEND, False),
    "unit list": ("unit list", Deed.HOUSE, False),
    "officer list": ("officer list", Deed.HOUSE, False),
    "credential list": ("credential list", Deed.HOUSE, False),
}
"""Commands on many cases, or on the house: narrowed to what may be read, or refused."""

TAKES_A_ROLE = (
    "receive", "receipt read", "import", "headings forget", "unit add", "unit close", "unit rename", "unit type",
    "unit merge", "officer add", "officer grant", "officer revoke", "officer contact", "officer leave",
    "officer return",
    "officer rename",
    "reporter key", "reporter escrow", "reporter destroy", "adopt", "workflow cases", "workflow migrate",
    "journal checkpoint", "journal cosign",
    "clock allow", "clock forbid", "database roles", "credential password", "credential account", "credential key",
    "credential revoke", "credential token", "credential sign-on", "credential unlock", "credential lock",
    "credential demand", "login", "logout", "calendar use", "calendar close", "calendar open",
    "calendar release", "calendar reproject", "restore", "upgrade", "letter settings", "database copy",
)  # fmt: skip
"""Commands that write, each by a role or power of its own; what they show is what was just written."""

SHOWS_NO_CASE = (
    "init", "demo", "doctor", "completion", "headings list", "letter explain", "letter template", "export formats",
    "run", "clock show", "calendar show", "calendar add", "calendar between", "calendar check", "calendar own",
    "workflow check", "workflow prove", "workflow list", "workflow show", "workflow graph", "workflow new",
    "workflow mine", "replay",
    "journal witness", "desk",
)  # fmt: skip
"""Commands that show declarations, the calendar or the installation; `run` and `desk` are the program itself.

What a page of the desk shows to whom stands in `test_desk_reading`.
"""

OFFICERS = ("keeper", "tang", "ji", "qian", "lian", "chen", "zhou", "none", "gone", "nobody", "")
"""All roles everywhere; reads all; reads all; auditor; liaison, verifier and office of 0101; no role; left; unknown."""
ON_A_SERVER = ("keeper", "lian", "none", "")
"""One of each kind: what is said of one case is decided before the database is asked. Of lists, all are asked."""


def leaves(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[str]:
    """Yield the names of all commands that do something."""
    if not isinstance(command, click.Group):
        yield " ".join(path)
        return
    context = click.Context(command)
    for name in command.list_commands(context):
        found = command.get_command(context, name)
        assert found is not None
        yield from leaves(found, (*path, name))


def test_every_command_has_a_policy() -> None:
    """A command that is in no table of this file fails this test: somebody must say who may read what it shows."""
    known = {*ONE_CASE, *(name.split(" --")[0] for name in SEVERAL), *TAKES_A_ROLE, *SHOWS_NO_CASE}
    assert set(leaves(cli.main)) == known


class Office(House):
    """A house on either database, whose clock is the stories'."""

    def __init__(self, folder: Path, url: str) -> None:
        super().__init__(folder)
        self.url = url

    def typed(self, words: str, by: str) -> tuple[int, str]:
        """Run what is typed as an officer; return the exit code with all that was printed and written."""
        file = self.folder / "out"
        env = {"QINGLING_DATABASE": self.url, "QINGLING_FILES": str(self.folder / "files")}
        result = self.run(*(each.format(file=file) for each in words.split()), by=by, env=env)
        assert "fault of the program" not in result.output, result.output
        found = result.output
        for path in self.folder.glob("out*"):
            found += path.read_bytes().decode("utf-8", "replace") if path.is_file() else ""
            path.rename(self.folder / "gone") if path.is_dir() else path.unlink()
        return result.exit_code, found


@pytest.fixture
def office(database_url: str, tmp_path: Path) -> Office:
    """Return a house with a lead of 0101, one of 0102, and one of 0102 that names `none` as its handler."""
    with furnished(database_url, rehearsal=True) as ledger:
        keeper = Acting(ledger, "keeper", START)
        keeping.grant(keeper, "qian", "auditor", None)
        register(ledger, by="keeper")
        register(ledger, by="keeper", unit="0102")
        register(ledger, by="keeper", unit="0102", summary="另一件", received_on="2019-06-27")
        advance(keeper, NAMED, "assign", {"responsible_leader": "liu", "handler": "none"})
    return Office(tmp_path, database_url)


def rights(url: str, officer: str) -> tuple[Reader, frozenset[str]]:
    """Return what an officer may read by the table, and the numbers of the cases that this lets through."""
    with opened(url) as ledger:
        try:
            reader = reader_called(ledger, officer)
        except QinglingError:
            return Reader(code=officer, scope=ReadingScope.NONE), frozenset()
        cases = {number: ledger.case(number) for number in NUMBERS}
        people = {
            n: frozenset({officer}) if ledger.has_part(officer, case) else frozenset() for n, case in cases.items()
        }
        return reader, frozenset(
            n for n, case in cases.items() if may(reader, Deed.READ, Subject(unit_id=case.unit_id, people=people[n]))
        )


@pytest.mark.parametrize(
    ("database_url", "officer"),
    [*(("sqlite", each) for each in OFFICERS), *(("postgresql", each) for each in ON_A_SERVER)],
    indirect=["database_url"],
)
def test_a_hidden_case_is_like_none(office: Office, officer: str) -> None:
    """Each command on one case answers, where it may not be read, in the very words for a case that is not there."""
    _, seen = rights(office.url, officer)
    wrong = []
    for name, words in ONE_CASE.items():
        code, none = office.typed(words.replace("{}", NONE), officer)
        for number in NUMBERS:
            answer = office.typed(words.replace("{}", number), officer)
            says_none = f"no case has the number '{number}'" in answer[1]
            fits = not says_none if number in seen else answer == (code, none.replace(NONE, number))
            if not fits:
                wrong.append((name, number, answer))
    assert not wrong, "\n".join(map(str, wrong))


@pytest.mark.parametrize("officer", OFFICERS)
def test_lists_and_sums_are_narrowed(office: Office, officer: str) -> None:
    """Each command on many cases gives those that may be read and no other, or is refused by the table."""
    reader, seen = rights(office.url, officer)
    wrong = []
    for name, (words, deed, lists) in SEVERAL.items():
        code, answer = office.typed(words, officer)
        named = {number for number in NUMBERS if number in answer}
        if may(reader, deed):
            fits = named == seen if lists and code in {0, 30} else named <= seen
        else:
            fits = code in {2, 20, 21} and not named
        if not fits:
            wrong.append((name, code, sorted(named), answer[:300]))
    assert not wrong, "\n".join(map(str, wrong))


def rows_of(url: str) -> list[AccessRow]:
    """Return the whole access log of a ledger."""
    store = open_store(url)
    try:
        with closing(AccessLog(store)) as log:
            return list(log.rows())
    finally:
        store.close()


def test_what_was_read_is_written_down(office: Office) -> None:
    """One row each for a case, a list with filter, count and digest, an export, and a refusal; chained, in order."""
    for words, by in (
        (f"show {OWN}", "lian"),
        (f"show {FOREIGN}", "lian"),
        ("list --unit 0102 --where source=='telephone'", "tang"),
        ("export csv -o {file}.csv --reason words", "keeper"),
        ("backup {file}.bak", "nobody"),
        (f"letter list {NAMED}", "none"),
    ):
        office.typed(words, by)
    found = rows_of(office.url)
    assert [(each.officer, each.deed, each.subject, each.answer) for each in found] == [
        ("lian", "read", OWN, "shown"),
        ("lian", "read", FOREIGN, "refused"),
        ("tang", "search", "", "shown"),
        ("keeper", "export", "", "shown"),
        ("nobody", "backup", "", "refused"),
        ("none", "read", NAMED, "shown"),
    ]
    listed = json.loads(found[2].asked)
    assert (listed["unit"], listed["where"], listed["count"]) == ("0102", "source=='telephone'", 2)
    assert listed["digest"] == digest_of([FOREIGN, NAMED])
    assert json.loads(found[3].asked)["sha256"]
    assert broken_at(found) is None


def test_the_log_is_read_by_those_who_may_and_that_is_written_down(office: Office) -> None:
    """The auditor of all units reads the log, and is in it; the office does not, though it keeps the ledger."""
    office.typed(f"show {OWN}", "lian")
    code, shown = office.typed("journal access --of lian", "qian")
    assert (code, OWN in shown) == (0, True)
    code, shown = office.typed("journal access", "zhou")
    assert (code, OWN in shown) == (21, False)
    assert [(each.officer, each.deed, each.answer) for each in rows_of(office.url)[1:]] == [
        ("qian", "access", "shown"),
        ("zhou", "access", "refused"),
    ]


def test_a_row_that_was_changed_is_found(office: Office) -> None:
    """A row of the access log that somebody changed, or took out of its middle, is named to who reads it."""
    for _ in range(3):
        office.typed(f"show {OWN}", "lian")
    rows = rows_of(office.url)
    assert broken_at([rows[0], rows[1]._replace(officer="wang"), rows[2]]) == 2
    assert broken_at([rows[0], rows[2]]) == 3
    assert broken_at(rows[1:]) is None


def test_rows_past_their_term_are_let_go(office: Office) -> None:
    """What is older than the declared years is destroyed when the auditor asks for it; the rest still holds."""
    store = open_store(office.url)
    try:
        with closing(AccessLog(store)) as log:
            for at in (START - 4 * 365 * DAY, START - 3 * 365 * DAY - 3 * DAY, START):
                log.append(at=microseconds(at), officer="lian", way="cli", deed="read", subject="", answer="shown",
                           asked={})  # fmt: skip
            assert log.let_go(before=microseconds(START - 3 * 365 * DAY)) == 2
            left = list(log.rows())
    finally:
        store.close()
    assert [each.seq for each in left] == [3]
    assert broken_at(left) is None


def test_without_a_row_there_is_no_answer(sqlite_url: str, tmp_path: Path) -> None:
    """Where it cannot be written down that a case was read, the case is not shown."""
    with furnished(sqlite_url, rehearsal=True) as ledger:
        register(ledger, by="keeper")
    access_file(Path(sqlite_url)).mkdir()
    code, shown = Office(tmp_path, sqlite_url).typed(f"show {OWN}", "lian")
    assert (code, OWN in shown) == (12, False)


def test_only_its_owner_reads_the_file(sqlite_url: str, tmp_path: Path) -> None:
    """The access log beside a SQLite ledger is a file of its own that only its owner may read."""
    with furnished(sqlite_url, rehearsal=True) as ledger:
        register(ledger, by="keeper")
    Office(tmp_path, sqlite_url).typed(f"show {OWN}", "lian")
    assert access_file(Path(sqlite_url)).stat().st_mode & 0o777 == 0o600


def test_short_numbers_suggest_only_what_may_be_read(office: Office) -> None:
    """A short number is taken for the one case that may be read, and names no other where it fits several."""
    code, shown = office.typed("show 1", "lian")
    assert (code, OWN in shown, FOREIGN in shown) == (0, True, False)
    code, shown = office.typed("show 1", "keeper")
    assert (code, OWN in shown, FOREIGN in shown) == (2, True, True)


def test_twins_are_named_only_where_they_may_be_read(office: Office) -> None:
    """A lead of another unit with the same external number is not named to who registers one in the own."""
    with opened(office.url) as ledger:
        register(ledger, by="keeper", unit="0102", summary="又一件", external_number="12389-7")
    words = "receive --unit 0101 --received-on 2019-06-28 --source telephone --summary {} --external-number 12389-7"
    _, shown = office.typed(words.replace("{}", "甲事"), "lian")
    assert "0102-" not in shown
    _, shown = office.typed(words.replace("{}", "乙事"), "keeper")
    assert "0102-XS-2019-0003" in shown


def test_nobody_need_be_named_while_there_is_one(sqlite_url: str, tmp_path: Path) -> None:
    """The officer of `init` reads and acts unnamed while nobody else is there, and no longer than that."""
    with opened(sqlite_url) as ledger:
        keeping.set_up(
            ledger, name="某县卫健局", unit=("0101", "某医院"), officer=("keeper", "管某"), zone="Asia/Shanghai",
            custodian=DEFAULT_KEY, now=START, rehearsal=True, adopts=shipped(),
        )  # fmt: skip
        register(ledger, by="keeper")
        office = Office(tmp_path, sqlite_url)
        code, shown = office.typed(f"show {OWN}", "")
        assert code == 0, shown
        keeping.add_officer(Acting(ledger, "keeper", START), "lian", "联某")
        code, shown = office.typed(f"show {OWN}", "")
        assert (code, shown) == (
            2,
            "Error: say who acts: log in (qingling login), or --by OFFICER, or set QINGLING_OFFICER\n",
        )


def test_an_auditor_reads_all_and_writes_nothing(office: Office) -> None:
    """A role that only reads gives no remark and no file, in any unit."""
    assert office.typed(f"show {FOREIGN}", "qian")[0] == 0
    code, shown = office.typed(f"note {FOREIGN} words", "qian")
    assert (code, "has no role in unit 0102 that writes" in shown) == (21, True)


def test_a_narrowed_list_says_so(office: Office) -> None:
    """Below a list that was narrowed stands to what; below a whole one nothing."""
    assert "limited to what lian may read: unit 0101" in office.typed("list", "lian")[1]
    assert "limited" not in office.typed("list", "tang")[1]
