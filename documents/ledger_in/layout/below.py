"""What stands below a heading: days, telephones, numbers, choices, long text; and whether that fits a field.

Kinds go by form alone, from the first rows; what a cell means is left to `values`.
"""

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Final, Literal

from documents.ledger_in.sheet_model import Cell, Kind
from documents.ledger_in.text import cell_text, compact, narrow
from engine.rules.identities import masked, sights

CellKind = Literal["date", "phone", "identity", "flag", "number", "code", "long", "name", "short"]

ROWS: Final = 30
"""So many rows say enough of a column."""
SAMPLES: Final = 3
_HALF = 0.5
_NEARLY_ALL = 0.8
_FIRST_DAY, _LAST_DAY = 36526, 55153
"""The numbers by which spreadsheets know the days from 2000 to 2050."""
_LONG = 16
_DAY = re.compile(
    r"(?:(?:19|20)?\d{2}[年.\-/、·])?\d{1,2}[月.\-/、·]\d{1,2}日?(?:\D.{0,12})?|(?:19|20)\d{2}(?:年\d{1,2}月?|0[1-9]\d\d|1[0-2]\d\d)"
    r"(?:\D.{0,8})?|[〇零○一二三四五六七八九十廿卅元正年]{0,8}[一二三四五六七八九十元正]{1,3}月(?:[一二三四五六七八九十廿卅初]{1,3}日?)?\D{0,3}"
    r"|(?:\d{1,2}|[一二三四五六七八九十廿卅]{1,3})[日号]|\d{1,2}-[A-Za-z]{3,9}-(?:\d{2}){1,2}"
)
_PHONE = re.compile(r"(?:\+?86)?1[3-9]\d{9}(?:\.0)?|0\d{2,3}-?\d{7,8}|[2-9]\d{6,7}")
_IDENTITY = re.compile(r"\d{17}[\dx]|\d{6}(?:18|19|20)?\d{2}(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])\d{3}[\dx]?")
_FLAG = re.compile(r"是|否|有|无|√|✓|☑|×|✗|☐|y|n|已|未|true|false|已(?:办结|完成|销号|回复)|未(?:办结|完成|销号|回复)")
_NUMBER = re.compile(r"[\d,]+(?:\.\d+)?")
_CODE = re.compile(r"(?=.*\d{3})[\w〔〕\[\]()（）\-—/.*第号]+")
_NUMBERED = re.compile(r"第?\d{1,4}号")
_NAME = re.compile(r"[一-鿿]{2,3}(?:·[一-鿿]+)?|[一-鿿]某[一-鿿]?|匿名|不详")


def kind_of(cell: Cell) -> CellKind | None:  # noqa: PLR0911 (one answer per kind)
    """Return of what kind a cell is by its form; None if it is empty."""
    if isinstance(cell, (date, time)):
        return "date"
    if isinstance(cell, bool):
        return "flag"
    if isinstance(cell, float) and not _PHONE.fullmatch(cell_text(cell)):
        # 0.67 is no day; a whole number of this size in a cell without a format is one.
        return "date" if cell.is_integer() and _FIRST_DAY <= cell <= _LAST_DAY else "number"
    text = compact(cell_text(cell))
    if not text or text in {"/", "-", "—", "——", "同上", "〃"}:
        return None
    if len(text) > _LONG or "。" in text:
        return "date" if len(text) < 2 * _LONG and _DAY.fullmatch(narrow(cell_text(cell))) else "long"
    if _DAY.fullmatch(narrow(cell_text(cell))) and not _PHONE.fullmatch(text):
        return "date"
    for kind, pattern in _FORMS:
        if pattern.fullmatch(text):
            return kind
    return "short"


_FORMS: Final[tuple[tuple[CellKind, re.Pattern[str]], ...]] = (
    ("flag", _FLAG),
    ("phone", _PHONE),
    ("identity", _IDENTITY),
    ("date", _DAY),
    ("number", _NUMBER),
    ("name", _NAME),
    ("code", _CODE),
)


@dataclass(frozen=True, slots=True)
class Below:
    """What stands below one heading."""

    kinds: Mapping[CellKind, float]
    """The share of the filled cells that are of each kind."""
    count: int
    """How many cells are filled."""
    texts: tuple[str, ...]

    @property
    def private(self) -> bool:
        """Return whether these are telephones or ID numbers, whatever the heading says."""
        return self.count > 0 and self.kinds.get("phone", 0) + self.kinds.get("identity", 0) >= _HALF

    @property
    def samples(self) -> tuple[str, ...]:
        """Return three short values, without telephones and ID numbers."""
        quiet = (masked(text, sights(text)) for text in self.texts)
        short = (text if len(text) <= _LONG else text[: _LONG - 1] + "…" for text in quiet)
        return tuple(dict.fromkeys(short))[:SAMPLES]

    def agrees(self, kind: Kind, choices: frozenset[str] = frozenset()) -> float:
        """Return 0.1 if this is what a field of *kind* holds, -0.5 if it cannot be, 0 if it says nothing."""
        if not self.count:
            return 0.0
        wanted = _WANTED.get(kind)
        if kind in {"choice", "state"} and choices:
            known = sum(compact(text) in choices for text in self.texts) / self.count
            return 0.1 if known >= _HALF else self._against("date", "phone", "identity")
        if wanted is None:
            return 0.0
        if kind == "ledger_number" and all(_NUMBERED.fullmatch(text) for text in self.texts):
            return 0.1  # 3号 is the third day of a month elsewhere
        fits, opposed = wanted
        if sum(self.kinds.get(each, 0.0) for each in fits) >= _HALF:
            return 0.1
        return self._against(*opposed)

    def field_by_values(
        self,
        kinds: Mapping[str, Kind],
        choices: Mapping[str, frozenset[str]],
        main_text: str | None,
        taken: Collection[str],
    ) -> str | None:
        """Return the field, none of those *taken*, that a column may be whose heading says nothing."""
        if self.count < 2:
            return None
        for name, words in choices.items():
            if name not in taken and sum(compact(text) in words for text in self.texts) >= _HALF * self.count:
                return name
        if self.kinds.get("date", 0.0) > _HALF:
            return next((name for name, kind in kinds.items() if kind == "date" and name not in taken), None)
        return main_text if self.kinds.get("long", 0.0) > _HALF and main_text not in taken else None

    def tells_states(self, words: frozenset[str]) -> bool:
        """Say whether nearly all of this are names of states, and more than the yes and no of any flag."""
        known = [text for text in self.texts if compact(text) in words and not _FLAG.fullmatch(compact(text))]
        return len(known) >= 2 and len(known) >= _NEARLY_ALL * self.count

    def _against(self, *kinds: CellKind) -> float:
        return -0.5 if self.count >= SAMPLES and sum(self.kinds.get(each, 0.0) for each in kinds) > 0.8 else 0.0


_WANTED: Final[Mapping[Kind, tuple[tuple[CellKind, ...], tuple[CellKind, ...]]]] = {
    "date": (("date",), ("long", "flag", "phone", "identity", "name", "short")),
    "flag": (("flag",), ("date", "phone", "identity", "long")),
    "number": (("number",), ("date", "phone", "identity", "long", "name")),
    "officer": (("name",), ("date", "phone", "identity", "long", "number")),
    "unit": (("short", "name", "code"), ("date", "phone", "identity", "long")),
    "text": (("long", "short", "code", "name"), ("date", "phone", "identity", "flag")),
    "ledger_number": (("code",), ("date", "phone", "identity", "long", "number")),
    "sealed": (("phone", "identity", "name", "short"), ("date",)),
}


def below_of(rows: Sequence[Sequence[Cell]], width: int) -> tuple[Below, ...]:
    """Return what stands in each of *width* columns of the *rows* below a header."""
    found = []
    for column in range(width):
        cells = [row[column] for row in rows[:ROWS] if column < len(row)]
        kinds = [(kind, cell_text(cell)) for cell in cells if (kind := kind_of(cell)) is not None]
        counts = Counter(kind for kind, _ in kinds)
        shares = {kind: count / len(kinds) for kind, count in counts.items()}
        found.append(Below(shares, len(kinds), tuple(narrow(text) for _, text in kinds)))
    return tuple(found)
