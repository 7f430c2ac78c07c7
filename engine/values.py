"""Values given as text or JSON become the one form in which they are stored, or are refused."""

from collections.abc import Container, Mapping
from datetime import date

from engine.definition import Field, Workflow


def check_values(
    workflow: Workflow,
    given: Mapping[str, object],
    *,
    officers: Container[str],
    units: Container[str],
    today: date,
) -> Mapping[str, object]:
    """Return *given* in the form in which values are stored; an empty text clears a field (None).

    Raises:
        BadValueError: If any is wrong; all are named in one line, the value of a sealed field never.
    """
    raise NotImplementedError


def shown(field: Field, value: object) -> str:
    """Return *value* as people read it, in the language in use; a sealed one as dots."""
    raise NotImplementedError
