"""What opens by itself, as a workflow is printed: how often, from when to when, where, and who owes it."""

from collections.abc import Mapping, Sequence

from documents.diagrams.wording import who
from engine.language import Text, t
from engine.workflow.model import Workflow
from engine.workflow.recurring_cases import HUNDRED, Recurrence

_EVERY: Mapping[str, Text] = {
    "day": Text("each day", "每日"),
    "working_day": Text("each working day", "每个工作日"),
    "week": Text("each week", "每周"),
    "month": Text("each month", "每月"),
    "quarter": Text("each quarter", "每季度"),
    "year": Text("each year", "每年"),
    "begin": Text("{campaign}: its first day", "{campaign}：开始日"),
    "check_in": Text("{campaign}: each check-in", "{campaign}：每次调度"),
    "bulletin": Text("{campaign}: each bulletin", "{campaign}：每期通报"),
    "stage_end": Text("{campaign}: end of each stage", "{campaign}：各阶段末日"),
    "report_on": Text("{campaign}: report day", "{campaign}：报告日"),
    "clear_by": Text("{campaign}: last day", "{campaign}：清零日"),
}
_WEEKDAYS = (
    Text("Monday", "周一"), Text("Tuesday", "周二"), Text("Wednesday", "周三"), Text("Thursday", "周四"),
    Text("Friday", "周五"), Text("Saturday", "周六"), Text("Sunday", "周日"),
)  # fmt: skip


def recurring_headings() -> tuple[str, ...]:
    """Return the headings of the table of what opens by itself."""
    return (
        t("name", "名称"),
        t("how often", "频次"),
        t("opens", "开立"),
        t("due", "到期"),
        t("where", "何处"),
        t("owed by", "报送人"),
    )


def recurring_row(
    workflow: Workflow, recurs: Recurrence, roles: Mapping[str, Text], types: Mapping[str, Text]
) -> Sequence[str]:
    """Return what is said of one recurrence; roles and types of units by their titles."""
    every = _EVERY[recurs.moment.at if recurs.moment else recurs.every]
    often = str(every.format(campaign=_campaign(recurs.moment.campaign) if recurs.moment else ""))
    if recurs.during:
        often += t(", during {campaign}", "，{campaign}期间", campaign=_campaign(recurs.during))
    if recurs.under:
        where = t("under each {workflow}", "每件上级事项之下", workflow=recurs.under.workflow)
    else:
        where = t("once for the house", "全局一件") if recurs.once else t("in each unit", "每个单位")
    if recurs.of_type:
        where += t(
            " of type {types}",
            "（单位类型：{types}）",
            types=t(", ", "、").join(str(types[each]) for each in recurs.of_type),
        )
    owed_by = t(", ", "、").join(who(workflow, name, roles) for name in recurs.units_with)
    return _called(workflow, recurs), often, _day(recurs, recurs.opens_on), _day(recurs, recurs.due_on), where, owed_by


def _called(workflow: Workflow, recurs: Recurrence) -> str:
    """Return what a recurrence is called: it has a name for files only, so in Chinese by the choices that it sets."""
    titles = [
        choice.title.zh
        for name, value in recurs.sets.items()
        for choice in workflow.fields[name].choices
        if choice.value == value
    ]
    return t(recurs.name, "、".join(titles) or workflow.title.zh)


def _campaign(name: str) -> Text:
    """Return what a campaign is called where only the name of its file is known."""
    return Text(name, "专项行动")


def _day(recurs: Recurrence, number: int) -> str:
    """Return how a day is said."""
    if recurs.every == "week":
        return str(_WEEKDAYS[number - 1])
    if recurs.every == "month":
        return t("day {n}", "{n} 日", n=number)
    month, day = divmod(number, HUNDRED)
    if recurs.every == "year":
        return f"{month:02}-{day:02}"
    if recurs.every == "quarter":
        return t("month {month}, day {day}", "第 {month} 个月 {day} 日", month=month, day=day)
    return t("the same day", "当日") if number == 0 else t("{n} days", "{n} 天", n=f"{number:+}")
