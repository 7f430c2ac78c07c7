"""Cases become a spreadsheet: which columns, in which order, how they look.

`formats` reads what is declared (`shipped/` and the user's), `rows` makes the cells, `ledger_xlsx` writes the file.
"""

__all__ = ["called_formats", "demo_ledger", "formats", "ledger_xlsx", "write"]
