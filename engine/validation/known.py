"""What a declaration is judged against, and the words in which all its judges speak."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from engine.language import Text
from engine.workflow.children import ChildOpening
from engine.workflow.computed import computed, is_copied
from engine.workflow.deadline import Term
from engine.workflow.model import Choice, Guard, Transition, Workflow
from engine.workflow.problems import Path, did_you_mean


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """All that stands outside a declaration and that it may name."""

    workflows: Mapping[str, Workflow] = field(default_factory=dict)
    """The other declarations, by name; those that could not be read are missing."""
    lists: Mapping[str, tuple[Choice, ...]] = field(default_factory=dict)
    roles: frozenset[str] = frozenset()
    levels: tuple[str, ...] = ()
    """The levels of reminding, the mildest first."""
    law: Mapping[str, Term] = field(default_factory=dict)
    """The longest term of each row of law."""
    shipped: Workflow | None = None
    """The shipped declaration of the same name, when a user's file replaces it."""
    law_extensions: Mapping[str, Term] = field(default_factory=dict)
    """The longest extension that a row of law allows; a row that is missing allows none."""
    law_unrolled: frozenset[str] = frozenset()
    """Rows of law whose last day never moves to the next working day."""
    campaigns: Mapping[str, frozenset[str]] | None = None
    """Of which of its days each campaign tells (check_in, stage_end and so on); None: campaigns are not known."""

    def parent_of(self, workflow: Workflow) -> Workflow | None:
        """Return the declaration whose cases open those of *workflow*, if it has one that is known."""
        return self.workflows.get(workflow.parent) if workflow.parent else None

    def parents_of(self, workflow: Workflow) -> tuple[Workflow, ...]:
        """Return the declarations under whose cases those of *workflow* stand, as far as they are known."""
        return tuple(self.workflows[each] for each in workflow.parents if each in self.workflows)

    def with_itself(self, workflow: Workflow) -> dict[str, Workflow]:
        """Return all declarations by name, *workflow* among them."""
        return {**self.workflows, workflow.name: workflow}


Finding = tuple[Path, Text]
"""What is wrong, and the sentence that states the rule."""

Rule = Callable[[Workflow, Known], Iterable[Finding]]
"""One rule: everything that breaks it, in the order of the declaration."""


def unknown(kind: Text, wrong: str, known: Iterable[str]) -> Text:
    """Return the sentence that *wrong* names nothing: "no state is called 'recieved' (did you …)"."""
    return Text(
        "no {kind} is called '{wrong}'{guess}",
        "没有名为“{wrong}”的{kind}{guess}",
    ).format(kind=kind, wrong=wrong, guess=did_you_mean(wrong, known))


STATE = Text("state", "状态")
FIELD = Text("field", "字段")
ROLE = Text("role", "角色")
LIST = Text("list", "列表")
UNIT_TYPE = Text("type of units", "单位类型")
LADDER = Text("ladder", "预警级别表")
TRIGGER = Text("trigger", "动作")
WORKFLOW = Text("workflow", "流程")


def expressions(workflow: Workflow) -> Iterable[tuple[Path, str]]:
    """Yield every expression of *workflow* with the place where it stands."""
    yield from _of_single(workflow)
    for at, opening in openings(workflow):
        yield from _of_opening(opening, at)
    for name, source in computed(workflow.open_sets).items():
        yield ("open", "sets", name), source
    for transition in workflow.transitions:
        yield from _of_step(transition)
    conditions: tuple[tuple[Path, tuple[Guard, ...]], ...] = (
        (("open",), workflow.open_when),
        (("amend",), workflow.amend_when),
        (("clearance", "cleared"), workflow.cleared.when),
        (("clearance", "fully_closed"), workflow.fully_closed.when),
    )
    for at, guards in conditions:
        for guard in guards:
            yield (*at, "when", guard.expression), guard.expression


def _of_step(transition: Transition) -> Iterable[tuple[Path, str]]:
    """Yield the expressions of one step: whether it applies, what it sets here and in children, what must hold."""
    at: Path = ("transitions", transition.name)
    if transition.if_ is not None:
        yield (*at, "if"), transition.if_
    for name, source in computed(transition.sets).items():
        yield (*at, "sets", name), source
    if transition.each is not None:
        yield from _not_copied(transition.each.sets, (*at, "each", "sets"))
    for guard in transition.when:
        yield (*at, "when", guard.expression), guard.expression


def _of_opening(opening: ChildOpening, at: Path) -> Iterable[tuple[Path, str]]:
    """Yield the expressions of one opening: whether a case is opened, what it is given."""
    if opening.if_ is not None:
        yield (*at, "if"), opening.if_
    yield from _not_copied(opening.sets, (*at, "set"))


def _not_copied(sets: Mapping[str, object], at: Path) -> Iterable[tuple[Path, str]]:
    """Yield the expressions that are more than the name of a field to copy."""
    yield from (((*at, name), source) for name, source in computed(sets).items() if not is_copied(source))


def _of_single(workflow: Workflow) -> Iterable[tuple[Path, str]]:
    """Yield the conditions of fields, deadlines and promises."""
    for each in workflow.fields.values():
        if each.required_if is not None:
            yield ("fields", each.name, "required_if"), each.required_if
    for deadline in workflow.deadlines.values():
        if deadline.if_ is not None:
            yield ("deadlines", deadline.name, "if"), deadline.if_
    for promise in workflow.promises.values():
        for key, source in (("never", promise.never), ("after", promise.after), ("always", promise.always)):
            if source is not None:
                yield ("promises", promise.name, key), source


_WRITTEN: Final = {
    "deadline": "…", "reason": "…", "was_due_on": "=today", "due_on": "=today", "filed_on": "=today"
}  # fmt: skip
"""Something that fits where an extension writes this; who signed it is an officer."""


def openings(workflow: Workflow) -> Iterable[tuple[Path, ChildOpening]]:
    """Yield the openings of children that steps and ladders declare, each with its place."""
    for transition in workflow.transitions:
        for position, opening in enumerate(transition.opens):
            yield ("transitions", transition.name, "opens", position), opening
    for deadline in workflow.deadlines.values():
        if deadline.extend is not None and deadline.extend.opens is not None:
            opening = deadline.extend.opens
            written = {str(name): _WRITTEN.get(key, "=by") for key, name in opening.writes.items()}
            yield ("deadlines", deadline.name, "extend", "opens"), opening.replace(sets={**opening.sets, **written})
    for name, rungs in workflow.ladders.items():
        for position, rung in enumerate(rungs):
            if rung.opens is not None:
                yield ("ladders", name, position, "opens"), rung.opens


def fields_brought(workflow: Workflow, known: Known) -> frozenset[str]:
    """Return the fields that a case surely has from its opening: required ones, and what parents set.

    A child has what every opening of it sets; if no parent is known, or people open it too, only what is required.
    """
    required = {field.name for field in workflow.fields.values() if field.required}
    given = [
        frozenset(opening.sets)
        for other in known.with_itself(workflow).values()
        for _, opening in openings(other)
        if opening.workflow == workflow.name
    ]
    if not workflow.parents or not given or workflow.open_by:
        return frozenset(required)
    return frozenset(required) | frozenset.intersection(*given)


def listed(names: Iterable[str]) -> Text:
    """Return *names* in quotes, as each language lists them."""
    all_names = tuple(names)
    return Text(", ".join(f"'{each}'" for each in all_names), "、".join(f"“{each}”" for each in all_names))


def mended(workflow: Workflow) -> Workflow | None:
    """Return *workflow* with misspelt states of its transitions read as what they must have meant.

    One wrong letter would otherwise be followed by a dozen unreachable states. None if a name cannot be guessed:
    then nothing can be said of the ways.
    """
    from engine.workflow.problems import closest

    if workflow.initial not in workflow.states:
        return None
    named = {each for one in workflow.transitions for each in (*one.sources, one.target) if each is not None}
    wrong = named - set(workflow.states)
    if not wrong:
        return workflow
    meant = {each: closest(each, workflow.states) for each in wrong}
    if None in meant.values():
        return None
    right = {**{name: name for name in workflow.states}, **{a: b for a, b in meant.items() if b}}
    return workflow.replace(
        transitions=tuple(
            each.replace(
                sources=tuple(right[source] for source in each.sources),
                target=None if each.target is None else right[each.target],
            )
            for each in workflow.transitions
        ),
    )
