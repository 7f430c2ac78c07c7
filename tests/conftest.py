"""Fixtures that all tests share; a database that is asked for is always fresh and never a fake."""

import gc
import os
import shutil
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import cheap_keys
import pyrage
import pytest
from databases import WITHOUT_POSTGRES, PostgresServer, postgres_server

from engine.store import database, schema

WITH_OFFICE = "QINGLING_TEST_WITH_OFFICE"
"""Set to 1 where every program of the ring `office` is promised to be there: one that is missing is a failure.

Set to 0 where the ring is run by itself, before or after: then it is skipped here.
"""


# Where a machine keeps no compiled code, each of the thousand programs that the tests start would compile the house.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

gc.disable()  # until all tests are collected; each full look at them takes half a second, and frees nothing


def pytest_collection_finish() -> None:
    """Let the collector pass over what lives to the end anyway: half a million objects of ten thousand tests."""
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    gc.enable()


class Snapshot:
    """Compares what a test saw with the file that a person has looked through."""

    def __init__(self, folder: Path, *, update: bool) -> None:
        self._folder = folder
        self._update = update

    def check(self, name: str, seen: str) -> None:
        """Compare *seen* with the snapshot *name*; `--snapshot-update` writes it instead."""
        path = self._folder / name
        if self._update:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(seen, encoding="utf-8")
        assert path.exists(), f"no snapshot {name}: look at it and run with --snapshot-update"
        assert seen == path.read_text(encoding="utf-8")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option by which changed snapshots are written anew."""
    parser.addoption("--snapshot-update", action="store_true", help="write the snapshots anew")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip the ring `office` where a program that it names is missing, unless the run promises to have them all."""
    if os.environ.get(WITH_OFFICE) == "1":
        return
    for item in items:
        for mark in item.iter_markers("office"):
            missing = [name for name in mark.args if shutil.which(name) is None and find_spec(name) is None]
            if os.environ.get(WITH_OFFICE) == "0":
                item.add_marker(pytest.mark.skip(reason="the ring is run by itself"))
            elif missing:
                item.add_marker(pytest.mark.skip(reason=f"not installed: {', '.join(missing)}"))


_AS_SHIPPED = database.SYNCHRONOUS, os.fsync, pyrage.passphrase.encrypt


@pytest.fixture(scope="session", autouse=True)
def in_little_time() -> Iterator[None]:
    """Spare the tests what protects from power cuts and from guessing, for no test cuts the power or guesses.

    Only in this process: programs that are started are those that are shipped.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database, "SYNCHRONOUS", "OFF")
        patch.setattr(os, "fsync", lambda _: None)
        patch.setattr(pyrage.passphrase, "encrypt", cheap_keys.encrypt)
        yield


@pytest.fixture
def as_shipped(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the waiting for disks and the work of age as they are shipped, for the tests of just that."""
    synchronous, fsync, encrypt = _AS_SHIPPED
    monkeypatch.setattr(database, "SYNCHRONOUS", synchronous)
    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(pyrage.passphrase, "encrypt", encrypt)


@pytest.fixture
def snapshot(request: pytest.FixtureRequest) -> Snapshot:
    """Return the snapshots in tests/snapshots/."""
    return Snapshot(Path(__file__).parent / "snapshots", update=request.config.getoption("--snapshot-update"))


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """Return this session's PostgreSQL server; a machine that cannot run it fails unless it says so."""
    if os.environ.get(WITHOUT_POSTGRES) == "1":
        pytest.skip(f"{WITHOUT_POSTGRES}=1: not tested on PostgreSQL")
    with postgres_server() as server:
        yield server


@pytest.fixture
def postgres_url(postgres: PostgresServer) -> Iterator[str]:
    """Return a fresh PostgreSQL database with all tables."""
    with postgres.migrated() as url:
        yield url


@pytest.fixture
def empty_postgres_url(postgres: PostgresServer) -> Iterator[str]:
    """Return a fresh PostgreSQL database without tables."""
    with postgres.empty() as url:
        yield url


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a SQLite file with all tables and no rows, to copy from."""
    file = tmp_path_factory.mktemp("template") / "ledger.db"
    schema.bring_up(str(file))
    return file


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """Return a fresh SQLite file with all tables."""
    return str(shutil.copy(sqlite_template, tmp_path / "ledger.db"))


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Return a fresh database with all tables, on each kind in turn."""
    chosen = "sqlite_url" if request.param == "sqlite" else "postgres_url"
    return str(request.getfixturevalue(chosen))


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the place of a database that has no tables yet, on each kind in turn."""
    if request.param == "sqlite":
        return str(tmp_path / "new.db")
    return str(request.getfixturevalue("empty_postgres_url"))
