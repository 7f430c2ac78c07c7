"""Figures of a period and of a unit, counted from the register.

Counts only; how a report says them is for `documents.reports`.
"""

__all__ = [
    "field_splits",
    "figure_values",
    "filed_returns",
    "judged_sums",
    "listed_cases",
    "measured",
    "period",
    "period_sums",
    "prefilling",
    "report_figures",
    "settled",
]
