"""Expressions in declarations: grammar, evaluation, and the sandbox they run in.

`evaluate` is the door; `sandbox` is loaded only when an expression is really run. Never `eval`.
"""

__all__ = ["evaluate"]
