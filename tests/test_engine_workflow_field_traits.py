"""Tables by the type of a field: complete, so that a new type cannot be forgotten."""

from dataclasses import fields, is_dataclass

import pytest

from documents.ledger_in.columns import _KINDS
from documents.ledger_out.formats import USUAL_WIDTHS
from engine.workflow.field_traits import (
    CHOICE_TYPES,
    OFFICER_TYPES,
    SEVERAL_TYPES,
    TEXT_LIKE_TYPES,
    TRAITS,
    ByFieldType,
)
from engine.workflow.model import FieldType


def test_a_table_has_one_entry_for_each_type() -> None:
    """A type that is added is missing in every table until it is written there, which mypy and Python refuse."""
    assert [each.name for each in fields(ByFieldType)] == [kind.value for kind in FieldType]
    with pytest.raises(TypeError, match="sealed"):
        ByFieldType(  # type: ignore[call-arg]  # that mypy finds it is what the table is for
            text=1, date=1, moment=1, flag=1, number=1, choice=1, choices=1, officer=1, officers=1, unit=1
        )


def test_the_ledger_reads_and_writes_fields_of_every_type() -> None:
    """No type is met for which the ledgers in and out have no way."""
    assert set(_KINDS) == set(FieldType)
    assert all(USUAL_WIDTHS[kind] > 0 for kind in FieldType)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (SEVERAL_TYPES, {"choices", "officers"}),
        (CHOICE_TYPES, {"choice", "choices"}),
        (OFFICER_TYPES, {"officer", "officers"}),
        (TEXT_LIKE_TYPES, {"text", "choice", "date", "moment", "officer", "unit"}),
    ],
)
def test_what_follows_from_a_type(found: frozenset[FieldType], expected: set[str]) -> None:
    """Which types hold lists, choices, officers, and what a text can hold as well."""
    assert found == expected
    assert is_dataclass(TRAITS)
