"""The points that a unit's own file gives to figures (考核计分); the program has none of its own."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from engine.errors import InvalidWorkflowError
from engine.language import Text
from engine.reading.terms import Part
from engine.reading.yaml_file import read
from engine.workflow.problems import did_you_mean

_MOST = 10_000.0


@dataclass(frozen=True, kw_only=True, slots=True)
class PointsRule:
    """How a figure becomes points: so many each, or a share of the full points."""

    each: float = 0.0
    """For each that is counted; less than nothing takes points away."""
    at_most: float | None = None
    """The greatest amount that `each` can come to, either way."""
    full: float | None = None
    """Of a rate: the points of a rate of 100 %; then `each` does not count."""
    basis: str | None = None

    def points(self, top: float, bottom: float | None) -> float | None:
        """Return the points of a figure; None if there is nothing to rate.

        Args:
            top: What was counted; of a rate its top.
            bottom: Of a rate its bottom; None for what is no rate.
        """
        if self.full is not None:
            return None if not bottom else round(self.full * top / bottom, 2)
        found = self.each * top
        return found if self.at_most is None else max(-self.at_most, min(self.at_most, found))


@dataclass(frozen=True, kw_only=True, slots=True)
class Points:
    """A file of points."""

    name: str
    digest: str
    """SHA-256 of the file."""
    title: Text
    items: Mapping[str, PointsRule]
    """By figure."""
    basis: str | None = None


def points_in(path: Path, *, figures: Collection[str], rated: Collection[str]) -> Points:
    """Return what a file of points says.

    Args:
        figures: Those that are assessed.
        rated: Those of them that are rates.

    Raises:
        InvalidWorkflowError: If it is not sound; every problem is named.
    """
    plain, where, wrong = read(path, path.name)
    problems = list(wrong)
    part = Part(plain, (), problems, where)
    items: dict[str, PointsRule] = {}
    if plain:
        part.only(("points", "title", "basis", "items"), ("points", "items"))
    for name, row in part.parts("items"):
        row.only(("each", "at_most", "full", "basis"))
        if name not in figures:
            near = did_you_mean(name, figures)
            part.wrong(
                Text(f"'{name}' is not among the figures assessed{near.en}", f"“{name}”不在考核数据之中{near.zh}"),
                "items", name,
            )  # fmt: skip
        has_each, has_full = (row.plain.get(key) is not None for key in ("each", "full"))
        if has_each == has_full:
            row.wrong(Text("write each or full, one of them", "each 和 full 须写且只写一个"))
        if has_full and name in figures and name not in rated:
            row.wrong(Text("only a rate has full points", "只有比率可以写 full"), "full")
        items[name] = PointsRule(
            each=row.number("each", 0.0, least=-_MOST, most=_MOST),
            at_most=row.number("at_most", 0.0, least=0.0, most=_MOST) if row.plain.get("at_most") is not None else None,
            full=row.number("full", 0.0, least=0.0, most=_MOST) if has_full else None,
            basis=row.line("basis"),
        )
    if problems:
        raise InvalidWorkflowError([each.text for each in problems])
    return Points(
        name=path.stem,
        digest=sha256(path.read_bytes()).hexdigest(),
        title=part.title("title", path.stem),
        items=items,
        basis=part.line("basis"),
    )
