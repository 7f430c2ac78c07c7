"""What a case and its children have of each other: values they begin with, lists kept equal to what they say."""

from collections.abc import Iterable, Mapping

from engine.rules.case import Birth, Case, Count
from engine.workflow.model import Field, Workflow


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


def inherited(sets: Mapping[str, object], fields: Mapping[str, object]) -> dict[str, object]:
    """Return the values of a child, with what it copies from its parent filled in."""
    values: dict[str, object] = {}
    for name, value in sets.items():
        if isinstance(value, str) and value.startswith("="):
            value = fields.get(value[1:])  # noqa: PLW2901 - the copied value is the value
        if value is not None:
            values[name] = value
    return values
