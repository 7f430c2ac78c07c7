"""Asking at the terminal: for a secret, a line, or yes or no; nothing is written here."""

import click

from engine.language import t


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
    """Ask for one line at the terminal."""
    answer: str = click.prompt(words, default=default, err=True, prompt_suffix=t(": ", "："))
    return answer.strip()


def ask_yes(words: str) -> bool:
    """Ask a question at the terminal that must be answered by yes or no."""
    return click.confirm(words, default=None, err=True, prompt_suffix=t(" ", " "))
