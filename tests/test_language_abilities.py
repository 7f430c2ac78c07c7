"""What shortens and enriches declarations: groups, the way back, values worked out, numbers by the day."""

import json
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from ledgers import DAY, START, furnished

from engine.errors import RefusedError
from engine.operations.cases.casework import advance, open_case
from engine.operations.cases.lookup import view
from engine.operations.house.verifying import verify
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.ledger import Ledger
from engine.reading.declarations import parse_workflow
from engine.rules.case import Actor, Family
from engine.rules.transitions import advance as decide
from engine.store import case_rows
from engine.store import house_rows as house
from engine.workflow.number_format import could_be_alike
from workflows.loader import Declarations

ZHOU = Actor(code="zhou", roles=frozenset({"office"}))
CALL = """
workflow: call
version: 1
title: {en: Call, zh: 来电}
number: "{year}{month}{day}{serial:03}"
dated_by: received_on
summary: words
open: {by: [office]}
amend: {by: [office]}
fields:
  received_on: {type: date, required: true, title: {en: Received on, zh: 收到日期}}
  words: {type: text, required: true, title: {en: Words, zh: 事由}}
  rounds: {type: number, title: {en: Rounds, zh: 次数}}
  answer_by: {type: date, title: {en: To be answered by, zh: 答复期限}}
  signer: {type: officer, title: {en: Signed by, zh: 签发人}}
  paid: {type: number, title: {en: Paid, zh: 已付}}
  since: {type: date, title: {en: Since, zh: 最早日期}}
  kind: {type: choice, values: [plain, hard], title: {en: Kind, zh: 类别}}
groups:
  open_here: [received, in_hand]
  live: [open_here, stopped]
states:
  received: {title: {en: Received, zh: 已收到}}
  in_hand: {title: {en: In hand, zh: 办理中}}
  stopped: {title: {en: Stopped, zh: 中止}, also: [已中止]}
  closed: {title: {en: Closed, zh: 已办结}, final: true}
transitions:
  take: {title: {en: Take, zh: 受理}, from: received, to: in_hand, by: [office],
    sets: {answer_by: "=today|after('15 working_days')", rounds: "=(rounds or 0) + 1"}}
  split: {title: {en: Split, zh: 分办}, from: open_here, by: [office],
    opens: [{workflow: part, set: {asked_on: "=today", wanted_by: "=received_on|after('3 days')",
      cost: "=10 * (rounds or 1)"}}]}
  tell: {title: {en: Tell, zh: 一并告知}, from: [in_hand], by: [office],
    each: {children: part, in: [asked], step: finish, sets: {said: "=words"}}}
  stop: {title: {en: Stop, zh: 中止}, from: open_here, to: stopped, by: [office]}
  resume: {title: {en: Go on, zh: 恢复}, from: stopped, to: back, by: [office]}
  close: {title: {en: Close, zh: 办结}, from: live, to: closed, by: [office],
    not_by: {last: [resume]},
    when: {"state in live and children('part')|total('cost') < 100": {en: too dear, zh: 费用过高}},
    sets: {signer: "=last_doer('stop')", paid: "=children('part')|total('cost')",
      since: "=children('part')|earliest('wanted_by')", kind: "='hard' if rounds else 'other'"}}
deadlines:
  answering: {title: {en: Answering, zh: 答复}, starts: {field: received_on}, runs_in: open_here,
    paused_in: [stopped], within: 15 working_days, ladder: usual}
  patience: {title: {en: Patience, zh: 中止期限}, starts: {enter: stopped}, runs_in: [stopped], within: 1 month,
    ladder: usual}
ladders:
  usual: [{at: +1 day, every: 1 month, level: chase, to: [office]}]
clearance:
  cleared: {states: [closed]}
  fully_closed: {states: [closed]}
"""
PART = """
workflow: part
version: 1
title: {en: Part, zh: 分件}
number: "FJ-{serial:04}"
dated_by: asked_on
summary: asked_on
parent: call
open: {by: []}
amend: {by: [office]}
fields:
  asked_on: {type: date, required: true, title: {en: Asked on, zh: 交办日期}}
  wanted_by: {type: date, title: {en: Wanted by, zh: 应完成日期}}
  cost: {type: number, title: {en: Cost, zh: 费用}}
  said: {type: text, title: {en: Said, zh: 告知内容}}
states: {asked: {title: {en: Asked, zh: 已交办}}, done: {title: {en: Done, zh: 已完成}, final: true}}
transitions: {finish: {title: {en: Finish, zh: 完成}, from: asked, to: done, by: [office], takes: [said]}}
deadlines:
  doing: {title: {en: Doing, zh: 办理}, starts: {field: asked_on}, runs_in: [asked], within: 1 month, ladder: usual}
ladders: {usual: [{at: +1 day, every: 1 month, level: chase, to: [office]}]}
clearance: {cleared: {states: [done]}, fully_closed: {states: [done]}}
"""


@pytest.fixture(scope="module")
def ledger(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    """Lend a ledger whose own workflows use the abilities."""
    own = tmp_path_factory.mktemp("own")
    for name, text in (("call", CALL), ("part", PART)):
        (own / f"{name}.yaml").write_text(text, "utf-8")
    _, wrong = Declarations([own]).check()
    assert [each.text.en for each in wrong] == []
    with furnished(str(shutil.copy(sqlite_template, own / "ledger.db")), adopts=False) as first:
        store = first.store
        yield Ledger(store, Declarations([own], stored=lambda n, v: house.kept_workflow(store, n, v)))


def called(ledger: Ledger) -> str:
    """Register a call and return its number."""
    values = {"received_on": "2019-07-01", "words": "停车乱收费"}
    return open_case(Acting(ledger, "zhou", START), "call", values, unit="0101").case.number


def take(ledger: Ledger, number: str, *triggers: str, by: str = "zhou") -> str:
    """Take steps a minute apart and return the state after them."""
    for trigger in triggers:
        now = START + timedelta(minutes=ledger.case(number).revision)
        advance(Acting(ledger, by, now), number, trigger, {})
    return ledger.case(number).state


def test_groups_mean_the_states_in_them() -> None:
    """What is read with groups equals what is written out; the stored text keeps the groups."""
    short, _ = parse_workflow(yaml.safe_load(CALL), lists={})
    assert short is not None
    plain = yaml.safe_load(CALL)
    del plain["groups"]
    plain["transitions"]["split"]["from"] = plain["transitions"]["stop"]["from"] = ["received", "in_hand"]
    plain["transitions"]["close"]["from"] = ["received", "in_hand", "stopped"]
    (guard,) = plain["transitions"]["close"]["when"]
    written = guard.replace("in live", "in ['received', 'in_hand', 'stopped']")
    plain["transitions"]["close"]["when"] = {written: plain["transitions"]["close"]["when"][guard]}
    plain["deadlines"]["answering"]["runs_in"] = ["received", "in_hand"]
    parsed, wrong = parse_workflow(plain, lists={})
    assert wrong == ()
    assert parsed == short.replace(groups={}, plain=parsed.plain if parsed else {})
    assert short.plain["groups"] == {"open_here": ["received", "in_hand"], "live": ["open_here", "stopped"]}


def test_what_is_wrong_with_groups_and_ways_back_is_told_at_once() -> None:
    """Each mistake with its place, in one reading."""
    plain = yaml.safe_load(CALL)
    plain["groups"] = {"a": ["b"], "b": ["a"], "closed": ["received"], "none": [], "odd": ["recieved"]}
    plain["states"]["back"] = {"title": "Back"}
    _, wrong = parse_workflow(plain, lists={})
    found = {each.culprit: each.sentence.en for each in wrong}
    names = ("groups.a", "groups.closed", "groups.none", "groups.odd", "states.back")
    assert {name: found.get(name) for name in names} == {
        "groups.a": "groups stand in each other: a → b → a",
        "groups.closed": "'closed' is a state",
        "groups.none": "the group is empty",
        "groups.odd": "no state or group is called 'recieved' (did you mean 'received'?)",
        "states.back": "'back' means the state before; give this one another name",
    }
    first = yaml.safe_load(CALL)
    first["transitions"]["resume"]["from"] = "received"
    _, wrong = parse_workflow(first, lists={})
    assert [each.culprit for each in wrong] == ["transitions.resume.from"]


def test_back_leads_to_where_the_case_came_from(ledger: Ledger) -> None:
    """To each of two states, by the last entering; the screen offers only that one; what came by no step is refused."""
    number = called(ledger)
    assert take(ledger, number, "stop", "resume") == "received"
    assert take(ledger, number, "take", "stop") == "stopped"
    offered = [each.target for each in view(ledger, number, now=START + DAY).steps if each.trigger == "resume"]
    assert offered == ["in_hand"]
    assert take(ledger, number, "resume") == "in_hand"
    rules = ledger.rules("call")
    brought_here = ledger.case(number)._replace(state="stopped")
    with pytest.raises(RefusedError) as refused:
        decide(rules, brought_here, "resume", {}, actor=ZHOU, family=Family(), today=START.date())
    assert "nothing to go back to" in refused.value.sentence.en


def test_values_are_worked_out_by_the_step(ledger: Ledger) -> None:
    """Days by the unit's calendar, counts, sums over children, who acted; children get theirs at birth."""
    number = called(ledger)
    take(ledger, number, "take", "split", "split", "stop")
    case = ledger.case(number)
    children = case_rows.children(ledger.store, case.id)
    assert (case.fields["answer_by"], case.fields["rounds"]) == ("2019-07-22", 1)
    assert [(each.fields["wanted_by"], each.fields["cost"], each.number) for each in children] == [
        ("2019-07-04", 10, "FJ-0001"),
        ("2019-07-04", 10, "FJ-0002"),
    ]
    assert take(ledger, number, "close", by="feng") == "closed"
    closed = ledger.case(number).fields
    assert {name: closed[name] for name in ("signer", "paid", "since", "kind")} == {
        "signer": "zhou", "paid": 20, "since": "2019-07-04", "kind": "hard",
    }  # fmt: skip
    told = json.loads(case_rows.entries(ledger.store, case.id)[-1].body)["set"]
    assert told["paid"] == 20, "the journal names values, not expressions"


def test_a_value_that_does_not_fit_and_the_last_hand_refuse(ledger: Ledger) -> None:
    """All reasons at once: what an expression came to is none of the choices; who resumed last may not close."""
    number = called(ledger)
    take(ledger, number, "stop", "resume")
    with pytest.raises(RefusedError) as refused:
        take(ledger, number, "close")
    assert "kind: " in refused.value.sentence.en
    assert "zhou did 'resume' and may not do this as well" in refused.value.sentence.en
    take(ledger, number, "stop")
    take(ledger, number, "resume", by="feng")
    with pytest.raises(RefusedError) as refused:
        take(ledger, number, "close")
    assert "zhou did 'resume'" not in refused.value.sentence.en


def test_the_journal_judges_such_steps(ledger: Ledger) -> None:
    """Whatever was done above is found allowed, and no number is missing."""
    assert verify(ledger)[1] == ()


def test_numbers_by_the_day_and_what_could_be_alike(ledger: Ledger) -> None:
    """The serial counts within the day; formats are compared by what they write."""
    number = called(ledger)
    assert number.startswith("20190701")
    rows = [
        ("{unit}-XS-{year}-{serial:04}", "{unit}-TS-{year}-{serial:04}", False),
        ("{unit}-XS-{year}-{serial:04}", "{unit}-XS-{year}-{serial}", True),
        ("{year}{month}{day}{serial}", "{year}{month}{serial}", True),
        ("{year}{month}-{serial}", "{year}-{serial}", False),
        ("{unit}-{serial}", "FJ-{serial}", True),
        ("信[{year}]{serial}号", "访[{year}]{serial}号", False),
    ]
    assert [(one, other, could_be_alike(one, other)) for one, other, _ in rows] == rows


def test_what_was_insisted_on_goes_along_to_children(ledger: Ledger) -> None:
    """A text of the parent that shows a telephone, insisted on when it was written, is copied without being asked."""
    values = {"received_on": "2019-07-01", "words": "请回电 138 0000 0000"}
    by = Acting(ledger, "zhou", START, seen={"words": ("telephone",)})
    number = open_case(by, "call", values, unit="0101").case.number
    assert take(ledger, number, "take", "split", "tell") == "in_hand"
    (part,) = case_rows.children(ledger.store, ledger.case(number).id)
    assert (part.state, part.fields["said"]) == ("done", values["words"])
