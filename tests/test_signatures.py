"""Signatures: asked for by the office, given by their officer in person or on paper; nobody types another's."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from ledgers import START, furnished, register
from paths import ASSIGN

from engine.errors import BadValueError, RefusedError
from engine.journal.signature_events import SignatureGiven, extension_asked
from engine.journal.signing import public_of, signing_key
from engine.language import language, speaking, use
from engine.operations.cases import signatures
from engine.operations.cases.casework import advance, amend, void
from engine.operations.cases.voiding import ask_voiding
from engine.operations.deadlines.extending import ask_extension, extend
from engine.operations.deadlines.sweep import sweep
from engine.operations.house.verifying import verify
from engine.operations.identity import credentials as keeping
from engine.operations.identity.showing import act_as, evidence_of
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.ledger import Ledger
from engine.store import case_rows, outbox_rows, signature_rows
from engine.workflow.deadline import Term, TermUnit
from engine.workflow.proofs import Proof
from presentation.signature_view import covered_pairs

KEYS = {code: code.encode().ljust(32) for code in ("keeper", "zhou", "zhao", "tang", "feng")}
PROPOSED = {"category": "A2", "reason": "as the file shows"}
BRINGS = {**PROPOSED, "signed_by": "zhao"}


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    """Let refusals be read in English."""
    before = language()
    use("en")
    yield
    use(before)


@contextmanager
def strict(url: str) -> Iterator[Ledger]:
    """Lend a ledger whose officers are known by their keys, so that signatures are given."""
    with furnished(url) as ledger:
        for code, key in KEYS.items():
            keeping.register_key(Acting(ledger, code, START), code, public_of(key))
        known(ledger, "keeper")
        keeping.demand(Acting(ledger, "keeper", START), Proof.OS_ACCOUNT, reason="shared")
        yield ledger


@pytest.fixture
def ledger(sqlite_url: str) -> Iterator[Ledger]:
    """A strict ledger in a file."""
    with strict(sqlite_url) as made:
        yield made


def known(ledger: Ledger, code: str, *, days: int = 0) -> Acting:
    """Return an officer who acts, known by their key."""
    now = START + timedelta(days=days)
    act_as(ledger, evidence_of(ledger, named=None, held="", account="", key=signing_key(KEYS[code]), now=now))
    return Acting(ledger, code, now)


def lead(ledger: Ledger) -> str:
    """Register a lead and return its number."""
    known(ledger, "zhou")
    return register(ledger).number


TERM = "verification"


def handed(ledger: Ledger, number: str) -> None:
    """Let a lead be assigned, so that it has taken a step and a term runs."""
    advance(known(ledger, "zhou"), number, ASSIGN.trigger, ASSIGN.values)


def asked(ledger: Ledger, number: str, *, of: str = "zhao") -> None:
    """Ask for the signature under a reclassification."""
    signatures.ask(known(ledger, "zhou"), number, "signed_by", of, step="reclassify", values=PROPOSED)


def kinds(ledger: Ledger, number: str) -> list[str]:
    """Return the kinds of the rows of a case's journal."""
    return [each.kind for each in case_rows.entries(ledger.store, ledger.case(number).id)]


def faults(ledger: Ledger) -> list[tuple[str, str]]:
    """Return what verifying finds."""
    return [(each.what, each.which) for each in verify(ledger)[1]]


def messages(ledger: Ledger, kind: str) -> list[str]:
    """Return who was promised a message of a kind, oldest first."""
    return [each.recipient for each in reversed(outbox_rows.promises(ledger.store)) if each.kind == kind]


def test_it_is_asked_given_and_used(database_url: str) -> None:
    """The office asks and proposes, the leader gives it, the step brings both; no other way leads there."""
    with strict(database_url) as ledger:
        number = lead(ledger)
        with pytest.raises(RefusedError, match="given in person, not typed: qingling sign") as refused:
            advance(known(ledger, "zhou"), number, "reclassify", BRINGS)
        assert "--ask signed-by --signer zhao" in refused.value.reasons[0].en
        with pytest.raises(RefusedError, match="not ready to be signed"):  # it would be signed in blank
            signatures.ask(known(ledger, "zhou"), number, "signed_by", "zhao", step="reclassify")
        with pytest.raises(RefusedError, match="who is none of"):  # held_by
            asked(ledger, number, of="feng")
        with pytest.raises(RefusedError, match="say which step"):
            signatures.ask(known(ledger, "zhou"), number, "signed_by", "zhao", values=PROPOSED)
        asked(ledger, number)
        for other in ("zhou", "tang"):
            with pytest.raises(RefusedError, match=f"no signature of {other}"):
                signatures.give(known(ledger, other), number)
        with pytest.raises(RefusedError):  # asked is not given
            advance(known(ledger, "zhou"), number, "reclassify", BRINGS)
        waiting = list(signatures.to_sign(ledger, "zhao"))
        assert [(case.number, each.asked.covers["category"]) for case, each in waiting] == [(number, "A2")]
        signatures.give(known(ledger, "zhao"), number)
        assert not list(signatures.to_sign(ledger, "zhao"))
        with pytest.raises(RefusedError, match="given for other values of: Category; ask"):
            advance(known(ledger, "zhou"), number, "reclassify", {"category": "A1"})

        after = advance(known(ledger, "zhou", days=1), number, "reclassify", {}).case

        assert {name: after.fields[name] for name in BRINGS} == BRINGS
        assert kinds(ledger, number) == ["opened", "signature_asked", "signature_given", "moved"]
        assert not signature_rows.standing(ledger.store)
        assert messages(ledger, "to_sign") == ["zhao"]
        assert faults(ledger) == []


def test_it_is_void_when_what_it_covers_changes(ledger: Ledger) -> None:
    """A correction of what was signed makes it void and it is asked again; of other values not; a void case ends it."""
    number = lead(ledger)
    proposed = {"supervision_form": "direct", "supervision_paper": "3"}
    signatures.ask(known(ledger, "zhou"), number, "signed_by", "zhao", step="escalate", values=proposed)
    signatures.give(known(ledger, "zhao"), number)
    amend(known(ledger, "zhou"), number, {"remark": "seen"}, reason="late")
    sweep(ledger, now=START + timedelta(hours=1))
    assert not list(signatures.to_sign(ledger, "zhao"))
    amend(known(ledger, "zhou"), number, {"case_leader": "zhao"}, reason="late")
    with pytest.raises(RefusedError, match="other values of: Leader in charge of the case; ask"):
        advance(known(ledger, "zhou"), number, "escalate", {"signed_on": "2019-07-01"})
    sweep(ledger, now=START + timedelta(hours=1))
    ((_, again),) = signatures.to_sign(ledger, "zhao")
    assert (again.by, again.asked.covers["case_leader"]) == ("zhou", "zhao")
    void(known(ledger, "zhou"), number, reason="mistaken")
    sweep(ledger, now=START + timedelta(hours=1))

    assert kinds(ledger, number)[1:] == [
        "signature_asked", "signature_given", "amended", "amended", "signature_void", "signature_asked", "voided",
        "signature_void",
    ]  # fmt: skip
    assert messages(ledger, "unsigned") == ["zhou"]
    assert faults(ledger) == []


def test_who_is_silent_is_reminded(ledger: Ledger) -> None:
    """The leader hears of it again and again, after a week who asked does too; a refusal is told with its reason."""
    number = lead(ledger)
    asked(ledger, number)
    before = ledger.case(number)
    row = signature_rows.of_case(ledger.store, before.id)[0]
    for days in (1, 3, 5, 8):
        sweep(ledger, now=START + timedelta(days=days))
    assert signature_rows.of_case(ledger.store, before.id)[0].seq == row.seq
    assert messages(ledger, "to_sign") == ["zhao"] * 4  # asked, and on the third, fifth and eighth day
    assert messages(ledger, "unsigned") == ["zhou"]
    signatures.decline(known(ledger, "zhao", days=9), number, reason="the report is missing")
    assert messages(ledger, "unsigned") == ["zhou", "zhou"]
    assert not signature_rows.standing(ledger.store)
    assert faults(ledger) == []


def test_paper_stands_with_its_page(ledger: Ledger, tmp_path: Path) -> None:
    """What was signed on paper is entered by the office with its page, names its day, and carries its step."""
    number = lead(ledger)
    page = tmp_path / "page.pdf"
    page.write_bytes(b"%PDF-1.4 signed")
    given = signatures.Page(page, START.date() - timedelta(days=1))
    with pytest.raises(BadValueError, match=f"before {number} came in"):
        signatures.enter_paper(
            known(ledger, "zhou"), number, "signed_by", "zhao", given._replace(on=date(2019, 6, 27)),
            folder=tmp_path / "kept", step="reclassify", values=PROPOSED,
        )  # fmt: skip
    signatures.enter_paper(
        known(ledger, "zhou"), number, "signed_by", "zhao", given, folder=tmp_path / "kept", step="reclassify",
        values=PROPOSED,
    )  # fmt: skip
    advance(known(ledger, "zhou"), number, "reclassify", {})
    rows = case_rows.entries(ledger.store, ledger.case(number).id)
    assert [each.kind for each in rows] == ["opened", "signature_asked", "attached", "signature_given", "moved"]
    assert SignatureGiven.read(rows[3].body).on == given.on.isoformat()
    assert faults(ledger) == []


def test_what_is_written_past_the_program_is_found(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """One signed for another, one that was typed, and one that covers other values: verifying finds each."""
    found: dict[str, set[str]] = {}
    number = lead(ledger)
    asked(ledger, number)
    case, acting = ledger.case(number), known(ledger, "feng")
    with ledger.store.begin():
        forged = SignatureGiven(field="signed_by", of="zhao", asked=2)
        after = signatures._write(acting, case, forged)
        signature_rows.give(ledger.store, case.id, "signed_by", after.revision)
    advance(known(ledger, "zhou"), number, "reclassify", {})
    found["for another"] = {which for _, which in faults(ledger)}

    number = lead(ledger)
    with monkeypatch.context() as past:
        past.setattr("engine.operations.cases.signed_steps.signed_in_person", lambda _: False)
        advance(known(ledger, "zhou"), number, "reclassify", BRINGS)
    found["typed"] = {which for _, which in faults(ledger)} - found["for another"]

    number = lead(ledger)
    asked(ledger, number)
    signatures.give(known(ledger, "zhao"), number)
    with monkeypatch.context() as past:
        past.setattr("engine.operations.cases.signed_steps.changed", lambda *_: ())
        advance(known(ledger, "zhou"), number, "reclassify", {"category": "A1"})
    found["other values"] = {which for _, which in faults(ledger)} - found["for another"] - found["typed"]

    assert found == {
        "for another": {"feng signed in the name of zhao"},
        "typed": {"the signature in signed_by was typed"},
        "other values": {"other values were signed than it brought"},
    }
    assert {each.what for each in verify(ledger)[1]} == {"not allowed"}

    number = lead(ledger)
    asked(ledger, number)
    ledger.store.change("DELETE FROM asked_signatures WHERE case_id = ?", (ledger.case(number).id,))
    assert "signatures asked" in {each.what for each in verify(ledger)[1]}


def test_an_extension_is_signed_in_person(ledger: Ledger) -> None:
    """Its length and reason are what is signed; nobody types the signatory; another length or day asks again."""
    number = lead(ledger)
    handed(ledger, number)
    month, week = Term(amount=1, unit=TermUnit.MONTHS), Term(amount=7, unit=TermUnit.DAYS)
    typed: dict[str, object] = {"length": month, "reason": "witness abroad", "filed_on": START.date()}
    with pytest.raises(RefusedError) as refused:
        extend(known(ledger, "zhou"), number, TERM, signed_by="tang", **typed)  # type: ignore[arg-type]
    assert "signed in person, not typed; ask for it: qingling extend" in refused.value.reasons[0].en
    with pytest.raises(RefusedError) as refused:
        ask_extension(known(ledger, "zhou"), number, TERM, "feng", length=week, reason="witness abroad")
    assert "may not sign it" in refused.value.reasons[0].en
    ask_extension(known(ledger, "zhou"), number, TERM, "tang", length=month, reason="witness abroad")
    with pytest.raises(RefusedError):  # asked is not given
        extend(known(ledger, "zhou"), number, TERM, signed_by="", **typed)  # type: ignore[arg-type]
    signatures.give(known(ledger, "tang"), number)
    with pytest.raises(RefusedError) as refused:
        extend(known(ledger, "zhou"), number, TERM, signed_by="", **{**typed, "length": week})  # type: ignore[arg-type]
    assert "signed with another length, unit of length" in refused.value.reasons[0].en

    after = extend(known(ledger, "zhou"), number, TERM, length=None, reason="", signed_by="", filed_on=START.date())

    ((extension),) = after.extensions
    assert (extension.signed_by, extension.amount, extension.reason) == ("tang", 1, "witness abroad")
    assert kinds(ledger, number)[-4:] == [
        "signature_asked", "signature_given", "deadline_extended", "children_opened",
    ]  # fmt: skip
    assert not signature_rows.standing(ledger.store)
    assert faults(ledger) == []


def test_who_signs_an_extension_reads_its_length_and_no_field_of_the_case(ledger: Ledger) -> None:
    """`amount` of an extension is a length in words, though leads have a field of that name for money."""
    workflow = ledger.rules_of(ledger.case(lead(ledger))).workflow
    asked_for = extension_asked(
        "in_house", of="tang", was_due_on="2019-09-30", amount=1, unit="months", reason="证人在外地", exception=False
    )
    assert "amount" in workflow.fields  # the trap
    with speaking("zh"):
        seen = covered_pairs(workflow, asked_for, ledger.naming)
    assert seen == [
        ("期限", "行业处置期限"), ("原到期日", "2019-09-30"), ("延长时间", "1 个月"), ("理由", "证人在外地"),
        ("是否例外", "否"),
    ]  # fmt: skip


def test_a_case_that_moved_is_voided_with_a_signature(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before a step who registered it voids it alone; after one a leader signs, for the reason that he saw."""
    untouched, number = lead(ledger), lead(ledger)
    void(known(ledger, "zhou"), untouched, reason="mistaken")
    handed(ledger, number)
    with pytest.raises(RefusedError) as refused:
        void(known(ledger, "tang"), number, reason="mistaken")
    assert "ask for it: qingling void" in refused.value.reasons[0].en
    ask_voiding(known(ledger, "tang"), number, "tang", reason="mistaken")
    signatures.give(known(ledger, "tang"), number)
    with pytest.raises(RefusedError):
        void(known(ledger, "tang"), number, reason="another")
    void(known(ledger, "tang"), number, reason="")
    assert kinds(ledger, number)[-3:] == ["signature_asked", "signature_given", "voided"]
    assert faults(ledger) == []

    number = lead(ledger)
    handed(ledger, number)
    with monkeypatch.context() as past:
        past.setattr("engine.operations.cases.voiding.voiding_is_signed", lambda *_, **__: False)
        void(known(ledger, "tang"), number, reason="mistaken")
    assert faults(ledger) == [("not allowed", "the signature in void was typed")]


def test_a_deed_signed_by_one_who_may_not_is_found(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """Past the program an extension and a voiding are signed by officers who have none of the declared roles."""
    extended, voided = lead(ledger), lead(ledger)
    handed(ledger, extended)
    handed(ledger, voided)
    with monkeypatch.context() as past:
        for where in ("cases.signatures", "cases.voiding", "deadlines.extending"):
            past.setattr(f"engine.operations.{where}.may_sign", lambda *_: [])
        month = Term(amount=1, unit=TermUnit.MONTHS)
        ask_extension(known(ledger, "zhou"), extended, TERM, "feng", length=month, reason="x")
        ask_voiding(known(ledger, "tang"), voided, "feng", reason="x")
        for each in (extended, voided):
            signatures.give(known(ledger, "feng"), each)
    found = {which.partition(" the roles ")[0] for what, which in faults(ledger) if what == "not allowed"}
    assert found == {"feng had none of"}
    assert {each.case for each in verify(ledger)[1]} == {extended, voided}


def test_what_was_insisted_on_when_it_was_signed_is_done_as_signed(ledger: Ledger) -> None:
    """An extension, a voiding and a step write the words that were signed, and journal what was seen in them."""
    words, seen = "call １３９-0000-1111", {"reason": ("telephone",)}
    extended, voided, moved = lead(ledger), lead(ledger), lead(ledger)
    handed(ledger, extended)
    handed(ledger, voided)
    by = replace(known(ledger, "zhou"), seen=seen)
    ask_extension(by, extended, TERM, "tang", length=Term(amount=1, unit=TermUnit.MONTHS), reason=words)
    signatures.ask(by, moved, "signed_by", "zhao", step="reclassify", values={**PROPOSED, "reason": words})
    ask_voiding(replace(known(ledger, "tang"), seen=seen), voided, "tang", reason=words)
    signatures.give(known(ledger, "tang"), extended)
    signatures.give(known(ledger, "tang"), voided)
    signatures.give(known(ledger, "zhao"), moved)

    extend(known(ledger, "zhou"), extended, TERM, length=None, reason="", signed_by="", filed_on=START.date())
    void(known(ledger, "tang"), voided, reason="")
    advance(known(ledger, "zhou"), moved, "reclassify", {})

    rows = {"deadline_extended": extended, "voided": voided, "moved": moved}
    for kind, number in rows.items():
        bodies = [
            str(each.body) for each in case_rows.entries(ledger.store, ledger.case(number).id) if each.kind == kind
        ]
        assert '"seen":{"reason":["telephone"]}' in bodies[-1], kind
    assert faults(ledger) == []


def test_where_names_are_typed_so_are_signatures(sqlite_url: str) -> None:
    """A rehearsal, and a ledger that demands no more than a typed name, take a signature as they take a name."""
    with furnished(sqlite_url, rehearsal=True) as ledger:
        number = register(ledger).number
        advance(Acting(ledger, "zhou", START), number, "reclassify", BRINGS)
        asking = Acting(ledger, "zhou", START)
        signatures.ask(asking, number, "signed_by", "zhao", step="reclassify", values={**PROPOSED, "category": "A1"})
        signatures.give(Acting(ledger, "zhao", START), number)
        assert advance(asking, number, "reclassify", {}).case.fields["category"] == "A1"
        assert faults(ledger) == []
