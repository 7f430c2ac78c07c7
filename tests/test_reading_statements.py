"""What is read of a whole house takes as many statements for many units, officers and cases as for few."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from houses import House
from ledgers import START, furnished, register

from engine.operations.house import registration as keeping
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.ledger import Ledger
from engine.store.schema import bring_up

COMMANDS = {
    "zero": ("zero", "yearly", "--year", "2019"),
    "zero --quick": ("zero", "yearly", "--year", "2019", "--quick"),
    "report weekly": ("report", "weekly", "-o", "weekly.html"),
    "doctor": ("doctor",),
    "list": ("list",),
    "today": ("today",),
    "sweep": ("sweep",),
    "zero --freeze": ("zero", "yearly", "--year", "2019", "--freeze"),
}


@contextmanager
def counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Note the statements that any connection of this process to PostgreSQL sends."""
    sent: list[str] = []
    execute = psycopg.Cursor.execute

    def noting(self: Any, query: Any, *args: Any, **more: Any) -> Any:
        sent.append(query.decode() if isinstance(query, bytes) else str(query))
        return execute(self, query, *args, **more)

    with monkeypatch.context() as patched:
        patched.setattr(psycopg.Cursor, "execute", noting)
        yield sent


def grow(ledger: Ledger, units: int) -> None:
    """Add units, each with an officer and two leads of which reminders are due."""
    for turn in range(units):
        code = f"02{turn:02}"
        keeping.add_unit(Acting(ledger, "keeper", START), code, f"第{turn}医院")
        keeping.add_officer(Acting(ledger, "keeper", START), f"o{turn}", f"人{turn}", roles=["liaison"], unit=code)
        for _ in range(2):
            register(ledger, unit=code, by="keeper")


def test_what_is_read_of_a_house_asks_no_more_of_many_units(
    postgres_url: str, empty_postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL answers as many statements for a house of 13 units and 28 leads as for one of 7 units and 16."""
    bring_up(empty_postgres_url)
    found: list[dict[str, list[str]]] = []
    for url, units in ((postgres_url, 5), (empty_postgres_url, 11)):
        folder = tmp_path / str(units)
        folder.mkdir()
        monkeypatch.chdir(folder)
        house = House(folder)
        house.database, house.now = url, (START + timedelta(days=40)).strftime("%Y-%m-%dT%H:%M")  # type: ignore[assignment]
        with furnished(url, rehearsal=True) as ledger:
            grow(ledger, units)
        found.append({})
        for name, args in COMMANDS.items():
            with counted(monkeypatch) as sent:
                result = house.run(*args, by="keeper")
            assert result.exit_code in {0, 2 if name == "doctor" else 30}, result.output
            found[-1][name] = sent
    small, large = ({name: len(sent) for name, sent in each.items()} for each in found)
    assert large == small
