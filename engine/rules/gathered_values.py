"""What a case and its children have of each other: values they begin with, lists kept equal to what they say."""

from collections.abc import Iterable, Mapping
from typing import Final

from engine.expressions.evaluate import compile_expression
from engine.language import Text
from engine.rules.case import Birth, Case, Count
from engine.workflow.children import ChildOpening
from engine.workflow.computed import computed, is_copied, literal
from engine.workflow.model import Field, Workflow

IT: Final = "it"
"""What one value of a field is called, where each of them opens a case of its own."""


def gathering_fields(workflow: Workflow) -> tuple[Field, ...]:
    """Return the fields of a workflow that gather from children."""
    return tuple(each for each in workflow.fields.values() if each.gathers is not None)


def gathered(
    fields: Mapping[str, object], gathering: Iterable[Field], children: Iterable[Case], births: Iterable[Birth] = ()
) -> dict[str, object]:
    """Return the lists that differ after what the children say now; None for one that is empty then.

    Values that no child speaks of stay: a ledger brought them.

    Args:
        fields: The values of the case.
        children: All its children as they stand.
        births: Children about to be opened, in their first state.
    """
    there_are, born = tuple(children), tuple(births)
    changed: dict[str, object] = {}
    for field in gathering:
        source = field.gathers
        assert source is not None
        own = [each for each in there_are if each.workflow == source.workflow]
        living = [each for each in own if each.clearance != Count.VOID and each.state in source.states]
        says = [each.fields.get(source.field) for each in living]
        says += [each.values.get(source.field) for each in born if each.workflow == source.workflow]
        spoken = {each.fields.get(source.field) for each in own}
        there = fields.get(field.name)
        before = there if isinstance(there, list) else []
        after = [each for each in before if each in says or each not in spoken]
        after += [each for each in dict.fromkeys(says) if each is not None and each not in after]
        if after != before:
            changed[field.name] = after or None
    return changed


def born_of(
    openings: Iterable[ChildOpening], fields: Mapping[str, object], scope: Mapping[str, object]
) -> tuple[tuple[Birth, ...], list[Text]]:
    """Return the children that openings make, one for each value where they say so, and what could not be worked out.

    Args:
        fields: The parent's values, after the step if one opens them.
        scope: What expressions may name, by these.
    """
    births: list[Birth] = []
    wrong: list[Text] = []
    for opening in openings:
        if opening.if_ is not None and not compile_expression(opening.if_).verdict(scope).holds:
            continue
        several = (None,) if opening.each is None else fields.get(opening.each)
        for it in several if isinstance(several, (list, tuple)) else ():
            there = fields if opening.each is None else {**fields, IT: it}
            values, worked, lacking = given(opening.sets, there, scope)
            births.append(Birth(workflow=opening.workflow, values=values, computed=worked))
            wrong += (
                Text("'{name}' of the new case: {why}", "新事项的“{name}”：{why}").format(name=name, why=why)
                for name, why in lacking.items()
            )
    return tuple(births), wrong


def given(
    sets: Mapping[str, object], fields: Mapping[str, object], scope: Mapping[str, object]
) -> tuple[dict[str, object], frozenset[str], dict[str, Text]]:
    """Return the values that a case gives to a child, which of them expressions came to, and why others did not.

    Args:
        sets: As declared: literal, `=field` to copy, or an expression.
        fields: The values of the case.
        scope: What expressions may name, by these.
    """
    values = literal(sets)
    worked: set[str] = set()
    lacking: dict[str, Text] = {}
    for name, source in computed(sets).items():
        if is_copied(source):
            value = fields.get(source)
        else:
            value, judgement = compile_expression(source).value(scope)
            worked.add(name)
            if judgement.reason is not None:
                lacking[name] = judgement.reason
        if value is not None:
            values[name] = value
    in_order = {name: values[name] for name in sets if name in values}
    return in_order, frozenset(worked & values.keys()), lacking
