"""A command of the story as a clerk types it who reads only Chinese: titles and names where the file has codes."""

import shlex
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Final

from commands.console.chinese_words import COMMAND_WORDS, NOUNS, OPTION_WORDS, command_word, option_word
from commands.demo.story import story
from engine.rules.naming import condition_called
from engine.workflow.model import Field, FieldType, Workflow

_WITH_FIELDS: Final = ("advance", "receive", "amend", "hand-over", "letter")
"""Commands that take fields, or values of a letter, as options."""
_BARE: Final = frozenset({"--apply", "--open", "--rehearsal", "--not-classified", "--overwrite", "--another"})
"""Options without a value."""
_CAMPAIGNS: Final = {"yearly": "年度"}
_FLAGS: Final = {"yes": "是", "no": "否"}


def as_a_clerk_types(args: Sequence[str]) -> list[str]:
    """Return the words of a command in Chinese; what has no Chinese word stays as it is."""
    return list(_words(list(args)))


def _words(args: list[str]) -> Iterator[str]:
    """Yield the words, one after the other."""
    named: list[str] = []
    placed: list[str] = []
    workflow = _workflows()["lead"]
    option = ""
    for each in args:
        if each.startswith("--"):
            option = each
            fields = _fields(named, workflow)
            yield f"--{fields[each].title.zh}" if each in fields else _letter_value(named, each)
        elif option:
            if option == "--workflow":
                workflow = _workflows()[each]
            yield _value(option, each, workflow, _fields(named, workflow))
            option = ""
        elif each in COMMAND_WORDS and (not named or (named[0] in NOUNS and len(named) == 1)):
            named.append(each)
            yield command_word(each, named[0])
        else:
            placed.append(each)
            workflow = next((flow for flow in _workflows().values() if _numbers(flow, each)), workflow)
            yield _placed(named, placed, workflow)
        if option in _BARE:
            option = ""


def _placed(named: Sequence[str], placed: Sequence[str], workflow: Workflow) -> str:
    """Return an argument that is no option's value, by its place."""
    from documents.letters.kinds import kinds

    word = placed[-1]
    if named == ["advance"]:
        titles = {each.trigger: each.title.zh for each in workflow.transitions}
        return titles.get(word, word)
    if named[:1] == ["letter"] and word in kinds():
        return kinds()[word].title.zh
    if named[:1] in (["deadline"], ["extend"], ["pause"], ["resume"]) and word in workflow.deadlines:
        return workflow.deadlines[word].title.zh
    if named[:1] == ["workflow"] and word in _workflows():
        return _workflows()[word].title.zh
    return _CAMPAIGNS.get(word, word) if named == ["zero"] else word


def _fields(named: Sequence[str], workflow: Workflow) -> dict[str, Field]:
    """Return the fields that the command takes, by their options."""
    if not named or named[0] not in _WITH_FIELDS or named[0] == "letter":
        return {}
    own = {"--unit", "--deadline"} | ({"--reason"} if named[0] != "advance" else set())
    return {f"--{each.option.en}": each for each in workflow.fields.values() if f"--{each.option.en}" not in own}


def _letter_value(named: Sequence[str], option: str) -> str:
    """Return an option of a command, or of a letter: what it is about, by its title."""
    from documents.letters.kinds import STANDING, kinds

    if named[:1] == ["letter"]:
        values = {value.name: value.title.zh for kind in kinds().values() for value in kind.values.values()}
        title = {**values, **{name: each.zh for name, each in STANDING.items()}}.get(option[2:].replace("-", "_"))
        if title and (option not in OPTION_WORDS or option in {"--contact", "--telephone"}):
            return f"--{title}"
    return option_word(option, named[0] if named else None)


def _value(option: str, word: str, workflow: Workflow, fields: dict[str, Field]) -> str:
    """Return what an option is given."""
    if option in {"--by", "--signed-by", "--reviewer"} or (
        option in fields and fields[option].type in {FieldType.OFFICER, FieldType.OFFICERS}
    ):
        return "、".join(_officers().get(each, each) for each in word.split(","))
    if option in fields:
        titles = {each.value: each.title.zh for each in fields[option].choices}
        if fields[option].type is FieldType.CHOICES:
            return "、".join(titles.get(each, each) for each in word.split(","))
        return (_FLAGS if fields[option].type is FieldType.FLAG else titles).get(word, word)
    if option == "--where":
        return condition_called(workflow, word)
    if option == "--workflow":
        return workflow.title.zh
    titled = {"--role": _roles, "--type": _unit_types}.get(option)
    return titled().get(word, word) if titled else word


def _numbers(workflow: Workflow, word: str) -> bool:
    """Say whether a word is a number that the workflow gives."""
    return word.count("-") == 3 and f"-{word.split('-')[1]}-" in (workflow.number or "")


@cache
def _workflows() -> dict[str, Workflow]:
    """Return the shipped workflows by name."""
    from workflows.loader import Declarations

    declarations = Declarations()
    return {name: declarations.latest(name) for name in declarations.names()}


@cache
def _roles() -> dict[str, str]:
    """Return the titles of roles by name."""
    from workflows.loader import Declarations

    return {name: title.zh for name, title in Declarations().roles().items()}


@cache
def _unit_types() -> dict[str, str]:
    """Return the titles of the types of units by name."""
    from workflows.loader import Declarations

    return {name: title.zh for name, title in Declarations().unit_types().items()}


@cache
def _officers() -> dict[str, str]:
    """Return the names of those who act in the story, by code."""
    found = {"wang": "王某"}
    for step in (each for scene in story() for each in scene.steps if each.run.startswith("officer add ")):
        _, _, code, name, *_ = shlex.split(step.run)
        found[code] = name
    return found
