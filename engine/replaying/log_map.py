"""The file that says what the columns and events of a log are to a workflow; all its mistakes are found at once."""

from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Literal, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from engine.errors import InvalidWorkflowError
from engine.language import Text
from engine.reading.yaml_file import read
from engine.workflow.frozen_struct import FrozenStruct
from engine.workflow.model import Workflow
from engine.workflow.problems import Path as Place
from engine.workflow.problems import Problem, Where, did_you_mean

NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})
OF_EVENT: Final = ("day", "at", "who", "case")
"""What `=name` in `set:` may take of the event itself; anything else is a column of the log."""

_KEYS: Final = (
    "replay", "columns", "zone", "open", "events", "ignore", "unknown", "same_time", "unlogged", "roles",
)  # fmt: skip
_COLUMNS: Final = ("case", "event", "at", "who", "phase")
_WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "unknown": ("refuse", "ignore"),
    "same_time": ("file", "any"),
    "unlogged": ("refuse", "ignore"),
}


class EventRule(FrozenStruct, frozen=True, kw_only=True):
    """What one kind of event is to the workflow."""

    step: str | None = None
    """The trigger of the case's own step."""
    child: str | None = None
    """The workflow of the child that it moves."""
    open: str | None = None
    """The phase in which it opens such a child."""
    by: Mapping[str, str] = NOTHING
    """The trigger by the phase of the event's life cycle; what is in another phase is passed over."""
    match: Mapping[str, object] = NOTHING
    """Values by which the child is known among others."""
    sets: Mapping[str, object] = NOTHING
    """Values that the event brings: literal, or `=day`, `=at`, `=who`, `=column`."""


class LogMap(FrozenStruct, frozen=True, kw_only=True):
    """What a log is to a workflow."""

    workflow: str = ""
    columns: Mapping[str, str] = NOTHING
    zone: str | None = None
    """None if it is not said: the house's."""
    open_event: str | None = None
    """The event that opens a case; None if its first event is its first step."""
    open_sets: Mapping[str, object] = NOTHING
    events: Mapping[str, EventRule] = NOTHING
    ignore: frozenset[str] = frozenset()
    unknown: Literal["refuse", "ignore"] = "refuse"
    same_time: Literal["file", "any"] = "file"
    """any: of events at the same time (three at most) any order is tried."""
    unlogged: Literal["refuse", "ignore"] = "refuse"
    """ignore: what rests on values that no event brings is not asked."""
    roles: Mapping[str, frozenset[str]] = NOTHING
    """Of officers, the roles that they have; who is not named has all."""

    @property
    def headings(self) -> frozenset[str]:
        """The other columns of the log whose values are wanted."""
        every = (self.open_sets, *(each.sets for each in self.events.values()))
        return frozenset(
            value[1:]
            for sets in every
            for value in sets.values()
            if isinstance(value, str) and value.startswith("=") and value[1:] not in OF_EVENT
        )

    def carried(self, child: str | None = None) -> frozenset[str]:
        """Return the fields that the events bring, of the case or of a child by the name of its workflow."""
        rules = [each for each in self.events.values() if each.child == child]
        found = {name for each in rules for name in (*each.sets, *each.match)}
        return frozenset(found if child else found | set(self.open_sets))


def named_workflow(file: Path) -> str | None:
    """Return the workflow that a map names; None if it names none, or cannot be read."""
    plain, _, problems = read(file, str(file))
    name = plain.get("replay")
    return name if not problems and isinstance(name, str) else None


def read_columns(file: Path) -> LogMap:
    """Return what a map says of the log alone: columns, zone, what to ignore; the rest is passed over.

    Raises:
        InvalidWorkflowError: If any of that is wrong.
    """
    plain, where, problems = read(file, str(file))
    found = _OfLog(plain, where)
    made = found.of_log() if not problems else LogMap()
    _refuse([*problems, *found.wrong])
    return made


def _refuse(wrong: list[Problem]) -> None:
    if wrong:
        raise InvalidWorkflowError([each.text for each in sorted(wrong, key=lambda each: each.line)])


def read_log_map(file: Path, workflow: Workflow, others: Callable[[str], Workflow | None]) -> LogMap:
    """Return what a map says.

    Args:
        workflow: The one that is replayed.
        others: Gives a workflow by its name; None if there is none.

    Raises:
        InvalidWorkflowError: If anything in it is wrong; every mistake is named, each with its line.
    """
    plain, where, problems = read(file, str(file))
    found = _Found(plain, where, workflow, others)
    made = found.made() if not problems else LogMap()
    _refuse([*problems, *found.wrong])
    return made


class _Sets(NamedTuple):
    """Where values are set, and of which workflow."""

    place: Place
    workflow: Workflow


class _OfLog:
    """What a map says of the log alone, as it is read, with what is wrong in it."""

    def __init__(self, plain: Mapping[str, Any], where: Where) -> None:
        self.wrong: list[Problem] = []
        self._plain, self._where = plain, where

    def of_log(self) -> LogMap:
        """Return columns, zone and what to ignore."""
        return LogMap(
            columns=self._texts("columns", _COLUMNS),
            zone=self._zone(),
            ignore=frozenset(self._lines(self._plain, "ignore", ())),
        )

    def _say(self, place: Place, sentence: Text) -> None:
        self.wrong.append(self._where.problem(place, sentence))

    def _known(self, plain: Mapping[str, Any], keys: Collection[str], place: Place) -> None:
        for key in plain:
            if key not in keys:
                guess = did_you_mean(str(key), keys)
                self._say(
                    (*place, key),
                    Text(
                        f"is no key here{guess.en}; there are: {', '.join(keys)}",
                        f"此处没有这个键{guess.zh}；可用：{'、'.join(keys)}",
                    ),
                )

    def _mapping(self, plain: Mapping[str, Any], key: str, place: Place) -> Mapping[str, Any]:
        value = plain.get(key)
        if value is None:
            return NOTHING
        if not isinstance(value, dict):
            self._say((*place, key), Text("write keys and values", "请写成键和值"))
            return NOTHING
        return value

    def _text(self, plain: Mapping[str, Any], key: str, place: Place) -> str | None:
        value = plain.get(key)
        if value is None or isinstance(value, dict | list):
            if value is not None:
                self._say((*place, key), Text("write one text", "请写一段文字"))
            return None
        return str(value)

    def _texts(self, key: str, allowed: Collection[str] | None) -> dict[str, str]:
        found = self._mapping(self._plain, key, ())
        if allowed is not None:
            self._known(found, allowed, (key,))
        return {str(name): text for name in found if (text := self._text(found, name, (key,))) is not None}

    def _lines(self, plain: Mapping[str, Any], key: str, place: Place) -> list[str]:
        value = plain.get(key)
        if value is None:
            return []
        if isinstance(value, dict) or (
            isinstance(value, list) and any(isinstance(each, dict | list) for each in value)
        ):
            self._say((*place, key), Text("write a list: [one, another]", "请写成列表：[甲, 乙]"))
            return []
        return [str(each) for each in value] if isinstance(value, list) else [str(value)]

    def _zone(self) -> str | None:
        name = self._text(self._plain, "zone", ())
        if name is None:
            return None
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            self._say(("zone",), Text("is no time zone; write Asia/Shanghai", "不是时区名称，请写作 Asia/Shanghai"))
            return None
        return name


class _Found(_OfLog):
    """The whole of a map."""

    def __init__(
        self, plain: Mapping[str, Any], where: Where, workflow: Workflow, others: Callable[[str], Workflow | None]
    ) -> None:
        super().__init__(plain, where)
        self._workflow, self._others = workflow, others

    def made(self) -> LogMap:
        """Return the map."""
        self._known(self._plain, _KEYS, ())
        opened = self._mapping(self._plain, "open", ())
        self._known(opened, ("event", "set"), ("open",))
        if opened and "event" not in opened:
            self._say(("open",), Text("name the event: {event: Create}", "请写明事件：{event: Create}"))
        words: dict[str, Any] = {}
        for key, allowed in _WORDS.items():
            value = self._plain.get(key, allowed[0])
            if value not in allowed:
                self._say((key,), Text(f"is {' or '.join(allowed)}", f"须为 {' 或 '.join(allowed)}"))
                value = allowed[0]
            words[key] = value
        return self.of_log().replace(
            workflow=self._workflow.name,
            open_event=self._text(opened, "event", ("open",)),
            open_sets=self._sets(opened, _Sets(("open", "set"), self._workflow)),
            events={str(name): self._event(str(name), each) for name, each in self._events()},
            roles=self._roles(),
            **words,
        )

    def _roles(self) -> dict[str, frozenset[str]]:
        found = self._mapping(self._plain, "roles", ())
        every = {role for each in self._workflow.transitions for role in each.by} | set(self._workflow.open_by)
        roles = {}
        for who in found:
            roles[str(who)] = frozenset(self._lines(found, who, ("roles",)))
            for role in sorted(roles[str(who)] - every):
                guess = did_you_mean(role, every)
                self._say(
                    ("roles", who),
                    Text(f"no step asks for the role '{role}'{guess.en}", f"没有步骤需要角色“{role}”{guess.zh}"),
                )
        return roles

    def _events(self) -> Iterator[tuple[str, Any]]:
        yield from self._mapping(self._plain, "events", ()).items()

    def _event(self, name: str, plain: Any) -> EventRule:
        place: Place = ("events", name)
        if isinstance(plain, str):
            self._trigger(self._workflow, plain, place)
            return EventRule(step=plain)
        if not isinstance(plain, dict):
            self._say(place, Text("write the step that it is: {step: send}", "请写明对应的步骤：{step: send}"))
            return EventRule()
        self._known(plain, ("step", "child", "open", "by", "match", "set"), place)
        step, child = self._text(plain, "step", place), self._text(plain, "child", place)
        phases = self._mapping(plain, "by", place)
        of = self._workflow if child is None else self._child(child, place)
        if (step is None) == (not phases and "open" not in plain):
            self._say(place, Text("write either step or by", "step 与 by 须且只能写一个"))
        if child is None and ("match" in plain or "open" in plain):
            self._say(place, Text("match and open go with child", "match 和 open 须与 child 同用"))
        by = {str(phase): str(trigger) for phase, trigger in phases.items()}
        if of is None:
            return EventRule(step=step, child=child, by=by)
        for trigger in filter(None, (step, *by.values())):
            self._trigger(of, trigger, place)
        return EventRule(
            step=step,
            child=child,
            open=self._text(plain, "open", place),
            by=by,
            match=self._sets(plain, _Sets((*place, "match"), of)),
            sets=self._sets(plain, _Sets((*place, "set"), of)),
        )

    def _child(self, name: str, place: Place) -> Workflow | None:
        found = self._others(name)
        if found is None:
            self._say((*place, "child"), Text(f"there is no workflow '{name}'", f"没有流程“{name}”"))
        elif self._workflow.name not in found.parents:
            self._say(
                (*place, "child"),
                Text(
                    f"cases of {name} do not stand under those of {self._workflow.name}",
                    f"{name} 的事项不隶属于 {self._workflow.name}",
                ),
            )
        return found

    def _trigger(self, workflow: Workflow, name: str, place: Place) -> None:
        triggers = list(dict.fromkeys(each.trigger for each in workflow.transitions))
        if name not in triggers:
            guess = did_you_mean(name, triggers)
            self._say(
                place,
                Text(
                    f"workflow {workflow.name} has no step '{name}'{guess.en}",
                    f"流程 {workflow.name} 没有步骤“{name}”{guess.zh}",
                ),
            )

    def _sets(self, plain: Mapping[str, Any], at: _Sets) -> dict[str, object]:
        found = self._mapping(plain, str(at.place[-1]), at.place[:-1])
        for name in found:
            if name not in at.workflow.fields:
                guess = did_you_mean(str(name), at.workflow.fields)
                self._say((*at.place, name), Text(f"there is no such field{guess.en}", f"没有这个字段{guess.zh}"))
            value = found[name]
            if isinstance(value, dict) or (isinstance(value, list) and any(isinstance(e, dict | list) for e in value)):
                self._say((*at.place, name), Text("write one value, or a list of them", "请写一个值，或由值组成的列表"))
        return {str(name): value for name, value in found.items()}
