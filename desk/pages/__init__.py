"""The pages of the desk, a module for each kind; each asks the ledger for what it shows and does nothing else."""

__all__ = [
    "bulk_steps",
    "case_lists",
    "cases",
    "clearing",
    "deadline_terms",
    "entrance",
    "house",
    "imports",
    "issuing",
    "own_keys",
    "paperwork",
    "registering",
    "remarks",
    "returns",
    "statements",
    "tasks",
]
