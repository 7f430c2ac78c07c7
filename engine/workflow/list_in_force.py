"""Which list units of a type choose from, and from when on."""

from engine.workflow.frozen_struct import FrozenStruct


class ListInForce(FrozenStruct, frozen=True, kw_only=True):
    """From when on units of a type choose from a list."""

    from_on: str = ""
    """Local date of receipt, YYYY-MM-DD; empty: from the beginning."""
    use: str
