"""What is printed of a mined log: how many cases its steps cover, and what is proved of the draft."""

from typing import Any

from commands.console.output import talk
from commands.presentation.proof_view import proof_json
from engine.language import t
from engine.proving.proof_verdicts import PromiseAnswer, ProvedWorkflow
from engine.replaying.mining import MinedLog


def print_mined(log: MinedLog, proof: ProvedWorkflow) -> None:
    """Say how many cases are covered and what is proved; the draft itself is the data."""
    talk(
        t(
            "{cases} cases, {events} events; {kept} of {found} steps kept: {covered} cases covered",
            "{cases} 件，{events} 个事件；保留 {kept}/{found} 个步骤，覆盖 {covered} 件",
            cases=log.cases,
            events=log.events,
            kept=len(log.steps),
            found=log.found,
            covered=log.covered,
        )
    )
    talk(t("steps kept   cases covered   of later cases", "保留步骤   覆盖   对较晚事项"))
    for each in log.curve:
        mark = " *" if each.steps == log.asked else ""
        talk(f"{each.steps:>10}   {_percent(each.share):>13}   {_percent(each.later):>14}{mark}")
    if log.wants_children:
        talk(
            t(
                "much of this log begins and ends, or repeats: such activities may be cases of their own (child:)",
                "日志中成对的开始与完成、或重复的活动较多：可将其作为下级事项（child:）",
            )
        )
    words = [f"{len(found)} {answer.says}" for answer in PromiseAnswer if (found := proof.having(answer))]
    talk(t("proof of the draft: ", "草案的证明：") + t(", ", "，").join(words))
    for verdict in proof.having(PromiseAnswer.REFUTED):
        talk(f"  ✗ {verdict.about} {verdict.sentence}")


def _percent(share: float) -> str:
    """Return a share in whole per cent; all only if it is all."""
    return f"{int(100 * share)}%"


def mined_json(log: MinedLog, proof: ProvedWorkflow) -> dict[str, Any]:
    """Return what a log shows for scripts."""
    return {
        "cases": log.cases,
        "events": log.events,
        "steps_kept": len(log.steps),
        "steps_found": log.found,
        "covered": log.covered,
        "coverage": [each._asdict() for each in log.curve],
        "repeats": round(log.repeats, 3),
        "begun_and_ended": round(log.pairs, 3),
        "proof": proof_json(proof),
    }
