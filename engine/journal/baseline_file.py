"""The file in which the person who verifies keeps what held: its form, and the digests that it holds."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from msgspec import MsgspecError, Struct, json, msgpack
from msgspec.structs import replace

SCHEMA: Final = 1
"""The version of the form that is written, and the only one that is compared with."""


class Stretch(NamedTuple):
    """A few cases that were found to hold, and what stood about them then."""

    first: int
    """Ids from here on."""
    last: int
    digest: str
    """As `engine.store.chain_rows.stood` gives it."""
    named: str
    """As `engine.store.named_rows.digests` gives it; empty if they named nobody."""
    counted: Mapping[str, int]
    """What `Checking.counted` counted of them but of steps that were judged."""


class BaselineFile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the file holds."""

    schema: int = SCHEMA
    program: str
    """Digest of the program that judged."""
    calendar: str
    """The label of the calendar that it counted by."""
    zone: str
    house: tuple[int, str]
    """The newest row of the house's chain then: its number and hash."""
    claimed_until: int = 0
    """The latest clock of a row that shows by what its officer was known; microseconds since 1970 UTC."""
    stretches: tuple[Stretch, ...] = ()

    @classmethod
    def read(cls, text: bytes) -> "BaselineFile":
        """Return what a file holds.

        Raises:
            ValueError: If it is none.
        """
        try:
            return json.Decoder(cls).decode(text)
        except MsgspecError as error:
            raise ValueError(str(error)) from error

    def text(self) -> bytes:
        """Return the file."""
        return json.encode(self)

    def holding(self, stretches: tuple[Stretch, ...], *, claimed_until: int) -> "BaselineFile":
        """Return the same with what held."""
        return replace(self, stretches=stretches, claimed_until=claimed_until)


packed: Final = msgpack.Encoder().encode
"""Returns rows as bytes that say of what type each value is and where it ends: equal bytes are of equal rows."""
