"""From the ways of a search to what people would do: who takes which step on which day, and with what values."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Final

from engine.proving.abstraction import Abstraction
from engine.proving.domains import TODAY
from engine.proving.proof_verdicts import PlayedStep
from engine.proving.search import Search, SearchWay
from engine.proving.trials import Had
from engine.workflow.field_traits import DAY_TYPES, ByFieldType
from engine.workflow.model import Field, FieldType, Transition

SAMPLES: Final = ByFieldType[object](
    text="x",
    date="+0",
    moment="+0",
    flag=True,
    number=1,
    choice=None,
    choices=None,
    officer="p0",
    officers=["p0"],
    unit="u0",
    sealed="x",
)
"""What is brought where any value will do."""


def path_to(search: Search, number: int) -> tuple[PlayedStep, ...]:
    """Return the shortest way by which a case comes to a standing."""
    return tuple(_Teller(search).steps_to(number))


class _Teller:
    """Tells one path; knows what the fields hold on the way."""

    def __init__(self, search: Search) -> None:
        self._search = search
        self._space: Abstraction = search.space
        self._has: dict[str, int] = {name: domain.empty for name, domain in self._space.domains.items()}
        self._day = 0

    def steps_to(self, number: int) -> Iterator[PlayedStep]:
        for way, reached in self._search.path(number):
            state = self._search.state_of(reached)
            match way.kind:
                case "open":
                    yield self._opened(self._search.witness(way), state)
                case "step":
                    yield from self._stepped(way, state)
                case "wait":
                    yield self._waited(way, state)
                case _:
                    slot = self._space.slots[way.step]
                    kin = self._space.kin[slot.name]
                    shown = kin.shown(way.outcome)
                    values: dict[str, object] = {"state": [each["state"] for each in shown]}
                    for name in kin.fields:
                        values[name] = [_seen(kin.child.fields[name], each.get(name)) for each in shown]
                    yield PlayedStep("children", slot.name, "", self._day, values, state)

    def _opened(self, witness: tuple[Had, ...], state: str) -> PlayedStep:
        workflow = self._space.workflow
        values: dict[str, object] = {}
        for had in witness:
            self._has[had.name] = had.after
            value = self._written(had.name, had.after, surely=workflow.fields[had.name].required)
            if value is not None and workflow.open_sets.get(had.name) is None:
                values[had.name] = value
        for field in workflow.fields.values():
            if field.required and field.name not in values:
                if field.name in self._has:
                    self._has[field.name] = self._space.domains[field.name].filled[0]
                    values[field.name] = self._written(field.name, self._has[field.name], surely=True)
                else:
                    values[field.name] = sample(field)
        return PlayedStep("open", "", (workflow.open_by or ("",))[0], self._day, values, state)

    def _stepped(self, way: SearchWay, state: str) -> Iterator[PlayedStep]:
        before = self._search.state_of(way.before)
        step: Transition = self._search.steps[before][way.step].transition
        witness = self._search.witness(way)
        mended = {
            had.name: self._written(had.name, had.before, surely=self._space.workflow.fields[had.name].required)
            for had in witness
            if not had.brought and self._space.is_free(had.name) and self._has[had.name] != had.before
        }
        if mended:
            by = (self._space.workflow.amend_by or ("",))[0]
            yield PlayedStep("correct", "", by, self._day, mended, before)
        values: dict[str, object] = {}
        for had in witness:
            self._has[had.name] = had.after
            if had.brought and (had.name in step.asks or had.after != had.before or had.name not in step.sets):
                value = self._written(had.name, had.before, surely=had.name in step.asks)
                if value is not None:
                    values[had.name] = value
        for name in (*step.asks, *step.needs):
            known = name in self._has and self._space.domains[name].classes[self._has[name]].value is not None
            if name not in values and (name in step.asks or not known):
                values[name] = sample(self._space.workflow.fields[name])
        for name in step.clears:
            if name in self._has and name not in values:
                self._has[name] = self._space.domains[name].empty
        yield PlayedStep("step", step.trigger, step.by[0] if step.by else "", self._day, values, state)

    def _waited(self, way: SearchWay, state: str) -> PlayedStep:
        if way.step < 0:
            self._day += 1
            return PlayedStep("wait", "", "", self._day, {}, state)
        slot = self._space.slots[way.step]
        classes = self._space.domains[slot.name].classes
        here = self._search.standings[way.before][way.step + 1]
        days = max(1, min(classes[here].offsets) - max(classes[way.outcome].offsets))
        self._day += days
        self._has[slot.name] = way.outcome
        return PlayedStep("wait", slot.name, "", self._day, {}, state)

    def _written(self, name: str, code: int, *, surely: bool = False) -> object:
        """Return a value of a class as a path tells it; None if there is none."""
        each = self._space.domains[name].classes[code]
        if each.value is None and not surely:
            return None
        return written(self._space.workflow.fields[name], each.filled)


def written(field: Field, value: object) -> object:
    """Return a value of the search as a path tells it."""
    if field.type in DAY_TYPES and hasattr(value, "toordinal"):
        return f"{value.toordinal() - TODAY.toordinal():+}"
    return sample(field) if value is None else value


def _seen(field: Field, value: object) -> object:
    """Return what a child shows, as a path tells it; None if it shows nothing."""
    if value is None or not isinstance(value, str) or field.type not in DAY_TYPES:
        return value
    return written(field, date.fromisoformat(value))


def sample(field: Field) -> object:
    """Return a value of a field, where any will do."""
    if field.choices:
        first = field.choices[0].value
        return [first] if field.type is FieldType.CHOICES else first
    if field.pattern is not None:
        return next((each for each in _LOOKS if re.fullmatch(field.pattern, each)), "x")
    return SAMPLES[field.type]


_LOOKS: Final = ("x", "X", "1", "12", "1234", "A1", "A-1", "13800000000", "县卫〔2019〕1号", "2019-06-30")
"""Texts of which one may look as a pattern wants it."""
