"""Cases, rules, dates and storage; knows no workflow by name, no channel and no file format.

From the ground up: `language`, `errors` and `secrecy`; `whole_files` and `workflow` (what is declared); `expressions`
and `working_days`; `reading`, `validation` and `deadlines`; `rules`; `journal`, `campaigns` and `forecasting`; `store`;
`operations`.
Everything below `store` is pure: no clock, no database, no files but shipped data.
"""

__all__ = [
    "campaigns",
    "deadlines",
    "errors",
    "expressions",
    "forecasting",
    "journal",
    "language",
    "operations",
    "proving",
    "reading",
    "replaying",
    "rules",
    "scheduler",
    "secrecy",
    "store",
    "validation",
    "whole_files",
    "workflow",
    "working_days",
]
