"""`qingling replay`: an event log played through a workflow by the rules that commands go by; writes nothing."""

import dataclasses
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import click

from commands.console.bilingual import argument, command, json_option, option, pass_app
from commands.console.context import AppContext
from commands.console.output import print_json
from commands.shared.declared import declarations_around, latest_or_none, workflow_asked
from engine.errors import BadFileError, BadValueError, QinglingError, RefusedError
from engine.language import Text
from engine.workflow.problems import did_you_mean

if TYPE_CHECKING:
    from commands.presentation.replay_view import ReplayedLog
    from engine.replaying.log_map import LogMap
    from engine.workflow.model import Workflow
    from engine.working_days.calendars import Calendar
    from workflows.loader import Declarations

REFUSED = RefusedError.exit_code
ZONE: Final = "Asia/Shanghai"


@command(
    "replay",
    en="Play an event log through a workflow by the rules of the commands (CSV or XES, packed by gzip or not): which "
    "cases fit, which event is the first that is refused and why, which deadlines would have been missed, how long "
    "cases stay in each state. An exported log of our own needs neither a workflow nor a map. Leaves with 0 if "
    "every case fits, with 21 if one is refused, with 11 if the log cannot be read, with 10 if the workflow or the map "
    "is not sound. Changes nothing.",
    zh="将事件日志在流程中重演，所用规则与办理命令相同（CSV 或 XES，可为 gzip）：哪些相符，"
    "首个不符的事件及原因，哪些期限本会超过，各状态停留多久。qingling export 导出的日志不需要流程和对应文件。"
    "全部相符退出码为 0，有不符的为 21，日志无法读取为 11，流程或对应文件有误为 10。不作任何更改。",
    example=Text(
        "qingling replay events.csv\nqingling replay old.csv --workflow my-workflows/complaint.yaml --map map.yaml",
        "qingling replay events.csv\nqingling replay old.csv --workflow my-workflows/complaint.yaml --map map.yaml",
    ),
)
@argument("log", metavar="FILE", type=click.Path(path_type=Path), en="The event log.", zh="事件日志。")
@option(
    "--workflow",
    metavar="NAME",
    en="The workflow, or a file that declares one; of a log of our own, only its cases are shown.",
    zh="流程名称或文件；对本程序导出的日志，只列该流程的事项。",
)
@option(
    "--map",
    "map_file",
    metavar="FILE",
    type=click.Path(path_type=Path),
    en="What the columns and events of the log are to the workflow (YAML; docs/replay.md).",
    zh="日志各列、各事件与流程的对应文件（YAML，见 docs/zh/replay.md）。",
)
@option(
    "--calendar",
    metavar="FILE",
    type=click.Path(path_type=Path),
    en="Count terms by this calendar file. Without it they are counted by the ledger's calendars, each unit's own days "
    "with them, if a database is named, else by China's.",
    zh="按此日历文件推算期限。不写时，指明数据库的按该台账的日历及各单位自定日推算，否则按全国日历。",
)
@option(
    "--limit",
    metavar="COUNT",
    type=click.IntRange(min=0),
    default=20,
    en="How many lines of each list are shown (default: 20); --json has all.",
    zh="每个清单最多显示多少行（默认 20）；--json 输出全部。",
)
@json_option
@pass_app
def replay(
    app: AppContext,
    log: Path,
    workflow: str | None,
    map_file: Path | None,
    calendar: Path | None,
    limit: int,
    as_json: bool,
) -> None:
    """Replay the log."""
    from commands.presentation.replay_view import print_replay, replay_json

    replayed = _replayed(app, log, workflow, map_file, calendar)
    if not replayed.cases:
        raise BadFileError(Text(f"{log}: has no event that could be played", f"{log}：没有可重演的事件"))
    if as_json:
        print_json(replay_json(replayed))
    else:
        print_replay(replayed, limit=limit)
    if replayed.refused:
        click.get_current_context().exit(REFUSED)


def _replayed(
    app: AppContext, log: Path, name: str | None, map_file: Path | None, calendar: Path | None
) -> "ReplayedLog":
    """Return what comes of the log."""
    from documents.event_log_in import read_events
    from engine.replaying.log_map import LogMap, named_workflow, read_log_map
    from engine.replaying.own_log import is_own

    if name is None and map_file is not None:
        name = named_workflow(map_file)
    declarations = declarations_around(app, () if name is None else (Path(name),))
    workflow = None if name is None else workflow_asked(declarations, name)
    if map_file is None:
        first = next(read_events(log, {}, zone=ZONE, assumed=True, more=None), None)
        if first is not None and is_own(first):
            return _of_own(declarations, log, workflow)
    if workflow is None:
        raise BadValueError(
            Text(
                "say through which workflow: --workflow NAME, or replay: NAME in the map",
                "请写明流程：--workflow 名称，或在对应文件中写 replay: 名称",
            )
        )
    others = _others(declarations)
    log_map = LogMap(unlogged="ignore") if map_file is None else read_log_map(map_file, workflow, others)
    return _of_any(log, workflow, log_map, others, _days(app, calendar, log_map.zone))


def _others(declarations: "Declarations") -> "Callable[[str], Workflow | None]":
    known = declarations.names()
    return lambda name: latest_or_none(declarations, name) if name in known else None


def _of_own(declarations: "Declarations", log: Path, only: "Workflow | None") -> "ReplayedLog":
    """Return what comes of a log that this program wrote."""
    from commands.presentation.replay_view import ReplayedLog
    from documents.event_log_in import read_events
    from engine.replaying.own_log import OwnLogReplayer

    others = _others(declarations)

    def meant(name: str) -> "Workflow | None":
        return only if only is not None and name == only.name else others(name)

    player = OwnLogReplayer(meant, zone=ZONE, only=None if only is None else only.name)
    cases = tuple(player.play(read_events(log, {}, zone=ZONE, assumed=True, more=None)))
    names = dict.fromkeys(each.workflow for each in cases)
    workflows = {name: found for name in names if (found := meant(name)) is not None}
    return ReplayedLog(cases, workflows, player.flow, {"others": player.passed}, 0, player.dropped, ZONE)


class _Days(NamedTuple):
    """By which calendars terms are counted."""

    house: "Calendar"
    of_unit: "Callable[[str], Calendar] | None"
    said: Text


def _days(app: AppContext, file: Path | None, zone: str | None) -> _Days:
    """Return the calendar of a file, or the ledger's, or China's, in the zone of a map if it names one."""
    from engine.reading.calendar_file import read_calendar
    from engine.working_days.calendars import china

    def zoned(calendar: "Calendar") -> "Calendar":
        return calendar if zone is None else dataclasses.replace(calendar, tz=zone)

    if file is not None:
        found = read_calendar(file)
        return _Days(
            zoned(found), None, Text("{label} ({file})", "{label}（{file}）").format(label=found.label, file=file)
        )
    ledger = app.ledger_named
    if ledger is None:
        return _Days(zoned(china()), None, Text("{label} (China's)", "{label}（全国日历）").format(label=china().label))

    def of_unit(code: str) -> "Calendar":
        try:
            return zoned(ledger.calendar_of(ledger.unit(code).id))
        except QinglingError:  # no unit of this house, or closed since
            return zoned(ledger.calendar)

    said = Text("{label} (the ledger's, with the units' own days)", "{label}（台账日历，含各单位自定日）")
    return _Days(zoned(ledger.calendar), cache(of_unit), said.format(label=ledger.calendar.label))


def _of_any(
    log: Path,
    workflow: "Workflow",
    log_map: "LogMap",
    others: "Callable[[str], Workflow | None]",
    days: _Days,
) -> "ReplayedLog":
    """Return what comes of a log of another house."""
    from commands.presentation.replay_view import ReplayedLog
    from documents.event_log_in import read_events
    from engine.replaying.log_replayer import UNIT, LogReplayer

    def heard(heads: frozenset[str]) -> None:
        lacking = sorted(log_map.headings - heads)
        if lacking:
            sentence = Text("{log}: the map takes '{name}', and there is no such column{guess}",
                            "{log}：对应文件取用“{name}”列，日志中没有此列{guess}")  # fmt: skip
            raise BadFileError(sentence.format(log=log, name=lacking[0], guess=did_you_mean(lacking[0], heads)))

    zone = days.house.tz
    opened: Sequence[str] = [birth.workflow for each in workflow.transitions for birth in each.opens]
    named = (each.child for each in log_map.events.values() if each.child is not None)
    children = {name: found for name in (*opened, *named) if (found := others(name)) is not None}
    player = LogReplayer(workflow, log_map, children, calendar=days.house, of_unit=days.of_unit)
    events = read_events(
        log,
        log_map.columns,
        zone=zone,
        assumed=log_map.zone is None,
        more=tuple(sorted({*log_map.headings, *(() if days.of_unit is None else (UNIT,))})),
        heard=heard,
    )
    cases = tuple(player.play(events))
    passed = {"ignored": player.ignored, "unknown": player.unknown, "phases": player.phases}
    flow = {workflow.name: player.flow}
    return ReplayedLog(cases, {workflow.name: workflow}, flow, passed, player.unjudged, player.dropped, zone, days.said)
