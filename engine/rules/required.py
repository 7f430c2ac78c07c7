"""Which values a case must have when it is opened, by what it is opened with."""

from collections.abc import Mapping

from engine.expressions.evaluate import compile_expression
from engine.workflow.model import Field, Workflow


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
