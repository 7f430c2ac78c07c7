"""Which fields a column may be whose heading says too little: by what stands below it, the likeliest first.

Nothing is taken by this: it is what a person chooses from.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from typing import Final

from documents.ledger_in.layout.below import Below
from documents.ledger_in.layout.headings import Names
from documents.ledger_in.text import compact

MOST: Final = 5
"""So many candidates are shown."""
_HALF: Final = 0.5
_SOME: Final = 0.3
_DUE = re.compile(r"(?:底|前|末|旬|内|工作日|天|长期|持续)$")
_BODY = re.compile(
    r"(?:院|局|委|科|室|所|站|中心|诊所|药店|公司|乡|镇|村|街道|社区|县|区|大厅|门口|路|楼|场|学校|门诊部)(?:门口)?$"
)
_PLACEHOLDER = re.compile(r"匿名|不详|保密|未留名|不愿透露.*")


def candidates_of(meant: Sequence[str], below: Below, names: Names, taken: Collection[str]) -> tuple[str, ...]:
    """Return the fields that a column may be.

    Args:
        meant: What its own heading may mean, first of all.
        taken: Fields that have a column already; one that is sealed may have several.
    """
    found = [*meant, *_by_choices(below, names)]
    for kind in _kinds(below):
        found += names.likely.get(kind, ())
    open_ones = (each for each in found if each in names.kinds and (each not in taken or names.kinds[each] == "sealed"))
    return tuple(dict.fromkeys(open_ones))[:MOST]


def _by_choices(below: Below, names: Names) -> Iterator[str]:
    """Yield the choices of which half of the values are, and the states."""
    for name, words in names.choices.items():
        if below.count and sum(compact(text) in words for text in below.texts) >= _HALF * below.count:
            yield name


def _kinds(below: Below) -> Iterator[str]:
    """Yield what stands below, the most frequent first, in the words of the list of likely fields."""
    texts = [compact(text) for text in below.texts]
    if not texts:
        yield from ("long", "date", "short")
        return

    def share(pattern: re.Pattern[str]) -> float:
        return sum(bool(pattern.search(text)) for text in texts) / len(texts)

    kinds = below.kinds
    if below.private or share(_PLACEHOLDER) >= _SOME:
        yield "private"
    if share(_DUE) >= _SOME and kinds.get("date", 0.0) + share(_DUE) >= _HALF:
        yield "due"
    if share(_BODY) >= _HALF:
        yield "body"
    yield from sorted(
        (kind for kind in kinds if kinds[kind] >= _SOME), key=lambda kind: (-kinds[kind], kind == "short")
    )
    yield "short"
