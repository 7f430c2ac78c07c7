"""Rows of tree_rows as named tuples: names, types and order are those of the classes in `tables`.

Written by `python -m tools.store_columns`; change the classes, or what is listed there, and not this file.
Instants are microseconds since 1970 UTC, dates that end in `_on` are local dates.
"""

from typing import NamedTuple


class LeafRecord(NamedTuple):
    """Where an entry stands in the tree."""

    position: int
    """From 0."""
    case_id: int
    seq: int


class TileRecord(NamedTuple):
    """256 hashes of the tree that stand side by side."""

    level: int
    """0 holds the hashes of leaves, 1 those of 256 leaves each, and so on."""
    place: int
    """Which tile of its level it is, from 0."""
    root: str
    """The hash over all of them, as base64."""
    hashes: str
    """All of them, one after another, as base64."""


class CheckpointRecord(NamedTuple):
    """A signed checkpoint, as it is stored."""

    origin: str
    size: int
    made_at: int
    note: str
    """As C2SP's signed note, with the signatures of witnesses as they come in."""
