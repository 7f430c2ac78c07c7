"""What is wrong in a declaration and where it stands; finds nothing itself."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from msgspec import field

from engine.language import Text
from engine.workflow.frozen_struct import FrozenStruct

Path = tuple[str | int, ...]
"""The keys and positions that lead to a place: ("transitions", "assign", "from", 0)."""


class Problem(FrozenStruct, frozen=True, kw_only=True):
    """One thing to be put right: place, culprit and sentence."""

    file: str
    """As the reader knows it; empty when the declaration came from no file."""
    line: int
    """Counted from 1; 0 when unknown."""
    culprit: str
    """The dotted path of what is wrong: `transitions.assign.from`."""
    sentence: Text
    mended: bool = False
    """The rest was read as it must have been meant, so that nothing else follows from it."""

    @property
    def text(self) -> Text:
        """The whole line in both languages."""
        place = f"{self.file}:{self.line}: " if self.file and self.line else f"{self.file}: " if self.file else ""
        if not self.culprit:
            return Text(place + self.sentence.en, place + self.sentence.zh)
        return Text(f"{place}{self.culprit}: {self.sentence.en}", f"{place}{self.culprit}：{self.sentence.zh}")

    def __str__(self) -> str:
        return str(self.text)


class Where(FrozenStruct, frozen=True, kw_only=False):
    """In which file and line each part of a declaration stands."""

    file: str = ""
    lines: Mapping[Path, int] = field(default_factory=lambda: MappingProxyType({}))

    def line(self, path: Path) -> int:
        """Return the line of *path*, or of the nearest part around it that has one; 0 if none."""
        while path:
            if path in self.lines:
                return self.lines[path]
            path = path[:-1]
        return self.lines.get((), 0)

    def problem(self, path: Path, sentence: Text, *, mended: bool = False) -> Problem:
        """Return the problem that *sentence* tells of the part at *path*."""
        culprit = ".".join(map(str, path))
        return Problem(file=self.file, line=self.line(path), culprit=culprit, sentence=sentence, mended=mended)


nowhere = Where()
"""For a declaration that came from no file."""


def closest(wrong: str, known: Iterable[str]) -> str | None:
    """Return the one of *known* that *wrong* was most likely meant to be, if any is near enough."""
    from difflib import get_close_matches

    # Of two Chinese signs one may be wrong.
    cutoff = 0.5 if len(wrong) == 2 and not wrong.isascii() else 0.6
    near = get_close_matches(wrong, [each for each in known if each], n=1, cutoff=cutoff)
    return near[0] if near else None


def like_in_surname(wrong: str, names: Iterable[str]) -> list[str]:
    """Return those of *names* that somebody may have meant who wrote the Chinese name *wrong*: the first sign is kept.

    Names of two signs differ in one of them only when they are those of two people (钱某, 赵某).
    """
    return [each for each in names if wrong[:1].isascii() or each[:1].isascii() or each[0] == wrong[0]]


def did_you_mean(wrong: str, known: Iterable[str]) -> Text:
    """Return the words to append to a sentence about *wrong*: a leading blank and a guess, or nothing."""
    near = closest(wrong, known)
    if near is None:
        return Text("", "")
    return Text(f" (did you mean '{near}'?)", f"（是否指“{near}”？）")
