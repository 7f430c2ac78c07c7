"""Event logs of any house: what is read, what is refused in one line, and what a replay says of each case."""

import gzip
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest
from click.testing import CliRunner
from houses import COMPLAINT
from ledgers import START, furnished

import cli
from documents import event_log_in
from documents.event_log_in import read_events
from engine.errors import BadFileError, InvalidWorkflowError
from engine.language import speaking
from engine.operations.house.own_days import set_days
from engine.operations.ledger.acting import Acting
from engine.replaying.log_map import EventRule, LogMap, read_columns, read_log_map
from engine.replaying.log_replayer import LogReplayer
from engine.replaying.logged import CaseReplay, LoggedEvent, MissedDeadline
from engine.workflow.model import Workflow
from engine.working_days.calendars import china
from engine.working_days.instants import microseconds
from workflows.loader import Declarations

HOUSE: Final = Path(__file__).resolve().parent.parent
ORDER: Final = """
workflow: order
version: 1
title: {en: Order, zh: 订单}
number: "{unit}-ORD-{year}-{serial:03}"
dated_by: received_on
summary: words
open: {by: [office]}
amend: {by: [office]}
fields:
  received_on: {type: date, required: true, title: {en: Received on, zh: 收到时间}}
  words: {type: text, required: true, title: {en: Words, zh: 内容}}
  sum: {type: number, title: {en: Sum, zh: 金额}, amend: false}
states:
  open: {title: {en: Open, zh: 待办}}
  priced: {title: {en: Priced, zh: 已报价}}
  shipped: {title: {en: Shipped, zh: 已发货}, final: true}
transitions:
  price: {title: {en: Price, zh: 报价}, from: open, to: priced, by: [office], asks: [sum],
    opens: [{workflow: call, set: {words: x}}]}
  ship:
    title: {en: Ship, zh: 发货}
    from: priced
    to: shipped
    by: [office]
    not_by: [price]
    when:
      "sum < 1000": {en: too dear, zh: 金额过高}
      "children('call') | all_in('done')": {en: calls are open, zh: 通话未完}
deadlines:
  pricing: {title: {en: Pricing, zh: 报价期限}, starts: {field: received_on}, runs_in: [open], within: 3 days,
    ladder: usual}
  shipping: {title: {en: Shipping, zh: 发货期限}, starts: {enter: priced}, runs_in: [priced], within: 3 days,
    ladder: usual}
ladders:
  usual: [{at: +1 day, every: 1 month, level: chase, to: [office]}]
clearance:
  cleared: {states: [shipped]}
  fully_closed: {states: [shipped]}
"""
CALL: Final = """
workflow: call
version: 1
title: {en: Call, zh: 通话}
number: "{unit}-CALL-{year}-{serial:03}"
parent: order
dated_by: called_on
summary: words
open: {by: [office]}
amend: {by: [office]}
fields:
  called_on: {type: date, required: true, title: {en: Called on, zh: 通话日期}}
  words: {type: text, title: {en: Words, zh: 内容}}
states:
  waiting: {title: {en: Waiting, zh: 待通话}}
  under_way: {title: {en: Under way, zh: 通话中}}
  done: {title: {en: Done, zh: 已完成}, final: true}
transitions:
  start: {title: {en: Start, zh: 开始}, from: waiting, to: under_way, by: [office]}
  stop: {title: {en: Stop, zh: 结束}, from: under_way, to: done, by: [office]}
deadlines:
  calling: {title: {en: Calling, zh: 通话期限}, starts: {field: called_on}, runs_in: [waiting, under_way],
    within: 9 days, ladder: usual}
ladders:
  usual: [{at: +1 day, every: 1 month, level: chase, to: [office]}]
clearance:
  cleared: {states: [done]}
  fully_closed: {states: [done]}
"""
MAP: Final = """
replay: order
columns: {who: by}
zone: Asia/Shanghai
open: {event: Create, set: {received_on: =day, words: =note}}
events:
  Price: {step: price, set: {sum: =sum}}
  Ship: ship
  Call: {child: call, by: {start: start, complete: stop}, match: {words: x}}
ignore: [Note]
"""
HEAD: Final = "case,event,at,by,phase,sum,note"
FITTING: Final = (
    "Create,2024-03-01T09:00:00,wang,complete,,first",
    "Note,2024-03-01T10:00:00,wang,complete,,",
    "Price,2024-03-02T08:00:00,wang,start,5,",
    "Price,2024-03-02T09:00:00,wang,complete,5,",
    "Call,2024-03-03T09:00:00,li,start,,",
    "Call,2024-03-03T09:30:00,li,complete,,",
    "Ship,2024-03-04T09:00:00,li,complete,,",
)


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Declarations:
    """Return the declarations of a house with orders, and calls under them."""
    folder = tmp_path_factory.mktemp("declared")
    (folder / "order.yaml").write_text(ORDER, "utf-8")
    (folder / "call.yaml").write_text(CALL, "utf-8")
    found = Declarations([folder])
    assert found.problems("order") == found.problems("call") == ()
    return found


def others(book: Declarations) -> Mapping[str, Workflow]:
    """Return the workflows that a map may name."""
    return {name: book.latest(name) for name in ("order", "call")}


def played(book: Declarations, folder: Path, rows: Sequence[str], **changed: object) -> CaseReplay:
    """Return what comes of one case with these events."""
    (folder / "map.yaml").write_text(MAP, "utf-8")
    log_map = read_log_map(folder / "map.yaml", book.latest("order"), others(book).get).replace(**changed)
    (folder / "log.csv").write_text("\n".join([HEAD, *(f"7,{row}" for row in rows)]), "utf-8")
    player = LogReplayer(book.latest("order"), log_map, {"call": book.latest("call")}, calendar=china())
    events = read_events(
        folder / "log.csv", log_map.columns, zone="Asia/Shanghai", assumed=False, more=tuple(log_map.headings)
    )
    (found,) = player.play(events)
    return found


def without(*names: str) -> tuple[str, ...]:
    """Return the fitting case without some events."""
    return tuple(each for each in FITTING if not each.startswith(names))


def test_a_case_fits_or_its_first_wrong_event_is_named(book: Declarations, tmp_path: Path) -> None:
    """What commands would refuse is refused, with their reason; what a log cannot mean is no misfit."""
    late = [each.replace("03-04T", "03-09T") for each in FITTING]
    # At one time: shipping stands before the call that it waits for.
    tied = [*FITTING[:5], FITTING[6].replace("03-04T09:00", "03-03T09:30"), FITTING[5]]
    days = [f"{each[: each.index('T')]}{each[each.index(',', each.index('T')) :]}" for each in FITTING]
    price = EventRule(step="price", sets={"sum": "=sum"})
    by = {"complete": "start"}
    opened = {"Price": price, "Call": EventRule(child="call", open="start", by=by, match={"words": "y"})}
    unopened = {"Price": price, "Call": EventRule(child="call", by={"start": "start"}, match={"words": "y"})}
    table: list[tuple[str, Sequence[str], dict[str, object], str | None, int]] = [  # the last: events accepted
        ("as declared", FITTING, {}, None, 7),
        ("out of order in the file", FITTING[::-1], {}, None, 7),
        ("the log ends before the case", FITTING[:4], {}, None, 4),
        ("late is no misfit", late, {}, None, 7),
        ("no call was made", without("Call"), {}, "calls are open", 4),
        ("by one hand", [*FITTING[:6], FITTING[6].replace("li", "wang")], {}, "may not do this as well", 6),
        ("too dear", [each.replace(",5,", ",5000,") for each in FITTING], {}, "too dear", 6),
        ("no sum", [each.replace(",5,", ",,") for each in FITTING], {}, "'Sum' (--sum) must be given", 3),
        ("no number", [each.replace(",5,", ",many,") for each in FITTING], {}, "sum: ", 3),
        ("opened twice", [FITTING[0], *FITTING], {}, "open already", 1),
        ("not opened", FITTING[3:], {}, "does not begin with 'Create'", 0),
        ("unknown", [*FITTING[:2], FITTING[1].replace("Note", "Nap")], {}, "no step is said", 2),
        ("unknown, ignored", [*FITTING[:2], FITTING[1].replace("Note", "Nap")], {"unknown": "ignore"}, None, 3),
        ("a role is missing", FITTING, {"roles": {"li": frozenset()}}, "none of", 4),
        ("tied, as in the file", tied, {}, "calls are open", 5),
        ("tied, in any order", tied, {"same_time": "any"}, None, 7),
        ("a call that an event opens", FITTING[:6], {"events": opened}, None, 6),
        ("a call that nothing opened", FITTING[:6], {"events": unopened}, "no 'Call' is open under it", 4),
        ("days alone", days, {}, None, 7),
        ("no values, not asked", without("Create", "Call"), {"open_event": None, "unlogged": "ignore"}, "calls", 3),
    ]  # fmt: skip
    wrong = []
    with speaking("en"):
        for what, rows, changed, refused, accepted in table:
            found = played(book, tmp_path, rows, **changed)
            said = None if found.refused is None else str(found.refused)
            if (said is None) != (refused is None) or (refused or "") not in (said or "") or found.events != accepted:
                wrong.append(f"{what}: {found.events} {said}")
    assert "\n".join(wrong) == ""


def test_missed_deadlines_are_told_with_their_day(book: Declarations, tmp_path: Path) -> None:
    """What was done late has both days; what is not due by the end of the log is no miss."""
    late = [each.replace("03-04T", "03-09T") for each in FITTING]
    open_long = [*FITTING[:1], "Note,2024-03-20T09:00:00,wang,complete,,"]

    assert played(book, tmp_path, FITTING).missed == ()
    assert played(book, tmp_path, FITTING[:4]).missed == ()
    assert played(book, tmp_path, late).missed == (MissedDeadline("shipping", "2024-03-05", "2024-03-09"),)
    unknown = [*open_long, "Nap,2024-03-02T09:00:00,wang,complete,,"]  # what came after is not known
    assert played(book, tmp_path, unknown).missed == ()
    assert played(book, tmp_path, open_long).missed == (MissedDeadline("pricing", "2024-03-04", None),)


def test_deadlines_are_counted_by_the_ledger_that_is_named(
    book: Declarations, sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each unit's own days count with the ledger's calendar, and the answer says by which."""
    monkeypatch.chdir(tmp_path)
    Path("complaint.yaml").write_text(COMPLAINT.replace("within: 15 days", "within: 2 working_days"), "utf-8")
    Path("map.yaml").write_text(
        "replay: complaint\nopen: {event: Create, set: {received_on: =day, words: x}}\n"
        "events: {Answer: {step: answer, set: {answer: x}}}\nunlogged: ignore\n",
        "utf-8",
    )
    rows = [f"{unit},{what},{unit}" for unit in ("0101", "0102") for what in ("Create,2024-01-02", "Answer,2024-01-08")]
    Path("log.csv").write_text("\n".join(["case,event,at,org:group", *rows]), "utf-8")
    with furnished(sqlite_url) as ledger:
        keeper = Acting(ledger, "keeper", START)
        set_days(keeper, "0101", date(2024, 1, 3), date(2024, 1, 5), works=False, reason="停诊")
    by = ("replay", "log.csv", "--workflow", "complaint.yaml", "--map", "map.yaml", "--json")

    def told(*named: str) -> tuple[str, list[str]]:
        found = json.loads(CliRunner().invoke(cli.main, [*named, *by]).stdout)
        return found["calendar"]["en"].partition(" (")[2], [
            f"{each['case']} {each['due_on']}" for each in found["missed"]
        ]

    assert told() == ("China's)", ["0101 2024-01-04", "0102 2024-01-04"])
    assert told("--database", sqlite_url) == ("the ledger's, with the units' own days)", ["0102 2024-01-04"])
    missing = CliRunner().invoke(cli.main, ["--database", "none.db", *by])
    assert missing.exit_code not in {0, 21}
    assert "none.db" in missing.output


WRONG_MAP: Final = """replay: order
columns: {case: id, whom: x}
zone: Asia/Shangai
open: {event: Create, set: {receive_on: =day}}
events:
  Price: prize
  Ship: {step: ship, by: {a: b}}
  Call: {child: order, by: {x: start}}
  Nap: 5
ignore: {a: b}
unknown: maybe
roles: {li: [ofice]}
colums: {}
"""


def test_all_mistakes_of_a_map_are_named_at_once(book: Declarations, tmp_path: Path) -> None:
    """Each has its line, and what was probably meant; the maps that the pages show have none."""
    (tmp_path / "map.yaml").write_text(WRONG_MAP, "utf-8")
    with pytest.raises(InvalidWorkflowError) as raised:
        read_log_map(tmp_path / "map.yaml", book.latest("order"), others(book).get)
    lines = [each.en for each in raised.value.problems]

    found = [int(each.split(":")[1]) for each in lines]
    assert found == sorted(found)
    assert set(found) == {2, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13}
    assert "did you mean 'price'?" in raised.value.sentence.en
    assert "是否指“columns”？" in raised.value.sentence.zh
    for page in ("docs/replay.md", "docs/zh/replay.md"):
        shown = (HOUSE / page).read_text("utf-8").split("```yaml\n")[1].split("```")[0]
        (tmp_path / "page.yaml").write_text(shown, "utf-8")
        log_map = read_log_map(tmp_path / "page.yaml", book.latest("order"), others(book).get)
        assert log_map.events["Send"].step == "ship"
    with pytest.raises(InvalidWorkflowError, match="Asia"):
        read_columns(tmp_path / "map.yaml")


XES: Final = '<log><trace><string key="concept:name" value="7"/>{}</trace></log>'
EVENT: Final = '<event><string key="concept:name" value="a"/><date key="time:timestamp" value="{}"/></event>'
GOOD: Final = b"case,activity,timestamp\n1,a,2024-01-01T09:00:00\n"


def test_a_file_that_is_no_log_is_refused_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The line is named where there is one; nothing is a traceback, and no file swells beyond measure."""
    table: dict[str, tuple[bytes, str]] = {
        "empty": (b"", ":1: is empty"),
        "no head": (b"x,y\n1,2\n", "which column is the case?"),
        "no time": (b"case,activity,timestamp\n1,a,\n", ":2: has no time"),
        "no date": (b"case,activity,timestamp\n1,a,2024-02-30\n", ":2: '2024-02-30' is no time"),
        "no case": (b"case,activity,timestamp\n,a,2024-01-01\n", ":2: names no case"),
        "too few cells": (b"case,activity,timestamp\n1,a\n", ":2: has 2 cells, and the head has 3"),
        "gbk": ("case,activity,timestamp\n1,登记,2024-01-01".encode("gb18030"), "is not UTF-8"),
        "nul": (GOOD + b"1,\0,2024-01-01\n", ":3: holds a character that no text has"),
        "zones mixed": (GOOD + b"1,b,2024-01-01T09:00:00+08:00\n", "only one has a zone"),
        "xlsx": (b"PK\x03\x04", "is a spreadsheet"),
        "no xes": (b"<html/>", "no <log>"),
        "cut xes": (XES.format(EVENT.format("2024-01-01"))[:-9].encode(), ":1: is no XML"),
        "entity": (b'<!DOCTYPE log [<!ENTITY a "b">]>\n<log/>', ":1: declares a document type"),
        "xes time": (XES.format(EVENT.format("x")).encode(), ":1: 'x' is no time"),
        "cut gzip": (gzip.compress(GOOD * 100)[:-9], "damaged gzip"),
        "bomb": (gzip.compress(GOOD + GOOD[24:] * 60_000), "far too much"),
    }
    monkeypatch.setattr(event_log_in, "_FREE", 1 << 20)
    wrong = []
    for what, (content, expected) in table.items():
        (tmp_path / what).write_bytes(content)
        try:
            found = list(read_events(tmp_path / what, {}, zone="UTC", assumed=True))
            wrong.append(f"{what}: {found}")
        except BadFileError as error:
            said = error.sentence.en
            if expected not in said or "\n" in said or not said.startswith(str(tmp_path / what)):
                wrong.append(f"{what}: {said}")
    assert wrong == []


def test_the_exit_code_says_what_came_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fits, refused, no log, no workflow: without a ledger, in either language, and the lists of JSON are whole."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("QINGLING_DATABASE", str(tmp_path / "none.db"))
    Path("complaint.yaml").write_text(COMPLAINT, "utf-8")
    Path("fits.csv").write_text("case,event,at\n1,Answer,2024-01-02\n2,答复,2024-02-02\n", "utf-8")
    Path("twice.csv").write_text("case,event,at\n1,Answer,2024-01-02\n1,Answer,2024-01-03\n", "utf-8")
    Path("broken.csv").write_text("case,event,at\n1,Answer,soon\n", "utf-8")
    run = CliRunner()

    def left(*args: str) -> tuple[int, str]:
        result = run.invoke(cli.main, args)
        return result.exit_code, result.output

    by = ("--workflow", "complaint.yaml")
    assert left("replay", "fits.csv", *by)[0] == 0
    code, said = left("--lang", "zh", "replay", "twice.csv", *by)
    assert (code, "当前状态为“已答复”" in said) == (21, True)
    assert left("replay", "broken.csv", *by)[0] == 11
    assert left("replay", "fits.csv")[0] == 2
    code, said = left("replay", "twice.csv", *by, "--json", "--limit", "0")
    found = json.loads(said)
    assert (code, found["cases"], found["fit"], len(found["refused"])) == (21, 1, 0, 1)
    assert (found["refused"][0]["line"], found["refused"][0]["accepted"]) == (3, 1)
    assert [left("replay", each, *by)[0] for each in odd_logs()] == [11, 11, 21, 21]
    assert "是否指“who”？" in left("replay", "who.csv", *by, "--map", "whom.yaml")[1]
    assert [left("replay", "who.csv", *by, "--map", each)[0] for each in ("whom.yaml", "nested.yaml")] == [11, 10]
    assert left("workflow", "mine", "fits.csv", "-o", "mined.yaml")[0] == 0
    assert left("replay", "fits.csv", "--workflow", "mined.yaml")[0] == 0
    assert left("workflow", "mine", "fits.csv", "-o", "mined.yaml")[0] == 11


def odd_logs() -> tuple[str, ...]:
    """Write logs and maps that somebody may have by mistake here, and return the names of the logs."""
    said = "".join(
        f'<string key="{key}" value="{value}"/>'
        for key, value in (("workflow", "complaint"), ("kind", "opened"), ("state", "open"))
    )
    bare = EVENT.format("2024-01-02")
    first = bare.replace("</event>", f"{said}</event>")
    logs = {
        "head.csv": "case,event,at\n",
        "bare.xes": "<log/>",
        "twice.xes": XES.format(first + first),
        "kindless.xes": XES.format(first + bare),
        "who.csv": "case,event,at,who\n1,Answer,2024-01-02,Li\n",
        "whom.yaml": "events: {Answer: {step: answer, set: {answer: =whom}}}\n",
        "nested.yaml": "open: {set: {words: x}}\nevents: {Answer: {step: answer, set: {answer: {a: b}}}}\n",
    }
    for name, content in logs.items():
        Path(name).write_text(content, "utf-8")
    return tuple(name for name in logs if name.endswith((".xes", "head.csv")))


def test_csv_and_xes_packed_or_not_give_the_same_events(tmp_path: Path) -> None:
    """Separators, byte-order marks, packing and nested attributes make no difference."""
    nested = '<event><string key="concept:name" value="a"><string key="concept:name" value="no"/></string>'
    xes = XES.format(nested + '<date key="time:timestamp" value="2024-01-01T09:00:00"/></event>').encode()
    files = {
        "csv": b"case,activity,timestamp\n7,a,2024-01-01T09:00:00\n",
        "bom": b"\xef\xbb\xbfcase;activity;timestamp\r\n7;a;2024/01/01 09:00:00\r\n",
        "xes": xes,
        "gz": gzip.compress(xes),
    }
    found = set()
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
        (event,) = read_events(tmp_path / name, {}, zone="UTC", assumed=True)
        found.add((event.case, event.activity, event.at, event.who, event.phase))

    assert found == {("7", "a", 1704099600000000, "", "")}


def test_the_local_day_of_an_event_is_right_in_zones_of_half_and_quarter_hours(book: Declarations) -> None:
    """Midnight lies within an hour of UTC there: before and after it are two days and months, asked in either order."""
    log_map = LogMap(workflow="order", events={})
    rows = (
        # zone, the instant of local midnight in UTC
        ("Asia/Shanghai", "2024-02-29T16:00Z"), ("Asia/Kolkata", "2024-02-29T18:30Z"),
        ("Asia/Kathmandu", "2024-02-29T18:15Z"), ("Australia/Eucla", "2024-02-29T15:15Z"),
        ("America/St_Johns", "2024-03-01T03:30Z"), ("Africa/Monrovia", "1971-03-01T00:44:30Z"),
    )  # fmt: skip
    wrong = []
    for zone, written in rows:
        midnight = microseconds(datetime.fromisoformat(written))
        first = date(int(written[:4]), 3, 1)
        for order in ((-1, 0), (0, -1)):
            player = LogReplayer(book.latest("order"), log_map, {}, calendar=replace(china(), tz=zone))
            found = {each: player.day(midnight + each) for each in order}
            for each in order:
                player.flow.add([("open", midnight + each)], ended=False, fits=True)
            months = [each.month for each in player.flow.months()]
            if found != {-1: first - timedelta(days=1), 0: first} or months != [f"{first.year}-02", f"{first.year}-03"]:
                wrong.append((zone, order, found, months))

    assert wrong == []


def test_who_is_not_said_is_never_the_same_person(book: Declarations) -> None:
    """A log without officers says nothing of the separation of duties, so nothing is refused by it."""
    order = book.latest("order")
    player = LogReplayer(order, LogMap(unlogged="ignore"), {}, calendar=china())
    events = [LoggedEvent("7", name, at, False, "", "", 2) for at, name in enumerate(("Price", "发货"))]
    (found,) = player.play(events)

    assert found.refused is not None or found.ended
    assert found.refused is None or "may not do this as well" not in found.refused.en
