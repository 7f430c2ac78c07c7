"""Encrypted backups: read by who holds the key only, nothing in clear on the way, refused where they do not belong."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from ledgers import START, furnished, opened, register
from pyrage import x25519

import cli
from engine.language import language, use
from engine.operations.cases.casework import attach
from engine.operations.house.safekeeping import declare_backup_keys, drop_backup_key
from engine.operations.house.verifying import verify
from engine.operations.ledger.acting import Acting
from engine.store import backup as storing
from engine.store import house_rows
from engine.store.schema import bring_up
from engine.system.whole_files import put

WORDS, CONTENT = "停车场有人强行收费", "回执原件"
PASSPHRASE = "青蛙骑着七弦琴过河看雪"


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Speak English."""
    before = language()
    use("en")
    yield
    use(before)


class Safe:
    """A ledger with a lead and a file, and the commands on it."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url, self.folder = url, folder
        (folder / "passphrase.txt").write_text(PASSPHRASE + "\n", encoding="utf-8")
        (folder / "paper.txt").write_text(CONTENT, encoding="utf-8")
        with furnished(url, rehearsal=True) as ledger:
            case = register(ledger, by="keeper", summary=WORDS)
            attach(Acting(ledger, "keeper", START), case.number, folder / "paper.txt", folder=folder / "files")

    def run(self, *words: str, url: str | None = None, by: str = "keeper", files: str = "files") -> Result:
        """Run a command as an officer."""
        env = {
            "QINGLING_DATABASE": url or self.url, "QINGLING_FILES": str(self.folder / files), "QINGLING_BY": by,
            "QINGLING_NOW": "2019-07-01T10:00", "QINGLING_LANG": "en",
        }  # fmt: skip
        return CliRunner().invoke(cli.main, ["--by", by, *words], env=env)

    def key(self, *, locked: bool = False) -> None:
        """Make a key and declare it for all backups; by the program if it is to be locked, which costs a second."""
        file, asks = str(self.folder / "backup.key"), str(self.folder / "passphrase.txt")
        words: tuple[str, ...] = ("--new-key", file, "--passphrase-file", asks)
        if not locked:
            identity = x25519.Identity.generate()
            Path(file).write_text(str(identity), encoding="utf-8")
            words = ("--to-key", str(identity.to_public()))
        made = self.run("backup", str(self.folder / "first.db"), *words, "--from-now-on", "--reason", "safekeeping")
        assert made.exit_code == 0, made.output

    def restored(self, backup: Path, url: str, *more: str, by: str = "keeper") -> Result:
        """Restore a backup with the key."""
        key = ("--identity", str(self.folder / "backup.key"), "--passphrase-file", str(self.folder / "passphrase.txt"))
        return self.run("restore", str(backup), *key, *more, url=url, by=by, files="back")


@pytest.fixture
def safe(database_url: str, tmp_path: Path) -> Safe:
    """Return such a ledger on either database."""
    return Safe(database_url, tmp_path)


def in_clear(folder: Path) -> list[Path]:
    """Return the files below a folder that show the lead or the attached file."""
    said = (WORDS.encode(), CONTENT.encode())
    return [each for each in folder.rglob("*") if each.is_file() and any(word in each.read_bytes() for word in said)]


def test_nothing_lies_in_clear(safe: Safe, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the backup shows a word, nor any file beside it while it is made, whoever makes it."""
    seen = []

    def looked_at(made: Path, place: Path, *, replace: bool) -> None:
        seen.append((in_clear(made.parent), sorted(each.name for each in made.parent.iterdir())))
        put(made, place, replace=replace)

    monkeypatch.setattr("engine.store.backup.put", looked_at)
    safe.key()
    out = safe.folder / "out"
    out.mkdir()
    made = storing.back_up(safe.url, out / "daily.db", now=START, files=safe.folder / "files")
    assert (made.file.name, made.files, made.missing, in_clear(out)) == ("daily.db.age", 1, (), [])
    daily = safe.run("run", "--once", "--backup-to", str(out / "days"))
    assert [each.name for each in (out / "days").iterdir()] == ["qingling-daily-20190701.db.age"], daily.output
    assert in_clear(out) == []
    assert len(seen) == 3
    assert all(not shown for shown, _ in seen)


def test_it_comes_back_whole_with_the_key(safe: Safe, tmp_path: Path) -> None:
    """What is restored holds the lead, the file and the journal; who may not restore in the backup is refused."""
    assert safe.run("list").exit_code == 0  # the log of reading, a table beside ours on a server, goes into no backup
    safe.key()
    backup, there = tmp_path / "first.db.age", str(tmp_path / "there.db")
    assert safe.restored(backup, there, by="lian").exit_code == 21
    assert not Path(there).exists()
    back = safe.restored(backup, there)
    assert back.exit_code == 0, back.output
    with opened(there) as ledger:
        assert verify(ledger)[1] == ()
        assert house_rows.setting(ledger.store, "backup_keys")
    assert [each.read_text("utf-8") for each in (tmp_path / "back").rglob("*") if each.is_file()] == [CONTENT]


def test_it_is_refused_without_the_key_or_damaged(safe: Safe, tmp_path: Path) -> None:
    """No key, another key, a wrong passphrase, a changed byte, an end that is missing: refused, and nothing made."""
    safe.key(locked=True)
    backup, there = tmp_path / "first.db.age", str(tmp_path / "there.db")
    whole = backup.read_bytes()
    (tmp_path / "other.key").write_text(str(x25519.Identity.generate()), encoding="utf-8")
    (tmp_path / "wrong.txt").write_text("another passphrase\n", encoding="utf-8")
    key = str(tmp_path / "backup.key")
    answers = {
        "no key": safe.run("restore", str(backup), url=there),
        "other key": safe.run("restore", str(backup), "--identity", str(tmp_path / "other.key"), url=there),
        "wrong passphrase": safe.run(
            "restore", str(backup), "--identity", key, "--passphrase-file", str(tmp_path / "wrong.txt"), url=there
        ),
    }
    middle = len(whole) // 2
    for name, content in {
        "changed": whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :],
        "cut": whole[:-70000],
        "cut by a byte": whole[:-1],
    }.items():
        backup.write_bytes(content)
        answers[name] = safe.restored(backup, there)
    assert {name: each.exit_code for name, each in answers.items()} == {
        "no key": 21, "other key": 21, "wrong passphrase": 21, "changed": 11, "cut": 11, "cut by a byte": 11,
    }  # fmt: skip
    assert not Path(there).exists()
    assert "fault of the program" not in "".join(each.output for each in answers.values())


def test_the_backup_of_another_house_is_refused(safe: Safe, tmp_path: Path) -> None:
    """A backup never takes the place of another house's ledger, whoever asks; of its own house it does."""
    safe.key()
    other = str(tmp_path / "other.db")
    bring_up(other)
    with furnished(other, custodian=None, rehearsal=True) as ledger:
        register(ledger, by="keeper")
        keepers = ledger.settings["name"]
    refused = safe.restored(tmp_path / "first.db.age", other, "--replace")
    assert (refused.exit_code, "another house" in refused.output) == (21, True)
    with opened(other) as ledger:
        assert ledger.settings["name"] == keepers


def test_a_key_declared_while_another_is_dropped_stays(safe: Safe) -> None:
    """Who drops a key drops that one, and not what somebody declares between their look and their writing."""
    dropped, declared = (str(x25519.Identity.generate().to_public()) for _ in range(2))
    with opened(safe.url) as ledger, opened(safe.url) as beside:
        keeper = Acting(ledger, "keeper", START)
        declare_backup_keys(keeper, [dropped], reason="x")

        def declare() -> None:
            ledger.store.before_writing = None
            declare_backup_keys(Acting(beside, "keeper", START), [dropped, declared], reason="x")

        ledger.store.before_writing = declare
        assert drop_backup_key(keeper, dropped, reason="lost") == (declared,)
        assert storing.declared_keys(safe.url) == (declared,)


def test_only_who_keeps_the_ledger_declares_the_key(safe: Safe, tmp_path: Path) -> None:
    """The key of all backups takes the power to keep the ledger; what he drops, no later one bears.

    Taken out of the settings behind the program's back, it is found.
    """
    key = str(x25519.Identity.generate().to_public())
    words = ("backup", str(tmp_path / "b.db"), "--to-key", key, "--from-now-on", "--reason", "mine")
    assert safe.run(*words, by="tang").exit_code == 21
    assert safe.run("backup", str(tmp_path / "b.db"), "--to-key", "age1nonsense").exit_code == 2
    assert safe.run(*words).exit_code == 0
    drop = ("backup", "--drop-key", key, "--reason", "lost")
    assert [safe.run(*drop, by=by).exit_code for by in ("tang", "keeper", "keeper")] == [21, 0, 21]
    assert safe.run("backup", str(tmp_path / "clear.db")).exit_code == 0
    assert (tmp_path / "clear.db").exists()
    with opened(safe.url) as ledger:
        assert verify(ledger)[1] == ()
    assert safe.run("backup", str(tmp_path / "again.db"), *words[2:]).exit_code == 0
    with opened(safe.url) as ledger:
        with ledger.store.begin():
            house_rows.put_setting(ledger.store, "backup_keys", [])
        assert [(each.what, each.which) for each in verify(ledger)[1]] == [("settings", "backup_keys")]
