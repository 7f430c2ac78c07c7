"""Reads declarations and lists from YAML files, safely and with line numbers; judges nothing itself."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from engine.definition import Choice, Term, Workflow
from engine.language import Text
from engine.problems import Problem


class Book:
    """All declarations: the shipped folder, then the user's, which may replace files by name."""

    def __init__(
        self,
        folders: Sequence[Path] = (),
        *,
        stored: Callable[[str, int | None, str | None], str | None] | None = None,
    ) -> None:
        raise NotImplementedError

    def names(self) -> tuple[str, ...]:
        """Return the names of all workflows."""
        raise NotImplementedError

    def latest(self, name: str) -> Workflow:
        """Return the version that new cases begin with."""
        raise NotImplementedError

    def at(self, name: str, version: int) -> Workflow:
        """Return the version that a case began with."""
        raise NotImplementedError

    def roles(self) -> Mapping[str, Text]:
        """Return the titles of all roles, by name."""
        raise NotImplementedError

    @property
    def lists(self) -> Mapping[str, tuple[Choice, ...]]:
        """The named lists of choices."""
        raise NotImplementedError

    @property
    def law(self) -> Mapping[str, Term]:
        """The terms fixed by law, by row."""
        raise NotImplementedError


def load_all_with_problems(files: Sequence[Path]) -> tuple[tuple[Workflow, ...], tuple[Problem, ...]]:
    """Return the workflows that *files* declare and every problem found in them."""
    raise NotImplementedError
