"""The words a workflow is declared in: frozen values, no reading, no checking.

A declaration is read by `engine.reading`, by the types of these fields, and judged by
`engine.validation.check`. What stands here has already been found to have the right shape.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Literal

from msgspec import field

from engine.language import Text
from engine.workflow.case_file_layout import CaseFileLayout
from engine.workflow.children import ChildOpening, EachChild, Gathering
from engine.workflow.deadline import Deadline, Rung
from engine.workflow.earlier_step import EarlierStep
from engine.workflow.frozen_struct import FrozenStruct
from engine.workflow.list_in_force import ListInForce
from engine.workflow.own_promises import OwnPromise
from engine.workflow.recurring_cases import Recurrence
from engine.workflow.written import As, Line, Lines, OwnName, given


class FieldType(StrEnum):
    """What a field can hold."""

    TEXT = "text"
    """One line or several."""
    DATE = "date"
    """A local date, written YYYY-MM-DD."""
    MOMENT = "moment"
    """A local day with its time, written YYYY-MM-DDTHH:MM; never one still to come."""
    FLAG = "flag"
    """True or false."""
    NUMBER = "number"
    """A whole number or a decimal."""
    CHOICE = "choice"
    """One of the declared values or of a list."""
    CHOICES = "choices"
    """Several of them."""
    OFFICER = "officer"
    """The code of a registered officer."""
    OFFICERS = "officers"
    """Several of them."""
    UNIT = "unit"
    """The code of a registered unit."""
    SEALED = "sealed"
    """Encrypted as it is entered; only the custodian can open it."""


class Choice(FrozenStruct, frozen=True, kw_only=True):
    """One value that a choice field can have."""

    value: str
    title: Text
    also: tuple[str, ...] = ()
    """Other ways in which ledgers write it."""
    of_list: str | None = None
    """The list that it stands in, where a field has one for each type of units."""


class Field(FrozenStruct, frozen=True, kw_only=True):
    """One column of a case."""

    name: OwnName
    type: FieldType
    title: Text
    required: bool = False
    """A case cannot be opened without it."""
    required_if: Line | None = None
    """The same, if this holds of the values that it is opened with; a ledger taken in is asked, not refused."""
    choices: Annotated[tuple[Choice, ...], given("values")] = ()
    """Empty unless the type is choice or choices; a named list is already resolved."""
    list_name: Annotated[str | None, As("given", keys=("list", "from_list"))] = None
    lists: Annotated[Mapping[str, tuple[ListInForce, ...]], given("lists")] = field(default_factory=dict)
    """By type of units, the oldest first: the list that a case of such a unit is classed by; `choices` holds all."""
    amend: bool = True
    """May be corrected outside a transition (with a reason, journaled)."""
    also: Lines = ()
    """Other headings under which ledgers have it."""
    pattern: Line | None = None
    """What a text must look like, as a regular expression over the whole text."""
    unique: bool = False
    """No other case of the workflow that is not void may have the same value."""
    grows: bool = False
    """A list of which nothing is taken out: what is brought is added to what was there."""
    held_by: tuple[str, ...] = ()
    """Roles of which an officer who is named must have one in the case's unit; none if anybody may be named."""
    signature: bool = False
    """The officer who stands there signs in person; where more than a typed name is demanded, nobody else does."""
    gathers: Gathering | None = None
    """It is never brought: it holds what its children say, and what a ledger said before there were any."""
    only_if: str | None = None
    """A flag that must be set where this has a value: a reporter who is named reports under a real name."""
    implies: Annotated[Mapping[str, Mapping[str, object]], given("implies")] = field(default_factory=dict)
    """What ledgers write there in place of a value, and the values of other fields that it stands for."""
    basis: Line | None = None

    @property
    def option(self) -> Text:
        """What it is called as an option of a command, without the two dashes."""
        return Text(self.name.replace("_", "-"), self.title.zh)


class State(FrozenStruct, frozen=True, kw_only=True):
    """Where a case can stand."""

    name: OwnName
    title: Text
    final: bool = False
    """Nothing runs there, and the work on the case is over, though a step may reopen it."""
    also: Annotated[tuple[str, ...], given("also")] = ()
    """How ledgers write it; a legacy entry is brought into the state by these."""
    legacy_sets: Annotated[Mapping[str, object], given()]
    """Values that a legacy entry into this state implies, by the wording that implies them."""
    basis: Line | None = None


class Guard(FrozenStruct, frozen=True, kw_only=True):
    """What must hold, and the sentence that says why not."""

    expression: str
    """In Jinja's expression language, over the case's fields and the declared functions."""
    sentence: Text
    basis: str | None = None


class Transition(FrozenStruct, frozen=True, kw_only=True):
    """One permitted step."""

    name: OwnName
    trigger: Annotated[str, As("named", needed=False)]
    """The imperative that people type; several transitions may share one, chosen by `if_`."""
    title: Text
    sources: Annotated[tuple[str, ...], As(keys=("from",))]
    target: Annotated[str | None, As(keys=("to",))]
    """None: the step changes values, not the state."""
    by: tuple[str, ...]
    """Roles, or names of officer fields of the case."""
    not_by: Annotated[tuple[EarlierStep, ...], As("earlier_steps")] = ()
    """Steps whose doer may not do this."""
    needs: tuple[str, ...] = ()
    """Fields that must have a value after the step, brought now or before."""
    asks: tuple[str, ...] = ()
    """Fields that must be brought in this very step."""
    takes: tuple[str, ...] = ()
    """Fields that may be brought."""
    sets: Mapping[str, object]
    """Values that the step sets by itself."""
    clears: tuple[str, ...] = ()
    """Fields that the step empties."""
    if_: Line | None = None
    """Expression that chooses between transitions of one trigger."""
    when: tuple[Guard, ...] = ()
    """What must hold once it is taken; every reason why not is named at once."""
    opens: tuple[ChildOpening, ...] = ()
    """The cases that are opened under this one in the same commit."""
    each: EachChild | None = None
    """What its children do in the same commit."""
    hands_to: str | None = None
    """The field that names the unit to which the case belongs from then on, or `back`: where it came from."""
    proof: Literal["asserted", "os-account", "session", "signature"] = "asserted"
    """By what its officer must at least be known, whatever else is demanded."""
    bulk: bool = True
    """May be applied to many cases at once, with `advance --where`."""
    rare: bool = False
    """Seldom taken though always possible: it stands last among what can be done next."""
    basis: Line | None = None
    came_from: Annotated[str | None, given()] = None
    """Of a step that leads `back`: the state from which the case came, and to which this one leads; else None."""

    @property
    def declared_if(self) -> str | None:
        """The condition as it was declared: of a step that leads back, without that of where the case came from."""
        if self.came_from is None or self.if_ is None:
            return self.if_
        rest = self.if_.removeprefix(f"came_from == '{self.came_from}'").removeprefix(" and (")
        return rest.removesuffix(")") or None


class Clearance(FrozenStruct, frozen=True, kw_only=True):
    """When a case counts: its states, and what must hold besides (domain §9.2)."""

    states: tuple[str, ...]
    when: tuple[Guard, ...] = ()


class Workflow(FrozenStruct, frozen=True, kw_only=True):
    """A declared workflow of one version."""

    name: Annotated[str, As(keys=("workflow",))]
    version: int
    title: Text
    number: str
    """The format of numbers, with {unit}, {year} and {serial:04}."""
    dated_by: str
    """The date field that says when the case was received, whatever day it was registered."""
    summary: str
    """The field shown in lists."""
    initial: Annotated[str, given()]
    fields: Annotated[Mapping[str, Field], given("fields", needed=True)]
    states: Annotated[Mapping[str, State], given("states", needed=True)]
    transitions: Annotated[tuple[Transition, ...], given("transitions", needed=True)]
    groups: Annotated[Mapping[str, tuple[str, ...]], given("groups")] = field(default_factory=dict)
    """Lists of states (and groups) by the names that stand for them wherever states are listed."""
    deadlines: Mapping[str, Deadline]
    ladders: Mapping[str, tuple[Rung, ...]]
    cleared: Annotated[Clearance, given("clearance", needed=True)]
    fully_closed: Annotated[Clearance, given()]
    open_by: Annotated[tuple[str, ...], given("open")]
    """Roles that may open a case."""
    restricted_to: Annotated[tuple[str, ...], given("restricted")] = ()
    """Roles and officer fields: who alone reads its cases, from the first row on; all may if there are none."""
    open_takes: Annotated[tuple[str, ...], given()] = ()
    """Fields that may be brought at opening although only steps may write them later."""
    open_when: Annotated[tuple[Guard, ...], given()] = ()
    """What must hold of a case that people open; what looks at the parent is asked only where there is one."""
    open_sets: Annotated[Mapping[str, object], given()] = field(default_factory=dict)
    """Values at birth, by hand or by a step; `=parent.summary` copies, `=expression` is worked out."""
    open_alone: Annotated[bool, given()] = True
    """People may open it without a parent."""
    amend_by: Annotated[tuple[str, ...], given("amend")]
    """Roles that may amend fields, link duplicates and void what has not taken a step."""
    amend_when: Annotated[tuple[Guard, ...], given()] = ()
    """What must hold after a correction; each is asked when a field that it names is corrected."""
    void_by: Annotated[tuple[str, ...], given("void")] = ()
    """Roles that may void a case that has taken a step; nobody may if there are none."""
    void_signed_by: Annotated[tuple[str, ...], given()] = ()
    """Roles of which one signs in person that such a case is void; nobody need if there are none."""
    hand_over_by: Annotated[tuple[str, ...], given("hand_over")] = ()
    """Roles that may hand a case over to another unit; nobody may if there are none."""
    hand_over_names: Annotated[tuple[str, ...], given()] = ()
    """Officer fields that are named again with it: who is in charge there."""
    parents: Annotated[tuple[str, ...], As(keys=("parent",))] = ()
    """The workflows under whose cases these stand; none if each stands alone."""
    import_key: str | None = None
    """The field that holds a ledger's own number, by which a mended ledger updates."""
    basis: Line | None = None
    case_file: CaseFileLayout | None = None
    recurs: Annotated[Mapping[str, Recurrence], given("recurs")] = field(default_factory=dict)
    """Cases of it that open by themselves."""
    promises: Mapping[str, OwnPromise] = field(default_factory=dict)
    """What is to be proved of it besides what is proved of all."""
    plain: Annotated[Mapping[str, object], given()]
    """The declaration as it was read; stored with the cases that began with it."""

    @property
    def parent(self) -> str | None:
        """The workflow whose cases open these; None if there is none, or several."""
        return self.parents[0] if len(self.parents) == 1 else None

    def recurrence_of(self, values: Mapping[str, object]) -> Recurrence | None:
        """Return the recurrence that a case with these values is one of, no matter who opened it; None if of none."""
        for each in self.recurs.values():
            if all(values.get(name) == value for name, value in each.sets.items()):
                return each
        return None

    @property
    def reports_a_period(self) -> bool:
        """Whether its cases are dated by the last day of a period, which may still be to come."""
        return any(each.writes.get("ends_on") == self.dated_by for each in self.recurs.values())

    def transitions_from(self, state: str) -> tuple[Transition, ...]:
        """Return the transitions that leave *state*, in declared order."""
        return tuple(each for each in self.transitions if state in each.sources)

    def is_final(self, state: str) -> bool:
        """Say whether nothing leaves *state*."""
        return self.states[state].final
