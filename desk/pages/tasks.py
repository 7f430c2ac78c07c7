"""What waits for the officer: to do, to sign, to answer, and what others owe; the most urgent first."""

from collections.abc import Mapping, Sequence

from desk.answers import Answer, PageShown
from desk.case_shown import case_line, lamp_shown, title_of
from desk.pages.imports import stands
from desk.pages.registering import opened_by
from desk.visit import Visit
from engine.language import Text
from engine.operations.cases.drafts import drafts_of
from engine.operations.cases.sealed_values import openings_to_agree
from engine.operations.deadlines.today import Task, today
from engine.rules.naming import step_called
from engine.rules.reading_rights import Deed
from presentation.case_view import when


def today_page(visit: Visit) -> Answer:
    """Show what waits for the officer."""
    with visit.viewing(Deed.LIST, today=True) as view:
        found = today(visit.acting)
        cases = [each.case.number for each in (*found.do, *found.owed)]
        cases += [case.number for case, _ in (*found.sign, *found.questions)]
        view.shown(cases, today=True)
        values = {
            "do": _tasks(visit, found.do),
            "owed": _tasks(visit, found.owed),
            "sign": [
                {
                    **case_line(visit, case),
                    "about": title_of(visit, case),
                    "what": step_called(visit.ledger.rules_of(case).workflow, each.asked.step),
                    "by": visit.ledger.naming.person(each.by).name,
                }
                for case, each in found.sign
            ],
            "questions": [
                {**case_line(visit, case), "about": title_of(visit, case), "count": count}
                for case, count in found.questions
            ],
            "openings": [
                {**case_line(visit, case), "by": visit.ledger.naming.person(each.by).name}
                for case, each in openings_to_agree(visit.acting)
            ],
            "drafts": _begun(visit),
            "more": found.more,
            "work": [(each.address, each.title, stands(each)) for each in visit.background.jobs.of(visit.officer)],
            "new": _likely(visit, [each.case.workflow for each in (*found.do, *found.owed)]),
        }
    return PageShown(template="today.html", values=values)


def _begun(visit: Visit) -> list[Mapping[str, object]]:
    """Return the forms that the officer has begun within a week, the newest first."""
    ledger, found = visit.ledger, list[Mapping[str, object]]()
    for each in drafts_of(visit.acting):
        at = when(ledger, each.at)
        if not each.number and each.trigger in ledger.workflows.names():
            title = ledger.workflows.latest(each.trigger).title
            found.append({"way": f"/new/{each.trigger}", "words": title, "about": "", "at": at})
        if not each.number:
            continue
        case = ledger.case(each.number)
        words = step_called(ledger.rules_of(case).workflow, each.trigger)
        way = f"/case/{each.number}/do/{each.trigger}"
        found.append({"way": way, "words": words, "about": title_of(visit, case), "at": at})
    return found


def _tasks(visit: Visit, tasks: Sequence[Task]) -> list[Mapping[str, object]]:
    """Return tasks as they are shown."""
    naming = visit.ledger.naming
    return [
        {
            **case_line(visit, each.case),
            "about": title_of(visit, each.case),
            "unit": naming.unit_name(each.case.unit),
            "who": [naming.person(code).name for code in sorted(each.turn.officers)]
            or [str(naming.role(role)) for role in sorted(each.turn.roles)],
            "due": None if each.deadline is None else lamp_shown(visit.ledger, each.deadline),
        }
        for each in tasks
    ]


def _likely(visit: Visit, at_work: Sequence[str]) -> list[tuple[str, Text]]:
    """Return what the officer may register, first what is at work most, then what has most to it.

    What opens by itself comes last: it is at work, but seldom registered by hand.

    Args:
        at_work: The workflows of the cases that wait.
    """
    latest = visit.ledger.workflows.latest

    def place(each: tuple[str, Text]) -> tuple[bool, int, int]:
        workflow = latest(each[0])
        return bool(workflow.recurs), -at_work.count(each[0]), -len(workflow.transitions)

    return sorted(opened_by(visit), key=place)
