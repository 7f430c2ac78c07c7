"""Rows: one file or server, one transaction at a time, tables and their migrations, backups.

`connection` opens and commits, a module per noun reads and writes. No rule is decided here, and only
operations may come in.
"""

__all__ = [
    "backup",
    "case_rows",
    "chain_rows",
    "clock_rows",
    "connection",
    "database",
    "day_rows",
    "figure_rows",
    "house_rows",
    "outbox_rows",
    "restore",
    "schema",
    "zero_rows",
]
