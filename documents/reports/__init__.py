"""Reports as Word, HTML, spreadsheet and plain text, from the figures an operation made.

`paper` says what a report holds, the other modules how it looks. Nothing is counted here.
"""

__all__ = ["docx", "lists", "measured", "official_page", "page", "paper", "plain", "ranking", "report_xlsx", "section"]
