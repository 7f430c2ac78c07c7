"""Who keeps the ledger of the whole house, and may therefore change what all units share."""

from typing import TYPE_CHECKING, Final

from engine.errors import RefusedError
from engine.language import Text
from engine.operations.ledger.acting import Acting
from engine.store import house_rows as house

if TYPE_CHECKING:
    from engine.operations.ledger.ledger import Ledger

KEEPERS: Final = ("office",)
"""Roles that keep the ledger if an officer has one of them in all units; the first officer has."""


def keepers(ledger: "Ledger") -> frozenset[str]:
    """Return the codes of the officers who keep the ledger and have not left."""
    here = {each.code for each in house.officers(ledger.store) if each.left_at is None}
    return frozenset(
        who for who, role, unit in house.grants(ledger.store) if role in KEEPERS and not unit and who in here
    )


def refuse_unless_keeper(acting: Acting) -> None:
    """Refuse officers who do not keep the ledger of the whole house.

    Raises:
        RefusedError: If so.
    """
    if not acting.actor(house.EVERYWHERE).roles & set(KEEPERS):
        raise RefusedError(
            Text(
                f"{acting.by} does not keep this ledger (role {' or '.join(KEEPERS)} in all units)",
                f"{acting.by} 不是本台账的管理人员（须在全部单位具有 {' 或 '.join(KEEPERS)} 角色）",
            )
        )


def refuse_last_keeper(ledger: "Ledger", code: str) -> None:
    """Refuse to leave the house without anybody who may give roles.

    Raises:
        RefusedError: If *code* is the only keeper.
    """
    if keepers(ledger) == {code}:
        raise RefusedError(
            Text(
                f"{code} is the last who keeps this ledger; let someone else keep it first: qingling officer grant",
                f"{code} 是最后一名台账管理人员；请先授权他人：qingling officer grant",
            )
        )
