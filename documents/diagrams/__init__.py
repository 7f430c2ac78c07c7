"""A workflow as a picture: states, steps and children.

Knows no case and no ledger; it draws what is declared.
"""

__all__ = ["diagram", "wording"]
