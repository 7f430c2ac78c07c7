"""`database copy`: a ledger moves from a file to a server and back, whole, and never over another."""

import json
from pathlib import Path

import pytest
from houses import House, built_house, house

from engine.store import table_copy
from engine.store.database import open_sqlite

__all__ = ["built_house", "house"]


def rows(file: Path) -> dict[str, int]:
    """Return the sums over the rows of each table, but for those that the house's own journal changes."""
    connection = open_sqlite(str(file))
    try:
        found = dict(table_copy.contents_of(connection).sums)
    finally:
        connection.close()
    return {name: each for name, each in found.items() if name not in {"journal", "settings", "access_log"}}


def test_a_ledger_moves_to_a_server_and_back(house: House, empty_postgres_url: str) -> None:
    """Every row is there, both journals hold, work goes on there; a database in use is refused, and nothing is left."""
    number = house.assigned(house.lead("--reporter", "Reporter Q-773", "--real-name", "yes"))
    (house.folder / "paper.txt").write_text("seen", "utf-8")
    house.done("attach", number, str(house.folder / "paper.txt"))
    before = rows(house.database)

    server = House(house.folder)
    server.database = empty_postgres_url  # type: ignore[assignment]  # an address stands where files do
    keys = {"QINGLING_FILES": str(house.folder / "ledger-files")}
    made = house.run("database", "copy", empty_postgres_url, "--json")
    again = house.run("database", "copy", empty_postgres_url)
    verified = server.run("journal", "verify", env=keys)
    step = server.run("note", number, "seen there", env=keys)
    back = house.folder / "back.db"
    returned = server.run("database", "copy", str(back), env=keys)

    assert made.exit_code == 0, made.output
    told = json.loads(made.stdout)
    assert told["rows"]["cases"] == 1
    assert told["checked"]["there"] == told["checked"]["here"] + 1
    assert again.exit_code == 12, again.output
    assert "there is a database" in again.stderr
    assert (verified.exit_code, step.exit_code, returned.exit_code) == (0, 0, 0), returned.output
    now = rows(back)
    assert {name for name in before if before[name] != now[name]} <= {
        "cases",
        "tree_leaves",
        "search",
        "search_pending",
    }
    assert house.found("show", number)["number"] == number
    assert not list(house.folder.glob(".*qingling*"))
    files = [each for each in house.folder.glob("back*") if each.is_file()]
    assert back in files
    assert not any(each.stat().st_mode & 0o077 for each in files), "it holds hashes of passwords and running log-ins"


@pytest.mark.parametrize("by", ["li", "qian"])
def test_who_may_not_bring_a_ledger_back_copies_none(house: House, by: str) -> None:
    """It takes the power to restore, and leaves no file."""
    refused = house.run("database", "copy", str(house.folder / "mine.db"), by=by)

    assert refused.exit_code == 21, refused.output
    assert not (house.folder / "mine.db").exists()
