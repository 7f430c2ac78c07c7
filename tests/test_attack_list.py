"""What an officer tries with the program, or past it, on a house that demands log-ins: prevented in one line, or found.

The house is no rehearsal: passwords are passwords, and the clock is the machine's.
"""

import shutil
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path

import pytest
from houses import LEAD, PASSPHRASE, REPORTER, House
from test_attacks import rehashed

SECRET = "violin gravel sunday maple"
NAME, MOBILE = "赵建国", "13900001111"
FIRST = "{first}"
"""Stands for the number of the lead."""
NOT_THEIRS = "no case has the number"
TYPED = "is known by a typed name"


class Guarded(House):
    """A house whose officers have logged in, each on a machine of their own."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.now, self.first = "", ""

    def typed(self, words: str, by: str, *, env: Mapping[str, str] | None = None, stdin: str | None = None) -> str:
        """Run what is typed as an officer who has logged in; return the exit code and all that is said."""
        session = {"QINGLING_SESSION": str(self.folder / f"session.{by}")} if by else {}
        places = {"file": str(self.folder / "out"), "folder": str(self.folder), "first": self.first}
        result = self.run(
            *(each.format(**places) for each in words.split()), by="", env={**session, **(env or {})}, stdin=stdin
        )
        return f"{result.exit_code} {result.output}"


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Guarded:
    """Return a house of two units, a liaison officer of the second, one who has left, and a lead of the first."""
    house = Guarded(tmp_path_factory.mktemp("guarded"))
    password = house.folder / "password.txt"
    password.write_text(SECRET + "\n", "utf-8")
    (house.folder / "passphrase.txt").write_text(PASSPHRASE + "\n", "utf-8")
    house.done(
        "init", "--not-classified", "--name", "某县卫健局", "--unit", "0101", "--unit-name", "县医院",
        "--officer", "wang", "--officer-name", "王某", "--passphrase-file", str(house.folder / "passphrase.txt"),
    )  # fmt: skip
    house.done("credential", "password", "--password-file", str(password))

    def known(code: str) -> None:
        said = house.typed(f"login {code} --password-file {{folder}}/password.txt", code)
        assert said.startswith("0 "), said

    known("wang")

    def kept(words: str, *, stdin: str | None = None) -> str:
        said = house.typed(words, "wang", stdin=stdin)
        assert said.startswith("0 "), said
        return said.split()[1]

    kept("unit add 0102 县中医院")
    for code, role, unit in (("li", "unit_head", "0101"), ("lian", "liaison", "0102"), ("gone", "liaison", "0101")):
        kept(f"officer add {code} {code}某 --role {role} --unit {unit}")
        kept(f"credential password {code} --password-file {{folder}}/password.txt")
        known(code)
    house.first = kept("receive --unit 0101 --real-name yes --reporter - " + " ".join(LEAD), stdin=REPORTER + "\n")
    kept("officer leave gone")
    (house.folder / "own").mkdir()
    law = Path(__file__).parents[1] / "workflows" / "lists" / "law.yaml"
    (house.folder / "own" / "law.yaml").write_text(law.read_text("utf-8") + "# mine\n", "utf-8")
    return house


OWN = {"QINGLING_WORKFLOWS": "{folder}/own", "QINGLING_LETTERS": "{folder}/own"}
PREVENTED: dict[str, tuple[str, str, int, str]] = {
    # what is tried:                    what is typed, by whom, the exit code, and what the one line says
    "another unit's case": (f"show {FIRST}", "lian", 20, NOT_THEIRS),
    "its journal": (f"journal log {FIRST}", "lian", 20, NOT_THEIRS),
    "its deadlines": (f"deadline list {FIRST}", "lian", 20, NOT_THEIRS),
    "its letters": (f"letter list {FIRST}", "lian", 20, NOT_THEIRS),
    "its file": (f"case-file {FIRST} -o {{file}}.docx", "lian", 20, NOT_THEIRS),
    "its seal": (f"reporter ask {FIRST} --reason x", "lian", 20, NOT_THEIRS),
    "a backup": ("backup {file}", "lian", 21, ""),
    "a restore": ("restore {folder}/kept.db --replace", "lian", 21, ""),
    "a sweep": ("sweep", "lian", 21, ""),
    "a verification": ("journal verify", "lian", 21, ""),
    "who read what": ("journal access", "lian", 21, ""),
    "after leaving": (f"show {FIRST}", "gone", 2, "say who acts"),
    "as another": (f"--by wang note {FIRST} words", "lian", 21, ""),
    "as another, who reads": (f"--by wang show {FIRST}", "lian", 21, ""),
    "as one without a log-in": (f"--by wang note {FIRST} words", "", 21, TYPED),
    "as one who left": (f"--by gone show {FIRST}", "", 21, ""),
    "as nobody": (f"--by nobody show {FIRST}", "", 20, ""),
    "unnamed": (f"show {FIRST}", "", 2, ""),
    "own rules adopted": ("adopt {folder}/own/law.yaml --apply --reason x", "lian", 21, ""),
    "own roles given": ("officer grant lian office", "lian", 21, ""),
    "less demanded": ("credential demand asserted --reason x", "lian", 21, ""),
    "another's password": ("credential password wang --password-file {folder}/password.txt", "lian", 21, ""),
    "the clock ahead": (f"--now 2031-01-01T10:00 note {FIRST} words", "wang", 21, ""),
    "a key without the old one": ("reporter key --key-file {file} --passphrase-file {folder}/passphrase.txt", "wang", 2,
        "passphrase of the key in force is missing"),
    "a seal opened alone": (
        f"reporter open {FIRST} --reason x --passphrase-file {{folder}}/passphrase.txt",
        "wang", 21, "another officer must agree",
    ),
    "a name on the command line": (f"receive --unit 0101 --reporter {NAME} " + " ".join(LEAD), "wang", 2, ""),
    "a telephone in a note": (f"note {FIRST} {MOBILE}", "wang", 21, "--insist"),
    "a telephone in a title": (f"attach {FIRST} {{folder}}/password.txt --title {MOBILE}", "wang", 21, "--insist"),
    "a name in a wrong place": (f"receive --unit {NAME} " + " ".join(LEAD), "wang", 20, ""),
    "a name for a date": (f"amend {FIRST} --received-on {NAME} --reason x", "wang", 2, ""),
    "own templates": (f"letter issue supervision_notice {FIRST} -o {{file}}.docx", "lian", 20, NOT_THEIRS),
}  # fmt: skip
"""What is refused to whom."""


def test_what_is_tried_with_the_program_is_prevented(guarded: Guarded) -> None:
    """Each is refused with its code in one line that repeats no name; nothing changes, nothing is made."""
    shutil.copy(guarded.database, guarded.folder / "kept.db")
    before = rows(guarded)
    own = {name: each.format(folder=guarded.folder) for name, each in OWN.items()}
    wrong = {}
    for name, (words, by, code, said) in PREVENTED.items():
        answer = guarded.typed(words, by, env=own)
        lines = answer.strip().splitlines()
        if (
            not answer.startswith(f"{code} ")
            or len(lines) != 1
            or said not in answer
            or NAME in answer
            or MOBILE in answer
        ):
            wrong[name] = answer
        if list(guarded.folder.glob("out*")):
            wrong[name] = "something was made"
    assert not wrong, "\n".join(f"{name}: {said.strip()}" for name, said in wrong.items())
    assert rows(guarded) == before


@pytest.mark.parametrize(("lang", "debug"), [("en", ""), ("zh", "--debug ")])
def test_an_error_repeats_nobody(guarded: Guarded, lang: str, debug: str) -> None:
    """A name, a telephone and an ID number in places where none belongs are in no line of an error or a traceback."""
    known = (NAME, "１３９００００１１１１", "11010519491231002X")
    leaks = []
    for said in known:
        for words in (
            f"amend {FIRST} --received-on {said} --reason x", f"show {said}", f"receive --unit {said}",
            f"advance {FIRST} {said}", f"deadline explain {FIRST} {said}", f"list --state {said}", f"zero {said}",
            f"list --where state=={said}",
            f"extend {FIRST} {said} --reason x", f"export {said}", f"report {said}", f"letter issue {said} {FIRST}",
            f"receive --unit 0101 --received-on 2019-06-28 --source {said} --summary x", f"--now {said} list",
            f"receive --unit 0101 --reporter {said} " + " ".join(LEAD), f"amend {FIRST} --{said} x",
            f"calendar show {said}",
        ):  # fmt: skip
            answer = guarded.typed(debug + words, "wang", env={"QINGLING_LANG": lang})
            if said in answer or answer.startswith("0 "):
                leaks.append((words, answer.strip().splitlines()[-1]))
    assert not leaks, "\n".join(map(str, leaks))


def rewritten(hand: sqlite3.Connection) -> None:
    """Rewrite what a lead says, hash its chain again and put its head right."""
    hand.execute("UPDATE journal SET body = replace(body, '强揽', '招揽') WHERE case_id = 1")
    hand.execute("UPDATE cases SET fields = replace(fields, '强揽', '招揽')")
    rehashed(hand)


def gone(hand: sqlite3.Connection) -> None:
    """Delete the newest lead with all that tells of it, and set its counter back."""
    tables = [name for (name,) in hand.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    for table in tables:
        columns = {row[1] for row in hand.execute(f"PRAGMA table_info({table})")}
        if "case_id" in columns:
            hand.execute(f"DELETE FROM {table} WHERE case_id = 1")
    hand.execute("DELETE FROM cases")
    hand.execute("DELETE FROM counters")


PAST: dict[str, tuple[Callable[[sqlite3.Connection], object], int]] = {
    "what a lead says, its chain hashed again": (rewritten, 12),
    "the newest lead, with all that counts it": (gone, 12),
    "what a value is sealed to": (lambda hand: hand.execute("UPDATE sealed_values SET key_id = '0'"), 12),
    "a sealed value": (lambda hand: hand.execute("DELETE FROM sealed_values"), 12),
    "a password": (lambda hand: hand.execute("UPDATE credentials SET kept = 'x' WHERE officer = 'wang'"), 12),
    "whose a role is": (lambda hand: hand.execute("UPDATE grants SET unit_id = 0 WHERE role = 'liaison'"), 12),
    "what is demanded": (lambda hand: hand.execute("DELETE FROM settings WHERE name = 'proof'"), 12),
    "a term that ended": (lambda hand: hand.execute("UPDATE deadlines SET status = 2"), 12),
}
"""What a hand does that holds the file, and with which code verifying against a checkpoint held elsewhere ends."""


def test_what_is_done_past_the_program_is_found(guarded: Guarded, tmp_path: Path) -> None:
    """Against a checkpoint that somebody else holds, each is found; an old file in the place of the ledger as well."""
    house = Guarded(tmp_path / "house")
    shutil.copytree(guarded.folder, house.folder)
    house.first = guarded.first
    old = tmp_path / "old.db"
    shutil.copy(house.database, old)
    assert house.typed(f"note {FIRST} words", "wang").startswith("0 ")
    assert house.typed("journal checkpoint -o {folder}/held", "wang").startswith("0 ")
    verified = "journal verify --tables --against {folder}/held"
    assert house.typed(verified, "wang").startswith("0 ")
    sound = tmp_path / "sound.db"
    shutil.copy(house.database, sound)
    found = {}
    for name, (attack, _) in PAST.items():
        shutil.copy(sound, house.database)
        with closing(sqlite3.connect(house.database)) as hand, hand:
            attack(hand)
        found[name] = int(house.typed(verified, "wang").split()[0])
    assert found == {name: code for name, (_, code) in PAST.items()}
    shutil.copy(old, house.database)
    assert house.typed(verified, "wang").startswith("12 ")


def rows(house: House) -> list[int]:
    """Return how many rows the journal and the tables of officers hold."""
    tables = ("journal WHERE kind <> 'opening_refused'", "cases", "grants", "officers", "credentials", "adopted")
    with closing(sqlite3.connect(house.database)) as hand:
        return [hand.execute(f"SELECT count(*) FROM {each}").fetchone()[0] for each in tables]
