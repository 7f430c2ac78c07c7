"""The record of all that happened: canonical JSON, typed events, hash chains, the tree over them, replay, and seals.

Pure: rows come from `store`, and are written by it in the commit of the change that they record.
"""

__all__ = [
    "assertions",
    "baseline_file",
    "break_verdicts",
    "canonical",
    "case_events",
    "chain",
    "checkpoint",
    "event",
    "events",
    "house_events",
    "house_head",
    "house_history",
    "journaled_deadline",
    "kept",
    "ledger_row",
    "migration_events",
    "note_keys",
    "reading_events",
    "receipt_events",
    "replay",
    "replayed_house",
    "sealing",
    "signature_events",
    "signing",
    "tree",
]
