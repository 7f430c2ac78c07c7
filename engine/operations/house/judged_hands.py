"""Whose hands a row of a case takes beside the steps of its workflow, and whom it may name."""

from collections.abc import Mapping, Sequence
from typing import Final

from engine.journal.case_events import (
    CaseAmended,
    CaseEvent,
    CaseHandedOver,
    CaseLinked,
    CaseOpened,
    CaseUnlinked,
    CaseVoided,
    DeadlineExtended,
    DeadlineMoved,
    DeadlinePaused,
    DeadlineResumed,
    ExtensionWithdrawn,
    OpeningAgreed,
    OpeningAsked,
    QuestionClosed,
    SealOpened,
    StepTaken,
)
from engine.journal.chain import ChainRow
from engine.journal.event import Event
from engine.journal.house_history import HouseHistory
from engine.journal.migration_events import CaseMigrated
from engine.journal.reading_events import CaseRestricted, RestrictionLifted, SealsDestroyed
from engine.language import Text
from engine.workflow.deadline import Extension, TermUnit
from engine.workflow.model import Workflow
from engine.workflow.powers import Power

ANYBODY: Final[Sequence[str] | None] = None
"""Any officer may write the row, or other rows say who could."""

IN_UNIT: Final[Mapping[type[Event], Power]] = {
    OpeningAsked: Power.OPEN_SEALS,
    SealOpened: Power.OPEN_SEALS,
    OpeningAgreed: Power.AGREE_TO_OPEN,
}
"""Rows that take a power in the unit of the case."""
EVERYWHERE: Final[Mapping[type[Event], Power]] = {
    CaseMigrated: Power.KEEP_LEDGER,
    CaseRestricted: Power.RESTRICT,
    RestrictionLifted: Power.RESTRICT,
    SealsDestroyed: Power.DESTROY_SEALS,
}
"""Rows that take a power in all units."""
HANDED_ON: Final = (CaseOpened, CaseAmended, CaseVoided, CaseHandedOver, DeadlineMoved)
"""Rows that officers of the house write as well, as others leave and units are merged."""

NAMING: Final = frozenset({StepTaken, CaseAmended, CaseOpened})
"""Rows whose values were asked for their officers' roles."""
OPENINGS: Final = frozenset({OpeningAsked.kind, OpeningAgreed.kind, SealOpened.kind})
"""Kinds of rows about the opening of sealed values."""

_HOUR: Final = 1
_DAY: Final = 24 * _HOUR
_LONGEST_REST: Final = 14 * _DAY
"""By how much days off may put a last day further back, generously."""
_AT_LEAST: Final = {
    TermUnit.MINUTES: _HOUR / 60,
    TermUnit.HOURS: _HOUR,
    TermUnit.WORKING_HOURS: _HOUR,
    TermUnit.DAYS: _DAY,
    TermUnit.WORKING_DAYS: _DAY,
    TermUnit.MONTHS: 28 * _DAY,
}
_AT_MOST: Final = {
    **_AT_LEAST,
    TermUnit.WORKING_HOURS: 6 * _HOUR,
    TermUnit.WORKING_DAYS: 2 * _DAY,
    TermUnit.MONTHS: 31 * _DAY,
}


def roles_wanted(workflow: Workflow, event: CaseEvent, *, moved: bool) -> Sequence[str] | None:
    """Return one of which roles it took to write a row; ANYBODY if any officer could, or other rows say who could.

    Args:
        moved: The case had taken a step.
    """
    wanted: Sequence[str] = ()
    by_others = False
    match event:
        case CaseOpened():
            by_others = bool(event.file) or (event.parent is not None and not event.by_hand)
            wanted = workflow.open_by
        case CaseAmended():
            by_others, wanted = bool(event.file), workflow.amend_by
        case CaseVoided():
            wanted = workflow.void_by if moved else workflow.amend_by
        case CaseHandedOver():
            by_others = event.with_parent is not None or event.step is not None
            wanted = workflow.hand_over_by
        case DeadlineMoved() | DeadlineResumed() | CaseLinked() | CaseUnlinked() | QuestionClosed():
            wanted = workflow.amend_by
        case DeadlineExtended() | ExtensionWithdrawn() | DeadlinePaused():
            return _of_term(workflow, event)
    return ANYBODY if by_others or not wanted else wanted


def _of_term(workflow: Workflow, event: DeadlineExtended | ExtensionWithdrawn | DeadlinePaused) -> Sequence[str] | None:
    """Return one of which roles it took to extend a deadline, to withdraw that, or to stop it; nobody could if none."""
    rule = _extension_of(workflow, event.deadline)
    beyond = () if rule is None else rule.beyond_by
    if isinstance(event, DeadlinePaused):
        return beyond if event.exception else workflow.amend_by or ANYBODY
    if rule is None:
        return ()
    if isinstance(event, ExtensionWithdrawn):
        return rule.withdraw_by
    return beyond if event.exception else rule.by


def beyond_rule(workflow: Workflow, event: DeadlineExtended) -> Text | None:
    """Return that an extension surely goes further than its declaration lets it without an exception; None if not.

    Days off may put the last day of a shorter extension where that of a longer one falls: such a one is let pass.
    """
    rule = _extension_of(workflow, event.deadline)
    if rule is None or event.exception:
        return None
    journaled = event.deadlines.get(event.deadline)
    cap, unit = rule.at_most, TermUnit(event.unit)
    too_often = journaled is not None and journaled.extended > rule.times
    too_long = event.amount * _AT_LEAST[unit] > cap.amount * _AT_MOST[cap.unit] + _LONGEST_REST
    if too_often or too_long:
        return Text("'{name}' may not be extended so far", "“{name}”不得如此延期").format(name=event.deadline)
    return None


def named_in(held: Mapping[str, Sequence[str]], event: CaseEvent) -> list[tuple[str, Sequence[str]]]:
    """Return the officers whom a row of `NAMING` names and who need one of some roles for it, with these roles.

    Args:
        held: Fields that name such officers, and the roles.
    """
    if isinstance(event, CaseAmended | CaseOpened) and event.file:
        return []
    brought = event.brought
    if held.keys().isdisjoint(brought):
        return []
    found: list[tuple[str, Sequence[str]]] = []
    for name, value in brought.items():  # a row brings few values, and a workflow holds many fields so
        wanted = held.get(name)
        if wanted is None or value is None:
            continue
        if isinstance(value, list | tuple):
            found += [(str(code), wanted) for code in value]
        else:
            found.append((str(value), wanted))
    return found


def _extension_of(workflow: Workflow, deadline: str) -> Extension | None:
    """Return how a deadline may be extended; None if it may not."""
    declared = workflow.deadlines.get(deadline)
    return None if declared is None else declared.extend


class JudgedOpenings:
    """Who asked for the sealed values of a case, who agreed, and whether they were opened by that."""

    def __init__(self, history: HouseHistory) -> None:
        """Begin with none."""
        self._history = history
        self._asked: dict[int, str] = {}
        self._agreed: dict[int, str] = {}
        """Row of a consent -> who had asked."""

    def against(self, row: ChainRow, event: CaseEvent, house_seq: int) -> Text | None:
        """Return why a consent or an opening was none; None if it was, or the row is about something else."""
        if isinstance(event, OpeningAgreed):
            if self._asked.get(event.asked, row.by) == row.by:
                return Text("{by} agreed to what nobody else had asked for", "{by} 同意的并非他人的申请").format(
                    by=row.by
                )
        elif isinstance(event, SealOpened):
            if event.alone and not self._history.acts_alone(row.by, house_seq):
                return Text("{by} was not alone, and opened it alone", "{by} 当时并非唯一人员，却单独启封").format(
                    by=row.by
                )
            if event.agreed is not None and self._agreed.get(event.agreed) != row.by:
                return Text("nobody had agreed to it", "该启封未经他人同意")
        return None

    def follow(self, row: ChainRow, event: CaseEvent) -> None:
        """Let a row have happened; a consent is good for one opening."""
        if isinstance(event, OpeningAsked):
            self._asked[row.seq] = row.by
        elif isinstance(event, OpeningAgreed):
            self._agreed[row.seq] = self._asked.get(event.asked, "")
        elif isinstance(event, SealOpened) and event.agreed is not None:
            self._agreed.pop(event.agreed, None)
