"""Who may act: registered officers with a role where they act; each change of that is in the house's own chain."""

from collections.abc import Callable

import pytest
from ledgers import DAY, START, dump, furnished, on, opened, register

from engine.errors import BadValueError, NotFoundError, QinglingError, RefusedError
from engine.operations.cases.casework import advance
from engine.operations.house import registration as keeping
from engine.operations.house import verifying
from engine.operations.ledger.acting import Acting
from engine.store import case_rows
from engine.store import house_rows as house

ASSIGNED = {"handler": "chen", "responsible_leader": "liu"}

WRONG: dict[str, tuple[Callable[..., object], tuple[object, ...], str, type[QinglingError], str]] = {
    "a role to oneself": (
        keeping.grant, ("keeper", "auditor", None), "keeper", RefusedError, "nobody gives a role to themselves",
    ),
    "a role by one who keeps only a unit": (
        keeping.grant, ("none", "office", "0101"), "zhou", RefusedError, "zhou may not manage officers",
    ),
    "a role to nobody": (
        keeping.grant, ("noone", "office", None), "keeper", NotFoundError, "(did you mean 'none'?)",
    ),
    "no role": (keeping.grant, ("none", "offise", None), "keeper", NotFoundError, "no role is called 'offise'"),
    "a role in no unit": (keeping.grant, ("none", "office", "9"), "keeper", NotFoundError, "no unit has"),
    "a role by one who left": (keeping.grant, ("none", "office", None), "gone", RefusedError, "has left"),
    "a unit twice": (keeping.add_unit, ("0101", "某院"), "keeper", BadValueError, "exists already"),
    "a unit with a blank": (keeping.add_unit, ("01 01", "某院"), "keeper", BadValueError, "is no code"),
    "a unit without name": (keeping.add_unit, ("0109", " "), "keeper", BadValueError, "name or reason is"),
    "a unit with a name no paper shows": (
        keeping.add_unit, ("0109", "某\x01院"), "keeper", BadValueError, "control characters",
    ),
    "a unit with a name of two lines": (
        keeping.add_unit, ("0109", "某\n院"), "keeper", BadValueError, "one line",
    ),
    "an officer who steers the terminal": (
        keeping.add_officer, ("new", "新\x1b[2J"), "keeper", BadValueError, "control characters",
    ),
    "an officer with a name without end": (
        keeping.add_officer, ("new", "新" * 201), "keeper", BadValueError, "at most 200",
    ),
    "a unit by a verifier": (keeping.add_unit, ("0109", "某院"), "chen", RefusedError, "may not keep"),
    "an officer twice": (keeping.add_officer, ("zhou", "周"), "keeper", BadValueError, "exists already"),
    "an officer by a verifier": (keeping.add_officer, ("new", "新"), "chen", RefusedError, "may not manage"),
    "another's contact": (keeping.change_contact, ("zhou", {}), "chen", RefusedError, "may not manage"),
    "dismissed by a verifier": (keeping.leave, ("zhou",), "chen", RefusedError, "may not manage"),
    "a role taken by a verifier": (
        keeping.revoke, ("zhou", "office", "0101"), "chen", RefusedError, "may not manage",
    ),
    "the house set up again": (
        lambda acting: keeping.set_up(
            acting.ledger,
            name="某局", unit=("1", "a"), officer=("b", "b"), zone="UTC", custodian=None, now=acting.now,
        ), (), "keeper", RefusedError, "was set up before",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_what_keeps_the_house_is_refused_to_others(sqlite_url: str, case: str) -> None:
    """The refusal says why, and neither the house nor its chain changes."""
    act, args, by, kind, says = WRONG[case]
    with furnished(sqlite_url) as ledger:
        before = dump(ledger.store)
        with pytest.raises(kind) as refused:
            act(Acting(ledger, by, START), *args)
        assert says in refused.value.sentence.en
        assert dump(ledger.store) == before


def test_a_role_holds_where_it_was_given(database_url: str) -> None:
    """An officer acts in the unit of the grant, not in another, and no more once it is taken."""
    with furnished(database_url) as ledger:
        there = register(ledger, unit="0102", by="keeper").number
        here = register(ledger).number
        with pytest.raises(RefusedError):
            advance(Acting(ledger, "zhou", START), there, "assign", ASSIGNED)
        keeping.grant(Acting(ledger, "keeper", START), "zhou", "office", "0102")
        assert advance(Acting(ledger, "zhou", START), there, "assign", ASSIGNED).case.state == "assigned"
        keeping.revoke(Acting(ledger, "keeper", START), "zhou", "office", "0101")
        with pytest.raises(RefusedError) as refused:
            advance(Acting(ledger, "zhou", START), here, "assign", ASSIGNED)
        assert "zhou is none of: office" in refused.value.sentence.en


def test_who_left_acts_no_more_and_is_named_no_more(database_url: str) -> None:
    """From the moment of leaving nothing is written in an officer's name; what they did stays."""
    with furnished(database_url) as ledger:
        number = register(ledger, by="zhou").number
        keeping.leave(Acting(ledger, "keeper", START + DAY), "zhou")
        with pytest.raises(RefusedError, match="zhou"):
            advance(Acting(ledger, "zhou", START + DAY), number, "assign", ASSIGNED)
        keeping.leave(Acting(ledger, "keeper", START + DAY), "chen")
        with pytest.raises(BadValueError, match="chen"):
            advance(Acting(ledger, "feng", START + DAY), number, "assign", ASSIGNED)
        assert case_rows.entries(ledger.store, ledger.case(number).id)[0].by == "zhou"


def test_a_closed_unit_takes_no_new_case(sqlite_url: str) -> None:
    """What it has can still be brought to an end."""
    with furnished(sqlite_url) as ledger:
        number = register(ledger).number
        keeping.close_unit(Acting(ledger, "keeper", START), "0101", reason="合并")
        with pytest.raises(RefusedError, match="0101"):
            register(ledger)
        assert advance(Acting(ledger, "zhou", START), number, "assign", ASSIGNED).case.state == "assigned"


def test_every_change_of_the_house_is_journaled(database_url: str) -> None:
    """Each change writes one row with who did what; the same grant twice writes none the second time."""
    with furnished(database_url) as ledger:
        begun = len(case_rows.entries(ledger.store, 0))
        keeping.add_unit(Acting(ledger, "keeper", START), "0103", "某院")
        keeping.add_officer(Acting(ledger, "keeper", START), "neu", "某")
        assert keeping.grant(Acting(ledger, "keeper", START), "neu", "verifier", "0103")
        assert not keeping.grant(Acting(ledger, "keeper", START), "neu", "verifier", "0103")
        keeping.change_contact(Acting(ledger, "neu", START), "neu", {"mail": "neu@example.invalid"})
        assert keeping.revoke(Acting(ledger, "keeper", START), "neu", "verifier", "0103")
        assert not keeping.revoke(Acting(ledger, "keeper", START), "neu", "verifier", "0103")
        keeping.leave(Acting(ledger, "keeper", START), "neu")
        keeping.close_unit(Acting(ledger, "keeper", START), "0103", reason="撤销")
        rows = case_rows.entries(ledger.store, 0)[begun:]
        assert [(each.kind, each.by) for each in rows] == [
            ("unit_added", "keeper"), ("officer_added", "keeper"), ("granted", "keeper"), ("contact_changed", "neu"),
            ("revoked", "keeper"), ("officer_left", "keeper"), ("unit_closed", "keeper"),
        ]  # fmt: skip
        assert "example.invalid" not in repr(rows)
        assert verifying.verify(ledger)[1] == ()


def test_a_case_ends_with_the_declaration_it_began_with(database_url: str) -> None:
    """The version is kept with the first case, and read back from the database, in the declared order."""
    with furnished(database_url) as ledger:
        number = register(ledger).number
        kept = house.kept_workflow(ledger.store, "lead", ledger.rules("lead").workflow.version)
        assert kept is not None
    with opened(database_url) as later:
        again = on(later.store).rules_of(later.case(number)).workflow
        fresh = later.rules("lead").workflow
        assert (again.initial, list(again.states), again.transitions) == (
            fresh.initial, list(fresh.states), fresh.transitions,
        )  # fmt: skip


def test_the_last_keeper_stays(sqlite_url: str) -> None:
    """Whoever alone keeps the ledger can neither leave nor lose the role; with a second keeper both can."""
    with furnished(sqlite_url) as ledger:
        with pytest.raises(RefusedError, match="最后一名可授权的管理人员"):
            keeping.revoke(Acting(ledger, "keeper", START), "keeper", "office", None)
        with pytest.raises(RefusedError, match="最后一名可授权的管理人员"):
            keeping.leave(Acting(ledger, "keeper", START), "keeper")
        keeping.grant(Acting(ledger, "keeper", START), "zhou", "office", None)

        assert keeping.revoke(Acting(ledger, "zhou", START), "keeper", "office", None)


def test_who_has_left_gets_nothing_and_leaves_once(sqlite_url: str) -> None:
    """A role is not given to an officer who has left, the day of leaving stays; a role can be taken."""
    with furnished(sqlite_url) as ledger:
        left_at = keeping.officer(ledger, "gone").left_at
        with pytest.raises(RefusedError, match="已离任"):
            keeping.grant(Acting(ledger, "keeper", START), "gone", "auditor", None)
        with pytest.raises(RefusedError, match="已离任"):
            keeping.leave(Acting(ledger, "keeper", START.replace(day=9)), "gone")

        assert keeping.officer(ledger, "gone").left_at == left_at
        assert keeping.revoke(Acting(ledger, "keeper", START), "gone", "office", "0101")


def test_nothing_is_written_from_a_far_future(sqlite_url: str) -> None:
    """With the clock set by hand more than a year ahead nothing is written, for nothing could follow it."""
    with furnished(sqlite_url):
        pass
    with opened(sqlite_url, real_now=START) as ledger, pytest.raises(BadValueError, match="一年以后"):
        register(ledger, now=START.replace(year=2030))


def test_an_officer_comes_with_all_roles_or_not_at_all(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stopped at a role, the officer is not there either; else all roles are, each with its journal row."""
    with furnished(database_url) as ledger:
        before = dump(ledger.store)
        with monkeypatch.context() as patched:
            patched.setattr("engine.store.house_rows.grant", lambda *_: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                keeping.add_officer(Acting(ledger, "keeper", START), "neu", "新某", roles=["verifier"])
        assert dump(ledger.store) == before
        roles = ["verifier", "auditor"]
        keeping.add_officer(Acting(ledger, "keeper", START), "neu", "新某", roles=roles, unit="0101")
        kinds = [each.kind for each in case_rows.entries(ledger.store, 0)[-3:]]
        assert kinds == ["officer_added", "granted", "granted"]
        assert ledger.actor("neu", ledger.unit("0101").id).roles == {"verifier", "auditor"}
