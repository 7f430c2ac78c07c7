"""The pages of the desk, a module for each kind; each asks the ledger for what it shows and does nothing else."""

__all__ = [
    "agendas",
    "bulk_steps",
    "case_lists",
    "cases",
    "checklists",
    "clearing",
    "deadline_terms",
    "due_calendar",
    "entrance",
    "house",
    "house_affairs",
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
