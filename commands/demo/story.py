"""The story that `demo` plays, as `story.yaml` beside this file writes it; the tests play it whole."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from engine.language import Text
from engine.reading.yaml_file import read

FILE: Final = Path(__file__).with_name("story.yaml")


@dataclass(frozen=True, kw_only=True, slots=True)
class StoryStep:
    """One command of the story."""

    on: str
    """The day on which it is given."""
    by: str
    """Who gives it; empty for the first one, before there is anybody."""
    run: str
    """The command as it is typed; {names} stand for words in the language in use and for files."""
    words: Mapping[str, Text]
    shows: int = 6
    """How many lines of the answer are shown from its beginning; the rest is counted."""
    ends: int = 0
    """How many lines of its end are shown as well."""
    code: int = 0
    """The exit code that it ends with; another one than 0 is a refusal that belongs to the story."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Scene:
    """A few sentences, and the commands that they are about."""

    title: Text
    said: Text
    steps: tuple[StoryStep, ...]


def evening() -> str:
    """Return the day on which the story ends and a newcomer goes on."""
    return str(_written()["evening"])


def story() -> Iterator[Scene]:
    """Yield the scenes in their order."""
    on, by = "", ""
    for scene in _written()["scenes"]:
        steps = []
        for step in scene["steps"]:
            on, by = step.get("on", on), step.get("by", by)
            steps.append(StoryStep(**{**step, "on": on, "by": by, "words": _words(step)}))
        yield Scene(title=Text(**scene["title"]), said=Text(**scene["said"]), steps=tuple(steps))


def ways_on() -> Iterator[tuple[str, Mapping[str, Text], Text]]:
    """Yield the commands by which a newcomer goes on, each with its words and what it is good for."""
    for each in _written()["go_on"]:
        yield each["run"], _words(each), Text(**each["why"])


@cache
def _written() -> dict[str, Any]:
    """Return what the file says; it is shipped, so nothing is wrong with it."""
    found, _, problems = read(FILE, FILE.name)
    assert not problems, problems
    return found


def _words(step: Mapping[str, Any]) -> dict[str, Text]:
    """Return the words in both languages that names in a command stand for."""
    return {name: Text(**each) for name, each in step.get("words", {}).items()}
