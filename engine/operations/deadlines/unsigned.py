"""Signatures that are asked for and not given: their officers are reminded until they are, and the askers hear of it.

What has changed since it was asked or signed is void here, and asked again.
"""

from datetime import timedelta

from engine.operations.cases.signature_messages import remind, tell_who_asked
from engine.operations.cases.signatures import StandingSignature, renew, standing_of, write_reminded
from engine.operations.ledger.acting import Acting
from engine.rules.case import Case
from engine.store import case_rows, signature_rows

AGAIN = timedelta(days=2)
"""How long after it was asked, or said last, a signature is asked for again."""
ASKER_HEARS = timedelta(days=7)
"""How long after it was asked who asked for it hears, each time, that it is still missing."""

_SECOND = timedelta(microseconds=1)


def remind_to_sign(acting: Acting) -> int:
    """Remind all who have not signed what was asked of them; return how many signatures they were reminded of."""
    ledger, store = acting.ledger, acting.ledger.store
    waiting: dict[str, list[tuple[Case, StandingSignature]]] = {}
    cases = dict.fromkeys(each.case_id for each in signature_rows.standing(store))
    for case_id in cases:
        case = case_rows.by_id(store, case_id)
        assert case is not None  # the row refers to it
        if renew(acting, case):
            case = ledger.case(case.number)
        for each in standing_of(ledger, case).values():
            if each.row.given_seq is None and acting.now_at - each.row.reminded_at >= AGAIN / _SECOND:
                waiting.setdefault(each.row.officer, []).append((case, each))
    for officer, missing in waiting.items():
        with store.begin():
            remind(acting, officer, [(case, each.asked) for case, each in missing])
            for case, each in missing:
                signature_rows.reminded(store, case.id, each.row.field, acting.now_at)
                to: tuple[str, ...] = (officer,)
                if acting.now_at - each.at >= ASKER_HEARS / _SECOND:
                    tell_who_asked(acting, case, each.asked, each.by, "waiting")
                    to = (officer, each.by)
                write_reminded(acting, case, each, to)
    return sum(map(len, waiting.values()))
