"""The campaigns that a command may be asked about."""

from typing import TYPE_CHECKING

from commands.console.context import AppContext

if TYPE_CHECKING:
    from workflows.campaigns_found import Campaigns


def campaigns_of(app: AppContext) -> "Campaigns":
    """Return the campaigns that the ledger has adopted."""
    from engine.operations.house.directory import units
    from workflows.campaigns_found import AdoptedCampaigns

    return AdoptedCampaigns(
        app.adopted,
        workflow=app.declarations.latest,
        units=lambda: {each.code for each in units(app.ledger)},
    )
