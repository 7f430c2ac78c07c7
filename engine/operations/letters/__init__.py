"""Letters: what one may show of a case (`gather`), its number and its place in the journal (`issue`), what is awaited.

Knows no Word file: `documents.letters` makes one from what is gathered here.
"""

__all__ = ["awaited", "gather", "issue"]
