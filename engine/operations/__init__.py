"""The verbs, one room per noun: each reads one snapshot, lets rules decide, writes in one commit.

From below: `ledger` (the open ledger and who keeps it), `identity` (how it is known who acts), `house` and `outbox`,
`zero`, `figures`, `cases`, then `deadlines`, `imports` and `migrating`, then `letters` and `returns`. Nothing here
parses words or prints.
"""

__all__ = [
    "cases",
    "deadlines",
    "figures",
    "house",
    "identity",
    "imports",
    "ledger",
    "letters",
    "migrating",
    "outbox",
    "returns",
    "zero",
]
