"""A ledger that was exported, filled in and sent back: only what was changed changes.

Each row says which case it is and at which revision it was exported. What the row says is compared
with the case as it was then: what differs was changed by the one who filled it in. If the register has
changed the same value meanwhile, that cell is left out and it is said so; nothing is overwritten unseen.
A state that the row says is reached by the step that leads there, by the same rules as at the keyboard.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import NamedTuple

from engine.errors import BadValueError, NotFoundError, RefusedError
from engine.journal.event import SEALED
from engine.journal.events import read_of_case
from engine.language import Text
from engine.operations.cases.amending import write_imported
from engine.operations.cases.open_questions import asked_fields
from engine.operations.cases.value_checks import checked_values, objections, own_lists
from engine.operations.imports.returned_steps import step_taken, steps_to
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.ledger import Ledger
from engine.operations.ledger.undoing import undone_if_refused
from engine.rules.amendments import amendment, may_amend
from engine.rules.case import Case
from engine.rules.refusals import written_by_steps
from engine.rules.transitions import Rules, grown
from engine.rules.values import check_values
from engine.store import case_rows

_UNSEEN = str.maketrans(dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad")))


class Brought(NamedTuple):
    """What became of a row that came back."""

    case: Case
    changed: tuple[str, ...]
    """Fields; `state` if a step was taken."""
    left_out: tuple[Text, ...]
    """Why each cell that was changed in the ledger changes nothing here."""


def bring_back(
    acting: Acting,
    workflow: str,
    number: str,
    revision: int | None,
    values: Mapping[str, object],
    *,
    unit: str,
    state: str | None,
    file: Mapping[str, str],
    asking: bool = True,
) -> Brought:
    """Write what a row that came back changes, and take the step that its state says was taken. Inside `begin`.

    A cell that may not be changed costs that cell, a step that may not be taken the step; what else the row says
    is written.

    Args:
        number: The case's own number.
        revision: Journal rows that the case had when it was exported; None if the row does not say.
        values: What the row says; an empty cell says nothing.
        unit: Code of the unit that the row names; empty if none.
        state: The state that the row names.
        asking: Without, one such cell refuses the row.

    Raises:
        NotFoundError: If the workflow has no case of that number, or none that the officer may read.
        RefusedError: If nothing that the row changes may be written, or who acts may not amend it and no step is said.
    """
    ledger = acting.ledger
    case = case_rows.find(ledger.store, number)
    if case is None or case.workflow != workflow or not ledger.sees(case):
        raise NotFoundError(Text(f"no case has the number {number}", f"没有编号为 {number} 的事项"))
    own = ledger.rules_of(case)
    barred = _bar(acting, own, case)
    base, state_then = _exported(ledger, case, revision)
    left_out = [_of_unit(case)] if unit and unit != case.unit else []
    checked = _checked(acting, own, case, base, ledger.naming.unveiled(values, base), left_out)
    row = _sorted(ledger, own, case, base, checked)
    if row.overtaken:
        left_out.append(_overtaken(own, row.overtaken))
    stands = state in {None, state_then, case.state}
    moves = () if stands else steps_to(own, case, str(state))
    if not stands and not moves:
        left_out.append(_by_steps_only(own, case, str(state)))
    brought = {name for each in moves for name in (*each.asks, *each.takes, *each.needs)}
    if barred is not None and not moves:
        raise barred
    if barred is not None:
        row = _only_by_step(row, brought, barred, left_out)
    left_out += [written_by_steps(own.workflow.fields[name]) for name in row.by_steps if name not in brought]
    case, done = _written(acting, own, case, row, file, left_out)
    if moves:
        said = {name: value for name, value in checked.items() if value is not None and name not in row.overtaken}
        taken = step_taken(acting, case, moves, said, row.differing)
        case, done = (case, done) if isinstance(taken, Text) else (taken, [*done, "state"])
        left_out += [taken] if isinstance(taken, Text) else []
    if left_out and not (done and asking):
        raise RefusedError(Text(f"{number} is not changed", f"{number} 不能更改"), left_out)
    return Brought(case, tuple(done), tuple(left_out))


def _only_by_step(row: "_Sorted", brought: set[str], barred: RefusedError, left_out: list[Text]) -> "_Sorted":
    """Return what of a row stays for one who may not amend: what the step takes that they may take all the same."""
    if set(row.differing) - brought - set(row.overtaken):
        left_out.append(barred.sentence)
    return row._replace(amended={}, sealed={})


def _bar(acting: Acting, own: Rules, case: Case) -> RefusedError | None:
    """Return why who acts may not amend the case; None if they may."""
    try:
        may_amend(own, case, actor=acting.actor(case.unit_id))
    except RefusedError as refused:
        return refused
    return None


class _Sorted(NamedTuple):
    """What a row that came back changes, by who may write it."""

    differing: Mapping[str, object]
    overtaken: Sequence[str]
    """Fields that the register has changed meanwhile as well."""
    by_steps: Sequence[str]
    """Fields that only a step writes."""
    amended: Mapping[str, object]
    sealed: Mapping[str, str]


def _sorted(
    ledger: Ledger, own: Rules, case: Case, base: Mapping[str, object], checked: Mapping[str, object]
) -> _Sorted:
    """Sort what a row changes by who may write it."""
    changed = {
        name: value
        for name, value in checked.items()
        if name not in own.sealed and value is not None and not _alike(base.get(name), value)
    }
    differing = {name: value for name, value in changed.items() if not _alike(case.fields.get(name), value)}
    overtaken = [name for name in differing if case.fields.get(name) != base.get(name)]
    asked = asked_fields(ledger, case)
    by_steps = [name for name in differing if not own.workflow.fields[name].amend and name not in asked]
    return _Sorted(
        differing,
        overtaken,
        by_steps,
        amended={name: value for name, value in differing.items() if name not in {*by_steps, *overtaken}},
        sealed={k: str(v) for k, v in checked.items() if k in own.sealed and v and case.fields.get(k) != SEALED},
    )


def _of_unit(case: Case) -> Text:
    """Say that a ledger moves no case to another unit."""
    return Text(f"it belongs to unit {case.unit}; no ledger moves it", f"属单位 {case.unit}，不能由台账改到其他单位")


def _written(
    acting: Acting, own: Rules, case: Case, row: _Sorted, file: Mapping[str, str], left_out: list[Text]
) -> tuple[Case, list[str]]:
    """Write what needs no step, and return the names of what was written; or say in *left_out* why not."""
    if not row.amended and not row.sealed:
        return case, []
    try:
        with undone_if_refused(acting.ledger):
            return _amended(acting, own, case, row.amended, row.sealed, file), [*row.amended, *row.sealed]
    except (BadValueError, RefusedError) as refused:
        left_out.append(refused.sentence)
        return case, []


def _amended(
    acting: Acting,
    own: Rules,
    case: Case,
    values: Mapping[str, object],
    sealed: Mapping[str, str],
    file: Mapping[str, str],
) -> Case:
    """Write values that may be corrected outside a step."""
    ledger = acting.ledger
    checked_values(acting, own, values, unit=case.unit, case=case)
    fields = amendment(
        own,
        case,
        {**values, **sealed},
        actor=acting.actor(case.unit_id),
        family=ledger.family(case, own.asks_to_amend),
        today=acting.today,
        besides=objections(ledger, own, values, unit_id=case.unit_id, case_id=case.id),
        asked=asked_fields(ledger, case),
    )
    return write_imported(acting, own, case, fields, values, sealed=sealed, file=file)


def _checked(
    acting: Acting,
    own: Rules,
    case: Case,
    base: Mapping[str, object],
    values: Mapping[str, object],
    left_out: list[Text],
) -> Mapping[str, object]:
    """Return the values that the fields can hold, each by itself; officers who have left may stand there as before."""
    officers, units = acting.ledger.known_codes()
    before = {code: code for value in base.values() for code in _listed(value) if isinstance(code, str)}
    judge = partial(
        check_values,
        own.workflow,
        officers={**before, **officers},
        units=units,
        today=acting.today,
        lists=own_lists(acting.ledger, own, values, unit=case.unit, today=acting.today, case=case),
    )
    try:
        whole = judge(values)
        return grown(own, case.fields, whole)
    except BadValueError:
        pass  # one of them is to blame: each by itself
    checked: dict[str, object] = {}
    for name, value in values.items():
        try:
            checked |= judge({name: value})
        except BadValueError as wrong:
            left_out.append(wrong.sentence)
    return grown(own, case.fields, checked)


def _exported(ledger: Ledger, case: Case, revision: int | None) -> tuple[Mapping[str, object], str]:
    """Return the values and the state that a case had at a revision, from its journal."""
    if revision is None or revision == case.revision:
        return case.fields, case.state
    if not 1 <= revision < case.revision:
        raise RefusedError(
            Text(
                f"{case.number} has had no revision {revision}; export the ledger again",
                f"{case.number} 没有第 {revision} 版；请重新导出台账",
            )
        )
    values, state = dict(case.fields), case.state
    for entry in reversed(case_rows.entries(ledger.store, case.id)):
        if entry.seq == revision:
            state = entry.to_state or state
            break
        event = read_of_case(entry.kind, entry.body)
        for name in event.brought:
            values.pop(name, None)
        values.update(event.replaced)
    return values, state


def _by_steps_only(own: Rules, case: Case, state: str) -> Text:
    """Return why a row does not bring the case into a state to which no step leads from where it is."""
    title = own.workflow.states[state].title if state in own.workflow.states else Text(state, state)
    return Text(
        f"its state changes by a step only, not to '{title.en}' by a ledger: qingling show {case.number}",
        f"状态只能由办理步骤改变，不能由台账改为“{title.zh}”：qingling show {case.number}",
    )


def _overtaken(own: Rules, names: Sequence[str]) -> Text:
    """Return why values stay that were changed in the register as well."""
    titles = [own.workflow.fields[name].title for name in names]
    en, zh = ", ".join(each.en for each in titles), "、".join(each.zh for each in titles)
    return Text(
        f"{en} was changed here after the ledger was exported; export it again and compare",
        f"{zh}在台账导出后已有改动；请重新导出核对",
    )


def _alike(before: object, now: object) -> bool:
    """Say whether a value is the same but for the blanks and line breaks that spreadsheets lose."""
    if isinstance(before, str) and isinstance(now, str):
        return before == now or _squeezed(before) == _squeezed(now)
    return before == now


def _squeezed(text: str) -> str:
    """Return a text without anything that cannot be seen."""
    return "".join(text.translate(_UNSEEN).split())


def _listed(value: object) -> Iterator[object]:
    """Yield one value, or each of several."""
    yield from value if isinstance(value, (list, tuple)) else (value,)
