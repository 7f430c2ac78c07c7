"""The shape of a case is what its journal makes of it; figures by shapes and rows are those of the rebuilt cases."""

import json
import random
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from ledgers import opened
from zero_house import Office, at, campaign, office_in

from engine.deadlines.clock import Status
from engine.operations.cases.casework import advance, amend, void
from engine.operations.cases.handing_over import hand_over
from engine.operations.figures.standing_pasts import pasts_of
from engine.operations.house.verifying import verify
from engine.operations.ledger.acting import Acting
from engine.operations.zero.past import Past, rebuilt
from engine.operations.zero.verdict import Statement, end_of
from engine.rules import shapes
from engine.rules.shapes import UNKNOWN
from engine.store import schema
from engine.store.database import open_sqlite

ASKED = (campaign(), campaign("assigned_due", 2019), campaign("limits_due", 2019))
DAYS = ("2019-05-20", "2019-07-10", "2019-12-31", "2020-01-20")


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Return a house whose leads went random ways; of each kind of deed there is some."""
    chance = random.Random(7)
    office = office_in(tmp_path_factory.mktemp("shapes"))
    for place in range(24):
        more = {"category": "A3"} if place % 3 else {}
        source = "superior" if place in {3, 5, 6} else chance.choice(["letter", "telephone"])
        if source == "superior":
            more["feedback_due_on"] = chance.choice(["2019-09-02", "2020-03-02"])
        number = office.register("2019-05-02", "2019-04-29", chance.choice(["0101", "0102"]), source=source, **more)
        _live(office, number, place, chance)
    office.import_closed("2019-06-20", "2019-03-01", 2)
    with closing(office.ledger.store):
        yield office


def _live(office: Office, number: str, place: int, chance: random.Random) -> None:
    """Take a lead some way through its year."""
    by = Acting(office.ledger, "chen", at("2019-06-25"))
    if place == 0:
        void(by, number, reason="误登")
    elif place == 1:
        amend(by, number, {"real_name": True}, reason="查登记簿")
    elif place == 2:
        hand_over(by, number, "0102" if number.startswith("0101") else "0101", {}, reason="属地")
    elif place > 3:
        office.assign("2019-05-10", number, **({} if place % 3 else {"category": "A3"}))
        if place == 4:
            office.extend("2019-05-20", number)
        if place > 6:
            finding = "unsubstantiated" if place % 5 else "substantiated"
            office.verify("2019-06-03", number, finding, suspected_crime=place % 5 == 0)
            if place % 5:
                office.dismiss(("2019-06-04", chance.choice(["2019-06-05", "2019-07-20"])), number)
            else:
                office.transfer("2019-06-04", number)
        if place in {11, 13}:
            office.reopen("2019-08-01", number)
        elif place > 16 and place % 5:
            office.strike(chance.choice(["2019-08-02", "2020-01-10"]), number)


def test_every_road_keeps_the_shape(office: Office) -> None:
    """Whatever was done to cases, verifying finds no shape that the journal does not give; some of them came back."""
    assert verify(office.ledger)[1] == ()
    assert len({shape for (shape,) in office.ledger.store.query("SELECT shape FROM cases")}) > 8
    assert office.ledger.store.query("SELECT count(*) FROM cases WHERE shape & 16") == [(2,)]


def test_zero_is_the_same_where_nobody_computed_shapes(office: Office) -> None:
    """Grouped by shapes, and with every case looked at by itself, each campaign says the same of each day."""

    def said() -> list[Statement]:
        return [office.zero(day, asked=each, now=at("2020-02-01")) for day in DAYS for each in ASKED]

    store, grouped = office.ledger.store, said()
    kept = store.query("SELECT shape, id FROM cases")
    store.change("UPDATE cases SET shape = 0")
    try:
        assert said() == grouped
    finally:
        store.change_many("UPDATE cases SET shape = ? WHERE id = ?", kept)
    assert {each.total.scope for each in grouped} == {1, 24, 25}


def test_an_older_ledger_is_given_the_shapes(office: Office, tmp_path: Path) -> None:
    """The upgrade computes for each case what the commits had written; none for one that cannot be read by now."""
    url = str(tmp_path / "older.db")
    office.ledger.store.change(f"VACUUM INTO '{url}'")
    wanted = office.ledger.store.query("SELECT id, shape FROM cases ORDER BY id")
    (changed,) = office.ledger.store.query("SELECT min(case_id) FROM deadlines WHERE status = ?", (Status.LIFTED,))[0]
    wanted = [(case_id, UNKNOWN if case_id in {changed, 2} else shape) for case_id, shape in wanted]
    with closing(open_sqlite(url)) as connection:
        schema.migrate(connection, url, "0011")
        connection.execute("UPDATE deadlines SET original_due_on = 'soon' WHERE case_id = ?", (changed,))
        connection.execute(
            """UPDATE cases SET fields = json_set(fields, '$.source', json('["letter"]')) WHERE id = 2"""
        )
    schema.bring_up(url)
    with closing(open_sqlite(url)) as connection:
        assert connection.execute("SELECT id, shape FROM cases ORDER BY id").fetchall() == wanted


def test_an_upgrade_gives_each_case_its_own_terms(office: Office, tmp_path: Path) -> None:
    """Terms of another case, as steps in bulk once wrote them, are named by verifying, put right and counted."""
    url, said = str(tmp_path / "older.db"), {"before": "0017", "after": schema.HEAD, "digest": ""}
    office.ledger.store.change(f"VACUUM INTO '{url}'")
    wanted = [(1, UNKNOWN), *office.ledger.store.query("SELECT id, shape FROM cases WHERE id > 1 ORDER BY id")]
    late = [case_id for case_id, shape in wanted if shape & shapes.TERMS == shapes.MISSED]
    extended = [case_id for case_id, shape in wanted if shape & shapes.EXTENDED]
    wrong = {late[0], late[1], extended[0]}
    with opened(url) as ledger:
        others = f"UPDATE cases SET shape = (shape & ~15) | {shapes.KEPT} WHERE id = ?"
        ledger.store.change_many(others, [(each,) for each in wrong])
        ledger.store.change("UPDATE cases SET shape = 0 WHERE id = 1")
        numbers: dict[str, int] = dict(ledger.store.query("SELECT number, id FROM cases"))
        assert {numbers[each.case] for each in verify(ledger)[1] if each.what == "shape"} == {1, *wrong}
    with closing(open_sqlite(url)) as connection:
        schema.migrate(connection, url, "0017")
    schema.bring_up(url, unsaid=said)
    with closing(open_sqlite(url)) as connection:
        assert connection.execute("SELECT id, shape FROM cases ORDER BY id").fetchall() == wanted
        ((kept,),) = connection.execute("SELECT value FROM settings WHERE name = ?", (schema.UNSAID,))
    assert json.loads(kept) == {**said, "mended": len(wrong)}


def test_reports_read_rows_as_the_journal_tells_them(office: Office) -> None:
    """A case that has not changed since a day stands in its rows as it is rebuilt, whatever the period before it."""
    ledger = office.ledger
    ids = [case_id for (case_id,) in ledger.store.query("SELECT id FROM cases ORDER BY id")]
    for eve, day in ((date(2019, 1, 1), date(2019, 12, 31)), (date(2019, 12, 1), date(2019, 12, 31))):
        eve_at, end_at = end_of(eve, ledger.zone), end_of(day, ledger.zone)
        found = pasts_of(ledger, ids, eve_at=eve_at, end_at=end_at, day=day, bound=frozenset())
        pairs = zip(found, rebuilt(ledger, ids, end_at=end_at, day=day), strict=True)
        assert [each for each in pairs if _asked(each[0], eve_at) != _asked(each[1], eve_at)] == []


def _asked(past: Past, eve_at: int) -> tuple[object, ...]:
    """Return what figures ask of a case: instants only by whether they lie in the period."""
    terms = sorted(
        (each.name, each.status, each.due_on, each.original_due_on, bool(each.extended), each.met_on, each.theirs,
         each.noted_at >= eve_at if each.status > 1 else None, each.due_at)
        for each in past.terms
    )  # fmt: skip
    noted = sorted(name for name, noted_at in past.noted.items() if noted_at >= eve_at)
    return (past.case, terms, noted)


def test_a_step_on_a_case_says_nothing_of_another(office: Office) -> None:
    """A step changes the shape of its own case alone; one that nobody knows stays unknown."""
    store = office.ledger.store
    before: dict[int, int] = dict(store.query("SELECT id, shape FROM cases"))
    number = office.register("2020-02-03", "2020-02-01")
    acting, given = Acting(office.ledger, "chen", at("2020-02-04")), {"responsible_leader": "li", "handler": "zhao"}
    with store.rehearsing():
        store.change("UPDATE cases SET shape = ? WHERE number = ?", (UNKNOWN, number))
        advance(acting, number, "assign", {**given, "category": "A3"})
        assert store.value("SELECT shape FROM cases WHERE number = ?", (number,)) == UNKNOWN
    advance(acting, number, "assign", {**given, "category": "A3"})
    after: dict[int, int] = dict(store.query("SELECT id, shape FROM cases"))

    assert {case_id: shape for case_id, shape in after.items() if case_id in before} == before
    assert office.ledger.case(number).id in after


def test_two_meanings_of_one_number_are_found(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is counted as another case's kind by the chance of its digest is named by verifying; each alone is sound."""
    monkeypatch.setattr(shapes, "_DIGEST", 0)
    of_one = shapes.Shapes(1, ["source"], [])
    numbers = [of_one.of({"source": each}, shapes.KEPT) for each in ("letter", "letter")]
    assert not any(map(of_one.is_ambiguous, numbers))
    assert of_one.is_ambiguous(of_one.of({"source": "telephone"}, shapes.LIVE))

    monkeypatch.setattr(shapes.Shapes, "is_ambiguous", lambda *_: True)
    assert {each.what for each in verify(office.ledger)[1]} == {"shape"}
