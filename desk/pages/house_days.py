"""By which working days the house counts: a date with its working, units' own days, and dates that move."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Final

from desk.affair_forms import GIVE_A_REASON, AffairForm, asked_input, refuse_missing
from desk.answers import Answer, GoTo, PageShown
from desk.fields import FieldOption, Input
from desk.pages.house import CAUGHT, status_of, tabs
from desk.steps import reasons_of, said
from desk.visit import Visit, whole_number
from engine.errors import BadValueError, QinglingError, Reason, RefusedError, without_hints
from engine.language import Text
from engine.operations.deadlines.reprojecting import Move, move_each, moves
from engine.operations.house.directory import open_units
from engine.operations.house.own_days import LONGEST_CLOSURE, last_published, own_days_by_unit, set_days
from engine.operations.ledger.administrators import refuse_unless
from engine.operations.ledger.need_to_know import digest_of
from engine.rules.reading_rights import Deed
from engine.workflow.powers import Power
from engine.working_days.count import add
from engine.working_days.explain import explain
from engine.working_days.loose_dates import day_meant
from presentation.explanation_view import explained_step_line

MOST_DAYS: Final = 200
"""Own days of units on the page, the last ones."""
MOST_MOVES: Final = 100
"""Deadlines that are shown, or moved by one press."""
LONGEST: Final = 3000
"""Days that are counted on the page."""
_COUNTED: Final = {"working_days": Text("working days", "工作日"), "days": Text("calendar days", "自然日")}
_SAID: Final[Mapping[str, tuple[Text, bool | None]]] = {
    "closed": (Text("closed on these days", "停办"), False),
    "works": (Text("works on these days off", "休息日上班"), True),
    "as-house": (Text("follows the house again", "恢复按统一日历"), None),
}
"""What can be said of a unit's days, and whether it then works on them."""
_STANDS: Final = {True: Text("works", "上班"), False: _SAID["closed"][0]}
"""How a unit's day stands; who made a day of work one again may have named it on no day off."""
_DONE: Final = {
    "say": Text(
        "{n} days are entered. Dates that stand stay until they are moved below.",
        "已登记 {n} 天。已有期限不变，受影响的在下方查看和调整。",
    ),
    "move": Text("{n} dates are moved, each with its row in the journal.", "已调整 {n} 个期限，逐个记入日志。"),
}
_NOTHING_NEW: Final = Text("These days stand so already; nothing was changed.", "与现有登记相同，未作更改。")


def days_page(visit: Visit) -> Answer:
    """Show by which days the house counts, and what a count gives that the address asks for."""
    try:
        return _page(visit, None, counted=_counted(visit))
    except BadValueError as refused:
        return _page(visit, refused)


def change_days(visit: Visit) -> Answer:
    """Say of a unit's days whether it works on them, or show or move the dates that another calendar moves."""
    deeds: dict[str, Callable[[Visit], int]] = {"say": _say, "move": _move}
    pressed = visit.asked.one("_deed")
    try:
        refuse_unless(visit.acting, Power.KEEP_LEDGER)
        if pressed == "look":
            return _page(visit, None, moving=_moving(visit))
        if pressed not in deeds:
            raise BadValueError(Text("say what is to be done", "请选择要做的事"))
        count = deeds[pressed](visit)
    except CAUGHT as refused:
        shows = pressed == "move" and Power.KEEP_LEDGER in visit.reader.powers
        return _page(visit, refused, moving=_moving(visit) if shows else None)
    return GoTo(to=f"/house/days?done={pressed}&n={count}")


def _say(visit: Visit) -> int:
    """Say of a unit's days whether it works on them; return how many changed."""
    asked = visit.asked
    refuse_missing(
        visit,
        ("unit", Text("say which unit", "请选择单位")),
        ("first", Text("say from which day", "请填写起始日期")),
        ("what", Text("say what it does on these days", "请选择安排")),
        ("reason", GIVE_A_REASON),
    )
    first = _day(visit, "first")
    last = _day(visit, "last") if asked.one("last") else first
    if last < first:
        sentence = Text("the last day is before the first", "截止日期早于起始日期，请核对")
        raise BadValueError(sentence, [Reason.of(sentence, "value", field="last")])
    if (last - first).days >= LONGEST_CLOSURE:
        sentence = Text(f"at most {LONGEST_CLOSURE} days at once", f"一次最多登记 {LONGEST_CLOSURE} 天")
        raise BadValueError(sentence, [Reason.of(sentence, "value", field="last")])
    if asked.one("what") not in _SAID:
        raise BadValueError(Text("say what it does on these days", "请选择安排"))
    return set_days(
        visit.acting, asked.one("unit"), first, last, works=_SAID[asked.one("what")][1], reason=asked.one("reason")
    )


def _move(visit: Visit) -> int:
    """Move the first of the dates that another calendar moves; return how many were moved.

    Raises:
        BadValueError: If there is no reason.
        RefusedError: If they are others by now than were shown, or the officer may not change the case of one of
            them; in that case the others are moved.
    """
    refuse_missing(visit, ("why", GIVE_A_REASON))
    every = list(moves(visit.ledger))
    if _digest(every) != visit.asked.one("shown"):
        raise RefusedError(
            Text(
                "other dates move by now than were shown, and none was moved; look at them, then press again",
                "应调整的期限已有变化，请核对后再按一次",
            )
        )
    count, refused = move_each(visit.acting, every, reason=visit.asked.one("why"), most=MOST_MOVES)
    if refused:
        raise RefusedError(
            Text(f"{count} were moved, {len(refused)} not", f"已调整 {count} 个，未调整 {len(refused)} 个"),
            [without_hints(each) for each in refused[:3]],
        )
    return count


def _digest(found: Sequence[Move]) -> str:
    """Return by what it is known again that the same dates move to the same days."""
    return digest_of(
        [f"{each.case.number} {each.before.name} {each.before.due_on} {each.after.due_on}" for each in found]
    )


def _day(visit: Visit, name: str) -> date:
    """Return a day that was typed; it may lie ahead.

    Raises:
        BadValueError: If it is none.
    """
    try:
        return day_meant(visit.asked.one(name), today=visit.acting.today, due=True)
    except BadValueError as error:
        raise BadValueError(error.sentence, [Reason.of(error.sentence, "value", field=name)]) from error


def _counted(visit: Visit) -> Mapping[str, object] | None:
    """Return what the count gives that the address asks for, with its working; None if it asks for none.

    Raises:
        BadValueError: If what it asks for cannot be counted.
    """
    asked = visit.asked
    if not {"from", "count"} & asked.query.keys():
        return None
    refuse_missing(
        visit,
        ("from", Text("say from which day it is counted", "请填写起算日")),
        ("count", Text("say how many days", "请填写天数")),
    )
    try:
        count = whole_number(asked.one("count"), least=1, most=LONGEST)
    except BadValueError as error:
        raise BadValueError(error.sentence, [Reason.of(error.sentence, "value", field="count")]) from error
    name = asked.one("kind") if asked.one("kind") in _COUNTED else "working_days"
    ledger = visit.ledger
    unit = ledger.unit(asked.one("of")) if asked.one("of") else None
    calendar = ledger.calendar if unit is None else ledger.calendar_of(unit.id)
    first = _day(visit, "from")
    try:
        derivation = add(first, count, name, calendar)
    except BadValueError as error:
        en, zh = error.sentence.en.partition("; ")[0], error.sentence.zh.partition("；")[0]
        beyond = Text(en, zh)  # what a declaration or a calendar file could say is out of place here
        raise BadValueError(beyond, [Reason.of(beyond, "value", field="count")]) from error
    return {
        "due": derivation.due.isoformat(),
        "calendar": calendar.label,
        "why": [explained_step_line(each) for each in explain(derivation)],
    }


def _moving(visit: Visit) -> Mapping[str, object]:
    """Return the dates that the calendar in force would move, those of cases that the officer reads one by one."""
    ledger = visit.ledger
    found = list(moves(ledger))
    seen = [each for each in found if ledger.sees(each.case)]
    numbers = [each.case.number for each in seen[:MOST_MOVES]]
    visit.write_down(Deed.LIST, "", "shown", moves=True, count=len(numbers), digest=digest_of(numbers))
    return {
        "count": len(found),
        "rows": [_moved(visit, each) for each in seen[:MOST_MOVES]],
        "hidden": len(found) - len(seen),
        "most": MOST_MOVES,
        "shown": _digest(found),
    }


def _moved(visit: Visit, each: Move) -> Mapping[str, object]:
    """Return a date that moves."""
    before, after = (date.fromisoformat(one.due_on) for one in (each.before, each.after))
    return {
        "number": each.case.number,
        "deadline": visit.ledger.rules_of(each.case).workflow.deadlines[each.before.name].title,
        "was": each.before.due_on,
        "becomes": each.after.due_on,
        "days": f"{(after - before).days:+d}",
    }


def _dated(visit: Visit, reasons: Sequence[Reason], name: str, title: Text, *, optional: bool = False) -> Input:
    """Return the input of a day."""
    hint = str(Text("such as 2019-10-01 or 10.1", "如 2019-10-01、10月1日"))
    return replace(asked_input(visit, reasons, name, title, optional=optional), hint=hint)


def _done(visit: Visit) -> Text | None:
    """Return what is said of what was just done; None if nothing was."""
    done, count = visit.asked.one("done"), visit.asked.one("n")
    if done not in _DONE or not count.isdecimal() or len(count) >= 9:
        return None
    return _NOTHING_NEW if done == "say" and int(count) == 0 else _DONE[done].format(n=count)


def _forms(visit: Visit, reasons: Sequence[Reason]) -> Mapping[str, AffairForm]:
    """Return the form of a count, and for who keeps the ledger that of a unit's days."""
    units = tuple(FieldOption(value=each.code, title=each.name, note=each.code) for each in open_units(visit.ledger))
    kinds = tuple(FieldOption(value=name, title=str(title)) for name, title in _COUNTED.items())
    asks = partial(asked_input, visit, reasons)
    kind = asks("kind", Text("Counted in", "按工作日还是自然日"), options=kinds, kind="one")
    of = asks("of", Text("For which unit", "适用单位"), options=units, kind="one", long=True, optional=True)
    counting = AffairForm(
        title=Text("On which day does it end?", "推算期限届满日"),
        hints=[],
        inputs=[
            _dated(visit, reasons, "from", Text("Counted from the day after", "起算日（次日起算）")),
            asks("count", Text("How many", "天数"), kind="number"),
            kind if kind.given else replace(kind, given=("working_days",)),
            replace(of, hint=str(Text("none: by the house's calendar", "不选的按统一日历"))),
        ],
    )
    if Power.KEEP_LEDGER not in visit.reader.powers:
        return {"counting": counting}
    what = tuple(FieldOption(value=name, title=str(title)) for name, (title, _) in _SAID.items())
    saying = AffairForm(
        title=Text("A unit's own days", "登记单位自设日期"),
        hints=[
            Text(
                "Days on which a unit is closed or works other than the house's calendar says.",
                "某单位停办或休息日上班、与统一日历不同的日期。",
            )
        ],
        inputs=[
            asks("unit", Text("Unit", "单位"), options=units, kind="one", long=True),
            asks("what", Text("It is", "安排"), options=what, kind="one"),
            _dated(visit, reasons, "first", Text("From", "自何日起")),
            _dated(visit, reasons, "last", Text("Until (that day included)", "至何日止（含当日）"), optional=True),
            asks("reason", Text("Why", "理由")),
        ],
        buttons=[("say", Text("Enter", "登记"))],
    )
    moving = asks("why", Text("Why the dates move", "调整理由"))
    return {
        "counting": counting,
        "saying": saying,
        "moving": AffairForm(title=Text("Move dates", "调整"), hints=[], inputs=[moving]),
    }


def _page(
    visit: Visit,
    refused: QinglingError | None,
    *,
    counted: Mapping[str, object] | None = None,
    moving: Mapping[str, object] | None = None,
) -> PageShown:
    """Return the page of working days."""
    ledger = visit.ledger
    with visit.viewing(Deed.HOUSE) as view:
        view.shown()
    reasons = [] if refused is None else list(reasons_of(refused))
    forms = _forms(visit, reasons)
    own = [
        (day, ledger.naming.unit_name(code), _STANDS[kind == "working"], reason)
        for code, kinds in own_days_by_unit(ledger).items()
        for kind, each in kinds.items()
        for day, reason in each.items()
    ]
    is_done = refused is None and moving is None
    values = {
        "tabs": tabs(visit),
        "said": said(reasons, [each.name for form in forms.values() for each in form.inputs]),
        "forms": forms,
        "calendar": f"{ledger.calendar.label} {ledger.calendar.title}".rstrip(),
        "published": last_published(ledger.calendar),
        "own": sorted(own, reverse=True)[:MOST_DAYS],
        "counted": counted,
        "is_counted": "from" in visit.asked.query,
        "moving": moving,
        "done": _done(visit) if is_done else None,
    }
    return PageShown(template="house_days.html", values=values, status=status_of(refused))
