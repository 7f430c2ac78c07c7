"""One step for many cases: chosen in a list, tried first, and done with a verdict for each."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from http import HTTPStatus
from secrets import token_urlsafe
from typing import Final

from desk.answers import PageShown
from desk.case_narrowing import asked_list, found_cases
from desk.case_shown import title_of
from desk.fields import Fields, brought
from desk.steps import reasons_of, said
from desk.visit import Visit
from engine.errors import BadValueError, NotFoundError, QinglingError, RefusedError, without_hints
from engine.language import Text
from engine.operations.cases.bulk import BulkResult, advance_many
from engine.operations.ledger.free_text import IdentitySeenError
from engine.rules.case import Case
from engine.rules.reading_rights import Deed
from engine.rules.transitions import Rules
from engine.workflow.model import Transition
from presentation.case_view import state_words

ASK_ONCE: Final = "_form"
"""The field by which a form that is sent twice is known: a batch is done once."""
MOST: Final = 500
"""Cases of one press."""
LISTED: Final = 150
"""Cases that a page shows one by one, those that cannot first; more are counted."""
CHUNK: Final = 100
"""Cases that are written in one commit."""
_CHOSEN: Final = "_cases"
"""The field in which a page brings back what was chosen: one, since a form of many fields is refused."""


class NotChosenError(BadValueError):
    """Nothing was chosen in a list, or too much."""


def bulk_steps(rules: Rules) -> list[tuple[str, Text]]:
    """Return the steps that many cases may take at once: trigger and title."""
    found = {each.trigger: each.title for each in rules.workflow.transitions if rules.in_bulk(each.trigger)}
    return list(found.items())


def step_for_many(visit: Visit) -> PageShown:
    """Show what would become of each case, or let each that may take the step; the others stay as they are."""
    asked = visit.asked
    rules = visit.ledger.rules(asked.path["workflow"])
    steps = [each for each in rules.workflow.transitions if each.trigger == asked.one("_trigger")]
    if not steps or not rules.in_bulk(asked.one("_trigger")):
        raise _not_chosen()
    cases = chosen_cases(visit, rules)
    if asked.one("_fill"):
        name, _, value = asked.one("_fill").partition(":")
        return _form(visit, rules, steps, cases, given={**asked.form, name: (value,)})
    if not asked.one("_tried"):
        return _form(visit, rules, steps, cases, given={})
    values = brought(rules.workflow, asked.form)
    is_done = bool(asked.one("_apply"))
    try:
        acting = visit.looked_through(rules.workflow, values)
        verdicts = list(advance_many(acting, in_chunks(cases), asked.one("_trigger"), values, apply=is_done))
    except (BadValueError, RefusedError) as refused:
        return _form(visit, rules, steps, cases, given=asked.form, refused=refused)
    return _form(visit, rules, steps, cases, given=asked.form, verdicts=verdicts, is_done=is_done)


def chosen_cases(visit: Visit, rules: Rules) -> list[Case]:
    """Return the cases that were chosen in the list of a workflow, or all that it finds; that is written down.

    Raises:
        NotChosenError: If it is none, or too many.
        NotFoundError: If one of them is not there, or not for the officer.
    """
    asked = visit.asked
    if asked.one("_all"):
        return _all_found(visit)
    numbers = list(dict.fromkeys((*asked.form.get("_case", ()), *asked.one(_CHOSEN).split())))
    if not 0 < len(numbers) <= MOST:
        raise _not_chosen()
    with visit.viewing(Deed.LIST, workflow=rules.workflow.name, many=asked.one("_trigger")) as view:
        cases = [_of(visit, rules, each) for each in numbers]
        view.shown(numbers, workflow=rules.workflow.name, many=asked.one("_trigger"))
    return cases


def _all_found(visit: Visit) -> list[Case]:
    """Return all cases that a list finds, however many pages of it there are.

    Raises:
        NotChosenError: If there are none, or too many for one press.
    """
    asked = asked_list(visit)
    with visit.viewing(Deed.SEARCH if asked.words else Deed.LIST, **asked.asks) as view:
        cases = found_cases(visit, view.ledger, asked, most=MOST)
        view.shown([each.number for each in cases[:MOST]], many=visit.asked.one("_trigger"), **asked.asks)
    if not cases:
        raise _not_chosen()
    if len(cases) > MOST:
        raise NotChosenError(
            Text(
                f"the list finds more than {MOST} cases; narrow it by state, unit or day",
                f"查到的事项超过 {MOST} 件，请按状态、单位或期限缩小范围",
            )
        )
    return cases


def in_chunks(cases: Sequence[Case]) -> Iterator[list[Case]]:
    """Yield cases as they are written, a commit each."""
    return (list(cases[start : start + CHUNK]) for start in range(0, len(cases), CHUNK))


def _not_chosen() -> NotChosenError:
    """Return the refusal of a list in which nothing, or too much, was chosen."""
    return NotChosenError(
        Text(f"tick 1 to {MOST} cases in the list, and choose a step", f"请先在列表中勾选事项（1 至 {MOST} 件）")
    )


def rows_of(
    visit: Visit, rules: Rules, cases: Sequence[Case], verdicts: Sequence[BulkResult], *, becomes: Callable[[str], str]
) -> list[Mapping[str, object]]:
    """Return a row for each case, with its verdict if there is one; of very many those that were refused come first.

    Args:
        becomes: Says of a state after it what became of a case that was not refused.
    """
    by_number = {each.number: each for each in verdicts}
    rows: list[Mapping[str, object]] = []
    refused = {each.number for each in verdicts if each.refusal is not None}
    for case in sorted(cases, key=lambda each: each.number not in refused)[:LISTED]:
        verdict = by_number.get(case.number)
        refusal = None if verdict is None or verdict.refusal is None else without_hints(verdict.refusal)
        rows.append(
            {
                "number": case.number,
                "title": title_of(visit, case),
                "state": state_words(rules.workflow, case.state),
                "becomes": "" if verdict is None or refusal else becomes(verdict.state),
                "refusal": refusal,
            }
        )
    return rows


def cases_said(cases: Sequence[Case]) -> Mapping[str, object]:
    """Return what the page says of how many cases there are, and by what it brings them back."""
    return {
        "count": len(cases),
        "unlisted": max(len(cases) - LISTED, 0),
        "pressed": token_urlsafe(12),
        "chosen": (_CHOSEN, " ".join(each.number for each in cases)),
    }


def verdicts_said(verdicts: Sequence[BulkResult], *, is_done: bool) -> Mapping[str, object]:
    """Return what the page says of all verdicts together."""
    return {
        "is_tried": bool(verdicts) and not is_done,
        "is_done": is_done,
        "good": sum(each.refusal is None for each in verdicts),
        "bad": sum(each.refusal is not None for each in verdicts),
    }


def _of(visit: Visit, rules: Rules, number: str) -> Case:
    """Return a case of the workflow.

    Raises:
        NotFoundError: If there is none, or none that the officer may read.
    """
    try:
        found = visit.ledger.case(number)
    except NotFoundError:
        visit.write_down(Deed.READ, number, "refused", many=visit.asked.one("_trigger"))
        raise
    if found.workflow != rules.workflow.name:
        raise NotFoundError(Text("there is no such case in this list", "此列表中没有这件事项"))
    return found


def _form(
    visit: Visit,
    rules: Rules,
    steps: Sequence[Transition],
    cases: Sequence[Case],
    *,
    given: Mapping[str, tuple[str, ...]],
    refused: QinglingError | None = None,
    verdicts: Sequence[BulkResult] = (),
    is_done: bool = False,
) -> PageShown:
    """Return the page of a step for many."""
    workflow = rules.workflow
    takes = {name for each in steps for name in rules.takes[each.name] if not all(name in one.sets for one in steps)}
    required = frozenset.intersection(*(frozenset((*each.asks, *each.needs)) for each in steps))
    reasons = [] if refused is None else list(reasons_of(refused))
    inputs = Fields(visit.acting, rules, unit="").inputs(takes, required=required, given=given, reasons=reasons)
    values = {
        "workflow": workflow.name,
        "trigger": steps[0].trigger,
        "title": steps[0].title,
        **cases_said(cases),
        "rows": rows_of(visit, rules, cases, verdicts, becomes=lambda state: f"→ {state_words(workflow, state)}"),
        "asks": [each for each in inputs if each.required],
        "takes": [each for each in inputs if not each.required],
        "said": said(reasons, [each.name for each in inputs]),
        "insists": isinstance(refused, IdentitySeenError),
        "kept": (),
        "is_narrowed": True,
        **verdicts_said(verdicts, is_done=is_done),
    }
    status = HTTPStatus.OK if refused is None else HTTPStatus.UNPROCESSABLE_ENTITY
    return PageShown(template="many.html", values=values, status=status)
