"""Values given as text or JSON become the one form in which they are stored, or are refused."""

from collections.abc import Container, Mapping, Sequence
from datetime import date, datetime
from types import MappingProxyType
from typing import Final, assert_never

from engine.errors import BadValueError, Reason
from engine.language import Text, language, lazy_pattern
from engine.rules.naming import Naming
from engine.rules.readers import Around, Reader, Side, WrongError, is_blank, reader_of
from engine.workflow.deadline import OnField
from engine.workflow.model import Field, FieldType, Workflow
from engine.workflow.problems import did_you_mean

CODE: Final = lazy_pattern(r"[\w][\w.-]{0,39}")
"""What a unit's or an officer's code looks like: letters, digits, dots, dashes; no blanks."""
SEALED_SHOWN: Final = "●●●"
_EMPTY: Final[tuple[object, ...]] = ("", [], ())
_AFTER_TODAY: Final = lazy_pattern(
    r"(?<![\w.])(?<!not )(\w+)\s*>=?\s*today\b(?!\s*[-.])|(?<![\w.])(?<!not )today\s*<=?\s*(\w+)\b(?!\.)"
)
"""How a guard demands that a day lies ahead; not by a search in the tree, which would load a parser for each step."""
_BESIDE_TODAY: Final = lazy_pattern(r">=?\s*today|today\s*<")
"""What each such guard holds; of the many others no more is asked."""
_INNERMOST: Final = lazy_pattern(r"(\bnot\s*)?\(([^()]*)\)")


def check_values(
    workflow: Workflow,
    given: Mapping[str, object],
    *,
    officers: Container[str],
    units: Container[str],
    today: date,
    now: datetime | None = None,
    lists: Mapping[str, str] = MappingProxyType({}),
) -> Mapping[str, object]:
    """Return *given* in the form in which values are stored; an empty text clears a field (None).

    Args:
        officers: Codes of those who may be named.
        units: Codes of those that may be named.
        today: Local date.
        now: Local time without a zone, after which no moment lies; None: any of today may be meant.
        lists: By field the list by which the case is classed (`lists` of a declaration); without it a wording that
            stands in several lists is refused.

    Raises:
        BadValueError: If any is wrong; all are named in one line, the value of a sealed field never.
    """
    readers = _readers(workflow)
    around = Around(officers=officers, units=units, today=today, lists=lists, now=now)
    found: dict[str, object] = {}
    wrong: list[Text] = []
    for name, value in given.items():
        reader = readers.get(name)
        if reader is None:
            wrong.append(_unknown(workflow, name))
            continue
        plain = value
        if isinstance(value, str):
            plain = value.strip()
            if not plain.isprintable() and is_blank(plain):  # what is printable and has no blank outside is seen
                plain = ""
        if not plain and (plain is None or plain in _EMPTY):
            found[name] = None
            continue
        try:
            found[name] = reader(plain, around)
        except WrongError as error:
            title = workflow.fields[name].title
            en, zh = f"{name}: {error.sentence.en}", f"{title.zh}：{error.sentence.zh}"
            wrong.append(Reason(en, zh, kind="value", field=name, basis=workflow.fields[name].basis))
    if wrong:
        raise BadValueError(Text("; ".join(each.en for each in wrong), "；".join(each.zh for each in wrong)), wrong)
    return found


def shown(field: Field, value: object, naming: Naming | None = None) -> str:
    """Return *value* as people read it, in the language in use; a sealed one as dots, a code by *naming*."""
    if value is None:
        return ""
    if type(value) is str and field.type is FieldType.TEXT:
        return value
    chinese = language() == "zh"
    match field.type:
        case FieldType.SEALED:
            return SEALED_SHOWN
        case FieldType.FLAG:
            return ("是" if value else "否") if chinese else ("yes" if value else "no")
        case FieldType.CHOICE | FieldType.CHOICES:
            wanted = set(map(str, _several(value)))
            titles = {each.value: str(each.title) for each in field.choices if each.value in wanted}
        case FieldType.OFFICER | FieldType.OFFICERS | FieldType.UNIT:
            known = Naming() if naming is None else naming
            called = known.unit if field.type is FieldType.UNIT else known.officer
            titles = {each: str(called(each)) for each in map(str, _several(value))}
        case FieldType.MOMENT:
            return str(value).replace("T", " ")
        case FieldType.TEXT | FieldType.DATE | FieldType.NUMBER:
            titles = {}
        case _:
            assert_never(field.type)
    return ("、" if chinese else ", ").join(titles.get(str(each), str(each)) for each in _several(value))


def _several(value: object) -> Sequence[object]:
    """Return the values of a field that holds several, or the one that it holds."""
    return value if isinstance(value, (list, tuple)) else (value,)


def due_fields(workflow: Workflow) -> frozenset[str]:
    """Return the date fields that hold the due day of a deadline."""
    return frozenset(each.due.field for each in workflow.deadlines.values() if isinstance(each.due, OnField))


def ahead_fields(workflow: Workflow) -> frozenset[str]:
    """Return the date fields that lie ahead when they are typed.

    They hold the due day of a deadline, or a step demands that they lie after today. A day without a year that is
    typed there is the next one, not the last.
    """
    demanded = {
        each[1] or each[2]
        for step in workflow.transitions
        for guard in step.when
        if _BESIDE_TODAY.search(guard.expression)
        for each in _AFTER_TODAY.finditer(_unnegated(guard.expression))
    }
    dates = {name for name, field in workflow.fields.items() if field.type is FieldType.DATE}
    return due_fields(workflow) | frozenset(demanded & dates)


def sides_of(workflow: Workflow) -> Mapping[str, Side]:
    """Return on which side of today a day lies that is typed without a year, of the fields where it is not behind."""
    found = dict.fromkeys(ahead_fields(workflow), Side.AHEAD)
    if workflow.reports_a_period:
        found[workflow.dated_by] = Side.NEAREST
    return found


def _unnegated(expression: str) -> str:
    """Return an expression without its brackets, and without what is denied as a whole."""
    count = 1
    while count:
        expression, count = _INNERMOST.subn(lambda found: "" if found[1] else found[2], expression)
    return expression


_PREPARED: dict[int, tuple[Workflow, Mapping[str, Reader]]] = {}
_PREPARED_AT_MOST: Final = 64


def _readers(workflow: Workflow) -> Mapping[str, Reader]:
    """Return the readers of a workflow's fields, made once; the workflow is kept so that its id stays its own."""
    known = _PREPARED.get(id(workflow))
    if known is None:
        if len(_PREPARED) >= _PREPARED_AT_MOST:
            _PREPARED.clear()
        sides = sides_of(workflow)
        readers = {name: reader_of(field, side=sides.get(name, Side.BEHIND)) for name, field in workflow.fields.items()}
        known = workflow, readers
        _PREPARED[id(workflow)] = known
    return known[1]


def _unknown(workflow: Workflow, name: str) -> Text:
    """Return the sentence about a field that is not there."""
    near = did_you_mean(str(name)[:80], workflow.fields)
    return Text("there is no field '{name}'{guess}", "没有字段“{name}”{guess}").format(name=str(name)[:80], guess=near)
