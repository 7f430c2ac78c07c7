"""The page that holds the duties of the plans against the program: what it names exists, and nothing is left unsaid."""

import re
import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import click
import pytest
from houses import House, built_house, house

from cli import main
from documents.letters.kinds import kinds
from engine.workflow.model import Workflow
from workflows.loader import Declarations

__all__ = ["built_house", "house"]

HOUSE = Path(__file__).resolve().parents[1]
PAGE = HOUSE / "docs/coverage.md"
BOOK = Declarations()
PLANS = ("S0", *(f"S1-P{place}" for place in range(1, 13)), "S2", "S3", "S4")
FIELDS_ARE_OPTIONS = {"receive", "advance", "amend"}
"""Commands that take the fields of a workflow as options."""


class Row(NamedTuple):
    """One duty, as the page has it."""

    where: str
    duty: str
    served: str
    declared: str
    commands: str
    missing: str


def rows() -> Iterator[Row]:
    """Yield each duty of the page; what is left to people has no declaration."""
    for line in PAGE.read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and len(cells) == len(Row._fields) and cells[2] in {"whole", "in part", "no"}:
            yield Row(*cells)


def quoted(cell: str) -> list[str]:
    """Return what stands between backticks."""
    return re.findall(r"`([^`]+)`", cell)


def among(name: str, of: Callable[[Workflow], Iterable[str]]) -> bool:
    """Say whether WORKFLOW.PART is there, given the names of such parts."""
    workflow, _, part = name.partition(".")
    return workflow in BOOK.names() and part in of(BOOK.latest(workflow))


def steps(workflow: Workflow) -> set[str]:
    """Return the steps of a workflow, as people type them."""
    return {each.trigger for each in workflow.transitions}


THERE: Mapping[str, Callable[[str], bool]] = {
    "workflow": lambda name: name in BOOK.names(),
    "step": lambda name: among(name, steps),
    "term": lambda name: among(name, lambda it: it.deadlines),
    "field": lambda name: among(name, lambda it: it.fields),
    "list": lambda name: (HOUSE / f"workflows/lists/{name}.yaml").is_file(),
    "campaign": lambda name: (HOUSE / f"workflows/campaigns/{name}.yaml").is_file(),
    "letter": lambda name: name in kinds(),
    "role": lambda name: name in BOOK.roles(),
}


def wrong_with(line: str) -> str | None:
    """Return what a command names that the program has not; None if all of it is there."""
    words = shlex.split(line)[1:]
    command: click.Command = main
    context = click.Context(main)
    while isinstance(command, click.Group) and words:
        found = command.get_command(context, words[0])
        if found is None:
            return f"no command {words[0]}"
        command, context = found, click.Context(found)
        words.pop(0)
    options = {each: it for it in command.params for each in it.opts if isinstance(it, click.Option)}
    workflow = words[words.index("--workflow") + 1] if "--workflow" in words else "lead"
    if workflow not in BOOK.names():
        return f"no workflow {workflow}"
    named = BOOK.latest(workflow).fields if command.name in FIELDS_ARE_OPTIONS else ()
    fields = {f"--{name.replace('_', '-')}" for name in named}
    given = []
    rest = iter(words)
    for word in rest:
        if word not in options and word.startswith("-") and word not in fields:
            return f"no option {word}"
        if not word.startswith("-"):
            given.append(word)
        elif word in fields or not options[word].is_flag:
            next(rest)
    if len(given) < sum(each.required for each in command.params if isinstance(each, click.Argument)):
        return "an argument is missing"
    if command.name == "advance" and not any(given[1] in steps(BOOK.latest(name)) for name in BOOK.names()):
        return f"no step {given[1]}"
    return None


def test_what_the_page_names_exists() -> None:
    """Each declaration, command, option and step on the page is there."""
    wrong = []
    for row in rows():
        for each in quoted(row.declared):
            kind, _, name = each.partition(" ")
            wrong += [] if kind in THERE and THERE[kind](name) else [f"{row.where} {row.duty}: {each}"]
        for each in quoted(row.commands):
            fault = wrong_with(each)
            wrong += [f"{row.where} {row.duty}: {each}: {fault}"] if fault else []

    assert wrong == []


def test_every_duty_is_answered() -> None:
    """All duties and plans have rows; what is served names how, and what is not whole says why."""
    found = list(rows())
    assert {row.where for row in found} >= {str(number) for number in range(1, 18)}
    assert [plan for plan in PLANS if not any(re.match(rf"{plan}\b", row.where) for row in found)] == []
    wrong = [
        f"{row.where} {row.duty}"
        for row in found
        if (row.served == "no") != (not row.declared and not row.commands)
        or (row.served != "whole" and not row.missing)
        or (row.served != "no" and not (quoted(row.declared) and quoted(row.commands)))
    ]
    assert wrong == []


def test_every_workflow_serves_a_duty() -> None:
    """Each shipped workflow stands on the page."""
    named = {each.partition(" ")[2].partition(".")[0] for row in rows() for each in quoted(row.declared)}
    assert set(BOOK.names()) - named == set()


@pytest.mark.parametrize(
    "line", ["qingling unknown", "qingling list --unknown", "qingling advance NUMBER unknown", "qingling show"]
)
def test_what_is_not_there_is_found(line: str) -> None:
    """The reading of commands finds what is missing."""
    assert wrong_with(line)


def test_what_is_listed_can_be_listed(house: House) -> None:
    """Each list that the page sends people to is answered by a ledger that has just been set up."""
    asked = {each for row in rows() for each in quoted(row.commands) if each.startswith("qingling list")}
    answers = {each: house.run(*shlex.split(each)[1:]) for each in sorted(asked)}

    assert {each: answer.output for each, answer in answers.items() if answer.exit_code} == {}
