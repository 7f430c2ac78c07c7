"""What a page says and asks of something that is done once, with its reason: hints, inputs, and what can be pressed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from desk.fields import FieldOption, Input, Kind
from desk.likely_twins import Resembling
from desk.visit import Visit
from engine.errors import BadValueError, Reason
from engine.language import Text


@dataclass(frozen=True, kw_only=True, slots=True)
class AffairForm:
    """What the page of an affair says and asks."""

    title: Text
    hints: Sequence[Text]
    """What it brings about."""
    inputs: Sequence[Input] = ()
    buttons: Sequence[tuple[str, Text]] = ()
    """What can be pressed, the main one first: deed and words."""
    pairs: Sequence[tuple[str, str]] = ()
    """What is known already."""
    alike: Sequence[Resembling] = ()


def asked_input(
    visit: Visit,
    reasons: Sequence[Reason],
    name: str,
    title: Text,
    *,
    options: tuple[FieldOption, ...] = (),
    kind: Kind = "line",
    long: bool = False,
    optional: bool = False,
) -> Input:
    """Return an input of an affair, with what was typed into it and why that cannot stand."""
    return Input(
        name=name,
        title=str(title),
        kind=kind,
        given=visit.asked.form.get(name) or visit.asked.query.get(name) or (),
        options=options,
        is_long=long,
        required=not optional,
        wrong=tuple(str(each.sentence) for each in reasons if each.field == name),
    )


GIVE_A_REASON: Final = Text("give a reason", "请写明理由")
"""What is said where a reason is missing; the operation says so as well, but not at the field."""


def why_input(visit: Visit, reasons: Sequence[Reason], title: Text) -> Input:
    """Return the input for a reason."""
    return asked_input(visit, reasons, "reason", title, kind="area")


def refuse_missing(visit: Visit, *wanted: tuple[str, Text]) -> None:
    """Refuse a form in which something stands empty; all that does is named at once.

    Args:
        wanted: Names of inputs, each with what is said if nothing was typed or chosen there.

    Raises:
        BadValueError: If one of them is empty.
    """
    empty = [Reason.of(sentence, "missing", field=name) for name, sentence in wanted if not visit.asked.one(name)]
    if empty:
        raise BadValueError(empty[0], empty)
