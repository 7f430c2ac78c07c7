"""A case is read by named officers only, and after that by all again; both are journaled with the reason."""

from collections.abc import Iterable

from engine.errors import NotFoundError, RefusedError
from engine.journal.reading_events import CaseRestricted, RestrictionLifted
from engine.language import Text
from engine.operations.cases.born_restricted import keep_restricted, restrictions
from engine.operations.cases.commit import write_decision
from engine.operations.house.directory import officer_called
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.administrators import lacks_power, refuse_unless
from engine.operations.ledger.hand_clock import refuse_hand_clock
from engine.operations.ledger.reasons import reason_given
from engine.rules.case import Case, as_it_is
from engine.store import case_rows
from engine.store import house_rows as house
from engine.workflow.frozen_struct import FrozenStruct
from engine.workflow.powers import Power


class Restriction(FrozenStruct, frozen=True, kw_only=True):
    """Who reads a case."""

    own: tuple[str, ...]
    """Codes of those whom it names itself; empty if it names none."""
    above: frozenset[str] | None
    """Codes of those who may be named, as the case that opened it is restricted as well; None if all may."""


def restriction_of(acting: Acting, case: Case) -> Restriction:
    """Return who reads a case, besides roles that may `read_restricted`."""
    above = None if case.parent_id is None else acting.ledger.restricted.get(case.parent_id)
    return Restriction(own=tuple(restrictions(acting).get(str(case.id)) or ()), above=above)


def restrict(acting: Acting, number: str, officers: Iterable[str], *, reason: str) -> tuple[str, ...]:
    """Let only some officers read a case and what it has opened; return their codes. Said again, it names others.

    Besides them it is read by roles that may `read_restricted`. What a restricted case has opened can be restricted
    further, to some of those who read that case.

    Args:
        officers: By code or name.

    Raises:
        RefusedError: If the officer may not, one of those named has left or may not read the case that opened it.
        BadValueError: If no officer is named, one is not clear, or there is no reason.
        NotFoundError: If there is no such case or officer.
        ConflictError: If someone else changed the case first.
    """
    refuse_unless(acting, Power.RESTRICT)
    ledger = acting.ledger
    case, words = acting.case(number), reason_given(reason)
    codes = tuple(dict.fromkeys(officer_called(ledger, each) for each in officers))
    for each in codes:
        ledger.actor(each, house.EVERYWHERE)
    if not codes:
        raise RefusedError(Text("name who may read it: --to OFFICER", "请写明可查阅的人员：--to 人员"))
    above = None if case.parent_id is None else ledger.restricted.get(case.parent_id)
    if above is not None and (others := sorted(set(codes) - above)):
        raise RefusedError(
            Text(
                f"{', '.join(others)}: may not read the case that opened {case.number}; name some of those who may",
                f"{'、'.join(others)} 不能查阅生成 {case.number} 的事项；请在可查阅者中指明",
            )
        )
    _write(acting, case, CaseRestricted(to=codes, reason=words), codes)
    return codes


def lift(acting: Acting, number: str, *, reason: str) -> None:
    """Let a case be read as any other again.

    Those who read it lift it. So that none stays shut for ever, an officer whom it leaves out lifts it as well if they
    keep the ledger and are not the one who restricted it; they are shown nothing of it before.

    Raises:
        QinglingError: As for `restrict`; RefusedError also if it is not restricted by itself.
    """
    refuse_unless(acting, Power.RESTRICT)
    refuse_hand_clock(acting.ledger, acting.now)  # both first, so that what is refused anyway tells of no number
    words = reason_given(reason)
    case = _to_lift(acting, number)
    if str(case.id) not in restrictions(acting):
        if case.id in acting.ledger.restricted:
            raise RefusedError(
                Text(
                    f"{case.number} is read by those who read the case that opened it; lift the restriction of that",
                    f"{case.number} 的查阅范围随生成它的事项；请解除该事项的限制",
                )
            )
        raise RefusedError(Text(f"{case.number} is not restricted", f"{case.number} 未限制查阅"))
    _write(acting, case, RestrictionLifted(reason=words), None)


def _to_lift(acting: Acting, number: str) -> Case:
    """Return the case whose restriction is to be lifted.

    Raises:
        NotFoundError: If there is none, or the officer may neither read it nor lift what another restricted.
    """
    ledger = acting.ledger
    try:
        return acting.case(number)
    except NotFoundError:
        case = case_rows.find(ledger.store, number.strip())
        if case is None or str(case.id) not in restrictions(acting) or lacks_power(acting, Power.KEEP_LEDGER):
            raise
        imposed = [each.by for each in case_rows.entries(ledger.store, case.id) if each.kind == CaseRestricted.kind]
        if acting.by in imposed[-1:]:
            raise
        return case


def _write(acting: Acting, case: Case, event: CaseRestricted | RestrictionLifted, to: tuple[str, ...] | None) -> None:
    """Write both rows, of the case and of the house, and what is in force from then on.

    Args:
        to: Codes of those who read the case; None if all may.
    """
    with acting.ledger.store.begin():
        write_decision(acting, case, as_it_is(case, event))
        keep_restricted(acting, {case.id: to})
