"""`qingling calendar`: what the calendar says, and what keepers add to it.

`command` is the group and what it says of days; `house` holds the verbs that change the ledger.
"""

from commands.calendar.house import calendar

__all__ = ["calendar", "command"]
