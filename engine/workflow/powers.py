"""Roles, and what a role may do beyond the steps of workflows; which role may do what is declared in `roles.yaml`."""

from enum import IntEnum, StrEnum
from types import MappingProxyType
from typing import Final

from engine.language import Text
from engine.workflow.frozen_struct import FrozenStruct
from engine.workflow.proofs import LogInLimits, Proof

PROGRAM: Final = "program"
"""Who takes, in `by` of a step, what a deadline does by itself once it has run out; no officer can have this role."""
PROGRAM_TITLE: Final = Text("the program", "程序")


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
    AGREE_TO_OPEN = "agree_to_open"
    """Agree to the opening of sealed values that another officer asked for."""
    RESTORE = "restore"
    """Put a backup in the place of the ledger."""
    READ_ACCESS_LOG = "read_access_log"
    """Read who read what."""
    RESTRICT = "restrict"
    """Say that a case is read by named officers only, and lift that."""
    READ_RESTRICTED = "read_restricted"
    """Read restricted cases without being named, as far as the role reads at all."""

    DESTROY_SEALS = "destroy_seals"
    """Propose that sealed parts are destroyed after their term, and agree to what another proposed."""

    @property
    def says(self) -> Text:
        """What it lets do, as words that follow "may" and "可"."""
        return _WORDS[self]


_WORDS = {
    Power.KEEP_LEDGER: Text("keep this ledger", "管理本台账"),
    Power.MANAGE_OFFICERS: Text("manage officers and their roles", "管理人员和角色"),
    Power.FREEZE: Text("freeze a statement", "封存结果"),
    Power.OPEN_SEALS: Text("open what is sealed", "启封密封内容"),
    Power.AGREE_TO_OPEN: Text("agree to the opening of a seal", "同意启封"),
    Power.RESTORE: Text("restore a backup", "用备份恢复台账"),
    Power.READ_ACCESS_LOG: Text("read who read what", "查看查阅记录"),
    Power.RESTRICT: Text("restrict who reads a case", "限制事项的查阅范围"),
    Power.DESTROY_SEALS: Text("have sealed parts destroyed after their term", "销毁到期的密封内容"),
    Power.READ_RESTRICTED: Text("read restricted cases", "查阅限制查阅的事项"),
}


MAY_BE_NOBODYS: Final = frozenset({Power.RESTRICT, Power.READ_RESTRICTED, Power.DESTROY_SEALS})
"""Powers that a list of roles may leave out; then nobody has them."""


class ReadingScope(IntEnum):
    """How much of a ledger somebody may read, the narrowest first."""

    NONE = 0
    PART = 1
    """Cases in which the officer is named, or took a step."""
    UNIT = 2
    """Besides, all cases of the units in which the officer has such a role."""
    ALL = 3
    """All cases of all units, and what concerns the whole house."""


READS: Final = MappingProxyType({"part": ReadingScope.PART, "unit": ReadingScope.UNIT, "all": ReadingScope.ALL})
"""What `reads:` of a role may say; a role that says nothing reads what its officer has part in."""


class Role(FrozenStruct, frozen=True, kw_only=True):
    """One role that officers can have in a unit or in all."""

    name: str
    title: Text
    may: frozenset[Power]
    reads: ReadingScope = ReadingScope.PART
    """How much its officers may read."""
    proof: Proof = Proof.ASSERTED
    """By what its officers must at least be known, whatever they write or read."""
    only_reads: bool = False
    """Whether it gives its officers nothing to write, not even a remark."""


class HouseTerms(FrozenStruct, frozen=True, kw_only=True):
    """Terms of the house itself, which stand in the list of roles beside the roles."""

    access_log_years: int = 3
    """For how long it is kept who read what."""
    sealed_years: int = 0
    """After so many years without an entry the sealed parts of a closed case may be destroyed; 0 for never."""
    opening_days: int = 3
    """For how many days consent to the opening of a seal holds."""
    compared_days: int = 7
    """For how many days it is enough that every row of every table was compared with the journal."""
    log_in: LogInLimits = LogInLimits()
    """How long log-ins last, and how long who types wrong passwords must wait."""
