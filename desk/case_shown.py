"""What the page of a case shows, made of what the ledger says; names stand for codes, words for states."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final
from urllib.parse import quote

from desk.visit import Visit
from engine.deadlines.clock import Clock, Status
from engine.errors import NotFoundError, without_hints
from engine.journal.chain import JournalEntry
from engine.journal.migration_events import CaseMigrated
from engine.journal.signature_events import extension_field
from engine.language import Text, language, t
from engine.operations.cases.lookup import CaseView, kept_of
from engine.operations.cases.signatures import standing_of
from engine.operations.deadlines.standings import DeadlineView, standing
from engine.operations.deadlines.timing import explanation
from engine.operations.ledger.ledger import Ledger
from engine.rules.case import Case, Count
from engine.rules.naming import signature_called, step_called
from engine.rules.values import shown
from engine.workflow.deadline import TermUnit
from engine.workflow.deed_words import EXTENSION, VOIDING
from engine.workflow.field_traits import OFFICER_TYPES
from engine.workflow.model import Workflow
from engine.workflow.proofs import Proof
from engine.working_days.explain import explain
from engine.working_days.instants import local_day
from presentation.case_view import COUNTS, clock_words, entry_parts, field_pairs, state_words, when
from presentation.deadline_view import due_words, left_words, remarks
from presentation.explanation_view import explained_step_line
from presentation.question_view import question_pairs
from presentation.signature_view import SeenSignature, covered_pairs, signature_pairs, signatures_of

SOON: Final = 3
"""Days, or working days, from which on the lamp of a deadline is yellow."""
_HOURS: Final = {TermUnit.HOURS: 24, TermUnit.WORKING_HOURS: 8}
"""How many of what a deadline is counted in make a day; one of 24 hours is urgent as soon as it runs."""


_ENDED: Final = {
    Count.REPEATS: Text(
        "This case repeats another; only the first is acted on.", "本件为重复件，只办理首件，不再单独办理。"
    ),
    Count.VOID: Text("This case is void.", "本件已作废。"),
}
_CLOSED: Final = Text("This case is closed.", "本件已办结。")
"""Why nothing is left to do on a case."""


def title_of(visit: Visit, case: Case) -> str:
    """Return what a case is about, in its own words."""
    workflow = visit.ledger.rules_of(case).workflow
    summary = workflow.fields[workflow.summary]
    naming = visit.ledger.naming
    return naming.veiled(shown(summary, case.fields.get(summary.name), naming)) or f"{workflow.title} {case.number}"


def case_shown(visit: Visit, seen: CaseView) -> Mapping[str, object]:
    """Return the values of the page."""
    ledger, case = visit.ledger, seen.case
    workflow = ledger.rules_of(case).workflow
    return {
        **kept_of(ledger, case, _as_spoken(visit, "words"), lambda: _words_of(visit, seen)),
        "number": case.number,
        "workflow": workflow.title,
        "state": state_words(workflow, case.state),
        "unit": ledger.naming.unit_name(case.unit),
        "counts": COUNTS[Count(case.clearance)],
        "is_open": case.clearance == Count.OPEN,
        "ended": _ENDED.get(Count(case.clearance), _CLOSED),
        "deadlines": [deadline_shown(visit, case, each) for each in seen.deadlines],
        "related": _related(visit, seen),
        "goes_on_in": [case_line(visit, each) for each in seen.goes_on_in],
        "read_by": _readers(visit, case),
        "files": seen.attachments,
        "questions": question_pairs(workflow, [each.question for each in seen.questions]),
        "register": field_pairs(workflow, seen.register, ledger.naming),
        "uncleared": [without_hints(each) for each in seen.uncleared],
    }


def _as_spoken(visit: Visit, what: str) -> str:
    """Return what is kept of a case, with the language and what is hidden from who looks."""
    return " ".join((what, language(), *map(str, sorted(visit.reader.hidden))))


def _words_of(visit: Visit, seen: CaseView) -> Mapping[str, object]:
    """Return what a case and its journal say by themselves."""
    ledger, case = visit.ledger, seen.case
    workflow = ledger.rules_of(case).workflow
    people = {name for name in case.fields if name in workflow.fields and workflow.fields[name].type in OFFICER_TYPES}
    named = {name: value for name, value in case.fields.items() if name in people}
    rest = {name: value for name, value in case.fields.items() if name not in people and name != workflow.summary}
    days = {each.seq: local_day(each.at, ledger.zone).isoformat() for each in seen.timeline}
    signatures = signatures_of(seen.timeline, days)
    return {
        "title": title_of(visit, case),
        "people": field_pairs(workflow, named, ledger.naming),
        "content": field_pairs(workflow, rest, ledger.naming),
        "signatures": signature_pairs(workflow, signatures, ledger.naming),
        "signed_deeds": list(_signed_deeds(workflow, case, signatures)),
    }


def _signed_deeds(
    workflow: Workflow, case: Case, signatures: Iterable[SeenSignature]
) -> Iterator[tuple[str, Text, Text]]:
    """Yield the extensions and voidings that are signed and wait to be done: where, and of what.

    They are no steps, so nothing else on the page says that one may go on.
    """
    for each in signatures:
        if each.used or each.stands not in {"given", "paper"} or case.clearance != Count.OPEN:
            continue
        way, called = f"/case/{quote(case.number)}", step_called(workflow, each.step)
        if each.step == VOIDING:
            yield f"{way}/void", called, Text("", "")
        elif each.step == EXTENSION:
            name = each.field.removeprefix(extension_field(""))
            if name in workflow.deadlines:
                yield f"{way}/term/{quote(name)}", called, workflow.deadlines[name].title


def _readers(visit: Visit, case: Case) -> str:
    """Return the names of the only officers who read a case; empty if all may."""
    ledger = visit.ledger
    named = ledger.restricted.get(case.id, frozenset())
    return t(", ", "、").join(sorted(ledger.naming.person(each).name for each in named))


def timeline_shown(visit: Visit, seen: CaseView) -> Sequence[Mapping[str, object]]:
    """Return the whole journal of a case as it is shown, oldest first; the same to all from whom the same is hidden."""
    workflow = visit.ledger.rules_of(seen.case).workflow
    if any(each.kind == CaseMigrated.kind for each in seen.timeline):  # shown in the words of versions still to come
        return entries_shown(visit, workflow, seen.timeline)
    return kept_of(
        visit.ledger, seen.case, _as_spoken(visit, "timeline"), lambda: entries_shown(visit, workflow, seen.timeline)
    )


def entries_shown(visit: Visit, workflow: Workflow, entries: Sequence[JournalEntry]) -> list[Mapping[str, object]]:
    """Return rows of the journal as they are shown."""
    ledger = visit.ledger
    spoken = ("titles", workflow.name, str(workflow.version), language())
    titles = visit.kept(spoken, lambda: frozenset(str(each.title) for each in workflow.fields.values()))
    found: list[Mapping[str, object]] = []
    for each in entries:
        words, details = entry_parts(ledger, workflow, each)
        parts = [detail.partition("=") for detail in details]
        found.append(
            {
                "at": when(ledger, each.at),
                "who": ledger.naming.person(each.by).name,
                "words": words + _confirmed(each) + clock_words(ledger, each),
                "details": [
                    (title, value) if between and title in titles else ("", detail)
                    for detail, (title, between, value) in zip(details, parts, strict=True)
                ],
            }
        )
    return found


def _confirmed(entry: JournalEntry) -> str:
    """Return how a row was signed or confirmed; empty where its officer was logged in, or less."""
    for proof in (Proof.CONFIRMED, Proof.SIGNATURE):
        if f'"proof":["{proof.word}"' in entry.body:
            return str(Text(" ({how})", "（{how}）").format(how=proof.title))
    return ""


def deadline_shown(visit: Visit, case: Case, clock: Clock) -> Mapping[str, object]:
    """Return a deadline with its lamp."""
    ledger = visit.ledger
    if clock.name not in ledger.rules_of(case).workflow.deadlines:
        nothing: dict[str, object] = dict.fromkeys(("name", "left", "remarks"), "")
        return {**nothing, "title": clock.name, "due": due_words(ledger, clock), "tone": "ended"}
    found = standing(ledger, case, clock, now=visit.now)
    return {
        "name": clock.name,
        "title": found.declared.title,
        "due": due_words(ledger, clock),
        "left": lamp_words(found),
        "tone": tone_of(found),
        "remarks": remarks(ledger, clock),
    }


def tone_of(found: DeadlineView) -> str:
    """Return the lamp of a deadline: late, soon, well, paused or ended; its words stand beside it.

    What only the other side lets pass is never red.
    """
    status = found.clock.status
    if status is Status.PAUSED:
        return "paused"
    if status is not Status.RUNNING:
        return "ended"
    if found.overdue:
        return "late"
    soon = SOON * _HOURS.get(TermUnit(found.counted_in), 1)
    return "soon" if found.left <= (0 if found.theirs else soon) else "well"


def lamp_word(found: DeadlineView) -> str:
    """Return the word of a lamp, which never shows by its colour alone."""
    if found.theirs and found.late_by:
        return t("the other side's", "对方逾期")
    return str(_LAMPS.get(tone_of(found), ""))


_LAMPS: Final = {"well": Text("in time", "正常"), "soon": Text("soon", "临期"), "late": Text("late", "超期")}


def lamp_words(found: DeadlineView) -> str:
    """Return what a lamp says where there is room for it: its word, unless what is left says that, and what is left."""
    left = left_words(found)
    word = "" if found.late_by else lamp_word(found)
    return f"{word}{t(', ', '，')}{left}" if word else left


def lamp_shown(ledger: Ledger, found: DeadlineView) -> Mapping[str, object]:
    """Return a deadline as one lamp shows it."""
    return {
        "title": found.declared.title,
        "on": due_words(ledger, found.clock),
        "word": lamp_word(found),
        "left": lamp_words(found),
        "tone": tone_of(found),
    }


def why_shown(visit: Visit, case: Case, clock: Clock) -> list[str]:
    """Return how the day of a live deadline came about, line by line; nothing where it was given as a day."""
    if clock.status not in {Status.RUNNING, Status.PAUSED}:
        return []
    try:
        *_, derivation = explanation(visit.ledger, case.number, clock.name)
    except NotFoundError:
        return []
    if derivation is None:
        return []
    return [explained_step_line(each) for each in explain(derivation)]


def _related(visit: Visit, seen: CaseView) -> list[tuple[str, list[Mapping[str, object]]]]:
    """Return the cases that belong to this one, by what they are to it; those that may not be read are left out."""
    groups = (
        (t("belongs to", "所属"), [seen.parent] if seen.parent else []),
        (t("opened from it", "下属事项"), seen.children),
        (t("repeats", "首件"), [seen.first] if seen.first else []),
        (t("repeated by", "重复件"), seen.repeats),
    )
    return [(title, [case_line(visit, each) for each in cases]) for title, cases in groups if cases]


def case_line(visit: Visit, case: Case) -> Mapping[str, object]:
    """Return one line about a case."""
    workflow = visit.ledger.rules_of(case).workflow
    return {"number": case.number, "workflow": workflow.title, "state": state_words(workflow, case.state)}


def asked_of_others(visit: Visit, seen: CaseView) -> list[Mapping[str, object]]:
    """Return what others are asked to sign on a case and have not yet."""
    if not any(each.officer != visit.officer and each.given_seq is None for each in seen.asked):
        return []
    ledger, workflow = visit.ledger, visit.ledger.rules_of(seen.case).workflow
    return [
        {
            "field": each.row.field,
            "title": signature_called(workflow, each.row.field),
            "step": step_called(workflow, each.asked.step),
            "of": ledger.naming.person(each.row.officer).name,
            "on": when(ledger, each.at),
        }
        for each in standing_of(ledger, seen.case).values()
        if each.row.officer != visit.officer and each.row.given_seq is None
    ]


def asked_of_me(visit: Visit, seen: CaseView) -> list[Mapping[str, object]]:
    """Return what the officer is asked to sign on a case, with all that a signature covers."""
    if not any(each.officer == visit.officer and each.given_seq is None for each in seen.asked):
        return []
    case = seen.case
    ledger, workflow = visit.ledger, visit.ledger.rules_of(case).workflow
    return [
        {
            "field": each.row.field,
            "title": signature_called(workflow, each.row.field),
            "step": step_called(workflow, each.asked.step),
            "covers": covered_pairs(workflow, each.asked, ledger.naming),
            "by": ledger.naming.person(each.by).name,
        }
        for each in standing_of(ledger, case).values()
        if each.row.officer == visit.officer and each.row.given_seq is None
    ]
