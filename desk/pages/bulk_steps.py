"""One step for many cases: chosen in a list, tried first, and done with a verdict for each."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Final

from desk.answers import Answer, PageShown
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

MOST: Final = 200
"""Cases of one press."""


def bulk_steps(rules: Rules) -> list[tuple[str, Text]]:
    """Return the steps that many cases may take at once: trigger and title."""
    found = {each.trigger: each.title for each in rules.workflow.transitions if rules.in_bulk(each.trigger)}
    return list(found.items())


def step_for_many(visit: Visit) -> Answer:
    """Show what would become of each case, or let each that may take the step; the others stay as they are."""
    asked = visit.asked
    rules = visit.ledger.rules(asked.path["workflow"])
    steps = [each for each in rules.workflow.transitions if each.trigger == asked.one("_trigger")]
    numbers = list(dict.fromkeys(asked.form.get("_case", ())))
    if not steps or not rules.in_bulk(asked.one("_trigger")) or not 0 < len(numbers) <= MOST:
        raise BadValueError(
            Text(f"choose a step and 1 to {MOST} cases in the list", f"请在列表中选择动作和 1 至 {MOST} 件事项")
        )
    with visit.viewing(Deed.LIST, workflow=rules.workflow.name, many=asked.one("_trigger")) as view:
        cases = [_of(visit, rules, each) for each in numbers]
        view.shown(numbers, workflow=rules.workflow.name, many=asked.one("_trigger"))
    if asked.one("_fill"):
        name, _, value = asked.one("_fill").partition(":")
        return _form(visit, rules, steps, cases, given={**asked.form, name: (value,)})
    if not asked.one("_tried"):
        return _form(visit, rules, steps, cases, given={})
    values = brought(rules.workflow, asked.form)
    is_done = bool(asked.one("_apply"))
    try:
        acting = visit.looked_through(rules.workflow, values)
        verdicts = list(advance_many(acting, iter([cases]), asked.one("_trigger"), values, apply=is_done))
    except (BadValueError, RefusedError) as refused:
        return _form(visit, rules, steps, cases, given=asked.form, refused=refused)
    return _form(visit, rules, steps, cases, given=asked.form, verdicts=verdicts, is_done=is_done)


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
    by_number = {each.number: each for each in verdicts}
    rows = []
    for case in cases:
        verdict = by_number.get(case.number)
        refusal = None if verdict is None or verdict.refusal is None else without_hints(verdict.refusal)
        rows.append(
            {
                "number": case.number,
                "title": title_of(visit, case),
                "state": state_words(workflow, case.state),
                "becomes": "" if verdict is None or refusal else state_words(workflow, verdict.state),
                "refusal": refusal,
            }
        )
    values = {
        "workflow": workflow.name,
        "trigger": steps[0].trigger,
        "title": steps[0].title,
        "rows": rows,
        "asks": [each for each in inputs if each.required],
        "takes": [each for each in inputs if not each.required],
        "said": said(reasons, [each.name for each in inputs]),
        "insists": isinstance(refused, IdentitySeenError),
        "is_tried": bool(verdicts) and not is_done,
        "is_done": is_done,
        "good": sum(each.refusal is None for each in verdicts),
        "bad": sum(each.refusal is not None for each in verdicts),
    }
    status = HTTPStatus.OK if refused is None else HTTPStatus.UNPROCESSABLE_ENTITY
    return PageShown(template="many.html", values=values, status=status)
