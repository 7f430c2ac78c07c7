"""What stands around every page: who is here, where one can go, and that a rehearsal is one."""

from collections.abc import Iterator, Mapping
from typing import Final

from desk.guard import form_token
from desk.pages.returns import has_returns
from desk.visit import PageRequest, Visit
from engine.language import Text
from engine.operations.ledger.hand_clock import mark_of
from engine.operations.ledger.ledger import Ledger
from engine.rules.reading_rights import Deed
from engine.workflow.page_shapes import agenda_of, checklist_steps

_WITHIN: Final = {
    **dict.fromkeys(("officer", "unit", "proofs", "texts", "days", "outbox", "doctor"), "house"),
    **dict.fromkeys(("journal", "verified", "checkpoints", "access", "sources", "codes"), "house"),
    **dict.fromkeys(("zero", "statements"), "campaigns"),
    **dict.fromkeys(("report", "made"), "reports"),
    "agenda": "agendas",
    "card": "checklists",
}
"""Below which page of the top bar another stands, so that it is seen where one is."""


def framed(asked: PageRequest, ledger: Ledger, visit: Visit | None) -> Mapping[str, object]:
    """Return the values that every page shows.

    Args:
        visit: Who is here; None where nobody is known yet.
    """
    return {
        "mark": mark_of(ledger),
        "house": str(ledger.settings.get("name") or ""),
        "here": asked.route,
        "within": _WITHIN.get(asked.route, asked.route),
        "address": asked.address,
        "token": form_token(asked.held),
        "who": None if visit is None else ledger.naming.person(visit.officer).name,
        "ways": [] if visit is None else _ways(visit),
    }


def _ways(visit: Visit) -> list[tuple[str, Text, str]]:
    """Return where the officer can go: name of the page, what it is called, and its address."""
    ways = list(visit.kept(("ways",), lambda: tuple(_for_everybody(visit))))
    if visit.may(Deed.ZERO):
        ways.append(("campaigns", Text("Clear to zero", "清零"), "/zero"))
    if visit.may(Deed.REPORT):
        ways.append(("reports", Text("Reports", "报告台账"), "/reports"))
    return [*ways, ("house", Text("Units and officers", "单位和人员"), "/house")]


def _for_everybody(visit: Visit) -> Iterator[tuple[str, Text, str]]:
    """Yield where every officer can go, as what is declared has it."""
    names, latest = visit.ledger.workflows.names(), visit.ledger.workflows.latest
    first = max(names, key=lambda each: len(latest(each).transitions), default="")  # the one with most to it
    yield "today", Text("My tasks", "我的待办"), "/"
    yield "list", Text("All cases", "事项列表"), f"/list/{first}"
    yield "calendar", Text("What falls due", "期限日历"), "/calendar"
    declared = [latest(each) for each in names]
    agendas = [each.title for each in declared if agenda_of(each)]
    if agendas:
        yield "agendas", agendas[0] if len(agendas) == 1 else Text("Meetings", "会议"), "/agendas"
    if any(map(checklist_steps, declared)):
        yield "checklists", Text("Checklists", "检查清单"), "/checklists"
    if has_returns(visit):
        yield "returns", Text("Returns", "报送报表"), "/returns"
