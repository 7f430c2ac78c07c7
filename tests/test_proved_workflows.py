"""The shipped workflows keep their promises, and docs/workflows.md says of each what is proved."""

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


def row(proof: ProvedWorkflow) -> str:
    """Return the line of one workflow."""
    cells = [f"`{proof.workflow}`", str(proof.version)]
    for promise in PROMISES:
        of_it = [each for each in proof.verdicts if each.promise == promise]
        signs = "".join(dict.fromkeys(SIGNS[each.answer] for each in of_it)) or "-"
        persons = re.findall(r"(?:with (\d)|(one)) persons?", of_it[0].sentence.en) if promise == 4 and of_it else []
        cells.append(signs + "".join(f" {number or 1}" for number, _ in persons))
    first = proof.measures[0]
    return "| " + " | ".join([*cells, f"{first.standings:,}", f"{first.steps:,}"]) + " |"


def test_the_page_says_what_is_proved(request: pytest.FixtureRequest) -> None:
    """Nothing is refuted of any shipped workflow, and the table in docs/workflows.md is what the prover says."""
    text = PAGE.read_text("utf-8")
    before, _, rest = text.partition(BEGIN)
    table, _, after = rest.partition(END)
    updates = bool(request.config.getoption("--snapshot-update"))
    mark = f"<!-- {LARGE}: {digest()} -->"
    large = updates or mark not in table or "QINGLING_TEST_PROVED" in os.environ
    found = proofs(large=large)
    rows = {name: row(proof) for name, proof in found.items()}
    kept = [each for each in table.splitlines() if each.startswith(f"| `{LARGE}`")]
    if not large:
        rows[LARGE] = kept[0]
    head = ["| workflow | version |", "|---|---|"]
    head = [head[0] + "".join(f" {each} |" for each in (*PROMISES, "standings", "steps")), head[1] + "---|" * 9]
    drawn = "\n".join([mark, "", *head, *(rows[name] for name in sorted(rows)), ""])
    if updates:
        PAGE.write_text(f"{before}{BEGIN}{drawn}\n{END}{after}", "utf-8")

    assert [each for each in rows.values() if "✗" in each] == []
    assert PAGE.read_text("utf-8") == f"{before}{BEGIN}{drawn}\n{END}{after}", "run: make docs"
