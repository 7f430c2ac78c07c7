"""The record of all that happened: canonical JSON, typed events, hash chains, replay, and seals.

Pure: rows come from `store`, and are written by it in the commit of the change that they record.
"""

__all__ = ["canonical", "case_events", "chain", "event", "events", "house_events", "ledger_row", "replay", "sealing"]
