"""The campaigns that a command may be asked about."""

from typing import TYPE_CHECKING

from commands.console.context import AppContext

if TYPE_CHECKING:
    from workflows.campaigns_found import Campaigns


def campaigns_of(app: AppContext) -> "Campaigns":
    """Return the shipped campaigns and the house's own, which lie in a folder `campaigns` of its workflows."""
    from commands.console.context import workflows_folder
    from engine.operations.house.directory import units
    from workflows.campaigns_found import Campaigns

    own = workflows_folder(app.database)
    return Campaigns(
        [own / "campaigns"] if own else [],
        workflow=app.declarations.latest,
        units=lambda: {each.code for each in units(app.ledger)},
    )
