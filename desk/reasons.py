"""Why something may not be, as a page says it: at the field where that can be mended, without options of commands."""

import re
from typing import Final, NamedTuple

from engine.errors import QinglingError, RefusedError
from engine.language import Text
from engine.workflow.model import Field

_BRACKETS: Final = (
    re.compile(r"\s*\([^()]*(?:--[a-z]|qingling )[^()]*\)"),
    re.compile(r"（[^（）]*(?:--\w|qingling )[^（）]*）"),
)
_COMMANDS: Final = (
    re.compile(r"\s*[;,:][^;,:]*(?:: )?\bqingling [^;]*"),
    re.compile(r"[；，：][^；，：]*：?qingling [^；]*"),
)


class Reason(NamedTuple):
    """One reason."""

    sentence: Text
    field: str | None
    """The field of the form where it is mended; None if none could."""
    basis: str | None = None


def for_a_page(sentence: Text) -> Text:
    """Return a sentence without what only helps at a command line."""
    en, zh = (
        commands.sub("", brackets.sub("", said))
        for said, brackets, commands in zip((sentence.en, sentence.zh), _BRACKETS, _COMMANDS, strict=True)
    )
    return Text(en, zh)


def reasons_of(error: QinglingError, fields: list[Field]) -> list[Reason]:
    """Return why something was refused, each for itself.

    Args:
        fields: Those of the form.
    """
    said = list(error.reasons) if isinstance(error, RefusedError) and error.reasons else [error.sentence]
    return [Reason(for_a_page(each), _field_of(each, fields)) for each in said]


def _field_of(sentence: Text, fields: list[Field]) -> str | None:
    """Return the field that a sentence names."""
    for each in fields:
        if f"“{each.title.zh}”" in sentence.zh or sentence.zh.startswith(f"{each.title.zh}："):
            return each.name
    return None
