"""Rows of identity_rows as named tuples: names, types and order are those of the classes in `tables`.

Written by `python -m tools.store_columns`; change the classes, or what is listed there, and not this file.
Instants are microseconds since 1970 UTC, dates that end in `_on` are local dates.
"""

from typing import NamedTuple


class CredentialRecord(NamedTuple):
    """What an officer is known by."""

    seq: int
    """The row of the house's chain that tells of it."""
    officer: str
    """The officer's code."""
    way: str
    """password, os-account, key, token-read, token-write or feed."""
    kept: str
    """The Argon2id hash, the name of the account, or the public key as base64."""
    ended_at: int | None


class LogInRecord(NamedTuple):
    """A log-in."""

    seq: int
    """The row of the house's chain that tells of it."""
    officer: str
    """The officer's code."""
    credential: int
    token: str
    """SHA-256 of what the officer's machine holds, as hexadecimal."""
    seen_at: int
    """When it was last used, give or take some minutes."""
    until: int
    """When it ends by itself at the latest."""
    ended_at: int | None


class FailureRecord(NamedTuple):
    """How often a password was wrong."""

    officer: str
    """What was given as the officer's code."""
    source: str
    failures: int
    last_at: int


class SignatureRecord(NamedTuple):
    """A signature over a journal row."""

    case_id: int
    seq: int
    signature: str
    """Base64 of the 64 bytes of Ed25519."""
