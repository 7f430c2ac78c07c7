"""Which column of a header is which field: every heading claims one, and the most certain claims win.

What a heading means by itself is left to `headings`, whose it is to `persons`, what stands below it
to `below`. A claim under 0.8 takes no field: it is proposed, and asked about.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from documents.ledger_in.columns import NUMBER, STATE
from documents.ledger_in.layout.below import Below, below_of
from documents.ledger_in.layout.candidates import candidates_of
from documents.ledger_in.layout.composed import PROPOSED, TAKEN, Meaning
from documents.ledger_in.layout.headings import Names, bare_leaf, remembered_key
from documents.ledger_in.layout.persons import Side, said_of, side_of_field, side_of_group, side_of_sheet
from documents.ledger_in.sheet_model import Cell, Heading, How, column_letter
from documents.ledger_in.text import heading_key

_CERTAIN: Final[Mapping[How, float]] = MappingProxyType(
    {"mapping": 1.0, "title": 1.0, "remembered": 0.98, "synonym": 0.95, "ignored": 1.0}
)
_WORKED_OUT: Final = frozenset(
    {"到期日", "剩余或超期", "期限完成情况", "办结认定", "dueon", "daysleft", "termsthatended", "countsas"}
)
"""What a ledger of our own shows and nobody fills in: on the way back it is no field, and not to be asked about."""
_GUESSED: Final = 0.8
_SUREST_WORDS: Final = 0.94
"""What a title, a synonym or a person says is surer than any words, whatever stands below."""
_FARTHEST: Final = 8
"""So many columns to the left a person may stand whose parts these are."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What one column is taken for, and how surely."""

    fields: tuple[str, ...]
    how: How
    certainty: float
    sealed: bool = False


@dataclass(frozen=True, slots=True)
class Assigned:
    """Every column of a header with its field."""

    headings: tuple[Heading, ...]
    places: Mapping[str, int]
    parts: Mapping[str, tuple[int, ...]]
    """Further columns of a field that is sealed as a whole: the telephone beside the name."""
    certainty: float
    """How much is understood: one for each field, less for what is only known."""


def assigned(
    stacks: Sequence[Sequence[str]], rows: Sequence[Sequence[Cell]], names: Names, left: int, *, guessing: bool = True
) -> Assigned:
    """Return which column of a header is which field.

    Args:
        stacks: What stands over each column, from group to heading; empty where nothing does.
        rows: The first rows below the header.
        left: How many columns stand empty at the left, so that letters are those the user sees.
        guessing: Whether to look at what stands below and at likeness; without, a header is only weighed.
    """
    below = below_of(rows, len(stacks)) if guessing else tuple(_NOTHING for _ in stacks)
    claims: dict[int, Claim] = {}
    for column, stack in enumerate(stacks):
        if stack:
            claims[column] = _claim(stacks, column, claims, names, left, guessing=guessing)
    if any(NUMBER in claim.fields for claim in claims.values()):
        own = (column for column in claims if heading_key(stacks[column][-1]) in _WORKED_OUT)
        claims |= dict.fromkeys(own, Claim((), "ignored", _CERTAIN["ignored"]))
    if guessing:
        claims = {column: _weighed(claim, below[column], names) for column, claim in claims.items()}
        _taken_by_states(claims, below, names)
    places, parts, repeated = _placed(claims, names)
    if guessing:
        _proposed_by_values(claims, below, places, names)
    headings = []
    for column, stack in enumerate(stacks):
        if stack:
            letter = column_letter(column + left)
            claim = claims[column]
            heading = _heading(stack, letter, column, claim, below[column], places, parts, column in repeated)
            if guessing and heading.how in {"asked", "unmatched"}:
                candidates = candidates_of(claim.fields, below[column], names, places)
                names_somebody = any(names.kinds[each] == "sealed" for each in candidates[:2])
                samples = () if names_somebody else heading.samples
                heading = replace(heading, candidates=candidates, samples=samples)
            headings.append(heading)
    taken = len(places) + 0.5 * sum(len(each) for each in parts.values())
    known = 0.2 * sum(claim.how != "unmatched" for claim in claims.values())
    return Assigned(tuple(headings), places, parts, taken + known)


_NOTHING = Below({}, 0, ())


def _claim(
    stacks: Sequence[Sequence[str]],
    column: int,
    before: Mapping[int, Claim],
    names: Names,
    left: int,
    *,
    guessing: bool,
) -> Claim:
    """Return what a column claims by its own heading, its group and the columns at its left."""
    stack = stacks[column]
    known = names.known(stack, column_letter(column + left))
    if known is not None and known[1] in {"mapping", "remembered"}:
        return _exactly(known, names)
    leaf = names.vocabulary.meaning(bare_leaf(stack))
    if leaf is not None and leaf.whose:
        side = side_of_group(stack, names) or _side_at_left(stacks, column, before, names)
        if side is not None or known is None:
            return _of_person(side, stack[-1], names) if side else _in_doubt(stack[-1], side_of_sheet(stacks), names)
    return _exactly(known, names) if known is not None else _by_words(stack, names, guessing=guessing)


def _by_words(stack: Sequence[str], names: Names, *, guessing: bool) -> Claim:
    """Return what a heading claims that no title, synonym or mapping names."""
    meaning = names.composed(stack)
    if meaning is not None:
        return _meant(meaning)
    if guessing and (field := names.same_core(stack)) is not None:
        return Claim((field,), "guessed", _GUESSED)
    if guessing and (field := names.alike(stack)) is not None:
        return Claim((field,), "asked", PROPOSED)
    return Claim((), "unmatched", 0.0)


def _exactly(known: tuple[str | None, How], names: Names) -> Claim:
    """Return the claim of a heading that is known by name."""
    field, how = known
    fields = () if field is None else (field,)
    return Claim(fields, how, _CERTAIN[how], sealed=field is not None and names.kinds[field] == "sealed")


def _meant(meaning: Meaning) -> Claim:
    """Return the claim of a heading that is known by its words."""
    if meaning.fields:
        return Claim(meaning.fields, "words", meaning.certainty, meaning.sealed)
    return Claim((), "kept", meaning.certainty, meaning.sealed)


def _of_person(side: Side, leaf: str, names: Names) -> Claim:
    """Return the claim of a part of a person: sealed if it is the reporter's or says who the subject is."""
    if side == "officer":
        return Claim((), "kept", 0.9)
    said = said_of(side, bare_leaf((leaf,)))
    meaning = names.vocabulary.meaning(said[0])
    if meaning is not None:
        return _meant(meaning)
    fields = ("reporter",) if side == "reporter" and "reporter" in names.kinds else ()
    return Claim(fields, "words" if fields else "kept", 0.9, sealed=True)


def _in_doubt(leaf: str, side: Side | None, names: Names) -> Claim:
    """Return the claim of a part of a person when nothing says whose: sealed, unless the sheet is about subjects."""
    claim = _of_person("reporter" if side is None else side, leaf, names)
    return claim if side else replace(claim, how="asked", certainty=PROPOSED, sealed=True)


def _side_at_left(
    stacks: Sequence[Sequence[str]], column: int, before: Mapping[int, Claim], names: Names
) -> Side | None:
    """Return whose columns these are by the nearest person at the left, nothing but parts of persons between."""
    group = stacks[column][:-1]
    for at in range(column - 1, max(-1, column - 1 - _FARTHEST), -1):
        claim = before.get(at)
        if claim is None or stacks[at][:-1] != group:
            return None
        if claim.certainty >= TAKEN:
            side = side_of_field(claim.fields[0] if claim.fields else None, sealed=claim.sealed)
            if side is not None:
                return side
        leaf = names.vocabulary.meaning(bare_leaf(stacks[at]))
        if leaf is None or not leaf.whose:
            return None
    return None


def _weighed(claim: Claim, below: Below, names: Names) -> Claim:
    """Return a claim made surer or less sure by what stands below."""
    if claim.how == "remembered" and claim.fields and below.agrees(names.kinds[claim.fields[0]]) < 0:
        # The column now holds another kind of value: what was decided then is asked about.
        return replace(claim, how="asked", certainty=PROPOSED)
    if claim.how in {"words", "guessed"} and claim.fields:
        field = claim.fields[0]
        certainty = claim.certainty + below.agrees(names.kinds[field], names.choices.get(field, frozenset()))
        return replace(claim, certainty=max(0.0, min(_SUREST_WORDS, certainty)))
    # Telephones and ID numbers are sealed wherever they stand, unless they are an officer's.
    if claim.how in {"unmatched", "asked"} and below.private:
        return replace(claim, sealed=True)
    return claim


def _placed(
    claims: dict[int, Claim], names: Names
) -> tuple[dict[str, int], dict[str, tuple[int, ...]], frozenset[int]]:
    """Return the column of each field, further columns of sealed ones, and the columns that came too late."""
    places: dict[str, int] = {}
    parts: dict[str, tuple[int, ...]] = {}
    repeated: set[int] = set()
    # The surest first; of equals the leftmost, since what follows repeats it.
    for column in sorted(claims, key=lambda at: (-claims[at].certainty, at)):
        claim = claims[column]
        if not claim.fields or claim.how == "asked":
            continue
        open_fields = [each for each in claim.fields if each not in places]
        if len(claim.fields) > 1 and len(open_fields) == 1:
            claim = claims[column] = replace(claim, fields=tuple(open_fields), certainty=_GUESSED)
        if claim.certainty < TAKEN:
            continue
        field = claim.fields[0]
        if field not in places:
            places[field] = column
        elif names.kinds[field] == "sealed":
            parts[field] = (*parts.get(field, ()), column)
        else:
            repeated.add(column)
    for field, further in parts.items():
        # The leftmost stands for the field: it is the name, whatever is surer.
        first, *rest = sorted((places[field], *further))
        places[field], parts[field] = first, tuple(rest)
    return places, parts, frozenset(repeated)


def _taken_by_states(claims: dict[int, Claim], below: Sequence[Below], names: Names) -> None:
    """Take the first column of unclear heading for the state if names of states stand below (核查情况: 已移交公安)."""
    words = names.choices.get(STATE)
    if words is None or any(STATE in claim.fields and claim.certainty >= TAKEN for claim in claims.values()):
        return
    for column, claim in claims.items():
        unclear = claim.how == "words" and claim.certainty < TAKEN and not claim.sealed
        if unclear and below[column].tells_states(words):
            claims[column] = Claim((STATE,), "guessed", _GUESSED)
            return


def _proposed_by_values(
    claims: dict[int, Claim], below: Sequence[Below], places: Mapping[str, int], names: Names
) -> None:
    """Propose a field for columns whose heading says nothing, by what stands below; one column a field."""
    spoken_for = {*places, *(claim.fields[0] for claim in claims.values() if claim.fields)}
    for column, claim in claims.items():
        if claim.how == "unmatched" and not claim.sealed:
            field = below[column].field_by_values(names.kinds, names.choices, names.main_text, spoken_for)
            if field is not None:
                claims[column] = Claim((field,), "asked", PROPOSED)
                spoken_for.add(field)


def _heading(
    stack: Sequence[str],
    letter: str,
    column: int,
    claim: Claim,
    below: Below,
    places: Mapping[str, int],
    parts: Mapping[str, tuple[int, ...]],
    late: bool,
) -> Heading:
    """Return how one heading was understood, for people."""
    field = claim.fields[0] if claim.fields else None
    how = claim.how
    proposal = None
    if late:
        how, field = "repeated", None
    elif field is not None and column in parts.get(field, ()):
        how = "part"
    elif field is not None and places.get(field) != column:
        how, proposal = "asked", None if field in places else field
        field = None
    return Heading(
        text="/".join(stack),
        letter=letter,
        field=field,
        how=how,
        certainty=round(claim.certainty, 2),
        proposal=proposal,
        sealed=claim.sealed,
        key=remembered_key(stack),
        samples=() if claim.sealed or below.private else below.samples,
    )
