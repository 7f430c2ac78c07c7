"""The kinds of papers that the house sends: those of the program in `kinds.yaml`, and one by itself; frozen values."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Annotated, Final, Literal

from engine.errors import InvalidWorkflowError, NotFoundError
from engine.language import Text
from engine.reading.terms import Part
from engine.reading.typed import read_as, reads
from engine.reading.yaml_file import read
from engine.workflow.called import called, near
from engine.workflow.problems import Problem
from engine.workflow.texts import Source
from engine.workflow.written import As, Line, Lines, OwnName

DECLARED: Final = Path(__file__).with_name("kinds.yaml")

ANY: Final = "any"
"""Stands for every workflow."""

TELLING: Final = "letter"
"""The key by which a file says that it declares one kind of letter, and which."""

_PLACE: Final = re.compile(
    r"(?:case|parent|house|deadline|extension|due)\.[a-z][a-z0-9_]*|history\.(?:steps|outcomes|chased)"
    r"|opened(?:\.[a-z][a-z0-9_]*){2,}|within\.[1-9]\d{0,2}|standing\.(?P<standing>[a-z_]+)"
)
"""Where a value may be looked for."""

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

Wordings = Mapping[str, tuple[tuple[str, str], ...]]
"""By choice, texts with the local date from which each holds; empty for always."""
Only = Mapping[str, tuple[str, ...]]
"""By field, the values of which it must have one."""
Needed = bool | Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Value:
    """One value that a paper shows."""

    name: OwnName
    title: Annotated[Text, As(needed=True)]
    places: Annotated[tuple[str, ...], As("lines", keys=("from",))] = ()
    """Where it is looked for, in this order."""
    words: Wordings | None = None
    """What is written for each choice that was found, if not its title, and from which local date on."""
    default: Line = ""
    needed: Needed = False
    """Always, never, or with these choices of another value."""
    lines: bool = False
    """It is parted at line ends and semicolons."""
    paragraphs: bool = False
    """It is parted at line ends only."""
    type: Literal["", "date", "officer"] = ""
    """If it is no field of the workflow but must be one; else empty."""
    ahead: bool = False
    """It is a day that may not be past when the paper is issued."""
    after: str = ""
    """The value whose day it must lie after; empty for none."""

    @property
    def split(self) -> str:
        """Return `lines`, `paragraphs`, or nothing for one text."""
        return "lines" if self.lines else "paragraphs" if self.paragraphs else ""


@dataclass(frozen=True, kw_only=True, slots=True)
class LetterKind:
    """One kind of paper."""

    name: OwnName
    title: Annotated[Text, As(needed=True)]
    workflows: tuple[str, ...]
    series: Line
    """What follows the house's code in its numbers."""
    states: tuple[str, ...] = ()
    """Of a case for which it can be issued; empty for all."""
    only: Only = field(default_factory=dict)
    """The values of fields with which a case has such a paper; empty for every case."""
    by: tuple[str, ...]
    """Roles, or officer fields of the case."""
    number_field: str = ""
    """The field that a step of the workflow asks its number for; empty if none does."""
    hide: Lines = ()
    """Places whose names are shortened in every value."""
    about: Literal["", "deadline", "extension"] = ""
    """What it is about besides the case; empty for nothing."""
    signed: bool = False
    """A leader signs it, and it bears the day of that (成文日期, GB/T 9704-2012 7.3.5.4); else that of its issue."""
    basis: Line
    values: Annotated[Mapping[str, Value], As(needed=True)]

    @property
    def placeholders(self) -> frozenset[str]:
        """What its template may show."""
        return frozenset((*STANDING, *self.values))

    def fits(self, workflow: str) -> bool:
        """Say whether there is such a paper for cases of *workflow*."""
        return ANY in self.workflows or workflow in self.workflows

    def fits_case(self, workflow: str, fields: Mapping[str, object]) -> bool:
        """Say whether there is such a paper for a case of *workflow* with these values."""
        return self.fits(workflow) and all(fields.get(name) in values for name, values in self.only.items())


@cache
def kinds() -> Mapping[str, LetterKind]:
    """Return the kinds that come with the program, by name, in the declared order; a ledger works by those adopted."""
    found, problems = kinds_in(DECLARED)
    if problems:
        raise InvalidWorkflowError([each.text for each in problems])
    return found


def kinds_in(path: Path) -> tuple[Mapping[str, LetterKind], tuple[Problem, ...]]:
    """Return the kinds that a file declares, and everything that is wrong with it."""
    plain, where, wrong = read(path, path.name)
    problems = list(wrong)
    found = {each: read_as(LetterKind, part, name=each) for each, part in Part(plain, (), problems, where).named()}
    return found, tuple(problems)


@cache
def shipped_declarations() -> Mapping[str, Mapping[str, object]]:
    """Return what the program declares of each kind, by name, each as a file of its own would write it."""
    plain, _, _ = read(DECLARED, DECLARED.name)
    return {name: {TELLING: name, **part} for name, part in plain.items()}


def kind_in(source: Source, shown: str) -> tuple[LetterKind, tuple[Problem, ...]]:
    """Return the kind that a text by itself declares, and everything that is wrong with it (then it is of no use).

    Args:
        source: A file, or a text that was kept; its stem is the name of the kind.
        shown: The name under which problems tell of the file.
    """
    plain, where, wrong = read(source, shown)
    problems = list(wrong)
    part = Part({key: value for key, value in plain.items() if key != TELLING}, (), problems, where)
    if not wrong and plain.get(TELLING) != source.stem:
        part.wrong(Text(f"write '{source.stem}', as the file is called", f"请写“{source.stem}”，与文件名一致"), TELLING)
    found = read_as(LetterKind, part, name=source.stem)
    if not problems:
        for path, sentence in _unusable(found):
            part.wrong(sentence, *path)
    return found, tuple(problems)


def _unusable(kind: LetterKind) -> Iterator[tuple[tuple[str | int, ...], Text]]:
    """Yield what nobody could look up or number, and where it stands."""
    for name, value in kind.values.items():
        for place in value.places:
            found = _PLACE.fullmatch(place)
            if found is None or found["standing"] not in {None, "parent_number", *STANDING}:
                yield ("values", name, "from"), Text(f"nothing is called '{place}'", f"没有名为“{place}”的来源")
        if value.after and value.after not in kind.values:
            yield (
                ("values", name, "after"),
                Text(f"no value is called '{value.after}'", f"没有名为“{value.after}”的内容"),
            )
        if name in STANDING:
            yield (
                ("values", name),
                Text("every letter has that already; take another name", "与文书通用内容重名，请换名称"),
            )
    for place in kind.hide:
        if not place.startswith(("case.", "parent.")) or not _PLACE.fullmatch(place):
            yield (
                ("hide",),
                Text(f"write case.FIELD or parent.FIELD, not '{place}'", f"请写 case.字段 或 parent.字段：“{place}”"),
            )
    if any(each in "〔〕[]（）()" or each.isspace() for each in kind.series):
        yield ("series",), Text("a series has no blanks and no brackets", "文号类别字不含空格和括号")


def kind_called(typed: str, others: Iterable[str] = (), *, known: Mapping[str, LetterKind] | None = None) -> LetterKind:
    """Return the kind that was typed, by its name or its title.

    Args:
        others: What else may have been meant.
        known: All kinds that there are; None: those of the program.

    Raises:
        BadValueError: If several may be meant.
        NotFoundError: If there is none.
    """
    known = kinds() if known is None else known
    titles = {each.name: each.title for each in known.values()}
    found = called(typed, titles)
    if found is not None:
        return known[found]
    guess = near(typed, titles, others)
    raise NotFoundError(
        Text(
            f"no letter is called '{typed}'{guess.en}; see: qingling letter list",
            f"没有名为“{typed}”的文书{guess.zh}；请查看：qingling letter list",
        )
    )


@reads(Wordings)
def _wordings(part: Part, key: str) -> Wordings | None:
    """Return what is written for each choice: one text, or several by date."""
    below = part.part(key)
    if below is None:
        return None
    found: dict[str, tuple[tuple[str, str], ...]] = {}
    for choice, given in below.plain.items():
        if isinstance(given, list):
            rows = list(below.rows(choice))
            for row in rows:
                row.only(("since", "text"), ("text",))
            days = [row.day("since") for row in rows]
            found[choice] = tuple(
                (day.isoformat() if day else "", row.line("text") or "") for day, row in zip(days, rows, strict=True)
            )
        else:
            found[choice] = (("", below.line(choice) or ""),)
    return found


@reads(Only)
def _only(part: Part, key: str) -> Only:
    """Return the values of fields with which there is such a paper."""
    below = part.part(key)
    return {} if below is None else {name: below.names(name) for name in below.plain}


@reads(Needed)
def _needed(part: Part, key: str) -> Needed:
    """Return whether a value is needed: always, never, or with some choices of other values."""
    given = part.plain.get(key)
    if not isinstance(given, Mapping):
        return part.flag(key, default=False)
    below = part.below(given, key)
    return {name: below.names(name) for name in below.plain}
