"""What several commands need and no other room has: parameters, the custodian's key, contacts, sending messages.

Above `presentation` and below every command, so that commands need not import each other.
"""

__all__ = [
    "asked_signer",
    "contact",
    "custody",
    "declared",
    "delivery",
    "handing_out",
    "house_lists",
    "insisting",
    "journal_notes",
    "letter_folders",
    "many_cases",
    "mining",
    "outages",
    "parameters",
    "passphrases",
    "reading",
    "rule_files",
    "secrets_given",
    "serving",
    "watching",
]
