"""The texts that the ledger has adopted: it works by these, never by files that a caller points at.

Each is compared with the row of the house's chain that adopted it whenever it is read: nothing is done by a text
that was changed beside the journal, not even if it is changed back afterwards.
"""

from collections.abc import Mapping
from hashlib import sha256
from json import dumps
from typing import NamedTuple

from engine.errors import DatabaseError
from engine.journal.canonical import canonical
from engine.language import Text
from engine.store import adopted_rows
from engine.store.connection import Store
from engine.workflow.texts import TextKind


class NewText(NamedTuple):
    """A version of a text that may be adopted."""

    kind: TextKind
    name: str
    version: int
    """A workflow says its own; others are counted by the ledger, and say 0 until then."""
    plain: str
    """As JSON, in its declared order."""
    shipped: bool

    @property
    def digest(self) -> str:
        """SHA-256 of the text."""
        return sha256(self.plain.encode()).hexdigest()


def new_text(
    kind: TextKind, name: str, plain: Mapping[str, object], *, version: int = 0, shipped: bool = False
) -> NewText:
    """Return what a file says as a text that may be adopted; its order is kept, since it means something."""
    written = dumps(plain, ensure_ascii=False, separators=(",", ":"))
    return NewText(kind=kind, name=name, version=version, plain=written, shipped=shipped)


class AdoptedTexts:
    """Reads what an open ledger has adopted."""

    def __init__(self, store: Store) -> None:
        """Read nothing yet."""
        self._store = store
        self._newest: dict[TextKind, dict[str, int]] = {}

    def newest(self, kind: TextKind) -> Mapping[str, int]:
        """Return the newest version of each text of a kind, by name."""
        if kind not in self._newest:
            self._newest[kind] = adopted_rows.newest(self._store, kind)
        return self._newest[kind]

    def text(self, kind: TextKind, name: str, version: int) -> str | None:
        """Return a version of a text as JSON; None if it was not adopted.

        Raises:
            DatabaseError: If it is not what the house's chain says was adopted.
        """
        found = adopted_rows.text(self._store, kind, name, version)
        if found is None:
            return None
        digest = sha256(found.plain.encode()).hexdigest()
        # Within a name or a reason, the quotes of this would be escaped.
        if digest != found.digest or canonical([kind.value, name, version, digest]) not in found.body:
            raise DatabaseError(
                Text(
                    f"{kind.says.en} {name} version {version} is not what was adopted, and nothing is done by it;"
                    " see: qingling journal verify",
                    f"{kind.says.zh} {name} 第 {version} 版与采用时不符，不得据以办理；请查看：qingling journal verify",
                )
            )
        return found.plain
