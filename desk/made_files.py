"""Files that leave the house at the desk: reports and ledgers, written apart, journaled, and then to be kept.

As at the command line (`commands.shared.handing_out`): no file is given that the journal does not know.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory, mkdtemp

from desk.visit import Visit
from documents.reports.paper import Report
from engine.errors import NotFoundError
from engine.language import Text
from engine.operations.cases.exporting import note_export


@dataclass(eq=False, kw_only=True, slots=True)
class MadeFile:
    """A file that was made, until its officer has it."""

    name: str
    """What it is to be called."""
    file: Path | None = None
    """Where it lies; None as long as it is not journaled."""
    count: int = 0
    """How much is in it."""
    digest: str = ""
    limited: Text | None = None
    """To what everything in it is limited."""
    words: Text | None = None
    """What is said of it in place of how much is in it."""
    back: str = ""
    """The address from which it was asked for; empty for the page of reports."""
    back_words: Text | None = None
    """What that page is called."""

    def destroy(self) -> None:
        """Destroy the file."""
        if self.file is not None:
            rmtree(self.file.parent, ignore_errors=True)
            self.file = None

    @property
    def content(self) -> bytes:
        """What stands in it.

        Raises:
            NotFoundError: If it is not made, or given up.
        """
        if self.file is None:
            raise NotFoundError(Text("there is no such file", "没有这个文件"))
        return self.file.read_bytes()


@dataclass(eq=False, kw_only=True, slots=True)
class MadeReport:
    """A report that was made ready, to be looked at and issued."""

    paper: Report | None = None
    scope: Mapping[str, object] | None = None
    """What the journal says that it is about."""
    limited: Text | None = None
    points: Path | None = None
    """A file of points that was sent for it, until it is made."""

    def destroy(self) -> None:
        """Forget it."""
        self.paper = None
        self.drop_points()

    def drop_points(self) -> None:
        """Destroy the file of points."""
        if self.points is not None:
            rmtree(self.points.parent, ignore_errors=True)
            self.points = None


def hand_out(
    visit: Visit,
    what: str,
    name: str,
    write: Callable[[Path, Path], int],
    *,
    scope: Mapping[str, object],
    reason: str,
    counted: Callable[[int, str], None],
) -> tuple[Path, int, str]:
    """Write a file where only its owner reads it, journal it, and return it with how much is in it and its digest.

    Args:
        name: Of the file; its ending says how it is written.
        write: Writes into the first path and may use the second as a scratch folder; returns how much it wrote.
        counted: Called with what is returned, before it is journaled.

    Raises:
        QinglingError: If it cannot be written or journaled; then nothing is left of it.
    """
    uploads = visit.background.jobs.folder
    file = Path(mkdtemp(dir=uploads)) / f"made{Path(name).suffix}"
    try:
        with TemporaryDirectory(dir=uploads) as scratch:
            count = write(file, Path(scratch))
        file.chmod(0o600)
        with file.open("rb") as stream:
            digest = file_digest(stream, "sha256").hexdigest()
        counted(count, digest)
        # Before anybody has it: a file that is out cannot be brought back if its row is refused.
        note_export(visit.acting, what, count=count, scope=scope, digest=digest, reason=reason)
    except BaseException:
        rmtree(file.parent, ignore_errors=True)
        raise
    return file, count, digest
