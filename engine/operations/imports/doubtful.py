"""Values of a ledger's row that the register cannot take: left open with a question instead of refusing the row."""

from collections.abc import Iterator, Mapping

from engine.errors import BadValueError
from engine.journal.ledger_row import Question
from engine.language import Text
from engine.operations.cases.value_checks import foreign_to, own_lists
from engine.operations.imports.row import Row
from engine.operations.ledger.acting import Acting
from engine.rules.case import Case
from engine.rules.required import lacking_by_condition
from engine.rules.transitions import Rules
from engine.rules.values import check_values
from engine.workflow.model import Field, FieldType
from engine.working_days.loose_dates import EXAMPLE
from engine.working_days.moments import EXAMPLE_OF_A_MOMENT

_DEMANDED = Text("what the row says demands it, and the row does not say it", "按本行内容应当填写而未填")
_NO_FLAG = Text("'{what}' is filled in, and yes or no is not said", "已填“{what}”，却未写明是或否")
_YES_OR_NO = Text("yes or no", "填“是”或“否”")
_FEW = 8
"""So many choices are named."""
_A_VALUE = Text("a value that this field takes", "符合本栏要求的内容")


def _answer(field: Field) -> Text:
    """Return what would answer a question about a field."""
    if field.type is FieldType.DATE:
        return EXAMPLE
    if field.type is FieldType.MOMENT:
        return EXAMPLE_OF_A_MOMENT
    if field.type is FieldType.FLAG:
        return _YES_OR_NO
    if 0 < len(field.choices) <= _FEW:
        titles = [each.title for each in field.choices]
        return Text(f"one of: {', '.join(x.en for x in titles)}", f"选填：{'、'.join(x.zh for x in titles)}")
    return _A_VALUE


def without_doubtful(acting: Acting, rules: Rules, row: Row, *, case: Case | None = None) -> Row:
    """Return a row without the values that no case may have, each with a question; the same row if all may stand.

    Args:
        case: The case that the row is of; None if it is new.
    """
    doubts = dict(_doubts(acting, rules, row, case))
    if not doubts:
        return row
    return asking_about(rules, row, doubts)


def unsaid(rules: Rules, row: Row, values: Mapping[str, object]) -> tuple[Question, ...]:
    """Return what a new case's own values leave open: what they demand, and the flags of what is filled in.

    Args:
        values: What the case begins with.
    """
    asked = {each.field for each in row.questions}
    wanted = {field.name: (_DEMANDED, _answer(field)) for field in lacking_by_condition(rules.workflow, values)}
    wanted |= {
        flag.name: (_NO_FLAG.format(what=field.title), _YES_OR_NO)
        for field, flag in rules.pairs
        if values.get(field.name) is not None
    }
    return tuple(
        Question(field=name, at=row.at, why=(why.en, why.zh), answer=(answer.en, answer.zh))
        for name, (why, answer) in wanted.items()
        if name not in asked and values.get(name) is None
    )


def asking_about(rules: Rules, row: Row, doubts: dict[str, Text]) -> Row:
    """Return a row without the values of some fields, each with the question why it cannot stand."""
    asked = tuple(
        Question(
            field=name,
            at=row.at,
            why=(why.en, why.zh),
            answer=(answer.en, answer.zh),
            stood=None if name in rules.sealed else str(row.values[name]),
        )
        for name, why in doubts.items()
        for answer in [_answer(rules.workflow.fields[name])]
    )
    values = {name: value for name, value in row.values.items() if name not in doubts}
    return row._replace(values=values, questions=(*row.questions, *asked))


def _doubts(acting: Acting, rules: Rules, row: Row, case: Case | None) -> Iterator[tuple[str, Text]]:
    """Yield the fields whose values no case may have, and why."""
    officers, units = acting.ledger.known_codes()
    today, workflow = acting.today, rules.workflow
    lists = own_lists(acting.ledger, rules, row.values, unit=row.unit, today=today, case=case)
    for name, value in row.values.items():
        try:
            checked = check_values(workflow, {name: value}, officers=officers, units=units, today=today, lists=lists)
        except BadValueError as error:
            yield name, error.sentence
            continue
        yield from ((name, foreign) for foreign in foreign_to(rules, checked, lists))
        day = checked.get(name)
        if name == workflow.dated_by and isinstance(day, str) and day > today.isoformat():
            yield name, Text(f"{day} lies in the future", f"{day} 在今天之后")
    for field, flag in rules.pairs:
        if row.values.get(field.name) and row.values.get(flag.name) is False:
            yield (
                flag.name,
                Text("the row says no, and yet '{title}' is filled in", "写“否”，却填了“{title}”").format(
                    title=field.title
                ),
            )
