"""What is printed of a proof: each promise with its verdict, the way to where one fails, what the search cost."""

from collections.abc import Iterable, Mapping
from typing import Any

from commands.console.output import heading, say
from engine.language import Text, t
from engine.proving.proof_verdicts import NO_PROMISE, PlayedStep, PromiseAnswer, PromiseVerdict, ProvedWorkflow
from engine.proving.prove import PROMISES

_SIGNS: Mapping[PromiseAnswer, str] = {
    PromiseAnswer.PROVED: "✓",
    PromiseAnswer.REFUTED: "✗",
    PromiseAnswer.BY_CORRECTION: "!",
    PromiseAnswer.NOT_DECIDED: "?",
}

_WARNS = "!"
"""What is said and stops nobody."""

_FOUND_BEFORE = Text("not sound, so nothing is proved", "声明有误，无法证明")


def print_proof(proof: ProvedWorkflow) -> None:
    """Print a proof: what does not hold first, each with the shortest way to it."""
    counts = {each: len(proof.having(each)) for each in PromiseAnswer}
    words = [f"{count} {answer.says}" for answer, count in counts.items() if count]
    heading(
        t("{name} v{version}: ", "{name} v{version}：", name=proof.workflow, version=proof.version) + _listed(words)
    )
    order = (
        PromiseAnswer.REFUTED,
        PromiseAnswer.BY_CORRECTION,
        PromiseAnswer.NOT_DECIDED,
        PromiseAnswer.PROVED,
    )
    for answer in order:
        for verdict in proof.having(answer):
            _print_verdict(verdict)
    _print_bounds(proof)


def _print_verdict(verdict: PromiseVerdict) -> None:
    """Print one verdict and the way to where it fails."""
    title = _title(verdict)
    place = f"{verdict.about}: " if verdict.about else ""
    said = f" - {place}{verdict.sentence}" if verdict.sentence != title else ""
    counted = f"{verdict.promise} " if verdict.promise != NO_PROMISE else ""
    sign = _WARNS if verdict.warning and verdict.answer is PromiseAnswer.REFUTED else _SIGNS[verdict.answer]
    say(f"{sign} {counted}{title}{said}")
    for number, step in enumerate(verdict.path, 1):
        say(f"    {number:>2} {_step(step)}")


def _title(verdict: PromiseVerdict) -> Text:
    """Return what the promise of a verdict is called."""
    return PROMISES.get(verdict.promise, _FOUND_BEFORE)


def _step(step: PlayedStep) -> str:
    """Return one step of a way: the day, what is done by whom with what, and where the case stands then."""
    what = {
        "open": t("open", "登记"),
        "correct": t("correct", "更正"),
        "wait": t("time passes", "等待"),
        "children": t("children move on: {name}", "下级事项办理：{name}", name=step.name),
    }.get(step.kind, step.name)
    day = t("day {n}", "第{n}天", n=step.day)
    values = " ".join(f"{name}={_value(value)}" for name, value in step.values.items())
    return "  ".join(each for each in (day, what, step.who, values, f"→ {step.state}") if each)


def _value(value: object) -> str:
    """Return a value as a way tells it; a date as days from its step."""
    if isinstance(value, list | tuple):
        return ",".join(map(_value, value))
    if isinstance(value, bool):
        return t("yes", "是") if value else t("no", "否")
    return "-" if value is None else str(value)


def _print_bounds(proof: ProvedWorkflow) -> None:
    """Print how far the search went and where a few values stood for many."""
    cost = [
        t("{n} standings, {m} steps", "{n} 种情形、{m} 个步骤", n=each.standings, m=each.steps)
        for each in proof.measures
    ]
    if cost:
        say(t("searched: ", "已搜索：") + _listed(cost))
    if proof.folds:
        say(t("a few values stood for all in: ", "以少数取值代表全部取值之处：") + _listed(proof.folds))


def _listed(words: Iterable[str]) -> str:
    """Return words as each language lists them."""
    return t(", ", "、").join(words)


def proof_json(proof: ProvedWorkflow) -> dict[str, Any]:
    """Return a proof for scripts."""
    return {
        "workflow": proof.workflow,
        "version": proof.version,
        "holds": proof.holds,
        "verdicts": [_verdict_json(each) for each in proof.verdicts],
        "searched": [
            {"standings": each.standings, "steps": each.steps, "complete": each.complete} for each in proof.measures
        ],
        "folds": list(proof.folds),
    }


def _verdict_json(verdict: PromiseVerdict) -> dict[str, Any]:
    """Return one verdict for scripts."""
    return {
        "promise": verdict.promise,
        "title": _both(_title(verdict)),
        "about": verdict.about,
        "answer": verdict.answer.value,
        "warning": verdict.warning,
        **_both(verdict.sentence),
        "path": [each._asdict() for each in verdict.path],
    }


def _both(words: Text) -> dict[str, str]:
    """Return a text in both languages."""
    return {"en": words.en, "zh": words.zh}
