"""Statements of a campaign that were frozen, as pages show them: text, code, checkpoint, and what changed since."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from desk.visit import Visit
from engine.campaigns.campaign import GROUP_TITLES, VERDICT_TITLES, Campaign, Verdict, ZeroGroup, percent
from engine.errors import without_hints
from engine.journal.chain import HOUSE
from engine.language import Text
from engine.operations.house.checkpoints import covering
from engine.operations.house.directory import units
from engine.operations.zero.frozen import Frozen, changed_since, frozen, returned_since
from engine.operations.zero.verdict import Statement
from engine.rules.reading_rights import is_masked
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


def text_shown(visit: Visit, each: Frozen) -> Mapping[str, object]:
    """Return what a frozen statement says, in the language in use, made of what was frozen alone."""
    ledger, kept = visit.ledger, json.loads(each.text)
    checkpoint = covering(ledger, HOUSE, each.seq)
    total = kept["total"]
    defined = kept["definitions"]
    return {
        "title": Text(**kept["title"]),
        "verdict": VERDICT_TITLES[each.standing_verdict],
        "is_zero": each.standing_verdict in {Verdict.ZERO, Verdict.LATE},
        "day": each.day,
        "unit": "" if each.unit is None else ledger.naming.unit_name(each.unit),
        "received_to": kept["received_to"],
        "clear_by": kept["clear_by"],
        "extend_to": kept["extend_to"] or "",
        "filters": [Text(**words) for words in kept.get("filters", ())],
        "is_rehearsal": bool(kept.get("rehearsal")),
        "groups": list(GROUP_TITLES.values()),
        "rows": [(said["name"], *_figures(said)) for said in kept["units"]],
        "total": _figures(total),
        "rates": [
            (Text(**defined[name]["title"]), percent(rate["top"], rate["bottom"]), f"{rate['top']}/{rate['bottom']}",
             Text(**defined[name]["definition"]))
            for name, rate in total["rates"].items()
            if name in defined
        ],
        "beside": [(words, total[name]) for name, words in _BESIDE.items() if total.get(name)],
        "blocking": [_blocking_shown(visit, said) for said in kept["blocking"]],
        "late": [
            (visit.ledger.naming.unit_name(said["unit"]), said["number"], said["cleared_on"], said["due_on"],
             said["days"])
            for said in kept.get("cleared_late", ())
        ],
        "back": kept["came_back"],
        "gone": [(said["number"], said["reason"]) for said in kept["corrected_out"]],
        "seq": each.seq,
        "at": when(ledger, each.at),
        "by": ledger.naming.person(each.by).name,
        "digest": each.digest,
        "is_whole": each.is_whole,
        "heads": each.heads,
        "checkpoint": "" if checkpoint is None else checkpoint.short_code,
    }  # fmt: skip


_BESIDE: Mapping[str, Text] = {
    "registered_late": Text("registered after the cut-off", "截止日后补登"),
    "cleared_late": Text("cleared after their day", "逾期清零"),
    "returned": Text("came back after they were cleared", "回流"),
    "corrected_out": Text("corrected out of the scope", "经更正移出范围"),
    "repeats": Text("repeats, counted with the first", "重复件（并入首件）"),
    "void": Text("void", "已作废"),
}
"""What stands beside the figures, by its name in a statement."""


def _figures(said: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the figures of a unit, or of all: scope, the five groups, and how much is cleared."""
    groups = said["groups"]
    cleared = groups["fully_closed"] + groups["cleared"]
    return (
        str(said["scope"]),
        *(str(groups[each.name.lower()]) for each in ZeroGroup),
        percent(cleared, said["scope"]),
    )


def _blocking_shown(visit: Visit, said: Mapping[str, Any]) -> Mapping[str, object]:
    """Return one case that blocked; who may not read it finds no way to it."""
    number = said["number"]
    return {
        "number": number,
        "is_open": not is_masked(number) and visit.ledger.sees_number(number),
        "unit": visit.ledger.naming.unit_name(said["unit"]),
        "group": GROUP_TITLES[ZeroGroup[said["group"].upper()]],
        "due_on": said["extended_to"] or said["due_on"] or "",
        "missing": [without_hints(Text(**words)) for words in said["missing"]],
        "acts": [Text(**act["title"]) for act in said["next"]],
    }
