"""A ledger that is imported at the desk: its file, what was answered, how it was understood, and the work on it.

One operation for all faces of the program takes it in (`presentation.import_run`); here answers of forms become what
that takes. The file is destroyed once it is taken in or given up, or the desk ends.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory, mkdtemp
from typing import Final

from desk.jobs import Job
from desk.visit import Visit
from documents.ledger_in.columns import ledger_columns
from documents.ledger_in.constants import constants_typed
from documents.ledger_in.marked_copy import write_marked
from documents.ledger_in.registered_names import UnitUnsaid
from documents.ledger_in.rows import LedgerStream, open_ledger
from documents.ledger_in.sheet_model import LedgerReading, SheetRead, UnknownHeadingsError
from engine.errors import BadFileError
from engine.language import Text
from engine.operations.house.directory import units
from engine.operations.imports.remembered_headings import remember, remembered
from engine.operations.imports.same_leads import link_twins
from engine.operations.imports.transaction import all_or_nothing
from engine.operations.ledger.adopted import AdoptedTexts
from engine.workflow.model import Field, Workflow
from presentation.import_findings import ImportFindings
from presentation.import_run import fields_unsaid, intake_for, is_unit_unsaid, said_by_mapping, take_all_in
from workflows.adopted_book import AdoptedDeclarations

LONGEST_NAME: Final = 60
"""Characters of a file's name that are kept; a disk takes 255 bytes."""


@dataclass(kw_only=True, slots=True)
class ImportAnswers:
    """What was answered about a ledger."""

    headings: dict[str, str] = field(default_factory=dict)
    """Heading -> field; empty for a column that is passed over."""
    unit: str = ""
    """Code of the unit of rows that name none."""
    constants: dict[str, str] = field(default_factory=dict)
    """Field -> what it is in all rows, as typed."""
    add_units: bool = False
    link: bool = False
    """Leads that may be the same are linked."""


@dataclass(eq=False, kw_only=True, slots=True)
class LedgerImport:
    """One ledger, from its upload to its result."""

    file: Path
    name: str
    """What it was called where it came from."""
    workflow: str
    answers: ImportAnswers = field(default_factory=ImportAnswers)
    sheets: Sequence[SheetRead] = ()
    """How each sheet was understood."""
    found: ImportFindings | None = None
    reading: LedgerReading | None = None
    wanted: Sequence[Field] = ()
    """Fields that every case needs and no sheet has a column for."""
    wants_unit: bool = False
    is_applied: bool = False
    marked: bytes = b""
    """The marked copy; kept in memory, since it holds what the ledger holds."""

    def destroy(self) -> None:
        """Destroy the file, and forget the marked copy."""
        rmtree(self.file.parent, ignore_errors=True)
        self.marked = b""

    def forget(self) -> None:
        """Forget what was found, which names cases; it is found again by another trial."""
        self.found, self.reading, self.marked = None, None, b""

    def try_out(self, visit: Visit, job: Job) -> None:
        """Take the ledger in and undo it: what would become of each row is known then."""
        self._run(visit, job, apply=False)

    def apply(self, visit: Visit, job: Job) -> None:
        """Take the ledger in for good, and destroy its file."""
        self._run(visit, job, apply=True)

    def mark(self, visit: Visit, _job: Job) -> None:
        """Make the copy of the ledger in which all is marked that is wrong or asked."""
        assert self.found is not None, "the page offers it after a trial only"
        assert self.reading is not None, "the same"
        self.marked = _marked(self.file, self.reading, self.found, beside=visit.background.jobs.folder)

    def _run(self, visit: Visit, job: Job, *, apply: bool) -> None:
        """Take the ledger in, for good or on trial.

        Raises:
            BadFileError: If it is no ledger, or no heading is known; its sentence names the file as its sender does.
        """
        acting, declared = visit.acting, visit.ledger.workflows.latest(self.workflow)
        self.found = self.reading = None
        stream = self._opened(visit, declared)
        job.expected = stream.expected
        known, today = units(visit.ledger), acting.today
        typed = [f"{name}={value}" for name, value in self.answers.constants.items() if value]
        constants = constants_typed(declared, typed, today=today)
        found = ImportFindings(declared, apply=apply, strict=False)
        unsaid = UnitUnsaid(None, self.answers.unit or None)
        intake = intake_for(acting, declared, unsaid, known, constants, add_units=self.answers.add_units, strict=False)
        found.lacking(dict.fromkeys(problem for each in stream.sheets for problem in intake.lacking(each)))
        with all_or_nothing(visit.ledger) as fate:
            take_all_in(
                acting, stream, intake, found, job.one_more,
                file=self.file, name=self.name, add_units=self.answers.add_units,
            )  # fmt: skip
            found.enrolled(intake)
            reading = stream.reading()
            marked = b""
            if apply:
                if found.to_be_marked:
                    marked = _marked(self.file, reading, found, beside=visit.background.jobs.folder)
                remember(acting, declared.name, said_by_mapping(stream))
                # Last: what fails before, the marked copy too, leaves nothing taken in.
                fate.keep()
        self.sheets, self.found, self.reading, self.marked = reading.sheets, found, reading, marked
        self.wanted = fields_unsaid(declared, reading.sheets, ())
        self.wants_unit = is_unit_unsaid(reading.sheets, [each for each in known if each.closed_at is None])
        if apply:
            self.is_applied = True
            rmtree(self.file.parent, ignore_errors=True)
            if self.answers.link:
                found.linked(link_twins(acting, found.twins))

    def _opened(self, visit: Visit, declared: Workflow) -> LedgerStream:
        """Open the ledger."""
        try:
            return open_ledger(
                self.file,
                ledger_columns(declared),
                today=visit.acting.today,
                mapping=self._mapping(),
                words=AdoptedDeclarations(AdoptedTexts(visit.ledger.store)).heading_words,
                memory=remembered(visit.ledger, declared.name),
            )
        except BadFileError as error:
            if isinstance(error, UnknownHeadingsError):
                self.sheets = error.sheets
            place = str(self.file)
            said = error.sentence
            raise BadFileError(Text(said.en.replace(place, self.name), said.zh.replace(place, self.name))) from error

    def _mapping(self) -> Mapping[str, str] | None:
        """Return what was answered about headings, as a mapping says it."""
        return dict(self.answers.headings) or None


def kept_upload(folder: Path, name: str, content: bytes) -> Path:
    """Keep an uploaded file where only its owner reads it, and return where.

    Args:
        folder: That of all uploads.
        name: What it is called; without a folder.
    """
    ending = Path(name).suffix[:10]
    file = Path(mkdtemp(dir=folder)) / (Path(name).stem[: LONGEST_NAME - len(ending)] + ending)
    file.touch(mode=0o600)
    file.write_bytes(content)
    return file


def _marked(file: Path, reading: LedgerReading, found: ImportFindings, *, beside: Path) -> bytes:
    """Return the marked copy of a ledger; it is written where uploads are, and taken away at once."""
    with TemporaryDirectory(dir=beside) as place:
        out = Path(place) / "marked.xlsx"
        write_marked(file, out, reading, problems=found.marks, outcomes=found.outcomes)
        return out.read_bytes()
