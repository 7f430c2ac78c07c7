"""The pages of the desk, a module for each kind; each asks the ledger for what it shows and does nothing else."""

__all__ = ["case_lists", "cases", "clearing", "entrance", "house", "paperwork", "registering", "remarks", "tasks"]
