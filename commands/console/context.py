"""What a command works with: the database, the language, the clock and who acts; opened when needed.

Every setting comes from its option, else from the environment variable that is named for it, else
from a default that is said here.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, time
from functools import partial
from typing import TYPE_CHECKING, Final

import click

from commands.console.chinese_words import OPTION_WORDS
from commands.console.environment import (
    DATABASE,
    FILES,
    LANGUAGE,
    NOW,
    OFFICER,
    WORKFLOWS,
    database_given,
    path_variable,
    variable,
)
from commands.console.wall_clock import WallClock
from engine.errors import BadValueError, DatabaseError
from engine.language import Language, Text, t

if TYPE_CHECKING:
    from datetime import timedelta
    from pathlib import Path

    from engine.operations.ledger.acting import Acting
    from engine.operations.ledger.adopted import AdoptedTexts
    from engine.operations.ledger.ledger import Ledger
    from engine.rules.reading_rights import Reader
    from workflows.adopted_book import AdoptedDeclarations
    from workflows.loader import Declarations

DEFAULT_DATABASE: Final = "qingling.db"
"""In the current folder, so that a rehearsal in another folder never meets the real ledger."""
ZONE: Final = "Asia/Shanghai"
OPENING_HOUR: Final = 9
"""A day given without a time means this hour of it, when the office opens."""
EARLIEST: Final = 1900
LATEST: Final = 2999
"""Years between which an instant lies; beyond them there is no room to count from it."""


class AppContext:
    """The settings of one run and what was opened with them; closed when the command ends."""

    def __init__(self) -> None:
        self._wall = WallClock()
        self.database_option: str | None = None
        self.by_option: str | None = None
        self.now_option: str | None = None
        self._unmark: Callable[[], object] = bool
        self._ledger: Ledger | None = None
        self._declarations: AdoptedDeclarations | None = None
        self._adopted: AdoptedTexts | None = None
        self._officer: str | None = None
        self._narrowed: Ledger | None = None
        self._reader: Reader | None = None

    @property
    def database(self) -> str:
        """The database that was asked for: the path of a file, or the address of a server."""
        return database_given(self.database_option or variable(DATABASE) or DEFAULT_DATABASE)

    @property
    def ledger_named(self) -> "Ledger | None":
        """The ledger of the database that was asked for; None if none was. Raises as `ledger` does."""
        if not (self.database_option or variable(DATABASE)):
            return None
        try:
            return self.ledger
        except DatabaseError:
            if self.database_option:
                raise
            return None

    @property
    def now(self) -> datetime:
        """The instant at which the command acts: the clock's, unless it was set by hand.

        Raises:
            BadValueError: If it was set to something that is no instant.
        """
        if self.now_option:
            return instant_given(self.now_option, where="--now", zone=self._zone)
        if variable(NOW):
            return instant_given(variable(NOW), where=NOW, zone=self._zone)
        return self.clock_now

    @property
    def clock_now(self) -> datetime:
        """The aware instant that it is, whatever `--now` says: the database's clock decides, if it has one."""
        if self._ledger is None and "://" in self.database:
            # A server's clock is known once the ledger is open; of a file there is only this machine's.
            with suppress(DatabaseError):  # said by what needs the ledger
                _ = self.ledger
        return self._wall.now()

    @property
    def machine_ahead(self) -> "timedelta | None":
        """By how much the machine's clock is ahead of the database's; None if that has no clock of its own."""
        return self._wall.ahead

    @property
    def clock_set_by_hand(self) -> bool:
        """Whether `now` is not the clock's."""
        return bool(self.now_option or variable(NOW))

    @property
    def real_now(self) -> datetime | None:
        """The clock's aware instant if `now` is set by hand, to be noted in what is written; else None."""
        return self._wall.begun if self.clock_set_by_hand else None

    @property
    def given_at(self) -> datetime | None:
        """When the command was given; None if the clock is set by hand and does not say."""
        return None if self.clock_set_by_hand else self._wall.begun

    @property
    def officer_named(self) -> str | None:
        """The code of the officer who was named for this run; None if nobody was."""
        return self.by_option if self.by_option is not None else variable(OFFICER) or None

    @property
    def officer(self) -> str:
        """The code of the officer who acts; what is written from now on says how they are known.

        Raises:
            BadValueError: If none was named or logged in, and the officer whom `init` made is not the only one.
            BadValueError: If several are called so.
            RefusedError: If they are known by less than is demanded, or the signing key is not theirs.
        """
        if self._officer is None:
            from commands.console.who_acts import officer_shown

            self._officer = officer_shown(self.ledger, self.officer_named, database=self.database, now=self.clock_now)
        return self._officer

    @property
    def reader(self) -> "Reader":
        """Who reads, and how much of the ledger.

        Nobody need be named while the officer whom `init` made is the only one who acts in the ledger.

        Raises:
            BadValueError: If nobody was named and several officers act, or several are called so.
            NotFoundError: If no registered officer has that code.
            RefusedError: If the officer has left.
        """
        if self._reader is None:
            from engine.operations.ledger.need_to_know import reader_called

            self._reader = reader_called(self.ledger, self.officer)
        return self._reader

    @property
    def ledger_read(self) -> "Ledger":
        """The ledger, in which a case that the reader may not read is not found.

        Raises:
            QinglingError: As for `ledger` and `reader`.
        """
        ledger = self.ledger
        ledger.reader = self.reader
        return ledger

    @contextmanager
    def narrowed(self, ledger: "Ledger") -> Iterator[None]:
        """Let `ledger` be one that sees only a part while the block lasts; what is done is still done in the whole."""
        self._narrowed = None if ledger is self.ledger else ledger
        try:
            yield
        finally:
            self._narrowed = None

    @property
    def acting(self) -> "Acting":
        """The context of an operation: the ledger, the officer who acts, and this instant.

        Raises:
            BadValueError: As for `officer` and `now`.
            DatabaseError: As for `ledger`.
        """
        from engine.operations.ledger.acting import Acting

        wide = self._ledger if self._narrowed is not None and self._ledger is not None else self.ledger
        wide.reader = self.reader
        return Acting(wide, wide.reader.code, self.now)

    @property
    def ledger(self) -> "Ledger":
        """The ledger, opened when it is first needed.

        Raises:
            DatabaseError: If there is none, or it cannot be opened.
        """
        if self._narrowed is not None:
            return self._narrowed
        if self._ledger is None:
            from engine.operations.ledger.access import open_ledger
            from workflows.adopted_book import AdoptedDeclarations

            self._ledger = open_ledger(self.database, self._declared, real_now=self.real_now)
            self._ledger.reopen = partial(open_ledger, self.database, AdoptedDeclarations, real_now=None)
            if self._ledger.opened_at is not None:
                self._wall.follow(self._ledger.opened_at)
            if self._ledger.is_rehearsal:
                self._mark_pages()
            if self.clock_set_by_hand:
                self._guard_hand_clock(self._ledger)
            elif self._ledger.opened_at is None:  # the machine's clock is the only one
                self._watch_clock(self._ledger)
        return self._ledger

    def _mark_pages(self) -> None:
        """Let all that this run prints say that it proves nothing, until this is closed."""
        from commands.console.output import mark_pages
        from engine.operations.ledger.hand_clock import REHEARSAL

        mark_pages(REHEARSAL)
        self._unmark = partial(mark_pages, None)

    def _watch_clock(self, ledger: "Ledger") -> None:
        """Let it be said, before anything is written, that the machine's clock may be wrong."""
        from commands.console.output import talk
        from engine.operations.ledger.machine_clock import watch_clock

        watch_clock(ledger, lambda: self.now, talk)

    def _guard_hand_clock(self, ledger: "Ledger") -> None:
        """Let nothing be written at an instant that was set by hand where that is not allowed."""
        from engine.operations.ledger.hand_clock import guard

        guard(ledger, lambda: self.now)

    @property
    def declarations(self) -> "AdoptedDeclarations":
        """The declarations that the ledger has adopted.

        Raises:
            DatabaseError: If there is no ledger, or it cannot be opened.
        """
        _ = self.ledger
        assert self._declarations is not None
        return self._declarations

    @property
    def adopted(self) -> "AdoptedTexts":
        """All texts that the ledger has adopted.

        Raises:
            DatabaseError: If there is no ledger, or it cannot be opened.
        """
        _ = self.ledger
        assert self._adopted is not None
        return self._adopted

    def _declared(self, adopted: "AdoptedTexts") -> "AdoptedDeclarations":
        """Open the book of declarations, and keep it for `declarations`."""
        from workflows.adopted_book import AdoptedDeclarations

        self._adopted = adopted
        self._declarations = AdoptedDeclarations(adopted)
        return self._declarations

    def _zone(self) -> str:
        """Return the zone of the ledger's local dates; where there is no ledger yet, that of a new one."""
        try:
            return self.ledger.zone
        except DatabaseError:
            return ZONE

    def close(self) -> None:
        """Close what was opened."""
        if self._ledger is not None:
            if self._ledger.unjudged:
                _say_left_out(self._ledger.unjudged)
            self._ledger.close()
            self._ledger = None
            self._reader = None
            self._officer = None
            self._unmark()


def _say_left_out(unjudged: Mapping[Text, Collection[int]]) -> None:
    """Say that cases were left out of what a condition found, since they lack a value that it names."""
    from commands.console.output import talk

    for title, cases in unjudged.items():
        talk(
            t(
                "{n} left out, since nothing stands in '{field}', which the condition asks for",
                "另有 {n} 件未填“{field}”，无法按条件判断，未列入",
                n=len(cases),
                field=title,
            )
        )


def declarations_of(database: str) -> "Declarations":
    """Return the declarations of files, for looking at: the shipped ones, and the house's own folder after them.

    A ledger works by what it has adopted, never by these.

    Args:
        database: Beside it lies the folder of the house's own, unless QINGLING_WORKFLOWS names one.
    """
    from workflows.loader import Declarations

    own = rules_folder(database)
    return Declarations([] if own is None else [own])


def rules_folder(database: str) -> "Path | None":
    """Return the folder of the house's own declarations if one was named, or is there."""
    own = workflows_folder(database)
    return own if own is not None and (variable(WORKFLOWS) or own.is_dir()) else None


def workflows_folder(database: str) -> "Path | None":
    """Return the folder of the house's own declarations: QINGLING_WORKFLOWS, else beside the database's file."""
    return path_variable(WORKFLOWS) or beside(database, "workflows")


def beside(database: str, what: str) -> "Path | None":
    """Return the place for *what* beside the database's file; None if the database is a server's."""
    from engine.operations.ledger.location import file_of

    file = file_of(database)
    return None if file is None else file.absolute().with_name(f"{file.stem}-{what}")


def app_of(ctx: click.Context) -> AppContext:
    """Return the application context of this run; it is closed with the outermost context."""
    root = ctx.find_root()
    if not isinstance(root.obj, AppContext):
        root.obj = AppContext()
        root.call_on_close(root.obj.close)
    return root.obj


def files_folder(database: str) -> "Path":
    """Return the folder that keeps attached files: QINGLING_FILES, else beside the database's file.

    Raises:
        BadValueError: If the database is a server's and no folder was named.
    """
    found = path_variable(FILES) or beside(database, "files")
    if found is None:
        raise BadValueError(
            Text(
                f"say where attached files are kept: set {FILES} to a folder that all officers reach",
                f"请设置 {FILES}，指明存放附件的共用文件夹",
            )
        )
    return found


def known_files_folder(database: str) -> "Path | None":
    """Return the folder of attached files, if it is known."""
    try:
        return files_folder(database)
    except BadValueError:
        return None


def instant_given(
    words: str, *, where: str, hour: int = OPENING_HOUR, zone: Callable[[], str] = lambda: ZONE
) -> datetime:
    """Return the instant that *words* say: a day, a local time, or an instant with its zone.

    Args:
        where: The option or variable that it came from, for the refusal.
        hour: Local hour that a day without a time means.
        zone: Asked for the zone of local dates if *words* name none.

    Raises:
        BadValueError: If it is none of these.
    """
    from zoneinfo import ZoneInfo

    from engine.working_days.dates import read_instant

    try:
        given = read_instant(words, zone=lambda: ZoneInfo(zone()), opens=time(hour))
    except BadValueError:
        given = None
    if given is None or not EARLIEST <= given.year <= LATEST:
        raise BadValueError(
            Text(
                f"{where}: {words!r} is no instant; write 2019-06-30, 2019-06-30T15:00 or 2019-06-30T15:00+08:00",
                f"{where}：{words!r} 不是时刻；请写 2019-06-30、2019-06-30T15:00 或 2019-06-30T15:00+08:00",
            )
        )
    return given


def language_asked(arguments: Sequence[str], environment: Mapping[str, str]) -> Language:
    """Return the language to speak: `--lang` wherever it stands, QINGLING_LANG, the locale, Chinese.

    Raises:
        BadValueError: If a language was asked for that is not spoken here.
    """
    for position, each in enumerate(arguments):
        if each == "--":
            break
        name, equals, value = each.partition("=")
        if name not in ("--lang", OPTION_WORDS["--lang"]):
            continue
        if equals:
            return language_given(value, where="--lang")
        if position + 1 < len(arguments):
            return language_given(arguments[position + 1], where="--lang")
    if environment.get(LANGUAGE):
        return language_given(environment[LANGUAGE], where=LANGUAGE)
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        locale = environment.get(name, "")
        if locale:
            # C says that nobody chose a language, as under cron and in containers; then it is the one of the house.
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
