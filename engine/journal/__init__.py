"""The record of all that happened: canonical JSON, typed events, hash chains, the tree over them, replay, and seals.

Pure: rows come from `store`, and are written by it in the commit of the change that they record.
"""

__all__ = [
    "break_verdicts",
    "canonical",
    "case_events",
    "chain",
    "checkpoint",
    "event",
    "events",
    "house_events",
    "journaled_deadline",
    "house_head",
    "house_history",
    "kept",
    "ledger_row",
    "note_keys",
    "replay",
    "sealing",
    "tree",
]
