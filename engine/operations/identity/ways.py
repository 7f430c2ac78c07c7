"""The ways in which an officer can be known, as credentials name them."""

from typing import Final

PASSWORD: Final = "password"  # noqa: S105 - the name of a way, no secret
ACCOUNT: Final = "os-account"
KEY: Final = "key"
PASSKEY: Final = "passkey"
SIGN_ON: Final = "sign-on"
SIGNING_KEYS: Final = frozenset({KEY, PASSKEY})
"""Those that sign rows."""
READS: Final = "token-read"
WRITES: Final = "token-write"
FEED: Final = "feed"
TOKENS: Final = (READS, WRITES, FEED)
"""What a secret is for that a program holds: reading, reading and writing, the calendar of one's own days."""
