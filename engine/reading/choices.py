"""Choices as a list or a field writes them."""

from collections.abc import Mapping

from engine.language import Text
from engine.reading.terms import Part, Plain
from engine.workflow.model import Choice


def choices_of(part: Part, key: str, *, besides: tuple[str, ...] = ()) -> tuple[Choice, ...]:
    """Return the choices under *key*, each a text or a mapping with value, title, also and keys *besides*."""
    given = part.plain.get(key)
    if not isinstance(given, (list, tuple)):
        part.wrong(Text("write a list of values", "请写成取值的列表"), key)
        return ()
    found: dict[str, Choice] = {}
    for position, each in enumerate(given):
        row = part.below(each if isinstance(each, Mapping) else {"value": each}, key, position)
        row.only(("value", "title", "also", *besides), ("value",))
        written = row.plain.get("value")
        value = str(written) if isinstance(written, int) and not isinstance(written, bool) else row.line("value")
        if value is None:
            continue
        if value in found:
            row.wrong(Text("'{value}' stands here twice", "“{value}”重复").format(value=value))
        found[value] = Choice(value=value, title=row.title("title", value), also=row.lines("also"))
    if not given:
        part.wrong(Text("there are no values", "没有取值"), key)
    return tuple(found.values())


def plain_choice(choice: Choice) -> Plain:
    """Return a choice as it would be written."""
    plain: dict[str, object] = {
        "value": choice.value,
        "title": {"en": choice.title.en, "zh": choice.title.zh},
    }
    return {**plain, "also": list(choice.also)} if choice.also else plain
