"""A backup in words: where it is, what it holds, what it lacks."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from commands.console.context import ZONE
from commands.console.environment import FILES
from commands.console.output import print_pairs
from engine.errors import BadFileError
from engine.language import Text, t

if TYPE_CHECKING:
    from engine.operations.house.safekeeping import Backup


def backup_name(what: str, now: datetime) -> str:
    """Return a name for a file made at the aware instant *now*."""
    return f"qingling-{what}-{now.astimezone(ZoneInfo(ZONE)):%Y%m%d-%H%M%S}.db"


def print_backup(made: "Backup", *, with_files: bool = True) -> None:
    """Print where a backup is and what it holds.

    Args:
        with_files: Attached files were to be in it.
    """
    pairs = backup_pairs(made.counts, made.files, made.digest)
    if not with_files:
        pairs = [each for each in pairs if each[0] != t("attached files", "附件")]
    print_pairs([(t("backup", "备份"), str(made.file)), *pairs])


def backup_pairs(counts: Mapping[str, int], files: int, digest: str) -> list[tuple[str, str]]:
    """Return what a backup holds, for printing."""
    return [
        (t("cases", "事项"), str(counts["cases"])),
        (t("journal rows", "日志"), str(counts["journal"])),
        (t("attached files", "附件"), str(files)),
        ("SHA-256", digest),
    ]


def refuse_missing(missing: tuple[str, ...]) -> None:
    """Say that some attached files could not be kept; all else was."""
    if missing:
        raise BadFileError(
            Text(
                f"attached files that are not in it, being gone or changed: {len(missing)} (first {missing[0][:16]}…); "
                f"all else is. Look for them in the folder of files, which {FILES} may name",
                f"有 {len(missing)} 个附件缺失或已被改动，未包含在内（首个：{missing[0][:16]}…），其余完整。"
                f"请检查附件文件夹（可由 {FILES} 指定）",
            )
        )


def counted_again(cases: int) -> str:
    """Return what is said of an older ledger in whose journal rows stood that counted cases wrong.

    Args:
        cases: How many.
    """
    return t(
        "{n} cases were counted by the state before the one that a ledger named later; now they count by the rules: "
        "qingling journal log --kind amended names them, look again at what was shown as cleared since",
        "有 {n} 件事项在再次导入台账改变状态时按原状态认定是否办结，现已按规则重新认定："
        "用 qingling journal log --kind amended 查看，此前显示为已办结的，请重新核对",
        n=cases,
    )


def put_right(cases: int) -> str:
    """Return what is said of an older ledger whose newer tables put something right.

    Args:
        cases: Of how many it was kept wrong.
    """
    return t(
        "of {n} cases it was kept wrong whether their terms were kept, since a step in bulk by an earlier version, or "
        "since a term ceased for a second reason; that is put right: look again at what was shown as on time since",
        "有 {n} 件事项的期限情况曾因旧版批量办理或期限再次解除记错（日志无误），现已更正；此前显示为按期的，请重新核对",
        n=cases,
    )
