"""The reporter's identity is nowhere but in its ciphertext, and opens for the custodian alone."""

import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from ledgers import LEAD, START, dump, furnished, register
from msgspec.structs import replace
from paths import ASSIGN

from engine.errors import NotFoundError, QinglingError, RefusedError
from engine.journal.event import SEALED
from engine.journal.sealing import PublicKey, joined, key_id, make_keys, open_sealed, parted, seal, unlock
from engine.operations.cases.bulk import advance_many, selection
from engine.operations.cases.casework import advance, amend, link, void
from engine.operations.cases.key_change import OldKey, make_escrow, replace_custodian
from engine.operations.cases.sealed_values import agree_to_open, ask_to_open, open_reporter
from engine.operations.house import registration as keeping
from engine.operations.house import verifying
from engine.operations.imports.row import Row
from engine.operations.imports.take_in import take_in
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.ledger import Ledger
from engine.operations.outbox.promises import promised
from engine.store import case_rows, house_rows, sealed_rows
from engine.store.backup import back_up
from engine.workflow.model import Workflow
from workflows.loader import Declarations

MARKER = "Reporter-Q-773-乙"
"""Stands for who reported; it is looked for everywhere."""
PASSPHRASE = "correct horse battery"
AGREES = "zhao"


@pytest.fixture(scope="session")
def keys() -> tuple[PublicKey, bytes]:
    """Return a custodian's key pair."""
    return make_keys(PASSPHRASE)


@pytest.fixture(scope="session")
def private(keys: tuple[PublicKey, bytes]) -> bytes:
    """Return the unlocked private key."""
    return unlock(keys[1], PASSPHRASE)


@pytest.mark.usefixtures("as_shipped")
def test_each_guess_of_a_passphrase_is_made_costly() -> None:
    """A key file is locked with all the work that age finds bearable here: never less than scrypt's N = 2^15."""
    _, locked = make_keys(PASSPHRASE)
    scheme, _salt, work = locked.splitlines()[1].removeprefix(b"-> ").split()

    assert (scheme, int(work) >= 15) == (b"scrypt", True)


def forms(words: str) -> list[bytes]:
    """Return the forms in which words could stand in a file: plain, escaped, in base64."""
    from base64 import b64encode
    from json import dumps

    return [words.encode(), words.encode("utf-16-le"), dumps(words)[1:-1].encode(), b64encode(words.encode()), b"Q-773"]


def agreed(ledger: Ledger, *numbers: str) -> None:
    """Let the custodian ask to open cases, and another officer agree."""
    for number in numbers:
        ask_to_open(Acting(ledger, "bao", START), number, reason="访")
        agree_to_open(Acting(ledger, AGREES, START), number)


def brought_in_all_ways(ledger: Ledger) -> None:
    """Give the marker as it is opened, amended, and imported, new and again."""
    register(ledger, reporter=MARKER, real_name=True)
    number = register(ledger, summary="另一件").number
    amend(Acting(ledger, "zhou", START), number, {"reporter": MARKER, "real_name": True}, reason="补登")
    for reporter in (None, MARKER):
        values = {"received_on": "2019-06-01", "source": "letter", "summary": "台账", "reporter": reporter}
        row = Row(at="A2", values=values, unit="0101", state="assigned")
        with ledger.store.begin():
            taken = list(
                take_in(Acting(ledger, "zhou", START), "lead", [row], file={"name": "台账.xlsx", "digest": "0"})
            )
        assert [each.refusal for each in taken] == [None]


def test_the_identity_is_in_no_table(database_url: str, keys: tuple[PublicKey, bytes]) -> None:
    """After it was given in every way, no row of any table holds it in any form; three ciphertexts do."""
    with furnished(database_url, custodian=keys[0]) as ledger:
        brought_in_all_ways(ledger)
        rows = dump(ledger.store)
        assert len(rows["sealed_values"]) == 3
        assert [form for form in forms(MARKER) if form.decode("latin-1") in repr(rows)] == []
        assert MARKER not in repr(rows)
        assert "Q-773" not in repr(rows)


def test_the_identity_is_in_no_file_of_the_database(
    sqlite_url: str, tmp_path: Path, keys: tuple[PublicKey, bytes]
) -> None:
    """Neither the file, its log, nor a backup holds its bytes, while it is open and after."""
    with furnished(sqlite_url, custodian=keys[0]) as ledger:
        brought_in_all_ways(ledger)
        assert (Path(sqlite_url + "-wal")).stat().st_size > 0
        shutil.copytree(Path(sqlite_url).parent, tmp_path / "while-open")
        back_up(sqlite_url, tmp_path / "backups", now=START)
    contents = [each.read_bytes() for each in tmp_path.rglob("*") if each.is_file()]
    assert len(contents) >= 4
    assert [form for form in forms(MARKER) if any(form in content for content in contents)] == []


def test_the_identity_is_in_no_sentence_of_a_refusal(sqlite_url: str, keys: tuple[PublicKey, bytes]) -> None:
    """Whatever is refused along with it, the sentence, its cause and its repr do not repeat it."""
    row = Row(at="A1", values={**LEAD, "reporter": [MARKER]}, unit="0101")
    file = {"name": "lead.xlsx", "digest": "0" * 64}
    with furnished(sqlite_url, custodian=keys[0]) as ledger:
        number = register(ledger).number
        wrong: list[Callable[[], object]] = [
            lambda: register(ledger, reporter=MARKER, real_name=True, source="nowhere"),
            lambda: register(ledger, reporter=MARKER, real_name=True, by="chen"),
            lambda: register(ledger, reporter=MARKER * 9000),
            lambda: register(ledger, reporter=[MARKER]),
            lambda: register(ledger, reporter={"name": MARKER}),
            lambda: register(ledger, reporter=f"{MARKER}\x00"),
            lambda: amend(Acting(ledger, "zhou", START), number, {"reporter": MARKER}, reason=""),
            lambda: amend(Acting(ledger, "zhou", START), number, {"reporter": MARKER, "category": "A1"}, reason="补"),
            lambda: advance(Acting(ledger, "zhou", START), number, "assign", {"reporter": MARKER}),
            lambda: list(take_in(Acting(ledger, "zhou", START), "lead", [row], file=file)),
        ]
        for act in wrong:
            try:
                said = repr(act())
            except QinglingError as refused:
                said = f"{refused.sentence.en}{refused.sentence.zh}{refused!r}{refused.__cause__!r}"
            assert "Q-773" not in said


class AskingForIt(Declarations):
    """The shipped declarations, but the step that assigns a lead asks who reported it."""

    def latest(self, name: str) -> Workflow:
        """Return the declaration that new cases begin with."""
        found = super().latest(name)
        steps = (
            replace(each, asks=(*each.asks, "reporter")) if each.trigger == "assign" else each
            for each in found.transitions
        )
        return replace(found, transitions=tuple(steps)) if name == "lead" else found

    def at(self, name: str, version: int) -> Workflow:  # noqa: ARG002 - the Protocol's signature
        """Return the declaration that a case began with."""
        return self.latest(name)


@pytest.mark.parametrize("in_bulk", [False, True], ids=["one", "many"])
def test_a_step_that_asks_for_it_seals_it(
    database_url: str, keys: tuple[PublicKey, bytes], private: bytes, in_bulk: bool
) -> None:
    """Brought by a step, one case or many, it stands in no row of any table, and the case says that it is sealed."""
    values = {**ASSIGN.values, "reporter": MARKER}
    with furnished(database_url, custodian=keys[0]) as plain:
        ledger = Ledger(plain.store, AskingForIt())
        number = register(ledger, real_name=True).number
        if in_bulk:
            zhou = Acting(ledger, "zhou", START)
            (found,) = advance_many(zhou, selection(zhou, "lead"), "assign", values, apply=True)
            assert (found.state, found.refusal) == ("assigned", None)
        else:
            done = advance(Acting(ledger, "zhou", START), number, "assign", values)
            assert done.decision.fields["reporter"] == SEALED
            assert "Q-773" not in repr(done.decision.event)
        case = ledger.case(number)
        ((name, _, _, text),) = sealed_rows.sealed(ledger.store, case.id)

        assert case.fields["reporter"] == SEALED
        assert open_sealed(private, text, case=number, field=name) == MARKER
        assert "Q-773" not in repr(dump(ledger.store))
        assert verifying.verify(ledger)[1] == ()


def test_it_opens_for_the_custodian_with_the_passphrase_and_a_reason(
    database_url: str, keys: tuple[PublicKey, bytes]
) -> None:
    """The opening stands in the journal with its reason before anything is shown."""
    with furnished(database_url, custodian=keys[0]) as ledger:
        number = register(ledger, reporter=MARKER, real_name=True).number
        agreed(ledger, number)
        shown = open_reporter(
            Acting(ledger, "bao", START), number, locked=keys[1], passphrase=PASSPHRASE, reason="回访 "
        )  # fmt: skip
        assert [(each.field, each.seq, each.value) for each in shown] == [("reporter", 1, MARKER)]
        last = case_rows.entries(ledger.store, ledger.case(number).id)[-1]
        said = json.loads(last.body)
        said.pop("house")  # under which row of the house's chain it was written
        assert (last.kind, last.by, said) == ("seal_opened", "bao", {"agreed": 3, "reason": "回访"})
        assert "Q-773" not in repr(dump(ledger.store))
        assert verifying.verify(ledger)[1] == ()


REFUSED: Mapping[str, tuple[Mapping[str, object], str]] = {
    "not custodian": ({"by": "zhou"}, "zhou may not open what is sealed (needs role custodian in unit 0101)"),
    "custodian elsewhere": ({"by": "qian"}, "qian may not open what is sealed (needs role custodian in unit 0101)"),
    "no reason": ({"reason": " "}, "give a reason"),
    "wrong passphrase": ({"passphrase": "wrong"}, "wrong passphrase"),
    "no key file": ({"locked": b"nothing"}, "not a key file"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_it_stays_closed_and_the_attempt_is_journaled(
    sqlite_url: str, keys: tuple[PublicKey, bytes], case: str
) -> None:
    """Whoever tries without role, passphrase or reason is refused, and the attempt stays on record."""
    more, says = REFUSED[case]
    with furnished(sqlite_url, custodian=keys[0]) as ledger:
        keeping.grant(Acting(ledger, "keeper", START), "qian", "custodian", "0102")
        number = register(ledger, reporter=MARKER, real_name=True).number
        given: dict[str, Any] = {"locked": keys[1], "passphrase": PASSPHRASE, "reason": "回访", **more}
        by = given.pop("by", "bao")
        agreed(ledger, number)
        with pytest.raises(RefusedError) as refused:
            open_reporter(Acting(ledger, by, START), number, **given)
        assert says in refused.value.sentence.en
        last = case_rows.entries(ledger.store, ledger.case(number).id)[-1]
        assert (last.kind, last.by) == ("opening_refused", by)


def test_another_key_opens_nothing_and_the_attempt_is_journaled(sqlite_url: str, keys: tuple[PublicKey, bytes]) -> None:
    """What was sealed to one key stays closed to another, and it is named."""
    other = PublicKey(id="aaaaaaaaaaaaaaaa", value="Rsly0iOpK/ECabTNe0D6NSxzy5nkUiP8AOoVwAW/gXM=")
    with furnished(sqlite_url, custodian=other) as ledger:
        number = register(ledger, reporter=MARKER, real_name=True).number
        agreed(ledger, number)
        with pytest.raises(RefusedError) as refused:
            open_reporter(Acting(ledger, "bao", START), number, locked=keys[1], passphrase=PASSPHRASE, reason="回访")
        assert "was sealed to another key (aaaaaaaaaaaaaaaa)" in refused.value.sentence.en
        assert case_rows.entries(ledger.store, ledger.case(number).id)[-1].kind == "opening_refused"


@pytest.mark.parametrize("by_way", ["passphrase", "escrow"])
def test_a_new_key_opens_all_and_the_old_one_nothing(
    database_url: str, private: bytes, keys: tuple[PublicKey, bytes], by_way: str
) -> None:
    """Every value is sealed again, also those of earlier rows; the journal tells it and holds."""
    new, locked = make_keys(PASSPHRASE)
    with furnished(database_url, custodian=keys[0]) as ledger:
        brought_in_all_ways(ledger)
        before = len(ledger.store.query("SELECT * FROM sealed_values"))
        shown = private if by_way == "passphrase" else joined(make_escrow(Acting(ledger, "keeper", START), private))
        old = OldKey(private=shown, by_way="passphrase" if by_way == "passphrase" else "escrow")
        assert replace_custodian(Acting(ledger, "keeper", START), new, old=old) == before
        assert {row[0] for row in ledger.store.query("SELECT key_id FROM sealed_values")} == {new.id}
        assert verifying.verify(ledger)[1] == ()
        heard = {each.recipient for each in promised(ledger) if each.kind == "key_replaced"}
        others = {each.code for each in house_rows.officers(ledger.store) if each.left_at is None} - {"keeper"}
        assert heard == others
        (number, *_) = [row[0] for row in ledger.store.query("SELECT number FROM cases ORDER BY id")]
        agreed(ledger, number)
        opened = open_reporter(Acting(ledger, "bao", START), number, locked=locked, passphrase=PASSPHRASE, reason="访")
        assert [each.value for each in opened] == [MARKER]
        agreed(ledger, number)
        with pytest.raises(RefusedError, match=r"另一把密钥|another key"):
            open_reporter(Acting(ledger, "bao", START), number, locked=keys[1], passphrase=PASSPHRASE, reason="访")


def test_a_key_is_not_replaced_without_the_old_one(sqlite_url: str, keys: tuple[PublicKey, bytes]) -> None:
    """Neither by who keeps the ledger nor by the custodian; another's key and one half are none. Nothing is written."""
    new, locked = make_keys(PASSPHRASE)
    strange = OldKey(private=unlock(locked, PASSPHRASE), by_way="passphrase")
    with furnished(sqlite_url, custodian=keys[0]) as ledger:
        before = dump(ledger.store)
        for old in (None, strange):
            with pytest.raises(RefusedError):
                replace_custodian(Acting(ledger, "keeper", START), new, old=old)
        one, other = parted(strange.private)
        for halves in ((one, one), (one,), (one, b"\xff"), (one, parted(strange.private)[1])):
            with pytest.raises(RefusedError):
                joined(halves)
        assert joined((one, other)) == strange.private
        assert dump(ledger.store) == before


def test_a_key_that_was_swapped_for_one_entry_is_found(sqlite_url: str, keys: tuple[PublicKey, bytes]) -> None:
    """Set beside the journal, used, and set back; also if the id in the table is made that of the right key."""
    evil, _ = make_keys(PASSPHRASE)
    with furnished(sqlite_url, custodian=keys[0]) as ledger:
        right = house_rows.setting(ledger.store, "custodian")
        with ledger.store.begin():
            house_rows.put_setting(ledger.store, "custodian", {"id": evil.id, "value": evil.value})
        ledger.forget()
        number = register(ledger, reporter=MARKER, real_name=True).number
        with ledger.store.begin():
            house_rows.put_setting(ledger.store, "custodian", right)
        ledger.forget()
        assert [(each.case, each.what) for each in verifying.verify(ledger)[1]] == [(number, "sealed_to")]
        for key_id_now in (keys[0].id, "0" * 16):
            with ledger.store.begin():
                ledger.store.change("UPDATE sealed_values SET key_id = ?", (key_id_now,))
            assert number in {each.case for each in verifying.verify(ledger)[1]}


def test_nothing_sealed_is_said_so(sqlite_url: str) -> None:
    """A lead without a reporter has nothing to open."""
    with furnished(sqlite_url) as ledger:
        number = register(ledger).number
        with pytest.raises(NotFoundError, match=number):
            open_reporter(Acting(ledger, "bao", START), number, locked=b"", passphrase="", reason="访")


def test_a_ciphertext_moved_to_another_case_does_not_open(sqlite_url: str, keys: tuple[PublicKey, bytes]) -> None:
    """A row of sealed values that is moved by plain SQL is bound to where it was."""
    with furnished(sqlite_url, custodian=keys[0]) as ledger:
        one, other = register(ledger, reporter=MARKER, real_name=True), register(ledger, summary="另一件")
        with ledger.store.begin():
            ledger.store.change("UPDATE sealed_values SET case_id = ? WHERE case_id = ?", (other.id, one.id))
        agreed(ledger, other.number)
        with pytest.raises(RefusedError) as refused:
            open_reporter(
                Acting(ledger, "bao", START), other.number, locked=keys[1], passphrase=PASSPHRASE, reason="访"
            )
        assert "cannot be opened: another key, or it was altered or moved" in refused.value.sentence.en


@pytest.mark.parametrize(
    ("case", "field"), [("B-1", "reporter"), ("A-1", "other"), ("A-1r", "eporter")], ids=["case", "field", "border"]
)
def test_a_seal_is_bound_to_case_and_field(
    keys: tuple[PublicKey, bytes], private: bytes, case: str, field: str
) -> None:
    """What was sealed for one field of one case opens for no other."""
    sealed = seal(keys[0], case="A-1", field="reporter", value=MARKER)
    assert open_sealed(private, sealed, case="A-1", field="reporter") == MARKER
    with pytest.raises(RefusedError):
        open_sealed(private, sealed, case=case, field=field)


@pytest.mark.parametrize("altered", ["", "AAAA", "no base64!", "乙"], ids=["empty", "short", "not base64", "not ascii"])
def test_an_altered_ciphertext_is_refused_in_one_line(private: bytes, altered: str) -> None:
    """Whatever stands there instead of the ciphertext, the refusal is a sentence and no traceback."""
    with pytest.raises(RefusedError):
        open_sealed(private, altered, case="A-1", field="reporter")


def test_the_same_value_is_sealed_differently_each_time(keys: tuple[PublicKey, bytes], private: bytes) -> None:
    """Two reports by the same person cannot be told to be so from the ciphertexts."""
    first, second = (seal(keys[0], case="A-1", field="reporter", value=MARKER) for _ in range(2))
    assert first != second
    assert key_id(private) == keys[0].id


def test_without_a_key_an_identity_is_refused_and_nothing_is_kept(database_url: str) -> None:
    """A ledger without custodian takes leads, but no reporter; the number is not spent."""
    with furnished(database_url, custodian=None) as ledger:
        before = dump(ledger.store)
        with pytest.raises(RefusedError) as refused:
            register(ledger, reporter=MARKER, real_name=True)
        assert "there is no custodian's key" in refused.value.sentence.en
        assert dump(ledger.store) == before
        assert register(ledger).number == "0101-XS-2019-0001"


def test_the_identity_stays_sealed_when_the_case_is_dead(sqlite_url: str, keys: tuple[PublicKey, bytes]) -> None:
    """A void lead and a repeat keep their ciphertexts, and open like any other."""
    with furnished(sqlite_url, custodian=keys[0]) as ledger:
        first = register(ledger).number
        repeat, gone = (register(ledger, reporter=MARKER, real_name=True, summary=each).number for each in ("再", "误"))
        link(Acting(ledger, "zhou", START), repeat, first, reason="重")
        void(Acting(ledger, "zhou", START), gone, reason="误")
        for number in (repeat, gone):
            agreed(ledger, number)
            shown = open_reporter(
                Acting(ledger, "bao", START), number, locked=keys[1], passphrase=PASSPHRASE, reason="访"
            )
            assert shown[0].value == MARKER
