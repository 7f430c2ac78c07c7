"""`qingling unit`: who leads belong to."""

from pathlib import Path

from commands.console.bilingual import argument, group, json_option, option, pass_app, verb
from commands.console.context import AppContext
from commands.console.names import TYPES
from commands.console.output import print_json, print_table, talk
from commands.shared.house_lists import code_and_name, list_options, one_named, placed_at, print_enrolled, unit_rows
from commands.shared.parameters import reason_option
from commands.shared.reading import may_do
from engine.errors import BadValueError
from engine.language import Text, t
from engine.rules.reading_rights import Deed


@group(
    "unit",
    en="Units: add, list, rename, merge, close. Every case belongs to a unit, and its code stands in the number.",
    zh="单位：新增、列出、更名、合并、停用。每件事项属于一个单位，单位代码写入编号。",
    example="qingling unit list",
)
def unit() -> None:
    """Hold the verbs of units."""


@verb(
    unit,
    "add",
    en="Register a unit; or all units of a spreadsheet with the columns code, name and type, all of them or none: "
    "a dry run until --apply. Without a type it counts as of the first that is declared.",
    zh="新增单位；也可用电子表格（列：代码、名称、类型，类型可不填）批量新增，全部成功才写入，加 --apply 才真正写入。",
    example=Text(
        "qingling unit add 0103 'County Clinic'\nqingling unit add --from units.xlsx",
        "qingling unit add 0103 县妇幼保健院\nqingling unit add --from units.xlsx",
    ),
)
@argument(
    "code",
    metavar="CODE",
    required=False,
    en="Short code; it stands in the numbers of its cases.",
    zh="代码，写入事项编号。",
)
@argument("name", metavar="NAME", required=False, en="Name.", zh="名称。")
@option(
    "--type", "kind", metavar="TYPE",
    en="What kind of office it is, such as health or insurance (default: the first of the list unit_types).",
    zh="单位类型，如卫生健康、医疗保障（默认为列表 unit_types 的首项）。",
)  # fmt: skip
@list_options
@pass_app
def add(app: AppContext, code: str | None, name: str | None, kind: str | None, file: Path | None, apply: bool) -> None:
    """Register the unit, or those in a list."""
    from engine.operations.house.registration import add_unit

    one = one_named(code, name, file, apply=apply)
    if file is not None:
        if kind is not None:
            raise BadValueError(
                Text(
                    "--type goes with CODE and NAME; a spreadsheet has a column type",
                    "--type 须与代码、名称同用；电子表格用“类型”一列",
                )
            )
        _add_listed(app, file, apply=apply)
        return
    assert one is not None
    code, name = one
    add_unit(app.acting, code, name, kind=kind)
    talk(t("unit {code} {name} added", "已新增单位 {code} {name}", code=code, name=name))


@verb(unit, "list", en="List the units.", zh="列出单位。", example="qingling unit list --json")
@json_option
@pass_app
def list_(app: AppContext, as_json: bool) -> None:
    """List the units."""
    from engine.operations.house.directory import units
    from engine.operations.house.unit_types import type_of
    from presentation.case_view import iso, when

    may_do(app, Deed.HOUSE)
    ledger = app.ledger
    found, titles = units(ledger), ledger.workflows.unit_types()
    types = {each.code: type_of(ledger, each.code) or "" for each in found}
    if as_json:
        print_json(
            [
                {
                    "code": each.code,
                    "name": each.name,
                    "type": types[each.code] or None,
                    "closed_at": each.closed_at and iso(ledger, each.closed_at),
                }
                for each in found
            ]
        )
        return
    print_table(
        [t("code", "代码"), t("name", "名称"), t("type", "类型"), t("closed", "停用")],
        [
            (
                each.code,
                each.name,
                str(titles.get(types[each.code], types[each.code])),
                when(ledger, each.closed_at) if each.closed_at else "",
            )
            for each in found
        ],
    )


@verb(
    unit,
    "close",
    en="Let a unit take no new cases. What it has stays and is finished.",
    zh="停用单位：不再登记新事项，已有的继续办理。",
    example=Text(
        'qingling unit close 0102 --reason "merged into 0101"', "qingling unit close 县中医院 --reason 并入县医院"
    ),
)
@argument("code", metavar="CODE", type=TYPES["UNIT"], en="Code of the unit.", zh="单位代码。")
@reason_option
@pass_app
def close(app: AppContext, code: str, reason: str) -> None:
    """Close the unit."""
    from engine.operations.house.registration import close_unit

    close_unit(app.acting, code, reason=reason)
    talk(t("unit {code} is closed", "单位 {code} 已停用", code=code))


@verb(
    unit,
    "type",
    en="Register what kind of office a unit is, as the list unit_types declares it.",
    zh="登记单位类型（见列表 unit_types）。",
    example=Text(
        "qingling unit type 0102 insurance --reason 'mandate of the county'",
        "qingling unit type 0102 医疗保障 --reason 三定方案",
    ),
)
@argument("code", metavar="CODE", type=TYPES["UNIT"], en="Code of the unit.", zh="单位代码。")
@argument("kind", metavar="TYPE", en="Its type from now on.", zh="单位类型。")
@reason_option
@pass_app
def type_(app: AppContext, code: str, kind: str, reason: str) -> None:
    """Register the type of the unit."""
    from engine.operations.house.registration import set_unit_type

    name = set_unit_type(app.acting, code, kind, reason=reason)
    title = app.ledger.workflows.unit_types()[name]
    talk(t("unit {code} is of type {title}", "单位 {code} 类型为{title}", code=code, title=title))


@verb(
    unit,
    "rename",
    en="Give a unit another name. Its code stays, and with it the numbers of its cases.",
    zh="单位更名。代码不变，事项编号也不变。",
    example=Text(
        'qingling unit rename 0102 "County Hospital of TCM" --reason "renamed by the county"',
        "qingling unit rename 0102 县中医医院 --reason 县编办批复更名",
    ),
)
@argument("code", metavar="CODE", type=TYPES["UNIT"], en="Code of the unit.", zh="单位代码。")
@argument("name", metavar="NAME", en="Its name from now on.", zh="新名称。")
@reason_option
@pass_app
def rename(app: AppContext, code: str, name: str, reason: str) -> None:
    """Rename the unit."""
    from engine.operations.cases.succession import rename_unit

    rename_unit(app.acting, code, name, reason=reason)
    talk(t("unit {code} is now {name}", "单位 {code} 已更名为 {name}", code=code, name=name))


@verb(
    unit,
    "merge",
    en="Close a unit and hand whatever it has open over to another, with the roles of its officers. What is finished "
    "stays with the unit that finished it.",
    zh="单位合并：停用一个单位，未办结的事项连同人员角色一并移交另一单位；已办结的仍属原单位。",
    example=Text(
        'qingling unit merge 0102 --into 0101 --reason "merged by the county"',
        "qingling unit merge 0102 --into 0101 --reason 机构合并",
    ),
)
@argument("code", metavar="CODE", type=TYPES["UNIT"], en="Code of the unit that ends.", zh="被并入的单位代码。")
@option("--into", metavar="UNIT", required=True, en="Code of the unit that goes on.", zh="合并后的单位代码。")
@reason_option
@pass_app
def merge(app: AppContext, code: str, into: str, reason: str) -> None:
    """Merge the unit into another."""
    from engine.operations.cases.succession import merge_unit

    count = merge_unit(app.acting, code, into, reason=reason)
    talk(
        t(
            "unit {code} is closed; {count} open cases are now with {into}",
            "单位 {code} 已停用；未办结的 {count} 件已移交 {into}",
            code=code,
            count=count,
            into=into,
        )
    )


def _add_listed(app: AppContext, file: Path, *, apply: bool) -> None:
    """Register the units of a list, all of them or none."""
    from engine.operations.house.enrolling import ListedUnit, enrol_units

    rows = unit_rows(file)
    listed = []
    for row in rows:
        with placed_at(row.at):
            listed.append(ListedUnit(*code_and_name(row), row.values.get("type")))
    print_enrolled(rows, enrol_units(app.acting, listed, apply=apply), apply=apply)
