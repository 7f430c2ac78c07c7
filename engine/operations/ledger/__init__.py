"""The open ledger that every operation is given, who keeps it, and the days its units work.

The lowest room of the operations: it imports none of the others.
"""

__all__ = ["administrators", "gc_tuning", "ledger"]
