"""Days as people write them: without a year, by the end of a month, as a length of time, or as yesterday.

What a whole date looks like is said by `engine.working_days.dates`. Here stands what needs to know more than
the words: whether a deadline is meant, which year the row or the sheet states, and which day is today. Pure
functions; nothing is guessed that has two readings, and a day that no calendar has is never rolled to
another.
"""

import calendar
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from engine.errors import BadValueError
from engine.language import Text, lazy_pattern
from engine.working_days.dates import DASHES, chinese_number, day_written
from engine.working_days.said_days import said_day

How = Literal["plain", "day_number", "year_supplied", "two_digit_year", "end_of_period", "relative"]
"""How a day was found: as it stands, or with what was added to it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class StatedYear:
    """The year that holds for days written without one."""

    year: int
    where: Text
    month: int | None = None
    """The month of the whole sheet, if its title or name states one."""
    latest_on: date | None = None
    """If only the day of reporting states the year: no such day can lie after it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DayContext:
    """What is known besides the words; all days are local dates."""

    due: bool = False
    """A deadline is meant: a month is its last day, and “before” is the day itself."""
    stated: StatedYear | None = None
    since: date | None = None
    """The day on which the row was received: a deadline without a year is the first such day from then on."""
    today: date | None = None
    """Known where somebody types: then “yesterday” has a meaning, and the year of a bare day follows."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DayFound:
    """A day, how it was found, and the sentence that says so unless it stood there plainly."""

    day: date
    how: How = "plain"
    sentence: Text | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class LengthFound:
    """A length of time in the place of a day, such as 15 working days from receipt."""

    amount: int
    unit: Literal["days", "working_days", "months"]


@dataclass(frozen=True, kw_only=True, slots=True)
class NoEnd:
    """There is no day, and none is meant: “kept up for good”."""


@dataclass(frozen=True, kw_only=True, slots=True)
class NoDay:
    """Why the words are not one day, what would be, and which days they may mean."""

    wrong: Text
    right: Text
    proposals: tuple[date, ...] = ()


Written = DayFound | LengthFound | NoEnd | NoDay

EXAMPLE = Text("a whole date such as 2019-06-30", "写明年月日，如 2019-06-30")

_DIGIT = "0-9〇○零Ο一二三四五六七八九"
_NUMBER = f"[{_DIGIT}十廿卅元]{{1,3}}"
_YEAR = f"(?P<year>[{_DIGIT}]{{4}}|[{_DIGIT}]{{2}})"
_DOT = r"[-./、。,_·]"
_UNSEEN = lazy_pattern("[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_WEEKDAY = lazy_pattern(r"[(（]?(?:星期|周|礼拜)[一二三四五六日天][)）]?$")
_HOURS = lazy_pattern(
    r"(?:[T\s]|(?<=[日号]))*(?:凌晨|清晨|早上|上午|中午|下午|傍晚|晚上|晚)?\s*"
    r"(?:\d{1,2}[:：时点](?:\d{1,2}(?:[:：分](?:\d{1,2}(?:\.\d+)?秒?)?)?|半)?(?:许|左右)?)?(?:Z|[+-]\d\d:?\d\d)?$"
)
_LAST = r"(?P<last>底之?前|底以前|底|末|月末|之前|以前|前)?"
_YMD = lazy_pattern(rf"{_YEAR}(?:年|{_DOT})(?P<month>{_NUMBER})(?:月|{_DOT})(?P<day>{_NUMBER})[日号]?\.?{_LAST}")
_WHOLE_AND_LAST = lazy_pattern(r"(?P<whole>.+?)(?P<last>之前|以前|前)")
_MD = lazy_pattern(rf"(?P<month>{_NUMBER})(?:月|[-./])(?P<day>{_NUMBER})[日号]?{_LAST}")
_D = lazy_pattern(rf"(?P<day>{_NUMBER})[日号]")
_YM = lazy_pattern(
    rf"(?:{_YEAR}(?:年|{_DOT}))(?P<month>{_NUMBER})(?:月份?)?(?P<tail>底之?前|底以前|底|末|之前|以前|前|[上中下]旬前?)?"
)
_M = lazy_pattern(rf"(?P<month>{_NUMBER})月份?(?P<tail>底之?前|底以前|底|末|之前|以前|前|[上中下]旬前?)?")
_PERIOD = lazy_pattern(
    rf"(?:{_YEAR}年?)?(?P<period>上半年|下半年|第?[一二三四1234]季度|全年|年|年度)(?P<tail>底之?前|底以前|底|末|之前|以前|前|内)?"
)
_THIS_MONTH = lazy_pattern(r"(?:本月|当月|月)(?:底之?前|底以前|底|末)")
_LENGTH = lazy_pattern(
    r"(?:自?(?:收到|受理|交办|接到|签收|登记|收件|接件)(?:之?日)?(?:起|后)?(?:的)?)?(?P<amount>[0-9一二三四五六七八九十两]{1,3})个?"
    r"(?P<unit>工作日|自然日|日历日|日|天|月)(?:之?内|以内)?(?:办结|答复|反馈|完成)?"
)
_KEPT_UP = lazy_pattern(r".*(?:长期|持续|常态|经常性|每[年月周日季])(?:.{0,12})")
_AT_ONCE = lazy_pattern(r"(?:立行立改|即知即改|立即|马上|即时|即刻)(?:整改|办理|完成)?")
_ANY_DAY = lazy_pattern(
    rf"(?:\d{{4}}(?:年|{_DOT}))?\d{{1,2}}(?:月|{_DOT})\d{{1,2}}[日号]?|\d{{4}}{_DOT}\d{{1,2}}{_DOT}\d{{1,2}}"
)
_EITHER_WAY = lazy_pattern(r"\d{1,2}[-./]\d{1,2}[-./]\d{4}")
_VAGUE = lazy_pattern(r"[前后底初起止]|左右|[上中下]旬|以内|之内|年度|季度|不定|约|大概|至今|[~～至到]")
_MONTH_OF_PERIOD = {"上半年": 6, "下半年": 12, "全年": 12, "年": 12, "年度": 12}


def written_day(words: str, around: DayContext) -> Written:
    """Return what *words* say in the place of a day.

    Whole dates first, then with the time or the weekday cut off, then days without a year, then what only a
    deadline may be: the last day of a month or a quarter, “by 10 July”, a length of time, “kept up”. A
    word of the day (昨天, yesterday, 上周五) has a meaning only where `around.today` is known.
    """
    # Marks that nobody sees come along when a cell is copied from a web page.
    plain = _UNSEEN.sub("", unicodedata.normalize("NFKC", words)).translate(DASHES).strip(" \t\n。;；,'’")
    for text in _without_time(plain):
        whole = _whole(text, around) or _from_today(text, around)
        if whole is not None:
            return whole
    text = "".join(_bare(plain).split())
    readings: tuple[Callable[[str, DayContext], Written | None], ...] = (
        _without_year,
        _day_alone,
        _month,
        _period,
        _length,
        _kept_up,
    )
    for reading in readings:
        found = reading(text, around)
        if found is not None:
            return found
    return _unclear(text)


def day_meant(words: str, *, today: date, due: bool = False) -> date:
    """Return the local date that somebody means who types *words* on the local date *today*.

    A day without a year is the last such day up to today; of a deadline, the first from today on.

    Raises:
        BadValueError: With what is unclear, and what would be right.
    """
    found = written_day(words, DayContext(due=due, since=today if due else None, today=today))
    if isinstance(found, DayFound):
        return found.day
    if isinstance(found, NoDay):
        write = Text("write ", "请") if found.right is EXAMPLE else ""
        raise BadValueError(
            Text("{wrong}; {write}{right}", "{wrong}；{write}{right}").format(
                wrong=found.wrong, write=write, right=found.right
            )
        )
    raise BadValueError(
        Text("“{words}” is not one day; write {right}", "“{words}”不是某一天；请{right}").format(
            words=shortened(words), right=EXAMPLE
        )
    )


def shortened(words: str) -> str:
    """Return *words* short enough to stand in a sentence."""
    text = " ".join(words.split())
    return text if len(text) <= 40 else text[:39] + "…"


def existing_day(
    year: int, month: int, day: int, words: str, how: How = "plain", sentence: Text | None = None
) -> DayFound | NoDay:
    """Return that day, or that there is none; *words* are what stood there."""
    try:
        return DayFound(day=date(year, month, day), how=how, sentence=sentence)
    except ValueError:
        pass
    right = EXAMPLE
    if 1 <= month <= 12 and 1 <= year <= 9999:
        right = Text("{m}/{y} has {n} days: write one of them", "{y} 年 {m} 月只有 {n} 天，请写实有的日期").format(
            y=year, m=month, n=calendar.monthrange(year, month)[1]
        )
    wrong = Text("“{raw}” does not exist", "“{raw}”这一天不存在").format(raw=shortened(words))
    return NoDay(wrong=wrong, right=right)


def last_of_month(year: int, month: int) -> date:
    """Return the last day of that month."""
    return date(year, month, calendar.monthrange(year, month)[1])


def _without_time(plain: str) -> Iterator[str]:
    """Yield *plain* as it stands, then without its weekday and time, each also without blanks."""
    bare = _bare(plain)
    yield from dict.fromkeys((plain, "".join(plain.split()), bare, "".join(bare.split())))


def _bare(plain: str) -> str:
    """Return *plain* without weekday and time of day behind a date."""
    text = _WEEKDAY.sub("", plain).strip()
    cut = _HOURS.sub("", text).strip()
    return _WEEKDAY.sub("", cut if any(each.isdigit() or each in "日号月" for each in cut) else text).strip()


def _whole(text: str, around: DayContext) -> DayFound | NoDay | None:
    """Return the day of a date that names its year."""
    if text.isdecimal() and len(text) not in (8, 14):
        return None
    if found := day_written(text[:8] if text.isdecimal() else text):
        return existing_day(*found, text)
    if (by := _WHOLE_AND_LAST.fullmatch(text)) and (found := day_written(by["whole"])):
        return _by(*found, text, around)
    return _whole_with_short_year(text, around)


def _whole_with_short_year(text: str, around: DayContext) -> DayFound | NoDay | None:
    """Return the day of a date whose year may have two digits."""
    found = _YMD.fullmatch(text)
    if found is None:
        return None
    year, sure = _year(found["year"], text)
    if year is None:
        return NoDay(
            wrong=Text("“{raw}” has a year of two digits", "“{raw}”的年份只有两位").format(raw=shortened(text)),
            right=EXAMPLE,
        )
    month, day = chinese_number(found["month"]), chinese_number(found["day"])
    if found["last"]:
        return _by(year, month, day, text, around)
    sentence = Text("the year is read as {year}", "年份按 {year} 年理解").format(year=year)
    return existing_day(year, month, day, text, *(() if sure else ("two_digit_year", sentence)))


def _year(written: str, text: str) -> tuple[int | None, bool]:
    """Return the year, and whether it was written whole; of two digits only what cannot be a month."""
    digits = "".join(str(chinese_number(each)) for each in written)
    if len(digits) == 4:
        return int(digits), True
    if "年" in text or int(digits) > 12:
        return 2000 + int(digits), False
    return None, False


def _by(year: int, month: int, day: int, text: str, around: DayContext) -> DayFound | NoDay:
    """Return the day of “by 10 July”: of a deadline that day; elsewhere it is a question."""
    found = existing_day(year, month, day, text)
    if isinstance(found, NoDay):
        return found
    if around.due:
        return DayFound(day=found.day, how="end_of_period", sentence=_read_as(text, found.day))
    return NoDay(
        wrong=_not_one_day(text),
        right=Text("the day alone: {day}", "只写日期：{day}").format(day=found.day),
        proposals=(found.day,),
    )


def _from_today(text: str, around: DayContext) -> DayFound | None:
    """Return the day that is meant by a word such as yesterday, or a day of the week."""
    day = None if around.today is None else said_day(text, around.today)
    return None if day is None else DayFound(day=day, how="relative", sentence=_read_as(text, day))


def _day_alone(text: str, around: DayContext) -> DayFound | NoDay | None:
    """Return the day of a date that names no month, in the month that the sheet states; typed, the last such day."""
    found = _D.fullmatch(text)
    if found is None or around.due:
        return None
    day = chinese_number(found["day"])
    if around.stated is not None and around.stated.month is not None:
        return _in_its_year(around.stated.month, day, text, around)
    if around.today is None:
        wrong = Text("“{raw}” has no month, and the ledger states none", "“{raw}”没有月份，台账中也未写明")
        return NoDay(wrong=wrong.format(raw=shortened(text)), right=EXAMPLE)
    month = around.today if day <= around.today.day else around.today.replace(day=1) - timedelta(days=1)
    return existing_day(month.year, month.month, day, text, "relative")


def _without_year(text: str, around: DayContext) -> DayFound | NoDay | None:
    """Return the day of a date that names month and day only."""
    found = _MD.fullmatch(text)
    if found is None:
        return None
    month, day = chinese_number(found["month"]), chinese_number(found["day"])
    if found["last"] and not around.due:
        return NoDay(wrong=_not_one_day(text), right=EXAMPLE)
    return _in_its_year(month, day, text, around)


def _in_its_year(month: int, day: int | None, text: str, around: DayContext) -> DayFound | NoDay:
    """Return that day in the year that the row, the sheet or today gives it; no *day* is the month's last one."""

    def on(year: int, sentence: Text) -> DayFound | NoDay:
        last = day or (calendar.monthrange(year, month)[1] if 1 <= month <= 12 else 1)
        return existing_day(year, month, last, text, "year_supplied", sentence)

    if around.due and around.since is not None:
        year = around.since.year
        of_row = Text("the year {year} follows from the day of receipt", "年份 {year} 由收到日期推得")
        found = on(year, of_row.format(year=year))
        return (
            found
            if isinstance(found, NoDay) or found.day >= around.since
            else on(year + 1, of_row.format(year=year + 1))
        )
    if around.stated is not None:
        stated = around.stated
        where = Text("the year {year} is taken from {where}", "年份 {year} 取自{where}").format(
            year=stated.year, where=stated.where
        )
        found = on(stated.year, where)
        if isinstance(found, NoDay) or stated.latest_on is None or around.due or found.day <= stated.latest_on:
            return found
        earlier = Text(
            "the year before {year}: in {year} it would lie after the day of reporting",
            "按 {year} 年则晚于填报时间，故取上一年",
        )
        return on(stated.year - 1, earlier.format(year=stated.year))
    if around.today is not None:
        year = around.today.year
        of_today = Text("the year is taken to be {year}", "年份按 {year} 年理解")
        found = on(year, of_today.format(year=year))
        return (
            found
            if isinstance(found, NoDay) or found.day <= around.today
            else on(year - 1, of_today.format(year=year - 1))
        )
    wrong = Text("“{raw}” has no year, and the ledger states none", "“{raw}”没有年份，台账中也未写明")
    return NoDay(wrong=wrong.format(raw=shortened(text)), right=EXAMPLE)


def _month(text: str, around: DayContext) -> DayFound | NoDay | None:
    """Return the last day of a month that a deadline names; elsewhere a month is a question."""
    found = _YM.fullmatch(text) or _M.fullmatch(text)
    if found is None:
        if _THIS_MONTH.fullmatch(text) and around.due and around.since is not None:
            day = last_of_month(around.since.year, around.since.month)
            return DayFound(day=day, how="end_of_period", sentence=_read_as(text, day))
        return None
    month, tail = chinese_number(found["month"]), found["tail"] or ""
    written = found.groupdict().get("year")
    year = None if written is None else _year(written, text + "年")[0]
    if not 1 <= month <= 12:
        return existing_day(year or 2000, month, 1, text)
    if not around.due or tail in ("前", "之前", "以前"):  # by May or by June: it can be read both ways
        proposals = () if year is None else (last_of_month(year, month),)
        return NoDay(
            wrong=Text("“{raw}” names no day", "“{raw}”没有写到日").format(raw=shortened(text)),
            right=EXAMPLE,
            proposals=proposals,
        )
    of_month = {"上": 10, "中": 20}.get(tail[:1]) if "旬" in tail else None
    if year is None:
        return _in_its_year(month, of_month, text, around)
    day = last_of_month(year, month) if of_month is None else date(year, month, of_month)
    return DayFound(day=day, how="end_of_period", sentence=_read_as(text, day))


def _period(text: str, around: DayContext) -> DayFound | NoDay | None:
    """Return the last day of a quarter, half a year or a year that a deadline names."""
    found = _PERIOD.fullmatch(text)
    if found is None or not around.due:
        return None
    period = found["period"]
    if period == "年" and not (found["tail"] or "").startswith(("底", "末")):
        return None
    month = _MONTH_OF_PERIOD.get(period) or 3 * chinese_number(period.strip("第季度"))
    if found["year"] is None:
        return _in_its_year(month, None, text, around)
    year = _year(found["year"], "年")[0]
    if year is None:
        return None
    day = last_of_month(year, month)
    return DayFound(day=day, how="end_of_period", sentence=_read_as(text, day))


def _length(text: str, around: DayContext) -> LengthFound | None:
    """Return the length of time that stands in the place of a deadline."""
    found = _LENGTH.fullmatch(text)
    if found is None or not around.due:
        return None
    if (found["unit"] == "月" and "个月" not in text) or text == found["amount"] + "日":  # March, or the 15th
        return None
    unit: Literal["days", "working_days", "months"] = {"工作日": "working_days", "月": "months"}.get(
        found["unit"], "days"
    )  # type: ignore[assignment]
    amount = chinese_number(found["amount"].replace("两", "二"))
    return LengthFound(amount=amount, unit=unit) if amount else None


def _kept_up(text: str, around: DayContext) -> NoEnd | NoDay | None:
    """Return that a deadline has no day by its nature, or that “at once” is none yet."""
    if not around.due:
        return None
    if _AT_ONCE.fullmatch(text):
        proposals = () if around.since is None else (around.since,)
        return NoDay(wrong=_not_one_day(text), right=EXAMPLE, proposals=proposals)
    return NoEnd() if _KEPT_UP.fullmatch(text) else None


def _unclear(text: str) -> NoDay:
    """Return why *text* is not one day."""
    if _EITHER_WAY.fullmatch(text):
        first, second, year = (int(each) for each in re.split("[-./]", text))
        readings = (existing_day(year, *each, text) for each in ((first, second), (second, first)))
        return NoDay(
            wrong=Text("“{raw}” may mean two days", "“{raw}”可读作两个日期").format(raw=shortened(text)),
            right=EXAMPLE,
            proposals=tuple(each.day for each in readings if isinstance(each, DayFound)),
        )
    days = _ANY_DAY.findall(text)
    if len(days) > 1:
        return NoDay(
            wrong=Text("“{raw}” holds more than one date", "“{raw}”含不止一个日期").format(raw=shortened(text)),
            right=Text("one date in one cell", "一格只写一个日期"),
        )
    if days or _VAGUE.search(text) or _KEPT_UP.fullmatch(text):
        alone = day_written(days[0]) if days else None
        if alone is not None:
            found = existing_day(*alone, text)
            if isinstance(found, NoDay):
                return found
            right = Text("the day alone: {day}", "只写日期：{day}").format(day=found.day)
            return NoDay(wrong=_not_one_day(text), right=right, proposals=(found.day,))
        return NoDay(wrong=_not_one_day(text), right=EXAMPLE)
    return NoDay(wrong=Text("“{raw}” is not a date", "“{raw}”不是日期").format(raw=shortened(text)), right=EXAMPLE)


def _not_one_day(text: str) -> Text:
    return Text("“{raw}” is not one day", "“{raw}”不是确切的某一天").format(raw=shortened(text))


def _read_as(text: str, day: date) -> Text:
    return Text("“{raw}” is read as {day}", "“{raw}”按 {day} 理解").format(raw=shortened(text), day=day)
