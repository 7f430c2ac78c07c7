"""Passwords of officers, as commands ask for them; never from an argument, and never shown."""

from collections.abc import Iterable

from commands.console.output import can_ask
from commands.console.prompts import ask_secret, ask_until_good
from commands.shared.custody import first_line
from engine.errors import BadValueError
from engine.language import Text
from engine.operations.identity.passphrases import refuse_guessable


def password_given(file: str | None, words: str) -> str:
    """Return a password that is to be right: from the first line of a file, `-` for standard input, or asked for.

    Raises:
        BadFileError: If the file cannot be read.
        BadValueError: If there is none.
    """
    return _given(file, words)


def new_secret_given(file: str | None, words: str, known: Iterable[str]) -> str:
    """Return a new password or passphrase that is hard to guess; asked for twice.

    Args:
        known: What one who guesses knows: the names of the house, its units and its officers.

    Raises:
        BadFileError: If the file cannot be read.
        BadValueError: If there is none, or it is too easily guessed.
    """
    names = tuple(known)
    if file is None and can_ask():
        return ask_until_good(lambda: ask_secret(words, twice=True), lambda typed: refuse_guessable(typed, names))
    found = _given(file, words)
    refuse_guessable(found, names)
    return found


def _given(file: str | None, words: str) -> str:
    """Return what stands in the file or is typed."""
    if file is not None:
        return first_line(file)
    if can_ask():
        return ask_secret(words)
    raise BadValueError(
        Text(
            "the password is missing: --password-file FILE, or - for standard input",
            "缺少口令：--password-file 文件，或 - 表示标准输入",
        )
    )
