"""Working days in the terminal: draw a year, count a term, check a calendar file."""

import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from commands.console.bilingual import argument, group, json_option, option, verb
from commands.console.environment import forbids_colour
from commands.console.names import TitledChoice
from commands.console.widths import padded, screen_width, width
from engine.language import Text, t
from presentation.explanation_view import explained_step_json, explained_step_line

if TYPE_CHECKING:
    from engine.working_days.calendars import Calendar
    from engine.working_days.count import Derivation

ROLLS = TitledChoice(
    {
        "none": Text("none", "不顺移"),
        "forward": Text("forward", "向后"),
        "backward": Text("backward", "向前"),
    }
)
POLICIES = TitledChoice({"refuse": Text("refuse", "拒绝"), "weekdays": Text("weekdays", "暂估")})

_CELL = 4
_GAP = "   "

_unpublished_option = option(
    "--unpublished",
    type=POLICIES,
    en="What a year without a published calendar does.",
    zh="年度日历未公布时：拒绝，或按周一至周五暂估。",
)
_calendar_option = option(
    "--calendar",
    "calendar_file",
    metavar="FILE",
    en="A calendar file (YAML or JSON) instead of China's.",
    zh="日历文件（YAML 或 JSON）；默认为中国法定工作日历。",
)


@group(
    "calendar",
    en="The calendar of working days. It knows the days off and make-up days, and counts terms.",
    zh="工作日历。含放假与调休，可计算期限。",
    example="qingling calendar show 2019",
)
def calendar() -> None:
    """Hold the verbs together."""


@verb(
    calendar,
    "show",
    en="Draw a year with its days off and make-up days.",
    zh="显示一年的放假与调休上班日。",
    example="qingling calendar show 2019",
)
@argument("year", metavar="YEAR", en="Year.", zh="年份。")
@_calendar_option
@json_option
def show(year: int, calendar_file: str | None, as_json: bool) -> None:
    """Draw the year, or print it as JSON."""
    from engine.working_days.count import working_days_between

    calendar = _calendar(calendar_file)
    first, last = date(year, 1, 1), date(year, 12, 31)
    number = working_days_between(first - timedelta(days=1), last, calendar)
    if as_json:
        click.echo(_dumped(_year(calendar, year, number)))
        return
    for line in _drawn(calendar, year):
        click.echo(line, color=_has_colour())
    click.echo()
    for line in _legend(calendar, year):
        click.echo(line)
    click.echo(
        t(
            "{number} working days in {year} ({label})",
            "{year} 年共 {number} 个工作日（{label}）",
            number=number,
            year=year,
            label=calendar.label,
        )
    )


@verb(
    calendar,
    "add",
    en="Say when a term is due, counted from a day or an instant.",
    zh="计算期限届满日。",
    example="qingling calendar add 2019-09-27 15 working_days --explain",
    context_settings={"ignore_unknown_options": True},
)
@argument("start", en="A date, or an instant with its zone.", zh="日期，或带时区的时刻。")
@argument("amount", en="How many; a negative number counts back.", zh="数量；负数为向前推。")
@argument(
    "unit",
    en="days, working_days, months, minutes, hours or working_hours.",
    zh="days（日）、working_days（工作日）、months（月）、minutes（分钟）、hours（小时）或 working_hours（工作小时）。",
)
@_calendar_option
@option("--count-start", is_flag=True, en="Count the start day as day 1.", zh="起算日计为第 1 日。")
@option(
    "--start-roll",
    type=ROLLS,
    default="none",
    en="Where a start on a day off goes.",
    zh="起算日为休息日时的顺移方向。",
)
@option(
    "--end-roll",
    type=ROLLS,
    default="none",
    en="Where a last day that is off goes.",
    zh="最后一日为休息日时的顺移方向。",
)
@_unpublished_option
@option(
    "--explain",
    "explained",
    is_flag=True,
    en="Show every day counted and skipped.",
    zh="逐日说明计入与跳过的原因。",
)
@json_option
def add(
    start: str,
    amount: str,
    unit: str,
    calendar_file: str | None,
    count_start: bool,
    start_roll: Any,
    end_roll: Any,
    unpublished: Any,
    explained: bool,
    as_json: bool,
) -> None:
    """Count, and print the due date with or without its steps."""
    from engine.working_days.count import add as count
    from engine.working_days.dates import read_amount, read_moment, read_unit, whole_if_it_can

    name, times = read_unit(unit)
    derivation = count(
        read_moment(start),
        whole_if_it_can(read_amount(amount) * times),
        name,
        _calendar(calendar_file),
        count_start=count_start,
        start_roll=start_roll,
        end_roll=end_roll,
        unpublished=unpublished,
    )
    if as_json:
        click.echo(_dumped(_answer(derivation, explained=explained)))
        return
    if explained:
        from engine.working_days.explain import explain

        for step in explain(derivation):
            click.echo(explained_step_line(step))
    click.echo(_said(derivation))


@verb(
    calendar,
    "between",
    en="Count the days after one day up to and including another.",
    zh="计算一日之后至另一日（含）的天数。",
    example="qingling calendar between 2019-09-27 2019-10-18 --working-days",
)
@argument("first", metavar="FROM", en="The day before the first that counts.", zh="起始日（不计）。")
@argument("last", metavar="TO", en="The last day that counts.", zh="截止日（计入）。")
@option("--working-days", is_flag=True, en="Count working days.", zh="只计工作日。")
@_calendar_option
@_unpublished_option
@json_option
def between(
    first: str, last: str, working_days: bool, calendar_file: str | None, unpublished: Any, as_json: bool
) -> None:
    """Count the days between two dates."""
    from engine.working_days.count import elapsed
    from engine.working_days.dates import read_moment

    unit = "working_days" if working_days else "days"
    number = elapsed(read_moment(first), read_moment(last), unit, _calendar(calendar_file), unpublished=unpublished)
    if as_json:
        click.echo(_dumped({unit: number}))
    elif working_days:
        click.echo(t("{number} working days", "{number} 个工作日", number=number))
    else:
        click.echo(t("{number} days", "{number} 天", number=number))


@verb(
    calendar,
    "check",
    en="Check calendar files; every problem is shown with its line.",
    zh="检查日历文件，列出所有问题及行号。",
    example="qingling calendar check county.yaml",
)
@argument(
    "files",
    metavar="FILE",
    nargs=-1,
    required=True,
    en="Calendar files, YAML or JSON.",
    zh="日历文件（YAML 或 JSON）。",
)
def check(files: tuple[str, ...]) -> None:
    """Read each file, and refuse with all that is wrong in all of them."""
    from engine.errors import InvalidWorkflowError
    from engine.reading.calendar_file import read_calendar

    problems: list[Text] = []
    for file in files:
        try:
            calendar = read_calendar(Path(file))
        except InvalidWorkflowError as error:
            problems += error.problems
        else:
            click.echo(
                t(
                    "{file}: sound ({label}; {off} days off, {work} extra working days)",
                    "{file}：无误（{label}；放假 {off} 天，调休上班 {work} 天）",
                    file=file,
                    label=calendar.label,
                    off=len(calendar.holidays),
                    work=len(calendar.extra_working_days),
                )
            )
    if problems:
        raise InvalidWorkflowError(problems)


def _calendar(file: str | None) -> "Calendar":
    """Return the calendar of the file, or China's."""
    if file is None:
        from engine.working_days.calendars import china

        return china()
    from engine.reading.calendar_file import read_calendar

    return read_calendar(Path(file))


def _answer(derivation: "Derivation", *, explained: bool) -> dict[str, object]:
    """Return the due date as JSON says it."""
    answer: dict[str, object] = {"due": derivation.due.isoformat()}
    if derivation.provisional:
        answer["provisional"] = True
    if explained:
        from engine.working_days.explain import explain

        answer["steps"] = [explained_step_json(step) for step in explain(derivation)]
    return answer


def _said(derivation: "Derivation") -> str:
    """Return the due date as a line, with its weekday and what must be known about it."""
    from engine.working_days.calendars import WEEKDAYS

    due = derivation.due
    when = due.isoformat(sep=" ") if isinstance(due, datetime) else due.isoformat()
    line = t("due {when}, {weekday}", "届满 {when}，{weekday}", when=when, weekday=WEEKDAYS[due.weekday()])
    if derivation.provisional:
        line += t(" (provisional: the calendar is not published)", "（暂估：日历尚未公布）")
    return line


def _drawn(calendar: "Calendar", year: int) -> Iterator[str]:
    """Yield the lines of the year, as many months abreast as the terminal holds."""
    block = _CELL * 7 + len(_GAP)
    abreast = next((number for number in (4, 3, 2) if number * block <= screen_width() + len(_GAP)), 1)
    months = [_month(calendar, year, month) for month in range(1, 13)]
    for place in range(0, 12, abreast):
        blocks = months[place : place + abreast]
        if place:
            yield ""
        for row in range(max(map(len, blocks))):
            yield _GAP.join(block[row] if row < len(block) else " " * (_CELL * 7) for block in blocks).rstrip()


def _month(calendar: "Calendar", year: int, month: int) -> list[str]:
    """Return the lines of one month, all of one width."""
    title = t("{month:%B} {year}", "{year}年{number}月", month=date(2000, month, 1), year=year, number=month)
    heads = t("Mo,Tu,We,Th,Fr,Sa,Su", "一,二,三,四,五,六,日").split(",")
    lines = [padded(title, _CELL * 7), "".join(padded(f"{' ' * (2 - width(head))}{head}", _CELL) for head in heads)]
    day = date(year, month, 1)
    cells = [" " * _CELL] * day.weekday()
    while day.month == month:
        cells.append(_cell(calendar, day))
        day += timedelta(days=1)
    cells += [" " * _CELL] * (-len(cells) % 7)
    return lines + ["".join(cells[place : place + 7]) for place in range(0, len(cells), 7)]


def _cell(calendar: "Calendar", day: date) -> str:
    """Return a day with its mark, coloured."""
    from engine.working_days.calendars import DayStatus

    standing = calendar.standing(day)
    is_weekend = day.isoweekday() in calendar.weekend
    if standing is DayStatus.OFF and day in calendar.holidays:
        return click.style(padded(f"{day.day:2}{t('*', '休')}", _CELL), fg="red")
    if standing is DayStatus.WORK and is_weekend:
        return click.style(padded(f"{day.day:2}{t('w', '班')}", _CELL), fg="green", bold=True)
    return click.style(padded(f"{day.day:2}", _CELL), dim=True) if is_weekend else padded(f"{day.day:2}", _CELL)


def _legend(calendar: "Calendar", year: int) -> Iterator[str]:
    """Yield what the marks mean: the days off and the make-up days by name, and the papers behind them."""
    for mark, days in ((t("*", "休"), calendar.holidays), (t("w", "班"), calendar.extra_working_days)):
        for first, last in _runs(days, year):
            span = f"{first:%m-%d}" if first == last else f"{first:%m-%d}..{last:%m-%d}"
            yield f"{mark} {span:<12} {calendar.reason(first)}"
    if papers := calendar.notices.get(year):
        yield t("Source: {papers}", "依据：{papers}", papers=t(", ", "、").join(papers))


def _runs(days: Mapping[date, Text], year: int) -> Iterator[tuple[date, date]]:
    """Yield the first and the last of each run of days of one name."""
    run: list[date] = []
    for day in sorted(day for day in days if day.year == year):
        if run and (day - run[-1] != timedelta(days=1) or days[day] != days[run[-1]]):
            yield run[0], run[-1]
            run = []
        run.append(day)
    if run:
        yield run[0], run[-1]


def _year(calendar: "Calendar", year: int, number: int) -> dict[str, object]:
    """Return the year as JSON says it."""
    return {
        "year": year,
        "calendar": calendar.name,
        "version": calendar.version,
        "working_days": number,
        "off": [_named(day, calendar) for day in sorted(calendar.holidays) if day.year == year],
        "extra_working_days": [
            _named(day, calendar) for day in sorted(calendar.extra_working_days) if day.year == year
        ],
        "notices": list(calendar.notices.get(year, ())),
    }


def _named(day: date, calendar: "Calendar") -> dict[str, str]:
    """Return a day with its name."""
    return {"date": day.isoformat(), "name": str(calendar.reason(day))}


def _dumped(answer: dict[str, Any]) -> str:
    """Return JSON on one line, Chinese as Chinese."""
    return json.dumps(answer, ensure_ascii=False)


def _has_colour() -> bool | None:
    """Return False where NO_COLOR asks for none; else let the terminal decide."""
    return False if forbids_colour() else None
