"""Which officer is meant by a name that is not written whole: 李主任, 李某, 老李, 副局长王建国; pure.

A surname means somebody only where one officer has it, and only behind or before what officers are called by: half
a name is another person's.
"""

import unicodedata
from collections.abc import Iterable
from typing import Final

from engine.language import lazy_pattern

_COMPOUND: Final = (
    *("欧阳", "上官", "司马", "诸葛", "东方", "皇甫", "尉迟", "公孙", "慕容", "令狐", "宇文", "长孙", "司徒", "司空"),
    *("夏侯", "端木", "独孤", "南宫", "西门", "呼延", "轩辕"),
)
_POST: Final = (
    r"(?:副|常务副|第一)?(?:主任委员|主任科员|主任|局长|科长|股长|所长|院长|处长|队长|组长|部长|书记|县长|市长|区长|镇长|乡长"
    r"|主席|站长|校长|秘书长|馆长|委员|常委|科员|干事|同志|医生|大夫|警官|律师|总|工)"
)
_BRACKETED: Final = lazy_pattern(r"[(\[〔【][^()\[\]〔〕【】]*[)\]〕】]")
_POST_BEHIND: Final = lazy_pattern(rf"{_POST}$")
_POST_BEFORE: Final = lazy_pattern(rf"^{_POST}[::]?")
_SURNAME: Final = rf"(?P<surname>{'|'.join(_COMPOUND)}|[^\W\x00-\x7f])"
"""A sign of Chinese is any letter but the plain ones: a set of all the Han takes long to compile."""
_SHORT: Final = lazy_pattern(rf"{_SURNAME}(?:某{{1,2}}|{_POST})|[老小]{_SURNAME.replace('surname', 'fond')}")


def officer_meant(written: str, known: Iterable[tuple[str, str]]) -> str | None:
    """Return the code of the only officer who may be meant by *written*; None if there is none, or several.

    Args:
        known: Codes with names of those who may be meant.
    """
    key = _BRACKETED.sub("", "".join(unicodedata.normalize("NFKC", written).split()))
    named = {key, _POST_BEHIND.sub("", key), _POST_BEFORE.sub("", key)}
    officers = [(code, "".join(name.split())) for code, name in known]
    whole = {code for code, name in officers if name in named}
    if whole:
        return whole.pop() if len(whole) == 1 else None
    short = _SHORT.fullmatch(key)
    if short is None:
        return None
    surname = short["surname"] or short["fond"]
    alike = [code for code, name in officers if _surname(name) == surname]
    return alike[0] if len(alike) == 1 else None


def _surname(name: str) -> str:
    """Return the surname of a whole name."""
    return name[:2] if name.startswith(_COMPOUND) else name[:1]
