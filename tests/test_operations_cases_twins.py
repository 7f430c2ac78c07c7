"""Texts of one day that stand whole in one another: found as by comparing each with each, also where there are many."""

import random

import pytest

from engine.operations.cases import twins


@pytest.mark.parametrize("pieces", ["反映医院门诊号贩子", "黑车"])
def test_what_stands_whole_is_found_among_few_and_many(pieces: str) -> None:
    """A search over all texts at once passes over no text that holds another; too short ones say nothing."""
    drawn = random.Random(7)
    day, texts = twins.DayOfTexts(), list[str]()
    found, expected = [], []
    for turn in range(900):
        text = "".join(drawn.choice(pieces) for _ in range(drawn.randrange(6, 40)))
        if turn % 3 == 1:
            text = drawn.choice(texts)[drawn.randrange(4) :]
        elif turn % 7 == 3:
            text = f"补{drawn.choice(texts)}充"
        latest = list(enumerate(texts))[-200:]
        holds = [place for place, each in latest if text in each or (len(each) >= 8 and each in text)]
        expected.append([str(place) for place in holds if len(text) >= 8])
        found.append(day.around(text))
        day.add(str(turn), text)
        texts.append(text)

    assert found == expected
    assert 100 < sum(map(bool, found)) < 800
