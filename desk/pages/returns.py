"""Returns: what an officer must file by the end of this week, nil in one act, and for the office who is missing."""

from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus
from typing import Final

from desk.answers import Answer, GoTo, PageShown
from desk.case_shown import entries_shown, tone_of
from desk.steps import reasons_of, said
from desk.visit import Visit, whole_number
from engine.errors import BadValueError, NotFoundError, QinglingError, RefusedError
from engine.language import Text
from engine.operations.figures.figure_values import Filing
from engine.operations.figures.filed_returns import returns_of
from engine.operations.figures.period import Period, ReportKind, period_of
from engine.operations.ledger.free_text import IdentitySeenError
from engine.operations.ledger.overtaken import OvertakenError
from engine.operations.returns.unfiled import Unfiled, ask_nil, nil_words, owes, unfiled
from engine.rules.reading_rights import Deed
from engine.rules.values import shown
from presentation.case_view import state_words
from presentation.deadline_view import due_words, left_words

NIL_WORDS: Final = Text("Nothing occurred in this period.", "本期无新增线索，无其他情况。")
"""What stands in the text of a nil return until somebody writes another."""

FILINGS: Final = {
    Filing.MISSING: (Text("missing", "未报"), "late"),
    Filing.SENT_BACK: (Text("sent back, not in again", "退回未补"), "late"),
    Filing.WAITING: (Text("due today", "今日到期"), "soon"),
}
"""How a return stands that is not in, with the colour of its lamp."""


def has_returns(visit: Visit) -> bool:
    """Say whether any workflow has cases that units owe by a day."""
    latest = visit.ledger.workflows.latest
    return any(owes(latest(name)) for name in visit.ledger.workflows.names())


def returns_page(visit: Visit) -> Answer:
    """Show what the officer must file, and who is missing as far as they may read."""
    return _page(visit, refused=None, status=HTTPStatus.OK)


def ask_for_nil(visit: Visit) -> Answer:
    """Ask for the signature under a nil return, or show the page again with why that may not be."""
    asked = visit.asked
    number = visit.case(Deed.READ, asked.path["number"]).number
    words = asked.one("words")
    try:
        seen = whole_number(asked.one("_seen"), least=1, most=999_999_999)
        workflow = visit.ledger.rules_of(visit.ledger.case(number)).workflow
        values = nil_words(visit.acting, number, words)
        acting = visit.looked_through(workflow, values, as_seen=(number, seen))
        ask_nil(acting, number, words=words, signer=asked.one("signer"))
    except (BadValueError, NotFoundError, RefusedError, OvertakenError) as refused:
        late = isinstance(refused, OvertakenError)
        return _page(visit, refused=refused, status=HTTPStatus.CONFLICT if late else HTTPStatus.UNPROCESSABLE_ENTITY)
    return GoTo(to=f"/returns?asked={number}")


def _page(visit: Visit, *, refused: QinglingError | None, status: HTTPStatus) -> PageShown:
    """Return the page."""
    asked = visit.asked
    since = refused.since if isinstance(refused, OvertakenError) else ()
    case = visit.ledger.case(asked.path["number"]) if since else None
    week = period_of(ReportKind.WEEKLY, asked.one("week") or None, today=visit.acting.today)
    with visit.viewing(Deed.LIST, returns=True, week=asked.one("week")) as view:
        found, more = unfiled(visit.acting)
        view.shown([each.task.case.number for each in found], returns=True, week=asked.one("week"))
    values = {
        "returns": [_shown(visit, each) for each in found],
        "more": more,
        "refused": asked.path.get("number", ""),
        "said": [] if refused is None or since else said(reasons_of(refused), ()),
        "changed": entries_shown(visit, visit.ledger.rules_of(case).workflow, since) if since and case else [],
        "insists": isinstance(refused, IdentitySeenError),
        "typed": asked.one("words"),
        "signer": asked.one("signer"),
        "default": NIL_WORDS,
        "done": asked.one("asked") if any(each.task.case.number == asked.one("asked") for each in found) else "",
        "week": week.title,
        "weeks": [week.first - timedelta(days=7), week.first + timedelta(days=7)],
        "today": visit.acting.today,
        "missing": _missing(visit, week) if visit.may(Deed.REPORT) else None,
    }
    return PageShown(template="returns.html", values=values, status=status)


def _missing(visit: Visit, week: Period) -> list[Mapping[str, object]]:
    """Return what fell due in a week and is not in, by unit."""
    with visit.viewing(Deed.REPORT, returns=True, period=str(week.first)) as view:
        with view.ledger.reading():
            owed, _ = returns_of(view.ledger, week, unit_id=None, nil=None, now=visit.now)
        view.shown(returns=True, period=str(week.first), count=len(owed))
    return [
        {
            "unit": visit.ledger.naming.unit_name(each.unit),
            "title": each.workflow,
            "period": each.period,
            "due_on": each.due_on,
            "stands": FILINGS[each.filing][0],
            "tone": FILINGS[each.filing][1],
        }
        for each in owed
        if each.filing in FILINGS
    ]


def _shown(visit: Visit, each: Unfiled) -> Mapping[str, object]:
    """Return a return as it is shown."""
    ledger, case = visit.ledger, each.task.case
    naming, workflow = ledger.naming, ledger.rules_of(case).workflow
    due, standing = each.task.deadline, each.standing
    return {
        "number": case.number,
        "seen": case.revision,
        "title": " ".join(shown(workflow.fields[name], case.fields.get(name), naming) for name in each.kind)
        or workflow.title,
        "period": shown(workflow.fields[workflow.summary], case.fields.get(workflow.summary), naming),
        "state": state_words(workflow, case.state),
        "unit": naming.unit_name(case.unit),
        "step": each.step.title,
        "trigger": each.step.trigger,
        "figures": [
            (workflow.fields[name].title, "0" if value is None else shown(workflow.fields[name], value, naming))
            for name, value in each.figures.items()
        ],
        "is_nil": each.is_nil,
        "can_be_nil": each.nil is not None,
        "signers": [(code, naming.person(code).name) for code in each.signers],
        "asked_of": "" if standing is None else naming.person(standing.row.officer).name,
        "is_signed": standing is not None and standing.row.given_seq is not None,
        "due": None
        if due is None
        else {"on": due_words(ledger, due.clock), "left": left_words(due), "tone": tone_of(due)},
    }
