"""What a campaign declares and what it counts: scope, cut-off, the day, groups and rates.

Pure; which cases are in it is asked by `operations.zero`. `forecasting` says how many will still be open on the day.
"""

__all__ = ["campaign", "campaign_days", "campaign_file", "forecast_declared", "forecasting", "measures", "stated_scope"]
