"""How it is known who did something, from the weakest to the strongest; entries carry it, declarations demand it."""

from collections.abc import Mapping
from enum import IntEnum
from types import MappingProxyType
from typing import Final

from engine.language import Text
from engine.workflow.frozen_struct import FrozenStruct


class Proof(IntEnum):
    """How it is known who did something, the weakest first."""

    ASSERTED = 0
    """The name was typed; so in all entries that say nothing."""
    OS_ACCOUNT = 1
    """The account of the operating system is the officer's; on a single machine."""
    SESSION = 2
    """The officer had logged in."""
    CONFIRMED = 3
    """The officer had logged in, and typed the password again for this."""
    SIGNATURE = 4
    """The officer's key signed the hash of the entry."""

    @property
    def word(self) -> str:
        """How journals and declarations write it."""
        return _WORDS[self]

    @property
    def title(self) -> Text:
        """What it is called in sentences."""
        return _TITLES[self]


_WORDS: Final = {
    Proof.ASSERTED: "asserted",
    Proof.OS_ACCOUNT: "os-account",
    Proof.SESSION: "session",
    Proof.CONFIRMED: "confirmed",
    Proof.SIGNATURE: "signature",
}
_TITLES: Final = {
    Proof.ASSERTED: Text("a typed name", "仅填写姓名"),
    Proof.OS_ACCOUNT: Text("the account of the operating system", "系统账户"),
    Proof.SESSION: Text("a log-in", "登录"),
    Proof.CONFIRMED: Text("the password typed again", "口令确认"),
    Proof.SIGNATURE: Text("a signature", "数字签名"),
}

PROOFS: Final[Mapping[str, Proof]] = MappingProxyType({each.word: each for each in Proof})
"""Word -> proof."""
DECLARED_PROOFS: Final[tuple[str, ...]] = tuple(each.word for each in Proof if each is not Proof.CONFIRMED)
"""What may be demanded: a password is typed again only for a signature, where there is no key to sign with."""


class LogInLimits(FrozenStruct, frozen=True, kw_only=True):
    """How long log-ins last, and how long who types wrong passwords must wait; declared in `roles.yaml`."""

    failures: int = 5
    """In a row, after which one must wait."""
    wait_seconds: int = 30
    """The first wait; each further failure doubles it."""
    longest_wait_minutes: int = 15
    idle_minutes: int = 30
    """Unused for so long, a log-in has ended."""
    hours: int = 10
    """After which it has ended in any case."""
