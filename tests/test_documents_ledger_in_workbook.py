"""What is no ledger is refused in one line that says what it is; damage never breaks the program."""

import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ledger_maker import county_ledger, old_book, read, saved

from documents.ledger_in.workbook import open_book
from engine.errors import BadFileError, QinglingError

OLE = bytes.fromhex("d0cf11e0a1b11ae1")


def _archive(name: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr(name, "x")
    return content.getvalue()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "空文件"),
        (b"\0\0\0\0", "空文件"),
        (b"\xef\xbb\xbf", "没有任何内容"),
        (_archive("word/document.xml"), "Word"),
        (_archive("ppt/presentation.xml"), "演示文稿"),
        (_archive("photo.jpg"), "压缩包"),
        (_archive("xl/workbook.xml"), "已损坏"),
        (b"PK\x03\x04 and no more", "已损坏"),
        (OLE + b"\0" * 600, "已损坏"),
        (OLE + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"), "密码"),
        (OLE + b"\0" * 600 + "WordDocument".encode("utf-16-le"), "Word"),
        (OLE + b"\0" * 600 + "Workbook".encode("utf-16-le"), "已损坏"),
        (b"%PDF-1.7 and so on", "既不是工作簿"),
        (b"\x89PNG\r\n\x1a\n\0\0", "既不是工作簿"),
        (b"\xff\xff\xff\xff\xfe", "既不是工作簿"),
        (b"<html><table><tr><td>1</td></tr></table></html>", "网页"),
        (b'<?xml version="1.0"?><Workbook/>', "网页"),
        ('线索编号,备注\n1,"开了头'.encode() + b"x" * 1_100_000, "引号"),
        ("线索编号,备注\n1,".encode() + b"a" * (1 << 21), "第 2 行过长"),
    ],
    ids=[
        "empty",
        "zeros",
        "bom",
        "docx",
        "pptx",
        "zip",
        "half-xlsx",
        "cut-zip",
        "ole",
        "protected",
        "doc",
        "cut-xls",
        "pdf",
        "png",
        "bytes",
        "html",
        "xml",
        "quote",
        "long-line",
    ],
)
def test_what_is_no_ledger_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    """Whatever the extension says, the sentence names what the file is, in one line."""
    path = tmp_path / "台账.xlsx"
    path.write_bytes(content)

    with pytest.raises(BadFileError) as refused:
        read(path)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)
    assert refused.value.exit_code == 11


def test_a_value_at_the_far_end_of_a_sheet_is_named(tmp_path: Path) -> None:
    """A sheet that reaches further than memory does is refused with its corner; colours alone do not count."""
    import xlsxwriter

    for stray, value in ((" ", "x"), (None, None)):
        file = tmp_path / f"{stray}.xlsx"
        with xlsxwriter.Workbook(file) as book:
            page, look = book.add_worksheet("台账"), book.add_format({"bg_color": "#FFFF00"})
            page.write_row(0, 0, ("线索编号", "收到时间", "线索来源", "反映的主要问题"))
            page.write_row(1, 0, ("1", "2019-06-01", "群众来信", "文字"))
            page.write(1_048_575, 0, value, look)
            page.write(1, 16_383, value, look)
        if stray:
            with pytest.raises(BadFileError, match="XFD1048576"):
                open_book(file)
        else:
            assert [each.name for each in open_book(file).sheets] == ["台账"]


def test_missing_files_folders_and_sheets_are_refused(tmp_path: Path) -> None:
    """A folder, a missing file and a missing sheet are named."""
    path = saved(tmp_path / "a.xlsx", [["线索编号", "备注"]])

    for given_path, sheet, said in (
        (tmp_path, None, "文件夹"),
        (tmp_path / "b", None, "不存在"),
        (path, "七月", "线索台账"),
    ):
        with pytest.raises(BadFileError, match=said):
            read(given_path, sheet=sheet)


def test_empty_sheet_is_refused(tmp_path: Path) -> None:
    """A workbook without a row is refused."""
    with pytest.raises(BadFileError, match="没有任何内容"):
        read(saved(tmp_path / "a.xlsx", []))


@pytest.mark.parametrize("kind", ["xlsx", "xls"])
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(where=st.integers(0, 10_000), length=st.integers(0, 400))
def test_damage_is_refused_or_read(tmp_path: Path, kind: str, where: int, length: int) -> None:
    """A file that was cut or overwritten anywhere is read or refused, and breaks nothing."""
    whole = tmp_path / f"whole.{kind}"
    if not whole.exists():
        county_ledger(whole) if kind == "xlsx" else old_book(whole, [["线索编号", "备注"], ["1", "甲"]])
    content = whole.read_bytes()
    at = where % len(content)
    damaged = tmp_path / f"damaged.{kind}"
    damaged.write_bytes(content[:at] + (b"\x5a" * length + content[at + length :] if length else b""))

    said = ""
    try:
        read(damaged)
    except QinglingError as refused:
        said = str(refused)
    assert "\n" not in said


def test_names_do_not_decide(tmp_path: Path) -> None:
    """A workbook is opened by its content."""
    assert open_book(saved(tmp_path / "a.csv", [["线索编号"]])).shape == "workbook"
