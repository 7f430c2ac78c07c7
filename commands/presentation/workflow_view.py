"""How a workflow is printed for eyes: its steps state by state, its fields, deadlines and reminders."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from commands.console.output import heading, on_screen, print_named, print_pairs, print_table, say
from commands.presentation.recurring_view import recurring_headings, recurring_row
from documents.diagrams.wording import deadline_said, further, rung_said, who
from engine.language import Text, language, t
from engine.rules.naming import as_declared
from engine.workflow.deadline import Authority, Deadline, Rung, StartsByField
from engine.workflow.field_traits import ByFieldType
from engine.workflow.ladder_levels import LadderLevel
from engine.workflow.model import Clearance, Workflow
from presentation.deadline_view import paper_words
from presentation.plain_words import basis_said


def print_workflow(
    workflow: Workflow,
    roles: Mapping[str, Text],
    levels: Mapping[str, LadderLevel],
    types: Mapping[str, Text],
) -> None:
    """Print all of a workflow, part by part."""
    named = "" if language() == "zh" else f"{workflow.name} "
    heading(f"{workflow.title}  {named}{t('version', '版本')} {workflow.version}")
    print_pairs(
        (
            (t("number", "编号"), workflow.number),
            (t("opened by", "登记"), _opened(workflow, roles)),
            (t("amended by", "更正"), _who(workflow, workflow.amend_by, roles)),
            (t("cleared", "本单位办结"), _counted(workflow, workflow.cleared)),
            (t("fully closed", "闭环销号"), _counted(workflow, workflow.fully_closed)),
            (t("basis", "依据"), basis_said(workflow.basis)),
        )
    )
    _part(t("Steps", "动作"))
    print_named(
        1,
        [t("state", "状态"), t("trigger", "动作"), "", t("leads to", "转为"), t("by", "由谁办理"), t("needs", "须有")],
        list(_step_rows(workflow, roles)),
    )
    refusals = list(_refusal_rows(workflow))
    if refusals:
        _part(t("What steps are refused for", "不予办理的情形"))
        print_named(0, [t("trigger", "动作"), "", t("refused if", "情形"), t("basis", "依据")], refusals)
    _part(t("Fields", "字段"))
    print_named(
        0,
        [t("field", "字段"), t("title", "标题"), t("type", "类型"), t("basis", "依据")],
        [
            (
                each.name,
                str(each.title) + (" *" if each.required else ""),
                t(each.list_name or each.type.value, _TYPES[each.type]),
                basis_said(each.basis),
            )
            for each in workflow.fields.values()
        ],
    )
    say(t("* must be given when the case is opened", "* 登记时必填"))
    if workflow.deadlines:
        _part(t("Deadlines", "期限"))
        print_table(
            [
                t("deadline", "期限"),
                t("starts", "起算"),
                t("runs in", "计算状态"),
                t("reminders", "预警"),
                t("basis", "依据"),
            ],
            [_deadline_row(workflow, each) for each in workflow.deadlines.values()],
        )
    _print_ladders(workflow, roles, levels)
    _print_recurring(workflow, roles, types)


def _print_recurring(workflow: Workflow, roles: Mapping[str, Text], types: Mapping[str, Text]) -> None:
    """Print what opens by itself."""
    if workflow.recurs:
        _part(t("Opens by itself", "自动开立"))
        rows = [recurring_row(workflow, each, roles, types) for each in workflow.recurs.values()]
        print_table(recurring_headings(), rows)


def _print_ladders(workflow: Workflow, roles: Mapping[str, Text], levels: Mapping[str, LadderLevel]) -> None:
    """Print whom ladders remind."""
    for name, rungs in workflow.ladders.items():
        _part(t("Reminders: {name}", "预警级别：{name}", name=_ladder(workflow, name)))
        print_table(
            [t("when", "何时"), t("level", "级别"), t("to", "发给"), t("paper", "文书")],
            [_rung_row(workflow, each, roles, levels, last=each is rungs[-1]) for each in rungs],
        )


_AUTHORITIES: Final = {Authority.LAW: "法定", Authority.LOCAL: "本地规定", Authority.DEFAULT: "默认"}
_TYPES: Final = ByFieldType(
    text="文字",
    date="日期",
    moment="日期和时刻",
    flag="是否",
    number="数值",
    choice="选项",
    choices="多选",
    officer="人员",
    officers="多名人员",
    unit="单位",
    sealed="密封",
)


def _part(words: str) -> None:
    """Begin a part."""
    say()
    heading(words)


def _who(workflow: Workflow, names: Sequence[str], roles: Mapping[str, Text]) -> str:
    """Return the titles of those who act."""
    return t(", ", "、").join(who(workflow, name, roles) for name in names)


def _opened(workflow: Workflow, roles: Mapping[str, Text]) -> str:
    """Return who opens cases, and under which others."""
    who_may, above = _who(workflow, workflow.open_by, roles), t(", ", "、").join(workflow.parents)
    if not (above and who_may):
        return above or who_may
    if workflow.open_alone:
        return t("{who}, alone or under {above}", "{who}，可单独登记或隶属于 {above}", who=who_may, above=above)
    return t("{who}, under {above}", "{who}，隶属于 {above}", who=who_may, above=above)


def _states(workflow: Workflow, names: Sequence[str]) -> str:
    """Return the titles of states."""
    return t(", ", "、").join(str(workflow.states[name].title) for name in names)


def _fields(workflow: Workflow, names: Sequence[str]) -> str:
    """Return the titles of fields."""
    return t(", ", "、").join(str(workflow.fields[name].title) for name in names)


def _counted(workflow: Workflow, clearance: Clearance) -> str:
    """Return the states that count, and how many conditions there are besides."""
    states = _states(workflow, clearance.states)
    count = len(clearance.when)
    return states + (t(f" ({count} conditions)", f"（另有 {count} 项条件）") if count else "")


def _step_rows(workflow: Workflow, roles: Mapping[str, Text]) -> Iterator[tuple[str, ...]]:
    """Yield the steps state by state; on a terminal a state is named once."""
    for state in workflow.states.values():
        shown = str(state.title) if language() == "zh" else f"{state.title} {state.name}"
        steps = workflow.transitions_from(state.name)
        for each in steps:
            target = str(workflow.states[each.target].title) if each.target else t("(stays)", "（不变）")
            target = t("; ", "；").join((target, *further(workflow, each)))
            needs = _fields(workflow, tuple(dict.fromkeys((*each.asks, *each.needs))))
            yield shown, each.trigger, str(each.title), target, _who(workflow, each.by, roles), needs
            shown = "" if on_screen() else shown
        if not steps:
            yield shown, "", t("(final)", "（终结）"), "", "", ""


def _refusal_rows(workflow: Workflow) -> Iterator[tuple[str, ...]]:
    """Yield the guards of opening by hand and of each step."""
    for guard in workflow.open_when:
        yield "open", t("register", "登记"), str(as_declared(workflow, guard.sentence)), basis_said(guard.basis)
    for each in workflow.transitions:
        for guard in each.when:
            yield each.trigger, str(each.title), str(as_declared(workflow, guard.sentence)), basis_said(guard.basis)


def _deadline_row(workflow: Workflow, deadline: Deadline) -> tuple[str, ...]:
    """Return what is said of a deadline."""
    starts = deadline.starts
    if isinstance(starts, StartsByField):
        begins = _fields(workflow, (starts.field,))
    else:
        begins = t("entering {states}", "进入{states}", states=_states(workflow, starts.states))
    runs = _states(workflow, deadline.runs_in)
    if deadline.paused_in:
        runs += t(" (rests: {states})", "（暂停：{states}）", states=_states(workflow, deadline.paused_in))
    authority = t(deadline.authority.value, _AUTHORITIES[deadline.authority])
    basis = f"[{authority}] {basis_said(deadline.basis)}".strip()
    ladder = _ladder(workflow, deadline.ladder) if deadline.ladder else ""
    return deadline_said(workflow, deadline), begins, runs, ladder, basis


def _ladder(workflow: Workflow, name: str) -> str:
    """Return what a ladder is called, which has a name for files only: in Chinese the first deadline that it serves."""
    served = [each.title.zh for each in workflow.deadlines.values() if each.ladder == name]
    return t(name, f"{served[0]}预警" if served else name)


def _rung_row(
    workflow: Workflow, rung: Rung, roles: Mapping[str, Text], levels: Mapping[str, LadderLevel], *, last: bool
) -> tuple[str, ...]:
    """Return what is said of a rung."""
    level = t(rung.level, levels[rung.level].title.zh) if rung.level in levels else rung.level
    paper = "" if rung.paper is None else t(rung.paper, paper_words(rung.paper))
    return rung_said(rung, last=last), level, _who(workflow, rung.to, roles), paper
