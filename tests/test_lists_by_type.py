"""A case is classed by the list of its unit's type and its day of receipt, and keeps it; a foreign class is refused."""

from pathlib import Path

import pytest
import yaml
from houses import COMPLAINT, House, built_house, house

from engine.language import speaking
from engine.reading.declarations import parse_workflow
from engine.reading.yaml_file import read
from engine.workflow.model import Choice
from workflows.loader import Declarations

__all__ = ["built_house", "house"]

BY_TYPE = """
  category: {type: choice, required: true, title: {en: Category, zh: 线索类型}, lists: {
    health: [{from: 2018-01-01, use: health_8}, {from: 2019-07-01, use: health_10}], insurance: insurance_8}}
states:"""


@pytest.fixture
def typed(house: House) -> House:
    """Return a house with an insurance bureau and a workflow whose list goes by type."""
    file = house.folder / "complaint.yaml"
    written = COMPLAINT.replace("states:", BY_TYPE.lstrip("\n"), 1).replace("[liaison]", "[office]")
    file.write_text(written.replace("asks: [answer]}", "asks: [answer], takes: [category]}"), "utf-8")
    house.adopt(file)
    house.done("unit", "add", "0105", "医保局", "--type", "insurance")
    return house


def complaint(house: House, unit: str, day: str, category: str) -> list[str]:
    """Return what is typed to register a complaint of a category."""
    return ["receive", "--workflow", "complaint", "--unit", unit, "--received-on", day, "--words", "x", "--category",
            category]  # fmt: skip


def test_a_class_is_of_the_list_of_unit_type_and_year(typed: House) -> None:
    """Each unit and day of receipt has its list; a class of another is refused with its name."""
    taken = (("0101", "2019-06-30", "A3"), ("0101", "2019-07-01", "B5"), ("0105", "2019-07-01", "D2"))
    refused = (("0101", "2019-07-01", "A3", "health_10"), ("0101", "2019-06-30", "B5", "health_8"),
               ("0101", "2019-06-30", "D2", "health_8"), ("0105", "2019-07-01", "A3", "insurance_8"))  # fmt: skip
    numbers = [typed.done(*complaint(typed, *each)).split()[0] for each in taken]

    said = [typed.run(*complaint(typed, *each[:3])).stderr for each in refused]
    amiss = [(each, words) for each, words in zip(refused, said, strict=True) if f"classed by {each[3]}" not in words]
    assert amiss == []
    shown = [typed.done("show", number, lang="zh") for number in numbers]
    assert [("操控基建" in each, "以代办报销" in each) for each in shown] == [
        (True, False),
        (True, False),
        (False, True),
    ]


WORDS = (
    ("0101", "2019-06-30", "其他", "A8"),
    ("0101", "2019-07-01", "其他", "B10"),
    ("0101", "30 June 2019", "职业医闹", "A4"),
    ("0101", "7月1日", "职业医闹", "B6"),
    ("0105", "2019-07-01", "其他", "D8"),
    ("0105", "2019-07-01", "保护伞", "D7"),
    ("0105", "2019-07-01", "医闹", "D1"),
    ("0101", "2019-06-30", "代办报销", "D2 is of the list insurance_8; this case is classed by health_8"),
    ("0105", "2019-07-01", "黄赌毒", "B2 is of the list health_10; this case is classed by insurance_8"),
)
"""Unit, day of receipt, words typed, and the class that they mean or why they are refused."""


def test_words_mean_the_class_of_the_own_list(typed: House) -> None:
    """Words that stand in several lists are of the list by which the case is classed, one by one and in bulk."""
    found = []
    for unit, day, words, meant in WORDS:
        result = typed.run(*complaint(typed, unit, day, words))
        number = result.stdout.strip()
        said = typed.found("show", number)["fields"]["category"] if result.exit_code == 0 else result.stderr
        found.append((unit, day, words, meant if meant in said else said))
    assert found == list(WORDS)

    several = ("--workflow", "complaint", "--where", "category in ['A4', 'B6', 'D1']", "--apply")
    typed.done("amend", *several, "--category", "其他", "--reason", "x")
    assert classes(typed) == ["A8", "A8", "B10", "B10", "D7", "D8", "D8"]
    bulk = ("--workflow", "complaint", "--where", "category in ['A8', 'B10', 'D8']", "--apply", "--answer", "y")
    refused = typed.run("advance", "answer", *bulk, "--category", "D2")
    assert refused.output.count("this case is classed by health_") == 4
    typed.run("advance", "answer", *bulk, "--category", "保护伞")
    assert classes(typed) == ["A2", "A2", "B4", "B4", "D2", "D2", "D7"]
    asked = typed.run("list", "--workflow", "complaint", "--where", "线索类型 == '保护伞'", lang="zh")
    assert "“保护伞”见于多个列表，请写代码：A2、B4、D7" in asked.stderr
    typed.done("journal", "verify")


def classes(house: House) -> list[str]:
    """Return the classes of all complaints."""
    numbers = [each["number"] for each in house.found("list", "--workflow", "complaint")]
    return sorted(house.found("show", each)["fields"]["category"] for each in numbers)


def test_only_the_own_list_is_offered(typed: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """At the terminal the choices are those of the list of unit and day; words in several lists are of that one."""
    monkeypatch.setattr("commands.receive.command.can_ask", lambda: True)
    asked = complaint(typed, "0105", "2019-07-01", "")[:-2]
    result = typed.run(*asked, stdin="其他\n")

    offered = [line.split()[0] for line in result.stderr.splitlines() if line.startswith("   ")]
    assert offered == ["1", "2", "3", "4", "5", "6", "7", "8"], result.output
    assert typed.found("show", "0105-TS-2019-001")["fields"]["category"] == "D8"


def test_a_case_keeps_the_list_that_it_was_classed_by(typed: House) -> None:
    """Whatever its unit becomes, a case is reclassified within its own list and shown in its words."""
    number = typed.done(*complaint(typed, "0102", "2019-06-30", "A3")).split()[0]
    typed.done("unit", "type", "0102", "insurance", "--reason", "mandate")

    assert "classed by health_8" in typed.run("amend", number, "--category", "D2", "--reason", "x").stderr
    typed.done("amend", number, "--category", "A8", "--reason", "x")
    assert typed.found("show", number)["fields"]["category"] == "A8"
    typed.done("journal", "verify")


MISTAKES = (
    ("{health: health_9}", "no list is called 'health_9' (did you mean 'health_8'?)"),
    ("{health: health_8, insurance: twin}", "'A1' stands in health_8 and in twin; a code must tell its list"),
)


def test_lists_by_type_that_are_misdeclared_are_refused() -> None:
    """A list that is not there, and a code that does not tell its list, are told when the declaration is read."""
    lists = {**Declarations().lists, "twin": (Choice(value="A1", title=Declarations().lists["health_8"][0].title),)}
    said = []
    with speaking("en"):
        for written, _ in MISTAKES:
            plain = yaml.load(COMPLAINT, yaml.BaseLoader)
            plain["fields"]["category"] = {"type": "choice", "lists": yaml.load(written, yaml.BaseLoader)}
            said.append(" ".join(str(each.text) for each in parse_workflow(plain, lists=lists)[1]))
    assert [pair for pair, words in zip(MISTAKES, said, strict=True) if pair[1] not in words] == []


def test_a_kept_version_is_read_with_its_lists(tmp_path: Path) -> None:
    """What is stored with a case reads as what was declared, without the lists it was made of."""
    file = tmp_path / "complaint.yaml"
    file.write_text(COMPLAINT.replace("states:", BY_TYPE.lstrip("\n"), 1), "utf-8")
    plain, _, _ = read(file, file.name)
    first, problems = parse_workflow(plain, lists=Declarations().lists)
    assert problems == ()
    assert first is not None
    again, problems = parse_workflow(first.plain, lists={})
    assert problems == ()
    assert again == first


SHEET = (
    ("单位", "收到时间", "线索来源", "反映的主要问题", "线索类型"),
    ("0101", "2019-06-30", "群众来信", "一", "其他"),
    ("0105", "2019-06-30", "群众来信", "二", "其他"),
    ("0105", "2019-06-30", "群众来信", "三", "充当保护伞"),
    ("0102", "2019-06-30", "群众来信", "四", "代办报销"),
)


def test_two_types_of_units_under_one_house(house: House) -> None:
    """An insurance bureau classes, transfers, reports and owes returns beside a hospital, by what is shipped."""
    (house.folder / "units.csv").write_text("代码,单位名称,类型\n0105,县医保局,医保\n0106,县血站,\n", "utf-8")
    house.done("unit", "add", "--from", str(house.folder / "units.csv"), "--apply")
    types = {each["code"]: each["type"] for each in house.found("unit", "list")}
    assert (types["0105"], types["0106"]) == ("insurance", "health")
    for code, role in (("zhou", "unit_head"), ("wu", "verifier"), ("sun", "verifier"), ("he", "liaison")):
        house.done("officer", "add", code, f"{code}某", "--role", role, "--unit", "0105")
    file = house.folder / "台账.csv"
    file.write_text("\n".join(map(",".join, SHEET)) + "\n", "utf-8")
    taken = house.run("import", str(file), "--apply")
    assert "D2 is of the list insurance_8; this case is classed by health_8" in taken.output
    found = {house.found("show", each["number"])["fields"]["summary"]: each["number"] for each in house.found("list")}
    said = {words: house.found("show", number)["fields"].get("category") for words, number in found.items()}
    assert said == {"一": "A8", "二": "D8", "三": "D7", "四": None}

    lead = found["三"]
    house.done("advance", lead, "assign", "--responsible-leader", "zhou", "--handler", "wu", "--category", "代办报销")
    house.done("advance", lead, "verify", "--finding", "substantiated", "--verifiers", "wu,sun", "--verified-on",
               "2019-07-01", "--report-number", "医保核1", "--suspected-crime", "yes", by="wu")  # fmt: skip
    house.done("advance", lead, "transfer_police", "--signed-by", "zhou", "--signed-on", "2019-07-01")
    house.done("advance", "0105-YS-2019-0001", "send", "--letter-number", "示医保移〔2019〕1号", "--receiving-body",
               "县公安局", "--sent-on", "2019-07-01", "--material", "报告")  # fmt: skip
    house.done("report", "monthly", "--period", "2019-07", "-o", str(house.folder / "page.html"), lang="zh")
    page = (house.folder / "page.html").read_text("utf-8")
    assert [each for each in ("按线索类型（卫生健康）分", "按线索类型（医疗保障）分") if each not in page] == []
    tables = {
        each["list"]: [(row["title"]["zh"], row["registered"]) for row in each["values"]]
        for each in house.found("report", "monthly", "--period", "2019-07")["fields"]
        if each["field"] == "category"
    }
    assert tables == {
        "health_8": [("其他涉黑涉恶问题", 1)],
        "insurance_8": [("以代办报销为名结伙骗保", 1), ("其他危害医保基金问题", 1)],
        "not_classed": [("未填", 1)],
    }

    house.now = "2019-07-08T10:00"
    house.done("run", "--once", "--backup-to", str(house.folder / "kept"))
    owed = {each["unit"] for each in house.found("list", "--workflow", "return")}
    assert owed == {"0101", "0102", "0105", "0106"}
    house.done("journal", "verify")
