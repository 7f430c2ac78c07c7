"""How a case begins: who may open it, what it must have, what it is given at birth, and what must hold before."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import Final

from engine.errors import RefusedError
from engine.expressions.evaluate import guards, names
from engine.journal.event import SEALED
from engine.language import Text, lazy_pattern
from engine.rules.case import Actor, Case, Family
from engine.rules.computed_values import worked_out
from engine.rules.paired_values import unpaired
from engine.rules.refusals import missing_field, without_role, written_by_steps
from engine.rules.related_cases import seen
from engine.rules.required import failing, lacking_by_condition
from engine.rules.transitions import Rules
from engine.workflow.computed import computed, literal
from engine.workflow.model import Workflow

NOTHING: Final[Mapping[str, object]] = MappingProxyType({})

_OF_PARENT: Final = lazy_pattern(r"parent\.([a-z][a-z0-9_]*)")
"""What copies one value of the parent as it is stored there."""


def may_open_with(workflow: Workflow, name: str) -> bool:
    """Say whether a case may begin with a value of the field."""
    field = workflow.fields[name]
    return field.amend or field.required or name in workflow.open_takes


def opening(
    rules: Rules,
    values: Mapping[str, object],
    *,
    actor: Actor | None,
    unit: str,
    legacy: bool = False,
    born: Mapping[str, object] = NOTHING,
    besides: Sequence[Text] = (),
    asked: Collection[str] = (),
) -> Mapping[str, object]:
    """Return the values that a new case begins with.

    Args:
        actor: None if a parent's transition opens the case, which needs no role of its own.
        legacy: The values come from a ledger that was kept before, and may hold what steps write here.
        born: What the declaration gives it at birth; what is brought goes before it.
        besides: What is wrong with the values as the rest of the register shows.
        asked: Fields that may be missing though they are required: a question stands on them.

    Raises:
        RefusedError: If the officer may not open such a case or a required value is missing.
    """
    workflow = rules.workflow
    reasons: list[Text] = []
    if actor is not None and actor.roles.isdisjoint(rules.open_by):
        reasons.append(without_role(actor, workflow.open_by, unit))
    brought = {k: v for k, v in values.items() if v is not None}
    given = {**born, **brought} if born else brought
    wanted = (*rules.required, *(() if legacy else lacking_by_condition(workflow, given)))
    lacking = (each.name for each in wanted if each.name not in given and each.name not in asked)
    reasons.extend(missing_field(workflow, name, now=True) for name in lacking)
    if actor is not None and not legacy:
        later = (workflow.fields[name] for name in brought if not may_open_with(workflow, name))
        reasons.extend(written_by_steps(each) for each in later)
    reasons.extend(unpaired(rules.pairs, {}, given, legacy=legacy))
    reasons.extend(besides)
    if reasons:
        title = Text("a new {title} is refused", "不能登记{title}").format(title=workflow.title)
        raise RefusedError(title, reasons)
    if rules.sealed.isdisjoint(given):
        return given
    return {k: SEALED if k in rules.sealed else v for k, v in given.items()}


def born_with(
    rules: Rules,
    brought: Mapping[str, object],
    *,
    family: Family,
    by: str,
    unit: str,
    today: date,
) -> tuple[Mapping[str, object], list[Text]]:
    """Return what the declaration gives a new case at birth (`open: {sets: …}`), and what could not be worked out.

    What is brought is given nothing. An expression that names the parent is left alone where there is none.

    Args:
        brought: The values that it is opened with.
        family: Its parent, if it has one, and what counts terms.
        by: Code of the officer who opens it.
        unit: Code of its unit.
        today: Local date.
    """
    workflow = rules.workflow
    if not workflow.open_sets:
        return NOTHING, []
    values = {name: value for name, value in literal(workflow.open_sets).items() if brought.get(name) is None}
    sources: dict[str, str] = {}
    there = seen(family.parent) if family.parent else None
    for name, source in computed(workflow.open_sets).items():
        copied = _OF_PARENT.fullmatch(source)
        if brought.get(name) is not None or (there is None and "parent" in names(source)):
            continue
        if copied is None or there is None:
            sources[name] = source
        elif there[copied[1]] is not None:
            values[name] = there[copied[1]]
    if not sources:
        return values, []
    whole = {workflow.dated_by: today.isoformat(), **values, **brought}
    scope = rules.scope(_newborn(rules, whole, family, unit, today), whole, family, by=by, today=today)
    worked, wrong = worked_out(workflow, sources, scope, today=today)
    values.update((name, value) for name, value in worked.items() if value is not None)
    return values, wrong


def against_opening(
    rules: Rules, values: Mapping[str, object], *, family: Family, by: str, unit: str, today: date
) -> Iterator[Text]:
    """Yield what is declared of cases that people open (`open: {when: …}`) and does not hold.

    What looks at the parent is asked only where there is one.

    Args:
        values: All that the case would begin with.
        family: Its parent, if it has one, and what counts terms.
        by: Code of the officer who opens it.
        today: Local date.
    """
    workflow = rules.workflow
    asked = tuple(each for each in workflow.open_when if family.parent or "parent" not in names(each.expression))
    if not asked:
        return
    newborn = _newborn(rules, values, family, unit, today)
    scope = rules.scope(newborn, values, family, by=by, today=today)
    yield from failing(
        asked, guards(tuple(each.expression for each in asked)), scope, rules.said, taken=tuple(workflow.fields)
    )


def _newborn(rules: Rules, values: Mapping[str, object], family: Family, unit: str, today: date) -> Case:
    """Return a case that is only about to be opened, as expressions see it."""
    workflow, parent = rules.workflow, family.parent
    return Case(
        0, "", workflow.name, workflow.version, rules.machine.initial, 0, unit, parent and parent.id, None,
        str(values.get(workflow.dated_by, today.isoformat())), 0, 0, 0, values, None, 0, "",
    )  # fmt: skip
