"""How a command shows something of the ledger: it asks first, what was read is written down, and then it shows it.

Everything that reads goes through here: `case_read` for one case, `View` for lists and sums.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from commands.console.context import AppContext
from commands.console.hushing import unnamed, unnumbered
from commands.console.output import talk
from engine.errors import BadValueError, NotFoundError, RefusedError
from engine.language import Text
from engine.rules.reading_rights import Deed

if TYPE_CHECKING:
    from engine.operations.ledger.ledger import Ledger

WAY = "cli"
"""How the access log says that something was read at the command line."""


class View:
    """The ledger as the officer who reads may see it, and how to say that something of it was shown."""

    def __init__(self, app: AppContext, deed: Deed, ledger: "Ledger", limits: Text | None) -> None:
        self.ledger = ledger
        self.limits = limits
        """To what everything in it is limited; None if to nothing."""
        self._app, self._deed = app, deed

    def shown(self, numbers: Iterable[str] | None = None, /, **asked: object) -> None:
        """Write down what is about to be shown, before it is; without that nothing is shown.

        Args:
            numbers: Those of the cases, as far as they are known by now.
            asked: What was asked for; what is None is left out.

        Raises:
            DatabaseError: If it cannot be written down.
        """
        if numbers is not None:
            from engine.operations.ledger.need_to_know import digest_of

            listed = list(numbers)
            asked |= {"count": len(listed), "digest": digest_of(listed)}
        write_down(self._app, self._deed, "", "shown", **asked)

    def say_limits(self) -> None:
        """Say below a list or sum to what it was limited."""
        if self.limits is not None:
            talk(self.limits)


@contextmanager
def viewing(app: AppContext, deed: Deed, **asked: object) -> Iterator[View]:
    """Lend the ledger as the officer who reads may see it; within the block it is `app.ledger` as well.

    Args:
        asked: What was asked for, to be written down if it is refused.

    Raises:
        BadValueError: If nobody was named.
        NotFoundError: If no registered officer has that code.
        RefusedError: If the officer has left, or may not do it at all.
        DatabaseError: If the refusal cannot be written down.
    """
    from engine.operations.ledger.need_to_know import ledger_seen_by, limits

    may_do(app, deed, **asked)
    ledger = ledger_seen_by(app.ledger, app.reader, deed)
    said = limits(app.ledger, app.reader, deed)
    try:
        with app.narrowed(ledger):
            yield View(app, deed, ledger, said)
    finally:
        if ledger is not app.ledger:
            ledger.close()


def may_do(app: AppContext, deed: Deed, **asked: object) -> None:
    """Refuse a deed that the officer who reads may not do at all, and write that down.

    Raises:
        QinglingError: As for `viewing`.
    """
    from engine.operations.ledger.need_to_know import refuse_unless_may

    try:
        refuse_unless_may(app.ledger, app.reader, deed)
    except (BadValueError, NotFoundError, RefusedError):
        write_down(app, deed, "", "refused", **asked)
        raise


def case_read(app: AppContext, deed: Deed, number: str, **asked: object) -> "Ledger":
    """Return the ledger for showing something of one case; that it was asked for is written down.

    Raises:
        NotFoundError: If there is no such case, or none that the officer may read.
        BadValueError: If nobody was named.
        RefusedError: If the officer has left.
        DatabaseError: If it cannot be written down.
    """
    from engine.operations.ledger.need_to_know import refuse_unless_may

    try:
        ledger = app.ledger_read
        refuse_unless_may(ledger, app.reader, deed)
        number = ledger.case(number).number
    except (BadValueError, NotFoundError, RefusedError):
        write_down(app, deed, number, "refused", **asked)
        raise
    write_down(app, deed, number, "shown", **asked)
    return ledger


def write_down(app: AppContext, deed: Deed, subject: str, answer: str, **asked: object) -> None:
    """Write a row of the access log.

    Args:
        subject: Number of a case, as it was typed; empty for what is about several.
        answer: shown or refused.
        asked: What else was asked; what is None or not set is left out.

    Raises:
        DatabaseError: If it cannot be written.
    """
    from engine.operations.ledger.need_to_know import log_of
    from engine.working_days.instants import microseconds

    code = unnamed(app.officer_named or "")
    with suppress(BadValueError, NotFoundError, RefusedError):
        code = app.reader.code
    log = log_of(app.ledger)  # beside the ledger, whatever of that is seen
    try:
        log.append(
            at=microseconds(app.clock_now),
            officer=code,
            way=WAY,
            deed=deed,
            subject=unnamed(subject),
            answer=answer,
            asked={
                name: unnumbered(value) if isinstance(value, str) else value
                for name, value in asked.items()
                if value not in (None, False)
            },
        )
    finally:
        log.close()
