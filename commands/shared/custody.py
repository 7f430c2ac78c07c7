"""The custodian's key file and passphrase: where they come from; neither is ever printed."""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from os.path import lexists
from pathlib import Path
from typing import TYPE_CHECKING

from commands.console.bilingual import F, option
from commands.console.context import beside
from commands.console.environment import KEY_FILE, PASSPHRASE, path_given, path_variable, variable
from commands.console.output import can_ask
from commands.console.prompts import ask_secret, ask_until_good
from engine.errors import BadFileError, BadValueError, system_reason, unreadable
from engine.language import Text, t
from engine.operations.identity.passphrases import refuse_guessable
from engine.system.secrecy import leave_no_image
from engine.system.whole_files import written

if TYPE_CHECKING:
    from engine.journal.sealing import PublicKey


def key_options(function: F) -> F:
    """Add `--key-file` and `--passphrase-file`."""
    function = option(
        "--passphrase-file",
        metavar="FILE",
        en="Read the custodian's passphrase from the first line of a file (QINGLING_PASSPHRASE holds it too).",
        zh="从文件首行读取保管人口令（也可用 QINGLING_PASSPHRASE）。",
    )(function)
    return option(
        "--key-file",
        metavar="FILE",
        en="The custodian's key file (QINGLING_KEY_FILE; else beside the database). Keep it apart.",
        zh="保管人密钥文件（QINGLING_KEY_FILE；否则在数据库旁）。请另行保管。",
    )(function)


def passphrase_option(function: F) -> F:
    """Add `--passphrase-file` for the key of backups."""
    return option(
        "--passphrase-file",
        metavar="FILE",
        en="Read the passphrase of the key of backups from the first line of a file.",
        zh="从文件首行读取备份密钥的口令。",
    )(function)


def backup_passphrase(file: str | None, *, new: bool = False, known: Iterable[str] = ()) -> str:
    """Return the passphrase of the key of backups: from the file, or asked for (a new one twice).

    Args:
        known: Names that one who guesses a new one knows.

    Raises:
        BadFileError: If the file cannot be read.
        BadValueError: If there is none, or a new one is too easily guessed.
    """
    if file is None and not can_ask():
        raise BadValueError(
            Text(
                "the passphrase of the key of backups is missing: --passphrase-file FILE",
                "缺少备份密钥的口令：--passphrase-file 文件",
            )
        )
    asked = t("Passphrase of the key of backups (not shown)", "备份密钥的口令（不显示）")
    found = first_line(file) if file is not None else ask_secret(asked, twice=new)
    if new:
        refuse_guessable(found, known)
    return found


def known_key_path(database: str) -> Path | None:
    """Return where the custodian's key lies unless another place is named; None if that is not known."""
    named = path_variable(KEY_FILE)
    return named.absolute() if named else beside(database, "custodian.key")


def key_path(given: str | None, database: str) -> Path:
    """Return where the custodian's key lies.

    Raises:
        BadValueError: If the database is a server's and no place was named.
    """
    place = path_given(given).absolute() if given else known_key_path(database)
    if place is None:
        raise BadValueError(
            Text(
                f"say where the custodian's key lies: --key-file, or {KEY_FILE}",
                f"请指明保管人密钥文件：--key-file 或 {KEY_FILE}",
            )
        )
    return place


def read_key(place: Path) -> bytes:
    """Return the content of the key file.

    Raises:
        BadFileError: If it cannot be read.
    """
    try:
        return place.read_bytes()
    except OSError as error:
        raise BadFileError(
            Text(
                f"the custodian's key {place} cannot be read ({system_reason(error).en}); name it with --key-file",
                f"无法读取保管人密钥 {place}（{system_reason(error).zh}）；请用 --key-file 指明",
            )
        ) from error


def write_key(place: Path, locked: bytes) -> None:
    """Write a new key file that only its owner can read; never over another one.

    Raises:
        BadFileError: If there is one already, or it cannot be written.
    """
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with written(place, replace=False) as file:
            file.write_bytes(locked)
    except FileExistsError as error:
        raise _taken(place) from error
    except OSError as error:
        raise BadFileError(
            Text(
                f"{place} cannot be written ({system_reason(error).en})",
                f"无法写入 {place}（{system_reason(error).zh}）",
            )
        ) from error


@contextmanager
def new_key(place: Path, passphrase_file: str | None, *, known: Iterable[str]) -> Iterator["PublicKey"]:
    """Write a new key file and lend its public half; the file goes again if what is done with it fails.

    Args:
        known: Names that one who guesses the passphrase knows.

    Raises:
        BadFileError: If there is a file already, or it cannot be written.
        BadValueError: If there is no passphrase, or it is too easily guessed.
    """
    from engine.journal.sealing import make_keys

    refuse_taken(place)
    public, locked = make_keys(passphrase_given(passphrase_file, new=True, known=known))
    write_key(place, locked)
    try:
        yield public
    except BaseException:
        place.unlink()
        raise


def refuse_taken(place: Path) -> None:
    """Refuse a place for a new key where a file lies already, before a passphrase is asked for.

    Raises:
        BadFileError: If so.
    """
    if lexists(place):
        raise _taken(place)


def passphrase_given(file: str | None, *, new: bool = False, known: Iterable[str] = ()) -> str:
    """Return the custodian's passphrase: from the file, the environment, or asked for (a new one twice).

    Args:
        known: Names that one who guesses a new one knows.

    Raises:
        BadFileError: If the file cannot be read.
        BadValueError: If there is none, or a new one is too easily guessed.
    """
    if file is not None:
        found = first_line(file)
    elif variable(PASSPHRASE):
        found = variable(PASSPHRASE)
    elif can_ask():
        words = t("Custodian's passphrase (not shown)", "保管人口令（不显示）")
        if not new:
            return ask_secret(words)
        names = tuple(known)
        return ask_until_good(lambda: ask_secret(words, twice=True), lambda typed: refuse_guessable(typed, names))
    else:
        raise BadValueError(
            Text(
                f"the custodian's passphrase is missing: --passphrase-file FILE, or {PASSPHRASE}",
                f"缺少保管人口令：--passphrase-file 文件，或 {PASSPHRASE}",
            )
        )
    if new:
        refuse_guessable(found, known)
    return found


def old_passphrase_given(file: str | None) -> str:
    """Return the passphrase of the key in force: from the file, or asked for; the environment holds the new one.

    Raises:
        BadFileError: If the file cannot be read.
        BadValueError: If there is none.
    """
    if file is not None:
        return first_line(file)
    if can_ask():
        return ask_secret(t("Passphrase of the key in force (not shown)", "现用密钥的口令（不显示）"))
    raise BadValueError(
        Text(
            "the passphrase of the key in force is missing: --old-passphrase-file FILE; if it is lost: --half, twice",
            "缺少现用密钥的口令：--old-passphrase-file 文件；口令遗失的用两次 --half",
        )
    )


def _taken(place: Path) -> BadFileError:
    """Return the refusal to write over a key."""
    return BadFileError(
        Text(
            f"{place} exists already and is not overwritten; name another with --key-file",
            f"{place} 已存在，不会覆盖；请用 --key-file 另指文件",
        )
    )


def first_line(file: str) -> str:
    """Return a secret: the first line of a file, or of standard input if it is `-`.

    Raises:
        BadFileError: If it cannot be read.
    """
    leave_no_image()
    if file == "-":
        return sys.stdin.readline().rstrip("\r\n")
    try:
        return Path(file).read_text("utf-8-sig").partition("\n")[0].rstrip("\r")
    except (OSError, UnicodeError) as error:
        raise unreadable(file, error) from error
