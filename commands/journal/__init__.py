"""`qingling journal`: what happened, whether it still stands there, and the proof of it for others.

`command` is the group and what it reads; `proofs` holds checkpoints, proofs and the witness.
"""

from commands.journal.proofs import journal

__all__ = ["journal"]
