"""What several commands need and no other room has: parameters, the custodian's key, contacts, sending messages.

Above `presentation` and below every command, so that commands need not import each other.
"""

__all__ = [
    "asked_signer",
    "confirming",
    "custody",
    "declared",
    "delivery",
    "desk_tools",
    "drafted_file",
    "examining",
    "findings",
    "handing_out",
    "house_checks",
    "house_lists",
    "insisting",
    "journal_notes",
    "letter_files",
    "machine_checks",
    "many_cases",
    "outages",
    "parameters",
    "reading",
    "restoring",
    "rule_files",
    "secrets_given",
    "serving",
    "time_checks",
    "watching",
]
