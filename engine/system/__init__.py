"""What is asked of the operating system: files that are whole or not there, secrets that leave no trace in a process.

No database and no rule lives here; files of one kind are read and written by the room of that kind.
"""

__all__ = ["secrecy", "whole_files"]
