"""The record of all that happened: canonical JSON, typed events, hash chains, the tree over them, replay, and seals.

Pure: rows come from `store`, and are written by it in the commit of the change that they record.
"""

__all__ = [
    "canonical",
    "case_events",
    "chain",
    "checkpoint",
    "event",
    "events",
    "house_events",
    "ledger_row",
    "note_keys",
    "replay",
    "sealing",
    "signing",
    "tree",
]
