"""Types of arguments that are understood as people say them: a case by the end of its number, a unit by its name.

What is not understood is handed on as it was typed: the operation that needs it refuses it, with what is near.
"""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final
from unicodedata import normalize

import click

from commands.console.context import app_of

if TYPE_CHECKING:
    from engine.operations.ledger.ledger import Ledger

_SHORT: Final = re.compile(r"(?:[^-\s]{1,40}-){0,2}\d{1,9}")
"""A number with parts left out: 3, 2019-3, 0102-3 or XS-2019-3."""


class Called(click.ParamType[str]):
    """A type whose words are looked up in the ledger."""

    name = "text"

    def __init__(self, find: "Callable[[Ledger, str], str]", *, looks: re.Pattern[str] | None = None) -> None:
        """Remember how to find what is called so.

        Args:
            looks: Only what looks so is looked up; the rest is as it should be already.
        """
        self._find = find
        self._looks = looks

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: ARG002
        """Return what is meant by *value*.

        Raises:
            BadValueError: If several are called so.
            DatabaseError: If the ledger cannot be opened.
        """
        typed = str(value)
        if ctx is None or ctx.resilient_parsing or not typed.strip():
            return typed
        if self._looks is not None and not self._looks.fullmatch(normalize("NFKC", typed).strip()):
            return typed
        return self._find(app_of(ctx).ledger, typed)


def _number(ledger: "Ledger", typed: str) -> str:
    from engine.operations.cases.lookup import number_meant

    return number_meant(ledger, normalize("NFKC", typed).strip())


def _unit(ledger: "Ledger", typed: str) -> str:
    from engine.operations.house.directory import unit_called

    return unit_called(ledger, typed)


def _officer(ledger: "Ledger", typed: str) -> str:
    from engine.operations.house.directory import officer_called

    return officer_called(ledger, typed)


CASE: Final = Called(_number, looks=_SHORT)
TYPES: Final = {"UNIT": Called(_unit), "OFFICER": Called(_officer)}
"""The types of values by what stands for them in help."""
