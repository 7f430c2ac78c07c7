"""Is a declaration sound? Every problem at once, with file, line, culprit and rule.

`check` is the door; each other module holds the rules of one part. Pure.
"""

__all__ = ["check"]
