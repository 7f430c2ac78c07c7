"""Values of a ledger's row that the register cannot take: left open with a question instead of refusing the row."""

from collections.abc import Iterator

from engine.errors import BadValueError
from engine.journal.ledger_row import Question
from engine.language import Text
from engine.operations.imports.row import Row
from engine.operations.ledger.acting import Acting
from engine.rules.transitions import Rules
from engine.rules.values import check_values

_A_VALUE = Text("a value that this field takes", "符合本栏要求的内容")


def without_doubtful(acting: Acting, rules: Rules, row: Row) -> Row:
    """Return a row without the values that no case may have, each with a question; the same row if all may stand."""
    doubts = dict(_doubts(acting, rules, row))
    if not doubts:
        return row
    return asking_about(rules, row, doubts)


def asking_about(rules: Rules, row: Row, doubts: dict[str, Text]) -> Row:
    """Return a row without the values of some fields, each with the question why it cannot stand."""
    asked = tuple(
        Question(
            field=name,
            at=row.at,
            why=(why.en, why.zh),
            answer=(_A_VALUE.en, _A_VALUE.zh),
            stood=None if name in rules.sealed else str(row.values[name]),
        )
        for name, why in doubts.items()
    )
    values = {name: value for name, value in row.values.items() if name not in doubts}
    return row._replace(values=values, questions=(*row.questions, *asked))


def _doubts(acting: Acting, rules: Rules, row: Row) -> Iterator[tuple[str, Text]]:
    """Yield the fields whose values no case may have, and why."""
    officers, units = acting.ledger.known_codes()
    today, workflow = acting.today, rules.workflow
    for name, value in row.values.items():
        try:
            checked = check_values(workflow, {name: value}, officers=officers, units=units, today=today)
        except BadValueError as error:
            yield name, error.sentence
            continue
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
