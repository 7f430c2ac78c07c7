"""The rule on what a workflow promises of itself."""

import re
from collections.abc import Iterable
from typing import Final

from engine.language import Text
from engine.validation.known import Finding, Known
from engine.workflow.model import Workflow

TERM: Final = re.compile(r"([1-9]\d{0,3}) (day|working_day|month)s?")
"""What may stand in `within`."""


def promises_say_something(workflow: Workflow, _: Known) -> Iterable[Finding]:
    """A promise says what never holds, or what always follows after what; only the latter has a term."""
    for each in workflow.promises.values():
        follows = each.after is not None and each.always is not None
        begun = each.after is not None or each.always is not None or each.within is not None
        if (each.never is not None) == begun or (begun and not follows):
            yield ("promises", each.name), _EITHER
        if each.within is not None and not TERM.fullmatch(each.within):
            yield ("promises", each.name, "within"), _A_TERM


_A_TERM = Text(
    "write a term in days, working_days or months, such as 60 days",
    "请写时限，单位为 days、working_days 或 months，如 60 days",
)
_EITHER = Text(
    "write `never`, or `after` and `always` (and `within` if it has a term)",
    "请写 never，或写 after 与 always（有时限的另写 within）",
)
