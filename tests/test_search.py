"""A case is found by the words that stand in it, through an index of pairs of characters, by who may read it."""

from contextlib import closing
from typing import Any

import pytest
from ledgers import START, Story, furnished, opened, register
from paths import ASSIGN

from engine.errors import BadValueError
from engine.operations.cases.casework import amend
from engine.operations.cases.lookup import list_cases
from engine.operations.cases.restricting import restrict
from engine.operations.cases.searching import take_words_in
from engine.operations.house import registration as keeping
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.ledger import Ledger
from engine.operations.ledger.need_to_know import ledger_seen_by, reader_called
from engine.rules.reading_rights import Deed
from engine.store.database import open_sqlite
from engine.store.schema import differences, migrate
from engine.store.search_rows import rebuild
from engine.store.search_words import folded, holds, joined, terms_of, texts_of, wanted, words_of

HELD = {
    "summary": "医院门口有人强揽生意,ABC公司车牌川A12345",
    "handler": "chen",
    "received_on": "2019-06-28",
    "note": "ｆｕｌｌ",
}
ASKED = {
    "强揽": True, "强揽生意": True, "医院 生意": True,
    "abc": True, "AB": True, "意": True, "川a12345": True, "full": True,
    "院门": True, "生意强揽": False, "医院生意": False, "chen": False, "2019": False, "BC": False, "强 抢": False,
}  # fmt: skip


def found(ledger: Ledger, words: str, **narrowed: Any) -> set[str]:
    """Return the numbers of the leads that hold some words."""
    return {each.number for each in list_cases(ledger, "lead", words=words, now=START, **narrowed)}


def test_words_stand_in_a_case_as_they_are_asked() -> None:
    """Two characters, one, several words, Latin beginnings: what is found by pairs is what a reader would find."""
    given = set(words_of(joined(HELD)).split())

    def by_index(asked: str) -> bool:
        pairs = wanted(terms_of(asked))
        return all(word in given or (begins and any(each.startswith(word) for each in given)) for word, begins in pairs)

    said = {asked: by_index(asked) and holds(HELD, terms_of(asked)) for asked in ASKED}
    assert said == ASKED
    assert [folded(each) for each in texts_of(HELD)] == ["医院门口有人强揽生意,abc公司车牌川a12345", "full"]


@pytest.mark.parametrize("at_once", [True, False])
def test_an_index_follows_the_cases_and_who_may_read_them(database_url: str, at_once: bool) -> None:
    """Found from the step that wrote it to the correction that took it away, under restriction by nobody else."""
    with furnished(database_url) as ledger:

        def by_the_way() -> None:
            if at_once:
                take_words_in(ledger)
                assert ledger.store.query("SELECT case_id FROM search_pending") == []

        story = Story(ledger, summary="反映车站旁有人倒卖门票", reporter="王五丰", real_name=True)
        other = register(ledger, summary="反映车站前有人强揽住宿", unit="0101")
        keeper = Acting(ledger, "keeper", START)
        by_the_way()
        assert found(ledger, "车站") == {story.number, other.number}
        assert found(ledger, "车站 强揽") == found(ledger, "车站", after=story.number) == {other.number}
        assert found(ledger, "王五丰") == set()  # sealed
        story.play((ASSIGN,))
        by_the_way()
        assert found(ledger, "倒卖", state="assigned", open_only=True) == {story.number}
        amend(keeper, story.number, {"summary": "反映码头有人倒卖门票"}, reason="笔误")
        by_the_way()
        assert found(ledger, "车站") == {other.number}
        assert found(ledger, "码头") == {story.number}
        assert found(ledger, "倒卖", unit="0102") == set()
        with pytest.raises(BadValueError):
            found(ledger, "，。")
        keeping.grant(keeper, "ji", "discipline_office", None)
        restrict(Acting(ledger, "ji", START), other.number, ["chen"], reason="事关本院")
        for officer, sees in {"chen": {other.number}, "lian": set(), "zhou": set(), "none": set()}.items():
            with closing(ledger_seen_by(ledger, reader_called(ledger, officer), Deed.SEARCH)) as seen:
                assert found(seen, "车站") == sees, officer


def test_a_copied_or_older_ledger_is_searched_as_well(sqlite_url: str) -> None:
    """What was registered before there was a table of words is in it after `upgrade`, and nothing twice."""
    with furnished(sqlite_url) as ledger:
        number = register(ledger, summary="反映车站旁有人倒卖门票").number
    with closing(open_sqlite(sqlite_url)) as connection:
        migrate(connection, sqlite_url, "0009")
        migrate(connection, sqlite_url)
    assert differences(sqlite_url) == ()
    with opened(sqlite_url) as ledger:
        assert found(ledger, "倒卖门票") == {number}
        with ledger.store.begin():
            rebuild(ledger.store.driver)
        assert found(ledger, "倒卖门票") == {number}
        amend(Acting(ledger, "keeper", START), number, {"summary": "另一件事"}, reason="笔误")
        assert take_words_in(ledger) == 1
        assert found(ledger, "门票") == set()
        assert ledger.store.query("SELECT rowid FROM search WHERE search MATCH '\"门票\"'") == []
