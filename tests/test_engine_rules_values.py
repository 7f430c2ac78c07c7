"""Values as people write them become the one form in which they are stored, or are refused."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import BadValueError
from engine.language import Text, speaking
from engine.rules.values import ahead_fields, check_values, shown
from engine.workflow.model import Guard, Workflow
from workflows.loader import Declarations

TODAY = date(2019, 7, 1)
OFFICERS = frozenset({"w1", "w2", "zhang"})
UNITS = frozenset({"county-hospital", "clinic-3"})


@pytest.fixture(scope="module")
def letter() -> Workflow:
    """A workflow with a field of every type."""
    return Declarations((Path(__file__).parent / "data" / "declarations",)).latest("letter")


def _checked(letter: Workflow, given: Mapping[str, object]) -> Mapping[str, object]:
    return check_values(letter, given, officers=OFFICERS, units=UNITS, today=TODAY)


@pytest.mark.parametrize(
    ("field", "given", "stored"),
    [
        ("received_on", "2019-06-30", "2019-06-30"),
        ("received_on", "2019-6-3", "2019-06-03"),
        ("received_on", "2019/6/30", "2019-06-30"),
        ("received_on", "2019.6.30", "2019-06-30"),
        ("received_on", "2019年6月30日", "2019-06-30"),
        ("received_on", "2019年6月30", "2019-06-30"),
        ("received_on", "２０１９－０６－３０", "2019-06-30"),
        ("received_on", "20190630", "2019-06-30"),
        ("received_on", 20190630, "2019-06-30"),
        ("received_on", " 2019-06-30 ", "2019-06-30"),
        ("received_on", "today", "2019-07-01"),
        ("received_on", "今天", "2019-07-01"),
        ("received_on", date(2019, 6, 30), "2019-06-30"),
        ("received_on", datetime(2019, 6, 30, 8, tzinfo=UTC), "2019-06-30"),
        ("urgent", "是", True),
        ("urgent", "已", True),
        ("urgent", "未", False),
        ("urgent", "否", False),
        ("urgent", "Yes", True),
        ("urgent", "no", False),
        ("urgent", "TRUE", True),
        ("urgent", "0", False),
        ("urgent", 1, True),
        ("urgent", False, False),
        ("amount", "12", 12),
        ("amount", "1,234,567.50", 1234567.5),
        ("amount", "-3", -3),
        ("amount", "１２", 12),
        ("amount", 4.0, 4),
        ("amount", 0.25, 0.25),
        ("outcome", "partly", "partly"),
        ("outcome", "In part", "partly"),
        ("outcome", "部分属实", "partly"),
        ("outcome", " 部分 ", "partly"),
        ("outcome", "IN  PART", "partly"),
        ("kind", "ａ１", "A1"),
        ("kind", "举报", "A1"),
        ("topics", ["2", "1", "2"], ["1", "2"]),
        ("topics", "3、1", ["1", "3"]),
        ("topics", 2, ["2"]),
        ("topics", ["1", " ", None], ["1"]),
        ("topics", [" "], None),
        ("topics", "2，; ", ["2"]),
        ("handler", "zhang", "zhang"),
        ("deputies", "w2, w1", ["w2", "w1"]),
        ("deputies", ["w1"], ["w1"]),
        ("office_of_origin", "clinic-3", "clinic-3"),
        ("summary", "  反映某院\r\n采购问题 ", "反映某院\n采购问题"),
        ("summary", 12, "12"),
        ("old_number", "LX12", "LX12"),
        ("old_number", "ｌｘ １２", "LX12"),
        ("writer", " 某人 ", "某人"),
        ("summary", "", None),
        ("summary", "   ", None),
        ("writer", None, None),
        ("topics", [], None),
        ("received_on", "", None),
    ],
)
def test_the_stored_form(letter: Workflow, field: str, given: object, stored: object) -> None:
    """Every writing that people use comes out in one form, which JSON can hold and which reads back the same."""
    found = _checked(letter, {field: given})

    assert {field: stored} == found
    assert type(stored) is type(found[field])
    assert found == _checked(letter, json.loads(json.dumps(dict(found))))


@pytest.mark.parametrize(
    ("field", "given", "said"),
    [
        ("received_on", "2019-02-30", "received_on: “2019-02-30” does not exist; 2/2019 has 28 days"),
        ("received_on", "6/7/2019", "received_on: “6/7/2019” may mean two days; write a whole date"),
        ("received_on", "2019-6-", "received_on: “2019-6-” is not one day; write a whole date such as 2019-06-30"),
        ("received_on", "2019-W01-1", "received_on: “2019-W01-1” is not one day; write a whole date"),
        ("received_on", True, "received_on: “True” is not a date; write a whole date"),
        ("received_on", "0019-06-30", "received_on: '0019-06-30' is not in this age"),
        ("urgent", "maybe", "urgent: 'maybe' is neither yes nor no"),
        ("urgent", 2, "urgent: '2' is neither yes nor no"),
        ("urgent", 1.0, "urgent: '1.0' is neither yes nor no"),
        ("amount", "12 yuan", "amount: '12 yuan' is no number"),
        ("amount", "1,23", "amount: '1,23' is no number"),
        ("amount", "nan", "amount: 'nan' is no number"),
        ("amount", float("inf"), "amount: 'inf' is no number"),
        ("amount", 10**16, "amount: '10000000000000000' is no number"),
        pytest.param("amount", 10**5000, "amount: '…' is no number", id="more digits than can be written"),
        ("amount", True, "amount: 'True' is no number"),
        (
            "outcome",
            "partley",
            "outcome: 'partley' is none of the values: yes, no, partly (did you mean 'partly'?)",
        ),
        ("outcome", ["yes"], "outcome: \"['yes']\" is none of the values: yes, no, partly"),
        ("topics", "1, 4", "topics: '4' is none of the values: 1, 2, 3"),
        (
            "handler",
            "zang",
            "handler: 'zang' is no registered officer (did you mean 'zhang'?); see: qingling officer list",
        ),
        ("deputies", ["w1", 3], "deputies: '3' is no registered officer; see: qingling officer list"),
        (
            "office_of_origin",
            "clinic-4",
            "office_of_origin: 'clinic-4' is no registered unit (did you mean 'clinic-3'?); see: qingling unit list",
        ),
        ("summary", "a\x07b", "summary: contains control characters"),
        ("summary", "a\u202eb", "summary: contains control characters"),
        ("summary", "a\ud800b", "summary: contains control characters"),
        ("summary", "x" * 20_001, "summary: is longer than 20000 characters; attach it as a file"),
        ("summary", True, "summary: must be a text"),
        ("summary", {"a": 1}, "summary: must be a text"),
        ("old_number", "12", "old_number: '12' does not look like [A-Z]{2}[0-9]+"),
        ("old_number", "LX" + "1" * 300, "old_number: 'LX1111111111111111111111111111111111111…' does not look like"),
        ("sumary", "x", "there is no field 'sumary' (did you mean 'summary'?)"),
    ],
)
def test_what_is_refused(letter: Workflow, field: str, given: object, said: str) -> None:
    """What cannot be what it should be is refused in one line that says what to write."""
    with speaking("en"), pytest.raises(BadValueError) as caught:
        _checked(letter, {field: given})

    with speaking("en"):
        assert str(caught.value).startswith(said)
    with speaking("zh"):
        assert str(caught.value) != said
        assert "\n" not in str(caught.value)


def test_all_wrong_values_at_once(letter: Workflow) -> None:
    """Every wrong value is named in one line, the right ones are not."""
    with pytest.raises(BadValueError) as caught:
        _checked(letter, {"urgent": "maybe", "summary": "fine", "amount": "much\nmore", "nothing": 1})

    with speaking("zh"):
        assert str(caught.value) == (
            "urgent：“maybe” 既非“是”也非“否”；amount：“much\\nmore” 不是数字；没有字段“nothing”"
        )


@pytest.mark.parametrize("given", ["Wang\x00 Wu", "Wang Wu" * 5_000, ["Wang Wu"], {"name": "Wang Wu"}])
def test_a_sealed_value_is_never_repeated(letter: Workflow, given: object) -> None:
    """A sentence about a sealed field does not say what was given."""
    with pytest.raises(BadValueError) as caught:
        _checked(letter, {"writer": given})

    assert "Wang" not in caught.value.sentence.en + caught.value.sentence.zh + repr(caught.value)


@pytest.mark.parametrize(
    ("field", "value", "en", "zh"),
    [
        ("outcome", "partly", "In part", "部分属实"),
        ("outcome", "gone", "gone", "gone"),
        ("topics", ["1", "3"], "1, 3", "1、3"),
        ("urgent", True, "yes", "是"),
        ("urgent", False, "no", "否"),
        ("writer", "sealed", "●●●", "●●●"),
        ("writer", None, "", ""),
        ("amount", 12.5, "12.5", "12.5"),
        ("deputies", ["w1", "w2"], "w1, w2", "w1、w2"),
        ("received_on", "2019-06-30", "2019-06-30", "2019-06-30"),
    ],
)
def test_shown_to_people(letter: Workflow, field: str, value: object, en: str, zh: str) -> None:
    """People read titles in their language, and of a sealed value only that there is one."""
    with speaking("en"):
        assert en == shown(letter.fields[field], value)
    with speaking("zh"):
        assert zh == shown(letter.fields[field], value)


_JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=12), st.dates().map(str)),
    lambda below: st.one_of(st.lists(below, max_size=3), st.dictionaries(st.text(max_size=3), below, max_size=2)),
    max_leaves=4,
)


@settings(max_examples=150, deadline=None)
@given(given_values=st.data())
def test_anything_is_stored_or_refused(letter: Workflow, given_values: st.DataObject) -> None:
    """Whatever JSON is given for any field, it is refused in one line or stored so that it reads back the same."""
    name = given_values.draw(st.sampled_from((*letter.fields, "nothing")))
    try:
        found = _checked(letter, {name: given_values.draw(_JSON)})
        said = ""
    except BadValueError as error:
        found = {}
        said = error.sentence.en + error.sentence.zh

    assert "\n" not in said
    assert found == _checked(letter, json.loads(json.dumps(dict(found))))


def test_a_number_of_a_paper_and_a_quarter_are_read_as_people_write_them() -> None:
    """Brackets of the keyboard, full width and Chinese quarters are meant well; what is wrong gets an example."""
    books = Declarations(())
    rows = [
        ("referral", "letter_number", "示卫移[2026]1号", "示卫移〔2026〕1号"),
        ("referral", "letter_number", "示卫移（２０２６） １号", "示卫移〔2026〕1号"),
        ("referral", "letter_number", "示卫移2026-1", "写法不对，应形如 …〔0000〕0号"),
        ("inspection", "period", "２０２６q4", "2026Q4"),
        ("inspection", "period", "2026年第四季度", "2026Q4"),
        ("inspection", "period", "2026年3季度", "2026Q3"),
        ("inspection", "period", "2026年", "写法不对，应形如 2000Q1"),
    ]
    wrong = []
    for workflow, name, typed, wanted in rows:
        try:
            found = str(_checked(books.latest(workflow), {name: typed})[name])
        except BadValueError as error:
            found = error.sentence.zh
        wrong += [] if found.endswith(wanted) else [(typed, found)]
    assert wrong == []


def test_a_day_without_a_year_lies_ahead_where_it_must() -> None:
    """Where a deadline or a step demands a day to come, 11月20日 is the next one; a period's end the nearest."""
    books = Declarations(())
    rows = [
        ("inspection", "due_on", "2019-11-20"),  # of a deadline
        ("inspection", "rectify_by", "2019-11-20"),  # a step demands that it lie after today
        ("lead", "next_review_on", "2019-11-20"),
        ("meeting", "item_due_on", "2019-11-20"),
        ("return", "period_ends_on", "2019-11-20"),  # written before its period ends, or after
        ("inspection", "inspected_on", "2018-11-20"),  # has been
        ("lead", "received_on", "2018-11-20"),
    ]
    found = [(*each[:2], _checked(books.latest(each[0]), {each[1]: "11月20日"})[each[1]]) for each in rows]
    assert _checked(books.latest("return"), {"period_ends_on": "6月30日"})["period_ends_on"] == "2019-06-30"
    assert found == rows


def test_only_a_guard_that_demands_a_day_to_come_makes_it_lie_ahead(letter: Workflow) -> None:
    """A day of which a guard says the contrary, or that may lie some days back, is the last one as elsewhere."""
    rows = {
        "not received_on or received_on > today": True,
        "today <= received_on": True,
        "received_on>=today": True,
        "not received_on > today": False,
        "not (received_on and received_on > today)": False,
        "(today - received_on).days <= 30 and received_on <= today": False,
        "not (receipts and (received_on > today))": False,
        "received_on > today - 30": False,
        "today > received_on": False,
        "parent.received_on > today": False,
    }
    step = letter.transitions[0]
    found = {}
    for said in rows:
        guard = Guard(expression=said, sentence=Text("", ""))
        workflow = letter.replace(transitions=(step.replace(when=(guard,)),), deadlines={})
        found[said] = "received_on" in ahead_fields(workflow)
    assert found == rows
