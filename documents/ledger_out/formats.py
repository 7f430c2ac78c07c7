"""The formats that ledgers are written in: columns declared in YAML, read into frozen values and checked.

A column shows a field of the workflow or, with a name that begins with `case.`, what the register
knows of the case besides its fields. A sealed field can be shown by no format.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from engine.language import Text, plain_text
from engine.workflow.model import Field, FieldType, Workflow
from engine.workflow.problems import Path as Place
from engine.workflow.problems import Problem, Where, did_you_mean, nowhere

SHIPPED: Final = Path(__file__).resolve().parent / "shipped"
"""The formats that come with the program."""

NUMBER: Final = "case.number"
REVISION: Final = "case.revision"

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
}
"""What a column can show besides fields: its usual title and width."""

HEADS: Final = frozenset({"unit", "date"})
"""What can stand below the title: 填报单位, 填报时间."""

WIDTHS: Final[Mapping[FieldType, float]] = {
    FieldType.TEXT: 24,
    FieldType.DATE: 12,
    FieldType.FLAG: 9,
    FieldType.NUMBER: 13,
    FieldType.CHOICE: 16,
    FieldType.CHOICES: 18,
    FieldType.OFFICER: 11,
    FieldType.OFFICERS: 16,
    FieldType.UNIT: 14,
}


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


@dataclass(frozen=True, kw_only=True, slots=True)
class Level:
    """One colour of lateness."""

    from_day: int
    """Days late from which it holds; negative before the due day."""
    title: Text
    colour: str
    """Fill, as RRGGBB."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Grade:
    """One colour of a lead's grade: it is put on the text of one field, never on lateness."""

    field: str
    value: str
    title: Text
    colour: str
    """Of the letters, as RRGGBB."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Format:
    """A format that ledgers are written in."""

    name: str
    title: Text
    workflow: str
    columns: tuple[FormatColumn, ...]
    head: tuple[str, ...]
    foot: Text
    levels: tuple[Level, ...]
    """By day, the earliest first."""
    grades: tuple[Grade, ...]


LEVELS: Final = (
    Level(from_day=-3, title=Text("3 days left or less", "剩余 3 天以内"), colour="DDEBF7"),
    Level(from_day=1, title=Text("late", "已超期"), colour="FFF2CC"),
    Level(from_day=7, title=Text("late by 7 days or more", "超期 7 天以上"), colour="F8CBAD"),
    Level(from_day=30, title=Text("late by 30 days or more", "超期 30 天以上"), colour="FF9B9B"),
)
"""Colours of lateness unless a format names its own (domain §8, default schedule)."""

_KEYS: Final = ("ledger", "title", "workflow", "columns", "head", "foot", "late", "grades", "basis")
_COLUMN_KEYS: Final = ("show", "title", "width", "hidden")


def parse_format(
    plain: Mapping[str, Any], workflow: Workflow, *, where: Where = nowhere
) -> tuple[Format | None, tuple[Problem, ...]]:
    """Return the format that *plain* declares, or everything that is wrong with it."""
    reader = _Reader(workflow, where)
    found = reader.format(plain)
    return (None if reader.problems else found), tuple(reader.problems)


class _Reader:
    """Reads one declaration and gathers what is wrong with it."""

    def __init__(self, workflow: Workflow, where: Where) -> None:
        self._workflow = workflow
        self._where = where
        self.problems: list[Problem] = []

    def format(self, plain: Mapping[str, Any]) -> Format:
        """Return the format; of use only if there are no problems."""
        self._unknown_keys((), plain, _KEYS)
        columns = self._listed(plain, "columns")
        if not columns:
            self._wrong(("columns",), Text("a ledger needs columns", "台账至少要有一栏"))
        head = tuple(str(each) for each in self._listed(plain, "head"))
        for place, each in enumerate(head):
            if each not in HEADS:
                self._wrong(("head", place), Text("write unit or date", "请写 unit 或 date"))
        read = tuple(self._column(("columns", place), each) for place, each in enumerate(columns))
        shown = [each.show for each in read]
        for place, each in enumerate(shown):
            if each in shown[:place]:
                self._wrong(("columns", place), Text(f"'{each}' is shown twice", f"“{each}”重复"))
        levels = tuple(self._level(("late", place), each) for place, each in enumerate(self._listed(plain, "late")))
        return Format(
            name=str(plain.get("ledger", "")),
            title=self._titled(("title",), plain.get("title"), self._workflow.title),
            workflow=self._workflow.name,
            columns=read,
            head=head,
            foot=self._titled(("foot",), plain.get("foot"), Text("", "")),
            levels=tuple(sorted(levels, key=lambda each: each.from_day)) if "late" in plain else LEVELS,
            grades=tuple(
                self._grade(("grades", place), each) for place, each in enumerate(self._listed(plain, "grades"))
            ),
        )

    def _column(self, place: Place, plain: object) -> FormatColumn:
        """Return one column: a name alone, or a mapping with `show`."""
        said: Mapping[str, Any] = plain if isinstance(plain, dict) else {"show": plain}
        self._unknown_keys(place, said, _COLUMN_KEYS)
        show = str(said.get("show", ""))
        width = said.get("width")
        if width is not None and (
            isinstance(width, bool) or not isinstance(width, (int, float)) or not 1 <= width <= 120
        ):
            self._wrong((*place, "width"), Text("write a width from 1 to 120", "宽度请写 1 到 120"))
            width = None
        if show in OWN:
            title, usual = OWN[show]
            field = None
        else:
            field = self._field(place, show)
            title = field.title if field else Text(show, show)
            usual = WIDTHS.get(field.type, 16) if field else 16
        return FormatColumn(
            show=show,
            title=self._titled((*place, "title"), said.get("title"), title),
            field=field,
            width=usual if width is None else float(width),
            hidden=said.get("hidden") is True,
        )

    def _field(self, place: Place, name: str) -> Field | None:
        """Return the field that a column shows, if there is one and it may be shown."""
        field = self._workflow.fields.get(name)
        if field is None:
            near = did_you_mean(name, [*self._workflow.fields, *OWN])
            sentence = Text("{flow} has no field '{name}'{near}", "{flow}没有字段“{name}”{near}")
            self._wrong(place, sentence.format(flow=self._workflow.title, name=name, near=near))
        elif field.type is FieldType.SEALED:
            self._wrong(place, Text(f"'{name}' is sealed; no ledger shows it", f"“{name}”为密封内容，任何台账不得列出"))
        return field

    def _level(self, place: Place, plain: object) -> Level:
        """Return one colour of lateness."""
        said: Mapping[str, Any] = plain if isinstance(plain, dict) else {}
        self._unknown_keys(place, said, ("from", "title", "colour"))
        day = said.get("from")
        if isinstance(day, bool) or not isinstance(day, int):
            self._wrong(
                place, Text("say from how many days late (from: 1)", "请写明自超期多少天起（from: 1；到期前写负数）")
            )
            day = 0
        title = self._titled((*place, "title"), said.get("title"), Text("late", "超期"))
        return Level(from_day=day, title=title, colour=self._colour(place, said))

    def _grade(self, place: Place, plain: object) -> Grade:
        """Return one colour of a grade."""
        said: Mapping[str, Any] = plain if isinstance(plain, dict) else {}
        self._unknown_keys(place, said, ("field", "value", "title", "colour"))
        field = self._field((*place, "field"), str(said.get("field", "")))
        value = str(said.get("value", ""))
        titles = {each.value: each.title for each in field.choices} if field else {}
        if field is not None and value not in titles:
            near = did_you_mean(value, titles)
            self._wrong(
                (*place, "value"),
                Text("'{value}' is no choice of {field}{near}", "“{value}”不是{field}的选项{near}").format(
                    value=value, field=field.title, near=near
                ),
            )
        title = self._titled((*place, "title"), said.get("title"), titles.get(value, Text(value, value)))
        return Grade(field=field.name if field else "", value=value, title=title, colour=self._colour(place, said))

    def _colour(self, place: Place, said: Mapping[str, Any]) -> str:
        """Return a colour as RRGGBB."""
        colour = str(said.get("colour", "")).lstrip("#").upper()
        if len(colour) != 6 or any(each not in "0123456789ABCDEF" for each in colour):
            self._wrong((*place, "colour"), Text("write a colour as 'FF9B9B'", "颜色请写作 'FF9B9B'"))
        return colour

    def _titled(self, place: Place, plain: object, usual: Text) -> Text:
        """Return a title in both languages."""
        if plain is None:
            return usual
        if isinstance(plain, dict) and plain and all(isinstance(each, str) for each in plain.values()):
            self._unknown_keys(place, plain, ("en", "zh"))
            return plain_text(plain)
        if isinstance(plain, str) and plain.strip():
            return plain_text(plain.strip())
        self._wrong(place, Text("write a title, or {en: …, zh: …}", "请写标题，或 {en: …, zh: …}"))
        return usual

    def _listed(self, plain: Mapping[str, Any], key: str) -> Sequence[Any]:
        """Return a list; nothing if there is none."""
        found = plain.get(key)
        if found is None:
            return ()
        if not isinstance(found, list):
            self._wrong((key,), Text("write a list", "须为列表"))
            return ()
        return found

    def _unknown_keys(self, place: Place, plain: Mapping[str, Any], known: Sequence[str]) -> None:
        """Tell of keys that mean nothing here."""
        for key in plain:
            if key not in known:
                near = did_you_mean(str(key), known)
                self._wrong((*place, str(key)), Text(f"means nothing here{near.en}", f"此处无此项{near.zh}"))

    def _wrong(self, place: Place, sentence: Text) -> None:
        """Keep one problem."""
        self.problems.append(self._where.problem(place, sentence))
