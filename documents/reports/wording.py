"""What reports are called, and how each of their figures is counted; knows no figure and no file format."""

from collections.abc import Mapping
from typing import Final

from engine.language import Text
from engine.operations.figures.figure_values import PeriodGroup
from engine.operations.figures.period import ReportKind

UNITS_HEAD: Final = Text("unit", "单位")

TITLES: Final[Mapping[ReportKind, Text]] = {
    ReportKind.DAILY: Text("{workflow}: report of the day", "{workflow}日动态"),
    ReportKind.WEEKLY: Text("{workflow}: weekly report", "{workflow}办理情况周报"),
    ReportKind.MONTHLY: Text("{workflow}: monthly report", "{workflow}办理情况月报"),
    ReportKind.STAGE: Text("{workflow}: report of the stage", "{workflow}办理情况阶段性总结"),
    ReportKind.YEAR: Text("{workflow}: report of the year", "{workflow}办理情况年度报告"),
    ReportKind.BULLETIN: Text("{workflow}: bulletin", "{workflow}办理情况通报"),
    ReportKind.ASSESSMENT: Text("{workflow}: figures for the assessment", "{workflow}考核数据"),
}

STANDING_TITLES: Final[Mapping[PeriodGroup, Text]] = {
    PeriodGroup.FULLY_CLOSED: Text("fully closed", "闭环销号"),
    PeriodGroup.CLEARED: Text("cleared by the unit", "本单位办结"),
    PeriodGroup.IN_TIME: Text("open, in time", "期限内在办"),
    PeriodGroup.EXTENDED: Text("open, extended", "延期在办"),
    PeriodGroup.OVERDUE: Text("open, overdue", "超期在办"),
}

_CLEARED: Final = (
    Text("cleared", "办结"),
    Text(
        "times that a case went from open to cleared or fully closed, on the day on which that was registered",
        "由未结变为本单位办结或闭环销号的次数，按系统记载之日计",
    ),
)
_RETURNED: Final = (
    Text("came back", "回流"),
    Text(
        "times that a case that had been cleared became open again",
        "已办结后重新变为未结的次数",
    ),
)
_REGISTERED: Final = (
    Text("registered", "登记"),
    Text(
        "received and registered late together, on the day of registration",
        "本期收到与补登之和，按登记之日计",
    ),
)
JUDGED: Final = Text("to be kept", "应完成期限")
ON_TIME: Final = Text("on time", "按期")
MET_LATE: Final = Text("met late", "逾期完成")
UNMET: Final = Text("not met", "逾期未完成")
ON_TIME_RATE: Final = Text("on-time rate", "按期率")
"""What is counted of deadlines; the first is the sum of the three after it."""

_PUNCTUAL: Final = (
    (
        JUDGED,
        Text(
            "deadlines of these cases, those of what they opened apart: on time + met late + not met",
            "本类事项自身的期限（所生成事项的期限另计）：按期＋逾期完成＋逾期未完成",
        ),
    ),
    (
        ON_TIME,
        Text(
            "met in the period on or before the original day, a deadline in hours by its instant; no extension and no "
            "rest makes that day later",
            "本期完成且不晚于原定时限的期限数，以小时计的按时点；延期、暂停均不改变原定时限",
        ),
    ),
    (
        MET_LATE,
        Text("met in the period after the original day", "本期完成但晚于原定时限的期限数"),
    ),
    (
        UNMET,
        Text(
            "past its original day at the end of the period and not met, whether it runs, rests or was extended; or "
            "ceased to be required in the period after that day",
            "期末已过原定时限仍未完成的期限数，不论在计、暂停或已延期；以及本期不再要求而当时已过原定时限的",
        ),
    ),
    (ON_TIME_RATE, Text("on time ÷ to be kept", "按期÷应完成期限")),
)

DEFINITIONS: Final[Mapping[str, tuple[tuple[Text, Text], ...]]] = {
    "flow": (
        (
            Text("open before", "期初未结"),
            Text(
                "not cleared at the end of the day before the period: what the report before it ended on",
                "期初前一日终了时未办结的，即上一期报告的期末未结",
            ),
        ),
        (
            Text("received", "本期收到"),
            Text(
                "registered in the period with a day of receipt in it",
                "本期登记且收到日期在本期的",
            ),
        ),
        (
            Text("registered late", "补登"),
            Text("registered in the period with an earlier day of receipt", "本期登记而收到日期早于本期的"),
        ),
        _RETURNED,
        _CLEARED,
        (
            Text("taken out", "核减"),
            Text(
                "open, then void or found to repeat another",
                "原为未结，后作废或并入首件的",
            ),
        ),
    ),
    "standings": (
        (
            Text("caseload", "应办"),
            Text(
                "cases that were open before, were registered or came back, without those taken out; each counts once",
                "期初未结、本期登记或回流的事项，核减的除外；每件只计一次",
            ),
        ),
        (
            Text("open, extended", "延期在办"),
            Text("a deadline that still runs was extended, and none is overdue", "在计期限曾获延期，且均未超期"),
        ),
        (
            Text("open, overdue", "超期在办"),
            Text(
                "a running deadline was due before the day of the figures; the due day itself is not overdue",
                "有在计期限的到期日早于统计日；到期当日不算超期",
            ),
        ),
        (
            Text("clear rate", "办结率"),
            Text(
                "(fully closed + cleared by the unit) ÷ caseload; never shown as 100 below 100, and — for 0 ÷ 0",
                "（闭环销号＋本单位办结）÷应办；未满 100% 绝不显示为 100%，0÷0 显示“—”",
            ),
        ),
    ),
    "overdue": (
        (
            Text("overdue", "超期"),
            Text(
                "the open cases that stand as overdue, each once, with the deadline that was due first; late by counts "
                "from the day in force, extensions included, in the deadline's own unit",
                "超期在办的事项，每件一行，列最早到期的期限；超期时长自现行时限（含延期）起算，按该期限自身的单位计",
            ),
        ),
    ),
    "extended": (
        (
            Text("extended", "延期"),
            Text(
                "the open cases of which a deadline was extended and none is overdue",
                "曾获延期且未超期的在办事项，每件一行",
            ),
        ),
    ),
    "came_back": (_RETURNED,),
    "unfiled": (
        (
            Text("missing returns", "未报"),
            Text(
                "returns due in the period that were not filed by its end, or sent back and not filed again",
                "报送时限在本期而期末仍未报送，或被退回未补报的报表",
            ),
        ),
    ),
    "weeks": (_REGISTERED, _CLEARED, _RETURNED),
    "ages": (
        (
            Text("age", "在办时长"),
            Text(
                "days from the day of receipt to the day of the figures, of cases open then",
                "统计日未结事项自收到之日起的天数",
            ),
        ),
    ),
    "punctual": _PUNCTUAL,
    "missed": (
        (
            Text("late by", "逾期时长"),
            Text(
                "each deadline that was met late or not met, in its own unit, from the day in force, extensions and "
                "rests included, to the day it was met or ceased to be required, else to the day of the figures",
                "逾期完成和逾期未完成的期限，每个一行；自现行时限（含延期、暂停）至完成或不再要求之日，未完成的至统计日，"
                "按该期限自身的单位计",
            ),
        ),
    ),
    "deadlines": (
        *_PUNCTUAL,
        (
            Text("running", "在计"),
            Text(
                "at the end neither met, paused nor cancelled, and still required",
                "期末未完成、未暂停、未取消且仍要求的期限",
            ),
        ),
    ),
    "theirs": (
        (
            Text("the other side's deadlines", "对方期限"),
            Text(
                "deadlines of other bodies towards us, watched here and never counted as ours: they are in no rate, no "
                "list of overdue cases and no ranking",
                "其他单位对我方应守的期限，仅作跟踪，不计入本单位按期率、超期清单和排名",
            ),
        ),
    ),
    "due": (
        (
            Text("deadlines due", "到期期限数"),
            Text(
                "running deadlines by their due day after the day of the figures; a case may have several",
                "统计日以后到期的在计期限，按到期日计；一件可有多个期限",
            ),
        ),
    ),
    "steps": (
        (
            Text("steps", "办理动作"),
            Text("how often each step was taken in the period", "本期办理各动作的次数"),
        ),
    ),
    "returns": (
        (
            Text("owed", "应报"),
            Text(
                "returns whose due day lies in the period; missing: not filed by its end, or recorded as never filed",
                "报送时限在本期的报表；未报：期末仍未报送或已登记漏报",
            ),
        ),
        (
            Text("sent back", "退回未补"),
            Text(
                "filed, sent back by the office and not filed again by the end of the period; it counts neither as "
                "filed nor as on time. One filed again counts by the day on which it came in again",
                "已报送但被退回、期末尚未补报的，不算报送，更不算按期；退回后补报的，按补报之日判断是否按期",
            ),
        ),
    ),
    "ranking": (
        (
            Text("rank", "名次"),
            Text(
                "the higher rate, the fewer overdue, the fewer missing returns stand first; equal units share a rank; "
                "units without any figure have none. The figures do not judge people.",
                "比率高者、超期少者、未报少者在前；相同者并列；无数字的单位不排名。数字只供参考，不评价个人",
            ),
        ),
        (
            Text("clear rate", "办结率"),
            Text(
                "cleared or fully closed at the end ÷ caseload (open before + registered + came back, each case once, "
                "without those taken out)",
                "期末已办结或销号 ÷ 应办（期初未结＋本期登记＋回流，每件计一次，核减除外）",
            ),
        ),
        *_PUNCTUAL,
        (
            Text("overdue", "超期未结"),
            Text("open cases with a running deadline that is overdue", "有在计期限已超期的未结事项"),
        ),
        (
            Text("missing returns", "未报报表"),
            Text(
                "returns due in the period and not filed by its end, or sent back and not filed again; "
                "— where none was due",
                "报送时限在本期而期末仍未报送，或被退回未补报；本期没有应报报表的为“—”",
            ),
        ),
    ),
}
"""Of each section, what is counted and how."""
