"""`qingling deadline`: which terms run, what is left of them, and how each date came about."""

import re
from datetime import date, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

from commands.console.bilingual import WHOLE, argument, group, json_option, option, pass_app, verb
from commands.console.context import AppContext
from commands.console.names import CASE
from commands.console.output import heading, print_json, print_table, say, talk
from commands.shared.parameters import case_number, deadline_name
from commands.shared.reading import case_read, viewing
from engine.errors import BadValueError
from engine.language import Text, t
from engine.rules.reading_rights import Deed
from engine.workflow.lengths import length_said
from presentation.deadline_view import (
    deadline_called,
    due_words,
    left_words,
    level_words,
    names_said,
    paper_words,
    remarks,
    was_dated_back,
)

if TYPE_CHECKING:
    from engine.deadlines.clock import Clock
    from engine.operations.deadlines.standings import DeadlineView
    from engine.operations.ledger.ledger import Ledger
    from engine.operations.letters.awaited import AwaitedLetter
    from engine.workflow.model import Workflow
    from engine.working_days.count import Derivation

_SHORT = re.compile(r"(\d+)\s*[dD天日]")
_FURTHEST = 36500
"""How far ahead deadlines may be asked for, in days."""


@group(
    "deadline",
    en="Deadlines: which run, what is left, and how each date came about.",
    zh="期限：在计时的期限、剩余时间，以及每个日期的推算经过。",
    example="qingling deadline list",
)
def deadline() -> None:
    """Hold the verbs of deadlines."""


@verb(
    deadline,
    "list",
    en="List deadlines, the most urgent first, with what is left in their own unit. With a number, those of the "
    "case and of what was opened from it. The due day itself is never late.",
    zh="按紧急程度列出期限及剩余时间（以期限自身的单位计）。写明编号则列出该事项及其下属事项的期限。到期当日不算超期。",
    example="qingling deadline list --due-within 7d",
)
@argument("number", type=CASE, required=False, en="Number of a case.", zh="事项编号。")
@option("--overdue", is_flag=True, en="Only those past their due day.", zh="只列已超期的。")
@option(
    "--due-within", metavar="TEXT", en="Only those due within this time, such as 7d.", zh="只列此时间内到期的，如 7d。"
)
@option("--unit", metavar="UNIT", en="Only those of this unit.", zh="只列该单位的。")
@option(
    "--papers",
    is_flag=True,
    en="The letters that are to be written: chase letters and supervision notices.",
    zh="列出待制发的催办单、督办通知书。",
)
@option("--limit", type=WHOLE, metavar="COUNT", en="At most so many.", zh="最多列出多少件。")
@json_option
@pass_app
def list_(
    app: AppContext,
    number: str | None,
    overdue: bool,
    due_within: str | None,
    unit: str | None,
    papers: bool,
    limit: int | None,
    as_json: bool,
) -> None:
    """List deadlines."""
    from engine.operations.deadlines.standings import standings
    from engine.operations.letters.awaited import papers as papers_of

    now = app.now
    asked: dict[str, object] = {"deadlines": True, "overdue": overdue, "due_within": due_within, "unit": unit}
    if number is not None:
        case_read(app, Deed.READ, number, **asked)
    with viewing(app, Deed.LIST, **asked) as view:
        ledger = view.ledger
        due_by = None if due_within is None else ledger.today(now) + _within(due_within)
        found = standings(ledger, overdue=overdue, due_by=due_by, unit=unit, number=number, now=now)
        if papers:
            letters = list(islice(papers_of(ledger, found), limit))
            view.shown([each.standing.case.number for each in letters], **asked, papers=True)
            _print_papers(ledger, letters, as_json=as_json)
        else:
            rows = list(islice(found, limit))
            more = not as_json and next(found, None) is not None
            view.shown([each.case.number for each in rows], **asked)
            _print_deadlines(ledger, rows, now=now, as_json=as_json)
            if more:
                talk(t("there are more: raise --limit", "还有更多：调高 --limit"))
        if not as_json and number is None:
            view.say_limits()


def _print_deadlines(ledger: "Ledger", rows: "list[DeadlineView]", *, now: datetime, as_json: bool) -> None:
    """Print deadlines with who must act."""
    from engine.operations.deadlines.recipients import Recipients

    people = Recipients(ledger, ledger.today(now))
    acting = [people.must_act(ledger.rules_of(each.case), each.case) for each in rows]
    if as_json:
        print_json(
            [
                {**standing_json(ledger, each), "unit_name": people.unit(each.case.unit), "must_act": list(who)}
                for each, who in zip(rows, acting, strict=True)
            ]
        )
        return
    if not rows:
        talk(t("no deadline is running that fits", "没有符合条件的期限"))
        return
    print_table(
        [
            t("number", "编号"),
            t("unit", "单位"),
            t("deadline", "期限"),
            t("due", "到期"),
            t("left", "剩余"),
            t("must act", "责任人"),
            t("remarks", "说明"),
        ],
        [
            (
                each.case.number,
                people.unit(each.case.unit),
                str(each.declared.title),
                due_words(ledger, each.clock),
                left_words(each),
                names_said(people, who),
                remarks(ledger, each.clock),
            )
            for each, who in zip(rows, acting, strict=True)
        ],
        wide=6,
    )


@verb(
    deadline,
    "explain",
    en="Explain how a date came about: every day counted and skipped with its reason, pauses and extensions, by the "
    "very steps that set it.",
    zh="说明日期的推算经过：逐日列出计入与跳过的原因、暂停与延期；与设定日期时所用步骤相同。",
    example=Text(
        "qingling deadline explain 0101-XS-2019-0001 disposal", "qingling deadline explain 0101-XS-2019-0001 处置期限"
    ),
)
@case_number
@deadline_name
@json_option
@pass_app
def explain(app: AppContext, number: str, name: str | None, as_json: bool) -> None:
    """Explain one date."""
    from engine.operations.deadlines.standings import standing
    from engine.operations.deadlines.timing import explanation
    from engine.working_days.explain import explain as steps_of

    ledger = case_read(app, Deed.READ, number, explained=name or True)
    case, declared, clock, way = explanation(ledger, number, deadline_called(ledger, number, name))
    now_stands = standing(ledger, case, clock, now=app.now)
    if as_json:
        from presentation.explanation_view import explained_step_json

        print_json(
            {
                **standing_json(ledger, now_stands),
                "calendar": clock.calendar,
                "recomputed": None if way is None else _iso(way.due),
                "pauses": [_pause_json(ledger, each) for each in clock.pauses],
                "extensions": [{key: getattr(each, key) for key in _EXTENSION} for each in clock.extensions],
                "steps": [] if way is None else [explained_step_json(each) for each in steps_of(way)],
            }
        )
        return
    heading(f"{number}  {declared.title}")
    for line in (*_rule_lines(ledger, clock, way), *_ledger_lines(ledger, ledger.rules_of(case).workflow, clock)):
        say(line)
    if way is not None:
        from presentation.explanation_view import explained_step_line

        for step in steps_of(way):
            say(explained_step_line(step))
    stands = left_words(now_stands)
    say(t("due {due}, {left}", "届满 {due}，{left}", due=due_words(ledger, clock), left=stands))
    if clock.provisional:
        say(t("provisional: the calendar of a year it needs is not published yet", "暂估：所需年度的日历尚未公布"))
    if way is not None and _day(way) != clock.due_on:
        say(
            t(
                "the calendar has changed since this date was set: it would be {day} now (qingling calendar reproject)",
                "设定此日期后日历有变，按现行日历应为 {day}（qingling calendar reproject）",
                day=_day(way),
            )
        )


def standing_json(ledger: "Ledger", standing: "DeadlineView") -> dict[str, Any]:
    """Return how a deadline stands, for scripts."""
    from presentation.case_deadlines import deadline_json
    from presentation.case_view import iso

    return {
        "number": standing.case.number,
        "unit": standing.case.unit,
        "title": str(standing.declared.title),
        **deadline_json(ledger, standing.case, standing.clock, now=standing.now),
        "overdue": standing.overdue,
        "left": standing.left if standing.clock.ended_at is None else None,
        "ended_at": None if standing.clock.ended_at is None else iso(ledger, standing.clock.ended_at),
        "counted_in": standing.counted_in,
    }


_EXTENSION = ("amount", "unit", "reason", "signed_by", "filed_on", "by", "exception")


def _print_papers(ledger: "Ledger", found: "list[AwaitedLetter]", *, as_json: bool) -> None:
    """Print the letters that are to be written."""
    if as_json:
        print_json(
            [
                {
                    **standing_json(ledger, each.standing),
                    "paper": each.paper,
                    "level": each.level,
                    "to": list(each.to),
                    "ready_since": each.since,
                }
                for each in found
            ]
        )
    elif not found:
        talk(t("no letter is to be written", "没有待制发的文书"))
    else:
        print_table(
            [
                t("number", "编号"),
                t("letter", "文书"),
                t("level", "级别"),
                t("deadline", "期限"),
                t("due", "到期"),
                t("left", "剩余"),
            ],
            [
                (
                    each.standing.case.number,
                    paper_words(each.paper),
                    level_words(ledger.workflows, each.level),
                    str(each.standing.declared.title),
                    due_words(ledger, each.standing.clock),
                    left_words(each.standing),
                )
                for each in found
            ],
            wide=5,
        )


def _rule_lines(ledger: "Ledger", clock: "Clock", way: "Derivation | None") -> list[str]:
    """Return by which rule and calendar a date is counted."""
    if way is None:
        return [t("due on a date that was given, which no day off moves", "按指定日期到期，不因休息日顺延")]
    length = length_said(way.amount, way.unit)
    start = _iso(way.given) if not isinstance(way.given, datetime) else when_said(ledger, way.given)
    return [
        t(
            "{length} from {start}, by calendar {label}",
            "自 {start} 起 {length}，依据日历 {label}",
            length=length,
            start=start,
            label=clock.calendar,
        )
    ]


def _ledger_lines(ledger: "Ledger", workflow: "Workflow", clock: "Clock") -> list[str]:
    """Return pauses and extensions, each as a line."""
    from presentation.case_view import when

    lines = []
    for pause in clock.pauses:
        until = "" if pause.to_at is None else when(ledger, pause.to_at)
        why = _pause_reason(pause.reason, workflow)
        back = t(", dated back", "，补记") if was_dated_back(pause) else ""
        lines.append(
            t("paused {since} – {until}: {why}{back}", "暂停 {since} – {until}：{why}{back}",
              since=when(ledger, pause.from_at), until=until, why=why, back=back)
        )  # fmt: skip
    for each in clock.extensions:
        length = length_said(each.amount, each.unit)
        mark = t(", EXCEPTION", "，例外") if each.exception else ""
        who = ledger.naming.officer(each.signed_by) if each.signed_by else "-"
        lines.append(
            t("extended by {length}: {why} (signed by {who}, filed {on}{mark})",
              "延期 {length}：{why}（{who} 签批，{on} 备案{mark}）",
              length=length, why=each.reason, who=who, on=each.filed_on or "-", mark=mark)
        )  # fmt: skip
    if clock.pauses or clock.extensions:
        lines.append(t("first due {on}", "原期限 {on}", on=clock.original_due_on))
    return lines


def _pause_reason(reason: str, workflow: "Workflow") -> str:
    """Return why a clock stood still, in words."""
    if reason.startswith("state:"):
        name = reason.removeprefix("state:")
        title = workflow.states[name].title.zh if name in workflow.states else name
        return t("by its state ({state})", "因状态（{state}）", state=Text(name, title))
    return t("the case was closed meanwhile", "其间已办结") if reason == "reopened" else reason


def _pause_json(ledger: "Ledger", pause: Any) -> dict[str, Any]:
    """Return a pause for scripts."""
    from presentation.case_view import iso

    return {
        "from": iso(ledger, pause.from_at),
        "to": None if pause.to_at is None else iso(ledger, pause.to_at),
        "reason": pause.reason,
        "by": pause.by or None,
        "noted_at": iso(ledger, pause.noted_at),
    }


def when_said(ledger: "Ledger", moment: datetime) -> str:
    """Return an instant as local time, to the minute."""
    return moment.astimezone(ledger.calendar.zone).strftime("%Y-%m-%d %H:%M")


def _within(words: str) -> timedelta:
    """Return the time that `--due-within` says, in whole days.

    Raises:
        BadValueError: If it is no time in days.
    """
    from engine.working_days.dates import read_length

    short = _SHORT.fullmatch(words.strip())
    try:
        amount, unit = (int(short[1]), "days") if short else read_length(words)
    except BadValueError:
        amount, unit = -1, ""  # any other length would be suggested, and then refused
    if unit != "days" or amount != int(amount) or not 0 <= amount <= _FURTHEST:
        raise BadValueError(
            Text(
                f"--due-within {words}: write it in whole days, such as 7d, at most {_FURTHEST}",
                f"--due-within {words}：请以整天数写明，如 7d，最多 {_FURTHEST} 天",
            )
        )
    return timedelta(days=int(amount))


def _day(way: "Derivation") -> str:
    """Return the local day on which a count ends."""
    return way.due.date().isoformat() if isinstance(way.due, datetime) else way.due.isoformat()


def _iso(moment: date | datetime) -> str:
    """Return a moment as ISO 8601."""
    return moment.isoformat()
