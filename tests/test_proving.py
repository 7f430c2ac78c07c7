"""What the prover says: planted flaws are refuted, sound workflows are not, and the engine itself agrees."""

import os
from datetime import date
from typing import Final

from flawed_workflows import FLAWS, Made, flawed, sound

from engine.proving.proof_verdicts import PromiseAnswer, ProvedWorkflow
from engine.proving.prove import prove
from engine.reading.declarations import sketch_workflow
from engine.validation.check import Known
from engine.workflow.problems import nowhere

TODAY: Final = date(2026, 11, 30)
MADE: Final = int(os.environ.get("QINGLING_TEST_PROVED", "3"))
"""Workflows with each flaw, and twenty times as many sound ones; a thousand of each in `make prove`."""


def proofs(made: Made) -> list[ProvedWorkflow]:
    """Return what is proved of a workflow and its children."""
    read = [sketch_workflow(each, lists={}, where=nowhere, synonyms={})[0] for each in made.declared()]
    workflows = {each.name: each for each in read if each is not None}
    around = {name: {k: v for k, v in workflows.items() if k != name} for name in workflows}
    return [
        prove(each, Known(workflows=around[name], roles=frozenset({"office"}), levels=("chase",)), today=TODAY)
        for name, each in workflows.items()
    ]


def refuted(made: Made) -> set[int]:
    """Return the promises that are refuted."""
    return {each.promise for proof in proofs(made) for each in proof.having(PromiseAnswer.REFUTED)}


def test_each_planted_flaw_is_refuted() -> None:
    """Whatever flaw is planted in a sound workflow, the promise that it breaks is refuted."""
    missed = [
        (flaw, seed)
        for flaw, planted in FLAWS.items()
        for seed in range(MADE)
        if planted.promise not in refuted(flawed(flaw, seed))
    ]

    assert missed == []


def test_sound_workflows_are_proved() -> None:
    """Of workflows without a flaw nothing is refuted, and nothing is left undecided."""
    wrong = [
        (seed, each.promise, each.about, each.sentence.en)
        for seed in range(MADE * 20)
        for proof in proofs(sound(seed))
        for each in proof.verdicts
        if each.answer is not PromiseAnswer.PROVED
    ]

    assert wrong == []
