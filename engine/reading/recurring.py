"""How often a case opens by itself, read from a plain declaration into frozen data."""

from collections.abc import Mapping
from datetime import date
from functools import partial
from types import MappingProxyType
from typing import Final

from engine.language import Text, lazy_pattern
from engine.reading.terms import Part
from engine.reading.typed import read_as
from engine.workflow.model import Field, FieldType
from engine.workflow.problems import did_you_mean
from engine.workflow.recurring_cases import EVERY, HUNDRED, CampaignMoment, Filling, Listing, Recurrence

_WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WRITES: Final = ("period", "ends_on", "opens_on", "due_on")
_OFFSET: Final = lazy_pattern(r"([+-]\d{1,3}) days?")
_MONTH_DAY: Final = lazy_pattern(r"(\d{1,2})-(\d{2})")


def recurrences_of(part: Part, fields: Mapping[str, Field]) -> dict[str, Recurrence]:
    """Return the recurrences under `recurs`, by name."""
    return {
        name: read_as(Recurrence, each, name=name, given=partial(_given, each, fields))
        for name, each in part.parts("recurs")
    }


def _given(part: Part, fields: Mapping[str, Field]) -> dict[str, object]:
    """Return what of a recurrence depends on the fields, or on how often it opens."""
    below = part.part("every") if isinstance(part.plain.get("every"), Mapping) else None
    every = "campaign" if below else part.one_of("every", EVERY, "week")
    sets = part.values("sets")
    for field in sets:
        if field not in fields:
            part.wrong(_no_field(field, fields), "sets", field)
    return {
        "every": every,
        "moment": read_as(CampaignMoment, below) if below else None,
        "opens_on": _day(part, "opens_on", every),
        "due_on": _day(part, "due_on", every),
        "writes": _written(part, fields),
        "sets": MappingProxyType(dict(sets)),
        "lists": MappingProxyType({name: _listing(each, name, fields) for name, each in part.parts("lists")}),
        "fills": MappingProxyType({name: _filling(each, name, fields) for name, each in part.parts("fills")}),
    }


def _written(part: Part, fields: Mapping[str, Field]) -> Mapping[str, str]:
    """Return into which fields period, its last day, the day of opening and the due day are written."""
    below = part.part("writes")
    if below is None:
        return {}
    below.only(_WRITES)
    found = {}
    for key in _WRITES:
        name = below.name(key)
        if name is not None and name not in fields:
            below.wrong(_no_field(name, fields), key)
        if name is not None:
            found[key] = name
    return MappingProxyType(found)


def _listing(part: Part, name: str, fields: Mapping[str, Field]) -> Listing:
    """Return which cases a text field is filled with."""
    if name not in fields:
        part.wrong(_no_field(name, fields))
    elif fields[name].type is not FieldType.TEXT:
        part.wrong(Text("'{name}' holds no text", "“{name}”不是文字字段").format(name=name))
    return read_as(Listing, part)


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
    """Return the number of a day, as `Recurrence.opens_on` holds it."""
    if every == "week":
        return _WEEKDAYS.index(part.one_of(key, _WEEKDAYS, "monday")) + 1
    if every in {"quarter", "year"}:
        return _day_of_months(part, key, 3 if every == "quarter" else 12)
    if every != "month":
        return _offset(part, key, every)
    number = part.whole(key, 1)
    if number > 31:
        part.wrong(Text("a month has at most 31 days", "一个月最多 31 天"), key)
        return 1
    return number


def _day_of_months(part: Part, key: str, months: int) -> int:
    """Return a day such as 12-10 of a year, or 2-05 for the fifth of the second month of a quarter."""
    found = _MONTH_DAY.fullmatch(part.line(key) or "01-01")
    month, day = (int(found[1]), int(found[2])) if found else (0, 0)
    # A month of a quarter has as many days as the shortest that it can be, so that the day exists each time.
    longest = 28 if months == 3 and month == 2 else 30 if months == 3 else 31
    try:
        sound = 1 <= month <= months and 1 <= day <= longest and bool(date(2019, month, day))
    except ValueError:
        sound = False
    if sound:
        return month * HUNDRED + day
    part.wrong(
        Text(
            "write month and day, such as {example}, of a day that each {period} has",
            "请写月和日，如 {example}；须是每{period_zh}都有的日子",
        ).format(
            example="12-10" if months == 12 else "3-20",
            period="year" if months == 12 else "quarter (months 1 to 3)",
            period_zh="年" if months == 12 else "季度（月份为 1 至 3）",
        ),
        key,
    )
    return HUNDRED + 1


def _offset(part: Part, key: str, every: str) -> int:
    """Return how many days a day lies from another; `day` is that day itself."""
    said = part.line(key)
    if said is None or (said == "day" and every != "campaign"):
        return 0
    found = _OFFSET.fullmatch(said)
    if found is None or (every != "campaign" and (key == "opens_on" or int(found[1]) < 0)):
        part.wrong(
            Text(
                "write how many days from the campaign's day, such as -10 days or +0 days",
                "请写距该日的天数，如 -10 days、+0 days",
            )
            if every == "campaign"
            else Text("write day, or for due_on also +2 days", "请写 day；due_on 也可写 +2 days"),
            key,
        )
        return 0
    return int(found[1])


def _no_field(name: str, fields: Mapping[str, Field]) -> Text:
    """Return the sentence about a field that is not there."""
    return Text("no field is called '{name}'{guess}", "没有名为“{name}”的字段{guess}").format(
        name=name, guess=did_you_mean(name, fields)
    )
