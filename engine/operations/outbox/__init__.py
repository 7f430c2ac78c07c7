"""The outbox: messages that commits promised, until a channel has taken them or they are given up.

What the messages say is written by the rooms that promise them; sending them is the business of `notifications`.
"""

__all__ = ["changes", "promises", "undelivered"]
