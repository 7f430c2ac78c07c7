"""`qingling zero`: whether a campaign is cleared to zero, as of any day; exit 0 only if it is."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands.console.bilingual import argument, command, json_option, option, pass_app
from commands.console.completion import completing
from commands.console.context import AppContext
from commands.console.output import print_json, print_table, say, talk
from engine.campaigns.campaign import VERDICT_TITLES, Verdict
from engine.errors import BadValueError, NotZeroError
from engine.language import Text, t

if TYPE_CHECKING:
    from datetime import date

    from commands.zero.ledger import Difference
    from engine.campaigns.campaign import Campaign
    from engine.operations.zero.frozen import Frozen
    from engine.operations.zero.record_checks import Concern
    from engine.operations.zero.verdict import Blocker, Statement
    from workflows.campaigns_found import Campaigns


def _names(app: AppContext, _ctx: click.Context, _incomplete: str) -> list[str]:
    """Return the names of all campaigns."""
    return [each.name for each in _campaigns(app).listed()]


@command(
    "zero",
    en="Say whether a campaign is cleared to zero. Five groups by unit that add up to the scope, rates, every case "
    "that blocks with what is missing and who must act, and checks for what a good figure may hide. Without a name "
    "it lists the campaigns and leaves with 2. Exit code 0 only at zero and with all checks made, 30 otherwise; "
    "--frozen asks of the newest frozen statement.",
    zh="核对专项行动是否清零。按单位列出五类件数（合计即纳入范围）、各项比率、每件未清事项缺什么由谁办，并核查数字背后有无隐瞒。"
    "不写名称则列出专项行动，退出码为 2。清零且全部核查完毕时退出码为 0，否则为 30；--frozen 以最近一次封存结果为准。",
    example=Text(
        "qingling zero\nqingling zero zhengzhou_2019 --as-of 2019-06-30",
        "qingling zero\nqingling zero zhengzhou_2019 --as-of 2019-06-30",
    ),
)
@argument(
    "campaign",
    required=False,
    shell_complete=completing(_names),
    en="Name of the campaign; without one they are listed.",
    zh="专项行动名称；不写则列出全部。",
)
@option("--year", type=int, metavar="YEAR", en="The year of a campaign that takes one.", zh="按年度的专项行动的年份。")
@option(
    "--as-of",
    "as_of",
    metavar="DATE",
    en="As of the end of this day, from the journal.",
    zh="截至该日终了（据日志重建）。",
)
@option("--unit", "units", multiple=True, metavar="UNIT", en="Only this unit.", zh="只看该单位。")
@option("--watch", is_flag=True, en="Days left, pace needed, and who is behind.", zh="剩余天数、每日须清件数、谁落后。")
@option("--freeze", is_flag=True, en="Freeze the statement: files, and its digest in the journal.",
        zh="封存结果：写出文件，摘要记入日志。")  # fmt: skip
@option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="FOLDER",
    en="Where a frozen statement is written (default: this folder).",
    zh="封存文件的文件夹（默认当前文件夹）。",
)
@option(
    "--reason",
    metavar="TEXT",
    en="Why it is frozen though leads were corrected out of the scope.",
    zh="有线索经更正移出范围时，封存的理由。",
)
@option("--frozen", is_flag=True, en="Show the frozen statements and what came back since.",
        zh="查看已封存结果及其后回流。")  # fmt: skip
@option(
    "--ledger",
    "ledgers",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="FILE",
    en="Compare with this ledger row by row.",
    zh="与该台账逐行核对。",
)
@option(
    "--quick", is_flag=True, en="Leave the checks out; the exit code is then never 0.", zh="不做核查；退出码不会为 0。"
)
@json_option
@pass_app
def zero(
    app: AppContext,
    campaign: str | None,
    year: int | None,
    as_of: str | None,
    units: tuple[str, ...],
    watch: bool,
    freeze: bool,
    output: Path | None,
    reason: str | None,
    frozen: bool,
    ledgers: tuple[Path, ...],
    quick: bool,
    as_json: bool,
) -> None:
    """Say whether the campaign is cleared."""
    from commands.zero.printed import print_pace, print_statement
    from engine.operations.zero.verdict import blockers, check_zero
    from engine.working_days.dates import read_day

    if freeze and (watch or frozen or campaign is None):
        raise BadValueError(
            Text(
                "--freeze needs a campaign, and goes with neither --watch nor --frozen; nothing was frozen",
                "--freeze 须指明专项行动，且不得与 --watch 或 --frozen 同用；未封存",
            )
        )
    if len(units) > 1:
        raise BadValueError(
            Text("--unit takes one unit; ask of each by itself", "--unit 只能写一个单位；多个单位请分别查询")
        )
    unit = units[0] if units else None
    campaigns = _campaigns(app)
    if campaign is None:
        if year is not None or as_of or units or watch or frozen or ledgers or quick or output or reason:
            raise BadValueError(
                Text("name the campaign; they are listed by: qingling zero", "请写明专项行动；名称见：qingling zero")
            )
        _list(campaigns, as_json=as_json)
        raise BadValueError(
            Text(
                "no campaign was named, so nothing was asked; name one of these",
                "未写明专项行动，未作核对；请写明其中之一",
            )
        )
    ledger = app.ledger
    chosen = campaigns.campaign(campaign, year=year)
    day = None if as_of is None else read_day(as_of)
    if freeze:
        statement, found = _freeze(app, chosen, day=day, unit=unit, output=output, reason=reason)
    else:
        statement = check_zero(ledger, chosen, day=day, unit=unit, now=app.now)
        found = () if frozen or watch else tuple(blockers(ledger, statement))
    if frozen:
        _leave_frozen(app, _show_frozen(app, statement, as_json=as_json))
        return
    if watch:
        from engine.operations.zero.pace import pace
        from engine.operations.zero.record_checks import whole

        sure: tuple[Concern, ...] = () if quick else whole(ledger)
        statement = _as_sure(statement, sure)
        print_pace(statement, pace(ledger, statement), as_json=as_json)
        _leave(statement, sure)
        return
    is_past = statement.day < ledger.today(app.now)
    checks = () if quick else _checks(app, statement, found, is_past=is_past)
    statement = _as_sure(statement, checks)
    differences = [each for file in ledgers for each in _compared(app, statement, file)]
    print_statement(app, statement, found, checks, differences if ledgers else None, as_json=as_json)
    if is_past and not (quick or as_json):
        talk(
            t(
                "the other checks look at the ledger of today; leave --as-of out to run them",
                "其余核查针对今天的台账；不写 --as-of 即可核查",
            )
        )
    _leave(statement, checks)


def _campaigns(app: AppContext) -> "Campaigns":
    """Return the shipped campaigns and the house's own, which lie in a folder `campaigns` of its workflows."""
    from commands.console.context import workflows_folder
    from engine.operations.house.directory import units
    from workflows.campaigns_found import Campaigns

    own = workflows_folder(app.database)
    return Campaigns(
        [own / "campaigns"] if own else [],
        workflow=app.declarations.latest,
        units=lambda: {each.code for each in units(app.ledger)},
    )


def _list(campaigns: "Campaigns", *, as_json: bool) -> None:
    """Print the campaigns there are."""
    listed = campaigns.listed()
    if as_json:
        print_json(
            [
                {"name": each.name, "title": {"en": each.title.en, "zh": each.title.zh}, "takes_year": each.takes_year}
                for each in listed
            ]
        )
        return
    print_table(
        [t("campaign", "专项行动"), t("title", "名称")],
        [
            (
                each.name + (t(" --year YEAR", " --year 年份") if each.takes_year else ""),
                str(each.title).replace("{year}", t("a year", "某")),
            )
            for each in listed
        ],
    )


def _checks(
    app: AppContext, statement: "Statement", found: "tuple[Blocker, ...]", *, is_past: bool
) -> "tuple[Concern, ...]":
    """Return what the ledger was searched for; for a past day only what its figures rest on as well."""
    from engine.operations.zero.record_checks import concerns, whole

    if is_past:
        return whole(app.ledger)
    return concerns(app.ledger, statement, found, now=app.now)


def _compared(app: AppContext, statement: "Statement", file: Path) -> "list[Difference]":
    """Return where a ledger and the register do not agree."""
    from commands.zero.ledger import compare

    return compare(app, statement, file)


def _freeze(
    app: AppContext,
    campaign: "Campaign",
    *,
    day: "date | None",
    unit: str | None,
    output: Path | None,
    reason: str | None,
) -> "tuple[Statement, tuple[Blocker, ...]]":
    """Freeze how a campaign stands and write it as JSON and as text; as with every export only its owner reads it.

    Returns:
        What was frozen, and what blocks.

    Raises:
        BadFileError: If it cannot be written.
        BadValueError: If there is no such folder, or a file of that name in it.
    """
    from commands.zero.freezing import freeze_into

    folder = output or Path()
    stem = f"zero-{campaign.name}" + (f"-{campaign.year}" if campaign.year else "")
    stem += f"-{(day or app.ledger.today(app.now)).isoformat()}" + (f"-{unit}" if unit else "")
    target = folder / f"{stem}.json"
    if not folder.is_dir():
        raise BadValueError(Text(f"{folder}: there is no such folder", f"{folder}：没有这个文件夹"))
    kept, statement, found = freeze_into(app, target, campaign, day=day, unit=unit, reason=reason)
    talk(
        t(
            "frozen: {file} (SHA-256 {digest}, in the journal of the house as row {seq})",
            "已封存：{file}（SHA-256 {digest}，记入内务日志第 {seq} 行）",
            file=target,
            digest=kept.digest,
            seq=kept.seq,
        )
    )
    return statement, found


def _show_frozen(app: AppContext, statement: "Statement", *, as_json: bool) -> "Frozen | None":
    """Print the statements that were frozen and, next to each, what came back since.

    Returns:
        The newest of them that is of what was asked about: the only unit, or the whole campaign.
    """
    import json

    from commands.presentation.case_view import when
    from engine.operations.zero.frozen import frozen, returned_since

    found = frozen(app.ledger, statement.campaign)
    if statement.unit is not None:
        found = tuple(each for each in found if each.unit == statement.unit)
    rows = [(each, returned_since(app.ledger, each, statement)) for each in found]
    newest = next((each for each in reversed(found) if each.unit == statement.unit), None)
    if as_json:
        print_json(
            [
                {
                    "seq": each.seq,
                    "by": each.by,
                    "as_of": each.day.isoformat(),
                    "unit": each.unit,
                    "verdict": each.told.value,
                    "digest": each.digest,
                    "whole": each.is_whole,
                    "statement": json.loads(each.text),
                    "returned_since": list(back),
                }
                for each, back in rows
            ]
        )
        return newest
    if not found:
        say(t("no statement of this campaign has been frozen", "该专项行动尚无封存结果"))
    for each, back in rows:
        total = json.loads(each.text)["total"]
        blocking = sum(total["groups"][name] for name in ("extended", "open", "incomplete"))
        say(
            t(
                "as of {day}{unit}: {verdict}; {scope} in scope, {blocking} not cleared; frozen {at} by {by}",
                "截至 {day}{unit}：{verdict}；纳入 {scope} 件，未清 {blocking} 件；{at} 由 {by} 封存",
                day=each.day,
                unit="" if each.unit is None else t(", only unit {unit}", "，仅单位 {unit}", unit=each.unit),
                verdict=VERDICT_TITLES[each.told],
                scope=total["scope"],
                blocking=blocking,
                at=when(app.ledger, each.at),
                by=each.by,
            )
        )
        if each.corrected_out:
            numbers = t(", ", "、").join(each.corrected_out)
            say(t("  corrected out of the scope: {numbers}", "  经更正移出范围：{numbers}", numbers=numbers))
        say(f"  SHA-256 {each.digest}" + ("" if each.is_whole else t("  DOES NOT MATCH", "  不符")))
        say(
            t("  came back since: {numbers}", "  其后回流：{numbers}", numbers=t(", ", "、").join(back))
            if back
            else t("  nothing came back since", "  其后无回流")
        )
    return newest


def _leave_frozen(app: AppContext, newest: "Frozen | None") -> None:
    """Leave with exit code 0 only if the newest frozen statement says zero, is whole, and the journal holds.

    Raises:
        NotZeroError: If not.
    """
    from engine.operations.zero.record_checks import whole

    if newest is None:
        raise NotZeroError(Text("no frozen statement says that it is zero", "没有认定清零的封存结果"))
    _refuse_broken(whole(app.ledger))
    if newest.told is not Verdict.ZERO or not newest.is_whole:
        raise NotZeroError(
            Text("the newest frozen statement ({day}) is not zero", "最近一次封存结果（截至 {day}）不是清零").format(
                day=newest.day
            )
        )


def _as_sure(statement: "Statement", checks: "tuple[Concern, ...]") -> "Statement":
    """Return the statement with no more said of it than was looked for."""
    if not checks:
        return statement.unchecked()
    return statement.doubted() if _is_broken(checks) else statement


def _is_broken(checks: "tuple[Concern, ...]") -> bool:
    """Say whether the journal was found not to hold."""
    return any(each.is_grave and each.name == "journal" for each in checks)


def _refuse_broken(checks: "tuple[Concern, ...]") -> None:
    """Leave with 30 if the journal was found not to hold.

    Raises:
        NotZeroError: If so.
    """
    if _is_broken(checks):
        raise NotZeroError(
            Text(
                "the journal does not hold; the figures cannot be trusted, see: qingling journal verify",
                "日志校验不符，数字不可信；请查看：qingling journal verify",
            )
        )


def _leave(statement: "Statement", checks: "tuple[Concern, ...]") -> None:
    """Leave with exit code 0 only at zero, and never while the figures cannot be trusted or nothing was checked.

    Args:
        checks: What was looked for; nothing if the checks were left out.

    Raises:
        NotZeroError: If it is not zero, or nobody looked.
    """
    from engine.operations.zero.left_scope import SENTENCE

    _refuse_broken(checks)
    if statement.verdict is Verdict.UNCHECKED:
        raise NotZeroError(
            Text(
                "the checks were left out (--quick), so this is no finding of zero",
                "未做核查（--quick），不能据此认定清零",
            )
        )
    if statement.verdict is Verdict.ZERO:
        return
    if statement.left and not statement.total.blocking:
        numbers = t(", ", "、").join(each.number for each in statement.left)
        raise NotZeroError(SENTENCE.format(count=len(statement.left), numbers=numbers))
    if statement.verdict is Verdict.EMPTY:
        raise NotZeroError(VERDICT_TITLES[Verdict.EMPTY])
    total = statement.total
    raise NotZeroError(
        Text("{verdict}: {left} of {scope} are not cleared", "{verdict}：{scope} 件中尚有 {left} 件未清").format(
            verdict=VERDICT_TITLES[statement.verdict], left=total.blocking, scope=total.scope
        )
    )
