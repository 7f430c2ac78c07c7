"""A spreadsheet that somebody kept becomes rows that can be cases.

`workbook` and `csv_sheet` read files, `layout` and `tables` find what is a ledger in them, `values` and
`dates` read the cells, `intake` is the whole way. It registers nothing: an operation does, from its rows.
"""

__all__ = [
    "columns",
    "constants",
    "deadlines",
    "intake",
    "layout",
    "list_sheets",
    "marked_copy",
    "number_letters",
    "originals",
    "registered_names",
    "rows",
    "sheet_model",
    "two_in_one",
]
