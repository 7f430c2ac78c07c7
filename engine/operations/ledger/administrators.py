"""Who may do what beyond the steps of workflows: the powers that `roles.yaml` gives to roles."""

from typing import TYPE_CHECKING

from engine.errors import RefusedError
from engine.language import Text
from engine.operations.ledger.acting import Acting
from engine.store import house_rows as house
from engine.workflow.powers import Power

if TYPE_CHECKING:
    from engine.operations.ledger.ledger import Ledger


def officers_who_may(ledger: "Ledger", power: Power) -> frozenset[str]:
    """Return the codes of the officers who have a power in all units and have not left."""
    here = {each.code for each in house.officers(ledger.store) if each.left_at is None}
    roles = ledger.workflows.roles_that_may(power)
    return frozenset(
        who for who, role, unit in house.grants(ledger.store) if role in roles and not unit and who in here
    )


def lacks_power(acting: Acting, power: Power, *, unit_id: int = house.EVERYWHERE) -> Text | None:
    """Return the sentence that says why an officer may not do what takes a power; None if they may.

    Args:
        unit_id: Where the power is needed; in all units unless one is given.
    """
    ledger = acting.ledger
    roles = ledger.workflows.roles_that_may(power)
    if acting.actor(unit_id).roles & set(roles):
        return None
    code = next((each.code for each in house.units(ledger.store) if each.id == unit_id), None)
    where = (
        Text("in all units", "在全部单位")
        if code is None
        else Text(f"in unit {code}", f"在单位 {ledger.naming.unit(code).zh}")
    )
    return Text(
        "{by} may not {power} (needs role {roles} {where})", "{by} 不能{power}（须{where}具有{roles}角色）"
    ).format(
        by=ledger.naming.officer(acting.by),
        power=power.says,
        roles=ledger.naming.roles(roles, between=Text(" or ", "或")),
        where=where,
    )


def refuse_unless(acting: Acting, power: Power) -> None:
    """Refuse officers who have not got a power in all units.

    Raises:
        RefusedError: If so; it names the roles that have it.
    """
    sentence = lacks_power(acting, power)
    if sentence is not None:
        raise RefusedError(sentence)


def refuse_unless_may_restore(acting: Acting) -> None:
    """Refuse officers who may not restore; names who could, for nobody can look that up in a backup.

    Raises:
        NotFoundError: If no registered officer has that code.
        RefusedError: If they have left or have not got the power in all units.
    """
    sentence = lacks_power(acting, Power.RESTORE)
    if sentence is None:
        return
    able = sorted(officers_who_may(acting.ledger, Power.RESTORE))
    if able:
        advice = Text("{sentence}; ask {en}", "{sentence}；请由 {zh} 办理")
    else:
        advice = Text(
            "{sentence}; give somebody the role: qingling officer grant",
            "{sentence}；请先授予角色：qingling officer grant",
        )
    raise RefusedError(advice.format(sentence=sentence, en=" or ".join(able), zh="或 ".join(able)))


def refuse_last_manager(ledger: "Ledger", code: str) -> None:
    """Refuse to leave the house without anybody who may give roles.

    Raises:
        RefusedError: If *code* is the only one left.
    """
    if officers_who_may(ledger, Power.MANAGE_OFFICERS) == {code}:
        raise RefusedError(
            Text(
                f"{code} is the last who may give roles; give someone else such a role first: qingling officer grant",
                f"{code} 是最后一名可授权的管理人员；请先授权他人：qingling officer grant",
            )
        )
