"""Which fields have a place of their own in the printed file of a case."""

from engine.workflow.frozen_struct import FrozenStruct


class CaseFileLayout(FrozenStruct, frozen=True, kw_only=True):
    """Which fields have a place of their own in the printed file of a case (一案一档)."""

    marking: str | None = None
    """The field whose value stands in the corner of the cover, such as the secrecy (密级)."""
    cover: tuple[str, ...] = ()
    signatures: tuple[str, ...] = ()
    """Fields of officers; the officer who was brought into one has signed that step."""
    papers: tuple[str, ...] = ()
    """Fields that name papers by their numbers."""
