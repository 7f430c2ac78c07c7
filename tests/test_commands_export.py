"""`qingling export`: what leaves the house, what is journaled of it, and what a ledger that comes back changes."""

import json
import subprocess
import zipfile
from hashlib import sha256
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import Result
from houses import REPORTER, House, built_house, house

from documents.ledger_out.formats import SHIPPED

__all__ = ["built_house", "house"]

FORMATS = sorted(path.stem for path in SHIPPED.glob("*.yaml"))
NUMBER = "0101-XS-2019-0001"
MULTILINE = "门口有人强揽生意\n多次阻拦救护车 "


@pytest.fixture
def told(house: House) -> House:
    """Return a house with three leads, one of them assigned and one with a sealed reporter."""
    house.lead("--reporter", REPORTER, "--real-name", "yes", "--subject", "甲某", "--remark", "=1+1")
    house.assigned(NUMBER)
    house.done(
        "receive", "--unit", "0101", "--received-on", "2019-06-20", "--source", "telephone", "--summary", MULTILINE
    )
    house.done(
        "receive", "--unit", "0102", "--received-on", "2019-05-20", "--source", "telephone", "--summary", "围标",
        "--involves-official",
    )  # fmt: skip
    return house


def ledger_of(house: House, *args: str, name: str = "out.xlsx") -> Path:
    """Export a ledger in Chinese and return its file."""
    out = house.folder / name
    house.done("export", "ledger", *args, "-o", str(out), lang="zh")
    return out


def edited(file: Path, changes: dict[tuple[str, str], object]) -> Path:
    """Change cells as a unit would, by number of the case and heading, and save."""
    book: Any = openpyxl.load_workbook(file)
    page = book.worksheets[0]
    header = next(row for row in page.iter_rows() if any(cell.value == "清零编号" for cell in row))
    places = {cell.value: cell.column for cell in header}
    for row in page.iter_rows(min_row=header[0].row + 1):
        own = row[places["清零编号"] - 1].value
        for (number, heading), value in changes.items():
            if own == number:
                row[places[heading] - 1].value = value
    book.save(file)
    return file


def values(house: House, number: str = NUMBER) -> dict[str, Any]:
    """Return what the register knows of a case."""
    return dict(house.found("show", number)["fields"])


def taken(house: House, file: Path) -> tuple[dict[str, int], Result]:
    """Import a ledger and return how many rows became what, and the run."""
    result = house.run("import", str(file), "--apply", "--json")
    assert result.stdout, result.output + repr(result.exception)
    return json.loads(result.stdout)["counts"], result


@pytest.mark.parametrize("ending", ["xlsx", "csv", "json"])
@pytest.mark.parametrize("form", FORMATS)
def test_no_export_holds_what_is_sealed(told: House, form: str, ending: str) -> None:
    """The reporter is in no ledger of any format and ending, in no part of a workbook either."""
    out = ledger_of(told, "--format", form, name=f"out.{ending}")
    parts = [out.read_bytes()]
    if ending == "xlsx":
        with zipfile.ZipFile(out) as archive:
            parts += [archive.read(name) for name in archive.namelist()]
    assert not [each for each in parts if REPORTER.encode() in each or b"Q-773" in each]


@pytest.mark.parametrize("form", ["xes", "ocel", "csv"])
def test_no_event_log_holds_what_is_sealed_or_personal(told: House, form: str) -> None:
    """Neither the reporter nor the person reported nor what is reported is in an event log."""
    out = told.folder / "log"
    told.done("export", form, "-o", str(out))
    content = out.read_text("utf-8-sig")
    assert NUMBER in content
    assert not [each for each in (REPORTER, "甲某", "强揽", "围标") if each in content]


def test_an_export_is_journaled(told: House) -> None:
    """The house's chain says what left, how many rows, which scope, the digest of the file, who and why."""
    out = ledger_of(told, "--format", "statistics", "--unit", "0101", "--open", "--reason", "月报")
    row = told.found("journal", "log", "--kind", "exported")[0]
    assert row["by"] == "wang"
    assert row["body"] | {"real_at": 0} == {
        "what": "ledger statistics xlsx",
        "count": 2,
        "scope": {"workflow": "lead", "unit": "0101", "open": True},
        "digest": sha256(out.read_bytes()).hexdigest(),
        "reason": "月报",
        "real_at": 0,
    }
    told.done("journal", "verify")
    assert "exported: ledger statistics xlsx, 2 in all: 月报" in told.done("journal", "log", "--kind", "exported")


def test_what_is_exported_can_be_read_by_its_owner_only(told: House) -> None:
    """A ledger is as secret as the register; nothing of it stays behind beside it."""
    out = ledger_of(told)
    assert out.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in told.folder.iterdir() if each.name.startswith(".qingling")] == []


@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        (("-o", "x.doc"), 2, ".xlsx"),
        (("--format", "statistik", "-o", "x.csv"), 20, "did you mean 'statistics'?"),
        (("--unit", "0109", "-o", "x.csv"), 20, "0109"),
        (("--state", "asigned", "-o", "x.csv"), 20, "asigned"),
        (("--where", "sumary == 1", "-o", "x.csv"), 2, "sumary"),
        (("-o", "nowhere/x.csv"), 11, "cannot be written"),
        (("-o", "ledger.db.csv"), 11, "--replace"),
    ],
    ids=lambda each: " ".join(each) if isinstance(each, tuple) else None,
)
def test_refusals(told: House, monkeypatch: pytest.MonkeyPatch, args: tuple[str, ...], code: int, words: str) -> None:
    """What cannot be exported is refused in one line, and nothing is journaled."""
    monkeypatch.chdir(told.folder)
    Path("ledger.db.csv").write_text("kept", "utf-8")
    assert words in told.refused(code, "export", "ledger", *args)
    assert told.found("journal", "log", "--kind", "exported") == []
    assert Path("ledger.db.csv").read_text("utf-8") == "kept"


def test_officers_export_what_is_theirs(told: House) -> None:
    """An officer of one unit exports that unit, not the whole house and no other unit."""
    out = str(told.folder / "x.csv")
    assert "--unit" in told.refused(21, "export", "ledger", "-o", out, by="zhao")
    told.refused(21, "export", "ledger", "--unit", "0102", "-o", out, by="zhao")
    told.refused(21, "export", "xes", "-o", out, by="zhao")
    told.done("export", "ledger", "--unit", "0101", "-o", out, by="zhao")


def test_a_template_of_the_house(told: House) -> None:
    """A YAML file that is adopted is a format; one that is not sound is refused with its line."""
    folder = told.folder / "ledger-workflows" / "ledgers"
    folder.mkdir(parents=True)
    (folder / "own.yaml").write_text("workflow: lead\ntitle: 本局表\ncolumns: [case.number, summary]\n", "utf-8")
    told.adopt(folder / "own.yaml")
    assert "own" in [each["format"] for each in told.found("export", "formats")]
    out = ledger_of(told, "--format", "own", name="own.csv")
    assert out.read_text("utf-8-sig").splitlines()[0] == "清零编号,反映的主要问题,演练台账，不作实据"
    bad = folder / "bad.yaml"
    bad.write_text("workflow: lead\ncolumns:\n  - summary\n  - reporter\n", "utf-8")
    refused = told.refused(10, "adopt", str(bad))
    assert "bad.yaml:4" in refused
    assert "sealed" in refused
    refused = told.refused(20, "export", "ledger", "--format", str(bad), "-o", str(told.folder / "x.csv"))
    assert "adopt the file first" in refused


LISTED = {
    "full": 3, "statistics": 3, "petitions": 3, "discipline": 1, "rectification": 0, "transfers": 0, "results": 0,
    "problems": 0, "duties": 0, "tasks": 0, "carers": 0, "ambulances": 0, "extensions": 0, "supervisions": 0,
    "supervision_reports": 0, "returns": 0, "major_information": 0,
}  # fmt: skip
"""How many of the three leads, one of which involves an official, are rows of each format."""

SOURCES = {
    # what a source makes of a lead:   listed as a petition
    "letter": True, "in_person": True, "internet": True, "superior": False, "inspection": False, "self_check": False,
}  # fmt: skip


def numbers_in(file: Path) -> set[str]:
    """Return the numbers of the cases that a ledger in JSON lists."""
    return {row["number"] for row in json.loads(file.read_text("utf-8"))["rows"]}


def test_a_table_of_officials_lists_leads_that_involve_officials(told: House) -> None:
    """F2 is about officials (W19): a lead that involves none is no row of it, one that comes to involve one is."""
    assert numbers_in(ledger_of(told, "--format", "discipline", name="a.json")) == {"0102-XS-2019-0001"}
    told.done(
        "advance", NUMBER, "reclassify", "--category", "A5", "--reason", "核实", "--signed-by", "li",
        "--involves-official",
    )  # fmt: skip
    found = numbers_in(ledger_of(told, "--format", "discipline", name="b.json"))
    assert found == {"0102-XS-2019-0001", NUMBER}
    narrowed = numbers_in(ledger_of(told, "--format", "discipline", "--where", "unit == '0101'", name="c.json"))
    assert narrowed == {NUMBER}


@pytest.mark.parametrize("source", SOURCES)
def test_a_ledger_of_petitions_lists_petitions(told: House, source: str) -> None:
    """What superiors assigned or the unit found itself is no petition."""
    number = told.done(
        "receive",
        "--unit",
        "0102",
        "--received-on",
        "2019-05-20",
        "--source",
        source,
        "--summary",
        "某事",
        "--feedback-due-on",
        "2019-07-31",
    ).split()[0]
    assert (number in numbers_in(ledger_of(told, "--format", "petitions", name="a.json"))) is SOURCES[source]


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ((), None),
        (("--format", "discipline"), "列入范围：涉及公职人员的线索"),
        (("--open",), "列入范围：仅未办结的"),
        (("--open", "--state", "assigned"), "列入范围：仅未办结的；仅“已交办”的"),
        (("--where", "handler == 'zhao'"), "列入范围：仅符合条件的：handler == 'zhao'"),
    ],
)
def test_a_ledger_says_which_rows_it_lists(told: House, args: tuple[str, ...], said: str | None) -> None:
    """A part of the register is never to be taken for the whole: the head says which rows were asked for."""
    page = openpyxl.load_workbook(ledger_of(told, *args)).worksheets[0]
    head = next(str(cell.value) for cell in page[2] if cell.value)
    assert head.split("      ")[2:-1] == ([] if said is None else [said])


@pytest.mark.parametrize("ending", ["xlsx", "csv"])
@pytest.mark.parametrize("form", ["full", "statistics", "petitions", "discipline"])
def test_what_comes_back_as_it_left_changes_nothing(told: House, form: str, ending: str) -> None:
    """A ledger that nobody touched is taken back without a change, formulas, line breaks and all."""
    out = ledger_of(told, "--format", form, name=f"out.{ending}")
    before = told.found("journal", "log")
    found, result = taken(told, out)
    assert result.exit_code == 0, result.output
    assert (found["updated"], found["unchanged"], found["opened"]) == (0, LISTED[form], 0), found
    assert [row["kind"] for row in told.found("journal", "log")] == [row["kind"] for row in before]


def test_only_what_was_changed_changes(told: House) -> None:
    """A unit fills in one cell; that field changes, journaled with the file, and no other."""
    out = edited(ledger_of(told), {(NUMBER, "备注"): "已与家属联系"})
    before = values(told)
    taken(told, out)
    assert values(told) == {**before, "remark": "已与家属联系"}
    last = told.found("journal", "log", NUMBER)[-1]
    assert (last["kind"], last["body"]["set"]) == ("amended", {"remark": "已与家属联系"})
    digest = sha256(out.read_bytes()).hexdigest()
    assert last["body"]["file"] == {"name": f"{digest[:8]}.xlsx", "digest": digest}


def test_a_stale_cell_does_not_undo_what_the_register_learnt(told: House) -> None:
    """What an officer wrote after the export stays, though the ledger still says what was before."""
    out = edited(ledger_of(told), {(NUMBER, "被反映人"): "乙某"})
    told.done("amend", NUMBER, "--remark", "新情况", "--reason", "补充")
    taken(told, out)
    found = values(told)
    assert (found["subject"], found["remark"]) == ("乙某", "新情况")


@pytest.mark.parametrize(
    ("changes", "after", "words"),
    [
        ({(NUMBER, "备注"): "甲"}, ("amend", NUMBER, "--remark", "乙", "--reason", "x"), "was changed here after"),
        ({(NUMBER, "当前状态"): "已办结"}, (), "changes by a step only"),
        ({(NUMBER, "核查结论"): "查实"}, (), "Finding"),
        ({(NUMBER, "单位"): "县中医院"}, (), "belongs to unit 0101"),
        ({(NUMBER, "清零版次"): 99}, (), "revision 99"),
        ({(NUMBER, "清零编号"): "0101-XS-2019-0099"}, (), "no case has the number"),
    ],
    ids=["both changed it", "state", "finding", "unit", "revision", "number"],
)
def test_what_a_ledger_may_not_change(
    told: House, changes: dict[tuple[str, str], object], after: tuple[str, ...], words: str
) -> None:
    """A row that would go round the steps, or over what changed meanwhile, is refused and says so."""
    out = edited(ledger_of(told), changes)
    if after:
        told.done(*after)
    before = values(told)
    found, result = taken(told, out)
    assert result.exit_code == 11
    assert found["refused"] == 1, found
    assert words in result.stdout + result.stderr
    assert values(told) == before


def test_a_new_row_in_a_returned_ledger_is_a_new_lead(told: House, tmp_path: Path) -> None:
    """It needs no number of ours, and no heading that we wrote ourselves is asked about."""
    book = openpyxl.load_workbook(ledger_of(told))
    page = book.worksheets[0]
    titles = next(cells for cells in page.iter_rows(values_only=True) if "线索来源" in cells)
    last = max(cells[0].row or 0 for cells in page.iter_rows() if str(cells[1].value).startswith("0101-XS-"))
    page.insert_rows(last + 1)
    new = {"单位": "县医院", "收到时间": "2019-06-20", "线索来源": "来信", "反映的主要问题": "有人强揽救护车生意"}
    for title, cell in new.items():
        page.cell(last + 1, titles.index(title) + 1).value = cell
    book.save(tmp_path / "back.xlsx")
    found, result = taken(told, tmp_path / "back.xlsx")
    assert (result.exit_code, found["opened"], found["unchanged"]) == (0, 1, 3), result.output
    headings = json.loads(result.stdout)["headings"]
    assert [each["text"] for each in headings if each["how"] in {"asked", "unmatched"}] == []


def test_a_step_is_taken_as_the_returned_ledger_says(told: House) -> None:
    """The state in a row is reached by the step that leads there, which takes what it asks from the row."""
    second = "0101-XS-2019-0002"
    filled = {"当前状态": "已交办", "责任人": "zhao", "责任领导": "li", "备注": "已交办"}
    out = edited(ledger_of(told), {(second, heading): cell for heading, cell in filled.items()})
    found, result = taken(told, out)
    assert (result.exit_code, found["updated"], found["unchanged"]) == (0, 1, 2), result.output
    shown = told.found("show", second)
    assert (shown["state"], shown["fields"]["handler"], shown["fields"]["remark"]) == ("assigned", "zhao", "已交办")
    assert [row["kind"] for row in told.found("journal", "log", second)][-2:] == ["amended", "moved"]
    assert taken(told, out)[0]["unchanged"] == 3, "the same ledger twice takes no second step"


def test_a_refused_step_or_a_forbidden_cell_costs_nothing_else(told: House) -> None:
    """What else the row says is taken over, and each reason stands in the report; with --strict the row is refused."""
    changes: dict[tuple[str, str], object] = {
        (NUMBER, "当前状态"): "已核查",
        (NUMBER, "单位"): "0102",
        (NUMBER, "备注"): "已联系",
    }
    out = edited(ledger_of(told), changes)
    strict = told.run("import", str(out), "--strict", "--apply", "--json")
    assert (strict.exit_code, values(told)["remark"]) == (11, "=1+1")
    found, result = taken(told, out)
    assert (result.exit_code, found["updated"]) == (0, 1), result.output
    (told_of,) = [each["left_out"] for each in json.loads(result.stdout)["records"] if each["left_out"]]
    assert "belongs to unit 0101" in told_of
    assert "Verify" in told_of or "verif" in told_of
    assert (values(told)["remark"], told.found("show", NUMBER)["state"]) == ("已联系", "assigned")


def test_a_cell_that_is_not_understood_costs_that_cell(told: House) -> None:
    """What else the row says is taken over; of the cell it is said why, and the register's value stays."""
    out = edited(ledger_of(told), {(NUMBER, "线索来源"): "飞鸽", (NUMBER, "备注"): "已与家属联系"})
    before = values(told)
    found, result = taken(told, out)
    assert (result.exit_code, found["updated"]) == (0, 1)
    assert "not one of the choices" in result.stdout
    assert values(told) == {**before, "remark": "已与家属联系"}


def test_an_officer_who_has_left_is_no_obstacle(told: House) -> None:
    """A case that names an officer who has left comes back unchanged."""
    told.done("officer", "leave", "zhao")
    found, result = taken(told, ledger_of(told))
    assert (result.exit_code, found["unchanged"]) == (0, 3)


def test_a_clean_up_list_comes_back_too(told: House) -> None:
    """Cases that only steps open can be filled in by a ledger, though none can be added by one."""
    out = ledger_of(told, "--format", "rectification")
    found, result = taken(told, out)
    assert (result.exit_code, found["opened"]) == (0, 0), result.output


def test_no_file_of_anybody_is_overwritten(told: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that is taken is refused, also if it was taken while the file was written; a dash is no file."""
    from engine.system import whole_files as files

    out = told.folder / "events.csv"
    ways = files.put_new

    def late(made: Path, target: Path) -> None:
        target.write_text("somebody's", "utf-8")
        ways(made, target)

    monkeypatch.setattr(files, "put_new", late)
    assert "is there already" in told.refused(11, "export", "csv", "-o", str(out))
    assert out.read_text("utf-8") == "somebody's"
    assert "is there already" in told.refused(11, "export", "csv", "-o", str(out))
    told.done("export", "csv", "-o", str(out), "--replace")
    assert "name a file, not -" in told.refused(11, "export", "csv", "-o", "-")


@pytest.mark.office("soffice")
@pytest.mark.parametrize("form", ["full", "statistics"])
def test_edited_in_libreoffice(told: House, form: str, tmp_path: Path) -> None:
    """Saved anew by LibreOffice before and after a unit filled it in: only what was changed changes."""
    before = values(told)
    saved = resaved(ledger_of(told, "--format", form), tmp_path)
    again = resaved(edited(saved, {(NUMBER, "备注"): "单位已回复"}), tmp_path / "again")
    found, result = taken(told, again)
    assert (result.exit_code, found["updated"], found["unchanged"]) == (0, 1, 2), result.output
    assert values(told) == {**before, "remark": "单位已回复"}


@pytest.mark.office("soffice")
def test_prints_on_a4(told: House, tmp_path: Path) -> None:
    """LibreOffice prints the ledger without the revision, on A4 landscape."""
    pdf = resaved(ledger_of(told, "--format", "statistics"), tmp_path, "pdf")
    said = subprocess.run(["pdfinfo", pdf], check=True, capture_output=True, text=True).stdout
    size = next(line for line in said.splitlines() if line.startswith("Page size"))
    wide, high = (float(each) for each in size.split(":")[1].split("pts")[0].split("x"))
    assert (round(wide), round(high)) == (842, 595)
    words = subprocess.run(["pdftotext", pdf, "-"], check=True, capture_output=True, text=True).stdout
    assert "扫黑除恶线索统计表" in words
    assert "清零版次" not in words


KEYED = {
    # a heading that stands at the left, and what the key of the colours says
    "statistics": ("线索名称",),
    "rectification": ("存在问题", "剩余3天以内", "超期30天以上"),
    "discipline": ("被反映人",),
    "full": ("反映的主要问题", "剩余3天以内", "已超期", "超期7天以上", "超期30天以上", "挂牌督办", "领导包案"),
}


@pytest.mark.office("soffice", "pdftotext")
@pytest.mark.parametrize(("form", "across"), [("statistics", 1), ("rectification", 1), ("discipline", 1), ("full", 3)])
def test_every_printed_page_has_head_and_key(told: House, form: str, across: int, tmp_path: Path) -> None:
    """A ledger of a dozen columns is one page across; each page of many has the headings and the colours' meaning."""
    rows = "\n".join(f"0101,2019-06-{1 + n % 28:02},信访受理,反映第{n}件事{'某某' * 20}" for n in range(60))
    (told.folder / "many.csv").write_text(f"单位,收到时间,线索来源,反映的主要问题\n{rows}\n", "utf-8")
    told.done("import", str(told.folder / "many.csv"), "--apply")
    for number in ("0101-XS-2019-0003", "0101-XS-2019-0004"):
        told.done(
            "advance", number, "reclassify", "--category", "A5", "--reason", "核实", "--signed-by", "li",
            "--involves-official",
        )  # fmt: skip
    pdf = resaved(ledger_of(told, "--format", form), tmp_path, "pdf")
    said = subprocess.run(["pdftotext", "-layout", pdf, "-"], check=True, capture_output=True, text=True).stdout
    pages = ["".join(each.split()) for each in said.split("\f")[:-1]]
    headed = [each for each in pages if "清零编号" in each]
    assert len(pages) - len(headed) <= 1, "the foot may stand alone on a page below one of several across"
    for heading in ("备注", KEYED[form][0]):
        assert sum(heading in each for each in headed) >= len(headed) // across
    for page in headed:
        assert all(each in page for each in KEYED[form][1:]), page[:200]


def resaved(file: Path, folder: Path, kind: str = "xlsx") -> Path:
    """Return the file as LibreOffice saves it."""
    folder.mkdir(exist_ok=True)
    profile = f"-env:UserInstallation=file://{folder}/profile"
    command = ["soffice", profile, "--headless", "--convert-to", kind, "--outdir", str(folder), str(file)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return folder / f"{file.stem}.{kind}"


def test_a_nil_return_in_a_returned_sheet_is_filed(told: House) -> None:
    """A unit writes 零报告, who signed and when: the return is submitted by its own step."""
    told.done("officer", "grant", "zhao", "liaison", "--unit", "0101")
    told.now = "2019-06-28T10:00"
    opened = ("--period-ends-on", "2019-06-30", "--period", "2019年6月", "--kind", "monthly", "--due-on", "2019-07-05")
    number = told.done("receive", "--workflow", "return", "--unit", "0102", *opened).strip()
    told.now = "2019-07-01T10:00"
    told.done("officer", "add", "sun", "孙某", "--role", "liaison", "--unit", "0102")
    told.done("officer", "add", "zhou", "周某", "--role", "unit_head", "--unit", "0102")
    out = ledger_of(told, "--format", "returns")
    filled = {"零报告": "是", "工作开展情况": "本月无新增线索", "主要负责人签字": "周主任", "报送日期": "7月1日"}
    edited(out, {(number, heading): cell for heading, cell in {**filled, "当前状态": "已报送"}.items()})
    result = told.run("import", str(out), "--workflow", "return", "--apply", by="sun")
    shown = told.found("show", number)

    assert (result.exit_code, shown["state"]) == (0, "submitted"), result.output
    assert [shown["fields"].get(each) for each in ("nil_return", "signed_by", "submitted_on", "leads_found")] == [
        True, "zhou", "2019-07-01", 0,
    ]  # fmt: skip


def test_questions_are_answered_in_a_returned_sheet(told: House, tmp_path: Path) -> None:
    """What a ledger left open is written into the exported sheet, and the question is answered by that."""
    page: Any = openpyxl.Workbook()
    page.active.append(["收到时间", "线索来源", "反映的主要问题"])
    page.active.append(["2019-06-31", "来信", "反映停车场强收停车费"])
    page.save(tmp_path / "old.xlsx")
    assert told.run("import", str(tmp_path / "old.xlsx"), "--unit", "0101", "--apply").exit_code == 0
    ((number, _),) = {(each["number"], 0) for each in told.found("list", "--questions")}
    out = edited(ledger_of(told), {(number, "收到时间"): "6月30日"})
    found, result = taken(told, out)

    assert (result.exit_code, found["updated"]) == (0, 1), result.output
    assert (values(told, number)["received_on"], told.found("list", "--questions")) == ("2019-06-30", [])


def test_a_step_in_a_returned_sheet_keeps_its_date(told: House) -> None:
    """办结 with its day: the lead is closed on the day that the row says, which is not the day of the import."""
    found = ("--finding", "unsubstantiated", "--verifiers", "zhao", "--verified-on", "2019-06-29", "--category", "A5")
    told.done("advance", NUMBER, "verify", *found, "--report-number", "核1号", by="zhao")
    waived = ("--review-waiver", "事实清楚", "--review-waiver-signed-by", "li")
    told.done("advance", NUMBER, "waive_review", *waived, by="li")
    told.done("amend", NUMBER, "--archive-number", "档1", "--reason", "建档")
    columns = "case.number, case.state, result_told_on, closed_on, measures, cleanup, cleanup_waiver"
    columns += ", leader_signature, head_signature"
    (told.folder / "own.yaml").write_text(f"workflow: lead\ncolumns: [{columns}, case.revision]\n", "utf-8")
    told.adopt(told.folder / "own.yaml")
    filled = {
        "当前状态": "已办结",
        "办结日期": "2019年6月30日",
        "已反馈结果日期": "2019.6.30",
        "处理结果": "已答复",
        "责任领导签字": "李主任",
    }
    filled |= {"主要负责人签字": "李某", "一案一整治": "无需整治", "无需整治的理由": "个案"}
    out = ledger_of(told, "--format", "own")
    counts, result = taken(told, edited(out, {(NUMBER, heading): cell for heading, cell in filled.items()}))
    shown = told.found("show", NUMBER)

    assert (result.exit_code, counts["updated"], shown["state"]) == (0, 1, "closed"), result.output
    assert (shown["fields"]["closed_on"], shown["fields"]["measures"]) == ("2019-06-30", "已答复")
