"""The Chinese pages say what the English ones say: one for each, of the same shape, with commands that there are.

Sentences are not compared: a page in Chinese is written for clerks, not word for word. What can drift apart unseen is
compared: headings, tables, blocks of code, the commands that are typed, and the way from one page to the other.
"""

import re
import shlex
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, Final

import click
import yaml
from pages import HOUSE

import cli
from commands.console.chinese_words import COMMAND_WORDS, OPTION_WORDS, OPTIONS_OF_NOUNS
from commands.console.field_options import FieldCommand, _lifted
from documents.letters.kinds import STANDING, kinds
from workflows.loader import Declarations

CHINESE: Final = HOUSE / "docs/zh"

ONLY_ENGLISH: Final = {
    "docs/architecture.md": "for those who change the program",
    "docs/coverage.md": "holds the plans against the program; how to read it is said in Chinese at its end",
    "docs/deployment/postgresql.md": "in both languages by itself",
    "docs/deployment/windows.md": "in both languages by itself",
    "docs/glossary.md": "in both languages by itself",
    "docs/journal.md": "for those who read a journal with a program of their own",
    "docs/mutants.md": "for those who change the program",
    "docs/reference.md": "generated; the same help is shown in Chinese by `--帮助`",
    "docs/tutorial.md": "Chinese itself",
    "docs/why.md": "for those who judge the design",
}
"""English pages that have none in Chinese, and why."""

IN_BOTH: Final = [HOUSE / "SECURITY.md", *(HOUSE / "docs/deployment").glob("*.md")]
"""Pages that are in both languages by themselves."""

PAIRS: Final = [
    (english, CHINESE / english.relative_to(HOUSE if english.parent == HOUSE else HOUSE / "docs"))
    for english in sorted([HOUSE / "README.md", *(HOUSE / "docs").rglob("*.md")])
    if CHINESE not in english.parents and english.relative_to(HOUSE).as_posix() not in ONLY_ENGLISH
]

FENCED: Final = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PROMPT: Final = re.compile(r"^\$ ", re.MULTILINE)
HAN: Final = re.compile("[\u4e00-\u9fff]")
CHINESE_OPTION: Final = re.compile(r"(?<![\w-])--[\u4e00-\u9fff][\u4e00-\u9fff\w]*")
FIELDS_OF_THE_PAGE: Final = re.compile(r"zh: ([\u4e00-\u9fff]+)")
STAND_FOR_FIELDS: Final = {"字段", "字段名"}
ENDS_A_COMMAND: Final = re.compile(r"^(?:\||\|\||&&|;|\d?>{1,2}.*)$")


def shape(text: str) -> Iterator[tuple[object, ...]]:
    """Yield headings by level, tables by columns and rows, and blocks by what they are written in and how long."""
    for number, part in enumerate(FENCED.split(text)):
        if number % 3 == 1:
            language = part
        elif number % 3 == 2:
            yield "block", language, len(PROMPT.findall(part)) if language == "console" else part.count("\n")
        else:
            yield from _shape_of_prose(part)


def _shape_of_prose(text: str) -> Iterator[tuple[object, ...]]:
    """Yield headings and tables."""
    for run in re.findall(r"^#+ |^<!-- file: \S+|(?:^\|.*\n?)+", text, re.MULTILINE):
        lines = run.splitlines()
        columns = len(re.findall(r"(?<!\\)\|", lines[0]))
        yield ("table", columns - 1, len(lines)) if run[0] == "|" else ("heading or file", run)


def alike(english: Any, chinese: Any) -> bool:
    """Say whether two values of YAML are the same but for texts that hold Chinese."""
    if isinstance(english, dict) and isinstance(chinese, dict):
        return list(english) == list(chinese) and all(alike(english[key], chinese[key]) for key in english)
    if isinstance(english, list) and isinstance(chinese, list):
        return len(english) == len(chinese) and all(map(alike, english, chinese))
    return english == chinese or (isinstance(chinese, str) and bool(HAN.search(chinese)))


def commands_in_blocks(text: str) -> Iterator[list[str]]:
    """Yield the words after `qingling` of each command that a page shows in a block."""
    for language, block in FENCED.findall(text):
        if language in {"console", "sh", ""}:
            for line in block.replace("\\\n", " ").splitlines():
                if re.search(r"(?:^|[|] |^\$ )qingling ", line):
                    yield _words(line.partition("qingling ")[2])


def commands_in_prose(text: str) -> Iterator[list[str]]:
    """Yield the words of each command that stands in backticks, with or without `qingling` before it."""
    for found in re.findall(r"`([^`\n]+(?:\n[^`\n]+)?)`", FENCED.sub("", text)):
        whole = " ".join(found.split())
        first = whole.removeprefix("qingling ").split(" ")[0]
        if first != "…" and (whole.startswith("qingling ") or ("--" in whole and first in COMMAND_WORDS.values())):
            yield _words(whole.removeprefix("qingling "))


def _words(line: str) -> list[str]:
    """Return the words of one command, without what the shell does with it."""
    words = shlex.split(line, comments=True)
    end = next((place for place, word in enumerate(words) if ENDS_A_COMMAND.match(word)), len(words))
    return [word for before, word in pairwise(["", *words[:end]]) if word != "…" or before.startswith("--")]


def understood(words: list[str], *, whole: bool = True) -> tuple[str, tuple[str, ...], int]:
    """Return the command, what it is given and the number of fields among that, by the names of the program.

    Raises:
        click.UsageError: If there is no such command, it has no such option, or *whole* and a word is missing.
    """
    context = click.Context(cli.main, info_name="qingling")
    found: click.Command = cli.main
    options, rest, _ = cli.main.make_parser(context).parse_args(list(words))
    names = [f"qingling {name}" for name in options]
    while isinstance(found, click.Group) and rest:
        name, inner, rest = found.resolve_command(context, list(rest))
        assert inner is not None
        names.append(name or "")
        context, found = click.Context(inner, parent=context, info_name=name), inner
    kept, fields = _lifted(found.get_params(context), rest) if isinstance(found, FieldCommand) else (rest, [])
    given, left, _ = found.make_parser(context).parse_args(list(kept))
    present = {name for name, value in given.items() if value and isinstance(value, str | bool | list | tuple)}
    needed = {each.name or "" for each in found.params if isinstance(each, click.Argument) and each.required}
    if whole and (left or needed - present):
        raise click.UsageError(f"too much: {left}, missing: {needed - present}")
    return " ".join(names), tuple(sorted(present)), len(fields)


def test_each_page_is_there_in_chinese() -> None:
    """An English page has a Chinese one of the same name, or stands in the list with the reason."""
    there = {page.relative_to(HOUSE).as_posix() for page in CHINESE.rglob("*.md")}
    wanted = {chinese.relative_to(HOUSE).as_posix() for _, chinese in PAIRS}

    assert there ^ wanted == set()
    assert [name for name in ONLY_ENGLISH if not (HOUSE / name).exists()] == []


def test_pages_lead_to_each_other() -> None:
    """A reader of one finds the other: each page of a pair has a link to it."""
    missing = []
    for page, other in [*PAIRS, *((chinese, english) for english, chinese in PAIRS)]:
        targets = re.findall(r"\]\(([^)#\s]+)", page.read_text("utf-8"))
        if other not in {(page.parent / each).resolve() for each in targets if "://" not in each}:
            missing.append(page.relative_to(HOUSE).as_posix())

    assert missing == []


def test_pages_have_the_same_shape() -> None:
    """Headings, tables and blocks come in the same order and size; declarations differ in Chinese texts only."""
    wrong: list[object] = []
    for english, chinese in PAIRS:
        texts = english.read_text("utf-8"), chinese.read_text("utf-8")
        shapes = [list(shape(each)) for each in texts]
        wrong += [(chinese.name, *pair) for pair in zip(*shapes, strict=False) if pair[0] != pair[1]][:1]
        wrong += [(chinese.name, *map(len, shapes))] if len(shapes[0]) != len(shapes[1]) else []
        blocks = [[block for written_in, block in FENCED.findall(each) if written_in == "yaml"] for each in texts]
        wrong += [
            (chinese.name, block.splitlines()[0])
            for one, block in zip(*blocks, strict=False)
            if not alike(yaml.safe_load(one), yaml.safe_load(block))
        ]

    assert wrong == []


def test_commands_are_those_of_the_english_page() -> None:
    """What is typed in a block of a Chinese page is the command of the English one, with the same options."""
    wrong = []
    for english, chinese in PAIRS:
        lines = [list(commands_in_blocks(page.read_text("utf-8"))) for page in (english, chinese)]
        wrong += [] if len(lines[0]) == len(lines[1]) else [(chinese.name, *map(len, lines))]
        for words, said in zip(*lines, strict=False):
            meant, typed = understood(words), understood(said)
            wrong += [] if meant == typed else [(chinese.name, " ".join(said), meant, typed)]

    assert wrong == []


def test_every_command_and_option_is_one_of_the_program() -> None:
    """Each command on a Chinese page can be typed so: command, verb and options are there, and fields so called."""
    book = Declarations()
    titles = {field.title.zh for name in book.names() for field in book.latest(name).fields.values()}
    titles |= {value.title.zh for kind in kinds().values() for value in kind.values.values()}
    titles |= {each.zh for each in STANDING.values()}
    wrong = []
    for page in [*CHINESE.rglob("*.md"), *IN_BOTH]:
        text = page.read_text("utf-8")
        fields = titles | set(FIELDS_OF_THE_PAGE.findall(text)) | STAND_FOR_FIELDS
        known = {*OPTION_WORDS.values(), *OPTIONS_OF_NOUNS.values(), *(f"--{each}" for each in fields)}
        wrong += [(page.name, each) for each in CHINESE_OPTION.findall(text) if each not in known]
        typed = [(words, True) for words in commands_in_blocks(text)]
        for words, whole in [*typed, *((words, False) for words in commands_in_prose(text))]:
            try:
                understood(words, whole=whole)
            except click.UsageError as error:
                wrong.append((page.name, f"{' '.join(words)}: {error.format_message()}"))

    assert wrong == []
