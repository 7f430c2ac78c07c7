"""`qingling demo`: the story plays, every printed command works when pasted, and nobody's things are touched."""

import json
import os
import re
import shlex
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner, Result

import cli
from commands.demo.player import in_use
from commands.demo.story import story
from engine.language import Language, language, speaking, use

LANGUAGES: tuple[Language, ...] = ("zh", "en")
ENDING = {"zh": "哪些尚未办结，该谁办", "en": "What is not closed yet, and who must act"}
GO_ON = {"zh": "接下来自己试", "en": "Go on by hand"}
FORBIDDEN = {
    "zh": ("不得以罚代移", "核查组不得少于两人", "查否的线索须由他人复审复核", "移送件尚未全部收到办理结果"),
    "en": (
        "a fine or a talk does not stand in for the transfer",
        "verified by two officers at least",
        "an unsubstantiated finding needs a re-review by someone else",
        "an agency has not yet given its result",
    ),
}
"""Sentences of the shortcuts that the story tries."""


STRANGER = {"QINGLING_NOW": "2031-01-01", "QINGLING_OFFICER": "nobody", "QINGLING_DATABASE": "/nowhere/x.db"}
"""Settings of somebody who uses the program for real."""


@dataclass(frozen=True, slots=True)
class Played:
    """One playing of the story."""

    language: Language
    folder: Path
    said: str
    after: dict[str, str]
    """The settings of the surroundings when it had ended."""


def run(*args: str, env: dict[str, str] | None = None) -> Result:
    """Run the program; nothing is set from outside but *env*."""
    bare: dict[str, str | None] = {name: None for name in os.environ if name.startswith(("QINGLING_", "LC_", "LANG"))}
    before = language()
    try:
        return CliRunner().invoke(cli.main, list(args), env={**bare, "QINGLING_OFFICER": "wang", **(env or {})})
    finally:
        use(before)


@pytest.fixture(scope="module", params=LANGUAGES)
def played(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Played:
    """Return the story, played in one of the languages in surroundings that mean something else."""
    folder = tmp_path_factory.mktemp("demo") / "rehearsal"
    before = language()
    with pytest.MonkeyPatch.context() as surroundings:
        for name in [name for name in os.environ if name.startswith("QINGLING_")]:
            surroundings.delenv(name)  # a run of the tests may have settings of its own
        for name, value in STRANGER.items():
            surroundings.setenv(name, value)
        result = CliRunner().invoke(cli.main, ["--lang", request.param, "demo", str(folder)])
        after = {name: value for name, value in os.environ.items() if name.startswith("QINGLING_")}
    use(before)
    assert result.exit_code == 0, result.output
    return Played(request.param, folder, result.stdout, after)


def typed(text: str) -> list[list[str]]:
    """Return the commands that stand behind `$` in a text, as a shell would split them."""
    joined = text.replace("\\\n", " ")
    return [shlex.split(line) for line in re.findall(r"^\$ qingling (.*)$", joined, re.MULTILINE)]


def leads(database: Path) -> Any:
    """Return all leads of a ledger, as scripts see them."""
    result = run("--database", str(database), "--now", "2019-11-05", "list", "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_it_ends_with_what_is_open_and_who_must_act(played: Played) -> None:
    """The last table has every lead that is not cleared, with its most urgent day and who answers for it."""
    ending = played.said.split(ENDING[played.language])[1].split(GO_ON[played.language])[0]
    still_open = json.loads(
        run("--database", str(played.folder / "qingling.db"), "--now", "2019-11-05", "list", "--open", "--json").stdout
    )

    assert len(still_open) == 11
    assert re.findall(
        r"^(\d{4}-XS-2019-\d{4})  .*(?:wang|zhao|qian|li|[王赵钱李]某|局扫黑办|the office)", ending, re.MULTILINE
    ) == [each["number"] for each in still_open]


def test_it_shows_the_shortcuts_refused(played: Played) -> None:
    """The forbidden ways of the story are refused with their sentences."""
    plain = played.said.replace("\n  ", " " if played.language == "en" else "")

    assert [each for each in FORBIDDEN[played.language] if each not in plain] == []


def test_the_bad_row_is_told_then_taken_once_mended(played: Played) -> None:
    """The row with the 31st of June is told and marked; mended, it becomes a lead, and no other doubles."""
    rows = openpyxl.load_workbook(played.folder / "ledger.marked.xlsx").active
    numbers = [each["fields"].get("ledger_number") for each in leads(played.folder / "qingling.db")]
    by_ledger = [each for each in numbers if each]

    assert "2019.6.31" in played.said
    assert rows is not None
    assert any("2019" in str(cell) for row in rows.iter_rows(values_only=True) for cell in row)
    assert by_ledger.count("2019-012") == 1
    assert len(set(by_ledger)) == len(by_ledger)


def test_the_reporter_is_nowhere(played: Played) -> None:
    """Who reported the first lead is in the ledger that came, and in nothing that is said or kept."""
    database = played.folder / "qingling.db"

    assert "某甲，电话已留" not in played.said
    assert "某甲，电话已留".encode() not in database.read_bytes()


def test_every_command_is_printed_as_it_was_given(played: Played) -> None:
    """Split by a shell, each printed command is the one that was run, in the language that was spoken."""
    files = {name: str(played.folder / f"{name}.xlsx") for name in ("ledger", "ledger-mended")}
    words = {
        "ledger": files["ledger"],
        "mended": files["ledger-mended"],
        "passphrase": str(played.folder / "passphrase.txt"),
    }
    with speaking(played.language):
        given = [
            in_use(
                [
                    "--now",
                    step.on,
                    *(["--by", step.by] if step.by else []),
                    *shlex.split(
                        step.run.format(
                            **{name: shlex.quote(str(each)) for name, each in {**words, **step.words}.items()}
                        )
                    ),
                ]
            )
            for scene in story()
            for step in scene.steps
        ]

    assert typed(played.said) == given


@pytest.mark.parametrize("played", ["en"], indirect=True)
def test_the_printed_commands_make_the_same_ledger(
    played: Played, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Typed by hand in another folder, the commands that were printed lead to the same leads."""
    again = tmp_path / "again"
    again.mkdir()
    for name in ("ledger.xlsx", "ledger-mended.xlsx", "passphrase.txt"):
        shutil.copy(played.folder / name, again)
    monkeypatch.chdir(tmp_path)
    settings = {"QINGLING_DATABASE": "again/qingling.db", "QINGLING_LANG": played.language}
    codes = [
        run(*(each.replace(str(played.folder), "again") for each in args), env=settings).exit_code
        for args in typed(played.said)
    ]

    assert codes == [step.code for scene in story() for step in scene.steps]
    assert leads(again / "qingling.db") == leads(played.folder / "qingling.db")


def test_the_commands_to_go_on_with_work(played: Played, tmp_path: Path) -> None:
    """The closing commands do what they say: after the receipt, one lead fewer is open."""
    ending = played.said.split(GO_ON[played.language])[1]
    settings = dict(re.findall(r"^export (QINGLING_\w+)=(.*)$", ending, re.MULTILINE))
    shutil.copytree(played.folder, tmp_path / "copy")
    settings["QINGLING_DATABASE"] = str(tmp_path / "copy" / "qingling.db")
    results = [
        run(*shlex.split(line, comments=True), env=settings)
        for line in re.findall(r"^qingling (.*)$", ending, re.MULTILINE)
    ]

    assert [each.exit_code for each in results] == [0, 0, 0, 30, 0, 0]
    assert len(re.findall(r"^\d{4}-XS-", results[2].stdout, re.MULTILINE)) == 10


def test_the_story_goes_forward() -> None:
    """No command of the story is given before the one that stands above it."""
    days = [step.on for scene in story() for step in scene.steps]

    assert days == sorted(days)


@pytest.mark.parametrize("taken", ["folder", "file"])
def test_a_place_that_is_taken_is_refused(taken: str, tmp_path: Path) -> None:
    """A folder with something in it, or a file, is refused in one line and stays as it was."""
    place = tmp_path / "mine"
    if taken == "folder":
        place.mkdir()
        (place / "letter.txt").write_text("mine")
    else:
        place.write_text("mine")
    result = run("--lang", "en", "demo", str(place))

    assert result.exit_code == 11
    assert len(result.stderr.splitlines()) == 1
    assert sorted(each.name for each in tmp_path.rglob("*")) == (
        ["letter.txt", "mine"] if taken == "folder" else ["mine"]
    )


def test_the_settings_of_the_surroundings_come_back(played: Played) -> None:
    """What was set in the environment before the story is set after it."""
    assert played.after == STRANGER
