"""The journal is one chain for each case: what is altered afterwards, in any way, is found."""

import json
from collections.abc import Callable, Iterable
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ledgers import DAY, START, Story, furnished, on, register, undone
from paths import POLICE, TO_POLICE

from engine.journal.break_verdicts import JournalVerdict, verdict_of
from engine.journal.canonical import canonical
from engine.journal.chain import START as NOTHING
from engine.journal.chain import Break, ChainRow, JournalEntry, breaks, chained, digest
from engine.operations.cases.casework import advance, note
from engine.operations.house import registration as keeping
from engine.operations.house import verifying
from engine.operations.ledger.acting import Acting
from engine.rules.case import Case
from engine.store import case_rows
from engine.store.connection import Store
from engine.working_days.instants import microseconds

WORDS = st.text(st.characters(codec="utf-8"), max_size=40)
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=8,
)


@given(
    case=WORDS, seq=st.integers(1), at=st.integers(), by=WORDS, kind=WORDS, states=st.tuples(*[st.none() | WORDS] * 2),
    clearance=st.integers(0, 4), body=st.dictionaries(WORDS, PLAIN, max_size=4),
)  # fmt: skip
@settings(max_examples=200, derandomize=True, deadline=None)
def test_the_digest_is_that_of_the_canonical_mapping(
    case: str, seq: int, at: int, by: str, kind: str, states: tuple[str | None, str | None], clearance: int,
    body: dict[str, object],
) -> None:  # fmt: skip
    """The text put together by hand for speed is the canonical JSON of the same mapping, for any content."""
    from hashlib import sha256

    mapping = {
        "at": at, "body": body, "by": by, "case": case, "clearance": clearance, "from": states[0], "kind": kind,
        "previous": "ab", "seq": seq, "to": states[1],
    }  # fmt: skip
    wanted = sha256(canonical(mapping).encode()).hexdigest()
    assert digest("ab", case, seq, at, by, kind, *states, clearance, canonical(body)) == wanted


@pytest.mark.parametrize("value", [float("nan"), float("inf")], ids=["nan", "inf"])
def test_what_json_cannot_say_is_not_hashed(value: float) -> None:
    """A number that JSON has no word for is refused, not written in some dialect."""
    with pytest.raises(ValueError, match="JSON"):
        canonical({"amount": value})


def chain(length: int) -> list[JournalEntry]:
    """Return a whole chain."""
    found: list[JournalEntry] = []
    for seq in range(1, length + 1):
        found.append(
            chained(
                found[-1].hash if found else NOTHING, case_id=7, case="X-1", seq=seq, at=seq, by="zhou", kind="noted",
                from_state="a", to_state="a", clearance=0, body=canonical({"words": str(seq)}),
            )
        )  # fmt: skip
    return found


def as_checked(entries: Iterable[JournalEntry]) -> list[ChainRow]:
    """Return entries as their chain is checked: without the case's number, the body as bytes."""
    return [ChainRow(each.case_id, *each[2:9], each.body.encode(), each.hash) for each in entries]


@given(case=WORDS, by=WORDS, kind=WORDS, states=st.tuples(*[st.none() | WORDS] * 2), body=st.dictionaries(WORDS, PLAIN))
@settings(max_examples=100, derandomize=True, deadline=None)
def test_what_is_written_is_what_is_checked(
    case: str, by: str, kind: str, states: tuple[str | None, str | None], body: dict[str, object]
) -> None:
    """The bytes that a check hashes are those that were hashed when the row was written, for any content."""
    entry = chained(NOTHING, 7, case, 1, -5, by, kind, *states, 2, canonical(body))
    rows = as_checked([entry])
    assert breaks(case, rows, head=entry.hash, length=1) == ()
    assert breaks(f"{case}.", rows, head=entry.hash, length=1)
    assert breaks(case, [rows[0]._replace(body=None)], head=entry.hash, length=1)


def test_each_break_falls_under_one_verdict() -> None:
    """What was not allowed is one thing, what is gone another, and everything else is not what was written."""
    found = {
        what: verdict_of(Break(case="X-1", seq=1, what=what))
        for what in ("not allowed", "missing", "hash", "of tomorrow")
    }

    assert found == {
        "not allowed": JournalVerdict.LEGALITY,
        "missing": JournalVerdict.COMPLETENESS,
        "hash": JournalVerdict.INTEGRITY,
        "of tomorrow": JournalVerdict.INTEGRITY,
    }


def test_a_whole_chain_has_no_breaks() -> None:
    """Nothing is found where nothing was altered; an empty chain is whole as well."""
    rows = chain(4)
    assert breaks(rows[0].case, as_checked(rows), head=rows[-1].hash, length=4) == ()
    assert breaks("", [], head="", length=0) == ()


@pytest.mark.parametrize(
    ("kept", "what"),
    [([0, 1, 2], "missing"), ([1, 2, 3], "missing"), ([0, 2, 3], "missing"), ([0, 2, 1, 3], "missing")],
    ids=["tail cut", "head cut", "one left out", "two swapped"],
)
def test_rows_left_out_or_moved_are_found(kept: list[int], what: str) -> None:
    """Every way of leaving rows out is found, the newest too, since the case says how long its chain is."""
    rows = chain(4)
    found = breaks(rows[0].case, as_checked(rows[n] for n in kept), head=rows[-1].hash, length=4)
    assert what in {each.what for each in found}


def _sql(statement: str) -> Callable[[Store, Case], object]:
    """Return what runs a statement on the journal of the case, with ? for its id."""
    return lambda store, case: store.change(statement, (case.id,) * statement.count("?"))


def _rechained(store: Store, case: Case) -> None:
    """Write a row's content and hash anew, as a forger who knows the format would."""
    row = case_rows.entries(store, case.id)[1]
    forged = chained(
        case_rows.entries(store, case.id)[0].hash, case_id=row.case_id, case=row.case, seq=row.seq, at=row.at, by="li",
        kind=row.kind, from_state=row.from_state, to_state=row.to_state, clearance=row.clearance, body=canonical({}),
    )  # fmt: skip
    store.change(
        "UPDATE journal SET by = 'li', body = ?, hash = ? WHERE case_id = ? AND seq = 2",
        (forged.body, forged.hash, case.id),
    )


TAMPERING: dict[str, tuple[Callable[[Store, Case], object], str]] = {
    "who": (_sql("UPDATE journal SET by = 'li' WHERE case_id = ? AND seq = 2"), "changed"),
    "when": (_sql("UPDATE journal SET at = at - 1 WHERE case_id = ? AND seq = 2"), "changed"),
    "what": (_sql("UPDATE journal SET body = replace(body, 'chen', 'sun') WHERE case_id = ? AND seq = 2"), "changed"),
    "kind": (_sql("UPDATE journal SET kind = 'noted' WHERE case_id = ? AND seq = 2"), "changed"),
    "state before": (_sql("UPDATE journal SET from_state = 'x' WHERE case_id = ? AND seq = 2"), "changed"),
    "state after": (_sql("UPDATE journal SET to_state = 'x' WHERE case_id = ? AND seq = 2"), "changed"),
    "count": (_sql("UPDATE journal SET clearance = 2 WHERE case_id = ? AND seq = 2"), "changed"),
    "hash": (_sql("UPDATE journal SET hash = 'ab' WHERE case_id = ? AND seq = 2"), "changed"),
    "forged with its hash": (_rechained, "changed"),
    "one deleted": (_sql("DELETE FROM journal WHERE case_id = ? AND seq = 2"), "missing"),
    "tail cut": (_sql("DELETE FROM journal WHERE case_id = ? AND seq = 3"), "missing"),
    "all deleted": (_sql("DELETE FROM journal WHERE case_id = ?"), "missing"),
    "one inserted": (
        _sql(
            "INSERT INTO journal SELECT case_id, 4, at, by, kind, from_state, to_state, clearance, body, hash"
            " FROM journal WHERE case_id = ? AND seq = 3"
        ),
        "changed",
    ),
    "one moved behind": (_sql("UPDATE journal SET seq = 9 WHERE case_id = ? AND seq = 2"), "missing"),
    "one moved to another case": (
        _sql("UPDATE journal SET case_id = 2, seq = 2 WHERE case_id = ? AND seq = 3"),
        "state",
    ),
    "one moved to no case": (_sql("UPDATE journal SET case_id = 99 WHERE case_id = ? AND seq = 3"), "no case"),
    "one made up for no case": (
        _sql(
            "INSERT INTO journal SELECT 99, 1, at, by, kind, from_state, to_state, clearance, body, hash"
            " FROM journal WHERE case_id = ? AND seq = 3"
        ),
        "no case",
    ),
    "the case's state": (_sql("UPDATE cases SET state = 'closed' WHERE id = ?"), "state"),
    "how the case counts": (_sql("UPDATE cases SET clearance = 2 WHERE id = ?"), "state"),
    "the case's number": (_sql("UPDATE cases SET number = '0101-XS-2019-0777' WHERE id = ?"), "changed"),
    "the case's head": (_sql("UPDATE cases SET head = 'ab' WHERE id = ?"), "misplaced"),
    "a value": (_sql("UPDATE cases SET fields = replace(fields, '停车场', '菜市场') WHERE id = ?"), "fields"),
    "values that are no JSON": (_sql("UPDATE cases SET fields = '{' WHERE id = ?"), "fields"),
    "the receipt": (_sql("UPDATE cases SET dated_on = '2018-01-01' WHERE id = ?"), "dated_on"),
    "the unit": (_sql("UPDATE cases SET unit_id = 2 WHERE id = ?"), "unit"),
    "what it repeats": (_sql("UPDATE cases SET first_id = 2 WHERE id = ?"), "first"),
    "what opened it": (_sql("UPDATE cases SET parent_id = 2 WHERE id = ?"), "parent"),
    "the values by which it is counted": (_sql("UPDATE cases SET shape = shape + 256 WHERE id = ?"), "shape"),
    "the terms by which it is counted": (_sql("UPDATE cases SET shape = shape + 1 WHERE id = ?"), "shape"),
    "that it came back": (_sql("UPDATE cases SET shape = shape + 16 WHERE id = ?"), "shape"),
    "what it is counted by, forgotten": (_sql("UPDATE cases SET shape = 0 WHERE id = ?"), "shape"),
    "when it was opened": (_sql("UPDATE cases SET opened_at = opened_at - 1 WHERE id = ?"), "opened_at"),
    "when it was changed": (_sql("UPDATE cases SET changed_at = changed_at + 1 WHERE id = ?"), "changed_at"),
    "the version of its workflow": (_sql("UPDATE cases SET version = 99 WHERE id = ?"), "workflow"),
    "the row of a ledger it stands for": (_sql("UPDATE cases SET import_key = 'x' WHERE id = ?"), "import_key"),
    "a deadline's day": (_sql("UPDATE deadlines SET due_on = '2030-01-01' WHERE case_id = ?"), "deadlines"),
    "a deadline's first day": (
        _sql("UPDATE deadlines SET original_due_on = '2030-01-01' WHERE case_id = ?"),
        "deadlines",
    ),
    "a deadline's status": (_sql("UPDATE deadlines SET status = 3 WHERE case_id = ?"), "deadlines"),
    "deadlines deleted": (_sql("DELETE FROM deadlines WHERE case_id = ?"), "deadlines"),
    "a seal deleted": (_sql("DELETE FROM sealed_values WHERE case_id = ?"), "sealed"),
    "another's seal put in its place": (
        _sql(
            "UPDATE sealed_values SET ciphertext = (SELECT max(ciphertext) || 'A' FROM sealed_values) WHERE case_id = ?"
        ),
        "sealed",
    ),
    "a file made up": (_sql("INSERT INTO attachments VALUES (?, 2, 'ab', 'x.pdf', 3)"), "attachments"),
    "the whole case deleted": (
        lambda store, case: [
            store.change(f"DELETE FROM {table} WHERE {'id' if table == 'cases' else 'case_id'} = ?", (case.id,))
            for table in ("deadlines", "sealed_values", "journal", "cases")
        ],
        "gone",
    ),
    "the counter": (_sql("UPDATE counters SET last = 1 WHERE ? > 0"), "counter"),
    "a unit's name": (_sql("UPDATE units SET name = 'x' WHERE id = ?"), "units"),
    "a unit closed": (_sql("UPDATE units SET closed_at = 1 WHERE id = ?"), "units"),
    "a unit made up": (
        _sql("INSERT INTO units (code, name, own_days) SELECT 'x', 'x', '{}' FROM units WHERE id = ?"),
        "units",
    ),
    "an officer's name": (_sql("UPDATE officers SET name = 'x' WHERE id = ?"), "officers"),
    "an officer who left": (_sql("UPDATE officers SET left_at = NULL WHERE code = 'gone' AND ? > 0"), "officers"),
    "a role given": (_sql("INSERT INTO grants (officer_id, role, unit_id) VALUES (5, 'tester', ? - ?)"), "grants"),
    "a role taken": (_sql("DELETE FROM grants WHERE officer_id = ? AND role = 'office'"), "grants"),
    "the zone": (_sql("""UPDATE settings SET value = '"UTC"' WHERE name = 'zone' AND ? > 0"""), "settings"),
    "the custodian's key": (
        _sql("UPDATE settings SET value = replace(value, 'jXd4', 'jXd5') WHERE name = 'custodian' AND ? > 0"),
        "settings",
    ),
    "a kept workflow": (
        _sql("UPDATE workflow_versions SET plain = replace(plain, 'lead', 'load') WHERE ? > 0"),
        "declaration",
    ),
}


def test_what_is_altered_behind_our_back_is_found(database_url: str) -> None:
    """Rows and cases changed with plain SQL are named, each change by itself; before it nothing was."""
    found = {}
    with furnished(database_url) as ledger:
        story = Story(ledger, real_name=True, reporter="举报人甲").play(POLICE[:2])
        register(ledger, summary="另一件")
        assert verifying.verify(ledger)[1] == ()
        for kind, (tamper, _) in TAMPERING.items():
            with undone(ledger.store):
                tamper(ledger.store, story.lead)
                found[kind] = {each.what for each in verifying.verify(on(ledger.store))[1]}
        assert verifying.verify(on(ledger.store))[1] == ()

    assert [(kind, found[kind]) for kind, (_, what) in TAMPERING.items() if what not in found[kind]] == []


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ("UPDATE journal SET body = CAST(body AS BLOB) WHERE case_id = 1 AND seq = 2", "changed"),
        ("UPDATE journal SET body = CAST(x'ff' AS TEXT) WHERE case_id = 1 AND seq = 2", "changed"),
        ("UPDATE cases SET fields = CAST(fields AS BLOB) WHERE id = 1", "fields"),
    ],
)
def test_what_is_no_text_in_place_of_one_is_found(sqlite_url: str, change: str, what: str) -> None:
    """SQLite keeps bytes, or a text that is no UTF-8, in a column of texts: neither passes for what was written."""
    with furnished(sqlite_url) as ledger:
        Story(ledger).play(POLICE[:2])
        assert verifying.verify(ledger)[1] == ()
        with ledger.store.begin():
            ledger.store.change(change)
        assert [(each.seq, each.what) for each in verifying.verify(ledger)[1] if each.what == what]


def test_a_case_without_any_journal_is_named(sqlite_url: str) -> None:
    """With all its rows gone, the case is told by its number, not as the house."""
    with furnished(sqlite_url) as ledger:
        number = register(ledger).number
        with ledger.store.begin():
            ledger.store.change("DELETE FROM journal WHERE case_id = 1")
        assert [(each.case, each.what) for each in verifying.verify(ledger)[1]] == [(number, "missing")]


@pytest.mark.parametrize("seq", [1, 3])
def test_the_chain_of_the_house_is_checked_too(database_url: str, seq: int) -> None:
    """Who was given which role cannot be rewritten."""
    with furnished(database_url) as ledger:
        with ledger.store.begin():
            ledger.store.change("UPDATE journal SET body = '{}' WHERE case_id = 0 AND seq = ?", (seq,))
        (found,) = verifying.verify(ledger)[1]
        assert (found.case, found.seq, found.what) == ("", seq, "changed")


@pytest.mark.parametrize("road", ["one", "children"])
def test_no_row_is_dated_before_the_one_it_follows(database_url: str, road: str) -> None:
    """With the clock set back, the row takes the date of the one before and keeps what the clock said."""
    back = START - 2 * DAY
    with furnished(database_url) as ledger:
        story = Story(ledger).play(POLICE[:2])
        if road == "one":
            note(Acting(ledger, "zhou", back), story.number, "时钟被拨回")
        else:
            values = {"signed_by": "zhao", "signed_on": "2019-06-29"}
            advance(Acting(ledger, "zhou", back), story.number, TO_POLICE.trigger, values)
            advance_letter = {"letter_number": "某卫移〔2019〕1号", "receiving_body": "某局", "sent_on": "2019-06-29"}
            number = story.case("police").number
            advance(Acting(ledger, "zhou", back), number, "send", {**advance_letter, "material": "案卷"})
        rows = case_rows.entries(ledger.store, story.lead.id)
        assert [each.at for each in rows] == sorted(each.at for each in rows)
        assert rows[-1].at == microseconds(story.now)
        assert f'"clock_at":{microseconds(back)}' in rows[-1].body
        assert story.lead.changed_at == rows[-1].at


def test_the_house_keeps_both_instants_too(database_url: str) -> None:
    """The house's own chain is dated forward only, and keeps what the clock said."""
    back = START - 10 * DAY
    with furnished(database_url) as ledger:
        keeping.add_unit(Acting(ledger, "keeper", back), "0103", "某院")
        rows = case_rows.entries(ledger.store, 0)
        assert rows[-1].at == microseconds(START)
        assert f'"clock_at":{microseconds(back)}' in rows[-1].body


def test_a_clock_set_by_hand_is_marked_in_every_row(database_url: str) -> None:
    """Rows of cases, of their children and of the house keep the real instant beside the one that was set."""
    real = START + timedelta(days=2000)
    with furnished(database_url) as plain:
        ledger = on(plain.store, real_now=real)
        keeping.add_unit(Acting(ledger, "keeper", START), "0103", "某院")
        story = Story(ledger).play(POLICE[:4])
        rows = [case_rows.entries(ledger.store, 0)[-1]]
        for case in (story.lead, *story.children):
            rows += case_rows.entries(ledger.store, case.id)
        assert len(rows) == 8
        assert all(f'"real_at":{microseconds(real)}' in each.body for each in rows)


def test_a_step_into_the_same_state_is_a_row_as_well(sqlite_url: str) -> None:
    """Notes and steps that stay where they are count up the chain like any other."""
    with furnished(sqlite_url) as ledger:
        number = register(ledger).number
        note(Acting(ledger, "zhou", START), number, "  已电话核实 ")
        row = case_rows.entries(ledger.store, ledger.case(number).id)[-1]
        assert (row.seq, row.by, row.kind, row.from_state, row.to_state) == (2, "zhou", "noted", "received", "received")
        said = json.loads(row.body)
        house_row = said.pop("house")
        assert (said, len(house_row)) == ({"words": "已电话核实"}, 2)
