"""What a letter may show is read once, and only where its kind looks."""

from pathlib import Path

import pytest
from ledgers import START, dump, furnished, register

from engine.errors import BadValueError, RefusedError
from engine.language import Text, speaking
from engine.operations.ledger.acting import Acting
from engine.operations.letters.gather import LetterRequest, gather
from engine.operations.letters.issue import issue

PLACES: dict[str, tuple[object, str] | None] = {
    "case.summary": ("反映某人把持停车场", "反映某人把持停车场"),
    "case.handling_office": None,
    "case.reporter": None,
    "case.no_such_field": None,
    "parent.summary": None,
    "house.letter_superior": None,
    "standing.unit_name": ("某医院", "某医院"),
    "standing.dated_on": ("2019-07-01", "2019-07-01"),
    "standing.parent_number": None,
    "within.3": ("2019-07-04", "2019-07-04"),
    "due.disposal": ("2019-07-29", "2019-07-29"),
    "history.chased": None,
}
"""A place, and what stands there as it is stored and as it is written; None for nothing."""


def request(*, states: tuple[str, ...] = (), places: tuple[str, ...] = ()) -> LetterRequest:
    """Return a letter of which the engine knows no more than this."""
    return LetterRequest(
        kind="some", title=Text("Some letter", "某函"), series="函", states=states, by=("office",), about="",
        places=places,
    )  # fmt: skip


def test_each_place_gives_what_stands_there(sqlite_url: str) -> None:
    """Fields, letterhead, dates and history; nothing for what is empty, unknown or sealed, in any language."""
    with furnished(sqlite_url) as ledger, speaking("en"):
        case = register(ledger, summary="反映某人把持停车场", reporter="REPORTER-Q773", real_name=True)
        facts = gather(Acting(ledger, "zhou", START), case, request(places=tuple(PLACES)), {})
        assert dict(facts.found) == {place: fact for place, fact in PLACES.items() if fact is not None}


def test_nothing_is_read_that_was_not_asked_for(sqlite_url: str) -> None:
    """A letter that looks nowhere is given nothing of its case but which one it is."""
    with furnished(sqlite_url) as ledger:
        facts = gather(Acting(ledger, "zhou", START), register(ledger), request(), {})
        assert (facts.found, facts.given) == ({}, {})


def test_what_is_gathered_is_what_is_issued(sqlite_url: str, tmp_path: Path) -> None:
    """Code, word of the kind and local year make the number; gathering alone writes nothing."""
    with furnished(sqlite_url) as ledger:
        acting, case = Acting(ledger, "zhou", START), register(ledger)
        before = dump(ledger.store)
        facts = gather(acting, case, request(), {}, code=" 示卫 ")
        assert dump(ledger.store) == before
        letter, content = issue(acting, facts.case, facts.letter, make=str.encode, folder=tmp_path)
        assert (letter.number, content.decode()) == ("示卫函〔2019〕1号", letter.number)


REFUSED = {
    "by one without the role": ("qian", request(), {}, None, RefusedError),
    "in another state": ("zhou", request(states=("closed",)), {}, None, RefusedError),
    "with a value that is none": ("zhou", request(), {"received_on": "someday"}, None, BadValueError),
    "with a code that is none": ("zhou", request(), {}, "示 卫", BadValueError),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_may_not_be_is_refused_before_anything_is_made(sqlite_url: str, case: str) -> None:
    """Officer, state, values and code are judged while the facts are gathered."""
    by, wanted, given, code, kind = REFUSED[case]
    with furnished(sqlite_url) as ledger, pytest.raises(kind):
        gather(Acting(ledger, by, START), register(ledger), wanted, given, code=code)
