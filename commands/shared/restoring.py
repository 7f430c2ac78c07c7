"""Who may bring a ledger to another place, and by whose roles that is judged."""

from typing import TYPE_CHECKING

from commands.console.context import AppContext
from commands.shared.secrets_given import password_given
from engine.errors import BadValueError, RefusedError
from engine.language import t

if TYPE_CHECKING:
    from datetime import datetime

    from engine.operations.ledger.adopted import AdoptedTexts
    from engine.operations.ledger.ledger import Ledger
    from engine.workflow.registry import Workflows


def who_restores(
    app: AppContext, clock: "datetime", password_file: str | None, ledger: "Ledger", is_backup: bool
) -> str:
    """Return the code of who restores, known as the ledger that is asked demands it.

    Where only the backup can be asked, nobody can log in first: the password that stands in it is asked for. Who has
    none there, nor a key, is taken at their word: a house that has lost its machine must be able to go on.

    Args:
        clock: The clock's aware instant.

    Raises:
        BadValueError: If nobody was named, and the ledger names nobody.
        NotFoundError: If no registered officer has that code.
        RefusedError: If they are known by less than is demanded, or the password is wrong.
    """
    from commands.console.who_acts import officer_shown
    from engine.operations.house.directory import officer_called
    from engine.operations.identity.credentials import credentials
    from engine.operations.identity.logging_in import log_in
    from engine.operations.identity.showing import act_as
    from engine.operations.identity.ways import KEY, PASSWORD
    from engine.operations.ledger.demands import demanded_of, refuse_unproven
    from engine.operations.ledger.evidence import Evidence
    from engine.workflow.proofs import Proof

    named = app.officer_named
    try:
        return officer_shown(ledger, named, database=app.database, now=clock)
    except BadValueError:
        own = ledger.settings.get("officer")
        if named is not None or not own:
            raise
        named = str(own)
    except RefusedError:
        if not is_backup or named is None:
            raise
    code = officer_called(ledger, named)
    ways = {each.way for each in credentials(ledger, code) if each.ended_at is None} if is_backup else {PASSWORD}
    if is_backup and PASSWORD in ways and demanded_of(ledger, code):
        words = t("Password of {who} in the backup (not shown)", "{who} 在备份中的口令（不显示）", who=code)
        _, seq = log_in(ledger, code, lambda: password_given(password_file, words), source="restore", now=clock)
        act_as(ledger, Evidence(code, Proof.SESSION, seq))
    if ways & {PASSWORD, KEY}:
        refuse_unproven(ledger, code)
    return code


def judges(adopted: "AdoptedTexts") -> "Workflows":
    """Return whose roles say who may restore: those that were adopted, the program's in what is older than that."""
    from engine.workflow.texts import TextKind
    from workflows.adopted_book import AdoptedDeclarations
    from workflows.loader import Declarations

    return AdoptedDeclarations(adopted) if adopted.newest(TextKind.LIST) else Declarations()
