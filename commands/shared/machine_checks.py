"""What `doctor` finds of the machine: room on its disks, and who may read or change the files of the ledger."""

import os
import shutil
import stat
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from commands.console.context import AppContext, files_folder, known_files_folder
from commands.shared.custody import key_path
from commands.shared.findings import Finding
from engine.errors import BadValueError, QinglingError
from engine.language import Text
from engine.operations.house.installation import where_it_is
from presentation.plain_words import file_size

LITTLE_ROOM: Final = 1 << 30
"""Bytes that should be free, and so much more as a second copy of the ledger takes."""
NO_ROOM_LEFT: Final = 100 << 20
"""Bytes below which a day's work may not fit."""


def of_the_disks(
    app: AppContext, free: Callable[[Path], int] = lambda place: shutil.disk_usage(place).free
) -> Iterator[Finding]:
    """Yield whether there is room where the ledger and its attached files lie.

    Args:
        free: Returns how many bytes are free on the disk of a folder.
    """
    _, (*database,) = where_it_is(app.database)
    needed = sum(each.stat().st_size for each in database if each.exists())
    folders = [each.parent for each in database[:1]]
    with suppress(QinglingError):  # said of the attached files
        folders.append(files_folder(app.database))
    seen = set()
    for folder in folders:
        place = next((each for each in (folder, *folder.parents) if each.is_dir()), None)
        if place is None or place.stat().st_dev in seen:
            continue
        seen.add(place.stat().st_dev)
        left = free(place)
        words = Text(f"{file_size(left)} free where {place} lies", f"{place} 所在磁盘剩余 {file_size(left)}")
        topic = Text("disk", "磁盘")
        if left < NO_ROOM_LEFT + needed:
            yield Finding(topic, "wrong", Text(f"only {words.en}: make room", f"{words.zh}，空间不足：请清理"))
        elif left < LITTLE_ROOM + 2 * needed:
            yield Finding(topic, "attention", Text(f"only {words.en}: make room soon", f"{words.zh}：请尽快清理"))
        else:
            yield Finding(topic, "ok", words)


def of_the_permissions(app: AppContext) -> Iterator[Finding]:
    """Yield whether others on this machine can read the database, the key or the attached files, or replace them."""
    _, database = where_it_is(app.database)
    if os.name != "posix":
        yield from map(_of_an_access_list, database)
        return
    key = None
    with suppress(BadValueError):  # a server's ledger may have no key at hand
        key = key_path(None, app.database)
    for path in (*database, key, known_files_folder(app.database)):
        if path is not None and path.exists():
            yield _of_a_place(path)
    for folder in dict.fromkeys(each.absolute().parent for each in (*database[:1], key) if each is not None):
        if folder.is_dir() and folder.stat().st_mode & 0o022 and not folder.stat().st_mode & stat.S_ISVTX:
            yield Finding(
                Text("permissions", "权限"),
                "wrong",
                Text(
                    f"others can replace what lies in {folder}: chmod go-w {folder}",
                    f"他人可替换 {folder} 中的文件：chmod go-w {folder}",
                ),
            )
    if key is not None and key.exists() and key.absolute().parent in {each.parent for each in database}:
        yield Finding(
            Text("custodian's key", "保管人密钥"),
            "note",
            Text(
                f"{key} lies beside the database; move it to a place of its own",
                f"{key} 与数据库放在一处；请另行保管",
            ),
        )


def _of_an_access_list(path: Path) -> Finding:
    """Return what to look at where a list of names says who may read, which the program does not judge."""
    return Finding(
        Text("permissions", "权限"),
        "note",
        Text(
            f"who may read {path.parent} is said by its access control list, which is not judged here;"
            f" look: icacls {path.parent}",
            f"{path.parent} 的读取权限由访问控制列表（ACL）决定，本程序不作判断；请查看：icacls {path.parent}",
        ),
    )


def _of_a_place(path: Path) -> Finding:
    """Return whether others can read a file or a folder."""
    topic, mode = Text("permissions", "权限"), path.stat().st_mode & 0o777
    if mode & 0o077:
        return Finding(
            topic,
            "wrong",
            Text(
                f"others can read {path} ({mode:o}): chmod go= {path}",
                f"他人可读 {path}（{mode:o}）：chmod go= {path}",
            ),
        )
    return Finding(topic, "ok", Text(f"{path} ({mode:o})", f"{path}（{mode:o}）"))
