"""`qingling pause` and `qingling resume`: stop a deadline's clock, and let it run again."""

from datetime import date
from typing import Final

from commands.console.bilingual import command, option, pass_app
from commands.console.context import AppContext
from commands.console.output import talk
from commands.shared.insisting import insist_option, looked_through
from commands.shared.parameters import case_number, deadline_name, reason_option
from engine.language import Text, t
from presentation.deadline_view import deadline_called, due_words

since_option: Final = option(
    "--since", metavar="DATE", en="From which day on, if it began earlier.", zh="起始日（补记时）。"
)


@command(
    "pause",
    en="Stop a deadline's clock, with a reason. It reminds nobody meanwhile, and the time does not count. Dated back "
    "with --since, it is marked so.",
    zh="暂停期限计时，须写明理由。暂停期间不计时、不提醒。用 --since 补记的会注明。",
    example=Text(
        'qingling pause 0101-XS-2019-0001 disposal --reason "waits for the court"',
        "qingling pause 0101-XS-2019-0001 处置期限 --reason 等待法院裁判",
    ),
)
@case_number
@deadline_name
@reason_option
@insist_option
@since_option
@pass_app
def pause(app: AppContext, number: str, name: str | None, reason: str, since: str | None) -> None:
    """Pause one deadline."""
    from engine.operations.deadlines.timing import pause as operation

    ledger = app.ledger_read
    clock = operation(
        looked_through(app, reason=reason),
        number,
        deadline_called(ledger, number, name),
        reason=reason,
        since=_day(app, since),
    )
    title = ledger.rules_of(ledger.case(number)).workflow.deadlines[clock.name].title
    talk(t("{number}: {title} is paused", "{number}：{title}已暂停", number=number, title=title))


@command(
    "resume",
    en="Let a paused clock run again. Its due date moves by what the pause took.",
    zh="恢复计时。到期日按暂停的时间顺延。",
    example=Text(
        'qingling resume 0101-XS-2019-0004 --reason "the court has answered"',
        "qingling resume 0101-XS-2019-0004 --reason 法院已作裁判",
    ),
)
@case_number
@deadline_name
@reason_option
@insist_option
@since_option
@pass_app
def resume(app: AppContext, number: str, name: str | None, reason: str, since: str | None) -> None:
    """Resume one deadline."""
    from engine.operations.deadlines.timing import resume as operation

    ledger = app.ledger_read
    clock = operation(
        looked_through(app, reason=reason),
        number,
        deadline_called(ledger, number, name),
        reason=reason,
        since=_day(app, since),
    )
    title = ledger.rules_of(ledger.case(number)).workflow.deadlines[clock.name].title
    talk(
        t(
            "{number}: {title} runs again and is due on {due}, first due {first}",
            "{number}：{title}恢复计时，{due} 到期，原期限 {first}",
            number=number,
            title=title,
            due=due_words(ledger, clock),
            first=clock.original_due_on,
        )
    )


def _day(app: AppContext, words: str | None) -> date | None:
    """Return the day that was typed, if any."""
    from engine.working_days.loose_dates import day_meant

    return None if words is None else day_meant(words, today=app.acting.today)
