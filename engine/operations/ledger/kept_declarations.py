"""The declarations that cases begin with, kept in the ledger itself, so that each goes on by its own."""

from collections.abc import Callable
from hashlib import sha256
from json import dumps

from engine.errors import InvalidWorkflowError
from engine.journal.canonical import canonical
from engine.language import Text
from engine.store import house_rows as house
from engine.store.connection import Store
from engine.workflow.model import Workflow


class KeptDeclarations:
    """Keeps versions of workflows, and knows which it has kept already."""

    def __init__(self, store: Store) -> None:
        """Know of none yet."""
        self._store = store
        self._kept: set[tuple[str, int]] = set()
        self._undone = 0
        """How many transactions were broken off when it was last known what is kept."""

    def keep(self, workflow: Workflow, now_at: int, *, latest: Callable[[str], Workflow]) -> None:
        """Keep a declaration, once for each version; inside `begin`.

        Those of its children are kept just before it: that order is what pins their versions to its own.

        Args:
            now_at: When, in microseconds since 1970 UTC.
            latest: Gives the version by which new cases of a workflow begin.

        Raises:
            InvalidWorkflowError: If the version was kept before with other content.
        """
        store = self._store
        if self._undone != store.undone:  # what a broken-off commit kept is not there
            self._kept.clear()
            self._undone = store.undone
        key = (workflow.name, workflow.version)
        if key in self._kept:
            return
        digest = sha256(canonical(workflow.plain).encode()).hexdigest()
        # Kept in the declared order: the first state is the initial one, and steps are tried in turn.
        plain = dumps(workflow.plain, ensure_ascii=False, separators=(",", ":"))
        found = house.kept_workflow(store, *key)
        if found is None:
            for child in dict.fromkeys(each.workflow for step in workflow.transitions for each in step.opens):
                self.keep(latest(child), now_at, latest=latest)
            house.keep_workflow(store, *key, digest, plain, max(now_at, house.last_kept_at(store) + 1))
            found = house.kept_workflow(store, *key)  # someone else may have kept it meanwhile
            assert found is not None
        if found.digest != digest:
            raise InvalidWorkflowError(
                [
                    Text(
                        f"workflow {workflow.name} version {workflow.version} is in use with other content;"
                        " give the changed declaration a higher version",
                        f"流程 {workflow.name} 第 {workflow.version} 版已在使用，且内容不同；修改后请提高版本号",
                    )
                ]
            )
        self._kept.add(key)

    def forget(self) -> None:
        """Know of none any more."""
        self._kept.clear()
