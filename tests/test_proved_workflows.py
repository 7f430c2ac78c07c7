"""The shipped workflows keep their promises, and docs/workflows.md and its Chinese page say of each what is proved."""

import os
import re
from datetime import date
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Final

import pytest

from engine.proving.proof_verdicts import PromiseAnswer, ProvedWorkflow
from engine.proving.prove import PROMISES, prove
from workflows.loader import Declarations

HOUSE: Final = Path(__file__).resolve().parent.parent
PAGE: Final = HOUSE / "docs/workflows.md"
CHINESE_PAGE: Final = HOUSE / "docs/zh/workflows.md"
BEGIN, END = "<!-- proved by the program: make docs -->\n", "<!-- end of what is proved -->"
TODAY: Final = date(2026, 11, 30)
LARGE: Final = "lead"
"""Its search takes about a minute, so it is proved where its text or that of its children has changed, in `make docs`
and in `make prove`."""
SIGNS: Final = {
    PromiseAnswer.PROVED: "✓",
    PromiseAnswer.REFUTED: "✗",
    PromiseAnswer.BY_CORRECTION: "!",
    PromiseAnswer.NOT_DECIDED: "?",
}


def digest() -> str:
    """Return what stands for the text of the large workflow and its children."""
    names = {LARGE, *(each.workflow for step in Declarations().latest(LARGE).transitions for each in step.opens)}
    texts = (HOUSE / "workflows" / f"{name}.yaml" for name in sorted(names))
    return sha256(b"".join(each.read_bytes() for each in texts)).hexdigest()[:16]


@cache
def proofs(*, large: bool) -> dict[str, ProvedWorkflow]:
    """Return what is proved of the shipped workflows, by name."""
    return {
        workflow.name: prove(workflow, known, today=TODAY)
        for workflow, known, _ in Declarations().around()
        if large or workflow.name != LARGE
    }


def cells(proof: ProvedWorkflow) -> str:
    """Return the cells of one workflow's line, behind its name."""
    said = [str(proof.version)]
    for promise in PROMISES:
        of_it = [each for each in proof.verdicts if each.promise == promise]
        signs = "".join(dict.fromkeys(SIGNS[each.answer] for each in of_it)) or "-"
        persons = re.findall(r"(?:with (\d)|(one)) persons?", of_it[0].sentence.en) if promise == 4 and of_it else []
        said.append(signs + "".join(f" {number or 1}" for number, _ in persons))
    first = proof.measures[0]
    return " | ".join([*said, f"{first.standings:,}", f"{first.steps:,}"]) + " |"


def drawn(mark: str, words: tuple[str, ...], rows: dict[str, str]) -> str:
    """Return the table with *words* at its head; *rows* have what is shown of a workflow, name included."""
    workflow, version, *counted = words
    head = f"| {workflow} | {version} |" + "".join(f" {each} |" for each in (*PROMISES, *counted))
    return "\n".join([mark, "", head, "|" + "---|" * 11, *(f"| {rows[name]}" for name in sorted(rows)), ""])


def test_the_pages_say_what_is_proved(request: pytest.FixtureRequest) -> None:
    """Nothing is refuted of any shipped workflow, and the table on both pages is what the prover says."""
    text = PAGE.read_text("utf-8")
    table = text.partition(BEGIN)[2].partition(END)[0]
    updates = bool(request.config.getoption("--snapshot-update"))
    mark = f"<!-- {LARGE}: {digest()} -->"
    large = updates or mark not in table or "QINGLING_TEST_PROVED" in os.environ
    rows = {name: cells(proof) for name, proof in proofs(large=large).items()}
    if not large:
        rows[LARGE] = table.partition(f"| `{LARGE}` | ")[2].partition("\n")[0]
    titles = {name: Declarations().latest(name).title.zh for name in rows}
    pages = {
        PAGE: drawn(
            mark, ("workflow", "version", "standings", "steps"), {name: f"`{name}` | {rows[name]}" for name in rows}
        ),
        CHINESE_PAGE: drawn(
            mark, ("流程", "版本", "情形", "步骤"), {name: f"{titles[name]} `{name}` | {rows[name]}" for name in rows}
        ),
    }
    wrong = []
    for page, wanted in pages.items():
        before, _, rest = page.read_text("utf-8").partition(BEGIN)
        whole = f"{before}{BEGIN}{wanted}\n{END}{rest.partition(END)[2]}"
        if updates:
            page.write_text(whole, "utf-8")
        wrong += [] if page.read_text("utf-8") == whole else [page.name]

    assert [each for each in rows.values() if "✗" in each] == []
    assert wrong == [], "run: make docs"
