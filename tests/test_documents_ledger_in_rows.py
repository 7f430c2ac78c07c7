"""Whole ledgers read from end to end: records, rows left out, notes and problems, by position."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from ledger_maker import COLUMNS, TODAY, book, county_ledger, old_book, patched, read, saved

from documents.ledger_in.rows import open_ledger
from engine.errors import BadFileError, BadValueError

HEAD: list[Any] = ["序号", "线索编号", "单位", "收到时间", "反映的主要问题", "备注"]
ROW: list[Any] = [1, "2019-001", "甲镇卫生院", "2019.6.3", "反映强行推销", "急"]


def _values(reading: Any, field: str) -> list[object]:
    return [row.values.get(field) for row in reading.rows]


def _why(reading: Any) -> list[tuple[str, str]]:
    return [(left.at.rpartition("!")[2], left.why) for left in reading.skipped]


def test_county_ledger_is_understood_whole(tmp_path: Path) -> None:
    """A ledger with titles, merged units, ditto marks, seven date shapes, totals and footers reads whole."""
    reading = read(county_ledger(tmp_path / "台账.xlsx"))

    assert [row.at for row in reading.rows] == [f"线索台账!{n}" for n in (4, 5, 6, 8, 9, 10)]
    assert _values(reading, "lead_no") == [f"2019-00{n}" for n in range(1, 7)]
    assert _values(reading, "received") == [date(2019, 6, n) for n in (3, 5, 10, 12, 17, 18)]
    assert _values(reading, "deadline") == [
        date(2019, 6, 24),
        date(2019, 6, 26),
        date(2019, 7, 1),
        date(2019, 7, 3),
        date(2019, 7, 8),
        date(2019, 7, 9),
    ]
    assert _values(reading, "source") == ["群众来电", "群众来电", "信箱", "上级交办", "12320", "自查"]
    assert _values(reading, "unit") == ["甲镇卫生院"] * 3 + ["乙镇卫生院"] * 2 + ["县疾控中心"]
    assert _values(reading, "subject") == ["甲某", "乙某", "不详", "丙某", "丁某等3人", None]
    assert _values(reading, "handler")[2] == "医政股"
    assert _values(reading, "summary")[1] == "反映停车场乱收费、阻拦就医"
    assert _values(reading, "transferred") == [None] * 6
    assert reading.problems == ()
    assert reading.header_row == 3
    assert reading.meta == {"填报单位": "虚构县卫生健康局", "填报时间": "2019-07-05"}


def test_every_row_left_out_is_accounted_for(tmp_path: Path) -> None:
    """Each row that holds no record is named with the reason."""
    reading = read(county_ledger(tmp_path / "台账.xlsx"))

    assert _why(reading) == [
        ("1", "title"),
        ("2", "meta"),
        ("3", "header"),
        ("7", "blank"),
        ("11", "blank"),
        ("12", "total"),
        ("13", "blank"),
        ("14", "footer"),
        ("15", "footer"),
    ]


def test_notes_say_how_odd_cells_were_understood(tmp_path: Path) -> None:
    """Ditto marks, dashes, placeholders and bare day numbers are noted, one note per kind and row."""
    reading = read(county_ledger(tmp_path / "台账.xlsx"))

    assert [(n.at, n.kind, n.raw, n.also) for row in reading.rows for n in row.notes] == [
        ("线索台账!5.C", "ditto", "同上", ()),
        ("线索台账!6.I", "ditto", "同上", ()),
        ("线索台账!9.G", "serial_date_in_general_cell", 43633.0, ("线索台账!9.H",)),
        ("线索台账!10.B", "dash_variant_normalised", "2019—006", ()),
        ("线索台账!10.E", "placeholder_null", "——", ()),
    ]
    assert reading.notes["serial_date_in_general_cell"] == 2


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ([["合计", "", "", "", 5]], [("3", "total")]),
        ([["合 计：", "2条"]], [("3", "total")]),
        ([["", "小计（2条）"]], [("3", "total")]),
        ([["Total", "2 cases"]], [("3", "total")]),
        ([["例", "2019-000", "某院", "2019.1.1", "反映某事"]], [("3", "example")]),
        ([["（示例）", "2019-000", "某院", "2019.1.1", "反映某事"]], [("3", "example")]),
        ([["填写说明", "必填", "全称", "年.月.日", "简述"]], [("3", "example")]),
        ([["审核人：", "某某"]], [("3", "footer")]),
        ([["Note: keep following it"]], [("3", "footer")]),
        ([["", "Filled in by:          Checked by:"]], [("3", "footer")]),
        ([["说明：1.线索编号由系统产生。"], ["2.时间写到日。"]], [("3", "footer"), ("4", "footer")]),
        ([HEAD], [("3", "header")]),
        ([["序 号", "线索编号", "单位", "收到时间", "反映的主要问题", "备注"]], [("3", "header")]),
        ([[7, "", "", "", "", ""]], []),
        ([[""], ["  "], ["　"]], []),
        ([[], [ROW[0], "2019-009", *ROW[2:]]], [("3", "blank")]),
        ([["本月无新增线索"]], [("3", "nil")]),
        ([["", "零报告"]], [("3", "nil")]),
        ([["", "", "", "2019.6.4", "无", "本周无线索"]], [("3", "nil")]),
        ([["审核人：", "某某", "", "填表人：", "某某"]], [("3", "footer")]),
        ([["制表：某某", "", "审核：某某", "", "负责人：某某", "日期：2019年7月1日"]], [("3", "footer")]),
    ],
    ids=[
        "total",
        "spaced-total",
        "subtotal",
        "english-total",
        "example",
        "bracketed-example",
        "hints",
        "footer",
        "english-note",
        "english-footer",
        "notes",
        "header",
        "spaced-header",
        "numbered-blank",
        "blank-end",
        "blank-inside",
        "nil",
        "nil-report",
        "nil-of-a-week",
        "signed-by-two",
        "signed-by-three",
    ],
)
def test_rows_that_hold_no_record(tmp_path: Path, rows: list[list[Any]], why: list[tuple[str, str]]) -> None:
    """What stands below a record and is none is left out, with the reason."""
    reading = read(saved(tmp_path / "a.xlsx", [HEAD, ROW, *rows]))

    assert _why(reading)[1:] == why
    assert _values(reading, "lead_no")[0] == "2019-001"


def test_a_record_of_which_little_is_known_is_no_nil_report(tmp_path: Path) -> None:
    """Words such as 无 in some columns leave no lead out, nor do they beside a text under an unknown heading."""
    head = ["线索编号", "收到时间", "说的啥", "备注"]
    rows = [["", "2019.6.4", "医托拉客打人", "无"], ["2019-002", "2019.6.4", "甲", "无"]]
    reading = read(saved(tmp_path / "a.xlsx", [head, ["2019-001", "2019.6.3", "乙", ""], *rows]))

    assert [row.row for row in reading.rows] == [2, 3, 4]


def test_numbers_of_columns_below_the_header_are_no_record(tmp_path: Path) -> None:
    """A row 1, 2, 3 … below the header numbers the columns."""
    reading = read(saved(tmp_path / "a.xlsx", [HEAD, [1, 2, 3, 4, 5, 6], ROW]))

    assert [row.row for row in reading.rows] == [3]


def test_a_record_that_only_looks_like_a_total_is_kept(tmp_path: Path) -> None:
    """Words such as 合计 inside a sentence leave no lead out."""
    row = [2, "2019-002", "合计镇卫生院", "2019.6.4", "合计收取3万元，说明：本人不服", "小计"]
    reading = read(saved(tmp_path / "a.xlsx", [HEAD, ROW, row]))

    assert _values(reading, "lead_no") == ["2019-001", "2019-002"]


def test_ditto_needs_a_good_cell_above(tmp_path: Path) -> None:
    """A ditto mark in the first row, or under a cell that is wrong, is a problem and not a guess."""
    rows: list[Any] = [
        ["线索编号", "收到时间", "备注"],
        ["1", "同上", "〃"],
        ["2", "2019.2.30", "甲"],
        ["3", "〃", '"'],
    ]
    reading = read(saved(tmp_path / "a.xlsx", rows))

    assert [p.at for p in reading.problems] == ["线索台账!2.B", "线索台账!2.C", "线索台账!3.B", "线索台账!4.B"]
    assert _values(reading, "received") == [None, None, None]
    assert _values(reading, "remark") == [None, "甲", "甲"]


def test_repeated_number_names_the_first(tmp_path: Path) -> None:
    """A number that stands twice for one unit is a problem of the later row, which names the first."""
    again = [[2, "2019—001", ROW[2], "2019.6.4", "另一件"], [3, "2019-001", "乙院", "2019.6.4", "别的单位"]]
    rows: list[Any] = [HEAD, ROW, *again]
    reading = read(saved(tmp_path / "a.xlsx", rows))

    [problem] = reading.problems
    assert (problem.at, problem.field) == ("线索台账!3.B", "lead_no")
    assert "线索台账!2" in problem.wrong.zh


def test_year_is_taken_only_where_it_is_stated(tmp_path: Path) -> None:
    """6月11日 is read with the year of the title, noted; without a stated year it is refused."""
    rows: list[Any] = [["线索编号", "收到时间"], ["1", "6月11日"]]
    titled = read(saved(tmp_path / "a.xlsx", [["虚构县2019年线索台账"], *rows]))
    untitled = read(saved(tmp_path / "b.xlsx", [["虚构县线索台账"], *rows]))
    two_years = read(saved(tmp_path / "c.xlsx", [["虚构县2018年至2019年线索台账"], *rows]))
    in_sheet = read(saved(tmp_path / "d.xlsx", rows, sheet="2019年6月"))
    in_name = read(saved(tmp_path / "2019年线索.xlsx", rows))

    assert [_values(r, "received") for r in (titled, in_sheet, in_name)] == [[date(2019, 6, 11)]] * 3
    assert titled.rows[0].notes[0].kind == "year_supplied"
    assert [len(r.problems) for r in (untitled, two_years)] == [1, 1]


def test_year_of_the_day_of_reporting_reaches_no_later_day(tmp_path: Path) -> None:
    """A ledger reported in January 2020 puts 12月20日 into December 2019, and says so."""
    rows: list[Any] = [
        ["填报单位：甲局  填报时间：2020年1月5日"],
        ["线索编号", "收到时间"],
        ["1", "12月20日"],
        ["2", "1月3日"],
    ]
    reading = read(saved(tmp_path / "a.xlsx", rows))

    assert _values(reading, "received") == [date(2019, 12, 20), date(2020, 1, 3)]
    assert [(note.at, note.kind) for note in reading.rows[0].notes] == [("线索台账!3.B", "year_supplied")]
    assert reading.problems == ()


def test_a_sheet_for_each_month_is_read_in_turn(tmp_path: Path) -> None:
    """Sheets of one workbook are one ledger; hidden and foreign sheets are named as left out."""
    made = book([["2019年线索台账"], HEAD, ROW], sheet="7月")
    august = made.create_sheet("8月")
    for row in ([], HEAD, [1, "2019-002", "乙院", "8月2日", "反映某事"]):
        august.append(row)
    hidden = made.create_sheet("底稿")
    hidden.append(HEAD)
    hidden.sheet_state = "hidden"
    made.create_sheet("空白")
    made.create_sheet("说明").append(["本表每月5日前报送"])
    made.save(tmp_path / "2019年.xlsx")

    reading = read(tmp_path / "2019年.xlsx")

    assert [row.at for row in reading.rows] == ["7月!3", "8月!3"]
    assert _values(reading, "received") == [date(2019, 6, 3), date(2019, 8, 2)]
    assert [(left.at, left.why) for left in reading.skipped if "!" not in left.at] == [
        ("底稿", "hidden"),
        ("空白", "blank"),
        ("说明", "unknown"),
    ]
    assert [row.at for row in read(tmp_path / "2019年.xlsx", sheet="8月").rows] == ["8月!3"]


def test_forms_give_one_record_for_each_sheet(tmp_path: Path) -> None:
    """A sheet of labels is one record: values to the right, below, or behind a colon."""
    rows: list[Any] = [
        ["线索登记表"],
        ["线索编号", "2019-007", "收到时间", "2019年7月1日"],
        ["被反映人", "甲某", "单 位", "甲镇卫生院"],
        ["反映的主要问题", "反映停车场\n乱收费", None, None],
        ["是否涉嫌犯罪：☑是 □否"],
        ["移送单位", "移送时间", "涉及资金"],
        ["县公安局", "2019.7.9", 12000],
        ["备注", None],
    ]
    reading = read(saved(tmp_path / "a.xlsx", rows, "B4:D4", sheet="表一"))

    [row] = reading.rows
    assert {name: value for name, value in row.values.items() if value is not None} == {
        "lead_no": "2019-007",
        "received": date(2019, 7, 1),
        "subject": "甲某",
        "unit": "甲镇卫生院",
        "summary": "反映停车场乱收费",
        "crime": True,
        "transferred_to": "县公安局",
        "transferred": date(2019, 7, 9),
        "amount": 12000,
    }
    assert (row.at, reading.sheets[0].shape) == ("表一!2", "form")


def test_error_values_are_no_empty_cells(tmp_path: Path) -> None:
    """A cell that shows #REF! is a problem, though the reader of workbooks shows it as empty."""
    made = book([HEAD, ROW, [2, "2019-002", "#REF!", "#N/A", "反映某事"]])
    page = made["线索台账"]
    page["C3"].data_type = page["D3"].data_type = "e"
    made.save(tmp_path / "a.xlsx")

    reading = read(tmp_path / "a.xlsx")

    assert {(p.at, p.field) for p in reading.problems} == {("线索台账!3.C", "unit"), ("线索台账!3.D", "received")}


def test_days_counted_from_1904(tmp_path: Path) -> None:
    """In a workbook of the 1904 system a bare day number counts from there."""
    path = saved(tmp_path / "a.xlsx", [["线索编号", "收到时间"], ["1", 43633 - 1462]])
    patched(path, "xl/workbook.xml", "<workbookPr", '<workbookPr date1904="1"')

    assert _values(read(path), "received") == [date(2019, 6, 17)]


def test_wrong_dimension_hides_no_row(tmp_path: Path) -> None:
    """A workbook whose stated range is too small, as some programs write it, is read whole."""
    path = patched(saved(tmp_path / "a.xlsx", [HEAD, ROW]), "xl/worksheets/sheet1.xml", 'ref="A1:F2"', 'ref="A1"')

    assert _values(read(path), "lead_no") == ["2019-001"]


@pytest.mark.parametrize("name", ["a.xls", "a.et", "a.xlsx"])
def test_old_workbooks_by_content(tmp_path: Path, name: str) -> None:
    """An old workbook is read whatever its extension; merged cells are filled down."""
    rows: list[Any] = [HEAD, [*ROW[:3], date(2019, 6, 3), *ROW[4:]], [2, "2019-002", None, 43633, "反映某事"]]
    reading = read(old_book(tmp_path / name, rows, merges=[(1, 2, 2, 2)]))

    assert _values(reading, "unit") == ["甲镇卫生院", "甲镇卫生院"]
    assert _values(reading, "received") == [date(2019, 6, 3), date(2019, 6, 17)]


@pytest.mark.parametrize("separator", [",", ";", "\t"], ids=["comma", "semicolon", "tab"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
def test_plain_text_in_any_encoding(tmp_path: Path, encoding: str, separator: str) -> None:
    """Encoding and separator are found in the file."""
    lines = [HEAD, ["1", '="0012"', "甲院", "2019.6.3", '"反映甲、\n乙"'], ["2", "0013", "乙院", "43633", "同上"]]
    content = "\r\n".join(separator.join(line) for line in lines)
    path = tmp_path / "台账.csv"
    path.write_bytes(content.encode(encoding))

    reading = read(path)

    assert _values(reading, "lead_no") == ["0012", "0013"]
    assert _values(reading, "summary") == ["反映甲、乙", "反映甲、乙"]
    assert _values(reading, "received") == [date(2019, 6, 3), date(2019, 6, 17)]
    assert [row.at for row in reading.rows] == ["台账!2", "台账!3"]


def test_text_row_with_too_many_cells_is_a_problem(tmp_path: Path) -> None:
    """A separator without quotation marks moves cells: the row is refused, not misread."""
    path = tmp_path / "a.csv"
    rows: list[Any] = ["线索编号,反映的主要问题,备注", *[f"{n},某事,无误" for n in range(70)], "70,某事,经过,无误"]
    path.write_text("\n".join(rows), encoding="utf-8")

    assert [(p.at, p.field) for p in read(path).problems] == [("a!72", "")]


def test_columns_may_begin_anywhere(tmp_path: Path) -> None:
    """Empty columns at the left do not shift the letters that problems are named by."""
    rows: list[Any] = [[None, None, "线索编号", "收到时间"], [None, None, "1", "2019.2.30"]]

    assert [p.at for p in read(saved(tmp_path / "a.xlsx", rows)).problems] == ["线索台账!2.D"]


def test_sealed_content_is_nowhere_but_in_its_value(tmp_path: Path) -> None:
    """What a sealed column holds is in no note, no problem, no raw cell and no repr."""
    rows: list[Any] = [["线索编号", "举报人", "收到时间"], ["1", "赵某某", "2019.2.30"], ["2", "同上", "2019.6.3"]]
    reading = read(saved(tmp_path / "a.xlsx", rows))

    assert _values(reading, "reporter") == ["赵某某", "赵某某"]
    told = repr([(row, row.raw, row.notes, row.problems) for row in reading.rows]) + repr(reading.problems)
    assert "赵某某" not in told


def test_rows_are_streamed(tmp_path: Path) -> None:
    """Rows come one by one; what was met is complete at the end, and more than one chunk is counted on."""
    rows: list[Any] = [
        HEAD,
        *[
            [n, f"X-{n:04}", None if n % 300 else "甲院", "2019.6.3", "同上" if n > 1 else "某事"]
            for n in range(1, 701)
        ],
    ]
    stream = open_ledger(saved(tmp_path / "a.xlsx", rows), COLUMNS, today=TODAY)
    walked = [(row.row, row.values["lead_no"], row.values["summary"]) for row in stream.iter_rows()]

    assert walked == [(n + 1, f"X-{n:04}", "某事") for n in range(1, 701)]
    assert (stream.reading().count, stream.reading().rows, stream.reading().notes) == (700, (), {"ditto": 699})


def test_mapping_names_unknown_headings(tmp_path: Path) -> None:
    """The user's mapping goes by heading or letter, and can pass a column over."""
    path = saved(tmp_path / "a.xlsx", [["文号", "何时", "备注"], ["1", "2019.6.3", "x"]])
    reading = read(path, mapping={"文号": "lead_no", "B": "received", "备注": "-"})

    assert [(h.field, h.how) for h in reading.sheets[0].headings] == [
        ("lead_no", "mapping"),
        ("received", "mapping"),
        (None, "ignored"),
    ]


@pytest.mark.parametrize(
    ("mapping", "said"),
    [({"备注": "nothing"}, "nothing"), ({"无此列": "remark"}, "无此列")],
    ids=["field", "heading"],
)
def test_mapping_that_cannot_be_is_refused(tmp_path: Path, mapping: dict[str, str], said: str) -> None:
    """A mapping that names no field or no heading is refused, with what there is."""
    path = saved(tmp_path / "a.xlsx", [HEAD, ROW])

    with pytest.raises(BadValueError, match=said):
        read(path, mapping=mapping)


def test_ledger_without_a_known_header_is_refused(tmp_path: Path) -> None:
    """If no row names the fields, the sentence shows what the fullest row reads."""
    with pytest.raises(BadFileError, match="甲列、乙列"):
        read(saved(tmp_path / "a.xlsx", [["甲列", "乙列"], ["1", "2"]]))
