"""What figures leave to the database, or do not rebuild twice, beside a plain model that reads every row."""

import json
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from zero_house import Office, at, office_in

from engine.campaigns.campaign_file import measures_in
from engine.campaigns.measures import Measures
from engine.operations.cases import casework as cases
from engine.operations.cases import handing_over
from engine.operations.figures import counting, measured, standing_pasts
from engine.operations.figures.figure_values import Figures
from engine.operations.figures.period import ReportKind, period_of
from engine.operations.figures.report_figures import figures
from engine.operations.ledger.acting import Acting
from engine.operations.zero.punctuality import looked_at
from engine.workflow.texts import KeptText
from engine.working_days.instants import microseconds
from workflows.loader import Declarations

PERIODS = {
    "2019-03": ReportKind.MONTHLY,
    "2019-06": ReportKind.MONTHLY,
    "2019-W18": ReportKind.WEEKLY,
    "2019-01-01..2019-12-31": ReportKind.BULLETIN,
}
QUIET = {"2019-W27": ReportKind.WEEKLY, "2019-12": ReportKind.MONTHLY}
"""Periods in and after which nothing happens."""
UNITS = (None, "0102")
HANDED_TO = {"responsible_leader": "li", "handler": "zhao"}
FLOW = ("received", "late", "cleared", "returned", "removed")


def measures() -> Measures:
    """Return a rate that looks at every term of a lead and of what it opened, and two stages."""
    rate = {"title": "按期率", "definition": "按期 ÷ 有期限", "by": ["unit"], "on_time": "all"}
    stage = {"title": "用时", "to": {"field": "verified_on"}, "by": ["unit"]}
    times = {"verification": {"from": "assigned", **stage}, "handling": {"from": {"field": "received_on"}, **stage}}
    text = json.dumps({"measures": "lead", "by": [], "rates": {"on_time": rate}, "times": times})
    found, problems = measures_in(KeptText("lead", text), "lead", Declarations().latest("lead"))
    assert problems == ()
    return found


def lived(office: Office, chance: random.Random) -> None:
    """Let leads of two units go their ways for four months; some are void, some are transferred, some come back."""
    day, live = date(2019, 3, 1), dict[str, int]()
    roads = (office.assign, office.verify, office.waive, office.close_lead, office.strike)
    while day < date(2019, 6, 30):
        when = day.isoformat()
        if chance.random() < 0.6:
            back = (day - timedelta(days=chance.choice((0, 0, 3, 30)))).isoformat()
            live[office.register(when, back, unit=chance.choice(("0101", "0102")), category="A3")] = 0
        for number in chance.sample(sorted(live), min(2, len(live))):
            if chance.random() < 0.06:
                cases.void(Acting(office.ledger, "chen", at(when)), number, reason="误登")
                del live[number]
            elif live[number] == 1 and chance.random() < 0.4:
                office.verify(when, number, "substantiated", suspected_crime=True)
                office.transfer(when, number)
                del live[number]
            elif live[number] < len(roads):
                roads[live[number]](when, number)
                live[number] += 1
        day += timedelta(days=chance.randrange(2, 8))
    exchanged(office, sorted(live)[:6])
    for place, unit in enumerate(("0101", "0102", "0101", "0102", "0101", "0102")):
        number = office.register("2019-05-28", "2019-05-28", unit=unit, category="A1")
        office.assign("2019-05-29", number)
        if unit == "0101":
            office.extend("2019-06-28", number)
        elif place > 1:
            office.verify("2019-06-20", number)


def exchanged(office: Office, numbers: list[str]) -> None:
    """Hand some leads over, each to the other unit."""
    for number in numbers:
        case = office.ledger.case(number)
        to = "0101" if case.unit == "0102" else "0102"
        named = {each: who for each, who in HANDED_TO.items() if case.fields.get(each)}
        handing_over.hand_over(Acting(office.ledger, "chen", at("2019-06-29")), number, to, named, reason="划转")


def told(office: Office, words: str, unit: str | None, declared: Measures, *, longest: int | None = None) -> Figures:
    """Return the figures of a period as told at the end of the year."""
    now = at("2019-12-31", 18)
    period = period_of({**PERIODS, **QUIET}[words], words, today=now.date())
    return figures(office.ledger, "lead", period, unit=unit, measures=declared, longest=longest, now=now)


def steps_by_hand(office: Office, found: Figures) -> Counter[str]:
    """Return how often each step was taken, from every row of the journal."""
    zone = ZoneInfo("Asia/Shanghai")
    first = microseconds(datetime.combine(found.period.first, time(0), zone))
    end = microseconds(datetime.combine(found.period.until + timedelta(days=1), time(0), zone))
    rows = office.ledger.store.query(
        "SELECT j.at, j.body, c.workflow, c.id FROM journal j JOIN cases c ON c.id = j.case_id WHERE j.kind = 'moved'"
    )
    titles = {each.trigger: each.title.en for each in office.ledger.rules("lead").workflow.transitions[::-1]}
    return Counter(
        titles[json.loads(body)["trigger"]]
        for moved_at, body, workflow, case_id in rows
        if workflow == "lead" and first <= moved_at < end and found.unit in {None, held_then(office, case_id, end)}
    )


def held_then(office: Office, case_id: int, end: int) -> str:
    """Return the unit that held a case just before an instant, from where it is now and each handing over since."""
    ((now,),) = office.ledger.store.query(
        "SELECT u.code FROM cases c JOIN units u ON u.id = c.unit_id WHERE c.id = ?", (case_id,)
    )
    told = "SELECT body FROM journal WHERE case_id = ? AND at >= ? AND kind = 'handed_over' ORDER BY seq LIMIT 1"
    since = office.ledger.store.query(told, (case_id, end))
    return str(json.loads(since[0][0])["was_unit"] if since else now)


def flow_by_hand(office: Office, found: Figures) -> Counter[str]:
    """Return what came, was cleared, came back and was removed, and which terms were met, from rows as they are."""
    first, last = found.period.first.isoformat(), found.period.until.isoformat()
    store = office.ledger.store
    end = microseconds(datetime.combine(found.period.until + timedelta(days=1), time(0), ZoneInfo("Asia/Shanghai")))
    sums: Counter[str] = Counter()
    for case_id, dated_on in store.query("SELECT id, dated_on FROM cases WHERE workflow = 'lead'"):
        told = "SELECT at, clearance FROM journal WHERE case_id = ? ORDER BY seq"
        rows = [(day_of(at), count) for at, count in store.query(told, (case_id,)) if day_of(at) <= last]
        is_new = bool(rows) and rows[0][0] >= first
        if found.unit not in {None, held_then(office, case_id, end)} or not rows or (is_new and rows[-1][1] > 2):
            continue
        sums["late" if dated_on < first else "received"] += is_new
        for (_, before), (day, after) in pairwise([("", 0), *rows]):
            if day >= first:
                sums["cleared"] += before == 0 and after in {1, 2}
                sums["removed"] += before == 0 and after > 2
                sums["returned"] += before != 0 and after == 0
        if rows[-1][1] <= 2:
            ended = store.query("SELECT ended_at FROM deadlines WHERE case_id = ? AND status = 2", (case_id,))
            sums["met"] += sum(first <= day_of(at) <= last for (at,) in ended)
    return sums


def standing_by_hand(office: Office, found: Figures) -> dict[str, object]:
    """Return what is open, listed, running and due, from rows as they are: nothing has changed since the period."""
    store, until = office.ledger.store, found.period.until
    said: dict[str, Any] = {name: [] for name in LISTS} | {"carried": 0, "ages": [0] * 5, "category": Counter()}
    running, due = Counter[str](), Counter[str]()
    workflow = office.ledger.rules("lead").workflow
    theirs = {name for name, each in workflow.deadlines.items() if each.is_theirs}
    titles = {each.value: each.title.zh for each in workflow.fields["category"].choices}
    asked = (
        "SELECT c.id, c.number, c.dated_on, c.clearance, c.fields, u.code FROM cases c JOIN units u ON u.id = c.unit_id"
    )
    for case_id, number, dated_on, count, fields, unit in store.query(
        f"{asked} WHERE workflow = 'lead' AND clearance < 3"
    ):
        if found.unit not in {None, unit}:
            continue
        terms = store.query(
            "SELECT name, status, due_on, original_due_on, ledger FROM deadlines WHERE case_id = ?", (case_id,)
        )
        live = [(name, status, last, first) for name, status, last, first, _ in terms if status < 2]
        ours = [each for each in live if each[0] not in theirs]
        running += Counter(name for name, status, _, _ in live if status == 0)
        due += Counter(last for _, status, last, _ in ours if status == 0 and last > str(until))
        said["missed"] += [(first, number) for *_, first in ours if first < str(until)]
        if count:
            continue
        said["carried"] += 1
        said["ages"][sum((until - date.fromisoformat(dated_on)).days > each for each in (30, 60, 90, 180))] += 1
        said["category"][titles[json.loads(fields)["category"]]] += 1
        late = [last for _, status, last, _ in ours if status == 0 and last < str(until)]
        longer = [last for _, status, last, _, kept in terms if status < 2 and json.loads(kept)["extensions"]]
        if late or longer:
            said["overdue" if late else "extended"].append((min(late or longer), number))
    weeks = [(day_of(at), *row) for at, *row in store.query(_RECOUNTS) if found.unit in {None, row[-1]}]
    return {
        **{name: sorted(said[name]) for name in LISTS},
        "carried": said["carried"], "ages": said["ages"], "category": +said["category"],
        "running": +running,
        "due": {day: count for day, count in due.items() if (date.fromisoformat(day) - until).days <= 42},
        "weeks": [
            (sum(seq == 1 for seq, *_ in own), sum(was == 0 and now in {1, 2} for _, was, now, _ in own))
            for span in (each.span for each in found.weeks)
            for own in [[row for day, *row in weeks if str(span.first) <= day <= str(span.last)]]
        ],
    }  # fmt: skip


LISTS = ("missed", "overdue", "extended")
_RECOUNTS = (
    "SELECT j.at, j.seq, coalesce(p.clearance, 0), j.clearance, u.code FROM journal j JOIN cases c ON c.id = j.case_id"
    " JOIN units u ON u.id = c.unit_id LEFT JOIN journal p ON p.case_id = j.case_id AND p.seq = j.seq - 1"
    " WHERE c.workflow = 'lead'"
)


def standing_told(found: Figures) -> dict[str, object]:
    """Return the same of figures."""
    (category,) = [each for each in found.splits if each.field == "category"]
    return {
        "missed": [(each.original_due_on, each.number) for each in found.missed],
        "overdue": [(each.due_on, each.number) for each in found.overdue],
        "extended": [(each.due_on, each.number) for each in found.extended],
        "carried": found.total.flow.carried,
        "ages": [count for *_, count in found.ages],
        "category": {each.title.zh: each.open for each in category.shares if each.open},
        "running": {each.deadline: each.running for each in found.deadlines if each.running},
        "due": {str(day): count for day, count in found.due.items()},
        "weeks": [(each.entered, each.cleared) for each in found.weeks],
    }


def day_of(instant: int) -> str:
    """Return the local day of an instant in microseconds since 1970."""
    return datetime.fromtimestamp(instant / 1e6, ZoneInfo("Asia/Shanghai")).date().isoformat()


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Return an office whose leads have lived for four months; it is read only."""
    found = office_in(tmp_path_factory.mktemp("many"))
    lived(found, random.Random(7))
    yield found
    found.close()


def test_what_has_not_changed_is_as_its_rows_say(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Open cases, lists, deadlines and weeks before are as a plain model has them, without a case being rebuilt."""
    declared = measures()
    asked = [(words, unit) for words in QUIET for unit in UNITS]
    rebuilt: list[int] = []

    def noted(_ledger: object, ids: list[int], **_more: object) -> list[object]:
        rebuilt.extend(ids)
        return []

    monkeypatch.setattr(standing_pasts, "rebuilt", noted)
    found = [told(office, words, unit, declared) for words, unit in asked]
    short = [told(office, words, unit, declared, longest=2) for words, unit in asked]

    assert [standing_told(each) for each in found] == [standing_by_hand(office, each) for each in found]
    assert rebuilt == []
    lists = [(each, name) for each in zip(found, short, strict=True) for name in LISTS]
    assert [getattr(few, name) for (_, few), name in lists] == [getattr(every, name)[:2] for (every, _), name in lists]
    more = [max(0, len(getattr(every, name)) - 2) for (every, _), name in lists]
    assert [few.more[name] for (_, few), name in lists] == more
    assert len([each for each in more if each]) >= 5
    whole = dict.fromkeys((*LISTS, "returned"), ())
    alike = [replace(each, **whole, more={}) for each in (*found, *short)]  # type: ignore[arg-type]
    assert alike[: len(found)] == alike[len(found) :]


def test_random_histories_give_what_a_plain_model_gives(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Steps and flow are as the rows of the journal say, and all else as if each case were rebuilt for it."""
    declared = measures()
    asked = [(words, unit) for words in PERIODS for unit in UNITS]
    found = [told(office, words, unit, declared) for words, unit in asked]
    steps = [{title.en: count for title, count in each.steps} for each in found]
    by_hand = [dict(steps_by_hand(office, each)) for each in found]
    flows = [flow_by_hand(office, each) for each in found]
    told_so = [{**{name: getattr(each.total.flow, name) for name in FLOW}, "met": each.total.met} for each in found]

    def all_rebuilt(*given: Any, own: object) -> dict[int, int]:
        return looked_at(*given)

    monkeypatch.setattr(measured, "looked_at", all_rebuilt)
    short = [told(office, words, unit, declared, longest=2) for words, unit in asked]
    monkeypatch.setattr(standing_pasts, "_as_it_stands", lambda *_given: None)
    monkeypatch.setattr(counting, "settled_of", lambda *_given, **_more: None)
    again = [told(office, words, unit, declared) for words, unit in asked]

    assert steps == by_hand
    assert told_so == [{name: each[name] for name in (*FLOW, "met")} for each in flows]
    assert all(sum(each[name] for each in flows) > 2 for name in ("received", "cleared", "met"))
    assert again == found
    lists = [
        (getattr(few, name), getattr(each, name)) for few, each in zip(short, again, strict=True) for name in LISTS
    ]
    assert [few for few, _ in lists] == [every[:2] for _, every in lists]
    assert {name: max(len(getattr(each, name)) for each in again) > 2 for name in LISTS} == dict.fromkeys(LISTS, True)
    assert any(top != bottom for each in found for rate in each.rates for _, top, bottom in rate.rows)
    assert sum(map(len, steps)) > 8
    assert any(each.rows for months in found if months.period.first.month == 6 for each in months.times)
