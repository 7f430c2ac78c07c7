"""A baseline spares judging again what held and stands as it did, and hides nothing that is found without one."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from houses import House, built_house
from ledgers import opened
from test_attacks import ATTACKS, copied, played
from test_second_process import attacked_by_many

from engine.errors import BadFileError
from engine.operations.house.baseline import Baseline
from engine.operations.house.verifying import Verification, verification
from engine.store import chain_rows as chains
from engine.store import named_rows

__all__ = ["built_house", "played"]


@pytest.fixture(autouse=True)
def case_by_case(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep a digest for each case, so that there are cases that stand as they did beside those that do not."""
    monkeypatch.setattr(chains, "STRETCH", 1)


@pytest.fixture(scope="module")
def held(played: House, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the baseline of the played house, which holds."""
    file = tmp_path_factory.mktemp("held") / "baseline"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(chains, "STRETCH", 1)
        found = verified(played.database, file, keep=True)
    assert (found.breaks, found.spared) == ((), 0)
    return file


def verified(database: Path, file: Path | None, *, keep: bool = False) -> Verification:
    """Verify a ledger by a baseline, or without one; if asked for, keep what held."""
    kept = None if file is None else Baseline(file)
    with opened(str(database)) as ledger:
        found = verification(ledger, baseline=kept)
    if kept is not None and keep:
        kept.keep()
    return found


def test_what_holds_is_spared_and_counted(played: House, held: Path) -> None:
    """Nothing is judged again, and rows and ways of being known are counted as if all was."""
    whole, spared = verified(played.database, None), verified(played.database, held)
    assert spared.spared == 9
    assert (spared.judged, spared.in_part) == (0, 0)
    assert (spared.breaks, spared.checked, spared.known_by) == ((), whole.checked, whole.known_by)


OF_HOUSE = {"schema", "contact", "own_days", "declaration", "adopted", "house head", "another house"}
"""What is found in no case; no baseline is asked of it."""


def test_each_attack_is_found_as_without_a_baseline(played: House, held: Path, tmp_path: Path) -> None:
    """Whatever the hand did after all held is named; of nearly all of it at once, in the same words and order."""
    missed, database = {}, tmp_path / "attacked.db"
    attacked_by_many(played, database)
    assert verified(database, held).breaks == verified(database, None).breaks
    for name, (attack, _, what) in ATTACKS.items():
        if what in OF_HOUSE:
            continue
        shutil.copyfile(played.database, database)
        with closing(sqlite3.connect(database)) as hand, hand:
            attack(hand)
        found = {each.what for each in verified(database, held).breaks}
        if what not in found:
            missed[name] = found
    assert missed == {}


NOT_READ = {("cases", "first_id"), ("reminders", "outcome"), ("reminders", "due_at")}
"""Verifying reads the number of the case that another repeats, and of reminders when they were sent."""


def columns_of(hand: sqlite3.Connection) -> Iterator[tuple[str, str]]:
    """Yield each column of each table that says something of a case."""
    for table in ("cases", "journal", "deadlines", "reminders", "named_officers"):
        for _, column, *_ in hand.execute(f"PRAGMA table_info({table})"):
            yield table, column


def test_every_column_is_in_the_digest(played: House, tmp_path: Path) -> None:
    """Of each table one value is altered, column by column: what stands is another than before each time."""
    database, same = tmp_path / "altered.db", []
    shutil.copyfile(played.database, database)
    with opened(str(database)) as ledger:
        store = ledger.store
        hand = store.driver

        def stands() -> object:
            messages = chains.Messages(store)
            return [chains.stood(store, each, each, messages).digest for each in (1, 2, 3)], named_rows.digests(
                store, 1
            )

        before = stands()
        for table, column in columns_of(hand):
            hand.execute("PRAGMA foreign_keys = OFF")
            hand.execute("SAVEPOINT one")
            hand.execute(f"UPDATE {table} SET {column} = CASE typeof({column}) WHEN 'integer' THEN {column} + 99"
                         f" ELSE coalesce({column}, '') || 'x' END")  # fmt: skip
            if stands() == before:
                same.append((table, column))
            hand.execute("ROLLBACK TO one")
            hand.execute("RELEASE one")
    assert set(same) == NOT_READ


RULES = {
    "a role is given": (("officer", "grant", "li", "liaison"), True),
    "a unit has days of its own": (("calendar", "close", "0101", "2019-12-30", "--reason", "停电"), False),
    "somebody leaves": (("officer", "leave", "zhao"), False),
}


def test_new_rules_let_all_be_judged_again(played: House, held: Path, tmp_path: Path) -> None:
    """What says nothing of what was in force before spares cases still; what may, does not."""
    for place, (name, (words, is_spared)) in enumerate(RULES.items()):
        house = copied(played, tmp_path / str(place))
        house.done(*words)
        found = verified(house.database, held)
        assert (name, found.breaks, found.spared > 0) == (name, (), is_spared)


def test_a_baseline_of_another_house_or_program_spares_nothing(played: House, held: Path, tmp_path: Path) -> None:
    """Nor does one that names another row of the house as its newest; what is no baseline is refused in one line."""
    text = held.read_text()
    for old, new in (('"program":"', '"program":"0'), ('"calendar":"', '"calendar":"0'), ('"house":[', '"house":[1')):
        other = tmp_path / "other"
        other.write_text(text.replace(old, new, 1))
        assert verified(played.database, other).spared == 0, old
    for spoilt in (text[:-9], "{}", text.replace('"schema"', '"scheme"')):
        other.write_text(spoilt)
        assert "is no baseline" in played.refused(BadFileError.exit_code, "journal", "verify", "--baseline", str(other))


def test_the_command_keeps_the_file_only_of_what_holds(played: House, tmp_path: Path) -> None:
    """The first run writes it, the second spares and notes no comparison of all tables; a break leaves it as it was."""
    house, file = copied(played, tmp_path / "house"), tmp_path / "baseline"
    asked = ("journal", "verify", "--tables", "--baseline", str(file))
    noted = "SELECT count(*) FROM journal WHERE case_id = 0 AND kind = 'verified'"
    with closing(sqlite3.connect(house.database)) as hand, hand:
        house.done(*asked)
        assert hand.execute(noted).fetchone() == (1,)
        assert house.found(*asked)["not_judged_again"] == 9
        assert hand.execute(noted).fetchone() == (1,)
        kept = file.read_bytes()
        hand.execute("UPDATE cases SET state = 'closed' WHERE id = 1")
        hand.commit()
        assert "state" in house.run(*asked).stdout
    assert file.read_bytes() == kept
