"""`qingling zero`: whether a campaign is cleared to zero, as of any day; exit 0 only if it is."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands.console.bilingual import WHOLE, argument, command, json_option, option, pass_as
from commands.console.command_lines import as_typed
from commands.console.completion import completing
from commands.console.context import AppContext
from commands.console.output import print_json, print_table, talk
from commands.presentation.campaigns import campaigns_of
from commands.shared.reading import may_do, viewing
from commands.zero.trusting import is_broken, refuse_broken, refuse_part, refusing_damage, say_trust, sees_whole
from engine.campaigns.campaign import VERDICT_TITLES, Verdict, with_cut_off
from engine.errors import BadValueError, ClearedLateError, NotZeroError
from engine.language import Text, t
from engine.rules.reading_rights import Deed

if TYPE_CHECKING:
    from datetime import date

    from commands.zero.ledger import Difference
    from engine.campaigns.campaign import Campaign
    from engine.operations.zero.blocking import Blocker
    from engine.operations.zero.record_checks import Concern
    from engine.operations.zero.verdict import Statement
    from workflows.campaigns_found import Campaigns


@dataclass(frozen=True, kw_only=True, slots=True)
class ZeroRequest:
    """What was asked of a campaign, as it was typed; which of it goes together is checked before anything is read."""

    campaign: str | None
    year: int | None
    as_of: str | None
    received_to: str | None
    units: tuple[str, ...]
    watch: bool
    freeze: bool
    output: Path | None
    reason: str | None
    frozen: bool
    ledgers: tuple[Path, ...]
    quick: bool
    limit: int | None
    forecast: bool
    seed: int | None
    as_json: bool

    @property
    def unit(self) -> str | None:
        """The only unit that is looked at; None for all."""
        return self.units[0] if self.units else None

    def refuse_what_does_not_go_together(self) -> None:
        """Refuse options that contradict each other.

        Raises:
            BadValueError: If some do.
        """
        if self.freeze and (self.watch or self.frozen or self.campaign is None):
            raise BadValueError(
                Text(
                    "--freeze needs a campaign, and goes with neither --watch nor --frozen; nothing was frozen",
                    "--freeze 须指明专项行动，且不得与 --watch 或 --frozen 同用；未封存",
                )
            )
        beside = self.watch or self.freeze or self.frozen or self.ledgers
        if (self.forecast and beside) or (self.seed is not None and not self.forecast):
            raise BadValueError(
                Text(
                    "--forecast goes with none of --watch, --freeze, --frozen and --ledger, and --seed only with it",
                    "--forecast 不得与 --watch、--freeze、--frozen、--ledger 同用；--seed 只能与 --forecast 同用",
                )
            )
        if self.limit is not None and (self.watch or self.frozen):
            raise BadValueError(
                Text(
                    "--limit goes with neither --watch nor --frozen: they name no leads by lists",
                    "--limit 不得与 --watch、--frozen 同用：二者不逐件列出",
                )
            )
        if len(self.units) > 1:
            raise BadValueError(
                Text("--unit takes one unit; ask of each by itself", "--unit 只能写一个单位；多个单位请分别查询")
            )
        narrowed = self.year is not None or self.as_of or self.received_to or self.units or self.ledgers
        if self.campaign is None and (
            narrowed
            or self.watch
            or self.frozen
            or self.quick
            or self.output
            or self.reason
            or self.forecast
            or self.limit
        ):
            raise BadValueError(
                Text("name the campaign; they are listed by: qingling zero", "请写明专项行动；名称见：qingling zero")
            )


def _names(app: AppContext, _ctx: click.Context, _incomplete: str) -> list[str]:
    """Return the names of all campaigns."""
    return [each.name for each in campaigns_of(app).listed()]


@command(
    "zero",
    en="Say whether a campaign is cleared to zero. Five groups by unit that add up to the scope, rates, every case "
    "that blocks with what is missing and who must act, and checks for what a good figure may hide. Without a name "
    "it lists the campaigns and leaves with 2. Exit code 0 only at zero, in time and with all checks made; 31 at "
    "zero if some were cleared after their day, which are listed; 30 otherwise. --frozen asks of the newest frozen "
    "statement.",
    zh="核对专项行动是否清零。按单位列出五类件数（合计即纳入范围）、各项比率、每件未清事项缺什么由谁办，并核查数字背后有无隐瞒。"
    "不写名称则列出专项行动，退出码为 2。按期清零且全部核查完毕时退出码为 0；"
    "已清零但有逾期的为 31，并逐件列出；其余为 30。"
    "--frozen 以最近一次封存结果为准。",
    example=Text(
        "qingling zero\nqingling zero zhengzhou_2019 --as-of 2019-06-30",
        "qingling zero\nqingling zero 2019年问题线索清零专项行动 --as-of 2019-06-30",
    ),
)
@argument(
    "campaign",
    required=False,
    shell_complete=completing(_names),
    en="Name of the campaign; without one they are listed.",
    zh="专项行动名称；不写则列出全部。",
)
@option("--year", metavar="YEAR", en="The year of a campaign that takes one.", zh="按年度的专项行动的年份。")
@option(
    "--as-of",
    "as_of",
    metavar="DATE",
    en="As of the end of this day, from the journal.",
    zh="截至该日终了（据日志重建）。",
)
@option(
    "--received-to",
    "received_to",
    metavar="DATE",
    en="Another cut-off: the last day of receipt.",
    zh="另定纳入截止日（收到时间止）。",
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
    en="Where a frozen statement is written (default: this folder); with --frozen, whose files are compared.",
    zh="封存文件的文件夹（默认当前文件夹）；与 --frozen 同用时核对其中的封存文件。",
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
@option(
    "--limit",
    type=WHOLE,
    metavar="COUNT",
    en="Name at most so many in each list; figures and exit code stay whole. --json has all.",
    zh="每个清单最多列出多少件；数字与退出码不受影响。--json 输出全部。",
)
@option(
    "--forecast",
    is_flag=True,
    en="Odds of each verdict on the day, from the journal's past; or why nobody can say (exit 32).",
    zh="据日志历史预测清零日的结果；无法预测时说明原因（退出码 32）。",
)
@option(
    "--seed",
    type=click.IntRange(min=0),
    metavar="NUMBER",
    en="With --forecast: where chance begins (default 0); the same gives the same answer.",
    zh="与 --forecast 同用：随机数种子（默认 0），相同则结果相同。",
)
@json_option
@pass_as(ZeroRequest)
def zero(app: AppContext, asked: ZeroRequest) -> None:
    """Say whether the campaign is cleared."""
    from engine.operations.ledger.gc_tuning import seldom_collected
    from engine.operations.zero.blocking import blockers
    from engine.operations.zero.verdict import check_zero
    from engine.working_days.loose_dates import day_meant

    asked.refuse_what_does_not_go_together()
    campaigns = campaigns_of(app)
    if asked.campaign is None:
        _list(campaigns, as_json=asked.as_json)
        raise BadValueError(
            Text(
                "no campaign was named, so nothing was asked; name one of these",
                "未写明专项行动，未作核对；请写明其中之一",
            )
        )
    chosen = campaigns.campaign(asked.campaign, year=asked.year)
    today = app.ledger.today(app.now)
    if asked.received_to is not None:
        chosen = with_cut_off(chosen, day_meant(asked.received_to, today=today))
    day = None if asked.as_of is None else day_meant(asked.as_of, today=today)
    about: dict[str, object] = {"campaign": chosen.name, "unit": asked.unit, "as_of": asked.as_of}
    if asked.freeze:
        may_do(app, Deed.FREEZE, **about)
        statement, found = _freeze(app, chosen, day=day, unit=asked.unit, output=asked.output, reason=asked.reason)
        _answer(app, asked, statement, found)
        return
    with refusing_damage(app), viewing(app, Deed.ZERO, **about) as view:
        statement = check_zero(view.ledger, chosen, day=day, unit=asked.unit, now=app.now)
        view.shown(**about, scope=statement.total.scope, frozen=asked.frozen)
        if view.limits is not None and not asked.as_json:
            talk(view.limits)
        if asked.forecast:
            from commands.zero.foreseeing import print_forecast
            from engine.operations.zero.outlook import look_ahead

            declared = campaigns.measures_of(chosen.workflow).forecast
            print_forecast(
                statement, look_ahead(view.ledger, statement, declared, seed=asked.seed or 0), as_json=asked.as_json
            )
        if asked.frozen:
            from commands.zero.frozen_shown import leave_frozen, refuse_altered, show_frozen

            newest = show_frozen(app, statement, as_json=asked.as_json)
            refuse_altered(app, chosen, asked.output)
            leave_frozen(app, newest, chosen)
        elif asked.watch:
            _watch(app, asked, statement)
        else:
            first = asked.limit if asked.quick and not asked.as_json else None  # else all of them are looked through
            with seldom_collected():  # what is named is kept until it is printed
                _answer(app, asked, statement, tuple(blockers(view.ledger, statement, first=first)))


def _watch(app: AppContext, asked: ZeroRequest, statement: "Statement") -> None:
    """Print how much time is left and who is behind, and leave with what it says."""
    from commands.zero.printed import print_pace
    from engine.operations.zero.pace import pace
    from engine.operations.zero.record_checks import of_the_day, whole

    sure: tuple[Concern, ...] = ()
    if not asked.quick and sees_whole(app):
        ledger = app.acting.ledger
        sure = _veiled(app, (*whole(ledger, now=app.now), *of_the_day(ledger, statement)))
    statement = _as_sure(statement, sure)
    print_pace(statement, pace(app.ledger, statement), as_json=asked.as_json)
    _leave(app, statement, sure)


def _answer(app: AppContext, asked: ZeroRequest, statement: "Statement", found: "tuple[Blocker, ...]") -> None:
    """Print the statement with what blocks and what was checked, and leave with what it says."""
    from commands.zero.printed import print_statement

    is_past = statement.day < app.ledger.today(app.now)
    checks = () if asked.quick or not sees_whole(app) else _checks(app, statement, found, is_past=is_past)
    statement = _as_sure(statement, checks)
    differences = [each for file in asked.ledgers for each in _compared(app, statement, file)]
    print_statement(
        app, statement, found, checks, differences if asked.ledgers else None, as_json=asked.as_json, limit=asked.limit
    )
    if checks and not asked.as_json:
        say_trust(app)
    if is_past and checks and not asked.as_json:
        talk(
            t(
                "the other checks look at the ledger of today; leave --as-of out to run them",
                "其余核查针对今天的台账；不写 --as-of 即可核查",
            )
        )
    _leave(app, statement, checks)


def _list(campaigns: "Campaigns", *, as_json: bool) -> None:
    """Print the campaigns there are."""
    from workflows.campaigns_found import without_year

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
                t(each.name, without_year(each.title).zh)
                + (as_typed(t(" --year YEAR", " --year 年份")) if each.takes_year else ""),
                str(each.title).replace("{year}", t("a year", "某")),
            )
            for each in listed
        ],
    )


def _checks(
    app: AppContext, statement: "Statement", found: "tuple[Blocker, ...]", *, is_past: bool
) -> "tuple[Concern, ...]":
    """Return what the ledger was searched for; for a past day only what its figures rest on as well."""
    from engine.operations.zero.record_checks import concerns, of_the_day, whole

    ledger = app.acting.ledger  # whole, though what the officer reads may be narrowed: else nothing is checked
    if not is_past:
        return _veiled(app, concerns(ledger, statement, found, now=app.now))
    return _veiled(app, (*whole(ledger, now=app.now), *of_the_day(ledger, statement)))


def _veiled(app: AppContext, checks: "tuple[Concern, ...]") -> "tuple[Concern, ...]":
    """Return what was found without the numbers of cases that the officer may not read."""
    from dataclasses import replace

    from engine.operations.ledger.need_to_know import veiled

    if app.reader.sees_everything:
        return checks
    return tuple(replace(each, found=tuple(veiled(app.reader, said) for said in each.found)) for each in checks)


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
    from commands.shared.journal_notes import checkpoint_after
    from commands.zero.freezing import freeze_into

    folder = output or Path()
    stem = f"zero-{campaign.name}" + (f"-{campaign.year}" if campaign.year else "")
    stem += f"-to-{campaign.received_to}" if campaign.declared_to else ""
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
    checkpoint_after(app.acting, app.database)
    return statement, found


def _as_sure(statement: "Statement", checks: "tuple[Concern, ...]") -> "Statement":
    """Return the statement with no more said of it than was looked for."""
    if not checks:
        return statement.unchecked()
    return statement.doubted() if is_broken(checks) else statement


def _leave(app: AppContext, statement: "Statement", checks: "tuple[Concern, ...]") -> None:
    """Leave with exit code 0 only at zero, and never while the figures cannot be trusted or nothing was checked.

    Args:
        checks: What was looked for; nothing if the checks were left out.

    Raises:
        NotZeroError: If it is not zero, or nobody looked.
    """
    from engine.operations.zero.left_scope import SENTENCE

    refuse_broken(checks)
    if statement.verdict is Verdict.UNCHECKED:
        refuse_part(app)
        raise NotZeroError(
            Text(
                "the checks were left out (--quick), so this is no finding of zero",
                "未做核查（--quick），不能据此认定清零",
            )
        )
    if statement.verdict is Verdict.ZERO:
        return
    if statement.verdict is Verdict.LATE:
        raise ClearedLateError(
            Text(
                "{verdict}: {late} of {scope} were cleared after their day, the latest by {days} days",
                "{verdict}：{scope} 件中有 {late} 件逾期清零，最长逾期 {days} 天",
            ).format(
                verdict=VERDICT_TITLES[Verdict.LATE],
                late=statement.total.overdue,
                scope=statement.total.scope,
                days=max(each.days for each in statement.overdue),
            )
        )
    # Before the empty scope: one from which all cases were taken is not empty but altered.
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
