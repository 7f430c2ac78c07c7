"""How each row says that its case counts is judged by the rules; what a ledger's row said wrong is counted again."""

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Final

import pytest
from ledgers import dump, opened
from zero_house import Office, at, campaign, office_in

from engine.errors import RefusedError
from engine.journal.case_events import (
    CaseAmended,
    CaseEvent,
    CaseHandedOver,
    CaseLinked,
    CaseUnlinked,
    CaseVoided,
    ChildMoved,
    LegacyEntered,
    NoteWritten,
    QuestionClosed,
)
from engine.operations.cases.casework import amend
from engine.operations.cases.commit import write_decision
from engine.operations.cases.recounting import count_again
from engine.operations.house.safekeeping import note_upgrade, unsaid_upgrade
from engine.operations.house.verifying import verify
from engine.operations.ledger.acting import Acting
from engine.operations.zero.counted_wrong import counted_wrong
from engine.operations.zero.frozen import freeze
from engine.operations.zero.record_checks import whole
from engine.operations.zero.verdict import end_of
from engine.rules.case import Decision
from engine.rules.shapes import MISSED
from engine.store import schema
from engine.store.database import open_sqlite

OPEN, CLEARED, FULLY, VOID, REPEATS = range(5)
NAMED: Final = LegacyEntered(ledger_says="后来", at="台账!4", file={"name": "1.xlsx", "digest": "0" * 64}, set={})
NOTE: Final = NoteWritten(words="已电话核实")

Written = tuple[CaseEvent, str, int]
"""What a row says, the state that it leads into, and how it says that its case counts."""


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Return one house for the whole table."""
    office = office_in(tmp_path_factory.mktemp("counts"))
    with closing(office.ledger.store):
        yield office


def written(office: Office, day: str, *rows: Written) -> str:
    """Register a lead, and write rows after it past all rules, as an older program could: the chain is right."""
    number = office.register(day, day)
    for event, state, count in rows:
        acting, case = Acting(office.ledger, "chen", at(day)), office.ledger.case(number)
        fields = {**case.fields, **event.brought}
        with office.ledger.store.begin():
            write_decision(acting, case, Decision(event, state, fields, count))
    return number


CORRECTED: Final = CaseAmended(reason="查登记簿", set={"summary": "更正后"}, was={"summary": "医院门口有人强揽生意"})
HANDED: Final = CaseHandedOver(unit="0101", was_unit="0101", reason="属地")
CHILD: Final = ChildMoved(child="0101-YS-2019-0001", workflow="referral", state="receipted")
VOIDED, LINKED, UNLINKED = (
    CaseVoided(reason="误登"),
    CaseLinked(first="0101-XS-2019-0001", reason="重复"),
    CaseUnlinked(first="0101-XS-2019-0001", reason="并非同一件"),
)
TABLE: Final[dict[str, tuple[list[Written], list[int]]]] = {
    "transferred without a letter": ([(NAMED, "transferred_police", CLEARED)], [2]),
    "and open": ([(NAMED, "transferred_police", OPEN)], []),
    "declined without a day": ([(NAMED, "declined", CLEARED)], [2]),
    "declined on a day": ([(NAMED.replace(set={"accepted_on": "2019-06-02"}), "declined", CLEARED)], []),
    "a clean-up without a day": ([(NAMED, "rectifying", CLEARED)], [2]),
    "a clean-up of that day": (
        [(NAMED.replace(set={"rectification_due_on": "2019-06-03"}), "rectifying", CLEARED)],
        [],
    ),
    "and past it": ([(NAMED.replace(set={"rectification_due_on": "2019-06-02"}), "rectifying", CLEARED)], [2]),
    "rectified, and not fully closed": ([(NAMED, "rectified", CLEARED)], [2]),
    "closed": ([(NAMED, "closed", CLEARED)], []),
    "closed, and open": ([(NAMED, "closed", OPEN)], [2]),
    "closed, and forgotten by a note": ([(NAMED, "closed", CLEARED), (NOTE, "closed", OPEN)], [3]),
    "cleared by a note": ([(NOTE, "received", CLEARED)], [2]),
    "what stays by a wrong row is not accused": ([(NAMED, "declined", CLEARED), (NOTE, "declined", CLEARED)], [2]),
    "counted by a question": ([(QuestionClosed(field="source", reason="查无"), "received", CLEARED)], [2]),
    "counted by a correction": ([(CORRECTED, "received", CLEARED)], [2]),
    "counted as it is handed over": ([(HANDED, "received", CLEARED)], [2]),
    "with a letter it may be so or so": (
        [(NAMED, "transferred_police", OPEN), (CHILD, "transferred_police", CLEARED)],
        [],
    ),
    "but not in a state that never counts": ([(CHILD, "received", CLEARED)], [2]),
    "nor against a rule about itself": ([(CHILD, "received", OPEN), (NAMED, "declined", CLEARED)], [3]),
    "void, and open": ([(VOIDED, "received", OPEN)], [2]),
    "void, and cleared later": ([(VOIDED, "received", VOID), (NAMED, "closed", CLEARED)], [3]),
    "a repeat, and open": ([(LINKED, "received", OPEN)], [2]),
    "a repeat stays one": ([(LINKED, "received", REPEATS), (NAMED, "closed", REPEATS)], []),
    "a repeat no more, and cleared": ([(LINKED, "received", REPEATS), (UNLINKED, "received", CLEARED)], [3]),
}
"""Rows after the first one, and which of them are named."""


def test_a_row_that_counts_its_case_otherwise_than_the_rules_is_named(office: Office) -> None:
    """Of each kind of row a wrong count is named by its number, with what it says and what it should; no right one."""
    numbers = {written(office, "2019-06-03", *rows): name for name, (rows, _) in TABLE.items()}
    breaks = [each for each in verify(office.ledger)[1] if each.what == "count"]
    found = {name: [each.seq for each in breaks if numbers.get(each.case) == name] for name in TABLE}
    assert found == {name: wrong for name, (_, wrong) in TABLE.items()}
    first = next(each for each in breaks if numbers.get(each.case) == "transferred without a letter")
    assert first.which == "记为“本单位办结”，按规则应为“未办结”"


def test_an_upgrade_counts_again_and_says_of_the_days_between(tmp_path: Path) -> None:
    """Until it is said zero is not; then the lead is open, no row was rewritten, and days between are named."""
    office = office_in(tmp_path)
    ledger = office.ledger
    wrong = written(office, "2019-06-03", (NAMED, "declined", CLEARED), (NOTE, "declined", CLEARED))
    mended = written(office, "2019-06-03", (NAMED, "declined", CLEARED))
    right = written(office, "2019-06-03", (NAMED, "closed", CLEARED))
    amend(Acting(ledger, "chen", at("2019-06-20")), mended, {"real_name": True}, reason="查登记簿")
    before = dump(ledger.store)["journal"]
    upgraded = (schema.UNSAID, '{"after":"0020","before":"0019","digest":""}')
    ledger.store.change("INSERT INTO settings (name, value) VALUES (?, ?)", upgraded)
    assert sorted(whole(ledger, now=at("2019-07-01"))[1].found) == [f"{wrong}#2", f"{mended}#2"]

    said = note_upgrade(Acting(ledger, "chen", at("2019-07-08")), count_again)
    assert (said and said.recounted, verify(ledger)[1]) == (2, ())
    assert [ledger.case(each).clearance for each in (wrong, mended, right)] == [OPEN, OPEN, CLEARED]
    assert len(set(before) - set(dump(ledger.store)["journal"])) == 0
    days = {"2019-06-02": (), "2019-06-10": (wrong, mended), "2019-06-25": (wrong,), "2019-07-08": ()}
    ends = {day: end_of(date.fromisoformat(day), ledger.zone) for day in days}
    assert {day: counted_wrong(ledger, campaign(), end_at=ends[day], unit=None) for day in days} == days
    with pytest.raises(RefusedError, match=wrong):
        freeze(Acting(ledger, "chen", at("2019-07-09")), campaign(), day=date(2019, 6, 25))


def test_an_upgrade_lets_a_term_that_ceased_twice_end_as_it_ceased(office: Office, tmp_path: Path) -> None:
    """The later day, as tables of before had it, is named by verifying; the step puts it right, and counts them."""
    number = office.register("2019-06-20", "2019-06-20", category="A3", handling_due_on="2019-07-05")
    office.assign("2019-06-21", number)
    amend(Acting(office.ledger, "chen", at("2019-07-01")), number, {"handling_due_on": None}, reason="误填")
    office.verify("2019-07-08", number)
    office.dismiss(("2019-07-09", "2019-07-10"), number)
    url = str(tmp_path / "older.db")
    office.ledger.store.change(f"VACUUM INTO '{url}'")
    term = (
        "SELECT ended_at FROM deadlines WHERE name = 'handling' AND case_id = (SELECT id FROM cases WHERE number = ?)"
    )
    shape = "SELECT shape FROM cases WHERE number = ?"
    with opened(url) as ledger:
        wanted = [ledger.store.value(each, (number,)) for each in (term, shape)]
        later = json.loads(ledger.store.value(term.replace("ended_at", "ledger", 1), (number,)))["lifted"][-1][
            "from_at"
        ]
        assert later > wanted[0]
        place = term.replace("ended_at", "id", 1)
        ledger.store.change(f"UPDATE deadlines SET ended_at = ? WHERE id = ({place})", (later, number))
        ledger.store.change("UPDATE cases SET shape = shape | ? WHERE number = ?", (MISSED, number))
        assert {(each.case, each.what) for each in verify(ledger)[1]} >= {(number, "ended_at")}
    with closing(open_sqlite(url)) as connection:
        schema.migrate(connection, url, "0019")
    schema.bring_up(url, unsaid={"before": "0019", "after": "0020", "digest": ""})
    with opened(url) as ledger:
        found = [ledger.store.value(each, (number,)) for each in (term, shape)]
        upgraded = unsaid_upgrade(ledger)
        assert (found, upgraded and upgraded.mended) == (wanted, 1)
        assert "ended_at" not in {each.what for each in verify(ledger)[1]}
