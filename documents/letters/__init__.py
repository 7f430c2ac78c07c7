"""Letters and forms as Word files: a kind, a template, its values, the paper that comes of them.

`kinds.yaml` declares the kinds. A letter's number is given by an operation, never here.
"""

__all__ = ["draft", "fill", "kinds", "pdf", "persons"]
