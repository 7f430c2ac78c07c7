"""The open ledger, who acts in it and when, who keeps it, and the days its units work.

The lowest room of the operations: it imports none of the others.
"""

__all__ = [
    "access",
    "acting",
    "administrators",
    "adopted",
    "campaign_runs",
    "changed_cases",
    "demands",
    "evidence",
    "free_text",
    "gc_tuning",
    "hand_clock",
    "kept_declarations",
    "ledger",
    "ledger_naming",
    "location",
    "machine_clock",
    "need_to_know",
    "older_versions",
    "overtaken",
    "reasons",
    "sealed_once",
    "undoing",
    "unit_calendars",
]
