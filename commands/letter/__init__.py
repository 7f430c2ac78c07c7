"""`qingling letter`: letters with their numbers, as Word and PDF.

`command` parses and calls, `printing` writes the files, `wording` holds the sentences.
"""

from commands.letter.command import letter

__all__ = ["letter"]
