"""Setting up the house and keeping its units, officers and roles; each change is journaled."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from engine.errors import BadValueError, NotFoundError, RefusedError
from engine.journal.house_events import (
    ContactChanged,
    HouseSetUp,
    OfficerAdded,
    OfficerLeft,
    RoleGranted,
    RoleRevoked,
    UnitAdded,
    UnitClosed,
)
from engine.journal.sealing import PublicKey
from engine.language import Text
from engine.operations.house.adopting import write_adoption
from engine.operations.house.unit_types import note_type, type_called
from engine.operations.identity.credentials import end_ways_in
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.administrators import refuse_last_manager, refuse_unless
from engine.operations.ledger.adopted import NewText
from engine.operations.ledger.demands import refuse_company
from engine.operations.ledger.ledger import Ledger
from engine.rules.readers import UNSEEN, is_blank
from engine.rules.values import CODE
from engine.store import house_rows as house
from engine.workflow.powers import Power
from engine.workflow.problems import did_you_mean, like_in_surname
from engine.workflow.proofs import Proof

_BETWEEN_SIGNS = re.compile(r"(?<=[\u4e00-\u9fff])[ \u3000]+(?=[\u4e00-\u9fff])")
LONGEST_NAME = 200
"""Characters of a name; it stands in tables, papers and messages."""


def set_up(
    ledger: Ledger,
    *,
    name: str,
    unit: tuple[str, str],
    officer: tuple[str, str],
    zone: str,
    custodian: PublicKey | None,
    now: datetime,
    rehearsal: bool = False,
    proof: Proof = Proof.ASSERTED,
    adopts: Sequence[NewText] = (),
) -> None:
    """Write the first settings, unit and officer of a new ledger.

    Args:
        unit: Code and name of the first unit.
        officer: Code and name of the first officer, who then has every role in all units and may
            give them on.
        custodian: What sealed values are sealed to.
        rehearsal: It is for demonstrations and tests: it proves nothing, and takes a clock set by hand. The first
            row of the journal says so, and no command changes it.
        proof: By what officers must be known at least once there are two.
        adopts: The texts by which the ledger works.

    Raises:
        RefusedError: If the ledger was set up before, or the clock is set by hand and it is not for rehearsal.
        BadValueError: If a code or a name is not one.
    """
    _refuse_to_set_up(ledger, rehearsal=rehearsal)
    _refuse_bad_code(unit[0])
    _refuse_bad_code(officer[0])
    name, unit, officer = named(name), (unit[0], named(unit[1])), (officer[0], named(officer[1]))
    acting, store = Acting(ledger, officer[0], now), ledger.store
    with store.begin():
        settings = {"name": name, "zone": zone, "officer": officer[0], "classified": False, "proof": proof.word}
        for key, value in settings.items():
            house.put_setting(store, key, value)
        if custodian is not None:
            house.put_setting(store, "custodian", {"id": custodian.id, "value": custodian.value})
        house.add_unit(store, *unit, None)
        officer_id, _ = house.add_officer(store, *officer, {})
        roles = sorted(ledger.workflows.roles())
        for role in roles:
            house.grant(store, officer_id, role, house.EVERYWHERE)
        acting.note_in_house(
            HouseSetUp(
                name=name,
                zone=zone,
                unit=unit,
                officer=officer,
                roles=tuple(roles),
                custodian=custodian.id if custodian else None,
                key=custodian.value if custodian else None,
                demands=proof.word,
                rehearsal=rehearsal,
            ),
        )
        write_adoption(acting, adopts)
    ledger.forget()


def _refuse_to_set_up(ledger: Ledger, *, rehearsal: bool) -> None:
    """Refuse a ledger that was set up before, and one that would begin by a clock set by hand."""
    if house.setting(ledger.store, "name") is not None:
        raise RefusedError(Text("this ledger was set up before", "此台账已初始化"))
    if ledger.real_at is not None and not rehearsal:
        raise RefusedError(
            Text(
                "a ledger begins when it begins: leave --now and QINGLING_NOW out, or found a rehearsal (--rehearsal)",
                "台账须按真实时间建立：请去掉 --now 和 QINGLING_NOW，或建立演练台账（--rehearsal）",
            )
        )


def add_unit(acting: Acting, code: str, name: str, *, kind: str | None = None) -> None:
    """Register a unit.

    Args:
        kind: What kind of office it is, by name or title of a declared type; None leaves it to be of the usual one.

    Raises:
        BadValueError: If the code or the name is not one, the code is taken, or there is no such type.
        RefusedError: If the officer does not keep the ledger.
    """
    chosen = None if kind is None else type_called(acting.ledger, kind)
    with acting.ledger.store.begin():
        enrol_unit(acting, code, name)
        if chosen is not None:
            note_type(acting, code, chosen)


def enrol_unit(acting: Acting, code: str, name: str) -> None:
    """Register a unit inside `begin` of the caller, such as an import that meets a new one.

    Raises:
        BadValueError: If the code or the name is not one, or the code is taken.
        RefusedError: If the officer does not keep the ledger.
    """
    ledger = acting.ledger
    refuse_unless(acting, Power.KEEP_LEDGER)
    _refuse_bad_code(code)
    if house.unit(ledger.store, code) is not None:
        raise BadValueError(Text(f"unit '{code}' exists already", f"单位“{code}”已存在"))
    name = named(name)
    house.add_unit(ledger.store, code, name, None)
    acting.note_in_house(UnitAdded(code=code, name=name))
    ledger.forget()


def set_unit_type(acting: Acting, code: str, kind: str, *, reason: str) -> str:
    """Register the type of a unit and return its name.

    Args:
        kind: Name or title of a declared type.

    Raises:
        NotFoundError: If there is no such unit.
        BadValueError: If there is no such type, or no reason.
        RefusedError: If the unit is closed, or the officer does not keep the ledger.
    """
    ledger = acting.ledger
    refuse_unless(acting, Power.KEEP_LEDGER)
    found, name, reason = ledger.unit(code), type_called(ledger, kind), said(reason)
    with ledger.store.begin():
        note_type(acting, found.code, name, reason=reason)
    return name


def close_unit(acting: Acting, code: str, *, reason: str) -> None:
    """Let a unit take no new cases; what it has stays.

    Raises:
        NotFoundError: If there is no such unit.
        RefusedError: If it is closed, or the officer does not keep the ledger.
    """
    ledger = acting.ledger
    refuse_unless(acting, Power.KEEP_LEDGER)
    found = ledger.unit(code)
    with ledger.store.begin():
        house.close_unit(ledger.store, found.id, acting.now_at)
        acting.note_in_house(UnitClosed(code=code, reason=said(reason)))
    ledger.forget()


def add_officer(
    acting: Acting,
    code: str,
    name: str,
    *,
    contact: Mapping[str, object] | None = None,
    roles: Sequence[str] = (),
    unit: str | None = None,
) -> None:
    """Register an officer and give the first roles, in one commit.

    Args:
        roles: Names of roles.
        unit: Code of the unit where they hold; None for all units.

    Raises:
        BadValueError: If the code or the name is not one, or the code is taken.
        NotFoundError: If there is no such role or unit.
        RefusedError: If the acting officer may not manage officers.
    """
    with acting.ledger.store.begin():
        enrol_officer(acting, code, name, contact=contact or {}, roles=roles, unit=unit)
    acting.ledger.forget()


def enrol_officer(
    acting: Acting,
    code: str,
    name: str,
    *,
    contact: Mapping[str, object],
    roles: Sequence[str],
    unit: str | None,
    known: bool = False,
) -> None:
    """Register an officer as `add_officer` does, inside `begin` of the caller.

    Args:
        known: The officer was registered a moment ago, and gets more roles.

    Raises:
        QinglingError: As for `add_officer`; nothing was written.
    """
    ledger = acting.ledger
    refuse_unless(acting, Power.MANAGE_OFFICERS)
    _refuse_bad_code(code)
    refuse_company(ledger, acting.by)
    found = house.officer(ledger.store, code)
    if found is not None and not known:
        raise BadValueError(Text(f"officer '{code}' exists already", f"人员“{code}”已存在"))
    name = named(name)
    for role in roles:
        _refuse_unknown_role(ledger, role)
    unit_id = _unit_id(ledger, unit)
    if found is None:
        officer_id, digest = house.add_officer(ledger.store, code, name, contact)
        acting.note_in_house(OfficerAdded(code=code, name=name, contact=digest))
    elif found.name != name:
        raise BadValueError(
            Text(f"officer '{code}' stands there twice with different names", f"人员“{code}”重复出现而姓名不同")
        )
    else:
        officer_id = found.id
    for role in roles:
        if house.grant(ledger.store, officer_id, role, unit_id):
            acting.note_in_house(RoleGranted(code=code, role=role, unit=unit))


def change_contact(acting: Acting, code: str, contact: Mapping[str, object]) -> None:
    """Write how an officer is reached; officers may do so for themselves.

    Raises:
        NotFoundError: If there is no such officer.
        RefusedError: If the acting officer is neither the same nor keeps the ledger.
    """
    ledger = acting.ledger
    if acting.by != code:
        refuse_unless(acting, Power.MANAGE_OFFICERS)
    found = officer(ledger, code)
    with ledger.store.begin():
        digest = house.change_contact(ledger.store, found.id, contact)
        event = ContactChanged(code=code, keys=tuple(sorted(contact)), digest=digest)
        acting.note_in_house(event)
    ledger.forget()


def grant(acting: Acting, code: str, role: str, unit: str | None) -> bool:
    """Give an officer a role in a unit, or in all; False if it was so already.

    Raises:
        NotFoundError: If there is no such officer, role or unit.
        RefusedError: If the acting officer may not manage officers, or gives a role to themselves, or
            the other has left.
    """
    return _grants(acting, RoleGranted(code=code, role=role, unit=unit))


def revoke(acting: Acting, code: str, role: str, unit: str | None) -> bool:
    """Take a role from an officer; False if it was so already.

    Raises:
        NotFoundError: If there is no such officer, role or unit.
        RefusedError: If the acting officer may not manage officers.
    """
    return _grants(acting, RoleRevoked(code=code, role=role, unit=unit))


def leave(acting: Acting, code: str) -> None:
    """Let an officer act no more; what they did stays theirs.

    Raises:
        NotFoundError: If there is no such officer.
        RefusedError: If the officer has left before, or the acting one may not manage officers.
    """
    found = about_to_leave(acting, code)
    with acting.ledger.store.begin():
        write_leave(acting, found)
    acting.ledger.forget()


def about_to_leave(acting: Acting, code: str) -> house.Officer:
    """Return an officer who may be let go.

    Raises:
        NotFoundError: If there is no such officer.
        RefusedError: If the officer has left before, or the acting one may not manage officers.
    """
    refuse_unless(acting, Power.MANAGE_OFFICERS)
    found = officer(acting.ledger, code)
    refuse_the_gone(found)
    refuse_last_manager(acting.ledger, code)
    return found


def write_leave(acting: Acting, found: house.Officer, *, handed_to: str | None = None) -> None:
    """Write that an officer acts no more; inside `begin`."""
    house.leave(acting.ledger.store, found.id, acting.now_at)
    acting.note_in_house(OfficerLeft(code=found.code, handed_to=handed_to))
    end_ways_in(acting, found.code, reason="left")


def officer(ledger: Ledger, code: str) -> house.Officer:
    """Return the officer with that code.

    Raises:
        NotFoundError: If there is none.
    """
    found = house.officer(ledger.store, code)
    if found is None:
        words = [word for each in house.officers(ledger.store) for word in (each.code, each.name)]
        near = did_you_mean(code, like_in_surname(code, words))
        raise NotFoundError(
            Text(
                f"no officer has the code '{code}'{near.en}; see: qingling officer list",
                f"没有代码为“{code}”的人员{near.zh}；请查看：qingling officer list",
            )
        )
    return found


def _grants(acting: Acting, event: RoleGranted | RoleRevoked) -> bool:
    """Give or take a role."""
    ledger = acting.ledger
    refuse_unless(acting, Power.MANAGE_OFFICERS)
    code, role, unit = event.code, event.role, event.unit
    gives = isinstance(event, RoleGranted)
    if gives and acting.by == code:
        raise RefusedError(Text("nobody gives a role to themselves", "不得给本人授予角色"))
    _refuse_unknown_role(ledger, role)
    found = officer(ledger, code)
    if gives:
        refuse_the_gone(found)
    unit_id = _unit_id(ledger, unit)
    if not gives and role in ledger.workflows.roles_that_may(Power.MANAGE_OFFICERS) and unit is None:
        refuse_last_manager(ledger, code)
    with ledger.store.begin():
        write = house.grant if gives else house.revoke
        if not write(ledger.store, found.id, role, unit_id):
            return False
        acting.note_in_house(event)
    ledger.forget()
    return True


def _unit_id(ledger: Ledger, unit: str | None) -> int:
    """Return where a role holds: in the unit with that code, or everywhere."""
    return house.EVERYWHERE if unit is None else ledger.unit(unit).id


def _refuse_unknown_role(ledger: Ledger, role: str) -> None:
    """Refuse a role that no workflow names."""
    roles = ledger.workflows.roles()
    if role not in roles:
        near = Text(did_you_mean(role, roles).en, did_you_mean(role, [each.zh for each in roles.values()]).zh)
        raise NotFoundError(
            Text(
                f"no role is called '{role}'{near.en}; there are: {', '.join(roles)}",
                f"没有角色“{role}”{near.zh}；可用：{'、'.join(each.zh for each in roles.values())}",
            )
        )


def refuse_the_gone(found: house.Officer) -> None:
    """Refuse to give anything to, or take leave of, an officer who has left."""
    if found.left_at is not None:
        raise RefusedError(Text(f"officer {found.code} has left already", f"人员 {found.code} 已离任"))


def _refuse_bad_code(code: str) -> None:
    """Refuse what cannot be a code."""
    if not CODE.fullmatch(code):
        raise BadValueError(
            Text(
                f"'{code}' is no code: letters, digits, dots and dashes, no blanks, at most 40",
                f"“{code}”不能作代码：限字母、数字、点和短横，不含空格，最多 40 个字符",
            )
        )


def named(words: str) -> str:
    """Return a name without blanks around it or between Chinese signs, or refuse what no line of a paper can hold.

    Names of two signs are often set apart to fill a column (孙 某); as another name they would be nobody's.
    """
    if len(words) > LONGEST_NAME or any(sign in words for sign in "\n\r\t"):
        raise BadValueError(
            Text(
                f"a name is one line of at most {LONGEST_NAME} characters",
                f"名称应为一行，最多 {LONGEST_NAME} 个字符",
            )
        )
    return _BETWEEN_SIGNS.sub("", said(words))


def said(words: str) -> str:
    """Return a name or reason without blanks around it, or refuse an empty one and what no paper can show."""
    if is_blank(words):
        raise BadValueError(Text("a name or reason is empty", "名称或理由为空，请填写"))
    if UNSEEN.search(words):
        raise BadValueError(Text("a name or reason contains control characters", "名称或理由含有控制字符"))
    return words.strip()
