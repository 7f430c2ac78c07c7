"""Rules on deadlines and ladders: each starts, each ends, and reminders come in their order."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, pairwise

from engine.expressions.evaluate import names
from engine.language import Text
from engine.validation.known import Finding, Known, fields_brought, listed, mended
from engine.validation.terms import usual_hours, written
from engine.workflow.deadline import (
    AFTERWARDS,
    Deadline,
    EndsByEntering,
    EndsByField,
    Rung,
    StartsByEntering,
    StartsByField,
    WithinByValue,
)
from engine.workflow.graph import cannot_leave, reachable, successors
from engine.workflow.lengths import length_said
from engine.workflow.model import FieldType, Workflow
from engine.workflow.problems import did_you_mean


def deadlines_run(workflow: Workflow, _: Known) -> Iterable[Finding]:
    """A deadline runs in some state, and in none in which it would rest at the same time."""
    for deadline in workflow.deadlines.values():
        at = ("deadlines", deadline.name)
        if not deadline.runs_in:
            yield (
                (*at, "runs_in"),
                Text(
                    "a deadline runs in some state, and none is named",
                    "期限须在某一状态计算，但未列出任何状态",
                ),
            )
        for state in deadline.paused_in:
            if state in deadline.runs_in:
                yield (
                    (*at, "paused_in"),
                    Text(
                        f"a deadline cannot both run and rest in '{state}'",
                        f"期限不能在“{state}”既计算又暂停",
                    ),
                )


def terms_are_positive(workflow: Workflow, _: Known) -> Iterable[Finding]:
    """A term and an extension have a length, and an extension can be granted at least once."""
    for deadline in workflow.deadlines.values():
        at = ("deadlines", deadline.name)
        if any(term.amount <= 0 for term in deadline.lengths):
            yield (*at, "within"), _NO_LENGTH
        if deadline.extend is not None and deadline.extend.at_most.amount <= 0:
            yield (*at, "extend", "at_most"), _NO_LENGTH
        if deadline.extend is not None and deadline.extend.times < 1:
            yield (
                (*at, "extend", "times"),
                Text("leave `extend` out if no extension is allowed", "不准延期就不要写 extend"),
            )


def values_choose(workflow: Workflow, _: Known) -> Iterable[Finding]:
    """A term that a value chooses has one for each value of its field, or one for the rest: nothing falls out."""
    for deadline in workflow.deadlines.values():
        due = deadline.due
        if not isinstance(due, WithinByValue) or due.field not in workflow.fields:
            continue
        path, field = ("deadlines", deadline.name, "within"), workflow.fields[due.field]
        values = ("true", "false") if field.type is FieldType.FLAG else tuple(each.value for each in field.choices)
        if field.type not in {FieldType.CHOICE, FieldType.FLAG}:
            yield (
                (*path, "field"),
                Text("'{name}' is neither a choice nor a flag", "“{name}”不是单选也不是是否字段").format(
                    name=field.name
                ),
            )
            continue
        for value in due.terms:
            if value not in values:
                guess = did_you_mean(value, values)
                yield (
                    (*path, value),
                    Text("'{field}' has no value '{value}'{guess}", "“{field}”没有取值“{value}”{guess}").format(
                        field=field.name, value=value, guess=guess
                    ),
                )
        left = [each for each in values if each not in due.terms]
        if due.otherwise is None and (left or not field.required):
            yield (
                path,
                Text(
                    "nothing would be due where '{field}' is {left}: name its term, or one for the rest (`else`)",
                    "“{field}”为{left}时没有期限：请写明其时长，或以 else 写明其余情形",
                ).format(field=field.name, left=listed(left) if left else Text("empty", "空")),
            )


def deadlines_end(workflow: Workflow, _: Known) -> Iterable[Finding]:
    """From every state in which a deadline runs, a way leads out of it, or its act can be done; else it never ends."""
    sound = mended(workflow)
    for deadline in workflow.deadlines.values():
        yield from _act_faults(workflow, sound, deadline)
        if isinstance(deadline.ends, EndsByField):
            continue
        states = [each for each in (*deadline.runs_in, *deadline.paused_in) if each in workflow.states]
        stuck = cannot_leave(successors(sound), states) if sound else ()
        for state in stuck:
            if state in deadline.runs_in:
                yield (
                    ("deadlines", deadline.name, "runs_in"),
                    Text(
                        f"the deadline would never end: no way leads from '{state}' out of the states in which it runs",
                        f"期限永不终止：从“{state}”无路离开计算期限的状态",
                    ),
                )


def deadlines_start(workflow: Workflow, known: Known) -> Iterable[Finding]:
    """What starts a deadline does happen, and happens where the deadline runs."""
    sound = mended(workflow)
    for deadline in workflow.deadlines.values():
        if isinstance(deadline.starts, StartsByEntering):
            yield from _entering_faults(workflow, deadline, deadline.starts)
        elif deadline.starts.field in workflow.fields and deadline.runs_in:
            yield from _field_faults(workflow, sound, deadline, deadline.starts, known)


def terms_follow_their_own_case(workflow: Workflow, _: Known) -> Iterable[Finding]:
    """Whether a term is required is judged when its own case changes, so it names no value of the parent."""
    for deadline in workflow.deadlines.values():
        if deadline.if_ is not None and "parent" in names(deadline.if_):
            yield (
                ("deadlines", deadline.name, "if"),
                Text(
                    "it names the parent, whose changes do not judge the terms of this case again; copy the value into"
                    " a field of this case when it is opened (`set`), and name that",
                    "条件涉及上级事项，其变更不会重新判断本事项的期限；请在生成时用 `set` 写入本事项字段后引用",
                ),
            )


def rungs_after_start(workflow: Workflow, _: Known) -> Iterable[Finding]:
    """No rung comes before the term of its deadline has begun."""
    for deadline in workflow.deadlines.values():
        if not deadline.lengths or deadline.ladder is None:
            continue
        shortest = min(deadline.lengths, key=usual_hours)
        for position, rung in enumerate(workflow.ladders.get(deadline.ladder, ())):
            if -usual_hours(rung.at) > usual_hours(shortest):
                yield (
                    ("ladders", deadline.ladder, position, "at"),
                    Text(
                        "'{at}' is before the start of deadline '{name}', which lasts {term}",
                        "“{at}”早于期限“{name}”的起算点，该期限只有 {term}",
                    ).format(at=written(rung.at), name=deadline.name, term=written(shortest)),
                )


def rungs_rise(workflow: Workflow, known: Known) -> Iterable[Finding]:
    """The rungs of a ladder stand in the order in which they come, and their level never falls."""
    for name, rungs in workflow.ladders.items():
        for position, (before, rung) in enumerate(pairwise(rungs), start=1):
            at = ("ladders", name, position)
            if usual_hours(rung.at) < usual_hours(before.at):
                yield (
                    (*at, "at"),
                    Text(
                        f"rungs are out of order: '{written(rung.at)}' comes before '{written(before.at)}'",
                        f"级别顺序有误：“{written(rung.at)}”早于“{written(before.at)}”",
                    ),
                )
            if _falls(before, rung, known.levels):
                yield (
                    (*at, "level"),
                    Text(
                        f"a level never falls, but '{rung.level}' follows '{before.level}'",
                        f"级别只升不降，而“{before.level}”之后是“{rung.level}”",
                    ),
                )
            elif _falls(rung, before, known.levels) and _last(before) > usual_hours(rung.at) >= usual_hours(before.at):
                yield (
                    ("ladders", name, position - 1, "times"),
                    Text(
                        f"a level never falls, but '{before.level}' would be repeated after '{rung.level}'",
                        f"级别只升不降，而“{before.level}”会在“{rung.level}”之后重复",
                    ),
                )


def nobody_falls_silent(workflow: Workflow, _: Known) -> Iterable[Finding]:
    """A ladder that is used has a rung, and only the last rung goes on: the engine continues one with an end.

    Where there is no rung, nothing says who hears and how urgent it is, and the levels are the house's own.
    """
    used = {deadline.ladder for deadline in workflow.deadlines.values()}
    for name, rungs in workflow.ladders.items():
        if not rungs and name in used:
            yield ("ladders", name), _NO_RUNG
        for position, rung in enumerate(rungs):
            if rung.goes_on and position < len(rungs) - 1:
                yield ("ladders", name, position, "times"), _NEVER_PASSED


def terms_are_heard_of(workflow: Workflow, _: Known) -> Iterable[Finding]:
    """Every deadline has a ladder; without one it runs, is seen and counted, but nobody is reminded of it."""
    for deadline in workflow.deadlines.values():
        if deadline.ladder is None:
            yield ("deadlines", deadline.name, "ladder"), _NO_LADDER


def ladders_have_no_end(workflow: Workflow, _: Known) -> Iterable[Finding]:
    """The last rung of a ladder goes on as declared; if not, it comes again by the engine's own measure."""
    used = {deadline.ladder for deadline in workflow.deadlines.values()}
    for name, rungs in workflow.ladders.items():
        if name in used and rungs and not rungs[-1].goes_on:
            yield (
                ("ladders", name, len(rungs) - 1),
                _IS_CONTINUED.format(every=length_said(AFTERWARDS.amount, AFTERWARDS.unit.value)),
            )


def theirs_are_only_watched(workflow: Workflow, _: Known) -> Iterable[Finding]:
    """A term of the other side is extended by nobody here, and its ladder sends no letter to our own people."""
    for deadline in workflow.deadlines.values():
        if not deadline.is_theirs:
            continue
        if deadline.extend is not None:
            yield ("deadlines", deadline.name, "extend"), _NOT_OURS_TO_EXTEND
        for position, rung in enumerate(workflow.ladders.get(deadline.ladder or "", ())):
            if rung.paper is not None:
                yield (
                    ("ladders", str(deadline.ladder), position, "paper"),
                    Text(
                        f"nobody here is late with '{deadline.name}', which is the other side's: no letter goes out",
                        f"“{deadline.name}”是对方的期限，本方无人逾期，不因此制发催办督办文书",
                    ),
                )


def rungs_are_sound(workflow: Workflow, known: Known) -> Iterable[Finding]:
    """A rung has a known level, repeats after a length of time, and names the paper that it sends."""
    for name, rungs in workflow.ladders.items():
        for position, rung in enumerate(rungs):
            at = ("ladders", name, position)
            if rung.level not in known.levels:
                yield (
                    (*at, "level"),
                    Text(
                        "no level is called '{level}'; there are {levels}{guess}",
                        "没有级别“{level}”，只有{levels}{guess}",
                    ).format(
                        level=rung.level, levels=listed(known.levels), guess=did_you_mean(rung.level, known.levels)
                    ),
                )
            if rung.every is not None and rung.every.amount <= 0:
                yield (*at, "every"), _NO_LENGTH
            if rung.times is not None and (rung.times < 1 or (rung.times > 1 and rung.every is None)):
                yield (
                    (*at, "times"),
                    Text("a rung comes once, or several times with `every`", "提醒至少一次，多次提醒须写明 every"),
                )
            if rung.paper is not None and not rung.paper.strip():
                yield (*at, "paper"), Text("the paper has no name", "文书没有名称")


def _entering_faults(workflow: Workflow, deadline: Deadline, starts: StartsByEntering) -> Iterator[Finding]:
    """Yield why entering the named states would not start the deadline."""
    path = ("deadlines", deadline.name, "starts", "enter")
    if not starts.states:
        yield path, Text("no state starts the deadline", "没有任何状态使期限起算")
    for state in starts.states:
        if deadline.runs_in and state in workflow.states and state not in (*deadline.runs_in, *deadline.paused_in):
            yield (
                path,
                Text(
                    "entering '{state}' starts nothing: the deadline runs only in {states}",
                    "进入“{state}”不会起算：期限只在{states}计算",
                ).format(state=state, states=listed(deadline.runs_in)),
            )


def _act_faults(workflow: Workflow, sound: Workflow | None, deadline: Deadline) -> Iterator[Finding]:
    """Yield why the act that meets the deadline could never be done."""
    inside = {*deadline.runs_in, *deadline.paused_in}
    if isinstance(deadline.ends, EndsByEntering):
        path = ("deadlines", deadline.name, "ends", "enter")
        ways = set(chain.from_iterable(successors(sound)[each] for each in inside & {*sound.states})) if sound else None
        for state in deadline.ends.states:
            if state in inside:
                yield (
                    path,
                    Text(
                        f"the deadline runs or rests in '{state}'; entering it cannot be what ends it",
                        f"期限在“{state}”计算或暂停，进入该状态不能作为办结",
                    ),
                )
            elif ways is not None and state in workflow.states and state not in ways:
                yield (
                    path,
                    Text(
                        "no step leads from {states} to '{state}'; entering it never meets the deadline",
                        "没有步骤从{states}到“{state}”，期限无从办结",
                    ).format(states=listed(sorted(inside)), state=state),
                )
    elif isinstance(deadline.ends, EndsByField):
        field = workflow.fields.get(deadline.ends.field)
        brings = any(deadline.ends.field in (*each.needs, *each.asks, *each.takes) for each in workflow.transitions)
        if field is not None and not (brings or field.amend or field.required):
            yield (
                ("deadlines", deadline.name, "ends", "field"),
                Text(
                    f"nothing brings '{field.name}': no step takes it and no correction may",
                    f"没有任何环节提供“{field.name}”：没有步骤可填，也不能修改，期限无从办结",
                ),
            )


def _field_faults(
    workflow: Workflow, sound: Workflow | None, deadline: Deadline, starts: StartsByField, known: Known
) -> Iterator[Finding]:
    """Yield why the date in the named field would never come, or come too late."""
    path = ("deadlines", deadline.name, "starts", "field")
    name = starts.field
    bringing = [each for each in workflow.transitions if name in (*each.needs, *each.asks, *each.takes, *each.sets)]
    at_opening = name in fields_brought(workflow, known)
    if not bringing and not at_opening:
        yield (
            path,
            Text(
                f"nothing brings '{name}': it is not required at the opening, and no step needs or asks for it",
                f"没有任何环节提供“{name}”：登记时不必填，也没有步骤要求填写",
            ),
        )
    elif sound is not None:
        steps = {each.name for each in bringing}
        after = {workflow.initial} if at_opening else set()
        for each in sound.transitions:
            if each.name in steps:
                after |= {each.target} if each.target is not None else set(each.sources)
        if not reachable(successors(sound), after) & set(deadline.runs_in):
            yield (
                path,
                Text(
                    "by the time a step brings '{field}', no way leads to {states} any more",
                    "待步骤提供“{field}”时，已无路到达{states}",
                ).format(field=name, states=listed(deadline.runs_in)),
            )


def _falls(before: Rung, after: Rung, levels: Sequence[str]) -> bool:
    """Say whether the level of *after* is below that of *before*; unknown levels compare with none."""
    if before.level not in levels or after.level not in levels:
        return False
    return levels.index(after.level) < levels.index(before.level)


def _last(rung: Rung) -> float:
    """Return the hours after the due day at which *rung* comes for the last time."""
    again = usual_hours(rung.every) * ((rung.times or 1) - 1) if rung.every is not None else 0
    return usual_hours(rung.at) + again


_NOT_OURS_TO_EXTEND = Text(
    "the other side's time is not ours to extend; leave `extend` out", "对方的期限不由本方延长；请删去 extend"
)

_NO_LADDER = Text(
    "nobody would hear that it is late: name the ladder by which it reminds",
    "逾期后无人会收到提醒：请写明所用的预警级别表（ladder）",
)

_NO_RUNG = Text("nobody would be reminded: a ladder has at least one rung", "无人会收到提醒：至少须有一级")

_NEVER_PASSED = Text(
    "the rungs after it would never come: say with `times` how often it is repeated",
    "其后各级永不会到：请以 times 写明重复次数",
)

_IS_CONTINUED = Text(
    "after its last declared coming, and not before the due day, this rung comes again every {every} while the "
    "deadline runs; to declare it otherwise, write `every` without `times`",
    "此级按声明提醒完毕后，期限仍在计算的，自到期日起每隔 {every}再提醒一次；如需另定间隔，请写 every 而不写 times",
)

_NO_LENGTH = Text("a term must be longer than nothing", "期限长度必须大于零")
