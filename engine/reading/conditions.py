"""A condition over the fields of a case, as a declaration writes it to choose cases."""

from engine.expressions.evaluate import check, names
from engine.language import Text
from engine.reading.terms import Part
from engine.workflow.computed import STANDING_NAMES
from engine.workflow.model import FieldType, Workflow


def condition(part: Part, key: str, workflow: Workflow) -> str | None:
    """Return the expression under *key*; None if there is none or it is not sound, which *part* remembers."""
    where = part.line(key)
    if where is None:
        return None
    wrong = list(check(where, {*workflow.fields, *STANDING_NAMES}))
    sealed = {name for name, field in workflow.fields.items() if field.type is FieldType.SEALED}
    wrong += [
        Text(f"'{name}' is sealed and chooses nothing", f"“{name}”为密封内容，不能作为条件")
        for name in (sorted(sealed & names(where)) if not wrong else ())
    ]
    for each in wrong:
        part.wrong(each, key)
    return None if wrong else where
