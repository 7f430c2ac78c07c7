"""Under which verdict a place falls at which the ledger is not as its journal says."""

from enum import StrEnum
from typing import Final

from engine.journal.chain import Break
from engine.language import Text


class JournalVerdict(StrEnum):
    """What verifying judges, each by itself."""

    INTEGRITY = "integrity"
    """What stands there is what was written."""
    COMPLETENESS = "completeness"
    """Nothing is gone."""
    LEGALITY = "legality"
    """What was done was allowed when it was done."""

    @property
    def says(self) -> Text:
        """What people call it."""
        return _TITLES[self]


COUNT: Final = "count"
"""What a break is called at a row that counts its case otherwise than the rules do."""

_TITLES: Final = {
    JournalVerdict.INTEGRITY: Text("integrity", "完整真实"),
    JournalVerdict.COMPLETENESS: Text("completeness", "无缺失"),
    JournalVerdict.LEGALITY: Text("legality", "办理合规"),
}
_GONE: Final = frozenset(
    {
        *("missing", "misplaced", "gone", "counter", "no case", "fewer", "lost", "house head"),
        *("reminders", "outbox", "content missing", "unknown code"),
    }
)
_FORBIDDEN: Final = frozenset({"not allowed", COUNT, "not adopted", "sealed_to", "too little"})


def verdict_of(each: Break) -> JournalVerdict:
    """Return under which verdict a place falls."""
    if each.what in _FORBIDDEN:
        return JournalVerdict.LEGALITY
    return JournalVerdict.COMPLETENESS if each.what in _GONE else JournalVerdict.INTEGRITY
