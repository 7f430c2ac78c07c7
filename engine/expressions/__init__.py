"""Expressions in declarations: grammar, evaluation, and the sandbox they run in.

`evaluate` is the door; `sandbox` is loaded only when an expression is really run. Never `eval`. `templates` is the
sandbox of messages and letters, which may say more, and is bounded in what it makes;
`atoms` takes an expression apart for those who ask it of all cases at once.
"""

__all__ = ["atoms", "evaluate", "templates"]
