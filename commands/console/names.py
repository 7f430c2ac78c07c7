"""Types of arguments that are understood as people say them: a case by the end of its number, a unit by its name.

What is not understood is handed on as it was typed: the operation that needs it refuses it, with what is near.
"""

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final
from unicodedata import normalize

import click

from commands.console.context import AppContext, app_of
from commands.console.environment import path_given
from engine.errors import BadValueError, NotFoundError, RefusedError
from engine.language import Text, language, lazy_pattern, t

if TYPE_CHECKING:
    from workflows.adopted_book import AdoptedDeclarations
    from workflows.loader import Declarations

_SHORT: Final = lazy_pattern(r"(?:[^-\s]{1,40}-){0,2}\d{1,9}")
"""A number with parts left out: 3, 2019-3, 0102-3 or XS-2019-3."""
PLACES: Final = frozenset({"FILE", "FOLDER"})
"""What stands for the name of a file or folder."""


class Called(click.ParamType[str]):
    """A type whose words are looked up in the ledger."""

    name = "text"

    def __init__(self, find: "Callable[[AppContext, str], str]", *, looks: re.Pattern[str] | None = None) -> None:
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
        return self._find(app_of(ctx), typed)


class TitledChoice(click.Choice[str]):
    """A choice of values that have titles: what is typed may be the title, or a part that only one of them has."""

    def __init__(self, titles: Mapping[str, Text]) -> None:
        super().__init__(list(titles))
        self._titles = titles

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the value that is meant.

        Raises:
            BadValueError: If several may be meant.
        """
        from engine.workflow.called import called, near

        found = called(str(value), self._titles)
        if found is not None:
            return found
        if language() == "zh":
            choices = "、".join(each.zh for each in self._titles.values())
            self.fail(f"没有“{value}”这一项{near(str(value), self._titles).zh}；可选：{choices}", param, ctx)
        return super().convert(value, param, ctx)

    def get_missing_message(self, param: click.Parameter, ctx: click.Context | None) -> str:
        """Return what may be written, in the language in use."""
        if language() == "en":
            return super().get_missing_message(param, ctx)
        return f"可选：{'、'.join(each.zh for each in self._titles.values())}"

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str | None:
        """Return what may be written, in the language in use."""
        return (
            super().get_metavar(param, ctx) if language() == "en" else f"[{'|'.join(map(str, self._titles.values()))}]"
        )


class Year(click.ParamType[int]):
    """A year as dates are written: 2019, ２０１９, 2019年, 二〇一九年度."""

    name = "year"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:  # noqa: ARG002
        """Return the year.

        Raises:
            BadValueError: If it is none.
        """
        from engine.working_days.dates import read_year

        return value if isinstance(value, int) else read_year(str(value))


def _number(app: AppContext, typed: str) -> str:
    from engine.operations.cases.lookup import number_meant

    try:
        ledger = app.ledger_read
    except (BadValueError, NotFoundError, RefusedError):  # said by the command, if it needs to know who reads
        return typed
    return number_meant(ledger, normalize("NFKC", typed).strip())


def _unit(app: AppContext, typed: str) -> str:
    from engine.operations.house.directory import unit_called

    return unit_called(app.ledger, typed)


def _officer(app: AppContext, typed: str) -> str:
    from engine.operations.house.directory import officer_called

    return officer_called(app.ledger, typed)


def _workflow(app: AppContext, typed: str) -> str:
    return workflow_called(app.declarations, typed)


def workflow_called(declarations: "AdoptedDeclarations | Declarations", typed: str) -> str:
    """Return the workflow that is meant, by its name or title; else *typed* as it is.

    Raises:
        BadValueError: If several may be meant.
        NotFoundError: If none has that title.
    """
    from engine.errors import InvalidWorkflowError, NotFoundError
    from engine.workflow.called import called, near

    if typed in declarations.names():
        return typed
    titles = {}
    for name in declarations.names():
        with suppress(InvalidWorkflowError):  # said by what needs it
            titles[name] = declarations.latest(name).title
    found = called(typed, titles)
    if found is None and not typed.isascii():
        raise NotFoundError(
            Text(
                f"no workflow is called '{typed}'; see: qingling workflow list",
                f"没有名为“{typed}”的流程{near(typed, titles).zh}；请查看：qingling workflow list",
            )
        )
    return found or typed


def place_meant(ctx: click.Context, param: click.Parameter, value: Any) -> Any:
    """Return the file or folder that was typed, with `~` expanded, which a shell does only at the beginning of a word.

    Raises:
        click.BadParameter: If it has no name, as where a variable of a script is not set: it would be this folder.
        BadFileError: If nobody here has that home.
    """
    if param.metavar not in PLACES or value is None or ctx.resilient_parsing:
        return value
    if isinstance(value, tuple | list):
        return tuple(place_meant(ctx, param, each) for each in value)
    if value == "":
        raise click.BadParameter(t("it has no name", "名称为空"), ctx, param)
    return str(path_given(value)) if isinstance(value, str) and value.startswith("~") else value


CASE: Final = Called(_number, looks=_SHORT)
TYPES: Final[Mapping[str, click.ParamType[Any]]] = {
    "UNIT": Called(_unit),
    "OFFICER": Called(_officer),
    "WORKFLOW": Called(_workflow),
    "YEAR": Year(),
}
"""The types of values by what stands for them in help."""
