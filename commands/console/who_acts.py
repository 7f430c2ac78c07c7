"""Who acts in a run, and how that is known: what was typed, the log-in that this machine keeps, its account, a key."""

from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from commands.console.environment import (
    OFFICER,
    SESSION,
    SIGNING_KEY,
    SIGNING_PASSPHRASE,
    path_variable,
    state_folder,
    system_account,
    variable,
)
from engine.errors import BadFileError, BadValueError, system_reason
from engine.language import Text, t

if TYPE_CHECKING:
    from datetime import datetime

    from engine.journal.signing import SigningKey
    from engine.operations.ledger.ledger import Ledger


def officer_shown(ledger: "Ledger", named: str | None, *, database: str, now: "datetime") -> str:
    """Return the code of the officer who acts, and let the ledger know how that is known.

    Args:
        named: Who was named for this run, by code or name.
        database: Path of the file, or address of the server, as it was given.
        now: The clock's aware instant.

    Raises:
        BadFileError: If the signing key cannot be read.
        BadValueError: If nobody was named and nothing shows who it is, or several are called so.
        RefusedError: If the officer is known by less than is demanded, or the signing key is not theirs.
    """
    from engine.operations.house.directory import officer_called
    from engine.operations.identity.showing import act_as, evidence_of
    from engine.operations.ledger.demands import refuse_unproven
    from engine.operations.ledger.need_to_know import the_only_officer

    code = None if named is None else officer_called(ledger, named)
    evidence = evidence_of(
        ledger,
        named=code,
        held=held_for(database),
        account=system_account(),
        key=_signing_key(),
        now=now,
    )
    if evidence is not None:
        act_as(ledger, evidence)
        code = evidence.officer
    elif code is None:
        code = the_only_officer(ledger)
    if not code:
        raise BadValueError(
            Text(
                f"say who acts: log in (qingling login), or --by OFFICER, or set {OFFICER}",
                f"请说明以谁的名义办理：先登录（qingling login），或 --by 人员，或设置 {OFFICER}",
            )
        )
    refuse_unproven(ledger, code)
    return code


def session_file(database: str) -> Path:
    """Return the file in which this machine keeps the log-in to a ledger.

    Raises:
        BadValueError: If nobody here has a home folder, and no file was named.
    """
    named = path_variable(SESSION)
    if named is not None:
        return named.absolute()
    folder = state_folder()
    if folder is None:
        raise BadValueError(
            Text(f"say where the log-in is to be kept: {SESSION}", f"请用 {SESSION} 指明登录信息存放文件")
        )
    place = database if "://" in database else str(Path(database).absolute())
    return folder / f"session-{sha256(place.encode()).hexdigest()[:16]}"


def held_for(database: str) -> str:
    """Return what this machine keeps of a log-in to a ledger; empty if nothing that can be read."""
    try:
        return session_file(database).read_text("ascii").strip()
    except (OSError, UnicodeError, BadValueError):
        return ""


def keep(database: str, held: str) -> None:
    """Keep a log-in in a file that only its owner can read.

    Raises:
        BadFileError: If it cannot be written.
    """
    from engine.system.whole_files import written

    place = session_file(database)
    try:
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with written(place) as file:
            file.write_text(held + "\n", "ascii")
    except OSError as error:
        raise BadFileError(
            Text(
                f"{place} cannot be written ({system_reason(error).en})",
                f"无法写入 {place}（{system_reason(error).zh}）",
            )
        ) from error


def let_go(database: str) -> None:
    """Keep no log-in to a ledger any more."""
    session_file(database).unlink(missing_ok=True)


def locked_key() -> bytes | None:
    """Return the content of the file of the officer's signing key; None if none was named.

    Raises:
        BadFileError: If it cannot be read.
    """
    place = path_variable(SIGNING_KEY)
    if place is None:
        return None
    try:
        return place.read_bytes()
    except OSError as error:
        raise BadFileError(
            Text(
                f"the signing key {place} cannot be read ({system_reason(error).en})",
                f"无法读取签名密钥 {place}（{system_reason(error).zh}）",
            )
        ) from error


def _signing_key() -> "SigningKey | None":
    """Return the officer's key, if a file of one was named: from the agent that holds it, else unlocked for this run.

    Raises:
        BadFileError: If it cannot be read.
        BadValueError: If there is no passphrase.
        RefusedError: If the passphrase is wrong, or it is no such file.
    """
    locked = locked_key()
    if locked is None:
        return None
    from commands.console.key_agent import unlocked
    from engine.journal.signing import signing_key, unlock_key

    return unlocked(locked) or signing_key(unlock_key(locked, key_passphrase()))


def key_passphrase() -> str:
    """Return the passphrase of the signing key: from the environment, or asked for.

    Raises:
        BadValueError: If there is none.
    """
    from commands.console.output import can_ask
    from commands.console.prompts import ask_secret

    if variable(SIGNING_PASSPHRASE):
        return variable(SIGNING_PASSPHRASE)
    if can_ask():
        return ask_secret(t("Passphrase of your signing key (not shown)", "签名密钥口令（不显示）"))
    raise BadValueError(
        Text(
            f"the passphrase of the signing key is missing: qingling credential unlock, or {SIGNING_PASSPHRASE}",
            f"缺少签名密钥口令：请运行 qingling credential unlock，或设置 {SIGNING_PASSPHRASE}",
        )
    )
