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
    "file_gathering",
    "free_text",
    "handing_over",
    "journal_body",
    "key_change",
    "letter_values",
    "lookup",
    "many",
    "open_questions",
    "opening",
    "preparing",
    "restricting",
    "retention",
    "sealed_values",
    "stepping",
    "succession",
    "twins",
    "uniqueness",
    "unlinking",
    "value_checks",
]
