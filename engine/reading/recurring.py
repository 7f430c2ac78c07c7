"""How often a case opens by itself, read from a plain declaration into frozen data."""

from collections.abc import Mapping
from functools import partial
from types import MappingProxyType
from typing import Final

from engine.language import Text
from engine.reading.terms import Part
from engine.reading.typed import read_as
from engine.workflow.model import Field, FieldType
from engine.workflow.problems import did_you_mean
from engine.workflow.recurring_cases import Filling, Recurrence

_WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WRITES: Final = ("period", "ends_on", "due_on")


def recurrences_of(part: Part, fields: Mapping[str, Field]) -> dict[str, Recurrence]:
    """Return the recurrences under `recurs`, by name."""
    return {
        name: read_as(Recurrence, each, name=name, given=partial(_given, each, fields))
        for name, each in part.parts("recurs")
    }


def _given(part: Part, fields: Mapping[str, Field]) -> dict[str, object]:
    """Return what of a recurrence depends on the fields, or on whether it is weekly or monthly."""
    every = part.one_of("every", ("week", "month"), "week")
    sets = part.values("sets")
    for field in sets:
        if field not in fields:
            part.wrong(_no_field(field, fields), "sets", field)
    return {
        "every": every,
        "opens_on": _day(part, "opens_on", every),
        "due_on": _day(part, "due_on", every),
        "writes": _written(part, fields),
        "sets": MappingProxyType(dict(sets)),
        "fills": MappingProxyType({name: _filling(each, name, fields) for name, each in part.parts("fills")}),
    }


def _written(part: Part, fields: Mapping[str, Field]) -> Mapping[str, str]:
    """Return into which fields period, its last day and the due day are written."""
    below = part.part("writes")
    if below is None:
        return {}
    below.only(_WRITES, _WRITES)
    found = {}
    for key in _WRITES:
        name = below.name(key)
        if name is not None and name not in fields:
            below.wrong(_no_field(name, fields), key)
        found[key] = name or ""
    return MappingProxyType(found)


def _filling(part: Part, name: str, fields: Mapping[str, Field]) -> Filling:
    """Return with which figure of the register a field is filled."""
    filling = read_as(Filling, part)
    for named, path in ((name, ()), (filling.kept_in, ("kept_in",))):
        if named and named not in fields:
            part.wrong(_no_field(named, fields), *path)
        elif named and fields[named].type is not FieldType.NUMBER:
            part.wrong(Text("'{name}' holds no number", "“{name}”不是数字字段").format(name=named), *path)
    if (part.plain.get("counts") is not None) == bool(filling.steps):
        part.wrong(Text("say either 'counts' or 'steps'", "“counts”与“steps”须填其一"))
    return filling


def _day(part: Part, key: str, every: str) -> int:
    """Return the number of a day of the week (1 for Monday) or of the month."""
    if every == "week":
        return _WEEKDAYS.index(part.one_of(key, _WEEKDAYS, "monday")) + 1
    number = part.whole(key, 1)
    if number > 31:
        part.wrong(Text("a month has at most 31 days", "一个月最多 31 天"), key)
        return 1
    return number


def _no_field(name: str, fields: Mapping[str, Field]) -> Text:
    """Return the sentence about a field that is not there."""
    return Text("no field is called '{name}'{guess}", "没有名为“{name}”的字段{guess}").format(
        name=name, guess=did_you_mean(name, fields)
    )
