"""All promises of one workflow: searched, and each answered. The door of this room."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from typing import Final, NamedTuple

from engine.language import Text
from engine.proving.abstraction import Abstraction
from engine.proving.alive import dead, way_into
from engine.proving.child_flow import ChildFlow
from engine.proving.child_profiles import ANYWHERE
from engine.proving.declared import asked_in, kept
from engine.proving.ends import traps
from engine.proving.kin import ended_over_children
from engine.proving.people import left_over
from engine.proving.proof_verdicts import NO_PROMISE, Measure, PromiseAnswer, PromiseVerdict, ProvedWorkflow
from engine.proving.search import MOST_STANDINGS, Search
from engine.proving.terms import inconsistent, longer_than_whole
from engine.proving.uncorrected import ends_uncorrected
from engine.proving.watched import unwatched
from engine.validation.check import RULES, WATCHING, Finding, Known, Rule
from engine.workflow.model import Workflow

PROMISES: Final[Mapping[int, Text]] = {
    1: Text("every case can reach an end", "事项总能终结"),
    2: Text("every wait is watched", "等待均有期限监督"),
    3: Text("nothing is dead", "没有无效声明"),
    4: Text("somebody is left to act", "回避后仍有人可办"),
    5: Text("children go along", "上下级事项互不落空"),
    6: Text("its own promises hold", "自定承诺成立"),
    7: Text("terms are consistent", "期限相互一致"),
}
"""What each promise is called."""

MOST_WITHOUT_CORRECTIONS: Final = 100_000
"""Standings of the second search, in which no field is corrected."""

QUICK: Final = 3_000
"""Standings after which the quick part, which `check` runs, gives up and says so."""

_PART_OF: Final[Mapping[str, int]] = {"states": 1, "watch": 2, "choice": 3, "following": 5, "deadlines": 7, "law": 7,
                                      "promised": 6,
                                      "acting_terms": 7}  # fmt: skip
"""By the module of a rule of `check` the promise that it belongs to; what belongs to none stops the search."""


class Bounds(NamedTuple):
    """After how many standings a search gives up."""

    most: int = MOST_STANDINGS
    without_corrections: int = MOST_WITHOUT_CORRECTIONS
    children: int = MOST_STANDINGS
    """Of the search of one workflow of children."""


BOUNDS: Final = Bounds()


def prove(workflow: Workflow, known: Known, *, today: date, bounds: Bounds = BOUNDS) -> ProvedWorkflow:
    """Return what is found out about each promise of a workflow.

    Args:
        known: All that the declaration may name; the workflows of its children among them.
        today: Local date, by which fixed days are past.
        bounds: After how much a search gives up; it then says so.
    """
    amiss = tuple(_amiss(workflow, known))
    if any(promise is None for promise, _, _ in amiss):
        said = tuple(_of_finding(promise or NO_PROMISE, finding, None, workflow) for promise, finding, _ in amiss)
        return ProvedWorkflow(workflow.name, workflow.version, said, (), ())
    prover = _Prover(known.with_itself(workflow), bounds.children)
    first = _with_corrections(prover, workflow, known, today, bounds.most, amiss)
    found, measures = first.found, [first.measure]
    # The first search is gone by now: it is as large as the second.
    if first.leans:
        found = [each for each in found if each.promise != 1 or each.answer is not PromiseAnswer.PROVED]
        found += _without_corrections(prover, workflow, bounds, measures)
    once = list({(each.promise, each.about, each.sentence): each for each in found}.values())
    ordered = tuple(sorted(once, key=lambda each: each.promise))
    return ProvedWorkflow(workflow.name, workflow.version, ordered, tuple(measures), first.folds)


def searched(workflow: Workflow, known: Known, *, corrections: bool = True) -> Search:
    """Return all that cases of a workflow can come to, as `prove` finds it."""
    return Search(_Prover(known.with_itself(workflow)).space(workflow, corrections=corrections))


def quickly(workflow: Workflow, known: Known, *, most: int = QUICK) -> tuple[PromiseVerdict, ...]:
    """Return what a short search finds against a sound workflow, which `check` says besides its own.

    Ends, dead declarations, ends over open children and terms longer than their whole are looked at; if it gives up,
    it says so, and that refutes nothing.

    Args:
        most: Standings after which it gives up.
    """
    prover = _Prover(known.with_itself(workflow), most)
    search = Search(prover.space(workflow, corrections=True), most=most)
    found = [*traps(search), *dead(search, others=known.with_itself(workflow).values()), *ended_over_children(search)]
    found += longer_than_whole(search)
    against = [each for each in _decided(found, search) if each.answer is PromiseAnswer.REFUTED]
    against += [PromiseVerdict(1, "", PromiseAnswer.NOT_DECIDED, why) for why in search.cuts]
    return tuple(against)


class _Found(NamedTuple):
    """What the search in which fields are corrected found."""

    found: list[PromiseVerdict]
    measure: Measure
    folds: tuple[str, ...]
    leans: bool
    """Whether every case can end, but a correction may be what makes it so."""


def _with_corrections(
    prover: "_Prover",
    workflow: Workflow,
    known: Known,
    today: date,
    most: int,
    amiss: Iterable[tuple[int | None, Finding, Rule]],
) -> _Found:
    """Return what is said of every promise where fields may be corrected at any time."""
    never = asked_in(prover.space(workflow, corrections=True)) if workflow.promises else {}
    search = Search(prover.space(workflow, corrections=True, never=never), most=most)
    found = [
        _of_finding(promise, finding, search, workflow)
        for promise, finding, rule in amiss
        if rule not in WATCHING and promise is not None
    ]
    others = tuple(known.with_itself(workflow).values())
    checks: tuple[tuple[int, Callable[[], Iterable[PromiseVerdict]]], ...] = (
        (1, lambda: _ends(search)),
        (2, lambda: unwatched(search, known)),
        (3, lambda: dead(search, others=others)),
        (4, lambda: left_over(search)),
        (5, lambda: ended_over_children(search)),
        (7, lambda: inconsistent(search, today)),
    )
    for promise, check in checks:
        found += _whole(promise, _decided(check(), search), search, already=found)
    found += _decided(_own(prover, workflow, search, most), search)
    space = search.space
    measure = Measure(len(search.standings), search.width, search.complete)
    proved = any(each.promise == 1 and each.answer is PromiseAnswer.PROVED for each in found)
    leans = proved and any(map(space.is_free, space.domains))
    if leans and len(search.standings) > QUICK:  # few are searched again with less work
        leans = not ends_uncorrected(search)
    return _Found(found, measure, tuple(space.folds), leans)


def _own(prover: "_Prover", workflow: Workflow, search: Search, most: int) -> list[PromiseVerdict]:
    """Return what is said of the promises of the workflow itself; of what is refuted, whether only by corrections."""
    found = list(kept(search))
    if all(each.answer is not PromiseAnswer.REFUTED for each in found):
        return found
    never = search.space.never
    plain = kept(Search(prover.space(workflow, corrections=False, never=never), most=most))
    alone = {each.about for each in plain if each.answer is PromiseAnswer.PROVED}
    return [
        each._replace(answer=PromiseAnswer.BY_CORRECTION, sentence=_IF_CORRECTED.format(why=each.sentence))
        if each.answer is PromiseAnswer.REFUTED and each.about in alone
        else each
        for each in found
    ]


def _whole(
    promise: int, said: list[PromiseVerdict], search: Search, *, already: Iterable[PromiseVerdict]
) -> list[PromiseVerdict]:
    """Return what is said of a promise; that it is proved, if nothing stands against it."""
    against = [
        each for each in (*said, *already) if each.promise == promise and each.answer is not PromiseAnswer.PROVED
    ]
    if against or any(each.promise == promise and not each.about for each in said):
        return said
    # What is dead is asked of each part by itself, and terms are compared without the search.
    cuts = {3: search.space.cuts, 7: ()}.get(promise, search.cuts)
    if cuts:
        return [*said, PromiseVerdict(promise, "", PromiseAnswer.NOT_DECIDED, cuts[0])]
    return [*said, PromiseVerdict(promise, "", PromiseAnswer.PROVED, PROMISES[promise])]


def _decided(said: Iterable[PromiseVerdict], search: Search) -> list[PromiseVerdict]:
    """Return verdicts; of those that hang on children of which not all is known only that they are not decided.

    Watched waits, terms, and what a declaration mentions without need (a warning) are seen in the declaration itself.
    """
    cuts = search.space.cuts
    return [
        each
        if not cuts or each.promise in {2, 7} or (each.promise == 3 and each.warning)
        else PromiseVerdict(each.promise, each.about if each.promise == 6 else "", PromiseAnswer.NOT_DECIDED, cuts[0])
        for each in said
    ]


def _ends(search: Search) -> list[PromiseVerdict]:
    """Return what is said of the ends, corrections counted as a way out."""
    worst = list(traps(search))
    if worst:
        return worst
    if search.cuts:
        return [PromiseVerdict(1, "", PromiseAnswer.NOT_DECIDED, search.cuts[0])]
    return [PromiseVerdict(1, "", PromiseAnswer.PROVED, _PROVED)]


def _without_corrections(
    prover: "_Prover", workflow: Workflow, bounds: Bounds, measures: list[Measure]
) -> list[PromiseVerdict]:
    """Return what is said of the ends if no field is corrected, where with corrections every case can end."""
    plain = Search(prover.space(workflow, corrections=False), most=bounds.without_corrections)
    measures.append(Measure(len(plain.standings), plain.width, plain.complete))
    only = [
        each._replace(answer=PromiseAnswer.BY_CORRECTION, warning=True, sentence=_ONLY.format(why=each.sentence))
        for each in traps(plain)
    ]
    if only:
        return only
    if not plain.cuts:
        return [PromiseVerdict(1, "", PromiseAnswer.PROVED, _PROVED)]
    undecided = PromiseVerdict(1, "", PromiseAnswer.NOT_DECIDED, _WHETHER.format(why=plain.cuts[0]))
    return [PromiseVerdict(1, "", PromiseAnswer.PROVED, _WITH), undecided]


def _amiss(workflow: Workflow, known: Known) -> Iterator[tuple[int | None, Finding, Rule]]:
    """Yield what `check` finds, with the promise that it breaks; None if it says that the declaration means nothing."""
    for rule in RULES:
        promise = 2 if rule in WATCHING else _PART_OF.get(rule.__module__.rpartition(".")[2])
        yield from ((promise, each, rule) for each in rule(workflow, known))


def _of_finding(promise: int, finding: Finding, search: Search | None, workflow: Workflow) -> PromiseVerdict:
    """Return a finding of `check` as a verdict, with the way to where it shows."""
    at, sentence = finding
    states = [str(each) for each in at if each in workflow.states]
    if len(at) > 1 and at[0] == "deadlines" and at[1] in workflow.deadlines:
        states = list(workflow.deadlines[str(at[1])].runs_in)
    path = () if search is None else way_into(search, states or [workflow.initial])
    return PromiseVerdict(promise, ".".join(map(str, at)), PromiseAnswer.REFUTED, sentence, path)


class _Prover:
    """Searches of several workflows, each once."""

    def __init__(self, workflows: Mapping[str, Workflow], most: int = MOST_STANDINGS) -> None:
        self._workflows = workflows
        self._most = most
        self._flows: dict[str, ChildFlow] = {}
        self._under_way: set[str] = set()

    def space(
        self, workflow: Workflow, *, corrections: bool, never: Mapping[str, tuple[str, ...]] | None = None
    ) -> Abstraction:
        """Return what the search of a workflow walks, its children searched before."""
        by_steps = [each.workflow for step in workflow.transitions for each in step.opens]
        by_ladders = [rung.opens.workflow for rungs in workflow.ladders.values() for rung in rungs if rung.opens]
        for name in dict.fromkeys((*by_steps, *by_ladders)):
            self._flow(name)
        return Abstraction(workflow, self._around(workflow), self._flows, corrections=corrections, never=never)

    def _around(self, workflow: Workflow) -> Known:
        """Return what a workflow is searched among."""
        return Known(workflows={name: each for name, each in self._workflows.items() if name != workflow.name})

    def _flow(self, name: str) -> None:
        """Note how the cases of a workflow move."""
        if name in self._flows or name not in self._workflows or name in self._under_way:
            return
        self._under_way.add(name)
        child = self._workflows[name]
        space = self.space(child, corrections=True)
        above: tuple[str, ...] = (ANYWHERE,)
        if any("state" in space.question(source).parts.parent for source in space.sources):
            above = tuple(map(str, space.above("state")))
        self._flows[name] = ChildFlow(
            child,
            lambda state, never: Abstraction(
                child,
                self._around(child),
                self._flows,
                corrections=True,
                above_state=None if state == ANYWHERE else state,
                never=never,
            ),
            above,
            most=self._most if above == (ANYWHERE,) else min(QUICK, self._most),
        )


_PROVED: Final = Text("every case can reach an end from wherever it may stand", "任何事项无论处于何种情形均可终结")
_WITH: Final = Text(
    "every case can reach an end, corrections of fields counted as a way out", "任何事项均可终结（更正字段计作出路）"
)
_WHETHER: Final = Text("whether without a correction as well: {why}", "不经更正是否亦可终结：{why}")
_IF_CORRECTED: Final = Text("{why}, if a field is corrected", "{why}（字段经更正时）")
_ONLY: Final = Text("{why} - unless a field is corrected", "{why}；更正字段除外")
