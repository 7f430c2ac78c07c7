"""A ledger that was exported, filled in and sent back: only what was changed changes.

Each row says which case it is and at which revision it was exported. What the row says is compared
with the case as it was then: what differs was changed by the one who filled it in. If the register has
changed the same value meanwhile, the row is refused and says so; nothing is overwritten unseen.
"""

from collections.abc import Iterator, Mapping, Sequence

from engine.errors import NotFoundError, RefusedError
from engine.journal.event import SEALED
from engine.journal.events import read_of_case
from engine.language import Text
from engine.operations.cases.amending import write_imported
from engine.operations.cases.open_questions import asked_fields
from engine.operations.cases.value_checks import objections
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.ledger import Ledger
from engine.rules.amendments import amendment, may_amend
from engine.rules.case import Case
from engine.rules.transitions import Rules, grown
from engine.rules.values import check_values
from engine.store import case_rows

_UNSEEN = str.maketrans(dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad")))


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
) -> tuple[Case, tuple[str, ...]]:
    """Write what a row that came back changes; return the case and the fields changed. Inside `begin`.

    Args:
        number: The case's own number.
        revision: Journal rows that the case had when it was exported; None if the row does not say.
        values: What the row says; an empty cell says nothing.
        unit: Code of the unit that the row names; empty if none.
        state: The state that the row names.

    Raises:
        NotFoundError: If the workflow has no case of that number.
        RefusedError: If the row changes what only steps may change, or what the register has changed since.
        BadValueError: If a changed value is not what the field holds.
    """
    ledger = acting.ledger
    case = case_rows.find(ledger.store, number)
    if case is None or case.workflow != workflow:
        raise NotFoundError(Text(f"no case has the number {number}", f"没有编号为 {number} 的事项"))
    own = ledger.rules_of(case)
    actor = acting.actor(case.unit_id)
    may_amend(own, case, actor=actor)
    base, state_then = _exported(ledger, case, revision)
    _refuse_moves(own, case, unit=unit, state=state, state_then=state_then)
    officers, units = ledger.known_codes()
    before = {code: code for value in base.values() for code in _listed(value) if isinstance(code, str)}
    people = {**before, **officers}
    today = acting.today
    checked = grown(own, case.fields, check_values(own.workflow, values, officers=people, units=units, today=today))
    changed = {
        name: value
        for name, value in checked.items()
        if name not in own.sealed and value is not None and not _alike(base.get(name), value)
    }
    differing = {name: value for name, value in changed.items() if not _alike(case.fields.get(name), value)}
    overtaken = [name for name in differing if case.fields.get(name) != base.get(name)]
    if overtaken:
        raise _overtaken(own, case, overtaken)
    sealed = {k: str(v) for k, v in checked.items() if k in own.sealed and v and case.fields.get(k) != SEALED}
    if not differing and not sealed:
        return case, ()
    check_values(own.workflow, differing, officers=officers, units=units, today=today)
    besides = objections(ledger, own, differing, unit_id=case.unit_id, case_id=case.id)
    family = ledger.family(case, own.asks_to_amend)
    asked = asked_fields(ledger, case)
    fields = amendment(
        own, case, {**differing, **sealed}, actor=actor, family=family, today=today, besides=besides, asked=asked
    )
    after = write_imported(acting, own, case, fields, differing, sealed=sealed, file=file)
    return after, (*differing, *sealed)


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


def _refuse_moves(own: Rules, case: Case, *, unit: str, state: str | None, state_then: str) -> None:
    """Refuse a row that would move the case to another unit or state: that takes a step."""
    reasons = []
    if unit and unit != case.unit:
        reasons.append(
            Text(f"it belongs to unit {case.unit}; no ledger moves it", f"属单位 {case.unit}，不能由台账改到其他单位")
        )
    if state is not None and state not in (state_then, case.state):
        title = own.workflow.states[state].title if state in own.workflow.states else Text(state, state)
        reasons.append(
            Text(
                f"its state changes by a step only, not to '{title.en}' by a ledger: qingling show {case.number}",
                f"状态只能由办理步骤改变，不能由台账改为“{title.zh}”：qingling show {case.number}",
            )
        )
    if reasons:
        raise RefusedError(Text(f"{case.number} is not changed", f"{case.number} 不能更改"), reasons)


def _overtaken(own: Rules, case: Case, names: Sequence[str]) -> RefusedError:
    """Return the refusal of a row whose changed values were changed in the register as well."""
    titles = [own.workflow.fields[name].title for name in names]
    en, zh = ", ".join(each.en for each in titles), "、".join(each.zh for each in titles)
    return RefusedError(
        Text(
            f"{case.number}: {en} was changed here after the ledger was exported; export it again and compare",
            f"{case.number}：{zh}在台账导出后已有改动；请重新导出核对",
        )
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
