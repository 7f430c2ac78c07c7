"""What an import tells: how a ledger was understood, what became of each row, and what to mend."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

from commands.console.command_lines import as_typed
from commands.console.output import begin_page, marked_json, say, talk
from commands.imports.headings_said import print_headings
from commands.imports.newcomers import NOBODY_MET, Met, met_json, met_lines
from commands.imports.original_marks import OriginalMarks
from commands.imports.words import NAMED, NIL_RETURN, NOTES, OUTCOMES, UNREAD, WHYS
from engine.errors import BadFileError
from engine.journal.event import SEALED
from engine.language import Text, t
from engine.operations.imports.row import is_of_identity
from engine.rules.questions import asked_title
from engine.rules.required import lacking_by_condition
from engine.workflow.model import FieldType, Workflow
from presentation.question_view import question_json
from presentation.twin_view import twin_words

if TYPE_CHECKING:
    from documents.ledger_in.intake import Intake
    from documents.ledger_in.rows import LedgerStream
    from documents.ledger_in.sheet_model import CellProblem, LedgerReading, LedgerRow
    from engine.journal.ledger_row import Question
    from engine.operations.cases.twins import Twin
    from engine.operations.imports.row import Row, Taken
    from engine.rules.identities import KnownReporter

MOST_LINES: Final = 30
"""Rows that were taken are named up to so many; what is wrong is named always."""


class ImportReport:
    """Gathers what is to be reported while the rows go by; holds no row longer than it must."""

    def __init__(
        self, workflow: Workflow, stream: "LedgerStream", file: Path, *, apply: bool, strict: bool, detailed: bool
    ) -> None:
        """Begin.

        Args:
            detailed: Keep every row, for scripts.
        """
        self._workflow = workflow
        self._stream = stream
        self._file = file
        self._apply = apply
        self._strict = strict
        self._detailed = detailed
        self._sealed = frozenset(f.name for f in workflow.fields.values() if f.type is FieldType.SEALED)
        self._records: dict[str, dict[str, object] | str] = {}
        self._issues: list[dict[str, object]] = []
        self._wanting: dict[str, list[str]] = {}
        """Where rows lack what their other values demand, by field."""
        self.original_marks = OriginalMarks()
        self._first: dict[str, tuple[str, str]] = {}
        self._sheets_lacking: tuple[CellProblem, ...] = ()
        self.problems: list[CellProblem] = []
        self.outcomes: dict[str, Text] = {}
        self.left_out: dict[str, Text] = {}
        """What became of each row, for the marked copy."""
        self._named: dict[str, Text] = {}
        self.counts: Counter[str] = Counter()
        self.questioned = 0
        """How many rows are in, or would be, with questions."""
        self._questions: list[Question] = []
        self.masked: list[Question] = []
        """About texts in which it could be read who somebody is."""
        self._asked_of: dict[tuple[str, str | None, tuple[str, str], tuple[str, str]], list[str]] = {}
        """Where the same question stands, by field, what stood there, why and what would answer it."""
        self._met = NOBODY_MET
        self.twins: dict[str, Sequence[Twin]] = {}
        """Number of a new lead -> those that it may be the same as."""
        self._at: dict[str, str] = {}
        self._two: dict[str, str] = {}
        """Where a cell may hold two leads -> its field."""
        self._linked: Mapping[str, Text] = {}

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
        return self._apply and not (self._strict and self.refused)

    def lacking(self, problems: "Iterable[CellProblem]") -> None:
        """Keep which columns sheets lack."""
        self._sheets_lacking = tuple(problems)
        self.problems.extend(self._sheets_lacking)

    def read(self, read: "LedgerRow", row: "Row | None", problems: "tuple[CellProblem, ...]") -> None:
        """Keep how one row was read; it is refused if there is no *row*."""
        self.problems.extend(problems)
        self._named.update({note.at: note.sentence for note in read.notes if note.kind in NAMED})
        if row is not None and not row.number:
            for field in lacking_by_condition(self._workflow, row.values):
                self._wanting.setdefault(field.name, []).append(read.at)
        if self._detailed:
            self._keep(read, row)
        if row is None:
            self._came(read.at, "refused", "", _joined(problems) if problems else self._lack_of(read), ())

    def taken(self, taken: "Taken", problems: "tuple[CellProblem, ...]") -> None:
        """Keep what became of one row that was good to read."""
        self.problems.extend(problems)
        if taken.left_out is not None:
            self.left_out[taken.at] = taken.left_out
        if taken.questions:
            self.questioned += 1
            self._questions.extend(taken.questions if self._detailed else ())
            self.masked += [each for each in taken.questions if is_of_identity(each)]
            for each in taken.questions:
                self._asked_of.setdefault((each.field, each.stood, each.why, each.answer), []).append(each.at)
        self._came(taken.at, taken.outcome, taken.number, taken.refusal, taken.changed)

    def may_be(self, taken: "Taken", twins: "Sequence[Twin]") -> None:
        """Keep which leads a new one may be the same as."""
        self._at[taken.number] = taken.at
        if twins:
            self.twins[taken.number] = twins

    def may_be_two(self, at: str, field: str | None) -> None:
        """Keep that a cell of a row may hold two leads."""
        if field is not None:
            self._two[at] = field

    def linked(self, found: Mapping[str, Text]) -> None:
        """Keep what became of the leads that were to be linked, by number."""
        self._linked = found

    def enrolled(self, intake: "Intake") -> None:
        """Keep who and what stands in the ledger that is not registered, and who was not written whole."""
        self._met = Met(intake.new_units, intake.new_officers, intake.shortened)

    @property
    def marks(self) -> "list[CellProblem]":
        """Return all that is to be marked in the ledger: what is wrong, and what is asked."""
        from documents.ledger_in.sheet_model import CellProblem

        asked = (
            CellProblem(at=at, field=field, wrong=Text(*why), right=Text(*answer))
            for (field, _, why, answer), places in self._asked_of.items()
            for at in places
        )
        return [*self.problems, *asked]

    def tell(self, marked: Path | None) -> None:
        """Print everything.

        Raises:
            BadFileError: If rows were refused.
        """
        reading = self._stream.reading()
        if self._detailed:
            self._print_json(reading, marked)
        else:
            self._print(reading)
        if marked is not None:
            talk(t("marked copy: {marked}", "标注副本：{marked}", marked=marked))
        closing = self._closing()
        if self.refused:
            raise BadFileError(closing)
        talk(closing)

    def _came(self, at: str, outcome: str, number: str, refusal: Text | None, changed: tuple[str, ...]) -> None:
        """Count one row and keep of it what will be reported."""
        self.counts[outcome] += 1
        if not self._apply and outcome == "opened":
            number = ""
        if self._detailed:
            record = self._records[at]
            assert isinstance(record, dict)
            record |= {
                "outcome": outcome,
                "number": number or None,
                "changed": list(changed),
                "refusal": None if refusal is None else str(refusal),
                "left_out": None if at not in self.left_out else str(self.left_out[at]),
            }
            # As text a hundred thousand rows need a tenth of the room.
            self._records[at] = json.dumps(record, ensure_ascii=False)
        if outcome != "refused":
            if self._apply:
                self.outcomes[at] = OUTCOMES[outcome] if not number else _with_number(outcome, number)
            if len(self._first) < MOST_LINES:
                self._first[at] = outcome, number

    def _lack_of(self, read: "LedgerRow") -> Text:
        """Return why no row of a sheet can be taken."""
        return _joined([each for each in self._sheets_lacking if each.at.rpartition("!")[0] == read.sheet])

    def _keep(self, read: "LedgerRow", row: "Row | None") -> None:
        """Keep one row for scripts, without what is sealed."""
        from documents.ledger_in.columns import STATE, UNIT
        from documents.ledger_in.intake import shown_cell, shown_values
        from engine.rules.identities import known_of

        values = dict(read.values if row is None else row.values)
        known = known_of(str(values[name]) for name in self._sealed if values.get(name))
        values.pop(STATE, None)
        values.pop(UNIT, None)
        shown = {name: value for name, value in shown_values(values, self._sealed) if value is not None}
        shown |= {name: SEALED for name in self._sealed if values.get(name) is not None}
        shown = {name: value for name, value in shown.items() if name in self._workflow.fields}
        self._records[read.at] = {
            "at": read.at,
            "unit": None if row is None else row.unit,
            "state": None if row is None else row.state,
            "values": {name: _quiet(value, known) for name, value in shown.items()},
            "raw": {name: _quiet(shown_cell(cell), known) for name, cell in read.raw.items()},
        }
        for note in read.notes:
            issue: dict[str, object] = {"at": note.at, "kind": note.kind}
            if note.raw is not None:
                issue["raw"] = shown_cell(note.raw)
            self._issues.append(issue | ({"also": list(note.also)} if note.also else {}))

    def _print_json(self, reading: "LedgerReading", marked: Path | None) -> None:
        """Print one object; its rows one to a line."""
        applied = self.to_be_kept
        begun = {
            "file": self._file.name,
            "workflow": self._workflow.name,
            "sheets": [each.name for each in reading.sheets],
            "header_row": reading.header_row,
            "meta": dict(reading.meta),
            "headings": [
                {
                    "sheet": sheet.name,
                    "text": each.text,
                    "letter": each.letter,
                    "field": each.field,
                    "how": each.how,
                    "certainty": each.certainty,
                    "proposal": each.proposal,
                    "candidates": list(each.candidates),
                    "samples": list(each.samples),
                }
                for sheet in reading.sheets
                for each in sheet.headings
            ],
        }
        ended = {
            "skipped": [{"at": each.at, "why": each.why} for each in reading.skipped],
            "issues": self._issues,
            "problems": [
                {"at": each.at, "field": each.field, "wrong": str(each.wrong), "right": str(each.right)}
                for each in self.problems
            ],
            "questions": [question_json(each) for each in self._questions],
            **met_json(self._met),
            "twins": [
                {
                    "at": self._at[number],
                    "number": number if applied else None,
                    "twins": [{"name": self._called(each.name), "why": str(each.why)} for each in twins],
                    "linked": None if number not in self._linked else str(self._linked[number]),
                }
                for number, twins in self.twins.items()
            ],
            "two_in_one": [{"at": at, "field": field} for at, field in self._two.items()],
            "asked": self._wanting,
            "counts": {"rows": reading.count, **{name: self.counts[name] for name in OUTCOMES}}
            | {"questioned": self.questioned, "skipped": len(reading.skipped)},
            "marked": None if marked is None else str(marked),
            "applied": applied,
        }
        say(json.dumps(marked_json(begun), ensure_ascii=False, indent=1).removesuffix("\n}") + ',\n "records": [')
        rows = list(self._records.values())
        for position, each in enumerate(rows, start=1):
            say(f"  {each}{',' if position < len(rows) else ''}")
        say(" ]," + json.dumps(ended, ensure_ascii=False, indent=1).removeprefix("{"))

    def _print(self, reading: "LedgerReading") -> None:
        """Print for people: headings, rows left out, what is wrong, the first rows."""
        begin_page()
        print_headings(self._workflow, reading)
        if reading.skipped:
            counts = Counter(each.why for each in reading.skipped)
            words = t(", ", "、").join(f"{WHYS[why]} {count}" for why, count in counts.items())
            _tell(t("left out: {words}", "不属记录：{words}", words=words))
            if counts["nil"]:
                _tell(str(NIL_RETURN))
        if reading.notes:
            words = t(", ", "、").join(f"{NOTES.get(kind, kind)} {count}" for kind, count in reading.notes.items())
            _tell(t("understood: {words}", "已换算：{words}", words=words))
        for each in self.problems:
            _tell(
                t(
                    "✗ {at}  {wrong}; right: {right}",
                    "✗ {at}  {wrong}；改法：{right}",
                    at=each.at,
                    wrong=each.wrong,
                    right=each.right,
                )
            )
        self._print_questions()
        self._print_twins()
        for line in (*met_lines(self._met), *map(str, self.original_marks.lines())):
            _tell(line)
        for name, places in self._wanting.items():
            _tell(
                t(
                    "? {title} ({name}) is asked for in {count} rows, first {at}: their source sets it; without it "
                    "they count as incomplete",
                    "？{title}：{count} 行来源应有而未填（首行 {at}），请补填；未填的按数据不全统计",
                    title=self._workflow.fields[name].title,
                    name=name,
                    count=len(places),
                    at=places[0],
                )
            )
        unread = {each.at: UNREAD for each in reading.skipped if each.why == "unread"}
        for at, sentence in (unread | self._named | self.left_out).items():
            _tell(f"! {at}  {sentence}")
        for at, (outcome, number) in self._first.items():
            _tell(f"✓ {at}  {OUTCOMES[outcome]}  {number}".rstrip())
        more = sum(self.counts[name] for name in OUTCOMES if name != "refused") - len(self._first)
        if more > 0:
            _tell(t("✓ … {more} more (all of them: --json)", "✓ …… 另有 {more} 行（全部列出用 --json）", more=more))

    def _print_questions(self) -> None:
        """Print what stays to be checked, the same question of many rows once; first about what stands there."""
        asked = sorted(self._asked_of.items(), key=lambda each: each[0][1] is None)
        for (field, _, why, answer), places in islice(asked, MOST_LINES):
            more = t(" and {n} more rows", " 等 {n} 行", n=len(places)) if len(places) > 1 else ""
            _tell(
                t(
                    "? {at}{more}  {title}: {why}; to be answered by: {answer}",
                    "？{at}{more}  {title}：{why}；待核对：{answer}",
                    at=places[0],
                    more=more,
                    title=asked_title(self._workflow, field),
                    why=Text(*why),
                    answer=Text(*answer),
                )
            )
        rest = len(self._asked_of) - MOST_LINES
        if rest > 0:
            _tell(
                t(
                    "? … {rest} more questions (all of them: --json)",
                    "？…… 另有 {rest} 项（全部列出用 --json）",
                    rest=rest,
                )
            )

    def _called(self, name: str) -> str:
        """Return what a lead is called: its number, or its row as long as the number is not its own for good."""
        return name if self._apply else self._at.get(name, name)

    def _print_twins(self) -> None:
        """Print which new leads may be the same as others, and which cells may hold two."""
        for number, twins in islice(self.twins.items(), MOST_LINES):
            called = [each._replace(name=self._called(each.name)) for each in twins]
            became = self._linked.get(number)
            _tell("! " + twin_words(self._called(number), called) + ("" if became is None else f"  {became}"))
        rest = len(self.twins) - MOST_LINES
        if rest > 0:
            _tell(t("! … {rest} more such leads (all: --json)", "! …… 另有 {rest} 件（全部列出用 --json）", rest=rest))
        for at, field in islice(self._two.items(), MOST_LINES):
            title = self._workflow.fields[field].title
            said = t(
                "! {at}  {title}: the cell may hold two leads; if so, give each a row of its own",
                "! {at}  {title}：一格内疑有两条线索；如是，请分行填写",
                at=at,
                title=title,
            )
            _tell(said)

    def _closing(self) -> Text:
        """Return the last line: what was done, or how to do it for real."""
        counts: Mapping[str, object] = {name: self.counts[name] for name in OUTCOMES}
        good = self.counts.total() - self.refused
        if self._apply and self._strict and self.refused:
            return Text(
                "{refused} rows cannot be taken (named above); because of --strict nothing was written. "
                "Mend them and import again",
                "有 {refused} 行不能导入（见上）；因 --strict 全部未写入。请改正后重新导入",
            ).format(**counts)
        done = Text(
            "{opened} new, {updated} updated, {unchanged} unchanged, {refused} not taken",
            "新登记 {opened} 件，更新 {updated} 件，无变化 {unchanged} 件，未导入 {refused} 行",
        ).format(**counts)
        if self.questioned:
            asked = Text(
                "{done}; {n} of them with questions (qingling list --questions)",
                "{done}；其中待核对 {n} 件（qingling list --questions）",
            )
            done = asked.format(done=done, n=self.questioned)
        if self._apply:
            mend = Text(
                " (named above); mend the marked copy and import it again", "（见上）；请改正标注副本后重新导入"
            )
            return Text(done.en + mend.en, done.zh + mend.zh) if self.refused else done
        if not good:
            return Text(
                "dry run: {done}; nothing was written, nothing can be imported yet. A copy with the errors marked: "
                "--marked FILE.xlsx",
                "预演：{done}；尚未写入，也没有可导入的行。要标注错误的副本，加 --marked 文件.xlsx",
            ).format(done=done)
        return Text(
            "dry run: {done}; nothing was written. To import: add --apply",
            "预演：{done}；尚未写入。正式导入请加 --apply",
        ).format(done=done)


def _joined(problems: "Iterable[CellProblem]") -> Text:
    """Return what is wrong in one sentence."""
    each = list(problems)
    return Text("; ".join(p.wrong.en for p in each), "；".join(p.wrong.zh for p in each))


def _with_number(outcome: str, number: str) -> Text:
    """Return what became of a row that is a case now."""
    words = OUTCOMES[outcome]
    return Text(f"{words.en}: {number}", f"{words.zh}：{number}")


def _tell(words: str) -> None:
    """Print a line of the report, commands in it as they are typed in the language in use."""
    say(as_typed(words))


def _quiet(value: object, known: "KnownReporter") -> object:
    """Return a value as it will come in: a text without identities."""
    from engine.rules.identities import masked, sights

    return masked(value, sights(value, known)) if isinstance(value, str) else value
