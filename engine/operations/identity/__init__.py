"""How it is known who acts: what officers are known by, logging in and out, and whether rows show what was demanded."""

__all__ = [
    "credentials",
    "judged_proofs",
    "logging_in",
    "passkeys",
    "passphrases",
    "passwords",
    "showing",
    "tokens",
    "ways",
]
