"""Judges a declaration as a whole: every rule in one table, every problem at once; reads no file."""

from engine.definition import Workflow
from engine.problems import Problem, Where, nowhere
from engine.validation_known import Finding, Known, Rule

__all__ = ["RULES", "Finding", "Known", "Rule", "problems"]

RULES: tuple[Rule, ...] = ()
"""Every rule, in the order in which its problems are told."""


def problems(workflow: Workflow, *, known: Known, where: Where = nowhere) -> tuple[Problem, ...]:
    """Return everything that is wrong with *workflow*, each with culprit and rule; empty if it is sound."""
    found: dict[Problem, None] = {}
    for rule in RULES:
        for path, sentence in rule(workflow, known):
            found.setdefault(where.problem(path, sentence))
    return tuple(found)
