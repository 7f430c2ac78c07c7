"""Rows: one file or server, one transaction at a time, tables and their migrations, backups.

`connection` opens and commits, a module per noun reads and writes. No rule is decided here, and only
operations may come in.
"""

__all__ = [
    "backup",
    "cases",
    "chains",
    "clocks",
    "connection",
    "database",
    "days",
    "figures",
    "house",
    "outbox",
    "restore",
    "schema",
    "zero",
]
