"""Links leads that an import found to be perhaps the same as earlier ones, if that is asked for."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from engine.errors import QinglingError
from engine.language import Text, t

if TYPE_CHECKING:
    from engine.operations.cases.twins import Twin
    from engine.operations.ledger.acting import Acting


def link_twins(acting: "Acting", twins: "Mapping[str, Sequence[Twin]]") -> dict[str, Text]:
    """Link each lead to the first that it may be the same as, and return by number what became of it.

    Args:
        twins: Number of a lead -> those that it may be the same as.
    """
    from engine.operations.cases.casework import link

    firsts: dict[str, str] = {}
    found = {}
    for number, named in twins.items():
        others = [each for each in named if not each.is_apart]
        if not others:
            continue
        first = firsts.get(others[0].name, others[0].name)
        try:
            link(acting, number, first, reason=t("found at import: {why}", "导入时发现：{why}", why=others[0].why))
        except QinglingError as refused:
            found[number] = refused.sentence
            continue
        firsts[number] = first
        found[number] = Text(f"linked to {first}", f"已关联到 {first}")
    return found
