"""Statements of a campaign that were frozen, as a page shows them: code, checkpoint, and what changed since."""

import json
from collections.abc import Mapping, Sequence

from desk.visit import Visit
from engine.campaigns.campaign import VERDICT_TITLES, Campaign
from engine.journal.chain import HOUSE
from engine.operations.house.checkpoints import covering
from engine.operations.house.directory import units
from engine.operations.zero.frozen import Frozen, changed_since, frozen, returned_since
from engine.operations.zero.verdict import Statement
from presentation.case_view import when


def frozen_for(visit: Visit, campaign: Campaign) -> Sequence[Frozen]:
    """Return the frozen statements that the officer may read: who reads some units only, those of these units."""
    every = frozen(visit.ledger, campaign)
    if visit.reader.reads_all:
        return every
    own = {each.code for each in units(visit.ledger) if each.id in visit.reader.units}
    return [each for each in every if each.unit in own]


def frozen_shown(visit: Visit, each: Frozen, now: Statement) -> Mapping[str, object]:
    """Return a frozen statement as it is shown.

    Args:
        now: How the same campaign stands now, by which it is known what came back.
    """
    ledger = visit.ledger
    kept = json.loads(each.text)
    total = kept["total"]
    checkpoint = covering(ledger, HOUSE, each.seq)
    return {
        "seq": each.seq,
        "day": each.day,
        "unit": "" if each.unit is None else ledger.naming.unit_name(each.unit),
        "verdict": VERDICT_TITLES[each.standing_verdict],
        "scope": total["scope"],
        "blocking": sum(total["groups"][name] for name in ("extended", "open", "incomplete")),
        "at": when(ledger, each.at),
        "by": ledger.naming.person(each.by).name,
        "digest": each.digest,
        "is_whole": each.is_whole,
        "checkpoint": "" if checkpoint is None else checkpoint.short_code,
        "corrected_out": each.corrected_out,
        "not_shown": each.not_shown,
        "changed": changed_since(each, now.campaign),
        "returned": returned_since(ledger, each, now),
    }
