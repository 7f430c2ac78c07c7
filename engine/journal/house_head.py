"""Where the house's own chain ends: kept beside it, and committed to by the rows of all other chains."""

from typing import Final

HOUSE_HEAD: Final = "house_head"
"""Under which name the settings keep number and hash of the newest row of the house's chain."""

SHORT: Final = 16
"""Digits of that hash by which the row of a case names it: enough that nobody finds a second row for them."""
