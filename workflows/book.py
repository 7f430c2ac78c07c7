"""What lists say, wherever they are kept: choices, roles, levels, law, and the words for reading ledgers."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Final, TypeVar

from engine.errors import InvalidWorkflowError
from engine.language import Text
from engine.reading.choice_lists import (
    Law,
    choices_in,
    house_terms_in,
    law_in,
    levels_in,
    roles_in,
    wordings_in,
)
from engine.reading.heading_words import HeadingWords, heading_words_in
from engine.workflow.ladder_levels import LadderLevel
from engine.workflow.model import Choice
from engine.workflow.powers import HouseTerms, Power, Role
from engine.workflow.problems import Problem
from engine.workflow.proofs import LogInLimits
from engine.workflow.texts import KeptText, Source

_Read = TypeVar("_Read")

APART: Final = ("roles", "levels", "law", "synonyms", "headings")
"""Lists that no field chooses from."""

ADDED: Final = ("synonyms", "headings")
"""Lists of the program that a house's own adds to instead of replacing them."""

SHIPPED: Final = Path(__file__).resolve().parent
"""Beside this file; `importlib.resources` would say the same and cost a third of a command's start."""


class Lists(ABC):
    """All lists, each read once and only when it is asked for."""

    @cached_property
    @abstractmethod
    def _list_sources(self) -> Mapping[str, Source]:
        """Where each list stands."""

    @abstractmethod
    def _together(self, name: str) -> Iterable[Source]:
        """Return where all lists of a name stand that are added to each other, the program's first."""

    def roles(self) -> Mapping[str, Text]:
        """Return the titles of all roles, by name.

        Raises:
            InvalidWorkflowError: If the list of roles cannot be read.
        """
        return MappingProxyType({name: each.title for name, each in self._roles.items()})

    def declared_roles(self) -> Mapping[str, Role]:
        """Return all roles with what they may do and read, by name.

        Raises:
            InvalidWorkflowError: If the list of roles cannot be read.
        """
        return self._roles

    def house_terms(self) -> HouseTerms:
        """Return the terms of the house that the list of roles declares.

        Raises:
            InvalidWorkflowError: If the list of roles cannot be read.
        """
        return self._sound("roles", house_terms_in)

    def log_in_limits(self) -> LogInLimits:
        """Return how long log-ins last, and how long who types wrong passwords must wait.

        Raises:
            InvalidWorkflowError: If the list of roles cannot be read.
        """
        return self.house_terms().log_in

    def roles_that_may(self, power: Power) -> tuple[str, ...]:
        """Return the roles that have a power, in declared order.

        Raises:
            InvalidWorkflowError: If the list of roles cannot be read.
        """
        return tuple(name for name, each in self._roles.items() if power in each.may)

    def unit_types(self) -> Mapping[str, Text]:
        """Return the titles of the types of units, by name, the usual one first; none where they are not declared."""
        return MappingProxyType({each.value: each.title for each in self.lists.get("unit_types", ())})

    def unit_type_words(self) -> Mapping[str, str]:
        """Return the names of the types of units by what else they are called."""
        return MappingProxyType({word: each.value for each in self.lists.get("unit_types", ()) for word in each.also})

    def levels(self) -> Mapping[str, LadderLevel]:
        """Return the levels of reminding by name, the mildest first.

        Raises:
            InvalidWorkflowError: If their list cannot be read.
        """
        return self._levels

    @cached_property
    def lists(self) -> Mapping[str, tuple[Choice, ...]]:
        """The choices of every named list; those that cannot be read are missing."""
        sources = {name: source for name, source in self._list_sources.items() if name not in APART}
        found = {name: choices_in(source, shown(source))[0] for name, source in sources.items()}
        return MappingProxyType({name: each for name, each in found.items() if each})

    @cached_property
    def law(self) -> Law:
        """What the rows of law fix; empty if they cannot be read."""
        source = self._list_sources.get("law")
        return law_in(source, shown(source))[0] if source else Law()

    @cached_property
    def heading_words(self) -> HeadingWords:
        """How headings of ledgers are composed, of all lists together; patterns that cannot be used are left out."""
        return heading_words_in((each, shown(each)) for each in self._together("headings"))[0]

    @cached_property
    def _roles(self) -> Mapping[str, Role]:
        """The roles, by name."""
        return self._sound("roles", roles_in)

    @cached_property
    def _levels(self) -> Mapping[str, LadderLevel]:
        """The levels of reminding, by name."""
        return self._sound("levels", levels_in)

    def _sound(self, name: str, reader: Callable[[Source, str], tuple[_Read, tuple[Problem, ...]]]) -> _Read:
        """Return what a list says without which nothing works."""
        source = self._list_sources[name]
        found, wrong = reader(source, shown(source))
        if wrong:
            raise InvalidWorkflowError([each.text for each in wrong])
        return found

    @cached_property
    def _synonyms(self) -> Mapping[str, Mapping[str, tuple[str, ...]]]:
        """The wordings of all lists together; those that cannot be read are left out."""
        return wordings_of(self._together("synonyms"))


def wordings_of(sources: Iterable[Source]) -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """Return the wordings of lists of synonyms together; those that cannot be read are left out."""
    together: dict[str, dict[str, tuple[str, ...]]] = {}
    for source in sources:
        for kind, wordings in wordings_in(source, shown(source))[0].items():
            of_kind = together.setdefault(kind, {})
            for name, words in wordings.items():
                of_kind[name] = (*of_kind.get(name, ()), *words)
    return together


def shown(source: Source) -> str:
    """Return how a text is named to people: a shipped file by its place in the program."""
    if isinstance(source, KeptText):
        return source.name
    if source.is_relative_to(SHIPPED):
        return str(Path("workflows", source.relative_to(SHIPPED)))
    return str(source)
