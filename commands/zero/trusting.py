"""Whether the figures may be trusted: not while the journal does not hold."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from commands.console.output import say
from engine.errors import DatabaseError, NotAllowedError, NotZeroError, QinglingError
from engine.language import Text, t

if TYPE_CHECKING:
    from commands.console.context import AppContext
    from engine.operations.zero.record_checks import Concern

_BROKEN: Final = Text(
    "the journal does not hold; the figures cannot be trusted, see: qingling journal verify",
    "日志校验不符，数字不可信；请查看：qingling journal verify",
)


def is_broken(checks: "tuple[Concern, ...]") -> bool:
    """Say whether the journal was found not to hold, or counted cases wrong on that day."""
    return any(each.is_grave and each.name in {"journal", "counted_wrong"} for each in checks)


def refuse_broken(checks: "tuple[Concern, ...]") -> None:
    """Leave with 30 if the journal was found not to hold, or counted cases wrong on that day.

    Raises:
        NotZeroError: If so.
    """
    wrong = [number for each in checks if each.name == "counted_wrong" for number in each.found]
    if wrong:
        from engine.operations.zero.counted_wrong import says

        raise NotZeroError(says(wrong))
    if is_broken(checks):
        raise NotZeroError(_BROKEN)


@contextmanager
def refusing_damage(app: "AppContext") -> Iterator[None]:
    """Leave with 30 if what is read within the block makes no sense since it was altered, as verifying finds then.

    Values of a wrong type that were written past the program break the reading before anything was checked.

    Raises:
        NotZeroError: If so.
    """
    try:
        yield
    except (TypeError, ValueError, LookupError, AttributeError, DatabaseError) as error:
        if isinstance(error, NotAllowedError) or not _is_altered(app):
            raise
        raise NotZeroError(_BROKEN) from error


def _is_altered(app: "AppContext") -> bool:
    """Say whether all tables do not agree with the journal; also if they make no sense to what compares them."""
    from engine.operations.house.verifying import verification

    try:
        return app.ledger.store.sees_all and bool(verification(app.acting.ledger, whole=True).breaks)
    except QinglingError:  # of the database as a whole: that is said instead
        return False
    except (TypeError, ValueError, LookupError, AttributeError):
        return True


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
