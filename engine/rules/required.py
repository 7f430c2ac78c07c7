"""What values a case must have when it is opened, and whether values could open a step to it."""

from collections.abc import Callable, Collection, Mapping

from engine.expressions.evaluate import Guards, compile_expression, guards, names
from engine.language import Text
from engine.workflow.model import Field, Guard, Transition, Workflow


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


def is_barred(step: Transition, scope: Mapping[str, object], taken: Collection[str]) -> bool:
    """Say whether a condition of a step fails that names none of the values which may be brought with it.

    Args:
        scope: What the conditions are judged by.
        taken: The fields that the step needs, asks for or takes.
    """
    expressions = tuple(each.expression for each in step.when)
    judged = zip(expressions, guards(expressions).verdicts(scope), strict=True)
    failed = [expression for expression, verdict in judged if not verdict.holds]
    if step.if_ and not compile_expression(step.if_).verdict(scope).holds:
        failed.append(step.if_)
    return any(names(each).isdisjoint(taken) for each in failed)


def failing(
    declared: tuple[Guard, ...], expressions: Guards, scope: Mapping[str, object], said: Callable[[Text], Text]
) -> list[Text]:
    """Return the sentences of the guards that do not hold.

    Args:
        said: Returns a sentence as a clerk types what it names.
    """
    if expressions.hold(scope):
        return []
    found: list[Text] = []
    for guard, verdict in zip(declared, expressions.verdicts(scope), strict=True):
        if not verdict.holds:
            why, sentence = verdict.reason, guard.sentence
            found.append(
                said(sentence if why is None else Text(f"{sentence.en} ({why.en})", f"{sentence.zh}（{why.zh}）"))
            )
    return found
