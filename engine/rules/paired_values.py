"""Values that stand only beside a flag (`only_if`): a reporter is named only if the report bears a real name."""

from collections.abc import Iterator, Mapping

from engine.errors import Reason
from engine.journal.event import SEALED
from engine.language import Text
from engine.workflow.model import Field, FieldType, Workflow

Pairs = tuple[tuple[Field, Field], ...]
"""Fields that have a value only beside a flag, each with that flag."""


def pairs_of(workflow: Workflow) -> Pairs:
    """Return the fields of a sound workflow that have a value only beside a flag."""
    fields = workflow.fields
    return tuple((each, fields[each.only_if]) for each in fields.values() if each.only_if is not None)


def unpaired(
    pairs: Pairs, before: Mapping[str, object], after: Mapping[str, object], *, legacy: bool = False
) -> Iterator[Text]:
    """Yield why values may not stand beside their flags; only of those that change, or whose flag does.

    Args:
        before: The values of the case so far; nothing of a new one.
        legacy: A ledger that was kept before brings them: it may leave the flag open, but not deny it.
    """
    for field, flag in pairs:
        value, said = after.get(field.name), after.get(flag.name)
        changes = said != before.get(flag.name) or value != before.get(field.name)
        if value and changes and said is not True and not (legacy and said is None) and not _nobody(field, value):
            yield _asked(field, flag, said=said)


def _nobody(field: Field, value: object) -> bool:
    """Say whether what is to be sealed names nobody, as 匿名: it is kept as it stands, and needs no real name."""
    if field.type is not FieldType.SEALED or not isinstance(value, str) or value == SEALED:
        return False
    from engine.rules.identities import is_no_name  # its patterns take 11 ms, and most steps seal nothing

    return is_no_name(value)


def _asked(field: Field, flag: Field, *, said: object) -> Text:
    """Return the sentence for a value whose flag is not set."""
    if said is None:
        sentence = Text(
            "'{title}' (--{option}) is given; say as well: '{flag}' (--{flag_option} yes)",
            "已填写“{title}”（--{option}），须同时写明“{flag}”（--{flag_option} 是）",
        )
    else:
        sentence = Text(
            "'{title}' (--{option}) is given although '{flag}' (--{flag_option}) is no; leave one of them out",
            "“{flag}”（--{flag_option}）为否，不得填写“{title}”（--{option}）",
        )
    asked = sentence.format(
        title=field.title,
        option=field.option,
        flag=flag.title,
        flag_option=flag.option,
    )
    return Reason.of(asked, "value", field=field.name if said is not None else flag.name)
