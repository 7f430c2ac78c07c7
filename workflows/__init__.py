"""The shipped declarations: workflows, lists, campaigns; and where they are found.

No logic of the subject: what is declared here is read and judged by `engine`.
"""

__all__ = ["adopted_book", "book", "campaigns_found", "first_file", "loader"]
