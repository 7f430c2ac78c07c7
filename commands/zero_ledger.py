"""A unit's ledger beside the register, row by row: what only one of them has, and where they differ."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from engine.cases import Count
from engine.language import Text

if TYPE_CHECKING:
    from commands.desk import Desk
    from engine.definition import Workflow
    from engine.operations.taking_in import Row, Taken
    from engine.operations.zero import Statement
    from engine.store.connection import Row as StoredRow


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """One point on which a ledger and the register do not agree."""

    file: str
    at: str
    """Sheet and row; empty for a case that the ledger does not hold."""
    number: str
    """The case's number; empty if the register does not hold the row."""
    kind: str
    """only_in_ledger, only_in_register, fields, state, unreadable or count."""
    sentence: Text


def compare(desk: "Desk", statement: "Statement", file: Path) -> list[Difference]:
    """Return every point on which a ledger and the register do not agree; writes nothing.

    Rows are read and matched as an import would; the transaction is undone at its end.

    Raises:
        BadFileError: If the file is no ledger.
        RefusedError: If the officer may not take ledgers in, and so may not try it either.
    """
    from engine.operations.importing import all_or_nothing
    from engine.operations.taking_in import take_in
    from engine.store.zero import numbers_in_scope

    ledger, campaign = desk.ledger, statement.campaign
    workflow = ledger.rules(campaign.workflow).workflow
    registered = numbers_in_scope(ledger.store, campaign)
    beside = _Beside(file.name)
    by_hand = _ByHand(workflow, registered)
    source = {"name": file.name, "digest": sha256(file.read_bytes()).hexdigest()}
    with all_or_nothing(ledger):
        rows = by_hand.others(_rows(desk, statement, file, beside), beside)
        for each in take_in(ledger, campaign.workflow, rows, file=source, by=desk.officer, now=desk.now):
            beside.taken(each)
    beside.registered([(row[1], row[3]) for row in registered if row[0] in beside.units])
    return beside.found


class _Beside:
    """Gathers on which points a ledger and the register do not agree."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.found: list[Difference] = []
        self.units: set[str] = set()
        """Codes of the units that the ledger covers."""
        self._numbers: set[str] = set()
        self._rows = 0

    def tell(self, kind: str, sentence: Text, *, at: str = "", number: str = "") -> None:
        """Remember one point."""
        self.found.append(Difference(file=self.file, at=at, number=number, kind=kind, sentence=sentence))

    def read(self, row: "Row") -> None:
        """Count a row of the scope."""
        self._rows += 1
        self.units.add(row.unit)

    def known(self, row: "Row", number: str, state: str) -> None:
        """Remember the row of a case that was registered by hand."""
        self._numbers.add(number)
        if row.state is not None and row.state != state:
            self.tell("state", _differs(row.at, "state", number), at=row.at, number=number)

    def taken(self, each: "Taken") -> None:
        """Remember what taking a row in would have changed."""
        number = "" if each.outcome == "opened" else each.number
        self._numbers.add(number)
        for kind, sentence in _said(each):
            self.tell(kind, sentence, at=each.at, number=number)

    def registered(self, held: "Sequence[tuple[str, int]]") -> None:
        """Remember which cases of the register the ledger does not hold, and whether the counts differ."""
        for number, clearance in held:
            if number not in self._numbers:
                counted = Text("open", "未办结") if clearance == Count.OPEN else Text("cleared", "已办结")
                said = Text("{number} ({counted}) stands in no row of {file}", "{number}（{counted}）不在 {file} 中")
                said = said.format(number=number, counted=counted, file=self.file)
                self.tell("only_in_register", said, number=number)
        if self._rows != len(held):
            said = Text(
                "{file} has {rows} rows in the scope, the register {held}", "{file} 范围内 {rows} 行，登记簿 {held} 件"
            )
            self.tell("count", said.format(file=self.file, rows=self._rows, held=len(held)))


class _ByHand:
    """The cases that no ledger brought: known by their number, else by unit, day of receipt and words."""

    def __init__(self, workflow: "Workflow", registered: "Sequence[StoredRow]") -> None:
        self._workflow = workflow
        self._states: dict[str, str] = {}
        self._numbers: dict[tuple[str, str, str], list[str]] = {}
        for unit, number, state, _, import_key, dated_on, fields in registered:
            self._states[number] = state
            if import_key is None:
                words = str(json.loads(fields).get(workflow.summary))
                self._numbers.setdefault((unit, dated_on, words), []).append(number)

    def others(self, rows: "Iterable[Row]", beside: _Beside) -> "Iterator[Row]":
        """Yield the rows that are none of these; the others are compared at once."""
        for row in rows:
            number = self._number(row)
            if number is None:
                yield row
            else:
                beside.known(row, number, self._states[number])

    def _number(self, row: "Row") -> str | None:
        """Return the number of the case that a row stands for, if it is one of these."""
        own = row.values.get(self._workflow.import_key) if self._workflow.import_key else None
        if own is not None:
            return str(own) if str(own) in self._states else None
        alike = (row.unit, str(row.values.get(self._workflow.dated_by)), str(row.values.get(self._workflow.summary)))
        found = self._numbers.get(alike)
        return found.pop(0) if found else None


def _rows(desk: "Desk", statement: "Statement", file: Path, beside: _Beside) -> "Iterator[Row]":
    """Yield the rows of a ledger that lie in the scope; those that cannot be read are points of their own."""
    from documents.ledger_columns import ledger_columns
    from documents.ledger_intake import Intake
    from documents.ledger_rows import open_ledger
    from engine.store.house import officers, units

    store, today = desk.ledger.store, desk.ledger.today(desk.now)
    declared = desk.ledger.rules(statement.campaign.workflow).workflow
    intake = Intake(
        declared, units=units(store), officers=officers(store), unit=statement.unit, add_units=False, today=today
    )
    for read in open_ledger(file, ledger_columns(declared), today=today).iter_rows():
        row, problems = intake.taken(read)
        if row is None:
            why = problems[0].wrong if problems else Text("a column is missing", "缺少必需的栏")
            beside.tell("unreadable", Text("{at}: {why}", "{at}：{why}").format(at=read.at, why=why), at=read.at)
        elif _is_in_scope(row, declared.dated_by, statement.campaign.received_to):
            beside.read(row)
            yield row


def _said(taken: "Taken") -> Iterator[tuple[str, Text]]:
    """Yield what taking a row in would have changed."""
    if taken.outcome == "opened":
        yield "only_in_ledger", Text(f"{taken.at}: not in the register", f"{taken.at}：登记簿中没有")
    elif taken.outcome == "refused" and taken.refusal is not None:
        yield "unreadable", Text("{at}: {why}", "{at}：{why}").format(at=taken.at, why=taken.refusal)
    for name in taken.changed:
        kind = "state" if name == "state" else "fields"
        yield kind, _differs(taken.at, name, taken.number)


def _differs(at: str, name: str, number: str) -> Text:
    """Return the sentence about a value that is another in the register."""
    return Text(f"{at}: {name} differs from {number}", f"{at}：{name} 与 {number} 不一致")


def _is_in_scope(row: "Row", dated_by: str, received_to: date) -> bool:
    """Say whether a row was received up to the cut-off."""
    received = row.values.get(dated_by)
    return not isinstance(received, date) or received <= received_to
