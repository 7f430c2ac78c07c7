"""What a row of a ledger is known by, and the case that it stands for."""

from collections.abc import Collection, Mapping, Sequence
from hashlib import sha256

from engine.errors import RefusedError
from engine.language import Text
from engine.operations.imports.first_units import handed_over
from engine.operations.imports.row import Row
from engine.operations.ledger.ledger import Ledger
from engine.rules.case import Case, Count
from engine.rules.transitions import Rules
from engine.store import case_rows
from engine.store import house_rows as house
from engine.workflow.model import Workflow


class RowKeys:
    """What the rows of one ledger are known by; the same key twice is noticed."""

    def __init__(self, rules: Rules, *, asking: bool) -> None:
        """Begin.

        Args:
            asking: Rows that are alike in receipt and content and differ elsewhere are leads of their own.
        """
        self._rules = rules
        self._asking = asking
        self._seen: dict[tuple[str, str], str] = {}

    def key(self, row: Row) -> tuple[str, str | None]:
        """Return what a row is known by, and where the same row stood before; None if it stood nowhere."""
        if row.number:
            earlier = self._seen.setdefault(("", row.number), row.at)
            return _row_key(self._rules, row.values), None if earlier == row.at else earlier
        key = _row_key(self._rules, row.values)
        earlier = self._seen.setdefault((row.unit, key), row.at)
        if earlier != row.at and self._asking and key.startswith("="):
            key = _whole_key(self._rules, row.values)
            earlier = self._seen.setdefault((row.unit, key), row.at)
        return key, None if earlier == row.at else earlier


class Register:
    """The cases that rows may stand for; not asked for units that had none when the ledger came."""

    def __init__(self, ledger: Ledger, rules: Rules) -> None:
        self._ledger = ledger
        self._workflow = rules.workflow
        self._units: dict[str, house.HouseUnit | None] = {}
        self.handed_over = handed_over(ledger, rules.workflow.name)
        self._left = {each.id for each in self.handed_over.values()}

    def known(self, chunk: Sequence[Row], keys: Sequence[str]) -> dict[tuple[str, str], Case]:
        """Return the cases that rows of the chunk stand for already, by unit and key."""
        by_unit: dict[str, list[str]] = {}
        for row, key in zip(chunk, keys, strict=True):
            undated = _undated_key(self._workflow, row.values)
            by_unit.setdefault(row.unit, []).extend((key,) if undated is None else (key, undated))
        store, found = self._ledger.store, dict[tuple[str, str], Case]()
        for code, wanted in by_unit.items():
            if code not in self._units:
                unit = house.unit(store, code)
                has_some = unit is not None and case_rows.has_keys(store, self._workflow.name, unit.id)
                self._units[code] = unit if has_some else None
            asked = self._units[code]
            if asked is not None:
                known = case_rows.by_keys(store, self._workflow.name, asked.id, wanted, besides=self._left)
                found.update({(code, key): case for key, case in known.items() if case.clearance != Count.VOID})
        if self.handed_over:
            asked_for = {(code, key) for code, wanted in by_unit.items() for key in wanted}
            found = {each: case for each, case in self.handed_over.items() if each in asked_for} | found
        return found

    def meant(
        self, known: Mapping[tuple[str, str], Case], row: Row, key: str, *, besides: Collection[str]
    ) -> Case | None:
        """Return the case that a row stands for; also one whose receipt was unclear when the same row came before.

        Args:
            besides: Numbers of the cases that the same ledger has opened; they are other rows.
        """
        case = known.get((row.unit, key))
        if case is not None:
            return case
        undated = _undated_key(self._workflow, row.values)
        case = None if undated is None else known.get((row.unit, undated))
        if case is None or case.number in besides:
            return None
        received_on = str(row.values[self._workflow.dated_by])
        return case if case.fields.get(self._workflow.dated_by, received_on) == received_on else None


def _row_key(rules: Rules, values: Mapping[str, object]) -> str:
    """Return what a row is known by: the ledger's own number, else receipt and summary, else all that it says."""
    workflow = rules.workflow
    own = values.get(workflow.import_key) if workflow.import_key else None
    if own:
        return str(own)
    if values.get(workflow.summary) is None:
        return _whole_key(rules, values)
    return _hashed(f"{values.get(workflow.dated_by)}\n{values.get(workflow.summary)}")


def _undated_key(workflow: Workflow, values: Mapping[str, object]) -> str | None:
    """Return what the same row was known by while its receipt was unclear; None if it has a key of another kind."""
    if values.get(workflow.dated_by) is None or values.get(workflow.summary) is None:
        return None
    if workflow.import_key and values.get(workflow.import_key):
        return None
    return _hashed(f"None\n{values.get(workflow.summary)}")


def _whole_key(rules: Rules, values: Mapping[str, object]) -> str:
    """Return a key of all that a row says but for what is sealed, which could be guessed from it."""
    return _hashed("\n".join(f"{name}={values[name]}" for name in sorted(values.keys() - rules.sealed)))


def _hashed(said: str) -> str:
    """Return a key that no ledger's own number can be."""
    return "=" + sha256(said.encode()).hexdigest()[:20]


def twice(earlier: str) -> RefusedError:
    """Return the refusal of a row that the same file held before."""
    return RefusedError(
        Text(
            f"the same row stands at {earlier} already; leave one out, or number both",
            f"与 {earlier} 为同一条；请删去其一，或分别编号",
        )
    )
