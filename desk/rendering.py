"""Templates become pages; every value is escaped, and one that is missing is a fault and no gap."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final
from urllib.parse import quote, urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from desk.assets import address_of
from engine.language import language, t
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
    """A picture of our own, made of numbers and our own sentences; templates write it as it is."""

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


_TEMPLATES.globals.update(t=_t, asset=address_of, language=language, query=urlencode)
_TEMPLATES.filters.update(part=_part, size=file_size, basis=basis_said)


def rendered(template: str, values: Mapping[str, object]) -> str:
    """Return a page as HTML, in the language in use."""
    return _TEMPLATES.get_template(template).render(values)
