"""What can happen to the house, one frozen type for each kind of row in its own chain."""

from collections.abc import Mapping
from typing import ClassVar, Final

from engine.journal.event import Event, Values
from engine.journal.migration_events import MigrationPlanned

NAMED: Final = 6
"""Adopted texts that a line names."""


class HouseSetUp(Event, frozen=True, kw_only=True):
    """The ledger was begun."""

    kind: ClassVar[str] = "set_up"
    name: str
    zone: str
    unit: tuple[str, str]
    officer: tuple[str, str]
    roles: tuple[str, ...]
    custodian: str | None
    key: str | None
    demands: str = "asserted"
    """The least by which officers must be known once there are two."""
    rehearsal: bool = False
    """The ledger proves nothing and takes a clock set by hand; it is said here alone, so that nothing can change it."""


class CustodianReplaced(Event, frozen=True, kw_only=True):
    """Values are sealed to another key."""

    kind: ClassVar[str] = "custodian_replaced"
    custodian: str
    key: str
    by_way: str | None = None
    """How the old key was shown: `passphrase` or `escrow`; None if there was none, or in rows of older versions."""
    renewed: int | None = None
    """How many values were sealed again; None in rows of older versions, which left them to the old key."""
    left_to: tuple[str, ...] = ()
    """Ids of still older keys that the old one could not open for, and that values are left to."""


class EscrowMade(Event, frozen=True, kw_only=True):
    """The custodian's private key was parted into two halves, for two others to keep."""

    kind: ClassVar[str] = "escrow_made"
    custodian: str
    """Id of the key."""


class UnitAdded(Event, frozen=True, kw_only=True):
    """A unit was registered."""

    kind: ClassVar[str] = "unit_added"
    code: str
    name: str


class UnitRenamed(Event, frozen=True, kw_only=True):
    """A unit has another name; its code stays."""

    kind: ClassVar[str] = "unit_renamed"
    code: str
    name: str
    was: str
    reason: str


UNIT_TYPES: Final = "unit_types"
"""The setting that holds the registered types of units, by code."""


class UnitTyped(Event, frozen=True, kw_only=True):
    """What kind of office a unit is was registered."""

    kind: ClassVar[str] = "unit_typed"
    code: str
    type: str
    """As the list of types declares it."""
    was: str | None = None
    """The type registered before."""
    reason: str | None = None
    """None where the unit was added with its type."""


class UnitClosed(Event, frozen=True, kw_only=True):
    """A unit takes no new cases."""

    kind: ClassVar[str] = "unit_closed"
    code: str
    reason: str
    into: str | None = None
    """Code of the unit that it was merged into; its open cases were handed over to that one."""


class OfficerAdded(Event, frozen=True, kw_only=True):
    """An officer was registered."""

    kind: ClassVar[str] = "officer_added"
    code: str
    name: str
    contact: str | None = None
    """SHA-256 of how the officer is reached, with a salt; rows of older versions do not tell it."""


class OfficerRenamed(Event, frozen=True, kw_only=True):
    """An officer has another name; the code stays."""

    kind: ClassVar[str] = "officer_renamed"
    code: str
    name: str
    was: str
    reason: str


class OfficerLeft(Event, frozen=True, kw_only=True):
    """An officer acts no more."""

    kind: ClassVar[str] = "officer_left"
    code: str
    handed_to: str | None = None
    """Code of the officer who was named in their open cases instead."""


class OfficerReturned(Event, frozen=True, kw_only=True):
    """An officer who had left acts again, without the roles of before."""

    kind: ClassVar[str] = "officer_returned"
    code: str


class ContactChanged(Event, frozen=True, kw_only=True):
    """An officer is reached in another way; addresses are not journaled."""

    kind: ClassVar[str] = "contact_changed"
    code: str
    keys: tuple[str, ...]
    digest: str | None = None
    """SHA-256 of the contact, with a salt that is kept with it; rows of older versions do not tell it."""


class RoleGranted(Event, frozen=True, kw_only=True):
    """An officer was given a role."""

    kind: ClassVar[str] = "granted"
    code: str
    role: str
    unit: str | None


class RoleRevoked(Event, frozen=True, kw_only=True):
    """A role was taken from an officer."""

    kind: ClassVar[str] = "revoked"
    code: str
    role: str
    unit: str | None


class LetterheadChanged(Event, frozen=True, kw_only=True):
    """What papers carry was changed."""

    kind: ClassVar[str] = "letterhead_changed"
    set: Mapping[str, str]


class CalendarUsed(Event, frozen=True, kw_only=True):
    """Working days are counted by another calendar."""

    kind: ClassVar[str] = "calendar_used"
    calendar: str
    was_calendar: str
    source: str | None
    digest: str | None


class _OwnDays(Event, frozen=True, kw_only=True, rename={"first": "from", "last": "to"}):
    """Some days of one unit."""

    code: str
    first: str
    last: str
    reason: str


class DaysOpened(_OwnDays, frozen=True, kw_only=True):
    """A unit works on days of its own."""

    kind: ClassVar[str] = "days_opened"


class DaysClosed(_OwnDays, frozen=True, kw_only=True):
    """A unit is closed on days of its own."""

    kind: ClassVar[str] = "days_closed"


class DaysReleased(_OwnDays, frozen=True, kw_only=True):
    """A unit follows the house again."""

    kind: ClassVar[str] = "days_released"


class TextsAdopted(Event, frozen=True, kw_only=True):
    """The ledger works by these versions of workflows, lists, campaigns, formats and letters from now on."""

    kind: ClassVar[str] = "adopted"
    texts: tuple[tuple[str, str, int, str], ...]
    """Kind, name, version, and SHA-256 of the text."""
    reason: str | None = None

    @property
    def names(self) -> str:
        """Which texts, the first of them if there are many."""
        shown = ", ".join(f"{name} {version}" for _, name, version, _ in self.texts[:NAMED])
        return shown if len(self.texts) <= NAMED else f"{shown} … ({len(self.texts)})"


class LedgerExported(Event, frozen=True, kw_only=True):
    """A ledger or an event log left the house."""

    kind: ClassVar[str] = "exported"
    what: str
    count: int
    scope: Values
    digest: str
    reason: str | None = None


class StatementFrozen(Event, frozen=True, kw_only=True):
    """How a campaign stands was frozen."""

    kind: ClassVar[str] = "statement_frozen"
    name: str
    year: int | None
    as_of: str
    unit: str | None
    verdict: str
    digest: str
    heads: str
    statement: Values
    corrected_out: tuple[str, ...] = ()
    reason: str | None = None
    printed: str | None = None
    """SHA-256 of the text beside it; None in rows of older versions, and if none was written."""


class ReturnsPassedOver(Event, frozen=True, kw_only=True, rename={"first": "from", "last": "to"}):
    """Returns were missed too long ago to be opened."""

    kind: ClassVar[str] = "returns_passed_over"
    workflow: str
    recurs: str
    periods: int
    count: int
    first: str
    last: str


class LedgerBackedUp(Event, frozen=True, kw_only=True):
    """A backup was made."""

    kind: ClassVar[str] = "backed_up"
    digest: str
    cases: int | None = None


class LedgerRestored(Event, frozen=True, kw_only=True):
    """The ledger was made from a backup."""

    kind: ClassVar[str] = "restored"
    digest: str
    cases: int


class LedgerUpgraded(Event, frozen=True, kw_only=True, rename={"before": "from", "after": "to"}):
    """The tables were brought to another version."""

    kind: ClassVar[str] = "upgraded"
    before: str
    after: str
    digest: str
    mended: int = 0  # of how many cases how their terms stand was kept wrong beside the journal, and put right
    recounted: int = 0  # of how many cases older rows said a wrong count, that rows of this upgrade count again


class HandClockAllowed(Event, frozen=True, kw_only=True):
    """The keeper of the ledger lets the clock be set back by hand for a time."""

    kind: ClassVar[str] = "clock_allowed"
    until: int  # up to when, by the clock and not by hand; microseconds since 1970 UTC
    reason: str


class HandClockForbidden(Event, frozen=True, kw_only=True):
    """The clock may not be set by hand any more."""

    kind: ClassVar[str] = "clock_forbidden"
    reason: str


class OriginBegun(Event, frozen=True, kw_only=True):
    """The tree over all entries has a name, and a key that signs its checkpoints; after a restore another name."""

    kind: ClassVar[str] = "origin_begun"
    origin: str
    key: str
    """The public half, NAME+ID+KEY."""
    was: str | None = None
    """The origin before, whose tree this one continues as far as it was restored."""
    was_size: int | None = None
    """How many entries the newest checkpoint covered that was known of it."""
    was_root: str | None = None
    """The root of that checkpoint, as base64."""
    kept: int | None = None  # how many of these entries are still there


class LedgerVerified(Event, frozen=True, kw_only=True):
    """Every row of every table was compared with the journal, which held."""

    kind: ClassVar[str] = "verified"
    checked: int
    """Rows of the journal."""
    judged: int
    """Steps that were judged again as a whole."""


BACKUP_KEYS: Final = "backup_keys"
"""The setting that holds to which keys backups are encrypted, as the newest row of the kind below says."""


class BackupKeysDeclared(Event, frozen=True, kw_only=True):
    """From then on all backups are encrypted to these keys; in clear if there are none."""

    kind: ClassVar[str] = "backup_keys_declared"
    keys: tuple[str, ...]
    """Public keys of age."""
    reason: str


RESTRICTED: Final = "restricted"
"""The setting that holds which cases are restricted, as the newest row of the kind below says."""


class RestrictionsChanged(Event, frozen=True, kw_only=True):
    """A case was restricted to named readers, or is not any more; the row of the case says why."""

    kind: ClassVar[str] = "restrictions_changed"
    cases: tuple[tuple[int, str], ...]
    """All that are restricted from then on: id of the case, and code of an officer who reads it."""


class DestructionProposed(Event, frozen=True, kw_only=True):
    """An officer proposed that the sealed values of some cases be destroyed after their term."""

    kind: ClassVar[str] = "destruction_proposed"
    cases: tuple[int, ...]
    """Ids of the cases."""
    years: int
    """The term that was declared."""
    reason: str


class ProofDemanded(Event, frozen=True, kw_only=True):
    """The keeper of the ledger said by what officers must be known at least once there are two."""

    kind: ClassVar[str] = "proof_demanded"
    least: str
    was: str
    reason: str


class CredentialSet(Event, frozen=True, kw_only=True):
    """An officer has something to be known by; other rows name it by the place of this one."""

    kind: ClassVar[str] = "credential_set"
    code: str
    way: str
    """password, os-account, key, passkey, sign-on, token-read, token-write or feed."""
    digest: str | None = None
    """SHA-256 of what is kept of a password, its salted Argon2id hash; of a token or a feed, of the secret itself."""
    account: str | None = None
    """Name of an account of the operating system; of `sign-on` issuer and subject, with a blank between."""
    public: str | None = None
    """Base64 of an Ed25519 public key; of a passkey, of its SubjectPublicKeyInfo."""
    passkey: tuple[str, int, str, str] | None = None  # id as base64url, COSE algorithm, host (RP ID), its name


class CredentialRevoked(Event, frozen=True, kw_only=True):
    """Something that an officer was known by is so no more, and log-ins with it have ended."""

    kind: ClassVar[str] = "credential_revoked"
    code: str
    credential: int
    """The row that tells of it."""
    reason: str


class LoggedIn(Event, frozen=True, kw_only=True):
    """An officer logged in; other rows name it by the place of this one."""

    kind: ClassVar[str] = "logged_in"
    credential: int
    until: int  # when it ends by itself at the latest; microseconds since 1970 UTC, by the clock and not by hand
    token: str | None = None  # SHA-256 of 256 random bits that the officer's machine holds; not in older rows


class LoggedOut(Event, frozen=True, kw_only=True):
    """A log-in was ended by the officer."""

    kind: ClassVar[str] = "logged_out"
    session: int
    """The row that tells of it."""


class LogInRefused(Event, frozen=True, kw_only=True):
    """A password was wrong so often that the one who tries must wait; one row for each such streak."""

    kind: ClassVar[str] = "log_in_refused"
    code: str
    failures: int
    source: str
    """Account and machine from which it was tried."""


class DatabaseRolesMade(Event, frozen=True, kw_only=True):
    """The roles of the database were made, or brought up to date."""

    kind: ClassVar[str] = "database_roles_made"
    statements: str  # SHA-256 of the SQL that was run
    catalog: str  # SHA-256 of what the database said of its roles, rights and policies after that


HOUSE_EVENTS: Final[tuple[type[Event], ...]] = (
    HouseSetUp, CustodianReplaced, EscrowMade, UnitAdded, UnitRenamed, UnitTyped, UnitClosed, OfficerAdded,
    OfficerRenamed, OfficerLeft, OfficerReturned, ContactChanged, RoleGranted, RoleRevoked, LetterheadChanged,
    CalendarUsed, DaysOpened, DaysClosed, DaysReleased, LedgerExported, StatementFrozen, ReturnsPassedOver,
    LedgerBackedUp, LedgerRestored, LedgerUpgraded, TextsAdopted, MigrationPlanned, HandClockAllowed,
    HandClockForbidden, OriginBegun, LedgerVerified, RestrictionsChanged, BackupKeysDeclared, DestructionProposed,
    ProofDemanded, CredentialSet, CredentialRevoked, LoggedIn, LoggedOut, LogInRefused, DatabaseRolesMade,
)  # fmt: skip


def founded_for_rehearsal(body: str) -> bool:
    """Say whether the body of a `set_up` row founds a ledger for rehearsal.

    It is looked for in the text, since an altered body must be asked as well; in a name its quotes would be escaped.
    """
    return '"rehearsal":true' in body
