"""One connection to a PostgreSQL database and its transactions: what `connection` asks of a store.

Every answer that is waited for costs a way to the server and back, on a network ten times what the statement takes. So
whatever is written waits for the next question or the commit and goes with it, in the driver's pipeline: many
statements, one round trip. What must touch a row and does not fails there, so that the commit behind it comes to
nothing. And what a verb is known to ask is asked ahead, together.
"""

import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Final

from engine.errors import DatabaseError, QinglingError
from engine.language import Text
from engine.store.abstract_store import Row, Store, TooFewError, Values
from engine.store.database import open_postgres_at, refusals
from engine.store.dialects import PLAIN_INSERT, PLAIN_UPDATE, TYPES, marked
from engine.store.one_statement import in_one
from engine.store.schema import require_current

if TYPE_CHECKING:
    import psycopg

_COUNTED = b"WITH touched AS (%b RETURNING 1) SELECT 1 / (count(*) = %%s)::int FROM touched"
"""Fails, and with it everything that is sent after it, unless as many rows are touched as must be."""
ROWS = 1000
"""Rows that go to PostgreSQL, or come in a stream, at a time."""

_UNTIL_PREPARED: Final = 3
"""The time at which the driver prepares a statement."""
FEW = 8
"""Rows up to which each has a statement of its own, prepared once, within the same round trip."""


class PostgreSQLStore(Store):
    """A ledger in a PostgreSQL database."""

    dialect = "postgresql"
    gives_ids = True
    BEGIN_READ = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
    BEGIN_WRITE = "BEGIN"
    BEGIN_STEADY = "BEGIN ISOLATION LEVEL REPEATABLE READ"
    UTF_8 = "convert_to({0}, 'UTF8')"

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self._connection, self.opened_at = open_postgres_at(url)
        self._connection.prepare_threshold = _UNTIL_PREPARED - 1
        self._sent: dict[bytes, int] = {}
        self._streams = itertools.count(1)
        self._listed: dict[str, bytes | None] = {}
        self._waiting: list[_Call] = []
        self._foreseen: dict[str, list[tuple[Values, list[Row]]]] = {}
        self._is_foreseeing = False

    @property
    def driver(self) -> Any:
        """The driver's connection, after what waited was sent; it may write."""
        self.settle()
        self._foreseen.clear()
        return self._connection

    def require_current(self) -> None:
        """Refuse tables that are not those of this program."""
        with refusals(self.url):
            require_current(self._connection, self.url)

    def query(self, statement: str, values: Values = ()) -> list[Row]:
        """Return all rows that *statement* finds."""
        for place, (foreseen, rows) in enumerate(self._foreseen.get(statement, ())):
            if tuple(values) == foreseen:
                del self._foreseen[statement][place]
                return rows
        if not statement.startswith("SELECT"):
            self._foreseen.clear()  # it writes, and returns what it wrote
        return self._answered(statement, values).fetchall()

    def stream(self, statement: str, values: Values = ()) -> Iterator[Row]:
        """Yield the rows that *statement* finds without holding them all.

        The server holds them: between two rows the connection is free for other statements.
        """
        self.settle()
        try:
            with self._connection.cursor(f"rows_{next(self._streams)}", withhold=True) as cursor:
                cursor.itersize = ROWS
                yield from cursor.execute(marked(statement), values)
        except self._connection.Error:
            with refusals(self.url):
                raise

    def change(self, statement: str, values: Values = ()) -> int:
        """Run *statement* and return how many rows it touched."""
        self._foreseen.clear()
        return self._answered(statement, values).rowcount

    def put(self, statement: str, values: Values) -> None:
        """Run *statement* with what is sent next, in one round trip."""
        self._foreseen.clear()
        self._waiting.append(_Call(marked(statement), values, source=statement))
        self._send_unless_writing()

    def change_many(self, statement: str, rows: Sequence[Values]) -> None:
        """Run *statement* for each of *rows* with what is sent next: many as lists of columns in one statement."""
        self._foreseen.clear()
        if len(rows) <= FEW or not (command := self._of_lists(statement)):
            for row in rows:
                self._waiting.append(_Call(marked(statement), row, source=statement))
                if len(self._waiting) >= ROWS:
                    self.settle()
        else:
            for start in range(0, len(rows), ROWS):
                self._waiting.append(_Call(command, _lists(rows[start : start + ROWS])))
                if len(rows) > ROWS:
                    self.settle()
        self._send_unless_writing()

    def change_all(self, statement: str, rows: Sequence[Values], *, otherwise: Callable[[], QinglingError]) -> None:
        """Run *statement* with what is sent next; the statement itself fails if it touches too few rows."""
        self._foreseen.clear()
        command = self._of_lists(statement) if len(rows) > FEW else None
        parts: list[tuple[Values, int]]
        if command is None:
            command, parts = marked(statement), [(row, 1) for row in rows]
        else:
            cut = [rows[start : start + ROWS] for start in range(0, len(rows), ROWS)]
            parts = [(_lists(part), len(part)) for part in cut]
        source = statement if len(rows) == 1 else ""
        for values, count in parts:
            self._waiting.append(_Call(_COUNTED % command, (*values, count), otherwise, source=source))
        self._send_unless_writing()

    def settle(self) -> None:
        """Send what waits."""
        if self._waiting:
            with self._refusing():
                self._send()

    def drop(self) -> None:
        """Forget what waits."""
        self._foreseen.clear()
        self._waiting.clear()

    def foresee(self, asked: Sequence[tuple[str, Values]], *, reserved: tuple[str, int] | None = None) -> None:
        """Ask several questions in one round trip, of which each is answered once when it is asked."""
        asked = asked if reserved is None else [_reserving(*reserved), *asked]
        if self._is_foreseeing or self.is_writing:
            for (statement, values), rows in zip(asked, self._together(asked), strict=True):
                self._remember(statement, values, rows)

    @contextmanager
    def foreseeing(self, first: tuple[str, Values] = ("", ()), then: Sequence[str] = ()) -> Iterator[None]:
        """Let questions be asked ahead within the block, at whose end what was not asked after all is forgotten."""
        before, self._is_foreseeing = self._is_foreseeing, True
        try:
            if then:
                self._foresee_by_id(first, then)
            yield
        finally:
            self._is_foreseeing = before
            self._foreseen.clear()

    @cached_property
    def _raw(self) -> "psycopg.RawCursor[Row]":
        """What runs statements with PostgreSQL's own marks for values."""
        from psycopg import RawCursor

        return RawCursor(self._connection)

    @cached_property
    def is_under_policies(self) -> bool:
        """Whether the database itself shows this log-in only some rows; then it takes no COPY from it either."""
        # With the schema: a reader's view of that name would be under none.
        return bool(self.value("SELECT row_security_active(format('%I.cases', current_schema()))"))

    def may_read(self, table: str) -> bool:
        """Whether the database lets this log-in read a table."""
        return bool(self.value("SELECT pg_catalog.has_table_privilege(?, 'SELECT')", (table,)))

    @property
    def sees_all(self) -> bool:
        """Whether the database shows this log-in every row of every case; asked each time, for roles change."""
        return not self.is_under_policies or bool(self.value("SELECT ql_sees_all()"))

    @property
    def sees_log_ins(self) -> bool:
        """Whether the database shows this log-in what all officers are known by, and when they logged in."""
        return not self.is_under_policies or bool(self.value("SELECT ql_sees_log_ins()"))

    def _foresee_by_id(self, first: tuple[str, Values], then: Sequence[str]) -> None:
        """Ask *first*, and *then* by the id with which its row begins, in one round trip."""
        statement, values = first
        found_by = f"= (SELECT f.id FROM ({statement}) f)"
        asked = [first, *((each.replace("= ?", found_by, 1), values) for each in then)]
        rows, *others = self._together(asked)
        if len(rows) == 1:
            self._remember(statement, values, rows)
            for each, found in zip(then, others, strict=True):
                self._remember(each, (rows[0][0],), found)

    def _remember(self, statement: str, values: Values, rows: list[Row]) -> None:
        """Remember an answer until it is asked for."""
        self._foreseen.setdefault(statement, []).append((tuple(values), rows))

    def _together(self, asked: Sequence[tuple[str, Values]]) -> list[list[Row]]:
        """Return the rows of several questions, asked in one round trip."""
        with self._refusing():
            cursors = self._send(*(_Call(marked(statement), values) for statement, values in asked))
            return [each.fetchall() for each in cursors[-len(asked) :]]

    def _of_lists(self, statement: str) -> bytes | None:
        """Return what runs *statement* for many rows at once, of lists of columns; None if nothing does."""
        if statement not in self._listed:
            plain = PLAIN_INSERT.fullmatch(statement) or PLAIN_UPDATE.fullmatch(statement)
            self._listed[statement] = None if plain is None else self._put_together(plain)
        return self._listed[statement]

    @cached_property
    def _types(self) -> list[Row]:
        """Table, column and type of every column."""
        return self._connection.execute(marked(TYPES)).fetchall()

    def _put_together(self, plain: "re.Match[str]") -> bytes | None:
        """Return a plain statement for one row as one for lists of columns; None for a table of this session's own."""
        table, columns = plain[1], re.findall(r"\w+(?= = \?)", plain[2] + plain[3])
        types = {column: kind for of, column, kind in self._types if of == table}
        if not types:
            return None
        if plain[0].startswith("INSERT"):
            lists = ", ".join(f"%s::{types[each]}[]" for each in plain[2].split(", "))
            return f"INSERT INTO {table} ({plain[2]}) SELECT * FROM unnest({lists}){plain[3]}".encode()
        lists = ", ".join(f"%s::{types[each]}[]" for each in columns)
        names = iter(f"v.c{place}" for place in range(len(columns)))
        sets = re.sub(r"\?", lambda _: next(names), plain[2])
        where = re.sub(r"(\w+) = \?", lambda found: f"t.{found[1]} = {next(names)}", plain[3])
        of = ", ".join(f"c{place}" for place in range(len(columns)))
        return f"UPDATE {table} t SET {sets} FROM unnest({lists}) AS v({of}) WHERE {where}".encode()

    def reserve(self, table: str, count: int) -> Sequence[int]:
        """Return *count* ids for *table*, from its sequence."""
        return self.column(*_reserving(table, count))

    @contextmanager
    def _reading_beside(self, begin_other: Callable[[str], bool]) -> Iterator[bool]:
        """Lend the other connection this one's snapshot."""
        with self.reading():
            yield begin_other(self.value("SELECT pg_export_snapshot()"))

    def close(self) -> None:
        """Give the connection back."""
        self._connection.close()

    def _run(self, command: str) -> None:
        """Run a transaction command; that one begins is said with the first statement."""
        if command.startswith("BEGIN"):
            self._waiting.append(_Call(command.encode(), (), begins=True))
            return
        self._foreseen.clear()
        if command == "ROLLBACK":
            is_begun = not any(each.begins for each in self._waiting)
            self._waiting.clear()
            if not is_begun:
                return  # nothing was sent of it
        # Nothing was asked since it began: the server need not hear of it at all.
        elif self._waiting and self._waiting[-1].begins and command == "COMMIT":
            self._waiting.clear()
            return
        with refusals(self.url):
            if command == "COMMIT" and self._sent_in_one():
                return
            said = self._send(_Call(command.encode(), ()))[-1].statusmessage
        if command == "COMMIT" and said != command:
            # After an error the server answers so, and has undone all: someone passed over the error.
            raise DatabaseError(
                Text(
                    "a statement failed, so that nothing was written; try again",
                    "有语句执行失败，因此未写入任何内容；请重试",
                )
            )

    def _sent_in_one(self) -> bool:
        """Send a whole transaction that asks nothing as one statement, if it is one; say whether it was sent.

        Raises:
            TooFewError: If the row that must be touched is not; nothing was written.
            psycopg.Error: What the database said; nothing was written.
        """
        begins, *calls = self._waiting or [_NOTHING]
        if begins.statement != b"BEGIN" or not all(each.source for each in calls):
            return False
        if [each.otherwise is None for each in calls[:2]] != [False, True] or any(each.otherwise for each in calls[2:]):
            return False
        first, *others = calls
        parts = [(first.source, first.values[:-1]), *((each.source, each.values) for each in others)]
        statement = in_one(parts)
        if statement is None:
            return False
        self._waiting[:] = [begins]  # so that undoing it, if it fails, asks the server nothing
        values = [value for _, each in parts for value in each]
        times = self._sent[statement] = self._sent.get(statement, 0) + 1
        error = self._tried(lambda: self._run_alone(statement, values, is_new=times <= _UNTIL_PREPARED))
        if error is not None and getattr(error, "sqlstate", None) == "22012" and first.otherwise is not None:
            raise TooFewError(first.otherwise) from None
        if error is not None:
            raise error
        self._waiting.clear()
        return True

    def _run_alone(self, statement: bytes, values: Values, *, is_new: bool) -> None:
        """Run a statement by itself; in the pipeline while it is new, where preparing it asks no further round trip."""
        if is_new:
            with self._connection.pipeline():
                self._raw.execute(statement, values)
        else:
            self._raw.execute(statement, values)

    def _send_unless_writing(self) -> None:
        """Send what waits at once outside a transaction."""
        if not self.is_writing:
            self.settle()

    def _answered(self, statement: str, values: Values) -> "psycopg.Cursor[Row]":
        """Run *statement* after what waits, in one round trip, and return its cursor."""
        with self._refusing():
            if not self._waiting:
                return self._connection.execute(marked(statement), values)
            return self._send(_Call(marked(statement), values))[-1]

    def _send(self, *last: "_Call") -> "list[psycopg.Cursor[Row]]":
        """Send what waits and *last* in one round trip, and return a cursor for each.

        Raises:
            TooFewError: If a statement touched fewer rows than it must; nothing after it was run.
            psycopg.Error: The first that the database said.
        """
        calls = (*self._waiting, *last)
        self._waiting.clear()
        cursors = [self._connection.cursor() for _ in calls]
        if len(calls) == 1:
            first = self._tried(lambda: cursors[0].execute(calls[0].statement, calls[0].values))
        else:
            first = self._tried(lambda: self._pipe(calls, cursors))
        if first is None:
            return cursors
        # Division by zero is how a counted statement fails on purpose; the pipeline runs nothing behind it, so that the
        # first one without a result is it.
        if getattr(first, "sqlstate", None) == "22012":
            for cursor, call in zip(cursors, calls, strict=True):
                if cursor.pgresult is None and call.otherwise is not None:
                    raise TooFewError(call.otherwise) from None
        raise first

    def _pipe(self, calls: "Sequence[_Call]", cursors: "Sequence[psycopg.Cursor[Row]]") -> None:
        """Run *calls* in the driver's pipeline, which reads no answer before all are sent."""
        first = None
        try:
            with self._connection.pipeline():
                for cursor, call in zip(cursors, calls, strict=True):
                    first = first or self._tried(partial(cursor.execute, call.statement, call.values))
        except self._connection.Error as error:
            raise (first or error) from None
        if first is not None:
            raise first

    def _tried(self, run: Callable[[], object]) -> Exception | None:
        """Return what the driver raises, if anything."""
        try:
            run()
        except self._connection.Error as error:
            return error
        return None

    @contextmanager
    def _refusing(self) -> Iterator[None]:
        """Turn what the driver raises about the database itself into one sentence; free while all is well."""
        try:
            yield
        except self._connection.Error:
            with refusals(self.url):
                raise


@dataclass(frozen=True, slots=True)
class _Call:
    """A statement that waits to be sent."""

    statement: bytes
    values: Values
    otherwise: Callable[[], QinglingError] | None = None
    begins: bool = False
    source: str = ""
    """The statement for one row, as it was asked for; nothing for many rows at once."""


_NOTHING: Final = _Call(b"", ())


def _lists(rows: Sequence[Values]) -> list[list[object]]:
    """Return rows as a list for each column."""
    return list(map(list, zip(*rows, strict=True)))


def _reserving(table: str, count: int) -> tuple[str, Values]:
    """Return what is asked for new ids."""
    return f"SELECT nextval(pg_get_serial_sequence('{table}', 'id')) FROM generate_series(1, ?)", (count,)
