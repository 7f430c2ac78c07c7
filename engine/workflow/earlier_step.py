"""A step whose doer is kept from another, as `not_by` names it."""

from typing import Literal, NamedTuple


class EarlierStep(NamedTuple):
    """A step whose doer is kept from another: ever, or only as far as one of its rounds (查管分离)."""

    trigger: str
    of_parent: bool = False
    """It was done on the parent (`parent:verify`), not on this case."""
    side: Literal["", "since", "before", "last"] = ""
    """Which rounds matter: all; those since the latest `mark`, itself included; those before it; the latest alone."""
    mark: str = ""
    """The trigger that begins a round."""

    def __str__(self) -> str:
        """Return it as it is written."""
        return f"{'parent:' if self.of_parent else ''}{self.trigger} {self.side} {self.mark}".rstrip()
