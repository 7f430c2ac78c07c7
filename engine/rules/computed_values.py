"""Values that a step sets by an expression (`"=expression"`), worked out and held against their fields."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final

from engine.errors import BadValueError
from engine.expressions.evaluate import compile_expression
from engine.language import Text
from engine.rules.values import check_values
from engine.workflow.computed import computed, is_copied
from engine.workflow.model import FieldType, Transition, Workflow


def uses_of(step: Transition) -> Iterable[frozenset[str]]:
    """Yield which of children, history, parent and calendar the expressions of a step's values have to be shown."""
    for sets in (step.sets, *(opening.sets for opening in step.opens)):
        yield from uses_of_values(sets)


def uses_of_values(sets: Mapping[str, object]) -> Iterable[frozenset[str]]:
    """Yield which of children, history, parent and calendar the expressions of some values have to be shown."""
    for source in computed(sets).values():
        if not is_copied(source):
            yield compile_expression(source).uses


def worked_out(
    workflow: Workflow, sources: Mapping[str, str], scope: Mapping[str, object], *, today: date
) -> tuple[dict[str, object], list[Text]]:
    """Return what expressions come to in the form in which values are stored (None: nothing), and what is wrong.

    Args:
        workflow: The one that has the fields.
        sources: The expressions by field.
        today: Local date.
    """
    found: dict[str, object] = {}
    wrong: list[Text] = []
    for name, source in sources.items():
        value, judgement = compile_expression(source).value(scope)
        if judgement.reason is not None:
            title = workflow.fields[name].title if name in workflow.fields else Text(name, name)
            wrong.append(
                Text("'{title}' is set to {source}: {why}", "“{title}”设为 {source}：{why}").format(
                    title=title, source=source, why=judgement.reason
                )
            )
            continue
        try:
            found[name] = as_stored(workflow, name, value, today=today)
        except BadValueError as error:
            wrong.append(error.sentence)
    return found, wrong


def with_computed(
    workflow: Workflow,
    sources: Mapping[str, str],
    fields: Mapping[str, object],
    scope: Mapping[str, object],
    *,
    today: date,
) -> tuple[dict[str, object], list[Text]]:
    """Return values with what expressions come to among them, and what is wrong; see `worked_out`."""
    worked, wrong = worked_out(workflow, sources, scope, today=today)
    return {k: v for k, v in {**fields, **worked}.items() if v is not None}, wrong


def written(
    chosen: Transition, sets: Mapping[str, object], merged: Mapping[str, object], brought: Mapping[str, object]
) -> dict[str, object]:
    """Return the values after a step: what it clears is gone unless it was brought, what it sets goes before all."""
    fields = valued(merged)
    for name in chosen.clears:
        if name not in brought:
            fields.pop(name, None)
    fields.update(sets)
    return fields


def valued(values: Mapping[str, object]) -> dict[str, object]:
    """Return the values that are there, as a dictionary of its own; most often all are."""
    return {k: v for k, v in values.items() if v is not None} if None in values.values() else dict(values)


def as_stored(workflow: Workflow, name: str, value: object, *, today: date) -> object:
    """Return what an expression came to as its field stores it.

    Raises:
        BadValueError: If the field cannot hold it.
    """
    if value is None:
        return None
    field = workflow.fields.get(name)
    is_day = isinstance(value, date)
    if field is not None and is_day != (field.type is FieldType.DATE) and field.type is not FieldType.TEXT:
        shown = value.isoformat() if isinstance(value, date) else str(value)[:80]
        raise BadValueError(
            Text("{name}: cannot be {value}", "{title}（{name}）：不能为 {value}").format(
                name=name, title=field.title, value=shown
            )
        )
    if isinstance(value, date):
        return value.isoformat()
    plain = list(value) if isinstance(value, (list, tuple)) else value
    return check_values(workflow, {name: plain}, officers=_ANY, units=_ANY, today=today)[name]


class _Any:
    """Holds every code: what an expression names was found on a case or among those who acted."""

    def __contains__(self, code: object) -> bool:
        return True


_ANY: Final = _Any()
