"""Every row of a journal reads as a sentence, in both languages, in `show` and `journal log`."""

from string import Formatter

import pytest
from houses import House, built_house, house

from engine.journal.events import TYPES
from engine.language import Language
from presentation.case_view import KINDS

__all__ = ["built_house", "house"]


def named_in(words: str) -> set[str]:
    """Return the parts of a row that its words name."""
    return {name for _, name, _, _ in Formatter().parse(words) if name}


@pytest.mark.parametrize("kind", KINDS)
def test_words_name_what_the_row_has(kind: str) -> None:
    """Both languages name the same parts, and a row of that kind has each of them."""
    named = named_in(KINDS[kind].en)
    assert named == named_in(KINDS[kind].zh)
    assert all(hasattr(TYPES[kind], each) for each in named)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_history_of_a_house_that_changes_is_read(house: House, lang: Language) -> None:
    """A hand-over, names that change, an officer who leaves and returns, units that merge: each row is said."""
    house.done("officer", "add", "hu", "胡某", "--role", "verifier", "--role", "unit_head", "--unit", "0102")
    house.done("officer", "grant", "zhao", "office", "--unit", "0101")
    house.done("officer", "grant", "zhao", "office", "--unit", "0102")
    number = house.assigned(house.lead())
    house.done(
        "hand-over", number, "0102", "--reason", "地在该院", "--handler", "hu", "--responsible-leader", "hu", by="zhao"
    )
    house.done("unit", "rename", "0102", "县中医医院", "--reason", "更名")
    house.done("officer", "rename", "zhao", "赵甲", "--reason", "更名")
    house.done("officer", "leave", "qian")
    house.done("officer", "return", "qian")
    house.done("unit", "merge", "0102", "--into", "0101", "--reason", "合并")
    told = house.done("show", number, lang=lang, by="zhao") + house.done("journal", "log", lang=lang)
    for each in {
        "en": ("from unit 0101 to 0102", "is now 赵甲"),
        "zh": ("由单位 县医院 移交 县中医医院", "更名为 赵甲"),
    }[lang]:
        assert each in told
