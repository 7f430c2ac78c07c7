"""What stands in a paper: its values looked up in the ledger and in what the officer gave.

Sealed fields are never looked at. Papers are written in Chinese, whatever language is spoken here.
"""

import json
import re
from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from documents.letters.kinds import STANDING, LetterKind, Value
from documents.letters.subject import Subject, subject_of
from engine.errors import BadValueError, RefusedError
from engine.journal.chain import JournalEntry
from engine.language import Text, speaking
from engine.operations.ledger.ledger import Ledger
from engine.operations.letters.issue import ISSUED
from engine.rules.case import Case, Count
from engine.rules.values import check_values, shown
from engine.store import case_rows
from engine.store import house_rows as house
from engine.workflow.model import FieldType
from engine.workflow.problems import did_you_mean
from engine.working_days.count import add
from engine.working_days.dates import read_day
from engine.working_days.instants import local_day

Context = Mapping[str, str | list[str]]

SETTINGS: Final[Mapping[str, tuple[str, str]]] = {
    "sender": ("letter_sender", "--sender"),
    "contact": ("letter_contact", "--contact"),
    "telephone": ("letter_telephone", "--telephone"),
}
"""Standing values that come from the letterhead, and the option of `letter settings` that sets each."""

_SPLITS: Final = {"lines": re.compile(r"[\n；;]"), "paragraphs": re.compile(r"\n")}
_UNWRITABLE: Final = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_HAN: Final = re.compile("[\u3400-\u9fff\U00020000-\U0003ffff]")


@dataclass(frozen=True, kw_only=True, slots=True)
class Gathered:
    """The values of one paper, and those it lacks."""

    context: Context
    """Every placeholder but the number; empty where nothing was found."""
    about: Mapping[str, object]
    known: Mapping[str, object]
    """Values that were given for fields of the case, in stored form."""
    missing: tuple[Text, ...]
    """What is lacking and how to give it."""


def gathered(
    ledger: Ledger,
    kind: LetterKind,
    case: Case,
    given: Mapping[str, str],
    *,
    shows: Container[str],
    deadline: str | None = None,
    now: datetime,
) -> Gathered:
    """Return what a paper says of a case.

    Args:
        given: Values by name as the officer gave them; they go before those of the ledger.
        shows: The placeholders of its template; a letterhead that is not shown is not asked for.
        deadline: The declared deadline that it is about; None for the one that asks for it.

    Raises:
        BadValueError: If a given value is not one of the paper's, or cannot be what it should be.
        RefusedError: If the paper is about a deadline and none is late, or it comes too late itself.
        NotFoundError: If there is no such deadline.
    """
    _refuse_other_states(ledger, kind, case)
    checked = _checked(ledger, kind, case, given, now=now)
    subject = subject_of(ledger, kind, case, deadline, asked="new_due_on" in given, now=now)
    places = _Places(ledger, case, subject, now)
    raw: dict[str, object] = {}
    context: dict[str, str | list[str]] = {}
    with speaking("zh"):
        shorten = _shortening(places, kind.hide)
        for name, value in kind.values.items():
            raw[name], written = places.value(value, checked)
            context[name] = _parted(value, shorten(_clean(written)))
        _refuse_past_days(kind, case, raw, today=ledger.today(now))
        _refuse_days_not_after(kind, case, raw)
        standing = {**places.standing(), **{name: str(checked[name]) for name in STANDING if name in checked}}
        context |= {name: _clean(standing.get(name, "")) for name in STANDING}
    missing = [
        _lacking(kind.values[name]) for name, value in kind.values.items() if _needed(value, raw) and not context[name]
    ]
    missing += [_unset(name) for name in SETTINGS if name in shows and not context[name]]
    workflow = ledger.rules_of(case).workflow
    return Gathered(
        context=context,
        about=subject.about,
        known={name: value for name, value in checked.items() if name in workflow.fields},
        missing=tuple(missing),
    )


def chinese_day(day: date) -> str:
    """Return a date as papers write it: 2019年7月1日."""
    return f"{day.year}年{day.month}月{day.day}日"


class _Places:
    """Where values come from."""

    def __init__(self, ledger: Ledger, case: Case, subject: Subject, now: datetime) -> None:
        self._ledger = ledger
        self._case = case
        self._parent = None if case.parent_id is None else case_rows.by_id(ledger.store, case.parent_id)
        self._subject = subject
        self._now = now

    def value(self, wanted: Value, given: Mapping[str, object]) -> tuple[object, str]:
        """Return a value as it is stored and as it is written; None and empty if it is nowhere."""
        if wanted.name in given:
            return given[wanted.name], self._shown(self._case, wanted.name, given[wanted.name])
        for place in wanted.places:
            found, written = self.at(place)
            if found in (None, "", [], ()):
                continue
            if wanted.words is not None:
                today = self._ledger.today(self._now).isoformat()
                written = next((text for since, text in wanted.words.get(str(found), ()) if since <= today), "")
            if written:
                return found, written
        return wanted.default or None, wanted.default

    def at(self, place: str) -> tuple[object, str]:
        """Return what is at one place, as it is stored and as it is written."""
        realm, _, name = place.partition(".")
        match realm:
            case "case":
                return self._field(self._case, name)
            case "parent":
                return (None, "") if self._parent is None else self._field(self._parent, name)
            case "house":
                written = str(self._ledger.settings.get(name) or "")
                return written, written
            case _:
                written = self._reckoned(realm, name)
                return written, written

    def _reckoned(self, realm: str, name: str) -> str:
        """Return what is written at a place that holds no field."""
        match realm:
            case "standing":
                return self.standing()[name]
            case "within":
                return self._within(int(name))
            case "history":
                return self._history(name)
            case _:
                return self._subject.values.get(f"{realm}.{name}", "")

    def standing(self) -> dict[str, str]:
        """Return what every paper may show, but its number."""
        settings, workflow = self._ledger.settings, self._ledger.rules_of(self._case).workflow
        units = {each.code: each.name for each in house.units(self._ledger.store)}
        return {
            "number": "",
            "dated_on": chinese_day(self._ledger.today(self._now)),
            "sender": str(settings.get("letter_sender") or settings.get("name") or ""),
            "contact": str(settings.get("letter_contact") or ""),
            "telephone": str(settings.get("letter_telephone") or ""),
            "unit_name": units.get(self._case.unit, self._case.unit),
            "case_number": self._case.number,
            "case_title": workflow.title.zh,
            "case_dated_on": self._case.dated_on,
            "parent_number": self._parent.number if self._parent else "",
        }

    def _field(self, case: Case, name: str) -> tuple[object, str]:
        """Return a field of a case; nothing if its workflow has none of that name, or it is sealed."""
        field = self._ledger.rules_of(case).workflow.fields.get(name)
        value = case.fields.get(name)
        if field is None or field.type is FieldType.SEALED or value is None:
            return None, ""
        return value, self._shown(case, name, value)

    def _shown(self, case: Case, name: str, value: object) -> str:
        """Return a value as a paper writes it: officers and units by their names."""
        field = self._ledger.rules_of(case).workflow.fields.get(name)
        if field is None:
            return str(value)
        if field.type in {FieldType.OFFICER, FieldType.OFFICERS}:
            names = {each.code: each.name for each in house.officers(self._ledger.store)}
            codes = value if isinstance(value, (list, tuple)) else [value]
            return "、".join(names.get(str(each), str(each)) for each in codes)
        if field.type is FieldType.UNIT:
            return {each.code: each.name for each in house.units(self._ledger.store)}.get(str(value), str(value))
        return shown(field, value)

    def _within(self, days: int) -> str:
        """Return the day that many working days from today."""
        calendar = self._ledger.calendar_of(self._case.unit_id)
        due = add(self._ledger.today(self._now), days, "working_days", calendar, unpublished="weekdays").due
        return due.date().isoformat() if isinstance(due, datetime) else due.isoformat()

    def _history(self, what: str) -> str:
        """Return what the journal tells: steps, outcomes of what was opened, or how often it was chased."""
        store = self._ledger.store
        if what == "outcomes":
            living = [e for e in case_rows.children(store, self._case.id) if e.clearance != Count.VOID]
            return "\n".join(self._outcome(each) for each in living)
        rows = case_rows.entries(store, self._case.id)
        if what == "chased":
            return self._chased(rows)
        assert what == "steps", what
        return "\n".join(filter(None, map(self._step, rows)))

    def _chased(self, rows: Iterable[JournalEntry]) -> str:
        """Return how often the deadline was chased: by reminders, or by letters if there were more; empty if never."""
        name = self._subject.about.get("deadline")
        told = [(each.kind, json.loads(each.body)) for each in rows if each.kind in {"reminded", ISSUED}]
        reminders = sum(
            kind == "reminded" and body["level"] == "chase" and body["deadline"] == name for kind, body in told
        )
        letters = sum(kind == ISSUED and body["about"].get("deadline") == name for kind, body in told)
        often = max(reminders, letters)
        return f"{often}次" if often else ""

    def _outcome(self, child: Case) -> str:
        """Return how a case stands that was opened from this one."""
        workflow = self._ledger.rules_of(child).workflow
        return f"{workflow.title.zh} {child.number}：{workflow.states[child.state].title.zh}。"

    def _step(self, row: JournalEntry) -> str:
        """Return what one journal row tells of the way of the case; empty if nothing."""
        day = chinese_day(local_day(row.at, self._ledger.zone))
        if row.kind == "opened":
            return f"{day}，登记受理，编号 {row.case}。"
        if row.kind != "moved" or row.to_state == row.from_state:
            return ""
        workflow, body = self._ledger.rules_of(self._case).workflow, json.loads(row.body)
        titles = {e.trigger: e.title.zh for e in workflow.transitions}
        return f"{day}，{titles.get(body['trigger'], body['trigger'])}。"


def _checked(
    ledger: Ledger, kind: LetterKind, case: Case, given: Mapping[str, str], *, now: datetime
) -> dict[str, object]:
    """Return what was given, in the form in which values are stored."""
    allowed = {*kind.values, *SETTINGS}
    wrong = [
        Text("this letter has no '{name}'{near}", "该文书没有“{name}”{near}").format(
            name=name, near=did_you_mean(name, allowed)
        )
        for name in given
        if name not in allowed
    ]
    days = [name for name in given if name in kind.values and kind.values[name].type == "date"]
    written: dict[str, str] = {}
    for name in days:
        try:
            written[name] = given[name] and read_day(given[name]).isoformat()
        except BadValueError as error:
            wrong.append(Text("{name}: {why}", "{name}：{why}").format(name=name, why=error.sentence))
    if wrong:
        raise BadValueError(Text("; ".join(e.en for e in wrong), "；".join(e.zh for e in wrong)))
    workflow = ledger.rules_of(case).workflow
    sealed = {name for name, field in workflow.fields.items() if field.type is FieldType.SEALED}
    fields = {name: value for name, value in given.items() if name in workflow.fields and name not in sealed}
    officers, units = ledger.known_codes()
    found: dict[str, object] = {name: written.get(name, value) for name, value in given.items() if name not in fields}
    return found | dict(check_values(workflow, fields, officers=officers, units=units, today=ledger.today(now)))


def _refuse_other_states(ledger: Ledger, kind: LetterKind, case: Case) -> None:
    """Refuse a paper whose time is over, or has not come, by the state of its case."""
    if kind.states and case.state not in kind.states:
        state = ledger.rules_of(case).workflow.states[case.state].title
        raise RefusedError(
            Text(
                f"'{kind.title.en}' is not for {case.number} in the state '{state.en}'; to print one again that was"
                " issued: --reissue --reason …",
                f"{case.number} 当前为“{state.zh}”，不能再编发“{kind.title.zh}”；"
                "重新打印已编发的，请加 --reissue --reason …",
            )
        )


def _refuse_past_days(kind: LetterKind, case: Case, raw: Mapping[str, object], *, today: date) -> None:
    """Refuse a paper that asks for something by a day that is past."""
    for name, value in kind.values.items():
        day = str(raw[name] or "")
        if value.ahead and _is_day(day) and day < today.isoformat():
            option = "--" + name.replace("_", "-")
            raise RefusedError(
                Text(
                    f"'{value.title.en}' of {case.number} is {day}, which is past; give a later day with {option}",
                    f"{case.number} 的“{value.title.zh}”为 {day}，已经过去；请用 {option} 另行指定",
                )
            )


def _refuse_days_not_after(kind: LetterKind, case: Case, raw: Mapping[str, object]) -> None:
    """Refuse a paper in which a day does not lie after another that it must follow."""
    for name, value in kind.values.items():
        day, before = str(raw[name] or ""), str(raw.get(value.after) or "")
        if value.after and _is_day(day) and _is_day(before) and day <= before:
            option, other = "--" + name.replace("_", "-"), kind.values[value.after].title
            raise RefusedError(
                Text(
                    f"'{value.title.en}' of {case.number} is {day}, which is not after '{other.en}', {before};"
                    f" give a later day with {option}",
                    f"{case.number} 的“{value.title.zh}”为 {day}，不晚于“{other.zh}”（{before}）；"
                    f"请用 {option} 另行指定",
                )
            )


def _needed(value: Value, raw: Mapping[str, object]) -> bool:
    """Say whether a paper cannot do without a value."""
    if isinstance(value.needed, bool):
        return value.needed
    return any(raw.get(name) in choices for name, choices in value.needed.items())


def _lacking(value: Value) -> Text:
    """Return what is missing and how to give it."""
    option = "--" + value.name.replace("_", "-")
    if value.places == ("house.letter_superior",):
        return Text(
            f"{value.title.en} (qingling letter settings --superior, or {option})",
            f"{value.title.zh}（qingling letter settings --superior 或 {option}）",
        )
    return Text(f"{value.title.en} ({option})", f"{value.title.zh}（{option}）")


def _unset(name: str) -> Text:
    """Return which part of the letterhead is missing and how to set it."""
    title, how = STANDING[name], f"qingling letter settings {SETTINGS[name][1]}"
    return Text(f"{title.en} ({how})", f"{title.zh}（{how}）")


def _shortening(places: _Places, hidden: Iterable[str]) -> Callable[[str], str]:
    """Return what shortens the names of persons in a text to their first sign and 某."""
    names: dict[str, str] = {}
    for place in hidden:
        for each in re.split(r"[、，,；;/\s]+", places.at(place)[1]):
            person = len(each) in {2, 3, 4} or "·" in each or (len(each) > 1 and not _HAN.search(each))
            if person and not each.endswith("某"):
                names[each] = each[0] + "某" * min(max(len(each) - 1, 1), 2)

    def shorten(words: str) -> str:
        for name in sorted(names, key=len, reverse=True):
            words = words.replace(name, names[name])
        return words

    return shorten


def _parted(value: Value, words: str) -> str | list[str]:
    """Return a text, or its lines or paragraphs, with dates as papers write them."""
    if not value.split:
        return " ".join(_dated(words).split("\n"))
    return [_dated(part) for each in _SPLITS[value.split].split(words) if (part := each.strip())]


def _dated(words: str) -> str:
    """Return *words*, written out if they are a date."""
    words = words.strip()
    return chinese_day(date.fromisoformat(words)) if _is_day(words) else words


def _is_day(words: str) -> bool:
    """Say whether *words* are a date and nothing else."""
    if not _DAY.fullmatch(words):
        return False
    try:
        date.fromisoformat(words)
    except ValueError:
        return False
    return True


def _clean(words: str) -> str:
    """Return *words* without what a paper cannot hold, and with one kind of line end."""
    return _UNWRITABLE.sub("", words.replace("\r\n", "\n").replace("\r", "\n")).replace("\t", " ").strip()
