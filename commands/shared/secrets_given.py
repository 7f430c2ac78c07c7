"""Passwords of officers, as commands ask for them; never from an argument, and never shown."""

from collections.abc import Iterable

from commands.console.output import can_ask
from commands.console.prompts import ask_secret
from commands.shared.custody import first_line
from commands.shared.passphrases import ENOUGH, bits
from engine.errors import BadValueError
from engine.language import Text


def password_given(file: str | None, words: str) -> str:
    """Return a password that is to be right: from the first line of a file, `-` for standard input, or asked for.

    Raises:
        BadFileError: If the file cannot be read.
        BadValueError: If there is none.
    """
    return _given(file, words, twice=False)


def new_secret_given(file: str | None, words: str, known: Iterable[str]) -> str:
    """Return a new password or passphrase that is hard to guess; asked for twice.

    Args:
        known: What one who guesses knows: the names of the house, its units and its officers.

    Raises:
        BadFileError: If the file cannot be read.
        BadValueError: If there is none, or it is too easily guessed.
    """
    found = _given(file, words, twice=True)
    if bits(found, known) < ENOUGH:
        raise BadValueError(
            Text(
                "the password is too easily guessed; take several words that do not belong together",
                "口令容易被猜出（太短，或多为常见词、名称、日期、连号）；可用互不相干的几个词，如七个以上汉字",
            )
        )
    return found


def _given(file: str | None, words: str, *, twice: bool) -> str:
    """Return what stands in the file or is typed."""
    if file is not None:
        return first_line(file)
    if can_ask():
        return ask_secret(words, twice=twice)
    raise BadValueError(
        Text(
            "the password is missing: --password-file FILE, or - for standard input",
            "缺少口令：--password-file 文件，或 - 表示标准输入",
        )
    )
