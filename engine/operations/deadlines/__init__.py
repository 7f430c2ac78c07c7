"""Deadlines at work: listed, explained, extended, paused; the sweep, and who may run it.

`sweep` finds what has come due and promises each reminder once; sending is not its business.
"""

__all__ = [
    "due_days",
    "extending",
    "on_paper",
    "recipients",
    "reprojecting",
    "scheduler_lease",
    "standings",
    "sweep",
    "timing",
    "today",
    "unheard",
    "urgency",
    "withdrawing",
]
