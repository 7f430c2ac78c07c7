"""Sums over blocks of cases that are kept: they change no figure, and one that is wrong is named."""

import json
import random
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from test_figures_of_many import lived, measures
from zero_house import Office, at, office_in

from engine.campaigns.measures import Measures
from engine.errors import QinglingError
from engine.operations.cases import casework as cases
from engine.operations.cases import handing_over, restricting, succession
from engine.operations.figures import kept_sums, report_figures
from engine.operations.figures.figure_values import Figures
from engine.operations.figures.judged_sums import wrong_sums
from engine.operations.figures.part_plain import add_plain
from engine.operations.figures.period import ReportKind, period_of
from engine.operations.figures.report_figures import figures
from engine.operations.house.registration import add_officer, grant
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.ledger import Ledger
from engine.operations.ledger.need_to_know import ledger_seen_by, reader_called
from engine.rules.reading_rights import Deed
from engine.store import sum_rows

YEAR, JUNE, SPRING, WEEK = "2019-01-01..2019-12-31", "2019-06", "2019-03-01..2019-05-31", "2019-W24"
KINDS = {YEAR: ReportKind.BULLETIN, JUNE: ReportKind.MONTHLY, SPRING: ReportKind.STAGE, WEEK: ReportKind.WEEKLY}
NOW = at("2019-12-31", 18)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a ledger whose leads have lived for four months; each test has a copy."""
    found = office_in(tmp_path_factory.mktemp("kept"))
    lived(found, random.Random(11))
    found.ledger.store.query("PRAGMA wal_checkpoint(TRUNCATE)")
    found.close()
    return Path(found.ledger.store.url)


@pytest.fixture
def office(house: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    """Return an office with that ledger, which keeps sums of four cases each, of however few."""
    monkeypatch.setattr(kept_sums, "_WORTH_IT", 0)
    monkeypatch.setattr(kept_sums.KeptSums, "bits", 2)
    found = Office(str(shutil.copy(house, tmp_path / "year.db")))
    yield found
    found.close()


def told(ledger: Ledger, words: str, declared: Measures, *, now: datetime = NOW, keeping: bool = True) -> Figures:
    """Return the figures of a period, with sums that are kept or without any."""
    with pytest.MonkeyPatch.context() as patch:
        if not keeping:
            patch.setattr(report_figures, "kept_of", lambda *_given, **_more: None)
        period = period_of(KINDS[words], words, today=now.date())
        return figures(ledger, "lead", period, measures=declared, longest=2, now=now)


def deeds(office: Office, chance: random.Random) -> dict[str, Callable[[], object]]:
    """Return what may be done next to any lead, by what it is called; not all of it is allowed to each."""
    open_ones = [case.number for case in map(office.ledger.case, numbers(office)) if case.clearance == 0]
    one, day = chance.choice(open_ones), chance.choice(("2019-07-02", "2019-08-15", "2019-12-31"))
    acting = Acting(office.ledger, "chen", at(day))
    case = office.ledger.case(one)
    to = "0101" if case.unit == "0102" else "0102"
    named = {each: who for each, who in (("responsible_leader", "li"), ("handler", "zhao")) if case.fields.get(each)}
    return {
        "registered": lambda: office.register(day, "2019-06-20", category="A1"),
        "dated back": lambda: office.register("2019-05-10", "2019-05-08", unit="0102", category="A3"),
        "assigned": lambda: office.assign(day, one),
        "verified": lambda: office.verify(day, one, "substantiated", suspected_crime=True),
        "transferred": lambda: office.transfer(day, one),
        "waived": lambda: office.waive(day, one),
        "closed": lambda: office.close_lead(day, one),
        "extended": lambda: office.extend("2019-07-01", one),
        "void": lambda: cases.void(acting, one, reason="误登"),
        "corrected": lambda: cases.amend(acting, one, {"summary": "医院门口有人强揽生意，已更正"}, reason="改类别"),
        "handed over": lambda: handing_over.hand_over(acting, one, to, named, reason="划转"),
        "restricted": lambda: restricting.restrict(acting, one, ["li"], reason="涉密"),
        "renamed": lambda: succession.rename_unit(acting, "0102", chance.choice(("中医院", "二院")), reason="更名"),
    }


def numbers(office: Office) -> list[str]:
    """Return the numbers of all leads."""
    return office.ledger.store.column("SELECT number FROM cases WHERE workflow = 'lead' ORDER BY id")


def test_kept_sums_change_no_figure(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is done in between, by whatever clock and declaration, figures are those counted without any sum."""
    declared, chance = measures(), random.Random(3)
    others = replace(declared, times=declared.times[:1])
    taken, done, differ, add = Counter[str](), Counter[str](), list[object](), add_plain
    monkeypatch.setattr(kept_sums, "add_plain", lambda *given: (taken.update(["kept"]), add(*given)))
    for turn in range(30):
        words = chance.choice(list(KINDS))
        now = chance.choice((NOW, NOW, at("2020-01-09"), at("2019-07-05"), at("2019-06-14", 15)))
        asked = chance.choice((declared, declared, declared, others))
        found = told(office.ledger, words, asked, now=now)
        if found != told(office.ledger, words, asked, now=now, keeping=False):
            differ.append((turn, words, now))
        for name, deed in chance.sample(list(deeds(office, chance).items()), 3):
            with suppress(QinglingError):
                deed()
                done[name] += 1

    assert differ == []
    assert taken["kept"] > 30
    assert len(done) > 8
    assert list(wrong_sums(office.ledger, lambda _name: declared)) == []


def test_restricted_cases_are_counted_with_kept_sums_as_without(office: Office) -> None:
    """Who may not read a restricted case has the same figures from kept sums, with a mask for its number."""
    declared, chen = measures(), Acting(office.ledger, "chen", NOW)
    add_officer(chen, "wu", "吴某")
    grant(chen, "wu", "leading_group", None)
    whole = told(office.ledger, YEAR, declared)
    hidden = whole.overdue[0].number
    restricting.restrict(chen, hidden, ["li"], reason="涉密")
    told(office.ledger, YEAR, declared)

    with closing(ledger_seen_by(office.ledger, reader_called(office.ledger, "wu"), Deed.REPORT)) as seen:
        assert seen is not office.ledger
        with_sums, without = told(seen, YEAR, declared), told(seen, YEAR, declared, keeping=False)
    assert with_sums == without
    assert with_sums.total == whole.total
    listed = [each.number for each in with_sums.overdue]
    assert hidden not in listed
    assert any(each.startswith("*") for each in listed)


def test_a_sum_that_was_changed_is_named(office: Office) -> None:
    """A sum that was changed by SQL and would be taken is named; one that cannot be read is counted again."""
    declared, store = measures(), office.ledger.store
    right = told(office.ledger, YEAR, declared)
    ((block, text),) = store.query("SELECT block, sums FROM kept_sums WHERE sums LIKE '%\"mistaken\":%' LIMIT 1")
    said = json.loads(text)
    said["mistaken"] += 3

    def put(words: str) -> list[str]:
        store.change("UPDATE kept_sums SET sums = ? WHERE block = ?", (words, block))
        return [f"{each.what} {each.which}" for each in wrong_sums(office.ledger, lambda _name: declared)]

    named = [f"kept sum lead 2019-01-01..2019-12-31 #{block}"]
    assert put(json.dumps(said)) == named
    assert told(office.ledger, YEAR, declared).mistaken == right.mistaken + 3
    assert put("{") == named
    assert told(office.ledger, YEAR, declared) == right
    assert sum_rows.all_asked(store) == []
    assert told(office.ledger, YEAR, declared) == right
    assert put(text) == []
    store.change("UPDATE kept_sums SET entries = entries + 1 WHERE block = ?", (block,))
    assert told(office.ledger, YEAR, declared) == right  # it is not taken, but counted again


def test_what_happens_after_a_period_leaves_its_sums(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """The report of a period that is over counts nothing again, but by another program, which may count otherwise."""
    declared = measures()
    before = told(office.ledger, SPRING, declared)
    numbered = numbers(office)
    office.register("2019-12-30", "2019-12-29")
    cases.void(Acting(office.ledger, "chen", NOW), numbered[0], reason="误登")
    cases.amend(
        Acting(office.ledger, "chen", NOW), numbered[-1], {"summary": "医院门口有人强揽生意，已更正"}, reason="改类别"
    )
    monkeypatch.setattr("engine.operations.figures.counting.Counting.add", lambda *_given: pytest.fail("counted"))

    assert told(office.ledger, SPRING, declared) == before
    monkeypatch.setattr(kept_sums, "digest_of_program", lambda: "another")
    with pytest.raises(pytest.fail.Exception, match="counted"):
        told(office.ledger, SPRING, declared)


def test_no_more_than_some_reports_are_kept(office: Office) -> None:
    """Of the same days only the newest is kept, and of others those that were made last."""
    declared = measures()
    for now in (at("2019-07-05"), NOW):
        told(office.ledger, YEAR, declared, now=now)
    kept = [json.loads(each)[3] for each in sum_rows.all_asked(office.ledger.store)]
    assert kept == ["2019-12-31"]
    for last in range(10, 18):
        period = period_of(ReportKind.STAGE, f"2019-03-01..2019-06-{last}", today=NOW.date())
        figures(office.ledger, "lead", period, measures=declared, longest=2, now=NOW)
    assert len(sum_rows.all_asked(office.ledger.store)) == 6
