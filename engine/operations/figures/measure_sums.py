"""What the measures of a period come to over some cases, and how that is said as JSON and added up again."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from engine.campaigns.measures import Dimensions

Values = tuple[str | None, ...]
MeasureKey = tuple[str, Dimensions, Values]
"""One row of a measure: its name, what it is split by, and the values of the row."""


@dataclass(slots=True)
class MeasureSums:
    """The counts of measures; those of some cases and of others add up to those of all."""

    tops: Counter[MeasureKey] = field(default_factory=Counter)
    bottoms: Counter[MeasureKey] = field(default_factory=Counter)
    days: dict[MeasureKey, Counter[int]] = field(default_factory=dict)
    """How often a stage took so many days."""
    unknown: Counter[str] = field(default_factory=Counter)
    """How many rounds of a stage ended of which nobody knows when they began."""
    sums: dict[MeasureKey, Decimal] = field(default_factory=dict)

    def plain(self) -> dict[str, object]:
        """Return them as JSON can hold them."""
        return {
            "tops": [[*key, count] for key, count in self.tops.items() if count],
            "bottoms": [[*key, count] for key, count in self.bottoms.items() if count],
            "days": [[*key, sorted(days.items())] for key, days in self.days.items() if days],
            "unknown": list(self.unknown.items()),
            "sums": [[*key, str(value)] for key, value in self.sums.items()],
        }

    def add_plain(self, said: Mapping[str, Any]) -> None:
        """Add what `plain` said of other cases."""
        for counts, found in ((self.tops, said["tops"]), (self.bottoms, said["bottoms"])):
            for name, by, values, count in found:
                counts[_key(name, by, values)] += count
        for name, by, values, days in said["days"]:
            counted = self.days.setdefault(_key(name, by, values), Counter())
            for length, count in days:
                counted[length] += count
        for name, count in said["unknown"]:
            self.unknown[name] += count
        for name, by, values, value in said["sums"]:
            key = _key(name, by, values)
            self.sums[key] = self.sums.get(key, Decimal(0)) + Decimal(value)


def _key(name: str, by: Sequence[str], values: Iterable[str | None]) -> MeasureKey:
    """Return the key of a row."""
    return name, tuple(by), tuple(values)
