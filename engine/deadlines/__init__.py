"""Terms of one case: their budget, pauses and extensions, their ladder, and how they come back.

Pure arithmetic over a calendar that is given; what is due *now* is found by `operations.deadlines`.
"""

__all__ = [
    "acts",
    "carried",
    "change",
    "clock",
    "ladder",
    "lateness",
    "phrases",
    "recurrence",
    "remaining",
    "timetable",
]
