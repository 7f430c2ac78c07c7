"""What a workflow promises of itself (`promises:`)."""

from engine.language import Text
from engine.workflow.frozen_struct import FrozenStruct
from engine.workflow.written import Line, OwnName


class OwnPromise(FrozenStruct, frozen=True, kw_only=True):
    """What a workflow promises of itself, to be proved; no step is refused by it."""

    name: OwnName
    title: Text
    never: Line | None = None
    """What holds of no case, wherever it may stand."""
    after: Line | None = None
    """Once this holds, `always` can be reached, as long as it does not hold yet."""
    always: Line | None = None
    within: Line | None = None
    """A term no longer than this runs meanwhile: `60 days`, `15 working_days`, `2 months`."""
    basis: Line | None = None
