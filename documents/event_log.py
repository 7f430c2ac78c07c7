"""Event logs for process-mining tools, from the journal: XES (IEEE 1849-2016), OCEL 2.0 as JSON, csv.

An event is a journal row: what was done, when, by which officer's code, in which unit, and where the
case stood after it. Of the contents of a case only choices and flags are written, never a text, a date
or a person: subject, reporter and summary are in no event log.
"""

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TextIO
from xml.sax.saxutils import quoteattr

from documents.ledger_out.ledger_xlsx import plain_cell
from engine.deadlines.acts import day_of
from engine.deadlines.clock import Status
from engine.deadlines.remaining import overdue_when_met, term_unit
from engine.journal import case_events as happened
from engine.journal import reading_events as about_reading
from engine.journal.case_events import StepTaken
from engine.journal.chain import JournalEntry
from engine.journal.events import legible_of_case
from engine.journal.migration_events import CaseMigrated
from engine.language import Text
from engine.rules.case import Case, Count
from engine.workflow.model import FieldType, Workflow
from engine.working_days.calendars import Calendar
from engine.working_days.instants import local_time

Histories = Iterable[tuple[Case, list[JournalEntry]]]

EXTENSIONS: Final = (
    ("Concept", "concept"),
    ("Time", "time"),
    ("Lifecycle", "lifecycle"),
    ("Organizational", "org"),
)
"""The standard extensions of XES that are used: name and prefix."""

KINDS: Final[Mapping[str, Text]] = {
    happened.CaseOpened.kind: Text("Register", "登记"),
    happened.LegacyEntered.kind: Text("Take over from a ledger", "由旧台账转入"),
    happened.CaseAmended.kind: Text("Amend", "更正"),
    happened.NoteWritten.kind: Text("Note", "备注"),
    happened.FileAttached.kind: Text("Attach a file", "附件"),
    about_reading.CaseRestricted.kind: Text("Restrict who reads", "限制查阅"),
    about_reading.SealsDestroyed.kind: Text("Destroy sealed parts", "销毁密封内容"),
    about_reading.RestrictionLifted.kind: Text("Lift the restriction", "解除限制查阅"),
    happened.CaseVoided.kind: Text("Void", "作废"),
    happened.CaseLinked.kind: Text("Link as a repeat", "关联为重复件"),
    happened.CaseRepeated.kind: Text("Be repeated", "被重复件关联"),
    happened.CaseUnlinked.kind: Text("Undo the link", "取消重复关联"),
    happened.CaseUnrepeated.kind: Text("Be repeated no more", "不再被重复件关联"),
    happened.ChildMoved.kind: Text("Hear of an opened case", "所生成事项变动"),
    happened.ChildrenOpened.kind: Text("Open cases under it", "在其下登记事项"),
    happened.ReminderSent.kind: Text("Remind", "提醒"),
    happened.DeadlineExtended.kind: Text("Extend a deadline", "延期"),
    happened.ExtensionWithdrawn.kind: Text("Withdraw an extension", "撤回延期"),
    happened.DeadlinePaused.kind: Text("Pause a deadline", "暂停计时"),
    happened.DeadlineResumed.kind: Text("Resume a deadline", "恢复计时"),
    happened.DeadlineMoved.kind: Text("Move a deadline by the calendar", "按日历调整期限"),
    happened.LetterIssued.kind: Text("Issue a letter", "编发文书"),
    happened.LetterCopied.kind: Text("Print a letter again", "重印文书"),
    happened.OpeningAsked.kind: Text("Ask to open a seal", "申请启封"),
    happened.OpeningAgreed.kind: Text("Agree to open a seal", "同意启封"),
    happened.SealOpened.kind: Text("Open a seal", "启封"),
    happened.SealsRenewed.kind: Text("Seal again to another key", "重新密封"),
    happened.OpeningRefused.kind: Text("Refuse to open a seal", "申请启封未准"),
    CaseMigrated.kind: Text("Move to another version", "迁移版本"),
}
"""Activities that are no steps of a workflow; a kind that is not here is called by its name."""

_HEADINGS: Final = (
    "case:concept:name",
    "concept:name",
    "time:timestamp",
    "lifecycle:transition",
    "org:resource",
    "org:group",
    "kind",
    "trigger",
    "state",
    "clearance",
    "workflow",
    "case:parent",
    "event:id",
    "deadline",
    "deadline:due_on",
    "deadline:met_on",
    "deadline:late_by",
    "deadline:whose",
)
_TERM_HEADINGS: Final = _HEADINGS[-5:]
_TERM_NAMES: Final = tuple(each.replace(":", "_") for each in _TERM_HEADINGS)
"""The same where a colon is kept for extensions of the standard."""
_SAYS_MET: Final = '"status":2'
"""What stands in the body of every row that ends a deadline by its act; the rest is not read for that."""
_SEPARATOR: Final = "/"
_EXPORTED: Final = frozenset({FieldType.CHOICE, FieldType.FLAG})
"""Only what is chosen from a list leaves the house: any other type, a new one too, could carry a name."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FinishedTerm:
    """A deadline that an event ended by its act."""

    name: str
    due_on: str
    """Local date in force, extensions and pauses included."""
    met_on: str
    """Local date of the act."""
    late_by: str
    """How late, in its own unit, as `3 working_days`; `0 working_days` if in time."""
    whose: str
    """ours or theirs."""

    @property
    def plain(self) -> dict[str, str]:
        """Its values under the names that all three forms use."""
        return {
            "deadline": self.name,
            "deadline:due_on": self.due_on,
            "deadline:met_on": self.met_on,
            "deadline:late_by": self.late_by,
            "deadline:whose": self.whose,
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class Happening:
    """One event."""

    id: str
    activity: str
    at: str
    """ISO 8601 with the offset of the house's zone."""
    by: str
    kind: str
    trigger: str
    """Empty if it is no step."""
    state: str
    """Name of the state after it."""
    clearance: str
    finished: tuple[FinishedTerm, ...] = ()
    """The deadlines that it ended, in the order of their names."""

    @property
    def terms(self) -> dict[str, str]:
        """What it says of the deadlines that it ended; several are joined by `; `, in one order throughout."""
        rows = [each.plain for each in self.finished]
        return {key: "; ".join(row[key] for row in rows) for key in rows[0]} if rows else {}


@dataclass(frozen=True, kw_only=True, slots=True)
class EventLog:
    """What turns journal rows into events."""

    workflow_of: Callable[[Case], Workflow]
    calendar_of: Callable[[int], Calendar]
    """Gives the working days of a unit, by its id."""
    zone: str
    house: str
    rehearsal: bool = False
    """The ledger proves nothing; the log says so."""

    def happenings(self, case: Case, entries: Iterable[JournalEntry]) -> Iterator[Happening]:
        """Yield the events of one case, oldest first."""
        workflow = self.workflow_of(case)
        titles = {each.name: str(each.title) for each in workflow.transitions}
        by_trigger = {each.trigger: str(each.title) for each in reversed(workflow.transitions)}
        ended: dict[tuple[str, int], tuple[int, str | None]] = {}
        for each in entries:
            trigger, activity = "", str(KINDS.get(each.kind, each.kind))
            if each.kind == StepTaken.kind:
                step = StepTaken.read(each.body)
                trigger = step.trigger
                activity = titles.get(step.transition or trigger, by_trigger.get(trigger, trigger))
            yield Happening(
                id=f"{case.number}{_SEPARATOR}{each.seq}",
                activity=activity,
                at=local_time(each.at, self.zone).isoformat(timespec="milliseconds"),
                by=each.by,
                kind=each.kind,
                trigger=trigger,
                state=each.to_state or "",
                clearance=Count(each.clearance).name.lower(),
                finished=tuple(self._finished(case, each, ended)) if _SAYS_MET in each.body else (),
            )

    def _finished(
        self, case: Case, entry: JournalEntry, ended: dict[tuple[str, int], tuple[int, str | None]]
    ) -> Iterator[FinishedTerm]:
        """Yield the deadlines that a row ended by their act, or of which it corrected the day of the act.

        Args:
            ended: How each stood after the rows before: status and day met, by name and round.
        """
        declared = self.workflow_of(case).deadlines
        for name, stood in sorted(legible_of_case(entry.kind, entry.body).deadlines.items()):
            stands, before = (stood.status, stood.met_on), ended.get((name, stood.round))
            ended[name, stood.round] = stands
            if stood.status != Status.MET or stands == before or name not in declared:
                continue
            met_on = stood.met_on or local_time(entry.at, self.zone).date().isoformat()
            unit = term_unit(declared[name], case.fields)
            late = overdue_when_met(
                unit,
                stood.due_on,
                stood.due_at,
                met_on=met_on,
                met_at=entry.at,
                calendar=self.calendar_of(case.unit_id),
            )
            yield FinishedTerm(
                name=name,
                due_on=stood.due_on,
                met_on=day_of(met_on),
                late_by=f"{late} {unit}",
                whose=declared[name].whose,
            )

    def traits(self, case: Case) -> Iterator[tuple[str, str | bool]]:
        """Yield what may be said of a case: its choices and flags as they are now."""
        for field in self.workflow_of(case).fields.values():
            value = case.fields.get(field.name)
            if field.type in _EXPORTED and isinstance(value, (str, bool)):
                yield field.name, value


def write_xes(path: Path, log: EventLog, histories: Histories) -> int:
    """Write one trace for each case and return how many events there are."""
    count = 0
    with path.open("w", encoding="utf-8") as out:
        out.write('<?xml version="1.0" encoding="UTF-8"?>\n')
        out.write('<log xes.version="1849.2016" xes.features="" xmlns="http://www.xes-standard.org/">\n')
        for name, prefix in EXTENSIONS:
            uri = f"http://www.xes-standard.org/{prefix}.xesext"
            out.write(f'\t<extension name="{name}" prefix="{prefix}" uri="{uri}"/>\n')
        out.write(f'\t<global scope="trace">\n{_text("concept:name", "-", 2)}\t</global>\n')
        out.write(
            f'\t<global scope="event">\n{_text("concept:name", "-", 2)}{_text("lifecycle:transition", "complete", 2)}'
            f"{_date('1970-01-01T00:00:00.000+00:00', 2)}\t</global>\n"
        )
        out.write('\t<classifier name="Activity" keys="concept:name"/>\n')
        out.write('\t<classifier name="Activity and resource" keys="concept:name org:resource"/>\n')
        out.write(_text("concept:name", log.house, 1))
        out.write(_text("lifecycle:model", "standard", 1))
        if log.rehearsal:
            out.write(_flag("rehearsal", value=True, depth=1))
        numbers: dict[int, str] = {}
        for case, entries in histories:
            numbers[case.id] = case.number
            parent = numbers.get(case.parent_id, "") if case.parent_id is not None else ""
            out.write("\t<trace>\n")
            out.write(_text("concept:name", case.number, 2))
            of_case = ("workflow", case.workflow), ("unit", case.unit), ("state", case.state), ("parent", parent)
            for name, value in of_case:
                out.write(_text(name, value, 2))
            for name, trait in log.traits(case):
                out.write(_text(name, trait, 2) if isinstance(trait, str) else _flag(name, value=trait))
            for each in log.happenings(case, entries):
                count += 1
                out.write(_event(case, each))
            out.write("\t</trace>\n")
        out.write("</log>\n")
    return count


def write_ocel(path: Path, log: EventLog, histories: Histories) -> int:
    """Write cases as objects, tied to the cases that opened them, and return how many events there are.

    The list of types stands first in the file but is known last: events and objects wait in files beside it.
    """
    types: dict[str, dict[str, str]] = {}
    activities: dict[str, None] = {}
    events, objects = path.with_name(f"{path.name}.events"), path.with_name(f"{path.name}.objects")
    numbers: dict[int, str] = {}
    count = 0
    with events.open("w+", encoding="utf-8") as written, objects.open("w+", encoding="utf-8") as things:
        between = ""
        for case, entries in histories:
            numbers[case.id] = case.number
            traits: list[tuple[str, str | bool]] = [("unit", case.unit), *log.traits(case)]
            known = types.setdefault(case.workflow, {})
            for name, trait in traits:
                known.setdefault(name, "string" if isinstance(trait, str) else "boolean")
            parent = numbers.get(case.parent_id) if case.parent_id is not None else None
            moments = [*log.happenings(case, entries)]
            things.write(between + _json(_object(case, moments, traits, parent)))
            for each in moments:
                activities[each.activity] = None
                written.write((",\n" if count else "") + _json(_ocel_event(case, each, parent)))
                count += 1
            between = ",\n"
        with path.open("w", encoding="utf-8") as out:
            object_types = [
                {"name": name, "attributes": [{"name": "state", "type": "string"}, *_attributes(known)]}
                for name, known in types.items()
            ]
            of_events = _attributes(
                dict.fromkeys(("resource", "kind", "trigger", "state", "clearance", *_TERM_NAMES), "string")
            )
            event_types = [{"name": name, "attributes": of_events} for name in activities]
            first = '"rehearsal": true,\n' if log.rehearsal else ""
            out.write(
                f'{{{first}"objectTypes": {_json(object_types)},\n"eventTypes": {_json(event_types)},\n"objects": [\n'
            )
            _copy(things, out)
            out.write('\n],\n"events": [\n')
            _copy(written, out)
            out.write("\n]}\n")
    events.unlink()
    objects.unlink()
    return count


def write_csv(path: Path, log: EventLog, histories: Histories) -> int:
    """Write one row for each event, under the names that process-mining tools know, and return how many."""
    numbers: dict[int, str] = {}
    count = 0
    # Without the mark Excel takes UTF-8 for the code page of its machine.
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        out = csv.writer(stream)
        more = ("rehearsal",) if log.rehearsal else ()
        out.writerow((*_HEADINGS, *more))
        for case, entries in histories:
            numbers[case.id] = case.number
            parent = numbers.get(case.parent_id, "") if case.parent_id is not None else ""
            for each in log.happenings(case, entries):
                count += 1
                row = (
                    *(case.number, each.activity, each.at, "complete", each.by, case.unit, each.kind, each.trigger),
                    *(each.state, each.clearance, case.workflow, parent, each.id),
                    *(each.terms.get(key, "") for key in _TERM_HEADINGS),
                )
                out.writerow([plain_cell(value) for value in (*row, *("true" for _ in more))])
    return count


WRITERS: Final[Mapping[str, Callable[[Path, EventLog, Histories], int]]] = {
    "xes": write_xes,
    "ocel": write_ocel,
    "csv": write_csv,
}


def _event(case: Case, each: Happening) -> str:
    """Return one event of a trace."""
    parts = [
        _text("concept:name", each.activity, 3),
        _text("lifecycle:transition", "complete", 3),
        _date(each.at, 3),
        _text("org:resource", each.by, 3),
        _text("org:group", case.unit, 3),
        _text("kind", each.kind, 3),
        _text("state", each.state, 3),
        _text("clearance", each.clearance, 3),
    ]
    if each.trigger:
        parts.append(_text("trigger", each.trigger, 3))
    parts += [_text(key.replace(":", "_"), value, 3) for key, value in each.terms.items()]
    return f"\t\t<event>\n{''.join(parts)}\t\t</event>\n"


def _object(
    case: Case, moments: list[Happening], traits: Iterable[tuple[str, str | bool]], parent: str | None
) -> dict[str, object]:
    """Return a case as an object; its state as it was from each moment on."""
    last = moments[-1].at if moments else ""
    values: list[dict[str, object]] = [{"name": name, "time": last, "value": value} for name, value in traits]
    state = ""
    for each in moments:
        if each.state != state:
            state = each.state
            values.append({"name": "state", "time": each.at, "value": state})
    ties = [] if parent is None else [{"objectId": parent, "qualifier": "opened by"}]
    return {"id": case.number, "type": case.workflow, "attributes": values, "relationships": ties}


def _ocel_event(case: Case, each: Happening, parent: str | None) -> dict[str, object]:
    """Return one event; what opens a case concerns the case that it belongs to as well."""
    values = {"kind": each.kind, "trigger": each.trigger, "state": each.state, "clearance": each.clearance}
    values |= {key.replace(":", "_"): value for key, value in each.terms.items()}
    attributes = [{"name": name, "value": value} for name, value in {"resource": each.by, **values}.items()]
    ties = [{"objectId": case.number, "qualifier": case.workflow}]
    if parent is not None:
        ties.append({"objectId": parent, "qualifier": "belongs to"})
    return {"id": each.id, "type": each.activity, "time": each.at, "attributes": attributes, "relationships": ties}


def _attributes(known: Mapping[str, str]) -> list[dict[str, str]]:
    """Return the declaration of attributes."""
    return [{"name": name, "type": kind} for name, kind in known.items()]


def _copy(source: TextIO, out: TextIO) -> None:
    """Copy what was written to *source* to *out*."""
    source.seek(0)
    while part := source.read(1 << 20):
        out.write(part)


def _text(key: str, value: str, depth: int) -> str:
    """Return a text attribute of XES."""
    tabs = "\t" * depth
    return f'{tabs}<string key="{key}" value={quoteattr(value)}/>\n'


def _flag(key: str, *, value: bool, depth: int = 2) -> str:
    """Return a truth, of a trace unless *depth* says otherwise."""
    return "\t" * depth + f'<boolean key="{key}" value="{str(value).lower()}"/>\n'


def _date(value: str, depth: int) -> str:
    """Return the moment of an event."""
    tabs = "\t" * depth
    return f'{tabs}<date key="time:timestamp" value="{value}"/>\n'


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
