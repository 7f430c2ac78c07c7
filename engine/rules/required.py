"""What values a case must have when it is opened, and which conditions its values do not meet."""

from collections.abc import Callable, Collection, Mapping

from engine.errors import Reason
from engine.expressions.evaluate import Guards, compile_expression, names
from engine.language import Text
from engine.workflow.model import Field, Guard, Workflow


def lacking_by_condition(workflow: Workflow, values: Mapping[str, object]) -> tuple[Field, ...]:
    """Return the fields without a value which the other values demand (`required_if`), in declared order.

    Args:
        values: Those that a case is opened with, or has; None is none.
    """
    asked = [each for each in workflow.fields.values() if each.required_if and values.get(each.name) is None]
    if not asked:
        return ()
    scope = {**dict.fromkeys(workflow.fields), **values}
    return tuple(each for each in asked if compile_expression(str(each.required_if)).verdict(scope).holds)


def failing(
    declared: tuple[Guard, ...],
    expressions: Guards,
    scope: Mapping[str, object],
    said: Callable[[Text], Text],
    *,
    taken: Collection[str] = (),
) -> list[Text]:
    """Return the reasons of the guards that do not hold.

    Args:
        said: Returns a sentence as a clerk types what it names.
        taken: The fields that may be brought, of which the first that a guard names is the one to mend it at.
    """
    found: list[Text] = []
    for guard, verdict in zip(declared, expressions.verdicts(scope), strict=True):
        if not verdict.holds:
            why, sentence = verdict.reason, guard.sentence
            whole = said(sentence if why is None else Text(f"{sentence.en} ({why.en})", f"{sentence.zh}（{why.zh}）"))
            named = names(guard.expression)
            field = next((each for each in taken if each in named), None)
            found.append(Reason.of(whole, "condition", field=field, basis=guard.basis))
    return found
