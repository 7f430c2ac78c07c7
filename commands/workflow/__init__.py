"""`qingling workflow`: declarations, and the cases that go by their versions.

`command` is the group and what it says of declarations; `versions` holds the verbs about versions: how they differ,
which cases go by which, and the move of running cases to another.
"""

from commands.workflow.versions import group

__all__ = ["group"]
