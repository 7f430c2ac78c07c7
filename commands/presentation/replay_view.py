"""What is printed of a replayed log: what fits, what is refused and why, missed deadlines, months and stays."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from commands.console.output import heading, print_pairs, print_table, say
from engine.language import Text, t
from engine.replaying.logged import CaseReplay
from engine.replaying.throughput import Throughput
from engine.workflow.model import Workflow
from engine.working_days.instants import local_time


class ReplayedLog(NamedTuple):
    """A log that was replayed."""

    cases: Sequence[CaseReplay]
    workflows: Mapping[str, Workflow]
    flow: Mapping[str, Throughput]
    """By workflow."""
    passed: Mapping[str, int]
    """Events that were not played: ignored, unknown, phases, others."""
    unjudged: int
    """Cases whose deadlines could not be followed."""
    dropped: Sequence[str]
    """Conditions that were not asked."""
    zone: str
    calendar: Text | None = None
    """By which calendar deadlines were counted; None if those of the log's own columns are shown."""

    @property
    def refused(self) -> Sequence[CaseReplay]:
        """The cases that do not fit."""
        return [each for each in self.cases if not each.fits]


_PASSED: Mapping[str, Text] = {
    "ignored": Text("ignored, as the map says", "按对应文件忽略"),
    "unknown": Text("unknown to the map", "对应文件未列"),
    "phases": Text("begun or scheduled only: a step is what was completed", "仅为开始、排期等：完成方算办理"),
    "others": Text("no steps: notes, reminders, letters", "非流程步骤：备注、提醒、文书等"),
}


def print_replay(log: ReplayedLog, *, limit: int) -> None:
    """Print what came of a log.

    Args:
        limit: Cases and deadlines of each list that are shown at most.
    """
    refused, late = log.refused, [each for each in log.cases if each.missed]
    names = t(", ", "、").join(f"{each.title} v{each.version}" for each in log.workflows.values())
    heading(
        t(
            "{names}: {cases} cases, {fit} fit, {refused} refused",
            "{names}：{cases} 件，{fit} 件相符，{refused} 件不符",
            names=names,
            cases=len(log.cases),
            fit=len(log.cases) - len(refused),
            refused=len(refused),
        )
    )
    pairs = [
        (t("events accepted", "接受的事件"), str(sum(each.events for each in log.cases))),
        (
            t("cases still open at the end of the log", "日志结束时未办结"),
            str(sum(_is_open(each) for each in log.cases)),
        ),
    ]
    pairs += [
        (t("events passed over", "略过的事件"), f"{count}{t(' (', '（')}{_PASSED[name]}{t(')', '）')}")
        for name, count in log.passed.items()
        if count
    ]
    if log.unjudged:
        why = t("a year without a published calendar", "涉及未公布日历的年度")
        pairs.append((t("cases without deadlines followed", "未推算期限的事项"), f"{log.unjudged}{t(': ', '：')}{why}"))
    if log.calendar is not None:
        pairs.append((t("deadlines counted by", "期限推算所用日历"), str(log.calendar)))
    if log.dropped:
        pairs.append(
            (
                t("conditions not asked", "未作判断的条件"),
                t("{n}: the log does not carry their values", "{n} 项：日志中没有所需的值", n=len(log.dropped)),
            )
        )
    print_pairs(pairs)
    _print_refused(refused, log.zone, limit)
    _print_missed(late, log.workflows, limit)
    for name, flow in log.flow.items():
        _print_flow(flow, log.workflows[name])


def _is_open(case: CaseReplay) -> bool:
    return case.fits and not case.ended


def _print_refused(refused: Sequence[CaseReplay], zone: str, limit: int) -> None:
    if not refused:
        return
    say()
    heading(t("Refused at their first event that does not fit", "首个不符事件"))
    print_table(
        [t("case", "编号"), t("line", "行"), t("when", "时间"), t("event", "事件"), t("why", "原因")],
        [
            (each.case, str(each.line), _when(each.at, zone), each.activity, str(each.refused))
            for each in refused[:limit]
        ],
        wide=4,
    )
    _more(len(refused), limit)
    often = Counter((each.activity, str(each.refused)) for each in refused).most_common(5)
    if len(refused) > limit and often[0][1] > 1:
        say(t("most often:", "最常见："))
        for (activity, why), count in often:
            say(f"  {count}  {activity}{t(': ', '：')}{why}")


def _print_missed(late: Sequence[CaseReplay], workflows: Mapping[str, Workflow], limit: int) -> None:
    rows = [(case, each) for case in late for each in case.missed]
    if not rows:
        return
    say()
    heading(t("Deadlines missed: {n}", "超过期限：{n}", n=len(rows)))
    print_table(
        [t("case", "编号"), t("deadline", "期限"), t("due on", "到期日"), t("done on", "完成日")],
        [
            (
                case.case,
                _deadline(workflows, case.workflow, each.name),
                each.due_on,
                each.met_on or t("not done", "未完成"),
            )
            for case, each in rows[:limit]
        ],
    )
    _more(len(rows), limit)


def _deadline(workflows: Mapping[str, Workflow], workflow: str, name: str) -> str:
    declared = workflows[workflow].deadlines.get(name) if workflow in workflows else None
    return name if declared is None else str(declared.title)


def _more(count: int, limit: int) -> None:
    if count > limit:
        say(t("… and {n} more (--limit)", "……另有 {n} 行（--最多）", n=count - limit))


def _print_flow(flow: Throughput, workflow: Workflow) -> None:
    stays, months = flow.stays(workflow.states), flow.months()
    if stays:
        say()
        heading(t("{title}: days in each state", "{title}：各状态停留天数", title=workflow.title))
        print_table(
            [
                t("state", "状态"),
                t("stays", "次数"),
                t("median", "中位数"),
                t("9 of 10 within", "九成不超过"),
                t("still there", "仍在此状态"),
            ],
            [
                (
                    str(workflow.states[each.state].title),
                    str(each.ended),
                    _days(each.median) if each.ended else "",
                    _days(each.ninety) if each.ended else "",
                    str(each.lasting),
                )
                for each in stays
                if not workflow.is_final(each.state) or each.ended
            ],
        )
    if months:
        say()
        heading(t("{title}: by month", "{title}：按月", title=workflow.title))
        print_table(
            [t("month", "月份"), t("begun", "新增"), t("ended", "办结")],
            [(each.month, str(each.begun), str(each.ended)) for each in months],
        )


def _days(days: float) -> str:
    return f"{days:.1f}"


def _when(at: int, zone: str) -> str:
    return f"{local_time(at, zone):%Y-%m-%d %H:%M}"


def replay_json(log: ReplayedLog) -> dict[str, Any]:
    """Return what came of a log for scripts."""
    return {
        "workflows": [{"workflow": each.name, "version": each.version} for each in log.workflows.values()],
        "cases": len(log.cases),
        "fit": len(log.cases) - len(log.refused),
        "events": sum(each.events for each in log.cases),
        "open_at_end": sum(_is_open(each) for each in log.cases),
        "passed_over": dict(log.passed),
        "calendar": None if log.calendar is None else {"en": log.calendar.en, "zh": log.calendar.zh},
        "deadlines_not_followed": log.unjudged,
        "conditions_not_asked": list(log.dropped),
        "refused": [
            {
                "case": each.case,
                "workflow": each.workflow,
                "line": each.line,
                "at": local_time(each.at, log.zone).isoformat(),
                "event": each.activity,
                "state": each.state,
                "accepted": each.events,
                "en": each.refused.en if each.refused else "",
                "zh": each.refused.zh if each.refused else "",
            }
            for each in log.refused
        ],
        "missed": [
            {"case": case.case, "deadline": each.name, "due_on": each.due_on, "met_on": each.met_on}
            for case in log.cases
            for each in case.missed
        ],
        "throughput": {name: _flow_json(flow, log.workflows[name]) for name, flow in log.flow.items()},
    }


def _flow_json(flow: Throughput, workflow: Workflow) -> dict[str, Any]:
    return {
        "months": [each._asdict() for each in flow.months()],
        "states": [
            {
                "state": each.state,
                "stays": each.ended,
                "median_days": round(each.median, 2),
                "ninety_percent_days": round(each.ninety, 2),
                "still_there": each.lasting,
            }
            for each in flow.stays(workflow.states)
        ],
    }
