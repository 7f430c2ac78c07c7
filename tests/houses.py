"""A set-up house for the tests of commands: the real program on a real file, run in this process."""

import json
import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import cli
from engine.language import language, use
from engine.operations.ledger.hand_clock import REHEARSAL

PASSPHRASE = "correct horse battery"
REPORTER = "Reporter Q-773"
"""Stands for the identity of somebody who reported; no output but one may show it."""

LEAD = ("--received-on", "2019-06-28", "--source", "letter", "--summary", "医院门口有人强揽生意")


COMPLAINT = """
workflow: complaint
version: 1
title: {en: Complaint, zh: 投诉}
number: "{unit}-TS-{year}-{serial:03}"
dated_by: received_on
summary: words
open: {by: [liaison]}
amend: {by: [office]}
fields:
  received_on: {type: date, required: true, title: {en: Received on, zh: 收到时间}}
  words: {type: text, required: true, title: {en: Complaint, zh: 投诉内容}}
  answer: {type: text, title: {en: Answer, zh: 答复}}
states:
  open: {title: {en: Open, zh: 待答复}}
  answered: {title: {en: Answered, zh: 已答复}, final: true}
transitions:
  answer: {title: {en: Answer, zh: 答复}, from: open, to: answered, by: [liaison], asks: [answer]}
deadlines:
  answer: {title: {en: Answer, zh: 答复期限}, starts: {field: received_on}, runs_in: [open], within: 15 days,
    ladder: usual}
ladders:
  usual: [{at: +1 day, every: 1 month, level: chase, to: [liaison]}]
clearance:
  cleared: {states: [answered]}
  fully_closed: {states: [answered]}
"""
INQUIRY = """
workflow: inquiry
version: 1
title: {en: Inquiry, zh: 询问}
number: "{unit}-XW-{year}-{serial:03}"
dated_by: asked_on
summary: words
parent: complaint
open: {by: []}
amend: {by: [office]}
fields:
  asked_on: {type: date, required: true, title: {en: Asked on, zh: 询问日期}}
  words: {type: text, required: true, title: {en: Question, zh: 问题}}
states:
  asked: {title: {en: Asked, zh: 已询问}}
  told: {title: {en: Told, zh: 已答}, final: true}
transitions:
  tell: {title: {en: Tell, zh: 答复}, from: asked, to: told, by: [liaison]}
deadlines:
  tell: {title: {en: Tell, zh: 答复期限}, starts: {field: asked_on}, runs_in: [asked], within: 15 days, ladder: usual}
ladders:
  usual: [{at: +1 day, every: 1 month, level: chase, to: [liaison]}]
clearance:
  cleared: {states: [told]}
  fully_closed: {states: [told]}
"""
"""Asked under a complaint."""
"""A workflow of a house's own, as its officers would write it."""


_BUILT: list[Path] = []


def unmarked(printed: str) -> str:
    """Return what a rehearsal ledger printed without the mark that it bears; other tests prove the mark."""
    shown = printed.strip()
    for mark in (REHEARSAL.en, REHEARSAL.zh):
        shown = shown.removeprefix(mark).lstrip("\n")
    return re.sub(r'(?<=\{)\s*"rehearsal": true,?(?: (?="))?', "", shown)


class House:
    """A folder with a ledger, and the commands that are run in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.database = folder / "ledger.db"
        self.now = "2019-07-01T10:00"

    def run(
        self,
        *args: str,
        by: str = "wang",
        lang: str = "en",
        stdin: str | bytes | None = None,
        env: Mapping[str, str] | None = None,
    ) -> Result:
        """Run the program; nothing is set from outside but what stands here."""
        bare: dict[str, str | None] = {
            name: None for name in os.environ if name.startswith(("QINGLING_", "LC_", "LANG"))
        }
        settings = {
            **bare,
            "QINGLING_DATABASE": str(self.database),
            "QINGLING_NOW": self.now,
            "QINGLING_LANG": lang,
            "QINGLING_OFFICER": by,
            "QINGLING_SESSION": str(self.folder / "session"),
            "COLUMNS": "100",
            **(env or {}),
        }
        before = language()
        try:
            return CliRunner().invoke(cli.main, list(args), env=settings, input=stdin)
        finally:
            use(before)

    def done(self, *args: str, by: str = "wang", lang: str = "en", stdin: str | bytes | None = None) -> str:
        """Run the program, expect it to succeed, and return its data."""
        result = self.run(*args, by=by, lang=lang, stdin=stdin)
        assert result.exit_code == 0, result.output
        return unmarked(result.stdout)

    def refused(self, code: int, *args: str, by: str = "wang", lang: str = "en", stdin: str | None = None) -> str:
        """Run the program, expect it to refuse in one line with *code*, and return the line."""
        result = self.run(*args, by=by, lang=lang, stdin=stdin)
        assert result.exit_code == code, result.output
        lines = result.stderr.strip().splitlines()
        assert len(lines) == 1, result.stderr
        return lines[0]

    def found(self, *args: str, by: str = "wang") -> Any:
        """Run the program with --json and return what it prints."""
        return json.loads(self.done(*args, "--json", by=by))

    def adopt(self, *files: str | Path) -> None:
        """Let the ledger work by the files, or by what stands in the folders."""
        self.done("adopt", *map(str, files), "--apply", "--reason", "decided")

    def lead(self, *more: str) -> str:
        """Register a lead and return its number; a reporter among *more* comes by standard input."""
        typed = list(more)
        stdin = None
        if "--reporter" in typed:
            place = typed.index("--reporter") + 1
            stdin, typed[place] = typed[place] + "\n", "-"
        return self.done("receive", "--unit", "0101", *LEAD, *typed, stdin=stdin)

    def agreed(self, number: str) -> None:
        """Ask to open the seal of a case, and let the head of the unit agree."""
        self.done("reporter", "ask", number, "--reason", "asked for")
        self.done("reporter", "agree", number, by="li")

    def assigned(self, number: str) -> str:
        """Assign a lead and return its number."""
        self.done("advance", number, "assign", "--responsible-leader", "li", "--handler", "zhao")
        return number


@pytest.fixture(scope="session")
def built_house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a house of two units and four officers, to be copied; made once for all modules."""
    if _BUILT:
        return _BUILT[0]
    built = House(tmp_path_factory.mktemp("house"))
    (built.folder / "passphrase.txt").write_text(PASSPHRASE + "\n", "utf-8")
    built.done(
        "init", "--rehearsal", "--not-classified", "--name", "某县卫健局", "--unit", "0101", "--unit-name", "县医院",
        "--officer", "wang", "--officer-name", "王某", "--passphrase-file", str(built.folder / "passphrase.txt"),
    )  # fmt: skip
    built.done("unit", "add", "0102", "县中医院")
    for code, name, role in (("li", "李某", "unit_head"), ("zhao", "赵某", "verifier"), ("qian", "钱某", "auditor")):
        built.done("officer", "add", code, name, "--role", role, "--unit", "0101")
    _BUILT.append(built.folder)
    return built.folder


@pytest.fixture
def house(built_house: Path, tmp_path: Path) -> House:
    """Return a fresh house."""
    folder = tmp_path / "house"
    shutil.copytree(built_house, folder)
    return House(folder)
