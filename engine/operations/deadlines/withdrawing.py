"""An extension is withdrawn: the deadline is due as it was without it, and may be late at once."""

from engine.deadlines.clock import Clock, recomputed
from engine.errors import RefusedError
from engine.journal.case_events import ExtensionWithdrawn
from engine.language import Text
from engine.operations.cases.commit import counts_from
from engine.operations.deadlines.timing import running_clock, write_clock
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.reasons import reason_given
from engine.rules.refusals import without_role


def withdraw(acting: Acting, number: str, name: str | None, *, reason: str, dry_run: bool = False) -> Clock:
    """Withdraw the newest extension of a deadline, and return it with its date without it.

    What was late before the extension stays on record; a day without it that is past makes it late since then.

    Args:
        name: The declared deadline; None if only one is running.

    Raises:
        RefusedError: If it was not extended, or the officer may not withdraw; every reason is named.
        BadValueError: If there is no reason.
        NotFoundError: If there is no such case or deadline.
    """
    ledger = acting.ledger
    case, declared, clock = running_clock(ledger, number, name)
    acting.refuse_overtaken(case)
    wanted = declared.extend.withdraw_by if declared.extend is not None else ()
    actor = acting.actor(case.unit_id)
    reasons = []
    if not wanted:
        reasons.append(Text("its workflow lets nobody withdraw one", "流程未规定可以撤回"))
    elif actor.roles.isdisjoint(wanted):
        reasons.append(without_role(actor, wanted, case.unit))
    if not clock.extensions:
        reasons.append(Text("it was not extended", "该期限未曾延期"))
    if reasons:
        title = Text("an extension of '{name}' of {number} is not withdrawn", "{number} 的{title}延期不能撤回").format(
            name=declared.name, title=declared.title, number=number
        )
        raise RefusedError(title, reasons)
    why = reason_given(reason)
    after = recomputed(
        ledger.rules_of(case).workflow,
        declared,
        clock._replace(extensions=clock.extensions[:-1]),
        counts_from(ledger, case, case.fields),
        calendar=ledger.calendar_of(case.unit_id),
        now_at=acting.now_at,
        before=clock,
    )
    if not dry_run:
        write_clock(acting, case, after, ExtensionWithdrawn(deadline=clock.name, was_due_on=clock.due_on, reason=why))
    return after
