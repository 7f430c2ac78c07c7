"""Slips of typing that Click lets pass: an option given twice, one in the place of a value, signs of an input method.

Of an option that takes one value Click keeps the last that was given, and of two options side by side it takes the
second for the value of the first. Either would do something else than was typed, so it is refused.
"""

import re
from collections.abc import Sequence
from typing import Final

import click

from commands.console.chinese_words import option_word
from engine.language import language, lazy_pattern, t

_DASHES: Final = "－‐‑‒–—―−﹣-"
_AN_OPTION: Final = lazy_pattern(
    rf"(?:[{_DASHES}]{{2}}|[–—―])(?P<name>[^\s=＝{_DASHES}][^\s=＝]*)(?P<rest>[=＝].*)?", re.DOTALL
)
"""A long option as an input method or a word processor may write it: ——单位, －－ｕｎｉｔ＝0101, —unit."""


def as_meant(ctx: click.Context, params: Sequence[click.Parameter], args: Sequence[str], *, fields: bool) -> list[str]:
    """Return the words of a command line with the dashes and equals signs of its options as Click knows them.

    Args:
        fields: What looks like a long option and is none of *params* is a field with its value.

    Raises:
        click.UsageError: If an option that takes one value is given twice, or another stands where its value should.
    """
    options = {
        name: each for each in params if isinstance(each, click.Option) for name in (*each.opts, *each.secondary_opts)
    }
    meant: list[str] = []
    seen: set[str | None] = set()
    place = 0
    while place < len(args):
        word = args[place]
        place += 1
        if word == "--" or (isinstance(ctx.command, click.Group) and not word.startswith(tuple(_DASHES))):
            return [*meant, word, *args[place:]]  # what follows is for the verb, or no option
        word = _plain(word, options, fields=fields)
        meant.append(word)
        name, value_follows = _named(word, options)
        option = options.get(name)
        if option is None:
            if fields and word.startswith("--") and "=" not in word and _may_be_value(args[place : place + 1], options):
                meant.append(args[place])
                place += 1
            continue
        if option.is_flag:
            continue
        if option.name in seen and not option.multiple:
            raise click.UsageError(
                t("{name} is given twice; give it once", "{name} 写了两次；请只写一次", name=shown(option)), ctx
            )
        seen.add(option.name)
        for value in args[place : place + option.nargs] if value_follows else ():
            if value.startswith("--") or value in options:
                raise click.UsageError(
                    t(
                        "{name} needs a value after it, but {value} looks like an option; else type {typed}={value}",
                        "{name} 后面要有值，而 {value} 像是选项；如确为其值，请写作 {typed}={value}",
                        name=shown(option),
                        value=value,
                        typed=name,
                    ),
                    ctx,
                )
            meant.append(value)
            place += 1
    return meant


def shown(option: click.Option) -> str:
    """Return what an option is called in the language in use, as it is typed."""
    fitting = [each for each in option.opts if each.startswith("--") and each.isascii() == (language() == "en")]
    return (fitting or [option_word(each) for each in option.opts])[0]


def _plain(word: str, options: dict[str, click.Option], *, fields: bool) -> str:
    """Return a word with plain dashes, letters and equals sign, if that makes it an option that there is."""
    if word.isascii() or word.partition("=")[0] in options:
        return word
    found = _AN_OPTION.fullmatch(word)
    if found is None:
        return word
    from unicodedata import normalize

    name, rest = "--" + normalize("NFKC", found["name"]), found["rest"]
    if name in options or (fields and word[1] in _DASHES):
        return name if rest is None else f"{name}={rest[1:]}"
    return word


def _may_be_value(following: Sequence[str], options: dict[str, click.Option]) -> bool:
    """Return whether what follows a field's name is its value, and no other option."""
    return any(not each.startswith("--") and _plain(each, options, fields=False) not in options for each in following)


def _named(word: str, options: dict[str, click.Option]) -> tuple[str, bool]:
    """Return the option that a word names, and whether its value is the next word."""
    if word.startswith("--"):
        name, equals, _ = word.partition("=")
        return name, not equals
    return (word, True) if word in options else (word[:2], False)
