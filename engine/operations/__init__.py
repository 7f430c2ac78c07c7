"""The verbs, one room per noun: each reads one snapshot, lets rules decide, writes in one commit.

From below: `ledger` (the open ledger and who keeps it), `identity` (how it is known who acts), `house` and `outbox`,
`zero`, `figures`, `cases`, then `deadlines` and `imports`, then `letters` and `returns`. Nothing
here parses words or prints.
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
    "outbox",
    "returns",
    "zero",
]
