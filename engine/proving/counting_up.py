"""Numbers that steps count up by one or a few, such as rounds: followed one by one as far as conditions look."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, Protocol

from engine.expressions.atoms import ExpressionPiece
from engine.proving.domains import UNJUDGED, blank
from engine.workflow.computed import computed
from engine.workflow.model import FieldType, Transition, Workflow

MOST_COUNTED: Final = 40
"""Where a condition looks at a greater number, what is counted is not followed."""

_BEYOND: Final = 60
"""So many numbers beyond the greatest that a condition names are tried: they must all be one to it."""

_COUNTS: Final = re.compile(r"\(\s*(\w+)\s+or\s+0\s*\)\s*\+\s*([1-9])")


class CountingConditions(Protocol):
    """What is asked of the cases of a workflow."""

    workflow: Workflow

    @property
    def sources(self) -> tuple[str, ...]:
        """Every condition."""
        ...

    @property
    def pieces(self) -> tuple[ExpressionPiece, ...]:
        """The parts of all conditions."""
        ...

    def is_free(self, name: str) -> bool:
        """Say whether a field may have any value at any time."""
        ...

    def set_to(self, name: str) -> list[object]:
        """Return the values that declarations give a field."""
        ...


def counted_by(step: Transition, name: str) -> int | None:
    """Return by how many a step counts a field up; None if it does not."""
    found = _COUNTS.fullmatch(computed(step.sets).get(name, ""))
    return int(found[2]) if found is not None and found[1] == name else None


def counted_up(asked: CountingConditions) -> Mapping[str, int]:
    """Return the fields that only counting changes, each with the first number from which on all are one."""
    workflow = asked.workflow
    found: dict[str, int] = {}
    for name in dict.fromkeys(name for step in workflow.transitions for name in computed(step.sets)):
        field = workflow.fields[name]
        plain = field.type is FieldType.NUMBER and not field.amend and not field.required
        if not plain or asked.is_free(name) or name in _otherwise_written(workflow):
            continue
        counts = [counted_by(step, name) for step in workflow.transitions if name in computed(step.sets)]
        most = _greatest(asked, name)
        if None not in counts and most is not None:
            found[name] = most
    return found


def _otherwise_written(workflow: Workflow) -> set[str]:
    """Return the fields that people bring, or that are worked out as a case opens."""
    brought = {name for step in workflow.transitions for name in (*step.asks, *step.takes, *step.needs)}
    return {*brought, *workflow.open_takes, *computed(workflow.open_sets), *_of_recurrences(workflow)}


def _of_recurrences(workflow: Workflow) -> Iterator[str]:
    for each in workflow.recurs.values():
        yield from map(str, (*each.writes.values(), *each.fills, *each.sets))


def _greatest(asked: CountingConditions, name: str) -> int | None:
    """Return the first number from which on no condition tells them apart; None if that cannot be said."""
    kinds = asked.workflow.fields
    mine = [each for each in asked.pieces if name in each.names]
    numbers = [abs(each) for piece in mine for each in piece.numbers]
    for value in asked.set_to(name):
        if value is not None and not (isinstance(value, int) and value >= 0):
            return None
        numbers += [value] if isinstance(value, int) else []
    first = max(numbers, default=0) + 1
    alone = all(each.names == {name} and not each.children for each in mine)
    return first if alone and first <= MOST_COUNTED and _are_one(mine, name, first, blank(kinds)) else None


def _are_one(pieces: Iterable[ExpressionPiece], name: str, first: int, nothing: Mapping[str, object]) -> bool:
    """Say whether each part of a condition says one and the same of all numbers from one on."""
    for piece in pieces:
        said = [piece.compiled.values({**nothing, name: each}) for each in range(first, first + _BEYOND)]
        if len({UNJUDGED if each is None else bool(each[0]) for each in said}) > 1:
            return False
    return True
