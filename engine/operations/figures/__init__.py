"""Figures of a period and of a unit, counted from the register.

Counts only; how a report says them is for `documents.reports`.
"""

__all__ = ["figure_values", "filed_returns", "listed_cases", "measured", "period", "prefilling", "report_figures"]
