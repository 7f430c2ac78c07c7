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
  category: {type: choice, title: {en: Category, zh: 线索类型}, lists: {
    health: [{from: 2018-01-01, use: health_8}, {from: 2019-07-01, use: health_10}], insurance: insurance_8}}
states:"""


@pytest.fixture
def typed(house: House) -> House:
    """Return a house with an insurance bureau and a workflow whose list goes by type."""
    file = house.folder / "complaint.yaml"
    file.write_text(COMPLAINT.replace("states:", BY_TYPE.lstrip("\n"), 1).replace("[liaison]", "[office]"), "utf-8")
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
    assert "stands in several lists; write the code: A8, B10, D8" in typed.run(
        *complaint(typed, "0101", "2019-06-30", "其他")).stderr  # fmt: skip
    shown = [typed.done("show", number, lang="zh") for number in numbers]
    assert [("操控基建" in each, "以代办报销" in each) for each in shown] == [
        (True, False),
        (True, False),
        (False, True),
    ]


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
