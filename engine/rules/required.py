"""What values a case must have when it is opened, and which conditions its values do not meet."""

from collections.abc import Callable, Collection, Mapping
from functools import lru_cache
from typing import Final

from engine.errors import Reason
from engine.expressions.evaluate import Guards, compile_expression, names
from engine.language import Text, lazy_pattern
from engine.workflow.model import Field, Guard, Workflow

_IN_BRACKETS: Final = lazy_pattern(r"（([a-z][a-z_0-9]*)）")


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
        taken: The fields that may be brought. A guard is mended at the one that its sentence has in brackets, or else
            at the first that it names.
    """
    found: list[Text] = []
    for guard, verdict in zip(declared, expressions.verdicts(scope), strict=True):
        if not verdict.holds:
            why, sentence = verdict.reason, guard.sentence
            whole = said(sentence if why is None else Text(f"{sentence.en} ({why.en})", f"{sentence.zh}（{why.zh}）"))
            named = names(guard.expression)
            asked = _asked_for(guard.sentence.zh)
            field = min((each for each in taken if each in named), key=lambda each: each not in asked, default=None)
            found.append(Reason.of(whole, "condition", field=field, basis=guard.basis))
    return found


@lru_cache(maxsize=1024)
def _asked_for(sentence: str) -> frozenset[str]:
    """Return the words that a declared sentence has in brackets: fields that it asks for, and steps."""
    return frozenset(_IN_BRACKETS.findall(sentence))
