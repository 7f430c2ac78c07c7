"""What is said of a promise: proved, refuted with the shortest way, or not decided and why."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, NamedTuple

from engine.language import Text

NO_PROMISE: Final = 0
"""The promise of what `check` finds and no promise names: with it the declaration means nothing that can be proved."""


class PromiseAnswer(StrEnum):
    """What is found out about a promise."""

    PROVED = "proved"
    REFUTED = "refuted"
    BY_CORRECTION = "only_by_correction"
    """It holds only because somebody may correct a field outside the workflow."""
    NOT_DECIDED = "not_decided"

    @property
    def says(self) -> Text:
        """What people call it."""
        return _WORDS[self]


_WORDS = {
    PromiseAnswer.PROVED: Text("proved", "已证"),
    PromiseAnswer.REFUTED: Text("refuted", "不成立"),
    PromiseAnswer.BY_CORRECTION: Text("only by a correction", "仅靠更正成立"),
    PromiseAnswer.NOT_DECIDED: Text("not decided", "未决"),
}


class PlayedStep(NamedTuple):
    """One thing that happens on the way to where a promise fails."""

    kind: str
    """`open`, `step`, `correct`, `wait` (days go by) or `children` (they move on by themselves)."""
    name: str
    """The trigger; of `children` their workflow."""
    who: str
    """A role, a field that names the officer, or a person of the search (`p1`); empty if nobody acts."""
    day: int
    """Days since the case was opened."""
    values: Mapping[str, object]
    """What is brought; a date as days from that day (`+0`), an officer as `p0` and so on."""
    state: str
    """Where the case stands then."""


class PromiseVerdict(NamedTuple):
    """What is said of one promise."""

    promise: int
    """1 to 7, as the page of the language counts them, or `NO_PROMISE`."""
    about: str
    """The part of the declaration: `transitions.accept`; empty for the whole."""
    answer: PromiseAnswer
    sentence: Text
    path: tuple[PlayedStep, ...] = ()
    """The shortest way to where it fails."""
    warning: bool = False
    """It ought to be otherwise, but nothing comes to a stop by it."""


class Measure(NamedTuple):
    """What the search cost."""

    standings: int
    steps: int
    """Steps between them."""
    complete: bool


class ProvedWorkflow(NamedTuple):
    """All that is said of one workflow."""

    workflow: str
    version: int
    verdicts: tuple[PromiseVerdict, ...]
    measures: tuple[Measure, ...]
    folds: tuple[str, ...]
    """Where a few values may not stand for all."""

    def having(self, answer: PromiseAnswer) -> tuple[PromiseVerdict, ...]:
        """Return the verdicts with one answer."""
        return tuple(each for each in self.verdicts if each.answer is answer)

    @property
    def holds(self) -> bool:
        """Whether nothing is refuted; what is only warned of stops nobody."""
        return all(each.warning for each in self.having(PromiseAnswer.REFUTED))
