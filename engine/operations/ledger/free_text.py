"""Free text looked through before it is written: it stands in clear in papers, messages and the journal for ever.

What is found is refused, or, if its writer insists, journaled as seen: which kind in which field, never the match.
Operations refuse it whatever calls them; who calls asks, and comes again with what its writer insisted on.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING

from engine.errors import RefusedError
from engine.journal.case_events import FileAttached
from engine.journal.event import Event
from engine.language import Text
from engine.workflow.model import FieldType, Workflow

if TYPE_CHECKING:
    from engine.rules.identities import IdentityKind

Seen = Mapping[str, tuple[str, ...]]
"""Field, or name of a text beside fields -> kinds of identities that stand in it."""

WORDS: Mapping[str, Text] = {
    "words": Text("the note", "备注"),
    "reason": Text("the reason", "理由"),
    "title": Text("the title", "名称"),
    "file": Text("the file's name", "文件名"),
}
"""Texts beside fields, with their titles."""


class IdentitySeenError(RefusedError):
    """A free text shows who somebody is, and its writer has not insisted (exit 21)."""

    def __init__(self, sentence: Text, seen: Seen) -> None:
        """Keep what was seen: who asks the writer hands it on as `Acting.seen`."""
        super().__init__(sentence)
        self.seen = seen


def refuse_values(workflow: Workflow, values: Mapping[str, object], insisted: Seen) -> None:
    """Refuse values that an officer brings and that show who somebody is.

    Args:
        values: As typed.
        insisted: What their writer insisted on.

    Raises:
        IdentitySeenError: If more is seen than that.
    """
    _refuse_more(workflow, seen_in(workflow, (values,), {}), insisted)


def refuse_words(event: Event, insisted: Seen) -> None:
    """Refuse what an officer writes beside fields: a reason, a note, the name of a file.

    Args:
        insisted: What its writer insisted on.

    Raises:
        IdentitySeenError: If more is seen than that.
    """
    for attribute, name in _SPOKEN:
        text = getattr(event, attribute, None)
        if text and (attribute != "name" or event.kind == FileAttached.kind):
            _refuse_more(None, seen_in(None, (), {name: text}), insisted)


def refuse_house_words(event: Event) -> None:
    """Refuse what an officer writes as the reason of what concerns the house: nothing there is about who reports.

    Raises:
        RefusedError: If it shows who somebody is; nobody can insist.
    """
    reason = getattr(event, "reason", None)
    seen = seen_in(None, (), {"reason": reason}) if reason else {}
    if seen:
        said = seen_words(None, seen)
        raise RefusedError(
            Text(
                f"{said.en}, and would stand in clear for ever; leave it out",
                f"{said.zh}，写入后将长期以明文保留；请删去",
            )
        )


_SPOKEN = (("reason", "reason"), ("words", "words"), ("name", "file"))
"""What of a row is free text, and its name in `WORDS`."""


def _refuse_more(workflow: Workflow | None, seen: Seen, insisted: Seen) -> None:
    """Refuse what was seen but for what was insisted on; the name of a file may have been typed as a title."""
    more = {}
    for name, kinds in seen.items():
        allowed = {*insisted.get(name, ()), *(insisted.get("title", ()) if name == "file" else ())}
        if not allowed.issuperset(kinds):
            more[name] = kinds
    if more:
        raise refusal(workflow, more)


def seen_in(workflow: Workflow | None, brought: Iterable[Mapping[str, object]], words: Mapping[str, str]) -> Seen:
    """Return what is seen in the free text of what a command brings.

    Args:
        workflow: Of the cases; None if no fields are brought.
        brought: Values of each case as typed; the reporter's identity is known from the sealed ones among them.
        words: Texts beside fields, by their names in `WORDS`.
    """
    found: dict[str, dict[IdentityKind, None]] = {}
    if workflow is None:
        _look_through(words.items(), (), found)
    for values in brought:
        assert workflow is not None
        sealed, free = list[str](), list[tuple[str, str]]()
        for name, value in values.items():
            field = workflow.fields.get(name)
            if field is None or not isinstance(value, str):
                continue
            if field.type is FieldType.TEXT:
                free.append((name, value))
            elif field.type is FieldType.SEALED:
                sealed.append(value)
        _look_through((*free, *words.items()), sealed, found)
    return {name: tuple(kinds) for name, kinds in found.items()}


def _look_through(
    texts: Collection[tuple[str, str]], sealed: Iterable[str], found: dict[str, dict["IdentityKind", None]]
) -> None:
    """Add to *found*, by name, what *texts* show; the reporter is known from the *sealed* values."""
    if not texts:
        return
    from engine.rules.identities import known_of, sights  # its patterns take 6 ms, and most steps bring no text

    known = known_of(sealed)
    for name, text in texts:
        for each in sights(text, known):
            found.setdefault(name, {})[each.kind] = None


def seen_words(workflow: Workflow | None, seen: Seen) -> Text:
    """Return what was seen where, as a sentence without any of it."""
    from engine.rules.identities import IdentityKind

    said = []
    for name, kinds in seen.items():
        title = WORDS[name] if workflow is None or name not in workflow.fields else workflow.fields[name].title
        what = [IdentityKind(each).says for each in kinds]
        said.append(
            Text(
                f"'{title.en}' shows {' and '.join(each.en for each in what)}",
                f"“{title.zh}”含{'、'.join(each.zh for each in what)}",
            )
        )
    return Text("; ".join(each.en for each in said), "；".join(each.zh for each in said))


def refusal(workflow: Workflow | None, seen: Seen) -> IdentitySeenError:
    """Return the refusal of a text that shows who somebody is."""
    said = seen_words(workflow, seen)
    return IdentitySeenError(
        Text(
            f"{said.en}, and would stand in clear for ever; leave it out, or add --insist (journaled as seen)",
            f"{said.zh}，写入后将长期以明文保留；请删去，或加 --insist 坚持写入（记入日志）",
        ),
        seen,
    )
