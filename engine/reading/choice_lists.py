"""Lists that stand in files of their own: choices, roles, rows of law, and other wordings."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from engine.reading.declarations import choices_of
from engine.reading.terms import Part
from engine.reading.yaml_file import read
from engine.workflow.model import Choice, Term
from engine.workflow.problems import Problem

_KEYS = ("list", "title", "basis", "values")
_KINDS = ("fields", "states", "values")


@dataclass(frozen=True, kw_only=True, slots=True)
class Law:
    """What the rows of law fix, by row."""

    terms: Mapping[str, Term] = field(default_factory=lambda: MappingProxyType({}))
    """The longest term."""
    extensions: Mapping[str, Term] = field(default_factory=lambda: MappingProxyType({}))
    """The longest extension; a row that is missing allows none."""
    unrolled: frozenset[str] = frozenset()
    """Rows whose last day never moves to the next working day."""


def choices_in(path: Path, shown: str) -> tuple[tuple[Choice, ...], tuple[Problem, ...]]:
    """Return the choices of the list in a file, and what is wrong with it."""
    part, problems = _opened(path, shown)
    if part is None:
        return (), tuple(problems)
    choices = choices_of(part, "values")
    return (() if problems else choices), tuple(problems)


def law_in(path: Path, shown: str) -> tuple[Law, tuple[Problem, ...]]:
    """Return what the rows of law in a file fix, and what is wrong with it."""
    part, problems = _opened(path, shown)
    if part is None:
        return Law(), tuple(problems)
    choices_of(part, "values", besides=("within", "extend", "end_roll", "basis"))
    terms, extensions, unrolled = {}, {}, set()
    for row in part.rows("values"):
        name = str(row.plain.get("value"))
        term, extension = row.term("within"), row.term("extend")
        if term:
            terms[name] = term
        if extension:
            extensions[name] = extension
        if row.one_of("end_roll", ("none", "forward"), "forward") == "none":
            unrolled.add(name)
        row.line("basis")
    law = Law(terms=MappingProxyType(terms), extensions=MappingProxyType(extensions), unrolled=frozenset(unrolled))
    return (Law() if problems else law), tuple(problems)


def wordings_in(path: Path, shown: str) -> tuple[Mapping[str, Mapping[str, tuple[str, ...]]], tuple[Problem, ...]]:
    """Return the wordings of fields, states and values in a file, and what is wrong with it."""
    plain, where, wrong = read(path, shown)
    problems = list(wrong)
    part = Part(plain, (), problems, where)
    part.only(("list", "title", "basis", *_KINDS))
    found = {}
    for kind in _KINDS:
        named = part.part(kind)
        found[kind] = {name: named.lines(name) for name in named.plain} if named else {}
    return ({} if problems else found), tuple(problems)


def _opened(path: Path, shown: str) -> tuple[Part | None, list[Problem]]:
    """Return the list in a file, its frame checked, and what is wrong so far; None if it cannot be read."""
    plain, where, wrong = read(path, shown)
    problems = list(wrong)
    if not plain:
        return None, problems
    part = Part(plain, (), problems, where)
    part.only(_KEYS, ("list", "values"))
    part.title("title", path.stem)
    part.line("basis")
    part.one_of("list", (path.stem,), path.stem)
    return part, problems
