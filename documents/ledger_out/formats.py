"""The formats that ledgers are written in: columns declared in YAML, read into frozen values and checked.

A column shows a field of the workflow or, with a name that begins with `case.`, what the register
knows of the case besides its fields. A sealed field can be shown by no format.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from engine.language import Text, plain_text
from engine.reading.conditions import condition
from engine.reading.terms import Part
from engine.reading.typed import read_as
from engine.workflow.field_traits import ByFieldType
from engine.workflow.model import Field, FieldType, Workflow
from engine.workflow.problems import Problem, Where, did_you_mean, nowhere
from engine.workflow.written import As, Line, given

SHIPPED: Final = Path(__file__).resolve().parent / "shipped"
"""The formats that come with the program."""

NUMBER: Final = "case.number"
REVISION: Final = "case.revision"
ENDED: Final = "case.ended"

OWN: Final[Mapping[str, tuple[Text, float]]] = {
    "case.serial": (Text("No.", "序号"), 6),
    NUMBER: (Text("Qingling number", "清零编号"), 20),
    REVISION: (Text("Qingling revision", "清零版次"), 9),
    "case.unit": (Text("Unit", "单位"), 16),
    "case.unit_code": (Text("Unit code", "单位代码"), 10),
    "case.state": (Text("State", "当前状态"), 16),
    "case.counts": (Text("Counts as", "办结认定"), 12),
    "case.deadline": (Text("Deadline", "所涉期限"), 14),
    "case.due": (Text("Due on", "到期日"), 12),
    "case.left": (Text("Days left", "剩余或超期"), 14),
    "case.level": (Text("Warning", "预警"), 10),
    ENDED: (Text("Terms that ended", "期限完成情况"), 34),
}
"""What a column can show besides fields: its usual title and width."""

_LATE: Final = Text("late", "超期")

Head = Literal["unit", "date"]
Colour = Annotated[str, As("colour")]
"""RRGGBB."""


USUAL_WIDTHS: Final = ByFieldType[float](
    text=24, date=12, moment=17, flag=9, number=13, choice=16, choices=18, officer=11, officers=16, unit=14, sealed=16
)
"""How wide a column of a field is, in characters, unless a format says another."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FormatColumn:
    """One column of a ledger that is written."""

    show: str
    title: Text
    field: Field | None
    """None for what the register knows besides fields."""
    width: float
    """In characters of the usual size; a Chinese character takes two."""
    hidden: bool = False

    @property
    def fillable(self) -> bool:
        """Say whether a unit may fill it in and send it back."""
        return self.field is not None and self.field.amend


ORIGINAL: Final = "original:"
"""What a column begins with that shows what stood in the ledger a case came from; its heading follows."""


def with_originals(form: "Format", headings: Iterable[str]) -> "Format":
    """Return a format with the columns of the ledgers that its cases came from behind its own."""
    more = (
        FormatColumn(
            show=f"{ORIGINAL}{heading}",
            title=Text(f"Original: {heading}", f"原表：{heading}"),
            field=None,
            width=max(12.0, 2.0 * len(heading) + 8),
        )
        for heading in headings
    )
    return replace(form, columns=(*form.columns, *more))


def seen_format(workflow: Workflow, fields: Iterable[str]) -> "Format":
    """Return the format of a list as people see it: what the register knows of each case, and some of its fields.

    Args:
        fields: Fields of the workflow; what is sealed is left out.
    """
    known = [workflow.fields[name] for name in fields if workflow.fields[name].type is not FieldType.SEALED]
    shown = [
        FormatColumn(show=each.name, title=each.title, field=each, width=USUAL_WIDTHS[each.type]) for each in known
    ]
    own = [
        FormatColumn(show=name, title=OWN[name][0], field=None, width=OWN[name][1])
        for name in (NUMBER, "case.state", "case.deadline", "case.due", "case.left", "case.unit")
    ]
    return Format(
        name="seen",
        title=workflow.title,
        workflow=workflow.name,
        columns=(own[0], *shown, *own[1:]),
        foot=Text("", ""),
        levels=(),
        grades=(),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Level:
    """One colour of lateness."""

    from_day: Annotated[int, As(keys=("from",), least=-10_000)]
    """How late, in the deadline's own unit, from which it holds; negative before the due day."""
    title: Text = _LATE
    colour: Colour
    """Fill, as RRGGBB."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Grade:
    """One colour of a lead's grade: it is put on the text of one field, never on lateness."""

    field: str
    value: Line
    title: Text | None = None
    """The choice's own if none is given."""
    colour: Colour
    """Of the letters, as RRGGBB."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Format:
    """A format that ledgers are written in."""

    name: Annotated[str, As("named", keys=("ledger",), needed=False)]
    title: Annotated[Text, given("title")]
    workflow: Annotated[str, given("workflow")]
    columns: Annotated[tuple[FormatColumn, ...], given("columns")]
    where: Annotated[str | None, given("where")] = None
    """Expression over the fields of a case: only rows for which it holds are listed; None for all."""
    rows: Annotated[Text | None, given("rows")] = None
    """Which these are, as the sheet says it; there is one if there is an expression."""
    head: tuple[Head, ...] = ()
    """What stands below the title: 填报单位, 填报时间."""
    foot: Annotated[Text, given("foot")]
    levels: Annotated[tuple[Level, ...], given("late")]
    """By day, the earliest first."""
    grades: Annotated[tuple[Grade, ...], given("grades")]
    basis: Line | None = None

    @property
    def shows_ended(self) -> bool:
        """Whether a column says how deadlines ended."""
        return any(each.show == ENDED for each in self.columns)


LEVELS: Final = (
    Level(from_day=-3, title=Text("3 days left or less", "剩余 3 天以内"), colour="DDEBF7"),
    Level(from_day=1, title=Text("late", "已超期"), colour="FFF2CC"),
    Level(from_day=7, title=Text("late by 7 days or more", "超期 7 天以上"), colour="F8CBAD"),
    Level(from_day=30, title=Text("late by 30 days or more", "超期 30 天以上"), colour="FF9B9B"),
)
"""Colours of lateness unless a format names its own (domain §8, default schedule)."""

_SHOW: Final = re.compile(r"(case\.)?[a-z][a-z0-9_]{0,63}")


def parse_format(
    plain: Mapping[str, Any], workflow: Workflow, *, where: Where = nowhere
) -> tuple[Format | None, tuple[Problem, ...]]:
    """Return the format that *plain* declares, or everything that is wrong with it."""
    problems: list[Problem] = []
    part = Part(plain, (), problems, where)
    found = read_as(Format, part, name=str(plain.get("ledger", "")), given=partial(_given, part, workflow))
    return (None if problems else found), tuple(problems)


def _given(part: Part, workflow: Workflow) -> dict[str, object]:
    """Return what of a format depends on the fields of its workflow."""
    written = part.plain.get("columns")
    columns = written if isinstance(written, list) else []
    rows = [each if isinstance(each, Mapping) else {"show": each} for each in columns]
    read = [_column(part.below(row, "columns", place), workflow) for place, row in enumerate(rows)]
    if not columns:
        part.wrong(Text("a ledger needs columns", "台账至少要有一栏"), "columns")
    for place, each in enumerate(read):
        if each.show in {before.show for before in read[:place]}:
            part.wrong(Text(f"'{each.show}' is shown twice", f"“{each.show}”重复"), "columns", place)
    levels = [read_as(Level, row) for row in part.rows("late")]
    return {
        "title": part.sentence("title") or workflow.title,
        "workflow": workflow.name,
        "foot": _foot(part),
        "columns": tuple(read),
        "where": condition(part, "where", workflow),
        "rows": _rows(part),
        "levels": tuple(sorted(levels, key=lambda each: each.from_day)) if "late" in part.plain else LEVELS,
        "grades": tuple(_grade(row, workflow) for row in part.rows("grades")),
    }


def _rows(part: Part) -> Text | None:
    """Return how the rows are called that are listed, if a condition chooses them; else None."""
    said = part.sentence("rows")
    if ("where" in part.plain) != (said is not None):
        sentence = Text(
            "'where' chooses the rows and 'rows' says which they are: write both",
            "where（条件）与 rows（说明）须同时写明",
        )
        part.wrong(sentence, "where" if said is None else "rows")
    return said


def _foot(part: Part) -> Text:
    """Return what stands at the foot, with the blanks that are left to write into."""
    written = part.plain.get("foot")
    return plain_text(written) if part.sentence("foot") and isinstance(written, (str, dict)) else Text("", "")


def _column(part: Part, workflow: Workflow) -> FormatColumn:
    """Return one column; its title and width are the field's usual ones unless it says others."""
    part.only(("show", "title", "width", "hidden"), ("show",))
    show = part.name("show", _SHOW) or ""
    field = None if show in OWN or not show else _field(part, show, workflow)
    title, usual = OWN.get(show, (Text(show, show), 16))
    if field is not None:
        title, usual = field.title, USUAL_WIDTHS[field.type]
    return FormatColumn(
        show=show,
        title=part.sentence("title") or title,
        field=field,
        width=part.number("width", usual, least=1, most=120),
        hidden=part.flag("hidden", default=False),
    )


def _field(part: Part, name: str, workflow: Workflow, *key: str) -> Field | None:
    """Return the field that is shown, if there is one and it may be shown."""
    field = workflow.fields.get(name)
    if field is None:
        near = did_you_mean(name, [*workflow.fields, *OWN])
        sentence = Text("{flow} has no field '{name}'{near}", "{flow}没有字段“{name}”{near}")
        part.wrong(sentence.format(flow=workflow.title, name=name, near=near), *key)
    elif field.type is FieldType.SEALED:
        sentence = Text("'{name}' is sealed; no ledger shows it", "“{name}”为密封内容，任何台账不得列出")
        part.wrong(sentence.format(name=name), *key)
    return field


def _grade(part: Part, workflow: Workflow) -> Grade:
    """Return one colour of a grade; its title is the choice's unless it says another."""
    grade = read_as(Grade, part)
    field = _field(part, grade.field, workflow, "field") if grade.field else None
    titles = {each.value: each.title for each in field.choices} if field else {}
    if field is not None and grade.value not in titles:
        sentence = Text("'{value}' is no choice of {field}{near}", "“{value}”不是{field}的选项{near}")
        near = did_you_mean(grade.value, titles)
        part.wrong(sentence.format(value=grade.value, field=field.title, near=near), "value")
    return replace(grade, title=grade.title or titles.get(grade.value))
