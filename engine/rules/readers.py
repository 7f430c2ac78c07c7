"""One reader for each type of field: what is given becomes its stored form, or is refused with a sentence."""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from datetime import date, datetime
from enum import IntEnum, auto
from functools import lru_cache
from types import MappingProxyType
from typing import Final, NamedTuple

from engine.errors import BadValueError
from engine.language import Text, lazy_pattern
from engine.reading.listed import parted
from engine.rules.said_values import said_flag, said_number
from engine.workflow.field_traits import ByFieldType
from engine.workflow.model import Choice, Field, FieldType
from engine.workflow.problems import did_you_mean, like_in_surname

LONGEST: Final = 20_000
"""Characters of one text."""
LONGEST_PATTERNED: Final = 200
_SHOWN: Final = 5
"""Of many values, how many are named where none is near what was written."""
"""Characters of a text that must look like a pattern; more could keep a clumsy pattern busy for ever."""
EARLIEST_YEAR: Final = 1900
LARGEST: Final = 10**15
"""Beyond it a decimal is no longer exact."""


class Around(NamedTuple):
    """What a value is judged against besides its field; a named tuple as a case is one."""

    officers: Container[str]
    units: Container[str]
    today: date
    lists: Mapping[str, str] = MappingProxyType({})
    """By field the list by which the case is classed, where it goes by the type of its unit and the day of receipt."""
    now: datetime | None = None
    """Local time without a zone, after which no moment lies; None: any of today may be meant."""


Reader = Callable[[object, Around], object]
"""Turns a value that is not empty into its stored form, or raises `WrongError`."""


class WrongError(Exception):
    """A value cannot be what it should be."""

    def __init__(self, sentence: Text) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class Side(IntEnum):
    """On which side of today a day lies that is typed without a year."""

    BEHIND = auto()
    """The last such day up to today."""
    AHEAD = auto()
    """The first from today on, as of a deadline."""
    NEAREST = auto()
    """The nearest to today, behind or ahead: a return may be written before its week ends, or after."""


def reader_of(field: Field, *, side: Side = Side.BEHIND) -> Reader:
    """Return the reader of one field, with what its choices and pattern need prepared.

    Args:
        side: Of a date, where it lies if it is typed without a year.
    """
    if side is not Side.BEHIND and field.type is FieldType.DATE:
        return _dated(side)
    return _READERS[field.type](field)


UNSEEN: Final = lazy_pattern(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]"
)
"""Control characters, and those that turn the direction of what follows or cannot be stored."""


def is_blank(text: str) -> bool:
    """Return whether nothing of a text is seen: blanks of any width, and marks that have no shape, such as U+200B."""
    if text.isprintable():
        return not text or text.isspace()
    return all(each.isspace() or unicodedata.category(each) == "Cf" for each in text)


def _text(value: object, _: Around) -> str:
    """Read a text; numbers are taken as they are written. No sentence repeats it: it may be sealed."""
    if isinstance(value, str):
        text = value
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        text = _written(value)
    else:
        raise WrongError(Text("must be a text", "须为文字"))
    if len(text) > LONGEST:
        raise WrongError(
            Text(f"is longer than {LONGEST} characters; attach it as a file", f"超过 {LONGEST} 字，请作为附件上传")
        )
    if not text.isprintable():
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        if UNSEEN.search(text):
            raise WrongError(Text("contains control characters", "含有控制字符"))
    return text


def _patterned(pattern: str) -> Reader:
    """Return a reader of texts that look like *pattern*."""
    looks = re.compile(pattern)

    def read(value: object, around: Around) -> str:
        text = _text(value, around)
        if len(text) <= LONGEST_PATTERNED:
            for each in _spellings(text):
                if looks.fullmatch(each):
                    return each
        raise WrongError(
            Text("{value} does not look like {pattern}", "{value} 写法不对，应形如 {pattern}").format(
                value=_quoted(value), pattern=_as_people_read(pattern)
            )
        )

    return read


def _spellings(text: str) -> Iterator[str]:
    """Yield a text, and how papers spell it: common width, 〔2026〕 for [2026], 2026Q4 for 2026年四季度."""
    yield text
    plain = "".join(unicodedata.normalize("NFKC", text).split()).upper().translate(_BRACKETS)
    yield plain
    if quarter := _QUARTER.fullmatch(plain):
        yield f"{quarter[1]}Q{'一二三四'.find(quarter[2]) + 1 or quarter[2]}"


def _as_people_read(pattern: str) -> str:
    """Return a pattern as something that looks like it, since nobody at a desk reads `[0-9]+`; itself if it is hard."""
    found = re.sub(r"\[\^[^\]]*\][+*]?", "…", pattern)
    found = re.sub(r"\[0-9\]\{(\d)\}", lambda each: "0" * int(each[1]), found)
    found = re.sub(r"\[(\w)-\w\]\+?", r"\1", found)
    return pattern if re.search(r"[\[\]{}()|\\^$*+?.]", found) else found


_BRACKETS: Final = str.maketrans("[【({", "〔" * 4) | str.maketrans("]】)}", "〕" * 4)
_QUARTER: Final = lazy_pattern(r"(\d{4})年?度?第?([一二三四1-4])季度?")


@lru_cache(maxsize=8192)
def day_on(written: str, today: date, side: Side) -> date:
    """Return the local date that *written* means to somebody who types it on the local date *today*.

    Raises:
        BadValueError: With what is unclear, and what would be right.
    """
    from engine.working_days.loose_dates import day_meant  # its patterns take 7 ms, and most commands read no date

    if side is not Side.NEAREST:
        return day_meant(written, today=today, due=side is Side.AHEAD)
    return min((day_meant(written, today=today, due=due) for due in (False, True)), key=lambda day: abs(day - today))


def _dated(side: Side) -> Reader:
    """Return a reader of local dates; of deadlines, a month is its last day."""

    def read(value: object, around: Around) -> str:
        if isinstance(value, datetime):
            found = value.date()
        elif isinstance(value, date):
            found = value
        else:
            try:
                found = day_on(_written(value)[:LONGEST_PATTERNED], around.today, side)
            except BadValueError as error:
                raise WrongError(error.sentence) from error
        if not EARLIEST_YEAR <= found.year <= around.today.year + 100:
            raise WrongError(
                Text("{value} is not in this age", "{value} 的年份不对").format(value=_quoted(found.isoformat()))
            )
        return found.isoformat()

    return read


def _moment(value: object, around: Around) -> str:
    """Read a local day with its time, which is not still to come."""
    from engine.working_days.moments import moment_meant  # as above

    if isinstance(value, datetime):
        found = value
    else:
        try:
            found = moment_meant(_written(value)[:LONGEST_PATTERNED], today=around.today)
        except BadValueError as error:
            raise WrongError(error.sentence) from error
    found = found.replace(second=0, microsecond=0, tzinfo=None)
    if found.year < EARLIEST_YEAR:
        raise WrongError(Text("{value} is not in this age", "{value} 的年份不对").format(value=_quoted(found)))
    if found.date() > around.today or (around.now is not None and found > around.now):
        raise WrongError(
            Text("{value} is still to come", "{value} 尚未到").format(value=_quoted(f"{found:%Y-%m-%d %H:%M}"))
        )
    return found.isoformat(timespec="minutes")


def _flag(value: object, _: Around) -> bool:
    """Read yes or no."""
    if isinstance(value, bool):
        return value
    found = said_flag(_written(value)[:LONGEST_PATTERNED]) if isinstance(value, (str, int)) else None
    if found is None:
        raise WrongError(Text("{value} is neither yes nor no", "{value} 既非“是”也非“否”").format(value=_quoted(value)))
    return found


def _number(value: object, _: Around) -> int | float:
    """Read a number as people write it."""
    found: int | float | None = None
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        found = value
    elif isinstance(value, str):
        found = said_number(value[:LONGEST_PATTERNED])
    if found is None or not -LARGEST <= found <= LARGEST:
        raise WrongError(Text("{value} is no number", "{value} 不是数字").format(value=_quoted(value)))
    return int(found) if found == int(found) else found


def _key(word: str) -> str:
    """Return the form in which choices are compared: common width, without blanks, small letters."""
    return "".join((word if word.isascii() else unicodedata.normalize("NFKC", word)).split()).casefold()


def _choice(field: Field) -> Reader:
    """Return a reader of one of the choices of *field*, by value, title or other wording; the value goes before.

    A wording that stands in several lists is of the list by which the case is classed.
    """
    choices = field.choices
    known: dict[str, str] = {}
    for words in (
        lambda each: (each.value,),
        lambda each: (each.title.zh, each.title.en),
        lambda each: each.also,
    ):
        for each in choices:
            for word in words(each):
                known.setdefault(_key(word), each.value)
    exact = {each.value: each.value for each in choices}
    unclear = _of_several_lists(choices)

    def read(value: object, around: Around) -> str:
        if isinstance(value, str) and value in exact:
            return value
        key = _key(_written(value)[:LONGEST_PATTERNED])
        if unclear and (several := unclear.get(key)):
            own = several.get(around.lists.get(field.name, ""))
            if own is not None:
                return own
            raise WrongError(
                Text(
                    "{value} stands in several lists; write the code: {codes}",
                    "{value} 见于多个列表，请写代码：{codes}",
                ).format(value=_quoted(value), codes=", ".join(several.values()))
            )
        found = known.get(key) if isinstance(value, (str, int)) else None
        if found is None:
            raise WrongError(_no_choice(value, _own(choices, around.lists.get(field.name))))
        return found

    return read


def _own(choices: tuple[Choice, ...], of_list: str | None) -> tuple[Choice, ...]:
    """Return those of the list by which a case is classed; all where that is not known."""
    return tuple(each for each in choices if each.of_list == of_list) or choices


def _of_several_lists(choices: tuple[Choice, ...]) -> Mapping[str, Mapping[str, str]]:
    """Return by list the code that is meant by each wording that stands in several lists of a field."""
    found: dict[str, dict[str, str]] = {}
    for each in choices:
        if each.of_list is not None:
            for word in {_key(word) for word in (each.title.zh, each.title.en, *each.also)}:
                found.setdefault(word, {}).setdefault(each.of_list, each.value)
    return {word: by_list for word, by_list in found.items() if len(by_list) > 1}


def _no_choice(value: object, choices: tuple[Choice, ...]) -> Text:
    """Return the sentence about a value that is not one of *choices*, which names them if they are few."""
    words = [word for each in choices for word in (each.value, each.title.en, each.title.zh, *each.also)]
    few = len(choices) <= 8
    guess = did_you_mean(_written(value)[:LONGEST_PATTERNED], words)
    if not few and not guess.zh:  # of many none is near: some show what is looked for
        shown = choices[:_SHOWN]
        guess = Text(
            f", such as {', '.join(each.value for each in shown)} ({len(choices)} in all)",
            f"，如{'、'.join(_as_typed(each) for each in shown)}等 {len(choices)} 项",
        )
    return Text("{value} is none of the values{few}{guess}", "{value} 不在可选值之内{few}{guess}").format(
        value=_quoted(value),
        few=Text(
            ": " + ", ".join(each.value for each in choices),
            "：" + "、".join(_as_typed(each) for each in choices),
        )
        if few
        else "",
        guess=guess,
    )


def _as_typed(choice: Choice) -> str:
    """Return what a clerk types in Chinese: the title, behind the number of a list that has one (A5)."""
    title = choice.title.zh
    return title if choice.value.islower() else f"{choice.value}（{title}）"


def _several(one: Reader, order: list[str] | None = None) -> Reader:
    """Return a reader of several values: a list, or a text with commas; each once, in declared order if any."""

    def read(value: object, around: Around) -> list[object] | None:
        given: Iterable[object] = value if isinstance(value, (list, tuple)) else [value]
        if isinstance(value, str):
            try:
                return [one(value, around)]
            except WrongError:
                given = parted(value)
        plain = [each.strip() if isinstance(each, str) else each for each in given]
        found = dict.fromkeys(one(each, around) for each in plain if each not in ("", None))
        return (sorted(found, key=lambda each: order.index(str(each))) if order else list(found)) or None

    return read


def codes_by_name(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return codes by what stands for them: the code itself, or a name that only one of them has."""
    known = list(pairs)
    names = Counter(name for _, name in known)
    return {**{name: code for code, name in known if names[name] == 1}, **{code: code for code, _ in known}}


def _called(value: object, known: Container[str]) -> str | None:
    """Return the code that *value* means; None if it means none."""
    if not isinstance(value, str):
        return None
    if isinstance(known, dict):  # codes by name; Mapping itself is asked in Python, for every officer of every row
        return known.get(value) or known.get("".join(unicodedata.normalize("NFKC", value).split()))
    return value if value in known else None


def _officer(value: object, around: Around) -> str:
    """Read the code or the name of an officer, or a shorter name that only one of them can be called by."""
    found = _called(value, around.officers)
    if found is None and isinstance(value, str) and isinstance(around.officers, dict):
        from engine.rules.short_names import officer_meant  # patterns for what is no code and no whole name

        found = officer_meant(value[:LONGEST_PATTERNED], ((code, word) for word, code in around.officers.items()))
    if found is not None:
        return found
    raise WrongError(
        Text(
            "{value} is no registered officer{guess}; see: qingling officer list",
            "{value} 不是在册人员{guess}；请查看：qingling officer list",
        ).format(value=_quoted(value), guess=_guess(value, around.officers))
    )


def _unit(value: object, around: Around) -> str:
    """Read the code or the name of a unit."""
    found = _called(value, around.units)
    if found is not None:
        return found
    raise WrongError(
        Text(
            "{value} is no registered unit{guess}; see: qingling unit list",
            "{value} 不是已登记单位{guess}；请查看：qingling unit list",
        ).format(value=_quoted(value), guess=_guess(value, around.units))
    )


def _guess(value: object, codes: Container[str]) -> Text:
    """Return what was likely meant, if the codes can be gone through."""
    typed = _written(value)[:80]
    return did_you_mean(typed, like_in_surname(typed, codes) if isinstance(codes, Iterable) else ())


def _written(value: object) -> str:
    """Return *value* as text; a whole number of thousands of digits, which Python will not write, as dots."""
    try:
        return value if isinstance(value, str) else str(value)
    except ValueError:
        return "…"


def _quoted(value: object) -> Text:
    """Return *value* in the quotes of each language, on one line and not too long."""
    written = _written(value)
    en = repr(written if len(written) <= 40 else written[:39] + "…")
    return Text(en, f"“{en[1:-1]}”")


_READERS: Final = ByFieldType[Callable[[Field], Reader]](
    text=lambda field: _text if field.pattern is None else _patterned(field.pattern),
    date=lambda _: _dated(Side.BEHIND),
    moment=lambda _: _moment,
    flag=lambda _: _flag,
    number=lambda _: _number,
    choice=_choice,
    choices=lambda field: _several(_choice(field), [each.value for each in field.choices]),
    officer=lambda _: _officer,
    officers=lambda _: _several(_officer),
    unit=lambda _: _unit,
    sealed=lambda _: _text,
)
