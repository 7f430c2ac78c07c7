"""What a new version of a text changes, printed in words."""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from commands.console.context import AppContext
from commands.console.output import print_json, say
from engine.language import Text, t
from engine.workflow.texts import TextKind
from presentation.text_changes import changes, changes_of_template

if TYPE_CHECKING:
    from engine.operations.ledger.adopted import NewText


def print_changes(app: AppContext, texts: "Sequence[NewText]", *, as_json: bool = False, applied: bool = False) -> None:
    """Print what texts change against those that are adopted, in words."""
    found = [(each, *changed_by(app, each)) for each in texts]
    if as_json:
        print_json(
            [
                {
                    **_identity(each),
                    "was": was,
                    "applied": applied,
                    "changes": [{"en": line.en, "zh": line.zh} for line in lines],
                }
                for each, was, lines in found
            ]
        )
        return
    for each, was, lines in found:
        new = t("new", "新增") if was is None else f"{was} → {each.version}"
        say(f"{each.kind.says} {each.name}: {new}")
        for line in lines:
            say(f"  {line}")


def changed_by(app: AppContext, text: "NewText") -> tuple[int | None, list[Text]]:
    """Return the adopted version that a text would follow, and what it changes."""
    was = app.adopted.newest(text.kind).get(text.name)
    before = None if was is None else app.adopted.text(text.kind, text.name, was)
    if text.kind is TextKind.TEMPLATE:
        return was, [] if before is None else list(changes_of_template(before, text.plain))
    return was, list(changes(None if before is None else json.loads(before), json.loads(text.plain)))


def _identity(text: "NewText") -> dict[str, Any]:
    """Return which text it is, for scripts."""
    return {"kind": text.kind.value, "name": text.name, "version": text.version, "sha256": text.digest}
