"""How often each step was taken in a time: known from the states it led between where these name one step alone."""

from collections import Counter, defaultdict
from collections.abc import Sequence

from engine.operations.ledger.ledger import Ledger
from engine.store import figure_rows as rows
from engine.store import zero_rows


class StepsCounted:
    """Counts the steps of the cases of a period while these go by, each row near the others of its case.

    What a row of the journal says is read only where several steps, of whatever versions, lead between its states.
    """

    def __init__(self, ledger: Ledger, workflow: str, *, from_at: int, end_at: int) -> None:
        """Begin with none; inside `reading`.

        Args:
            from_at: Microseconds since 1970 UTC.
            end_at: The same; what happened then is not counted.
        """
        self._store, self._from_at, self._end_at = ledger.store, from_at, end_at
        self._named = defaultdict[tuple[str, str], set[str]](set)
        for version in zero_rows.versions(ledger.store, workflow):
            for each in ledger.rules(workflow, version).workflow.transitions:
                for source in each.sources:
                    self._named[source, each.target or source].add(each.trigger)
        self._unsure = sorted(pair for pair, triggers in self._named.items() if len(triggers) > 1)

    def taken_in(self, case_ids: Sequence[int]) -> Counter[str]:
        """Return how often each step of some cases was taken, by trigger; inside `reading`."""
        taken = Counter[str]()
        unknown = self._add(taken, case_ids, self._unsure)
        if unknown:
            self._add(taken, case_ids, unknown, only=True)
        return taken

    def _add(
        self, taken: Counter[str], case_ids: Sequence[int], read_of: Sequence[tuple[str, str]], *, only: bool = False
    ) -> list[tuple[str, str]]:
        """Count steps; return between which states some led whose rows were not read, and no version declares one.

        Args:
            read_of: Pairs of states between which the row of a step is read.
            only: Whether only these are counted.
        """
        unknown: list[tuple[str, str]] = []
        found = rows.steps(self._store, case_ids, from_at=self._from_at, end_at=self._end_at, read_of=read_of)
        for before, after, trigger, count in found:
            if trigger is not None:
                taken[trigger] += count
            elif not only:
                triggers = self._named.get((before, after), ())
                if triggers:
                    taken[next(iter(triggers))] += count
                else:
                    unknown.append((before, after))
        return unknown
