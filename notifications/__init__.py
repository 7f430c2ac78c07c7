"""Rows of the outbox become messages become deliveries: mail, robots, files.

Knows no case, no database and no rule: `dispatch` says what it needs of an outbox and is given one.
Templates stand in `templates/`, one folder per kind and language.
"""

__all__ = ["channels", "dispatch", "mailing", "messages", "render", "settings", "trials"]
