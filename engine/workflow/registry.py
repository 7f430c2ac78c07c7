"""What the engine asks of what keeps the declarations; `workflows.loader.Declarations` is one that fits."""

from collections.abc import Mapping
from typing import Protocol

from engine.language import Text
from engine.workflow.ladder_levels import LadderLevel
from engine.workflow.model import Workflow
from engine.workflow.powers import HouseTerms, Power, Role
from engine.workflow.proofs import LogInLimits
from engine.workflow.texts import Source


class Workflows(Protocol):
    """Gives declarations by name."""

    def names(self) -> tuple[str, ...]:
        """Return the names of all workflows."""

    def latest(self, name: str) -> Workflow:
        """Return the version that new cases begin with.

        Raises:
            NotFoundError: If no workflow has that name.
            InvalidWorkflowError: If its declaration is not sound.
        """

    def at(self, name: str, version: int) -> Workflow:
        """Return the version that a case began with.

        Raises:
            NotFoundError: If that version is neither stored nor in a file.
        """

    def campaign(self, name: str) -> Source | None:
        """Return where the campaign of that name stands; None if there is none."""

    def roles(self) -> Mapping[str, Text]:
        """Return the titles of all roles, by name."""

    def roles_that_may(self, power: Power) -> tuple[str, ...]:
        """Return the roles that have a power, in declared order."""

    def declared_roles(self) -> Mapping[str, Role]:
        """Return all roles with what they may do and read, by name."""

    def house_terms(self) -> HouseTerms:
        """Return the terms of the house that the list of roles declares."""

    def log_in_limits(self) -> LogInLimits:
        """Return how long log-ins last, and how long who types wrong passwords must wait."""

    def unit_types(self) -> Mapping[str, Text]:
        """Return the titles of the types of units, by name, the usual one first."""

    def unit_type_words(self) -> Mapping[str, str]:
        """Return the names of the types of units by what else they are called."""

    def levels(self) -> Mapping[str, LadderLevel]:
        """Return the levels of reminding by name, the mildest first."""
