"""Files that come to their place whole: written apart beside it, made sure on the disk, and only then renamed.

A reader of a folder of ours finds a file as it should be, or none. What a killed program left apart is cleared
away by the next one that writes into the same folder; what is still at work is known by its lock and left alone.
"""

import errno
import gc
import os
import shutil
import sys
import tempfile
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from engine.errors import BadFileError, system_reason
from engine.language import Text

APART: Final = ".qingling-apart-"
"""What the name of a folder begins with in which files are written before they come to their place."""

NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS, errno.ENAMETOOLONG})
"""What a disk says that takes no more, or no such name."""


@contextmanager
def apart(place: Path, *, begins: str = APART) -> Iterator[Path]:
    """Lend a folder beside *place* that only its owner can read; it is removed afterwards.

    Args:
        place: The file that will be written, which need not exist.
        begins: What the folder's name begins with; folders of that kind left by killed programs are removed.

    Raises:
        BadFileError: If nothing can be written there, or the disk is full before all is written.
    """
    folder, lock = None, None
    try:
        for left in abandoned(place.parent, begins=begins):
            shutil.rmtree(left, ignore_errors=True)
        folder, lock = _locked_folder(place.parent, begins)
        yield folder
    except Exception as error:
        refused = unwritable(error, place)
        if refused is None:
            raise
        _let_go(error)
        raise refused from error
    finally:
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)
        if lock is not None:
            os.close(lock)


@contextmanager
def held_apart(folder: Path, *, begins: str) -> Iterator[Path]:
    """Lend a folder in *folder* that stays where this program is killed, for `abandoned` to find; else it is removed.

    Args:
        begins: What its name begins with.

    Raises:
        OSError: If it cannot be made.
    """
    made, lock = _locked_folder(folder, begins)
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)
        if lock is not None:
            os.close(lock)


@contextmanager
def written(place: Path, *, replace: bool = True, private: bool = True) -> Iterator[Path]:
    """Lend the path of a file to write; it comes to *place* if the block ends well.

    Args:
        replace: Also where a file has that name already.
        private: Only its owner may read it.

    Raises:
        BadFileError: If it cannot be written whole; nothing is left then.
        FileExistsError: If the name is taken and is not to be replaced.
    """
    with apart(place) as folder:
        file = folder / place.name
        yield file
        put(file, place, replace=replace, private=private)


def put(made: Path, place: Path, *, replace: bool, private: bool = True) -> None:
    """Give a finished file its name, once it is sure to be on the disk.

    Args:
        replace: Also where a file has that name already.
        private: Only its owner may read it.

    Raises:
        FileExistsError: If the name is taken and is not to be replaced.
        OSError: If it cannot be done.
    """
    settle(made, private=private)
    give_name(made, place, replace=replace)


def settle(made: Path, *, private: bool = True) -> None:
    """Make sure that a finished file is on the disk.

    Args:
        private: Only its owner may read it.
    """
    if private:
        made.chmod(0o600)
    _sync(made)


def give_name(made: Path, place: Path, *, replace: bool) -> None:
    """Give a file that is settled its name; it is not opened, so a lock that is held on it stays.

    Raises:
        FileExistsError: If the name is taken and is not to be replaced.
    """
    if replace:
        made.replace(place)
    else:
        put_new(made, place)
    with suppress(OSError):  # not every system lets a folder be opened
        _sync(place.parent)


def put_new(made: Path, target: Path) -> None:
    """Give a finished file its name, unless someone took the name meanwhile.

    Raises:
        FileExistsError: If the name is taken.
    """
    try:
        os.link(made, target)
    except FileExistsError:
        raise
    except OSError as error:  # a disk on which a file has only one name
        if target.exists():
            raise FileExistsError from error
        made.replace(target)


def make_folder(folder: Path, *, mode: int = 0o777) -> None:
    """Make a folder and those above it, unless it is there.

    Raises:
        BadFileError: If that cannot be.
    """
    try:
        folder.mkdir(mode=mode, parents=True, exist_ok=True)
    except OSError as error:
        why = system_reason(error)
        raise BadFileError(
            Text(
                f"the folder {folder} cannot be made ({why.en}); name another place",
                f"无法建立文件夹 {folder}（{why.zh}）；请另选位置",
            )
        ) from error


def abandoned(folder: Path, *, begins: str = APART) -> Iterator[Path]:
    """Yield the folders apart that nobody works in any more: their programs were killed. Each is ours meanwhile."""
    for left in sorted(folder.glob(f"{begins}*")):
        try:
            lock = os.open(left, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        except (OSError, AttributeError):  # removed meanwhile, no folder, or a system that knows no such locks
            continue
        try:
            if _lock(lock):
                yield left
        finally:
            os.close(lock)


def unwritable(error: BaseException, place: Path) -> BadFileError | None:
    """Return the refusal if *error* says that *place* cannot be written, whatever a library made of it; else None."""
    if isinstance(error, FileExistsError):
        return None
    found = error if isinstance(error, OSError) else no_room(error)
    if found is None:
        return None
    why = system_reason(found)
    return BadFileError(
        Text(
            f"{place} cannot be written ({why.en}); nothing of it was kept, make room or name another place",
            f"无法写入 {place}（{why.zh}）；未留下任何内容，请清理磁盘或另选位置",
        )
    )


def no_room(error: BaseException) -> OSError | None:
    """Return what a full disk said, if that is what *error* comes from."""
    seen: set[int] = set()
    each: BaseException | None = error
    while each is not None and id(each) not in seen:
        if isinstance(each, OSError) and each.errno in NO_ROOM:
            return each
        seen.add(id(each))
        each = each.__cause__ or each.__context__
    return None


def _let_go(error: BaseException) -> None:
    """Throw away what was half written: archives want to write their end as they go, and would say that they cannot."""
    said = sys.unraisablehook
    sys.unraisablehook = lambda _: None
    try:
        each: BaseException | None = error
        while each is not None:
            traceback.clear_frames(each.__traceback__)
            each = each.__cause__ or each.__context__
        gc.collect()
    finally:
        sys.unraisablehook = said


def _locked_folder(parent: Path, begins: str) -> tuple[Path, int | None]:
    """Make a folder and lock it, so that it is known to be in use."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=begins, dir=parent))
        if os.name != "posix":
            return folder, None
        lock = os.open(folder, os.O_RDONLY)
        if _lock(lock) is not False:
            with suppress(FileNotFoundError):
                if folder.stat().st_ino == os.fstat(lock).st_ino:
                    return folder, lock
        os.close(lock)  # somebody who clears away was faster


def _lock(opened: int) -> bool | None:
    """Lock what was opened; False if somebody else holds it, None where there are no such locks."""
    import fcntl

    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return None
    return True


def _sync(path: Path) -> None:
    """Wait until what was written is on the disk."""
    # Windows flushes only what was opened for writing.
    opened = os.open(path, os.O_RDONLY if os.name == "posix" else os.O_RDWR)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
