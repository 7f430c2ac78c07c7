"""A statement as many will read it: what is restricted is counted in it and named by a mask, wherever it is named."""

from dataclasses import replace

from engine.errors import Reason
from engine.operations.ledger.ledger import Ledger
from engine.operations.ledger.need_to_know import everybody, veiled_text
from engine.operations.zero.blocking import Blocker
from engine.operations.zero.verdict import Statement
from engine.rules.case import NextStep
from engine.rules.reading_rights import Reader, mask


def for_everybody(
    ledger: Ledger, statement: Statement, found: tuple[Blocker, ...]
) -> tuple[Statement, tuple[Blocker, ...]]:
    """Return a statement as many will read it: restricted cases are counted in it, and not named."""
    reader = everybody(ledger)
    masks = {number: mask(case_id) for case_id, number in reader.hidden.items()}
    if not masks:
        return statement, found
    return replace(
        statement,
        left=tuple(
            replace(each, number=masks[each.number], by="—", reason="—") if each.number in masks else each
            for each in statement.left
        ),
        overdue=tuple(replace(each, number=masks.get(each.number, each.number)) for each in statement.overdue),
        returned=tuple(masks.get(each, each) for each in statement.returned),
    ), tuple(
        each._replace(case=each.case._replace(number=masks[each.case.number]), acts=())
        if each.case.number in masks
        else _named_by_masks(each, reader)
        for each in found
    )


def _named_by_masks(blocker: Blocker, reader: Reader) -> Blocker:
    """Return what blocks with masks for what it has opened, or waits for, that a reader may not see."""

    def veiled_step(step: NextStep) -> NextStep:
        missing = (Reason(*map(reader.veiled, (each.en, each.zh)), kind=each.kind) for each in step.missing)
        return step.replace(missing=tuple(missing))

    acts = (
        each._replace(case=each.case._replace(number=reader.veiled(each.case.number)), step=veiled_step(each.step))
        for each in blocker.acts
    )
    missing = tuple(veiled_text(reader, said) for said in blocker.missing)
    return blocker._replace(acts=tuple(acts), missing=missing)
