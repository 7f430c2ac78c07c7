"""A report as one html file: its drawings and its looks are inside, and it asks nothing of any network.

What it says is left to `paper`, where the bars stand to `charts`.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from documents.checkpoint_marks import svg_of
from documents.reports.charts import age_bars, due_weeks, flow_columns, punctual_bars, standing_bars
from documents.reports.paper import Report
from documents.reports.section import ReportTable
from documents.reports.wording import STANDING_TITLES
from engine.language import language, t
from engine.operations.figures.figure_values import PeriodGroup

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES: Final = Path(__file__).with_name("templates")


def html_of(paper: Report) -> str:
    """Return the report as html, in the language in use."""
    page = (
        _drawn()
        .get_template("report.html")
        .render(
            **_charts(paper),
            paper=paper,
            lang="zh-CN" if language() == "zh" else "en",
            numeric=is_numeric,
            how=t("How it was counted", "统计口径"),
            day_by_day=t("day by day", "逐日列表"),
            checkpoint=svg_of(paper.checkpoint) if paper.checkpoint else "",
        )
    )
    return page.lstrip().replace(" %", "\u00a0%")  # a share is never parted from its sign


def charts_of(paper: Report) -> Mapping[str, str]:
    """Return the drawings of a report by the name of their section, as html without any looks; none where none is."""
    template, values = _drawn().get_template("section_charts.html"), _charts(paper)
    drawn = {each.name: template.render(each=each, **values).strip() for each in paper.sections}
    return {name: drawing for name, drawing in drawn.items() if drawing}


def _drawn() -> "Environment":
    """Return what fills the templates in."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        keep_trailing_newline=True,
    )


def _charts(paper: Report) -> Mapping[str, object]:
    """Return what the drawings are made of."""
    figures = paper.figures
    return {
        "standing_legend": [(each.value, str(STANDING_TITLES[each])) for each in PeriodGroup],
        "flow_legend": _flow_legend(paper),
        "standing_bars": standing_bars(figures),
        "flow_columns": flow_columns(figures),
        "age_bars": age_bars(figures),
        "punctual_bars": punctual_bars(figures, paper.places),
        "due_weeks": due_weeks(figures),
        "weekdays": t("Mon Tue Wed Thu Fri Sat Sun", "一 二 三 四 五 六 日").split(),
    }


def _flow_legend(paper: Report) -> list[tuple[str, str]]:
    """Return what the standing bars mean."""
    found = [("entered", t("registered", "登记")), ("cleared", t("cleared", "办结"))]
    if not all(each.span.inside for each in paper.figures.weeks):
        found.append(("entered pale", t("paler: before the period, to compare with", "浅色：本期之前，供对照")))
    return found


def write_html(paper: Report, file: Path) -> None:
    """Write the report into *file*."""
    file.write_text(html_of(paper), encoding="utf-8")


def is_numeric(table: ReportTable, place: int) -> bool:
    """Say whether a column holds figures or shares; the first one names the row."""
    cells = [row[place] for row in table.rows]
    return place > 0 and all(isinstance(each, int) or each.endswith("%") or each == "—" for each in cells)
