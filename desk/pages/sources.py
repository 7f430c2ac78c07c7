"""What the codes behind a rule's basis stand for."""

from desk.answers import Answer, PageShown
from desk.pages.house import tabs
from desk.visit import Visit
from engine.language import Text
from presentation.basis_sources import SOURCES, kind_of


def sources_page(visit: Visit) -> Answer:
    """Show every code with its source; it stands in the program, and nothing of the ledger is shown."""
    groups: dict[Text, list[tuple[str, Text]]] = {}
    for code, title in SOURCES.items():
        groups.setdefault(kind_of(code), []).append((code, title))
    return PageShown(template="sources.html", values={"tabs": tabs(visit), "groups": list(groups.items())})
