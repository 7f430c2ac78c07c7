"""Asking at the terminal: for a secret, a line, or yes or no; nothing is written here."""

from collections.abc import Callable
from typing import Final
from unicodedata import normalize

import click

from engine.errors import BadValueError
from engine.language import t
from engine.rules.said_values import said_flag
from engine.system.secrecy import leave_no_image

_AGREED: Final = frozenset({"好", "好的", "确认", "可以"})
"""What says yes to a question, and fills in no field."""


def ask_secret(words: str, *, twice: bool = False) -> str:
    """Ask for something at the terminal without showing it; an empty answer is none."""
    leave_no_image()
    answer: str = click.prompt(
        words,
        hide_input=True,
        default="",
        show_default=False,
        confirmation_prompt=t("Once more", "请再输入一次") if twice else False,
        err=True,
        prompt_suffix=t(": ", "："),
    )
    return answer


def ask_words(words: str, *, default: str | None = None) -> str:
    """Ask for one line at the terminal; an empty answer is the *default*, if there is one."""
    answer: str = click.prompt(words, default=default, err=True, prompt_suffix=t(": ", "："))
    return answer.strip()


def ask_until_good(ask: Callable[[], str], refuse: Callable[[str], object]) -> str:
    """Ask until an answer is good, so that one slip does not cost the answers before it; Ctrl-C ends it.

    Args:
        ask: Asks once.
        refuse: Raises BadValueError, with what is wrong, for an answer that is not good.
    """
    while True:
        answer = ask()
        try:
            refuse(answer)
        except BadValueError as wrong:
            click.echo(str(wrong), err=True)
        else:
            return answer


def ask_yes(words: str) -> bool:
    """Ask a question at the terminal that must be answered by yes or no, in either language."""
    while True:
        answer = str(click.prompt(words + t(" [y/n]", "（是/否）"), err=True, prompt_suffix=t(" ", "：")))
        found = answered(answer)
        if found is not None:
            return found
        click.echo(t("answer y or n", "请答“是”或“否”（也可答 y 或 n）"), err=True)


def answered(answer: str) -> bool | None:
    """Return what an answer says to a question of yes or no, as a field would read it; None if it says neither."""
    return True if normalized(answer) in _AGREED else said_flag(answer)


def normalized(answer: str) -> str:
    """Return an answer in the form in which answers are compared: common width, small letters, nothing around it."""
    return normalize("NFKC", answer).strip().casefold()
