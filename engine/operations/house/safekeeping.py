"""Backups of the ledger, bringing one back, and bringing the tables up; each is written into the house's journal."""

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace as with_other
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from engine.errors import BadValueError, DatabaseError, QinglingError, RefusedError
from engine.journal.checkpoint import Checkpoint
from engine.journal.event import Event
from engine.journal.house_events import (
    BACKUP_KEYS,
    BackupKeysDeclared,
    LedgerBackedUp,
    LedgerRestored,
    LedgerUpgraded,
    founded_for_rehearsal,
)
from engine.language import Text
from engine.operations.house import checkpoints as checkpointing
from engine.operations.ledger.access import open_ledger
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.administrators import refuse_unless, refuse_unless_may_restore
from engine.operations.ledger.adopted import AdoptedTexts
from engine.operations.ledger.hand_clock import guard, refuse_hand_clock
from engine.operations.ledger.ledger import Ledger
from engine.operations.ledger.reasons import reason_given
from engine.store import house_rows as house
from engine.store import schema
from engine.store.backup import Backup, back_up, declared_keys, digest_of, encrypted_name, files_beside
from engine.store.connection import open_store
from engine.store.database import is_postgres, open_postgres, open_sqlite, sqlite_file
from engine.store.encrypted import Identity, identity_in, is_encrypted, new_identity, recipients_of
from engine.store.restore import Restored, restore
from engine.workflow.powers import Power
from engine.workflow.registry import Workflows

__all__ = [
    "Backup",
    "Identity",
    "Restored",
    "back_up_ledger",
    "back_up_tables",
    "bring_up_tables",
    "bytes_of_file",
    "declare_backup_keys",
    "declared_keys",
    "digest_of",
    "drop_backup_key",
    "encrypted_name",
    "files_beside",
    "folder_of_file",
    "identity_in",
    "is_encrypted",
    "is_rehearsal",
    "new_identity",
    "newest_tables",
    "note_in_journal",
    "note_upgrade",
    "restore_ledger",
    "tables_version",
    "unsaid_upgrade",
]

CountAgain = Callable[[Acting], int]
"""Counts again what older programs counted wrong, inside `begin`, and returns of how many cases."""


def back_up_ledger(acting: Acting, target: Path, *, files: Path | None, keys: Sequence[str] = ()) -> Backup:
    """Write a proved backup into the new file *target*, and journal it.

    Args:
        files: The folder of attached files; they are copied beside *target*.
        keys: Public keys of age to encrypt to, in place of those that the house has declared.

    Raises:
        BadFileError: If *target* exists or cannot be written.
        DatabaseError: If the ledger cannot be read.
        NotFoundError: If no registered officer has that code.
        RefusedError: If the officer has left, or the clock is set by hand where it may not be.
    """
    acting.actor(house.EVERYWHERE)
    refuse_hand_clock(acting.ledger, acting.now)  # before the file is there, not when it is journaled
    checkpointing.integrate(acting.ledger)  # so that a restore knows how far the tree of before goes
    made = back_up(acting.ledger.store.url, target, now=acting.now, files=files, keys=keys)
    note_in_journal(acting, LedgerBackedUp(digest=made.digest, cases=made.counts["cases"]))
    return made


def declare_backup_keys(acting: Acting, keys: Sequence[str], *, reason: str) -> None:
    """Encrypt all backups from now on, those that the scheduler makes too, to these public keys of age.

    Raises:
        BadValueError: If a key is not written as age writes them, there is none, or no reason.
        NotFoundError: If no registered officer has that code.
        RefusedError: If the officer does not keep the ledger, or has left.
    """
    refuse_unless(acting, Power.KEEP_LEDGER)
    words = reason_given(reason)
    declared = [str(each) for each in recipients_of(keys)]
    if not declared:
        raise BadValueError(Text("name a key: --to-key KEY", "请写明公钥：--to-key 公钥"))
    with acting.ledger.store.begin():
        acting.note_in_house(BackupKeysDeclared(keys=tuple(declared), reason=words))
        house.put_setting(acting.ledger.store, BACKUP_KEYS, declared)
    acting.ledger.forget()


def drop_backup_key(acting: Acting, key: str, *, reason: str) -> tuple[str, ...]:
    """Encrypt no later backup to a key any more, as when it was lost; return those that are left.

    After the last one backups are in clear again. What was encrypted to it before, it still opens.

    Raises:
        BadValueError: If there is no reason.
        NotFoundError: If no registered officer has that code.
        RefusedError: If the officer does not keep the ledger, or has left, or the key is not declared.
    """
    refuse_unless(acting, Power.KEEP_LEDGER)
    words, store = reason_given(reason), acting.ledger.store
    with store.begin():
        house.lock_house(store)  # before it is read: a key that another declares meanwhile stays declared
        stored = house.setting(store, BACKUP_KEYS)
        declared = tuple(map(str, stored)) if isinstance(stored, list) else ()
        left = tuple(each for each in declared if each != key.strip())
        if left == declared:
            known = ", ".join(declared)
            raise RefusedError(
                Text(f"that key is not declared; declared: {known or 'none'}", f"未指定该公钥；已指定：{known or '无'}")
            )
        acting.note_in_house(BackupKeysDeclared(keys=left, reason=words))
        house.put_setting(store, BACKUP_KEYS, list(left))
    acting.ledger.forget()
    return left


class RestoredBy(NamedTuple):
    """Who restores a ledger, and by what it is judged."""

    declarations: Callable[[AdoptedTexts], Workflows]
    """Makes the book of declarations, given what the ledger has adopted."""
    who: Callable[[Ledger, bool], str]
    """Returns the code of who restores, and lets the ledger know how that is known; given the ledger that is asked what
    they may, and whether that is the backup, for want of another."""
    count_again: CountAgain
    """See `note_upgrade`."""


def restore_ledger(
    backup: Path,
    url: str,
    *,
    by: RestoredBy,
    now: datetime,
    real_now: datetime | None,
    replace: bool,
    files: Path | None,
    key_file: Path | None = None,
    identity: "Identity | None" = None,
) -> Restored:
    """Make the ledger at *url* from *backup*; that it was restored stands in its journal before it takes its place.

    Whether the officer may is asked of the ledger that is put aside: a backup from elsewhere, or of a time when they
    had the role, must not give it back to them. Only where none is there that can be read is the backup asked.

    Args:
        by: Who restores, and by what it is judged.
        now: Aware instant; it also names what is put aside; *real_now* is the clock's if it is set by hand.
        replace: Put aside a ledger that is there.
        files: The folder of attached files.
        key_file: Where the key of the journal's checkpoints lies, or is to lie. A ledger that had checkpoints goes on
            under another origin, which names the one before: continued under the same, it would be a fork of it.
        identity: The key that opens an encrypted backup.

    Raises:
        BadFileError: If *backup* is not a whole backup, or the key cannot be read.
        BadValueError: If nobody was named and the ledger names nobody.
        DatabaseError: If a ledger is there and is not to be replaced, is in use, or cannot be written.
        NotFoundError: If no registered officer has that code.
        RefusedError: If the officer may not restore, or it is of another house, or encrypted to another key.
    """
    declarations, who, mended, recounted = by.declarations, by.who, 0, 0
    allowed = _allowed_by_the_ledger_there(url, declarations, lambda ledger: Acting(ledger, who(ledger, False), now))
    held = _newest_checkpoint_there(url, declarations)

    def note(staged: str, digest: str, cases: int) -> None:
        nonlocal mended, recounted
        with closing(open_store(staged)) as store:
            ledger = Ledger(store, declarations(AdoptedTexts(store)), real_now=real_now)
            if real_now is not None:
                guard(ledger, lambda: now)
            _refuse_another_house(ledger, url, declarations)
            acting = Acting(ledger, who(ledger, True) if allowed is None else allowed, now)
            if allowed is None:
                refuse_unless_may_restore(acting)
            note_in_journal(acting, LedgerRestored(digest=digest, cases=cases))
            brought_up = note_upgrade(acting, by.count_again)
            if brought_up is not None:
                mended, recounted = brought_up.mended, brought_up.recounted
            if key_file is not None:
                checkpointing.continue_after_restore(acting, key_file, held)

    back = restore(backup, url, now=now, replace=replace, files=files, note=note, identity=identity)
    return with_other(back, mended=mended, recounted=recounted)


def _allowed_by_the_ledger_there(
    url: str, declarations: Callable[[AdoptedTexts], Workflows], acting_in: Callable[[Ledger], Acting]
) -> str | None:
    """Return who may restore over the ledger at *url*; None if no ledger is there that can be read.

    Raises:
        BadValueError, NotFoundError, RefusedError: As for `restore_ledger`.
    """
    try:
        with closing(open_ledger(url, declarations, real_now=None)) as ledger:
            acting = acting_in(ledger)
            refuse_unless_may_restore(acting)
            return acting.by
    except DatabaseError:
        return None


def _newest_checkpoint_there(url: str, declarations: Callable[[AdoptedTexts], Workflows]) -> Checkpoint | None:
    """Return the newest checkpoint of the ledger at *url*; None if none is there that can be read."""
    try:
        with closing(open_ledger(url, declarations, real_now=None)) as ledger:
            return checkpointing.newest(ledger)
    except QinglingError:
        return None


def _refuse_another_house(ledger: Ledger, url: str, declarations: Callable[[AdoptedTexts], Workflows]) -> None:
    """Refuse to put a house's ledger in the place of another's.

    Raises:
        RefusedError: If so.
    """
    if _founding_there(url, declarations) not in {None, _founding(ledger)}:
        raise RefusedError(
            Text(
                "this is the backup of another house than the ledger there; restore it to another place",
                "这是另一单位台账的备份，不能恢复到此处；请另选位置",
            )
        )


def _founding(ledger: Ledger) -> str | None:
    """Return the hash of the row by which a house was set up; by it two ledgers are of one house."""
    row = ledger.store.one("SELECT hash FROM journal WHERE case_id = 0 AND seq = 1")
    return None if row is None else str(row[0])


def _founding_there(url: str, declarations: Callable[[AdoptedTexts], Workflows]) -> str | None:
    """Return the same of the ledger at *url*; None if none is there that can be read."""
    try:
        with closing(open_ledger(url, declarations, real_now=None)) as ledger:
            return _founding(ledger)
    except QinglingError:
        return None


def note_in_journal(acting: Acting, event: Event) -> None:
    """Write into the house's own chain that the ledger was backed up or restored."""
    with acting.ledger.store.begin():
        acting.note_in_house(event)


def newest_tables() -> str:
    """Return the version of the tables that this program makes."""
    return schema.HEAD


def tables_version(url: str) -> str:
    """Return the version of the tables at *url*, which may be older than this program.

    Raises:
        DatabaseError: If there are none, or they are newer than this program.
    """
    with closing(open_postgres(url) if is_postgres(url) else open_sqlite(url)) as connection:
        version = schema.version_of(connection)
        if version is None or version > schema.HEAD:
            schema.require_current(connection, url)
        return str(version)


def bytes_of_file(url: str) -> int | None:
    """Return how many bytes a copy of the SQLite file at *url* takes; None if it stands on a server."""
    return None if is_postgres(url) else sqlite_file(url).stat().st_size


def folder_of_file(url: str) -> Path:
    """Return the folder in which the SQLite file at *url* lies; the current one if it stands on a server."""
    return Path() if is_postgres(url) else sqlite_file(url).parent


def is_rehearsal(url: str) -> bool:
    """Say whether the tables at *url*, of any version, are those of a ledger that was founded for rehearsal.

    Raises:
        DatabaseError: If they cannot be read.
    """
    return founded_for_rehearsal(schema.founding_of(url))


def back_up_tables(url: str, target: Path, *, now: datetime, files: Path | None = None) -> Backup:
    """Write a proved backup of tables of any version; the caller journals it, for older tables are not written to.

    Args:
        now: Aware instant.
        files: The folder of attached files; they are copied beside *target*.

    Raises:
        BadFileError: If *target* exists or cannot be written.
        DatabaseError: If they cannot be read.
    """
    return back_up(url, target, now=now, files=files)


def bring_up_tables(url: str, upgraded: LedgerUpgraded) -> None:
    """Bring the tables at *url* to this program's version, in one transaction.

    Args:
        upgraded: What the journal must say of it: `note_upgrade` writes it, now or after the program was killed.

    Raises:
        DatabaseError: If they are not ours, or cannot be written.
    """
    said = {"before": upgraded.before, "after": upgraded.after, "digest": upgraded.digest}
    schema.bring_up(url, unsaid=said)


def unsaid_upgrade(ledger: Ledger) -> LedgerUpgraded | None:
    """Return what the journal must still say of an upgrade; None if it says all."""
    said = house.setting(ledger.store, schema.UNSAID)
    if not isinstance(said, dict):
        return None
    return LedgerUpgraded(
        before=str(said["before"]),
        after=str(said["after"]),
        digest=str(said["digest"]),
        mended=int(said.get(schema.MENDED, 0)),
    )


def note_upgrade(acting: Acting, count_again: CountAgain) -> LedgerUpgraded | None:
    """Let the house's own chain say that the tables were brought up, and return it; None if it says so already.

    Args:
        count_again: Asked in the same commit.
    """
    store = acting.ledger.store
    with store.begin():
        house.lock_house(store)
        upgraded = unsaid_upgrade(acting.ledger)
        if upgraded is not None:
            upgraded = upgraded.replace(recounted=count_again(acting))
            acting.note_in_house(upgraded)
            house.drop_setting(store, schema.UNSAID)
        return upgraded
