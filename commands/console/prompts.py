"""Asking at the terminal: for a secret, a line, or yes or no; nothing is written here."""

from typing import Final
from unicodedata import normalize

import click

from engine.language import t

YES: Final = frozenset({"y", "yes", "是", "是的", "对", "好", "确认", "√"})
NO: Final = frozenset({"n", "no", "否", "不", "不是", "不对", "没有", "×"})


def ask_secret(words: str, *, twice: bool = False) -> str:
    """Ask for something at the terminal without showing it; an empty answer is none."""
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


def ask_yes(words: str) -> bool:
    """Ask a question at the terminal that must be answered by yes or no, in either language."""
    while True:
        answer = str(click.prompt(words + t(" [y/n]", "（是/否）"), err=True, prompt_suffix=t(" ", "：")))
        plain = normalized(answer)
        if plain in YES or plain in NO:
            return plain in YES
        click.echo(t("answer y or n", "请答“是”或“否”（也可答 y 或 n）"), err=True)


def normalized(answer: str) -> str:
    """Return an answer in the form in which answers are compared: common width, small letters, nothing around it."""
    return normalize("NFKC", answer).strip().casefold()
