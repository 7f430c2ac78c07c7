"""What a case and its children have of each other: values they begin with, lists kept equal to what they say."""

from collections.abc import Iterable, Mapping

from engine.expressions.evaluate import compile_expression
from engine.language import Text
from engine.rules.case import Birth, Case, Count
from engine.workflow.computed import computed, is_copied, literal
from engine.workflow.model import ChildOpening, Field, Workflow


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


def born(opening: ChildOpening, fields: Mapping[str, object], scope: Mapping[str, object]) -> tuple[Birth, list[Text]]:
    """Return a child that is opened, with what it has of its parent filled in, and what could not be worked out.

    Args:
        fields: The parent's values after the step.
        scope: What expressions may name, by these.
    """
    values = literal(opening.sets)
    worked: set[str] = set()
    wrong: list[Text] = []
    for name, source in computed(opening.sets).items():
        if is_copied(source):
            value = fields.get(source)
        else:
            value, judgement = compile_expression(source).value(scope)
            worked.add(name)
            if judgement.reason is not None:
                wrong.append(
                    Text("'{name}' of the new case: {why}", "新事项的“{name}”：{why}").format(
                        name=name, why=judgement.reason
                    )
                )
        if value is not None:
            values[name] = value
    in_order = {name: values[name] for name in opening.sets if name in values}
    return Birth(workflow=opening.workflow, values=in_order, computed=frozenset(worked & values.keys())), wrong
