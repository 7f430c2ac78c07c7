"""Files that leave the house: written apart, noted in the journal, and only then called by their name."""

from collections.abc import Callable, Mapping
from hashlib import file_digest
from os.path import lexists
from pathlib import Path
from typing import TYPE_CHECKING, Final

from commands.console.bilingual import option
from engine.errors import BadFileError
from engine.language import Text

if TYPE_CHECKING:
    from engine.operations.ledger.acting import Acting

purpose_option: Final = option(
    "--reason", default="", metavar="WORDS", en="Why; it is journaled.", zh="用途，记入日志。"
)
replace_option: Final = option("--replace", is_flag=True, en="Write over a file that is there.", zh="覆盖已有的文件。")


def refuse_taken(out: Path, *, replace: bool) -> None:
    """Refuse to write over a file that is there.

    Raises:
        BadFileError: If so.
    """
    if lexists(out) and not replace:
        raise _taken(out)


def hand_out(
    acting: "Acting",
    what: str,
    out: Path,
    write: Callable[[Path, Path], int],
    *,
    scope: Mapping[str, object],
    reason: str,
    replace: bool,
    counted: Callable[[int, str], None] = lambda _count, _digest: None,
) -> tuple[int, str]:
    """Write a file apart, journal it, and only then give it its name; return how much is in it, and its digest.

    Args:
        write: Writes into the first path and may use the second as a scratch folder; returns how much it wrote.
        counted: Called with what is returned, before it is journaled.

    Raises:
        BadFileError: If it cannot be written, or there is such a file by now.
    """
    from engine.operations.cases.exporting import note_export
    from engine.system.whole_files import apart, put

    with apart(out) as scratch:
        file = scratch / out.name
        count = write(file, scratch)
        with file.open("rb") as stream:
            digest = file_digest(stream, "sha256").hexdigest()
        counted(count, digest)
        note_export(acting, what, count=count, scope=scope, digest=digest, reason=reason)
        try:
            put(file, out, replace=replace)
        except FileExistsError:  # someone took the name while it was written
            raise _taken(out) from None
    return count, digest


def _taken(out: Path) -> BadFileError:
    """Return the refusal to write over a file."""
    return BadFileError(
        Text(
            f"{out} is there already; name another file, or add --replace",
            f"{out} 已存在；请另起文件名，或加 --replace",
        )
    )
