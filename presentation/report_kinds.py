"""Which reports and ledgers there are, and in which forms; what a command must know before it reads anything."""

from typing import Final

from engine.language import Text

KINDS: Final = {
    "daily": Text("daily", "日动态"),
    "weekly": Text("weekly", "周报"),
    "monthly": Text("monthly", "月报"),
    "stage": Text("stage", "阶段性总结"),
    "year": Text("year", "年度报告"),
    "bulletin": Text("bulletin", "通报"),
    "assessment": Text("assessment", "考核数据"),
}
"""Reports, by their kind."""
ENDINGS: Final = (".html", ".xlsx", ".docx")
"""What the name of a report may end in."""
NIL: Final = ("nil_return", "work_done")
"""Of a return: the flag that nothing occurred, and what was done."""
DEFAULT_FORMAT: Final = "full"
"""In which format a ledger is written unless another is asked for."""
