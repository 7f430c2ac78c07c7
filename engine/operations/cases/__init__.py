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
    "deciding",
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
    "receipts",
    "restricting",
    "retention",
    "sealed_values",
    "signature_messages",
    "signatures",
    "signed_steps",
    "succession",
    "twins",
    "uniqueness",
    "unlinking",
    "value_checks",
]
