"""Forecasts of a campaign from a ledger's journal: nothing later is read, known facts count, and reading is limited."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path

import pytest
from zero_house import BOOK, Office, at, built, campaign, office_in

from engine.campaigns.campaign import Campaign
from engine.campaigns.forecast_declared import ForecastDeclared, half_days
from engine.campaigns.forecasting.answers import Foreseen, NotForeseen, WhyNot
from engine.operations.house import registration
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.need_to_know import ledger_seen_by, reader_called
from engine.operations.zero.outlook import Outlook, look_ahead
from engine.operations.zero.verdict import check_zero
from engine.rules.reading_rights import Deed
from tools.counties import County, Lived, lived
from tools.county_ledger import write_county
from workflows.campaigns_found import Campaigns

BEGUN = date(2018, 1, 3)
ASKED = "2019-09-30"
DECLARED = Campaigns(workflow=BOOK.latest).measures_of("lead").forecast
assert DECLARED is not None


@cache
def _county() -> Lived:
    """Return two years of a county of two units."""
    return lived(County(begins=BEGUN, until=date(2019, 12, 20), units=2, a_day=1.5), 7)


def _filled(office: Office) -> Office:
    """Let a county live in an office."""
    begun = BEGUN.isoformat()
    number = office.register(begun, begun, category="A3")
    office.assign(begun, number)
    office.verify(begun, number)
    office.dismiss((begun, begun), number)
    with office.ledger.store.begin():
        pattern = office.ledger.case(number).id
    write_county(office.ledger.store, _county(), pattern, begun=BEGUN, zone="Asia/Shanghai")
    return office


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Return a ledger in which a county has lived."""
    folder = tmp_path_factory.mktemp("county")
    office = _filled(office_in(folder))
    office.ledger.store.query("PRAGMA wal_checkpoint(TRUNCATE)")
    office.close()
    return (folder / "year.db").read_bytes()


@pytest.fixture
def office(kept: bytes, tmp_path: Path) -> Iterator[Office]:
    """Return a copy of it."""
    (tmp_path / "year.db").write_bytes(kept)
    found = Office(str(tmp_path / "year.db"))
    yield found
    found.close()


def asked_campaign() -> Campaign:
    """Return a campaign that all leads of the county belong to, as far as they were received in time."""
    return replace(campaign(), received_to=date(2019, 9, 30))


def ahead(office: Office, declared: ForecastDeclared | None = DECLARED, *, seed: int = 0, day: str = ASKED) -> Outlook:
    """Return what is foreseen on a day, asked long after it."""
    statement = office.zero(day, asked=asked_campaign(), now=at("2020-06-30"))
    return look_ahead(office.ledger, statement, declared, seed=seed)


def test_nothing_later_is_read(office: Office) -> None:
    """Rows after the cut-off may be deleted, shifted or altered: the answer stays, seed for seed."""
    store, end = office.ledger.store, office.zero(ASKED, now=at("2020-06-30")).end_at
    first = ahead(office)
    assert isinstance(first.answer, Foreseen)
    assert first.answer.backtest.checked >= 20
    answers = [ahead(office)]
    for change in (
        "UPDATE journal SET at = at + 864000000000 WHERE at >= ?",
        "UPDATE journal SET clearance = 0, to_state = 'received', body = '{}' WHERE at >= ?",
        "DELETE FROM journal WHERE at >= ?",
    ):
        store.change(change, (end,))
        answers.append(ahead(office))

    assert [each.answer for each in answers] == [first.answer] * 4
    assert ahead(office, seed=1).answer != first.answer


def test_both_databases_answer_the_same(office: Office, postgres_url: str) -> None:
    """The same ledger and the same seed give the same answer on SQLite and on PostgreSQL."""
    other = _filled(Office(built(postgres_url)))
    try:
        assert ahead(other).answer == ahead(office).answer
    finally:
        other.close()


def test_a_first_year_rests_on_assumptions(office: Office) -> None:
    """With too little history declared priors stand in its place, and it is said; without them nothing is."""
    store, since_at = office.ledger.store, office.zero("2019-08-20").end_at
    store.change("PRAGMA foreign_keys = OFF")
    store.change("DELETE FROM cases WHERE opened_at < ?", (since_at,))
    store.change("DELETE FROM journal WHERE case_id > 0 AND case_id NOT IN (SELECT id FROM cases)")

    assumed, bare = (ahead(office, each, day="2019-12-16").answer for each in (DECLARED, None))

    assert isinstance(assumed, Foreseen)
    assert assumed.is_assumed
    assert assumed.backtest.checked == 0
    assert isinstance(bare, NotForeseen)
    assert bare.why is WhyNot.TOO_LITTLE_HISTORY


def test_a_day_that_lies_ahead_is_known(office: Office) -> None:
    """A lead that is shelved until a day is not cleared before it, whatever others of its kind did."""
    number = office.register(ASKED, ASKED, category="A3")
    office.assign(ASKED, number)
    office.step(ASKED, number, "shelve", by="chen", reason="线索不明", next_review_on="2020-02-03", signed_by="li")
    answer = ahead(office).answer

    assert isinstance(answer, Foreseen)
    assert answer.leads[0].name == str(office.ledger.case(number).id)
    assert answer.leads[0].cleared < 0.001
    assert answer.odds.zero == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize(
    ("day", "why"), [("2019-12-31", WhyNot.DAY_OVER), ("2018-01-02", WhyNot.NOTHING_OPEN)], ids=str
)
def test_nothing_is_said_of_what_is_over(office: Office, day: str, why: WhyNot) -> None:
    """On the day itself, or with nothing open, there is nothing to foresee."""
    answer = ahead(office, day=day).answer

    assert isinstance(answer, NotForeseen)
    assert answer.why is why


def test_priors_come_from_the_declared_terms() -> None:
    """Half are done at 0.8 of the terms that lie before a lead: fewer the further it has come."""
    assert DECLARED is not None
    found = half_days(DECLARED, BOOK.latest("lead"))

    assert found["received"] > found["assigned"] > found["verified"] > 0
    assert found["handled_in_house"] == pytest.approx(0.8 * 42)


def test_an_officer_of_a_unit_learns_of_that_unit_alone(office: Office) -> None:
    """What may be read is what is learned from and counted: nothing of another unit is in the answer."""
    keeper = Acting(office.ledger, "chen", at(ASKED))
    registration.add_officer(keeper, "wu", "吴某")
    registration.grant(keeper, "wu", "office", "0102")
    whole = ahead(office).answer
    with closing(ledger_seen_by(office.ledger, reader_called(office.ledger, "wu"), Deed.ZERO)) as seen:
        statement = check_zero(seen, asked_campaign(), day=date.fromisoformat(ASKED), now=at(ASKED, 23))
        outlook = look_ahead(seen, statement, DECLARED)

    theirs = office.zero(ASKED, asked=asked_campaign(), now=at("2020-06-30"))
    (unit,) = (each.blocking for each in theirs.units if each.unit == "0102")
    assert outlook.answer.open_now == unit < whole.open_now
    assert all(number.startswith("0102") for number in outlook.numbers.values())
    if isinstance(outlook.answer, Foreseen):
        assert [each.name for each in outlook.answer.units] == ["0102"]
