"""What is printed of a case, a deadline, a workflow, a backup and a chore, for a person or as JSON.

Shared by the commands; turns values of operations into lines and never asks for more of them.
"""

__all__ = [
    "access_view",
    "backup_view",
    "campaigns",
    "case_deadlines",
    "case_file_view",
    "case_view",
    "chores_view",
    "deadline_view",
    "explanation_view",
    "proof_view",
    "question_view",
    "signature_view",
    "text_changes",
    "twin_view",
    "verdicts",
    "workflow_view",
    "zero_section",
]
