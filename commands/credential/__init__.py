"""`qingling credential`: what officers are known by, and what is demanded of them."""

from commands.credential.command import credential

__all__ = ["credential"]
