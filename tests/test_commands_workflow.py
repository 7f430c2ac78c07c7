"""`qingling workflow`: every problem at once with exit 10, tables that line up, pictures."""

import json
import re
import shutil
from pathlib import Path
from typing import Any
from unicodedata import east_asian_width

import pytest
import yaml
from click.testing import CliRunner, Result

from commands.workflow import group
from engine.errors import BadFileError, BadValueError, InvalidWorkflowError, NotFoundError
from engine.language import Language, speaking
from workflows.first_file import first_file

DATA = Path(__file__).parent / "data"
KINDS = "list: kinds\nvalues: [{value: big, title: {en: Big, zh: 大}}, {value: small, title: {en: Small, zh: 小}}]\n"


@pytest.fixture(autouse=True)
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in an empty folder, with a folder of the house's own workflows that has one list."""
    own = tmp_path / "own"
    (own / "lists").mkdir(parents=True)
    (own / "lists" / "kinds.yaml").write_text(KINDS, "utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("QINGLING_WORKFLOWS", str(own))
    monkeypatch.delenv("QINGLING_DATABASE", raising=False)
    return own


@pytest.fixture
def complaint(house: Path) -> Path:
    """Put the workflows of the rules' tests into the house's own folder."""
    shutil.copy(DATA / "validation_base.yaml", house / "complaint.yaml")
    shutil.copy(DATA / "validation_child.yaml", house / "question.yaml")
    return house / "complaint.yaml"


def run(*words: str, lang: Language = "en") -> Result:
    """Run the command in a language and return what came of it."""
    with speaking(lang):
        return CliRunner().invoke(group, list(words))


def printed(*words: str, lang: Language = "en") -> str:
    """Return what a command that succeeds prints on standard output."""
    result = run(*words, lang=lang)

    assert result.exit_code == 0, result.output

    return result.stdout


def problems(*words: str, lang: Language = "en") -> list[str]:
    """Return the lines of what a command finds wrong."""
    error = run(*words, lang=lang).exception

    assert isinstance(error, InvalidWorkflowError), error
    assert error.exit_code == 10

    return [each.en if lang == "en" else each.zh for each in error.problems]


def spoil(file: Path, **changes: Any) -> None:
    """Change a declaration at the top."""
    plain = yaml.safe_load(file.read_text("utf-8"))
    file.write_text(yaml.safe_dump({**plain, **changes}, allow_unicode=True, sort_keys=False), "utf-8")


def test_what_is_shipped_is_sound() -> None:
    """Without files, all workflows in use are checked."""
    assert printed("check") == "22 workflows, sound\n"
    assert printed("check", lang="zh") == "22 个流程，没有问题\n"


def test_a_term_that_refuses_unpublished_years_says_what_it_will_do(complaint: Path) -> None:
    """A provisional day is the default; where a term refuses one, the check says what happens in November."""
    text = complaint.read_text("utf-8")
    assert "November" not in printed("check", str(complaint))
    complaint.write_text(text.replace("within: 1 month\n", "within: 1 month\n    unpublished: refuse\n", 1), "utf-8")

    assert "refuses years without a published calendar: in November" in printed("check", str(complaint))


def test_sound_files_are_counted(complaint: Path) -> None:
    """Files and whole folders are checked, and how many were sound is said."""
    assert printed("check", str(complaint)).splitlines()[0] == "1 file, sound"
    assert printed("check", str(complaint.parent)).splitlines()[0] == "3 files, sound"
    assert json.loads(printed("check", str(complaint), "--json")) == []


def test_a_folder_is_made_ready_anywhere(house: Path, complaint: Path, tmp_path: Path) -> None:
    """A folder, and each file in it, is checked with the lists beside it, wherever it stands."""
    other = tmp_path / "other"
    house.rename(other)
    house.mkdir()

    assert printed("check", str(other)).splitlines()[0] == "3 files, sound"
    assert printed("check", str(other / complaint.name)).splitlines()[0] == "1 file, sound"
    assert "stateDiagram-v2" in printed("graph", str(other / complaint.name))


def test_all_problems_are_told_with_file_line_culprit_and_rule(complaint: Path) -> None:
    """Every mistake of a file is told at once, each with its line, in either language."""
    text = complaint.read_text("utf-8")
    text = text.replace("wait: {from: assigned,", "wait: {from: asigned,").replace("at: +30 days", "at: +3 days")
    text = text.replace("by: handler, asks: [reason]}", "by: handlr, asks: [reason]}")
    complaint.write_text(text, "utf-8")
    lines = text.splitlines()
    wait = 1 + next(index for index, line in enumerate(lines) if "wait: {from" in line)
    rung = 1 + next(index for index, line in enumerate(lines) if "at: +3 days" in line)

    assert problems("check", str(complaint)) == [
        f"{complaint}:{wait}: transitions.wait.from: no state is called 'asigned' (did you mean 'assigned'?)",
        f"{complaint}:{wait}: transitions.wait.by: no role is called 'handlr' (did you mean 'handler'?)",
        f"{complaint}:{rung}: ladders.standard.3.at: rungs are out of order: '3 days' comes before '7 days'",
    ]
    assert problems("check", str(complaint), lang="zh")[0] == (
        f"{complaint}:{wait}: transitions.wait.from：没有名为“asigned”的状态（是否指“assigned”？）"
    )


def test_problems_for_scripts_leave_with_10(complaint: Path) -> None:
    """With --json the problems are data in both languages, and the exit code says that there are some."""
    spoil(complaint, summary="sumary")
    result = run("check", str(complaint), "--json")
    (found,) = json.loads(result.stdout)

    assert result.exit_code == 10
    assert found["file"] == str(complaint)
    assert found["line"] > 0
    assert found["culprit"] == "summary"
    assert found["en"] == "no field is called 'sumary' (did you mean 'summary'?)"
    assert found["zh"] == "没有名为“sumary”的字段（是否指“summary”？）"


HOSTILE = {
    "not YAML": b"workflow: [lead\n  states: {",
    "of 50 MB": b"# " + b"x" * 50_000_000,
    "an alias bomb": b"a0: &a0 [x, x]\n"
    + b"".join(b"a%d: &a%d [*a%d, *a%d]\n" % (n + 1, n + 1, n, n) for n in range(40)),
    "in GBK": "workflow: lead\ntitle: 问题线索\n".encode("gb18030"),
    "empty": b"",
    "a picture": b"\x89PNG\r\n\x1a\n\x00\x00",
    "a list": b"- lead\n",
    "deep": b"[" * 100_000,
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_file_that_is_no_declaration_is_told_in_a_line(tmp_path: Path, content: bytes) -> None:
    """Whatever is in the file, the answer is one line that names it, and exit 10."""
    file = tmp_path / "strange.yaml"
    file.write_bytes(content)
    (line,) = problems("check", str(file))

    assert line.startswith(str(file))
    assert len(line) < 300


def test_what_is_not_there_is_told(tmp_path: Path) -> None:
    """A file that is missing and a folder with nothing in it are told, not passed over."""
    assert [line.split(": ")[0] for line in problems("check", str(tmp_path / "no.yaml"))] == [str(tmp_path / "no.yaml")]
    (tmp_path / "bare").mkdir()
    assert problems("check", str(tmp_path / "bare")) == [f"{tmp_path / 'bare'}: there is no *.yaml in this folder"]


def test_list_names_shipped_and_own_workflows(complaint: Path) -> None:
    """The list has every workflow with title, version and who opens its cases; an unsound one is marked."""
    listed = json.loads(printed("list", "--json"))
    spoil(complaint.with_name("question.yaml"), summary="x")

    assert {"lead", "referral", "complaint"} <= {each["workflow"] for each in listed}
    assert next(each for each in listed if each["workflow"] == "question")["parents"] == ["complaint"]
    assert re.search(r"question +not sound: qingling workflow check", printed("list"))
    assert {"workflow": "question", "sound": False} in json.loads(printed("list", "--json"))


def test_show_tells_each_state_and_step_with_roles(complaint: Path) -> None:
    """Steps stand state by state with where they lead, who takes them and what they need."""
    text = printed("show", "complaint", lang="zh")
    rows = [line.split() for line in text.splitlines()]

    assert ["已收到", "assign", "已交办", "局扫黑办", "承办人"] in rows
    assert ["等待中", "go_on", "已交办", "承办人"] in rows
    assert ["已销号", "（终结）"] in rows
    assert ["已收到", "note_kind", "（不变）", "局扫黑办、承办人", "类别"] in rows
    assert ["办理期限", "1个月", "收到时间", "已收到、已交办、已转问（暂停：等待中）", "办理期限预警", "[默认]"] in rows
    assert ["到期后7日，每7日一次，共3次", "督办", "单位主要负责人"] in rows


def test_show_lines_up_with_chinese(complaint: Path) -> None:
    """Columns stand below each other although Chinese characters are twice as wide."""
    text = printed("show", complaint.name.removesuffix(".yaml"), lang="zh")
    begin = text.splitlines().index("动作") + 1
    table = text.splitlines()[begin : text.splitlines().index("", begin)]
    places = {_columns(line[: line.index(mark)]) for line, mark in _with_marks(table)}

    assert len(places) == 1


def _with_marks(table: list[str]) -> list[tuple[str, str]]:
    """Return lines of the table with the word that stands in their second column."""
    marks = ("assign ", "note_kind ", "wait ", "ask ", "doubt ", "close ")
    return [(line, f"  {mark}") for line in table for mark in marks if f"  {mark}" in line][:6]


def _columns(text: str) -> int:
    """Return how many columns of a screen *text* takes, up to and without trailing blanks being moved."""
    return sum(2 if east_asian_width(each) in "WF" else 1 for each in text)


def test_show_for_scripts_is_the_declaration() -> None:
    """With --json the declaration itself is printed, its lists resolved."""
    plain = json.loads(printed("show", "lead", "--json"))

    assert plain["workflow"] == "lead"
    assert plain["transitions"]["assign"]["to"] == "assigned"
    assert plain["fields"]["category"]["values"]


def test_an_unknown_name_is_told_with_a_guess() -> None:
    """A misspelt workflow is refused with what may have been meant."""
    error = run("show", "leed").exception

    assert isinstance(error, NotFoundError)
    assert "did you mean 'lead'?" in str(error.sentence.en)


def test_graph_is_mermaid_unless_a_file_is_named(complaint: Path, tmp_path: Path) -> None:
    """By default Mermaid text goes to standard output; a name or a file may be drawn; -o writes a picture."""
    assert "stateDiagram-v2\n" in printed("graph", "lead", lang="zh")
    assert printed("graph", "complaint") == printed("graph", str(complaint))
    assert printed("graph", "lead", "-o", str(tmp_path / "lead.svg"), lang="zh") == ""
    assert "已移送公安机关" in (tmp_path / "lead.svg").read_text("utf-8")


def test_graph_of_what_cannot_be_drawn_is_refused(complaint: Path) -> None:
    """An unsound file is told of with all its problems, another ending with the endings that there are."""
    spoil(complaint, summary="sumary", import_key="no")

    assert len(problems("graph", str(complaint))) == 2
    assert isinstance(run("graph", "lead", "-o", "lead.gif").exception, BadFileError)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_new_workflow_is_sound_and_replaces_nothing(house: Path, lang: Language) -> None:
    """What is written passes the check, is commented in the language in use, and is written only once."""
    with speaking(lang):
        CliRunner().invoke(group, ["new", "leave", "-o", str(house / "leave.yaml")], catch_exceptions=False)
        checked = CliRunner().invoke(group, ["check", str(house / "leave.yaml")], catch_exceptions=False)
        assert checked.exit_code == 0, checked.output
        assert ("# 字段" in (house / "leave.yaml").read_text("utf-8")) is (lang == "zh")
        with pytest.raises(BadFileError):
            CliRunner().invoke(group, ["new", "leave2", "-o", str(house / "leave.yaml")], catch_exceptions=False)
        for name in ("lead", "Leave"):
            with pytest.raises(BadValueError):
                CliRunner().invoke(group, ["new", name], catch_exceptions=False)


def test_what_a_file_promises_is_proved(house: Path, complaint: Path) -> None:
    """It leaves with 10 where something is refuted, with 3 where it warns or a correction must help, else with 0."""
    warned = run("prove", str(complaint))
    assert (warned.exit_code, warned.output.splitlines()[1].split(" - ")[0]) == (3, "! 5 children go along")
    assert "→ closed" in warned.output
    found = json.loads(run("prove", str(complaint), "--json").output)
    assert [each["answer"] for each in found[0]["verdicts"] if each["promise"] == 5] == ["refuted"]
    assert found[0]["searched"][0]["complete"]

    own = house / "leave.yaml"
    own.write_text(first_file("leave"), "utf-8")
    assert run("prove", str(own)).exit_code == 0
    cost = "  cost: {type: number, title: {en: Cost, zh: 费用}}\nstates:"
    text = first_file("leave").replace("outcome != 'refused' or reason", "cost").replace("states:", cost, 1)
    own.write_text(text, "utf-8")
    assert run("prove", str(own)).exit_code == 3
    own.write_text(text.replace('cost"', 'cost > 2 and cost < 1"', 1), "utf-8")
    refuted = run("prove", str(own))
    assert (refuted.exit_code, refuted.output.splitlines()[1].partition(" ")[0]) == (10, "✗"), refuted.output
