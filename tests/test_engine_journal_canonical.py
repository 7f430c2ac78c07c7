"""Stored JSON is written in one way, whichever writer wrote it, and holds nothing that JSON has no word for."""

import json
import math
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.journal.canonical import canonical, parsed

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
WHOLE = st.integers(-(2**63), 2**63 - 1)
PLAIN = st.recursive(
    st.none() | st.booleans() | WHOLE | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=20,
)


@given(PLAIN)
def test_it_is_what_the_standard_library_writes(value: object) -> None:
    """The fast writer and the plain one agree on every value without fractions."""
    assert canonical(value) == json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


@given(st.recursive(PLAIN | st.floats(allow_nan=False, allow_infinity=False), st.lists, max_leaves=10))
def test_what_is_read_is_what_was_written(value: object) -> None:
    """A stored value comes back as it was, and is written again as it stood."""
    text = canonical(value)
    assert parsed(text) == value
    assert canonical(parsed(text)) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"b": 1, "a": None}, '{"a":null,"b":1}'),
        ({"金额": 12.5, "z": ["甲", True]}, '{"z":["甲",true],"金额":12.5}'),
        (2**80, "1208925819614629174706176"),
        ({"n": 2**80, "x": None}, '{"n":1208925819614629174706176,"x":null}'),
        ('\x01\n"\\\u2028', '"\\u0001\\n\\"\\\\\u2028"'),
    ],
)  # fmt: skip
def test_how_it_is_written(value: object, text: str) -> None:
    """Sorted keys, no spaces, nothing escaped that need not be; whole numbers of any length."""
    assert canonical(value) == text


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("shape", [lambda n: n, lambda n: {"a": None, "b": [1, (n,)]}, lambda n: [{"c": n}]])
def test_no_number_is_refused(number: float, shape: object) -> None:
    """What is no number is not silently written as nothing."""
    assert callable(shape)
    with pytest.raises(ValueError, match=r"number|float"):
        canonical(shape(number))


@pytest.mark.parametrize("value", [date(2019, 6, 30), Decimal(1), {1, 2}, b"x", {"a": object()}])
def test_what_is_not_json_is_refused(value: object) -> None:
    """Nothing is guessed of values that JSON does not have."""
    with pytest.raises(TypeError):
        canonical(value)


@pytest.mark.parametrize("text", ["", "{", "nul", '{"a":NaN}', "'a'"])
def test_what_is_no_json_is_not_read(text: str) -> None:
    """A text that was altered into something else is found when it is read."""
    with pytest.raises(json.JSONDecodeError):
        parsed(text)
