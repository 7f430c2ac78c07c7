"""A signing key that stays unlocked: asked for once, for its own account alone, never on the disk, and not for long."""

import os
import socket
import stat
import subprocess
import sys
import tempfile
from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from houses import House, built_house, house

from commands.console.key_agent import hold, lock, unlocked
from engine.errors import BadFileError
from engine.journal.signing import make_key, public_of, unlock_key
from engine.operations.cases.casework import note
from engine.operations.house.verifying import verify
from engine.operations.identity.showing import act_as, evidence_of
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.adopted import AdoptedTexts
from engine.operations.ledger.ledger import Ledger
from engine.store.connection import open_store
from workflows.adopted_book import AdoptedDeclarations

__all__ = ["built_house", "house"]

SECRET = "violin gravel sunday maple"
ASK = """
import os, socket, sys
if sys.argv[2] != "0":
    os.setuid(int(sys.argv[2]))
with socket.socket(socket.AF_UNIX) as peer:
    peer.connect(sys.argv[1])
    try:
        peer.sendall(b"public\\n")
        print(len(peer.recv(200)))
    except (BrokenPipeError, ConnectionResetError):
        print(0)
"""
"""What asks an agent for the public half of its key, under an account that is named by number."""


@pytest.fixture
def runtime(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder for sockets, with a short path as systems have it."""
    with tempfile.TemporaryDirectory(prefix="qa") as folder:
        monkeypatch.setenv("XDG_RUNTIME_DIR", folder)
        yield Path(folder)


@pytest.fixture(scope="module")
def made() -> tuple[bytes, bytes]:
    """A key, locked and not."""
    _, locked = make_key(SECRET)
    return locked, unlock_key(locked, SECRET)


@pytest.fixture
def key(made: tuple[bytes, bytes], runtime: Path) -> Iterator[tuple[bytes, bytes]]:
    """That key, whose agent is ended afterwards."""
    assert runtime.is_dir()
    yield made
    lock(made[0])


def signed_forty_times(house: House, number: str, locked: bytes) -> None:
    """Write forty remarks, each signed by the agent."""
    with closing(open_store(str(house.database))) as store:
        ledger, now = Ledger(store, AdoptedDeclarations(AdoptedTexts(store))), datetime.now(ZoneInfo("Asia/Shanghai"))
        agent = unlocked(locked)
        act_as(ledger, evidence_of(ledger, named=None, held="", account="", key=agent, now=now))
        for place in range(40):
            note(Acting(ledger, "wang", now), number, f"remark {place}")
        assert verify(ledger)[1] == ()
        assert len({row[0] for row in store.query("SELECT signature FROM signatures")}) >= 41


def test_forty_signatures_one_passphrase(house: House, runtime: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The passphrase is typed once; each row is signed, until logging out or locking; no file holds the key."""
    monkeypatch.chdir(house.folder)
    Path("password.txt").write_text(SECRET + "\n", "utf-8")
    number = house.lead()
    house.done("credential", "key", "wang.key", "--password-file", "password.txt")
    env, locked = {"QINGLING_SIGNING_KEY": "wang.key"}, Path("wang.key").read_bytes()
    unlock = ("credential", "unlock", "--password-file", "password.txt")
    assert house.run(*unlock, env=env).exit_code == 0
    Path("password.txt").unlink()
    try:
        assert house.run("note", number, "x", env=env).exit_code == 0
        signed_forty_times(house, number, locked)
        private = unlock_key(locked, SECRET)
        files = [each for folder in (house.folder, runtime) for each in folder.rglob("*") if each.is_file()]
        assert len(files) >= 2
        for form in (private, private.hex().encode(), b64encode(private), SECRET.encode()):
            assert not [each for each in files if form in each.read_bytes()]
        found = next((runtime / "qingling").iterdir()).lstat()
        assert (stat.S_ISSOCK(found.st_mode), stat.S_IMODE(found.st_mode)) == (True, 0o600)
        assert stat.S_IMODE((runtime / "qingling").stat().st_mode) == 0o700
    finally:
        out = house.run("logout", env=env)
    assert (out.exit_code, "locked again" in out.stderr) == (0, True)
    for args in (("note", number, "y"), ("credential", "lock")):
        assert house.run(*args, env=env).exit_code != 0
    assert "qingling credential unlock" in house.run("note", number, "y", env=env).stderr
    assert list((runtime / "qingling").iterdir()) == []


def test_it_ends_by_itself(key: tuple[bytes, bytes]) -> None:
    """At its last hour, and when it was not asked for a signature for long; asking for less does not keep it."""
    locked, private = key
    hold(locked, private, idle_s=60, longest_s=0)
    assert unlocked(locked) is None
    hold(locked, private, idle_s=0.05, longest_s=60)
    for _ in range(10_000):
        if unlocked(locked) is None:
            break
    assert unlocked(locked) is None


def test_it_signs_rows_and_nothing_else(key: tuple[bytes, bytes], runtime: Path) -> None:
    """What is no hash of a row gets no signature; one that was killed is replaced, and a fake one is not believed."""
    locked, private = key
    hold(locked, private, idle_s=60, longest_s=60)
    hold(locked, private, idle_s=60, longest_s=60)
    (place,) = (runtime / "qingling").iterdir()
    for asked in (b"sign hello\n", b"sign " + b"a" * 63 + b"\n", b"private\n", b"\n", b"x" * 300):
        with socket.socket(socket.AF_UNIX) as peer:
            peer.connect(str(place))
            with suppress(OSError):  # it may have hung up already
                peer.sendall(asked)
                peer.shutdown(socket.SHUT_WR)
                assert peer.recv(200) == b"", asked
    agent = unlocked(locked)
    assert agent is not None
    assert agent.public == public_of(private)
    assert agent.sign("ab" * 32)
    (runtime / "qingling").chmod(0o770)  # somebody else may put a socket of his own there
    assert unlocked(locked) is None
    (runtime / "qingling").chmod(0o700)


@pytest.mark.skipif(os.geteuid() != 0, reason="takes the right to become another account")
def test_another_account_is_answered_nothing(key: tuple[bytes, bytes], runtime: Path) -> None:
    """Even where the modes of folder and socket let it in, the agent asks the system who it is."""
    locked, private = key
    hold(locked, private, idle_s=60, longest_s=60)
    (place,) = (runtime / "qingling").iterdir()
    answers = []
    for open_to_all in (False, True):
        for each in (runtime, place.parent, place):
            each.chmod(0o777 if open_to_all else 0o700)
        for account in ("0", "65534"):
            asked = [sys.executable, "-I", "-c", ASK, str(place), account]
            answers.append(subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip())
    assert answers == ["45", "", "45", "0"]


def test_where_no_socket_can_be_made(key: tuple[bytes, bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    """A path too long for a socket, or no folder: one sentence that says what it takes."""
    for folder in ("/tmp/" + "x" * 100, "/dev/null"):
        monkeypatch.setenv("XDG_RUNTIME_DIR", folder)
        with pytest.raises(BadFileError, match="XDG_RUNTIME_DIR"):
            hold(*key, idle_s=1, longest_s=1)
