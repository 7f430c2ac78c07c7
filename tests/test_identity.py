"""How it is known who did something: log-ins, accounts and keys, what is demanded, and what verifying makes of it."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from houses import COMPLAINT, LEAD, PASSPHRASE, House
from ledgers import START, furnished, register, shipped

from commands.console.environment import system_account
from engine.errors import RefusedError
from engine.journal.signing import is_signed, make_key, public_of, signer, signing_key, unlock_key
from engine.language import language, use
from engine.operations.cases.casework import advance, open_case
from engine.operations.cases.succession import return_
from engine.operations.house.adopting import adopt
from engine.operations.house.registration import leave
from engine.operations.house.verifying import verify
from engine.operations.identity import credentials as keeping
from engine.operations.identity.logging_in import log_in, shown_by_session
from engine.operations.identity.passwords import fits, hashed
from engine.operations.identity.showing import act_as, evidence_of
from engine.operations.identity.tokens import log_in_by_token, make_token, officer_of
from engine.operations.identity.ways import FEED, READS, TOKENS
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.adopted import AdoptedTexts, NewText
from engine.operations.ledger.demands import demanded_of
from engine.operations.ledger.ledger import Ledger
from engine.reading.choice_lists import roles_in
from engine.rules.case import Case
from engine.store import chain_rows, house_rows
from engine.store.schema import bring_up
from engine.workflow.proofs import LogInLimits, Proof
from workflows.adopted_book import AdoptedDeclarations
from workflows.loader import Declarations

LIMITS = LogInLimits()
IDLE, LONGEST = timedelta(minutes=LIMITS.idle_minutes), timedelta(hours=LIMITS.hours)
PATIENCE, FIRST_WAIT = LIMITS.failures, timedelta(seconds=LIMITS.wait_seconds)
SECRET = "violin gravel sunday maple"
HOUSE = Path(__file__).resolve().parent.parent
OTHER = "harbour copper eleven moth"


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """A real ledger with many officers, which demands nothing yet."""
    bring_up(str(tmp_path / "ledger.db"))
    with furnished(str(tmp_path / "ledger.db")) as made:
        yield made


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    """Let refusals be read in English."""
    before = language()
    use("en")
    yield
    use(before)


def given(ledger: Ledger, code: str, secret: str = SECRET, *, now: datetime = START) -> str:
    """Log an officer in."""
    return log_in(ledger, code, lambda: secret, source="here", now=now)[0]


def logged_in(ledger: Ledger, code: str, *, now: datetime = START) -> None:
    """Let an officer act who has logged in."""
    held = given(ledger, code, now=now)
    act_as(ledger, evidence_of(ledger, named=None, held=held, account="", key=None, now=now))


def what_breaks(ledger: Ledger) -> set[str]:
    """Return what verifying finds."""
    return {each.what for each in verify(ledger)[1]}


def test_a_log_in_holds_as_long_as_it_may(ledger: Ledger) -> None:
    """Idle, over, logged out, revoked or of one who left, it is none; in between it is, and of nobody else."""
    keeper = Acting(ledger, "keeper", START)
    keeping.set_password(keeper, "zhou", SECRET)
    held = given(ledger, "zhou")

    def shown(after: timedelta, token: str = held) -> str | None:
        found = shown_by_session(ledger, token, now=START + after)
        return None if found is None else found.officer

    assert shown(timedelta()) == "zhou"
    assert shown(IDLE) == "zhou"  # and so it was used
    assert shown(2 * IDLE) == "zhou"
    assert shown(4 * IDLE) is None
    assert shown(LONGEST) is None
    assert [shown(timedelta(), each) for each in ("", "x", "1.", held + "x", held.replace(".", ".x"), "9" * 30)] == [
        None
    ] * 6
    again = given(ledger, "zhou")
    keeping.revoke(keeper, "zhou", "password", reason="lost")
    assert shown(timedelta(), again) is None
    with pytest.raises(RefusedError):
        given(ledger, "zhou")


def test_a_new_password_ends_what_was_open_before(ledger: Ledger) -> None:
    """Whoever sets it: log-ins by any way, tokens and the calendar's address end, unless these are kept by choice."""
    zhou, keeper = Acting(ledger, "zhou", START), Acting(ledger, "keeper", START)
    token = make_token(zhou, READS)
    other = make_token(Acting(ledger, "lian", START), FEED)
    keeping.set_password(keeper, "zhou", SECRET, keeps_tokens=True)
    assert officer_of(ledger, token, TOKENS) == ("zhou", READS)
    by_token, by_password = log_in_by_token(ledger, token, now=START), given(ledger, "zhou")
    assert keeping.tokens_in_force(ledger, "zhou") == (READS,)
    keeping.set_password(keeper, "zhou", SECRET)
    assert officer_of(ledger, token, TOKENS) is None
    assert [shown_by_session(ledger, each, now=START) for each in (by_token, by_password)] == [None, None]
    assert officer_of(ledger, other, TOKENS) == ("lian", FEED)
    assert given(ledger, "zhou")
    leave(keeper, "lian")
    return_(keeper, "lian")
    assert officer_of(ledger, other, TOKENS) is None, "who comes back is not let in by what a program was given before"
    assert what_breaks(ledger) == set()


def test_who_guesses_waits_and_nobody_else(ledger: Ledger) -> None:
    """From the fifth failure on one waits, longer each time, from there only; a streak is journaled once."""
    token = make_token(Acting(ledger, "zhou", START), READS)
    keeping.set_password(Acting(ledger, "keeper", START), "zhou", SECRET, keeps_tokens=True)
    for officer in ("zhou", "nobody"):  # who does not exist is refused in the same words
        for _ in range(PATIENCE):
            with pytest.raises(RefusedError, match="is wrong, or"):
                given(ledger, officer, "wrong")
        with pytest.raises(RefusedError, match=f"wait {FIRST_WAIT.seconds} seconds"):
            given(ledger, officer)
    log_in(ledger, "zhou", lambda: SECRET, source="elsewhere", now=START)
    log_in_by_token(ledger, token, now=START)  # it is no password, so the failures count on
    with pytest.raises(RefusedError, match="is wrong, or"):
        given(ledger, "zhou", "wrong", now=START + FIRST_WAIT)
    with pytest.raises(RefusedError, match="wait"):
        given(ledger, "zhou", now=START + FIRST_WAIT * 2)
    assert given(ledger, "zhou", now=START + FIRST_WAIT * 3)
    assert given(ledger, "zhou", now=START + FIRST_WAIT * 3)
    refused = [each.kind for each in chain_rows.house_chain(ledger.store)].count("log_in_refused")
    assert refused == 2


def test_passwords_are_kept_so_that_nobody_can_read_or_weigh_them() -> None:
    """Full-width digits are the usual ones; a costlier hash than ours is refused without computing it."""
    kept = hashed("secret 123456")

    assert "secret" not in kept
    assert fits(kept, "secret １２３４５６")
    assert not fits(kept, "secret 123457")
    assert not fits(None, "secret 123456")
    assert not fits(kept.replace("m=19456", "m=1945600"), "secret 123456")


def test_a_demand_is_met_or_nothing_is_written(ledger: Ledger) -> None:
    """Once it is demanded, a typed name writes nothing, and a log-in of one officer writes for no other."""
    keeping.set_password(Acting(ledger, "keeper", START), "keeper", SECRET)
    keeping.set_password(Acting(ledger, "keeper", START), "zhou", SECRET)
    with pytest.raises(RefusedError, match="a log-in is demanded"):  # who could not take it back demands nothing
        keeping.demand(Acting(ledger, "keeper", START), Proof.SESSION, reason="shared")
    logged_in(ledger, "keeper")
    keeping.demand(Acting(ledger, "keeper", START), Proof.SESSION, reason="shared")
    later = START + timedelta(hours=1)

    for by in ("zhou", "lian"):
        with pytest.raises(RefusedError, match=f"at least .* is demanded here; log in: qingling login {by}"):
            register(ledger, by=by, now=later)
    with pytest.raises(RefusedError, match="nobody who manages officers"):
        keeping.revoke(Acting(ledger, "keeper", START), "keeper", "password", reason="lost")
    logged_in(ledger, "zhou", now=later)
    register(ledger, now=later)
    assert what_breaks(ledger) == set()

    # Past the program: the demand is taken away for one row, and given back.
    act_as(ledger, None)
    ledger.proven.add("zhou")
    register(ledger, now=later)
    assert what_breaks(ledger) == {"too little"}


def test_what_a_row_claims_is_looked_up(ledger: Ledger) -> None:
    """A log-in of another, one that is over, an account that nobody registered, an unknown word: all are found."""
    keeper = Acting(ledger, "keeper", START)
    keeping.set_password(keeper, "zhou", SECRET)
    keeping.set_account(keeper, "zhou", "zhou-pc")
    logged_in(ledger, "zhou")
    mine = ledger.evidence
    assert mine is not None
    register(ledger)
    account = evidence_of(ledger, named="zhou", held="", account="zhou-pc", key=None, now=START)
    assert account is not None
    assert account.proof is Proof.OS_ACCOUNT
    act_as(ledger, account)
    register(ledger)
    assert what_breaks(ledger) == set()

    forged: dict[str, tuple[str, Callable[[], object]]] = {
        "over": ("zhou", lambda: mine),
        "of another": ("lian", lambda: type(mine)("lian", Proof.SESSION, mine.seq)),
        "an account as a log-in": ("zhou", lambda: type(mine)("zhou", Proof.SESSION, account.seq)),
        "of nothing": ("zhou", lambda: type(mine)("zhou", Proof.OS_ACCOUNT, 3)),
        "a key that is none": ("zhou", lambda: type(mine)("zhou", Proof.SIGNATURE, account.seq)),
    }
    for seen, (name, (by, made)) in enumerate(forged.items(), start=1):
        act_as(ledger, made())  # type: ignore[arg-type]  # as one would who writes past the program
        register(ledger, by=by, now=START + (LONGEST * 2 if name == "over" else timedelta()))
        found = [each for each in verify(ledger)[1] if each.what == "claim"]
        assert len(found) == seen, name


def test_a_signed_row_is_signed_by_that_key_or_found(ledger: Ledger) -> None:
    """A signature is over the row's hash; removed, moved or of another key it is found, and revoking keeps old ones."""
    public, locked = make_key(SECRET)
    with pytest.raises(RefusedError):
        unlock_key(locked, OTHER)
    private = unlock_key(locked, SECRET)
    assert public_of(private) == public
    assert not is_signed("AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "x", signer(private)("x"))
    keeping.register_key(Acting(ledger, "zhou", START), "zhou", public)
    act_as(ledger, evidence_of(ledger, named=None, held="", account="", key=signing_key(private), now=START))
    first, second = register(ledger), register(ledger)
    act_as(ledger, None)
    keeping.revoke(Acting(ledger, "keeper", START), "zhou", "key", reason="lost")
    with pytest.raises(RefusedError):
        evidence_of(ledger, named=None, held="", account="", key=signing_key(private), now=START)
    assert what_breaks(ledger) == set()

    moved = "UPDATE signatures SET signature = (SELECT signature FROM signatures WHERE case_id = ?) WHERE case_id = ?"
    ledger.store.change(moved, (first.id, second.id))
    assert [each.case for each in verify(ledger)[1]] == [second.number]
    ledger.store.change("DELETE FROM signatures WHERE case_id = ?", (first.id,))
    assert what_breaks(ledger) == {"signature"}


def test_steps_and_roles_demand_more_than_the_house(ledger: Ledger, tmp_path: Path) -> None:
    """A step takes what it demands and no less, and so does all that is done by an officer who has such a role."""
    (tmp_path / "own").mkdir()
    answered = "to: answered, by: [liaison], asks"
    assert answered in COMPLAINT
    demanding = COMPLAINT.replace(answered, f"proof: session, {answered}")
    (tmp_path / "own" / "complaint.yaml").write_text(demanding, "utf-8")
    roles = (HOUSE / "workflows" / "lists" / "roles.yaml").read_text("utf-8")
    (tmp_path / "roles.yaml").write_text(
        roles.replace("{value: verifier,", "{value: verifier, proof: session,"), "utf-8"
    )
    store = ledger.store
    ledger.workflows = Declarations([tmp_path / "own"], stored=lambda n, v: house_rows.kept_workflow(store, n, v))
    keeping.set_password(Acting(ledger, "keeper", START), "lian", SECRET)

    def answer(case: Case) -> None:
        advance(Acting(ledger, "lian", START), case.number, "answer", {"answer": "x"})

    brought = {"received_on": "2019-06-28", "words": "x"}
    first, second = (open_case(Acting(ledger, "lian", START), "complaint", brought, unit="0101").case for _ in range(2))
    with pytest.raises(RefusedError, match="demands a log-in, and"):
        answer(first)
    logged_in(ledger, "lian")
    answer(first)
    assert "too little" not in what_breaks(ledger)
    ledger.evidence = None  # past the program
    answer(second)
    assert [each.case for each in verify(ledger)[1] if each.what == "too little"] == [second.number]

    demands, problems = roles_in(tmp_path / "roles.yaml", "roles.yaml")
    assert problems == ()
    assert {name for name, each in demands.items() if each.proof is Proof.SESSION} == {"verifier"}
    ledger.workflows.declared_roles = lambda: demands  # type: ignore[method-assign]  # as if it had been adopted
    assert [demanded_of(ledger, each) for each in ("chen", "lian")] == [Proof.SESSION, Proof.ASSERTED]


def adopted(ledger: Ledger, text: NewText) -> None:
    """Let the keeper adopt a text, and the ledger work by what it has adopted."""
    ledger.workflows = AdoptedDeclarations(AdoptedTexts(ledger.store))
    adopt(Acting(ledger, "keeper", START), [text], reason="from today on")
    ledger.workflows = AdoptedDeclarations(AdoptedTexts(ledger.store))


def test_what_a_role_demanded_is_judged_by_the_list_of_its_time(ledger: Ledger) -> None:
    """Rows of before the list demanded it stand; later ones that show less are found, also once it does no more."""
    (plain,) = (each for each in shipped() if each.name == "roles")
    demanding = plain.plain.replace('"value":"liaison",', '"value":"liaison","proof":"session",')
    keeping.set_password(Acting(ledger, "keeper", START), "keeper", SECRET)
    before = register(ledger, by="lian")
    adopted(ledger, plain._replace(plain=demanding))
    assert demanded_of(ledger, "lian") is Proof.SESSION
    ledger.proven.add("lian")  # past the program
    past = register(ledger, by="lian")
    assert [each.case for each in verify(ledger)[1] if "known by less" in str(each.which)] == [past.number]
    logged_in(ledger, "keeper")
    adopted(ledger, plain)
    assert [each.case for each in verify(ledger)[1]] == [past.number]
    assert before.number != past.number


def test_limits_of_log_ins_are_declared(ledger: Ledger) -> None:
    """How many failures, how long the wait, how long idle: by the list of roles that the ledger has adopted."""
    (plain,) = (each for each in shipped() if each.name == "roles")
    strict = plain.plain.replace('_failures":5', '_failures":1').replace('idle_minutes":30', 'idle_minutes":1')
    keeping.set_password(Acting(ledger, "keeper", START), "zhou", SECRET)
    adopted(ledger, plain._replace(plain=strict))
    with pytest.raises(RefusedError, match="is wrong, or"):
        given(ledger, "zhou", "wrong")
    with pytest.raises(RefusedError, match="wait"):
        given(ledger, "zhou")
    held = given(ledger, "zhou", now=START + FIRST_WAIT)
    shown = [shown_by_session(ledger, held, now=START + FIRST_WAIT + timedelta(minutes=each)) for each in (1, 3)]
    assert [each is not None for each in shown] == [True, False]


PAST_THE_PROGRAM = (
    "UPDATE credentials SET kept = 'x'",
    "UPDATE credentials SET officer = 'lian'",
    "DELETE FROM credentials",
    "UPDATE settings SET value = '\"asserted\"' WHERE name = 'proof'",
    "DELETE FROM settings WHERE name = 'proof'",
    "INSERT INTO credentials SELECT 999, 'lian', 'key', 'x', NULL",
)


def test_credentials_changed_past_the_program_are_found(ledger: Ledger) -> None:
    """What officers are known by stands in the journal, a password by the digest of its hash; so does the demand."""
    keeping.set_password(Acting(ledger, "keeper", START), "keeper", SECRET)
    logged_in(ledger, "keeper")
    keeping.demand(Acting(ledger, "keeper", START), Proof.OS_ACCOUNT, reason="shared")
    tables = {each: ledger.store.query(f"SELECT * FROM {each}") for each in ("credentials", "settings")}

    unfound = []
    for statement in PAST_THE_PROGRAM:
        ledger.store.change(statement)
        ledger.forget()
        if not what_breaks(ledger) & {"credential", "settings"}:
            unfound.append(statement)
        for table, rows in tables.items():
            ledger.store.change(f"DELETE FROM {table}")
            ledger.store.change_many(f"INSERT INTO {table} VALUES ({', '.join('?' * len(rows[0]))})", rows)

    assert unfound == []
    assert what_breaks(ledger) == set()


def test_a_real_ledger_from_the_first_officer_on(tmp_path: Path) -> None:
    """The only officer may type a name; the second is registered by one who is known, and from then on all must be."""
    house = House(tmp_path)
    house.now = ""
    secret, passphrase = tmp_path / "password.txt", tmp_path / "passphrase.txt"
    secret.write_text(SECRET + "\n", "utf-8")
    passphrase.write_text(PASSPHRASE + "\n", "utf-8")
    house.done(
        "init", "--not-classified", "--name", "某县卫健局", "--unit", "0101", "--unit-name", "县医院",
        "--officer", "wang", "--officer-name", "王某", "--passphrase-file", str(passphrase),
    )  # fmt: skip
    number = house.done("receive", "--unit", "0101", *LEAD)
    assert "first set a password" in house.refused(21, "officer", "add", "li", "李某")
    weak = house.refused(2, "credential", "password", "--password-file", "-", stdin="kljwang12345\n")
    assert "too easily guessed" in weak
    house.done("credential", "password", "--password-file", str(secret))
    assert "is wrong" in house.refused(21, "login", "--password-file", "-", stdin="not this one\n")
    house.done("login", "wang", "--password-file", str(secret))
    house.done("officer", "add", "li", "李某", "--role", "office", by="")
    house.done("credential", "password", "li", "--password-file", str(secret), by="")

    assert (tmp_path / "session").stat().st_mode & 0o077 == 0
    assert SECRET not in "".join(map(str, (tmp_path / "session").read_text("ascii").split(".")))
    for command in (("show", number), ("note", number, "text")):
        assert "is known by a typed name" in house.refused(21, *command, by="li")
    house.done("note", number, "text", by="")
    known = json.loads(house.done("journal", "verify", "--json", by=""))["known_by"]
    assert known["session"] == 4  # the officer, the role, the password and the remark
    house.done("logout", by="")
    assert "log in" in house.refused(2, "list", by="")
    house.done("login", "li", "--password-file", str(secret))
    house.done("credential", "demand", "session", "--reason", "five officers share it", by="")
    planted = (
        ("account",),
        ("token", "token-write"),
        ("key", str(tmp_path / "k")),
        ("password", "--password-file", "-"),
    )
    wrong = ("--own-password-file", str(passphrase))
    for what in planted:  # at a machine left open: nothing that would outlast the log-in
        assert "present password" in house.refused(21, "credential", *what, by="", stdin=f"{PASSPHRASE}\n"), what
        assert "is wrong" in house.refused(21, "credential", *what, *wrong, by="", stdin=f"{PASSPHRASE}\n"), what
    sign_on = ("credential", "sign-on", "li", "https://sso.example.org", "8f14e45f")
    assert "present password" in house.refused(21, *sign_on, by="")
    assert not (tmp_path / "k").exists()
    house.done("credential", "account", "--own-password-file", str(secret), by="")
    house.done("logout", by="")
    assert "a log-in is demanded" in house.refused(21, "list", by="li")
    house.done("login", "li", "--password-file", str(secret))
    house.done("credential", "demand", "os-account", "--reason", "one machine", by="")
    house.done("logout", by="")
    assert system_account() in house.done("credential", "list", by="")  # as the account's officer
    with closing(sqlite3.connect(house.database)) as connection:
        text = "".join(body for (body,) in connection.execute("SELECT body FROM journal"))
    assert SECRET not in text
    assert "argon2" not in text
    assert "journal holds" in house.run("journal", "verify", by="").output

    backup, elsewhere = str(tmp_path / "out.db"), str(tmp_path / "elsewhere.db")
    house.done("backup", backup, by="")
    assert "is known by a typed name" in house.refused(21, "restore", backup, "--replace", by="wang")
    again = ("--database", elsewhere, "restore", backup, "--password-file", "-")
    assert "is wrong" in house.refused(21, *again, by="wang", stdin="not this one\n")
    assert not Path(elsewhere).exists()
    house.done(*again, by="wang", stdin=SECRET + "\n")
    with closing(sqlite3.connect(elsewhere)) as connection:
        (body,) = connection.execute("SELECT body FROM journal WHERE kind = 'restored'").fetchone()
    assert json.loads(body)["proof"][0] == "session"
