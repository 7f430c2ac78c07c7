"""Command lines that stand in sentences, as they are typed in the language in use.

A sentence is written with the English names, in both languages: `qingling unit list`. Where it is shown in
Chinese, the words that a clerk types stand there: `qingling 单位 列表`. Values stay as they are.
"""

import re
from collections.abc import Iterator
from typing import Final

from commands.console.chinese_words import COMMAND_WORDS, NOUNS, VALUE_WORDS, command_word, option_word
from engine.language import language, lazy_pattern

_GAP: Final = r"(?:[ ]|\\\n)+"
_LINE: Final = lazy_pattern(rf"(?<![A-Za-z0-9_./-])qingling((?:{_GAP}[^\s`，。；：、（）“”]+)+)")
_WORD: Final = lazy_pattern(r"[^\s`，。；：、（）“”,;.)]+(?:\.\w+)*")
_OPTION: Final = lazy_pattern(r"(?<![A-Za-z0-9-])--[a-z][a-z-]*(?![A-Za-z0-9-])")


def as_typed(sentence: str, noun: str | None = None) -> str:
    """Return a sentence of ours with its command lines and its options in the language in use.

    Args:
        noun: Behind which the verb stands whose options it speaks of.
    """
    if language() == "en" or ("--" not in sentence and "qingling" not in sentence):
        return sentence
    return _OPTION.sub(lambda found: option_word(found[0], noun), lines_as_typed(sentence))


def lines_as_typed(words: str) -> str:
    """Return words with the command lines in them in the language in use; options apart from a command stay."""
    if language() == "en" or "qingling" not in words:
        return words
    return _LINE.sub(lambda found: "qingling" + _line(found[1]), words)


def _line(typed: str) -> str:
    """Return what follows the name of the program: command and verb, options and what stands for values in Chinese."""
    seen: list[str] = []
    named: list[str] = []

    def word(found: re.Match[str]) -> str:
        each, before = found[0], seen[-1] if seen else ""
        seen.append(each)
        if each.startswith("--"):
            name, equals, value = each.partition("=")
            return option_word(name, named[0] if named else None) + equals + value
        is_verb = bool(named) and named[0] in NOUNS and len(named) == 1 and seen[-2] == named[0]
        if each in COMMAND_WORDS and ((not named and not before.startswith("-")) or is_verb):
            named.append(each)
            return command_word(each, named[0])
        if each.isupper():
            return "=".join(_stands_for(each))
        return each

    return _WORD.sub(word, typed)


def _stands_for(value: str) -> Iterator[str]:
    """Yield the parts of what stands for a value, in Chinese."""
    if value in VALUE_WORDS:
        yield VALUE_WORDS[value]
    else:
        yield from (VALUE_WORDS.get(part, part) for part in value.split("="))
