"""Rules on titles: no two things of one kind bear one name, title or wording."""

from collections.abc import Iterable, Iterator, Mapping

from engine.expressions.evaluate import FUNCTIONS
from engine.language import Text
from engine.validation.known import Finding, Known
from engine.workflow.computed import STANDING_NAMES
from engine.workflow.deed_words import DEEDS, EXTENSION, VOIDING
from engine.workflow.field_traits import OFFICER_TYPES
from engine.workflow.model import Field, State, Workflow
from engine.workflow.problems import Path


def names_distinct(workflow: Workflow, _: Known) -> Iterable[Finding]:
    """No two things of one kind share a name, a title or a wording; a ledger could not tell them apart."""
    fields, states = workflow.fields.values(), workflow.states.values()
    plain = _part(workflow.plain, "fields"), _part(workflow.plain, "states")
    yield from _clashes((("fields", each.name), _wordings(each, _part(plain[0], each.name))) for each in fields)
    for field in fields:
        if field.list_name is None and not field.lists:
            yield from _clashes(_values(workflow, field))
    yield from _clashes((("states", each.name), _wordings(each, _part(plain[1], each.name))) for each in states)
    # A step that leads back stands there once for each state that it may lead to.
    returning = dict.fromkeys(each.name for each in workflow.transitions if each.came_from is not None)
    steps = (*(each.name for each in workflow.transitions if each.came_from is None), *returning)
    yield from _clashes((("transitions", name), (name,)) for name in steps)
    triggers = _triggers(workflow).items()
    yield from _clashes((("transitions", first), (trigger, *titles)) for trigger, (first, titles) in triggers)
    deadlines = workflow.deadlines.values()
    yield from _clashes((("deadlines", each.name), (each.name, each.title.en, each.title.zh)) for each in deadlines)


def names_free(workflow: Workflow, known: Known) -> Iterable[Finding]:
    """No field bears a name that means something else in expressions, among those who act, or where it is signed."""
    for field in workflow.fields.values():
        if field.name in STANDING_NAMES or field.name in FUNCTIONS:
            yield (
                ("fields", field.name),
                Text(
                    f"'{field.name}' already means something in expressions; give the field another name",
                    f"“{field.name}”在表达式中另有含义，请给字段另取名称",
                ),
            )
        elif field.name in known.roles and field.type in OFFICER_TYPES:
            yield (
                ("fields", field.name),
                Text(
                    f"'{field.name}' is also a role, so `by` and `to` could mean either",
                    f"“{field.name}”同时是角色名，by 和 to 中无法分辨",
                ),
            )
        elif field.name in DEEDS:
            yield ("fields", field.name), _signed_besides(field.name)


def triggers_free(workflow: Workflow, _: Known) -> Iterable[Finding]:
    """No step bears the name of what is signed beside the steps: a signature under one would be taken for the other."""
    for trigger, (first, _titles) in _triggers(workflow).items():
        if trigger in DEEDS:
            yield ("transitions", first), _signed_besides(trigger)


def _signed_besides(name: str) -> Text:
    """Return the sentence that a name is taken by what is signed beside the steps."""
    return Text(
        f"'{name}' stands for the signature under {_DEEDS_SAID[name].en}; take another name",
        f"“{name}”专指{_DEEDS_SAID[name].zh}的签字，请另取名称",
    )


_DEEDS_SAID = {
    EXTENSION: Text("the extension of a deadline", "延长期限"),
    VOIDING: Text("the voiding of a case", "作废"),
}


def groups_free(workflow: Workflow, _: Known) -> Iterable[Finding]:
    """No group of states bears a name that means something else in expressions."""
    for name in workflow.groups:
        if name in workflow.fields or name in STANDING_NAMES or name in FUNCTIONS:
            yield (
                ("groups", name),
                Text(
                    f"'{name}' already means something in expressions; give the group another name",
                    f"“{name}”在表达式中另有含义，请给状态组另取名称",
                ),
            )


def _wordings(thing: Field | State, plain: Mapping[str, object]) -> tuple[str, ...]:
    """Return all by which a thing is called in the declaration."""
    return thing.name, thing.title.en, thing.title.zh, *_declared(thing.also, plain)


def _values(workflow: Workflow, field: Field) -> Iterator[tuple[Path, tuple[str, ...]]]:
    """Yield the values of a choice with all by which they are called in the declaration."""
    rows = _part(_part(workflow.plain, "fields"), field.name).get("values")
    plain = {str(row.get("value")): row for row in rows if isinstance(row, Mapping)} if isinstance(rows, list) else {}
    for each in field.choices:
        also = _declared(each.also, plain.get(each.value, {}))
        yield ("fields", field.name, "values", each.value), (each.value, each.title.en, each.title.zh, *also)


def _declared(also: tuple[str, ...], plain: Mapping[str, object]) -> tuple[str, ...]:
    """Return those of *also* that the declaration itself gives.

    The rest are synonyms that are lent to every workflow; that one of them fits two fields of a workflow is no
    mistake in it.
    """
    given = plain.get("also", ())
    rows = given if isinstance(given, list | tuple) else (given,)
    texts = {str(row.get("text") if isinstance(row, Mapping) else row).strip() for row in rows}
    return tuple(each for each in also if each in texts)


def _part(plain: Mapping[str, object], name: str) -> Mapping[str, object]:
    """Return a part of the declaration as it was read; empty if there is none."""
    part = plain.get(name)
    return part if isinstance(part, Mapping) else {}


def _triggers(workflow: Workflow) -> dict[str, tuple[str, list[str]]]:
    """Return the first transition of each trigger, and the titles of all."""
    found: dict[str, tuple[str, list[str]]] = {}
    for transition in workflow.transitions:
        _, titles = found.setdefault(transition.trigger, (transition.name, []))
        titles += [transition.title.en, transition.title.zh]
    return found


def _clashes(things: Iterable[tuple[Path, tuple[str, ...]]]) -> Iterator[Finding]:
    """Yield each wording that an earlier thing already bears, at the later one."""
    owners: dict[str, Path] = {}
    for path, wordings in things:
        # Blanks and capitals are no difference that a ledger would keep to.
        mine = {"".join(each.split()).casefold(): each for each in reversed(wordings)}
        for folded, wording in mine.items():
            if folded in owners:
                yield (
                    path,
                    Text(
                        f"'{wording}' already means '{owners[folded][-1]}'; two things may not bear one name",
                        f"“{wording}”已指“{owners[folded][-1]}”，两者不能同名",
                    ),
                )
        owners = {**dict.fromkeys(mine, path), **owners}
