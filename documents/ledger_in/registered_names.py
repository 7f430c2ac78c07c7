"""Units and officers of the house by the words that ledgers write for them."""

import re
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple, Protocol

from documents.ledger_in.text import compact, joined
from engine.rules.short_names import officer_meant

_BETWEEN_NAMES: Final = re.compile(r"[,，、;；/\s]+|以及|[及和与]")
_SIGN_BETWEEN: Final = re.compile(r"[,，、;；/\n]+")
_OF_A_PLACE: Final = re.compile(r"[\u4e00-\u9fff]{0,5}?[省市县区旗州盟]")
"""What stands before the short name of a unit: 县中医院, 示范县疾控中心."""
_OF_A_LEDGER: Final = re.compile(r"(?:问题)?(?:线索)?(?:台账|登记表|汇总表|明细表?|排查表|报表|线索)$")
"""What stands behind the unit in the name of a sheet."""
_SHORTEST: Final = 3
_NEAR: Final = 0.8
"""How alike two names are that may be one; 县中医院 and 县医院 are, so a person is asked."""


class RegisteredUnit(Protocol):
    """A unit, as far as a ledger names one."""

    @property
    def code(self) -> str:
        """Its code."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def closed_at(self) -> int | None:
        """None if it is in service."""


class RegisteredOfficer(Protocol):
    """An officer, as far as a ledger names one."""

    @property
    def code(self) -> str:
        """The officer's code."""

    @property
    def name(self) -> str:
        """The officer's name."""

    @property
    def left_at(self) -> int | None:
        """None if the officer serves."""


class UnitUnsaid(NamedTuple):
    """Whose rows are that name no unit; codes."""

    at_once: str | None
    """Of all of them, as the command says."""
    last: str | None = None
    """Of those that also say of no registered unit that it happened there, as was answered."""


class RegisteredNames:
    """Codes by the words that stand for them: the code itself, or a name that only one of them has."""

    def __init__(self, pairs: Iterable[tuple[str, str]], *, places: bool = False, people: bool = False) -> None:
        """Learn who there is.

        Args:
            pairs: Codes with names.
            places: The names are those of units, which are written without their county too (中医院), where only
                one is called so then. What is merely like a name (县医院) is another's, and asked about.
            people: The names are those of officers, who are written by surname and post too (李主任, 李某), where only
                one has that surname.
        """
        known = list(pairs)
        self.codes = [code for code, _ in known]
        self.words = [word for pair in known for word in pair]
        by_name: dict[str, set[str]] = {}
        for code, name in known:
            by_name.setdefault(_key(name), set()).add(code)
        self._several = {name for name, codes in by_name.items() if len(codes) > 1}
        self._known = {name: next(iter(codes)) for name, codes in by_name.items() if len(codes) == 1}
        self._known |= {_key(code): code for code in self.codes}
        if places:
            self._learn_short_names(by_name)
        self._exact = dict(self._known)
        self._people = known if people else None
        self._by_sheet: dict[str, str | None] = {}
        self._digits: dict[str, str | None] = {}
        for code in self.codes:
            if code.isascii() and code.isdecimal():
                bare = code.lstrip("0")
                self._digits[bare] = None if bare in self._digits else code

    def _learn_short_names(self, by_name: Mapping[str, set[str]]) -> None:
        """Let each unit be called by its name without the county, unless another is called so too."""
        shorter: dict[str, set[str]] = {}
        for name, codes in by_name.items():
            county = _OF_A_PLACE.match(name)
            if county is not None and len(short := name[county.end() :]) >= _SHORTEST and short not in self._known:
                shorter.setdefault(short, set()).update(codes)
        self._several |= {short for short, codes in shorter.items() if len(codes) > 1}
        self._known |= {short: next(iter(codes)) for short, codes in shorter.items() if len(codes) == 1}

    def code(self, written: str) -> str | None:
        """Return the code that is meant; None if there is none, or several."""
        found = self._exact.get(written) or self._known.get(_key(written))
        if found is not None:
            return found
        if self._people is not None:
            return officer_meant(written, self._people)
        bare = _key(written)  # a spreadsheet makes 101 of the code 0101
        return self._digits.get(bare.lstrip("0")) if bare.isascii() and bare.isdecimal() else None

    def named_by_sheet(self, title: str) -> str | None:
        """Return the code of the unit that a sheet is named by (县中医院, 县中医院台账); None if by none.

        A number is a month or a page before it is a code.
        """
        if title not in self._by_sheet:
            bare = "" if title.isascii() else _OF_A_LEDGER.sub("", joined(title))
            self._by_sheet[title] = self._exact.get(_key(bare)) if bare else None
        return self._by_sheet[title]

    def is_whole(self, written: str) -> bool:
        """Say whether *written* is a code or a name as it is registered."""
        return written in self._exact or _key(written) in self._known

    def parted(self, written: str) -> list[str]:
        """Return what *written* names one by one: whatever stands between names that are known, else a clear sign does.

        A name may be padded with spaces, and 和 and 及 stand in names themselves.
        """
        found = [each for each in _BETWEEN_NAMES.split(written) if each]
        if any(self.code(each) is None for each in found):
            found = [word for each in _SIGN_BETWEEN.split(written) if (word := joined(each))]
        return found

    def near(self, written: str) -> str | None:
        """Return a name that is so like *written* that it may be meant; None if there is none."""
        import difflib

        key = _key(written)
        if not key or key.isascii():
            return None  # codes that differ in one sign are different codes
        by_key = {_key(word): word for word in self.words if not word.isascii()}
        found = difflib.get_close_matches(key, by_key, n=1, cutoff=_NEAR)
        return by_key[found[0]] if found else None

    def is_several(self, written: str) -> bool:
        """Say whether several have that name."""
        return _key(written) in self._several


def _key(text: str) -> str:
    """Return the form in which codes and names are compared."""
    return compact(joined(text))
