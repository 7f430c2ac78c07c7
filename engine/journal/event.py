"""What every journal row may say, and how the body of a row is written and read.

The kinds of rows stand in `case_events` and `house_events`, one frozen type each. A type writes the body of its
row and reads it back. A key that has a default is left out of the body while it has it, a key without one is
always written. `docs/journal.md` describes the same to readers without this program.

The types are msgspec structs: forty of them are made in a millisecond, where as many dataclasses take thirty, and
one is read from its text faster than a mapping would be.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, ClassVar, Final, Self, TypeVar

from msgspec import MsgspecError, Struct, structs, to_builtins
from msgspec.json import Decoder

from engine.errors import DatabaseError
from engine.journal.canonical import canonical
from engine.language import Text

SCHEMA: Final = 1
"""The version of kinds and keys that is written; a body without `schema` is of version 1."""

SEALED: Final = "sealed"
"""What stands among values where a sealed one was given."""

_NOT_JSON: Final = (bytes, bytearray, date, datetime, time, timedelta, Decimal)
"""What msgspec would write in a way of its own; canonical JSON refuses it instead."""

_DECODING: Final[dict[type, Any]] = {}
"""Type -> what decodes its bodies."""

Values = Mapping[str, object]
"""Values of a case by field, as the workflow declares them."""


class UnreadableEventError(DatabaseError, ValueError):
    """A journal row does not say what a row of its kind says, or was written by a newer program."""


class NewerEventError(UnreadableEventError):
    """A journal row was written by a newer program: nothing can be said of it, not even that it was altered."""


class Event(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What every row may say."""

    kind: ClassVar[str] = ""
    schema: int = SCHEMA
    """Left out while it is 1, so that rows written before there was a version are of version 1."""
    real_at: int | None = None
    """What the clock said if the instant was set by hand; microseconds since 1970 UTC."""
    clock_at: int | None = None
    """When it happened if the row before is dated later; microseconds since 1970 UTC."""
    proof: tuple[str, int] | None = None
    """How it is known who wrote it, and the row of the house's chain that tells of the log-in, account or key; None
    where the name was only typed, as in all rows before there was more."""
    seen: Mapping[str, tuple[str, ...]] = {}
    """Field or other text -> kinds of identities that its writer was asked about and insisted on; never a match."""

    def body(self) -> str:
        """Return the canonical JSON that is stored and hashed.

        Raises:
            ValueError: If a value is a number that JSON cannot write.
            TypeError: If a value is not JSON.
        """
        return canonical(to_builtins(self, builtin_types=_NOT_JSON))

    def replace(self, **changes: object) -> Self:
        """Return the same event with other values for some keys."""
        return structs.replace(self, **changes)

    @classmethod
    def read(cls, body: str) -> Self:
        """Return what the body of a row of this kind says.

        Raises:
            UnreadableEventError: If it says something else, or is of a newer version.
        """
        return read_as(cls, body)


SomeEvent = TypeVar("SomeEvent", bound=Event)


def read_as(event: type[SomeEvent], body: str | bytes) -> SomeEvent:
    """Return what the body of a row says, read as one type.

    Raises:
        UnreadableEventError: If it says something else.
        NewerEventError: If it is of a newer version.
    """
    decode: Callable[[str | bytes], SomeEvent] | None = _DECODING.get(event)
    if decode is None:  # made when first needed, since most commands meet few kinds
        decode = _DECODING[event] = Decoder(event).decode
    try:
        found = decode(body)
    except (MsgspecError, UnicodeError, RecursionError) as error:
        raise _unreadable(event.kind, str(error)) from error
    if found.schema > SCHEMA:
        raise NewerEventError(
            Text(
                f"a journal row was written by a newer version (schema {found.schema} > {SCHEMA});"
                " install the newer Qingling",
                f"日志中有一行由更新的版本写入（schema {found.schema} > {SCHEMA}）；请安装新版清零",
            )
        )
    return found


def _unreadable(kind: str, why: str) -> UnreadableEventError:
    """Return the error for a body that is not one of its kind."""
    return UnreadableEventError(
        Text(
            f"a journal row of kind '{kind}' cannot be read ({why}); see: qingling journal verify",
            f"日志中有“{kind}”类的一行无法读取（{why}）；请查看：qingling journal verify",
        )
    )
