"""`qingling demo`: some months of 2019, played by the commands themselves in a new folder.

`story` is what happens, `command` plays it.
"""

from commands.demo.command import demo

__all__ = ["demo"]
