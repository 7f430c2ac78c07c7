"""A case that officers open is judged before anything is written: by itself, or under the case it belongs to."""

from collections.abc import Collection, Mapping

from engine.errors import RefusedError
from engine.language import Text
from engine.operations.cases.opening import (
    Beginnings,
    CaseOpening,
    case_begun,
    own_key,
    refuse_earlier,
    refuse_future,
)
from engine.operations.cases.value_checks import foreign_to, objections, own_lists
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.free_text import refuse_values
from engine.rules.case import Actor, Case, Family
from engine.rules.openings import NOTHING, against_opening, born_with, opening
from engine.rules.refusals import refuse_the_dead
from engine.rules.transitions import Rules
from engine.rules.values import check_values
from engine.store import house_rows as house
from engine.workflow.model import Workflow


def opened_by_hand(
    acting: Acting, rules: Rules, unit: str, values: Mapping[str, object], *, parent: Case | None
) -> CaseOpening:
    """Return a checked opening of a case that an officer registers.

    Raises:
        BadValueError: If values are wrong, or the date of receipt lies in the future or before that of the parent.
        RefusedError: If the officer may not, the case cannot stand there, or required values are missing.
        NotFoundError: If there is no such unit.
    """
    where = acting.ledger.unit(unit)
    actor = acting.actor(where.id)
    refuse_misplaced(rules.workflow, parent)
    found = prepare_opening(acting, rules, where, values, actor=actor, parent=parent)
    if parent is None:
        return found
    dated_by = acting.ledger.rules_of(parent).workflow.dated_by
    refuse_earlier(rules.workflow, found.dated_on, parent=parent.number, since=str(parent.fields.get(dated_by, "")))
    return found._replace(by_hand=True)


def refuse_misplaced(workflow: Workflow, parent: Case | None) -> None:
    """Refuse a case that people do not open, that stands under no other or not under this one, or never alone.

    Raises:
        RefusedError: If so.
    """
    title, parents = workflow.title, workflow.parents
    if parents and not workflow.open_by:
        raise RefusedError(
            Text(
                f"a {title.en} is opened by a step of its {' or '.join(parents)}, not by hand",
                f"{title.zh}由所属事项（{'、'.join(parents)}）的步骤生成，不能单独登记",
            )
        )
    if parent is not None:
        refuse_the_dead(parent)
        if parent.workflow not in parents:
            raise RefusedError(
                Text(
                    f"a {title.en} cannot stand under {parent.number}, which is a {parent.workflow};"
                    f" it can under: {', '.join(parents) or 'nothing'}",
                    f"{title.zh}不能隶属于 {parent.number}（{parent.workflow}）；"
                    f"可隶属于：{'、'.join(parents) or '无'}",
                )
            )
    elif not workflow.open_alone:
        raise RefusedError(
            Text(
                f"a {title.en} belongs to a case: --under NUMBER of its {' or '.join(parents)}",
                f"{title.zh}须隶属于一件事项（{'、'.join(parents)}）：请写 --under 编号",
            )
        )


def prepare_opening(
    acting: Acting,
    rules: Rules,
    unit: house.HouseUnit,
    values: Mapping[str, object],
    *,
    actor: Actor,
    parent: Case | None = None,
    legacy: bool = False,
    asked: Collection[str] = (),
) -> CaseOpening:
    """Return a checked opening, ready to be written.

    Args:
        parent: The case that it is opened under; None if it stands alone.
        legacy: The values come from a ledger that was kept before; nothing is declared of how such cases begin.
        asked: Fields that the ledger left unclear, so that they may be missing though they are required. A case
            whose receipt is unclear counts from today until it is known, and nothing falls due by it.

    Raises:
        BadValueError: If values are wrong, or the date of receipt lies in the future.
        RefusedError: If the officer may not, or required values are missing.
        IdentitySeenError: If a text shows who somebody is, and its writer has not insisted.
    """
    if not legacy:  # what a ledger brings is masked as it is read
        refuse_values(rules.workflow, values, acting.seen)
    officers, units = acting.ledger.known_codes()
    today = acting.today
    lists = own_lists(acting.ledger, rules, values, unit=unit.code, today=today)
    checked = check_values(
        rules.workflow, values, officers=officers, units=units, today=today, now=acting.local_now, lists=lists
    )
    born = NOTHING
    if legacy:
        besides = foreign_to(rules, checked, lists)
    else:
        family = Family(parent=parent, after=acting.ledger.counting(unit.id))
        born, besides = born_with(rules, checked, family=family, by=acting.by, unit=unit.code, today=today)
        whole = {**checked, **born}
        besides += objections(acting.ledger, rules, whole, unit_id=unit.id)
        besides += against_opening(rules, whole, family=family, by=acting.by, unit=unit.code, today=today)
    kept = opening(rules, checked, actor=actor, unit=unit.code, legacy=legacy, born=born, besides=besides, asked=asked)
    dated_on = str(kept.get(rules.workflow.dated_by, today.isoformat()))
    refuse_future(rules.workflow, dated_on, today=today)
    sealed: Mapping[str, str] = {}
    if not rules.sealed.isdisjoint(checked):
        sealed = {k: str(v) for k, v in checked.items() if k in rules.sealed and v is not None}
    return CaseOpening(rules, unit, kept, sealed, dated_on, own_key(rules, kept))


def begun_on_trial(acting: Acting, prepared: CaseOpening, *, parent: Case | None = None) -> Case:
    """Return a case as it would be, counted, once its deadlines could be dated; for a trial, so without a number."""
    begun = Beginnings(acting, remembering=False).of(prepared, 0, "", parent=parent)
    return case_begun(prepared, 0, "", parent=parent, now_at=acting.now_at, clearance=begun.clearance)
