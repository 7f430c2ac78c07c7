"""What is done with one case or many: receive, advance, amend, void, attach, seal, and reading them.

Every change goes through `commit`: case, journal, deadlines and messages in one transaction.
"""

__all__ = [
    "amending",
    "attachments",
    "batch_errors",
    "bulk",
    "cancelling",
    "checks",
    "commit",
    "exporting",
    "journal_body",
    "opening",
    "reading",
    "sealing",
    "uniqueness",
    "unlinking",
    "verbs",
]
