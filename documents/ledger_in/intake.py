"""From what a ledger's row says to what the register takes: units, officers and states by their own words.

What cannot be understood is a problem at its cell, with what would be right; nothing is guessed.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date

from documents.ledger_in.columns import NUMBER, REVISION, STATE, UNIT, WHERE, ledger_columns, no_column, state_wordings
from documents.ledger_in.constants import FROM_SHEET, constant
from documents.ledger_in.deadlines import last_day
from documents.ledger_in.missing import in_future, missing
from documents.ledger_in.registered_names import RegisteredNames, RegisteredOfficer, RegisteredUnit, UnitUnsaid
from documents.ledger_in.sheet_model import CellProblem, LedgerRow, SheetRead, column_letter
from documents.ledger_in.text import cell_text, quoted
from engine.errors import BadValueError
from engine.journal.ledger_row import Question
from engine.language import Text
from engine.operations.imports.row import Row
from engine.rules.values import CODE, check_values, due_fields
from engine.workflow.model import Field, FieldType, Workflow
from engine.workflow.problems import did_you_mean, like_in_surname
from engine.working_days.calendars import Calendar
from engine.working_days.loose_dates import EXAMPLE, LengthFound

REPORTED_BY = "填报单位"
"""What the head of a ledger calls the unit that sends it."""

Complain = Callable[[str, Text, Text], None]
"""Takes a field, what is wrong with it and what would be right."""

_MEND_AGAIN = Text("put it right in the row, then import the ledger again", "更正该行后重新导入")


class Intake:
    """Turns the rows of one ledger into rows that can be taken in, or into problems."""

    def __init__(
        self,
        workflow: Workflow,
        *,
        units: Sequence[RegisteredUnit],
        officers: Sequence[RegisteredOfficer],
        unit: UnitUnsaid,
        add_units: bool,
        today: date,
        asking: bool = False,
        constants: Mapping[str, object] | None = None,
        calendar_of: Callable[[str], Calendar] | None = None,
    ) -> None:
        """Learn the house's names.

        Args:
            unit: Whose rows are that name no unit.
            add_units: Let units pass that are not registered, as codes of their own.
            today: Local date; nothing was received after it.
            asking: What is unclear becomes a question about the case, instead of refusing its row.
            constants: Values of fields, in the ledger's own words already read, for rows that say nothing there.
            calendar_of: Gives the working calendar of a unit by its code, the house's for one that is not known;
                without it a deadline that is a length of time cannot be taken.
        """
        self._calendar_of = calendar_of
        self._due = due_fields(workflow)
        self._asking = asking
        self._constants = dict(constants or {})
        self._columns = {each.name: each for each in ledger_columns(workflow)} if constants else {}
        self.new_units: Counter[str] = Counter()
        """Units that are not registered and will be, with how many rows name them."""
        self.new_officers: Counter[str] = Counter()
        """Names of people who are not registered, with how often they stand there; each leaves a question."""
        self.shortened: Counter[tuple[str, str]] = Counter()
        """Names that are not written whole, each with the code of the officer it was taken for, and how often."""
        self._said_no_unit = False
        self._workflow = workflow
        self._today = today
        self._add_units = add_units
        self._unit, self._unit_last = unit
        self._units = RegisteredNames(((each.code, each.name) for each in units if each.closed_at is None), places=True)
        self._codes = frozenset(self._units.codes)
        self._closed = {each.code for each in units if each.closed_at is not None}
        self._closed |= {each.name for each in units if each.closed_at is not None}
        self._only = units[0].code if len(units) == 1 and units[0].closed_at is None else None
        self._officers = RegisteredNames(((o.code, o.name) for o in officers if o.left_at is None), people=True)
        self._all_officers = RegisteredNames((each.code, each.name) for each in officers)
        self._states = state_wordings(workflow)
        self._required = tuple(each for each in workflow.fields.values() if each.required)
        self._names_required = {each.name for each in self._required}
        self._people = {
            each.name: (each, each.type is FieldType.OFFICERS)
            for each in workflow.fields.values()
            if each.type in {FieldType.OFFICER, FieldType.OFFICERS}
        }
        self._by_type = {each.name for each in workflow.fields.values() if each.lists}
        self._unit_fields = tuple(each for each in workflow.fields.values() if each.type is FieldType.UNIT)
        self._by_head: dict[str, str | None] = {}
        self._lacking: dict[int, tuple[SheetRead, tuple[CellProblem, ...]]] = {}
        """By table, since a sheet may hold several; each with its table, so that no other takes its place."""

    def taken(self, read: LedgerRow) -> tuple[Row | None, tuple[CellProblem, ...]]:
        """Return the row as it can be taken in, or what is wrong with it.

        A row of a sheet that lacks a column has nothing wrong with itself; see `lacking`.
        """
        if self.lacking(read.origin):
            return None, read.problems
        values = {name: value for name, value in read.values.items() if value is not None}
        problems = list(read.problems)
        faulty = frozenset(each.field for each in problems)
        if self._constants:
            values = self._with_constants(read, values, faulty, problems)
        wording = values.pop(STATE, None)
        number = str(values.pop(NUMBER, ""))
        revision = values.pop(REVISION, None)

        def complain(field: str, wrong: Text, right: Text) -> None:
            problems.append(CellProblem(at=place_of(read, field), field=field, wrong=wrong, right=right))
            if self._asking:
                values.pop(field, None)

        written = values.pop(UNIT, None)
        unit = None
        if number:  # it is known already: where it belongs and what it must have
            unit = self._units.code(str(written)) or "" if written is not None else ""
        elif UNIT not in faulty:
            unit = self._unit_of(read, written, values.get(WHERE), complain)
        self._count_lengths(read, values, unit, complain)
        self._look_for_required(values, faulty, complain, known=bool(number))
        self._name_codes(values, complain, known=bool(number))
        questions: tuple[Question, ...] = ()
        if problems and self._asking:
            questions, problems = self._asked(read, problems)
            values = {name: value for name, value in values.items() if value is not None}
        if problems or unit is None:
            return None, tuple(problems)
        state = self._states[str(wording)] if wording is not None else None
        row = Row(
            at=read.at,
            values=values,
            unit=unit,
            number=number,
            revision=revision if isinstance(revision, int) else None,
            state=None if state is None else state.state,
            words=None if state is None else state.text,
            questions=questions,
        )
        return row, ()

    def _count_lengths(self, read: LedgerRow, values: dict[str, object], unit: str | None, complain: Complain) -> None:
        """Put days in the place of lengths of time, by the working calendar of the unit."""
        for name in self._due:
            if type(length := values.get(name)) is not LengthFound:
                continue
            since = values.get(self._workflow.dated_by)
            if not isinstance(since, date) or self._calendar_of is None:
                wrong = Text(
                    "“{raw}” counts from the day of receipt, which is not known",
                    "“{raw}”自收到之日起算，而收到日期不明",
                )
                values[name] = None
                complain(name, wrong.format(raw=quoted(read.raw.get(name))), EXAMPLE)
                continue
            try:
                values[name] = last_day(length, since, self._calendar_of(unit or ""))
            except BadValueError as error:
                values[name] = None
                complain(name, error.sentence, EXAMPLE)

    def _with_constants(
        self, read: LedgerRow, values: Mapping[str, object], faulty: frozenset[str], problems: list[CellProblem]
    ) -> dict[str, object]:
        """Return the values of a row, with what holds for all rows where it says nothing itself."""
        found = dict(values)
        for name, value in self._constants.items():
            if name in faulty or name in values:
                continue
            if value != FROM_SHEET:
                found[name] = value
                continue
            try:
                found[name] = constant(self._columns[name], read.sheet, today=self._today)
            except BadValueError as error:
                right = Text("the value itself: qingling amend", "直接填写：qingling 更正")
                problems.append(CellProblem(at=read.at, field=name, wrong=error.sentence, right=right))
        return found

    def _look_for_required(
        self, values: Mapping[str, object], faulty: frozenset[str], complain: Complain, *, known: bool
    ) -> None:
        """Complain of what every case needs and this row lacks, and of a receipt that lies in the future."""
        if not known and not self._names_required <= values.keys():
            for field in self._required:
                if field.name not in values and field.name not in faulty:
                    complain(field.name, *missing(field, values))
        received = values.get(self._workflow.dated_by)
        if isinstance(received, date) and received > self._today:
            complain(self._workflow.dated_by, *in_future(received))

    def _asked(
        self, read: LedgerRow, problems: Sequence[CellProblem]
    ) -> tuple[tuple[Question, ...], list[CellProblem]]:
        """Return the problems that may stand as questions about the case, and the others.

        Which unit a row belongs to, and where its cells end, cannot be left open.
        """
        raw = read.raw
        questions: dict[str, Question] = {}
        rest = []
        for each in problems:
            if each.field != STATE and each.field not in self._workflow.fields:
                rest.append(each)
            elif each.field not in questions:
                stood = cell_text(raw.get(each.field)) or None
                questions[each.field] = Question(
                    field=each.field,
                    at=each.at,
                    why=(each.wrong.en, each.wrong.zh),
                    answer=(each.right.en, each.right.zh),
                    stood=stood,
                )
        return tuple(questions.values()), rest

    def _name_codes(self, values: dict[str, object], complain: Complain, *, known: bool) -> None:
        """Put codes in the place of the names of officers and units.

        Args:
            known: The case is there already, and may name officers who have left.
        """
        for name, (field, several) in self._people.items():
            if name in values:
                written = str(values[name])
                values[name] = (self._people_before(written, several=several) if known else None) or self._people_of(
                    field, written, complain, several=several
                )
        for field in self._unit_fields:
            if field.name in values:
                values[field.name] = self._registered(field.name, str(values[field.name]), complain)

    def _people_before(self, written: str, *, several: bool) -> str | list[str] | None:
        """Return the codes of officers who may have left; None if one of them is not known."""
        names = self._all_officers
        if not several:
            return names.code(written)
        if (alone := names.code(written)) is not None:
            return [alone]
        found = [names.code(each) for each in names.parted(written)]
        return None if None in found else [each for each in found if each is not None]

    def refusal(self, read: LedgerRow, row: Row, sentence: Text) -> tuple[CellProblem, ...]:
        """Return why a row was not taken in, at the cells that are to blame if that can be said."""
        officers, units = frozenset(self._officers.codes), frozenset(self._units.codes)
        found = []
        for name, value in row.values.items():
            if name in self._by_type:
                continue  # which list its unit has is known to the register, whose sentence says it
            try:
                check_values(self._workflow, {name: value}, officers=officers, units=units, today=self._today)
            except BadValueError as error:
                found.append(CellProblem(at=place_of(read, name), field=name, wrong=error.sentence, right=_MEND_AGAIN))
        return tuple(found) or (CellProblem(at=read.at, field="", wrong=sentence, right=_MEND_AGAIN),)

    def lacking(self, sheet: SheetRead) -> tuple[CellProblem, ...]:
        """Return the columns that *sheet* must have and has not; without them no row of it can be taken.

        A ledger that was exported from here has what it had then; its rows are known by their number.
        """
        known = self._lacking.get(id(sheet))
        if known is None:
            known = self._lacking[id(sheet)] = sheet, self._lacked(sheet)
        return known[1]

    def _lacked(self, sheet: SheetRead) -> tuple[CellProblem, ...]:
        if has_column(sheet, NUMBER):
            return ()
        row = sheet.header[1] if sheet.header else 1
        return tuple(
            CellProblem(at=f"{sheet.name}!{row}", field=each.name, wrong=wrong, right=right)
            for each in self._required
            if not has_column(sheet, each.name) and not self._may_lack(each)
            for wrong, right in [no_column(each)]
        )

    def _may_lack(self, field: Field) -> bool:
        """Say whether rows may come in though their sheet has no column for a field that every case needs.

        A sheet that says of nothing what it is about is no ledger.
        """
        return field.name in self._constants or (self._asking and field.name != self._workflow.summary)

    def _unit_of(self, read: LedgerRow, written: object, where: object, complain: Complain) -> str | None:
        """Return the unit of a row, as it says.

        Else a line above its block says it, its sheet's name, the command, the head, where it happened, or there is
        only one.
        """
        if written is not None:
            found = self._registered(UNIT, str(written), complain, new=self._add_units)
            if found is not None and found not in self._codes:
                self.new_units[found] += 1
            return found
        block = read.origin.block_unit
        if block and (found := self._units.code(block)) is not None:
            return found
        if block and self._add_units:
            return self._unit_of(read, block, None, complain)
        known = self._units.named_by_sheet(read.sheet) or self._unit
        if known is not None:
            return known
        found = self._of_head(read.origin) or self._only or self._units.code(str(where or "")) or self._unit_last
        if found is None and self._said_no_unit and self._asking:
            return None  # one line for the whole ledger says how
        if found is None:
            self._said_no_unit = True
            complain(
                UNIT,
                Text("the row names no unit", "未写明所属单位"),
                Text(
                    "a column 单位, or one unit for all rows: --unit CODE", "增加“单位”一栏，或用 --unit 单位 统一指定"
                ),
            )
        return found

    def _of_head(self, sheet: SheetRead) -> str | None:
        """Return the registered unit that the head of a sheet names."""
        said = sheet.meta.get(REPORTED_BY, "")
        if said not in self._by_head:
            self._by_head[said] = self._units.code(said)
        return self._by_head[said]

    def _registered(self, field: str, written: str, complain: Complain, *, new: bool = False) -> str | None:
        """Return the code of the unit that is written by code or name."""
        found = self._units.code(written)
        if found is not None:
            return found
        if self._units.is_several(written):
            complain(
                field,
                Text("several units are called “{it}”", "有多个单位叫“{it}”").format(it=quoted(written)),
                Text("the unit's code; see: qingling unit list", "改填单位代码；查看：qingling 单位 列表"),
            )
        elif written in self._closed:
            complain(
                field,
                Text("unit “{it}” is closed", "单位“{it}”已停用").format(it=quoted(written)),
                Text("the unit that has taken over from it", "改填接替它的单位"),
            )
        elif new and (near := self._units.near(written)) is not None:
            complain(
                field,
                Text("“{it}” is nearly “{near}”, which is registered", "“{it}”与已登记的“{near}”相近").format(
                    it=quoted(written), near=near
                ),
                Text(
                    "write that name, or register it as another: qingling unit add CODE NAME",
                    "改写为该名称；确为另一单位的，先登记：qingling 单位 新增 代码 名称",
                ),
            )
        elif new and CODE.fullmatch(written):
            return written
        elif new:
            complain(
                field,
                Text("“{it}” cannot be a unit's code", "“{it}”不能用作单位代码").format(it=quoted(written)),
                Text("register it first: qingling unit add CODE NAME", "请先登记：qingling 单位 新增 代码 名称"),
            )
        else:
            complain(
                field,
                Text("no unit is registered as “{it}”{near}", "没有登记单位“{it}”{near}").format(
                    it=quoted(written), near=did_you_mean(written[:80], self._units.words)
                ),
                Text(
                    "register it: qingling unit add CODE NAME, or let the import do so: --add-units",
                    "先登记：qingling 单位 新增 代码 名称，或加 --add-units 由导入时登记",
                ),
            )
        return None

    def _people_of(self, field: Field, written: str, complain: Complain, *, several: bool) -> str | list[str] | None:
        """Return the codes of the officers who are written by code or name."""
        if not several:
            return self._officer(field.name, written, complain)
        if (alone := self._officers.code(written)) is not None:
            return [alone]
        found = [self._officer(field.name, each, complain) for each in self._officers.parted(written)]
        return None if None in found else [each for each in found if each is not None]

    def _officer(self, field: str, written: str, complain: Complain) -> str | None:
        """Return the code of one officer."""
        found = self._officers.code(written)
        if found is not None:
            if not self._officers.is_whole(written):
                self.shortened[written, found] += 1
            return found
        if self._officers.is_several(written):
            wrong = Text("several officers are called “{it}”", "有多名人员叫“{it}”")
            right = Text("the officer's code; see: qingling officer list", "改填人员代码；查看：qingling 人员 列表")
        else:
            wrong = Text("no officer is registered as “{it}”{near}", "没有在册人员“{it}”{near}")
            right = Text("register them: qingling officer add CODE NAME", "先登记：qingling 人员 新增 代码 姓名")
        if len(named := self._officers.parted(written)) > 1:
            wrong = Text("“{it}” are several people, and this takes one", "“{it}”不止一人，此栏只填一人")
            right = Text("the one who answers for it: {who}", "填主要的一人：{who}")
            en, zh = ", ".join(named), "、".join(named)
            complain(field, wrong.format(it=quoted(written)), right.format(who=Text(en, zh)))
            return None
        self.new_officers[written] += 1
        near = did_you_mean(written[:80], like_in_surname(written, self._officers.words))
        complain(field, wrong.format(it=quoted(written), near=near), right)
        return None


def has_column(sheet: SheetRead, field: str) -> bool:
    """Say whether a sheet has a column, or a form a label, for the field."""
    return any(heading.field == field for heading in sheet.headings)


def place_of(read: LedgerRow, field: str) -> str:
    """Return the cell of a row that holds the field, as `sheet!row.column`; the row if it has none."""
    if isinstance(read.cells, Mapping):
        return read.at
    at = dict(read.origin.fields).get(field)
    return read.at if at is None else f"{read.at}.{column_letter(at + read.origin.first_column)}"


def shown_values(values: Mapping[str, object], sealed: Iterable[str]) -> Iterator[tuple[str, object]]:
    """Yield values as they are handed on: dates as text, sealed ones not at all."""
    hushed = frozenset(sealed)
    for name, value in values.items():
        if name not in hushed and not isinstance(value, LengthFound):
            yield name, value.isoformat() if isinstance(value, date) else value


def shown_cell(cell: object) -> object:
    """Return a cell as JSON can hold it."""
    return cell if cell is None or isinstance(cell, (str, int, float, bool)) else cell_text(cell)  # type: ignore[arg-type]  # all other kinds of cell have a text
