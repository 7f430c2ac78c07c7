"""What is written down is true: commands have help, pages run, links lead somewhere, the README keeps its word."""

import re
import tomllib
from pathlib import Path

import pytest
from pages import (
    BEGIN,
    HOUSE,
    answers,
    answers_here,
    commands_of_the_program,
    help_of,
    keeps,
    reference,
    typed_in,
    write_files_of,
)

import cli
from engine.errors import QinglingError

README = (HOUSE / "README.md").read_text("utf-8")
IN_CHINESE = (HOUSE / "docs/zh/README.md").read_text("utf-8")
PAGES = sorted([*HOUSE.glob("*.md"), *(HOUSE / "docs").rglob("*.md")])
TOURS = [
    HOUSE / each
    for each in (
        "README.md", "docs/tutorial.md", "docs/how-to.md", "docs/calendars.md",
        "docs/zh/README.md", "docs/zh/how-to.md", "docs/zh/calendars.md",
    )
]  # fmt: skip
IN_A_SHELL = TOURS[0]
"""One tour is run in a real shell by the program as it is installed, the others within the test: ten times faster."""
REFERENCE = HOUSE / "docs/reference.md"
COMMANDS = [called for called, _ in commands_of_the_program()]
GROUPS = [called for called in COMMANDS if any(each.startswith(f"{called} ") for each in COMMANDS)]
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
SHELL = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def named(page: Path) -> str:
    """Return a page's place in the house."""
    return page.relative_to(HOUSE).as_posix()


@pytest.mark.parametrize("called", COMMANDS)
@pytest.mark.parametrize(("language", "example"), [("en", "Example:"), ("zh", "例：")])
def test_every_command_explains_itself(called: str, language: str, example: str) -> None:
    """A command has help in the language asked for, with an example."""
    shown = help_of(called, "zh" if language == "zh" else "en")

    assert example in shown
    assert bool(re.search("[\u4e00-\u9fff]", shown.splitlines()[2])) == (language == "zh")


@pytest.mark.parametrize("page", TOURS, ids=named)
def test_console_blocks_run(page: Path, tmp_path: Path) -> None:
    """Every command of the page does, one after the other on one ledger, what the page says."""
    commands = typed_in(page)
    write_files_of(page, tmp_path)
    seen = (answers if page == IN_A_SHELL else answers_here)(commands, tmp_path)

    assert commands
    assert len(seen) == len(commands)
    for each, answer in zip(commands, seen, strict=True):
        assert keeps(each.promised, answer), f"$ {each.line}\n{answer}"


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_links_lead_somewhere(page: Path) -> None:
    """A link to a file leads to one that exists, and one to a heading to one that is there."""
    for target in LINK.findall(page.read_text("utf-8")):
        if target.startswith(("http://", "https://")):
            continue
        place, _, heading = target.partition("#")
        file = (page.parent / place) if place else page
        assert file.exists(), target
        headings = re.findall(r"^#+ (.*)$", file.read_text("utf-8"), re.MULTILINE) if heading else [heading]

        assert heading in {re.sub(r"[^\w -]", "", each.lower()).replace(" ", "-") for each in headings}, target


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_pages_name_no_command_that_is_not_there(page: Path) -> None:
    """Where a page writes a command of the program, the program has it."""
    text = page.read_text("utf-8")
    for first, second in re.findall(r"`(?:\$ )?qingling ([a-z][a-z-]*)(?: ([a-z][a-z-]*))?", text):
        assert first in COMMANDS, first
        assert first not in GROUPS or not second or f"{first} {second}" in COMMANDS, f"{first} {second}"


def test_reference_is_what_the_program_says(request: pytest.FixtureRequest) -> None:
    """docs/reference.md lists every command with the help that it shows; `make docs` writes it anew."""
    text = REFERENCE.read_text("utf-8")
    by_hand, _, _ = text.partition(BEGIN)
    if request.config.getoption("--snapshot-update"):
        REFERENCE.write_text(by_hand + reference(), "utf-8")

    assert REFERENCE.read_text("utf-8") == by_hand + reference(), "run: make docs"


def test_two_commands_and_the_second_is_what_ci_calls() -> None:
    """The README has two commands for a newcomer; what must hold before a change lands calls the second."""
    first, second = (block.strip() for block in SHELL.findall(README))
    lines = [line.strip() for line in (HOUSE / ".ci/run").read_text("utf-8").splitlines()]

    assert first.endswith("/qingling demo demo")
    assert second.endswith("-m pytest -n auto")
    assert second in lines


def test_every_exit_code_is_told() -> None:
    """The README, in both languages, and the reference tell each exit code that an error has."""
    codes = {each.exit_code for each in _all_errors(QinglingError)}

    for text in (README, IN_CHINESE, REFERENCE.read_text("utf-8")):
        told = {int(code) for code in re.findall(r"\| (\d+) (?=\|)", text)}
        assert codes <= told


def test_every_variable_is_told() -> None:
    """The README, in both languages, and the reference tell each variable of the environment that the program reads."""
    read = {
        name
        for room in ("commands", "desk", "engine", "notifications", "documents", "presentation", "workflows")
        for path in (HOUSE / room).rglob("*.py")
        for name in re.findall(r'"(QINGLING_[A-Z_]+[A-Z])"', path.read_text("utf-8"))
    } - {"QINGLING_COMPLETE"}

    for text in (README, IN_CHINESE, REFERENCE.read_text("utf-8")):
        assert read <= set(re.findall(r"`(QINGLING_[A-Z_]+)`", text))


def test_changelog_names_the_version() -> None:
    """The version of the program is that of its metadata, and the changelog has a heading for it."""
    version = tomllib.loads((HOUSE / "pyproject.toml").read_text("utf-8"))["project"]["version"]

    assert version == cli.VERSION
    assert re.search(
        rf"^## \[{re.escape(version)}\] - \d{{4}}-\d\d-\d\d$", (HOUSE / "CHANGELOG.md").read_text(), re.MULTILINE
    )


def test_contributing_opens_with_the_one_command() -> None:
    """CONTRIBUTING.md is short, and the first thing it says is what must be green."""
    lines = (HOUSE / "CONTRIBUTING.md").read_text("utf-8").splitlines()

    assert len(lines) <= 150
    assert lines[2].strip() == "make check"


def _all_errors(kind: type[QinglingError]) -> list[type[QinglingError]]:
    """Return an error and all that descend from it."""
    return [kind, *(each for below in kind.__subclasses__() for each in _all_errors(below))]
