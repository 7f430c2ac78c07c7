"""What is printed of a case, a deadline and a workflow, for a person or as JSON.

Shared by the commands; turns values of operations into lines and never asks for more of them.
"""

__all__ = ["case_view", "deadline_view", "workflow_view"]
