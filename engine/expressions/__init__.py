"""Expressions in declarations: grammar, evaluation, and the sandbox they run in.

`evaluate` is the door; `sandbox` is loaded only when an expression is really run. Never `eval`. `templates` is the
sandbox of messages and letters, which may say more, and is bounded in what it makes.
"""

__all__ = ["evaluate", "templates"]
