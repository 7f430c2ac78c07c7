"""What is written is plain: no words that people stopped using, and prose in lines of even length."""

import ast
import re
import textwrap
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from pages import BEGIN, HOUSE, commands_of_the_program, help_of
from test_architecture import modules, nodes, tree_of

PAGES = sorted([*HOUSE.glob("*.md"), *(HOUSE / "docs").glob("*.md"), *(HOUSE / "docs/zh").glob("*.md")])
WIDTH = 110
"""Columns of a line of prose."""

PLAIN = {
    "anew": "again",
    "aught": "anything",
    "hence": "therefore",
    "lest": "so that not",
    "misshapen": "malformed",
    "nought": "nothing, or zero",
    "reckon": "compute, count",
    "shall": "must",
    "told": "said, named, shown",
    "whence": "from where",
    "whoever": "who, the officer who",
    "whosoever": "who",
}
"""Word -> what to write in its place."""
BARE = re.compile(r"(?:^|[.;:]\s)(Who [a-z]+ [^?.;]*[.;])", re.MULTILINE)
"""A sentence about the person who does something, and no question: "Who signs is asked." """
OLD = re.compile(rf"\b(?:{'|'.join(PLAIN)})(?:s|ed|ing|ings)?\b", re.IGNORECASE)

ROOMS = (
    "cli.py",
    *sorted(
        place.relative_to(HOUSE).as_posix()
        for package in (
            "benchmarks",
            "commands",
            "desk",
            "documents",
            "engine",
            "notifications",
            "presentation",
            "tools",
            "workflows",
        )
        for place in (HOUSE / package).iterdir()
        if place.suffix == ".py" or any(place.glob("*.py"))
    ),
)
"""Rooms whose docstrings, comments and sentences are held too: all of them."""

HISTORY = "engine/store/migrations"
"""Steps that ledgers have taken are not written again."""

TEMPLATES = sorted(
    file
    for room in ("desk", "documents", "notifications")
    for file in (HOUSE / room).rglob("*")
    if file.suffix in {".html", ".txt", ".js"}
)

DECLARATIONS = sorted((HOUSE / "workflows").rglob("*.yaml"))

INFORMED = {"told"}
"""In a declaration somebody is told: 告知 is an act of its own there."""

FENCE = re.compile(r"^\s*(?:```|~~~)")
ITEM = re.compile(r"^(\s*)([-*] |\d+\. )")
APART = re.compile(r"^(?:#|\||<!--|>|    \S|!?\[[^]]*\]: )")
WHOLE = re.compile(r"`[^`]*`")
"""What is not broken over lines."""
HARD = "\x1f"
"""Stands for a space there: `textwrap` breaks at it no more than at a letter."""
NAMES = re.compile(r"`[^`]*`|^ +\w+(?=: )", re.MULTILINE)
OPTION = re.compile(r"--[a-z-]+|\b[a-z]+(?:_[a-z]+)+\b")
CHINESE = re.compile(r"[\u2e80-\u9fff\uff00-\uffef]")


def named(page: Path) -> str:
    """Return a page's place in the house."""
    return page.relative_to(HOUSE).as_posix()


def by_hand(page: Path) -> str:
    """Return what people wrote of a page: without what is generated, and without names of options and fields."""
    return OPTION.sub("", page.read_text("utf-8").partition(BEGIN)[0])


def filled(text: str) -> str:
    """Return a page with each paragraph of prose in lines as long as they may be; tables and code stay."""
    lines: list[str] = []
    paragraph: list[str] = []
    in_code = False
    for line in [*text.splitlines(), ""]:
        if FENCE.match(line):
            in_code = not in_code
        begins = bool(ITEM.match(line))
        ends = in_code or FENCE.match(line) or not line.strip() or (APART.match(line) and not paragraph)
        if paragraph and (begins or ends or APART.match(line.strip())):
            lines += _filled(paragraph)
            paragraph = []
        if ends or (APART.match(line) and not paragraph and not line.startswith("    ")):
            lines.append(line)
        else:
            paragraph.append(line)
    return "\n".join(lines).rstrip("\n") + "\n"


def _filled(paragraph: list[str]) -> list[str]:
    """Return the lines of one paragraph or item, filled; one whose lines end in Chinese stays, for want of a space."""
    if any(CHINESE.match(a[-1]) or CHINESE.match(b.strip()[0]) for a, b in pairwise(paragraph)):
        return paragraph
    item = ITEM.match(paragraph[0])
    first = item[0] if item else paragraph[0][: len(paragraph[0]) - len(paragraph[0].lstrip())]
    words = " ".join(each.strip() for each in paragraph)[len(first.strip()) :].strip()
    held = WHOLE.sub(lambda found: found[0].replace(" ", HARD), words)
    lines = textwrap.wrap(
        held,
        WIDTH,
        initial_indent=first,
        subsequent_indent=" " * len(first),
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [each.replace(HARD, " ") for each in lines]


def said_by(path: Path) -> Iterator[tuple[int, str]]:
    """Yield what people read in a module, by line: its texts (docstrings are texts too), its comments, and its names.

    Names of code are left out where a text speaks of them: what stands in backticks, and arguments in a docstring.
    """
    source = path.read_text("utf-8")
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Constant(value=str(text)) if " " in text:
                yield node.lineno, NAMES.sub("", text)
            case (
                ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.arg(arg=name)
                | ast.Name(id=name, ctx=ast.Store())
            ):  # fmt: skip
                yield node.lineno, re.sub(r"(?<=[a-z])(?=[A-Z])|_", " ", name)
    for number, line in enumerate(source.splitlines(), start=1):
        _, mark, comment = line.partition("# ")
        if mark:
            yield number, comment


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_pages_use_words_of_today(page: Path) -> None:
    """No page uses a word of the list, and no sentence of one begins with a bare "who": it names the person."""
    text = by_hand(page)

    assert [(word, PLAIN.get(word.lower())) for word in OLD.findall(text)] == []
    assert BARE.findall("\n".join(line for line in text.splitlines() if not line.startswith(("|", "#")))) == []


@pytest.mark.parametrize("called", [called for called, _ in commands_of_the_program()])
def test_help_uses_words_of_today(called: str) -> None:
    """No command's help uses a word of the list."""
    assert OLD.findall(help_of(called, "en")) == []


def modules_of(room: str) -> list[Path]:
    """Return the modules of a room that are still written to."""
    place = HOUSE / room
    files = sorted(place.rglob("*.py")) if place.is_dir() else [place]
    return [file for file in files if not named(file).startswith(HISTORY)]


@pytest.mark.parametrize("room", ROOMS)
def test_code_uses_words_of_today(room: str) -> None:
    """No docstring, comment or sentence of the code uses a word of the list, and no name is made of one."""
    found = [
        f"{named(file)}:{line}: {word}"
        for file in modules_of(room)
        for line, text in said_by(file)
        for word in OLD.findall(text)
    ]

    assert found == []


@pytest.mark.parametrize("file", DECLARATIONS, ids=named)
def test_declarations_use_words_of_today(file: Path) -> None:
    """No title, sentence or comment of a shipped declaration uses a word of the list."""
    prose = OPTION.sub("", file.read_text("utf-8"))

    assert [word for word in OLD.findall(prose) if word.lower() not in INFORMED] == []


def test_templates_use_words_of_today() -> None:
    """No page of the desk, message or report uses a word of the list, nor calls anything by one."""
    found = {named(file): OLD.findall(file.read_text("utf-8")) for file in TEMPLATES}

    assert len(found) > len(("desk", "documents", "notifications"))
    assert {file: words for file, words in found.items() if words} == {}


def test_the_glossary_names_classes_that_are_there() -> None:
    """Each class and module that the glossary gives a word to exists, and each class has one line."""
    rows = re.findall(
        r"^\|[^|]*\|([^|]*`[^|]*)\|[^|]*\|$", (HOUSE / "docs/glossary.md").read_text("utf-8"), re.MULTILINE
    )
    given = [name for row in rows for name in re.findall(r"`([\w.]+)`", row)]
    classes = {
        node.name for path in modules().values() for node in tree_of(path).body if isinstance(node, ast.ClassDef)
    }

    assert given
    assert len(given) == len(set(given))
    assert [name for name in given if name not in classes and name not in modules()] == []


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_prose_is_wrapped_evenly(page: Path, request: pytest.FixtureRequest) -> None:
    """Paragraphs fill their lines; `make docs` wraps them."""
    text = page.read_text("utf-8")
    prose, begin, rest = text.partition(BEGIN)
    even = filled(prose) + begin + rest if begin else filled(prose)
    if request.config.getoption("--snapshot-update"):
        page.write_text(even, "utf-8")

    assert page.read_text("utf-8") == even, "run: make docs"


def test_filling_leaves_tables_code_and_items() -> None:
    """Only prose is filled, and each item keeps its indentation."""
    page = "# A\n\nshort\nlines\n\n- one\n  two\n- three\n\n| a |\n|---|\n\n```sh\n$ x\n  y\n```\n"

    assert filled(page) == "# A\n\nshort lines\n\n- one two\n- three\n\n| a |\n|---|\n\n```sh\n$ x\n  y\n```\n"


def parameters_described(docstring: str) -> list[str]:
    """Return the names under `Args:`."""
    described = re.search(r"^Args:\n((?:    .*\n?|\n)+)", docstring, re.MULTILINE)
    return re.findall(r"^    \*{0,2}(\w+):", described[1], re.MULTILINE) if described else []


def test_docstrings_describe_parameters_that_are_there() -> None:
    """No docstring goes on describing a parameter that the function no longer takes."""
    found = []
    for module, path in modules().items():
        for node in nodes(path):
            if isinstance(node, ast.FunctionDef):
                taken = {each.arg for each in ast.walk(node.args) if isinstance(each, ast.arg)}
                described = parameters_described(ast.get_docstring(node) or "")
                found += [f"{module}.{node.name}: {name}" for name in described if name not in taken]

    assert found == []


def test_parameters_are_found_in_a_docstring() -> None:
    """Names are read from the section on arguments alone, though a description goes over several lines."""
    assert parameters_described(
        "Do.\n\nArgs:\n    one: First.\n        two: more.\n    *rest: Other.\n\nRaises:\n    X: If."
    ) == [
        "one",
        "rest",
    ]
