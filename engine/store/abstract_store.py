"""What is asked of a connection to either database, and its transactions: one commit, or nothing."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from typing import Any, TypeVar

from engine.errors import ConflictError, QinglingError
from engine.language import Text
from engine.store.case_memory import CaseMemory
from engine.store.database import refusals
from engine.store.dialects import is_race

Row = tuple[Any, ...]
Values = Sequence[object]
Kept = TypeVar("Kept")


class TooFewError(Exception):
    """A statement touched fewer rows than it must; caught by the transaction, which asks what to say of it."""

    def __init__(self, otherwise: Callable[[], QinglingError]) -> None:
        """Make the error."""
        super().__init__("too few rows were touched")
        self.otherwise = otherwise


class Store(ABC):
    """A connection to the ledger's database."""

    dialect: str
    """sqlite or postgresql."""
    BEGIN_READ: str
    BEGIN_WRITE: str
    BEGIN_STEADY: str
    """Begins to write, and sees one state of the database besides."""
    gives_ids = False
    """A row that is written without an id gets one; a file is quicker with a number that is known."""
    UTF_8: str
    """What a statement asks for to get a text, to be put in for {}, as its bytes."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.opened_at: datetime | None = None
        """What the database's own clock said when the store was opened; None if it has none, as a file."""
        self.before_writing: Callable[[], None] | None = None
        """Asked before anything is written; what it raises leaves everything as it is."""
        self.sign: Callable[[str], str] | None = None
        """Signs the hash of each journal row of one officer as it is written, as base64."""
        self.signs_for = ""
        """The code of that officer."""
        self.undone = 0
        """How many transactions were broken off; what was remembered from within them may not be so."""
        self.is_steady = False
        """What is read now is one state of the database, as in `reading`."""
        self.is_writing = self.is_rehearsing = False
        self.cases: CaseMemory | None = None
        """The cases that were read of late; None where none is kept."""
        self.memory: dict[tuple[str, ...], Any] | None = None
        """What was read of the house, as long as the one who set this says that it stands so; None: nothing is kept."""

    @property
    @abstractmethod
    def driver(self) -> Any:
        """The driver's connection, for what works within the transactions of this store."""

    @property
    def is_in_place(self) -> bool:
        """Whether the database that was opened is still the one at its address: a file can be taken away under us."""
        return True

    @abstractmethod
    def require_current(self) -> None:
        """Refuse tables that are not those of this program."""

    @abstractmethod
    def query(self, statement: str, values: Values = ()) -> list[Row]:
        """Return all rows that *statement* finds."""

    @abstractmethod
    def stream(self, statement: str, values: Values = ()) -> Iterator[Row]:
        """Yield the rows that *statement* finds without holding them all."""

    @abstractmethod
    def change(self, statement: str, values: Values = ()) -> int:
        """Run *statement* and return how many rows it touched."""

    @abstractmethod
    def put(self, statement: str, values: Values) -> None:
        """Run *statement* in the transaction, at the latest when something is asked or committed."""

    @abstractmethod
    def change_many(self, statement: str, rows: Sequence[Values]) -> None:
        """Run *statement* for each of *rows*, which are others each, as `put` does."""

    @abstractmethod
    def change_all(self, statement: str, rows: Sequence[Values], *, otherwise: Callable[[], QinglingError]) -> None:
        """Run *statement*, which touches one row, for each of *rows* as `put` does.

        Args:
            otherwise: Gives what is raised if one touches none, once all was undone that the transaction (or `part`)
                wrote: here, or where something is asked or committed next.
        """

    def settle(self) -> None:  # noqa: B027  # only what waits for an answer has anything to do
        """Make sure that what was `put` is written."""

    def drop(self) -> None:  # noqa: B027
        """Forget what was `put` and not written yet, before it is undone."""

    def foresee(  # noqa: B027
        self, asked: Sequence[tuple[str, Values]], *, reserved: tuple[str, int] | None = None
    ) -> None:
        """Say what will be asked, inside `begin` or `foreseeing`; where a server answers, it is asked at once.

        Args:
            asked: Statements with their values.
            reserved: A table, and how many ids will be reserved for it.
        """

    @abstractmethod
    def foreseeing(
        self, first: tuple[str, Values] = ("", ()), then: Sequence[str] = ()
    ) -> AbstractContextManager[None]:
        """Let questions be asked ahead within the block; the answers hold until something is written.

        Args:
            first: A question whose first row begins with an id.
            then: What will be asked with that id as its only value.
        """

    @property
    def is_under_policies(self) -> bool:
        """Whether the database itself shows this log-in only some rows, and takes no COPY from it."""
        return False

    def may_read(self, table: str) -> bool:  # noqa: ARG002  # who opens a file reads it
        """Whether the database lets this log-in read a table."""
        return True

    @property
    def sees_all(self) -> bool:
        """Whether the database shows this log-in every row of every case."""
        return True

    @property
    def sees_log_ins(self) -> bool:
        """Whether the database shows this log-in what all officers are known by, and when they logged in."""
        return True

    @abstractmethod
    def reserve(self, table: str, count: int) -> Sequence[int]:
        """Return *count* ids for *table* that nobody else will get; inside `begin`."""

    @abstractmethod
    def close(self) -> None:
        """Give the connection back."""

    @abstractmethod
    def _run(self, command: str) -> None:
        """Run a transaction command."""

    @property
    def as_written(self) -> tuple[int, int] | None:
        """What differs as soon as anybody has written anything to the database; None where nothing says so cheaply."""
        return None

    def remember(self, *, cases: bool) -> None:
        """Keep what is read of the house, for a caller who sees to it that what is kept holds.

        Args:
            cases: What is read of cases as well; not where they are written.
        """
        self.memory, self.cases = {}, CaseMemory() if cases else None

    def forget(self) -> None:
        """Forget what was kept."""
        if self.memory is not None:
            self.memory.clear()
        if self.cases is not None:
            self.cases.forget()

    def kept(self, key: tuple[str, ...], read: Callable[[], Kept]) -> Kept:
        """Return what *read* gives; what it gave before, where that is kept and nothing is being written.

        Args:
            key: What is read; the same for everybody who asks.
        """
        if self.memory is None or self.is_writing:
            return read()
        if key not in self.memory:
            self.memory[key] = read()
        found: Kept = self.memory[key]
        return found

    def one(self, statement: str, values: Values = ()) -> Row | None:
        """Return the first row that *statement* finds, if any."""
        found = self.query(statement, values)
        return found[0] if found else None

    def value(self, statement: str, values: Values = ()) -> Any:
        """Return the one value that *statement* asks for; None if it finds nothing."""
        return next(iter(self.column(statement, values)), None)

    def column(self, statement: str, values: Values = ()) -> list[Any]:
        """Return the one value of each row that *statement* finds."""
        return [value for (value,) in self.query(statement, values)]

    @contextmanager
    def reading(self, shared: str = "") -> Iterator[None]:
        """See one state of the database throughout the block; within another such block, the state of that.

        Within a transaction that writes, it sees what that sees; on PostgreSQL each statement what is committed then.
        With what `reading_beside` of another connection gave as *shared*, it sees what that one sees.
        """
        if self.is_steady or self.is_writing:
            yield
            return
        self._run(self.BEGIN_READ)
        self.is_steady = True
        try:
            if shared:
                self._run(f"SET TRANSACTION SNAPSHOT '{shared}'")
            yield
        finally:
            self.is_steady = False
            self._run("ROLLBACK")

    @contextmanager
    def reading_beside(self, begin_other: Callable[[str], bool]) -> Iterator[bool]:
        """See one state of the database throughout the block, and let another connection see the same.

        Args:
            begin_other: Lets the other connection begin `reading` with what it is given; says whether it did.

        Yields:
            Whether the other sees the same state; never within another block, or where something is being written.
        """
        if self.is_steady or self.is_writing:
            yield False
            return
        with self._reading_beside(begin_other) as is_shared:
            yield is_shared

    @abstractmethod
    def _reading_beside(self, begin_other: Callable[[str], bool]) -> AbstractContextManager[bool]:
        """Do what `reading_beside` does, outside any block."""

    @contextmanager
    def begin(self, *, steady: bool = False) -> Iterator[None]:
        """Write everything in the block in one commit, or nothing of it.

        Args:
            steady: What is read in the block is one state of the database as well, as in `reading`.

        Raises:
            ConflictError: If someone else wrote the same thing first.
            DatabaseError: If another program holds the database for too long, or it cannot be written.
            QinglingError: What `before_writing` raises.
        """
        if self.before_writing is not None:
            self.before_writing()
        if self.is_rehearsing:
            with self.part():
                yield
            return
        try:  # not `with refusals`, which would cost a step as much as a statement of its own
            self._run(self.BEGIN_STEADY if steady else self.BEGIN_WRITE)
            self.is_steady, self.is_writing = steady, True
            try:
                yield
                self._run("COMMIT")
            except BaseException as error:
                self.undone += 1
                self._undo()
                if isinstance(error, TooFewError):
                    self.is_steady = self.is_writing = False
                    raise error.otherwise() from None
                if is_race(error):
                    raise ConflictError(
                        Text(
                            "someone else wrote the same thing first; nothing was written, try again",
                            "他人已先行写入；本次未写入任何内容，请重试",
                        )
                    ) from error
                raise
            finally:
                self.is_steady = self.is_writing = False
        except Exception:
            with refusals(self.url):
                raise

    @contextmanager
    def rehearsing(self) -> Iterator[None]:
        """Let all that is written in the block be seen there, and undo it at the end."""
        with refusals(self.url):
            self._run(self.BEGIN_WRITE)
            self.is_rehearsing = self.is_writing = True
            try:
                yield
            finally:
                self.is_rehearsing = self.is_writing = False
                self.undone += 1
                self._undo()

    @contextmanager
    def part(self) -> Iterator[None]:
        """Keep what is written in a block of a transaction, or nothing of it if it ends in an error."""
        self._run("SAVEPOINT part")
        try:
            yield
            self.settle()
        except BaseException as error:
            self.undone += 1
            self.drop()
            self._run("ROLLBACK TO SAVEPOINT part")
            if isinstance(error, TooFewError):
                raise error.otherwise() from None
            raise
        finally:
            self._run("RELEASE SAVEPOINT part")

    def _undo(self) -> None:
        """Undo the transaction, if the database has not done so by itself."""
        self._run("ROLLBACK")
