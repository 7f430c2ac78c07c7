"""Cases, rules, dates and storage; knows no workflow by name, no channel and no file format.

From the ground up: `language` and `errors`; `system` (the operating system) and `workflow` (what is declared);
`expressions` and `working_days`; `reading`, `validation`, `deadlines` and `journal`; `rules`; `campaigns`, `proving`
and `replaying`; `store`; `operations`.
Everything below `store` but `system` is pure: no clock, no database, no files but shipped data.
"""

__all__ = [
    "campaigns",
    "deadlines",
    "errors",
    "expressions",
    "journal",
    "language",
    "operations",
    "proving",
    "reading",
    "replaying",
    "rules",
    "scheduler",
    "store",
    "system",
    "validation",
    "workflow",
    "working_days",
]
