"""`qingling import`: a spreadsheet becomes cases, as a dry run first.

`command` parses and calls, `deciding` asks about columns, `report` prints what was understood of the sheet;
`memory` lists and forgets what was decided.
"""

from commands.imports.command import import_
from commands.imports.memory import headings

__all__ = ["headings", "import_"]
