"""When texts are alike: short ones only if they are the same, of longer ones the shorter stands in the other."""

from engine.rules.likeness import are_alike, bare, pairs

ALIKE = [
    ("停车场", "停车场", True),
    ("停车场", "停车厂", False),
    ("停车场", "停车场收费", False),
    ("南门停车场乱收费", "反映县医院南门停车场乱收费的问题", True),
    ("反映县医院南门停车场乱收费的问题", "南门停车场乱收费", True),
    ("南门停车场乱收费", "北门停车位收费乱", False),
    ("Ｎａｎｍｅｎ 停车场，乱收费！", "nanmen停车场乱收费", True),
]


def test_texts_are_alike_if_one_stands_in_the_other() -> None:
    """Whichever of the two is the longer one; width, blanks and signs do not matter."""
    found = [(one, other, are_alike(pairs(bare(one)), bare(other), len(pairs(bare(other))))) for one, other, _ in ALIKE]

    assert found == ALIKE
