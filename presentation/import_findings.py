"""What an import finds while the rows of a ledger go by, for all that show it: counts, problems, questions, people.

Shared by the command, which prints it, and the desk, which shows it; holds no row longer than it must.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from engine.language import Text
from engine.operations.imports.row import is_of_identity
from engine.rules.required import lacking_by_condition
from engine.workflow.model import Workflow
from presentation.import_words import NAMED, OUTCOMES
from presentation.original_marks import OriginalMarks

if TYPE_CHECKING:
    from documents.ledger_in.intake import Intake
    from documents.ledger_in.sheet_model import CellProblem, LedgerRow
    from engine.journal.ledger_row import Question
    from engine.operations.cases.twins import Twin
    from engine.operations.imports.row import Row, Taken

MOST_LINES: Final = 30
"""Rows that were taken are named up to so many; what is wrong is named always."""


class Met(NamedTuple):
    """What was met in a ledger, with how often it stands there."""

    units: Mapping[str, int]
    """Units that are registered with it."""
    officers: Mapping[str, int]
    """People who are not registered."""
    shortened: Mapping[tuple[str, str], int]
    """Names that are not written whole, with the officer each was taken for."""


NOBODY_MET: Final = Met({}, {}, {})


class ImportFindings:
    """Gathers what is to be said of an import."""

    def __init__(self, workflow: Workflow, *, apply: bool, strict: bool) -> None:
        """Begin with no row read.

        Args:
            apply: What is taken in is to be kept.
            strict: Unless some of it cannot be taken.
        """
        self.workflow = workflow
        self.apply = apply
        self.strict = strict
        self.wanting: dict[str, list[str]] = {}
        """Where rows lack what their other values demand, by field."""
        self.original_marks = OriginalMarks()
        self.first: dict[str, tuple[str, str]] = {}
        """Of the first rows that were taken, by where they stand: what became of them and their number."""
        self._sheets_lacking: tuple[CellProblem, ...] = ()
        self.problems: list[CellProblem] = []
        self.outcomes: dict[str, Text] = {}
        self.left_out: dict[str, Text] = {}
        """What became of each row, for the marked copy."""
        self.named: dict[str, Text] = {}
        """What a person should look at, by where it stands."""
        self.counts: Counter[str] = Counter()
        """How many rows, by what became of them."""
        self.questioned = 0
        """How many rows are in, or would be, with questions."""
        self.masked: list[Question] = []
        """About texts in which it could be read who somebody is."""
        self.asked_of: dict[tuple[str, str | None, tuple[str, str], tuple[str, str]], list[str]] = {}
        """Where the same question stands, by field, what stood there, why and what would answer it."""
        self.met = NOBODY_MET
        self.twins: dict[str, Sequence[Twin]] = {}
        """Number of a new lead -> those that it may be the same as."""
        self.at: dict[str, str] = {}
        """Number of a new lead -> where its row stands."""
        self.two: dict[str, str] = {}
        """Where a cell may hold two leads -> its field."""
        self.links: Mapping[str, Text] = {}
        """What became of the leads that were to be linked, by number."""

    @property
    def refused(self) -> int:
        """How many rows cannot be taken."""
        return self.counts["refused"]

    @property
    def to_be_marked(self) -> bool:
        """Whether anything is to be put right in the ledger itself."""
        return self.refused > 0 or self.questioned > 0

    @property
    def to_be_kept(self) -> bool:
        """Whether what was written is to be kept."""
        return self.apply and not (self.strict and self.refused)

    @property
    def marks(self) -> "list[CellProblem]":
        """Return all that is to be marked in the ledger: what is wrong, and what is asked."""
        from documents.ledger_in.sheet_model import CellProblem

        asked = (
            CellProblem(at=at, field=field, wrong=Text(*why), right=Text(*answer))
            for (field, _, why, answer), places in self.asked_of.items()
            for at in places
        )
        return [*self.problems, *asked]

    def lacking(self, problems: "Iterable[CellProblem]") -> None:
        """Keep which columns sheets lack."""
        self._sheets_lacking = tuple(problems)
        self.problems.extend(self._sheets_lacking)

    def read(self, read: "LedgerRow", row: "Row | None", problems: "tuple[CellProblem, ...]") -> None:
        """Keep how one row was read; it is refused if there is no *row*."""
        self.problems.extend(problems)
        self.named.update({note.at: note.sentence for note in read.notes if note.kind in NAMED})
        if row is not None and not row.number:
            for field in lacking_by_condition(self.workflow, row.values):
                self.wanting.setdefault(field.name, []).append(read.at)
        if row is None:
            self.came(read.at, "refused", "", _joined(problems) if problems else self._lack_of(read), ())

    def taken(self, taken: "Taken", problems: "tuple[CellProblem, ...]") -> None:
        """Keep what became of one row that was good to read."""
        self.problems.extend(problems)
        if taken.left_out is not None:
            self.left_out[taken.at] = taken.left_out
        if taken.questions:
            self.questioned += 1
            self.masked += [each for each in taken.questions if is_of_identity(each)]
            for each in taken.questions:
                self.asked_of.setdefault((each.field, each.stood, each.why, each.answer), []).append(each.at)
        self.came(taken.at, taken.outcome, taken.number, taken.refusal, taken.changed)

    def may_be(self, taken: "Taken", twins: "Sequence[Twin]") -> None:
        """Keep which leads a new one may be the same as."""
        self.at[taken.number] = taken.at
        if twins:
            self.twins[taken.number] = twins

    def may_be_two(self, at: str, field: str | None) -> None:
        """Keep that a cell of a row may hold two leads."""
        if field is not None:
            self.two[at] = field

    def linked(self, found: Mapping[str, Text]) -> None:
        """Keep what became of the leads that were to be linked, by number."""
        self.links = found

    def enrolled(self, intake: "Intake") -> None:
        """Keep who and what stands in the ledger that is not registered, and who was not written whole."""
        self.met = Met(intake.new_units, intake.new_officers, intake.shortened)

    def called(self, name: str) -> str:
        """Return what a lead is called: its number, or its row as long as the number is not its own for good."""
        return name if self.apply else self.at.get(name, name)

    def came(self, at: str, outcome: str, number: str, _refusal: Text | None, _changed: tuple[str, ...]) -> None:
        """Count one row and keep of it what will be said.

        Args:
            _refusal: Why it was not taken.
            _changed: The fields that it changed.
        """
        self.counts[outcome] += 1
        if outcome == "refused":
            return
        # What is only tried gets a number too, which the next case that is opened will bear: it must not be quoted.
        if not self.apply and outcome == "opened":
            number = ""
        if self.apply:
            self.outcomes[at] = OUTCOMES[outcome] if not number else _with_number(outcome, number)
        if len(self.first) < MOST_LINES:
            self.first[at] = outcome, number

    def _lack_of(self, read: "LedgerRow") -> Text:
        """Return why no row of a sheet can be taken."""
        return _joined([each for each in self._sheets_lacking if each.at.rpartition("!")[0] == read.sheet])


def _joined(problems: "Iterable[CellProblem]") -> Text:
    """Return what is wrong in one sentence."""
    each = list(problems)
    return Text("; ".join(p.wrong.en for p in each), "；".join(p.wrong.zh for p in each))


def _with_number(outcome: str, number: str) -> Text:
    """Return what became of a row that is a case now."""
    words = OUTCOMES[outcome]
    return Text(f"{words.en}: {number}", f"{words.zh}：{number}")
