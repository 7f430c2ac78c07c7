"""The sentences in which rules refuse, and what they need besides the case to say them."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Protocol

from engine.errors import NotFoundError, Reason, RefusedError
from engine.language import Text
from engine.rules.case import Actor, Case, Count, Family
from engine.rules.machine import Machine
from engine.rules.naming import condition_called, step_called
from engine.workflow.earlier_step import EarlierStep
from engine.workflow.model import Field, Transition, Workflow
from engine.workflow.problems import did_you_mean
from engine.workflow.proofs import PROOFS


def missing_field(workflow: Workflow, name: str, *, now: bool) -> Reason:
    """Return the reason for a value that is missing; *now* if it must be brought in this step."""
    field = workflow.fields[name]
    return _missing(name, field.title, field.option, field.basis, now=now)


@lru_cache(maxsize=4096)
def _missing(name: str, title: Text, option: str, basis: str | None, *, now: bool) -> Reason:
    """Return the reason for a value that is missing, put together once: a page of a case says dozens of them."""
    if now:
        sentence = Text("'{title}' (--{option}) must be given", "须填写“{title}”（--{option}）")
    else:
        sentence = Text("'{title}' (--{option}) is missing", "缺少“{title}”（--{option}）")
    return Reason.of(sentence.format(title=title, option=option), "missing", field=name, basis=basis)


def refuse_the_dead(case: Case) -> None:
    """Refuse to change a case that is void or repeats another."""
    if case.clearance == Count.VOID:
        raise RefusedError(Text(f"{case.number} is void", f"{case.number} 已作废"))
    if case.clearance == Count.REPEATS:
        raise RefusedError(
            Text(
                f"{case.number} repeats an earlier case; act on that one (qingling show {case.number})",
                f"{case.number} 是重复件；请办理首件（qingling show {case.number}）",
            )
        )


def _step_meant(typed: str, here: Collection[str], workflow: Workflow) -> str:
    """Return the guess at a step by its Chinese title: one that can be taken now goes before what is merely alike."""
    within = [title for title in here if len(typed) > 1 and typed in title]
    if len(within) == 1:
        return did_you_mean(within[0], within).zh
    return did_you_mean(typed, here).zh or did_you_mean(typed, [each.title.zh for each in workflow.transitions]).zh


def impossible(workflow: Workflow, machine: Machine, case: Case, trigger: str) -> RefusedError | NotFoundError:
    """Return the refusal of a trigger that does not exist or does not leave the case's state."""
    here = machine.leaving(case.state)
    offers = ", ".join(dict.fromkeys(each.trigger for each in here))
    offers_zh = "、".join(dict.fromkeys(each.title.zh for each in here))
    possible = next(iter(machine.plan(trigger).values()), ())
    if not possible:
        near = Text(
            did_you_mean(trigger, machine.triggers).en,
            _step_meant(trigger, dict.fromkeys(each.title.zh for each in here), workflow),
        )
        return NotFoundError(
            Text(
                f"workflow {workflow.name} has no step '{trigger}'{near.en}; possible now: {offers or 'nothing'}",
                f"流程“{workflow.title.zh}”没有动作“{trigger}”{near.zh}；目前可办：{offers_zh or '无'}",
            )
        )
    title = possible[0].title
    state = workflow.states[case.state].title
    mine = [each for each in here if each.trigger == trigger]
    conditions = [each.if_ for each in mine if each.if_]
    if mine and all(each.came_from and not each.declared_if for each in mine):
        why = Text("no step led here from anywhere, so there is nothing to go back to", "并非由步骤转入，无从返回")
    elif conditions:
        why = Text(
            f"it needs {' or '.join(conditions)}",
            f"须满足 {' 或 '.join(condition_called(workflow, each) for each in conditions)}",
        )
    else:
        why = Text(
            f"it is '{state.en}' ({case.state}); possible now: {offers or 'nothing'}",
            f"当前状态为“{state.zh}”；目前可办：{offers_zh or '无'}",
        )
    return RefusedError(
        Text(f"{trigger} ({title.en}) is not possible for {case.number}", f"{case.number} 不能{title.zh}"),
        [Reason.of(why, "state")],
    )


def step_refused(chosen: Transition, case: Case, reasons: Sequence[Text]) -> RefusedError:
    """Return the refusal of a step that leaves the case's state but may not be taken now."""
    return RefusedError(
        Text("{trigger} ({title}) is refused for {number}", "{number} 不能{title}").format(
            trigger=chosen.trigger, title=chosen.title, number=case.number
        ),
        reasons,
    )


def not_entitled(workflow: Workflow, chosen: Transition, actor: Actor, unit: str) -> Reason:
    """Return the reason for an officer without the role of a step in a unit, by its code."""
    titles = [workflow.fields[name].title if name in workflow.fields else actor.naming.role(name) for name in chosen.by]
    said = Text(
        "{who} is none of: {roles}, in unit {unit}", "{who} 在单位 {unit} 不具备所需角色或身份：{roles_zh}"
    ).format(
        who=actor.called,
        unit=actor.naming.unit(unit),
        roles=", ".join(each.en for each in titles),
        roles_zh="、".join(each.zh for each in titles),
    )
    return Reason.of(said, "who", basis=chosen.basis)


def not_taken(workflow: Workflow, name: str) -> Reason:
    """Return the reason for a value that a step does not take."""
    said = Text("it does not take '{title}' (--{option})", "此步骤不接受“{title}”（--{option}）").format(
        title=workflow.fields[name].title, option=workflow.fields[name].option
    )
    return Reason.of(said, "value", field=name)


def written_by_steps(field: Field) -> Reason:
    """Return the reason for a value that only steps of the workflow write."""
    said = Text(
        "'{title}' ({name}) is set by a step of the workflow, not by hand",
        "“{title}”只能由流程步骤写入，不能直接填写",
    ).format(title=field.title, name=field.name)
    return Reason.of(said, "value", field=field.name)


def not_voided(case: Case, *, moved: bool) -> Text:
    """Return the sentence for a case that stays; *moved* if it has taken a step."""
    if moved:
        return Text(
            f"{case.number} has taken a step of its workflow and is not voided like a mistaken entry",
            f"{case.number} 已办理过流程步骤，不能作为误登直接作废",
        )
    return Text(f"{case.number} is not voided", f"{case.number} 不能作废")


def not_unique(field: Field, other: str | Text) -> Reason:
    """Return the reason for a value that another case has already."""
    said = Text(
        "'{title}' (--{option}) is that of {other} already",
        "“{title}”（--{option}）已用于 {other}，不得重复",
    ).format(title=field.title, option=field.option, other=other)
    return Reason.of(said, "value", field=field.name)


def not_for_many(field: Field) -> Reason:
    """Return the reason for a value that cannot be brought to several cases at once."""
    said = Text(
        "'{title}' (--{option}) differs from case to case, so it is brought case by case, not in bulk",
        "“{title}”（--{option}）每件不同，只能逐件填写，不能批量",
    ).format(title=field.title, option=field.option)
    return Reason.of(said, "value", field=field.name)


def not_emptied(field: Field) -> Reason:
    """Return the reason for a list that only grows, of which something would be taken out."""
    said = Text(
        "'{title}' (--{option}) only grows; nothing is taken out of it",
        "“{title}”（--{option}）只增不减，不能清空",
    ).format(title=field.title, option=field.option)
    return Reason.of(said, "value", field=field.name)


def of_a_foreign_list(field: Field, value: str, wanted: str) -> Reason:
    """Return the reason for a class of a list by which the case is not classed."""
    known = [each for each in field.choices if each.of_list == wanted]
    listed = next((each.of_list for each in field.choices if each.value == value), None)
    said = Text(
        "'{title}' (--{option}): {value} is of the list {listed}; this case is classed by {wanted}: {codes}",
        "“{title}”（--{option}）：{value} 属于列表 {listed}，本件按 {wanted} 分类：{codes_zh}",
    ).format(
        title=field.title,
        option=field.option,
        value=value,
        listed=listed,
        wanted=wanted,
        codes=", ".join(each.value for each in known),
        codes_zh="、".join(f"{each.value}（{each.title.zh}）" for each in known),
    )
    return Reason.of(said, "value", field=field.name, basis=field.basis)


def not_held(field: Field, code: Text, roles: Iterable[Text], unit: Text) -> Reason:
    """Return the reason for somebody named who has none of the roles that the field asks for in a unit."""
    titles = tuple(roles)
    said = Text(
        "'{title}' (--{option}) names {code}, who is none of: {roles}, in unit {unit}",
        "“{title}”（--{option}）所填 {code} 在单位 {unit} 不具备所需角色：{roles_zh}",
    ).format(
        title=field.title,
        option=field.option,
        code=code,
        unit=unit,
        roles=", ".join(each.en for each in titles),
        roles_zh="、".join(each.zh for each in titles),
    )
    return Reason.of(said, "value", field=field.name)


def same_hands(chosen: Transition, actor: Actor, family: Family, *, workflow: Workflow | None = None) -> list[Text]:
    """Return why the actor, who did an earlier step, may not do this one (查管分离; 回避)."""
    found = list[Text]()
    for declared in chosen.not_by:
        if actor.code in doers_of(declared, family):
            trigger = declared.trigger
            step = Text(trigger, trigger) if workflow is None else step_called(workflow, trigger)
            found.append(
                Reason.of(
                    Text(
                        "{who} did '{step}' and may not do this as well; someone else must",
                        "{who} 已办理“{step}”，须回避，请由他人办理",
                    ).format(who=actor.called, step=step),
                    "who",
                    basis=chosen.basis,
                )
            )
    return found


class PastSteps(Protocol):
    """Who took which steps, of a case and of its parent: a family, or a case in memory."""

    @property
    def doers(self) -> Mapping[str, Collection[str]]:
        """Trigger -> codes of the officers who did it on this case."""

    @property
    def parent_doers(self) -> Mapping[str, Collection[str]]:
        """The same of its parent."""

    @property
    def moves(self) -> Sequence[tuple[str, str]]:
        """Trigger and code of the officer of each step that was taken on this case, in their order."""

    @property
    def parent_moves(self) -> Sequence[tuple[str, str]]:
        """The same of its parent."""


def doers_of(step: EarlierStep, family: PastSteps) -> Collection[str]:
    """Return who did a step, in the rounds that are meant."""
    if not step.side:
        doers = family.parent_doers if step.of_parent else family.doers
        return doers.get(step.trigger, ())
    moves = family.parent_moves if step.of_parent else family.moves
    if step.side == "last":
        return [by for trigger, by in moves if trigger == step.trigger][-1:]
    marks = [place for place, (trigger, _) in enumerate(moves) if trigger == step.mark]
    since, before = (moves[marks[-1] :], moves[: marks[-1]]) if marks else (moves, ())
    meant = since if step.side == "since" else before
    return {by for trigger, by in meant if trigger == step.trigger}


def wrong_hands(workflow: Workflow, chosen: Transition, case: Case, *, actor: Actor, family: Family) -> Iterator[Text]:
    """Yield why the actor may not take the step: no role, not named in the case, or it was their own doing."""
    # Who is named is looked up in the values before the step: nobody becomes entitled by naming themselves in it.
    if actor.roles.isdisjoint(chosen.by) and not _is_named(workflow, chosen.by, actor, case.fields):
        yield not_entitled(workflow, chosen, actor, case.unit)
    wanted = PROOFS[chosen.proof]
    if actor.proof < wanted:
        said = Text(
            "{step} demands {wanted}, and {who} is known by {shown}", "“{step}”须有{wanted}，{who} 目前为{shown}"
        ).format(step=chosen.title, wanted=wanted.title, who=actor.called, shown=actor.proof.title)
        yield Reason.of(said, "proof")
    yield from same_hands(chosen, actor, family, workflow=workflow)


def _is_named(workflow: Workflow, by: tuple[str, ...], actor: Actor, fields: Mapping[str, object]) -> bool:
    """Say whether an officer field of the case that is entitled to the step names the actor."""
    for name in by:
        if name in workflow.fields:
            value = fields.get(name)
            if value == actor.code or (isinstance(value, list) and actor.code in value):
                return True
    return False


def lacks_role(by: tuple[str, ...], actor: Actor, unit: str) -> list[Text]:
    """Return why an officer who must have a role of *by* in a unit, by its code, may not; nothing if it is allowed."""
    if not actor.roles.isdisjoint(by):
        return []
    if not by:
        return [Reason("nobody may", "任何人均不得办理", kind="who")]
    return [without_role(actor, by, unit)]


def without_role(actor: Actor, by: Sequence[str], unit: str) -> Reason:
    """Return the reason for an officer who has none of the roles *by* in a unit, by its code."""
    said = Text(
        "{who} has none of the roles {roles} in unit {unit}", "{who} 在单位 {unit} 没有所需角色（{roles}）"
    ).format(who=actor.called, roles=actor.naming.roles(by), unit=actor.naming.unit(unit))
    return Reason.of(said, "who")
