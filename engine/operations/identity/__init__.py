"""How it is known who acts: what officers are known by, logging in and out, and whether rows show what was demanded."""

__all__ = ["credentials", "judging", "logging_in", "passwords", "showing", "ways"]
