"""A user's calendar file, YAML or JSON, becomes a Calendar; everything that is wrong in it is found at once.

Every scalar is read as the text that stands there, so that no reader's guess about dates and times
comes between. What the keys mean is described in `_KEYS` and in the docstring of `parse_calendar`.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple, TypeVar, get_args
from zoneinfo import ZoneInfo

from engine.errors import BadFileError, BadValueError, InvalidWorkflowError, system_reason
from engine.language import Text
from engine.reading.calendar_words import is_clock, read_hours, read_weekdays
from engine.reading.listed import parted
from engine.reading.yaml_file import read_words
from engine.workflow.problems import Path as Place
from engine.workflow.problems import Problem, Where, did_you_mean
from engine.working_days.calendars import Calendar, Unpublished, china
from engine.working_days.dates import read_day
from engine.working_days.scales import Segment

_Given = TypeVar("_Given")
_Read = TypeVar("_Read")

_UNNAMED = Text("", "")
_LONGEST_RANGE = 3660
"""In days: ten years."""

# A hyphen only with blanks around it, since days have hyphens of their own.
_RANGE_MARKS = ("..", "~", "至", "到", " to ", " - ")

_KEYS = {
    "name": "name",
    "title": "title",
    "version": "version",
    "base": "base",
    "tz": "tz",
    "timezone": "tz",
    "time_zone": "tz",
    "weekend": "weekend",
    "working_days": "working_days",
    "workdays": "working_days",
    "holidays": "holidays",
    "extra_working_days": "extra_working_days",
    "extra_working_dates": "extra_working_days",
    "hours": "hours",
    "working_hours": "hours",
    "business_hours": "hours",
    "published": "published",
    "unpublished": "unpublished",
    "days": "days",
    "year": "year",
    "papers": "papers",
    "$schema": "ignored",
    "$id": "ignored",
}


def read_calendar(path: Path) -> Calendar:
    """Return the calendar that the file declares; UTF-8, UTF-16 with a mark, or GB18030.

    Raises:
        BadFileError: If the file cannot be read as text.
        InvalidWorkflowError: If the declaration is not sound; it lists every problem with its line.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise BadFileError(
            Text(
                f"the calendar file {path} cannot be read ({system_reason(error).en}); check the path",
                f"无法读取日历文件 {path}（{system_reason(error).zh}）；请核对路径",
            )
        ) from error
    # UTF-8 first: nearly any bytes are some text in GB18030.
    encodings = ("utf-16",) if raw[:2] in {b"\xff\xfe", b"\xfe\xff"} else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            return parse_calendar(raw.decode(encoding), file=str(path))
        except UnicodeDecodeError:
            continue
    raise BadFileError(
        Text(
            f"the calendar file {path} is not text; save it as YAML or JSON in UTF-8",
            f"日历文件 {path} 不是文本；请以 UTF-8 保存为 YAML 或 JSON",
        )
    )


def parse_calendar(text: str, *, file: str) -> Calendar:
    """Return the calendar that *text* declares.

    All keys are optional: `name`, `title`, `version` (else a digest of the text), `base: cn` to begin
    with China's days, `tz`, `weekend` (names or 1 for Monday to 7) or `working_days`, `holidays` and
    `extra_working_days` (dates, ranges, {date, name}, {from, to, name}), `hours` (the same for every
    day or by weekday), `published` (first and last year; every year if left out) and `unpublished`
    (refuse or weekdays). A `days` list with `isOffDay`, as published by others for one `year`, is taken too.

    Raises:
        InvalidWorkflowError: If the declaration is not sound; it lists every problem with its line.
    """
    plain, where, wrong = read_words(text, file)
    if wrong and not plain:
        raise InvalidWorkflowError([each.text for each in wrong])
    reader = _Reader(where, wrong)
    calendar = reader.calendar(reader.keys(_Node(plain, ())), text)
    if reader.problems or calendar is None:
        raise InvalidWorkflowError(reader.problems)
    return calendar


class _Node(NamedTuple):
    """A value of the file, and where it stands."""

    value: object
    place: Place

    @property
    def is_nothing(self) -> bool:
        """Say whether there is no value."""
        return self.value is None

    def pairs(self) -> Iterator[tuple["_Node", "_Node"]]:
        """Yield the keys and values of a mapping; nothing for what is none."""
        if isinstance(self.value, dict):
            for key, value in self.value.items():
                place = (*self.place, key)
                yield _Node(key, place), _Node(value, place)

    def members(self) -> Iterator["_Node"]:
        """Yield what a list holds; what is no list, by itself; nothing for nothing."""
        if isinstance(self.value, list):
            for position, value in enumerate(self.value):
                yield _Node(value, (*self.place, position))
        elif not self.is_nothing:
            yield self


class _Reader:
    """Reads the nodes of one file and collects what is wrong."""

    def __init__(self, where: Where, wrong: Iterable[Problem]) -> None:
        self._where = where
        self._found = list(wrong)

    def complain(self, node: _Node | None, sentence: Text) -> None:
        """Note a problem and where it stands."""
        line = 0 if node is None else self._where.line(node.place)
        self._found.append(Problem(file=self._where.file, line=line, culprit="", sentence=sentence))

    @property
    def problems(self) -> list[Text]:
        """What was found so far, in the order of the lines."""
        return [each.text for each in sorted(self._found, key=lambda each: each.line)]

    def keys(self, root: _Node) -> dict[str, _Node]:
        """Return the file's values by their keys, each under its one name."""
        found: dict[str, _Node] = {}
        for key, value in root.pairs():
            word = str(key.value)
            name = _KEYS.get(word.strip().lower().replace("-", "_"))
            if name is None:
                self.complain(
                    key,
                    Text("unknown key '{word}'{guess}", "未知的键“{word}”{guess}").format(
                        word=word, guess=did_you_mean(word, _KEYS)
                    ),
                )
            elif name in found:
                self.complain(key, Text(f"'{name}' is given twice; keep one", f"“{name}”重复；请保留一处"))
            elif not value.is_nothing:
                found[name] = value
        return found

    def calendar(self, found: dict[str, _Node], text: str) -> Calendar | None:
        """Return the calendar, or None if a problem stands in the way."""
        base = self._base(found.get("base"))
        settings: dict[str, Any] = {
            "name": self._word(found.get("name")) or Path(self._where.file).stem,
            # Deadlines keep by which calendar they were counted: a file that changed under the same name must be
            # another.
            "version": self._word(found.get("version")) or _digest(text),
        }
        if "title" in found:
            settings["title"] = self._text(found["title"])
        hours = self._hours(found.get("hours"))
        if hours is not None:
            settings["hours"] = tuple(hours.get(number, ()) for number in range(1, 8))
        weekend = self._weekend(found, hours)
        if weekend is not None:
            settings["weekend"] = weekend
        for key, read in (("tz", self._zone), ("unpublished", self._policy), ("published", self._years)):
            if key in found and (value := read(found[key])) is not None:
                settings[key] = value
        hours_on: dict[date, tuple[Segment, ...]] = {}
        off, working = self._days(found.get("holidays"), {}), self._days(found.get("extra_working_days"), hours_on)
        self._listed_days(found, off, working, settings)
        for day in sorted(off.keys() & working.keys()):
            self.complain(
                found.get("extra_working_days") or found.get("days"),
                Text(
                    f"{day} is both a holiday and an extra working day; keep one",
                    f"{day} 同时列为放假和上班；请保留一处",
                ),
            )
        if self.problems:
            return None
        if hours_on:
            settings["hours_on"] = MappingProxyType(hours_on)
        if base is None:
            return Calendar(holidays=MappingProxyType(off), extra_working_days=MappingProxyType(working), **settings)
        return replace(base.with_days(off=off, working=working), **settings)

    def _base(self, node: _Node | None) -> Calendar | None:
        """Return the calendar to begin with."""
        word = self._word(node)
        if not word:
            return None
        if word.lower() in {"cn", "china", "中国"}:
            return china()
        self.complain(
            node,
            Text(
                f"no calendar is called '{word}'; use cn or leave `base` out",
                f"没有名为“{word}”的日历；请用 cn 或删去 base",
            ),
        )
        return None

    def _weekend(self, found: dict[str, _Node], hours: dict[int, tuple[Segment, ...]] | None) -> frozenset[int] | None:
        """Return the days off of the week: as given, else the days without hours, else None."""
        days: frozenset[int] | None = None
        if "weekend" in found:
            days = self._weekdays(found["weekend"])
        elif "working_days" in found:
            days = frozenset(range(1, 8)) - self._weekdays(found["working_days"])
        elif hours is not None and len(hours) < 7:
            days = frozenset(range(1, 8)) - hours.keys()
        if days is not None and len(days) == 7:
            node = found.get("weekend") or found.get("working_days") or found.get("hours")
            self.complain(node, Text("no day of the week works; leave at least one", "一周没有工作日；请至少保留一天"))
        return days

    def _weekdays(self, node: _Node) -> frozenset[int]:
        """Return the weekdays of a list or of one line."""
        numbers: set[int] = set()
        for each in node.members():
            for word in parted(self._word(each)):
                if word.lower() not in {"", "none", "无"}:
                    numbers.update(self._try(each, read_weekdays, word) or ())
        return frozenset(numbers)

    def _hours(self, node: _Node | None) -> dict[int, tuple[Segment, ...]] | None:
        """Return the opening hours by weekday."""
        if node is None:
            return None
        by_key = list(node.pairs())
        if not by_key or all(key.value in {"from", "to"} or is_clock(str(key.value)) for key, _ in by_key):
            same = self._segments(node)
            return dict.fromkeys(range(1, 8), same)
        found: dict[int, tuple[Segment, ...]] = {}
        for key, value in by_key:
            numbers = self._try(key, read_weekdays, str(key.value)) or ()
            segments = () if value.is_nothing else self._segments(value)
            found.update(dict.fromkeys(numbers, segments))
        return {number: segments for number, segments in found.items() if segments}

    def _segments(self, node: _Node) -> tuple[Segment, ...]:
        """Return the opening hours of one day."""
        return self._try(node, read_hours, node.value) or ()

    def _zone(self, node: _Node) -> str | None:
        """Return the name of a time zone."""
        word = self._word(node)
        try:
            ZoneInfo(word)
        except (KeyError, ValueError, OSError):
            self.complain(
                node,
                Text(
                    f"'{word}' is not a time zone; write it like Asia/Shanghai",
                    f"“{word}”不是时区；请写成 Asia/Shanghai",
                ),
            )
            return None
        return word

    def _policy(self, node: _Node) -> str | None:
        """Return what an unpublished year does."""
        word = self._word(node)
        if word in get_args(Unpublished):
            return word
        self.complain(
            node,
            Text(
                f"unpublished is '{word}'; use refuse or weekdays", f"unpublished 为“{word}”；请用 refuse 或 weekdays"
            ),
        )
        return None

    def _years(self, node: _Node) -> tuple[int, int] | None:
        """Return the first and last published year of "2018-2026", [2018, 2026] or {from:, to:}."""
        given = node.value
        words = (
            given.values() if isinstance(given, dict) else given if isinstance(given, list) else str(given).split("-")
        )
        years = [int(word) for word in map(str, words) if word.strip().isdigit() and len(word.strip()) == 4]
        if len(years) != len(list(words)) or not 1 <= len(years) <= 2 or years != sorted(years):
            self.complain(
                node,
                Text(
                    "published is not a range of years; write it like 2018-2026",
                    "published 不是年份范围；请写成 2018-2026",
                ),
            )
            return None
        return years[0], years[-1]

    def _days(self, node: _Node | None, hours_on: dict[date, tuple[Segment, ...]]) -> dict[date, Text]:
        """Return the days of a list of dates, ranges and named dates, or of a table date: name."""
        days: dict[date, Text] = {}
        if node is None:
            return days
        for key, value in node.pairs():
            self._lay(days, key, str(key.value), None, self._text(value))
        for each in node.members() if not list(node.pairs()) else ():
            fields = {key.value: value for key, value in each.pairs()}
            if not fields:
                self._lay(days, each, self._word(each), None, _UNNAMED)
                continue
            wrong = fields.keys() - {"date", "from", "to", "name", "hours"}
            if wrong or not fields.keys() & {"date", "from"}:
                self.complain(
                    each,
                    Text(
                        "a day is written {date, name} or {from, to, name}",
                        "日期请写成 {date, name} 或 {from, to, name}",
                    ),
                )
                continue
            name = self._text(fields["name"]) if "name" in fields else _UNNAMED
            first = self._word(fields.get("date") or fields["from"])
            laid = self._lay(days, each, first, self._word(fields.get("to")) or None, name)
            if "hours" in fields:
                hours_on.update(dict.fromkeys(laid, self._segments(fields["hours"])))
        return days

    def _listed_days(
        self, found: dict[str, _Node], off: dict[date, Text], working: dict[date, Text], settings: dict[str, Any]
    ) -> None:
        """Take over a `days` list, and the year that it is published for."""
        for each in found["days"].members() if "days" in found else ():
            fields = {key.value: value for key, value in each.pairs()}
            if not {"date", "isOffDay"} <= fields.keys():
                self.complain(
                    each, Text("a day of `days` needs date and isOffDay", "days 中每一天需有 date 和 isOffDay")
                )
                continue
            is_off = self._word(fields["isOffDay"]).lower() == "true"
            name = self._text(fields["name"]) if "name" in fields else _UNNAMED
            self._lay(off if is_off else working, each, self._word(fields["date"]), None, name)
        if "year" in found and "published" not in settings and (years := self._years(found["year"])):
            settings["published"] = years

    def _lay(self, days: dict[date, Text], node: _Node, first: str, last: str | None, name: Text) -> list[date]:
        """Add the days *first* to *last*; the same day twice is a problem unless it bears two names."""
        if last is None:
            mark = next((mark for mark in _RANGE_MARKS if mark in first), None)
            first, last = first.split(mark, 1) if mark else (first, first)
        begins, ends = self._try(node, read_day, first), self._try(node, read_day, last) if last != first else None
        if begins is None or (ends is None and last != first):
            return []
        ends = ends or begins
        if not 0 <= (ends - begins).days <= _LONGEST_RANGE:
            self.complain(
                node,
                Text(
                    f"the range {first} to {last} does not run forwards within ten years",
                    f"范围 {first} 至 {last} 应由先到后，且不超过十年",
                ),
            )
            return []
        laid = [begins + timedelta(days=step) for step in range((ends - begins).days + 1)]
        for day in laid:
            known = days.get(day)
            # Two holidays may share a day, as 国庆节 and 中秋节 did on 2020-10-01; the same one twice is a slip.
            if known is not None and (known == name or not known.en or not name.en):
                self.complain(node, Text(f"{day} is listed twice; keep one", f"{day} 重复列出；请保留一处"))
            days[day] = name if known is None else Text(f"{known.en}, {name.en}", f"{known.zh}、{name.zh}")
        return laid

    def _text(self, node: _Node) -> Text:
        """Return a name, given once or as {en:, zh:}."""
        fields = {key.value: self._word(value) for key, value in node.pairs()}
        if fields and fields.keys() <= {"en", "zh"}:
            return Text(fields.get("en") or fields["zh"], fields.get("zh") or fields["en"])
        word = self._word(node)
        return Text(word, word)

    def _word(self, node: _Node | None) -> str:
        """Return the text of a scalar; empty if there is none."""
        if node is None or node.is_nothing:
            return ""
        if isinstance(node.value, str):
            return node.value.strip()
        self.complain(node, Text("one value is wanted here, not a list", "此处应为单个值，而不是列表"))
        return ""

    def _try(self, node: _Node, read: Callable[[_Given], _Read], given: _Given) -> _Read | None:
        """Return what *read* makes of *given*, or note why it cannot."""
        try:
            return read(given)
        except BadValueError as error:
            self.complain(node, error.sentence)
            return None


def _digest(text: str) -> str:
    """Return a short version for a file that names none: it changes whenever the text does."""
    from hashlib import sha256

    return sha256(text.encode()).hexdigest()[:8]
