"""`qingling letter` by its whole output: issuing, printing again, listing, explaining, settings."""

import json
import os
import sqlite3
from contextlib import closing
from io import BytesIO
from pathlib import Path

import pytest
from docx import Document
from houses import REPORTER, House, built_house, house

from documents.letters.fill import KeptTemplate, template_of
from presentation.letter_book import LetterBook

__all__ = ["built_house", "house"]

LETTERHEAD = ("--code", "示卫", "--contact", "王某", "--telephone", "000-1234567", "--superior", "示例市卫健委")
PASS_ON = ("--handling-office", "医政股")


@pytest.fixture
def told(house: House, monkeypatch: pytest.MonkeyPatch) -> House:
    """Return a house with a letterhead and one lead, and go into its folder."""
    monkeypatch.chdir(house.folder)
    house.done("letter", "settings", *LETTERHEAD)
    house.lead("--reporter", REPORTER, "--real-name", "yes", "--subject", "张三丰")
    return house


LEAD = "0101-XS-2019-0001"


def words(file: str | Path) -> str:
    """Return all words of a Word file."""
    document = Document(BytesIO(Path(file).read_bytes()))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(each.text for each in document.paragraphs), *cells])


def referral(house: House) -> str:
    """Verify the lead and transfer it to the police; return the number of the referral."""
    house.assigned(LEAD)
    house.done("officer", "add", "sun", "孙某", "--role", "verifier", "--unit", "0101")
    verified = (
        "--finding",
        "substantiated",
        "--verifiers",
        "zhao",
        "--verifiers",
        "sun",
        "--verified-on",
        "2019-07-01",
    )
    house.done(
        "advance",
        LEAD,
        "verify",
        *verified,
        "--report-number",
        "核1",
        "--category",
        "A5",
        "--suspected-crime",
        by="zhao",
    )
    house.done("advance", LEAD, "transfer_police", "--signed-by", "li", "--signed-on", "2019-07-01")
    return "0101-YS-2019-0001"


def test_the_letter_of_a_referral(told: House) -> None:
    """What is missing is named at once; then it is issued, and the step that records it works as it is printed."""
    number = referral(told)
    said = told.refused(21, "letter", "transfer", number, "-o", "a.docx", lang="zh")
    assert said == f"错误：{number} 的“线索移送函”缺少 2 项：主送机关（--主送机关）；材料清单（--材料清单）"
    assert not Path("a.docx").exists()
    result = told.run(
        "letter",
        "线索移送函",
        number,
        "-o",
        "a.docx",
        "--receiving-body",
        "示例县公安局",
        "--material",
        "案卷一册",
        lang="zh",
    )
    assert (result.exit_code, result.stdout) == (0, "示卫移〔2019〕1号\n")
    assert Path("a.docx").stat().st_mode & 0o777 == 0o600, "a letter tells whom a lead names"
    assert "示卫移〔2019〕1号" in words("a.docx")
    assert "张三丰" in words("a.docx")
    step = result.stderr.strip().splitlines()[-1].removeprefix("下一步：qingling ")
    assert step == f"办理 {number} 发函 --移送日期 2019-07-01", "what was entered for the letter is not typed again"
    told.done(*step.split())
    fields = told.found("show", number)["fields"]
    assert (fields["letter_number"], fields["receiving_body"]) == ("示卫移〔2019〕1号", "示例县公安局")
    assert fields["material"] == "案卷一册"
    again = ("letter", "transfer", number, "-o", "b.docx")
    for more in ((), ("--another", "--reason", "lost")):
        assert "重新打印已编发的，请加 --补发" in told.refused(21, *again, *more, lang="zh")
    assert told.done(*again, "--reissue", "--reason", "lost") == "示卫移〔2019〕1号"


def issued(house: House, number: str, *more: str, file: str = "a.docx") -> str:
    """Issue the letter of a referral and return its number."""
    given = ("--receiving-body", "示例县公安局", "--material", "案卷一册")
    return house.done("letter", "transfer", number, "-o", file, *given, *more)


def test_the_register_and_the_step_have_one_number(told: House) -> None:
    """Another number than that of the letter is refused and named; without one, that of the letter is taken."""
    number = referral(told)
    issued(told, number)
    send = ("advance", number, "send", "--sent-on", "2019-07-01")
    said = told.refused(21, *send, "--letter-number", "示卫移〔2019〕9号", lang="zh")
    assert "为 示卫移〔2019〕9号，而登记簿编发的文号是 示卫移〔2019〕1号" in said
    assert told.found("show", number)["state"] == "drafted"
    missing = next(each for each in told.found("show", number)["next"] if each["trigger"] == "send")["missing"]
    assert not [each for each in missing if "letter" in each.lower() or "material" in each.lower()], missing
    told.done(*send)
    assert told.found("show", number)["fields"]["letter_number"] == "示卫移〔2019〕1号"


def test_of_two_letters_either_may_be_recorded(told: House) -> None:
    """The newest is taken; an earlier one is taken if it is named, and what is typed goes before what was entered."""
    number = referral(told)
    issued(told, number)
    issued(told, number, "--another", "--reason", "misprint", file="b.docx")
    send = ("advance", number, "send", "--sent-on", "2019-07-01", "--dry-run", "--json")
    assert told.found(*send[:-1])["fields"]["letter_number"] == "示卫移〔2019〕2号"
    older = told.found(*send[:-1], "--letter-number", "示卫移〔2019〕1号", "--material", "两册")["fields"]
    assert (older["letter_number"], older["material"]) == ("示卫移〔2019〕1号", "两册")


def test_a_letter_that_came_back_gives_its_number_to_no_other(told: House) -> None:
    """After a redraft the number of the letter that was sent is not taken for the next; it is asked for."""
    number = referral(told)
    issued(told, number)
    told.done("advance", number, "send", "--sent-on", "2019-07-01")
    told.done("advance", number, "return_letter", "--outcome-reason", "不属管辖")
    told.done("advance", number, "redraft", "--reason", "改送")
    again = ("advance", number, "send", "--sent-on", "2019-07-01")
    assert "letter_number" in told.refused(21, *again).replace("-", "_")
    issued(told, number, "--another", "--reason", "redrafted", file="b.docx")
    told.done(*again)
    assert told.found("show", number)["fields"]["letter_number"] == "示卫移〔2019〕2号"


def test_a_reply_gives_the_step_what_was_entered_for_it(told: House) -> None:
    """The answer to a proposal takes adoption, measures and number from the reply; only the rest is asked."""
    proposal = told.done(
        "receive", "--workflow", "proposal", "--unit", "0101", "--received-on", "2019-06-20", "--kind", "procuratorial",
        "--issued-by", "示例县人民检察院", "--document-number", "示检建〔2019〕3号", "--summary", "建议加强管理",
    ).split()[0]  # fmt: skip
    told.done("advance", proposal, "assign", "--responsible-leader", "li", "--handler", "zhao")
    result = told.run(
        "letter", "proposal_reply", proposal, "-o", "a.docx", "--adoption", "adopted", "--measures", "收回经营权",
        lang="zh",
    )  # fmt: skip
    step = result.stderr.strip().splitlines()[-1].removeprefix("下一步：qingling ")
    assert step == f"办理 {proposal} 答复 --答复日期 2019-07-01 --签批人 …"
    told.done(*step.replace("…", "li").split())
    fields = told.found("show", proposal)["fields"]
    assert (fields["answer_number"], fields["adoption"], fields["measures"]) == (
        "示卫复〔2019〕1号",
        "adopted",
        "收回经营权",
    )


def test_printed_again(told: House) -> None:
    """Once more needs a reason and gives the same file; one more needs --another and gives a new number."""
    issue = ("letter", "pass_on", LEAD)
    assert told.done(*issue, "-o", "a.docx", *PASS_ON) == "示卫转〔2019〕1号"
    assert "print it again with --reissue" in told.refused(21, *issue, "-o", "b.docx", *PASS_ON)
    assert "--reason" in told.refused(2, *issue, "-o", "b.docx", "--reissue")
    assert not Path("b.docx").exists()
    assert told.done(*issue, "-o", "b.docx", "--reissue", "--reason", "lost") == "示卫转〔2019〕1号"
    mistyped = ("--reissue", "--reason", "lost", "--letter-number", "示卫转〔2019〕7号")
    assert "issued: 示卫转〔2019〕1号" in told.refused(20, *issue, "-o", "c.docx", *mistyped)
    assert Path("b.docx").read_bytes() == Path("a.docx").read_bytes()
    more = ("--another", "--reason", "another office")
    assert told.done(*issue, "-o", "c.docx", *PASS_ON, *more) == "示卫转〔2019〕2号"
    again = ("--reissue", "--letter-number", "示卫转〔2019〕1号", "--reason", "x", "-o", "d.docx")
    assert told.done(*issue, *again) == "示卫转〔2019〕1号"
    told.done("journal", "verify")
    history = told.done("show", LEAD)
    assert "letter 示卫转〔2019〕1号 issued" in history
    assert "letter 示卫转〔2019〕1号 printed again: lost" in history


def test_a_preview_has_no_number(told: House) -> None:
    """It is written, says that it is none, and the first number stays free."""
    told.done("letter", "pass_on", LEAD, "-o", "a.docx", *PASS_ON, "--preview")
    assert "样稿" in words("a.docx")
    assert told.done("letter", "pass_on", LEAD, "-o", "b.docx", *PASS_ON) == "示卫转〔2019〕1号"


REFUSALS: dict[str, tuple[int, tuple[str, ...], str]] = {
    "no such kind": (20, ("tranfer", LEAD, "-o", "a.docx"), "did you mean 'transfer'?"),
    "a verb misspelt": (20, ("setings", LEAD, "-o", "a.docx"), "did you mean 'settings'?"),
    "not for this workflow": (21, ("transfer", LEAD, "-o", "a.docx"), "there is no"),
    "no such case": (20, ("pass_on", "X", "-o", "a.docx"), "no case has the number"),
    "no file": (2, ("pass_on", LEAD), "name the file to write"),
    "not a .docx": (2, ("pass_on", LEAD, "-o", "a.pdf"), "for a PDF beside it add --pdf"),
    "a file that is there": (11, ("pass_on", LEAD, "-o", "there.docx", *PASS_ON), "is there already"),
    "a folder that is not there": (11, ("pass_on", LEAD, "-o", "no/a.docx", *PASS_ON), "cannot be written"),
    "a value it does not have": (2, ("pass_on", LEAD, "-o", "a.docx", "--handling-ofice", "x"), "handling_office"),
    "a value twice": (2, ("pass_on", LEAD, "-o", "a.docx", *PASS_ON, *PASS_ON), "given twice"),
    "a value without words": (2, ("pass_on", LEAD, "-o", "a.docx", "--handling-office"), "needs a value"),
    "a file of words that is not there": (
        11, ("pass_on", LEAD, "-o", "a.docx", "--handling-office", "@no.txt"), "no.txt cannot be read",
    ),
    "a code that is none": (2, ("pass_on", LEAD, "-o", "a.docx", *PASS_ON, "--code", "示 卫"), "no code for letters"),
    "again and without a number": (2, ("pass_on", LEAD, "-o", "a.docx", "--reissue", "--preview"), "--reissue goes"),
    "again before any": (20, ("pass_on", LEAD, "-o", "a.docx", "--reissue", "--reason", "x"), "no such letter"),
    "nothing late": (21, ("chase_letter", LEAD, "-o", "a.docx"), "nothing to chase"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSALS)
def test_what_is_refused_is_not_written(told: House, case: str) -> None:
    """One line, its exit code, no file, and no number used."""
    code, args, says = REFUSALS[case]
    Path("there.docx").write_bytes(b"kept")
    before = told.database.read_bytes()
    assert says in told.refused(code, "letter", *args)
    assert sorted(each.name for each in Path().glob("*.docx")) == ["there.docx"]
    assert not list(Path().glob(".*.docx*"))
    assert Path("there.docx").read_bytes() == b"kept"
    if case != "a folder that is not there":
        assert told.database.read_bytes() == before
    assert told.done("letter", "pass_on", LEAD, "-o", "after.docx", *PASS_ON) == "示卫转〔2019〕1号"


def test_who_may_not(told: House) -> None:
    """An auditor issues nothing and sees no preview."""
    for more in ((), ("--preview",)):
        said = told.refused(21, "letter", "pass_on", LEAD, "-o", "a.docx", *PASS_ON, *more, by="qian")
        assert "qian may not issue it: that is for office" in said
    said = told.refused(21, "letter", "pass_on", LEAD, "-o", "a.docx", *PASS_ON, by="qian", lang="zh")
    assert said == "错误：钱某无权编发该文书：限局扫黑办办理"
    assert not Path("a.docx").exists()


def test_what_a_reminder_asks_for(told: House) -> None:
    """The list of a case shows it until a letter is issued on each deadline that asks, and then the letters."""
    told.now = "2019-08-10T10:00"
    told.done("sweep")
    asked = told.found("letter", "list", LEAD)["awaited"]
    assert asked
    kind = asked[-1]["kind"]
    assert f"qingling letter {kind} {LEAD} -o" in told.done("letter", "list", LEAD)
    for place, each in enumerate(asked):
        told.done("letter", each["kind"], LEAD, "-o", f"{place}.docx")
    after = told.found("letter", "list", LEAD)
    assert (after["awaited"], [each["kind"] for each in after["issued"]]) == ([], [each["kind"] for each in asked])
    assert all("张三丰" not in words(f"{place}.docx") for place, _ in enumerate(asked))


def test_no_output_holds_the_reporter(told: House) -> None:
    """Neither file, list, history nor database shows who reported."""
    told.done("letter", "pass_on", LEAD, "-o", "a.docx", *PASS_ON)
    seen = words("a.docx") + told.done("letter", "list", LEAD) + told.done("show", LEAD) + told.done("journal", "log")
    assert REPORTER not in seen
    assert REPORTER.encode() not in told.database.read_bytes()


def own_template(told: House, words: str) -> Path:
    """Return a template of the house's own, in the folder from which older versions took it."""
    told.done("letter", "template", "pass_on", "-o", "mine.docx", "--overwrite")
    document = Document("mine.docx")
    document.add_paragraph(words)
    own = told.folder / "ledger-workflows" / "letters"
    own.mkdir(parents=True, exist_ok=True)
    document.save(str(own / "转办单.docx"))
    return own / "转办单.docx"


def test_a_template_of_the_houses_own(told: House) -> None:
    """Nothing is made from a file that lies there; adopted, with its words shown, it is used and journaled."""
    own = own_template(told, "本单附注：{{ unit_name }}")
    told.done("letter", "pass_on", LEAD, "-o", "a.docx", *PASS_ON)
    env = {"QINGLING_LETTERS": str(own.parent)}
    assert told.run("letter", "pass_on", LEAD, "-o", "b.docx", *PASS_ON, "--preview", env=env).exit_code == 0
    assert "本单附注" not in words("a.docx") + words("b.docx")
    assert str(own) in told.run("doctor").stdout
    assert "新增段落：本单附注" in told.done("adopt", str(own), lang="zh")
    assert "paragraph added: 本单附注：{{ unit_name }}" in told.done("adopt", str(own))
    assert told.run("adopt", str(own), "--apply", "--reason", "x", by="zhao").exit_code == 21
    told.adopt(own)
    assert "already" in told.run("adopt", str(own)).stderr
    told.done("letter", "pass_on", LEAD, "-o", "c.docx", *PASS_ON, "--another", "--reason", "x")
    assert "本单附注：县医院" in words("c.docx")
    made = [each["body"]["made_from"] for each in told.found("journal", "log", LEAD) if each["kind"] == "letter_issued"]
    assert [[text[:3] for text in each] for each in made] == [
        [["letter", "pass_on", 1], ["template", "pass_on", version]] for version in (1, 2)
    ]
    assert told.found("journal", "verify")["breaks"] == []


def test_what_is_no_template_is_not_adopted(told: House) -> None:
    """Unknown placeholders, names that no kind has, two for one kind: each is said in one line, and nothing adopted."""
    own = own_template(told, "{{ reporter }}")
    assert "shows what is not known: reporter" in told.refused(11, "adopt", str(own))
    good = own_template(told, "x")
    near = Path("pass_onn.docx")
    near.write_bytes(good.read_bytes())
    assert "no letter is called 'pass_onn' (did you mean" in told.refused(11, "adopt", str(near))
    twin = good.with_name("pass_on.docx")
    twin.write_bytes(good.read_bytes())
    assert "another file is a template of pass_on too" in told.refused(11, "adopt", str(good.parent))
    Path("empty.docx").write_bytes(b"")
    assert "no letter is called" in told.refused(11, "adopt", "empty.docx")
    assert {each["version"] for each in told.found("adopt", "--list") if each["kind"] == "template"} == {1}


def test_what_law_a_letter_names_is_adopted(told: House) -> None:
    """What is declared of a kind is written out, changed, shown in words, and used once it is adopted."""
    file = Path("transfer.yaml")
    told.done("letter", "template", "transfer", "-o", str(file))
    assert "already" in told.run("adopt", str(file)).stderr
    text = file.read_text("utf-8")
    file.write_text(text.replace("basis: W28;", "basis: 新法第二条；W28;"), "utf-8")
    assert "basis: W28; L-移送6" in told.done("adopt", str(file))
    told.adopt(file)
    assert "新法第二条" in told.done("letter", "explain", "transfer")
    file.write_text(text.replace("- case.material", "- cases.material").replace("series: 移", "series: 移（"), "utf-8")
    said = told.run("adopt", str(file))
    assert said.exit_code == 10
    assert "nothing is called 'cases.material'" in said.stderr
    assert "a series has no blanks" in said.stderr
    file.write_text(text.replace("letter: transfer", "letter: pass_on"), "utf-8")
    assert "write 'transfer', as the file is called" in told.run("adopt", str(file)).stderr
    file.write_text(text.replace("  receiving_body:", "  receiving:"), "utf-8")  # which the template shows
    assert "transfer.docx shows what is not known: receiving_body" in told.refused(11, "adopt", str(file))


def test_a_letter_from_another_template_is_found(told: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Changed in the table a template makes no letter; one made from none in force is found by its row."""
    before = told.database.read_bytes()
    with closing(sqlite3.connect(told.database)) as opened, opened:
        opened.execute(
            "UPDATE adopted SET plain = replace(plain, 'A', 'B') WHERE (kind, name) = ('template', 'pass_on')"
        )
    assert "is not what was adopted" in told.refused(12, "letter", "pass_on", LEAD, "-o", "a.docx", *PASS_ON)
    assert "template pass_on 1" in told.run("journal", "verify").stdout
    told.database.write_bytes(before)
    monkeypatch.setattr(LetterBook, "made_from", lambda *_: ())
    monkeypatch.setattr(LetterBook, "template", lambda _, kind: KeptTemplate("x", template_of(kind).read_bytes()))
    told.done("letter", "pass_on", LEAD, "-o", "a.docx", *PASS_ON)
    assert "it was not made from the template in force then" in told.run("journal", "verify").stdout


def test_settings_and_list_for_scripts(told: House) -> None:
    """Keys are English and stay."""
    assert told.found("letter", "settings") == {
        "code": "示卫",
        "sender": "某县卫健局",
        "contact": "王某",
        "telephone": "000-1234567",
        "superior": "示例市卫健委",
    }
    assert {each["kind"] for each in told.found("letter", "list")["kinds"]} >= {"transfer", "chase_letter"}
    explained = told.found("letter", "explain", "transfer")["placeholders"]
    assert explained["material"]["from"] == ["case.material"]
    issued = told.found("letter", "pass_on", LEAD, "-o", "a.docx", *PASS_ON)
    assert (issued["letter_number"], issued["file"], issued["pdf"]) == ("示卫转〔2019〕1号", "a.docx", None)


def test_words_from_a_file(told: House) -> None:
    """A long value stands in a text file; several of one kind are put together."""
    Path("demands.txt").write_text("第一条\n第二条\n", "utf-8")
    more = ("--demands", "@demands.txt", "--demands", "第三条")
    told.done("letter", "pass_on", LEAD, "-o", "a.docx", *PASS_ON, *more)
    for each in ("1．第一条", "2．第二条", "3．第三条"):
        assert each in words("a.docx")


def test_without_libreoffice_no_number_is_used(told: House) -> None:
    """A PDF that cannot be made is refused before anything is issued."""
    result = told.run("letter", "pass_on", LEAD, "-o", "a.docx", *PASS_ON, "--pdf", env={"PATH": ""})
    assert (result.exit_code, "needs LibreOffice" in result.stderr) == (11, True)
    assert not Path("a.docx").exists()
    assert told.done("letter", "pass_on", LEAD, "-o", "a.docx", *PASS_ON) == "示卫转〔2019〕1号"


def test_a_pdf_that_fails_takes_no_number_along_unsaid(told: House) -> None:
    """The letter is issued and written; the refusal names its number and how to print it again."""
    broken = Path("bin/soffice")
    broken.parent.mkdir()
    broken.write_text("#!/bin/sh\nexit 77\n", "utf-8")
    broken.chmod(0o755)
    path = f"{broken.parent.absolute()}:{os.environ['PATH']}"

    result = told.run("letter", "pass_on", LEAD, "-o", "a.docx", *PASS_ON, "--pdf", env={"PATH": path})

    assert result.exit_code == 11, result.output
    assert "示卫转〔2019〕1号 is issued and stands in a.docx, but not as a PDF" in result.stderr
    assert f"qingling letter pass_on {LEAD} --reissue --reason" in result.stderr
    assert Path("a.docx").exists()
    assert not Path("a.pdf").exists()


@pytest.mark.office("soffice")
def test_a_pdf_beside_it(told: House) -> None:
    """LibreOffice writes it, and it is said which fonts stood in."""
    printed = json.loads(told.done("letter", "pass_on", LEAD, "-o", "a.docx", *PASS_ON, "--pdf", "--json"))
    assert printed["pdf"] == "a.pdf"
    assert Path("a.pdf").read_bytes().startswith(b"%PDF-")
