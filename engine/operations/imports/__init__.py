"""Rows of a spreadsheet become cases, and edited exports come back as corrections.

Given rows that `documents.ledger_in` understood; reads no file.
"""

__all__ = ["file_label", "remembered_headings", "row", "same_leads", "take_in", "transaction"]
