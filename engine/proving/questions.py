"""A condition as the search asks it: of a few values, whose answers are kept."""

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from engine.expressions.atoms import SamePerson, TakenApart, taken_apart
from engine.proving.domains import TODAY, plain_after
from engine.workflow.computed import COUNTS_DAYS
from engine.workflow.field_traits import OFFICER_TYPES
from engine.workflow.model import Workflow


class Slot(NamedTuple):
    """One thing that is known of a case in the search."""

    kind: str
    """`field`, `same` (persons), `done` (a step was taken), `kin` (children), `parent`, `state`, `came_from`."""
    name: str


STATE: Final = Slot("state", "")
CAME_FROM: Final = Slot("came_from", "")

Shown = Callable[[str, int], list[Mapping[str, object]]]
"""Returns the children of a workflow as a class of families shows them."""


class AskedQuestion:
    """One condition over some slots."""

    def __init__(self, workflow: Workflow, source: str, shown: Shown) -> None:
        officers = frozenset(each.name for each in workflow.fields.values() if each.type in OFFICER_TYPES)
        self.source = source
        self.parts: TakenApart = taken_apart(source, officers)
        self._blank: dict[str, object] = dict.fromkeys(workflow.fields)
        self._shown = shown
        self._said: dict[tuple[object, ...], bool] = {}
        slots: list[Slot] = [Slot("field", each) for each in sorted(self.parts.names & workflow.fields.keys())]
        for same in self.parts.people:
            slots.append(Slot("same", same.key))
            slots += [Slot("field", each) for each in sorted(same.fields)]
        slots += [Slot("done", each) for each in sorted(self.parts.done)]
        slots += [Slot("kin", each) for each in sorted(self.parts.children)]
        slots += [Slot("parent", each) for each in sorted(self.parts.parent)]
        slots += [STATE] if "state" in self.parts.names else []
        slots += [CAME_FROM] if "came_from" in self.parts.names else []
        self.slots = tuple(dict.fromkeys(slots))

    def holds(self, values: tuple[object, ...]) -> bool:
        """Say whether it holds; what cannot be judged does not.

        Args:
            values: One for each slot, in their order; of children the number of their class.
        """
        key = tuple(map(_hashable, values))
        if key not in self._said:
            said = self.parts.compiled.values(self._scope(dict(zip(self.slots, values, strict=True))))
            self._said[key] = said is not None and bool(said[0])
        return self._said[key]

    def _scope(self, values: Mapping[Slot, object]) -> dict[str, object]:
        """Return what the condition may name."""
        plain = {slot.name: value for slot, value in values.items() if slot.kind == "field"}
        done = {slot.name for slot, value in values.items() if slot.kind == "done" and value}
        scope: dict[str, object] = {
            **self._blank,
            **plain,
            "today": TODAY,
            "by": "p9",
            "unit": "u",
            "number": "x",
            "state": values.get(STATE, ""),
            "came_from": values.get(CAME_FROM),
            "parent": {
                slot.name: value for slot, value in values.items() if slot.kind == "parent" and value is not None
            },
            "done": done.__contains__,
            "doers": lambda trigger: ["p8"] if trigger in done else [],
            "last_doer": lambda trigger: "p8" if trigger in done else None,
            "children": lambda name: self._shown(name, _number(values[Slot("kin", name)])),
            COUNTS_DAYS: plain_after,
        }
        for same in self.parts.people:
            truth = _truth(same, plain, done, given=bool(values[Slot("same", same.key)]))
            if truth is not None:
                scope[same.key] = truth
        return scope


def _truth(same: SamePerson, plain: Mapping[str, object], done: set[str], *, given: bool) -> bool | None:
    """Return whether persons are the same where one may be missing; None if that cannot be judged."""
    if any(plain.get(name) is None for name in same.wanted):
        return None
    if same.steps and not same.steps & done:
        return same.differs
    if same.equal is not None:
        sides = [plain.get(name) if name != "by" else "p9" for name in same.equal]
        if None in sides:
            return (sides[0] == sides[1]) is not same.differs
    return given


def _number(value: object) -> int:
    """Return the number of a class."""
    return value if isinstance(value, int) else 0


def _hashable(value: object) -> object:
    """Return a value as a key."""
    return tuple(value) if isinstance(value, list) else value
