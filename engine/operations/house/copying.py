"""The whole ledger in another database: on a server when a house has outgrown a file, or in a file again."""

import os
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path

from engine.errors import DatabaseError
from engine.language import Text
from engine.operations.house import checkpoints
from engine.operations.house.safekeeping import RestoredBy, restore_ledger
from engine.operations.house.verifying import verify
from engine.operations.ledger.access import open_ledger
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.adopted import AdoptedTexts
from engine.operations.ledger.hand_clock import refuse_hand_clock
from engine.operations.ledger.ledger import Ledger
from engine.operations.ledger.need_to_know import refuse_unless_all_seen
from engine.store import chain_rows, schema
from engine.store.backup import back_up
from engine.store.database import is_postgres, open_postgres, place, refusals, sqlite_file
from engine.store.restore import Restored
from engine.system.whole_files import apart
from engine.workflow.frozen_struct import FrozenStruct
from engine.workflow.registry import Workflows


class Copied(FrozenStruct, frozen=True, kw_only=True):
    """A ledger that lies in another database now."""

    there: Restored
    """What was made, proved to hold every row that was read."""
    checked_here: int
    """Rows of the journal that hold where it came from."""
    checked_there: int
    """Rows of the journal that hold where it is now; it has the row that says so besides."""


def copy_ledger(
    acting: Acting,
    url: str,
    *,
    declarations: Callable[[AdoptedTexts], Workflows],
    who: Callable[[Ledger, bool], str],
    real_now: datetime | None,
    files: tuple[Path | None, Path | None] = (None, None),
    key_file: Path | None = None,
) -> Copied:
    """Make the ledger in the empty database at *url*, and check the journal in both.

    What lies between is a file in a folder that only its owner reads, and is gone afterwards. The ledger that is
    copied is not changed; who goes on writing into it meanwhile is found out, for those rows would be lost.

    Args:
        declarations, who: As for `RestoredBy`.
        real_now: As for `restore_ledger`.
        files: The folders of attached files here and there.
        key_file: Where the key of the journal's checkpoints lies there, or is to lie.

    Raises:
        BadFileError: If the file between cannot be written.
        DatabaseError: If a journal does not hold, a database is there, or somebody wrote meanwhile.
        RefusedError: If the officer may not bring a ledger back, or does not see all of it.
    """
    ledger = acting.ledger
    refuse_unless_all_seen(ledger)
    refuse_hand_clock(ledger, acting.now)
    _refuse_used(url)
    here = _holding(ledger)
    checkpoints.integrate(ledger)
    source = ledger.store.url
    beside = Path("qingling-copy.db") if is_postgres(source) else sqlite_file(source)
    with apart(beside.absolute()) as folder:
        made = back_up(source, folder / "copy.db", now=acting.now, files=files[0], in_clear=True)
        there = restore_ledger(
            made.file,
            url,
            by=RestoredBy(declarations, who, count_again=lambda _: 0),  # the copied one is of today
            now=acting.now,
            real_now=real_now,
            replace=False,
            files=files[1],
            key_file=key_file,
        )
    with closing(open_ledger(url, declarations, real_now=real_now)) as copied:
        checked = _holding(copied)
    later = chain_rows.count_entries(ledger.store) - made.counts["journal"]
    if later:
        raise DatabaseError(
            Text(
                "{n} rows were written here meanwhile and are not in {place}; stop desk and run, empty it, copy again",
                "复制期间此处又写入 {n} 行，未进入 {place}；请停止网页服务和值守、清空目标库后重新复制",
            ).format(n=later, place=place(url))
        )
    return Copied(there=there, checked_here=here, checked_there=checked)


def _refuse_used(url: str) -> None:
    """Refuse a place where a database is; asked first, since all that comes before the same refusal takes long.

    Raises:
        DatabaseError: If so, or it cannot be asked.
    """
    if is_postgres(url):
        with refusals(url), closing(open_postgres(url)) as connection:
            used = schema.version_of(connection) is not None
    else:
        used = os.path.lexists(sqlite_file(url))
    if used:
        raise DatabaseError(
            Text(
                "there is a database at {place}; name one without tables",
                "{place} 处已有数据库；请指定尚无数据表的数据库",
            ).format(place=place(url))
        )


def _holding(ledger: Ledger) -> int:
    """Return how many rows of the journal were checked.

    Raises:
        DatabaseError: If it does not hold.
    """
    checked, broken = verify(ledger)
    if broken:
        raise DatabaseError(
            Text(
                "the journal of {place} does not hold in {n} places; see: qingling journal verify",
                "{place} 的日志有 {n} 处校验不符；请运行 qingling journal verify",
            ).format(place=place(ledger.store.url), n=len(broken))
        )
    return checked
