"""The kinds of texts by which a ledger works and which it adopts, and a text that is no file any more."""

from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from engine.language import Text


class TextKind(StrEnum):
    """What a text is."""

    WORKFLOW = "workflow"
    """A declaration of steps; it says its version itself, and cases end by the version that they began with."""
    LIST = "list"
    """A list of choices, roles, levels, rows of law, or the program's own words for reading ledgers."""
    ADDITION = "addition"
    """Words of the house that add to the program's list of that name instead of replacing it."""
    CAMPAIGN = "campaign"
    """What a campaign asks and by when."""
    MEASURES = "measures"
    """What campaigns of one workflow share: what makes a record complete, and rates."""
    FORMAT = "format"
    """A format in which ledgers are written."""
    LETTER = "letter"
    """A kind of letter: who issues it, in which series, what it says and by which law."""
    TEMPLATE = "template"
    """The Word file of a kind of letter, byte by byte."""

    @property
    def says(self) -> Text:
        """What people call it."""
        return _WORDS[self]


_WORDS = {
    TextKind.WORKFLOW: Text("workflow", "流程"),
    TextKind.LIST: Text("list", "列表"),
    TextKind.ADDITION: Text("additions to list", "补充列表"),
    TextKind.CAMPAIGN: Text("campaign", "专项行动"),
    TextKind.MEASURES: Text("measures", "指标"),
    TextKind.FORMAT: Text("format of ledgers", "台账格式"),
    TextKind.LETTER: Text("letter", "文书"),
    TextKind.TEMPLATE: Text("template of letter", "文书模板"),
}


class KeptText(NamedTuple):
    """A text that the ledger keeps, as JSON; it is read where a file of that name would be."""

    stem: str
    plain: str

    @property
    def name(self) -> str:
        """The name of the file that it came from."""
        return f"{self.stem}.yaml"


Source = Path | KeptText
"""Where a declaration stands."""
