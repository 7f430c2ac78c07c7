"""Who hears of a case: roles and officer fields become officers, absent ones their deputies."""

from collections.abc import Iterable, Iterator
from datetime import date

from engine.operations.ledger.ledger import Ledger
from engine.operations.ledger.need_to_know import only_readers
from engine.rules.case import Case, Count
from engine.rules.transitions import Rules
from engine.store import house_rows as house
from engine.workflow.model import Workflow
from engine.workflow.powers import Power

_DEPUTIES = 5
"""How many deputies in a row are followed before the last one is taken."""


class Recipients:
    """The officers of the house as they stand at one moment, for many questions."""

    def __init__(self, ledger: Ledger, today: date) -> None:
        self._today = today.isoformat()
        self._keep = ledger.workflows.roles_that_may(Power.KEEP_LEDGER)
        with house.people_foreseen(ledger.store):
            self._units = {each.code: printable(each.name, each.code) for each in house.units(ledger.store)}
            self._officers = {each.code: each for each in house.officers(ledger.store)}
            grants = house.grants(ledger.store)
        self._by_role: dict[tuple[str, str], list[str]] = {}
        self._steps: dict[tuple[str, int, str], tuple[tuple[str, ...], tuple[str, ...]]] = {}
        self._heard: dict[tuple[object, ...], tuple[tuple[str, str | None], ...]] = {}
        self._named = ledger.restricted
        self._only = {case.id: officers for case, officers in only_readers(ledger)}
        for code, role, unit in grants:
            officer = self._officers.get(code)  # who was registered between the two reads hears from the next sweep on
            if officer is not None and officer.left_at is None:
                self._by_role.setdefault((role, unit), []).append(code)

    def of(self, workflow: Workflow, case: Case, declared: Iterable[str]) -> tuple[tuple[str, str | None], ...]:
        """Return who is meant by roles and officer fields: (officer who hears, officer acted for or None).

        A role in the case's unit goes before the same role in all units.
        """
        names = tuple(declared)
        named = [str(case.fields.get(name)) for name in names if name in workflow.fields]
        only = self._only.get(case.id)
        asked = (workflow.name, workflow.version, names, case.unit, only, *named)
        heard = self._heard.get(asked)
        if heard is None:
            found: dict[str, str | None] = {}
            for name in names:
                for code in self._meant(workflow, case, name):
                    hears = self._deputy(code)
                    if hears is not None and (only is None or hears in only):
                        found.setdefault(hears, None if hears == code else code)
            heard = self._heard[asked] = tuple(found.items())
        return heard

    def office(self, case: Case) -> tuple[tuple[str, str | None], ...]:
        """Return who hears what nobody else hears: those who keep the ledger, with whom they act for or None.

        Those who have such a role in all units go before those who have it in the case's unit.
        """
        only = self._only.get(case.id)
        for unit in ("", case.unit):
            found: dict[str, str | None] = {}
            for role in self._keep:
                for code in self._by_role.get((role, unit), ()):
                    hears = self._deputy(code)
                    if hears is not None and (only is None or hears in only):
                        found.setdefault(hears, None if hears == code else code)
            if found:
                return tuple(found.items())
        named = self._named.get(case.id, ())
        hearing = {self._deputy(code): code for code in sorted(named)}
        return tuple(
            (hears, None if hears == code else code)
            for hears, code in hearing.items()
            if hears is not None and only is not None and hears in only
        )

    def must_act(self, rules: Rules, case: Case) -> tuple[str, ...]:
        """Return the officers whose step is next: those whom the case names for one, else all who have a role for one.

        A case that has been cleared or needs no step waits for nobody.
        """
        if case.clearance != Count.OPEN:
            return ()
        workflow = rules.workflow
        key = workflow.name, workflow.version, case.state
        steps = self._steps.get(key)
        if steps is None:
            names = tuple(dict.fromkeys(name for step in rules.machine.leaving(case.state) for name in step.by))
            steps = self._steps[key] = names, tuple(name for name in names if name in workflow.fields)
        by, fields = steps
        return tuple(code for code, _ in self.of(workflow, case, fields) or self.of(workflow, case, by))

    def filled(self) -> list[list[str]]:
        """Return which roles somebody has, and where: [role, code of the unit or empty]."""
        return sorted(list(each) for each in self._by_role)

    def name(self, code: str) -> str:
        """Return an officer's name as a message may carry it."""
        return printable(self._officers[code].name, code) if code in self._officers else code

    def unit(self, code: str) -> str:
        """Return a unit's name as a message may carry it."""
        return self._units.get(code) or printable(code, code)

    def _meant(self, workflow: Workflow, case: Case, name: str) -> Iterator[str]:
        """Yield the codes that a role or an officer field stands for."""
        if name in workflow.fields:
            value = case.fields.get(name)
            yield from (value if isinstance(value, list) else [value] if isinstance(value, str) else [])
        else:
            yield from self._by_role.get((name, case.unit)) or self._by_role.get((name, ""), [])

    def _deputy(self, code: str) -> str | None:
        """Return the officer, or who acts for the officer while absent (代办); None if there is nobody."""
        for _ in range(_DEPUTIES):
            officer = self._officers.get(code)
            if officer is None or officer.left_at is not None:
                return None
            absent = officer.contact.get("absent")
            if not isinstance(absent, dict) or not absent.get("deputy"):
                return code
            if not str(absent.get("from", "")) <= self._today <= str(absent.get("to") or "9999-12-31"):
                return code
            code = str(absent["deputy"])
        return code


def printable(name: str, code: str) -> str:
    """Return a name without signs that nobody sees: a message that has them is refused."""
    return " ".join("".join(each for each in name if each.isprintable() or each.isspace()).split()) or code
