"""The words for what an import tells, and what the columns of a ledger may be."""

from typing import Final

from engine.language import Text
from engine.workflow.model import FieldType, Workflow

OUTCOMES: Final = {
    "opened": Text("new", "新登记"),
    "updated": Text("updated", "更新"),
    "unchanged": Text("unchanged", "无变化"),
    "refused": Text("not taken", "未导入"),
}
"""What became of a row, in words."""

WHYS: Final = {
    "title": Text("title", "标题"),
    "meta": Text("head", "表头上方说明"),
    "header": Text("header", "表头"),
    "blank": Text("blank", "空行"),
    "total": Text("total", "合计"),
    "footer": Text("footer", "表尾"),
    "example": Text("example", "示例"),
    "nil": Text("nil return", "零报告"),
    "hidden": Text("hidden sheet", "隐藏工作表"),
    "unknown": Text("no ledger", "不是台账"),
    "unread": Text("damaged sheet", "已损坏的工作表"),
}
"""Why a row was left out, in words."""

NIL_RETURN: Final = Text(
    "a nil return is signed and submitted by its unit, no import does so: qingling advance NUMBER submit"
    " --nil-return yes; those that are due: qingling list --workflow return --open",
    "零报告由本单位签字报送，导入不能代办：qingling advance NUMBER 报送 --零报告 是；待报的："
    "qingling list --workflow 报表 --open",
)
"""What is said of rows that report that there is nothing."""

HOWS: Final = {
    "title": Text("its title", "字段标题"),
    "synonym": Text("a synonym", "同义词"),
    "mapping": Text("your mapping", "对应关系"),
    "guessed": Text("a guess, check it", "推测，请核对"),
    "ignored": Text("passed over", "略过"),
    "repeated": Text("passed over: there is one already", "略过：已有同类栏"),
    "remembered": Text("as decided for an earlier ledger", "沿用以前的确认"),
    "words": Text("its words", "构词"),
    "part": Text("sealed with the reporter", "随举报人信息一并保密"),
    "kept": Text("no field of ours", "非登记项目"),
    "asked": Text("not certain; name it with --map", "不能确定，请用 --map 指明"),
    "unmatched": Text("not known, passed over; name it with --map", "无法识别，已略过；可用 --map 指明"),
}
"""How a heading was matched, in words."""

BESIDES: Final = {
    "state": Text("State", "状态"),
    "unit": Text("Unit", "所属单位"),
    "case.number": Text("Qingling number", "清零编号"),
    "case.revision": Text("Qingling revision", "清零版次"),
}
"""The columns beside the fields, in words."""

NOTES: Final = {
    "ditto": Text("ditto marks", "同上"),
    "dash_variant_normalised": Text("dashes", "短横统一"),
    "implied": Text("words that stand for other values", "以文字代替取值"),
    "fullwidth_normalised": Text("full-width characters", "全角转半角"),
    "placeholder_null": Text("placeholders for nothing", "占位符作空白"),
    "serial_date_in_general_cell": Text("dates shown as numbers", "数字还原为日期"),
    "stray_quote": Text("stray quotation marks", "不成对的引号"),
    "year_supplied": Text("years supplied", "补全年份"),
    "two_digit_year": Text("years of two digits", "两位年份"),
    "end_of_period": Text("deadlines by the end of a period", "以期末为期限"),
    "length_counted": Text("deadlines counted from receipt", "按工作日历推算期限"),
    "no_end": Text("deadlines without a last day", "无截止日的期限"),
    "by_heading_unit": Text("amounts in ten thousands", "按万元换算"),
}
"""What a note of each kind is called, in words."""

UNREAD: Final = Text(
    "this sheet is missing or damaged; nothing of it was read", "该工作表缺失或已损坏，未读入任何内容，请核对后重新报送"
)
"""What is said of a sheet that could not be read."""

NAMED: Final = frozenset({"stray_quote"})
"""The notes that are shown at their row: a person should look at it."""


def field_title(workflow: Workflow, name: str) -> Text:
    """Return what a field, or a column beside the fields, is called."""
    field = workflow.fields.get(name)
    return field.title if field else BESIDES.get(name, Text(name, name))


def is_sealed(workflow: Workflow, name: str) -> bool:
    """Say whether a field may have several columns, since all that says who reports is sealed together."""
    return name in workflow.fields and workflow.fields[name].type is FieldType.SEALED


def every_field(workflow: Workflow) -> list[str]:
    """Return what a column may be: the fields that every case needs, the others, and the columns beside them."""
    fields = sorted(workflow.fields.values(), key=lambda each: not each.required)
    return [*(each.name for each in fields), *BESIDES]
