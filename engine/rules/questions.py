"""What questions that ledgers left are about, and which of them matter to how a case counts; pure."""

from engine.expressions.evaluate import names
from engine.journal.ledger_row import STATE
from engine.language import Text
from engine.workflow.model import Workflow


def asked_title(workflow: Workflow, name: str) -> Text:
    """Return what a question is about, in words."""
    if name == STATE:
        return Text("State", "状态")
    return workflow.fields[name].title if name in workflow.fields else Text(name, name)


def mattering(workflow: Workflow) -> frozenset[str]:
    """Return the fields without which nobody knows how a case counts: receipt, what is required, what clears it.

    A case with an open question about one of them is an incomplete record, whatever its state says.
    """
    required = (each.name for each in workflow.fields.values() if each.required)
    guards = (guard for rule in (workflow.cleared, workflow.fully_closed) for guard in rule.when)
    named = frozenset().union(*(names(each.expression) for each in guards))
    return frozenset((STATE, workflow.dated_by, *required, *named.intersection(workflow.fields)))
