"""Papers show the journal's checkpoint: its short code in print, itself as a QR code; `verify` takes both back."""

from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import segno
from houses import House, built_house, house

from documents.checkpoint_marks import png_of, svg_of

__all__ = ["built_house", "house"]


def test_reports_and_letters_show_it_and_verify_takes_the_code(house: House, tmp_path: Path) -> None:
    """Without a checkpoint a paper says nothing of one; with one it holds the note itself; a strange code is found."""
    number = house.lead("--subject", "王五")
    house.done("letter", "settings", "--sender", "示例市卫健委", "--contact", "李某", "--telephone", "0000-0000000")
    bare, report, page = (tmp_path / name for name in ("bare.docx", "report.docx", "report.html"))
    made = ("report", "monthly", "--period", "2019-07", "-o")
    house.done(*made, str(bare))
    found = house.found("journal", "checkpoint", "-o", str(tmp_path / "checkpoint.txt"))
    note, code = (tmp_path / "checkpoint.txt").read_text("utf-8"), found["code"]
    for each in (report, page):
        house.done(*made, str(each))

    assert not [name for name in ZipFile(bare).namelist() if name.endswith(".png")]
    (picture,) = (name for name in ZipFile(report).namelist() if name.endswith(".png"))
    assert ZipFile(report).read(picture) == png_of(note)
    assert code in ZipFile(report).read("word/document.xml").decode()
    assert svg_of(note) in page.read_text("utf-8")
    assert code in page.read_text("utf-8")
    house.done("journal", "verify", "--code", code.upper())
    strange = house.run("journal", "verify", "--code", "0" * 16)
    assert strange.exit_code == 12
    assert "no checkpoint of that code" in strange.output
    letter = tmp_path / "letter.docx"
    house.done("letter", "pass_on", number, "-o", str(letter), "--handling-office", "医政股", "--preview")
    shown = [ZipFile(letter).read(name).decode() for name in ZipFile(letter).namelist() if "header" in name]
    assert any(f"核验码 {code}" in each for each in shown)
    (picture,) = (name for name in ZipFile(letter).namelist() if name.endswith(".png"))
    assert ZipFile(letter).read(picture) == png_of(note)
    body = ZipFile(letter).read("word/document.xml").decode()
    assert body.count("<wp:anchor ") == 1  # over the first page, and in no line of its text
    assert "<wp:inline" not in body


def test_the_code_is_the_note_and_a_scanner_reads_it_whole() -> None:
    """What is drawn is the signed note, byte for byte, with room to spare for stamps; also co-signed."""
    for length in (217, 360):
        note = "—" + "x" * length
        drawn = segno.make(note, error="m", micro=False, encoding="utf-8")
        made = BytesIO()
        drawn.save(made, kind="png", scale=6, border=4)
        assert png_of(note) == made.getvalue()
        assert (drawn.error, drawn.mode) == ("M", "byte")
