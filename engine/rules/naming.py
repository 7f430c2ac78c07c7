"""What officers, units and roles are called in the sentences of rules; in English they keep their codes."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from engine.language import Text, lazy_pattern
from engine.workflow.deed_words import DEEDS, VOIDING
from engine.workflow.model import Workflow

_NAMED: Final = lazy_pattern(r"(?<![\w-])[a-z]+(?:_[a-z]+)*(?![\w-])", re.ASCII)

DEED_PARTS: Final[Mapping[str, Text]] = {
    "deadline": Text("deadline", "期限"),
    "was_due_on": Text("day on which it is due before", "原到期日"),
    "amount": Text("length", "延长时间"),
    "unit": Text("unit of length", "时间单位"),
    "reason": Text("reason", "理由"),
    "exception": Text("exception", "是否例外"),
}
"""What is signed of an extension or a voiding."""


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

    def veiled(self, words: str) -> str:
        """Return words of a case with the numbers of other cases masked that are hidden from who reads."""
        return words

    def unveiled(self, values: Mapping[str, object], held: Mapping[str, object]) -> Mapping[str, object]:  # noqa: ARG002 - nothing is hidden here
        """Return values that who reads brings back, with the masks of what was shown of *held* written out again."""
        return values

    def roles(self, names: Iterable[str], *, between: Text = Text(", ", "、")) -> Text:  # noqa: B008 - it is frozen
        """Return what several roles are called, one after the other."""
        said = [self.role(each) for each in names]
        return Text(between.en.join(each.en for each in said), between.zh.join(each.zh for each in said))


def is_deed(step: str) -> bool:
    """Say whether what is signed is an extension or a voiding, and no step of a workflow."""
    return step in DEEDS


def step_called(workflow: Workflow, trigger: str) -> Text:
    """Return what a step is called, or what else is signed; in English by its trigger."""
    if trigger in DEEDS:
        return DEEDS[trigger]
    titles = [each.title.zh for each in workflow.transitions if each.trigger == trigger]
    return Text(trigger, titles[0] if titles else trigger)


def signature_called(workflow: Workflow, field: str) -> Text:
    """Return what a signature is called: the field that it stands in, or what it is under."""
    deed, _, deadline = field.partition(":")
    if field in workflow.fields:
        return workflow.fields[field].title
    if deadline in workflow.deadlines:
        title = workflow.deadlines[deadline].title
        return Text("Extension of '{en}'", "延长{zh}").format(en=title.en, zh=title.zh)
    return Text("Voiding", "作废") if deed == VOIDING else Text(field, field)


def steps_called(workflow: Workflow, triggers: Sequence[str]) -> Text:
    """Return what steps are called, each once; empty if there is none."""
    said = [step_called(workflow, each) for each in dict.fromkeys(triggers)]
    return Text(", ".join(each.en for each in said), "、".join(dict.fromkeys(each.zh for each in said)))


_CHINESE: Final = r"[^\W\x00-\x7f]"
"""Any letter but the plain ones: a set of all the Han takes nineteen million instructions to compile."""
_LEFT_OVER: Final = rf"（[a-z_]+）|(?<={_CHINESE})\s(?=“)|(?<=”)\s(?={_CHINESE})"
"""Names in brackets, and blanks beside a title that has come in the place of a name."""


def as_declared(workflow: Workflow, sentence: Text) -> Text:
    """Return a sentence of a declaration, which names fields and steps as a file does, as a clerk types them.

    In Chinese a field becomes an option (--档案号), a step or a state its title; English stays as it is.
    """
    titles = {name: f"“{title}”" for name, title in _of_states_and_steps(workflow).items()}
    titles |= {each.name: f"--{each.title.zh}" for each in workflow.fields.values() if each.name not in titles}
    said = _NAMED.sub(lambda found: titles.get(found[0], found[0]), sentence.zh)
    said = re.sub(r"([^\s（）]+) --\1(?![\w-])", r"--\1", said)
    return Text(sentence.en, re.sub(_LEFT_OVER, "", said))


class Sentences:
    """The sentences of a declaration as a clerk types what they name; each is turned once, though it refuses many."""

    def __init__(self, workflow: Workflow) -> None:
        self._workflow = workflow
        self._said: dict[Text, Text] = {}

    def __call__(self, sentence: Text) -> Text:
        """Return one of them."""
        if sentence not in self._said:
            self._said[sentence] = as_declared(self._workflow, sentence)
        return self._said[sentence]


def condition_called(workflow: Workflow, expression: str) -> str:
    """Return a condition in the words of a clerk, as `--where` understands them in Chinese."""
    titles = {each.name: each.title.zh for each in workflow.fields.values()} | _of_states_and_steps(workflow)
    titles |= {each.value: each.title.zh for field in workflow.fields.values() for each in field.choices}
    titles |= {"and": "且", "or": "或", "not": "非", "state": "状态"}
    return _NAMED.sub(lambda found: titles.get(found[0], found[0]), expression)


def _of_states_and_steps(workflow: Workflow) -> dict[str, str]:
    """Return the Chinese titles of states and steps by name."""
    states = {each.name: each.title.zh for each in workflow.states.values()}
    return states | {each.trigger: each.title.zh for each in reversed(workflow.transitions)}
