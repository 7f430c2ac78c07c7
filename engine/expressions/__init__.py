"""Expressions in declarations: grammar, evaluation, and the sandbox they run in.

`evaluate` is the door; `sandbox` is loaded only when an expression is really run. Never `eval`. `templates` is the
sandbox of messages and letters, which may say more, and is bounded in what it makes;
`atoms` takes an expression apart for those who ask it of all cases at once; `in_sql` says in SQL which rows it may
hold for.
"""

__all__ = ["atoms", "evaluate", "in_sql", "templates"]
