"""The tables: the only place, migrations apart, where a column is described.

`sessions` writes these classes; the named tuples of `*_columns` are derived from them. Instants are whole microseconds
since 1970 in UTC, local dates are text YYYY-MM-DD, values are canonical JSON text: one way on every path.
"""

from typing import ClassVar, Final

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, SmallInteger, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from engine.store.column_kinds import KEY, counted, instant, partial_index, words
from engine.store.desk_tables import DraftRow, NamedOfficerRow, UniqueValueRow
from engine.store.kind_index import BY_HAND, RARE
from engine.store.signature_tables import AskedSignatureRow
from engine.store.sum_tables import KeptSumRow

metadata: MetaData = SQLModel.metadata

SIGNATURES: Final = AskedSignatureRow
"""The table of signatures that were asked for, which is described in a module of its own."""
DESK: Final = (NamedOfficerRow, UniqueValueRow, DraftRow)
"""Who is named where, what is given once, and forms that were begun: described in a module of their own."""
SUMS: Final = KeptSumRow  # as are the sums that reports keep


class SettingRow(SQLModel, table=True):
    """What was said at `init`, and the head of the house's own chain."""

    __tablename__: ClassVar[str] = "settings"

    name: str = Field(sa_column=Column(Text, primary_key=True))
    value: str = Field(sa_column=words())


class UnitRow(SQLModel, table=True):
    """Who leads belong to."""

    __tablename__: ClassVar[str] = "units"

    id: int | None = Field(default=None, sa_column=counted())
    code: str = Field(sa_column=words(unique=True))
    name: str = Field(sa_column=words())
    parent_id: int | None = Field(default=None, foreign_key="units.id", sa_type=KEY)
    own_days: str = Field(sa_column=words())
    """The unit's own days off and extra working days, as JSON."""
    closed_at: int | None = Field(default=None, sa_column=instant(null=True))


class OfficerRow(SQLModel, table=True):
    """Who acts."""

    __tablename__: ClassVar[str] = "officers"

    id: int | None = Field(default=None, sa_column=counted())
    code: str = Field(sa_column=words(unique=True))
    name: str = Field(sa_column=words())
    contact: str = Field(sa_column=words())
    """Channels, quiet hours, absence and deputy, as JSON."""
    left_at: int | None = Field(default=None, sa_column=instant(null=True))


class GrantRow(SQLModel, table=True):
    """A role that an officer has, in one unit or (unit_id 0) in all."""

    __tablename__: ClassVar[str] = "grants"

    officer_id: int = Field(foreign_key="officers.id", primary_key=True, sa_type=KEY)
    role: str = Field(sa_column=Column(Text, primary_key=True))
    unit_id: int = Field(sa_column=Column(KEY, primary_key=True, autoincrement=False))


class WorkflowRow(SQLModel, table=True):
    """A declaration that cases have begun with, kept whole so that they can end with it."""

    __tablename__: ClassVar[str] = "workflow_versions"

    name: str = Field(sa_column=Column(Text, primary_key=True))
    version: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    digest: str = Field(sa_column=words())
    plain: str = Field(sa_column=words())
    """The declaration as JSON, in its declared order."""
    stored_at: int = Field(sa_column=instant())


class AdoptedRow(SQLModel, table=True):
    """A version of a text by which the ledger works: a workflow, a list, a campaign, a format of ledgers."""

    __tablename__: ClassVar[str] = "adopted"

    kind: str = Field(sa_column=Column(Text, primary_key=True))
    name: str = Field(sa_column=Column(Text, primary_key=True))
    version: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    digest: str = Field(sa_column=words())
    """SHA-256 of `plain`; the house's chain says the same."""
    plain: str = Field(sa_column=words())
    """The text as JSON, in its declared order."""
    shipped: int = Field(sa_column=Column(Integer, nullable=False))
    """1 if it came with the program, 0 if the house wrote it."""
    seq: int = Field(sa_column=Column(Integer, nullable=False))
    """The row of the house's chain by which it was adopted."""


class CounterRow(SQLModel, table=True):
    """The last number given in a series; advanced in the same commit that uses it, so without gaps."""

    __tablename__: ClassVar[str] = "counters"

    series: str = Field(sa_column=Column(Text, primary_key=True))
    """The number's format with everything filled in but the serial."""
    last: int = Field(sa_column=Column(Integer, nullable=False))


_ALIKE = ["workflow", "unit_id", "state", "clearance", "shape", "dated_on", "opened_at", "changed_at", "revision"]
"""What decides how a case is counted, and whether a report looks at it by itself: a walk through all reads no row."""


class CaseRow(SQLModel, table=True):
    """Anything that moves through a declared workflow."""

    __tablename__: ClassVar[str] = "cases"
    __table_args__: ClassVar[tuple[Index, ...]] = (
        Index("ix_cases_alike", *_ALIKE),
        # What is asked every day is what is open, and that does not grow with the years.
        partial_index("ix_cases_open", "workflow", "unit_id", "state", where="clearance = 0"),
        partial_index("ix_cases_parent", "parent_id", where="parent_id IS NOT NULL"),
        partial_index("ix_cases_first", "first_id", where="first_id IS NOT NULL"),
        partial_index("ix_cases_key", "workflow", "unit_id", "import_key", where="import_key IS NOT NULL"),
    )

    id: int | None = Field(default=None, sa_column=counted())
    number: str = Field(sa_column=words(unique=True))
    workflow: str = Field(sa_column=words())
    version: int = Field(sa_column=Column(Integer, nullable=False))
    state: str = Field(sa_column=words())
    unit_id: int = Field(foreign_key="units.id", sa_type=KEY)
    parent_id: int | None = Field(default=None, foreign_key="cases.id", sa_type=KEY)
    first_id: int | None = Field(default=None, foreign_key="cases.id", sa_type=KEY)
    """The lead that this one repeats."""
    dated_on: str = Field(sa_column=words())
    """Local date of receipt; decides the scope of campaigns."""
    opened_at: int = Field(sa_column=instant())
    changed_at: int = Field(sa_column=instant())
    """When its last journal row was written; no later row is dated before it."""
    clearance: int = Field(sa_column=Column(SmallInteger, nullable=False))
    """0 open, 1 cleared, 2 fully closed, 3 void, 4 repeats another; kept in step by every commit."""
    fields: str = Field(sa_column=words())
    """Values as canonical JSON; never a sealed one."""
    import_key: str | None = Field(default=None, sa_column=words(null=True))
    revision: int = Field(sa_column=Column(Integer, nullable=False))
    """How often the case has changed; also the number of its last journal row."""
    head: str = Field(sa_column=words())
    """Hash of its last journal row."""
    shape: int = Field(sa_column=Column(BigInteger, nullable=False, server_default="0"))
    """What decides how it counts but days, as a number (`engine/rules/shapes.py`); 0 where nobody computed it."""


class JournalRow(SQLModel, table=True):
    """One thing that happened; case_id 0 is the house's own chain."""

    __tablename__: ClassVar[str] = "journal"
    __table_args__: ClassVar[tuple[Index, ...]] = (
        Index("ix_journal_at", "at"),
        Index("ix_journal_by", "by", "case_id"),
        partial_index("ix_journal_rare", "kind", "at", where=RARE.format("kind")),
        Index(
            "ix_journal_by_hand",
            *["case_id", "seq"],
            sqlite_where=text(BY_HAND["sqlite"].format("body")),
            postgresql_where=text(BY_HAND["postgresql"].format("body")),
        ),
    )

    case_id: int = Field(sa_column=Column(KEY, primary_key=True, autoincrement=False))
    seq: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    at: int = Field(sa_column=instant())
    by: str = Field(sa_column=words())
    """The officer's code."""
    kind: str = Field(sa_column=words())
    from_state: str | None = Field(default=None, sa_column=words(null=True))
    to_state: str | None = Field(default=None, sa_column=words(null=True))
    clearance: int = Field(sa_column=Column(SmallInteger, nullable=False))
    """The case's clearance after it."""
    body: str = Field(sa_column=words())
    """What happened, as canonical JSON."""
    hash: str = Field(sa_column=words())
    """SHA-256 over the previous hash and this row, as hexadecimal."""


class LeafRow(SQLModel, table=True):
    """Where an entry of the journal stands in the tree over all of them; written after the entry's own commit."""

    __tablename__: ClassVar[str] = "tree_leaves"
    __table_args__: ClassVar[tuple[UniqueConstraint, ...]] = (UniqueConstraint("case_id", "seq"),)

    position: int = Field(sa_column=Column(KEY, primary_key=True, autoincrement=False))
    """From 0."""
    case_id: int = Field(sa_column=Column(KEY, nullable=False))
    seq: int = Field(sa_column=Column(Integer, nullable=False))


class TileRow(SQLModel, table=True):
    """256 hashes of the tree that stand side by side; written once, when they are complete."""

    __tablename__: ClassVar[str] = "tree_tiles"

    level: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    """0 holds the hashes of leaves, 1 those of 256 leaves each, and so on."""
    place: int = Field(sa_column=Column(KEY, primary_key=True, autoincrement=False))
    """Which tile of its level it is, from 0."""
    root: str = Field(sa_column=words())
    """The hash over all of them, as base64."""
    hashes: str = Field(sa_column=words())
    """All of them, one after another, as base64."""


class CheckpointRow(SQLModel, table=True):
    """A signed statement of how many entries the tree had, and of its root."""

    __tablename__: ClassVar[str] = "checkpoints"

    origin: str = Field(sa_column=Column(Text, primary_key=True))
    size: int = Field(sa_column=Column(KEY, primary_key=True, autoincrement=False))
    made_at: int = Field(sa_column=instant())
    note: str = Field(sa_column=words())
    """As C2SP's signed note, with the signatures of witnesses as they come in."""


class CredentialRow(SQLModel, table=True):
    """What an officer is known by."""

    __tablename__: ClassVar[str] = "credentials"

    seq: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    """The row of the house's chain that tells of it."""
    officer: str = Field(sa_column=words())
    """The officer's code."""
    way: str = Field(sa_column=words())
    """password, os-account, key, token-read, token-write or feed."""
    kept: str = Field(sa_column=words())
    """The Argon2id hash, the name of the account, or the public key as base64."""
    ended_at: int | None = Field(default=None, sa_column=instant(null=True))


class LogInRow(SQLModel, table=True):
    """A log-in that holds, or has held."""

    __tablename__: ClassVar[str] = "log_ins"

    seq: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    """The row of the house's chain that tells of it."""
    officer: str = Field(sa_column=words())
    """The officer's code."""
    credential: int = Field(sa_column=Column(Integer, nullable=False))
    token: str = Field(sa_column=words())
    """SHA-256 of what the officer's machine holds, as hexadecimal."""
    seen_at: int = Field(sa_column=instant())
    """When it was last used, give or take some minutes."""
    until: int = Field(sa_column=instant())
    """When it ends by itself at the latest."""
    ended_at: int | None = Field(default=None, sa_column=instant(null=True))


class LogInFailureRow(SQLModel, table=True):
    """How often in a row an officer's password was wrong from one place."""

    __tablename__: ClassVar[str] = "log_in_failures"

    officer: str = Field(sa_column=Column(Text, primary_key=True))
    """What was given as the officer's code."""
    source: str = Field(sa_column=Column(Text, primary_key=True))
    failures: int = Field(sa_column=Column(Integer, nullable=False))
    last_at: int = Field(sa_column=instant())


class SignatureRow(SQLModel, table=True):
    """An officer's signature over the hash of a journal row."""

    __tablename__: ClassVar[str] = "signatures"

    case_id: int = Field(sa_column=Column(KEY, primary_key=True, autoincrement=False))
    seq: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    signature: str = Field(sa_column=words())
    """Base64 of the 64 bytes of Ed25519."""


class SealedRow(SQLModel, table=True):
    """A sealed value: ciphertext only, bound to its case and field."""

    __tablename__: ClassVar[str] = "sealed_values"

    case_id: int = Field(foreign_key="cases.id", primary_key=True, sa_type=KEY)
    field: str = Field(sa_column=Column(Text, primary_key=True))
    seq: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    """The journal row that brought it; older values stay."""
    key_id: str = Field(sa_column=words())
    ciphertext: str = Field(sa_column=words())
    """Base64."""


class OccurrenceRow(SQLModel, table=True):
    """The case that was opened for one period of what recurs; nothing is opened twice for it, however it is looked."""

    __tablename__: ClassVar[str] = "occurrences"

    workflow: str = Field(sa_column=Column(Text, primary_key=True))
    recurs: str = Field(sa_column=Column(Text, primary_key=True))
    """The name of the recurrence in the workflow, of whatever version."""
    unit_id: int = Field(sa_column=Column(KEY, primary_key=True, autoincrement=False))
    """The unit that owes it; 0 if the whole house owes one."""
    parent_id: int = Field(sa_column=Column(KEY, primary_key=True, autoincrement=False))
    """The case under which it was opened; 0 if it stands alone."""
    period: str = Field(sa_column=Column(Text, primary_key=True))
    case_id: int = Field(foreign_key="cases.id", unique=True, sa_type=KEY)


class QuestionRow(SQLModel, table=True):
    """What a ledger left unclear about a case; open until the field has a value, the state is left, or it is closed."""

    __tablename__: ClassVar[str] = "questions"
    __table_args__: ClassVar[tuple[Index, ...]] = (
        partial_index("ix_questions_open", "case_id", "field", where="closed_seq IS NULL"),
    )

    case_id: int = Field(foreign_key="cases.id", primary_key=True, sa_type=KEY)
    field: str = Field(sa_column=Column(Text, primary_key=True))
    """The field that it is about, or `state`."""
    seq: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    """The journal row that asks it."""
    said: str = Field(sa_column=words())
    """What is asked, as canonical JSON."""
    state: str | None = Field(default=None, sa_column=words(null=True))
    """The state in which the case was left, if that is what is asked about."""
    closed_seq: int | None = Field(default=None, sa_column=Column(Integer, nullable=True))
    """The journal row by which it stays without a value."""


class AttachmentRow(SQLModel, table=True):
    """A file kept by the hash of its content."""

    __tablename__: ClassVar[str] = "attachments"

    case_id: int = Field(foreign_key="cases.id", primary_key=True, sa_type=KEY)
    seq: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    digest: str = Field(sa_column=words())
    name: str = Field(sa_column=words())
    size: int = Field(sa_column=Column(BigInteger, nullable=False))


class DeadlineRow(SQLModel, table=True):
    """A declared term of one case."""

    __tablename__: ClassVar[str] = "deadlines"
    __table_args__: ClassVar[tuple[Index, ...]] = (
        partial_index("ix_deadlines_next", "next_at", where="status = 0"),
        partial_index("ix_deadlines_due", "due_on", text(f"coalesce(due_at, {2**63 - 1})"), "id", where="status = 0"),
        partial_index("ix_deadlines_paused", "id", where="status = 1"),
        partial_index("ix_deadlines_provisional", "due_on", where="status IN (0, 1) AND provisional = 1"),
        Index("ix_deadlines_case", "case_id", "name"),
    )

    id: int | None = Field(default=None, sa_column=counted())
    case_id: int = Field(foreign_key="cases.id", sa_type=KEY)
    name: str = Field(sa_column=words())
    round: int = Field(sa_column=Column(Integer, nullable=False))
    """Counts the times the term began again."""
    status: int = Field(sa_column=Column(SmallInteger, nullable=False))
    """0 running, 1 paused, 2 met, 3 cancelled, 4 lifted."""
    starts_at: int = Field(sa_column=instant())
    original_due_on: str = Field(sa_column=words())
    """Changes only with a start that is corrected; the former one stays in the ledger."""
    due_on: str = Field(sa_column=words())
    """Local date; the day itself is never overdue."""
    due_at: int | None = Field(default=None, sa_column=instant(null=True))
    """The instant, for terms in hours."""
    ledger: str = Field(sa_column=words())
    """Pauses, extensions, breaches, times in which it was lifted and former starts, as JSON."""
    calendar: str = Field(sa_column=words())
    """Name and version of the calendar that set the date."""
    provisional: int = Field(sa_column=Column(SmallInteger, nullable=False))
    """1 if a year without a published calendar was counted by weekdays."""
    arming: int = Field(sa_column=Column(Integer, nullable=False))
    """Counts the times the due day moved."""
    rung: int = Field(sa_column=Column(Integer, nullable=False))
    """The next rung to take, counting repetitions."""
    next_at: int | None = Field(default=None, sa_column=instant(null=True))
    """When that rung comes due; NULL if none is left."""
    ended_at: int | None = Field(default=None, sa_column=instant(null=True))
    met_on: str | None = Field(default=None, sa_column=words(null=True))
    """Local date of the act that met it."""


class ReminderRow(SQLModel, table=True):
    """One rung taken or skipped: the claim that makes it happen once."""

    __tablename__: ClassVar[str] = "reminders"
    __table_args__: ClassVar[tuple[Index, ...]] = (
        partial_index("ix_reminders_unheard", "deadline_id", "rung", "arming", where="outcome = 'unheard'"),
    )

    deadline_id: int = Field(foreign_key="deadlines.id", primary_key=True, sa_type=KEY)
    rung: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    arming: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    """Counts the times the due day moved; a moved day has its rungs again."""
    level: str = Field(sa_column=words())
    outcome: str = Field(sa_column=words())
    """sent, skipped, unheard (there was nobody, and the office heard of it) or cancelled."""
    due_at: int = Field(sa_column=instant())
    at: int = Field(sa_column=instant())


class OutboxRow(SQLModel, table=True):
    """A message promised in the commit that caused it."""

    __tablename__: ClassVar[str] = "outbox"
    __table_args__: ClassVar[tuple[Index, ...]] = (partial_index("ix_outbox_next", "next_try_at", where="status = 0"),)

    id: int | None = Field(default=None, sa_column=counted())
    key: str = Field(sa_column=words(unique=True))
    """Made of the facts that caused it."""
    kind: str = Field(sa_column=words())
    recipient: str = Field(sa_column=words())
    """The officer's code."""
    payload: str = Field(sa_column=words())
    created_at: int = Field(sa_column=instant())
    status: int = Field(sa_column=Column(SmallInteger, nullable=False))
    """0 waiting, 1 sent, 2 failed for good, 3 cancelled: what it said is no longer so."""
    attempts: int = Field(sa_column=Column(Integer, nullable=False))
    next_try_at: int = Field(sa_column=instant())
    """Also the end of a claim: a claimed row is tried again if its claimer dies."""
    sent_at: int | None = Field(default=None, sa_column=instant(null=True))
    remark: str | None = Field(default=None, sa_column=words(null=True))
    """How it went, never with a secret."""
    open_lines: int | None = Field(default=None, sa_column=Column(Integer, nullable=True))
    """Of a digest: how many of its lines nobody has taken back; NULL of other kinds."""


class DigestLineRow(SQLModel, table=True):
    """A reminder that a digest says: kept beside the digest, so that a step finds what waits of its case by key."""

    __tablename__: ClassVar[str] = "digest_lines"
    __table_args__: ClassVar[dict[str, bool]] = {"sqlite_with_rowid": False}
    """One tree, since a sweep writes a row for each line; for the same reason no key refers to the message."""

    deadline_id: int = Field(sa_column=Column(KEY, primary_key=True, autoincrement=False))
    arming: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    """Counts the times the due day moved; a moved day has its rungs again."""
    rung: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    outbox_id: int = Field(sa_column=Column(KEY, primary_key=True, autoincrement=False))
    """The message."""
