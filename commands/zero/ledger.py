"""A unit's ledger beside the register, row by row: what only one of them has, and where they differ."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from engine.campaigns.campaign import Campaign, in_scope
from engine.language import Text
from engine.rules.case import Count

if TYPE_CHECKING:
    from commands.console.context import AppContext
    from engine.operations.imports.row import Row, Taken
    from engine.operations.zero.registered import RegisteredCase
    from engine.operations.zero.verdict import Statement
    from engine.workflow.model import Workflow


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """One point on which a ledger and the register do not agree."""

    file: str
    at: str
    """Sheet and row; empty for a case that the ledger does not hold."""
    number: str
    """The case's number; empty if the register does not hold the row."""
    kind: str
    """only_in_ledger, only_in_register, received, fields, state, unreadable or count."""
    sentence: Text


def compare(app: "AppContext", statement: "Statement", file: Path) -> list[Difference]:
    """Return every point on which a ledger and the register do not agree; writes nothing.

    Rows are read and matched as an import would; the transaction is undone at its end.

    Raises:
        BadFileError: If the file is no ledger.
        RefusedError: If the officer may not take ledgers in, and so may not try it either.
    """
    from engine.operations.imports.take_in import take_in
    from engine.operations.imports.transaction import all_or_nothing
    from engine.operations.zero.registered import cases_in_scope, cases_that_count

    ledger, campaign = app.ledger, statement.campaign
    workflow = ledger.rules(campaign.workflow).workflow
    registered = cases_in_scope(ledger, campaign)
    whole = cases_that_count(ledger, campaign.workflow)
    beside = _Beside(file.name, campaign, workflow.dated_by, whole)
    by_hand = _ByHand(workflow, whole)
    source = {"name": file.name, "digest": sha256(file.read_bytes()).hexdigest()}
    with all_or_nothing(app.acting.ledger):
        rows = by_hand.others(_rows(app, statement, file, beside), beside)
        for each in take_in(app.acting, campaign.workflow, rows, file=source):
            beside.taken(each)
    beside.registered([(each.number, each.clearance) for each in registered if each.unit in beside.units])
    return beside.found


class _Beside:
    """Gathers on which points a ledger and the register do not agree."""

    def __init__(self, file: str, campaign: Campaign, dated_by: str, whole: "Sequence[RegisteredCase]") -> None:
        self.file = file
        self._campaign = campaign
        self._dated_by = dated_by
        self._held = {each.number: (each.state, each.fields, each.clearance) for each in whole}
        """State, fields and clearance of every case of the register, by number, in the scope or not."""
        self._read: dict[str, Row] = {}
        self.found: list[Difference] = []
        self.units: set[str] = set()
        """Codes of the units that the ledger covers."""
        self._numbers: set[str] = set()
        self._rows = 0

    def tell(self, kind: str, sentence: Text, *, at: str = "", number: str = "") -> None:
        """Remember one point."""
        self.found.append(Difference(file=self.file, at=at, number=number, kind=kind, sentence=sentence))

    def read(self, row: "Row") -> None:
        """Remember a row."""
        self._read[row.at] = row
        self.units.add(row.unit)

    def known(self, row: "Row", number: str) -> bool:
        """Remember the row of a case of the register: receipt and state are the same, or not; say if it is in scope."""
        self._numbers.add(number)
        if number not in self._held:
            return self._counted(row, {})
        state, written, clearance = self._held[number]
        fields = json.loads(written)
        is_in_scope = self._counted(row, fields, clearance)
        says, held = row.values.get(self._dated_by), fields.get(self._dated_by)
        if isinstance(says, date) and says.isoformat() != held:
            said = Text(
                "{at}: received {says}, but {held} in the register ({number})",
                "{at}：台账收到日期 {says}，登记簿为 {held}（{number}）",
            )
            self.tell("received", said.format(at=row.at, says=says, held=held, number=number), at=row.at, number=number)
        if row.state is not None and row.state != state and is_in_scope:
            self.tell("state", _differs(row.at, "state", number), at=row.at, number=number)
        return is_in_scope

    def _counted(self, row: "Row", fields: Mapping[str, object], clearance: int = Count.OPEN) -> bool:
        """Say whether a row lies in the scope, and count it; what it does not say is as the register has it."""
        said = {name: _plain(value) for name, value in row.values.items() if value not in (None, "")}
        values = {**fields, **said}
        is_in_scope = in_scope(
            self._campaign,
            unit=row.unit,
            dated_on=str(values.get(self._dated_by, "")),
            fields=values,
            clearance=clearance,
        )
        self._rows += is_in_scope
        return is_in_scope

    def taken(self, each: "Taken") -> None:
        """Remember what taking a row in would have changed; of a row outside the scope only the receipt."""
        row = self._read[each.at]
        number = "" if each.outcome == "opened" else each.number or (row.number if row.number in self._held else "")
        if self.known(row, number) if number else self._counted(row, {}):
            for kind, sentence in _said(each, besides=("state", self._dated_by)):
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

    def __init__(self, workflow: "Workflow", registered: "Sequence[RegisteredCase]") -> None:
        self._workflow = workflow
        self._known: set[str] = set()
        self._worded: dict[tuple[str, str], list[str]] = {}
        self._numbers: dict[tuple[str, str, str], list[str]] = {}
        for each in registered:
            self._known.add(each.number)
            if each.import_key is None:
                values = json.loads(each.fields)
                words, received_on = str(values.get(workflow.summary)), str(values.get(workflow.dated_by))
                self._numbers.setdefault((each.unit, received_on, words), []).append(each.number)
                self._worded.setdefault((each.unit, words), []).append(each.number)

    def others(self, rows: "Iterable[Row]", beside: _Beside) -> "Iterator[Row]":
        """Yield the rows that are none of these; the others are compared at once."""
        for row in rows:
            number = self._number(row)
            if number is None:
                yield row
            else:
                beside.known(row, number)

    def _number(self, row: "Row") -> str | None:
        """Return the number of the case that a row stands for, if it is one of these."""
        own = row.values.get(self._workflow.import_key) if self._workflow.import_key else None
        if own is not None:
            return str(own) if str(own) in self._known else None
        alike = (row.unit, str(row.values.get(self._workflow.dated_by)), str(row.values.get(self._workflow.summary)))
        found = self._numbers.get(alike)
        if found:
            return found.pop(0)
        worded = self._worded.get((alike[0], alike[2]), ())
        return worded[0] if len(worded) == 1 and found is None else None


def _rows(app: "AppContext", statement: "Statement", file: Path, beside: _Beside) -> "Iterator[Row]":
    """Yield the rows of a ledger; those that cannot be read are points of their own."""
    from documents.ledger_in.columns import ledger_columns
    from documents.ledger_in.intake import Intake
    from documents.ledger_in.registered_names import UnitUnsaid
    from documents.ledger_in.rows import open_ledger
    from engine.operations.house.directory import officers, units

    ledger, today = app.ledger, app.ledger.today(app.now)
    declared = ledger.rules(statement.campaign.workflow).workflow
    intake = Intake(
        declared,
        units=units(ledger),
        officers=officers(ledger),
        unit=UnitUnsaid(statement.unit),
        add_units=False,
        today=today,
    )
    words = app.declarations.heading_words
    for read in open_ledger(file, ledger_columns(declared), today=today, words=words).iter_rows():
        row, problems = intake.taken(read)
        if row is None:
            why = problems[0].wrong if problems else Text("a column is missing", "缺少必需的栏")
            beside.tell("unreadable", Text("{at}: {why}", "{at}：{why}").format(at=read.at, why=why), at=read.at)
        else:
            beside.read(row)
            yield row


def _said(taken: "Taken", *, besides: tuple[str, ...]) -> Iterator[tuple[str, Text]]:
    """Yield what taking a row in would have changed, apart from what is compared by itself."""
    if taken.outcome == "opened":
        yield "only_in_ledger", Text(f"{taken.at}: not in the register", f"{taken.at}：登记簿中没有")
    elif taken.outcome == "refused" and taken.refusal is not None:
        yield "unreadable", Text("{at}: {why}", "{at}：{why}").format(at=taken.at, why=taken.refusal)
    for name in taken.changed:
        if name not in besides:
            yield "fields", _differs(taken.at, name, taken.number)


def _differs(at: str, name: str, number: str) -> Text:
    """Return the sentence about a value that is another in the register."""
    return Text(f"{at}: {name} differs from {number}", f"{at}：{name} 与 {number} 不一致")


def _plain(value: object) -> object:
    """Return a value as the register keeps it."""
    return value.isoformat() if isinstance(value, date) else value
