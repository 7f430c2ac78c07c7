"""Who reports is found in clear nowhere: not in outputs, errors, exports, letters, backups, nor on the disk."""

import csv
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile, is_zipfile

import pytest
from houses import House, built_house, house

__all__ = ["built_house", "house"]

NAME, GIVEN, MOBILE, WIDE = "赵建国", "建国", "13900001111", "１３９００００１１１１"
ID, SPACED_ID = "11010519491231002X", "110105 19491231 002X"
SPACED, APART, ADDRESS = "赵 建 国", "139 0000 1111", "青山路七号院三栋二单元"
IDENTITIES = (NAME, GIVEN, MOBILE, WIDE, ID, SPACED_ID, SPACED, APART, ADDRESS)
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
        ["show", FIRST],
        ["show", FIRST, "--json"],
        ["show", FIRST, "--original"],
        ["show", FIRST, "--original", "--json"],
        ["list"],
        ["list", "--json"],
        ["list", "--questions"],
        ["journal", "log"],
        ["journal", "log", "--json"],
        ["journal", "verify"],
        ["doctor"],
        ["zero", "yearly", "--year", "2019"],
        ["sweep"],
        ["outbox", "list"],
        ["export", "ledger", "-o", str(out / "ledger.xlsx"), "--original"],
        ["backup", str(out / "backup.zip")],
        ["export", "xes", "-o", str(out / "log.xes")],
        ["report", "list"],
        ["credential", "list"],
        ["reporter", "destroy"],
        ["restrict", FIRST, "--to", "wang", "--reason", "x"],
        ["deadline", "list"],
        ["letter", "pass_on", FIRST, "-o", str(out / "letter.docx"), "--preview"],
        ["--debug", "show", "no such case"],
        ["journal", "access"],
        ["list", "--to-sign"],
        ["outbox", "preview"],
        ["deadline", "explain", FIRST, "disposal"],
        ["letter", "list", FIRST],
        ["list", "--where", "summary == '王五'"],
        ["--debug", "amend", FIRST, "--received-on", NAME, "--reason", "x"],
    ]
    writing = [
        ["case-file", FIRST, "-o", str(out / "file.docx"), "--reason", "x"],
        ["export", "ocel", "-o", str(out / "log.json"), "--reason", "x"],
        ["export", "csv", "-o", str(out / "table.csv"), "--reason", "x"],
        ["report", "monthly", "--period", "2019-06", "-o", str(out / "report.docx")],
        ["report", "monthly", "--period", "2019-06", "-o", str(out / "report.xlsx")],
        ["zero", "yearly", "--year", "2019", "-o", str(out / "zero.docx")],
        ["journal", "prove", FIRST, "-o", str(out / "proof.json")],
    ]  # fmt: skip
    found = []
    for args in (*looking, *writing):
        for lang in ("en", "zh") if args in looking else ("zh",):
            result = house.run(*args, lang=lang)
            found += leaks(" ".join(args), result.output.encode())
    for file in house.folder.rglob("*"):
        if file.is_file() and file.name not in GIVEN_BY_THE_WRITER:
            found += leaks(file.name, file.read_bytes())
    return found


@pytest.mark.parametrize("way", ["receive", "import"])
def test_an_identity_is_nowhere_in_clear(house: House, way: str) -> None:
    """Entered by command with careless words, which are refused, or by a ledger, in which they are masked."""
    (house.folder / "who").write_text(f"{NAME}；联系电话：{MOBILE}；住址：{ADDRESS}", "utf-8")
    careless = f"{NAME}（{SPACED}，住{ADDRESS}）反映王五收红包，电话{WIDE}、{APART}，证号{ID}，{SPACED_ID}"
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
                    ["收到时间", "线索来源", "反映的主要问题", "被反映人", "举报人姓名", "联系电话", "住址", "备注"],
                    ["2019-06-01", "来信", careless, "王五", NAME, MOBILE, ADDRESS, f"{GIVEN}再来电"],
                ]
            )
        said = house.run("import", str(house.folder / "old.csv"), "--unit", "0101", "--apply").output
        assert [each for each in leaks("import", said.encode()) if each[1] != NAME] == []
        assert house.found("list") != []
    assert everything(house) == []


CARELESS = (
    ("note", FIRST, "{}"), ("amend", FIRST, "--remark", "{}", "--reason", "x"),
    ("sign", FIRST, "--ask", "signed-by", "--signer", "li", "--step", "escalate", "--reason", "{}"),
    ("amend", FIRST, "--remark", "x", "--reason", "{}"), ("pause", FIRST, "disposal", "--reason", "{}"),
    ("extend", FIRST, "disposal", "--for", "1 month", "--signed-by", "li", "--reason", "{}"),
    ("link", FIRST, "0101-XS-2019-0002", "--reason", "{}"), ("void", FIRST, "--reason", "{}"),
    ("hand-over", FIRST, "0102", "--reason", "{}"), ("restrict", FIRST, "--to", "wang", "--reason", "{}"),
    ("attach", FIRST, "{file}", "--title", "{}"), ("attach", FIRST, "{named}"), ("decline", FIRST, "--reason", "{}"),
    ("reporter", "ask", FIRST, "--reason", "{}"), ("advance", FIRST, "decline", "--reason", "{}"),
    ("letter", "issue", "pass_on", FIRST, "-o", "{out}.docx", "--reason", "{}"),
    ("unit", "close", "0102", "--reason", "{}"),
    ("unit", "rename", "0102", "x", "--reason", "{}"), ("officer", "rename", "li", "x", "--reason", "{}"),
    ("backup", "{out}.db", "--to-key", "{key}", "--from-now-on", "--reason", "{}"),
    ("adopt", "{roles}", "--apply", "--reason", "{}"),
    ("clock", "allow", "--until", "2019-07-02T10:00", "--reason", "{}"),
    ("calendar", "close", "0101", "2019-10-08", "--reason", "{}"),
)  # fmt: skip
"""Every place in which words are typed; {} stands for words that show a telephone."""


def test_no_door_takes_a_telephone_unasked(house: House) -> None:
    """Each command that takes words refuses those that show a telephone, repeats none, and nothing of it is kept."""
    house.lead()
    house.assigned(house.lead("--subject", "王五"))
    places: dict[str, Path | str] = {
        "file": house.folder / "passphrase.txt", "named": house.folder / f"{MOBILE}.pdf", "out": house.folder / "made",
        "key": "age1lvyvwawkr0mcnnnncaghunadrqkmuf9e6507x9y920xxpp866cnql7dp2z",
        "roles": house.folder / "roles.yaml",
    }  # fmt: skip
    (house.folder / f"{MOBILE}.pdf").write_bytes(b"x")
    roles = Path(__file__).parents[1] / "workflows" / "lists" / "roles.yaml"
    (house.folder / "roles.yaml").write_text(
        roles.read_text("utf-8").replace("log_in_hours: 10", "log_in_hours: 9"), "utf-8"
    )
    wrong = []
    for place, words in enumerate(CARELESS):
        said = (WIDE, APART)[place % 2]
        result = house.run(*(said if each == "{}" else each.format(**places) for each in words))
        if result.exit_code != 21 or leaks("", result.output.encode()):
            wrong.append((words, result.exit_code, result.output))
    assert not wrong, "\n".join(map(str, wrong))
    kept = [each for each in house.folder.rglob("*") if each.is_file()]
    assert [each.name for each in kept if leaks("", each.read_bytes())] == []
