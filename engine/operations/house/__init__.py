"""The house itself: units, officers, roles, lists, its own days off, and whether its record is whole."""

__all__ = [
    "adopting",
    "baseline",
    "checkpoints",
    "contacts",
    "copying",
    "database_roles",
    "directory",
    "enrolling",
    "installation",
    "own_days",
    "registration",
    "safekeeping",
    "unit_types",
    "verifying",
    "witnessing",
]
