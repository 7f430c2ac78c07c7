"""The words a term of a case is declared in: how long it is, from when it counts, who is reminded; frozen values."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Annotated, Final, Literal

from engine.language import Text
from engine.workflow.children import ChildOpening, FilingOpening
from engine.workflow.frozen_struct import FrozenStruct
from engine.workflow.written import As, Line, OwnName


class TermUnit(StrEnum):
    """What a term is counted in."""

    MINUTES = "minutes"
    HOURS = "hours"
    WORKING_HOURS = "working_hours"
    DAYS = "days"
    WORKING_DAYS = "working_days"
    MONTHS = "months"


class Authority(StrEnum):
    """Who set a rule: `law` cannot be relaxed by configuration."""

    LAW = "law"
    LOCAL = "local"
    DEFAULT = "default"


class Term(FrozenStruct, frozen=True, kw_only=True):
    """A length of time in one unit."""

    amount: int
    unit: TermUnit

    def __str__(self) -> str:
        """Return it as `Term.of` reads it: `15 working_days`."""
        return f"{self.amount} {self.unit}"

    @classmethod
    def of(cls, text: str) -> "Term":
        """Return the term that `str` wrote."""
        amount, unit = text.split()
        return cls(amount=int(amount), unit=TermUnit(unit))


AFTERWARDS: Final = Term(amount=1, unit=TermUnit.MONTHS)
"""How often the last rung of a ladder that is declared with an end comes again: a ladder goes on while its term is
late, so nobody falls silent (domain §8)."""


class StartsByField(FrozenStruct, frozen=True, kw_only=True):
    """The term starts on the date that a field holds."""

    field: str


class StartsByEntering(FrozenStruct, frozen=True, kw_only=True):
    """The term starts when the case enters one of these states."""

    states: tuple[str, ...]


class EndsByField(FrozenStruct, frozen=True, kw_only=True):
    """The term is met on the date that a field holds."""

    field: str


class EndsByEntering(FrozenStruct, frozen=True, kw_only=True):
    """The term is met when the case enters one of these states."""

    states: tuple[str, ...]


class Within(FrozenStruct, frozen=True, kw_only=True):
    """Due a term after the start."""

    term: Term


class WithinByValue(FrozenStruct, frozen=True, kw_only=True):
    """Due a term after the start, which the value of a field chooses."""

    field: str
    terms: Mapping[str, Term]
    """By value; of a flag by `true` and `false`."""
    otherwise: Term | None = None
    """For every value that is not named, and for none; None: until there is a value nothing is due."""

    def chosen(self, fields: Mapping[str, object]) -> Term | None:
        """Return the term of a case with these values; None if it has none yet."""
        value = fields.get(self.field)
        key = str(value).lower() if isinstance(value, bool) else str(value)
        return self.terms.get(key, self.otherwise)

    @property
    def every(self) -> tuple[Term, ...]:
        """All terms that a case may have."""
        return (*self.terms.values(), *(() if self.otherwise is None else (self.otherwise,)))


class OnDate(FrozenStruct, frozen=True, kw_only=True):
    """Due on a fixed local date; never rolled."""

    on: date


class OnField(FrozenStruct, frozen=True, kw_only=True):
    """Due on the local date that a field holds; never rolled."""

    field: str


class Extension(FrozenStruct, frozen=True, kw_only=True):
    """How a deadline may be extended (S2 二(一); domain §7)."""

    at_most: Term
    times: int = 1
    before_expiry: bool = True
    needs: tuple[str, ...] = ()
    """Names of what an application must bring: reason, signed_by, filed_on."""
    by: tuple[str, ...]
    """Roles that may enter an extension."""
    beyond_by: tuple[str, ...] = ()
    """Roles that may exceed `at_most` or `times`; shown as an exception."""
    withdraw_by: tuple[str, ...] = ()
    """Roles that may withdraw the newest extension; nobody may if there are none."""
    signed_by: tuple[str, ...] = ()
    """Roles of which the signatory must have one in the case's unit; any officer may sign if there are none."""
    signature: bool = False
    """The signatory signs in person, or on paper, where officers are known by more than a typed name."""
    opens: FilingOpening | None = None


class Deadline(FrozenStruct, frozen=True, kw_only=True):
    """A declared term of one case."""

    name: OwnName
    title: Text
    starts: StartsByField | StartsByEntering
    runs_in: tuple[str, ...]
    """Where its time counts."""
    due: Annotated[Within | WithinByValue | OnDate | OnField, As(keys=("within", "on"), needed=False)]
    whose: Literal["ours", "theirs"] = "ours"
    """ours or theirs: whose time it is; what the other side owes is watched and never counts as late here."""
    if_: Line | None = None
    """Expression that says whether the deadline applies to this case at all."""
    count_start: bool = False
    """The day on which it starts counts as its first."""
    end_roll: Literal["none", "forward", "backward"] = "none"
    """Where a last day that is a day off goes: it stays, to the next working day, or to the one before."""
    paused_in: tuple[str, ...] = ()
    """Where it stands still: the time there is added."""
    ends: EndsByField | EndsByEntering | None = None
    """The act that meets it; None: leaving `runs_in` and `paused_in` does. Without its act a term is never met."""
    reopen: Literal["restart", "continue", "none"] = "restart"
    """restart, continue or none: what happens when the case comes back into `runs_in`."""
    extend: Extension | None = None
    renewed_by: tuple[str, ...] = ()
    """Steps that name its next day, also once the old one is over; what was late stays on record."""
    then: str | None = None
    """The step that the program takes by itself once the term has run out without its act."""
    ladder: str | None = None
    """Who is reminded, when and how often; None: nobody."""
    authority: Authority = Authority.DEFAULT
    """Who set it: what the law sets cannot be relaxed by configuration."""
    law: Annotated[str | None, As("row")] = None
    """The row of law that fixes its longest term."""
    unpublished: Literal["refuse", "weekdays"] = "weekdays"
    """refuse or weekdays: in a year without a published calendar no date at all, or a provisional one by weekdays."""
    basis: Line | None = None

    @property
    def lengths(self) -> tuple[Term, ...]:
        """The terms that it may last; none if it is due on a date."""
        if isinstance(self.due, Within):
            return (self.due.term,)
        return self.due.every if isinstance(self.due, WithinByValue) else ()

    @property
    def is_theirs(self) -> bool:
        """Whether it is the other side's time."""
        return self.whose == "theirs"


class Rung(FrozenStruct, frozen=True, kw_only=True):
    """One step of reminding."""

    at: Annotated[Term, As(least=-10_000)]
    """How long after the due day or instant; before it if negative."""
    level: str
    """How urgent it is, by the list of levels."""
    to: tuple[str, ...]
    """Roles, or names of officer fields of the case."""
    every: Term | None = None
    """How long after it the rung comes again."""
    times: int | None = None
    """How often in all; None: once, or with `every` as long as the deadline runs."""
    paper: str | None = None
    """The kind of letter that it asks for."""
    opens: ChildOpening | None = None
    """A case that the ladder proposes, in its first state; once for each arming, whatever repetitions follow."""
    night: bool = False
    """It comes at its hour also outside working time and on days off."""

    @property
    def goes_on(self) -> bool:
        """Whether it comes again and again as long as the deadline runs."""
        return self.every is not None and self.times is None
