"""Figures of a period and of a unit, counted from the register.

Counts only; how a report says them is for `documents.reports`.
"""

__all__ = ["figures", "period", "prefilling", "returns", "values"]
