"""Identities in free text: the reporter's while it is known, telephones and ID numbers; found, never kept.

Pure. Text is looked through as it is read: full-width signs as plain ones, format signs left out. Only
kinds and places come out, so that nobody repeats a match by mistake.
"""

import re
import unicodedata
from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import Final, NamedTuple

from engine.language import Text, lazy_pattern


class IdentityKind(StrEnum):
    """What was found."""

    NAME = "name"
    GIVEN_NAME = "given_name"
    TELEPHONE = "telephone"
    ID_NUMBER = "id_number"
    ADDRESS = "address"

    @property
    def says(self) -> Text:
        """What it is called."""
        return _TITLES[self]


_TITLES: Final = {
    IdentityKind.NAME: Text("the reporter's name", "举报人姓名"),
    IdentityKind.GIVEN_NAME: Text("the reporter's given name", "举报人名字"),
    IdentityKind.TELEPHONE: Text("a telephone number", "电话号码"),
    IdentityKind.ID_NUMBER: Text("an ID number", "身份证号码"),
    IdentityKind.ADDRESS: Text("the reporter's address", "举报人住址"),
}


class Sight(NamedTuple):
    """One place in a text."""

    kind: IdentityKind
    start: int
    end: int


class KnownReporter(NamedTuple):
    """What is known of who reports, as it is searched for."""

    names: tuple[str, ...] = ()
    given: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()


NOBODY: Final = KnownReporter()
MASK: Final = "〔已隐去〕"
"""Stands where an identity was taken out of a text."""

_FULL_NAME: Final = 3
_ADDRESS: Final = 6
"""Signs of an address that is searched for; a shorter one is a village that many live in."""
_NUMERALS: Final = {
    **{sign: str(place) for place, sign in enumerate("〇一二三四五六七八九")},
    "零": "0",
    "幺": "1",
    "○": "0",
}
_NUMERAL: Final = "".join(_NUMERALS)
_BETWEEN: Final = r"[\s\-_,.·]{0,2}"
_MAYBE: Final = lazy_pattern(rf"[\d{_NUMERAL}](?:[^\w]{{0,3}}[\d{_NUMERAL}]){{10}}")
"""What a text must hold to be worth a closer look; it begins with a set of signs, for which a text is searched fast."""
_APART: Final = "x"
"""Stands between texts that are looked through at once: no number goes on beyond it."""
_DIGIT: Final = lazy_pattern(r"\d")
_MOBILE: Final = lazy_pattern(
    r"(?<!\d)(?:\+?86[\s-]?)?(?:1[3-9]\d{9}|1[3-9]\d(?P<a>[\s.-])\d{4}(?P=a)\d{4}|1[3-9]\d{2}(?P<b>[\s.-])\d{3}(?P=b)\d{4}"
    r"|1(?P<c>[\s.-])[3-9](?:(?P=c)\d){9})(?!\d)"
)
_SPOKEN_MOBILE: Final = lazy_pattern(rf"(?<![{_NUMERAL}])[一幺][三四五六七八九][{_NUMERAL}]{{9}}(?![{_NUMERAL}])")
_ID: Final = lazy_pattern(rf"(?<!\d)[1-9](?:{_BETWEEN}\d){{16}}{_BETWEEN}[\dXx×](?!\d)")
_SPOKEN_ID: Final = lazy_pattern(rf"(?<![{_NUMERAL}])[{_NUMERAL}]{{17}}[{_NUMERAL}Xx×](?![{_NUMERAL}])")
_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK: Final = "10X98765432"
_OLDEST: Final = 1900
"""Nobody who was born before reports anything."""
_HAN: Final = "㐀-鿿\U00020000-\U0003ffff"
_PART: Final = lazy_pattern(r"[；;，,、/|\n\r\t（）()]+")
_LABEL: Final = lazy_pattern(r"^(?P<label>[^：:]{1,8})[：:]\s*")
_CALLED: Final = lazy_pattern(r"(?:先生|女士|同志|老师|小姐|大夫|医生)$")
_NO_NAME: Final = lazy_pattern(
    rf"匿名.{{0,4}}|不详|不明|未知|无|无名氏|保密|不愿透露.{{0,4}}|未留.{{0,4}}|群众|某?[^·]?某+.{{0,4}}"
    rf"|[{_HAN}]某.{{0,3}}|[{_HAN}](?:先生|女士|小姐|同志)|(?i:anonymous|unknown|n/?a)"
)
"""Only the English words have capitals: to look for those of all the Han took 6 ms of every start."""


def is_no_name(words: str) -> bool:
    """Say whether what stands for who reports names nobody: 匿名, 不详, 某先生, 王女士 (S1-P2 四3)."""
    plain = unicodedata.normalize("NFKC", words).strip(" 。.")
    return not plain or _NO_NAME.fullmatch(plain) is not None


def known_of(sealed: Iterable[str]) -> KnownReporter:
    """Return what is to be searched for, from the sealed values of the reporter."""
    names: list[str] = []
    numbers: list[str] = []
    addresses: list[str] = []
    for value in sealed:
        for part in _PART.split(unicodedata.normalize("NFKC", value)):
            label = _LABEL.match(part.strip())
            words = part.strip()[label.end() if label else 0 :]
            digits = re.sub(r"[\s\-+.]", "", words)
            if re.fullmatch(r"\d{6,}[Xx]?", digits):
                numbers.append(digits)
            elif (label is None or "名" in label["label"] or "人" in label["label"]) and _may_be_name(words):
                names.append(_CALLED.sub("", words))
            elif len(words) >= _ADDRESS and not is_no_name(words):
                addresses.append(words)
    given = [name[-2:] for name in names if len(name) >= _FULL_NAME and re.fullmatch(f"[{_HAN}]{{3,4}}", name)]
    return KnownReporter(tuple(names), tuple(given), tuple(numbers), tuple(addresses))


def sights(text: str, known: KnownReporter = NOBODY) -> tuple[Sight, ...]:
    """Return where a text shows an identity, in order and without overlaps; the longer of two at one place."""
    if not _is_worth_a_look(text, known):
        return ()
    plain, places = _folded(text)
    found = [*_numbers(plain), *_known_places(plain, known)] if plain else []
    kept: list[Sight] = []
    for each in sorted(found, key=lambda one: (one.start, -one.end)):
        if not kept or each.start >= kept[-1].end:
            kept.append(each)
    return tuple(Sight(each.kind, places[each.start], places[each.end - 1] + 1) for each in kept)


def masked(text: str, found: Iterable[Sight]) -> str:
    """Return a text with a mask in each place."""
    parts, at = [], 0
    for each in found:
        parts += [text[at : each.start], MASK]
        at = each.end
    return "".join((*parts, text[at:]))


def are_worth_a_look(texts: Iterable[str], known: KnownReporter) -> bool:
    """Say whether any of several texts can show anything; true for a few that show nothing, never the reverse.

    A hundred thousand rows pass through here, and most cannot: the texts of one are looked through at once.
    """
    return _is_worth_a_look(_APART.join(texts), known)


def _is_worth_a_look(text: str, known: KnownReporter) -> bool:
    """Say whether a text can show anything."""
    if _MAYBE.search(text) or (known.numbers and _DIGIT.search(text)):
        return True
    if known == NOBODY:
        return False
    words = (*known.names, *known.given, *known.addresses)
    return any(each[0].isascii() or each[0] in text for each in words)


def _may_be_name(words: str) -> bool:
    """Say whether words can be the name of a person who is really named."""
    bare = _CALLED.sub("", words)
    if is_no_name(words):
        return False
    if re.fullmatch(f"[{_HAN}]{{2,4}}|[{_HAN}]+(?:·[{_HAN}]+)+", bare):
        return True
    return re.fullmatch(r"[A-Za-zÀ-ɏ][\w'’.-]*(?:\s+[\w'’.-]+){0,4}", bare) is not None and len(bare) > _FULL_NAME


def _folded(text: str) -> tuple[str, list[int]]:
    """Return a text with plain signs and without format signs, and where each of its signs stood."""
    signs, places = [], []
    for place, sign in enumerate(text):
        if unicodedata.category(sign) == "Cf":
            continue
        for each in sign if sign.isascii() else unicodedata.normalize("NFKC", sign):
            signs.append(each)
            places.append(place)
    return "".join(signs), places


def _numbers(plain: str) -> Iterable[Sight]:
    """Yield telephones and ID numbers of anybody."""
    for kind, pattern in (
        (IdentityKind.ID_NUMBER, _ID),
        (IdentityKind.ID_NUMBER, _SPOKEN_ID),
        (IdentityKind.TELEPHONE, _MOBILE),
        (IdentityKind.TELEPHONE, _SPOKEN_MOBILE),
    ):
        for found in pattern.finditer(plain):
            if kind is IdentityKind.TELEPHONE or _is_id(found[0]):
                yield Sight(kind, *found.span())


def _known_places(plain: str, known: KnownReporter) -> Iterable[Sight]:
    """Yield where what is known of who reports stands, whatever blanks, dots and case."""
    for kind, words in (
        (IdentityKind.NAME, known.names),
        (IdentityKind.TELEPHONE, known.numbers),
        (IdentityKind.ADDRESS, known.addresses),
        (IdentityKind.GIVEN_NAME, known.given),
    ):
        for each in words:
            signs = [re.escape(sign) for sign in each if not sign.isspace() and sign not in "·•-"]
            if len(signs) > len(plain):  # cannot stand there, and a pattern of thousands of signs takes long to make
                continue
            pattern = r"[\s·•‧.\-]{0,2}".join(signs)
            if each.isascii():
                pattern = rf"(?<![A-Za-z0-9]){pattern}(?![A-Za-z0-9])"
            for found in re.finditer(pattern, plain, re.IGNORECASE):
                yield Sight(kind, *found.span())


def _is_id(words: str) -> bool:
    """Say whether 18 signs are an ID number: a birth date, and the check digit of GB 11643."""
    digits = re.sub(r"[^\dXx×]", "", "".join(_NUMERALS.get(sign, sign) for sign in words)).upper().replace("×", "X")
    if len(digits) != len(_WEIGHTS) + 1:
        return False
    try:
        born = date(int(digits[6:10]), int(digits[10:12]), int(digits[12:14]))
    except ValueError:
        return False
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, digits, strict=False))
    return born.year >= _OLDEST and _CHECK[total % 11] == digits[-1]
