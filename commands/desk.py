"""What a command works with: the database, the language, the clock and who acts; opened when needed.

Every setting comes from its option, else from the environment variable that is named for it, else
from a default that is said here. Nothing else reads the environment or asks the clock.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final

from engine.errors import BadValueError
from engine.language import Language, Text

if TYPE_CHECKING:
    from pathlib import Path

    from engine.store import Store
    from workflows.loader import Book

DATABASE: Final = "QINGLING_DATABASE"
OFFICER: Final = "QINGLING_OFFICER"
NOW: Final = "QINGLING_NOW"
LANGUAGE: Final = "QINGLING_LANG"
WORKFLOWS: Final = "QINGLING_WORKFLOWS"

DEFAULT_DATABASE: Final = "qingling.db"
"""In the current folder, so that a rehearsal in another folder never meets the real ledger."""
ZONE: Final = "Asia/Shanghai"
OPENING_HOUR: Final = 9
"""A day given without a time means this hour of it, when the office opens."""


class Desk:
    """The settings of one run and what was opened with them; closed when the command ends."""

    def __init__(self) -> None:
        self.database_option: str | None = None
        self.by_option: str | None = None
        self.now_option: str | None = None
        self._closers: list[Callable[[], None]] = []
        self._store: Store | None = None
        self._book: Book | None = None

    @property
    def database(self) -> str:
        """The database that was asked for: a URL, or the path of a file."""
        return self.database_option or os.environ.get(DATABASE) or DEFAULT_DATABASE

    @property
    def database_path(self) -> "Path | None":
        """Where the database's file lies; None if it is a server's."""
        return database_path(self.database)

    @property
    def url(self) -> str:
        """The database's URL."""
        path = self.database_path
        return self.database if path is None else f"sqlite:///{path}"

    @property
    def officer(self) -> str | None:
        """The code of the officer who acts, if one was named."""
        return self.by_option or os.environ.get(OFFICER) or None

    @property
    def now(self) -> datetime:
        """The instant at which the command acts: the clock's, unless it was set by hand.

        Raises:
            BadValueError: If it was set to something that is no instant.
        """
        if self.now_option:
            return instant_given(self.now_option, where="--now")
        if os.environ.get(NOW):
            return instant_given(os.environ[NOW], where=NOW)
        from datetime import UTC

        return datetime.now(UTC)

    @property
    def clock_set_by_hand(self) -> bool:
        """Whether `now` is not the clock's."""
        return bool(self.now_option or os.environ.get(NOW))

    def when_done(self, close: Callable[[], None]) -> None:
        """Call *close* when the command ends, the last first."""
        self._closers.append(close)

    def close(self) -> None:
        """Close all that was opened."""
        while self._closers:
            self._closers.pop()()
        self._store = None
        self._book = None


def database_path(given: str) -> "Path | None":
    """Return the file that a database given as path or `sqlite:///` URL lies in; None for a server."""
    from pathlib import Path

    if given.startswith("sqlite:///"):
        return Path(given.removeprefix("sqlite:///")).expanduser().absolute()
    return None if "://" in given else Path(given).expanduser().absolute()


def instant_given(words: str, *, where: str) -> datetime:
    """Return the instant that *words* say: a day, a local time, or an instant with its zone.

    Args:
        where: The option or variable that it came from, for the refusal.

    Raises:
        BadValueError: If it is none of these.
    """
    from datetime import time
    from zoneinfo import ZoneInfo

    try:
        given = datetime.fromisoformat(words.strip())
    except ValueError as error:
        raise BadValueError(
            Text(
                f"{where}: {words!r} is no instant; write 2019-06-30, 2019-06-30T15:00 or 2019-06-30T15:00+08:00",
                f"{where}：{words!r} 不是时刻；请写 2019-06-30、2019-06-30T15:00 或 2019-06-30T15:00+08:00",
            )
        ) from error
    if given.tzinfo is not None:
        return given
    if "T" not in words.upper() and ":" not in words:
        given = datetime.combine(given.date(), time(OPENING_HOUR))
    return given.replace(tzinfo=ZoneInfo(ZONE))


def language_asked(arguments: Sequence[str], environment: Mapping[str, str]) -> Language:
    """Return the language to speak: `--lang` wherever it stands, QINGLING_LANG, the locale, Chinese.

    Raises:
        BadValueError: If a language was asked for that is not spoken here.
    """
    for position, each in enumerate(arguments):
        if each == "--":
            break
        if each.startswith("--lang="):
            return language_given(each.removeprefix("--lang="), where="--lang")
        if each == "--lang" and position + 1 < len(arguments):
            return language_given(arguments[position + 1], where="--lang")
    if environment.get(LANGUAGE):
        return language_given(environment[LANGUAGE], where=LANGUAGE)
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        locale = environment.get(variable, "")
        if locale:
            neutral = locale.split(".")[0] in ("C", "POSIX")
            return "zh" if neutral or locale.startswith("zh") else "en"
    return "zh"


def language_given(words: str, *, where: str) -> Language:
    """Return the language called *words*, as in `zh`, `en` or `zh_CN`.

    Raises:
        BadValueError: If it is another one.
    """
    code = words.strip().lower()[:2]
    if code == "zh":
        return "zh"
    if code == "en":
        return "en"
    raise BadValueError(
        Text(
            f"{where}: {words!r} is not spoken here; write zh or en",
            f"{where}：不会 {words!r} 这种语言；请写 zh 或 en",
        )
    )
