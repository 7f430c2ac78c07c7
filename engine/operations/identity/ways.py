"""The ways in which an officer can be known, as credentials name them."""

from typing import Final

PASSWORD: Final = "password"  # noqa: S105 - the name of a way, no secret
ACCOUNT: Final = "os-account"
KEY: Final = "key"
PASSKEY: Final = "passkey"
SIGN_ON: Final = "sign-on"
SIGNING_KEYS: Final = frozenset({KEY, PASSKEY})
"""Those that sign rows."""
