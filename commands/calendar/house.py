"""By which working days this house counts: its calendar, each unit's own days, and moving dates after a change."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

from commands.calendar.command import calendar
from commands.console.bilingual import argument, json_option, option, pass_app, verb
from commands.console.context import AppContext
from commands.console.output import print_json, print_pairs, print_table, talk
from commands.shared.parameters import reason_option
from commands.shared.reading import may_do, write_down
from engine.errors import BadValueError, RefusedError
from engine.language import Text, t
from engine.rules.reading_rights import Deed

if TYPE_CHECKING:
    from engine.operations.deadlines.reprojecting import Move
    from engine.operations.ledger.ledger import Ledger

__all__ = ["calendar"]

CHINA: Final = "cn"


@verb(
    calendar,
    "use",
    en="Let the house count by a calendar file from now on; 'cn' for China's own again. Dates that stand stay until "
    "reproject moves them.",
    zh="改用日历文件推算期限；写 cn 恢复使用中国法定工作日历。已有的日期须用 reproject 调整。",
    example="qingling calendar use county.yaml",
)
@argument("file", metavar="FILE", en="Calendar file, YAML or JSON; or cn.", zh="日历文件（YAML 或 JSON），或 cn。")
@pass_app
def use(app: AppContext, file: str) -> None:
    """Change the house's calendar."""
    from engine.operations.house.own_days import use_calendar

    used = use_calendar(app.acting, None if file == CHINA else Path(file))
    talk(t("counting by {label} now", "现按 {label} 推算", label=used.label))
    talk(_reproject_hint())


def _days_verb(name: str, *, works: bool | None, en: str, zh: str, example: str | Text) -> None:
    """Put a command into the group that says of days of one unit whether it works on them.

    Args:
        works: None takes back what was said of these days.
    """

    @verb(calendar, name, en=en, zh=zh, example=example)
    @argument("unit", metavar="UNIT", en="Code of the unit.", zh="单位代码。")
    @argument("days", metavar="DATE", en="A day, or FROM..TO.", zh="日期，或 起..止。")
    @reason_option
    @pass_app
    def say_of_days(app: AppContext, unit: str, days: str, reason: str) -> None:
        from engine.operations.house.own_days import set_days
        from engine.working_days.dates import read_span

        changed = set_days(app.acting, unit, *read_span(days), works=works, reason=reason)
        talk(t("{n} days of unit {unit} changed", "单位 {unit} 的 {n} 天已更改", n=changed, unit=unit))
        if changed:
            talk(_reproject_hint())


_days_verb(
    "close",
    works=False,
    en="Say that a unit is closed on a day, or from one day to another: these days do not count there.",
    zh="登记某单位停办的日期（单日或起止）；这些天在该单位不计为工作日。",
    example=Text(
        'qingling calendar close 0101 2019-08-10..2019-08-12 --reason "typhoon"',
        "qingling calendar close 0101 2019-08-10..2019-08-12 --reason 台风",
    ),
)
_days_verb(
    "open",
    works=True,
    en="Say that a unit works on a day off.",
    zh="登记某单位在休息日上班。",
    example=Text(
        'qingling calendar open 0101 2019-08-17 --reason "makes up for the typhoon"',
        "qingling calendar open 0101 2019-08-17 --reason 台风后补班",
    ),
)
_days_verb(
    "release",
    works=None,
    en="Take back what was said of a unit's days; it follows the house's calendar again.",
    zh="撤销某单位的自设日期，恢复按统一日历。",
    example=Text(
        'qingling calendar release 0101 2019-08-10 --reason "the typhoon turned away"',
        "qingling calendar release 0101 2019-08-10 --reason 台风未至",
    ),
)


@verb(
    calendar,
    "own",
    en="Show by which calendar the house counts, and the units' own days.",
    zh="显示本台账所用日历及各单位的自设日期。",
    example="qingling calendar own",
)
@json_option
@pass_app
def own(app: AppContext, as_json: bool) -> None:
    """Show what is in force."""
    from engine.operations.house.own_days import last_published, own_days_by_unit

    ledger = app.ledger
    found = own_days_by_unit(ledger)
    if as_json:
        print_json(
            {
                "calendar": ledger.calendar.name,
                "version": ledger.calendar.version,
                "published_to": last_published(ledger.calendar),
                "units": {code: {kind: dict(each) for kind, each in days.items()} for code, days in found.items()},
            }
        )
        return
    last = last_published(ledger.calendar)
    print_pairs(
        [
            (t("calendar", "日历"), f"{ledger.calendar.label} {ledger.calendar.title}".rstrip()),
            (t("published up to", "已公布至"), str(last or t("every year", "所有年度"))),
        ]
    )
    rows = [
        (code, day, t("works", "上班") if kind == "working" else t("closed", "停办"), reason)
        for code, days in found.items()
        for kind, each in days.items()
        for day, reason in sorted(each.items())
    ]
    if rows:
        print_table([t("unit", "单位"), t("day", "日期"), t("it", "安排"), t("reason", "原因")], rows, wide=3)


@verb(
    calendar,
    "reproject",
    en="List the open deadlines whose dates the calendar now in force would move, and by how much. With --apply and a "
    "reason they are moved, each with its own line in the journal.",
    zh="列出按现行日历应调整的在办期限及调整幅度。加 --apply 并写明理由即调整，逐件记入日志。",
    example="qingling calendar reproject",
)
@option("--apply", is_flag=True, en="Move them.", zh="执行调整。")
@option("--reason", en="Why; needed with --apply.", zh="理由（--apply 时必填）。")
@json_option
@pass_app
def reproject(app: AppContext, apply: bool, reason: str | None, as_json: bool) -> None:
    """Move dates to the calendar in force, or list them; that they were shown is written down."""
    from engine.operations.deadlines.reprojecting import move_each, moves
    from engine.operations.ledger.need_to_know import digest_of

    if apply and not (reason or "").strip():
        raise BadValueError(Text("--apply needs a reason (--reason)", "--apply 须写明理由（--reason）"))
    may_do(app, Deed.LIST, moves=True)
    ledger, refused = app.ledger_read, list[Text]()
    found = list(moves(ledger))
    shown = [each for each in found if ledger.sees(each.case)]
    digest = digest_of(each.case.number for each in shown)
    write_down(app, Deed.LIST, "", "shown", moves=True, count=len(shown), digest=digest)
    if apply:
        _, refused = move_each(app.acting, found, reason=str(reason))
    if as_json:
        print_json([{**_moved_json(each), "applied": apply} for each in shown])
    elif shown:
        _print_moves(ledger, shown)
    if len(shown) < len(found):
        talk(t("and {n} that you may not read", "另有 {n} 件无权查阅", n=len(found) - len(shown)))
    if refused:
        raise RefusedError(
            Text(f"{len(refused)} of {len(found)} were not moved", f"{len(found)} 件中有 {len(refused)} 件未调整"),
            refused[:3],
        )
    if not found:
        talk(t("no date moves", "没有需要调整的日期"))
    elif apply:
        talk(t("{n} deadlines moved", "已调整 {n} 个期限", n=len(found)))
    else:
        talk(
            t(
                "{n} deadlines would move; nothing was written: add --apply --reason WHY",
                "将调整 {n} 个期限；未写入：加 --apply --reason 理由 即执行",
                n=len(found),
            )
        )


def _reproject_hint() -> str:
    """Return what to do next."""
    return t(
        "see which dates would move: qingling calendar reproject", "查看哪些期限应调整：qingling calendar reproject"
    )


def _print_moves(ledger: "Ledger", found: "list[Move]") -> None:
    """Print which dates move and by how much."""
    print_table(
        [
            t("number", "编号"),
            t("deadline", "期限"),
            t("was", "原为"),
            t("becomes", "调整为"),
            t("days", "天数"),
            t("calendar", "日历"),
        ],
        [
            (
                each.case.number,
                str(ledger.rules_of(each.case).workflow.deadlines[each.before.name].title),
                each.before.due_on,
                each.after.due_on,
                f"{_days(each):+d}",
                f"{each.before.calendar} → {each.after.calendar}",
            )
            for each in found
        ],
    )


def _moved_json(each: "Move") -> dict[str, object]:
    """Return one move for scripts."""
    return {
        "number": each.case.number,
        "deadline": each.before.name,
        "was": each.before.due_on,
        "becomes": each.after.due_on,
        "days": _days(each),
        "provisional": each.after.provisional,
        "calendar": each.after.calendar,
        "was_calendar": each.before.calendar,
    }


def _days(each: "Move") -> int:
    """Return by how many days a date moves."""
    from datetime import date

    return (date.fromisoformat(each.after.due_on) - date.fromisoformat(each.before.due_on)).days
