"""Promise 2: every wait is watched by a deadline whose ladder goes on and reaches somebody."""

from collections.abc import Iterable, Iterator

from engine.language import Text
from engine.proving.alive import way_into
from engine.proving.paths import path_to
from engine.proving.proof_verdicts import PromiseAnswer, PromiseVerdict
from engine.proving.search import Search
from engine.validation.check import HEARD_OF, WATCHING, Finding, Known
from engine.workflow.deadline import Deadline
from engine.workflow.model import Workflow


def unwatched(search: Search, known: Known) -> Iterator[PromiseVerdict]:
    """Yield where a case can wait and nobody would hear of it."""
    workflow = search.space.workflow
    said: set[str] = set()
    for rule in WATCHING:
        for path, sentence in rule(workflow, known):
            about = ".".join(map(str, path))
            said.add(path[1] if len(path) > 1 and isinstance(path[1], str) else "")
            yield PromiseVerdict(
                2, about, PromiseAnswer.REFUTED, sentence, way_into(search, _where(workflow, (path, sentence)))
            )
    for path, sentence in HEARD_OF(workflow, known):
        said.add(str(path[1]))
        way = way_into(search, _where(workflow, (path, sentence)))
        yield PromiseVerdict(2, ".".join(map(str, path)), PromiseAnswer.REFUTED, sentence, way, warning=True)
    for deadline in workflow.deadlines.values():
        if deadline.name not in said and deadline.ladder not in said:
            yield from _unheard(search, deadline)


def _where(workflow: Workflow, finding: Finding) -> Iterable[str]:
    """Return the states that a finding is about."""
    kind, *rest = finding[0]
    name = str(rest[0]) if rest else ""
    if kind == "states":
        return (name,)
    if kind == "ladders":
        return tuple(s for each in workflow.deadlines.values() if each.ladder == name for s in each.runs_in)
    return workflow.deadlines[name].runs_in if name in workflow.deadlines else ()


def _unheard(search: Search, deadline: Deadline) -> Iterator[PromiseVerdict]:
    """Yield a deadline of which nobody would ever hear: no rung goes on to somebody who is surely there."""
    workflow = search.space.workflow
    rungs = workflow.ladders.get(deadline.ladder or "", ())
    going_on = [each for each in rungs if each.goes_on] or rungs[-1:]
    if deadline.ladder is not None and any(to not in workflow.fields for each in going_on for to in each.to):
        return
    for number, standing in enumerate(search.standings):
        state = search.space.state_names[standing[0]]
        if state in deadline.runs_in and _nobody_named(search, number, {to for each in going_on for to in each.to}):
            sentence = Text(
                "when it has run out, it may be that nobody hears of it: only officers who need not be named are "
                "reminded",
                "到期后可能无人知悉：只提醒未必已指定的人员",
            )
            path = path_to(search, number)
            yield PromiseVerdict(
                2, f"deadlines.{deadline.name}.ladder", PromiseAnswer.REFUTED, sentence, path, warning=True
            )
            return


def _nobody_named(search: Search, number: int, fields: set[str]) -> bool:
    """Say whether none of some fields surely names somebody in a standing."""
    standing = search.standings[number]
    for place, slot in enumerate(search.space.slots):
        if slot.kind == "field" and slot.name in fields and standing[place + 1] >= 0:
            value = search.space.domains[slot.name].classes[standing[place + 1]].value
            if value is not None:
                return False
    required = {name for name in fields if search.space.workflow.fields[name].required}
    return not required
