"""The officer's own password, typed again where a log-in alone must not be enough."""

from socket import gethostname

from commands.console.context import AppContext
from commands.console.environment import system_account
from commands.console.output import can_ask
from commands.shared.secrets_given import password_given
from engine.language import t


def confirm(app: AppContext, code: str, file: str | None) -> None:
    """Let the officer who acts type the password again, where that is asked before something is given to an officer.

    Args:
        code: To whom something is given.
        file: Where the password stands; None: it is asked for.

    Raises:
        BadFileError: If the file cannot be read.
        RefusedError: If it is wrong or missing, or one must wait.
    """
    from engine.operations.identity.credentials import must_confirm, refuse_left_open
    from engine.operations.identity.passkeys import confirmed
    from engine.operations.identity.showing import act_as

    acting = app.acting
    if not must_confirm(acting, code):
        return
    if file is None and not can_ask():
        refuse_left_open(acting, code)
    given = password_given(file, t("Your present password (not shown)", "本人现用口令（不显示）"))
    source = f"{system_account()}@{gethostname()}"
    act_as(acting.ledger, confirmed(acting.ledger, code, given, source=source, now=app.clock_now))
