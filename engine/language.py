"""Every sentence in the two languages of the house; leaves the choice to the front door.

A sentence is written once, in both languages, where it is said. The front door calls `use`
once; everything that is printed, mailed or filed afterwards is in that language unless it asks
for another by name.
"""

import re
from collections.abc import Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, cast

if TYPE_CHECKING:
    from collections.abc import Iterator

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")

_current: ContextVar[Language] = ContextVar("language", default="zh")


def language() -> Language:
    """Return the language now in use."""
    return _current.get()


def use(chosen: Language) -> None:
    """Speak *chosen* from now on."""
    _current.set(chosen)


@contextmanager
def speaking(chosen: Language) -> "Iterator[None]":
    """Speak *chosen* inside the block, and as before after it."""
    token = _current.set(chosen)
    try:
        yield
    finally:
        _current.reset(token)


@dataclass(frozen=True, slots=True)
class Text:
    """One sentence or title in both languages; `str()` gives the language in use."""

    en: str
    zh: str

    def __str__(self) -> str:
        return self.zh if _current.get() == "zh" else self.en

    def format(self, **values: object) -> "Text":
        """Return the sentence with *values* set in; a value that is a Text is said in each language."""
        return Text(
            self.en.format(**{k: _in(v, "en") for k, v in values.items()}),
            self.zh.format(**{k: _in(v, "zh") for k, v in values.items()}),
        )


def _in(value: object, chosen: Language) -> object:
    """Say *value* in *chosen* if it can be said in two languages."""
    return getattr(value, chosen) if isinstance(value, Text) else value


def t(en: str, zh: str, **values: object) -> str:
    """Say one sentence in the language in use, with *values* set in."""
    chosen: Language = "zh" if _current.get() == "zh" else "en"
    said = zh if chosen == "zh" else en
    return said.format(**{name: _in(value, chosen) for name, value in values.items()}) if values else said


def plain_text(given: str | Mapping[str, str] | Text) -> Text:
    """Return the Text that a declaration gave: one string for both languages, or `{en:, zh:}`."""
    if isinstance(given, Text):
        return given
    if isinstance(given, str):
        return Text(given, given)
    en = given.get("en") or given.get("zh") or ""
    return Text(en, given.get("zh") or en)


class _LazyPattern:
    """A pattern that is compiled when it is first asked anything but its source."""

    def __init__(self, source: str, flags: int) -> None:
        """Keep what is compiled later."""
        self.pattern = source
        self._flags = flags

    def __getattr__(self, name: str) -> Any:
        found = getattr(re.compile(self.pattern, self._flags), name)
        self.__dict__[name] = found  # the next call finds it here, as fast as in a compiled pattern
        return found


def lazy_pattern(source: str, flags: int = 0) -> re.Pattern[str]:
    """Return a pattern that is compiled when it is first used: a command uses few of those that its modules have.

    It answers as a compiled pattern does, but cannot be given to the functions of `re` in place of one.
    """
    return cast("re.Pattern[str]", _LazyPattern(source, flags))
