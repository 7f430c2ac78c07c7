"""`qingling officer`: who acts, and with which roles in which units."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

from commands.console.bilingual import argument, group, json_option, option, pass_app, verb
from commands.console.context import AppContext
from commands.console.names import TYPES, TitledChoice
from commands.console.output import print_json, print_table, say, talk
from commands.shared.house_lists import (
    contact_given,
    list_options,
    listed_officer,
    officer_rows,
    one_named,
    placed_at,
    print_enrolled,
    role_called,
)
from commands.shared.reading import may_do
from engine.errors import BadValueError
from engine.language import Text, language, t
from engine.operations.ledger.acting import Acting
from engine.rules.reading_rights import Deed

officer_code: Final = argument(
    "code", metavar="CODE", type=TYPES["OFFICER"], en="Code of the officer.", zh="人员代码。"
)
LANGUAGE: Final = TitledChoice({"zh": Text("Chinese", "中文"), "en": Text("English", "英文")})
role_name: Final = argument("role", metavar="ROLE", en="Name or title of the role.", zh="角色的名称或标题。")


@group(
    "officer",
    en="Officers and their roles. Every step is done by an officer who has a role for it.",
    zh="人员及其角色。每个动作都由具备相应角色的人员办理。",
    example="qingling officer list",
)
def officer() -> None:
    """Hold the verbs of officers."""


@verb(
    officer,
    "add",
    en="Register an officer, with roles if you like; or all officers of a spreadsheet with the columns code, name, "
    "roles, unit and contact, all of them or none: a dry run until --apply.",
    zh="新增人员，可同时授予角色；也可用电子表格（列：代码、姓名、角色、单位代码、联系方式）批量新增，"
    "全部成功才写入，加 --apply 才真正写入。",
    example=Text(
        "qingling officer add sun Sun --role verifier --unit 0101 --contact email=sun@example.org\n"
        "qingling officer add --from officers.xlsx",
        "qingling officer add sun 孙某 --role 核查人 --unit 0101 --contact email=sun@example.org\n"
        "qingling officer add --from officers.xlsx",
    ),
)
@argument("code", metavar="CODE", required=False, en="Short code, as in --by.", zh="代码，即 --by 所写。")
@argument("name", metavar="NAME", required=False, en="Name.", zh="姓名。")
@option("--role", "roles", metavar="ROLE", multiple=True, en="A role; may be repeated.", zh="角色，可多次使用。")
@option(
    "--unit", metavar="UNIT", en="Where the roles hold (default: in all units).", zh="角色所在单位（默认全部单位）。"
)
@option(
    "--contact", "contacts", metavar="KIND=ADDRESS", multiple=True, en="How to be reached.", zh="联系方式，如 email=…。"
)
@list_options
@pass_app
def add(
    app: AppContext,
    code: str | None,
    name: str | None,
    roles: tuple[str, ...],
    unit: str | None,
    contacts: tuple[str, ...],
    file: Path | None,
    apply: bool,
) -> None:
    """Register the officer and give the roles; or do so with those in a list."""
    from commands.officer.contact_checks import check_reach
    from engine.operations.house.directory import acting_officers
    from engine.operations.house.registration import add_officer, named

    one = one_named(code, name, file, apply=apply)
    if file is not None:
        if roles or unit or contacts:
            raise BadValueError(
                Text("with --from, roles and contacts stand in the list", "用 --from 时，角色和联系方式写在表中")
            )
        _add_listed(app, file, apply=apply)
        return
    assert one is not None
    code, name = one
    acting = app.acting
    chosen = [role_called(acting.ledger, each) for each in roles]
    addresses = contact_given(contacts)
    check_reach(app, addresses, ())
    add_officer(acting, code, name, contact=addresses, roles=chosen, unit=unit)
    kept = named(name)
    talk(t("officer {code} {name} added", "已新增人员 {code} {name}", code=code, name=kept))
    same = [each.code for each in acting_officers(acting.ledger) if each.name == kept and each.code != code]
    if same:
        talk(
            t(
                "{name} is also the name of {codes}: where a name may mean either, write the code",
                "另有同名人员：{codes}；“{name}”所指不明时请写代码",
                name=kept,
                codes=", ".join(same) if language() == "en" else "、".join(same),
            )
        )


@verb(
    officer, "list", en="List the officers with their roles.", zh="列出人员及其角色。", example="qingling officer list"
)
@json_option
@pass_app
def list_(app: AppContext, as_json: bool) -> None:
    """List the officers."""
    from engine.operations.house.directory import officers, roles_given
    from presentation.case_view import iso, when

    may_do(app, Deed.HOUSE)
    ledger = app.ledger
    given = roles_given(ledger)
    found = officers(ledger)
    if as_json:
        print_json(
            [
                {
                    "code": each.code,
                    "name": each.name,
                    "roles": [{"role": role, "unit": unit or None} for role, unit in given.get(each.code, [])],
                    "contact": dict(each.contact),
                    "left_at": each.left_at and iso(ledger, each.left_at),
                }
                for each in found
            ]
        )
        return
    titles = ledger.workflows.roles()
    print_table(
        [t("code", "代码"), t("name", "姓名"), t("roles", "角色"), t("left", "离任")],
        [
            (
                each.code,
                each.name,
                t(", ", "、").join(
                    f"{titles.get(role, role)}{f' ({unit})' if unit else ''}" for role, unit in given.get(each.code, [])
                ),
                when(ledger, each.left_at) if each.left_at else "",
            )
            for each in found
        ],
        wide=2,
    )


@verb(
    officer,
    "grant",
    en="Give an officer a role, in one unit or in all. Nobody gives a role to themselves.",
    zh="授予角色（单个单位或全部单位）。不得给本人授予角色。",
    example=Text("qingling officer grant zhao auditor --unit 0101", "qingling officer grant 赵某 审计员 --unit 县医院"),
)
@officer_code
@role_name
@option("--unit", metavar="UNIT", en="Where it holds (default: in all units).", zh="所在单位（默认全部单位）。")
@pass_app
def grant(app: AppContext, code: str, role: str, unit: str | None) -> None:
    """Give the role."""
    from engine.operations.house.registration import grant as operation

    _change_role(
        app, operation, code, role, unit,
        done=Text("{code} now has the role {role}", "{code} 已具有角色 {role}"),
        nothing=Text("{code} had the role {role} already", "{code} 原已具有角色 {role}"),
    )  # fmt: skip


@verb(
    officer,
    "revoke",
    en="Take a role from an officer.",
    zh="收回角色。",
    example=Text(
        "qingling officer revoke zhao verifier --unit 0101", "qingling officer revoke 赵某 核查人 --unit 0101"
    ),
)
@officer_code
@role_name
@option("--unit", metavar="UNIT", en="Where it held (default: in all units).", zh="所在单位（默认全部单位）。")
@pass_app
def revoke(app: AppContext, code: str, role: str, unit: str | None) -> None:
    """Take the role."""
    from engine.operations.house.registration import revoke as operation

    _change_role(
        app, operation, code, role, unit,
        done=Text("{code} has the role {role} no more", "已收回 {code} 的角色 {role}"),
        nothing=Text("{code} had no such role there", "{code} 在此并无角色 {role}"),
    )  # fmt: skip


@verb(
    officer,
    "contact",
    en="Write how an officer is reached: addresses (they replace those before), the order of channels, quiet hours, "
    "absence with a deputy. What is not named stays; nothing at all clears everything.",
    zh="更改联系方式：地址（替换原有的）、通道次序、免打扰时段、外出及代办人。未写的保持不变；什么都不写即全部清空。",
    example=Text(
        "qingling officer contact wang mail=wang@example.org --quiet 21:00-08:00",
        "qingling officer contact 王某 mail=wang@example.org --quiet 21:00-08:00",
    ),
)
@officer_code
@argument(
    "contacts",
    metavar="KIND=ADDRESS",
    nargs=-1,
    en="Channel and address, such as mail=….",
    zh="通道和地址，如 mail=…。",
)
@option("--channel", "channels", metavar="NAME", multiple=True, en="Channels in order.", zh="通道次序，可多次使用。")
@option(
    "--quiet",
    metavar="TEXT",
    en='No messages in these hours, such as 21:00-08:00; "" ends it.',
    zh="免打扰时段，如 21:00-08:00；空值取消。",
)
@option("--absent", metavar="FROM..TO", en='Days of absence; "" ends it.', zh="外出日期（起..止）；空值取消。")
@option("--deputy", metavar="OFFICER", en="Who acts meanwhile.", zh="代办人。")
@option(
    "--language",
    type=LANGUAGE,
    en="Language of messages.",
    zh="消息语言。",
)
@pass_app
def contact(
    app: AppContext,
    code: str,
    contacts: tuple[str, ...],
    channels: tuple[str, ...],
    quiet: str | None,
    absent: str | None,
    deputy: str | None,
    language: str | None,
) -> None:
    """Write the contact."""
    from commands.officer.contact_checks import check_reach
    from engine.operations.house.contacts import changed_contact, clash_of_deputy
    from engine.operations.house.directory import officers
    from engine.operations.house.registration import change_contact
    from engine.operations.house.registration import officer as found

    ledger = app.ledger
    before = found(ledger, code).contact
    if deputy is not None:
        found(ledger, deputy)
    addresses = contact_given(contacts)
    nothing = not contacts and not channels and all(each is None for each in (quiet, absent, deputy, language))
    after = (
        {}
        if nothing
        else changed_contact(
            before, addresses, channels=channels, quiet=quiet, absent=absent, deputy=deputy, language=language
        )
    )
    if deputy is not None:
        clash = clash_of_deputy(code, deputy, after.get("absent"), officers(ledger))
        if clash is not None:
            talk(str(clash))
    check_reach(app, addresses, channels)
    change_contact(app.acting, code, after)
    talk(t("contact of {code} changed", "已更改 {code} 的联系方式", code=code))


@verb(
    officer,
    "leave",
    en="Let an officer act no more. What they did stays theirs.",
    zh="离任：不再办理事项，以往所办仍记其名。",
    example=Text("qingling officer leave zhao --hand-over-to li", "qingling officer leave 赵某 --hand-over-to 李某"),
)
@argument("code", metavar="CODE", type=TYPES["OFFICER"], en="Code of the officer.", zh="人员代码。")
@option(
    "--hand-over-to",
    "successor",
    metavar="OFFICER",
    en="Who is named instead in the cases that are not finished; all of them or nothing.",
    zh="接替人：未办结事项中的责任人等一律改为此人，全部成功才写入。",
)
@pass_app
def leave(app: AppContext, code: str, successor: str | None) -> None:
    """Let the officer leave."""
    from engine.operations.cases.succession import in_charge, leave_to
    from engine.operations.house.registration import leave as operation

    if successor is not None:
        numbers = leave_to(app.acting, code, successor)
        for each in numbers:
            say(app.ledger.naming.veiled(each))
        talk(
            t(
                "{code} has left; {count} cases handed over to {successor}",
                "{code} 已离任；{count} 件已移交 {successor}",
                code=code,
                count=len(numbers),
                successor=successor,
            )
        )
        return
    operation(app.acting, code)
    talk(t("{code} has left", "{code} 已离任", code=code))
    left = [each.number for each in in_charge(app.ledger, code)]
    if left:
        talk(
            t(
                "still in charge of {count} open cases ({first} …): name others with qingling amend --where",
                "仍是 {count} 件未办结事项（{first} 等）的责任人：请用 qingling amend --where 改派",
                count=len(left),
                first=app.ledger.naming.veiled(left[0]),
            )
        )


@verb(
    officer,
    "return",
    en="Let an officer who had left act again. The roles of before are taken away, to be given again.",
    zh="返任：离任人员重新办理事项。原有角色一律收回，需要的重新授予。",
    example=Text("qingling officer return zhao", "qingling officer return 赵某"),
)
@officer_code
@pass_app
def return_(app: AppContext, code: str) -> None:
    """Let the officer return."""
    from engine.operations.cases.succession import return_ as operation

    operation(app.acting, code)
    talk(
        t(
            "{code} is back, without roles; give them: qingling officer grant {code} ROLE",
            "{code} 已返任，尚无角色；请授予：qingling officer grant {code} 角色",
            code=code,
        )
    )


@verb(
    officer,
    "rename",
    en="Give an officer another name. The code stays, and with it what they did.",
    zh="人员更名。代码不变，以往所办仍记其名下。",
    example=Text(
        'qingling officer rename zhao "Zhao Min" --reason "the name was misspelt"',
        "qingling officer rename zhao 赵敏 --reason 姓名有误",
    ),
)
@argument("code", metavar="CODE", type=TYPES["OFFICER"], en="Code of the officer.", zh="人员代码。")
@argument("name", metavar="NAME", en="The name from now on.", zh="新姓名。")
@option("--reason", required=True, en="Why.", zh="原因。")
@pass_app
def rename(app: AppContext, code: str, name: str, reason: str) -> None:
    """Rename the officer."""
    from engine.operations.cases.succession import rename_officer

    rename_officer(app.acting, code, name, reason=reason)
    talk(t("officer {code} is now {name}", "人员 {code} 已更名为 {name}", code=code, name=name))


def _add_listed(app: AppContext, file: Path, *, apply: bool) -> None:
    """Register the officers of a list with their roles, all of them or none."""
    from commands.officer.contact_checks import check_reach
    from engine.operations.house.enrolling import enrol_officers

    acting = app.acting
    rows = officer_rows(file)
    listed = []
    for row in rows:
        with placed_at(row.at):
            each = listed_officer(row, partial(role_called, acting.ledger), contact_given)
            check_reach(app, each.contact, ())
            listed.append(each)
    print_enrolled(rows, enrol_officers(acting, listed, apply=apply), apply=apply)


def _change_role(
    app: AppContext,
    operation: Callable[[Acting, str, str, str | None], bool],
    code: str,
    role: str,
    unit: str | None,
    *,
    done: Text,
    nothing: Text,
) -> None:
    """Give or take a role, and say which it was and whether that changed anything."""
    chosen = role_called(app.ledger, role)
    changed = operation(app.acting, code, chosen, unit)
    naming = app.ledger.naming
    talk((done if changed else nothing).format(code=naming.officer(code), role=naming.role(chosen)))
