"""Whose a name, a telephone or a unit is, where the heading itself does not say.

The group above decides, then the person at the left, then what the sheet is about. Who reports is
sealed together, whatever is said of him; in doubt a column is sealed and asked about.
"""

import re
from collections.abc import Sequence
from typing import Final, Literal

from documents.ledger_in.layout.headings import Names
from documents.ledger_in.text import heading_key

Side = Literal["reporter", "subject", "officer"]

_SAID: Final[dict[Side, str]] = {"reporter": "举报人", "subject": "被举报人", "officer": "承办人"}
"""The heading that stands for a side when a part of a person is put after it."""
_OFFICERS: Final = frozenset({"handler", "responsible_leader", "case_leader", "verifiers"})
_LOOSE = re.compile(r"基本|情况|信息|资料|个人|相关")
_PETITION = re.compile(r"(?<!被)(?:信访|来电|来访|来信|投诉|诉求|举报|求助|工单)")
_DISCIPLINE = re.compile(r"违纪|处置|立案|干部|职级|谈话|纪委|党纪|政务处分|线索来源")


def side_of_field(field: str | None, *, sealed: bool) -> Side | None:
    """Return whose column it is that was taken for *field*."""
    if field == "reporter" or (sealed and field is None):
        return "reporter"
    if field is not None and field.startswith("subject"):
        return "subject"
    return "officer" if field in _OFFICERS else None


def side_of_group(stack: Sequence[str], names: Names) -> Side | None:
    """Return whose columns stand under the groups of *stack*, the nearest group first."""
    for group in reversed(stack[:-1]):
        for text in (group, _LOOSE.sub("", heading_key(group))):
            if not text:
                continue
            known = names.known((text,), "")
            if known is not None and (side := side_of_field(known[0], sealed=False)):
                return side
            meaning = names.vocabulary.meaning(heading_key(text))
            if meaning is not None and not meaning.whose:
                side = side_of_field(meaning.fields[0] if meaning.fields else None, sealed=meaning.sealed)
                if side is not None:
                    return side
    return None


def side_of_sheet(stacks: Sequence[Sequence[str]]) -> Side | None:
    """Return who is named in a sheet of this kind, if its headings say of what kind it is."""
    keys = [heading_key(part) for stack in stacks for part in stack]
    petition = sum(bool(_PETITION.search(key)) for key in keys)
    discipline = sum(bool(_DISCIPLINE.search(key)) for key in keys)
    if petition and not discipline:
        return "reporter"
    return "subject" if discipline and not petition else None


def said_of(side: Side, leaf: str) -> tuple[str, ...]:
    """Return the heading that says whose the *leaf* is."""
    return (f"{_SAID[side]}{leaf}",)
