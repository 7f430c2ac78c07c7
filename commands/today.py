"""`qingling today`: what waits for the officer, the most urgent first; the desk's first page at a terminal."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from commands.console.bilingual import command, json_option, pass_app
from commands.console.context import AppContext
from commands.console.output import heading, print_json, print_table, say, talk
from commands.shared.reading import may_do, write_down
from engine.language import Text, t
from engine.rules.reading_rights import Deed
from presentation.case_view import state_words
from presentation.deadline_view import due_words, left_words

if TYPE_CHECKING:
    from engine.operations.deadlines.today import Task, Today
    from engine.operations.ledger.ledger import Ledger
    from engine.rules.case import Case


@command(
    "today",
    en="What waits for you, the most urgent first: what to do and to sign, what others owe in cases that you keep or "
    "that name you, and questions from imported ledgers. At most 60 of each.",
    zh="我的待办，按紧急程度排列：待办理、待签字、他人应办（本人经管或指明本人的事项）、导入台账的待核对问题。"
    "各列至多 60 件。",
    example="qingling today",
)
@json_option
@pass_app
def today(app: AppContext, as_json: bool) -> None:
    """Show it."""
    from engine.operations.deadlines.today import today as waiting
    from engine.operations.ledger.acting import Acting
    from engine.operations.ledger.need_to_know import digest_of

    may_do(app, Deed.LIST, today=True)
    ledger = app.ledger_read
    seen = waiting(Acting(ledger, app.reader.code, app.now))
    numbers = [each.number for each in _cases(seen)]
    write_down(app, Deed.LIST, "", "shown", today=True, count=len(numbers), digest=digest_of(numbers))
    if as_json:
        print_json(_as_json(ledger, seen))
        return
    _say_tasks(ledger, Text("To do", "待办理"), seen.do, others=False)
    if seen.sign:
        heading(t("To sign", "待签字"))
        rows = [
            (case.number, _title(ledger, case), str(ledger.rules_of(case).workflow.fields[each.row.field].title))
            for case, each in seen.sign
        ]
        print_table([t("number", "编号"), t("case", "事项"), t("signature", "签字")], rows)
        say()
    _say_tasks(ledger, Text("Others owe", "他人应办"), seen.owed, others=True)
    if seen.questions:
        heading(t("To be checked", "待核对"))
        asked = [(case.number, _title(ledger, case), str(count)) for case, count in seen.questions]
        print_table([t("number", "编号"), t("case", "事项"), t("questions", "问题数")], asked)
        say()
    if not numbers:
        talk(t("nothing waits for you", "没有待办事项"))
    if seen.more:
        talk(
            t("there is more: qingling list, qingling deadline list", "还有更多：qingling list、qingling deadline list")
        )


def _cases(seen: "Today") -> "Iterable[Case]":
    """Yield the cases that are shown."""
    yield from (each.case for each in (*seen.do, *seen.owed))
    yield from (case for case, _ in (*seen.sign, *seen.questions))


def _say_tasks(ledger: "Ledger", title: Text, tasks: "tuple[Task, ...]", *, others: bool) -> None:
    """Print some tasks as a table.

    Args:
        others: Somebody else must act; say who.
    """
    if not tasks:
        return
    heading(str(title))
    columns = [t("number", "编号"), t("case", "事项"), t("deadline", "期限"), t("due", "到期"), t("left", "剩余")]
    rows = [
        (
            each.case.number,
            _title(ledger, each.case),
            str(each.deadline.declared.title) if each.deadline else "",
            due_words(ledger, each.deadline.clock) if each.deadline else "",
            left_words(each.deadline) if each.deadline else "",
            *((_whose(ledger, each),) if others else ()),
        )
        for each in tasks
    ]
    print_table([*columns, *((t("must act", "责任人"),) if others else ())], rows)
    say()


def _title(ledger: "Ledger", case: "Case") -> str:
    """Return what a case is and where it stands."""
    workflow = ledger.rules_of(case).workflow
    return f"{workflow.title} · {state_words(workflow, case.state)}"


def _whose(ledger: "Ledger", task: "Task") -> str:
    """Return who must act: the officers whom the case names, and the roles of steps for which it names nobody."""
    naming = ledger.naming
    words = [str(naming.officer(each)) for each in sorted(task.turn.officers)]
    words += [str(naming.role(each)) for each in sorted(task.turn.roles)]
    return t(", ", "、").join(words)


def _as_json(ledger: "Ledger", seen: "Today") -> dict[str, object]:
    """Return it for scripts."""

    def task(each: "Task") -> dict[str, object]:
        return {
            "number": each.case.number,
            "workflow": each.case.workflow,
            "state": each.case.state,
            "deadline": each.deadline.clock.name if each.deadline else None,
            "due": due_words(ledger, each.deadline.clock) if each.deadline else None,
            "overdue": each.deadline.overdue if each.deadline else False,
            "officers": sorted(each.turn.officers),
            "roles": sorted(each.turn.roles),
        }

    return {
        "do": [task(each) for each in seen.do],
        "sign": [{"number": case.number, "field": each.row.field} for case, each in seen.sign],
        "owed": [task(each) for each in seen.owed],
        "questions": [{"number": case.number, "questions": count} for case, count in seen.questions],
        "more": seen.more,
    }
