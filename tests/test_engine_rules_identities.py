"""Identities in free text: found however they are written, and nothing that only looks like one."""

import pytest

from engine.rules.identities import MASK, IdentityKind, is_no_name, known_of, masked, sights

ID = "11010519491231002X"
REPORTER = known_of(["赵建国；联系电话：0371-6612345；住址：中原区某路18号院"])

FOUND = {
    "电话13900001111": "telephone",
    "电话１３９００００１１１１": "telephone",
    "139 0000 1111": "telephone",
    "139-0000-1111": "telephone",
    "1-3-9-0-0-0-0-1-1-1-1": "telephone",
    "139\u200b00001111": "telephone",
    "+86 13900001111": "telephone",
    "一三九零零零零一一一一": "telephone",
    "幺三九〇〇〇〇幺幺幺幺": "telephone",
    f"证号{ID}": "id_number",
    "11010519491231002x": "id_number",
    "110105 19491231 002X": "id_number",
    "１１０１０５１９４９１２３１００２Ｘ": "id_number",
    "一一〇一〇五一九四九一二三一〇〇二X": "id_number",
    "赵建国说": "name",
    "赵 建 国说": "name",
    "建国说": "given_name",
    "打06716612345": "",
    "打0371 6612345": "telephone",
    "住中原区某路18号院": "address",
}
NOT = [
    "没有可疑内容", "2019年6月28日", "金额12345678901234元", "工单20190628000123456", "192.168.100.101 139",
    "110105194912310021",
    "11010519491331002X", "快递单号 139000011112", "一九年六月二十八日",
]  # fmt: skip


@pytest.mark.parametrize("text", FOUND)
def test_an_identity_is_found_however_it_is_written(text: str) -> None:
    """Full width, blanks, dashes, format signs, Chinese numerals; the reporter's own also with blanks."""
    assert ",".join(dict.fromkeys(each.kind for each in sights(text, REPORTER))) == FOUND[text]


@pytest.mark.parametrize("text", NOT)
def test_what_only_looks_like_one_is_left_alone(text: str) -> None:
    """Days, sums, order numbers, addresses of machines, and 18 digits with a wrong check digit or birth date."""
    assert sights(text) == ()


def test_a_mask_stands_in_the_place_and_nothing_else_changes() -> None:
    """The text around keeps its own signs, full-width ones too."""
    text = "赵建国（电话：１３９００００１１１１）反映，收钱"
    assert masked(text, sights(text, REPORTER)) == f"{MASK}（电话：{MASK}）反映，收钱"


@pytest.mark.parametrize(
    "words", ["匿名", "匿名举报", "不详", "某先生", "王某", "王某某", "王女士", "某群众", "anonymous", "", "无"]
)
def test_who_is_not_named_is_no_name(words: str) -> None:
    """They are sealed as they stand, but nobody reported under a real name, and nothing is searched for."""
    assert is_no_name(words)
    assert known_of([words]) == ((), (), (), ())


@pytest.mark.parametrize("words", ["赵六", "赵建国", "欧阳建国", "玛依拉·买买提", "Reporter Q-773"])
def test_a_name_is_one(words: str) -> None:
    """And is searched for."""
    assert not is_no_name(words)
    assert IdentityKind.NAME in {each.kind for each in sights(f"由{words} 反映", known_of([words]))}
