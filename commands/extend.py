"""`qingling extend`: extend a deadline, as the rules allow it."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from commands.console.bilingual import command, json_option, option, pass_as
from commands.console.context import AppContext
from commands.console.output import print_json, say, talk
from commands.shared.asked_signer import AskedSigner, page_of, say_asked, signing_options
from commands.shared.insisting import insist_option, looked_through
from commands.shared.parameters import case_number, deadline_name
from engine.errors import BadValueError
from engine.language import Text, t
from presentation.deadline_view import deadline_called

if TYPE_CHECKING:
    from engine.deadlines.clock import Clock
    from engine.operations.cases.signatures import Page, StandingSignature
    from engine.operations.ledger.acting import Acting
    from engine.workflow.deadline import Term


@dataclass(frozen=True, kw_only=True, slots=True)
class ExtensionRequest:
    """What was asked for, as it was typed."""

    number: str
    name: str | None
    length: str | None
    until: str | None
    reason: str
    signed_by: str
    filed_on: str | None
    exception: bool
    withdraw: bool
    dry_run: bool
    as_json: bool
    ask: str | None
    paper: Path | None
    on: str | None


@command(
    "extend",
    en="Extend a deadline. It is asked for before the due day is over, with reason, day of filing and the signature "
    "that its workflow demands (--ask), and by one month at most; more, or once more, is an exception for those who "
    "may. The first date stays on record.",
    zh="延长期限。须在到期日结束前申请，写明理由和备案日期，并按流程经领导签字（--ask），一般不超过一个月；"
    "更长或再次延期属例外，须由有权人员办理。原期限保留。",
    example=Text(
        'qingling extend 0101-XS-2019-0003 verification --for "1 month" \\\n'
        '  --reason "witness abroad" --signed-by li --filed-on 2019-07-01',
        "qingling extend 0101-XS-2019-0003 核查期限 --for 1个月 \\\n"
        "  --reason 证人在外地 --signed-by 李某 --filed-on 2019-07-01",
    ),
)
@case_number
@deadline_name
@option(
    "--for",
    "length",
    metavar="TEXT",
    en='By how much, such as "1 month" or "10 working_days".',
    zh="延长多久，如“1个月”“10个工作日”。",
)
@option("--until", metavar="DATE", en="To which day, instead of --for.", zh="延至何日（代替 --for）。")
@option("--reason", default="", en="Why; left out, as it was signed.", zh="理由；不写则以所签理由为准。")
@signing_options
@insist_option
@option(
    "--signed-by",
    metavar="OFFICER",
    default="",
    en="Who signed it, where names are typed; elsewhere it is asked for (--ask).",
    zh="签批人（仅限自报姓名的台账）；其他台账须提请本人签字（--ask）。",
)
@option("--filed-on", metavar="DATE", en="Day of filing with the discipline committee.", zh="备案日期。")
@option(
    "--exception",
    is_flag=True,
    en="Go beyond the cap or the number of times, if you may.",
    zh="超出上限或次数的例外延期（须有权限）。",
)
@option(
    "--withdraw",
    is_flag=True,
    en="Withdraw the newest extension, with a reason: it is due as without it.",
    zh="撤回最近一次延期，须写明理由；到期日恢复为未延期时的日期。",
)
@option("--dry-run", is_flag=True, en="Show the new date without writing it.", zh="只显示新期限，不写入。")
@json_option
@pass_as(ExtensionRequest)
def extend(app: AppContext, asked: ExtensionRequest) -> None:
    """Extend one deadline."""
    from engine.operations.deadlines.extending import extend as operation
    from engine.working_days.loose_dates import day_meant
    from presentation.case_deadlines import deadline_json
    from presentation.signature_view import standing_json

    ledger, number = app.ledger_read, asked.number
    acting, name = looked_through(app, reason=asked.reason), deadline_called(ledger, number, asked.name)
    signer = AskedSigner(ask=asked.ask, paper=asked.paper, on=asked.on)
    page = page_of(app, signer)
    if asked.ask is not None:
        standing = _ask(acting, name, asked, page)
        if asked.as_json:
            print_json(standing_json(number, standing))
        say_asked(number, signer)
        return
    if asked.withdraw:
        after = _withdrawn(acting, name, asked)
    else:
        after = operation(
            acting,
            number,
            name,
            length=_length(asked.length, asked.until, today=acting.today),
            reason=asked.reason,
            signed_by=asked.signed_by,
            filed_on=None if asked.filed_on is None else day_meant(asked.filed_on, today=acting.today),
            exception=asked.exception,
            dry_run=asked.dry_run,
        )
    if asked.as_json:
        print_json(
            {
                "number": number,
                "applied": not asked.dry_run,
                **deadline_json(ledger, ledger.case(number), after, now=app.now),
            }
        )
        return
    say(after.due_on)
    title = ledger.rules_of(ledger.case(number)).workflow.deadlines[after.name].title
    words = t("{number}: {title} is due on {due}, first due {first}", "{number}：{title}延至 {due}，原期限 {first}",
              number=number, title=title, due=after.due_on, first=after.original_due_on)  # fmt: skip
    if after.provisional:
        words += t(
            "; provisional: the calendar of a year it needs is not published yet", "；暂估：所需年度的日历尚未公布"
        )
    talk(
        words
        + (
            t(" (dry run: nothing was written; leave out --dry-run)", "（试算，未写入；去掉 --dry-run 即办理）")
            if asked.dry_run
            else ""
        )
    )


def _ask(
    acting: "Acting", name: str | None, asked: ExtensionRequest, page: "tuple[Page, Path] | None"
) -> "StandingSignature":
    """Ask for the signature under an extension, or enter it from paper; return it as it stands then.

    Raises:
        BadValueError: If something is said that is not signed.
    """
    from engine.operations.deadlines.extending import ask_extension

    assert asked.ask is not None, "asked by who calls"
    if asked.withdraw or asked.signed_by or asked.filed_on or asked.dry_run:
        raise BadValueError(
            Text(
                "--ask goes with --for or --until, --reason and --exception alone",
                "--ask 只与 --for 或 --until、--reason、--exception 同用",
            )
        )
    length = _length(asked.length, asked.until, today=acting.today)
    return ask_extension(
        acting, asked.number, name, asked.ask, length=length, reason=asked.reason, exception=asked.exception, page=page
    )


def _withdrawn(acting: "Acting", name: str | None, asked: ExtensionRequest) -> "Clock":
    """Withdraw the newest extension.

    Raises:
        BadValueError: If something is said of an extension as well.
    """
    from engine.operations.deadlines.withdrawing import withdraw

    if asked.length or asked.until or asked.signed_by or asked.filed_on or asked.exception:
        raise BadValueError(Text("--withdraw goes with --reason alone", "--withdraw 只与 --reason 同用"))
    return withdraw(acting, asked.number, name, reason=asked.reason, dry_run=asked.dry_run)


def _length(length: str | None, until: str | None, *, today: date) -> "Term | date | None":
    """Return by how much or until when; None if neither is given.

    Raises:
        BadValueError: If both are given, or it cannot be read.
    """
    from engine.operations.deadlines.extending import NO_LENGTH
    from engine.workflow.deadline import Term, TermUnit
    from engine.working_days.dates import read_length
    from engine.working_days.loose_dates import day_meant

    if length is not None and until is not None:
        raise BadValueError(NO_LENGTH)
    if until is not None:
        return day_meant(until, today=today, due=True)
    if length is None:
        return None
    amount, unit = read_length(length)
    if not isinstance(amount, int):
        raise BadValueError(Text(f"--for {length}: write a whole number", f"--for {length}：请写整数"))
    return Term(amount=amount, unit=TermUnit(unit))
