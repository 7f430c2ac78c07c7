"""A note or a correction for many cases: chosen in a list, tried first, and written with a verdict for each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final
from urllib.parse import quote, urlencode

from desk.affair_forms import GIVE_A_REASON, asked_input
from desk.answers import Answer, GoTo, PageShown
from desk.case_narrowing import FILTERS
from desk.fields import FieldOption, Fields, Input, brought
from desk.pages.bulk_steps import (
    ASK_ONCE,
    NotChosenError,
    cases_said,
    chosen_cases,
    in_chunks,
    rows_of,
    step_for_many,
    verdicts_said,
)
from desk.steps import reasons_of, said
from desk.visit import Visit
from desk.wrong import refused_page
from engine.errors import BadValueError, QinglingError, Reason, RefusedError
from engine.language import Text
from engine.operations.cases.bulk import BulkResult
from engine.operations.cases.many import amend_many, note_many
from engine.operations.ledger.free_text import IdentitySeenError
from engine.rules.case import Case
from engine.rules.transitions import Rules

NOTE: Final = "_note"
CORRECTION: Final = "_amend"
WRITTEN: Final = {NOTE: Text("Write a note", "加备注"), CORRECTION: Text("Correct one value", "更正同一字段")}
"""What can be done with many cases beside steps; no trigger is written so."""
_WRITTEN: Final = {False: Text("can be written", "可写入"), True: Text("written", "已写入")}
_NOT_DONE, _DONE_ALREADY = Text("Not done", "尚未办理"), Text("Done already", "已办理")
_FIELD: Final = "_field"
_WORDS: Final = "_words"
_REASON: Final = "_reason"


@dataclass(frozen=True, kw_only=True, slots=True)
class _Asked:
    """What is to be written about which cases."""

    visit: Visit
    rules: Rules
    cases: Sequence[Case]
    deed: str
    field: str
    """The one to correct; empty while none is chosen."""


def for_many(visit: Visit) -> Answer:
    """Take a step, write a note or correct a value for all cases that were chosen; tried first, with a verdict each.

    A batch is done once, though its form be sent twice: by a double press, or by a page that is loaded once more.
    """
    form = visit.asked.one(ASK_ONCE) if visit.asked.one("_apply") else ""
    if visit.once.led(visit.officer, form) is not None:
        return _back_to_list(
            visit, _DONE_ALREADY, Text("this batch is done already; it was not done again", "这批已办理，未重复办理")
        )
    try:
        answer = _tried_or_done(visit)
    except NotChosenError as refused:
        return _back_to_list(visit, _NOT_DONE, refused.sentence)
    if answer.values.get("is_done"):
        visit.once.leads(visit.officer, form, visit.asked.address)
    return answer


def to_the_list(visit: Visit) -> GoTo:
    """Lead to the list: the page of a batch has no address to come back to, as after another language was chosen."""
    return GoTo(to=f"/list/{quote(visit.asked.path['workflow'])}")


def _back_to_list(visit: Visit, title: Text, why: Text) -> PageShown:
    """Return the page that says why nothing was done, with the way back to the list as it was."""
    filters = urlencode({name: value for name in FILTERS if (value := visit.asked.one(name))})
    back = f"/list/{quote(visit.asked.path['workflow'])}" + (f"?{filters}" if filters else "")
    way = (back, Text("Back to the list", "返回列表"))
    return refused_page(title, why, HTTPStatus.BAD_REQUEST, again=way)


def _tried_or_done(visit: Visit) -> PageShown:
    """Return the page of what was tried or done."""
    deed = visit.asked.one("_trigger")
    if deed not in WRITTEN:
        return step_for_many(visit)
    rules = visit.ledger.rules(visit.asked.path["workflow"])
    cases = chosen_cases(visit, rules)
    field = visit.asked.one(_FIELD)
    asked = _Asked(
        visit=visit, rules=rules, cases=cases, deed=deed, field=field if field in _correctable(rules) else ""
    )
    is_asked_for = bool(visit.asked.one("_tried")) or (_FIELD in visit.asked.form and not asked.field)
    if not is_asked_for or visit.asked.one("_fill"):
        return _form(asked)
    is_done = bool(visit.asked.one("_apply"))
    try:
        verdicts = _written(asked, apply=is_done)
    except (BadValueError, RefusedError) as refused:
        return _form(asked, refused=refused)
    return _form(asked, verdicts=verdicts, is_done=is_done)


def _written(asked: _Asked, *, apply: bool) -> list[BulkResult]:
    """Write it about each, or try to.

    Raises:
        BadValueError: If something is missing or wrong.
        IdentitySeenError: If a text shows who somebody is and nobody insisted.
    """
    visit, workflow = asked.visit, asked.rules.workflow
    chunks = in_chunks(asked.cases)
    if asked.deed == NOTE:
        words = visit.asked.one(_WORDS)
        _refuse_empty((_WORDS, words, Text("write the note", "请填写备注")))
        acting = visit.looked_through(words={"words": words})
        return list(note_many(acting, chunks, words, apply=apply))
    _refuse_empty((_FIELD, asked.field, Text("say which value is wrong", "请选择要更正的字段")))
    values, reason = brought(workflow, visit.asked.form, names=(asked.field,)), visit.asked.one(_REASON)
    right = Text("write the right value", "请填写正确的内容")
    _refuse_empty((asked.field, values, right), (_REASON, reason, GIVE_A_REASON))
    acting = visit.looked_through(workflow, values, words={"reason": reason})
    return list(amend_many(acting, workflow.name, chunks, values, reason=reason, apply=apply))


def _refuse_empty(*inputs: tuple[str, object, Text]) -> None:
    """Refuse inputs in which nothing stands, each at its place: its name, what was given, what is said if nothing."""
    empty = [Reason.of(sentence, "missing", field=name) for name, given, sentence in inputs if not given]
    if empty:
        raise BadValueError(empty[0], empty)


def _correctable(rules: Rules) -> Mapping[str, Text]:
    """Return the fields of which one value may stand in many cases, with their titles."""
    return {
        each.name: each.title
        for each in rules.workflow.fields.values()
        if each.amend and each.gathers is None and not each.unique and each.name not in rules.sealed
    }


def _inputs(asked: _Asked, reasons: Sequence[Reason]) -> list[Input]:
    """Return what is asked: the note, or the value and why, once it is known which value."""
    visit, rules = asked.visit, asked.rules
    if asked.deed == NOTE:
        return [asked_input(visit, reasons, _WORDS, Text("The note", "备注"), kind="area")]
    if not asked.field:
        options = tuple(FieldOption(value=name, title=str(title)) for name, title in _correctable(rules).items())
        title = Text("Which value", "更正哪个字段")
        return [asked_input(visit, reasons, _FIELD, title, options=options, kind="one", long=True)]
    given = dict(visit.asked.form)
    name, _, value = visit.asked.one("_fill").partition(":")
    if name:
        given[name] = (value,)
    fields = Fields(visit.acting, rules, unit="")
    inputs = fields.inputs([asked.field], required=frozenset({asked.field}), given=given, reasons=reasons)
    return [*inputs, asked_input(visit, reasons, _REASON, Text("Why", "理由"), kind="area")]


def _form(
    asked: _Asked,
    *,
    refused: QinglingError | None = None,
    verdicts: Sequence[BulkResult] = (),
    is_done: bool = False,
) -> PageShown:
    """Return the page of a note or a correction for many."""
    reasons = [] if refused is None else list(reasons_of(refused))
    inputs = _inputs(asked, reasons)
    values = {
        "workflow": asked.rules.workflow.name,
        "trigger": asked.deed,
        "title": WRITTEN[asked.deed],
        **cases_said(asked.cases),
        "rows": rows_of(asked.visit, asked.rules, asked.cases, verdicts, becomes=lambda _: str(_WRITTEN[is_done])),
        "asks": inputs,
        "takes": (),
        "kept": [(_FIELD, asked.field)] if asked.field else [],
        "is_narrowed": asked.deed == NOTE or bool(asked.field),
        "said": said(reasons, [each.name for each in inputs]),
        "insists": isinstance(refused, IdentitySeenError),
        **verdicts_said(verdicts, is_done=is_done),
    }
    status = HTTPStatus.OK if refused is None else HTTPStatus.UNPROCESSABLE_ENTITY
    return PageShown(template="many.html", values=values, status=status)
