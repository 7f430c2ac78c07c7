"""How hard a passphrase is to guess, measured by what it is made of and not by its signs alone.

An estimate in bits: what belongs to the house, common words, dates, runs along the keyboard and repetitions count
as one guess each, however long they are; a Chinese sign counts more than a letter, a letter in a word less than one
among digits. The key file is locked by scrypt, which makes each guess cost about a second.
"""

import re
from collections.abc import Iterable
from typing import Final
from unicodedata import normalize

from engine.errors import BadValueError
from engine.language import Text

ENOUGH: Final = 35.0
"""Bits that a new passphrase must have: a thousand years of guessing on one machine."""
_ONE_GUESS: Final = 5.0
"""Bits of a word that everybody tries, among some thirty."""
_ROWS: Final = (
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "1234567890",
    "abcdefghijklmnopqrstuvwxyz",
    "一二三四五六七八九十",
)
_COMMON: Final = (
    "password", "passphrase", "passwd", "admin", "welcome", "letmein", "iloveyou", "dragon", "huawei", "computer",
    "qingling", "saohei", "chue", "gongan", "weijian", "weisheng", "jiankang", "yiyuan", "renmin", "zhonghua",
    "gongheguo", "zhongguo", "beijing", "zhengzhou", "henan", "lingdao", "xiaozu", "bangongshi", "juzhang", "mima",
    "kouling", "woaini", "woai", "nihao", "520", "1314", "110", "120", "888", "666", "12345", "12337", "2019", "2020",
    "我爱", "中国", "你好", "口令", "密码", "清零", "扫黑", "除恶", "卫生", "健康", "医院", "公安", "领导", "小组",
    "办公室", "人民", "中华", "共和国", "管理", "保管",
)  # fmt: skip
_PARTS: Final = re.compile(
    r"(?P<taken>\x00)|(?P<day>(?:19|20)\d{2}(?:[-./年]?\d{1,2}){0,2}日?)|(?P<phone>1[3-9]\d{9})|(?P<word>[a-z]{4,})"
    r"|(?P<letter>[a-z])|(?P<digit>\d)|(?P<han>[\u3400-\u9fff])|(?P<other>.)",
    re.DOTALL,
)
_BITS: Final = {"taken": _ONE_GUESS, "day": 13.0, "phone": 24.0, "letter": 4.5, "digit": 3.3, "han": 5.5, "other": 4.5}
_LETTER_OF_A_WORD: Final = 2.2


def bits(passphrase: str, known: Iterable[str] = ()) -> float:
    """Return about how many bits must be guessed.

    Args:
        known: What one who guesses knows: the names of the house, its unit, its officers.
    """
    words = normalize("NFKC", passphrase).strip()
    capitals = sum(each.isupper() for each in words)
    words = _unrepeated(words.casefold())
    names = (normalize("NFKC", each).strip().casefold() for each in known)
    for each in sorted({*_COMMON, *(each for each in names if len(each) > 1)}, key=len, reverse=True):
        words = words.replace(each, "\x00")
    words = re.sub(r"(.)\1{2,}", lambda found: found[1], _without_runs(words))
    total = min(capitals, 3) * 1.0
    for found in _PARTS.finditer(words):
        kind = str(found.lastgroup)
        total += len(found[0]) * _LETTER_OF_A_WORD if kind == "word" else _BITS[kind]
    return total


def refuse_guessable(passphrase: str, known: Iterable[str]) -> None:
    """Refuse a new passphrase that is too easily guessed.

    Raises:
        BadValueError: If so.
    """
    if bits(passphrase, known) < ENOUGH:
        raise BadValueError(
            Text(
                "the passphrase is too easily guessed; take several words that do not belong together",
                "口令容易被猜出（太短，或多为常见词、名称、日期、连号）；可用互不相干的几个词，如七个以上汉字",
            )
        )


def _unrepeated(words: str) -> str:
    """Return the shortest piece of which the words are made by saying it again and again."""
    for size in range(1, len(words) // 2 + 1):
        if words == (words[:size] * (len(words) // size + 1))[: len(words)]:
            return words[:size]
    return words


def _without_runs(words: str) -> str:
    """Return the words with each run along the keyboard or the alphabet as one sign."""
    for row in (each for line in _ROWS for each in (line, line[::-1])):
        for size in range(len(row), 2, -1):
            for begin in range(len(row) - size + 1):
                words = words.replace(row[begin : begin + size], "\x00")
    return words
