"""What officers, units and roles are called in the sentences of rules; in English they keep their codes."""

from collections.abc import Iterable, Sequence

from engine.language import Text
from engine.workflow.model import Workflow


class Naming:
    """Names by code, for sentences; this one knows none and says the codes."""

    def officer(self, code: str) -> Text:
        """Return what an officer is called."""
        return Text(code, code)

    def unit(self, code: str) -> Text:
        """Return what a unit is called."""
        return Text(code, code)

    def role(self, name: str) -> Text:
        """Return what a role is called."""
        return Text(name, name)

    def roles(self, names: Iterable[str], *, between: Text = Text(", ", "、")) -> Text:  # noqa: B008 - it is frozen
        """Return what several roles are called, one after the other."""
        said = [self.role(each) for each in names]
        return Text(between.en.join(each.en for each in said), between.zh.join(each.zh for each in said))


def step_called(workflow: Workflow, trigger: str) -> Text:
    """Return what a step is called; in English by its trigger."""
    titles = [each.title.zh for each in workflow.transitions if each.trigger == trigger]
    return Text(trigger, titles[0] if titles else trigger)


def steps_called(workflow: Workflow, triggers: Sequence[str]) -> Text:
    """Return what steps are called, each once; empty if there is none."""
    said = [step_called(workflow, each) for each in dict.fromkeys(triggers)]
    return Text(", ".join(each.en for each in said), "、".join(dict.fromkeys(each.zh for each in said)))
