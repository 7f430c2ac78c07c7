"""What the desk is lent of the command's knowledge of the machine: what doctor finds, channels, texts to adopt."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from engine.language import Text
from engine.operations.house.enrolling import Enrolment
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.adopted import NewText


@dataclass(frozen=True, kw_only=True, slots=True)
class Examined:
    """What was looked at, and how it stands."""

    topic: Text
    verdict: Literal["ok", "note", "attention", "wrong"]
    word: Text
    """The verdict in words."""
    sentence: Text


@dataclass(frozen=True, kw_only=True, slots=True)
class ComparedText:
    """A text that is sound, and what it changes against the one that is adopted."""

    text: NewText
    was: int | None
    """The version that is adopted; None if there is none."""
    changes: tuple[Text, ...]
    is_new: bool
    """The ledger does not work by it yet."""


@dataclass(frozen=True, kw_only=True, slots=True)
class HouseTools:
    """What the command lends; each opens the ledger for itself, in the thread that asks."""

    examine: Callable[[], Sequence[Examined]]
    """Looks for what is wrong with the installation."""
    channels: Callable[[], Sequence[tuple[str, str]]]
    """Returns the ways out of the house: name, and why it is down or empty."""
    reached_by: Callable[[], Mapping[str, bool] | None]
    """Returns the channels that are declared, each with whether it is mail; None if none are.

    Raises `QinglingError` if the file that declares them is wrong.
    """
    compare: Callable[[str, bytes], Sequence[ComparedText]]
    """Judges a file of a name and a content as `qingling adopt` does.

    Raises `BadFileError` or `InvalidWorkflowError` if it is not sound.
    """
    listed: Callable[[str, str, bytes], Sequence[tuple[str, Mapping[str, str]]]]
    """Returns the rows of a list of "officer" or "unit" in a file of a name and a content: where each stands, values.

    Raises `BadFileError` if it is none.
    """
    enrol: Callable[[Acting, str, Sequence[tuple[str, Mapping[str, str]]], bool], Sequence[Enrolment]]
    """Registers such rows, all of them or none, or tries to; raises `QinglingError` if a row cannot be read."""
