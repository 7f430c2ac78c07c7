"""The lists that ship: their length, their words, and that a real ledger's words are found in them."""

import re

import pytest

from engine.workflow.deadline import Term, TermUnit
from engine.workflow.model import Choice
from workflows.loader import Declarations

BOOK = Declarations()
LEAD = BOOK.latest("lead")

LENGTHS = {
    "c1": 4, "c2": 4, "health_10": 10, "health_8": 8, "insurance_8": 8, "lead_sources": 26, "proposal_kinds": 7,
    "unit_types": 2,
}  # fmt: skip

LAW = {
    "N5": (3, TermUnit.DAYS), "N6": (24, TermUnit.HOURS), "N7": (24, TermUnit.HOURS), "N8": (3, TermUnit.DAYS),
    "N9": (3, TermUnit.DAYS), "N10": (3, TermUnit.DAYS), "N11": (15, TermUnit.DAYS), "N12": (15, TermUnit.DAYS),
    "N13": (5, TermUnit.WORKING_DAYS), "N14": (60, TermUnit.DAYS), "N15": (30, TermUnit.DAYS),
    "N16": (30, TermUnit.DAYS), "N17": (30, TermUnit.DAYS), "N18": (2, TermUnit.MONTHS),
    "N19": (5, TermUnit.WORKING_DAYS), "N20": (5, TermUnit.WORKING_DAYS),
}  # fmt: skip

HEADINGS = {
    "来源": "source",
    "乡镇（单位）": "subject_unit",
    "被反映人": "subject",
    "线索内容": "summary",
    "受理时间": "received_on",
    "办理时限": "handling_due_on",
    "承办股室": "handling_office",
    "备注": "remark",
    "线索编号": "ledger_number",
    "线索类型": "category",
    "收到时间": "received_on",
    "反映的主要问题": "summary",
    "单位和职务": "subject_position",
    "被举报对象名称": "subject",
    "举报时间": "received_on",
    "信访人姓名和相关信息": "reporter",
    "责任领导": "responsible_leader",
}
"""Headings of the forms that were met (domain §3), and the field that each must reach."""

STATES: dict[str, tuple[str, dict[str, object]]] = {
    "正在核查": ("assigned", {}),
    "待办理": ("received", {}),
    "暂存待查": ("shelved", {}),
    "移送公安": ("transferred_police", {"suspected_crime": True}),
    "公安机关已立案侦查": ("transferred_police", {"suspected_crime": True}),
    "移送纪委": ("transferred_discipline", {"involves_official": True}),
    "双移交": ("transferred_both", {"suspected_crime": True, "involves_official": True}),
    "已办结": ("closed", {}),
    "已办结，属实": ("closed", {"finding": "substantiated"}),
    "已办结，不属实": ("closed", {"finding": "unsubstantiated"}),
    "整改中": ("rectifying", {}),
    "销号": ("struck_off", {}),
}
"""Wordings of the progress column, the state that each brings a lead into, and what it implies."""

SOURCES = {
    "群众来电": "telephone",
    "信箱": "mailbox",
    "12320": "hotline_12320",
    "自查": "self_check",
    "上级交办": "superior",
    "信访": "petition",
    "巡察交办": "inspection",
    "三书一函": "proposals",
    "暗访": "unannounced_visit",
    "12337": "platform_12337",
}


def wordings(choice: Choice) -> tuple[str, ...]:
    """Return all ways in which a choice may be written."""
    return (choice.value, choice.title.en, choice.title.zh, *choice.also)


def test_lengths() -> None:
    """Each list has as many items as its source."""
    assert {name: len(choices) for name, choices in BOOK.lists.items()} == LENGTHS


@pytest.mark.parametrize("name", sorted(LENGTHS))
def test_both_languages(name: str) -> None:
    """Every item is titled in Chinese and in English."""
    for choice in BOOK.lists[name]:
        assert re.search(r"[一-龥]", choice.title.zh)
        assert choice.title.en.isascii()


@pytest.mark.parametrize("name", sorted(LENGTHS))
def test_no_wording_twice(name: str) -> None:
    """No wording stands for two items of one list."""
    found = [each for choice in BOOK.lists[name] for each in dict.fromkeys(wordings(choice))]
    assert sorted(found) == sorted(set(found))


def test_ten_are_eight_and_two() -> None:
    """The list of ten is the list of eight with two items more, in the order of its plan."""
    eight = [each.title for each in BOOK.lists["health_8"]]
    ten = [each.title for each in BOOK.lists["health_10"]]
    assert [each for each in ten if each in eight] == eight
    assert [ten.index(each) + 1 for each in ten if each not in eight] == [2, 3]


def test_roles() -> None:
    """The roles of the sources, and the auditor; bodies outside act by letter and have none."""
    assert tuple(BOOK.roles()) == (
        "office", "custodian", "liaison", "verifier", "supervising_leader", "unit_head", "leading_group",
        "discipline_office", "auditor",
    )  # fmt: skip


def test_law() -> None:
    """Each row of law that has a number has this one; only a petition's term may be extended."""
    assert dict(BOOK.law.terms) == {row: Term(amount=n, unit=unit) for row, (n, unit) in LAW.items()}
    assert dict(BOOK.law.extensions) == {"N14": Term(amount=30, unit=TermUnit.DAYS)}


@pytest.mark.parametrize(("heading", "field"), HEADINGS.items())
def test_headings_are_known(heading: str, field: str) -> None:
    """A heading that real ledgers carry reaches exactly one field."""
    reached = [each.name for each in LEAD.fields.values() if heading in (each.title.zh, *each.also)]
    assert reached == [field]


@pytest.mark.parametrize(("wording", "expected"), STATES.items())
def test_state_wordings_are_known(wording: str, expected: tuple[str, dict[str, object]]) -> None:
    """A wording of the progress column brings a lead into one state, and implies what it says."""
    state, implied = expected
    reached = [each for each in LEAD.states.values() if wording in (each.title.zh, *each.also)]
    assert [each.name for each in reached] == [state]
    assert reached[0].legacy_sets.get(wording, {}) == implied


@pytest.mark.parametrize("wording", ["已移送", "查实", "移送", "已移送扫黑办", "经研判不属于涉黑涉恶涉乱线索"])
def test_what_is_ambiguous_is_not_guessed(wording: str) -> None:
    """A wording that leaves open to whom, or whether at all, brings a lead into no state."""
    assert not [each.name for each in LEAD.states.values() if wording in (each.title.zh, *each.also)]


@pytest.mark.parametrize(("wording", "value"), SOURCES.items())
def test_sources_are_known(wording: str, value: str) -> None:
    """A source as ledgers write it is one of the list."""
    assert [each.value for each in BOOK.lists["lead_sources"] if wording in wordings(each)] == [value]


@pytest.mark.parametrize(
    ("wording", "value"), [("属实", "substantiated"), ("不属实", "unsubstantiated"), ("查无此事", "unsubstantiated")]
)
def test_findings_are_known(wording: str, value: str) -> None:
    """A finding as ledgers write it, also by the synonyms, is one of the four."""
    assert [each.value for each in LEAD.fields["finding"].choices if wording in wordings(each)] == [value]
