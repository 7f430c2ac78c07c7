"""Officers who are not written whole: only one may be meant, or nobody is."""

from typing import Final

from documents.ledger_in.registered_names import RegisteredNames

KNOWN: Final = [
    ("li", "李某"),
    ("wang", "王建国"),
    ("zhang1", "张明"),
    ("zhang2", "张敏"),
    ("ou", "欧阳修远"),
    ("qu", "区某"),
]
MEANT: Final[dict[str, str | None]] = {
    **dict.fromkeys(["李某", "李主任", "李副局长", "老李", "李某某", "李 主任", "李工", "li", "李某（信访股）"], "li"),
    **dict.fromkeys(["王建国", "王某", "王某某", "王建国主任", "副局长王建国", "小王", "王建国(13800000000)"], "wang"),
    **dict.fromkeys(["欧阳主任", "欧阳某", "老欧阳"], "ou"),
    **dict.fromkeys(["张主任", "张某", "老张"], None),  # two have that surname
    **dict.fromkeys(["张明主任", "张明"], "zhang1"),
    **dict.fromkeys(["李", "王建", "建国", "王建军", "赵主任", "主任", "欧主任", "李建设", "王队伍", ""], None),
}


def test_who_is_meant_by_a_name_that_is_not_whole() -> None:
    """A surname with a post or 某 is the only officer of that surname; a part of a name, or another name, is nobody."""
    officers = RegisteredNames(KNOWN, people=True)

    assert {written: officers.code(written) for written in MEANT} == MEANT
