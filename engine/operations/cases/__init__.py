"""What is done with one case or many: receive, advance, amend, void, attach, seal, and reading them.

Every change goes through `commit`: case, journal, deadlines and messages in one transaction.
"""

__all__ = [
    "amending",
    "attachments",
    "batch_errors",
    "bulk",
    "cancelling",
    "casework",
    "commit",
    "exporting",
    "journal_body",
    "letter_values",
    "lookup",
    "opening",
    "sealed_values",
    "uniqueness",
    "unlinking",
    "value_checks",
]
