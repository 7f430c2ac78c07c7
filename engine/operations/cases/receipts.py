"""Codes by which reporters without a name are answered: shown once, kept only as the key that is derived from them.

An answer is sealed to that key, so that neither the ledger's keeper nor the database's holder reads it later. The
code has 16 digits, as can be said on the telephone; each guess costs a computation of Argon2id over much memory.
"""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from unicodedata import normalize

from engine.errors import BadValueError, NotFoundError, RefusedError
from engine.journal.case_events import CaseEvent
from engine.journal.receipt_events import ReceiptAnswered, ReceiptGiven
from engine.journal.sealing import PublicKey, key_of_code, open_sealed, public_of
from engine.language import Text
from engine.operations.cases.casework import LONGEST_NOTE
from engine.operations.cases.commit import write_decision
from engine.operations.cases.hands import refuse_strangers
from engine.operations.identity.logging_in import refuse_hurry
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.ledger import Ledger
from engine.operations.ledger.sealed_once import sealed
from engine.rules.case import Case, as_it_is
from engine.store import case_rows, identity_rows
from engine.store.identity_columns import FailureRecord

DIGITS: Final = 16

_FIELD: Final = "receipt"
_SOURCE: Final = "receipt"
_FORGOTTEN: Final = timedelta(days=1)
"""After which earlier wrong codes count no more."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Answers:
    """What was answered to who holds a code."""

    number: str
    """Of the case; for the log of reading, not for the reporter."""
    answers: tuple[tuple[int, str], ...]
    """When, in microseconds since 1970 UTC, and the words; the oldest first."""


def give_receipt(acting: Acting, number: str) -> str:
    """Return a new code for the reporter of a case; it is nowhere kept and never shown again.

    Raises:
        NotFoundError: If there is no such case.
        RefusedError: If the officer has no part in the case, or a code was given already.
        ConflictError: If someone else changed the case first.
    """
    from secrets import randbelow

    case = acting.case(number)
    refuse_strangers(acting, case)
    if _key_of(acting.ledger, case) is not None:
        raise RefusedError(Text(f"a code was given for {case.number} already", f"{case.number} 已给出查询码"))
    code = f"{randbelow(10**DIGITS):0{DIGITS}}"
    _write(acting, case, ReceiptGiven(key=public_of(_private(acting.ledger, code))))
    return " ".join(re.findall("....", code))


def may_answer(acting: Acting, number: str) -> bool:
    """Say whether the acting officer has a part in a case, and so may give a code and answer by it.

    Raises:
        NotFoundError: If there is no such case.
    """
    case = acting.case(number)
    try:
        refuse_strangers(acting, case)
    except RefusedError:
        return False
    return True


def has_receipt(ledger: Ledger, number: str) -> bool:
    """Say whether the reporter of a case was given a code.

    Raises:
        NotFoundError: If there is no such case.
    """
    return _key_of(ledger, ledger.case(number)) is not None


def answer(acting: Acting, number: str, words: str) -> None:
    """Leave an answer that only who holds the code of a case reads.

    Raises:
        NotFoundError: If there is no such case.
        BadValueError: If there are no words, or too many.
        RefusedError: If the officer has no part in the case, or no code was given.
        ConflictError: If someone else changed the case first.
    """
    case = acting.case(number)
    refuse_strangers(acting, case)
    said = words.strip()
    if not said or len(said) > LONGEST_NOTE:
        raise BadValueError(
            Text(f"an answer has 1 to {LONGEST_NOTE} characters", f"答复须为 1 至 {LONGEST_NOTE} 个字符")
        )
    key = _key_of(acting.ledger, case)
    if key is None:
        raise RefusedError(
            Text(
                f"no code was given for {case.number}: nobody could read it",
                f"{case.number} 未给出查询码，无人能查看答复",
            )
        )
    seals = None if acting.ledger.evidence is None else acting.ledger.evidence.seals
    answer = sealed(seals, PublicKey(id="", value=key), case=case.number, field=_FIELD, value=said)
    _write(acting, case, ReceiptAnswered(answer=answer))


def read_answers(acting: Acting, code: str) -> Answers:
    """Return what was answered to who holds *code*; who asks need not be one who may read the case.

    A wrong code takes as long as a right one, and after some in a row the officer who types them must wait.

    Raises:
        NotFoundError: If it is nobody's code.
        RefusedError: If too many were wrong just now, or the officer has left.
    """
    ledger, store = acting.ledger, acting.ledger.store
    acting.actor(0)
    before = identity_rows.failures(store, acting.by, _SOURCE)
    if before is not None and acting.now_at - before.last_at > _FORGOTTEN / timedelta(microseconds=1):
        before = None
    refuse_hurry(ledger.workflows.log_in_limits(), before, acting.now_at)
    private = _private(ledger, "".join(filter(str.isdigit, normalize("NFKC", code))))
    place = case_rows.place_of_body(store, ReceiptGiven.kind, f'"key":"{public_of(private)}"')
    if place is None:
        with store.begin():
            failures = 1 if before is None else before.failures + 1
            identity_rows.keep_failures(store, FailureRecord(acting.by, _SOURCE, failures, acting.now_at))
        raise NotFoundError(Text("that is no code of this house", "查询码不对"))
    if before is not None:
        with store.begin():
            identity_rows.forget_failures(store, acting.by, _SOURCE)
    case = case_rows.by_id(store, place)
    rows = (each for each in case_rows.entries(store, place) if each.kind == ReceiptAnswered.kind)
    return Answers(
        number=case.number,
        answers=tuple(
            (row.at, open_sealed(private, ReceiptAnswered.read(row.body).answer, case=case.number, field=_FIELD))
            for row in rows
        ),
    )


def _write(acting: Acting, case: Case, event: CaseEvent) -> None:
    """Write a row that leaves the case as it is."""
    with acting.ledger.store.begin():
        write_decision(acting, case, as_it_is(case, event))


def _key_of(ledger: Ledger, case: Case) -> str | None:
    """Return the key of the code that was given for a case."""
    for each in case_rows.entries(ledger.store, case.id):
        if each.kind == ReceiptGiven.kind:
            return ReceiptGiven.read(each.body).key
    return None


def _private(ledger: Ledger, code: str) -> bytes:
    """Return the private key that follows from a code in this house, and in no other."""
    return key_of_code(code, f"qingling/receipt/1/{case_rows.founding_hash(ledger.store)}")
