"""`qingling run`: the watch that sweeps, sends, opens returns and backs up.

`command` holds the chores, `outages` says which of them fail at present.
"""

from commands.run.command import run

__all__ = ["run"]
