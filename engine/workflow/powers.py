"""Roles, and what a role may do beyond the steps of workflows; which role may do what is declared in `roles.yaml`."""

from dataclasses import dataclass
from enum import StrEnum

from engine.language import Text


class Power(StrEnum):
    """What the program lets only some roles do, besides the steps that workflows declare."""

    KEEP_LEDGER = "keep_ledger"
    """Units, working days, letterhead, the key that seals; reminded of what the house must do by itself."""
    MANAGE_OFFICERS = "manage_officers"
    """Officers, their contacts and roles; the house is never left without anybody who may."""
    FREEZE = "freeze"
    """Freeze a statement."""
    OPEN_SEALS = "open_seals"
    """Open sealed values of a unit's cases; it takes the key besides."""
    RESTORE = "restore"
    """Put a backup in the place of the ledger."""

    @property
    def says(self) -> Text:
        """What it lets do, as words that follow "may" and "可"."""
        return _WORDS[self]


_WORDS = {
    Power.KEEP_LEDGER: Text("keep this ledger", "管理本台账"),
    Power.MANAGE_OFFICERS: Text("manage officers and their roles", "管理人员和角色"),
    Power.FREEZE: Text("freeze a statement", "封存结果"),
    Power.OPEN_SEALS: Text("open what is sealed", "启封密封内容"),
    Power.RESTORE: Text("restore a backup", "用备份恢复台账"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Role:
    """One role that officers can have in a unit or in all."""

    name: str
    title: Text
    may: frozenset[Power]
