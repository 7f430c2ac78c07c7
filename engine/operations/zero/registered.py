"""What the register holds that a ledger from outside is compared with."""

from engine.campaigns.campaign import Campaign
from engine.operations.ledger.ledger import Ledger
from engine.store import past_columns, zero_rows

RegisteredCase = past_columns.RegisteredCase


def cases_in_scope(ledger: Ledger, campaign: Campaign) -> list[RegisteredCase]:
    """Return each case that the scope of a campaign holds now, by id."""
    return zero_rows.numbers_in_scope(ledger.store, campaign)


def cases_that_count(ledger: Ledger, workflow: str) -> list[RegisteredCase]:
    """Return each case of a workflow that counts, in a scope or not, by id."""
    return zero_rows.register_of(ledger.store, workflow)
