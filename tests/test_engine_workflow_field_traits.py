"""Tables by the type of a field: complete, so that a new type cannot be forgotten."""

import ast
from pathlib import Path

import pytest

from documents.ledger_in.columns import _KINDS
from documents.ledger_out.formats import USUAL_WIDTHS
from engine.workflow.field_traits import (
    CHOICE_TYPES,
    OFFICER_TYPES,
    SEVERAL_TYPES,
    TEXT_LIKE_TYPES,
    ByFieldType,
)
from engine.workflow.model import FieldType


def test_a_table_has_one_entry_for_each_type() -> None:
    """A type that is added is missing in every table until it is written there, which mypy and Python refuse."""
    assert list(ByFieldType.__struct_fields__) == [kind.value for kind in FieldType]
    with pytest.raises(TypeError, match="sealed"):
        ByFieldType(  # type: ignore[call-arg]  # that mypy finds it is what the table is for
            text=1, date=1, moment=1, flag=1, number=1, choice=1, choices=1, officer=1, officers=1, unit=1
        )


def test_the_ledger_reads_and_writes_fields_of_every_type() -> None:
    """No type is met for which the ledgers in and out have no way."""
    assert set(_KINDS) == set(FieldType)
    assert all(USUAL_WIDTHS[kind] > 0 for kind in FieldType)


def test_no_choice_by_type_takes_what_it_does_not_know() -> None:
    """Each `match` over types of fields ends with `assert_never`, so that mypy names it once there is a new type."""
    house = Path(__file__).parent.parent
    rooms = ("engine", "documents", "commands", "desk", "presentation", "notifications", "workflows")
    texts = {path: path.read_text("utf-8") for room in rooms for path in (house / room).rglob("*.py")}
    found = [
        (path, node, ast.unparse(node.cases[-1]))
        for path, text in texts.items()
        if "case FieldType." in text
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Match) and "FieldType." in ast.unparse(node)
    ]
    silent = [f"{path.name}:{node.lineno}" for path, node, last in found if "assert_never(" not in last]

    assert silent == []
    assert len(found) >= len({"shown", "held", "set", "asked", "printed", "tried"})


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
