"""What an auditor keeps of a ledger that was found to hold, so that what stands as it did need not be judged again.

Replaying a case's journal and judging its steps takes nine tenths of comparing every table. Of a few cases at a time
their rows are kept as one digest once nothing was found in them: while these are the same, byte for byte, and what
they are judged by is too, the verdict is the same. That rests on the file alone, so the person who verifies keeps it
where nobody who holds the ledger can change it; the ledger itself keeps nothing of it and never trusts one.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from engine.errors import BadFileError, RefusedError, system_reason
from engine.journal.baseline_file import BaselineFile, Stretch
from engine.journal.chain import ChainRow
from engine.journal.event import UnreadableEventError
from engine.journal.events import read
from engine.journal.house_events import (
    ContactChanged,
    CredentialRevoked,
    CredentialSet,
    LedgerBackedUp,
    LedgerExported,
    LedgerVerified,
    LoggedIn,
    LoggedOut,
    LogInRefused,
    OriginBegun,
    ReturnsPassedOver,
    RoleGranted,
    RoleRevoked,
    StatementFrozen,
)
from engine.language import Text
from engine.operations.house.case_ranges import Known, RangeFound
from engine.operations.identity.judged_proofs import clock_of
from engine.operations.ledger.ledger import Ledger
from engine.store import chain_rows as chains
from engine.store import named_rows
from engine.system.program import digest_of_program
from engine.system.whole_files import written

_OF_NO_MATTER: Final = frozenset(
    each.kind
    for each in (
        ContactChanged,
        CredentialSet,
        LedgerBackedUp,
        LedgerExported,
        LedgerVerified,
        LoggedIn,
        LogInRefused,
        OriginBegun,
        ReturnsPassedOver,
        RoleGranted,
        RoleRevoked,
        StatementFrozen,
    )
)
"""Kinds of rows of the house that say nothing of what was in force before them."""
_ENDING: Final = frozenset({CredentialRevoked.kind, LoggedOut.kind})
"""Kinds of rows that end by what somebody was known, from their clock on."""


class Baseline:
    """What held when a ledger was last verified by the person who keeps the file, and what holds now."""

    def __init__(self, path: Path) -> None:
        """Read the file, if there is one.

        Raises:
            BadFileError: If it cannot be read, or is none.
        """
        self.spared = 0
        """Journal rows that were not judged again."""
        self._path = path
        self._before = _read(path)
        self._held: list[Stretch] = []
        self._claimed_until = 0
        self._now: BaselineFile | None = None
        self._named: Mapping[int, str] = {}

    def begin(self, ledger: Ledger, house_rows: Sequence[ChainRow] | None) -> Known:
        """Return the stretches of which nothing that they are judged by has changed, before their cases are read.

        Args:
            house_rows: The house's chain; None if it cannot tell all that cases are judged by.

        Raises:
            RefusedError: If the database shows this log-in only some cases.
        """
        if not ledger.store.sees_all:
            raise RefusedError(
                Text(
                    "only a log-in that is shown every case can keep a baseline",
                    "只有能查看全部事项的登录账户才能使用基线文件",
                )
            )
        if not house_rows:
            return {}
        self._named = named_rows.digests(ledger.store, chains.STRETCH)
        self._now = BaselineFile(
            program=digest_of_program(), calendar=ledger.calendar.label, zone=ledger.zone,
            house=(house_rows[-1].seq, house_rows[-1].hash),
        )  # fmt: skip
        before = self._before
        if before is None or not _still_judged_so(before, self._now, house_rows):
            return {}
        self._claimed_until = before.claimed_until
        return {each.first: each for each in before.stretches if each.named == self._named_in(each)}

    def follow(self, found: RangeFound) -> None:
        """Take what was found in a range."""
        self.spared += found.spared
        self._claimed_until = max(self._claimed_until, found.claimed_until)
        self._held += [each._replace(named=self._named_in(each)) for each in found.held]

    def keep(self) -> None:
        """Write the file again, by what holds now; to be asked only where nothing was found anywhere.

        Raises:
            BadFileError: If it cannot be written.
        """
        if self._now is None:
            return
        file = self._now.holding(tuple(self._held), claimed_until=self._claimed_until)
        with written(self._path, replace=True) as apart:
            apart.write_bytes(file.text())

    def _named_in(self, stretch: Stretch) -> str:
        """Return the digest of whom the cases of a stretch are kept to name."""
        return self._named.get(stretch.first - (stretch.first - 1) % chains.STRETCH, "")


def _read(path: Path) -> BaselineFile | None:
    """Return what a file holds; None if there is none.

    Raises:
        BadFileError: If it cannot be read, or is none.
    """
    try:
        return BaselineFile.read(path.read_bytes())
    except FileNotFoundError:
        return None
    except OSError as error:
        raise BadFileError(
            Text(
                f"{path} cannot be read ({system_reason(error).en})",
                f"无法读取 {path}（{system_reason(error).zh}）",
            )
        ) from error
    except ValueError as error:
        raise BadFileError(
            Text(
                f"{path} is no baseline, or it was altered; name a file that does not exist to begin another",
                f"{path} 不是基线文件，或已被改动；如需重新建立，请指定尚不存在的文件",
            )
        ) from error


def _still_judged_so(before: BaselineFile, now: BaselineFile, house_rows: Sequence[ChainRow]) -> bool:
    """Say whether all that cases are judged by is for older rows what it was."""
    seq, digest = before.house
    if (before.schema, before.program, before.calendar, before.zone) != (
        now.schema, now.program, now.calendar, now.zone,
    ):  # fmt: skip
        return False
    if not 0 < seq <= len(house_rows) or house_rows[seq - 1].hash != digest:
        return False
    return all(_is_of_no_matter(row, before.claimed_until) for row in house_rows[seq:])


def _is_of_no_matter(row: ChainRow, claimed_until: int) -> bool:
    """Say whether a new row of the house leaves what was in force before it as it was."""
    if row.kind in _OF_NO_MATTER:
        return True
    if row.kind not in _ENDING:
        return False
    try:
        return clock_of(row, read(row.kind, row.body or b"")) >= claimed_until
    except UnreadableEventError:
        return False
