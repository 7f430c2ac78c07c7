"""The page that holds the duties of the plans against the program: what it names exists, and nothing is left unsaid."""

import re
import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import click
import openpyxl
import pytest
from houses import House, built_house, house

from cli import main
from documents.letters.kinds import kinds
from engine.workflow.model import Workflow
from workflows.loader import Declarations

__all__ = ["built_house", "house"]

HOUSE = Path(__file__).resolve().parents[1]
PAGE = HOUSE / "docs/coverage.md"
BOOK = Declarations()
PLANS = ("S0", *(f"S1-P{place}" for place in range(1, 13)), "S2", "S3", "S4")
FIELDS_ARE_OPTIONS = {"receive", "advance", "amend"}
"""Commands that take the fields of a workflow as options."""


class Row(NamedTuple):
    """One duty, as the page has it."""

    where: str
    duty: str
    served: str
    declared: str
    commands: str
    missing: str


def rows() -> Iterator[Row]:
    """Yield each duty of the page; what is left to people has no declaration."""
    for line in PAGE.read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and len(cells) == len(Row._fields) and cells[2] in {"whole", "in part", "no"}:
            yield Row(*cells)


def quoted(cell: str) -> list[str]:
    """Return what stands between backticks."""
    return re.findall(r"`([^`]+)`", cell)


def among(name: str, of: Callable[[Workflow], Iterable[str]]) -> bool:
    """Say whether WORKFLOW.PART is there, given the names of such parts."""
    workflow, _, part = name.partition(".")
    return workflow in BOOK.names() and part in of(BOOK.latest(workflow))


def steps(workflow: Workflow) -> set[str]:
    """Return the steps of a workflow, as people type them."""
    return {each.trigger for each in workflow.transitions}


THERE: Mapping[str, Callable[[str], bool]] = {
    "workflow": lambda name: name in BOOK.names(),
    "step": lambda name: among(name, steps),
    "term": lambda name: among(name, lambda it: it.deadlines),
    "field": lambda name: among(name, lambda it: it.fields),
    "list": lambda name: (HOUSE / f"workflows/lists/{name}.yaml").is_file(),
    "campaign": lambda name: (HOUSE / f"workflows/campaigns/{name}.yaml").is_file(),
    "letter": lambda name: name in kinds(),
    "role": lambda name: name in BOOK.roles(),
}


def wrong_with(line: str) -> str | None:
    """Return what a command names that the program has not; None if all of it is there."""
    words = shlex.split(line)[1:]
    command: click.Command = main
    context = click.Context(main)
    while isinstance(command, click.Group) and words:
        found = command.get_command(context, words[0])
        if found is None:
            return f"no command {words[0]}"
        command, context = found, click.Context(found)
        words.pop(0)
    options = {each: it for it in command.params for each in it.opts if isinstance(it, click.Option)}
    workflow = words[words.index("--workflow") + 1] if "--workflow" in words else "lead"
    if workflow not in BOOK.names():
        return f"no workflow {workflow}"
    named = BOOK.latest(workflow).fields if command.name in FIELDS_ARE_OPTIONS else ()
    fields = {f"--{name.replace('_', '-')}" for name in named}
    given = []
    rest = iter(words)
    for word in rest:
        if word not in options and word.startswith("-") and word not in fields:
            return f"no option {word}"
        if not word.startswith("-"):
            given.append(word)
        elif word in fields or not options[word].is_flag:
            next(rest)
    if len(given) < sum(each.required for each in command.params if isinstance(each, click.Argument)):
        return "an argument is missing"
    if command.name == "advance" and not any(given[1] in steps(BOOK.latest(name)) for name in BOOK.names()):
        return f"no step {given[1]}"
    return None


def test_what_the_page_names_exists() -> None:
    """Each declaration, command, option and step on the page is there."""
    wrong = []
    for row in rows():
        for each in quoted(row.declared):
            kind, _, name = each.partition(" ")
            wrong += [] if kind in THERE and THERE[kind](name) else [f"{row.where} {row.duty}: {each}"]
        for each in quoted(row.commands):
            fault = wrong_with(each)
            wrong += [f"{row.where} {row.duty}: {each}: {fault}"] if fault else []

    assert wrong == []


def test_every_duty_is_answered() -> None:
    """All duties and plans have rows; what is served names how, and what is not whole says why."""
    found = list(rows())
    assert {row.where for row in found} >= {str(number) for number in range(1, 18)}
    assert [plan for plan in PLANS if not any(re.match(rf"{plan}\b", row.where) for row in found)] == []
    wrong = [
        f"{row.where} {row.duty}"
        for row in found
        if (row.served == "no") != (not row.declared and not row.commands)
        or (row.served != "whole" and not row.missing)
        or (row.served != "no" and not (quoted(row.declared) and quoted(row.commands)))
    ]
    assert wrong == []


def test_every_workflow_serves_a_duty() -> None:
    """Each shipped workflow stands on the page."""
    named = {each.partition(" ")[2].partition(".")[0] for row in rows() for each in quoted(row.declared)}
    assert set(BOOK.names()) - named == set()


@pytest.mark.parametrize(
    "line", ["qingling unknown", "qingling list --unknown", "qingling advance NUMBER unknown", "qingling show"]
)
def test_what_is_not_there_is_found(line: str) -> None:
    """The reading of commands finds what is missing."""
    assert wrong_with(line)


def test_what_is_listed_can_be_listed(house: House) -> None:
    """Each list that the page sends people to is answered by a ledger that has just been set up."""
    asked = {each for row in rows() for each in quoted(row.commands) if each.startswith("qingling list")}
    answers = {each: house.run(*shlex.split(each)[1:]) for each in sorted(asked)}

    assert {each: answer.output for each, answer in answers.items() if answer.exit_code} == {}


LEAD = "0103-XS-2019-0003"
"""A lead of the story whose term still runs that evening."""
RECEIVED = "receive --unit 0104 --received-on 2019-11-04 --source letter --category A6 --summary"
VERIFIED = "--verified-on 2019-11-05 --verifiers zhao,qian --report-number"
BEFORE = (
    ("wang", f"{RECEIVED} 有人倒卖号源"),
    ("wang", f"{RECEIVED} 误登"),
    ("wang", f"{RECEIVED} 举报 --real-name yes --reporter -"),
    ("wang", f"{RECEIVED} 匿名 --receipt-code"),
    ("zhao", f"advance 0104-XS-2019-0002 verify --finding substantiated --irregularity yes {VERIFIED} 7号"),
    ("zhao", f"advance 0104-XS-2019-0003 verify --finding substantiated --suspected-crime yes {VERIFIED} 8号"),
    ("wang", "advance 0104-XS-2019-0003 transfer_police --signed-by zhou --signed-on 2019-11-05"),
    ("wang", "amend 0102-XS-2019-0004 --responsible-leader li --handler zhao --reason 补录"),
    ("wang", "receive --workflow proposal --unit 0101"),
    ("wang", "letter settings --code 示卫 --contact 王某 --telephone 000-0000 --superior 市卫健委"),
)
"""What is done before the page is tried: cases in states in which the story leaves none."""
ON: Mapping[str, tuple[str, str]] = {
    "advance NUMBER assign": ("0104-XS-2019-0004", "--handler zhao --responsible-leader li"),
    "advance NUMBER handle": ("0104-XS-2019-0002", ""),
    "advance NUMBER receipt": ("0104-YS-2019-0001", ""),
    "advance NUMBER record_penalty": ("0102-XS-2019-0001", ""),
    "advance NUMBER start_rectification": ("0102-XS-2019-0004", "--rectification-due-on 2019-12-31"),
    "extend NUMBER --reason": (LEAD, "--for '1 month' --signed-by zhou --filed-on 2019-11-05"),
    "letter issue extension_form": (LEAD, "--new-due-on 2020-01-15 --reason 理由"),
    "letter issue proposal_reply": ("0101-JY-2019-0001", "--document-number 1号 --adoption adopted --measures 整改"),
    "import carers.xlsx": ("", "--unit 0101"),
    "import plan.xlsx": ("", "--unit 0101"),
    "letter issue transfer": ("0104-YS-2019-0002", "--receiving-body 某公安局 --material 报告 --subject 甲某"),
    "officer add": ("", ""),
    "receipt answer": ("0104-XS-2019-0007", "--words-file words.txt"),
    "receipt read": ("", "--code-file code.txt"),
    "receive --workflow proceeding": ("0101-YS-2019-0001", ""),
    "receive --workflow rectification --under": ("0102-XS-2019-0004", ""),
    "reporter ask": ("0104-XS-2019-0006", ""),
    "run": ("", "--once"),
    "void": ("0104-XS-2019-0005", ""),
}
"""By how a command begins: the case it is tried on, and what is typed besides; else `LEAD`, and nothing."""
STANDS_FOR = {"OFFICER": "zhou", "WORDS": "理由", "NAME": "某某", "0103": "0106"}
CODES = {"zero": {30}, "doctor": {0, 2}}
"""Commands that leave with another code than 0 when they have done their work: not zero, and something to attend to."""
VALUES = {"period": "2019Q4"}
OF_TYPE = {
    "date": "2019-11-05",
    "moment": "2019-11-05 0:30",
    "flag": "yes",
    "number": "1",
    "officer": "zhou",
    "officers": "zhao",
    "unit": "0101",
}
"""What is typed for a field that a command asks for, by its name, by its type, or else the first of its choices."""


def value_of(name: str, workflow: Workflow) -> str:
    """Return a value that fits a field."""
    field = workflow.fields[name]
    return VALUES.get(name) or (field.choices[0].value if field.choices else OF_TYPE.get(str(field.type), "事由"))


def asked_for(said: str, words: list[str]) -> list[str]:
    """Return what a refusal asks for, with values that fit; nothing if it refuses for another reason."""
    if "--unit CODE" in said:
        return ["--unit", "0101"]
    name = words[words.index("--workflow") + 1] if "--workflow" in words else None
    books = [BOOK.latest(name)] if name else [BOOK.latest(each) for each in BOOK.names()]
    found = []
    for option in re.findall(r"\(--([a-z-]+)\) must be given", said):
        field = option.replace("-", "_")
        found += [f"--{option}", value_of(field, next(each for each in books if field in each.fields))]
    return found


def stood_against(line: str, house: House) -> str | None:
    """Run a command of the page, what it asks for given; return what stood against it, None if it did its work."""
    bare = line.removeprefix("qingling ")
    number, rest = next((found for begins, found in ON.items() if bare.startswith(begins)), (LEAD, ""))
    stands_for = {**STANDS_FOR, "NUMBER": number, **({"OFFICER": "new"} if bare.startswith("officer add") else {})}
    words = [*(stands_for.get(word, word) for word in shlex.split(bare)), *shlex.split(rest)]
    if "-o" in words:
        Path(words[words.index("-o") + 1]).unlink(missing_ok=True)
    for _ in range(4):
        result = house.run(*words, stdin="举报人甲\n")
        if result.exit_code in CODES.get(words[0], {0}):
            return None
        words += asked_for(result.stderr, words)
    return f"{' '.join(words)}: {result.exit_code} {result.stderr.strip()}"


def sheet(name: str, *rows: tuple[str, ...]) -> None:
    """Write a table of the folder in which the page is tried."""
    book = openpyxl.Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    book.save(name)


def brought() -> None:
    """Write the files that the commands of the page name."""
    sheet(
        "plan.xlsx", ("序号", "任务内容", "责任单位（股室）", "完成时限"), ("1", "签订责任书", "办公室", "2019-08-31")
    )
    sheet(
        "carers.xlsx",
        ("登记日期", "登记编号", "姓名", "所属公司", "下次核验日期"),
        ("2019-11-01", "H1", "甲某", "某公司", "2020-02-01"),
    )
    lead = (HOUSE / "workflows/lead.yaml").read_text("utf-8")
    newer = re.sub(r"(?m)^version: (\d+)", lambda it: f"version: {int(it[1]) + 1}", lead)
    yearly = (HOUSE / "workflows/campaigns/yearly.yaml").read_text("utf-8")
    points = "points: county\ntitle: {en: Points, zh: 计分}\nitems: {clear_rate: {full: 20}}\n"
    for name, text in {
        "lead.yaml": newer,
        "sweep.yaml": yearly.replace("campaign: yearly", "campaign: sweep"),
        "points.yaml": points,
        "words.txt": "已受理\n",
        "judgment.pdf": "%PDF-1.4\n%%EOF\n",
    }.items():
        Path(name).write_text(text, "utf-8")


def test_each_command_of_the_page_runs_on_the_demo_ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the order of the page each command does its work on the ledger that the demo leaves, what it asks for given.

    It plays the demo and a hundred commands, which takes some seconds: that they run is what the page promises.
    """
    house = House(tmp_path / "demo")
    house.database = house.folder / "qingling.db"
    house.done("demo", str(house.folder))
    house.now = "2019-11-05T09:00"
    monkeypatch.chdir(house.folder)
    brought()
    for by, line in BEFORE:
        words = shlex.split(line)
        result = house.run(*words, by=by, stdin="举报人甲\n")
        if more := asked_for(result.stderr, words):
            result = house.run(*words, *more, by=by, stdin="举报人甲\n")
        assert result.exit_code == 0, (line, result.stderr)
        if "--receipt-code" in words:
            Path("code.txt").write_text(result.stderr.strip().rpartition(": ")[2], "utf-8")

    lines = dict.fromkeys(each for row in rows() for each in quoted(row.commands))
    wrong = [said for line in lines if (said := stood_against(line, house))]
    assert not wrong, "\n".join(wrong)
