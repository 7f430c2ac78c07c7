"""How often a case opens by itself, read from a plain declaration into frozen data."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from engine.language import Text
from engine.reading.terms import Part
from engine.workflow.model import Field, FieldType, Filling, Recurrence
from engine.workflow.problems import did_you_mean

_KEYS: Final = ("every", "opens_on", "due_on", "off_day", "covers", "units_with", "writes", "sets", "fills")
_WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WRITES: Final = ("period", "ends_on", "due_on")
_COUNTS: Final = ("carried", "received", "late", "entered", "returned", "cleared", "removed", "open", "overdue")
"""The sums of a report that a field can be filled with."""


def recurrences_of(part: Part, fields: Mapping[str, Field]) -> dict[str, Recurrence]:
    """Return the recurrences under `recurs`, by name."""
    found = {}
    for name, each in part.parts("recurs"):
        each.only(_KEYS, ("every", "opens_on", "due_on", "units_with", "writes"))
        every = each.one_of("every", ("week", "month"), "week")
        writes = _written(each, fields)
        sets = each.values("sets")
        for field in sets:
            if field not in fields:
                each.wrong(_no_field(field, fields), "sets", field)
        found[name] = Recurrence(
            name=name,
            every=every,
            opens_on=_day(each, "opens_on", every),
            due_on=_day(each, "due_on", every),
            off_day=each.one_of("off_day", ("stays", "before", "after"), "stays"),
            covers=each.one_of("covers", ("this", "last"), "this"),
            units_with=each.names("units_with"),
            writes=MappingProxyType(writes),
            sets=MappingProxyType(dict(sets)),
            fills=MappingProxyType(_filled(each, fields)),
        )
    return found


def _written(part: Part, fields: Mapping[str, Field]) -> dict[str, str]:
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
    return found


def _filled(part: Part, fields: Mapping[str, Field]) -> dict[str, Filling]:
    """Return which fields are filled with which figures of the register."""
    found = {}
    for name, each in part.parts("fills"):
        each.only(("of", "counts", "steps", "kept_in"), ("of", "kept_in"))
        kept_in, steps = each.name("kept_in") or "", each.names("steps")
        for named, path in ((name, ()), (kept_in, ("kept_in",))):
            if named and named not in fields:
                each.wrong(_no_field(named, fields), *path)
            elif named and fields[named].type is not FieldType.NUMBER:
                each.wrong(Text("'{name}' holds no number", "“{name}”不是数字字段").format(name=named), *path)
        counted = each.plain.get("counts") is not None
        if counted == bool(steps):
            each.wrong(Text("say either 'counts' or 'steps'", "“counts”与“steps”须填其一"))
        found[name] = Filling(
            of=each.name("of") or "",
            counts=each.one_of("counts", _COUNTS, "entered") if counted else None,
            steps=steps,
            kept_in=kept_in,
        )
    return found


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
