"""What is printed in Chinese holds no English words: each page is walked for them, beyond a list of what may stand."""

import re
from datetime import date
from typing import Final

from houses import House, built_house, house

from engine.journal.house_events import HOUSE_EVENTS
from engine.operations.figures.period import said_span
from presentation.case_view import KINDS

__all__ = ["built_house", "house"]

PAGES: Final = (
    ("列表",), ("查看", "1"), ("日志", "流水"), ("流程", "列表"), ("流程", "查看", "问题线索"),
    ("流程", "查看", "报表"), ("清零",), ("清零", "年度", "--年度", "2019"), ("单位", "列表"), ("导出", "格式"),
    ("期限", "列表"), ("文书", "列表"),
    ("待发箱", "列表"), ("表头", "列表"), ("时钟", "查看"), ("人员", "列表"), ("巡检",), ("凭据", "列表"),
    ("报告",), ("报告", "月报"), ("列表", "--条件", "状态=='已交'"), ("列表", "--条件", "责任人=='赵末'"),
)  # fmt: skip
MAY_STAND: Final = frozenset(
    {"qingling", "unit", "year", "serial"}  # the program, and what numbers are made of: {unit}-XS-{year}
    | {"wang", "li", "zhao", "qian"}  # codes of officers stand in their own list
    | {"html", "docx", "xlsx", "csv", "json", "md"}
)


def test_no_page_holds_words_of_another_language(house: House) -> None:
    """Lists, histories, workflows, campaigns and refusals say titles; names for scripts stand in English pages only."""
    house.assigned(house.lead())
    house.done("export", "ledger", "-o", str(house.folder / "a.xlsx"))
    found = {}
    for page in PAGES:
        words = set(re.findall(r"(?<![\w./-])[a-z][a-z_]{2,}(?![\w.])", house.run(*page, lang="zh").output)) - MAY_STAND
        if words:
            found[" ".join(page)] = words

    assert found == {}


def test_every_row_of_the_journal_has_words() -> None:
    """No kind of journal row is shown by its own name; what is of calendars is said with the days."""
    of_calendars = {"calendar_used", "days_closed", "days_opened", "days_released", "returns_passed_over"}

    assert {each.kind for each in HOUSE_EVENTS} - set(KINDS) == of_calendars


def test_a_period_is_named_from_today(house: House) -> None:
    """A month, a quarter or 上月 is the newest that has begun; one of another kind of report is refused."""
    today = date(2019, 7, 10)
    meant = {
        "上月": "2019-06",
        "本月": "2019-07",
        "6月": "2019-06",
        "十一月份": "2018-11",
        "上周": "2019-W27",
        "今年": "2019",
        "去年": "2018",
        "第二季度": "2019-04-01..2019-06-30",
        "四季度": "2018-10-01..2018-12-31",
        "2018年上半年": "2018-01-01..2018-06-30",
        "13月": None,
        "2019-06": None,
        "": None,
    }
    assert {words: said_span(words, today) for words in meant} == meant
    out = house.folder / "a.html"
    house.done("report", "monthly", "--period", "6月", "-o", str(out), lang="zh")
    assert "2019年6月" in out.read_text("utf-8")
    house.refused(2, "report", "monthly", "--period", "第二季度", "-o", str(out), "--replace")
