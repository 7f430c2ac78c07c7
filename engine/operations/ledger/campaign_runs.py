"""When the campaigns run by whose days cases open, as the ledger has adopted them."""

from collections.abc import Iterable
from datetime import date

from engine.operations.ledger.ledger import Ledger
from engine.workflow.recurring_cases import CampaignRun, Recurrence


def runs_of(ledger: Ledger, every: Iterable[Recurrence], day: date) -> dict[str, tuple[CampaignRun, ...]]:
    """Return when each campaign that recurrences name runs, around a local date: that year, the one before and after.

    A campaign that the ledger has not adopted runs never.
    """
    named = sorted({each.campaign for each in every if each.campaign is not None})
    if not named:
        return {}
    from engine.campaigns.campaign_days import runs_in

    sources = ((name, ledger.workflows.campaign(name)) for name in named)
    years = range(day.year - 1, day.year + 2)
    return {name: runs_in(source, years) for name, source in sources if source is not None}
