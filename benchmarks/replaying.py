"""Steps of logs judged in memory by the lean plan, beside the time that 100,000 a second take."""

import time
from collections.abc import Callable, Mapping
from datetime import date
from typing import Final

from benchmarks.measuring import Finding, paired
from engine.replaying.lean_plan import Accepted, LeanPlan, PlayedCase, decided
from engine.replaying.surroundings import EVERYBODY
from engine.rules.transitions import Rules
from engine.rules.values import check_values
from workflows.loader import Declarations

ALLOWED: Final = 100_000
"""Events a second."""
_DAY: Final = date(2019, 7, 8)
_TODAY: Final = _DAY.isoformat()
_OPENED: Final[Mapping[str, object]] = {
    "received_on": _TODAY, "source": "letter", "summary": "强揽工程", "real_name": False, "suspected_crime": False,
}  # fmt: skip
_ROAD: Final[tuple[tuple[str, str, Mapping[str, object]], ...]] = (
    ("assign", "zhou", {"handler": "chen", "responsible_leader": "liu", "category": "A6"}),
    ("verify", "chen", {
        "finding": "partly", "verifiers": ["chen", "wang"], "verified_on": _TODAY, "report_number": "核报1",
        "irregularity": True,
    }),
    ("handle", "chen", {"measures": "约谈并责令整改"}),
    ("close", "zhou", {
        "closed_on": _TODAY, "leader_signature": "liu", "head_signature": "zhao", "archive_number": "DA-2019-01",
        "cleanup": "waived", "cleanup_waiver": "个案，制度无漏洞",
    }),
    ("waive_rectification", "zhou", {"signed_by": "zhao", "file_checked_on": _TODAY}),
)  # fmt: skip
"""A lead from its assignment to its end: five steps with values, conditions and separation of duties."""


def in_memory(*, events: int, rounds: int) -> Finding:
    """Measure *events* steps of leads."""
    rules = Rules(Declarations().latest("lead"))
    plan = LeanPlan(rules)
    road = [
        (trigger, by, check_values(rules.workflow, values, officers=EVERYBODY, units=EVERYBODY, today=_DAY))
        for trigger, by, values in _ROAD
    ]
    count = events // len(road)

    def ours() -> float:
        def played() -> None:
            for _ in range(count):
                case = PlayedCase(plan, "x", _OPENED)
                for trigger, by, values in road:
                    if not isinstance(answer := plan.play(case, trigger, values, by=by, today=_DAY), Accepted):
                        raise answer

        return _cpu(played)

    def by_rules() -> float:
        case = PlayedCase(plan, "x", _OPENED)

        def judged() -> None:
            for trigger, by, values in road:
                decided(rules, case, trigger, values, by=by, roles=plan.everybody, today=_DAY)
                plan.play(case, trigger, values, by=by, today=_DAY)

        return _cpu(judged)

    least = min(by_rules() for _ in range(200)) / len(road)
    return paired(
        f"{count * len(road):,} logged steps of leads replayed",
        "100,000 a second",
        ours,
        lambda: count * len(road) / ALLOWED,
        at_most=1.0,
        rounds=max(rounds, 5),
        remark=lambda: f"CPU time, in memory, cases begun included; the rules themselves do {1 / least:,.0f} a second",
    )


def _cpu(work: Callable[[], object]) -> float:
    """Return the CPU seconds that *work* takes: the floor is a constant, which load would not slow down as well."""
    begun = time.process_time()
    work()
    return time.process_time() - begun
