"""Rows: one file or server, one transaction at a time, tables and their migrations, backups.

`tables` describes each column once. Whatever reads, and the writes of daily commands, of bulk, import, sweep
and verifying, use the named tuples of `*_columns`, which `tools.store_columns` derives from it, so that these
commands load no SQLAlchemy. The rare writes (units and their own days, officers, grants, files of a case, how a
message went) put the classes of `tables` into a `session` on the same connection, within the same `begin`.
`connection` opens and commits; the `*_rows` read and write, noun by noun. No rule is decided here, and only
operations may come in.
"""

__all__ = [
    "access_rows",
    "adopted_rows",
    "backup",
    "case_columns",
    "case_rows",
    "chain_columns",
    "chain_rows",
    "change_rows",
    "clock_columns",
    "clock_rows",
    "condition_rows",
    "connection",
    "database",
    "day_rows",
    "digest_rows",
    "draft_rows",
    "due_rows",
    "encrypted",
    "figure_rows",
    "forecast_rows",
    "history_rows",
    "house_columns",
    "house_rows",
    "identity_columns",
    "identity_rows",
    "login_roles",
    "named_rows",
    "narrowed",
    "number_rows",
    "occurrence_rows",
    "outbox_columns",
    "outbox_rows",
    "past_columns",
    "planner_statistics",
    "question_rows",
    "restore",
    "schema",
    "scrubbing",
    "sealed_rows",
    "search_rows",
    "search_words",
    "shape_rows",
    "signature_rows",
    "stray_rows",
    "tree_columns",
    "tree_rows",
    "twin_rows",
    "unchanged_rows",
    "unique_rows",
    "waiting_rows",
    "zero_history",
    "zero_rows",
]
