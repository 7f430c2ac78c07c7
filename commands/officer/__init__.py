"""`qingling officer`: who works in the house, with which roles, and how each is reached.

`command` parses and calls, `contact_checks` refuses what could never reach anybody.
"""

from commands.officer.command import officer

__all__ = ["officer"]
