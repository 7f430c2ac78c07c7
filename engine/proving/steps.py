"""What one step can do to a case: every way to bring values with it, as far as a later step can distinguish them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import product
from typing import Final, NamedTuple

from engine.proving.abstraction import Abstraction
from engine.proving.child_profiles import Profile, opening_key
from engine.proving.conditions import PROGRAM
from engine.proving.domains import TODAY
from engine.proving.questions import CAME_FROM, Slot
from engine.proving.trials import Had, StepCondition, ValueTrial
from engine.workflow.computed import computed, is_copied, literal
from engine.workflow.model import Transition

DEAD: Final = -1
"""The code of what no later step can ask."""


class StepOutcome(NamedTuple):
    """One thing that a step can lead to."""

    codes: tuple[int, ...]
    """Of the slots that the step writes, in their order."""
    births: tuple[tuple[str, Profile], ...]
    witness: tuple[Had, ...]
    """One way to bring it about."""
    refused: frozenset[int] = frozenset()
    """The places of the children that it does not open."""


class Step:
    """One declared transition from one state."""

    def __init__(self, space: Abstraction, transition: Transition, source: str) -> None:
        self.space = space
        self.transition = transition
        self.source = source
        self.target = transition.target or source
        self.conditions = tuple(self._conditions())
        live_before, live_after = space.live[source], space.live[self.target]
        killed = space.killed(transition)
        self.reads = tuple(
            place
            for place, slot in enumerate(space.slots)
            if slot in live_before and (slot in self.asked or slot in killed)
        )
        self.writes = tuple(
            place
            for place, slot in enumerate(space.slots)
            if slot in live_after and slot in killed and slot.kind != "kin"
        )
        self._names = tuple(self._variables())
        self._outcomes: dict[tuple[int, ...], tuple[StepOutcome, ...]] = {}

    @cached_property
    def asked(self) -> frozenset[Slot]:
        """What it asks of a case: by its conditions, of its officers, for what is needed and copied."""
        found = {slot for each in self.conditions for slot in each.question.slots}
        found |= {Slot("field", name) for name in self.space.entitling(self.transition)}
        found |= {Slot("field", name) for name in self.transition.needs}
        found |= {Slot("field", name) for name in self.space.counting(self.transition)}
        found |= {Slot("field", source) for _, source in self._copied}
        return frozenset(found)

    @cached_property
    def _copied(self) -> tuple[tuple[int, str], ...]:
        """The fields that children must be given for them to be opened, by the child's place among the openings."""
        every = self.space.known.with_itself(self.space.workflow)
        return tuple(
            (place, source)
            for place, each in enumerate(self.transition.opens)
            for name, source in computed(each.sets).items()
            if is_copied(source) and self.space.is_asked(each, source) and each.workflow in every
            and every[each.workflow].fields[name].required
        )  # fmt: skip

    def _conditions(self) -> Iterator[StepCondition]:
        space, step = self.space, self.transition
        # Of steps with one trigger the first whose `if` holds is taken: this one only where none before it is.
        for each in space.workflow.transitions:
            if each is step:
                break
            if each.trigger == step.trigger and self.source in each.sources and each.if_ is not None:
                yield StepCondition(space.question(each.if_), wanted=False, after=False)
        if step.if_ is not None:
            yield StepCondition(space.question(step.if_), wanted=True, after=False)
        named = space.entitling(step)
        # Somebody has to be named there who may take it, unless the step itself brings the name.
        if named and space.brought(step).isdisjoint(named):
            yield StepCondition(space.question(" or ".join(named)), wanted=True, after=False)
        for guard in step.when:
            yield StepCondition(space.question(guard.expression), wanted=True, after=True)
        for place, opening in enumerate(step.opens):
            if opening.if_ is not None:
                yield StepCondition(space.question(opening.if_), wanted=True, after=True, birth=place)

    def _variables(self) -> Iterator[str]:
        """Yield the fields whose values differ from way to way."""
        step, space = self.transition, self.space
        named = {slot.name for slot in self.asked if slot.kind == "field"} | {*step.asks}
        live = {slot.name for slot in space.live[self.target] if slot.kind == "field"}
        named |= live & {*space.brought(step), *step.clears, *step.sets}
        for opening in step.opens:
            if opening.workflow in space.kin:
                asked = space.kin[opening.workflow].fields
                named |= {s for n, s in computed(opening.sets).items() if n in asked and is_copied(s)}
        yield from (name for name in space.domains if name in named)

    def impossible(self) -> bool:
        """Say whether nobody can ever take it: the program, where no term of it runs."""
        step = self.transition
        return step.by == (PROGRAM,) and not any(
            each.then == step.trigger and self.source in each.runs_in for each in self.space.workflow.deadlines.values()
        )

    def outcomes(self, known: tuple[int, ...]) -> tuple[StepOutcome, ...]:
        """Return all that the step can lead to.

        Args:
            known: The codes of the slots that it reads (`reads`).
        """
        # A million standings differ mostly in slots that this step does not read.
        if known not in self._outcomes:
            codes = {self.space.slots[place]: code for place, code in zip(self.reads, known, strict=True)}
            self._outcomes[known] = () if self.impossible() else tuple(self._found(codes))
        return self._outcomes[known]

    def outcomes_of(self, known: tuple[int, ...], besides: Mapping[Slot, int]) -> tuple[StepOutcome, ...]:
        """Return the same where some other slots hold what is given besides; it is not kept."""
        codes = {self.space.slots[place]: code for place, code in zip(self.reads, known, strict=True)}
        return () if self.impossible() else tuple(self._found({**codes, **besides}))

    def is_sure(self, known: tuple[int, ...]) -> bool:
        """Say whether all that it asks was judged, be its children as they may."""
        return all(
            code <= 0
            for place, code in zip(self.reads, known, strict=True)
            if self.space.slots[place] in self._undistinguished
        )

    @cached_property
    def _undistinguished(self) -> frozenset[Slot]:
        sources = {each.question.source for each in self.conditions} & self.space.undistinguished.keys()
        return frozenset(Slot("kin", self.space.undistinguished[each]) for each in sources)

    def known_outcomes(self) -> Iterator[StepOutcome]:
        """Yield all outcomes that were asked for so far."""
        for each in self._outcomes.values():
            yield from each

    def barring(self, known: tuple[int, ...]) -> tuple[str, ...]:
        """Return the conditions that cannot hold, each by itself; all of them if only together they cannot."""
        codes = {self.space.slots[place]: code for place, code in zip(self.reads, known, strict=True)}
        options = {name: tuple(self._options(name, codes)) for name in self._names}
        people = [slot for slot in self._persons if slot not in codes or slot in self._changed]
        every = [each for each in self.conditions if each.birth is None]
        never = []
        for condition in every:
            slots = [Slot("field", name) for name in self._names] + people
            mine = [each for each in slots if each in condition.question.slots]
            if not any(True for _ in self._solved(mine, [condition], options, codes, frozenset())):
                never.append(condition.question.source)
        return tuple(never or (each.question.source for each in every))

    def anyhow(self) -> bool:
        """Say whether some case can take it, however it came to stand as it does: one of a ledger, say."""
        if self.impossible():
            return False
        every = [self._every(self.space.slots[place]) for place in self.reads]
        return any(self.outcomes(each) for each in product(*every))

    def _every(self, slot: Slot) -> Sequence[int]:
        """Return all codes of a slot."""
        match slot.kind:
            case "field":
                return self.space.domains[slot.name].everything
            case "kin":
                return range(len(self.space.kin[slot.name]))
            case "came_from":
                return range(len(self.space.state_names) + 1)
        return (0, 1)

    def _found(self, codes: dict[Slot, int]) -> Iterator[StepOutcome]:
        """Yield the outcomes, each once: parts that share no condition are solved apart, and multiplied."""
        options = {name: tuple(self._options(name, codes)) for name in self._names}
        people = [slot for slot in self._persons if slot not in codes or slot in self._changed]
        written = [self.space.slots[place] for place in self.writes]
        parts = self._parts([*(Slot("field", name) for name in self._names), *people])
        solved = []
        for slots, conditions in parts:
            found = dict(self._solved(slots, conditions, options, codes, frozenset(written)))
            if not found:
                return
            solved.append(found)
        seen: set[object] = set()
        for combination in product(*(each.items() for each in solved)):
            after = {slot: code for (some, _), _ in combination for slot, code in some}
            refused = {place for (_, some), _ in combination for place in some}
            passed = {had.name: had for _, some in combination for had in some}
            births = tuple(self._births(refused, passed))
            plain = tuple(self._written(slot, after, codes) for slot in written)
            if (plain, births) not in seen:
                seen.add((plain, births))
                witness = tuple(had for _, some in combination for had in some)
                yield StepOutcome(plain, births, witness, frozenset(refused))

    def _written(self, slot: Slot, after: dict[Slot, int], codes: dict[Slot, int]) -> int:
        if slot in after:
            return after[slot]
        if slot.kind == "done":
            return 1
        if slot == CAME_FROM:
            return self.space.state_number[self.source] + 1
        return codes.get(slot, 0)

    @cached_property
    def _changed(self) -> frozenset[Slot]:
        return frozenset(self.space.changed_persons(self.transition))

    @cached_property
    def _named_acts(self) -> Mapping[Slot, int]:
        """The comparisons of who acts with the only field that says who may: how each of them must come out."""
        step, space = self.transition, self.space
        named = space.entitling(step)
        if len(named) != 1 or named[0] in space.brought(step) | step.sets.keys():
            return {}
        return {
            Slot("same", key): int(not same.differs)
            for key, same in space.same.items()
            if same.by and (same.equal or same.wanted) and same.fields == {*named} and not same.steps
        }

    @cached_property
    def _persons(self) -> tuple[Slot, ...]:
        """The comparisons of persons that it asks, or that a later step asks and it may turn."""
        asked = {each for each in self.asked if each.kind == "same"}
        return tuple(sorted(asked | {each for each in self.space.live[self.target] if each in self._changed}))

    def _options(self, name: str, codes: dict[Slot, int]) -> Iterator[Had]:
        """Yield what a field can have before and after the step."""
        step, space = self.transition, self.space
        domain = space.domains[name]
        set_to = _set_to(space, step, name)
        takes = name in space.brought(step)
        if Slot("field", name) in codes and codes[Slot("field", name)] != DEAD:
            before: Sequence[int] = (codes[Slot("field", name)],)
        elif space.is_free(name):
            before = space.possible_codes(name)
        else:
            before = () if takes else (domain.empty,)
        named = step.by == (name,) and takes
        left: list[Had] = []
        for code in before if name not in step.asks else ():
            emptied = domain.empty if name in step.clears else code
            left += self._left(name, code, emptied, set_to, brought=False, named=named)
        if name in step.clears and not before and name not in step.asks:
            left += self._left(name, domain.empty, domain.empty, set_to, brought=False, named=named)
        brought: list[Had] = []
        if takes and (not named or any(domain.classes[code].value is not None for code in before)):
            # Those first that are kept as they are: a witness then means what later steps see.
            for code in sorted(
                domain.filled if name in step.asks or named else domain.everything,
                key=lambda each: self._kept(name, each) != each,
            ):
                brought += self._left(name, code, code, set_to, brought=True, named=False)
        # Nobody corrects what can be brought.
        yield from (*brought, *left) if space.is_free(name) else (*left, *brought)

    def _left(
        self, name: str, before: int, after: int, set_to: Sequence[int] | None, *, brought: bool, named: bool
    ) -> Iterator[Had]:
        """Yield what is left, if the step permits it."""
        classes = self.space.domains[name].classes
        if named and classes[before].value is None:
            return
        counted = self.space.counted_to(self.transition, name, before)
        for code in (counted,) if counted is not None else (after,) if set_to is None else set_to:
            asked = name in self.transition.asks
            if name in self.transition.needs and not asked and classes[code].value is None:
                continue
            yield Had(name, before, code, brought)

    def _parts(self, variables: list[Slot]) -> list[tuple[list[Slot], list[StepCondition]]]:
        """Return the variables that share conditions together, with these."""
        group = {slot: {slot} for slot in variables}
        hung: list[tuple[StepCondition, list[Slot]]] = []
        pairs = [self._pair(each.name, str(each.only_if)) for each in self.space.pairs]
        for condition in (*self.conditions, *(each for each in pairs if each is not None)):
            mine = [slot for slot in condition.question.slots if slot in group]
            mine += [
                Slot("field", source)
                for place, source in self._copied
                if place == condition.birth and Slot("field", source) in group
            ]
            hung.append((condition, mine))
            for slot in mine[1:]:
                if group[slot] is not group[mine[0]]:
                    group[mine[0]] |= group[slot]
                    for each in group[slot]:
                        group[each] = group[mine[0]]
        found: dict[int, tuple[list[Slot], list[StepCondition]]] = {}
        for slot in variables:
            found.setdefault(id(group[slot]), ([], []))[0].append(slot)
        bare: tuple[list[Slot], list[StepCondition]] = ([], [])
        for condition, mine in hung:
            (found[id(group[mine[0]])] if mine else bare)[1].append(condition)
        return [bare, *found.values()]

    def _pair(self, name: str, flag: str) -> StepCondition | None:
        """Return the condition that a field has a value only where a flag is set, if the step writes one of them."""
        step = self.transition
        touched = {*self.space.brought(step), *step.clears, *step.sets}
        if touched.isdisjoint({name, flag}) or name not in self._names or flag not in self._names:
            return None
        return StepCondition(self.space.question(f"{name} is none or {flag}"), wanted=True, after=True)

    def _solved(
        self,
        slots: list[Slot],
        conditions: list[StepCondition],
        options: dict[str, tuple[Had, ...]],
        codes: dict[Slot, int],
        written: frozenset[Slot],
    ) -> Iterator[tuple[tuple[tuple[tuple[Slot, int], ...], tuple[int, ...]], tuple[Had, ...]]]:
        """Yield each way of one part: what it writes and which children it does not open, with a witness."""
        trial = ValueTrial(slots, conditions, options, lambda each, tried: self._holds(each, tried, codes))
        waiting, had, same = trial.waiting, trial.had, trial.same
        seen: set[object] = set()
        copied = {source for _, source in self._copied}
        sure = {place for place, each in enumerate(self.transition.opens) if each.if_ is None}
        mine = sure | {each.birth for each in conditions if each.birth is not None}
        for refused in trial.ways():
            if self._lacks(mine - set(refused), had):
                continue
            after = [
                (slot, self._kept(slot.name, had[slot.name].after))
                for slot in waiting
                if slot in written and slot.kind == "field"
            ]
            after += [(slot, same[slot]) for slot in waiting if slot in written and slot.kind == "same"]
            passed = tuple((name, had[name].after) for name in had if name in copied or self._is_passed(name))
            key = (tuple(after), refused, passed)
            if key not in seen:
                seen.add(key)
                yield (tuple(after) + tuple((Slot("passed", n), c) for n, c in passed), refused), tuple(had.values())

    def _kept(self, name: str, code: int) -> int:
        """Return the class as which a value is kept."""
        coarse = self.space.coarse.get(name)
        return code if coarse is None else coarse[code]

    def _is_passed(self, name: str) -> bool:
        """Say whether children are born with the value of a field and are asked for it."""
        return name in self._passed

    @cached_property
    def _passed(self) -> frozenset[str]:
        return frozenset(
            source
            for each in self.transition.opens
            if each.workflow in self.space.kin
            for name, source in computed(each.sets).items()
            if is_copied(source) and name in self.space.kin[each.workflow].fields
        )

    def _lacks(self, opened: set[int], had: dict[str, Had]) -> bool:
        """Say whether a child would be opened without what it must have."""
        return any(
            place in opened and source in had and self.space.domains[source].classes[had[source].after].filled is None
            for place, source in self._copied
        )

    def _holds(self, condition: StepCondition, tried: ValueTrial, codes: dict[Slot, int]) -> bool:
        """Say whether a condition holds of the values so far; of a parent and what is not followed, if it can."""
        undistinguished = self.space.undistinguished.get(condition.question.source)
        if undistinguished is not None and codes.get(Slot("kin", undistinguished), 0) > 0:
            return condition.wanted
        values: list[object] = []
        above: list[int] = []
        for slot in condition.question.slots:
            if slot.kind == "parent":
                above.append(len(values))
                values.append(None)
            else:
                values.append(self._value(slot, condition, tried, codes))
        if not above:
            return condition.question.holds(tuple(values))
        for some in product(*(self.space.above(condition.question.slots[place].name) for place in above)):
            for place, value in zip(above, some, strict=True):
                values[place] = value
            if condition.question.holds(tuple(values)) is condition.wanted:
                return condition.wanted
        return not condition.wanted

    def _value(self, slot: Slot, condition: StepCondition, tried: ValueTrial, codes: dict[Slot, int]) -> object:
        match slot.kind:
            case "field":
                if slot.name in tried.had:
                    had = tried.had[slot.name]
                    code = had.after if condition.after else had.before
                else:
                    code = codes.get(slot, self.space.domains[slot.name].empty)
                return self.space.domains[slot.name].classes[code].value
            case "same":
                return self._named_acts.get(slot, tried.same.get(slot, codes.get(slot, 0)))
            case "state":
                return self.source
            case "came_from":
                code = codes.get(CAME_FROM, 0)
                return self.space.state_names[code - 1] if code > 0 else None
        return codes.get(slot, 0)

    def _births(self, refused: Iterable[int], passed: dict[str, Had]) -> Iterator[tuple[str, Profile]]:
        """Yield the children that are opened, as the parent will see them."""
        for place, opening in enumerate(self.transition.opens):
            if place in refused or opening.workflow not in self.space.kin:
                continue
            kin = self.space.kin[opening.workflow]
            values = literal(opening.sets)
            for name, source in computed(opening.sets).items():
                if name in kin.fields:
                    values[name] = self._copy(source, passed)
            yield opening.workflow, kin.profile(opening_key(opening.sets), values)

    def _copy(self, source: str, passed: dict[str, Had]) -> object:
        if source == "today":
            return TODAY
        if source not in passed:
            return None
        return self.space.domains[source].classes[passed[source].after].filled


def _set_to(space: Abstraction, step: Transition, name: str) -> Sequence[int] | None:
    """Return the classes of what a step sets a field to; None if it does not set it."""
    if name not in step.sets:
        return None
    domain = space.domains[name]
    source = computed(step.sets).get(name)
    if source is None:
        value = step.sets[name]
        code = domain.code(value)
        return None if value is None else (domain.everything if code is None else (code,))
    if source == "today":
        code = domain.code(TODAY)
        return domain.everything if code is None else (code,)
    if source == "by":
        return domain.filled
    return domain.everything
