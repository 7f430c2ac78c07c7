"""What was decided about an earlier ledger of the same shape: which headings make a shape, and finding it again."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from hashlib import sha256

from documents.ledger_in.layout.header import Header
from documents.ledger_in.layout.headings import Names
from documents.ledger_in.sheet_model import Heading

Memory = Mapping[str, Mapping[str, str | None]]
"""The field of each heading by its key, for every shape; None where a column was said to be none."""


def shape_of(headings: Iterable[Heading]) -> str:
    """Return what stands for the set of *headings*: twelve digits of its hash, whatever their order."""
    return sha256("\n".join(sorted({each.key for each in headings})).encode()).hexdigest()[:12]


def recalled(find: Callable[[Names], Header | None], names: Names, memory: Memory) -> Header | None:
    """Return the header that *find* finds, with what was decided for its shape.

    A header of which no word was known is found by trying what is remembered: it is that header if its
    shape is the remembered one.
    """
    header = find(names)
    if header is not None:
        decided = memory.get(shape_of(header.headings))
        return header if decided is None else find(replace(names, remembered=decided))
    for shape, decided in memory.items():
        found = find(replace(names, remembered=decided))
        if found is not None and shape_of(found.headings) == shape:
            return found
    return None
