"""Which deadline a letter is about, and what stands in it of that; leaves everything else to `gather`."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.deadlines.clock import Clock, Status, is_overdue
from engine.deadlines.remaining import counted_in, is_late_here, late_by
from engine.errors import NotFoundError, RefusedError
from engine.language import Text
from engine.operations.ledger.acting import Acting
from engine.operations.letters.issue import awaited
from engine.rules.case import Case
from engine.store import clock_rows
from engine.workflow.lengths import length_said
from engine.workflow.problems import did_you_mean
from engine.working_days.instants import instant


@dataclass(frozen=True, kw_only=True, slots=True)
class LetterSubject:
    """What a letter is about besides its case."""

    about: Mapping[str, object] = field(default_factory=dict)
    """As the journal has it: the same for the same letter, so that it is issued once."""
    values: Mapping[str, str] = field(default_factory=dict)
    """What is written at each place `deadline.…`, `extension.…` and `due.…`."""


def subject_of(acting: Acting, case: Case, kind: str, about: str, name: str | None, *, asked: bool) -> LetterSubject:
    """Return the deadline that a letter of *kind* is about.

    Args:
        about: `deadline` for one that is late, `extension` for one that can be extended; empty for none.
        name: The declared deadline; None for the one that asks for the letter, or is most urgent.
        asked: The officer names the new due date that is applied for.

    Raises:
        NotFoundError: If no such deadline runs.
        RefusedError: If it must be late and is not, or must be one that can be extended and is not, or is over.
    """
    clocks = clock_rows.of_case(acting.ledger.store, case.id)
    live = sorted(
        (each for each in clocks if each.status in {Status.RUNNING, Status.PAUSED}), key=lambda each: each.due_on
    )
    if name is not None:
        titles = {each.name: acting.ledger.rules_of(case).workflow.deadlines[each.name].title for each in live}
        meant = [each for each in live if name in (each.name, titles[each.name].zh, titles[each.name].en)]
        live = meant or _unknown(case, name, titles)
    if about == "deadline":
        return _late(acting, case, kind, live)
    if about == "extension":
        return _extension(acting, case, live, asked=asked)
    return LetterSubject(values={f"due.{each.name}": each.due_on for each in live})


def _late(acting: Acting, case: Case, kind: str, live: list[Clock]) -> LetterSubject:
    """Return the deadline that is late: one whose reminder asks for this letter, else the latest of all."""
    declared = acting.ledger.rules_of(case).workflow.deadlines
    late = [each for each in live if is_late_here(declared[each.name], each, now_at=acting.now_at, today=acting.today)]
    if not late:
        raise RefusedError(
            Text(
                f"no deadline of {case.number} is late, so there is nothing to chase; see: qingling show {case.number}",
                f"{case.number} 没有超期的期限，无须催办督办；请查看：qingling show {case.number}",
            )
        )
    by_name = {each.name: each for each in late}
    asked = [
        (row, sent.deadline)
        for row, sent in awaited(acting.ledger, case)
        if sent.paper == kind and sent.deadline in by_name
    ]
    clock = by_name[asked[-1][1]] if asked else late[0]
    about: dict[str, object] = {"deadline": clock.name, "round": clock.round, "due_on": clock.due_on}
    if asked:
        about["reminder"] = asked[-1][0].seq
    else:
        about["asked_on"] = acting.today.isoformat()
    return LetterSubject(about=about, values=_values(acting, case, clock))


def _extension(acting: Acting, case: Case, live: list[Clock], *, asked: bool) -> LetterSubject:
    """Return the only deadline that can be extended, as it is due now: nobody applies for what was granted."""
    declared = acting.ledger.rules_of(case).workflow.deadlines
    able = [each for each in live if declared[each.name].extend is not None]
    if not able:
        raise RefusedError(
            Text(
                f"{case.number} has no running deadline that can be extended; see: qingling show {case.number}",
                f"{case.number} 没有可延期且在计时的期限；请查看：qingling show {case.number}",
            )
        )
    if len(able) > 1:
        names = ", ".join(each.name for each in able)
        titles = "、".join(declared[each.name].title.zh for each in able)
        raise RefusedError(
            Text(
                f"{case.number} has {len(able)} deadlines that can be extended; name one with --deadline ({names})",
                f"{case.number} 有 {len(able)} 个可延期的期限；请用 --deadline 指明（{titles}）",
            )
        )
    (clock,) = able
    title = declared[clock.name].title
    if is_overdue(clock, now_at=acting.now_at, today=acting.today):
        raise RefusedError(
            Text(
                f"'{title.en}' of {case.number} was due on {clock.due_on}; an extension is applied for before that",
                f"{case.number} 的“{title.zh}”已于 {clock.due_on} 到期，延期应在到期前申请",
            )
        )
    count = len(clock.extensions)
    if count and not asked:
        raise RefusedError(
            Text(
                f"'{title.en}' of {case.number} was extended to {clock.due_on} already; to apply for a later day give"
                " --new-due-on",
                f"{case.number} 的“{title.zh}”已延期至 {clock.due_on}；如再申请延期，请用 --申请延期至 写明新期限",
            )
        )
    values = {**_days(acting, case, clock), "extension.times": f"{count}次"}
    return LetterSubject(about={"deadline": clock.name, "round": clock.round, "extension": count + 1}, values=values)


def _values(acting: Acting, case: Case, clock: Clock) -> dict[str, str]:
    """Return what is written of a deadline that is late, in its own unit, by the day that is in force."""
    declared = acting.ledger.rules_of(case).workflow.deadlines[clock.name]
    calendar, now = acting.ledger.calendar_of(case.unit_id), instant(acting.now_at)
    late = length_said(
        late_by(declared, clock, now=now, today=acting.today, calendar=calendar), counted_in(declared, clock)
    )
    return {**_days(acting, case, clock), "deadline.late": late.zh.replace(" ", "")}


def _days(acting: Acting, case: Case, clock: Clock) -> dict[str, str]:
    """Return the title of a deadline, its first day, the one in force and, if that is another, why it moved."""
    why = [f"延期{len(clock.extensions)}次"] if clock.extensions else []
    why += ["中止计时"] if clock.pauses else []
    moved = clock.due_on != clock.original_due_on
    return {
        "deadline.title": acting.ledger.rules_of(case).workflow.deadlines[clock.name].title.zh,
        "deadline.original_due_on": clock.original_due_on,
        "deadline.due_on": clock.due_on,
        "deadline.moved_due_on": clock.due_on if moved else "",
        "deadline.moved_by": ("、".join(why) or "期限重新计算") if moved else "",
    }


def _unknown(case: Case, name: str, live: Mapping[str, Text]) -> list[Clock]:
    """Refuse the name of a deadline that does not run."""
    near = did_you_mean(name, [word for each, title in live.items() for word in (each, title.zh)])
    titles = "、".join(each.zh for each in live.values())
    raise NotFoundError(
        Text(
            f"{case.number} has no deadline '{name}' running{near.en}; running: {', '.join(live) or 'none'}",
            f"{case.number} 没有在计时的期限“{name}”{near.zh}；在计时：{titles or '无'}",
        )
    )
