"""Who reports is found in clear nowhere: not in outputs, errors, exports, letters, backups, nor on the disk."""

import csv
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile, is_zipfile

import pytest
from houses import House, built_house, house

__all__ = ["built_house", "house"]

NAME, GIVEN, MOBILE, WIDE = "赵建国", "建国", "13900001111", "１３９００００１１１１"
ID = "11010519491231002X"
IDENTITIES = (NAME, GIVEN, MOBILE, WIDE, ID)
GIVEN_BY_THE_WRITER = {"old.csv", "old.marked.xlsx", "who"}
"""What the writer had before, and the copy of it that is handed back with remarks in its margin."""
FIRST = "0101-XS-2019-0001"


def parts(content: bytes) -> list[bytes]:
    """Return a file's content and, of an archive, that of its parts and their parts."""
    found = [content]
    if is_zipfile(BytesIO(content)):
        with ZipFile(BytesIO(content)) as archive:
            for each in archive.namelist():
                found += parts(archive.read(each))
    return found


def leaks(where: str, content: bytes) -> list[tuple[str, str]]:
    """Return which identities a content shows, in UTF-8, as JSON writes them, or in UTF-16."""
    forms = {word: (word.encode(), word.encode("utf-16-le"), ascii(word)[1:-1].encode()) for word in IDENTITIES}
    return [
        (where, word) for word, spelt in forms.items() if any(form in part for part in parts(content) for form in spelt)
    ]


def everything(house: House) -> list[tuple[str, str]]:
    """Return what all commands and all files of the house show."""
    out = house.folder / "out"
    out.mkdir(exist_ok=True)
    looking = [
        ["show", FIRST], ["show", FIRST, "--json"], ["show", FIRST, "--original"],
        ["show", FIRST, "--original", "--json"],
        ["list"], ["list", "--json"], ["list", "--questions"], ["journal", "log"], ["journal", "log", "--json"],
        ["journal", "verify"], ["doctor"], ["zero", "yearly", "--year", "2019"], ["sweep"], ["outbox", "list"],
        ["export", "ledger", "-o", str(out / "ledger.xlsx"), "--original"],
        ["backup", str(out / "backup.zip")],
        ["export", "xes", "-o", str(out / "log.xes")], ["report", "list"], ["credential", "list"],
        ["reporter", "destroy"], ["restrict", FIRST, "--to", "wang", "--reason", "x"], ["deadline", "list"],
        ["letter", "pass_on", FIRST, "-o", str(out / "letter.docx"), "--preview"],
        ["--debug", "show", "no such case"],
    ]  # fmt: skip
    found = []
    for args in looking:
        for lang in ("en", "zh"):
            result = house.run(*args, lang=lang)
            found += leaks(" ".join(args), result.output.encode())
    for file in house.folder.rglob("*"):
        if file.is_file() and file.name not in GIVEN_BY_THE_WRITER:
            found += leaks(file.name, file.read_bytes())
    return found


@pytest.mark.parametrize("way", ["receive", "import"])
def test_an_identity_is_nowhere_in_clear(house: House, way: str) -> None:
    """Entered by command with careless words, which are refused, or by a ledger, in which they are masked."""
    (house.folder / "who").write_text(f"{NAME}；联系电话：{MOBILE}", "utf-8")
    careless = f"{NAME}反映王五收红包，电话{WIDE}，证号{ID}"
    if way == "receive":
        lead = ("receive", "--unit", "0101", "--received-on", "2019-06-28", "--source", "letter", "--real-name", "yes")
        who = ("--reporter", f"@{house.folder / 'who'}")
        said = house.refused(21, *lead, *who, "--summary", careless)
        assert leaks("refusal", said.encode()) == []
        house.done(*lead, *who, "--summary", "反映王五收红包", "--subject", "王五")
        for args in (("note", FIRST, careless), ("amend", FIRST, "--remark", MOBILE, "--reason", "x")):
            assert leaks("refusal", house.refused(21, *args).encode()) == []
    else:
        with Path(house.folder / "old.csv").open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file).writerows(
                [
                    ["收到时间", "线索来源", "反映的主要问题", "被反映人", "举报人姓名", "联系电话", "备注"],
                    ["2019-06-01", "来信", careless, "王五", NAME, MOBILE, f"{GIVEN}再来电"],
                ]
            )
        said = house.run("import", str(house.folder / "old.csv"), "--unit", "0101", "--apply").output
        assert [each for each in leaks("import", said.encode()) if each[1] != NAME] == []
        assert house.found("list") != []
    assert everything(house) == []
