"""Event logs: what the standards ask of their files, and that nothing personal is in them."""

import csv
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from ledgers import DAY, START, Story, furnished
from paths import ASSIGN, TO_POLICE, letter, verify

from documents.event_log import KINDS, WRITERS, EventLog
from documents.event_log_in import read_events
from engine.deadlines.clock import Status
from engine.language import speaking
from engine.operations.cases.exporting import histories
from engine.operations.deadlines.standings import standing
from engine.operations.ledger.ledger import Ledger
from engine.replaying.own_log import OwnLogReplayer
from engine.store import clock_rows, schema
from workflows.loader import Declarations

XES = "{http://www.xes-standard.org/}"
TYPES = {"string", "date", "int", "float", "boolean", "id", "list", "container"}
"""Attributes that the schema of XES knows."""

PERSONAL = ("甲乙丙丁", "某医院副院长", "强揽丧葬生意")
"""Subject, post and summary of the lead."""


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    """Lend a ledger with a lead that went to the police and the letter that took it there."""
    url = str(tmp_path_factory.mktemp("log") / "ledger.db")
    schema.bring_up(url)
    with furnished(url) as book:
        story = Story(
            book, subject=PERSONAL[0], subject_position=PERSONAL[1], summary=PERSONAL[2], suspected_crime=True
        )
        story.play([ASSIGN])
        story.now += 100 * DAY
        story.play([verify("substantiated"), TO_POLICE, *letter("police", "某卫移〔2019〕1号")])
        Story(book, real_name=False)
        yield book


@pytest.fixture(scope="module")
def files(ledger: Ledger, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return the log in each form."""
    folder = tmp_path_factory.mktemp("files")
    log = EventLog(
        workflow_of=lambda case: ledger.rules_of(case).workflow,
        calendar_of=ledger.calendar_of,
        zone=ledger.zone,
        house="某县 & <局>",
    )
    found = {}
    with speaking("zh"):
        for name, write in WRITERS.items():
            found[name] = folder / name
            assert write(found[name], log, histories(ledger, None, unit=None)) == 10
    return found


MINING = """
import pm4py, sys
log = pm4py.read_xes(sys.argv[1])
print(len(log), log["case:concept:name"].nunique(), *sorted(pm4py.get_start_activities(log)))
ocel = pm4py.read_ocel2_json(sys.argv[2])
print(len(ocel.events), len(ocel.objects), *sorted(pm4py.ocel_get_object_types(ocel)))
flat = pm4py.ocel_flattening(ocel, "lead")
print(len(flat), flat["case:concept:name"].nunique())
"""
"""What a process-mining tool makes of the two logs: events, traces, where they begin; events, objects, types."""


def test_our_own_log_replays_without_a_map(files: dict[str, Path], tmp_path: Path) -> None:
    """By the rules each case comes to the very states that the journal has; a log that was changed does not fit."""

    def refused(log: Path) -> list[tuple[str, str]]:
        player = OwnLogReplayer(Declarations().latest, zone="Asia/Shanghai")
        events = read_events(log, {}, zone="Asia/Shanghai", assumed=True, more=None)
        return [(each.case, str(each.refused)) for each in player.play(events) if not each.fits]

    with speaking("en"):
        assert refused(files["csv"]) == refused(files["xes"]) == []
        changed = tmp_path / "changed.csv"
        changed.write_text(files["csv"].read_text("utf-8-sig").replace("transfer_police", "close", 1), "utf-8")
        ((case, why),) = refused(changed)

    assert case == "0101-XS-2019-0001"
    assert why == "by the rules it stands in 'closed' then, the log says 'transferred_police'"


@pytest.mark.office("pm4py")
def test_a_process_mining_tool_reads_both(files: dict[str, Path], tmp_path: Path) -> None:
    """pm4py finds the same events and cases in the two logs, and an order of steps to draw."""
    ocel = tmp_path / "log.json"
    ocel.write_bytes(files["ocel"].read_bytes())
    told = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", MINING, str(files["xes"]), str(ocel)],
        capture_output=True, text=True, check=True, timeout=120,
    ).stdout.splitlines()[-3:]  # fmt: skip

    assert told == ["10 3 登记", "10 3 lead referral", "10 2"]


@pytest.fixture(scope="module")
def ocel(files: dict[str, Path]) -> Any:
    """Return the object-centric log."""
    return json.loads(files["ocel"].read_text("utf-8"))


def test_xes_has_the_structure_of_the_standard(files: dict[str, Path]) -> None:
    """Root, order of parts, scopes and attribute types are as the schema of IEEE 1849-2016 has them."""
    root = ET.parse(files["xes"]).getroot()
    assert root.tag == f"{XES}log"
    assert float(root.attrib["xes.version"]) == 1849.2016
    order = ["extension", "global", "classifier", *sorted(TYPES), "trace"]
    parts = [each.tag.removeprefix(XES) for each in root]
    places = [min(order.index(each), 3) if each in TYPES else order.index(each) for each in parts]
    assert places == sorted(places)
    prefixes = {each.attrib["prefix"] for each in root.iter(f"{XES}extension")}
    assert [each.attrib["scope"] for each in root.iter(f"{XES}global")] == ["trace", "event"]
    for each in root.iter():
        name = each.tag.removeprefix(XES)
        if name in TYPES:
            assert set(each.attrib) == {"key", "value"}
            prefix, _, rest = each.attrib["key"].partition(":")
            assert not rest or prefix in prefixes, each.attrib["key"]
        else:
            assert name in {"log", "extension", "global", "classifier", "trace", "event"}


def test_xes_keeps_what_its_globals_promise(files: dict[str, Path]) -> None:
    """Every trace has a name; every event a name, a lifecycle and a moment with the offset, never going back."""
    root = ET.parse(files["xes"]).getroot()
    for trace in root.iter(f"{XES}trace"):
        keys = {each.attrib["key"] for each in trace if "key" in each.attrib}
        assert {"concept:name", "workflow", "unit"} <= keys
        moments = []
        for event in trace.iter(f"{XES}event"):
            told = {each.attrib["key"]: each.attrib["value"] for each in event}
            assert {"concept:name", "lifecycle:transition", "time:timestamp", "org:resource", "org:group"} <= set(told)
            moments.append(datetime.fromisoformat(told["time:timestamp"]))
        assert moments == sorted(moments)
        assert {each.utcoffset() for each in moments} == {timedelta(hours=8)}


def test_activities_are_the_titles_of_steps(files: dict[str, Path]) -> None:
    """A trace reads as the case went: registration and steps by their titles."""
    root = ET.parse(files["xes"]).getroot()
    first = root.find(f"{XES}trace")
    assert first is not None
    told = [event[0].attrib["value"] for event in first.iter(f"{XES}event")]
    assert told[:4] == ["登记", "交办", "核查报告", "移送公安"] or told[0:2] == ["登记", "交办"]
    assert "移送公安" in told


def test_ocel_types_are_declared(ocel: Any) -> None:
    """Every object and event has a declared type, and no attribute that its type has not."""
    for kind, things in (("objectTypes", ocel["objects"]), ("eventTypes", ocel["events"])):
        known = {each["name"]: {a["name"]: a["type"] for a in each["attributes"]} for each in ocel[kind]}
        for each in things:
            for attribute in each["attributes"]:
                expected = {"string": str, "boolean": bool}[known[each["type"]][attribute["name"]]]
                assert isinstance(attribute["value"], expected)


def test_ocel_ties_hold(ocel: Any) -> None:
    """Ids are unique, every tie leads to an object, and a referral is tied to its lead."""
    objects = {each["id"]: each for each in ocel["objects"]}
    assert len(objects) == len(ocel["objects"])
    assert len({each["id"] for each in ocel["events"]}) == len(ocel["events"])
    for each in (*ocel["objects"], *ocel["events"]):
        assert {tie["objectId"] for tie in each["relationships"]} <= set(objects)
    referral = next(each for each in ocel["objects"] if each["type"] == "referral")
    assert [objects[tie["objectId"]]["type"] for tie in referral["relationships"]] == ["lead"]
    sent = next(e for e in ocel["events"] if e["relationships"][0]["objectId"] == referral["id"])
    assert [tie["qualifier"] for tie in sent["relationships"]] == ["referral", "belongs to"]


def test_ocel_says_since_when_a_state_held(ocel: Any) -> None:
    """The states of an object follow one another in time."""
    lead = ocel["objects"][0]
    states = [(each["time"], each["value"]) for each in lead["attributes"] if each["name"] == "state"]
    assert [value for _, value in states] == ["received", "assigned", "verified", "transferred_police"]
    assert states == sorted(states)


def test_each_finished_deadline_says_how_late(ledger: Ledger, files: dict[str, Path], ocel: Any) -> None:
    """The event of the act has due day, day met, lateness in the deadline's own unit and whose it is, in each form."""
    names = ("deadline", "deadline_due_on", "deadline_met_on", "deadline_late_by", "deadline_whose")
    wanted = set()
    for case, _ in histories(ledger, None, unit=None):
        for each in clock_rows.of_case(ledger.store, case.id):
            if each.status is Status.MET:
                found = standing(ledger, case, each, now=START + 60 * DAY)
                late = f"{found.late_by} {found.counted_in}"
                wanted.add((each.name, each.due_on, str(each.met_on), late, found.declared.whose))
    assert {each[0] for each in wanted} >= {"verification", "send_to_police", "receipt_due"}
    assert any(not each[3].startswith("0 ") for each in wanted), "one is late"

    def split(values: Sequence[str]) -> set[tuple[str, ...]]:
        return set(zip(*(each.split("; ") for each in values), strict=True))

    with files["csv"].open(encoding="utf-8-sig", newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["deadline"]]
    events = [{each.attrib["key"]: each.attrib["value"] for each in event}
              for event in ET.parse(files["xes"]).getroot().iter(f"{XES}event")]  # fmt: skip
    objects = [{each["name"]: each["value"] for each in event["attributes"]} for event in ocel["events"]]
    logs = {
        "csv": [[row[each.replace("_", ":", 1)] for each in names] for row in rows],
        "xes": [[each[name] for name in names] for each in events if "deadline" in each],
        "ocel": [[each[name] for name in names] for each in objects if "deadline" in each],
    }
    assert {form: set().union(*map(split, found)) for form, found in logs.items()} == dict.fromkeys(logs, wanted)


def test_csv_has_the_columns_that_tools_look_for(files: dict[str, Path], ocel: Any) -> None:
    """One row per event, with case, activity, timestamp and resource under their usual names."""
    with files["csv"].open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["event:id"] for row in rows] == [each["id"] for each in ocel["events"]]
    assert {"case:concept:name", "concept:name", "time:timestamp", "org:resource"} <= set(rows[0])
    assert {row["case:parent"] for row in rows if row["workflow"] == "referral"} == {rows[0]["case:concept:name"]}


@pytest.mark.parametrize("name", WRITERS)
def test_nothing_personal_is_told(files: dict[str, Path], name: str) -> None:
    """Subject, post and summary are in no event log; nor is any text that a step brought."""
    told = files[name].read_text("utf-8-sig")
    assert [each for each in (*PERSONAL, "接收人", "案卷一册", "核报1", "某卫移") if each in told] == []


def test_kinds_are_said_in_both_languages() -> None:
    """Every activity beside the steps has a title in both languages, and no two share one."""
    for language in ("en", "zh"):
        titles = [getattr(each, language) for each in KINDS.values()]
        assert len(set(titles)) == len(titles)
