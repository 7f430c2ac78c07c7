"""What may be corrected in a case outside its steps, decided over values alone."""

from collections.abc import Mapping

import pytest
from test_engine_rules_transitions import LEAD, NOBODY, OFFICE, TODAY, case, rules

from engine.errors import RefusedError
from engine.rules.amendments import amendment
from engine.rules.case import Actor, Family


def amended(brought: Mapping[str, object], actor: Actor = OFFICE) -> Mapping[str, object]:
    """Return the values of a registered lead after a correction."""
    return amendment(rules(), case("received"), brought, actor=actor, family=Family(), today=TODAY)


@pytest.mark.parametrize(
    ("brought", "after"),
    [
        ({"summary": "停车场和太平间"}, {**LEAD, "summary": "停车场和太平间"}),
        ({"amount": 5, "summary": "停车场"}, {**LEAD, "amount": 5}),
        ({"amount": None, "summary": "太平间"}, {**LEAD, "summary": "太平间"}),
    ],
)
def test_what_is_corrected(brought: Mapping[str, object], after: Mapping[str, object]) -> None:
    """What is brought stands in place of what was; what is emptied is gone; the rest stays."""
    assert amended(brought) == after


@pytest.mark.parametrize(
    ("brought", "actor", "says"),
    [
        ({"summary": "停车场"}, OFFICE, "没有任何变化"),
        ({}, OFFICE, "没有任何变化"),
        ({"amount": None}, OFFICE, "没有任何变化"),
        ({"summary": None}, OFFICE, "缺少“反映的主要问题”"),
        ({"amount": 5}, NOBODY, "none 在单位 0101 没有所需角色"),
    ],
)
def test_what_is_refused(brought: Mapping[str, object], actor: Actor, says: str) -> None:
    """What changes nothing, what empties a field that must have a value, and what the officer may not."""
    with pytest.raises(RefusedError) as refused:
        amended(brought, actor)

    assert [each.zh for each in refused.value.reasons if says in each.zh] != [], refused.value.sentence.zh
