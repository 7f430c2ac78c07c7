"""Whether the figures may be trusted: not while the journal does not hold."""

from typing import TYPE_CHECKING

from commands.console.output import say
from engine.errors import NotZeroError
from engine.language import Text, t

if TYPE_CHECKING:
    from commands.console.context import AppContext
    from engine.operations.zero.record_checks import Concern


def is_broken(checks: "tuple[Concern, ...]") -> bool:
    """Say whether the journal was found not to hold."""
    return any(each.is_grave and each.name == "journal" for each in checks)


def refuse_broken(checks: "tuple[Concern, ...]") -> None:
    """Leave with 30 if the journal was found not to hold.

    Raises:
        NotZeroError: If so.
    """
    if is_broken(checks):
        raise NotZeroError(
            Text(
                "the journal does not hold; the figures cannot be trusted, see: qingling journal verify",
                "日志校验不符，数字不可信；请查看：qingling journal verify",
            )
        )


def sees_whole(app: "AppContext") -> bool:
    """Say whether the officer who reads sees the whole ledger: of a part nobody can say that nothing is missing.

    On a server the database must show it to the log-in as well.
    """
    return app.reader.reads_all and app.ledger.store.sees_all


def refuse_part(app: "AppContext") -> None:
    """Leave with 30 if only a part of the ledger was seen, so that nothing was checked.

    Raises:
        NotZeroError: If so.
    """
    if not sees_whole(app):
        raise NotZeroError(
            Text(
                "you may read only a part of the ledger, so it was not checked, and this is no finding of zero",
                "本人只能查阅部分台账，未作核查，不能据此认定清零",
            )
        )


def say_trust(app: "AppContext") -> None:
    """Say in two lines when all tables were last compared with the journal, and how far checkpoints cover it."""
    from commands.shared.journal_notes import coverage_words
    from engine.operations.house.checkpoints import coverage
    from engine.operations.house.verifying import compared_at, compared_days
    from engine.working_days.instants import microseconds
    from presentation.case_view import when

    at = compared_at(app.ledger)
    days = None if at is None else (microseconds(app.now) - at) // (86_400 * 1_000_000)
    if at is None or days is None or not 0 <= days <= compared_days(app.ledger):
        say(t("all tables were compared with the journal just now", "刚刚已全表核对日志"))
    else:
        say(
            t(
                "all tables were compared with the journal on {at}, {days} days ago; what is newer, just now",
                "已于 {at} 全表核对日志（{days} 天前）；其后内容刚刚核对",
                at=when(app.ledger, at),
                days=days,
            )
        )
    say(coverage_words(app.ledger, coverage(app.ledger)))
