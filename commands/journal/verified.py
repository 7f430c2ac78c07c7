"""What is said of a verification: what holds, what does not, and how far that goes."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from commands.console.context import AppContext
from commands.console.environment import FILES
from commands.console.output import talk
from commands.shared.journal_notes import coverage_words
from engine.journal.break_verdicts import verdict_of
from engine.journal.chain import Break
from engine.language import Text, t
from engine.workflow.proofs import Proof
from presentation.journal_verdicts import by_verdict, verdict_lines

if TYPE_CHECKING:
    from engine.operations.house.checkpoints import Coverage
    from engine.operations.house.verifying import Verification


class WhatHolds(NamedTuple):
    """What was checked, and what of it does not hold."""

    journal: "Verification"
    broken: tuple[Break, ...]
    covered: "Coverage"
    by_hand: int
    """Rows that are dated by a clock set by hand."""
    files: int | None
    """Attached files that were looked at; None if their folder is not known."""


def talk_of_verdicts(found: WhatHolds) -> None:
    """Say what each verdict is, and how much was looked at."""
    for line in verdict_lines(found.broken, found.journal):
        talk(line)
    if not found.journal.whole:
        talk(
            t(
                "only what came after the newest checkpoint and the cases it touches were read; all tables:"
                " qingling journal verify --tables",
                "仅核对最新检查点之后的日志及所涉事项；全表核对：qingling journal verify --tables",
            )
        )


def verified_json(found: WhatHolds) -> dict[str, object]:
    """Return what was checked as JSON can hold it."""
    covered = found.covered
    return {
        "checked": found.journal.checked,
        "tables": found.journal.whole,
        "saw_all": found.journal.saw_all,
        "verdicts": by_verdict(found.broken, found.journal),
        "judged": found.journal.judged,
        "judged_in_part": found.journal.in_part,
        "not_judged_again": found.journal.spared,
        "clock_set_by_hand": found.by_hand,
        "known_by": dict(sorted(found.journal.known_by.items())),
        "files": found.files,
        "covered": covered.covered,
        "co_signed": covered.co_signed,
        "not_covered": covered.entries - covered.covered,
        "checkpoint": covered.code or None,
        "breaks": [
            {
                "case": each.case or None,
                "seq": each.seq,
                "what": each.what,
                "which": each.which or None,
                "verdict": verdict_of(each).value,
            }
            for each in found.broken
        ],
    }


def talk_of_verified(app: AppContext, found: WhatHolds) -> None:
    """Say that all holds, and how far that goes."""
    talk(t("{checked} rows checked: the journal holds", "已校验 {checked} 行：日志完整", checked=found.journal.checked))
    if not app.ledger.is_rehearsal:
        talk(
            t(
                "their officers are known by: {counts}",
                "其人员身份凭据：{counts}",
                counts=_counted(found.journal.known_by),
            )
        )
    if found.journal.spared:
        talk(
            t(
                "{n} of them stand as the baseline says and were not judged again; the journal does not note this as a"
                " comparison of all tables",
                "其中 {n} 行与基线文件一致，未重新审查；本次不作为全表核对记入日志",
                n=found.journal.spared,
            )
        )
    if not found.journal.saw_all:
        from engine.operations.ledger.need_to_know import UNSEEN

        talk(
            t(
                "{unseen}: whether anything is missing was not looked at",
                "{unseen}：未核对有无缺失",
                unseen=UNSEEN,
            )
        )
    talk(coverage_words(app.ledger, found.covered))
    if found.by_hand and not app.ledger.is_rehearsal:
        talk(
            t(
                "{n} rows are dated by a clock set by hand; see: qingling journal log",
                "其中 {n} 行的时间系手工设定；请查看：qingling journal log",
                n=found.by_hand,
            )
        )
    if found.files:
        talk(
            t("{files} attached files are as they were attached", "附件 {files} 个，均与所附时一致", files=found.files)
        )
    if found.files is None:
        talk(
            t(
                "attached files were not looked at: set {variable} to their folder",
                "未核对附件：请设置 {variable}，指明附件文件夹",
                variable=FILES,
            )
        )


def _counted(counts: Mapping[str, int]) -> str:
    """Return how many rows are known by what, the strongest first."""
    titles = {each.word: each.title for each in reversed(Proof)} | {"program": Text("the program itself", "程序自身")}
    shown = (f"{title} {counts[word]}" for word, title in titles.items() if counts.get(word))
    return t(", ", "、").join(shown)
