"""One officer and one unit of the house: reached, away with a deputy, renamed, leaving, coming back; merged, closed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Final

from desk.affair_forms import GIVE_A_REASON, AffairForm, asked_input, refuse_missing
from desk.answers import Answer, GoTo, PageShown
from desk.case_shown import title_of
from desk.fields import FieldOption, Input, Kind
from desk.foreseeing import CHANGED_SINCE, LOOK, LOOK_FIRST, MAY_CHANGE, WouldChange, foreseen, is_as_shown
from desk.pages.house import CAUGHT, status_of, tabs
from desk.pages.reaching import reach_form, write_reach
from desk.steps import reasons_of, said
from desk.visit import Visit
from engine.errors import BadValueError, NotFoundError, QinglingError, Reason, RefusedError
from engine.language import Text
from engine.operations.cases import succession
from engine.operations.house import registration
from engine.operations.house.contacts import changed_contact, clash_of_deputy
from engine.operations.house.directory import (
    HouseUnit,
    Officer,
    acting_officers,
    officers,
    open_units,
    roles_given,
    units,
)
from engine.operations.house.own_days import own_days_by_unit
from engine.operations.house.unit_types import type_of
from engine.operations.ledger.need_to_know import digest_of
from engine.rules.reading_rights import Deed
from engine.workflow.powers import Power
from engine.working_days.loose_dates import day_meant

_NOBODY: Final = "-"
"""What a form says where nobody takes over; no officer can have this code."""
_LANGUAGES: Final = (("zh", Text("Chinese", "中文")), ("en", Text("English", "英文")))
_DONE: Final = {
    "contact": Text("It is saved.", "已保存。"),
    "reach": Text("It is saved.", "已保存。"),
    "present": Text("The absence is ended.", "已取消外出。"),
    "rename": Text("The name is changed.", "已更名。"),
    "leave": Text("The officer has left.", "已办理离任。"),
    "return": Text("The officer is back, without roles; give those that are needed.", "已返任，尚无角色；请另行授予。"),
    "type": Text("The type is registered.", "已登记单位类型。"),
    "close": Text("The unit takes no new cases any more.", "单位已停用，不再登记新事项。"),
    "merge": Text("The unit is merged.", "单位已合并。"),
}
NAMED_IN: Final = 50
"""Cases of an officer on the page of that officer."""
OWN_DAYS: Final = 20
"""Days off, and working days, of a unit's own on its page: the last ones."""
_LEFT: Final = Text("has left", "已离任")
_CLOSED: Final = Text("closed", "已停用")


Doing = Callable[[Visit, str], int | None]


def officer_page(visit: Visit) -> Answer:
    """Show an officer with what can be changed of them."""
    return _officer(visit, None, None)


def change_officer(visit: Visit) -> Answer:
    """Change what the button says that was pressed."""
    deeds: dict[str, Doing] = {
        "contact": _write_contact,
        "present": _come_back_early,
        "reach": write_reach,
        "rename": lambda visit, code: succession.rename_officer(visit.acting, code, **_new_name(visit)),
        "leave": _leave,
        "return": lambda visit, code: succession.return_(visit.acting, code),
    }
    return _changed(visit, deeds, _officer, "/house/officer/")


def unit_page(visit: Visit) -> Answer:
    """Show a unit with what can be changed of it."""
    return _unit(visit, None, None)


def change_unit(visit: Visit) -> Answer:
    """Change what the button says that was pressed."""

    def merged(visit: Visit, code: str) -> int:
        into = Text("say which unit goes on", "请选择合并后的单位")
        refuse_missing(visit, ("into", into), ("why_merge", GIVE_A_REASON))
        reason = visit.asked.one("why_merge")
        return succession.merge_unit(visit.acting, code, visit.asked.one("into"), reason=reason)

    def typed(visit: Visit, code: str) -> None:
        kind = Text("say what kind of office it is", "请选择单位类型")
        refuse_missing(visit, ("type", kind), ("why_type", GIVE_A_REASON))
        registration.set_unit_type(visit.acting, code, visit.asked.one("type"), reason=visit.asked.one("why_type"))

    def closed(visit: Visit, code: str) -> None:
        refuse_missing(visit, ("why_close", GIVE_A_REASON))
        registration.close_unit(visit.acting, code, reason=visit.asked.one("why_close"))

    deeds: dict[str, Doing] = {
        "rename": lambda visit, code: succession.rename_unit(visit.acting, code, **_new_name(visit)),
        "type": typed,
        "close": closed,
        "merge": merged,
    }
    return _changed(visit, deeds, _unit, "/house/unit/")


def _changed(
    visit: Visit,
    deeds: Mapping[str, Doing],
    page: Callable[[Visit, QinglingError | None, WouldChange | None], PageShown],
    way: str,
) -> Answer:
    """Do what was pressed and show the page with that, or with why it may not be and what was typed."""
    code, pressed = visit.asked.path["code"], visit.asked.one("_deed")
    deed = pressed.removeprefix(LOOK)

    def look() -> WouldChange:
        return foreseen(visit, MAY_CHANGE[deed](visit.ledger, code), lambda: deeds[deed](visit, code), named=code)

    try:
        if deed not in deeds or (pressed != deed and deed not in MAY_CHANGE):
            raise BadValueError(Text("say what is to be done", "请选择要做的事"))
        if pressed != deed:
            return page(visit, None, look())
        if deed in MAY_CHANGE and not is_as_shown(visit, deed, code):
            return page(visit, RefusedError(CHANGED_SINCE), look())
        count = deeds[deed](visit, code)
    except CAUGHT as refused:
        return page(visit, refused, None)
    return GoTo(to=f"{way}{code}?done={pressed}" + ("" if count is None else f"&count={count}"))


def _write_contact(visit: Visit, code: str) -> None:
    """Write how an officer is reached and when they are away."""
    asked = visit.asked
    before = registration.officer(visit.ledger, code).contact
    begins, ends, deputy = asked.one("absent"), asked.one("until"), asked.one("deputy")
    absent = ""  # the form shows what is kept: what stands empty was emptied
    if begins or ends or deputy:
        days = Text("say from when until when", "请填写外出的起止日期")
        refuse_missing(
            visit, ("absent", days), ("until", days), ("deputy", Text("say who acts meanwhile", "请选择代办人"))
        )
        first, last = _day(visit, "absent"), _day(visit, "until")
        absent = f"{first}..{last}"
    after = changed_contact(
        before,
        {},
        quiet=asked.one("quiet"),
        absent=absent,
        deputy=deputy or None,
        language=asked.one("language"),
    )
    if absent:
        clash_of_deputy(code, deputy, after.get("absent"), ())
    registration.change_contact(visit.acting, code, after)


def _day(visit: Visit, name: str) -> str:
    """Return a day of an absence as it is kept; it may lie ahead.

    Raises:
        BadValueError: If it is none.
    """
    try:
        return day_meant(visit.asked.one(name), today=visit.acting.today, due=True).isoformat()
    except BadValueError as error:
        raise BadValueError(error.sentence, [Reason.of(error.sentence, "value", field=name)]) from error


def _come_back_early(visit: Visit, code: str) -> None:
    """End an absence."""
    before = registration.officer(visit.ledger, code).contact
    registration.change_contact(visit.acting, code, changed_contact(before, {}, absent=""))


def _leave(visit: Visit, code: str) -> int | None:
    """Let an officer leave, with a successor in the cases that are not finished, if one is named."""
    successor = visit.asked.one("successor")
    refuse_missing(visit, ("successor", Text("say who takes over, or that nobody does", "请选择接替人，或选择不移交")))
    if successor == _NOBODY:
        count = sum(1 for _ in succession.in_charge(visit.ledger, code))
        if count:  # the choice says that there are none
            still = Text(
                "this officer is named in {n} open cases; choose who takes over", "仍有 {n} 件在办事项，请选择接替人"
            )
            raise BadValueError(still.format(n=count), [Reason.of(still.format(n=count), "value", field="successor")])
        registration.leave(visit.acting, code)
        return None
    return len(succession.leave_to(visit.acting, code, successor))


def _new_name(visit: Visit) -> dict[str, str]:
    """Return the new name that was typed, with its reason.

    Raises:
        BadValueError: If one of them is empty.
    """
    refuse_missing(visit, ("name", Text("write the new name", "请填写新名称")), ("why_name", GIVE_A_REASON))
    return {"name": visit.asked.one("name"), "reason": visit.asked.one("why_name")}


def _officer(visit: Visit, refused: QinglingError | None, ahead: WouldChange | None) -> PageShown:
    """Return the page of an officer."""
    code = visit.asked.path["code"]
    with visit.viewing(Deed.HOUSE, of=code) as view:
        found = registration.officer(visit.ledger, code)
        view.shown(of=code)
    ledger = visit.ledger
    manages, is_own = Power.MANAGE_OFFICERS in visit.reader.powers, code == visit.officer
    reasons, titles = [] if refused is None else reasons_of(refused), ledger.workflows.roles()
    roles = [
        f"{ledger.naming.unit_name(unit) if unit else ''} {titles.get(role, role)}".strip()
        for role, unit in roles_given(ledger).get(code, ())
    ]
    forms = []
    if found.left_at is None and (is_own or manages):
        forms += [_contact_form(visit, found, reasons), reach_form(visit, found, reasons)]
    if manages:
        forms += _manager_forms(visit, found, reasons)
    facts = [(str(Text("Code", "代码")), found.code), (str(Text("Roles", "角色")), str(Text(", ", "、")).join(roles))]
    facts += _away(visit, found) if found.left_at is None and (is_own or manages) else []
    named_in = _named_in(visit, code) if manages else None
    return _page(
        visit, refused, found.name, facts, forms,
        named_in=named_in, gone=_LEFT if found.left_at is not None else None, ahead=ahead,
    )  # fmt: skip


def _named_in(visit: Visit, code: str) -> Mapping[str, object]:
    """Return the cases that are not finished and name an officer as one who acts or is reminded, by id."""
    found = list(islice(succession.in_charge(visit.ledger, code), NAMED_IN + 1))
    seen = [each for each in found[:NAMED_IN] if visit.ledger.sees(each)]
    visit.write_down(
        Deed.LIST, "", "shown", named=code, count=len(seen), digest=digest_of([each.number for each in seen])
    )
    return {
        "cases": [(each.number, title_of(visit, each)) for each in seen],
        "hidden": min(len(found), NAMED_IN) - len(seen),
        "more": len(found) > NAMED_IN,
    }


def _away(visit: Visit, found: Officer) -> list[tuple[str, str]]:
    """Return when an officer is away and who acts meanwhile, in words, with a warning if that one is away as well."""
    absent = found.contact.get("absent")
    if not isinstance(absent, Mapping):
        return []
    name = visit.ledger.naming.person
    words = Text("{begins} to {ends}, {who} acts meanwhile", "{begins} 至 {ends}，由{who}代办").format(
        begins=absent["from"], ends=absent["to"], who=name(str(absent["deputy"])).name
    )
    facts = [(str(Text("Away", "外出")), str(words))]
    clash = clash_of_deputy(found.code, str(absent["deputy"]), absent, officers(visit.ledger))
    return [*facts, (str(Text("Beware", "注意")), str(clash))] if clash is not None else facts


def _contact_form(visit: Visit, found: Officer, reasons: Sequence[Reason]) -> AffairForm:
    """Return the form by which an officer is away and reached."""
    contact, typed = found.contact, visit.asked.form
    absent = contact.get("absent")
    held = absent if isinstance(absent, Mapping) else {}

    def asks(name: str, title: Text, kept: object, kind: Kind = "line", options: tuple[FieldOption, ...] = ()) -> Input:
        each = asked_input(
            visit, reasons, name, title, optional=True, kind=kind, options=options, long=name == "deputy"
        )
        return each if typed or not kept else replace(each, given=(str(kept),))

    people = tuple(
        FieldOption(value=each.code, title=each.name, note=each.code)
        for each in acting_officers(visit.ledger)
        if each.code != found.code
    )
    languages = tuple(FieldOption(value=value, title=str(title)) for value, title in _LANGUAGES)
    quiet = asks("quiet", Text("No messages in these hours", "免打扰时段"), contact.get("quiet"))
    day = str(Text("such as 2019-10-01 or 10.1", "如 2019-10-01、10月1日"))
    inputs = [
        replace(asks("absent", Text("Away from", "外出，自何日起"), held.get("from")), hint=day),
        replace(asks("until", Text("Until (that day included)", "至何日止（含当日）"), held.get("to")), hint=day),
        asks("deputy", Text("Who acts meanwhile", "代办人"), held.get("deputy"), "one", people),
        replace(quiet, hint=str(Text("such as 21:00-08:00", "如 21:00-08:00"))),
        asks("language", Text("Language of messages", "消息语言"), contact.get("language"), "one", languages),
    ]
    buttons = [("contact", Text("Save", "保存"))]
    if held:
        buttons.append(("present", Text("End the absence", "取消外出")))
    hints = [
        Text(
            "While an officer is away, reminders go to the deputy instead; rights stay as they are.",
            "外出期间的提醒和催办改发代办人；代办人的权限不变。",
        )
    ]
    return AffairForm(title=Text("Leave and substitute", "外出与代办"), hints=hints, inputs=inputs, buttons=buttons)


def _manager_forms(visit: Visit, found: Officer, reasons: Sequence[Reason]) -> list[AffairForm]:
    """Return the forms for who manages officers."""
    renaming = AffairForm(
        title=Text("Another name", "更名"),
        hints=[Text("The code stays, and with it what they did.", "代码不变，以往所办仍记其名下。")],
        inputs=[
            asked_input(visit, reasons, "name", Text("The name from now on", "新姓名")),
            asked_input(visit, reasons, "why_name", Text("Why", "原因")),
        ],
        buttons=[("rename", Text("Change the name", "更名"))],
    )
    if found.left_at is not None:
        back = AffairForm(
            title=Text("Come back", "返任"),
            hints=[
                Text(
                    "The officer acts again. The roles of before are taken away, to be given again.",
                    "重新办理事项。原有角色一律收回，需要的重新授予。",
                )
            ],
            buttons=[("return", Text("Let them come back", "返任"))],
        )
        return [back, renaming]
    people = [
        FieldOption(value=each.code, title=each.name, note=each.code)
        for each in acting_officers(visit.ledger)
        if each.code != found.code
    ]
    nobody = FieldOption(value=_NOBODY, title=str(Text("nobody: they have no open cases", "不移交（没有在办事项）")))
    successor = Text("Who takes over the open cases", "在办事项接替人")
    leaving = AffairForm(
        title=Text("Leave, and hand over", "离任和移交"),
        hints=[
            Text(
                "The officer acts no more and cannot log in; what they did stays theirs. In all open cases the one who "
                "takes over is named instead: in all of them, or nothing happens.",
                "离任后不能登录和办理，以往所办仍记其名。未办结事项中的责任人等一律改为接替人，全部成功才写入。",
            )
        ],
        inputs=[asked_input(visit, reasons, "successor", successor, options=(*people, nobody), kind="one", long=True)],
        buttons=[("leave", Text("Let the officer leave", "办理离任")), (f"{LOOK}leave", LOOK_FIRST)],
    )
    return [leaving, renaming]


def _unit(visit: Visit, refused: QinglingError | None, ahead: WouldChange | None) -> PageShown:
    """Return the page of a unit."""
    code, ledger = visit.asked.path["code"], visit.ledger
    with visit.viewing(Deed.HOUSE, unit=code) as view:
        found = next((each for each in units(ledger) if each.code == code), None)
        if found is None:
            raise NotFoundError(Text("there is no such unit", "没有这个单位"))
        view.shown(unit=code)
    reasons, titles = [] if refused is None else reasons_of(refused), ledger.workflows.unit_types()
    kind = type_of(ledger, code) or ""
    facts = [(str(Text("Code", "代码")), code), (str(Text("Type", "类型")), str(titles.get(kind, kind)))]
    facts += [
        (f"{day} {Text('works', '上班') if kind == 'working' else Text('closed', '停办')}", reason)
        for kind, each in own_days_by_unit(ledger).get(code, {}).items()
        for day, reason in sorted(each.items(), reverse=True)[:OWN_DAYS]
    ]
    keeps = Power.KEEP_LEDGER in visit.reader.powers and found.closed_at is None
    forms = _unit_forms(visit, found, reasons) if keeps else []
    gone = _CLOSED if found.closed_at is not None else None
    return _page(visit, refused, found.name, facts, forms, gone=gone, ahead=ahead)


def _unit_forms(visit: Visit, found: HouseUnit, reasons: Sequence[Reason]) -> list[AffairForm]:
    """Return the forms for who keeps the ledger."""
    kinds = tuple(
        FieldOption(value=name, title=str(title)) for name, title in visit.ledger.workflows.unit_types().items()
    )
    others = tuple(
        FieldOption(value=each.code, title=each.name, note=each.code)
        for each in open_units(visit.ledger)
        if each.code != found.code
    )

    def asks(name: str, title: Text, options: tuple[FieldOption, ...] = (), *, long: bool = False) -> Input:
        kind: Kind = "one" if options or long else "line"
        return asked_input(visit, reasons, name, title, options=options, kind=kind, long=long)

    why = Text("Why", "理由")
    return [
        AffairForm(
            title=Text("Another name", "更名"),
            hints=[Text("The code and the numbers of its cases stay.", "代码不变，事项编号也不变。")],
            inputs=[asks("name", Text("The name from now on", "新名称")), asks("why_name", why)],
            buttons=[("rename", Text("Change the name", "更名"))],
        ),
        AffairForm(
            title=Text("What kind of office it is", "单位类型"),
            hints=[],
            inputs=[asks("type", Text("Type", "类型"), kinds), asks("why_type", why)],
            buttons=[("type", Text("Register the type", "登记类型"))],
        ),
        AffairForm(
            title=Text("Merge it into another", "并入其他单位"),
            hints=[
                Text(
                    "What it has open goes to the other with its officers' roles; what is finished stays with it.",
                    "未办结的事项连同人员角色一并移交；已办结的仍属本单位，本单位停用。",
                )
            ],
            inputs=[
                asks("into", Text("The unit that goes on", "合并后的单位"), others, long=True),
                asks("why_merge", why),
            ],
            buttons=[("merge", Text("Merge", "合并")), (f"{LOOK}merge", LOOK_FIRST)],
        ),
        AffairForm(
            title=Text("Close it", "停用"),
            hints=[Text("It takes no new cases; what it has is finished.", "不再登记新事项，已有的继续办理。")],
            inputs=[asks("why_close", why)],
            buttons=[("close", Text("Close the unit", "停用单位"))],
        ),
    ]


def _page(
    visit: Visit,
    refused: QinglingError | None,
    name: str,
    facts: Sequence[tuple[str, str]],
    forms: Sequence[AffairForm],
    *,
    gone: Text | None,
    ahead: WouldChange | None,
    named_in: Mapping[str, object] | None = None,
) -> PageShown:
    """Return the page of one officer or unit."""
    count, looked = visit.asked.one("count"), visit.asked.one("_deed").removeprefix(LOOK)
    inputs = [each.name for form in forms for each in form.inputs]
    values = {
        "tabs": tabs(visit),
        "said": [] if refused is None else said(reasons_of(refused), inputs),
        "name": name,
        "facts": facts,
        "forms": forms,
        "gone": gone,
        "named_in": named_in,
        "foreseen": ahead,
        "looked": next((words for form in forms for deed, words in form.buttons if deed == looked), None),
        "done": None if refused is not None else _DONE.get(visit.asked.one("done")),
        "count": int(count) if count.isdecimal() and len(count) < 9 else None,
        "way": visit.asked.address.partition("?")[0],
    }
    return PageShown(template="house_one.html", values=values, status=status_of(refused))
