"""Gathers what a letter may show of a case: the ledger is read once, and what was found is handed out as a value.

How a letter is laid out is left to `documents.letters`, its number to `issue`. Sealed fields are never read.
What is written is Chinese, whatever language is spoken here: the letters are.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Final, assert_never

from engine.errors import RefusedError
from engine.journal.case_events import CaseOpened, LetterIssued, ReminderSent, StepTaken
from engine.journal.chain import JournalEntry
from engine.journal.events import read
from engine.language import Text, speaking
from engine.operations.cases.value_checks import checked_values
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.ledger import Ledger
from engine.operations.letters.issue import LetterToIssue, may_issue, refuse_bad_code
from engine.operations.letters.subject import LetterSubject, subject_of
from engine.rules.case import Case, Count
from engine.rules.values import shown
from engine.store import case_rows
from engine.store import house_rows as house
from engine.workflow.model import FieldType
from engine.working_days.count import add
from engine.working_days.dates import chinese_day
from engine.working_days.instants import local_day

Fact = tuple[object, str]
"""A value as it is stored, and as a letter writes it."""

NOTHING: Fact = (None, "")

CHASE: Final = "chase_letter"
"""The kind of letter that chases (催办单): an application for an extension about the same deadline does not."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LetterRequest:
    """A letter that is asked for, as far as the engine must know its kind."""

    kind: str
    title: Text
    series: str
    """What follows the house's code in its numbers."""
    states: tuple[str, ...]
    """Of a case for which it can be issued; empty for all."""
    only: Mapping[str, Collection[str]] = field(default_factory=dict)
    """By field, the values of which the case must have one; empty for every case."""
    by: tuple[str, ...]
    """Roles that may issue it, or officer fields of the case."""
    about: str
    """`deadline` or `extension` if it is about one; else empty."""
    number_field: str = ""
    """The field of the case that a step records its number in; empty if none does."""
    places: Collection[str]
    """Where its values are looked for; nothing else of the case is read. As in the declaration of the kinds."""
    made_from: tuple[tuple[str, str, int, str], ...] = ()
    """The adopted texts that it is made from: kind, name, version and digest of each."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LetterFacts:
    """All that a letter may show, as it was at one instant, and what is to be issued."""

    case: Case
    today: date
    """Local date of the letter."""
    found: Mapping[str, Fact]
    """By place; where nothing is, the place is absent."""
    given: Mapping[str, Fact]
    """What the officer gave, by name of the value; it goes before what was found."""
    code: str
    """The house's code in its number; empty if it has none."""
    letter: LetterToIssue


def gather(
    acting: Acting,
    case: Case,
    request: LetterRequest,
    given: Mapping[str, str],
    *,
    code: str | None = None,
    deadline: str | None = None,
) -> LetterFacts:
    """Return what a letter may show of a case.

    Args:
        given: Values by name, as the officer typed them.
        code: Begins its number; None for the one of the letterhead.
        deadline: The declared deadline that it is about; None for the one that asks for it.

    Raises:
        RefusedError: If the officer may not issue it, the case is in another state, no deadline is late,
            or none can be extended.
        BadValueError: If the value of a field, or the code, is none.
        NotFoundError: If there is no such deadline or officer.
    """
    ledger, today = acting.ledger, acting.today
    may_issue(acting, case, request.by)
    _refuse_other_states(ledger, case, request)
    _refuse_other_values(ledger, case, request)
    code = (str(ledger.settings.get("letter_code") or "") if code is None else code).strip()
    refuse_bad_code(code)
    rules = ledger.rules_of(case)
    workflow = rules.workflow
    open_fields = {name for name, field in workflow.fields.items() if field.type is not FieldType.SEALED}
    fields = {name: value for name, value in given.items() if name in open_fields}
    stored = {**given, **checked_values(acting, rules, fields, unit=case.unit, case=case)}
    subject = subject_of(acting, case, request.kind, request.about, deadline, asked="new_due_on" in given)
    reading = _Reading(ledger, case, subject, today)
    with speaking("zh"):
        found = {place: _veiled(ledger, fact) for place in request.places if (fact := reading.at(place)) != NOTHING}
        checked = {name: (value, reading.written(case, name, value)) for name, value in stored.items()}
    letter = LetterToIssue(
        kind=request.kind,
        series=code + request.series,
        by=request.by,
        name=request.title.zh + " {number}",
        about=subject.about,
        number_field=request.number_field,
        brings={name: value for name, value in stored.items() if name in open_fields},
        made_from=request.made_from,
    )
    return LetterFacts(case=case, today=today, found=found, given=checked, code=code, letter=letter)


def _veiled(ledger: Ledger, fact: Fact) -> Fact:
    """Return what a letter may show, masked: it goes out in the name of somebody from whom a case is hidden."""
    value, written = fact
    veiled = ledger.naming.veiled
    return veiled(value) if isinstance(value, str) else value, veiled(written)


class _Reading:
    """Looks up places; what several places need is read once."""

    def __init__(self, ledger: Ledger, case: Case, subject: LetterSubject, today: date) -> None:
        self._ledger = ledger
        self._case = case
        self._subject = subject
        self._today = today

    def at(self, place: str) -> Fact:
        """Return what is at one place."""
        realm, _, name = place.partition(".")
        match realm:
            case "case":
                return self._field(self._case, name)
            case "parent":
                return NOTHING if self._parent is None else self._field(self._parent, name)
            case "house":
                written = str(self._ledger.settings.get(name) or "")
            case "standing":
                written = self._standing[name]
            case "within":
                written = self._within(int(name))
            case "history":
                written = self._history(name)
            case "opened":
                workflow, *fields = name.split(".")
                written = self._opened(workflow, fields)
            case _:
                written = self._subject.values.get(place, "")
        return (written, written) if written else NOTHING

    def written(self, case: Case, name: str, value: object) -> str:
        """Return the value of a field as a letter writes it: officers and units by their names."""
        field = self._ledger.rules_of(case).workflow.fields.get(name)
        if field is None or value is None:
            return "" if value is None else str(value)
        match field.type:
            case FieldType.OFFICER | FieldType.OFFICERS:
                codes = value if isinstance(value, (list, tuple)) else [value]
                return "、".join(self._officers.get(str(each), str(each)) for each in codes)
            case FieldType.UNIT:
                return self._units.get(str(value), str(value))
            case (
                FieldType.TEXT
                | FieldType.DATE
                | FieldType.MOMENT
                | FieldType.FLAG
                | FieldType.NUMBER
                | FieldType.CHOICE
                | FieldType.CHOICES
                | FieldType.SEALED
            ):
                return shown(field, value)
            case _:
                assert_never(field.type)

    @cached_property
    def _parent(self) -> Case | None:
        """The case to which the case belongs."""
        return None if self._case.parent_id is None else case_rows.by_id(self._ledger.store, self._case.parent_id)

    @cached_property
    def _officers(self) -> Mapping[str, str]:
        """Names by code, of those who left too."""
        return {each.code: each.name for each in house.officers(self._ledger.store)}

    @cached_property
    def _units(self) -> Mapping[str, str]:
        """Names by code."""
        return {each.code: each.name for each in house.units(self._ledger.store)}

    @cached_property
    def _entries(self) -> list[JournalEntry]:
        """The journal of the case, oldest first."""
        return case_rows.entries(self._ledger.store, self._case.id)

    def _field(self, case: Case, name: str) -> Fact:
        """Return a field of a case; nothing if its workflow has none of that name, or it is sealed."""
        field = self._ledger.rules_of(case).workflow.fields.get(name)
        value = case.fields.get(name)
        if field is None or field.type is FieldType.SEALED or value in (None, "", [], ()):
            return NOTHING
        return value, self.written(case, name, value)

    @cached_property
    def _standing(self) -> Mapping[str, str]:
        """What every letter may show; its number is not given yet."""
        settings, case = self._ledger.settings, self._case
        return {
            "number": "",
            "dated_on": self._today.isoformat(),
            "sender": str(settings.get("letter_sender") or settings.get("name") or ""),
            "contact": str(settings.get("letter_contact") or ""),
            "telephone": str(settings.get("letter_telephone") or ""),
            "unit_name": self._units.get(case.unit, case.unit),
            "case_number": case.number,
            "case_title": self._ledger.rules_of(case).workflow.title.zh,
            "parent_number": self._parent.number if self._parent else "",
        }

    def _within(self, days: int) -> str:
        """Return the day that many working days from today."""
        calendar = self._ledger.calendar_of(self._case.unit_id)
        due = add(self._today, days, "working_days", calendar, unpublished="weekdays").due
        return due.date().isoformat() if isinstance(due, datetime) else due.isoformat()

    def _history(self, what: str) -> str:
        """Return what happened: the steps, how that stands which was opened, or how often it was chased."""
        match what:
            case "steps":
                return "\n".join(filter(None, map(self._step, self._entries)))
            case "outcomes":
                opened = case_rows.children(self._ledger.store, self._case.id)
                return "\n".join(self._outcome(each) for each in opened if each.clearance != Count.VOID)
            case _:
                assert what == "chased", what
                return self._chased()

    def _step(self, row: JournalEntry) -> str:
        """Return what one journal row says of the way of the case; empty if nothing."""
        day = chinese_day(local_day(row.at, self._ledger.zone))
        if row.kind == CaseOpened.kind:
            return f"{day}，登记受理，编号 {row.case}。"
        if row.kind != StepTaken.kind or row.to_state == row.from_state:
            return ""
        trigger = StepTaken.read(row.body).trigger
        titles = {e.trigger: e.title.zh for e in self._ledger.rules_of(self._case).workflow.transitions}
        return f"{day}，{titles.get(trigger, trigger)}。"

    def _outcome(self, child: Case) -> str:
        """Return how a case stands that was opened from this one."""
        workflow = self._ledger.rules_of(child).workflow
        return f"{workflow.title.zh} {child.number}：{workflow.states[child.state].title.zh}。"

    def _opened(self, workflow: str, fields: Collection[str]) -> str:
        """Return the cases of a workflow that were opened from the case, one a line, with these of their fields."""
        opened = (
            each
            for each in case_rows.children(self._ledger.store, self._case.id)
            if each.workflow == workflow and each.clearance != Count.VOID
        )
        return "\n".join(filter(None, (self._line(each, fields) for each in opened)))

    def _line(self, case: Case, fields: Collection[str]) -> str:
        """Return fields of a case as one line: the first by itself, the others after their titles."""
        declared, said = self._ledger.rules_of(case).workflow.fields, list[str]()
        for name in fields:
            value, written = self._field(case, name)
            if written and declared[name].type is FieldType.DATE:
                written = chinese_day(date.fromisoformat(str(value)))
            if written:
                said.append(f"{declared[name].title.zh}：{written}" if said else written)
        return "；".join(said) + "。" if said else ""

    def _chased(self) -> str:
        """Return how often the deadline was chased: by reminders, or by letters if there were more; empty if never."""
        name = self._subject.about.get("deadline")
        kinds = {ReminderSent.kind, LetterIssued.kind}
        events = [read(each.kind, each.body) for each in self._entries if each.kind in kinds]
        chasing = {each.name for each in self._ledger.workflows.levels().values() if each.chases}
        reminders = sum(
            isinstance(each, ReminderSent) and each.level in chasing and each.deadline == name and not each.again
            for each in events
        )
        letters = sum(
            isinstance(each, LetterIssued) and each.letter == CHASE and each.about.get("deadline") == name
            for each in events
        )
        often = max(reminders, letters)
        return f"{often}次" if often else ""


def _refuse_other_states(ledger: Ledger, case: Case, request: LetterRequest) -> None:
    """Refuse a letter whose time is over, or has not come, by the state of its case."""
    if request.states and case.state not in request.states:
        state, title = ledger.rules_of(case).workflow.states[case.state].title, request.title
        raise RefusedError(
            Text(
                f"'{title.en}' is not for {case.number} in the state '{state.en}'; to print one again that was"
                " issued: --reissue --reason …",
                f"{case.number} 当前为“{state.zh}”，不能再编发“{title.zh}”；"
                "重新打印已编发的，请加 --reissue --reason …",
            )
        )


def _refuse_other_values(ledger: Ledger, case: Case, request: LetterRequest) -> None:
    """Refuse a letter of another sort of case: a talk has no notice of praise."""
    fields = ledger.rules_of(case).workflow.fields
    for name, values in request.only.items():
        if case.fields.get(name) not in values and name in fields:
            declared, title = fields[name], request.title
            stands = declared.title
            with speaking("en"):
                en = shown(declared, case.fields.get(name))
            with speaking("zh"):
                zh = shown(declared, case.fields.get(name))
            raise RefusedError(
                Text(
                    f"'{title.en}' is not for {case.number}, whose '{stands.en}' is '{en}'; see what is:"
                    f" qingling letter list {case.number}",
                    f"{case.number} 的“{stands.zh}”为“{zh}”，不能编发“{title.zh}”；"
                    f"可编发的文书请查看：qingling letter list {case.number}",
                )
            )
