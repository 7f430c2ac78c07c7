"""Lists that stand in files of their own: choices, roles, levels of reminding, rows of law, and other wordings."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from msgspec import field

from engine.language import Text
from engine.reading.choices import choices_of
from engine.reading.terms import AMOUNT_AT_MOST, Part
from engine.reading.yaml_file import read
from engine.workflow.deadline import Term
from engine.workflow.frozen_struct import FrozenStruct
from engine.workflow.ladder_levels import TONES, LadderLevel
from engine.workflow.model import Choice
from engine.workflow.powers import MAY_BE_NOBODYS, READS, HouseTerms, Power, ReadingScope, Role
from engine.workflow.problems import Problem
from engine.workflow.proofs import DECLARED_PROOFS, PROOFS, LogInLimits, Proof
from engine.workflow.texts import Source

_KEYS = ("list", "title", "basis", "values")
_LOG_IN = {
    "log_in_failures": ("failures", 20),
    "log_in_wait_seconds": ("wait_seconds", 3600),
    "log_in_longest_wait_minutes": ("longest_wait_minutes", 1440),
    "log_in_idle_minutes": ("idle_minutes", 480),
    "log_in_hours": ("hours", 24),
}
"""Limits of log-ins: what each is called in the program, and the most that may be declared."""
_COUNTED = {
    "access_log_years": AMOUNT_AT_MOST,
    "sealed_years": AMOUNT_AT_MOST,
    "opening_days": 31,
    "compared_days": 31,
}
"""Other terms of the house, and the most that may be declared."""
_TERMS = (*_COUNTED, *_LOG_IN)
"""What stands in the list of roles, beside the roles."""
_KINDS = ("fields", "states", "values")


class Law(FrozenStruct, frozen=True, kw_only=True):
    """What the rows of law fix, by row."""

    terms: Mapping[str, Term] = field(default_factory=lambda: MappingProxyType({}))
    """The longest term."""
    extensions: Mapping[str, Term] = field(default_factory=lambda: MappingProxyType({}))
    """The longest extension; a row that is missing allows none."""
    unrolled: frozenset[str] = frozenset()
    """Rows whose last day never moves to the next working day."""


def choices_in(path: Source, shown: str) -> tuple[tuple[Choice, ...], tuple[Problem, ...]]:
    """Return the choices of the list in a file, and what is wrong with it."""
    part, problems = _opened(path, shown)
    if part is None:
        return (), tuple(problems)
    choices = choices_of(part, "values")
    return (() if problems else choices), tuple(problems)


def law_in(path: Source, shown: str) -> tuple[Law, tuple[Problem, ...]]:
    """Return what the rows of law in a file fix, and what is wrong with it."""
    part, problems = _opened(path, shown)
    if part is None:
        return Law(), tuple(problems)
    choices_of(part, "values", besides=("within", "extend", "end_roll", "basis"))
    terms, extensions, unrolled = {}, {}, set()
    for row in _mappings(part):
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


def roles_in(path: Source, shown: str) -> tuple[Mapping[str, Role], tuple[Problem, ...]]:
    """Return the roles in a file with what they may do beyond steps, and what is wrong with it.

    Powers that no role has are no fault here: a workflow needs only the names. See `ledger_roles_in`.
    """
    part, problems = _opened(path, shown, besides=_TERMS)
    roles = {} if part is None else _roles(part)
    return ({} if problems else MappingProxyType(roles)), tuple(problems)


def ledger_roles_in(path: Source, shown: str) -> tuple[Mapping[str, Role], tuple[Problem, ...]]:
    """Return the roles in a file as `roles_in`, and what is wrong with it if a ledger is to work by it.

    Then somebody must have each power, or what takes it could never be done again.
    """
    part, problems = _opened(path, shown, besides=_TERMS)
    roles = {} if part is None else _roles(part)
    for power in (each for each in Power if each not in MAY_BE_NOBODYS):
        if part is not None and roles and not any(power in each.may for each in roles.values()):
            sentence = Text("no role may {says}; write {how} at one", "没有角色可{says}；请为其一写明 {how}")
            part.wrong(sentence.format(says=power.says, how=f"may: [{power.value}]"), "values")
    return ({} if problems else MappingProxyType(roles)), tuple(problems)


def _roles(part: Part) -> dict[str, Role]:
    """Return the roles that a list declares; what is wrong with it is left in the part."""
    _house_terms(part)
    choices = choices_of(part, "values", besides=("may", "reads", "only_reads", "proof"))
    may: dict[str, frozenset[Power]] = {}
    reads, proofs, only_reads = {}, {}, set()
    for row in _mappings(part):
        name = str(row.plain.get("value"))
        may[name] = may.get(name, frozenset()) | set(map(Power, row.some_of("may", tuple(Power))))
        reads[name] = READS[row.one_of("reads", tuple(READS), "part")]
        proofs[name] = PROOFS[row.one_of("proof", DECLARED_PROOFS, "asserted")]
        if row.flag("only_reads", default=False):
            only_reads.add(name)
    return {
        each.value: Role(
            name=each.value,
            title=each.title,
            may=may.get(each.value, frozenset()),
            reads=reads.get(each.value, ReadingScope.PART),
            proof=proofs.get(each.value, Proof.ASSERTED),
            only_reads=each.value in only_reads,
        )
        for each in choices
    }


def house_terms_in(path: Source, shown: str) -> tuple[HouseTerms, tuple[Problem, ...]]:
    """Return the terms of the house that stand in the list of roles in a file, and what is wrong with it."""
    part, problems = _opened(path, shown, besides=_TERMS)
    return (HouseTerms() if part is None else _house_terms(part)), tuple(problems)


def _house_terms(part: Part) -> HouseTerms:
    """Return the terms that a list of roles declares."""
    usual = HouseTerms()
    found = {key: part.whole(key, getattr(usual, key), most=most) for key, most in _COUNTED.items()}
    limits = {name: part.whole(key, getattr(usual.log_in, name), most=most) for key, (name, most) in _LOG_IN.items()}
    return HouseTerms(**found, log_in=LogInLimits(**limits))


def levels_in(path: Source, shown: str) -> tuple[Mapping[str, LadderLevel], tuple[Problem, ...]]:
    """Return the levels of reminding in a file, the mildest first, and what is wrong with it."""
    part, problems = _opened(path, shown)
    if part is None:
        return {}, tuple(problems)
    choices = choices_of(part, "values", besides=("tone", "chases"))
    marks = {
        str(row.plain.get("value")): (
            TONES[TONES.index(row.one_of("tone", TONES, "calm"))],
            row.flag("chases", default=False),
        )
        for row in _mappings(part)
    }
    levels = {}
    for each in choices:
        tone, chases = marks.get(each.value, ("calm", False))
        levels[each.value] = LadderLevel(name=each.value, title=each.title, tone=tone, chases=chases)
    return ({} if problems else MappingProxyType(levels)), tuple(problems)


def wordings_in(path: Source, shown: str) -> tuple[Mapping[str, Mapping[str, tuple[str, ...]]], tuple[Problem, ...]]:
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


def _mappings(part: Part) -> Iterator[Part]:
    """Return the values that say more than their own name."""
    given = part.plain.get("values")
    for position, each in enumerate(given if isinstance(given, (list, tuple)) else ()):
        if isinstance(each, Mapping):
            yield part.below(each, "values", position)


def _opened(path: Source, shown: str, *, besides: tuple[str, ...] = ()) -> tuple[Part | None, list[Problem]]:
    """Return the list in a file, its frame checked, and what is wrong so far; None if it cannot be read."""
    plain, where, wrong = read(path, shown)
    problems = list(wrong)
    if not plain:
        return None, problems
    part = Part(plain, (), problems, where)
    part.only((*_KEYS, *besides), ("list", "values"))
    part.title("title", path.stem)
    part.line("basis")
    part.one_of("list", (path.stem,), path.stem)
    return part, problems
