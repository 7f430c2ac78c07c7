"""Attacks by a hand that holds the database and our source: each is found, under the verdict that it belongs to."""

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import pytest
from houses import House, built_house
from ledgers import furnished, opened, register

from engine.journal.break_verdicts import JournalVerdict, verdict_of
from engine.journal.canonical import canonical
from engine.journal.chain import hashed_text
from engine.operations.house.verifying import of_schema, verification, verify

__all__ = ["built_house"]

ROWS = "SELECT seq, at, by, kind, from_state, to_state, clearance, body FROM journal WHERE case_id = ? ORDER BY seq"
FIRST = "0101-XS-2019-0001"

Hand = sqlite3.Connection
Attack = Callable[[Hand], object]


def sql(*statements: str) -> Attack:
    """Return an attack of plain statements."""

    def attack(hand: Hand) -> None:
        for each in statements:
            hand.execute(each)

    return attack


def rehashed(hand: Hand, case_id: int = 1) -> None:
    """Hash a chain again from its first row on, as who has our source can."""
    number = hand.execute("SELECT number FROM cases WHERE id = ?", (case_id,)).fetchone()
    previous = ""
    for row in hand.execute(ROWS, (case_id,)).fetchall():
        previous = sha256(hashed_text(previous, number[0] if number else "", *row).encode()).hexdigest()
        hand.execute("UPDATE journal SET hash = ? WHERE case_id = ? AND seq = ?", (previous, case_id, row[0]))
    hand.execute("UPDATE cases SET head = ? WHERE id = ?", (previous, case_id))


def appended(hand: Hand, by: str, kind: str, after: str, body: dict[str, object], case_id: int = 1) -> None:
    """Write a row that follows the last one of a case, with its hash and all that counts it."""
    number, state, clearance, revision, head, at = hand.execute(
        "SELECT number, state, clearance, revision, head, changed_at FROM cases WHERE id = ?", (case_id,)
    ).fetchone()
    seq, short = hand.execute("SELECT seq, hash FROM journal WHERE case_id = 0 ORDER BY seq DESC LIMIT 1").fetchone()
    text = canonical({"house": [seq, short[:16]], **body})
    row = (revision + 1, at, by, kind, state, after, clearance, text)
    written = sha256(hashed_text(head, number, *row).encode()).hexdigest()
    hand.execute("INSERT INTO journal VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", (case_id, *row, written))
    hand.execute("UPDATE cases SET state = ?, revision = ?, head = ? WHERE id = ?", (after, row[0], written, case_id))


def in_house(hand: Hand, by: str, kind: str, body: dict[str, object]) -> None:
    """Write a row that follows the last one of the house, with its hash and where its chain is kept to end."""
    seq, at, head = hand.execute("SELECT seq, at, hash FROM journal WHERE case_id = 0 ORDER BY seq DESC").fetchone()
    row = (seq + 1, at, by, kind, None, None, 0, canonical(body))
    written = sha256(hashed_text(head, "", *row).encode()).hexdigest()
    hand.execute("INSERT INTO journal VALUES (0, ?, ?, ?, ?, ?, ?, ?, ?, ?)", (*row, written))
    hand.execute("UPDATE settings SET value = ? WHERE name = 'house_head'", (canonical([seq + 1, written]),))


def closed_at_once(hand: Hand) -> None:
    """Close a lead that nobody verified by a step that its workflow does not have there."""
    appended(hand, "wang", "moved", "closed", {"trigger": "close", "set": {}})


def by_another(hand: Hand) -> None:
    """Write in the name of an officer who may not open cases, and hash the chain again."""
    hand.execute("UPDATE journal SET by = 'zhao' WHERE case_id = 1 AND seq = 1")
    rehashed(hand)


def like_an_allowed_one(hand: Hand) -> None:
    """The same with a step that is like another one, which was allowed, but for who took it."""
    (case,) = hand.execute("SELECT id FROM cases WHERE number LIKE '%-XS-2019-0003'").fetchone()
    hand.execute("UPDATE journal SET by = 'zhao' WHERE case_id = ? AND kind = 'moved'", (case,))
    rehashed(hand, case)


def by_nobody(hand: Hand) -> None:
    """The same in the name of somebody who was never an officer."""
    appended(hand, "mallory", "voided", "assigned", {"reason": "x"})


def without_house(hand: Hand) -> None:
    """Write a row that does not say how the house stood, so that it could not be judged."""
    appended(hand, "wang", "amended", "assigned", {"reason": "x", "set": {}, "was": {}, "house": None})


def powerless_grant(hand: Hand) -> None:
    """Give a role in the name of an officer who may not, in the journal as well as in the table."""
    in_house(hand, "zhao", "granted", {"code": "zhao", "role": "office", "unit": None})
    hand.execute("INSERT INTO grants SELECT id, 'office', 0 FROM officers WHERE code = 'zhao'")


def house_rewritten(hand: Hand) -> None:
    """Rewrite the newest row of the house, with its hash and where the chain is kept to end."""
    hand.execute("UPDATE journal SET body = replace(body, '钱某', '孙某') WHERE case_id = 0 AND kind = 'officer_added'")
    hand.execute("UPDATE officers SET name = '孙某' WHERE name = '钱某'")
    rehashed(hand, 0)
    seq, head = hand.execute("SELECT seq, hash FROM journal WHERE case_id = 0 ORDER BY seq DESC").fetchone()
    hand.execute("UPDATE settings SET value = ? WHERE name = 'house_head'", (canonical([seq, head]),))


GIVEN = "INSERT INTO grants SELECT id, 'office', 0 FROM officers WHERE code = 'zhao'"
NEWEST_GONE = "DELETE FROM journal WHERE case_id = {0} AND seq = (SELECT max(seq) FROM journal WHERE case_id = {0})"

ATTACKS: dict[str, tuple[Attack, JournalVerdict, str]] = {
    "reminders a year later": (
        sql("UPDATE deadlines SET next_at = next_at + 31536000000000 WHERE next_at > 0"),
        JournalVerdict.INTEGRITY,
        "next_at",
    ),
    "rungs passed over": (
        sql("UPDATE deadlines SET rung = rung + 3 WHERE status = 0"),
        JournalVerdict.INTEGRITY,
        "rung",
    ),
    "rungs beyond all years": (
        sql("UPDATE deadlines SET rung = 1e17"),
        JournalVerdict.INTEGRITY,
        "changed",
    ),
    "a parent that is not there": (
        sql("UPDATE cases SET parent_id = 999 WHERE id = 1"),
        JournalVerdict.INTEGRITY,
        "stray",
    ),
    "an earlier case that is not there": (
        sql("UPDATE cases SET first_id = 999 WHERE id = 1"),
        JournalVerdict.INTEGRITY,
        "stray",
    ),
    "reminders deleted": (sql("DELETE FROM reminders"), JournalVerdict.COMPLETENESS, "reminders"),
    "messages deleted": (sql("DELETE FROM outbox"), JournalVerdict.COMPLETENESS, "outbox"),
    "contact given": (
        sql("""UPDATE officers SET contact = '{"mail":"evil@x.cn"}' WHERE code = 'zhao'"""),
        JournalVerdict.INTEGRITY,
        "contact",
    ),
    "own days taken away": (sql("UPDATE units SET own_days = '{}'"), JournalVerdict.INTEGRITY, "own_days"),
    "a pause dated back": (
        sql("""UPDATE deadlines SET ledger = json_set(ledger, '$.pauses[0].from_at', 0)"""),
        JournalVerdict.INTEGRITY,
        "pauses",
    ),
    "a trigger": (
        sql("CREATE TRIGGER quiet AFTER INSERT ON outbox BEGIN UPDATE outbox SET status = 1; END"),
        JournalVerdict.INTEGRITY,
        "schema",
    ),
    "an index": (sql("DROP INDEX ix_outbox_next"), JournalVerdict.INTEGRITY, "schema"),
    "a column": (sql("ALTER TABLE outbox RENAME COLUMN remark TO remarks"), JournalVerdict.INTEGRITY, "schema"),
    "a view": (sql("CREATE VIEW leads AS SELECT * FROM cases"), JournalVerdict.INTEGRITY, "schema"),
    "a workflow's text": (
        sql("UPDATE workflow_versions SET plain = replace(plain, 'liaison', 'nobody')"),
        JournalVerdict.INTEGRITY,
        "declaration",
    ),
    "the list of roles": (
        sql("UPDATE adopted SET plain = replace(plain, 'liaison', 'x') WHERE name = 'roles'"),
        JournalVerdict.INTEGRITY,
        "adopted",
    ),
    "the house's newest row": (sql(NEWEST_GONE.format(0)), JournalVerdict.COMPLETENESS, "house head"),
    "where the house's chain ends": (
        sql("DELETE FROM settings WHERE name = 'house_head'"),
        JournalVerdict.COMPLETENESS,
        "house head",
    ),
    "the house rewritten": (house_rewritten, JournalVerdict.INTEGRITY, "another house"),
    "a case's newest row": (sql(NEWEST_GONE.format(1)), JournalVerdict.COMPLETENESS, "missing"),
    "a step that is none": (closed_at_once, JournalVerdict.LEGALITY, "not allowed"),
    "in another's name": (by_another, JournalVerdict.LEGALITY, "not allowed"),
    "in another's name, a step like one before": (like_an_allowed_one, JournalVerdict.LEGALITY, "not allowed"),
    "in nobody's name": (by_nobody, JournalVerdict.LEGALITY, "not allowed"),
    "a row under no house": (without_house, JournalVerdict.LEGALITY, "not allowed"),
    "a role given without power": (powerless_grant, JournalVerdict.LEGALITY, "not allowed"),
}
"""What the hand does, under which verdict it is found, and as what."""


_PLAYED: list[House] = []


@pytest.fixture(scope="session")
def played(built_house: Path, tmp_path_factory: pytest.TempPathFactory) -> House:
    """Return a house in which something of each kind has happened, made once; attacks work on copies of its file."""
    if _PLAYED:
        return _PLAYED[0]
    folder = tmp_path_factory.mktemp("attacked") / "house"
    shutil.copytree(built_house, folder)
    house = House(folder)
    house.done("calendar", "close", "0101", "2019-10-08", "--reason", "停电")
    house.done("officer", "contact", "li", "email=li@example.org")
    house.assigned(house.lead())
    house.lead()
    house.done("pause", FIRST, "verification", "--reason", "外出取证")
    house.now = "2019-12-20T10:00"
    house.done("sweep")
    house.assigned(house.lead())
    _PLAYED.append(house)
    return house


def copied(played: House, folder: Path) -> House:
    """Return a house with a copy of the played one's folder."""
    shutil.copytree(played.folder, folder)
    house = House(folder)
    house.now = played.now
    return house


def attacked(house: House, attack: Attack) -> None:
    """Let the hand work on a house's file."""
    with closing(sqlite3.connect(house.database)) as hand, hand:
        attack(hand)


def found_in(url: str) -> list[tuple[JournalVerdict, str]]:
    """Return what verifying finds, with its verdicts."""
    with opened(url) as ledger:
        broken = (*verify(ledger)[1], *of_schema(ledger))
    return [(verdict_of(each), each.what) for each in broken]


def test_nothing_is_found_where_nothing_was_done(played: House) -> None:
    """The house that is attacked holds, so that whatever is found was the attack; each verdict says so by itself."""
    assert found_in(str(played.database)) == []
    said = played.found("journal", "verify")
    assert {name: each["holds"] for name, each in said["verdicts"].items()} == dict.fromkeys(JournalVerdict, True)
    assert said["judged"] + said["judged_in_part"] > 0


def test_each_attack_is_found(played: House, tmp_path: Path) -> None:
    """What the hand altered is named, under the verdict that it belongs to."""
    missed = {}
    for place, (name, (attack, verdict, what)) in enumerate(ATTACKS.items()):
        database = tmp_path / f"{place}.db"
        with closing(sqlite3.connect(played.database)) as there, closing(sqlite3.connect(database)) as here:
            there.backup(here)
        with closing(sqlite3.connect(database)) as hand, hand:
            attack(hand)
        found = found_in(str(database))
        if (verdict, what) not in found:
            missed[name] = found
    assert missed == {}


TAKEN = "DELETE FROM grants WHERE role = 'office' AND officer_id = (SELECT id FROM officers WHERE code = 'zhao')"
OFF = """UPDATE units SET own_days = '{"off":{"2020-01-02":"x"}}' WHERE code = '0101'"""
OFF_BACK = """UPDATE units SET own_days = '{"off":{"2019-10-08":"停电"}}' WHERE code = '0101'"""
BACK: dict[str, tuple[str, tuple[str, ...], str, str]] = {
    "a grant, for a lead": (
        GIVEN,
        ("receive", "--unit", "0101", "--received-on", "2019-12-19", "--source", "letter", "--summary", "有人强收"),
        TAKEN,
        "zhao",
    ),
    "own days, for a lead": (
        OFF,
        ("receive", "--unit", "0101", "--received-on", "2019-12-19", "--source", "letter", "--summary", "有人强收"),
        OFF_BACK,
        "wang",
    ),
    "a grant, for an officer": (GIVEN, ("officer", "add", "evil", "某某", "--role", "office"), TAKEN, "zhao"),
}
"""What the hand changes, what is done then, how it is changed back, and who did it."""


def test_what_was_changed_used_and_changed_back_is_found(played: House, tmp_path: Path) -> None:
    """The tables are at the end as they were, and still the step or the grant is named as not allowed."""
    for place, (name, (before, act, after, by)) in enumerate(BACK.items()):
        house = copied(played, tmp_path / str(place))
        attacked(house, sql(before))
        house.done(*act, by=by)
        attacked(house, sql(after))
        assert (JournalVerdict.LEGALITY, "not allowed") in found_in(str(house.database)), name
        result = house.run("journal", "verify", by="wang")
        assert result.exit_code == 13, name
        assert "legality does not hold in" in result.output, name


def test_a_workflow_changed_back_is_found(played: House, tmp_path: Path) -> None:
    """A step by a workflow that was altered, taken and put back does not lead there by the one that was adopted."""
    house = copied(played, tmp_path / "house")
    attacked(house, closed_at_once)
    assert house.run("journal", "verify").exit_code == 13


def test_an_altered_list_of_roles_is_a_break_and_no_refusal(played: House, tmp_path: Path) -> None:
    """Where the list that says who may verify is altered, what of the house was altered is listed."""
    house = copied(played, tmp_path / "house")
    attacked(house, ATTACKS["the list of roles"][0])
    result = house.run("journal", "verify")
    assert result.exit_code == 12
    assert "a text is not the one that the journal says was adopted (list roles 1)" in result.stdout


def test_a_text_that_is_none_is_no_fault_of_the_program(played: House, tmp_path: Path) -> None:
    """What cannot be read at all is said in one line, without the bytes, by who verifies and by who asks for zero."""
    house = copied(played, tmp_path / "house")
    attacked(house, sql("UPDATE cases SET state = CAST(x'ff41' AS TEXT) WHERE id = 1"))
    for words in (("journal", "verify", "--tables"), ("zero", "yearly", "--year", "2019")):
        answer = house.run(*words)
        assert (answer.exit_code, "a text that is none" in answer.stderr, "A'" in answer.stderr) == (12, True, False)


def test_what_is_new_is_verified_by_itself(played: House, tmp_path: Path) -> None:
    """After a checkpoint only newer rows and the cases they touch are read; --tables reads all and says when it did.

    An older case that is altered is found by that and by a baseline at once, and by `zero` once seven days are over.
    """
    house, file = copied(played, tmp_path / "house"), str(tmp_path / "baseline")
    house.done("journal", "checkpoint")
    house.done("journal", "verify", "--baseline", file)
    every = house.found("journal", "verify", "--tables")
    house.done("journal", "checkpoint")
    house.done("note", FIRST, "已联系")
    new = house.found("journal", "verify")
    assert (every["tables"], new["tables"], new["not_covered"]) == (True, False, 1)
    assert new["checked"] < every["checked"]
    said = house.run("zero", "yearly", "--year", "2019").output
    assert "all tables were compared with the journal on 2019-12-20 10:00, 0 days ago" in said
    assert "1 newer rows hang together only by their own chains" in said
    attacked(house, sql("UPDATE cases SET state = 'closed' WHERE id = 1"))
    assert house.run("journal", "verify").exit_code == 12  # the case that it touches
    attacked(
        house, sql("UPDATE cases SET state = 'assigned' WHERE id = 1", "UPDATE cases SET state = 'closed' WHERE id = 2")
    )
    assert house.run("journal", "verify").exit_code == 0  # another one: `--tables` sees it
    assert house.run("journal", "verify", "--tables").exit_code == 12
    assert house.run("journal", "verify", "--baseline", file).exit_code == 12
    found = {}
    for house.now in ("2019-12-27T10:00", "2019-12-27T10:01"):
        said = json.loads(house.run("zero", "yearly", "--year", "2019", "--json").stdout)
        found[house.now] = next(each["found"] for each in said["checks"] if each["name"] == "journal")
    assert found == {"2019-12-27T10:00": [], "2019-12-27T10:01": ["0101-XS-2019-0002#3"]}


def test_what_is_new_is_verified_with_its_messages_and_numbers(played: House, tmp_path: Path) -> None:
    """After a checkpoint a reminder whose message is gone, a new lead that is gone and a counter set back are found."""
    house = copied(played, tmp_path / "house")
    house.done("journal", "checkpoint")
    house.now = "2020-02-20T10:00"
    house.done("sweep")
    house.lead()
    newest = "(SELECT max(id) FROM cases WHERE workflow = 'lead')"
    gone = (
        f"DELETE FROM journal WHERE case_id = {newest}",
        f"DELETE FROM deadlines WHERE case_id = {newest}",
        f"DELETE FROM cases WHERE id = {newest}",
    )
    missed = []
    for place, (what, statements) in enumerate(
        {
            "outbox": ("DELETE FROM outbox WHERE created_at = (SELECT max(created_at) FROM outbox)",),
            "gone": gone,
            "counter": ("UPDATE counters SET last = last - 1",),
        }.items()
    ):
        database = tmp_path / f"{place}.db"
        with closing(sqlite3.connect(house.database)) as there, closing(sqlite3.connect(database)) as here:
            there.backup(here)
        with opened(str(database)) as ledger:
            assert (verification(ledger, whole=False).breaks, verification(ledger, whole=False).whole) == ((), False)
        with closing(sqlite3.connect(database)) as hand, hand:
            sql(*statements)(hand)
        with opened(str(database)) as ledger:
            found = verification(ledger, whole=False)
        if found.whole or what not in {each.what for each in found.breaks}:
            missed.append((what, found))
    assert missed == []


def test_a_deleted_statement_is_found(played: House, tmp_path: Path) -> None:
    """One DELETE of a frozen statement breaks where the house ends, and the checkpoint that was made with it."""
    house = copied(played, tmp_path / "house")
    house.run("zero", "yearly", "--year", "2019", "--freeze", "-o", str(house.folder), "--reason", "x")
    gone = "DELETE FROM journal WHERE case_id = 0 AND kind = 'statement_frozen'"
    attacked(house, sql(gone))
    said = json.loads(house.run("journal", "verify", "--json").stdout)
    assert not said["verdicts"]["completeness"]["holds"]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_server_is_judged_as_a_file_is(database_url: str) -> None:
    """On PostgreSQL a grant that was used and taken back, a trigger and a contact are found by the same verdicts."""
    with furnished(database_url) as ledger:
        store = ledger.store
        register(ledger)
        assert (*verify(ledger)[1], *of_schema(ledger)) == ()
        store.change(
            "INSERT INTO grants SELECT o.id, 'office', u.id FROM officers o, units u"
            " WHERE o.code = 'none' AND u.code = '0101'"
        )
        ledger.forget()
        register(ledger, by="none")
        store.change("DELETE FROM grants WHERE officer_id = (SELECT id FROM officers WHERE code = 'none')")
        store.change("UPDATE officers SET contact = '{\"x\":1}' WHERE code = 'chen'")
        store.change("CREATE FUNCTION quiet() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'")
        store.change("CREATE TRIGGER quiet BEFORE INSERT ON outbox FOR EACH ROW EXECUTE FUNCTION quiet()")
        found = {(verdict_of(each), each.what) for each in (*verify(ledger)[1], *of_schema(ledger))}
    assert found == {
        (JournalVerdict.INTEGRITY, "contact"),
        (JournalVerdict.INTEGRITY, "schema"),
        (JournalVerdict.LEGALITY, "not allowed"),
    }
