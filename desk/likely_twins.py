"""Cases that may be the same as one, as pages show them: with what they are about, to be linked in one press."""

from dataclasses import dataclass

from desk.case_shown import title_of
from desk.visit import Visit
from engine.language import Text, t
from engine.operations.cases.lookup import cases_numbered
from engine.operations.cases.twins import twins_of
from engine.rules.case import Case, Count
from presentation.case_view import state_words


@dataclass(frozen=True, kw_only=True, slots=True)
class Resembling:
    """A case that may be the same as another."""

    number: str
    about: str
    """What it is about, and how it stands."""
    why: Text


def resembling(visit: Visit, case: Case) -> tuple[Resembling, ...]:
    """Return the cases that a case may repeat; none that is void, repeats another itself, or may not be read."""
    if case.clearance in {Count.VOID, Count.REPEATS}:
        return ()
    twins = {each.name: each.why for each in twins_of(visit.ledger, case)}
    found = cases_numbered(visit.ledger, twins)
    return tuple(
        Resembling(number=number, about=_about(visit, other), why=twins[number])
        for number, other in found.items()
        if other.workflow == case.workflow and other.clearance not in {Count.VOID, Count.REPEATS}
    )


def _about(visit: Visit, case: Case) -> str:
    """Return what a case is about, and how it stands."""
    state = state_words(visit.ledger.rules_of(case).workflow, case.state)
    return t("{about} ({state})", "{about}（{state}）", about=title_of(visit, case), state=state)
