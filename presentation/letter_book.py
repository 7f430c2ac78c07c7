"""The kinds of letters and their templates by which a ledger works: those that it has adopted, never a file."""

from base64 import b64decode
from collections.abc import Iterable, Mapping
from functools import cached_property, lru_cache
from json import loads
from weakref import WeakKeyDictionary

from documents.letters.fill import KeptTemplate
from documents.letters.kinds import LetterKind, kind_called, kind_in, kinds
from engine.errors import BadFileError, DatabaseError, InvalidWorkflowError
from engine.language import Text
from engine.operations.ledger.adopted import AdoptedTexts, NewText
from engine.operations.ledger.ledger import Ledger
from engine.workflow.texts import KeptText, TextKind

_BOOKS: WeakKeyDictionary[Ledger, tuple[list[dict[str, int]], "LetterBook"]] = WeakKeyDictionary()
"""The letters of each open ledger, with the versions that were the newest when they were read."""


class LetterBook:
    """Reads what an open ledger has adopted of letters."""

    def __init__(self, texts: AdoptedTexts) -> None:
        """Read nothing yet."""
        self._texts = texts

    @cached_property
    def kinds(self) -> Mapping[str, LetterKind]:
        """All kinds, by name, those of the program first and in its order; none in a ledger that adopted none.

        Raises:
            DatabaseError: If one is not what the journal says was adopted.
        """
        adopted = self._texts.newest(TextKind.LETTER)
        shipped = [name for name in kinds() if name in adopted] if adopted else []
        return {name: _kind(name, self._plain(TextKind.LETTER, name)) for name in (*shipped, *adopted)}

    def called(self, typed: str, others: Iterable[str] = ()) -> LetterKind:
        """Return the kind that was typed, by its name or its title.

        Args:
            others: What else may have been meant.

        Raises:
            BadValueError: If several may be meant.
            NotFoundError: If there is none.
            DatabaseError: If the ledger has adopted no letters at all.
        """
        if not self.kinds:
            raise DatabaseError(
                Text(
                    "this ledger has adopted no letters yet; let it: qingling upgrade",
                    "此台账尚未采用任何文书；请运行：qingling upgrade",
                )
            )
        return kind_called(typed, others, known=self.kinds)

    def title(self, name: str) -> Text:
        """Return what a kind is called, also one that was issued once and is known no longer."""
        found = self.kinds.get(name) or kinds().get(name)
        return Text(name, name) if found is None else found.title

    def template(self, kind: LetterKind) -> KeptTemplate:
        """Return the template of a kind.

        Raises:
            BadFileError: If none was adopted.
            DatabaseError: If it is not what the journal says was adopted.
        """
        version = self._texts.newest(TextKind.TEMPLATE).get(kind.name)
        if version is None:
            raise BadFileError(
                Text(
                    f"no template of '{kind.title.en}' is adopted; adopt one: qingling adopt {kind.name}.docx",
                    f"尚未采用“{kind.title.zh}”的模板；请采用：qingling adopt {kind.title.zh}.docx",
                )
            )
        # In a message this stands where the name of a file would.
        called = f"{kind.title.zh}.docx (v{version})"
        return KeptTemplate(called, template_content(self._plain(TextKind.TEMPLATE, kind.name)))

    def declared(self, kind: LetterKind) -> Mapping[str, object]:
        """Return what is declared of a kind, as a file that can be adopted again would write it."""
        plain: Mapping[str, object] = loads(self._plain(TextKind.LETTER, kind.name))
        return plain

    def made_from(self, kind: LetterKind) -> tuple[tuple[str, str, int, str], ...]:
        """Return what a letter of a kind is made from, as the journal says it: kind, name, version, digest of each."""
        found = []
        for each in (TextKind.LETTER, TextKind.TEMPLATE):
            version = self._texts.newest(each).get(kind.name)
            if version is not None:
                text = NewText(each, kind.name, version, self._plain(each, kind.name), shipped=False)
                found.append((each.value, kind.name, version, text.digest))
        return tuple(found)

    def _plain(self, kind: TextKind, name: str) -> str:
        """Return the newest version of an adopted text."""
        plain = self._texts.text(kind, name, self._texts.newest(kind)[name])
        assert plain is not None
        return plain


def letters_of(ledger: Ledger) -> LetterBook:
    """Return the letters by which a ledger works: read once as long as it works by the same ones."""
    texts = AdoptedTexts(ledger.store)
    stands = [dict(texts.newest(kind)) for kind in (TextKind.LETTER, TextKind.TEMPLATE)]
    known = _BOOKS.get(ledger)
    # A desk runs for weeks while a command beside it adopts another template.
    if known is None or known[0] != stands:
        known = _BOOKS[ledger] = stands, LetterBook(texts)
    return known[1]


def template_content(plain: str) -> bytes:
    """Return the Word file that an adopted template is."""
    return b64decode(loads(plain)["docx"])


@lru_cache(maxsize=256)
def _kind(name: str, plain: str) -> LetterKind:
    """Return a kind that was adopted; it was sound then.

    Raises:
        InvalidWorkflowError: If this program cannot read it any more.
    """
    found, problems = kind_in(KeptText(name, plain), f"{name}.yaml")
    if problems:
        raise InvalidWorkflowError([each.text for each in problems])
    return found
