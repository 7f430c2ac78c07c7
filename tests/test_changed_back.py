"""What was changed beside the program, used by its commands and changed back is found, though every table is as before.

Each row of the tables changes one thing in the database, lets an officer act through the program, and undoes it.
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from ledgers import DAY, START, furnished, opened, register
from paths import ASSIGN

from engine.journal.canonical import canonical
from engine.journal.signature_events import extension_field
from engine.journal.signing import public_of, signing_key
from engine.operations.cases import born_restricted, restricting, signatures
from engine.operations.cases.casework import advance, link, open_case, void
from engine.operations.cases.sealed_values import agree_to_open, ask_to_open
from engine.operations.cases.signatures import given_under
from engine.operations.cases.voiding import ask_voiding
from engine.operations.deadlines.extending import ask_extension, extend
from engine.operations.deadlines.timing import pause, resume
from engine.operations.house import registration
from engine.operations.house.own_days import set_days
from engine.operations.house.verifying import verify
from engine.operations.identity import credentials as keeping
from engine.operations.identity.showing import act_as, evidence_of
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.adopted import AdoptedTexts
from engine.operations.ledger.ledger import Ledger
from engine.rules.case import Case
from engine.workflow.deadline import Term, TermUnit
from engine.workflow.proofs import Proof
from workflows.adopted_book import AdoptedDeclarations

TERM = "verification"
MONTH, YEAR = Term(amount=1, unit=TermUnit.MONTHS), Term(amount=12, unit=TermUnit.MONTHS)
PROPOSED = {"category": "A2", "reason": "as the file shows"}
OFFICERS = ("keeper", "zhou", "feng", "tang", "chen", "bao", "none", "lian", "ji")
WHY = "as the file shows"

Hand = Callable[[Ledger], object]


def key_of(code: str) -> bytes:
    """Return the private key of an officer."""
    return code.encode().ljust(32)


def by(ledger: Ledger, code: str, *, days: int = 0) -> Acting:
    """Return an officer who acts some days after the start, known by their key."""
    now = START + days * DAY
    act_as(ledger, evidence_of(ledger, named=None, held="", account="", key=signing_key(key_of(code)), now=now))
    return Acting(ledger, code, now)


@pytest.fixture(scope="module")
def base(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the file of a ledger whose officers are known by keys, to be copied."""
    file = tmp_path_factory.mktemp("back") / "ledger.db"
    shutil.copy(sqlite_template, file)
    with furnished(str(file)) as made:
        for code in OFFICERS:
            keeping.register_key(Acting(made, code, START), code, public_of(key_of(code)))
        keeping.demand(by(made, "keeper"), Proof.OS_ACCOUNT, reason="shared")
    return file


@pytest.fixture
def ledger(base: Path, tmp_path: Path) -> Iterator[Ledger]:
    """Lend a ledger that works by what it has adopted."""
    with opened(str(shutil.copy(base, tmp_path / "ledger.db"))) as made:
        read_again(made)
        yield made


def read_again(ledger: Ledger) -> None:
    """Let the ledger read its rules again, as the next command does."""
    ledger._rules.clear()
    ledger.workflows = AdoptedDeclarations(AdoptedTexts(ledger.store))
    ledger.forget()


def running(ledger: Ledger, *, sealed: bool = False) -> str:
    """Return the number of a lead whose verification runs, and which names who reported if that is wanted."""
    acting = by(ledger, "zhou")
    who: dict[str, Any] = {"reporter": "孙二娘", "real_name": True} if sealed else {}
    number = register(acting.ledger, **who).number
    advance(by(ledger, "zhou"), number, ASSIGN.trigger, ASSIGN.values)
    return number


@contextmanager
def changed(ledger: Ledger, there: str, back: str) -> Iterator[None]:
    """Change a row by SQL for as long as the block runs."""
    for statement in there.split(";"):
        ledger.store.change(statement)
    read_again(ledger)
    yield
    for statement in back.split(";"):
        ledger.store.change(statement)
    read_again(ledger)


def granted(code: str, role: str, *, everywhere: bool = False) -> tuple[str, str]:
    """Return the statements that give and take a role."""
    unit = "0" if everywhere else "(SELECT id FROM units WHERE code = '0101')"
    who = f"(SELECT id FROM officers WHERE code = '{code}')"
    return (
        f"INSERT INTO grants VALUES ({who}, '{role}', {unit})",
        f"DELETE FROM grants WHERE officer_id = {who} AND role = '{role}' AND unit_id = {unit}",
    )


def signed(ledger: Ledger, number: str, *, of: str = "tang", length: Term = MONTH) -> str:
    """Let an extension be asked for and signed; return the number."""
    ask_extension(by(ledger, "zhou"), number, TERM, of, length=length, reason=WHY)
    signatures.give(by(ledger, of), number)
    return number


def extended(ledger: Ledger, number: str, *, who: str = "zhou") -> None:
    """Enter the extension that was signed."""
    extend(by(ledger, who), number, TERM, length=None, reason="", signed_by="", filed_on=START.date())


def stopped(ledger: Ledger, *, days: int = 0) -> str:
    """Return a lead whose term stands still since some days after the start."""
    number = running(ledger)
    pause(by(ledger, "zhou", days=days), number, TERM, reason=WHY)
    return number


def asked(ledger: Ledger) -> str:
    """Return a lead whose seal somebody asked to open."""
    number = running(ledger, sealed=True)
    ask_to_open(by(ledger, "bao"), number, reason=WHY)
    return number


def reclassified(ledger: Ledger, number: str) -> None:
    """Let an officer of no such role sign a step, and take it."""
    signatures.ask(by(ledger, "zhou"), number, "signed_by", "feng", step="reclassify", values=PROPOSED)
    signatures.give(by(ledger, "feng"), number)


def voided(ledger: Ledger, number: str) -> None:
    """Let an officer of no such role sign that a case is void."""
    ask_voiding(by(ledger, "tang"), number, "feng", reason=WHY)
    signatures.give(by(ledger, "feng"), number)
    void(by(ledger, "tang"), number, reason="")


GRANTS: dict[str, tuple[tuple[str, str], Callable[[Ledger], str], Callable[[Ledger, str], object]]] = {
    # what is done:        the role, what is there before, and what is done with it
    "extend": (
        granted("none", "office"), lambda at: signed(at, running(at)), lambda at, n: extended(at, n, who="none"),
    ),
    "pause": (granted("none", "office"), running, lambda at, n: pause(by(at, "none"), n, TERM, reason=WHY)),
    "resume": (granted("none", "office"), stopped, lambda at, n: resume(by(at, "none"), n, TERM, reason=WHY)),
    "link": (
        granted("none", "office"), lambda at: register(by(at, "zhou").ledger).number,
        lambda at, n: link(by(at, "none"), n, "0101-XS-2019-0001", reason=WHY),
    ),
    "ask to open": (
        granted("none", "custodian"), lambda at: running(at, sealed=True),
        lambda at, n: ask_to_open(by(at, "none"), n, reason=WHY),
    ),
    "agree to open": (granted("none", "unit_head"), asked, lambda at, n: agree_to_open(by(at, "none"), n)),
    "restrict": (
        granted("none", "discipline_office", everywhere=True), running,
        lambda at, n: restricting.restrict(by(at, "none"), n, ["none"], reason=WHY),
    ),
    "another's key": (
        granted("none", "office", everywhere=True), lambda _: "",
        lambda at, _: keeping.register_key(by(at, "none"), "sun", public_of(key_of("other"))),
    ),
    "demand less": (
        granted("none", "office", everywhere=True), lambda _: "",
        lambda at, _: keeping.demand(by(at, "none"), Proof.OS_ACCOUNT, reason=WHY),
    ),
    "close days": (
        granted("none", "office", everywhere=True), lambda _: "",
        lambda at, _: set_days(by(at, "none"), "0102", START.date(), START.date(), works=False, reason=WHY),
    ),
    "sign an extension": (
        granted("feng", "leading_group"), running, lambda at, n: signed(at, n, of="feng"),
    ),
    "sign a step": (granted("feng", "unit_head"), lambda at: register(by(at, "zhou").ledger).number, reclassified),
    "sign a voiding": (granted("feng", "leading_group"), running, voided),
    "be named": (
        granted("chen", "unit_head"), lambda at: register(by(at, "zhou").ledger).number,
        lambda at, n: advance(by(at, "zhou"), n, ASSIGN.trigger, {**ASSIGN.values, "responsible_leader": "chen"}),
    ),
}  # fmt: skip
"""Deeds that take a role, each by an officer who has it for as long as it takes."""


def faults(ledger: Ledger) -> set[tuple[str, int, str, str]]:
    """Return what verifying finds."""
    return {(each.case, each.seq, each.what, each.which) for each in verify(ledger)[1]}


def test_a_role_that_was_given_used_and_taken_back_is_found(ledger: Ledger) -> None:
    """Every deed that takes a role or power, and every name that takes one, is judged by the roles of its moment."""
    unfound = []
    for name, ((there, back), before, act) in GRANTS.items():
        number = before(ledger)
        known = faults(ledger)
        with changed(ledger, there, back):
            act(ledger, number)
        found = faults(ledger) - known
        if {what for _, _, what, _ in found} != {"not allowed"}:
            unfound.append((name, found))
    assert unfound == []


def adopted(ledger: Ledger, kind: str, name: str, old: str, new: str) -> tuple[str, str]:
    """Return statements that alter an adopted text, with its digest and the house's row that names it, and undo it."""
    plain, digest, version = ledger.store.query(
        f"SELECT plain, digest, version FROM adopted WHERE kind = '{kind}' AND name = '{name}' ORDER BY version DESC"
    )[0]
    assert old in plain
    altered = plain.replace(old, new)
    there, statements = sha256(altered.encode()).hexdigest(), []
    for text, of, to in ((altered, digest, there), (plain, there, digest)):
        said = text.replace("'", "''").replace(";", "'||char(59)||'")
        statements.append(
            f"UPDATE adopted SET plain = '{said}', digest = '{to}' WHERE kind = '{kind}' AND name = '{name}'"
            f" AND version = {version};"
            f"UPDATE journal SET body = replace(body, '{of}', '{to}') WHERE case_id = 0 AND kind = 'adopted'"
        )
    return statements[0], statements[1]


def test_a_rule_that_was_changed_used_and_changed_back_is_found(ledger: Ledger) -> None:
    """A workflow that extends by a year, and a list of roles that lets a liaison officer manage others."""
    cap, liaison = '"at_most":"1 month"', '"value":"liaison",'
    number = running(ledger)
    known = faults(ledger)
    with changed(ledger, *adopted(ledger, "workflow", "lead", cap, cap.replace("1 m", "12 m"))):
        extended(ledger, signed(ledger, number, length=YEAR))
    year = faults(ledger) - known
    with changed(ledger, *adopted(ledger, "list", "roles", liaison, f'{liaison}"may":["manage_officers"],')):
        there, back = granted("lian", "liaison", everywhere=True)
        with changed(ledger, there, back):
            registration.add_officer(by(ledger, "lian"), "evil", "某某")
    added = faults(ledger) - known - year
    assert {what for _, _, what, _ in year} == {"not allowed"}
    assert {(case, what) for case, _, what, _ in added} == {("", "not allowed")}


def test_a_pause_that_was_dated_back_used_and_put_back_is_found(ledger: Ledger) -> None:
    """The day that a term came to by it does not follow from the pauses that the journal tells."""
    number = stopped(ledger, days=7)
    known = faults(ledger)
    case = ledger.case(number)
    early = "json_set(ledger, '$.pauses[0].from_at', json_extract(ledger, '$.pauses[0].from_at') - 172800000000)"
    later = early.replace(" - ", " + ")
    where = f"WHERE case_id = {case.id} AND name = '{TERM}'"
    with changed(
        ledger, f"UPDATE deadlines SET ledger = {early} {where}", f"UPDATE deadlines SET ledger = {later} {where}"
    ):
        resume(by(ledger, "zhou", days=8), number, TERM, reason=WHY)
    found = faults(ledger) - known
    assert [what for _, _, what, _ in found] == ["not allowed"]


def test_days_that_were_closed_used_and_opened_again_are_found(ledger: Ledger) -> None:
    """An extension that was counted by days of a unit which were not in force names other days than it should."""
    number = signed(ledger, running(ledger))
    known = faults(ledger)
    off = canonical({"off": {"2019-10-08": "x"}})
    with changed(ledger, f"UPDATE units SET own_days = '{off}' WHERE code = '0101'",
                 "UPDATE units SET own_days = '{}' WHERE code = '0101'"):  # fmt: skip
        extended(ledger, number)
    assert faults(ledger) - known != set()


def known_to_few(ledger: Ledger) -> Case:
    """Return a matter that only a few read from its first row on, as its workflow declares."""
    values = {"reported_on": START.date().isoformat(), "kind": "leak"}
    return open_case(by(ledger, "ji"), "misconduct", values, unit="0101").case


def let_in_by_house(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """Write in the house alone that one more officer reads a matter."""
    del monkeypatch
    case_id = known_to_few(ledger).id
    with ledger.store.begin():
        acting = by(ledger, "none")
        readers = born_restricted.restrictions(acting)[str(case_id)] or ()
        born_restricted.keep_restricted(acting, {case_id: [*readers, "none"]})


def lifted_by_house(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """Write in the house alone that all read a matter."""
    del monkeypatch
    case_id = known_to_few(ledger).id
    with ledger.store.begin():
        born_restricted.keep_restricted(by(ledger, "none"), {case_id: None})


def let_in_at_birth(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """Open a matter with a reader whom the declaration does not know, by an altered program."""
    with monkeypatch.context() as altered:
        altered.setattr(born_restricted, "readers_at_birth", lambda *_: ("ji", "lian"))
        known_to_few(ledger)


def let_in_later(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a reader in who is named nowhere, with a row in the case, by an altered program."""
    number = known_to_few(ledger).number
    with monkeypatch.context() as altered:
        altered.setattr(restricting, "refuse_unless", lambda *_: None)
        restricting.restrict(by(ledger, "ji"), number, ["ji", "lian"], reason=WHY)


@pytest.mark.parametrize("way", [let_in_by_house, lifted_by_house, let_in_at_birth, let_in_later])
def test_no_reader_is_let_in_beside_the_declaration(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch, way: Callable[[Ledger, pytest.MonkeyPatch], None]
) -> None:
    """Who reads what only a few may know is judged by the workflow's list and by whom the case names, and no more."""
    known_to_few(ledger)
    assert faults(ledger) == set()
    way(ledger, monkeypatch)
    assert {what for _, _, what, _ in faults(ledger)} == {"not allowed"}


def test_a_signature_is_good_for_one_deed(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """Used again past the program, under another extension of the same case or one of another, it is none."""
    first, other = signed(ledger, running(ledger)), running(ledger)
    standing = given_under(ledger, ledger.case(first), extension_field(TERM))
    extended(ledger, first)
    assert faults(ledger) == set()
    with monkeypatch.context() as past:
        room = "engine.operations.deadlines.extending"
        past.setattr(f"{room}.given_under", lambda *_: standing)
        for check in ("unsigned_deed", "beyond_cap"):
            past.setattr(f"{room}.{check}", lambda *_, **__: [])
        for number in (first, other):
            extended(ledger, number)
    assert {(case, what) for case, _, what, _ in faults(ledger)} == {(first, "not allowed"), (other, "not allowed")}
