"""What commands print of a workflow, a backup, a chore and many cases at once, for a person or as JSON.

Shared by the commands; turns values of operations into lines and never asks for more of them.
"""

__all__ = [
    "backup_view",
    "campaigns",
    "changes_printed",
    "chores_view",
    "mining_view",
    "proof_view",
    "replay_view",
    "verdicts",
    "workflow_view",
]
