"""What an expression may see of the cases around one: its parent and its children."""

from collections.abc import Callable

from engine.rules.case import Birth, Case, Count, Family

NEW = "(new)"
"""The state of a child that is only about to be opened."""


class Seen(dict[str, object]):
    """What an expression may see of another case; a field without a value is None."""

    def __missing__(self, name: str) -> None:
        return None


def seen(case: Case) -> Seen:
    """Return what an expression may see of another case."""
    return Seen(case.fields, state=case.state, number=case.number, unit=case.unit)


def children_seen(family: Family, births: tuple[Birth, ...] = ()) -> Callable[[str], list[Seen]]:
    """Return the function `children` of expressions; void children do not count."""

    def children(workflow: str) -> list[Seen]:
        living = [seen(each) for each in family.children if each.workflow == workflow and each.clearance != Count.VOID]
        return living + [Seen(b.values, state=NEW, number="") for b in births if b.workflow == workflow]

    return children
