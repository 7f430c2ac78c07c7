"""The kinds of papers that the house sends, read from `letter_kinds.yaml`; frozen values."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from engine.errors import NotFoundError
from engine.language import Text, plain_text
from engine.workflow.problems import did_you_mean

DECLARED: Final = Path(__file__).with_name("kinds.yaml")

ANY: Final = "any"
"""Stands for every workflow."""

STANDING: Final[Mapping[str, Text]] = {
    "number": Text("Number of the letter", "文号"),
    "dated_on": Text("Date of the letter", "成文日期"),
    "sender": Text("Who sends it", "发文机关"),
    "contact": Text("Whom to ask", "联系人"),
    "telephone": Text("Telephone", "联系电话"),
    "unit_name": Text("Unit of the case", "事项所属单位"),
    "case_number": Text("Number of the case", "事项编号"),
    "case_title": Text("Kind of case", "事项种类"),
}
"""What every paper may show, besides the values of its kind."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Value:
    """One value that a paper shows."""

    name: str
    title: Text
    places: tuple[str, ...]
    """Where it is looked for, in this order."""
    words: Mapping[str, tuple[tuple[str, str], ...]] | None
    """What is written for each choice that was found, if not its title, and from which local date on."""
    default: str
    needed: bool | Mapping[str, tuple[str, ...]]
    """Always, never, or with these choices of another value."""
    split: str
    """`lines`, `paragraphs`, or empty for one text."""
    type: str
    """`date` or `officer` if it is no field of the workflow but must be one; else empty."""
    ahead: bool
    """It is a day that may not be past when the paper is issued."""
    after: str
    """The value whose day it must lie after; empty for none."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LetterKind:
    """One kind of paper."""

    name: str
    title: Text
    workflows: tuple[str, ...]
    series: str
    """What follows the house's code in its numbers."""
    states: tuple[str, ...]
    """Of a case for which it can be issued; empty for all."""
    by: tuple[str, ...]
    """Roles, or officer fields of the case."""
    number_field: str
    """The field that a step of the workflow asks its number for; empty if none does."""
    hide: tuple[str, ...]
    """Places whose names are shortened in every value."""
    about: str
    """`deadline` or `extension` if it is about one; else empty."""
    basis: str
    values: Mapping[str, Value]

    @property
    def placeholders(self) -> frozenset[str]:
        """What its template may show."""
        return frozenset((*STANDING, *self.values))

    def fits(self, workflow: str) -> bool:
        """Say whether there is such a paper for cases of *workflow*."""
        return ANY in self.workflows or workflow in self.workflows


@cache
def kinds() -> Mapping[str, LetterKind]:
    """Return all kinds, by name, in the declared order."""
    import yaml

    plain = yaml.safe_load(DECLARED.read_text("utf-8"))
    return {name: _kind(name, each) for name, each in plain.items()}


def kind_called(typed: str, others: Iterable[str] = ()) -> LetterKind:
    """Return the kind that was typed, by its name or its title.

    Args:
        others: What else may have been meant.

    Raises:
        NotFoundError: If there is none.
    """
    known = kinds()
    for each in known.values():
        if typed.strip().replace("-", "_") == each.name or typed.strip() in (each.title.en, each.title.zh):
            return each
    near = did_you_mean(typed, [*known, *(each.title.zh for each in known.values()), *others])
    raise NotFoundError(
        Text(
            f"no letter is called '{typed}'{near.en}; see: qingling letter list",
            f"没有名为“{typed}”的文书{near.zh}；请查看：qingling letter list",
        )
    )


def _kind(name: str, plain: Mapping[str, Any]) -> LetterKind:
    """Return the kind that *plain* declares."""
    return LetterKind(
        name=name,
        title=plain_text(plain["title"]),
        workflows=tuple(plain["workflows"]),
        series=plain["series"],
        states=tuple(plain.get("states", ())),
        by=tuple(plain["by"]),
        number_field=plain.get("number_field", ""),
        hide=tuple(plain.get("hide", ())),
        about=plain.get("about", ""),
        basis=plain["basis"],
        values={each: _value(each, declared) for each, declared in plain["values"].items()},
    )


def _value(name: str, plain: Mapping[str, Any]) -> Value:
    """Return the value that *plain* declares."""
    needed = plain.get("needed", False)
    return Value(
        name=name,
        title=plain_text(plain["title"]),
        places=tuple(plain.get("from", ())),
        words={k: _dated(v) for k, v in plain["words"].items()} if "words" in plain else None,
        default=plain.get("default", "").strip(),
        needed=needed if isinstance(needed, bool) else {k: tuple(v) for k, v in needed.items()},
        split=next((each for each in ("lines", "paragraphs") if plain.get(each)), ""),
        type=plain.get("type", ""),
        ahead=plain.get("ahead", False),
        after=plain.get("after", ""),
    )


def _dated(plain: str | list[dict[str, object]]) -> tuple[tuple[str, str], ...]:
    """Return the wordings of one choice with the local date from which each holds; empty for always."""
    if isinstance(plain, str):
        return (("", plain),)
    return tuple((str(each.get("since", "")), str(each["text"])) for each in plain)
