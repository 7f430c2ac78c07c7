"""Reports as Word, HTML, spreadsheet and plain text, from the figures an operation made.

`paper` says what a report holds, the other modules how it looks. Nothing is counted here.
"""

__all__ = [
    "assessment",
    "docx",
    "lists",
    "official_page",
    "page",
    "paper",
    "plain",
    "points",
    "ranking",
    "report_xlsx",
    "section",
]
