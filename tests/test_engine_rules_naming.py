"""What conditions, signatures and steps are called in the words of a clerk."""

from test_engine_rules_transitions import rules

from engine.language import Text
from engine.rules.naming import condition_called, signature_called

WORKFLOW = rules().workflow


def test_a_condition_is_said_in_titles() -> None:
    """Fields, states, values and the words between them are Chinese; what is no name stays."""
    field, state = WORKFLOW.fields["handler"].title.zh, WORKFLOW.states["assigned"].title.zh

    assert condition_called(WORKFLOW, "handler and not state == 'assigned'") == f"{field} 且 非 状态 == '{state}'"


def test_a_signature_is_called_by_what_it_is_under() -> None:
    """A field by its title, an extension by its deadline, a voiding by itself; what is not known by its name."""
    deadline = WORKFLOW.deadlines["disposal"].title

    assert {name: signature_called(WORKFLOW, name) for name in ("signed_by", "extend:disposal", "void", "gone")} == {
        "signed_by": WORKFLOW.fields["signed_by"].title,
        "extend:disposal": Text(f"Extension of '{deadline.en}'", f"延长{deadline.zh}"),
        "void": Text("Voiding", "作废"),
        "gone": Text("gone", "gone"),
    }
