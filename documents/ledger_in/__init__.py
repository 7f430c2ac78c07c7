"""A spreadsheet that somebody kept becomes rows that can be cases.

`workbook` and `csv_sheet` read files, `tables` and `headings` find what is a ledger in them, `values` and
`dates` read the cells, `intake` is the whole way. It registers nothing: an operation does, from its rows.
"""

__all__ = ["columns", "intake", "list_sheets", "marked_copy", "rows", "sheet_model"]
