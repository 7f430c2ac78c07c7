"""The house itself: its units, its officers and their roles."""

from desk.answers import Answer, PageShown
from desk.visit import Visit
from engine.operations.house.directory import officers, roles_given, units
from engine.rules.reading_rights import Deed


def house_page(visit: Visit) -> Answer:
    """Show units and officers."""
    with visit.viewing(Deed.HOUSE) as view:
        view.shown()
    ledger = visit.ledger
    titles, given = ledger.workflows.roles(), roles_given(ledger)
    people = [
        {
            "code": each.code,
            "name": each.name,
            "has_left": each.left_at is not None,
            "roles": [
                (str(titles.get(role, role)), ledger.naming.unit_name(unit) if unit else "")
                for role, unit in given.get(each.code, ())
            ],
        }
        for each in officers(ledger)
    ]
    houses = [{"code": each.code, "name": each.name, "is_closed": each.closed_at is not None} for each in units(ledger)]
    return PageShown(template="house.html", values={"officers": people, "units": houses})
