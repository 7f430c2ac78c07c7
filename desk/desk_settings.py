"""What a desk is started with: how its ledgers are opened, by which clock it goes, and under which names it answers."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from desk.house_tools import HouseTools
from engine.language import Language
from engine.operations.ledger.ledger import Ledger

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
"""Names under which a machine reaches itself."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SignOn:
    """A provider of log-ins (OpenID Connect)."""

    issuer: str
    """Its address, which its answers name."""
    client_id: str
    """How it knows the desk."""
    client_secret: str
    title: str
    """What officers call it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DeskSettings:
    """All that the command decides."""

    open_ledger: Callable[[], Ledger]
    """Opens the ledger once more; called in the thread that will work with it."""
    now: Callable[[], datetime]
    """Gives the aware instant at which things are done."""
    real_now: Callable[[], datetime]
    """Gives the clock's aware instant, by which log-ins end."""
    is_hand_clock: bool = False
    """Whether `now` was set by hand; only ever in a rehearsal."""
    files: Path | None = None
    """Where attached files are kept; None if that is not known."""
    journal_key: Path | None = None
    """The key by which checkpoints of the journal are signed; None if nobody has said where it lies."""
    custodian_key: Path | None = None
    """Where the custodian's key would lie at this machine; None if that is not known. It is locked by a passphrase."""
    is_secure: bool = False
    """Whether browsers come by TLS: to the desk itself or to the proxy before it."""
    names: frozenset[str] = LOOPBACK
    """Hosts under which the desk answers; a page of another name could read what it shows (DNS rebinding)."""
    sign_on: SignOn | None = None
    """The house's single sign-on, if it has one."""
    readers: int = 4
    """How many threads read at a time."""
    language: Language = "zh"
    """What is spoken until somebody asks for the other."""
    tools: HouseTools | None = None
    """What the command lends for the keeping of the house; None if nothing."""
