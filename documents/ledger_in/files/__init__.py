"""What runs in the reader's own process: a file that may be hostile becomes plain cells, within limits.

`reader` is the program, `frames` what it says, `limits` what it may use; the rest reads one kind of file each. It
imports no more of the house than this room: the sentences are the parent's, who is `documents.ledger_in.workbook`.
"""

__all__ = ["found", "frames", "limits", "reader"]
