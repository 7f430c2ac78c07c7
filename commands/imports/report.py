"""What an import tells: how a ledger was understood, what became of each row, and what to mend."""

import json
from collections import Counter
from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from commands.console.command_lines import as_typed
from commands.console.output import begin_page, marked_json, say, talk
from commands.imports.headings_said import print_headings
from commands.imports.newcomers import met_json, met_lines
from engine.errors import BadFileError
from engine.journal.event import SEALED
from engine.language import Text, t
from engine.rules.questions import asked_title
from engine.workflow.model import FieldType, Workflow
from presentation.import_findings import MOST_LINES, ImportFindings
from presentation.import_words import NIL_RETURN, NOTES, OUTCOMES, UNREAD, WHYS
from presentation.question_view import question_json
from presentation.twin_view import twin_words

if TYPE_CHECKING:
    from documents.ledger_in.rows import LedgerStream
    from documents.ledger_in.sheet_model import CellProblem, LedgerReading, LedgerRow
    from engine.journal.ledger_row import Question
    from engine.operations.imports.row import Row, Taken
    from engine.rules.identities import KnownReporter


class ImportReport(ImportFindings):
    """Prints what an import found; keeps every row only for scripts."""

    def __init__(
        self, workflow: Workflow, stream: "LedgerStream", file: Path, *, apply: bool, strict: bool, detailed: bool
    ) -> None:
        """Begin.

        Args:
            detailed: Keep every row, for scripts.
        """
        super().__init__(workflow, apply=apply, strict=strict)
        self._stream = stream
        self._file = file
        self._detailed = detailed
        self._sealed = frozenset(f.name for f in workflow.fields.values() if f.type is FieldType.SEALED)
        self._records: dict[str, dict[str, object] | str] = {}
        self._issues: list[dict[str, object]] = []
        self._questions: list[Question] = []

    def read(self, read: "LedgerRow", row: "Row | None", problems: "tuple[CellProblem, ...]") -> None:
        """Keep how one row was read; it is refused if there is no *row*."""
        if self._detailed:
            self._keep(read, row)
        super().read(read, row, problems)

    def taken(self, taken: "Taken", problems: "tuple[CellProblem, ...]") -> None:
        """Keep what became of one row that was good to read."""
        if self._detailed:
            self._questions.extend(taken.questions)
        super().taken(taken, problems)

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

    def came(self, at: str, outcome: str, number: str, refusal: Text | None, changed: tuple[str, ...]) -> None:
        """Count one row and keep of it what will be reported."""
        super().came(at, outcome, number, refusal, changed)
        if self._detailed:
            record = self._records[at]
            assert isinstance(record, dict)
            record |= {
                "outcome": outcome,
                "number": None if not number or (outcome == "opened" and not self.apply) else number,
                "changed": list(changed),
                "refusal": None if refusal is None else str(refusal),
                "left_out": None if at not in self.left_out else str(self.left_out[at]),
            }
            # As text a hundred thousand rows need a tenth of the room.
            self._records[at] = json.dumps(record, ensure_ascii=False)

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
        shown = {name: value for name, value in shown.items() if name in self.workflow.fields}
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
            "workflow": self.workflow.name,
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
            **met_json(self.met),
            "twins": [
                {
                    "at": self.at[number],
                    "number": number if applied else None,
                    "twins": [{"name": self.called(each.name), "why": str(each.why)} for each in twins],
                    "linked": None if number not in self.links else str(self.links[number]),
                }
                for number, twins in self.twins.items()
            ],
            "two_in_one": [{"at": at, "field": field} for at, field in self.two.items()],
            "asked": self.wanting,
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
        print_headings(self.workflow, reading)
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
        for line in (*met_lines(self.met), *map(str, self.original_marks.lines())):
            _tell(line)
        for name, places in self.wanting.items():
            _tell(
                t(
                    "? {title} ({name}) is asked for in {count} rows, first {at}: their source sets it; without it "
                    "they count as incomplete",
                    "？{title}：{count} 行来源应有而未填（首行 {at}），请补填；未填的按数据不全统计",
                    title=self.workflow.fields[name].title,
                    name=name,
                    count=len(places),
                    at=places[0],
                )
            )
        unread = {each.at: UNREAD for each in reading.skipped if each.why == "unread"}
        for at, sentence in (unread | self.named | self.left_out).items():
            _tell(f"! {at}  {sentence}")
        for at, (outcome, number) in self.first.items():
            _tell(f"✓ {at}  {OUTCOMES[outcome]}  {number}".rstrip())
        more = sum(self.counts[name] for name in OUTCOMES if name != "refused") - len(self.first)
        if more > 0:
            _tell(t("✓ … {more} more (all of them: --json)", "✓ …… 另有 {more} 行（全部列出用 --json）", more=more))

    def _print_questions(self) -> None:
        """Print what stays to be checked, the same question of many rows once; first about what stands there."""
        asked = sorted(self.asked_of.items(), key=lambda each: each[0][1] is None)
        for (field, _, why, answer), places in islice(asked, MOST_LINES):
            more = t(" and {n} more rows", " 等 {n} 行", n=len(places)) if len(places) > 1 else ""
            _tell(
                t(
                    "? {at}{more}  {title}: {why}; to be answered by: {answer}",
                    "？{at}{more}  {title}：{why}；待核对：{answer}",
                    at=places[0],
                    more=more,
                    title=asked_title(self.workflow, field),
                    why=Text(*why),
                    answer=Text(*answer),
                )
            )
        rest = len(self.asked_of) - MOST_LINES
        if rest > 0:
            _tell(
                t(
                    "? … {rest} more questions (all of them: --json)",
                    "？…… 另有 {rest} 项（全部列出用 --json）",
                    rest=rest,
                )
            )

    def _print_twins(self) -> None:
        """Print which new leads may be the same as others, and which cells may hold two."""
        for number, twins in islice(self.twins.items(), MOST_LINES):
            called = [each._replace(name=self.called(each.name)) for each in twins]
            became = self.links.get(number)
            _tell("! " + twin_words(self.called(number), called) + ("" if became is None else f"  {became}"))
        rest = len(self.twins) - MOST_LINES
        if rest > 0:
            _tell(t("! … {rest} more such leads (all: --json)", "! …… 另有 {rest} 件（全部列出用 --json）", rest=rest))
        for at, field in islice(self.two.items(), MOST_LINES):
            title = self.workflow.fields[field].title
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
        if self.apply and self.strict and self.refused:
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
        if self.apply:
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


def _tell(words: str) -> None:
    """Print a line of the report, commands in it as they are typed in the language in use."""
    say(as_typed(words))


def _quiet(value: object, known: "KnownReporter") -> object:
    """Return a value as it will come in: a text without identities."""
    from engine.rules.identities import masked, sights

    return masked(value, sights(value, known)) if isinstance(value, str) else value
