"""The journal proves itself: what a checkpoint elsewhere finds, who signs it, and what a stranger can check."""

import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import pytest
from houses import House, built_house, house

from engine.errors import BadFileError, BadValueError, RefusedError
from engine.journal.chain import hashed_text
from engine.store import tree_rows
from engine.store.connection import open_store
from tools import check_proof

__all__ = ["built_house", "house"]

CHECKER = Path(__file__).resolve().parent.parent / "tools" / "check_proof.py"
MUTATIONS = int(os.environ.get("QINGLING_TEST_MUTATED", "300"))


def checked(*args: str | Path) -> "subprocess.CompletedProcess[str]":
    """Run the stand-alone script as a stranger would."""
    command = [sys.executable, "-I", "-S", str(CHECKER), *map(str, args)]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)


@pytest.fixture
def watched(house: House) -> House:
    """Return a house with two leads, whose checkpoint lies elsewhere."""
    first, second = house.lead(), house.lead()
    house.assigned(first)
    assert second != first
    house.done("journal", "checkpoint", "-o", str(house.folder / "held.txt"))
    return house


def key_of(house: House) -> str:
    """Return the public key of the ledger."""
    return str(house.found("journal", "checkpoint")["key"])


def altered(house: House, *statements: str) -> None:
    """Change the ledger's file as one may who holds it."""
    with closing(sqlite3.connect(house.database, isolation_level=None)) as connection:
        for each in statements:
            connection.execute(each)


def rehashed(house: House) -> None:
    """Rewrite what the first lead is about, and all hashes after it, as an attacker with our source."""
    with closing(sqlite3.connect(house.database, isolation_level=None)) as connection:
        number = connection.execute("SELECT number FROM cases WHERE id = 1").fetchone()[0]
        words = "'强揽生意', '停车'"
        connection.execute(f"UPDATE journal SET body = replace(body, {words}) WHERE case_id = 1 AND seq = 1")
        connection.execute(f"UPDATE cases SET fields = replace(fields, {words}) WHERE id = 1")
        previous = ""
        rows = connection.execute(
            "SELECT seq, at, by, kind, from_state, to_state, clearance, body FROM journal"
            " WHERE case_id = 1 ORDER BY seq"
        ).fetchall()
        for row in rows:
            previous = sha256(hashed_text(previous, number, *row).encode()).hexdigest()
            connection.execute("UPDATE journal SET hash = ? WHERE case_id = 1 AND seq = ?", (previous, row[0]))
        connection.execute("UPDATE cases SET head = ? WHERE id = 1", (previous,))


def newest_gone(house: House) -> None:
    """Delete the newest lead with all that counts it, and let the tree be made again from what is left."""
    altered(
        house,
        *(f"DELETE FROM {table} WHERE case_id = 2" for table in ("journal", "deadlines")),
        "DELETE FROM cases WHERE id = 2",
        "UPDATE counters SET last = last - 1",
    )
    tree_made_again(house)


def tree_made_again(house: House) -> None:
    """Let the tree be made of what stands there now, with no trace of the one before."""
    altered(house, "DELETE FROM tree_leaves", "DELETE FROM tree_tiles", "DELETE FROM checkpoints")
    with closing(open_store(str(house.database))) as store:
        tree_rows.integrate(store)


def tree_rebuilt(house: House) -> None:
    """Rewrite an entry, and let the tree be made again from what stands there now."""
    rehashed(house)
    tree_made_again(house)


def rewritten_and_signed(house: House) -> None:
    """Do the same, with the ledger's own key at hand."""
    tree_rebuilt(house)
    house.done("journal", "checkpoint")


FOUND: dict[str, tuple[Callable[[House], None], str]] = {
    "one case rewritten, its chain re-hashed": (rehashed, "not those that it was made of"),
    "the newest lead deleted with its counter": (newest_gone, "covers more entries than there are"),
    "rewritten, and the tree made again": (tree_rebuilt, "not those that it was made of"),
    "rewritten, and signed with the ledger's own key": (rewritten_and_signed, "not those that it was made of"),
}
"""What somebody does who holds file, program and source, and what verifying against a held checkpoint says."""


@pytest.mark.parametrize("attack", FOUND)
def test_a_checkpoint_held_elsewhere_finds_it(watched: House, attack: str) -> None:
    """What the chains alone cannot see is found against a checkpoint that lies where the attacker cannot reach."""
    change, words = FOUND[attack]
    held = str(watched.folder / "held.txt")
    watched.done("journal", "verify", "--against", held)

    change(watched)

    result = watched.run("journal", "verify", "--against", held)
    assert result.exit_code != 0
    assert words in result.stdout


def test_without_a_checkpoint_elsewhere_a_whole_rewriting_is_not_found(watched: House) -> None:
    """What SECURITY.md says is not found is not: who has the ledger's key as well, where nobody holds a checkpoint."""
    rewritten_and_signed(watched)

    assert watched.run("journal", "verify").exit_code == 0


def test_an_old_backup_put_back_as_a_file_is_found(watched: House) -> None:
    """A file of before in the ledger's place holds in itself, and is too short for the checkpoint that is held."""
    old = watched.folder / "old.db"
    with closing(sqlite3.connect(watched.database)) as source, closing(sqlite3.connect(old)) as target:
        source.backup(target)
    watched.lead()
    watched.done("journal", "checkpoint", "-o", str(watched.folder / "newer.txt"))
    for tail in ("-wal", "-shm"):
        watched.database.with_name(watched.database.name + tail).unlink(missing_ok=True)
    shutil.copy(old, watched.database)

    assert watched.run("journal", "verify").exit_code == 0
    result = watched.run("journal", "verify", "--against", str(watched.folder / "newer.txt"))
    assert result.exit_code != 0
    assert "an old backup lies in the ledger's place" in result.stdout


def test_a_restore_begins_an_epoch_that_names_the_one_before(watched: House) -> None:
    """After a restore checkpoints have another origin; what the backup held is still proven, what it lost is said."""
    watched.done("backup", str(watched.folder / "b.db"))
    before = watched.found("journal", "checkpoint")
    watched.lead()
    watched.done("journal", "checkpoint", "-o", str(watched.folder / "newer.txt"))
    proof = watched.folder / "proof.txt"
    watched.done("journal", "prove", "0101-XS-2019-0001", "-o", str(proof))

    watched.done("restore", "--replace", str(watched.folder / "b.db"))

    after = watched.found("journal", "checkpoint")
    assert after["origin"] == before["origin"].removesuffix("/1") + "/2"
    assert checked(proof, before["key"]).returncode == 0
    watched.done("journal", "verify", "--against", str(watched.folder / "held.txt"))
    result = watched.run("journal", "verify", "--against", str(watched.folder / "newer.txt"))
    assert result.exit_code != 0
    assert "lost when a backup was restored, as the journal tells" in result.stdout


def test_verify_says_what_no_checkpoint_covers(house: House) -> None:
    """In one line: before the first checkpoint all rows, afterwards those that are newer, and who co-signed."""
    house.lead()
    assert "no checkpoint covers the journal" in house.run("journal", "verify").stderr
    house.done("journal", "checkpoint")
    assert "co-signed by nobody; 0 newer rows" in house.run("journal", "verify").stderr
    house.lead()
    assert "1 newer rows hang together only by their own chains" in house.run("journal", "verify").stderr
    assert house.found("journal", "verify")["not_covered"] == 1


def test_the_key_is_its_owners_and_not_in_the_database(watched: House) -> None:
    """The key lies in a file of its own that only its owner reads; another in its place is refused in one line."""
    key = watched.folder / "ledger-journal.key"
    assert key.stat().st_mode & 0o777 == 0o600
    private = key.read_text("ascii").strip()
    assert private.encode() not in watched.database.read_bytes()
    key.write_text(private[::-1] if private[::-1][0] != "=" else "A" * 43 + "=\n", "ascii")
    assert "is not the key of this ledger's checkpoints" in watched.refused(
        BadFileError.exit_code, "journal", "checkpoint"
    )
    key.unlink()
    assert "cannot be read" in watched.refused(BadFileError.exit_code, "journal", "checkpoint")


class Witness:
    """A second party with a folder of its own."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.folder = house.folder / "witness"
        self.key = house.done("journal", "witness", "--folder", str(self.folder), "--name", "committee").strip()
        self.serial = 0

    def asked(self, *more: str) -> Path:
        """Let the ledger write a request."""
        self.serial += 1
        file = self.house.folder / f"request{self.serial}.txt"
        self.house.done("journal", "checkpoint", "--request", str(file), *more)
        return file

    def answered(self, request: Path, *more: str) -> Path:
        """Answer it."""
        answer = request.with_name(request.name + ".answer")
        self.house.done("journal", "witness", str(request), "--folder", str(self.folder), "-o", str(answer), *more)
        return answer

    def refuses(self, request: Path, *more: str, code: int = RefusedError.exit_code) -> str:
        """Return in which words it is refused."""
        return self.house.refused(code, "journal", "witness", str(request), "--folder", str(self.folder), *more)


def test_a_witness_signs_what_continues(watched: House) -> None:
    """The first time the key is named by hand; then each checkpoint that continues is signed and taken in."""
    second = Witness(watched)
    request = second.asked()
    assert "is not known here" in second.refuses(request)
    answer = second.answered(request, "--trust", key_of(watched))
    watched.done("journal", "cosign", str(answer), "--witness", second.key)
    assert "co-signed by committee" in watched.run("journal", "verify").stderr
    for _ in range(2):
        watched.lead()
        watched.done("journal", "cosign", str(second.answered(second.asked())), "--witness", second.key)
    assert watched.found("journal", "verify")["co_signed"] == watched.found("journal", "verify")["covered"]


def test_a_witness_refuses_forks_and_smaller_trees(watched: House) -> None:
    """A rewritten journal, an older one and a gap are refused, each saying why, and what is held does not change."""
    second = Witness(watched)
    small = second.asked()
    second.answered(small, "--trust", key_of(watched))
    watched.lead()
    larger = second.asked("--since", "0")
    assert "ask again: qingling journal checkpoint --since" in second.refuses(larger)
    size = small.read_text("utf-8").splitlines()[3]
    second.answered(second.asked("--since", size))
    assert "entries are gone" in second.refuses(small)

    rewritten_and_signed(watched)
    watched.lead()
    held = json.loads(next(second.folder.glob("*.json")).read_text("utf-8"))
    fork = second.asked("--since", str(held["size"]))
    assert "the journal was rewritten" in second.refuses(fork)
    assert json.loads(next(second.folder.glob("*.json")).read_text("utf-8")) == held


def test_another_cannot_answer_for_the_witness(watched: House) -> None:
    """An answer by another key, or altered, is not taken in."""
    second = Witness(watched)
    answer = second.answered(second.asked(), "--trust", key_of(watched))
    words = answer.read_text("utf-8")
    for wrong in (words.replace("committee", "nobody"), words[:-8] + "AAAA" + words[-4:], "x", "", words * 2):
        answer.write_text(wrong, "utf-8")
        watched.refused(BadFileError.exit_code, "journal", "cosign", str(answer), "--witness", second.key)


@pytest.fixture
def proof(watched: House) -> tuple[Path, str, str]:
    """Return a proof that a witness co-signed, the ledger's key and the witness's."""
    second = Witness(watched)
    answer = second.answered(second.asked(), "--trust", key_of(watched))
    watched.done("journal", "cosign", str(answer), "--witness", second.key)
    file = watched.folder / "proof.txt"
    watched.done("journal", "prove", "0101-XS-2019-0001", "--entry", "1", "-o", str(file))
    return file, key_of(watched), second.key


def test_a_stranger_checks_a_proof(proof: tuple[Path, str, str]) -> None:
    """Without our code the script says which entry is proven, and who signed; a witness that did not sign fails it."""
    file, ledger, second = proof
    result = checked(file, ledger, second)
    assert result.returncode == 0, result.stderr
    lines = result.stdout.splitlines()
    assert lines[0].startswith("PROVEN: this entry is number ")
    assert lines[2].startswith("signed by committee at 20")
    assert json.loads(lines[3])["case"] == "0101-XS-2019-0001"
    other = second.replace("committee", "other")
    for keys in ((second,), (ledger, ledger), (ledger, other), (ledger, "x"), ()):
        refused = checked(file, *keys)
        assert refused.returncode == 1
        assert refused.stderr.startswith("NOT shown: ")
        assert "PROVEN" not in refused.stdout


def test_a_stranger_checks_the_code_of_a_paper(watched: House, proof: tuple[Path, str, str]) -> None:
    """A proof by the paper's own checkpoint fits its code and no other's; so does what its QR code holds."""
    ledger, paper = proof[1], watched.found("journal", "checkpoint")
    code, note, other = paper["code"], watched.folder / "qr.txt", watched.folder / "later.txt"
    note.write_bytes(paper["note"].encode())
    number = watched.lead()
    later = watched.found("journal", "checkpoint")["code"]
    asked = ("journal", "prove", "0101-XS-2019-0001", "-o", str(other), "--code", f"{code[:8]} {code[8:].upper()}")
    assert watched.found(*asked)["code"] == code
    for file, said in ((other, "PROVEN: "), (note, f"SIGNED: the checkpoint {code} of ")):
        result = checked(file, ledger, f"{code[:4]} {code[4:].upper()}")
        assert (result.returncode, result.stdout.startswith(said)) == (0, True), result.stderr
        for wrong in (later, "", code[:-1]):
            refused = checked(file, ledger, wrong)
            assert (refused.returncode, "not the short code" in refused.stderr) == (1, True)
    for case, which in ((number, code), ("0101-XS-2019-0001", "f" * 16)):
        watched.refused(20 if case != number else 21, "journal", "prove", case, "-o", "x.txt", "--code", which)


def test_no_mutated_file_is_proven(proof: tuple[Path, str, str]) -> None:
    """A byte changed, added, removed, or the end cut off: never proven, never an error of the script's own."""
    file, ledger, second = proof
    whole = file.read_bytes()
    assert list(check_proof.check(whole, ledger, [second]))
    chance = random.Random(7)
    for _ in range(MUTATIONS):
        at = chance.randrange(len(whole))
        byte = bytes([chance.randrange(256)])
        mutated = chance.choice(
            (
                whole[:at] + byte + whole[at + 1 :],
                whole[:at] + byte + whole[at:],
                whole[:at] + whole[at + 1 :],
                whole[:at],
            )
        )
        if mutated == whole:
            continue
        file.write_bytes(mutated)
        try:
            left = check_proof.main([str(file), ledger, second])
        except SystemExit as error:
            left = str(error.code)
        assert isinstance(left, str), mutated
        assert left.startswith("NOT shown: ")


def test_an_entry_that_no_checkpoint_covers_is_not_proven(watched: House) -> None:
    """What came after the newest checkpoint is refused with what to do, as are entries that are not there."""
    number = watched.lead()
    words = watched.refused(RefusedError.exit_code, "journal", "prove", number, "-o", str(watched.folder / "p.txt"))
    assert "no checkpoint covers that entry yet" in words
    assert "has no entry 9" in watched.refused(
        BadValueError.exit_code, "journal", "prove", number, "--entry", "9", "-o", str(watched.folder / "p.txt")
    )
