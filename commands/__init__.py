"""The commands of the house: one file or room per noun; each parses, calls one operation, prints.

No rule lives here and no row is read here: what a command needs to know it asks of an operation. The
plumbing that all of them share stands in `console`; what is printed of a case, a deadline or a workflow in
`presentation`; what several of them need besides in `shared`. Commands do not import each other; `cli.py` loads
only the one that is asked for.
"""

__all__ = ["console"]
