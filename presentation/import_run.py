"""An import as every face of the program runs it: rows are read, understood, taken in, and what became of each is kept.

Which ledger, which answers and whether it is kept is the caller's: the command asks at a terminal, the desk by forms.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from documents.ledger_in.columns import NUMBER, UNIT
from documents.ledger_in.intake import REPORTED_BY, Intake, has_column
from documents.ledger_in.layout.recalled import Memory, shape_of
from documents.ledger_in.originals import Originals
from documents.ledger_in.registered_names import RegisteredNames, RegisteredUnit, UnitUnsaid
from documents.ledger_in.two_in_one import two_in_one
from engine.operations.cases.twins import Twins
from engine.operations.house.directory import officers
from engine.operations.imports.row import Row
from engine.operations.imports.take_in import take_in
from engine.operations.ledger.acting import Acting
from engine.workflow.model import Field, Workflow
from presentation.import_findings import ImportFindings

if TYPE_CHECKING:
    from documents.ledger_in.rows import LedgerStream
    from documents.ledger_in.sheet_model import LedgerRow, SheetRead


def intake_for(
    acting: Acting,
    workflow: Workflow,
    unit: UnitUnsaid,
    known: Sequence[RegisteredUnit],
    constants: Mapping[str, object],
    *,
    add_units: bool,
    strict: bool,
) -> Intake:
    """Return what turns rows into what can be taken in, by the units and officers of the house.

    Args:
        unit: Whose rows are that name no unit; as it was typed.
        known: All units.
        constants: What holds for all rows, by field.
        add_units: Let units pass that are not registered.
        strict: Refuse a row with anything unclear.

    Raises:
        NotFoundError: If no unit is called as asked.
    """
    ledger = acting.ledger
    named = RegisteredNames(((each.code, each.name) for each in known if each.closed_at is None), places=True)
    return Intake(
        workflow,
        units=known,
        officers=officers(ledger),
        unit=unit if unit.at_once is None else UnitUnsaid(ledger.unit(named.code(unit.at_once) or unit.at_once).code),
        add_units=add_units,
        today=acting.today,
        asking=not strict,
        constants=constants,
        calendar_of=lambda code: ledger.calendar_of(ledger.unit(code).id) if named.code(code) else ledger.calendar,
    )


def fields_unsaid(workflow: Workflow, sheets: "Sequence[SheetRead]", known: Collection[str]) -> Sequence[Field]:
    """Return the fields that every case needs and no sheet has a column for, so that they may be said for all rows.

    Args:
        known: What is said for all rows already.
    """
    if any(has_column(each, NUMBER) for each in sheets):
        return ()
    return [
        field
        for field in workflow.fields.values()
        if field.required
        # What a case is about cannot be the same for all of them.
        and field.name != workflow.summary
        and field.name not in known
        and not any(has_column(each, field.name) for each in sheets)
    ]


def is_unit_unsaid(sheets: "Sequence[SheetRead]", open_units: Sequence[RegisteredUnit]) -> bool:
    """Say whether a sheet names the unit of its rows in no column, no heading and not by its own name."""
    named = RegisteredNames(((each.code, each.name) for each in open_units), places=True)
    return len(open_units) > 1 and any(
        not (
            has_column(each, UNIT)
            or has_column(each, NUMBER)
            or named.named_by_sheet(each.name)
            or named.code(each.meta.get(REPORTED_BY, ""))
        )
        for each in sheets
    )


def take_all_in(
    acting: Acting,
    stream: "LedgerStream",
    intake: Intake,
    findings: ImportFindings,
    one_more: Callable[[], None],
    *,
    file: Path,
    name: str,
    add_units: bool,
) -> None:
    """Take all rows in as they are read, and keep what becomes of each; inside the caller's transaction.

    Args:
        one_more: Called for each row.
        file: The ledger.
        name: What it is called in the journal.

    Raises:
        RefusedError: If the officer may not take ledgers in at all, or such cases are opened by steps only.
    """
    workflow = findings.workflow.name
    waiting: dict[str, tuple[LedgerRow, Row]] = {}
    originals = Originals()

    def good_rows() -> Iterator[Row]:
        for read in stream.iter_rows():
            row, problems = intake.taken(read)
            findings.read(read, row, problems)
            if row is None:
                one_more()
            else:
                if not row.number:
                    original, seal = originals.of(read)
                    row = row._replace(original=original, seal=seal)
                    findings.original_marks.see(original)
                waiting[row.at] = read, row
                yield row

    twins = Twins(acting.ledger, workflow, many=True)
    adopted = acting.ledger.rules(workflow).workflow
    for each in take_in(
        acting,
        workflow,
        good_rows(),
        file={"name": name, "digest": sha256(file.read_bytes()).hexdigest()},
        add_units=add_units,
        exported=any(has_column(each, NUMBER) for each in stream.sheets),
        asking=not findings.strict,
    ):
        read, row = waiting.pop(each.at)
        findings.taken(each, () if each.refusal is None else intake.refusal(read, row, each.refusal))
        if each.outcome == "opened":
            findings.may_be(each, twins.of(each.number, row.unit, row.values))
            findings.may_be_two(read.at, two_in_one(adopted, row.values))
        one_more()


def said_by_mapping(stream: "LedgerStream") -> Memory:
    """Return what the user's mapping decided, by shape: it holds for the next ledger of that shape too."""
    found = {
        shape_of(sheet.headings): {each.key: each.field for each in sheet.headings if each.how == "mapping"}
        for sheet in stream.sheets
    }
    return {shape: columns for shape, columns in found.items() if columns}


def together(*memories: Memory) -> Memory:
    """Return several memories as one; later ones decide."""
    found: dict[str, dict[str, str | None]] = {}
    for memory in memories:
        for shape, columns in memory.items():
            found.setdefault(shape, {}).update(columns)
    return found
