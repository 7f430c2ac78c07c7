"""`qingling demo`: some months of 2019, played by the commands themselves in a new folder.

`story.yaml` says what happens and `story` reads it; `player` plays a scene, `command` begins and ends it.
`chinese` turns
a command into the words of a clerk who reads only Chinese.
"""

from commands.demo.command import demo

__all__ = ["demo"]
