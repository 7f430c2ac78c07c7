"""What was decided about the headings of ledgers, kept for the next ledger of the same shape.

A shape is the set of a sheet's headings, whatever their order. A decision is no fact about a case, so the
journal does not have it: who decided and on which day stand with it, and it can be forgotten at any time.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, cast

from engine.operations.ledger.acting import Acting
from engine.operations.ledger.administrators import refuse_unless
from engine.operations.ledger.ledger import Ledger
from engine.store import house_rows as house
from engine.workflow.powers import Power

_SETTING: Final = "headings"

Decided = Mapping[str, str | None]
"""The field of each heading, by its key; None where a column was said to be none."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RememberedShape:
    """What is remembered of the ledgers of one shape."""

    workflow: str
    shape: str
    decided: Decided
    by: str
    on: date
    """Local date of the last decision."""


def remembered_shapes(ledger: Ledger) -> tuple[RememberedShape, ...]:
    """Return everything that is remembered."""
    return tuple(
        RememberedShape(
            workflow=workflow,
            shape=shape,
            decided=cast("Decided", each["decided"]),
            by=str(each["by"]),
            on=date.fromisoformat(str(each["on"])),
        )
        for workflow, shapes in sorted(_stored(ledger).items())
        for shape, each in sorted(shapes.items())
    )


def remembered(ledger: Ledger, workflow: str) -> Mapping[str, Decided]:
    """Return what was decided for ledgers of a workflow, by shape."""
    return {each.shape: each.decided for each in remembered_shapes(ledger) if each.workflow == workflow}


def remember(acting: Acting, workflow: str, decided: Mapping[str, Decided]) -> None:
    """Keep decisions by shape, beside what was decided before; in the transaction of the import they were made for."""
    ledger = acting.ledger
    stored = _stored(ledger)
    for shape, columns in decided.items():
        before = stored.setdefault(workflow, {}).get(shape)
        kept = {**(cast("Decided", before["decided"]) if before else {}), **columns}
        stored[workflow][shape] = {"decided": kept, "by": acting.by, "on": acting.today.isoformat()}
    if decided:
        house.put_setting(ledger.store, _SETTING, stored)


def forget(acting: Acting, shape: str | None) -> int:
    """Forget what was decided for ledgers of a shape, or all of it; return how many shapes were forgotten.

    Args:
        shape: A shape, or how it begins; None for all.

    Raises:
        RefusedError: If the officer does not keep the ledger.
    """
    refuse_unless(acting, Power.KEEP_LEDGER)
    ledger = acting.ledger
    stored = _stored(ledger)
    kept = {
        workflow: {name: each for name, each in shapes.items() if shape is not None and not name.startswith(shape)}
        for workflow, shapes in stored.items()
    }
    gone = sum(map(len, stored.values())) - sum(map(len, kept.values()))
    if gone:
        with ledger.store.begin():
            house.put_setting(ledger.store, _SETTING, kept)
    ledger.forget()
    return gone


def _stored(ledger: Ledger) -> dict[str, dict[str, dict[str, object]]]:
    """Return the setting as it is kept: workflow, shape, what was decided."""
    stored = house.setting(ledger.store, _SETTING)
    return cast("dict[str, dict[str, dict[str, object]]]", stored) if isinstance(stored, dict) else {}
