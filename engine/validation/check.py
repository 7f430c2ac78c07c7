"""Judges a declaration as a whole: every rule in one table, every problem at once; reads no file.

A rule is a function of the declaration and of all that it may name. Its docstring states it; what
it yields names the culprit. Rules do not repeat each other: what one has found, the next takes as
it was meant.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from engine.validation import deadlines, expressions, following, law, names, recurring, states, titles, values
from engine.validation.acting_terms import filings_write_what_there_is, renewals_name_a_day, terms_act_as_declared
from engine.validation.choice import triggers_choose
from engine.validation.known import Finding, Known, Rule
from engine.validation.promised import promises_say_something
from engine.validation.watch import nothing_waits_for_ever
from engine.workflow.model import Workflow
from engine.workflow.problems import Problem, Where, nowhere

__all__ = ["HEARD_OF", "RULES", "WARNINGS", "WATCHING", "Finding", "Known", "Rule", "problems", "warnings"]

RULES: tuple[Rule, ...] = (
    titles.names_distinct,
    titles.names_free,
    titles.triggers_free,
    titles.groups_free,
    names.states_named,
    names.fields_named,
    names.roles_named,
    names.somebody_acts,
    names.lists_named,
    names.types_named,
    names.flags_named,
    names.gatherings_named,
    names.file_shows_what_it_may,
    names.successors_named,
    names.ladders_named,
    names.workflows_named,
    names.figures_named,
    recurring.recurring_cases_are_due_later,
    recurring.recurring_cases_have_a_place,
    recurring.recurring_cases_are_owed_by_known_types,
    recurring.recurring_cases_are_whole,
    recurring.recurring_lists_are_sound,
    recurring.recurring_campaigns_are_known,
    names.triggers_named,
    names.applications_known,
    values.number_is_sound,
    values.patterns_are_sound,
    values.values_fit,
    values.growing_lists_stay,
    values.signatures_are_given,
    values.births_fit,
    values.children_begin_well,
    values.seals_stay_shut,
    expressions.expressions_are_sound,
    expressions.calls_find_something,
    expressions.literals_can_be,
    expressions.expressions_break_no_seal,
    states.some_state_is_final,
    states.final_states_stay,
    states.states_reached,
    states.no_traps,
    states.ways_besides_back,
    triggers_choose,
    following.children_go_along,
    following.units_are_handed_to,
    states.clearance_stands,
    states.clearance_leaves_trace,
    states.children_end,
    states.children_are_opened,
    deadlines.deadlines_run,
    deadlines.terms_are_positive,
    deadlines.values_choose,
    deadlines.deadlines_start,
    deadlines.deadlines_end,
    deadlines.rungs_are_sound,
    deadlines.terms_follow_their_own_case,
    deadlines.rungs_after_start,
    deadlines.rungs_rise,
    deadlines.theirs_are_only_watched,
    terms_act_as_declared,
    renewals_name_a_day,
    filings_write_what_there_is,
    deadlines.nobody_falls_silent,
    nothing_waits_for_ever,
    promises_say_something,
    law.law_is_kept,
    law.shipped_law_is_kept,
)
"""Every rule, in the order in which its problems are named."""

WARNINGS: tuple[Rule, ...] = (deadlines.ladders_have_no_end, deadlines.terms_are_heard_of)
"""What is no fault, but may not be meant so: `workflow check` says it and goes on."""

HEARD_OF: Rule = deadlines.terms_are_heard_of
"""The rule among the warnings that somebody hears when a term runs out."""

WATCHING: tuple[Rule, ...] = (nothing_waits_for_ever, deadlines.nobody_falls_silent)
"""The rules by which every wait is watched (件件有着落); a proof shows the way to where they are broken."""


_RESTS_ON: Final[Mapping[str, frozenset[str]]] = {
    names.__name__: frozenset(),
    promises_say_something.__module__: frozenset({"promises"}),
    expressions.__name__: frozenset({"transitions"}),
    states.__name__: frozenset({"states", "transitions"}),
    triggers_choose.__module__: frozenset({"states", "transitions", "fields"}),
    following.__name__: frozenset({"transitions", "fields"}),
    recurring.__name__: frozenset({"fields", "recurs"}),
    deadlines.__name__: frozenset({"states", "transitions", "fields", "deadlines", "ladders"}),
    nothing_waits_for_ever.__module__: frozenset({"states", "transitions", "fields", "deadlines"}),
}
"""The parts of a declaration that the rules of a module look at, so that they can be judged if all of these could
be read. What follows from the whole, as in the modules that do not stand here, needs the whole."""

_ON_CLEARANCE: Final = (states.clearance_stands, states.clearance_leaves_trace)
"""Rules that look at the two counts besides."""


def problems(
    workflow: Workflow, *, known: Known, where: Where = nowhere, malformed: Sequence[Problem] = ()
) -> tuple[Problem, ...]:
    """Return everything that is wrong with *workflow*, each with culprit and rule; empty if it is sound.

    Args:
        malformed: What was found to be wrong with its shape. If some of it could not even be read as it
            must have been meant, only rules that do not rest on that part are judged, and no name that
            stands there or in its place.
    """
    unread = [each.culprit.split(".") for each in malformed if not each.mended]
    places = {".".join(each) for each in unread}
    doubtful = {f"'{part}'" for each in unread for part in (each[-1], *each[1:2])}
    spoilt = {each[0] for each in unread}
    found: dict[Problem, None] = {}
    for rule in RULES:
        if not _can_be_judged(rule, spoilt):
            continue
        for path, sentence in rule(workflow, known):
            problem = where.problem(path, sentence)
            if problem.culprit not in places and not any(each in sentence.en for each in doubtful):
                found.setdefault(problem)
    return tuple(found)


def warnings(workflow: Workflow, *, known: Known, where: Where = nowhere) -> tuple[Problem, ...]:
    """Return what may not be meant as it is declared in a sound workflow."""
    return tuple(where.problem(path, sentence) for rule in WARNINGS for path, sentence in rule(workflow, known))


def _can_be_judged(rule: Rule, spoilt: Collection[str]) -> bool:
    """Say whether all that *rule* rests on could be read, if the parts *spoilt* could not."""
    if not spoilt:
        return True
    rests_on = _RESTS_ON.get(rule.__module__)
    if rests_on is None or (rule in _ON_CLEARANCE and "clearance" in spoilt):
        return False
    return not rests_on or ("" not in spoilt and rests_on.isdisjoint(spoilt))
