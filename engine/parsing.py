"""A plain declaration becomes frozen data; all faults of shape are found at once, none of meaning."""

from collections.abc import Mapping

from engine.definition import Choice, Workflow
from engine.problems import Problem, Where, nowhere


def parse_workflow(
    plain: Mapping[str, object],
    *,
    lists: Mapping[str, tuple[Choice, ...]],
    where: Where = nowhere,
) -> tuple[Workflow | None, tuple[Problem, ...]]:
    """Return the workflow that *plain* declares, or None and every fault of its shape."""
    raise NotImplementedError
