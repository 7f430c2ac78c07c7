"""Freezing a statement into files: a row in the journal and its files are there together, or neither."""

import json
import shutil
from collections.abc import Mapping
from datetime import date
from functools import partial
from hashlib import sha256
from os.path import lexists
from pathlib import Path
from typing import TYPE_CHECKING, Final

from commands.console.context import AppContext
from engine.errors import BadValueError
from engine.language import Text
from engine.system.whole_files import abandoned, apart, put

if TYPE_CHECKING:
    from engine.campaigns.campaign import Campaign
    from engine.operations.zero.blocking import Blocker
    from engine.operations.zero.frozen import Frozen
    from engine.operations.zero.verdict import Statement

BEGINS: Final = ".qingling-frozen-"
"""What the name of a folder begins with in which a statement is written; other commands leave such folders alone."""

PLACED: Final = "placed"
"""The file in it that says which files were put into their place before the journal's row was final."""


def freeze_into(
    app: AppContext, target: Path, campaign: "Campaign", *, day: date | None, unit: str | None, reason: str | None
) -> "tuple[Frozen, Statement, tuple[Blocker, ...]]":
    """Freeze how a campaign stands; its JSON comes to *target* and its text beside it before the row is final.

    Where a program was killed between the two, files lie there that the journal knows nothing of: the next freeze
    into the same folder takes them away.

    Raises:
        BadFileError: If they cannot be written; then nothing is journaled.
        BadValueError: If there is a file of that name.
    """
    from commands.zero.printed import frozen_text
    from engine.operations.zero.frozen import freeze, mark_of

    beside = target.with_suffix(".txt")
    placed: list[Path] = []
    _take_away_abandoned(app, target.parent)
    for each in (target, beside):
        if lexists(each):
            raise _taken(each)
    with apart(target, begins=BEGINS) as scratch:

        def write(kept: "Frozen", printed: str) -> None:
            words = {target: kept.text, beside: printed}
            for place, content in words.items():
                (scratch / place.name).write_text(content, encoding="utf-8")
            _say_placed(scratch, mark_of(app.ledger, kept), words)
            for place in words:
                try:
                    put(scratch / place.name, place, replace=False)
                except FileExistsError:  # somebody took the name meanwhile
                    raise _taken(place) from None
                placed.append(place)

        try:
            return freeze(
                app.acting, campaign, day=day, unit=unit, reason=reason, prints=partial(frozen_text, app), write=write
            )
        except BaseException:
            for each in placed:
                each.unlink(missing_ok=True)
            raise


def _say_placed(scratch: Path, mark: str, words: Mapping[Path, str]) -> None:
    """Write which files are about to come to their place, and by which mark their row will be known."""
    files = {place.name: sha256(content.encode()).hexdigest() for place, content in words.items()}
    (scratch / PLACED).write_text(json.dumps({"mark": mark, "files": files}), encoding="utf-8")


def _take_away_abandoned(app: AppContext, folder: Path) -> None:
    """Remove what freezes that were killed left in *folder*, but for the files of a statement that was frozen."""
    from engine.operations.zero.frozen import was_frozen

    for left in abandoned(folder, begins=BEGINS):
        try:
            said = json.loads((left / PLACED).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            said = {"mark": "", "files": {}}  # killed before any file came to its place
        frozen = was_frozen(app.ledger, said["mark"])
        if frozen is None:
            continue  # by another ledger, which will look after it
        if not frozen:
            for name, digest in said["files"].items():
                place = folder / Path(name).name
                if place.is_file() and sha256(place.read_bytes()).hexdigest() == digest:
                    place.unlink()
        shutil.rmtree(left, ignore_errors=True)


def _taken(place: Path) -> BadValueError:
    """Return the refusal of a name that is taken."""
    return BadValueError(
        Text(
            f"{place} exists; a frozen statement is never overwritten, name another folder (-o)",
            f"{place} 已存在；封存结果不得覆盖，请另选文件夹（-o）",
        )
    )
