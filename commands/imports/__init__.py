"""`qingling import`: a spreadsheet becomes cases, as a dry run first.

`command` parses and calls, `report` prints what was understood of the sheet.
"""

from commands.imports.command import import_

__all__ = ["import_"]
