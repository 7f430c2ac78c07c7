"""Where messages reach an officer: an address for each channel of the house, and the order in which they are tried."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from desk.affair_forms import AffairForm, asked_input
from desk.fields import Input
from desk.visit import Visit
from engine.errors import BadValueError, QinglingError, Reason
from engine.language import Text
from engine.operations.house import registration
from engine.operations.house.contacts import MAIL, SETTINGS, refuse_unreachable
from engine.operations.house.directory import Officer

_AT: Final = "at-"
"""Before the name of a channel in a form."""
_ORDER: Final = "channels"
_MAIL: Final = "mail"
"""What can be written where nobody has declared a channel yet."""
_BETWEEN: Final = re.compile(r"[\s,，、;；]+")


def reach_form(visit: Visit, found: Officer, reasons: Sequence[Reason]) -> AffairForm:
    """Return the form of an officer's addresses."""
    declared = _declared(visit)
    order = found.contact.get(_ORDER)
    held = {**found.contact, _ORDER: " ".join(map(str, order)) if isinstance(order, list) else ""}

    def asks(name: str, title: Text, kept: object) -> Input:
        each = asked_input(visit, reasons, name, title, optional=True)
        return each if visit.asked.form or not kept else replace(each, given=(str(kept),))

    names = _names(declared, found.contact)
    inputs = [asks(f"{_AT}{each}", _called(each), held.get(each)) for each in names]
    hint = Text("names of channels, such as mail wecom", "写通道名称，如 mail wecom")
    inputs.append(replace(asks(_ORDER, Text("Tried in this order", "通道次序"), held[_ORDER]), hint=str(hint)))
    hints = [Text("Shown to the officer and to who manages officers.", "仅本人和管理人员的人可见。")]
    if declared is None:
        hints.append(
            Text(
                "No channel is set up yet, so that what is written here cannot be checked.",
                "尚未配置发送通道，所填内容暂无法核对。",
            )
        )
    buttons = [("reach", Text("Save the addresses", "保存联系地址"))]
    title = Text("How messages reach the officer", "消息送达方式")
    return AffairForm(title=title, hints=hints, inputs=inputs, buttons=buttons)


def write_reach(visit: Visit, code: str) -> None:
    """Write an officer's addresses as the form has them; what was left as it was is not judged again.

    Raises:
        BadValueError: If a channel is not declared, or an address cannot be one.
        RefusedError: If the acting officer is neither the same nor manages officers.
    """
    before, declared = registration.officer(visit.ledger, code).contact, _declared(visit)
    after: dict[str, object] = {name: value for name, value in before.items() if name in SETTINGS and name != _ORDER}
    wrong: list[Reason] = []
    for name in _names(declared, before):
        address = visit.asked.one(f"{_AT}{name}")
        if address:
            after[name] = address
        if address and address != before.get(name):
            wrong += _objections(f"{_AT}{name}", declared, {name: address}, ())
    order = [each for each in _BETWEEN.split(visit.asked.one(_ORDER)) if each]
    if order:
        after[_ORDER] = list(dict.fromkeys(order))
    if order != before.get(_ORDER, []):
        wrong += _objections(_ORDER, declared, {}, order)
    if wrong:
        raise BadValueError(wrong[0], wrong)
    registration.change_contact(visit.acting, code, after)


def _names(declared: Mapping[str, bool] | None, contact: Mapping[str, object]) -> list[str]:
    """Return the channels for which an address can be written: those of the house, and those that have one."""
    given = [name for name in contact if name not in SETTINGS]
    return list(dict.fromkeys([*((_MAIL,) if declared is None else declared), *given]))


def _called(name: str) -> Text:
    """Return what the address of a channel is called."""
    return Text(f"Address: {name}", f"邮件地址（{name}）" if name in MAIL else f"{name} 地址")


def _objections(
    field: str, declared: Mapping[str, bool] | None, addresses: Mapping[str, object], order: Sequence[str]
) -> list[Reason]:
    """Return what is wrong with what stands in an input."""
    try:
        refuse_unreachable(declared, addresses, order)
    except BadValueError as refused:
        return [Reason.of(refused.sentence, "value", field=field)]
    return []


def _declared(visit: Visit) -> Mapping[str, bool] | None:
    """Return the channels of the house, each with whether it is mail; None if there are none or the file is wrong."""
    tools = visit.settings.tools
    try:
        return None if tools is None else tools.reached_by()
    except QinglingError:
        return None
