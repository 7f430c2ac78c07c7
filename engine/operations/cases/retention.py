"""What is sealed does not stay for ever: after the declared term two officers of different roles have it destroyed.

Only the sealed values go. The case, its history and the digests of what was sealed stay, so the chains hold.
"""

from collections.abc import Sequence
from datetime import datetime

from engine.errors import RefusedError
from engine.journal.house_events import DestructionProposed
from engine.journal.reading_events import SealsDestroyed
from engine.language import Text
from engine.operations.cases.commit import write_entry
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.administrators import refuse_unless
from engine.operations.ledger.ledger import Ledger
from engine.operations.ledger.reasons import reason_given
from engine.rules.case import Case, Count
from engine.store import case_rows, sealed_rows
from engine.store import house_rows as house
from engine.store.scrubbing import scrub
from engine.workflow.powers import Power
from engine.working_days.instants import microseconds

_CLOSED = frozenset({Count.FULLY_CLOSED, Count.VOID, Count.REPEATS})


def due(ledger: Ledger, now: datetime) -> tuple[Case, ...]:
    """Return the closed cases whose sealed values may be destroyed, by number; none if no term is declared.

    Of what was opened by another case the term counts from its own last entry.

    Args:
        now: Aware instant.
    """
    years = ledger.workflows.house_terms().sealed_years
    if not years:
        return ()
    day = now.replace(day=28) if (now.month, now.day) == (2, 29) else now
    before_at = microseconds(day.replace(year=now.year - years))
    found = case_rows.by_ids(ledger.store, sealed_rows.sealed_cases(ledger.store)).values()
    return tuple(
        sorted(
            (each for each in found if each.clearance in _CLOSED and each.changed_at < before_at and ledger.sees(each)),
            key=lambda each: each.number,
        )
    )


def propose(acting: Acting, *, reason: str) -> tuple[Case, ...]:
    """Propose that the sealed values of all cases that are due be destroyed; return these cases.

    Raises:
        RefusedError: If the officer may not, or nothing is due.
        BadValueError: If there is no reason.
    """
    refuse_unless(acting, Power.DESTROY_SEALS)
    ledger, words = acting.ledger, reason_given(reason)
    cases = due(ledger, acting.now)
    if not cases:
        raise RefusedError(Text("nothing is due to be destroyed", "没有到期可销毁的密封内容"))
    with ledger.store.begin():
        acting.note_in_house(
            DestructionProposed(
                cases=tuple(each.id for each in cases), years=ledger.workflows.house_terms().sealed_years, reason=words
            )
        )
    return cases


def agree(acting: Acting) -> tuple[tuple[Case, ...], bool]:
    """Destroy what the newest proposal names, as another officer of another role.

    Done again, it only clears the database's file of what it could not while others had it open.

    Returns:
        The cases, and whether the database's file holds nothing of it any more.

    Raises:
        RefusedError: If the officer may not, proposed it himself or has no other role, nothing is proposed, or a case
            of it is not due any more.
        ConflictError: If someone else changed a case first.
    """
    refuse_unless(acting, Power.DESTROY_SEALS)
    ledger = acting.ledger
    with ledger.store.begin(steady=True):
        row = case_rows.last_of_house(ledger.store, [DestructionProposed.kind])
        if row is None:
            raise RefusedError(
                Text(
                    "nothing is proposed to be destroyed; first: qingling reporter destroy --propose",
                    "没有待同意的销毁；请先提出：qingling reporter destroy --propose",
                )
            )
        _refuse_alike(acting, row.by)
        cases = _still(acting, DestructionProposed.read(row.body).cases)
        for case in cases:
            gone = tuple((each.field, each.seq) for each in sealed_rows.sealed(ledger.store, case.id))
            entry = acting.entry(case, SealsDestroyed(destroyed=gone, proposed=row.seq))
            write_entry(ledger, case, entry, fields=case.fields, seals={})
            sealed_rows.destroy_sealed(ledger.store, case.id)
    return cases, scrub(ledger.store)


def _still(acting: Acting, ids: Sequence[int]) -> tuple[Case, ...]:
    """Return the cases of a proposal from which nothing was destroyed yet.

    Raises:
        RefusedError: If one of them is not due any more, or the officer may not read it.
    """
    ledger = acting.ledger
    sealed = set(sealed_rows.sealed_cases(ledger.store))
    cases = tuple(case_rows.by_ids(ledger.store, [each for each in ids if each in sealed]).values())
    if {each.id for each in cases} - {each.id for each in due(ledger, acting.now)}:
        raise RefusedError(
            Text(
                "not all that is proposed is due and readable to you; have it proposed again",
                "提出销毁的事项中有的未到期或本人无权查阅；请重新提出",
            )
        )
    return cases


def _refuse_alike(acting: Acting, proposer: str) -> None:
    """Refuse to let one officer, or two of the same role, destroy something.

    Raises:
        RefusedError: If so.
    """
    ledger = acting.ledger
    roles = set(ledger.workflows.roles_that_may(Power.DESTROY_SEALS))
    mine, theirs = acting.actor(house.EVERYWHERE).roles & roles, ledger.actor(proposer, house.EVERYWHERE).roles & roles
    if acting.by == proposer or not mine - theirs:
        raise RefusedError(
            Text(
                "what one officer proposed another of another role agrees to",
                "销毁须由另一角色的另一人同意",
            )
        )
