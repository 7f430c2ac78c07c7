"""Rules on cases that open by themselves: what they are due by, under what, in which campaign, and what they lack."""

from collections.abc import Iterable, Iterator

from engine.expressions.evaluate import FUNCTIONS, check
from engine.language import Text
from engine.validation.known import STATE, WORKFLOW, Finding, Known, unknown
from engine.workflow.computed import STANDING_NAMES
from engine.workflow.model import Workflow
from engine.workflow.problems import Path
from engine.workflow.recurring_cases import Recurrence

_CAMPAIGN = Text("campaign", "专项行动")
_UNIT_TYPE = Text("type of units", "单位类型")


def recurring_cases_are_due_later(workflow: Workflow, _: Known) -> Iterable[Finding]:
    """What opens by itself is due on the day on which it opens, or after it."""
    for each in workflow.recurs.values():
        if each.due_on < each.opens_on:
            yield (
                ("recurs", each.name, "due_on"),
                Text("it is due before it opens", "到期日早于开立日"),
            )


def recurring_cases_have_a_place(workflow: Workflow, known: Known) -> Iterable[Finding]:
    """Where cases open under others, these are of a workflow that is a parent, and stand in states not final."""
    for each in workflow.recurs.values():
        if each.under is None:
            continue
        path: Path = ("recurs", each.name, "under")
        parent = known.with_itself(workflow).get(each.under.workflow)
        if parent is None:
            yield (*path, "workflow"), unknown(WORKFLOW, each.under.workflow, known.with_itself(workflow))
            continue
        if each.under.workflow not in workflow.parents:
            yield (
                (*path, "workflow"),
                Text(
                    f"'{each.under.workflow}' is not among the parents of this workflow",
                    f"“{each.under.workflow}”不是本流程的上级流程（parent）",
                ),
            )
        if each.once:
            yield (
                (*path[:-1], "once"),
                Text("write once or under, not both", "once 和 under 只能写一个"),
            )
        for state in each.under.states:
            if state not in parent.states:
                yield (*path, "in"), unknown(STATE, state, parent.states)
            elif parent.is_final(state):
                yield (
                    (*path, "in"),
                    Text(
                        f"'{state}' is final: nothing opens under what is over",
                        f"“{state}”是终结状态，办结事项之下不再开立",
                    ),
                )


def recurring_cases_are_owed_by_known_types(workflow: Workflow, known: Known) -> Iterable[Finding]:
    """The types of units that owe what opens by itself are declared."""
    types = [each.value for each in known.lists.get("unit_types", ())]
    for each in workflow.recurs.values():
        for name in each.of_type:
            if name not in types:
                yield ("recurs", each.name, "of_type"), unknown(_UNIT_TYPE, name, types)


def recurring_cases_are_whole(workflow: Workflow, _: Known) -> Iterable[Finding]:
    """What opens by itself has a value for every field that must be there from the beginning."""
    for each in workflow.recurs.values():
        brought = {*each.writes.values(), *each.sets, *each.fills, *each.lists, *workflow.open_sets, workflow.dated_by}
        for field in workflow.fields.values():
            if field.required and field.name not in brought:
                yield (
                    ("recurs", each.name),
                    Text(
                        f"nothing brings '{field.name}', which must be there from the beginning",
                        f"没有填写“{field.name}”，而它是登记时必填的",
                    ),
                )
        if each.fills and not {"period", "ends_on"} <= each.writes.keys():
            yield (
                ("recurs", each.name, "fills"),
                Text(
                    "figures need the fields of period and ends_on (writes)", "取数须在 writes 中写明 period 和 ends_on"
                ),
            )


def recurring_lists_are_sound(workflow: Workflow, known: Known) -> Iterable[Finding]:
    """What a text is filled with are cases of a workflow, chosen by a condition that can be understood there."""
    for each in workflow.recurs.values():
        for name, listing in each.lists.items():
            path: Path = ("recurs", each.name, "lists", name)
            other = known.with_itself(workflow).get(listing.of)
            if other is None:
                yield (*path, "of"), unknown(WORKFLOW, listing.of, known.with_itself(workflow))
            elif listing.where is not None:
                standing = (*other.fields, *(name for name in STANDING_NAMES if name != "parent"))
                for sentence in check(listing.where, standing, FUNCTIONS):
                    yield (*path, "where"), sentence


def recurring_campaigns_are_known(workflow: Workflow, known: Known) -> Iterable[Finding]:
    """The campaign by whose days cases open exists, and has such days."""
    if known.campaigns is None:
        return
    for each in workflow.recurs.values():
        for path, name in _campaigns(each):
            if name not in known.campaigns:
                yield path, unknown(_CAMPAIGN, name, known.campaigns)
            elif each.moment and path[-1] == "campaign" and each.moment.at not in known.campaigns[name]:
                yield (
                    ("recurs", each.name, "every", "at"),
                    Text(
                        f"campaign {name} says nothing of '{each.moment.at}'",
                        f"专项行动 {name} 未写明“{each.moment.at}”",
                    ),
                )


def _campaigns(recurs: Recurrence) -> Iterator[tuple[Path, str]]:
    """Yield the campaigns that a recurrence names, each with its place."""
    if recurs.moment is not None:
        yield ("recurs", recurs.name, "every", "campaign"), recurs.moment.campaign
    if recurs.during is not None:
        yield ("recurs", recurs.name, "during"), recurs.during
