"""Values that are given once: looked for again inside the commit, so that no race and no ledger gives one twice."""

from collections.abc import Mapping

from engine.errors import RefusedError
from engine.language import Text
from engine.operations.ledger.ledger import Ledger
from engine.rules.case import Case
from engine.rules.refusals import not_unique
from engine.rules.transitions import Rules
from engine.store import case_rows
from engine.store import house_rows as house


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
        taken = case_rows.having(
            ledger.store, rules.workflow.name, name, after[name], besides=before.id if before else 0
        )
        if taken is not None:
            reasons.append(not_unique(rules.workflow.fields[name], taken))
    if reasons:
        if before is None:
            raise _no_new(rules, reasons)
        raise RefusedError(Text(f"{before.number} is not changed", f"{before.number} 不能更改"), reasons)


class Given:
    """What has been given once, remembered while a ledger is taken in: the register is read but once.

    No twin of `refuse_taken`: rows of a ledger are written together, so the database cannot yet know
    what an earlier row of the same chunk was given.
    """

    def __init__(self, ledger: Ledger, rules: Rules) -> None:
        """Read nothing yet."""
        self._ledger = ledger
        self._rules = rules
        self._names = tuple(sorted(rules.unique))
        self._known: dict[str, dict[object, str]] = {}

    def refuse(self, values: Mapping[str, object], *, at: str) -> None:
        """Refuse values of a new row that a case, or an earlier row, was given; else remember them.

        Inside `begin`, with the lock on what is unique held.

        Args:
            at: Where the row stands.

        Raises:
            RefusedError: If so; each is named with the case, or the place of the row, that has it.
        """
        reasons = list[Text]()
        brought = {name: values[name] for name in self._names if values.get(name) is not None}
        if not brought:
            return
        for name, value in brought.items():
            if name not in self._known:
                self._known[name] = case_rows.given(self._ledger.store, self._rules.workflow.name, name)
            taken = self._known[name].get(value)
            if taken is not None:
                reasons.append(not_unique(self._rules.workflow.fields[name], taken))
        if reasons:
            raise _no_new(self._rules, reasons)
        for name, value in brought.items():
            self._known[name][value] = at


def _is_new(before: Case | None, name: str, value: object) -> bool:
    """Say whether a value comes with what is about to be written."""
    return before is None or before.fields.get(name) != value


def _no_new(rules: Rules, reasons: list[Text]) -> RefusedError:
    """Return the refusal of a case that is only about to be opened."""
    title = Text("a new {title} is refused", "不能登记{title}").format(title=rules.workflow.title)
    return RefusedError(title, reasons)
