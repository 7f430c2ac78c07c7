"""Counter-examples of the prover, played by the operations of the engine on a ledger, children and all."""

import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from flawed_workflows import FLAWS, flawed
from ledgers import DAY, START, furnished
from played_proofs import PERSONS, Player, ledger_with
from test_proving_wrong import CHILD, NO_CHILD, OVER_CHILD, ROWS, made

from engine.errors import QinglingError, RefusedError
from engine.operations.cases.casework import advance
from engine.operations.ledger.acting import Acting
from engine.proving.proof_verdicts import PromiseAnswer, PromiseVerdict, ProvedWorkflow
from engine.proving.prove import prove, searched
from engine.workflow.model import Workflow
from engine.workflow.problems import Problem
from workflows.loader import Declarations

NAMED: Final = re.compile(r"(workflow: |parent: |children: |children\('+)(main|child|w|c)\b")


class Unjudged(Declarations):
    """Lets workflows be used that `check` refuses, so that what is said of them can be seen."""

    def _findings(self, *_: object, **__: object) -> tuple[Problem, ...]:
        return ()


def write_all(folder: Path) -> dict[str, str]:
    """Write a workflow with each flaw into one folder, under names of their own; return the flaws by name."""
    folder.mkdir()
    every: list[tuple[str, list[dict[str, Any]]]] = []
    every += [(flaw, flawed(flaw, place).declared()) for place, flaw in enumerate(FLAWS)]
    every += [(row[0], [made(row[1]), *((CHILD,) if row[1] in (OVER_CHILD, NO_CHILD) else ())]) for row in ROWS[1:]]
    flaws = {}
    for place, (flaw, declared) in enumerate(every):
        for each in declared:
            text = yaml.safe_dump({**each, "number": f"{{unit}}-{each['workflow']}{place}-{{serial}}"}, sort_keys=False)
            text = NAMED.sub(rf"\g<1>\g<2>{place}", text)
            name = f"{each['workflow']}{place}"
            (folder / f"{name}.yaml").write_text(text, "utf-8")
            flaws[name] = flaw
    return flaws


def refutations(proof: ProvedWorkflow) -> Iterator[PromiseVerdict]:
    """Yield what is refuted with a way to where it shows."""
    yield from (each for each in proof.having(PromiseAnswer.REFUTED) if each.path)


def test_the_engine_plays_each_counter_example(sqlite_url: str, tmp_path: Path) -> None:
    """Operations on a ledger lead where the prover says, children too, and what it says of that place is so."""
    flaws = write_all(tmp_path / "own")
    wrong: list[object] = []
    played, with_children = 0, 0
    with furnished(sqlite_url, adopts=False) as first:
        ledger = ledger_with(first, tmp_path / "own", Unjudged)
        for workflow, known, _ in Unjudged([tmp_path / "own"]).around(sorted((tmp_path / "own").glob("*.yaml"))):
            proof = prove(workflow, known, today=START.date())
            kin = None
            for verdict in refutations(proof):
                kin = kin or searched(workflow, known).space.kin
                player = Player(ledger, workflow, kin)
                try:
                    player.play(verdict.path)
                except (AssertionError, QinglingError, StopIteration) as error:
                    wrong.append((flaws[workflow.name], workflow.name, verdict.about, repr(error)))
                    continue
                played += 1
                with_children += any(each.kind == "children" for each in verdict.path)
                wrong += [(flaws[workflow.name], verdict.about, each) for each in spoken_against(player, verdict)]

    assert wrong == []
    assert (played, with_children) >= (40, 6)


def spoken_against(player: Player, verdict: PromiseVerdict) -> Iterator[str]:
    """Yield what the ledger says against a verdict, at the end of its way."""
    ledger, number = player.ledger, player.number
    case = ledger.case(number)
    if verdict.promise == 1 and verdict.about.startswith("states.") and can_end(player):
        yield "it can end"
    if verdict.promise == 4:
        last = next(each for each in player.workflow.transitions if each.not_by)
        for by in PERSONS[1:]:
            with pytest.raises(RefusedError):
                advance(Acting(ledger, by, START + 9 * DAY), number, last.trigger, {})
        if len(last.by) == 1 and last.by[0] in player.workflow.fields and can_end(player):
            yield "it can end"
    if verdict.promise == 5:
        below = [ledger.case(each.number) for each in player.children()]
        are_open = [each for each in below if not ledger.rules_of(each).workflow.is_final(each.state)]
        if not are_open or not player.workflow.is_final(case.state):
            yield f"nothing is open under it: {case.state}, {[each.state for each in below]}"


def can_end(player: Player) -> bool:
    """Say whether any order of steps, of the case and of its children, tried at random, ends the case."""
    ledger, dice, now = player.ledger, random.Random(1), START + 30 * DAY
    for _ in range(40):
        if player.workflow.is_final(ledger.case(player.number).state):
            return True
        chosen = dice.choice([player.number, *(each.number for each in player.children())])
        case = ledger.case(chosen)
        workflow = ledger.rules_of(case).workflow
        options = workflow.transitions_from(case.state)
        if not options:
            continue
        step = dice.choice(options)
        values = {name: some(workflow, name, dice, now.date().isoformat()) for name in step.asks}
        try:
            advance(Acting(ledger, dice.choice(PERSONS), now), chosen, step.trigger, values)
        except QinglingError:
            continue
    return False


def some(workflow: Workflow, name: str, dice: random.Random, today: str) -> object:
    """Return some value of a field."""
    field = workflow.fields[name]
    if field.choices:
        return dice.choice(field.choices).value
    return {"date": today, "flag": dice.random() < 0.5, "number": 7, "officer": "zhou"}.get(field.type, "x")
