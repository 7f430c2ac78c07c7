"""Declarations that a command is asked about: those in use, or files that are only being made ready."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from commands.console.context import AppContext, declarations_of
from commands.console.names import workflow_called
from engine.errors import InvalidWorkflowError

if TYPE_CHECKING:
    from engine.workflow.model import Workflow
    from workflows.loader import Declarations


def declarations_around(app: AppContext, files: Sequence[Path]) -> "Declarations":
    """Return the declarations that *files* belong to.

    A folder, or a file that stands beside a folder of lists, is looked at as if it were the house's own: so it
    can be made ready anywhere before it is put in its place.
    """
    from workflows.loader import Declarations

    around = [each if each.is_dir() else each.parent for each in files if each.is_dir() or each.is_file()]
    own = [each for each in dict.fromkeys(around) if each in files or (each / "lists").is_dir()]
    return Declarations(own) if own else declarations_of(app.database)


def latest_or_none(declarations: "Declarations", name: str) -> "Workflow | None":
    """Return a declared workflow; None if its declaration is not sound."""
    try:
        return declarations.latest(name)
    except InvalidWorkflowError:
        return None


def workflow_asked(declarations: "Declarations", name: str) -> "Workflow":
    """Return the workflow called *name*, or the one that the file of that name declares.

    Raises:
        InvalidWorkflowError: If its declaration is not sound.
        NotFoundError: If there is neither.
    """
    if name in declarations.names() or not Path(name).suffix:
        return declarations.latest(workflow_called(declarations, name))
    sound, problems = declarations.check((Path(name),))
    if problems or not sound:
        raise InvalidWorkflowError([each.text for each in problems])
    return sound[0]
