"""The examples of every command's help work when they are pasted into a house like the one they tell of."""

import shlex
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import click
import openpyxl
import pytest
from houses import COMPLAINT, PASSPHRASE, REPORTER, House, built_house, house
from ledgers import START, opened

import cli
from commands.console.bilingual import Command
from commands.console.command_lines import lines_as_typed
from commands.console.command_table import COMMANDS
from engine.language import speaking
from engine.operations.cases.receipts import give_receipt
from engine.operations.ledger.acting import Acting

__all__ = ["built_house", "house"]

DATA = Path(__file__).parent / "data"
INTERACTIVE = (
    "qingling init",
    "qingling reporter key --key-file custodian-2020.key",
    "qingling desk",
    "qingling credential unlock",
    "qingling credential lock",
)
"""What asks at the terminal, or goes on until it is stopped; `test_key_agent` unlocks keys and locks them."""
FROM_ELSEWHERE = " KEY"
"""In place of what another ledger or a witness has given; `test_journal_proofs` runs these lines with a real one."""
NOT_ZERO = (
    "qingling zero zhengzhou_2019 --as-of 2019-06-30",
    "qingling zero 2019年问题线索清零专项行动 --as-of 2019-06-30",
)
"""What asks about a day on which the house of the tests had no lead: an empty scope is no zero."""
REAL_ONLY = ("qingling clock allow", "qingling clock forbid", "qingling credential demand", "qingling database roles")
"""What the rehearsal ledger of the tests, a file, has no use for and refuses; `test_hand_clock`, `test_identity` and
`test_database_roles` run them in another."""
NOTHING_ASKED = ("qingling zero",)
"""What lists what may be asked, and must not be read as an answer."""


SHEETS: dict[str, Sequence[tuple[str, ...]]] = {
    "ledger.xlsx": (
        ("台账编号", "收到时间", "线索来源", "反映的主要问题"),
        ("2019-001", "2019-06-03", "群众来电", "反映强行推销"),
    ),
    "线索台账.xlsx": (
        ("台账编号", "收到时间", "线索来源", "反映的主要问题"),
        ("2019-001", "2019-06-03", "群众来电", "反映强行推销"),
    ),
    "units.xlsx": (("code", "name"), ("0104", "County Centre for Disease Control")),
    "officers.xlsx": (
        ("code", "name", "roles", "unit", "contact"),
        ("tang", "Tang", "verifier", "0101", "mail=tang@example.org"),
    ),
}
"""The spreadsheets that the examples read."""


def seven_sent(house: House) -> None:
    """Let a lead become late, until more than seven messages have been sent."""
    for day in ("2019-08-30", "2019-09-03", "2019-09-10", "2019-09-17"):
        house.now = f"{day}T10:00"
        house.done("sweep")
        house.done("outbox", "deliver")


def _code(house: House) -> str:
    """Give a code for the lead that the examples answer, the first one, and return it."""
    with opened(str(house.database)) as ledger:
        return give_receipt(Acting(ledger, "wang", START), "0101-XS-2019-0001")


def second_version(house: House) -> None:
    """Let the house have a complaint, and then adopt another version in which a state is called otherwise."""
    house.done("officer", "add", "lian", "连某", "--role", "liaison", "--unit", "0101")
    house.adopt("my-workflows/complaint.yaml")
    house.run("receive", "--workflow", "complaint", "--unit", "0101", "--received-on", "2019-06-28", "--words", "x",
              by="lian")  # fmt: skip
    second = COMPLAINT.replace("version: 1", "version: 2").replace("  open: {title", "  waiting: {title")
    second = second.replace("from: open", "from: waiting").replace("[open]", "[waiting]").replace("待答复", "待办")
    field = "  urgency: {type: text, required: true, title: {en: Urgency, zh: 缓急}}\n"
    Path("my-workflows/complaint.yaml").write_text(second.replace("states:\n", f"{field}states:\n"), "utf-8")
    house.adopt("my-workflows/complaint.yaml")


def asked_of_li(house: House) -> None:
    """Let the office ask li to sign a reclassification."""
    proposed = ("--category", "A2", "--reason", "as the file shows")
    asked = ("--ask", "signed-by", "--signer", "li", "--step", "reclassify")
    house.done("sign", "0101-XS-2019-0001", *asked, *proposed)


def well_kept(house: House) -> None:
    """Back the ledger up and sweep it, as doctor asks of every house."""
    house.done("backup", "good.db")
    house.done("sweep")


def without_a_file(_: House) -> None:
    """Take away the files that an export would overwrite."""
    for name in ("ledger.xlsx", "线索台账.xlsx"):
        Path(name).unlink()


BEFORE: dict[str, Callable[[House], object]] = {
    " doctor": well_kept,
    " restore ": lambda house: house.done("backup", "qingling-20190630.db"),
    " --undo ": lambda house: house.done("link", "0101-XS-2019-0002", "0101-XS-2019-0001", "--reason", "same"),
    " export ledger ": without_a_file,
    " hand-over ": lambda house: house.done("officer", "grant", "li", "unit_head", "--unit", "0102"),
    " officer return ": lambda house: house.done("officer", "leave", "zhao"),
    " outbox bounced ": seven_sent,
    "'chen'": lambda house: house.done("officer", "add", "chen", "陈某", "--role", "verifier", "--unit", "0101"),
    " reporter open ": lambda house: (
        house.done("reporter", "ask", "0101-XS-2019-0001", "--reason", "asked for"),
        house.done("reporter", "agree", "0101-XS-2019-0001", by="li"),
    ),
    " receipt ": lambda house: Path("code.txt").write_text(_code(house), "utf-8"),
    " reporter agree ": lambda house: house.done("reporter", "ask", "0101-XS-2019-0001", "--reason", "asked for"),
    " --half ": lambda house: house.done(
        "reporter", "escrow", "--half", "one.half", "--half", "two.half", "--passphrase-file", "passphrase.txt"
    ),
    " login ": lambda house: house.done("credential", "password", "--password-file", "password.txt"),
    " logout": lambda house: (
        house.done("credential", "password", "--password-file", "password.txt"),
        house.done("login", "wang", "--password-file", "password.txt"),
    ),
    " credential revoke ": lambda house: house.done(
        "credential", "key", "another.key", "--password-file", "password.txt"
    ),
    " --against ": lambda house: house.done("journal", "checkpoint", "-o", "checkpoint.txt"),
    " --lift ": lambda house: house.done("restrict", "0101-XS-2019-0001", "--to", "wang", "--reason", "own hospital"),
    " decline ": asked_of_li,
    " workflow diff ": second_version,
    " workflow migrate ": second_version,
    " sign 0101-XS-2019-0001": asked_of_li,
    " journal prove ": lambda house: house.done("journal", "checkpoint"),
    " replay events.csv": lambda house: house.done("export", "csv", "-o", "events.csv"),
}
"""What must have happened before a line with these words can be typed."""
LI_SIGNS = "qingling sign 0101-XS-2019-0001"


def examples() -> list[tuple[str, str]]:
    """Return every line of every example, with a language it is shown in."""
    found: dict[str, str] = {}
    context = click.Context(cli.main, info_name="qingling")
    for section in COMMANDS.values():
        for name in section:
            loaded = cli.main.get_command(context, name)
            verbs = loaded.commands.values() if isinstance(loaded, click.Group) else ()
            for each in (loaded, *verbs):
                assert isinstance(each, Command)
                for lang in ("zh", "en"):
                    said = each.example if isinstance(each.example, str) else getattr(each.example, lang)
                    for line in said.replace("\\\n", " ").splitlines():
                        found[" ".join(shlex.split(line, posix=False))] = lang
    return [(lang, line) for line, lang in found.items()]


@pytest.fixture
def told(house: House, monkeypatch: pytest.MonkeyPatch) -> House:
    """Return a house with what the examples speak of, and go into its folder."""
    monkeypatch.chdir(house.folder)
    house.lead("--reporter", REPORTER, "--real-name", "yes")
    house.lead()
    house.assigned(house.lead())
    house.done("pause", house.lead(), "--reason", "waits for the court")
    Path("ledger-channels.yaml").write_text(
        "channels:\n  trial: {family: file, folder: letters}\n"
        "  mail: {family: file, folder: letters}\n"
        "  email: {family: file, folder: letters}\n",
        "utf-8",
    )
    for name, rows in SHEETS.items():
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append(row)  # type: ignore[union-attr]  # a new book has a sheet
        book.save(name)
    Path("password.txt").write_text("violin gravel sunday maple\n", "utf-8")
    Path("answer.txt").write_text("your report was passed on\n", "utf-8")
    Path("report.pdf").write_bytes(b"%PDF-")
    Path("leads.json").write_text(
        '[{"unit": "0101", "received_on": "2019-06-28", "source": "letter", "summary": "x"}]', "utf-8"
    )
    Path("my-workflows").mkdir()
    Path("my-workflows/complaint.yaml").write_text(COMPLAINT, "utf-8")
    Path("map.yaml").write_text("events: {Answer: {step: answer, set: {answer: =text}}}\n", "utf-8")
    Path("old.csv").write_text("case,event,at,text\n1,Answer,2019-06-28T09:00:00,it was mended\n", "utf-8")
    shutil.copy(DATA / "calendar_hospital.yaml", "county.yaml")
    return house


@pytest.mark.parametrize(
    ("lang", "line"), [each for each in examples() if each[1] not in INTERACTIVE and FROM_ELSEWHERE not in each[1]]
)
def test_example(told: House, lang: str, line: str) -> None:
    """The line does what it says, in the words in which it is shown."""
    for words, happen in BEFORE.items():
        if words in line and not line.startswith("qingling reporter escrow"):
            happen(told)
    if line.startswith("qingling init"):
        told.database = told.folder / "another.db"
    with speaking("zh" if lang == "zh" else "en"):
        program, *args = shlex.split(lines_as_typed(line))
    if program == "eval":
        args = ["completion", "bash"]
    by_the_clock = {"QINGLING_NOW": ""} if line.startswith("qingling init") else {}
    is_li = line.startswith(("qingling reporter agree", "qingling decline")) or line == LI_SIGNS
    by = "li" if is_li else "wang"
    result = told.run(*args, lang=lang, by=by, env={"QINGLING_PASSPHRASE": PASSPHRASE, **by_the_clock})
    expected = 30 if line in NOT_ZERO else 2 if line in NOTHING_ASKED else 21 if line.startswith(REAL_ONLY) else 0
    assert result.exit_code == expected, result.output
