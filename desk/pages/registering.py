"""A new case: a form in three groups, with those beside it that may be the same one."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from secrets import token_urlsafe
from typing import Final

from desk.answers import Answer, GoTo, PageShown
from desk.fields import Fields, Input, as_typed, brought
from desk.steps import reasons_of, said
from desk.visit import Visit
from engine.errors import BadValueError, NotFoundError, QinglingError, Reason, RefusedError
from engine.language import Text, t
from engine.operations.cases.casework import open_case
from engine.operations.cases.drafts import drop_draft, load_draft, save_draft
from engine.operations.cases.twins import Twin, Twins
from engine.operations.cases.value_checks import checked_values
from engine.operations.house.directory import HouseUnit, open_units, roles_given
from engine.operations.ledger.free_text import IdentitySeenError
from engine.rules.case import Case
from engine.rules.openings import may_open_with
from engine.rules.reading_rights import Deed
from engine.rules.transitions import Rules

_UNIT: Final = "_unit"
"""The field of the form for the unit; no declared field can be called so."""


def opened_by(visit: Visit) -> list[tuple[str, Text]]:
    """Return the workflows of which the officer may open a case that stands alone: name and title."""
    return list(visit.kept(("opened by", visit.officer), lambda: tuple(_opened_by(visit))))


def _opened_by(visit: Visit) -> list[tuple[str, Text]]:
    """Return what `opened_by` does, by the roles that the officer has."""
    found, units = [], open_units(visit.ledger)
    for name in visit.ledger.workflows.names():
        rules = visit.ledger.rules(name)
        if rules.workflow.open_alone and units_for(visit, rules, units):
            found.append((name, rules.workflow.title))
    return found


def units_for(visit: Visit, rules: Rules, units: Sequence[HouseUnit] | None = None) -> list[HouseUnit]:
    """Return the units in which the officer may open cases.

    Args:
        units: Those that take new cases; None to look.
    """
    return [
        each
        for each in (open_units(visit.ledger) if units is None else units)
        if not visit.ledger.actor(visit.officer, each.id).roles.isdisjoint(rules.open_by)
    ]


def new_page(visit: Visit) -> Answer:
    """Show the form, as it was left if it was begun."""
    draft = None if visit.asked.one("fresh") else load_draft(visit.acting, "", visit.asked.path["workflow"])
    given = {} if draft is None else as_typed(draft)
    return _form(visit, given=given, refused=None, alike=(), status=HTTPStatus.OK)


def keep(visit: Visit) -> Answer:
    """Keep what stands in the form, whatever becomes of the page."""
    rules = _rules(visit)
    save_draft(visit.acting, "", rules.workflow.name, brought(rules.workflow, visit.asked.form))
    return PageShown(template="check.html", values={"understood": [], "wrong": []})


def register(visit: Visit) -> Answer:
    """Register the case, or show the form again with what was typed and why it may not be."""
    asked = visit.asked
    name = asked.path["workflow"]
    before = visit.once.led(visit.officer, asked.one("_form"))
    if before is not None:
        return GoTo(to=before)
    rules, under = _rules(visit), _under(visit)
    if asked.one("_fill"):
        field, _, value = asked.one("_fill").partition(":")
        return _form(visit, given={**asked.form, field: (value,)}, refused=None, alike=(), status=HTTPStatus.OK)
    values = brought(rules.workflow, asked.form)
    if asked.one("_look"):
        found = _alike(visit, rules, values)
        return _form(visit, given=asked.form, refused=None, alike=found, status=HTTPStatus.OK)
    try:
        unit = _unit_chosen(visit, rules, values)
        acting = visit.looked_through(rules.workflow, values)
        outcome = open_case(acting, name, values, unit=unit, under=None if under is None else under.number)
    except (BadValueError, RefusedError, NotFoundError) as refused:
        return _form(visit, given=asked.form, refused=refused, alike=(), status=HTTPStatus.UNPROCESSABLE_ENTITY)
    drop_draft(visit.acting, "", name)
    to = f"/case/{outcome.case.number}?done=1"
    visit.once.leads(visit.officer, asked.one("_form"), to)
    return GoTo(to=to)


def alike(visit: Visit) -> Answer:
    """Return those that may be the same as what stands in the form: a part of the page."""
    rules = _rules(visit)
    found = _alike(visit, rules, brought(rules.workflow, visit.asked.form))
    return PageShown(template="alike.html", values={"alike": found, "is_asked": False})


def _rules(visit: Visit) -> Rules:
    """Return the rules by which the case is opened.

    Raises:
        NotFoundError: If there is no such workflow, or the officer may open none of its cases.
    """
    under = _under(visit)
    name = visit.asked.path["workflow"]
    rules = visit.ledger.rules(name) if under is None else visit.ledger.rules_of_child(under, name)
    if not units_for(visit, rules):
        raise NotFoundError(
            Text(f"you register no {rules.workflow.title.en}", f"您没有登记{rules.workflow.title.zh}的权限")
        )
    return rules


def _under(visit: Visit) -> Case | None:
    """Return the case under which it is opened; None if it stands alone."""
    number = visit.asked.one("_under")
    return visit.case(Deed.READ, number) if number else None


def _fields(visit: Visit, rules: Rules) -> Fields:
    """Return what makes the inputs."""
    units = units_for(visit, rules)
    under = _under(visit)
    chosen = visit.asked.one(_UNIT) or ("" if under is None else under.unit) or _own_unit(visit, units)
    return Fields(visit.acting, rules, unit=chosen if chosen in {each.code for each in units} else "")


def _own_unit(visit: Visit, units: Sequence[HouseUnit]) -> str:
    """Return the code of the officer's own unit among some: the only one, or the only one that a role names.

    Roles that hold in all units name none.
    """
    named = {unit for _, unit in roles_given(visit.ledger).get(visit.officer, ()) if unit}
    own = units if len(units) == 1 else [each for each in units if each.code in named]
    return own[0].code if len(own) == 1 else ""


def _unit_chosen(visit: Visit, rules: Rules, values: Mapping[str, object]) -> str:
    """Return the code of the unit that was chosen.

    Raises:
        BadValueError: If none was; with it all else that the form lacks, so that it is mended once.
    """
    if not visit.asked.one(_UNIT):
        sentence = Text("say which unit it belongs to", "请选择所属单位")
        lacking = [each.name for each in rules.workflow.fields.values() if each.required and each.name not in values]
        reasons = [Reason.of(sentence, "missing", field=_UNIT), *(rules.missing(each, now=False) for each in lacking)]
        raise BadValueError(sentence, reasons)
    return visit.asked.one(_UNIT)


def _alike(visit: Visit, rules: Rules, values: Mapping[str, object]) -> tuple[Twin, ...]:
    """Return the cases that may be the same as the one in the form; none as long as it says too little."""
    unit = visit.asked.one(_UNIT)
    workflow = rules.workflow
    wanted = {name: values[name] for name in (workflow.dated_by, workflow.summary) if name in values}
    try:
        checked = checked_values(visit.only_looking(workflow, wanted), rules, wanted, unit=unit)
    except BadValueError:
        return ()
    others = {name: value for name, value in values.items() if name not in wanted}
    return Twins(visit.ledger, workflow.name, many=False).of("", unit, {**others, **checked})


def _form(
    visit: Visit,
    *,
    given: Mapping[str, tuple[str, ...]],
    refused: QinglingError | None,
    alike: Sequence[Twin],
    status: HTTPStatus,
) -> PageShown:
    """Return the form of a new case."""
    rules, under = _rules(visit), _under(visit)
    workflow, units = rules.workflow, units_for(visit, rules)
    reasons = [] if refused is None else list(reasons_of(refused))
    names = [each.name for each in workflow.fields.values() if may_open_with(workflow, each.name)]
    required = frozenset(each.name for each in rules.required)
    inputs = _fields(visit, rules).inputs(names, required=required, given=given, reasons=reasons)
    chosen = visit.asked.one(_UNIT) or ("" if under is None else under.unit) or _own_unit(visit, units)
    values = {
        "workflow": workflow.name,
        "title": workflow.title,
        "under": None if under is None else under.number,
        "units": [(each.code, each.name) for each in units],
        "unit": chosen,
        "groups": _grouped(inputs, rules.sealed),
        "said": said(reasons, [_UNIT, *(each.name for each in inputs)]),
        "insists": isinstance(refused, IdentitySeenError),
        "alike": alike,
        "is_asked": bool(visit.asked.one("_look")),
        "is_draft": bool(given) and not visit.asked.form,
        "form": visit.asked.one("_form") or token_urlsafe(12),
    }
    return PageShown(template="new.html", values=values, status=status)


def _grouped(inputs: Sequence[Input], sealed: frozenset[str]) -> list[tuple[str, list[Input], bool]]:
    """Return the inputs in three groups, with what each is called and whether it is folded."""
    first = [each for each in inputs if each.required]
    last = [each for each in inputs if each.name in sealed and not each.required]
    rest = [each for each in inputs if each not in first and each not in last]
    groups = (
        (t("What must be known", "必填内容"), first, False),
        (t("What is known besides", "其他内容"), rest, not any(each.is_given or each.wrong for each in rest)),
        (t("What is sealed", "密封内容"), last, not any(each.is_given or each.wrong for each in last)),
    )
    return [each for each in groups if each[1]]
