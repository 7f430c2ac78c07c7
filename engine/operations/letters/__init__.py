"""Letters issued: their numbers, who may, what the step will ask for, and which are still awaited.

Knows no Word file: `documents.letters` makes the paper from what is given here.
"""

__all__ = ["awaited", "issue"]
