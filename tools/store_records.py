"""Which rows of tables `tools.store_columns` writes as named tuples, and with which columns."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.store.desk_tables import DraftRow, NamedOfficerRow, UniqueValueRow
from engine.store.signature_tables import AskedSignatureRow
from engine.store.sum_tables import KeptSumRow
from engine.store.tables import (
    AdoptedRow,
    AttachmentRow,
    CaseRow,
    CheckpointRow,
    CounterRow,
    CredentialRow,
    DeadlineRow,
    DigestLineRow,
    GrantRow,
    JournalRow,
    LeafRow,
    LogInFailureRow,
    LogInRow,
    OccurrenceRow,
    OfficerRow,
    OutboxRow,
    QuestionRow,
    ReminderRow,
    SealedRow,
    SettingRow,
    SignatureRow,
    TileRow,
    UnitRow,
    WorkflowRow,
)


@dataclass(frozen=True, kw_only=True)
class RecordPlan:
    """A named tuple to be written."""

    name: str
    says: str
    columns: tuple[Any, ...]
    """Attributes of the table classes, or whole classes."""
    parsed: tuple[Any, ...] = ()
    """Columns of JSON that the record holds parsed."""
    named: Mapping[str, Any] = field(default_factory=dict)
    """Columns that the record calls otherwise because they come from a table that is joined."""


RECORDS: Mapping[str, tuple[RecordPlan, ...]] = {
    "house_columns": (
        RecordPlan(name="SettingRecord", says="One setting, as JSON.", columns=(SettingRow,)),
        RecordPlan(
            name="HouseUnit",
            says="Who leads belong to.",
            columns=(UnitRow.id, UnitRow.code, UnitRow.name, UnitRow.closed_at),
        ),
        RecordPlan(
            name="UnitDays",
            says="A unit's own days off and extra working days.",
            columns=(UnitRow.id, UnitRow.code, UnitRow.own_days),
        ),
        RecordPlan(name="Officer", says="Who acts.", columns=(OfficerRow,), parsed=(OfficerRow.contact,)),
        RecordPlan(
            name="GrantedRole",
            says="Who has which role where, by codes; the unit is empty for all of them.",
            columns=("officer", GrantRow.role, "unit"),
            named={"officer": OfficerRow.code, "unit": UnitRow.code},
        ),
        RecordPlan(name="WorkflowRecord", says="A declaration that cases began with.", columns=(WorkflowRow,)),
        RecordPlan(
            name="KeptWorkflow",
            says="A declaration that cases began with, and its digest.",
            columns=(WorkflowRow.digest, WorkflowRow.plain),
        ),
        RecordPlan(name="AdoptedRecord", says="A version of a text that was adopted.", columns=(AdoptedRow,)),
        RecordPlan(
            name="AdoptedText",
            says="A version of a text, and what the row of the house's chain says that it refers to.",
            columns=(AdoptedRow.digest, AdoptedRow.plain, JournalRow.body),
        ),
        RecordPlan(
            name="ContactText",
            says="How an officer is reached, as it is stored; the journal tells its digest.",
            columns=(OfficerRow.code, OfficerRow.contact),
        ),
        RecordPlan(
            name="HouseStanding",
            says="The newest row of the house's chain.",
            columns=(JournalRow.seq, JournalRow.hash),
        ),
        RecordPlan(
            name="AdoptedVersion",
            says="A text and a version of it.",
            columns=(AdoptedRow.name, AdoptedRow.version),
        ),
    ),
    "identity_columns": (
        RecordPlan(name="CredentialRecord", says="What an officer is known by.", columns=(CredentialRow,)),
        RecordPlan(name="LogInRecord", says="A log-in.", columns=(LogInRow,)),
        RecordPlan(name="FailureRecord", says="How often a password was wrong.", columns=(LogInFailureRow,)),
        RecordPlan(name="SignatureRecord", says="A signature over a journal row.", columns=(SignatureRow,)),
    ),
    "case_columns": (
        RecordPlan(name="CounterRecord", says="The last number given in a series.", columns=(CounterRow,)),
        RecordPlan(name="CaseRecord", says="A case as it is stored.", columns=(CaseRow,)),
        RecordPlan(
            name="CaseChange",
            says="What a step changes of a case.",
            columns=(
                CaseRow.state,
                CaseRow.clearance,
                CaseRow.fields,
                CaseRow.changed_at,
                CaseRow.revision,
                CaseRow.head,
            ),
        ),
        RecordPlan(
            name="ChainEnd",
            says="What a case knows of its newest journal row.",
            columns=(CaseRow.changed_at, CaseRow.revision, CaseRow.head),
        ),
        RecordPlan(name="CaseWords", says="A case's values, by its id.", columns=(CaseRow.id, CaseRow.fields)),
        RecordPlan(name="CaseFields", says="A case's values.", columns=(CaseRow.id, CaseRow.number, CaseRow.fields)),
        RecordPlan(
            name="CaseText",
            says="A case's values, and when it was received.",
            columns=(CaseRow.dated_on, CaseRow.number, CaseRow.fields),
        ),
        RecordPlan(name="JournalRecord", says="One thing that happened, as it is stored.", columns=(JournalRow,)),
        RecordPlan(
            name="KindBody",
            says="What a journal row of a case says.",
            columns=(JournalRow.case_id, JournalRow.kind, JournalRow.body),
        ),
        RecordPlan(
            name="StateEntered",
            says="How a case last came into a state.",
            columns=(JournalRow.kind, JournalRow.from_state),
        ),
        RecordPlan(name="StepDone", says="What was done.", columns=(JournalRow.kind, JournalRow.body, JournalRow.by)),
        RecordPlan(
            name="LookedBack",
            says="What rules look back on: a step that was taken, or a row that led the case into another state.",
            columns=(JournalRow.kind, JournalRow.body, JournalRow.by, JournalRow.from_state, JournalRow.to_state),
        ),
        RecordPlan(name="SealedRecord", says="A sealed value, as it is stored.", columns=(SealedRow,)),
        RecordPlan(
            name="SealedValue",
            says="A sealed value of a case that is known.",
            columns=(SealedRow.field, SealedRow.seq, SealedRow.key_id, SealedRow.ciphertext),
        ),
        RecordPlan(
            name="AttachedFile",
            says="A file of a case that is known.",
            columns=(AttachmentRow.seq, AttachmentRow.digest, AttachmentRow.name, AttachmentRow.size),
        ),
        RecordPlan(name="OccurrenceRecord", says="Which case was opened for which period.", columns=(OccurrenceRow,)),
        RecordPlan(name="QuestionRecord", says="What a ledger left unclear, as it is stored.", columns=(QuestionRow,)),
        RecordPlan(name="AskedSignatureRecord", says="A signature that was asked for.", columns=(AskedSignatureRow,)),
        RecordPlan(name="NamedOfficerRecord", says="An officer whom a case names.", columns=(NamedOfficerRow,)),
        RecordPlan(name="UniqueValueRecord", says="Which case has what is given once.", columns=(UniqueValueRow,)),
        RecordPlan(name="DraftRecord", says="A form that was begun, as it is stored.", columns=(DraftRow,)),
    ),
    "clock_columns": (
        RecordPlan(name="DeadlineRecord", says="A declared term of one case, as it is stored.", columns=(DeadlineRow,)),
        RecordPlan(
            name="NextRung",
            says="The next rung of a deadline that has just reminded.",
            columns=(DeadlineRow.rung, DeadlineRow.next_at, DeadlineRow.id),
        ),
        RecordPlan(name="DueDay", says="When a case is due.", columns=(CaseRow.number, DeadlineRow.due_on)),
    ),
    "outbox_columns": (
        RecordPlan(name="ReminderRecord", says="One rung taken or skipped.", columns=(ReminderRow,)),
        RecordPlan(
            name="ReminderRef",
            says="Which reminder a line of a digest stands for.",
            columns=(ReminderRow.deadline_id, ReminderRow.arming, ReminderRow.rung),
        ),
        RecordPlan(
            name="ReachedRung",
            says="A rung that was reached.",
            columns=(ReminderRow.rung, ReminderRow.due_at, ReminderRow.at),
        ),
        RecordPlan(
            name="DeadlineArming",
            says="How often the due day of a deadline moved.",
            columns=(DeadlineRow.id, DeadlineRow.arming),
        ),
        RecordPlan(
            name="Promise",
            says="A message as it waits, was sent or has failed.",
            columns=(OutboxRow,),
            parsed=(OutboxRow.payload,),
        ),
        RecordPlan(
            name="NewPromise",
            says="A message that is promised.",
            columns=(
                OutboxRow.key,
                OutboxRow.kind,
                OutboxRow.recipient,
                OutboxRow.payload,
                OutboxRow.created_at,
                OutboxRow.status,
                OutboxRow.attempts,
                OutboxRow.next_try_at,
                OutboxRow.open_lines,
            ),
        ),
        RecordPlan(name="DigestLineRecord", says="A reminder that a digest says.", columns=(DigestLineRow,)),
        RecordPlan(
            name="WaitingLine",
            says="A reminder that a digest says which waits to go out.",
            columns=(DigestLineRow, ReminderRow.level),
        ),
    ),
    "sum_columns": (RecordPlan(name="KeptSumRecord", says="What a block of cases comes to.", columns=(KeptSumRow,)),),
    "tree_columns": (
        RecordPlan(name="LeafRecord", says="Where an entry stands in the tree.", columns=(LeafRow,)),
        RecordPlan(name="TileRecord", says="256 hashes of the tree that stand side by side.", columns=(TileRow,)),
        RecordPlan(name="CheckpointRecord", says="A signed checkpoint, as it is stored.", columns=(CheckpointRow,)),
    ),
    "chain_columns": (
        RecordPlan(
            name="WorkflowProof",
            says="A declaration and what its digest must be.",
            columns=(WorkflowRow.name, WorkflowRow.version, WorkflowRow.digest, WorkflowRow.plain),
        ),
        RecordPlan(
            name="DeadlineProof",
            says="What the journal tells of a deadline.",
            columns=(
                DeadlineRow.case_id,
                DeadlineRow.name,
                DeadlineRow.round,
                DeadlineRow.status,
                DeadlineRow.original_due_on,
                DeadlineRow.due_on,
                DeadlineRow.due_at,
                DeadlineRow.ledger,
                DeadlineRow.met_on,
                DeadlineRow.ended_at,
                DeadlineRow.rung,
                DeadlineRow.next_at,
                DeadlineRow.calendar,
            ),
        ),
        RecordPlan(
            name="RemindedProof",
            says="A reminder of a case that the journal tells.",
            columns=(
                DeadlineRow.case_id,
                DeadlineRow.name,
                ReminderRow.deadline_id,
                ReminderRow.arming,
                ReminderRow.rung,
                ReminderRow.level,
                ReminderRow.at,
            ),
        ),
        RecordPlan(
            name="MessageProof",
            says="A message, of the reminders that it tells.",
            columns=(OutboxRow.payload, OutboxRow.created_at, OutboxRow.recipient),
        ),
        RecordPlan(
            name="SealedProof",
            says="A sealed value whose digest the journal tells.",
            columns=(SealedRow.case_id, SealedRow.field, SealedRow.seq, SealedRow.key_id, SealedRow.ciphertext),
        ),
        RecordPlan(name="AttachmentRecord", says="A file of a case.", columns=(AttachmentRow,)),
        RecordPlan(
            name="AttachedContent",
            says="A file whose content is kept under its digest.",
            columns=(CaseRow.number, AttachmentRow.seq, AttachmentRow.digest, AttachmentRow.name),
        ),
        RecordPlan(
            name="EntryPlace",
            says="Which row of the journal it is.",
            columns=(JournalRow.case_id, JournalRow.seq),
        ),
    ),
    "past_columns": (
        RecordPlan(
            name="WorkflowVersion",
            says="Which declaration it is.",
            columns=(WorkflowRow.name, WorkflowRow.version),
        ),
        RecordPlan(
            name="PastEntry",
            says="What a past day is rebuilt from.",
            columns=(
                JournalRow.case_id,
                JournalRow.at,
                JournalRow.by,
                JournalRow.kind,
                JournalRow.to_state,
                JournalRow.clearance,
                JournalRow.body,
                JournalRow.seq,
                JournalRow.hash,
            ),
        ),
        RecordPlan(
            name="CountedEntry",
            says="When, as what and in which state the journal counted a case.",
            columns=(JournalRow.case_id, JournalRow.at, JournalRow.clearance, JournalRow.to_state),
        ),
        RecordPlan(
            name="CaseEntry",
            says="What happened to a case, by its number.",
            columns=(CaseRow.number, JournalRow.at, JournalRow.body),
        ),
        RecordPlan(
            name="ChainHead",
            says="Length and hash of a case's chain.",
            columns=(CaseRow.number, CaseRow.revision, CaseRow.head),
        ),
        RecordPlan(name="CaseNumber", says="Which case it is.", columns=(CaseRow.id, CaseRow.number)),
        RecordPlan(name="ChildCase", says="Which case opened which.", columns=(CaseRow.parent_id, CaseRow.id)),
        RecordPlan(name="OpenChild", says="A case that another opened.", columns=(CaseRow.workflow, CaseRow.number)),
        RecordPlan(
            name="RegisteredCase",
            says="What a ledger from outside is compared with.",
            columns=(
                "unit",
                CaseRow.number,
                CaseRow.state,
                CaseRow.clearance,
                CaseRow.import_key,
                CaseRow.dated_on,
                CaseRow.fields,
            ),
            named={"unit": UnitRow.code},
        ),
    ),
}
"""Module -> its records: whole tables, and of some the columns that one statement asks for."""
