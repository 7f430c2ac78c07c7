"""`qingling zero`: whether a campaign is cleared to zero, and which leads are not.

`command` parses and calls, `printed` says the verdict, `ledger` writes the files that go with it.
"""

from commands.zero.command import zero

__all__ = ["zero"]
