"""What is asked of the operating system: whole files, secrets that leave no trace, and which program this is.

No database and no rule lives here; files of one kind are read and written by the room of that kind.
"""

__all__ = ["program", "secrecy", "whole_files"]
