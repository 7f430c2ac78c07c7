"""The file that says what another version of a workflow calls otherwise; all mistakes in its form are found at once.

Whether the names are those of the versions is asked when the move is planned.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from engine.errors import InvalidWorkflowError
from engine.journal.migration_events import VersionMap
from engine.language import Text
from engine.reading.yaml_file import read
from engine.workflow.problems import Path as Place
from engine.workflow.problems import Problem, Where, did_you_mean, nowhere

_UNDER: Final = "under"


def version_maps(
    file: Path | None, workflow: str, *, states: Mapping[str, str], values: Mapping[str, object]
) -> dict[str, VersionMap]:
    """Return what is called otherwise, by workflow: what a file says, and what was typed, which goes before it.

    Args:
        file: None if there is none.
        workflow: The one that the file is about; `under` in it is about those whose cases stand under its cases.

    Raises:
        InvalidWorkflowError: If the file says anything else; every mistake is named, with its line.
    """
    plain, where, problems = ({}, nowhere, ()) if file is None else read(file, str(file))
    found = _Maps(where, list(problems))
    own = found.of(plain, (), also=(_UNDER,))
    below = {name: found.of(said, (_UNDER, name)) for name, said in found.mapping(plain, _UNDER, ()).items()}
    if workflow in below:
        found.say((_UNDER, workflow), Text("is what the file itself is about", "即本文件所述流程，不必再写"))
    if found.wrong:
        raise InvalidWorkflowError([each.text for each in sorted(found.wrong, key=lambda each: each.line)])
    typed = VersionMap(
        states={**own.states, **states},
        triggers=own.triggers,
        new_steps=own.new_steps,
        fields=own.fields,
        values=own.values,
        set={**own.set, **values},
    )
    return {workflow: typed, **below}


class _Maps:
    """What a file says, as it is read, with what is wrong in it."""

    def __init__(self, where: Where, wrong: list[Problem]) -> None:
        self.wrong = wrong
        self._where = where

    def say(self, place: Place, sentence: Text) -> None:
        """Note that something is wrong."""
        self.wrong.append(self._where.problem(place, sentence))

    def of(self, plain: object, place: Place, *, also: tuple[str, ...] = ()) -> VersionMap:
        """Return what is said of one workflow."""
        if not isinstance(plain, dict):
            if plain is not None:
                self.say(place, _KEYS_AND_VALUES)
            return VersionMap()
        allowed = (*VersionMap.__struct_fields__, *also)
        for key in plain:
            if key not in allowed:
                guess = did_you_mean(str(key), allowed)
                there = Text(", ".join(allowed), "、".join(allowed))
                sentence = Text("is no key here{guess}; there are: {there}", "此处没有这个键{guess}；可用：{there}")
                self.say((*place, key), sentence.format(guess=guess, there=there))
        values = self.mapping(plain, "values", place)
        fields, sets = self.mapping(plain, "fields", place), self.mapping(plain, "set", place)
        return VersionMap(
            states=self._names(plain, "states", place),
            triggers=self._names(plain, "triggers", place),
            new_steps=self._lines(plain, "new_steps", place),
            fields={
                name: None if to is None else self._name(to, (*place, "fields", name)) for name, to in fields.items()
            },
            values={name: self._names(values, name, (*place, "values")) for name in values},
            set={name: self._value(value, (*place, "set", name)) for name, value in sets.items()},
        )

    def mapping(self, plain: Mapping[str, Any], key: str, place: Place) -> dict[str, Any]:
        """Return what stands under a key, which has keys itself."""
        value = plain.get(key)
        if value is None or isinstance(value, dict):
            return value or {}
        self.say((*place, key), _KEYS_AND_VALUES)
        return {}

    def _names(self, plain: Mapping[str, Any], key: str, place: Place) -> dict[str, str]:
        return {name: self._name(value, (*place, key, name)) for name, value in self.mapping(plain, key, place).items()}

    def _name(self, value: object, place: Place) -> str:
        if value is None or isinstance(value, dict | list):
            self.say(place, Text("write one name", "请写一个名称"))
            return ""
        return str(value)

    def _lines(self, plain: Mapping[str, Any], key: str, place: Place) -> tuple[str, ...]:
        value = plain.get(key)
        if value is None:
            return ()
        if not isinstance(value, list):
            self.say((*place, key), Text("write a list: [one, another]", "请写成列表：[甲, 乙]"))
            return ()
        return tuple(self._name(each, (*place, key)) for each in value)

    def _value(self, value: object, place: Place) -> object:
        if isinstance(value, dict) or (isinstance(value, list) and any(isinstance(e, dict | list) for e in value)):
            self.say(place, Text("write one value, or a list of them", "请写一个值，或由值组成的列表"))
        return value


_KEYS_AND_VALUES: Final = Text("write keys and values", "请写成键和值")
