"""The options by which advance, amend and note take many cases at once, and what is wrong with their use."""

from collections.abc import Callable, Iterator
from functools import update_wrapper
from typing import TYPE_CHECKING, Any, NamedTuple

from commands.console.bilingual import option
from commands.console.context import AppContext
from engine.errors import BadValueError
from engine.language import Text
from presentation.case_view import state_called, workflow_asked

if TYPE_CHECKING:
    from engine.operations.ledger.acting import Acting
    from engine.rules.case import Case
    from engine.workflow.model import Workflow


class ManyAsked(NamedTuple):
    """Which cases are meant, if not one by its number."""

    where: str | None
    workflow: str | None
    unit: str | None
    state: str | None
    apply: bool

    @property
    def is_one(self) -> bool:
        """One case is named by its number.

        Raises:
            BadValueError: If options that go with --where stand without it.
        """
        if self.where is None and (self.apply or self.workflow or self.unit or self.state):
            raise BadValueError(
                Text(
                    "--apply, --workflow, --unit and --state go with --where; one case is named by its number",
                    "--apply、--workflow、--unit、--state 须与 --where 同用；单件请写编号",
                )
            )
        return self.where is None

    def of_app(
        self, app: AppContext, acting: "Acting", *, step: Callable[["Workflow"], str] | None = None
    ) -> "tuple[Workflow, Iterator[list[Case]]]":
        """Return the workflow in its latest version, and the cases that match, a chunk at a time.

        Args:
            step: Says which step of the workflow is to be taken: only cases that stand where it begins are meant,
                unless they are named by number or state.

        Raises:
            BadValueError: If there is no such workflow or state, or the condition cannot be understood.
        """
        from engine.operations.cases.bulk import selection

        name = workflow_asked(app.declarations, self.workflow)
        declared = app.declarations.latest(name)
        state = None if self.state is None else state_called(acting.ledger, declared, self.state)
        trigger = None if step is None else step(declared)
        return declared, selection(acting, name, where=self.where, unit=self.unit, state=state, trigger=trigger)


def many_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add --where and what goes with it; the command is handed all of it as one value, *many*."""

    def call(
        *args: Any,
        where: str | None,
        workflow: str | None,
        unit: str | None,
        state: str | None,
        apply: bool,
        **given: Any,
    ) -> Any:
        return function(*args, many=ManyAsked(where, workflow, unit, state, apply), **given)

    command = update_wrapper(call, function)
    for add in reversed(
        (
            option(
                "--where",
                metavar="EXPRESSION",
                en="Every case for which this holds, such as \"handler == 'chen'\", each with a verdict of its own; a "
                "dry run until --apply.",
                zh="对符合条件的每件事项办理，如 \"责任人=='王某'\"，逐件说明结果；加 --apply 才真正写入。",
            ),
            option(
                "--workflow",
                metavar="WORKFLOW",
                en="With --where: which kind of case (default: lead).",
                zh="配合 --where：流程（默认问题线索）。",
            ),
            option("--unit", metavar="UNIT", en="With --where: only of this unit.", zh="配合 --where：只限该单位。"),
            option("--state", metavar="STATE", en="With --where: only in this state.", zh="配合 --where：只限该状态。"),
            option("--apply", is_flag=True, en="With --where: really do it.", zh="配合 --where：真正办理。"),
        )
    ):
        command = add(command)
    return command


def refuse_both(number: str | None, asked: ManyAsked) -> None:
    """Refuse a number beside --where, and neither of them.

    Raises:
        BadValueError: If so.
    """
    if number is not None and not asked.is_one:
        raise BadValueError(Text("write either a number or --where, not both", "编号和 --where 只能写一个"))
    if number is None and asked.is_one:
        raise BadValueError(Text("say which case: its NUMBER, or --where for many", "请写明事项编号；批量用 --where"))
