"""What headings mean by their words: those of public ledgers, each way of writing them, and whose a telephone is."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from ledger_maker import TODAY, saved

from documents.ledger_in.columns import ledger_columns
from documents.ledger_in.layout.assigning import assigned
from documents.ledger_in.layout.headings import names_of
from documents.ledger_in.rows import read_ledger
from documents.ledger_in.sheet_model import Heading
from engine.reading.heading_words import heading_words_in
from workflows.loader import Declarations

BOOK = Declarations()
NAMES = names_of(ledger_columns(BOOK.latest("lead")), None, BOOK.heading_words)
MET = yaml.safe_load((Path(__file__).parent / "data" / "headings.yaml").read_text("utf-8"))


def _taken(*stacks: tuple[str, ...], rows: Any = ()) -> tuple[Heading, ...]:
    return assigned(stacks, rows, NAMES, 0).headings


def _means(heading: Heading) -> str:
    """Return what a heading was taken for: a field, kept, sealed, or asked."""
    if heading.field is not None:
        return heading.field
    if heading.how == "ignored":
        return "serial"
    if heading.how == "kept":
        return "sealed" if heading.sealed else "kept"
    return "whose" if heading.sealed else "asked"


def _fits(expected: str, got: str) -> bool:
    """Return whether an answer is right: what says who somebody is may be sealed as anybody's."""
    same = {"whose": {"whose", "reporter", "sealed"}, "sealed": {"sealed", "whose"}, "reporter": {"reporter", "sealed"}}
    return got in same.get(expected, {expected})


def _met() -> Iterator[tuple[str, str]]:
    return ((expected, heading) for expected, headings in MET.items() for heading in headings)


def test_no_heading_met_is_taken_for_another_field() -> None:
    """Each heading of public ledgers is its field, kept, sealed or asked about; seven of eight need no question."""
    answers = [(expected, heading, _means(_taken((heading,))[0])) for expected, heading in _met()]
    wrong = [each for each in answers if not _fits(each[0], each[2]) and each[2] not in {"asked", "whose"}]
    right = [each for each in answers if _fits(each[0], each[2])]
    print(f"headings: {len(right)} right, {len(answers) - len(right) - len(wrong)} asked, {len(wrong)} wrong")

    assert wrong == []
    assert len(right) >= 0.87 * len(answers)


@pytest.mark.parametrize(
    "written",
    [
        lambda h: f"*{h}",
        lambda h: f"{h}（必填）",
        lambda h: f"{h[:2]}\n{h[2:]}",
        " ".join,
        lambda h: f"　{h}：",
        lambda h: f"★ {h} *",
        lambda h: h.translate({ord(a): b for a, b in zip("()/,", "（）／，", strict=True)}),
        lambda h: f"3.{h}",
    ],
    ids=["star", "required", "two lines", "spaced", "padded", "stars", "full width", "numbered"],
)
def test_a_heading_written_otherwise_means_the_same(written: Any) -> None:
    """Width, spaces, line breaks, marks of required columns and numbers change no answer."""
    other = [(heading, _means(_taken((heading,))[0]), _means(_taken((written(heading),))[0])) for _, heading in _met()]
    assert [each for each in other if each[1] != each[2]] == []


COMMON = {
    "反映方式": "source",
    "诉求内容": "summary",
    "来电时间": "received_on",
    "工单编号": "external_number",
    "督办事项": "summary",
    "交办时间": "kept",
    "完成时限": "handling_due_on",
    "问题描述": "summary",
    "登记日期": "received_on",
    "内容": "summary",
    "是否办结": "state",
    "是否销号": "state",
    "完成情况": "state",
    "牵头领导": "responsible_leader",
    "协办单位": "kept",
    "投诉人": "reporter",
    "来电人": "reporter",
    "来访人": "reporter",
    "检举人": "reporter",
    "反映人": "reporter",
    "拟办意见": "assessment",
    "领导批示": "assessment",
    "联系方式": "whose",
    "责任人手机": "kept",
    "移送单位电话": "kept",
    "包案领导及联系方式": "case_leader",
    "办理方式": "measures",
    "答复方式": "kept",
    "被举报人": "subject",
    "举报人": "reporter",
    "交办截止日期": "feedback_due_on",
    "紧急程度": "kept",
    "信访人数": "kept",
}


@pytest.mark.parametrize(("heading", "field"), COMMON.items())
def test_common_words_are_known(heading: str, field: str) -> None:
    """The words that offices use daily are understood without a question."""
    assert _means(_taken((heading,))[0]) == field


PERSONS: dict[str, tuple[list[tuple[str, ...]], list[str]]] = {
    "groups decide": (
        [(g, p) for g in ("举报人", "被举报人") for p in ("姓名", "工作单位", "职务", "联系电话")],
        ["reporter", "reporter", "reporter", "reporter", "subject", "subject_unit", "subject_position", "sealed"],
    ),
    "the person at the left decides": (
        [("信访人",), ("联系电话",), ("住址",), ("诉求内容",), ("被反映人",), ("职务",), ("电话",)],
        ["reporter", "reporter", "reporter", "summary", "subject", "subject_position", "sealed"],
    ),
    "an officer's telephone is no reporter's": (
        [("线索编号",), ("责任人",), ("联系电话",)],
        ["ledger_number", "handler", "kept"],
    ),
    "the kind of sheet decides": (
        [("来电时间",), ("姓名",), ("联系方式",), ("诉求内容",)],
        ["received_on", "reporter", "reporter", "summary"],
    ),
    "in doubt sealed": ([("线索编号",), ("姓名",), ("联系方式",)], ["ledger_number", "whose", "whose"]),
    "a unit of nobody's is the unit": ([("线索编号",), ("单位",)], ["ledger_number", "unit"]),
}


@pytest.mark.parametrize("case", PERSONS)
def test_whose_it_is(case: str) -> None:
    """The group above says whose a telephone or a unit is, then the person at the left; in doubt it is sealed."""
    stacks, expected = PERSONS[case]
    assert [_means(each) for each in _taken(*stacks)] == expected


BELOW: dict[str, tuple[list[tuple[str, ...]], list[list[Any]], list[tuple[str | None, str, str | None]]]] = {
    "days agree": (
        [("时间",), ("内容",)],
        [["2019.6.3", "反映某事"], ["6月5日", "反映他事"]],
        [("received_on", "words", None), ("summary", "words", None)],
    ),
    "texts under a day": (
        [("时间",), ("内容",)],
        [["甲单位正在核实有关情况之中请稍候再来", "反映某事"]] * 3,
        [(None, "asked", "received_on"), ("summary", "words", None)],
    ),
    "telephones under any heading": (
        [("备用",), ("内容",)],
        [["13800000000", "反映某事"], ["13900000000", "反映他事"]],
        [(None, "unmatched", None), ("summary", "words", None)],
    ),
    "one of two days is left": (
        [("办理时限",), ("完成时间",)],
        [["2019-06-03", "2019-06-01"]],
        [("handling_due_on", "title", None), ("closed_on", "words", None)],
    ),
    "a choice under a strange heading": (
        [("内容",), ("甲乙",)],
        [["反映某事", "查实"], ["反映他事", "查否"]],
        [("summary", "words", None), (None, "asked", "finding")],
    ),
    "likeness only proposes": (
        [("线索编号",), ("办结日期一览",)],
        [],
        [("ledger_number", "synonym", None), (None, "asked", "closed_on")],
    ),
}


@pytest.mark.parametrize("case", BELOW)
def test_what_stands_below_is_looked_at(case: str) -> None:
    """Cells make a heading surer or less sure, and propose a field where it says nothing; they never decide alone."""
    stacks, rows, expected = BELOW[case]
    assert [(h.field, h.how, h.proposal) for h in _taken(*stacks, rows=rows)] == expected


def test_samples_are_never_those_of_a_sealed_column() -> None:
    """Three values go with a column to be asked about; none where somebody may be named."""
    rows = [["某甲", "13800000000", "12:00", "备用1"]] * 4
    headings = _taken(("举报人",), ("某栏",), ("来电类型",), ("丙栏",), rows=rows)

    assert [h.samples for h in headings] == [(), (), ("12:00",), ("备用1",)]
    assert [h.sealed for h in headings] == [True, True, False, False]


def test_a_house_adds_words_and_patterns(tmp_path: Path) -> None:
    """A file of the house adds to the lists, and its patterns are tried before the shipped ones."""
    (tmp_path / "lists").mkdir()
    house = tmp_path / "lists" / "headings.yaml"
    house.write_text("list: headings\nwords: {reporter: [拨打]}\npatterns: [{remark: 内容}]\n", "utf-8")
    book = Declarations([tmp_path])
    names = names_of(ledger_columns(book.latest("lead")), None, book.heading_words)

    found = assigned([("拨打人电话",), ("内容",)], [], names, 0).headings
    assert [_means(each) for each in found] == ["reporter", "remark"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("patterns: [{summary: '<nothing>'}]", "<nothing>"),
        ("patterns: [{summary: '(内容'}]", "regular expression"),
        ("patterns: [内容]", "FIELD: PATTERN"),
        ("wrods: {}", "wrods"),
    ],
)
def test_what_is_wrong_in_a_file_of_words_is_told(tmp_path: Path, text: str, said: str) -> None:
    """A pattern that cannot be used is named with its line, and the others are used."""
    path = tmp_path / "headings.yaml"
    path.write_text(f"list: headings\n{text}\n", "utf-8")

    _, problems = heading_words_in([(path, "headings.yaml")])
    assert len(problems) == 1
    assert said in problems[0].text.en


def test_what_says_who_reports_is_sealed_together(tmp_path: Path) -> None:
    """Name, telephone and address come into the one sealed field; ditto marks in each refer to their own column."""
    rows = [
        ["收到时间", "信访人", "联系电话", "住址", "诉求内容"],
        ["2019.6.3", "某甲", "13800000000", "甲村", "反映某事"],
        ["2019.6.4", "某乙", "同上", "/", "反映他事"],
    ]
    columns = ledger_columns(BOOK.latest("lead"))
    path = saved(tmp_path / "a.xlsx", rows)
    reading = read_ledger(path, columns, today=TODAY, words=BOOK.heading_words)

    assert [row.values["reporter"] for row in reading.rows] == [
        "某甲；联系电话：13800000000；住址：甲村",
        "某乙；联系电话：13800000000",
    ]
    assert all("13800000000" not in str(row.raw) for row in reading.rows)
