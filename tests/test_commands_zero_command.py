"""`qingling zero`: what it prints, in which language, with which exit code, and what it keeps."""

import json
import sys
from pathlib import Path

import pytest
from houses import LEAD, House, built_house, house, unmarked

__all__ = ["built_house", "house"]

EMPTY = "nothing in scope: check the campaign"

CLEARED = (
    ("verify", "--finding", "unsubstantiated", "--verifiers", "zhao", "--verified-on", "2019-06-29",
     "--report-number", "核1号", "--category", "A3"),
    ("waive_review", "--review-waiver", "事实清楚", "--review-waiver-signed-by", "li"),
    ("close", "--closed-on", "2019-06-30", "--archive-number", "D1", "--leader-signature", "li",
     "--head-signature", "li", "--cleanup", "waived", "--cleanup-waiver", "无"),
)  # fmt: skip


def cleared(house: House) -> str:
    """Return a lead that is closed with all its papers."""
    number = house.assigned(house.lead())
    for step, *values in CLEARED:
        house.done("advance", number, step, *values, by="zhao" if step == "verify" else "wang")
    return number


def test_campaigns_are_listed(house: House) -> None:
    """Without a name the campaigns are listed, and which of them take a year; nothing was asked, so it is not 0."""
    result = house.run("zero", lang="zh")
    lines = unmarked(result.stdout).splitlines()

    assert result.exit_code == 2
    assert "未作核对" in result.stderr
    assert lines[0].split() == ["专项行动", "名称"]
    assert any(line.startswith("年度问题线索清零 --年度 年份") for line in lines)
    assert {each["name"]: each["takes_year"] for each in json.loads(house.run("zero", "--json").stdout)} == {
        "assigned_due": True,
        "limits_due": True,
        "yearly": True,
        "zhengzhou_2019": False,
    }


@pytest.mark.parametrize(
    "more",
    [("--watch",), ("--frozen",), ("--quick",), ("--year", "2019"), ("--as-of", "2019-06-30"), ("--unit", "0101")],
    ids=str,
)
def test_no_campaign_is_no_zero(house: House, more: tuple[str, ...]) -> None:
    """Whoever asks something of no campaign is told so, and not left with 0 by the list."""
    assert "name the campaign" in house.refused(2, "zero", *more)


def test_zero_leaves_with_0(house: House) -> None:
    """When all are cleared the verdict is zero and the exit code 0; the share reads 100 only then."""
    cleared(house)
    house.now = "2019-12-31T18:00"

    said = house.done("zero", "zhengzhou_2019", lang="zh")
    assert "清零：纳入 1 件，未清 0 件" in said
    assert "100.00%" in said
    assert "未清事项" not in said


def test_anything_else_leaves_with_30(house: House) -> None:
    """What is not cleared is said in one line on stderr with exit code 30, and in full on stdout."""
    cleared(house)
    number = house.lead()

    assert house.refused(30, "zero", "zhengzhou_2019") == "Error: NOT zero: 1 of 2 are not cleared"
    said = house.run("zero", "zhengzhou_2019").stdout
    assert f"{number}  incomplete records  Received  received 2019-06-28  due 2019-07-29" in said
    assert "- no responsible leader or no handler" in said
    assert "→ Assign (assign); by Anti-gang office of the bureau; lacks: " in said
    assert "50.00%" in said


def test_few_are_named_of_many_and_counted_all(house: House) -> None:
    """With --limit each list names so many and says how many more; figures and exit code stay, and JSON has all."""
    for _ in range(3):
        house.lead()
    asked = ("zero", "zhengzhou_2019", "--limit", "1")

    for more in ((), ("--quick",)):
        said = house.run(*asked, *more)
        assert (said.exit_code, said.stdout.count("incomplete records  Received")) == (30, 1)
        assert "… and 2 more (raise --limit, or leave it out)" in said.stdout
        assert "NOT zero: 3 of 3 not cleared" in said.stdout
    assert len(json.loads(house.run(*asked, "--quick", "--json").stdout)["blocking"]) == 3
    assert "--limit goes with neither" in house.refused(2, *asked, "--watch")


def test_columns_stand_under_each_other_in_chinese(house: House) -> None:
    """Chinese headings and names are as wide as they look, so that figures stand in columns."""
    house.lead()
    lines = house.run("zero", "zhengzhou_2019", lang="zh").stdout.splitlines()
    heading = next(line for line in lines if line.startswith("单位"))
    row = lines[lines.index(heading) + 1]

    from commands.console.widths import width

    assert width(heading[: heading.index("纳入")]) == width(row[: row.index("  1 ") + 2])


def test_json_is_stable(house: House) -> None:
    """For scripts there are English keys, and texts in both languages whatever is spoken."""
    number = house.lead()
    texts = [house.run("zero", "zhengzhou_2019", "--json", lang=lang).stdout for lang in ("zh", "en")]
    said = json.loads(texts[0])

    assert texts[0] == texts[1]
    assert said["verdict"] == "not_zero"
    assert said["total"]["groups"] == {"fully_closed": 0, "cleared": 0, "extended": 0, "open": 0, "incomplete": 1}
    assert said["blocking"][0]["number"] == number
    assert said["blocking"][0]["next"][0]["step"] == "assign"
    assert next(each["name"] for each in said["checks"]) == "number_gaps"
    assert "checks" not in json.loads(house.run("zero", "zhengzhou_2019", "--json", "--quick").stdout)


def test_a_forecast_is_never_zero(house: House) -> None:
    """An answer leaves with 30, a refusal with 32, never with 0; JSON is the same in both languages; few are listed."""
    number = house.lead()
    asked = "zero", "zhengzhou_2019", "--forecast"
    said = house.run(*asked)
    texts = [house.run(*asked, "--json", lang=lang).stdout for lang in ("zh", "en")]
    found = json.loads(texts[0])

    assert said.exit_code == 30
    assert number in said.stdout
    assert "ASSUMPTIONS" in said.stdout
    assert "届时未清零" in house.run(*asked, lang="zh").stdout
    assert texts[0] == texts[1]
    assert (found["open"], found["forecast"]["band"], found["forecast"]["resting_on_assumptions"]) == (1, None, True)
    assert found["forecast"]["leads"][0]["name"] == number
    assert "nothing is open" in house.refused(32, *asked, "--as-of", "2019-06-01")
    for more in (("--watch",), ("--frozen",), ("--freeze",)):
        assert "--forecast goes with none" in house.refused(2, *asked, *more)
    assert "--seed only" in house.refused(2, "zero", "zhengzhou_2019", "--seed", "1")
    house.now = "2019-12-31T18:00"
    assert "over or is today" in house.refused(32, *asked)


def test_without_numpy_a_forecast_says_what_is_missing(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where NumPy is not installed there is one sentence and a code of its own, and all else works."""
    house.lead()
    monkeypatch.setitem(sys.modules, "engine.campaigns.forecasting.foresee", None)

    assert "needs NumPy" in house.refused(32, "zero", "zhengzhou_2019", "--forecast")
    assert house.run("zero", "zhengzhou_2019").exit_code == 30


def test_as_of_a_past_day(house: House) -> None:
    """A past day is what it was; what is still to come is refused, as is what is no day."""
    house.lead()
    house.now = "2019-07-05T10:00"

    said = json.loads(house.run("zero", "zhengzhou_2019", "--as-of", "2019-07-01", "--json").stdout)
    assert [each["name"] for each in said["checks"]] == ["number_gaps", "journal"]
    assert EMPTY in house.refused(30, "zero", "zhengzhou_2019", "--as-of", "2019-06-30", "--quick")
    assert "1 of 1" in house.refused(30, "zero", "zhengzhou_2019", "--as-of", "2019-07-01", "--quick")
    assert "future" in house.refused(2, "zero", "zhengzhou_2019", "--as-of", "2019-07-06")
    house.refused(2, "zero", "zhengzhou_2019", "--as-of", "soon")


def test_only_one_unit(house: House) -> None:
    """One unit may be asked about alone."""
    house.lead()

    assert EMPTY in house.refused(30, "zero", "zhengzhou_2019", "--unit", "0102")
    assert "1 of 1" in house.refused(30, "zero", "zhengzhou_2019", "--unit", "0101")
    assert "0109" in house.refused(20, "zero", "zhengzhou_2019", "--unit", "0109")


def test_a_yearly_campaign_needs_its_year(house: House) -> None:
    """`yearly` says that it wants a year, and takes one."""
    assert "--year" in house.refused(2, "zero", "yearly")
    assert EMPTY in house.refused(30, "zero", "yearly", "--year", "2018")


def test_nothing_in_scope_is_neither_zero_nor_frozen(house: House) -> None:
    """A campaign that finds no lead says so, leaves with 30 and freezes nothing."""
    result = house.run("zero", "zhengzhou_2019", lang="zh")
    assert result.exit_code == 30
    assert "范围内没有任何案件" in result.stdout
    assert "清零：纳入" not in result.stdout
    assert json.loads(house.run("zero", "zhengzhou_2019", "--json").stdout)["verdict"] == "empty"
    assert "nothing in scope" in house.refused(21, "zero", "zhengzhou_2019", "--freeze", "-o", str(house.folder))
    assert not list(house.folder.glob("zero-*"))


def test_freezing(house: House) -> None:
    """A frozen statement is written as JSON and text, its digest stands in the journal, and it is not overwritten."""
    number = cleared(house)
    house.now = "2019-12-31T18:00"
    folder = str(house.folder)
    result = house.run("zero", "zhengzhou_2019", "--freeze", "-o", folder)
    assert result.exit_code == 0, result.output
    file = house.folder / "zero-zhengzhou_2019-2019-12-31.json"
    before = file.read_bytes()

    (kept,) = house.found("zero", "zhengzhou_2019", "--frozen")
    assert kept["whole"]
    assert kept["digest"] in result.stderr
    assert kept["statement"] == json.loads(before)
    text = file.with_suffix(".txt").read_text("utf-8")
    assert kept["digest"] in text
    assert "no checkpoint covers the journal" in text
    asked = ("zero", "zhengzhou_2019", "--frozen", "-o", folder)
    assert house.run(*asked).exit_code == 0
    file.write_bytes(before.replace(b'"scope":1', b'"scope":2'))
    assert f"{file}: not as it was frozen" in house.refused(30, *asked)
    file.write_bytes(before)
    beside = file.with_suffix(".txt")
    beside.write_text(text.replace("2019", "2018"), "utf-8")
    assert f"{beside}: not as it was frozen" in house.refused(30, *asked)
    beside.write_text(text, "utf-8")
    assert "never overwritten" in house.refused(2, "zero", "zhengzhou_2019", "--freeze", "-o", folder, "--quick")
    assert kept["digest"] in house.done("journal", "log", "--kind", "statement_frozen", "--json")

    house.now = "2020-02-03T10:00"
    house.done("advance", number, "reopen", "--reason", "新证据", "--new-facts", "证人")
    assert f"其后回流：{number}" in house.done("zero", "zhengzhou_2019", "--frozen", lang="zh")  # it was zero then
    assert file.read_bytes() == before
    house.refused(30, "zero", "zhengzhou_2019", "--quick")


def test_a_frozen_statement_says_of_which_unit_it_is(house: House) -> None:
    """A unit that is cleared is not the campaign: its frozen statement names it wherever it is shown."""
    cleared(house)
    house.now = "2019-12-31T18:00"
    for unit in ((), ("--unit", "0101")):
        house.done("zero", "zhengzhou_2019", "--freeze", "-o", str(house.folder), *unit)

    whole, one = (
        line
        for line in house.done("zero", "zhengzhou_2019", "--frozen", lang="zh").splitlines()
        if line.startswith("截至")
    )
    assert whole.startswith("截至 2019-12-31：清零")
    assert one.startswith("截至 2019-12-31，仅单位 0101：清零")


def test_what_was_corrected_out_of_the_scope_keeps_it_from_zero(house: House) -> None:
    """A lead whose receipt was moved out of the scope is named; exit 30 with any option, frozen only with a reason."""
    cleared(house)
    number = house.lead()
    house.now = "2019-07-05T10:00"
    house.done("amend", number, "--received-on", "2019-07-01", "--reason", "笔误")

    for more in ((), ("--quick",), ("--watch",), ("--unit", "0101")):
        assert f"corrected out of the scope, so this is not zero: {number}" in house.refused(
            30, "zero", "zhengzhou_2019", *more
        )
    shown = house.run("zero", "zhengzhou_2019").stdout
    assert f"1  {number} (wang: 笔误)" in shown
    assert "NOT zero: 0 of 1 not cleared; 1 corrected out of the scope" in shown
    said = json.loads(house.run("zero", "zhengzhou_2019", "--json").stdout)
    assert (said["verdict"], said["total"]["verdict"], said["units"][0]["verdict"]) == ("not_zero",) * 3
    assert said["corrected_out"] == [{"number": number, "unit": "0101", "by": "wang", "reason": "笔误"}]
    assert json.loads(house.run("zero", "zhengzhou_2019", "--watch", "--json").stdout)["verdict"] == "not_zero"
    house.now = "2019-07-06T10:00"
    past = house.run("zero", "zhengzhou_2019", "--as-of", "2019-07-05", "--json")
    assert json.loads(past.stdout)["verdict"] == "not_zero"
    frozen = ("zero", "zhengzhou_2019", "--freeze", "--quick", "-o", str(house.folder))
    assert "--reason" in house.refused(21, *frozen)
    assert house.run(*frozen, "--reason", "信封邮戳为证").exit_code == 30
    assert "信封邮戳为证" in house.done("journal", "log", "--kind", "statement_frozen", "--json")
    (file,) = house.folder.glob("zero-*.txt")
    assert "NOT zero" in file.read_text("utf-8")
    assert f"{number} (wang: 笔误)" in file.read_text("utf-8")
    assert f"corrected out of the scope: {number}" in house.run("zero", "zhengzhou_2019", "--frozen").stdout


@pytest.mark.parametrize("more", [("zhengzhou_2019", "--watch"), ("zhengzhou_2019", "--frozen"), ()], ids=str)
def test_freezing_is_never_left_out_silently(house: House, more: tuple[str, ...]) -> None:
    """Where nothing would be frozen, `--freeze` is refused."""
    assert "nothing was frozen" in house.refused(2, "zero", *more, "--freeze")


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE cases SET dated_on = '2019-07-01' WHERE id = 1",
        "UPDATE deadlines SET due_on = '2020-01-20' WHERE case_id = 1",
        "UPDATE deadlines SET due_on = '2019-06-01', original_due_on = '2019-06-01' WHERE case_id = 1",
    ],
    ids=["receipt", "due day", "original due day"],
)
def test_rows_changed_beside_the_journal_are_never_zero(house: House, change: str) -> None:
    """A receipt or a day that was changed by hand in the database is found, and nothing is frozen."""
    import sqlite3

    cleared(house)
    with sqlite3.connect(house.database) as connection:
        assert connection.execute(change).rowcount
    connection.close()

    assert "cannot be trusted" in house.refused(30, "zero", "zhengzhou_2019")
    assert "nothing is frozen" in house.refused(21, "zero", "zhengzhou_2019", "--freeze", "-o", str(house.folder))


def test_no_frozen_statement_yet(house: House) -> None:
    """That nothing has been frozen is said."""
    result = house.run("zero", "zhengzhou_2019", "--frozen")
    assert result.exit_code == 30
    assert "no statement" in result.stdout


def test_frozen_leaves_with_what_the_newest_statement_says(house: House) -> None:
    """Of the whole campaign the newest of the whole decides, of a unit that of the unit."""
    cleared(house)
    house.now = "2019-07-02T10:00"
    house.done("zero", "zhengzhou_2019", "--freeze", "-o", str(house.folder), "--unit", "0101")
    house.refused(30, "zero", "zhengzhou_2019", "--frozen")
    house.done("zero", "zhengzhou_2019", "--frozen", "--unit", "0101")
    house.done("zero", "zhengzhou_2019", "--freeze", "-o", str(house.folder))
    house.done("zero", "zhengzhou_2019", "--frozen")
    house.now = "2019-07-03T10:00"
    house.lead()
    again = house.run("zero", "zhengzhou_2019", "--freeze", "-o", str(house.folder))
    assert "frozen: " in again.stderr, again.output
    assert "(2019-07-03) is not zero" in house.refused(30, "zero", "zhengzhou_2019", "--frozen")


def late(house: House) -> str:
    """Return a lead that was closed five months after the campaign's day."""
    number = house.assigned(house.lead())
    house.now = "2020-06-01T10:00"
    for step, *values in CLEARED:
        given = ["2020-06-01" if each in {"2019-06-29", "2019-06-30"} else each for each in values]
        house.done("advance", number, step, *given, by="zhao" if step == "verify" else "wang")
    return number


def test_zero_but_late_leaves_with_31(house: House) -> None:
    """Closed five months after the day it is zero, but late: statement, watch, JSON and frozen file list the lead."""
    number = late(house)
    folder = str(house.folder)

    assert house.refused(31, "zero", "zhengzhou_2019") == (
        "Error: zero, but late: 1 of 1 were cleared after their day, the latest by 153 days"
    )
    said = house.run("zero", "zhengzhou_2019", lang="zh").stdout
    assert "逾期清零：纳入 1 件，未清 0 件；逾期清零 1 件" in said
    assert f"{number}  0101  2020-06-01 清零，应于 2019-12-31 前，逾期 153 天" in said
    assert "逾期清零" in house.run("zero", "zhengzhou_2019", "--watch", lang="zh").stdout
    house.refused(31, "zero", "zhengzhou_2019", "--watch")
    assert json.loads(house.run("zero", "zhengzhou_2019", "--json").stdout)["verdict"] == "zero_but_late"
    house.refused(30, "zero", "zhengzhou_2019", "--quick")
    assert house.run("zero", "zhengzhou_2019", "--freeze", "-o", folder).exit_code == 31
    (file,) = house.folder.glob("zero-*.txt")
    assert "zero, but late" in file.read_text("utf-8")
    assert f"{number}  0101  cleared 2020-06-01, its day was 2019-12-31: 153 days late" in file.read_text("utf-8")
    assert "zero, but late" in house.refused(31, "zero", "zhengzhou_2019", "--frozen")
    assert f"{number} cleared 153 days late" in house.run("zero", "zhengzhou_2019", "--frozen").stdout


@pytest.mark.parametrize("kind", ["year", "bulletin"])
def test_a_report_says_which_verdict_it_is(house: House, kind: str) -> None:
    """A report on a campaign says zero, but late, with its whole scope and each late lead, on paper and for scripts."""
    number = late(house)
    asked = ("report", kind, "--period", "2020", "--campaign", "yearly", "--year", "2019")
    for ending in ("html", "docx", "xlsx"):
        house.done(*asked, "-o", str(house.folder / f"report.{ending}"), lang="zh")

    page = (house.folder / "report.html").read_text("utf-8")
    assert "2019年度问题线索清零，截至 2020-06-01：逾期清零；纳入 1 件，未清 0 件，逾期清零 1 件" in page
    assert "2019-06-30（含）以前收到；2019-12-31 前清零；延期最迟至 2020-01-31；有效延期限于" in page
    assert number in page
    said = json.loads(house.done(*asked, "--json"))["zero"]
    assert (said["verdict"], said["cleared_late"][0]["days"]) == ("zero_but_late", 153)


def test_a_frozen_statement_answers_for_nothing_else(house: House) -> None:
    """Another unit, another cut-off and a campaign file changed since are said, and never answered with 0."""
    cleared(house)
    folder = house.folder / "ledger-workflows/campaigns"
    folder.mkdir(parents=True)
    text = "campaign: ours\ntitle: 本院清零\nworkflow: lead\nreceived: {to: 2019-06-30}\nclear_by: 2019-09-30\n"
    (folder / "ours.yaml").write_text(text, "utf-8")
    house.adopt(folder / "ours.yaml")
    house.now = "2019-07-02T10:00"
    house.done("zero", "ours", "--freeze", "-o", str(house.folder))
    house.done("zero", "ours", "--frozen")

    house.refused(30, "zero", "ours", "--frozen", "--unit", "0102")
    shown = house.run("zero", "ours", "--frozen", "--unit", "0102").stdout
    assert "none of the 1 frozen statements is of unit 0102" in shown
    assert "another scope: received up to: 2019-06-30, now 2019-05-31" in house.refused(
        30, "zero", "ours", "--frozen", "--received-to", "2019-05-31"
    )
    (folder / "ours.yaml").write_text(text + "where: {source: [superior]}\n", "utf-8")
    house.done("zero", "ours", "--frozen")
    house.adopt(folder / "ours.yaml")
    assert "only where: none, now source superior" in house.refused(30, "zero", "ours", "--frozen")
    shown = house.run("zero", "ours", "--frozen", lang="zh").stdout
    assert "封存后专项行动有改动：限定条件：原为 无，现为 source superior" in shown
    assert "only Source: " in house.run("zero", "ours").stdout


def test_another_cut_off(house: House) -> None:
    """`--received-to` asks for another cut-off, says so, and freezes under a name of its own."""
    cleared(house)
    house.now = "2019-07-02T10:00"

    said = house.done("zero", "zhengzhou_2019", "--received-to", "2019-06-29")
    assert "cut-off 2019-06-29 as asked (--received-to); the campaign says 2019-06-30" in said
    assert EMPTY in house.refused(30, "zero", "zhengzhou_2019", "--received-to", "2019-06-27")
    assert "lies after the day of clearing" in house.refused(2, "zero", "zhengzhou_2019", "--received-to", "2020-01-01")
    house.done("zero", "zhengzhou_2019", "--received-to", "2019-06-29", "--freeze", "-o", str(house.folder))
    assert (house.folder / "zero-zhengzhou_2019-to-2019-06-29-2019-07-02.json").exists()


def test_import_asks_for_the_day_of_the_superior(house: House) -> None:
    """A row of a ledger that lacks the day which its source sets is taken and named; it counts as incomplete."""
    ledger = house.folder / "old.csv"
    ledger.write_text("收到时间,线索来源,反映的主要问题\n2019-06-03,上级交办,围标\n2019-06-04,来信,黑车\n", "utf-8")

    assert "asked for in 1 rows" in house.done("import", str(ledger), "--unit", "0101")
    said = json.loads(house.done("import", str(ledger), "--unit", "0101", "--apply", "--json"))
    assert list(said["asked"]) == ["feedback_due_on"]
    blocking = json.loads(house.run("zero", "assigned_due", "--year", "2019", "--json").stdout)["blocking"]
    assert [(each["group"], each["missing"][0]["zh"]) for each in blocking] == [
        ("incomplete", "决定纳入范围的“上级要求反馈期限”未填")
    ]


def test_a_transfer_without_a_letter_is_led_to_its_letter(house: House) -> None:
    """What a ledger calls transferred lacks its letter: the step that writes one leads on, though it stays in place."""
    ledger = house.folder / "old.csv"
    ledger.write_text("收到时间,线索来源,反映的主要问题,办理情况\n2019-06-03,群众来信,围标,移送公安\n", "utf-8")
    house.done("import", str(ledger), "--unit", "0101", "--apply")

    (blocking,) = json.loads(house.run("zero", "zhengzhou_2019", "--json").stdout)["blocking"]

    assert [each["step"] for each in blocking["next"]] == ["transfer_police"]


@pytest.mark.parametrize("more", [("--quick",), ("--watch", "--quick")], ids=str)
def test_what_was_not_checked_is_not_zero(house: House, more: tuple[str, ...]) -> None:
    """Whoever leaves the checks out is told so, and is not left with 0."""
    cleared(house)

    assert "the checks were left out" in house.refused(30, "zero", "zhengzhou_2019", *more)
    shown = house.run("zero", "zhengzhou_2019", *more).stdout
    assert "none open by the figures, NOT checked: 0 of 1 not cleared" in shown
    assert "ZERO" not in shown


def test_several_units_are_not_asked_at_once(house: House) -> None:
    """None of two units is left out without a word."""
    assert "takes one unit" in house.refused(2, "zero", "zhengzhou_2019", "--unit", "0101", "--unit", "0102")


def test_freezing_is_refused_before_anything_is_printed(house: House) -> None:
    """No folder, or an officer who may not: standard output stays empty."""
    cleared(house)

    assert house.run("zero", "zhengzhou_2019", "--freeze", "-o", str(house.folder / "nowhere")).stdout == ""
    result = house.run("zero", "zhengzhou_2019", "--freeze", "-o", str(house.folder), by="zhao")
    assert (result.exit_code, result.stdout) == (21, "")


def test_freezing_into_no_folder(house: House) -> None:
    """A folder that is not there is refused before anything is journaled."""
    house.refused(2, "zero", "zhengzhou_2019", "--freeze", "--quick", "-o", str(house.folder / "nowhere"))

    assert json.loads(house.run("zero", "zhengzhou_2019", "--frozen", "--json").stdout) == []


def test_freezing_where_nothing_can_be_written(house: House) -> None:
    """Such a folder, or a file of that name, is refused in one line before anything is journaled."""
    cleared(house)
    taken = house.folder / "zero-zhengzhou_2019-2019-07-01.txt"
    taken.write_text("mine", "utf-8")
    frozen = ("zero", "zhengzhou_2019", "--freeze", "--quick", "-o")

    assert "cannot be written" in house.run(*frozen, "/proc").stderr
    assert "never overwritten" in house.run(*frozen, str(house.folder)).stderr
    assert taken.read_text("utf-8") == "mine"
    assert json.loads(house.run("zero", "zhengzhou_2019", "--frozen", "--json").stdout) == []


def test_watching(house: House) -> None:
    """Days left, working days among them, what is needed on each, and who is behind."""
    for _ in range(3):
        house.lead()
    house.now = "2019-12-30T09:00"
    said = json.loads(house.run("zero", "zhengzhou_2019", "--watch", "--json").stdout)

    assert (said["days_left"], said["working_days_left"]) == (1, 1)
    assert said["total"] == {"left": 3, "needed_per_working_day": 3, "behind": 2}
    assert "其中工作日 1 天" in house.run("zero", "zhengzhou_2019", "--watch", lang="zh").stdout
    shown = house.run("zero", "zhengzhou_2019", "--watch").stdout
    assert "Closing and summary" in shown
    assert "2019-12-10" in shown
    assert "weekly" in house.run("zero", "assigned_due", "--year", "2019", "--watch").stdout
    house.now = "2020-01-05T09:00"
    assert "over for 5 days" in house.run("zero", "zhengzhou_2019", "--watch").stdout


def test_values_of_a_wrong_type_are_a_journal_that_does_not_hold(house: House) -> None:
    """What was written past the program and makes no sense ends with 30 and that line, not as a fault of ours."""
    import sqlite3

    cleared(house)
    wrong = {
        ("cases", "id", "fields"): "[1]", ("cases", "id", "opened_at"): "x", ("cases", "id", "shape"): "x",
        ("cases", "id", "unit_id"): 99, ("journal", "case_id", "at"): "x", ("deadlines", "case_id", "case_id"): "x",
    }  # fmt: skip
    said = {}
    with sqlite3.connect(house.database, isolation_level=None) as connection:
        for (table, key, column), value in wrong.items():
            rows = connection.execute(f"SELECT rowid, {column} FROM {table} WHERE {key} = 1").fetchall()
            connection.execute(f"UPDATE {table} SET {column} = ? WHERE {key} = 1", (value,))
            result = house.run("zero", "zhengzhou_2019")
            said[table, column] = result.exit_code, "the journal does not hold" in result.stderr
            connection.executemany(
                f"UPDATE {table} SET {column} = ? WHERE rowid = ?", [(was, row) for row, was in rows]
            )
    connection.close()

    assert said == {(table, column): (30, True) for table, _, column in wrong}
    assert house.run("zero", "zhengzhou_2019").exit_code == 0


def test_a_broken_journal_is_never_zero(house: House) -> None:
    """While the journal does not hold, no figure is trusted, however good it looks."""
    import sqlite3

    cleared(house)
    with sqlite3.connect(house.database) as connection:
        connection.execute("UPDATE journal SET by = 'nobody' WHERE case_id = 1 AND seq = 1")
    connection.close()

    assert "cannot be trusted" in house.refused(30, "zero", "zhengzhou_2019")
    told = house.run("zero", "zhengzhou_2019").stdout
    assert "THE JOURNAL DOES NOT HOLD" in told
    for shown in (told, house.run("zero", "zhengzhou_2019", "--watch").stdout):
        assert "NOT KNOWN, the journal does not hold: 0 of 1 not cleared" in shown
        assert "ZERO" not in shown
    answer = json.loads(house.run("zero", "zhengzhou_2019", "--json").stdout)
    assert {answer["verdict"], answer["total"]["verdict"], *(each["verdict"] for each in answer["units"])} == {
        "unknown"
    }
    house.now = "2019-07-05T10:00"
    past = house.run("zero", "zhengzhou_2019", "--as-of", "2019-07-01")
    assert past.exit_code == 30
    assert "cannot be trusted" in past.stderr
    assert "nothing is frozen" in house.refused(21, "zero", "zhengzhou_2019", "--freeze", "-o", str(house.folder))
    assert not list(house.folder.glob("zero-*"))


@pytest.mark.parametrize(
    ("rows", "kinds"),
    [
        (("旧1,2019-06-28,医院门口有人强揽生意,已受理",), []),
        (("旧1,2019-06-28,换了说法,已受理",), ["fields"]),
        (("旧1,2019-06-28,医院门口有人强揽生意,已办结",), ["state"]),
        (("旧1,2019-06-28,医院门口有人强揽生意,已受理", "旧2,2019-06-20,另一件,已受理"), ["only_in_ledger", "count"]),
        (("旧1,2019-06-28,医院门口有人强揽生意,已受理", "旧3,2019-07-02,截止日以后,已受理"), []),
        (("旧2,2019-06-20,另一件,已受理",), ["only_in_ledger", "only_in_register"]),
        (("旧9,某天,医院门口有人强揽生意,已受理", "旧1,2019-06-28,医院门口有人强揽生意,已受理"), ["unreadable"]),
    ],
    ids=["the same", "other words", "another state", "one more", "one after the cut-off", "quite another",
         "one that cannot be read"],
)  # fmt: skip
def test_a_ledger_is_compared_row_by_row(house: House, rows: tuple[str, ...], kinds: list[str]) -> None:
    """What only the ledger or only the register holds, and where they differ, is told; nothing is written."""
    house.lead("--ledger-number", "旧1")
    house.now = "2019-07-08T10:00"
    file = house.folder / "台账.csv"
    lines = [
        f"0101,{number},{day},群众来信,{words},{state}" for number, day, words, state in (r.split(",") for r in rows)
    ]
    file.write_text("单位,线索编号,收到时间,线索来源,反映的主要问题,办理状态\n" + "\n".join(lines) + "\n", "utf-8")

    said = json.loads(house.run("zero", "zhengzhou_2019", "--ledger", str(file), "--json").stdout)
    assert [each["kind"] for each in said["ledgers"]] == kinds
    assert len(house.found("list")) == 1
    shown = house.run("zero", "zhengzhou_2019", "--ledger", str(file)).stdout
    assert ("every row agrees" in shown) == (not kinds)


def test_rows_without_a_number_of_their_own(house: House) -> None:
    """A lead that was registered by hand is known by its number, else by unit, day and words."""
    first = house.lead()
    house.done("receive", "--unit", "0101", *LEAD[:-1], "另一件")
    file = house.folder / "台账.csv"
    file.write_text(
        "单位,线索编号,收到时间,线索来源,反映的主要问题\n"
        f"0101,{first},2019-06-28,群众来信,医院门口有人强揽生意\n0101,,2019-06-28,群众来信,另一件\n",
        "utf-8",
    )

    said = json.loads(house.run("zero", "zhengzhou_2019", "--ledger", str(file), "--json").stdout)
    assert said["ledgers"] == []


@pytest.mark.parametrize("form", ["full", "statistics"])
@pytest.mark.parametrize("campaign", [("zhengzhou_2019",), ("assigned_due", "--year", "2019")], ids=str)
def test_our_own_ledger_agrees_with_the_register(house: House, form: str, campaign: tuple[str, ...]) -> None:
    """A ledger that nobody touched agrees, whatever columns it has and whatever decides the campaign's scope."""
    house.lead()
    house.now = "2019-07-05T10:00"
    house.done("receive", "--unit", "0101", "--received-on", "2019-07-02", "--source", "superior",
               "--source-detail", "市局", "--feedback-due-on", "2019-09-30", "--summary", "截止日以后")  # fmt: skip
    house.done("receive", "--unit", "0101", *LEAD[:-1], "另一件")
    file = str(house.folder / "ledger.xlsx")
    house.done("export", "ledger", "--format", form, "-o", file)

    assert json.loads(house.run("zero", *campaign, "--ledger", file, "--json").stdout)["ledgers"] == []


def test_a_row_that_is_refused_is_not_missing_as_well(house: House) -> None:
    """A state that the ledger may not set is told as such; its case stands in the ledger all the same."""
    import openpyxl

    old = house.folder / "old.csv"
    old.write_text("单位,线索编号,收到时间,线索来源,反映的主要问题\n0101,旧1,2019-06-28,群众来信,黑车\n", "utf-8")
    house.done("import", str(old), "--apply")
    (number,) = (each["number"] for each in house.found("list"))
    file = house.folder / "ledger.xlsx"
    house.done("export", "ledger", "-o", str(file))
    book = openpyxl.load_workbook(file)
    (sheet,) = (each for each in book.worksheets if each.sheet_state == "visible")
    (cell,) = (cell for row in sheet.iter_rows() for cell in row if cell.value == "Received")
    cell.value = "Closed"
    book.save(file)

    found = json.loads(house.run("zero", "zhengzhou_2019", "--ledger", str(file), "--json").stdout)["ledgers"]
    assert {each["kind"] for each in found} == {"state", "unreadable"}
    assert {each["number"] for each in found} == {number}


@pytest.mark.parametrize("own", ["旧1", "", "number"], ids=["its ledger number", "unit and words", "its number here"])
def test_a_receipt_that_differs_is_named_wherever_the_register_puts_it(house: House, own: str) -> None:
    """A ledger's row is compared with the whole register, so that a receipt moved out of the scope is seen."""
    cleared(house)
    number = house.lead(*(("--ledger-number", own) if own == "旧1" else ()))
    house.done("amend", number, "--summary", "另一件事", "--reason", "更正")
    house.now = "2019-07-05T10:00"
    house.done("amend", number, "--received-on", "2019-07-01", "--reason", "笔误")
    file = house.folder / "台账.csv"
    own = number if own == "number" else own
    file.write_text(
        f"单位,线索编号,收到时间,线索来源,反映的主要问题\n0101,{own},2019-06-28,群众来信,另一件事\n", "utf-8"
    )

    said = json.loads(house.run("zero", "zhengzhou_2019", "--ledger", str(file), "--json").stdout)
    (found,) = (each for each in said["ledgers"] if each["kind"] == "received")
    assert found["number"] == number
    assert "received 2019-06-28, but 2019-07-01 in the register" in found["said"]["en"]
    assert "only_in_ledger" not in {each["kind"] for each in said["ledgers"]}


def test_a_campaign_of_the_house(house: House) -> None:
    """A file that is adopted is a campaign too; what is wrong in it is told with its line."""
    folder = Path(f"{house.folder}/ledger-workflows/campaigns")
    folder.mkdir(parents=True)
    (folder / "ours.yaml").write_text(
        "campaign: ours\ntitle: 本院清零\nworkflow: lead\nreceived: {to: 2019-06-30}\nclear_by: 2019-09-30\n", "utf-8"
    )
    house.refused(20, "zero", "ours")
    ours = folder / "ours.yaml"
    house.adopt(ours)
    assert EMPTY in house.refused(30, "zero", "ours")
    sound = ours.read_text("utf-8")
    ours.write_text(sound + "units: [0101]\n", "utf-8")
    house.adopt(ours)
    assert EMPTY in house.refused(30, "zero", "ours")
    ours.write_text(sound + "units: [0101, 0199]\n", "utf-8")
    assert "ours.yaml:6: " in house.refused(10, "adopt", str(ours))
    ours.write_text("campaign: ours\nworkflow: lead\nclear_by: x\n", "utf-8")
    result = house.run("adopt", str(ours))
    assert result.exit_code == 10
    assert "ours.yaml:3: " in result.stderr
