"""What texts that a ledger has adopted are called, so that nobody has to read the names of their files."""

from collections.abc import Mapping
from json import loads

from engine.language import Text, plain_text
from engine.operations.ledger.adopted import AdoptedTexts
from engine.operations.ledger.ledger import Ledger
from engine.workflow.texts import TextKind

_TITLED_BY: Mapping[TextKind, TextKind] = {TextKind.TEMPLATE: TextKind.LETTER, TextKind.ADDITION: TextKind.LIST}
"""Kinds of texts that bear no title, and the kind whose text of the same name does."""
_YEAR = Text("the year", "当")
"""What stands in the title of a campaign that is asked about by year where no year was named."""


class AdoptedTitles:
    """Reads what adopted texts are called, each once."""

    def __init__(self, ledger: Ledger) -> None:
        """Read nothing yet."""
        self._texts = AdoptedTexts(ledger.store)
        self._known: dict[tuple[TextKind, str], Text] = {}

    def title(self, kind: TextKind, name: str) -> Text:
        """Return what the newest version of a text is called; its name if it is not adopted or says no title.

        Raises:
            DatabaseError: If it is not what the journal says was adopted.
        """
        if (kind, name) not in self._known:
            self._known[kind, name] = self._read(_TITLED_BY.get(kind, kind), name)
        return self._known[kind, name]

    def _read(self, kind: TextKind, name: str) -> Text:
        """Return a title as it is adopted."""
        version = self._texts.newest(kind).get(name)
        plain = None if version is None else self._texts.text(kind, name, version)
        title = None if plain is None else loads(plain).get("title")
        found = plain_text(title) if title else Text(name, name)
        return Text(found.en.replace("{year}", _YEAR.en), found.zh.replace("{year}", _YEAR.zh))
