"""Replays judged against alignments of pm4py, in a process of its own: the same cases fit, or a guard is the reason."""

import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest

from documents.event_log_in import read_events
from engine.language import Text
from engine.replaying.log_map import LogMap
from engine.replaying.log_replayer import LogReplayer
from engine.replaying.mined_draft import draft
from engine.replaying.mining import mined, traces
from engine.workflow.model import Guard, Workflow
from engine.working_days.calendars import china
from workflows.loader import Declarations

LOGS: Final = "QINGLING_LOGS"
"""Names a folder with public logs, such as the repository of pm4py carries; none of them is kept here."""

PUBLIC: Final = ("running-example.xes", "receipt.csv", "roadtraffic100traces.xes", "reviewing.xes")

RIVAL: Final = """
import json, sys, warnings
warnings.filterwarnings("ignore")
import pandas, pm4py
from pm4py.algo.conformance.alignments.petri_net import algorithm
from pm4py.objects.petri_net.obj import Marking, PetriNet
from pm4py.objects.petri_net.utils.petri_utils import add_arc_from_to

asked = json.load(open(sys.argv[1], encoding="utf-8"))
net = PetriNet("declared")
places = {name: PetriNet.Place(name) for name in [*asked["states"], "(over)"]}
net.places.update(places.values())
arcs = [(start, label, end) for start, label, end in asked["arcs"]]
arcs += [(state, None, "(over)") for state in asked["states"]]
for number, (start, label, end) in enumerate(arcs):
    taken = PetriNet.Transition(str(number), label)
    net.transitions.add(taken)
    add_arc_from_to(places[start], taken, net)
    add_arc_from_to(taken, places[end], net)
rows = [(case, activity, pandas.Timestamp(place, unit="s", tz="UTC"))
        for case, activities in asked["cases"].items() for place, activity in enumerate(activities)]
frame = pandas.DataFrame(rows, columns=["case:concept:name", "concept:name", "time:timestamp"])
log = pm4py.convert_to_event_log(frame)
found = algorithm.apply_log(log, net, Marking({places[asked["initial"]]: 1}), Marking({places["(over)"]: 1}),
                            parameters={"show_progress_bar": False})
fits = {trace.attributes["concept:name"]: each["cost"] < 10000 for trace, each in zip(log, found)}
json.dump(fits, open(sys.argv[2], "w", encoding="utf-8"))
"""
"""Aligns cases with a net that has a place for each state and can be over in any: the end of a log is no fault."""


def aligned(workflow: Workflow, cases: dict[str, tuple[str, ...]], folder: Path) -> dict[str, bool]:
    """Return of each case whether an alignment costs nothing."""
    arcs = [(state, each.title.en, each.target or state) for each in workflow.transitions for state in each.sources]
    asked = {"states": list(workflow.states), "initial": workflow.initial, "arcs": arcs, "cases": cases}
    (folder / "asked.json").write_text(json.dumps(asked), "utf-8")
    subprocess.run(
        [sys.executable, "-W", "ignore", "-c", RIVAL, str(folder / "asked.json"), str(folder / "found.json")],
        check=True,
        capture_output=True,
    )
    found: dict[str, bool] = json.loads((folder / "found.json").read_text("utf-8"))
    return found


def mined_from(log: Path, folder: Path, *, steps: int | None = None) -> tuple[Workflow, dict[str, tuple[str, ...]]]:
    """Return the draft of a log that leaves some cases out, and what was done in each case."""
    cases, pairs = traces(read_events(log, {}, zone="UTC", assumed=False), ignore=frozenset(), zone="UTC")
    file = folder / "mined.yaml"
    file.write_text(draft(mined(cases, pairs, steps=steps), "mined"), "utf-8")
    sound, problems = Declarations().check((file,))
    assert problems == ()
    return sound[0], {each.case: each.activities for each in cases}


def replayed(workflow: Workflow, log: Path) -> dict[str, bool]:
    """Return of each case whether it fits."""
    player = LogReplayer(workflow, LogMap(unlogged="ignore"), {}, calendar=china())
    events = read_events(log, {}, zone="UTC", assumed=False)
    return {each.case: each.fits for each in player.play(events)}


def wandering(seed: int) -> Iterator[tuple[str, str, str]]:
    """Yield the events of a made-up house: a road that most cases take, with repeats, leaps and ways back."""
    dice = random.Random(seed)
    road = ["register", "check", "examine", "decide", "answer"]
    for case in range(60):
        at = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(days=case)
        place = 0
        while place < len(road):
            at += timedelta(hours=dice.randint(1, 60))
            yield str(case), road[place], at.isoformat()
            place += dice.choices((1, 0, -1, 2), (85, 5, 4, 6))[0]
            place = max(place, 0)


def logs(folder: Path) -> Iterator[Path]:
    """Yield a made log, and the public ones that are there."""
    made = folder / "made.csv"
    rows = "\n".join(",".join(row) for row in wandering(7))
    made.write_text(f"case,activity,timestamp\n{rows}\n", "utf-8")
    yield made
    there = Path(os.environ.get(LOGS, "/nowhere"))
    yield from (there / name for name in PUBLIC if (there / name).exists())


@pytest.mark.office("pm4py")
def test_the_same_cases_fit_as_by_alignments(tmp_path: Path) -> None:
    """By a model that leaves a part of the cases out, replay and alignments agree on every case of every log."""
    for log in logs(tmp_path):
        workflow, cases = mined_from(log, tmp_path)
        ours = replayed(workflow, log)
        theirs = aligned(workflow, cases, tmp_path)

        assert {case for case, fits in ours.items() if not fits} == {case for case, fits in theirs.items() if not fits}
        assert any(ours.values()), log


@pytest.mark.office("pm4py")
def test_where_they_differ_a_condition_is_the_reason(tmp_path: Path) -> None:
    """A net cannot hold that an examination must have been done: just the cases that lack it are refused besides."""
    log = next(logs(tmp_path))
    workflow, cases = mined_from(log, tmp_path)
    guard = Guard(expression="done('examine')", sentence=Text("examine first", "先核查"))
    guarded = workflow.replace(
        transitions=tuple(
            each.replace(when=(guard,)) if each.name == "decide" else each for each in workflow.transitions
        )
    )
    player = LogReplayer(guarded, LogMap(unlogged="ignore"), {}, calendar=china())
    found = {each.case: each for each in player.play(read_events(log, {}, zone="UTC", assumed=False))}
    theirs = aligned(guarded, cases, tmp_path)
    differ = [each for each in found.values() if each.fits != theirs[each.case]]

    assert differ
    assert {str(each.refused) for each in differ} == {str(guard.sentence)}


def test_a_draft_replays_just_the_cases_that_it_says_it_covers(tmp_path: Path) -> None:
    """Whatever number of steps is kept, a draft is sound, and as many cases fit as were covered."""
    log = next(logs(tmp_path))
    for steps in (6, 8, 12, 40):
        cases, pairs = traces(read_events(log, {}, zone="UTC", assumed=False), ignore=frozenset(), zone="UTC")
        found = mined(cases, pairs, steps=steps)
        workflow, _ = mined_from(log, tmp_path, steps=steps)

        assert sum(replayed(workflow, log).values()) == found.covered, steps
        assert [each.share for each in found.curve] == sorted(each.share for each in found.curve)
