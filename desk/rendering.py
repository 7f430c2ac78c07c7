"""Templates become pages; every value is escaped, and one that is missing is a fault and no gap."""

from collections.abc import Mapping
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import Final
from urllib.parse import quote, urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from desk.assets import address_of
from engine.language import language, t
from presentation.basis_sources import SOURCES, cited
from presentation.plain_words import basis_said, file_size

_TEMPLATES: Final = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
)


class Drawing(str):
    """Markup of our own, made of numbers and our own sentences; templates write it as it is."""

    __slots__ = ()

    def __html__(self) -> str:
        """Return it unescaped."""
        return str(self)


def _t(en: str, zh: str, **values: object) -> str:
    """Say a sentence of a template in the language in use."""
    return t(en, zh, **values)


def _part(words: object) -> str:
    """Return words as a part of an address."""
    return quote(str(words), safe="")


def _by(basis: object, *, is_stop: bool = True) -> Drawing:
    """Return on what a rule rests, each code a link to what it stands for, in a window of its own: a form stays.

    Args:
        is_stop: The links are reached by the Tab key: not beside an input, where they would stand between the fields.
    """
    return _basis_linked(str(basis), is_stop, language())


@lru_cache(maxsize=2000)
def _basis_linked(basis: str, is_stop: bool, _spoken: str) -> Drawing:
    """Return what `_by` does, in the language in use: declarations say the same on page after page."""
    how = "" if is_stop else ' tabindex="-1"'
    said = []
    for code, rest in cited(basis):
        words = escape(basis_said(rest))
        if code:
            link = f'href="/sources#{_part(code)}" target="_blank" rel="noopener" title="{escape(str(SOURCES[code]))}"'
            words = f"<a {link}{how}>{code}</a>{words}"
        said.append(words)
    return Drawing(t("by {basis}", "依据：{basis}", basis=t("; ", "；").join(said)))


_TEMPLATES.globals.update(t=_t, by=_by, asset=address_of, language=language, query=urlencode)
_TEMPLATES.filters.update(part=_part, size=file_size)


def rendered(template: str, values: Mapping[str, object]) -> str:
    """Return a page as HTML, in the language in use."""
    return _TEMPLATES.get_template(template).render(values)
