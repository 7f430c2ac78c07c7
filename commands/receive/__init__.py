"""`qingling receive`: one case or many are registered, from options, from JSON or by asking.

`command` parses and calls, `questions` asks at the terminal for what is missing.
"""

from commands.receive.command import receive

__all__ = ["receive"]
