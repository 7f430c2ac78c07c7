"""One request of a browser: what it asks, who asks it, and the ledger as they may see it.

Everything that shows something of the ledger goes through here, as it does through `commands.shared.reading` at the
command line: one policy, one log of who read what.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from hmac import compare_digest
from pathlib import Path
from typing import ClassVar, Final, Protocol, TypeVar
from unicodedata import normalize
from urllib.parse import urlsplit

from desk.ceremonies import Ceremonies
from desk.desk_settings import DeskSettings
from desk.guard import form_token
from desk.jobs import Job, Jobs
from desk.pool import LedgerAtHand
from engine.errors import BadValueError, NotFoundError, RefusedError
from engine.language import Language, Text
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.demands import refuse_unproven
from engine.operations.ledger.free_text import refusal, seen_in
from engine.operations.ledger.ledger import Ledger
from engine.operations.ledger.need_to_know import (
    digest_of,
    ledger_seen_by,
    limits,
    reader_called,
    refuse_unless_may,
)
from engine.rules.case import Case
from engine.rules.reading_rights import Deed, Reader, may
from engine.workflow.model import Workflow
from engine.working_days.instants import microseconds

Kept = TypeVar("Kept")
REMEMBERED: Final = 2000
"""Forms of which it is remembered where they led."""
_UNSEEN: Final = {
    each: None for each in (*range(0x20), *range(0x7F, 0xA0), *range(0xD800, 0xE000)) if chr(each) not in "\t\n\r"
}
"""What no text holds: control characters but those that part words and lines, and halves of characters."""
WAY: Final = "desk"
"""How the access log says that something was read in a browser."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SentFile:
    """A file that came with a form."""

    name: str
    content: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class PageRequest:
    """What a browser asks, read from the wire; nothing of it is believed yet."""

    route: str
    """Name of the page, for the log: an address may hold a number."""
    address: str
    """Path and query, to come back to."""
    path: Mapping[str, str]
    query: Mapping[str, tuple[str, ...]]
    form: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    files: Mapping[str, tuple[SentFile, ...]] = field(default_factory=dict)
    held: str = ""
    """What the browser keeps of a log-in."""
    source: str = ""
    """Where it comes from: the address of the machine."""
    language: Language = "zh"
    origin: str = ""
    """Scheme, host and port under which the browser has the desk open."""
    going_out: str = ""
    """What the browser keeps while it is at the provider of log-ins."""

    @property
    def host(self) -> str:
        """The host name under which the browser has the desk open."""
        return urlsplit(self.origin).hostname or ""

    def one(self, name: str) -> str:
        """Return what a form's field holds, or the address says of it; empty if nothing."""
        found = self.form.get(name) or self.query.get(name) or ("",)
        return found[0].strip()


def legible(words: str) -> str:
    """Return what a browser sent without control characters: nobody typed them, and a database may refuse them."""
    return words.translate(_UNSEEN)


class OncePressed:
    """Remembers for a while where forms led that begin something new: pressed again, they lead there again."""

    def __init__(self) -> None:
        """Remember nothing yet."""
        self._led: dict[tuple[str, str], str] = {}

    def led(self, officer: str, form: str) -> str | None:
        """Return where an officer's form led; None if it is pressed for the first time."""
        return self._led.get((officer, form)) if form else None

    def leads(self, officer: str, form: str, to: str) -> None:
        """Remember where a form leads."""
        if form:
            self._led[officer, form] = to
        while len(self._led) > REMEMBERED:
            del self._led[next(iter(self._led))]


class ForgedFormError(RefusedError):
    """A form did not come from a page of this session (exit 21)."""


class Visit:
    """A request of an officer who is known."""

    way: ClassVar[str] = WAY

    def __init__(
        self,
        settings: DeskSettings,
        asked: PageRequest,
        at_hand: LedgerAtHand,
        officer: str,
        *,
        once: OncePressed,
        background: "Background | None" = None,
    ) -> None:
        """Let the ledger know who reads.

        Args:
            once: Remembers what forms were answered by.
            background: Does what no request waits for; None where nothing of the kind is asked.

        Raises:
            RefusedError: If the officer is known by less than is demanded.
        """
        ledger = at_hand.ledger
        refuse_unproven(ledger, officer)
        self.settings = settings
        self.asked = asked
        self.once = once
        self._background = background
        self.ledger = ledger
        self._log = at_hand.log
        self.reader: Reader = reader_called(ledger, officer)
        ledger.reader = self.reader
        self.now: datetime = settings.now()
        """The aware instant of the whole request."""
        self.ceremonies = Ceremonies()
        """What is under way with passkeys; that of the desk, where a form may be signed."""
        self.is_rehearsing = False
        """What is done is undone again, to learn what it would write."""
        self._refused: list[tuple[Deed, str, Mapping[str, object]]] = []
        self.authorise: Callable[[], None] = lambda: None
        """Lets what is written from now on bear what was typed or signed for it; refuses what is wrong of that."""
        if settings.is_hand_clock:
            ledger.real_at = microseconds(settings.real_now())

    @property
    def officer(self) -> str:
        """The code of the officer."""
        return self.reader.code

    @property
    def background(self) -> "Background":
        """What no request waits for.

        Raises:
            RefusedError: If what is done is undone again: a job would stay.
        """
        self._refuse_rehearsing()
        assert self._background is not None, "programs ask for nothing of the kind"
        return self._background

    @property
    def acting(self) -> Acting:
        """The context of an operation."""
        return Acting(self.ledger, self.reader.code, self.now)

    @property
    def files_folder(self) -> Path:
        """The folder of attached files.

        Raises:
            RefusedError: If nobody has said where it is, or what is done is undone again: files would stay.
        """
        self._refuse_rehearsing()
        if self.settings.files is None:
            raise RefusedError(
                Text("nobody has said where attached files are kept", "尚未指明附件存放位置，请告知台账管理人员")
            )
        return self.settings.files

    def looked_through(
        self,
        workflow: Workflow | None = None,
        values: Mapping[str, object] | None = None,
        *,
        as_seen: tuple[str, int] | None = None,
        words: Mapping[str, str] | None = None,
    ) -> Acting:
        """Return the context of an operation, with what was seen in its text if the writer insists on that.

        Args:
            workflow: Of the case; None if no fields are brought.
            values: As typed.
            as_seen: Number and revision of the case as the form showed it.
            words: Texts beside fields, by their names in `engine.operations.ledger.free_text.WORDS`.

        Raises:
            IdentitySeenError: If a text shows who somebody is and nobody insisted.
        """
        self.authorise()
        seen = seen_in(workflow, [] if values is None else [values], words or {})
        if seen and not self.asked.one("_insist"):
            raise refusal(workflow, seen)
        return replace(self.acting, seen=seen, as_seen=as_seen)

    def only_looking(self, workflow: Workflow, values: Mapping[str, object]) -> Acting:
        """Return the context in which values are read to show something of them: none of them is written."""
        return replace(self.acting, seen=seen_in(workflow, [values], {}))

    def refuse_forged(self) -> None:
        """Refuse a form that did not come from a page of this session.

        Raises:
            ForgedFormError: If so.
        """
        if not compare_digest(self.asked.one("_token").encode(), form_token(self.asked.held).encode()):
            raise ForgedFormError(
                Text("this form is from an earlier log-in; open the page again", "此表单来自上次登录，请重新打开页面")
            )

    def kept(self, key: tuple[str, ...], make: Callable[[], Kept]) -> Kept:
        """Return what *make* makes of declarations and of the house, made once while they stand as they do.

        Args:
            key: What it is, with the officer if it goes by one; nothing of a case is kept here.
        """
        return self.ledger.store.kept(key, make)

    def may(self, deed: Deed) -> bool:
        """Say whether the officer may do a deed at all, so that no way is shown that leads nowhere."""
        return may(self.reader, deed)

    def case(self, deed: Deed, number: str, **asked: object) -> Case:
        """Return a case to show something of; that it was asked for is written down.

        Raises:
            NotFoundError: If there is no such case, or none that the officer may read.
            RefusedError: If the officer may do that to no case.
        """
        found = self.unshown(deed, number, **asked)
        self.write_down(deed, found.number, "shown", **asked)
        return found

    def unshown(self, deed: Deed, number: str, **asked: object) -> Case:
        """Return a case of which nothing is shown if all goes well; only a refusal is written down.

        Who shows something of it after all says so by `write_down` before.

        Raises:
            NotFoundError: If there is no such case, or none that the officer may read.
            RefusedError: If the officer may do that to no case.
        """
        try:
            refuse_unless_may(self.ledger, self.reader, deed)
            return self.ledger.case(number)
        except (NotFoundError, RefusedError):
            self.write_down(deed, number, "refused", **asked)
            raise

    @contextmanager
    def viewing(self, deed: Deed, **asked: object) -> Iterator["Seeing"]:
        """Lend the ledger as the officer may see it, for lists and sums.

        Raises:
            RefusedError: If the officer may not do that at all; it is written down.
        """
        try:
            refuse_unless_may(self.ledger, self.reader, deed)
        except RefusedError:
            self.write_down(deed, "", "refused", **asked)
            raise
        whole = self.ledger
        seen = ledger_seen_by(whole, self.reader, deed)
        try:
            yield Seeing(self, deed, seen, limits(whole, self.reader, deed))
        finally:
            if seen is not whole:
                seen.close()

    def write_down(self, deed: Deed, subject: str, answer: str, **asked: object) -> None:
        """Write a row of the access log.

        Raises:
            DatabaseError: If it cannot be written; then nothing is shown.
        """
        if self.is_rehearsing:  # nothing of it is shown, but for whether there is such a case
            if answer == "refused":
                self._refused.append((deed, subject, asked))
            return
        self._log.append(
            at=microseconds(self.settings.real_now()),
            officer=self.officer,
            way=self.way,
            deed=deed,
            subject=subject,
            answer=answer,
            asked={name: value for name, value in asked.items() if value not in (None, False, "")},
        )

    @contextmanager
    def rehearsing(self) -> Iterator[None]:
        """Undo what is done in the block, to learn what it would write; who is refused there stands in the log."""
        once, self.once, self.is_rehearsing = self.once, OncePressed(), True
        try:
            with self.ledger.store.rehearsing():
                yield
        finally:
            self.once, self.is_rehearsing = once, False
            for deed, subject, asked in self._refused:
                self.write_down(deed, subject, "refused", **asked)

    def _refuse_rehearsing(self) -> None:
        """Refuse what could not be undone.

        Raises:
            RefusedError: If what is done is undone again.
        """
        if self.is_rehearsing:
            raise RefusedError(
                Text("no passkey signs this; press the button below", "此项不用通行密钥签字，请直接提交")
            )


class Background(Protocol):
    """Does what no request waits for."""

    jobs: Jobs
    """What is under way or waits to be looked at."""

    def start(self, visit: Visit, job: Job, work: Callable[[Visit, Job], None]) -> None:
        """Do a job in the name of who asks, with a ledger of its own.

        Raises:
            RefusedError: If something of it is under way already.
        """


class Seeing:
    """The ledger as an officer may see it, and how to say that something of it was shown."""

    def __init__(self, visit: Visit, deed: Deed, ledger: Ledger, limited: Text | None) -> None:
        self.ledger = ledger
        self.limited = limited
        """To what everything in it is limited; None if to nothing."""
        self._visit, self._deed = visit, deed

    def shown(self, numbers: Iterable[str] | None = None, /, **asked: object) -> None:
        """Write down what is about to be shown.

        Args:
            numbers: Those of the cases; None if they are not known.
            asked: What was asked for.

        Raises:
            DatabaseError: If it cannot be written down.
        """
        if numbers is not None:
            listed = list(numbers)
            asked |= {"count": len(listed), "digest": digest_of(listed)}
        self._visit.write_down(self._deed, "", "shown", **asked)


def whole_number(words: str, *, least: int, most: int) -> int:
    """Return a whole number that an address or a form says; full-width figures count too, as an input method writes.

    Raises:
        BadValueError: If it is none between *least* and *most*.
    """
    words = normalize("NFKC", words)
    if words.isascii() and words.isdecimal() and len(words) <= 9 and least <= int(words) <= most:
        return int(words)
    raise BadValueError(Text(f"write a number from {least} to {most}", f"请填写 {least} 至 {most} 之间的数"))
