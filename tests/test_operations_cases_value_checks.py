"""What the rest of the register has against values: numbers that are taken, signatures of those who may not sign."""

from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from json import dumps, loads
from typing import Any

import pytest
from ledgers import DAY, LEAD, START, Move, Story, furnished, opened, register
from paths import ASSIGN, BOTH, CLOSE, CRIME, DECLINE, DECLINED, IN_HOUSE, POLICE, TO_POLICE, WAIVED, letter

from engine.errors import RefusedError
from engine.operations.cases.bulk import advance_many, selection
from engine.operations.cases.casework import advance, amend, open_case, void
from engine.operations.house import registration as keeping
from engine.operations.house import verifying
from engine.operations.imports.row import Row
from engine.operations.imports.take_in import take_in
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.ledger import Ledger


def _said(attempt: Callable[[], object]) -> str:
    """Return the refusal of an attempt."""
    with pytest.raises(RefusedError) as refused:
        attempt()
    return refused.value.sentence.en


def test_two_letters_do_not_bear_one_number(database_url: str) -> None:
    """The second letter of a dual transfer is refused the number of the first, which is named."""
    with furnished(database_url) as ledger:
        story = Story(ledger).play((*BOTH[:3], letter("police", "某卫移〔2019〕1号")[0]))
        said = _said(lambda: story.take(letter("discipline", "某卫移〔2019〕1号")[0]))
        assert "'Letter number' (--letter-number) is that of 0101-YS-2019-0001 already" in said
        assert story.take(letter("discipline", "某卫移〔2019〕11号")[0]).case.state == "sent"


def test_one_file_closes_one_lead(database_url: str) -> None:
    """An archive number is given once: not by a step, an amendment or an opening; a void lead gives it back."""
    with furnished(database_url) as ledger:
        first = Story(ledger).play(IN_HOUSE[:4])
        second = Story(ledger).play(IN_HOUSE[:3])
        taken: dict[str, Any] = {"archive_number": "DA-2019-01"}
        assert first.number in _said(lambda: second.take(CLOSE))
        assert first.number in _said(
            lambda: amend(Acting(ledger, "zhou", second.now), second.number, taken, reason="建档")
        )
        assert first.number in _said(lambda: register(ledger, **taken))
        amend(Acting(ledger, "zhou", second.now), second.number, {"archive_number": "DA-2019-0"}, reason="建档")
        void(Acting(ledger, "tang", first.now), first.number, reason="误登")
        assert second.take(CLOSE).case.state == "closed"
        third = register(ledger, archive_number="DA-3")
        assert _rows_given(ledger) == {(second.number, "DA-2019-01"), (third.number, "DA-3")}
        assert verifying.verify(ledger)[1] == ()
        ledger.store.change(
            "UPDATE unique_values SET case_id = ? WHERE case_id = ?", (third.id, ledger.case(second.number).id)
        )
        found = [(each.case, each.what, each.which) for each in verifying.verify(ledger)[1]]
        assert found == [(each, "given once", "archive_number") for each in (second.number, third.number)]


def _rows_given(ledger: Ledger) -> set[tuple[str, str]]:
    """Return the number and the value of each case that has a file number by the rows of what is given once."""
    asked = (
        "SELECT c.number, c.fields, u.digest FROM unique_values u JOIN cases c ON c.id = u.case_id"
        " WHERE u.field = 'archive_number'"
    )
    found = [(number, loads(fields)["archive_number"], digest) for number, fields, digest in ledger.store.query(asked)]
    assert [digest for *_, digest in found] == [sha256(value.encode()).hexdigest() for _, value, _ in found]
    return {(number, value) for number, value, _ in found}


def test_a_number_of_a_version_that_gave_it_freely_counts_too(database_url: str) -> None:
    """A case that goes by a version by which the field need not be unique has no row, and is found all the same."""
    with furnished(database_url) as ledger:
        first = register(ledger, archive_number="DA-1")
        plain = dumps({"fields": {"archive_number": {"type": "text", "unique": False}}})
        ledger.store.change("DELETE FROM unique_values")
        ledger.store.change("UPDATE cases SET version = 1 WHERE id = ?", (first.id,))
        ledger.store.change(
            "INSERT INTO workflow_versions (name, version, digest, plain, stored_at) VALUES ('lead', 1, '', ?, 1)",
            (plain,),
        )
        assert first.number in _said(lambda: register(ledger, archive_number="DA-1"))
        rows = [
            Row(at=at, values={**LEAD, "summary": at, "archive_number": "DA-1"}, unit="0101") for at in ("A2", "A3")
        ]
        with ledger.store.begin():
            found = list(take_in(Acting(ledger, "keeper", START), "lead", rows, file={"name": "x", "digest": "0"}))
        assert [(each.outcome, first.number in str(each.refusal)) for each in found] == [("refused", True)] * 2


@pytest.mark.parametrize("way", ["step", "amendment", "opening"])
def test_two_who_looked_at_once_do_not_give_one_number_twice(database_url: str, way: str) -> None:
    """What somebody else was given after one has looked is refused inside the commit; nothing is written."""
    taken: dict[str, Any] = {"archive_number": "DA-2019-01"}
    with furnished(database_url) as ledger, opened(database_url) as rival:
        other, story = register(ledger).number, Story(ledger).play(IN_HOUSE[:3])
        decided = ledger.store.begin

        def given_first() -> object:
            ledger.store.begin = decided  # type: ignore[method-assign]  # only once
            amend(Acting(rival, "zhou", story.now), other, taken, reason="建档")
            return decided()

        attempts: dict[str, Callable[[], object]] = {
            "step": lambda: story.take(Move("zhou", "close", "closed", {**CLOSE.values, **taken})),
            "amendment": lambda: amend(Acting(ledger, "zhou", story.now), story.number, taken, reason="建档"),
            "opening": lambda: register(ledger, **taken),
        }
        before = len(ledger.store.query("SELECT 1 FROM journal"))
        ledger.store.begin = given_first  # type: ignore[method-assign,assignment]  # between looking and writing
        assert f"is that of {other} already" in _said(attempts[way])
        assert len(ledger.store.query("SELECT 1 FROM journal")) == before + 1
        assert verifying.verify(ledger)[1] == ()


def test_a_ledger_gives_no_number_twice(database_url: str) -> None:
    """A row whose file number a case or an earlier row has is refused with its place; the others are taken."""
    with furnished(database_url) as ledger:
        number = register(ledger, archive_number="DA-1").number
        wanted = (("A2", "DA-1"), ("A3", "DA-2"), ("A4", "DA-2"), ("A5", "DA-3"))
        rows = [Row(at=at, values={**LEAD, "summary": at, "archive_number": of}, unit="0101") for at, of in wanted]
        with ledger.store.begin():
            found = list(
                take_in(Acting(ledger, "keeper", START), "lead", rows, file={"name": "台账.xlsx", "digest": "0"})
            )
        assert [each.outcome for each in found] == ["refused", "opened", "refused", "opened"]
        assert [str(each.refusal and each.refusal.en).split()[-2] for each in found[::2]] == [number, "A3"]
        again = [Row(at="A9", values={**LEAD, "summary": "A5", "archive_number": "DA-2"}, unit="0101")]
        with ledger.store.begin():
            (twice,) = take_in(
                Acting(ledger, "keeper", START), "lead", again, file={"name": "台账.xlsx", "digest": "0"}
            )
        assert (twice.outcome, found[1].number in str(twice.refusal)) == ("refused", True)


@pytest.mark.parametrize("number", ["DA%", "DA_2", "da-2", 'DA-"2"', "DA!2"])
def test_only_the_same_number_is_the_same(sqlite_url: str, number: str) -> None:
    """Signs that databases take for others, and small letters, make another number."""
    with furnished(sqlite_url) as ledger:
        register(ledger, archive_number="DA-2")
        register(ledger, archive_number="DA-22", summary='"archive_number":"DA!2"')
        assert register(ledger, archive_number=number).fields["archive_number"] == number
        assert "0101-XS-2019-0003" in _said(lambda: register(ledger, archive_number=number))


def test_the_longest_number_is_looked_for_too(database_url: str) -> None:
    """However long what is given once may be, it is taken once and then refused, by no fault of the database."""
    with furnished(database_url) as ledger:
        number = register(ledger, archive_number="档" * 20_000).number
        assert number in _said(lambda: register(ledger, archive_number="档" * 20_000))


def test_a_number_of_its_own_is_not_brought_in_bulk(sqlite_url: str) -> None:
    """What differs from case to case cannot be one for many."""
    with furnished(sqlite_url) as ledger:
        story = Story(ledger).play(IN_HOUSE[:3])
        chunks = selection(Acting(ledger, "", story.now), "lead")
        values = {name: story.dated(value) for name, value in CLOSE.values.items()}
        (verdict,) = advance_many(Acting(ledger, "zhou", story.now), chunks, "close", values, apply=True)
        assert verdict.refusal is not None
        assert "brought case by case, not in bulk" in verdict.refusal.en
        assert story.lead.state == "handled_in_house"


SIGNATURES: dict[str, tuple[tuple[Move, ...], Move, str, str]] = {
    "a verifier as head": (IN_HOUSE[:3], CLOSE, "head_signature", "Main person in charge of the unit, Leading group"),
    "a verifier of a transfer": ((ASSIGN, CRIME), TO_POLICE, "signed_by", "Main person in charge of the unit"),
    "a verifier as leader": ((), ASSIGN, "responsible_leader", "Deputy leader in charge"),
    "a clerk of passing on": ((), DECLINE, "signed_by", "Main person in charge of the unit"),
    "a verifier of a waiver": (WAIVED[:2], WAIVED[2], "review_waiver_signed_by", "Main person in charge of the unit"),
}


@pytest.mark.parametrize("case", SIGNATURES)
def test_only_who_may_sign_signs(sqlite_url: str, case: str) -> None:
    """Whoever is named must have a role that the field asks for; field, officer roles and unit are told."""
    before, move, field, roles = SIGNATURES[case]
    with furnished(sqlite_url) as ledger:
        story = Story(ledger).play(before)
        signed = Move(move.by, move.trigger, move.state, {**move.values, field: "sun"})
        said = _said(lambda: story.take(signed))
        assert f"(--{field.replace('_', '-')}) names sun, who is none of: {roles}" in said
        assert ", in unit 0101" in said


def test_a_role_counts_in_the_unit_or_everywhere(database_url: str) -> None:
    """A head of another unit signs nothing here; one of all units does; an amendment asks the same."""
    with furnished(database_url) as ledger:
        number = register(ledger, unit="0102", by="keeper").number
        brought: dict[str, Any] = {**ASSIGN.values, "responsible_leader": "zhao"}
        said = _said(lambda: advance(Acting(ledger, "keeper", START), number, "assign", brought))
        assert "names zhao" in said
        change = {"responsible_leader": "zhao"}
        assert "names zhao" in _said(lambda: amend(Acting(ledger, "keeper", START), number, change, reason="x"))
        values = {"received_on": "2019-06-28", "source": "telephone", "summary": "某事", **change}
        assert "names zhao" in _said(lambda: open_case(Acting(ledger, "keeper", START), "lead", values, unit="0102"))
        keeping.grant(Acting(ledger, "keeper", START), "zhao", "unit_head", None)
    with opened(database_url) as later:
        assert advance(Acting(later, "keeper", START), number, "assign", brought).case.state == "assigned"


def test_the_same_clerk_does_not_confirm(sqlite_url: str) -> None:
    """Whoever passed a lead on does not record that it was taken over."""
    with furnished(sqlite_url) as ledger:
        story = Story(ledger).play((DECLINE,))
        confirm = DECLINED[1]
        assert "did 'decline'" in _said(
            lambda: story.take(Move("zhou", confirm.trigger, confirm.state, confirm.values))
        )
        assert story.take(confirm).case.state == "declined"


def _void(ledger: Ledger, number: str, by: str, now: datetime) -> str:
    """Void a case and return how it counts."""
    return f"{void(Acting(ledger, by, now), number, reason='误登').case.clearance:d}"


def test_what_has_moved_is_voided_by_the_leading_group_only(sqlite_url: str) -> None:
    """A letter that was sent is not hidden by the office; before its first step a mistake is voided as before."""
    with furnished(sqlite_url) as ledger:
        story = Story(ledger).play(POLICE[:4])
        sent = story.case("police").number
        assert "has taken a step of its workflow" in _said(lambda: _void(ledger, sent, "zhou", story.now))
        assert _void(ledger, sent, "tang", story.now) == "3"
        assert "zhou has none of the roles leading_group" in _said(
            lambda: _void(ledger, story.number, "zhou", story.now)
        )
        assert _void(ledger, register(ledger).number, "zhou", START + DAY) == "3"


def test_a_lead_is_not_closed_before_it_was_verified(sqlite_url: str) -> None:
    """The day of closing does not lie before that of verification."""
    with furnished(sqlite_url) as ledger:
        story = Story(ledger).play(IN_HOUSE[:3])
        early = Move("zhou", "close", "closed", {**CLOSE.values, "closed_on": "-2"})
        assert "not closed before the day on which it was verified" in _said(lambda: story.take(early))
