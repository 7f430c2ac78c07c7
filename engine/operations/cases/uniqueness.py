"""Values that are given once: looked for again inside the commit, so that no race and no ledger gives one twice.

What a case has of them stands in rows whose key lets the database itself refuse a second; they are written in the
commit that changes the case. Before that it is looked who has a value, so that the refusal names the case.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from engine.errors import RefusedError
from engine.language import Text
from engine.operations.ledger.ledger import Ledger
from engine.rules.case import Case, Count
from engine.rules.refusals import not_unique
from engine.rules.transitions import Rules
from engine.store import house_rows as house
from engine.store import unique_rows
from engine.store.case_columns import UniqueValueRecord


def refuse_taken(ledger: Ledger, rules: Rules, after: Mapping[str, object], *, before: Case | None = None) -> None:
    """Refuse values that another case was given since they were judged; inside `begin`.

    Args:
        after: All values that are about to be written.
        before: The case as it is; None if it is only about to be opened.

    Raises:
        RefusedError: If so; each is named with the case that has it.
    """
    if not rules.unique:
        return
    fresh = [
        name for name in sorted(rules.unique) if (value := after.get(name)) is not None and _is_new(before, name, value)
    ]
    if not fresh:
        return
    house.lock_unique(ledger.store)
    reasons = list[Text]()
    for name in fresh:
        taken = unique_rows.having(
            ledger.store, rules.workflow.name, name, after[name], besides=before.id if before else 0
        )
        if taken is not None:
            reasons.append(not_unique(rules.workflow.fields[name], ledger.called(taken)))
    if reasons:
        raise _refusal(rules, before, reasons)


class ValuesMoved(NamedTuple):
    """The values of a case as they were, by the rules it went by, and as they are from now on."""

    before: Case | None
    """None if it was just opened."""
    rules: Rules
    """By which it goes from now on."""
    case_id: int
    clearance: int
    """From now on, as are its fields."""
    fields: Mapping[str, object]
    rules_before: Rules | None = None
    """By which it went; None if these have not changed."""


def moves_given(rules: Rules, case: Case, clearance: int, fields: Mapping[str, object]) -> bool:
    """Say whether a case that goes on by the same rules has from now on other values that are given once."""
    if clearance != case.clearance and Count.VOID in {clearance, case.clearance}:
        return bool(rules.unique)
    before = case.fields
    return fields is not before and any(before.get(name) != fields.get(name) for name in rules.unique)


def begin(ledger: Ledger, opened: Iterable[tuple[Case, Rules]]) -> None:
    """Write what new cases have of what is given once; inside `begin` of the store.

    Not by `follow`, which asks what each had before: that cost every row of a ledger.

    Raises:
        RefusedError: As for `follow`.
    """
    having = [
        (case, rules)
        for case, rules in opened
        if case.clearance != Count.VOID and not rules.unique.isdisjoint(case.fields)  # few rows of a ledger have any
    ]
    added = [
        unique_rows.record(rules.workflow.name, name, value, case.id)
        for case, rules in having
        for name in rules.unique
        if (value := case.fields.get(name)) is not None
    ]
    if added:
        added.sort()
        unique_rows.follow(ledger.store, (), added, otherwise=lambda: _given_meanwhile(ledger, _brought(having)))


def _brought(having: Iterable[tuple[Case, Rules]]) -> list[ValuesMoved]:
    """Return what new cases have as values that moved."""
    return [ValuesMoved(None, rules, case.id, case.clearance, case.fields) for case, rules in having]


def follow(ledger: Ledger, moved: Iterable[ValuesMoved]) -> None:
    """Write what cases have from now on of what is given once; inside `begin`.

    Raises:
        RefusedError: If another case has one of the values: two at once both found that nobody had it, or
            the case that has it is not shown to this log-in.
    """
    gone: list[UniqueValueRecord] = []
    added: list[UniqueValueRecord] = []
    brought: list[ValuesMoved] = []
    for each in moved:
        after = _held(each.rules, each.clearance, each.fields)
        was = {} if each.before is None else _held(each.rules_before or each.rules, *_standing(each.before))
        if after == was:
            continue
        workflow = each.rules.workflow.name
        new = [name for name, value in sorted(after.items()) if was.get(name) != value]
        gone += (
            unique_rows.record(workflow, name, value, each.case_id)
            for name, value in sorted(was.items())
            if after.get(name) != value
        )
        added += (unique_rows.record(workflow, name, after[name], each.case_id) for name in new)
        if new:
            brought.append(each)
    if gone or added:
        unique_rows.follow(ledger.store, gone, added, otherwise=lambda: _given_meanwhile(ledger, brought))


class Given:
    """What has been given once, remembered while a ledger is taken in: each value is looked for but once.

    No twin of `refuse_taken`: rows of a ledger are written together, so the database cannot yet know
    what an earlier row of the same chunk was given.
    """

    def __init__(self, ledger: Ledger, rules: Rules) -> None:
        """Read nothing yet."""
        self._ledger = ledger
        self._rules = rules
        self._names = tuple(sorted(rules.unique))
        self._known: dict[str, dict[object, str | None]] = {}

    def look_up(self, rows: Iterable[Mapping[str, object]]) -> None:
        """Ask together who has what a chunk of rows says, as the rows say it; what is missed is asked by itself."""
        rows = list(rows) if self._names else []
        for name in self._names:
            said = {value.strip() for row in rows if isinstance(value := row.get(name), str)}
            self._ask(name, said)

    def refuse(self, values: Mapping[str, object], *, at: str) -> None:
        """Refuse values of a new row that a case, or an earlier row, was given; else remember them.

        Inside `begin`, with the lock on what is unique held.

        Args:
            at: Where the row stands.

        Raises:
            RefusedError: If so; each is named with the case, or the place of the row, that has it.
        """
        brought = {name: value for name in self._names if (value := values.get(name)) is not None}
        if not brought:
            return
        reasons = list[Text]()
        for name, value in brought.items():
            taken = self._ask(name, {str(value)})[value]
            if taken is not None:
                reasons.append(not_unique(self._rules.workflow.fields[name], self._ledger.called(taken)))
        if reasons:
            raise _refusal(self._rules, None, reasons)
        for name, value in brought.items():
            self._known[name][value] = at

    def _ask(self, name: str, values: set[str]) -> Mapping[object, str | None]:
        """Return who has the values of a field, and whatever was asked before."""
        store, workflow = self._ledger.store, self._rules.workflow.name
        known = self._known.get(name)
        if known is None:
            known = self._known[name] = dict(unique_rows.undeclared(store, workflow, name))
        new = {each for each in values if each not in known}  # of a set without keys all keys would be looked at
        if new:
            known.update(dict.fromkeys(new))
            known.update(unique_rows.given(store, workflow, name, sorted(new)))
        return known


def _is_new(before: Case | None, name: str, value: object) -> bool:
    """Say whether a value comes with what is about to be written."""
    return before is None or before.fields.get(name) != value


def _standing(case: Case) -> tuple[int, Mapping[str, object]]:
    """Return how a case counts, and its values."""
    return case.clearance, case.fields


def _held(rules: Rules, clearance: int, fields: Mapping[str, object]) -> dict[str, object]:
    """Return what a case has of what is given once: a void one gives it back."""
    if clearance == Count.VOID:
        return {}
    return {name: value for name in rules.unique if (value := fields.get(name)) is not None}


def _given_meanwhile(ledger: Ledger, brought: Iterable[ValuesMoved]) -> RefusedError:
    """Return the refusal of what the database itself refused; asked after all was undone."""
    for each in brought:
        declared = each.rules.workflow.fields
        for name, value in sorted(_held(each.rules, each.clearance, each.fields).items()):
            taken = unique_rows.having(ledger.store, each.rules.workflow.name, name, value, besides=each.case_id)
            if taken is not None:
                return _refusal(each.rules, each.before, [not_unique(declared[name], ledger.called(taken))])
    first = next(iter(brought))  # who has it is not shown to this log-in, or was undone together with it
    other = Text("another case", "另一事项")
    names = [name for name, value in first.fields.items() if name in first.rules.unique and value is not None]
    return _refusal(first.rules, first.before, [not_unique(first.rules.workflow.fields[name], other) for name in names])


def _refusal(rules: Rules, before: Case | None, reasons: list[Text]) -> RefusedError:
    """Return the refusal of a case that is only about to be opened, or of a change of one."""
    if before is not None:
        return RefusedError(Text(f"{before.number} is not changed", f"{before.number} 不能更改"), reasons)
    title = Text("a new {title} is refused", "不能登记{title}").format(title=rules.workflow.title)
    return RefusedError(title, reasons)
