"""Rules on names: whatever a declaration names exists, and is of the kind that its place asks for."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from engine.language import Text
from engine.validation.known import (
    FIELD,
    LADDER,
    LIST,
    ROLE,
    STATE,
    TRIGGER,
    UNIT_TYPE,
    WORKFLOW,
    Finding,
    Known,
    openings,
    unknown,
)
from engine.workflow.case_file_layout import CaseFileLayout
from engine.workflow.deadline import (
    Deadline,
    EndsByEntering,
    EndsByField,
    OnField,
    StartsByEntering,
    StartsByField,
    WithinByValue,
)
from engine.workflow.field_traits import CHOICE_TYPES, DAY_TYPES, OFFICER_TYPES
from engine.workflow.model import FieldType, Workflow
from engine.workflow.powers import PROGRAM
from engine.workflow.problems import Path

APPLICATION = ("reason", "signed_by", "filed_on")
"""What an application for more time can be asked to bring (domain §7)."""

APPLICATION_PART = Text("part of an application", "延期申请事项")


_COUNTED: Final = {
    "starts": DAY_TYPES,
    "on": frozenset({FieldType.DATE}),
    "ends": DAY_TYPES,
    "within": frozenset(FieldType),
}
"""By key of a term, the types of fields that it can count from or to."""


def states_named(workflow: Workflow, _: Known) -> Iterable[Finding]:
    """Every state that a transition, a deadline or the clearance names is declared."""
    named: list[tuple[Path, tuple[str, ...]]] = []
    for transition in workflow.transitions:
        at: Path = ("transitions", transition.name)
        named.append(((*at, "from"), transition.sources))
        if transition.target is not None:
            named.append(((*at, "to"), (transition.target,)))
    for deadline in workflow.deadlines.values():
        at = ("deadlines", deadline.name)
        if isinstance(deadline.starts, StartsByEntering):
            named.append(((*at, "starts", "enter"), deadline.starts.states))
        if isinstance(deadline.ends, EndsByEntering):
            named.append(((*at, "ends", "enter"), deadline.ends.states))
        named += [((*at, "runs_in"), deadline.runs_in), ((*at, "paused_in"), deadline.paused_in)]
    named.append((("clearance", "cleared", "states"), workflow.cleared.states))
    named.append((("clearance", "fully_closed", "states"), workflow.fully_closed.states))
    for path, states in named:
        for state in states:
            if state not in workflow.states:
                yield path, unknown(STATE, state, (*workflow.states, *workflow.groups))


def fields_named(workflow: Workflow, _: Known) -> Iterable[Finding]:
    """Every field that is named is declared, and is of the type that its place asks for."""
    for path, name in _named_fields(workflow):
        if name not in workflow.fields:
            yield path, unknown(FIELD, name, workflow.fields)
        elif path[0] == "deadlines" and workflow.fields[name].type not in _COUNTED[str(path[2])]:
            yield (
                path,
                Text(
                    f"a term counts from a date or a moment, is met on one, or counts to a date, but '{name}' is of"
                    f" type {workflow.fields[name].type}",
                    "期限须自日期或时刻字段起算，以日期或时刻字段为办结之时，至日期字段届满，"
                    f"而“{name}”的类型是 {workflow.fields[name].type}",
                ),
            )
    dated_by = workflow.fields.get(workflow.dated_by)
    if dated_by and (dated_by.type is not FieldType.DATE or not dated_by.required):
        yield (
            ("dated_by",),
            Text(
                f"every case is dated, so '{workflow.dated_by}' must be a required date field",
                f"每件事项都须有日期，“{workflow.dated_by}”应为必填的日期字段",
            ),
        )
    key = workflow.fields.get(workflow.import_key or "")
    if key and key.type is not FieldType.TEXT:
        yield (
            ("import_key",),
            Text(
                f"a ledger's own number is a text, but '{key.name}' is of type {key.type}",
                f"台账自编号须为文本，而“{key.name}”的类型是 {key.type}",
            ),
        )


def roles_named(workflow: Workflow, known: Known) -> Iterable[Finding]:
    """Who may act or is reminded is a role, or an officer field of the case where cases are at hand."""
    officers = {name for name, field in workflow.fields.items() if field.type in OFFICER_TYPES}
    for path, names, fields_too in _named_roles(workflow):
        for name in names:
            if name in known.roles or (fields_too and name in officers):
                continue
            if name == PROGRAM and path[0] == "transitions":  # whether a deadline lets it is another rule's matter
                continue
            if fields_too and name in workflow.fields:
                sentence = Text(
                    f"'{name}' is a field that holds no officer, so it names nobody",
                    f"字段“{name}”不是人员字段，不能指明何人",
                )
            else:
                near = known.roles | officers if fields_too else known.roles
                sentence = unknown(ROLE, name, sorted(near))
            yield path, sentence


def applications_known(workflow: Workflow, _: Known) -> Iterable[Finding]:
    """What an application for more time must bring is something that it can bring."""
    for deadline in workflow.deadlines.values():
        for name in deadline.extend.needs if deadline.extend else ():
            if name not in APPLICATION:
                yield ("deadlines", deadline.name, "extend", "needs"), unknown(APPLICATION_PART, name, APPLICATION)


def somebody_acts(workflow: Workflow, _known: Known) -> Iterable[Finding]:
    """Every step, opening, extension and reminder names at least one who does or gets it."""
    for path, names, _ in _named_roles(workflow):
        may_be_empty = path[-1] == "beyond_by" or path[0] == "amend" or (path[0] == "open" and workflow.parents)
        if not names and not may_be_empty:
            yield path, Text("nobody is named, so nobody could ever do it", "未写明任何人，无人可办")


def file_shows_what_it_may(workflow: Workflow, _known: Known) -> Iterable[Finding]:
    """No sealed field has a place in the printed file of a case, and only officers sign."""
    layout = workflow.case_file or CaseFileLayout()
    places = {"marking": (layout.marking,), "cover": layout.cover, "papers": layout.papers}
    for key, names in places.items():
        for name in names:
            field = workflow.fields.get(name or "")
            if field is not None and field.type is FieldType.SEALED:
                sentence = Text(f"'{name}' is sealed and is never printed", f"“{name}”已密封，不得打印")
                yield ("case_file", key), sentence
    for name in layout.signatures:
        field = workflow.fields.get(name)
        if field is not None and field.type not in OFFICER_TYPES:
            sentence = Text(f"'{name}' holds no officer, so nobody signs there", f"字段“{name}”不是人员字段，无人签字")
            yield ("case_file", "signatures"), sentence


def flags_named(workflow: Workflow, _known: Known) -> Iterable[Finding]:
    """Whatever a value stands beside (`only_if`) is a flag of the workflow, which can be said when it is brought."""
    flags = [each.name for each in workflow.fields.values() if each.type is FieldType.FLAG]
    for field in workflow.fields.values():
        if field.only_if is not None and field.only_if not in flags:
            yield ("fields", field.name, "only_if"), unknown(FIELD, field.only_if, flags)


def gatherings_named(workflow: Workflow, known: Known) -> Iterable[Finding]:
    """What is gathered stands in a field of a child, in states that it has and its first one; no step brings it."""
    for field in workflow.fields.values():
        source = field.gathers
        if source is None:
            continue
        path: Path = ("fields", field.name, "gathers")
        child = known.with_itself(workflow).get(source.workflow)
        if child is None:
            yield (*path, "workflow"), unknown(WORKFLOW, source.workflow, known.with_itself(workflow))
            continue
        if source.field not in child.fields:
            yield (*path, "field"), unknown(FIELD, source.field, child.fields)
        for state in source.states:
            if state not in child.states:
                yield (*path, "states"), unknown(STATE, state, child.states)
        if child.initial not in source.states:
            yield (
                (*path, "states"),
                Text(
                    f"'{child.initial}', in which it is opened, must be one of them", f"须包含初始状态“{child.initial}”"
                ),
            )
        for each in workflow.transitions:
            if field.name in {*each.needs, *each.asks, *each.takes, *each.sets, *each.clears}:
                yield (
                    ("transitions", each.name),
                    Text(
                        f"'{field.name}' is gathered from children; no step brings it",
                        f"“{field.name}”由下级事项汇集，步骤不得填写",
                    ),
                )


def successors_named(workflow: Workflow, _known: Known) -> Iterable[Finding]:
    """The officer named again as a case goes to another unit stands in a field that names officers."""
    officers = [each.name for each in workflow.fields.values() if each.type in OFFICER_TYPES]
    for name in workflow.hand_over_names:
        if name in workflow.fields and name not in officers:
            yield ("hand_over", "names"), unknown(FIELD, name, officers)


def lists_named(workflow: Workflow, known: Known) -> Iterable[Finding]:
    """Every list that a field names exists, and every choice has something to choose from."""
    for field in workflow.fields.values():
        if field.list_name is not None and field.list_name not in known.lists:
            yield ("fields", field.name, "list"), unknown(LIST, field.list_name, known.lists)
        elif field.type in CHOICE_TYPES and not field.choices:
            yield (
                ("fields", field.name),
                Text(
                    "a choice needs a list or values to choose from",
                    "选项字段须写明 list 或 values",
                ),
            )


def types_named(workflow: Workflow, known: Known) -> Iterable[Finding]:
    """Every type of units by which a field has its list is declared, and the usual one is among them."""
    types = [each.value for each in known.lists.get("unit_types", ())]
    for field in workflow.fields.values():
        for name in field.lists:
            if name not in types:
                yield ("fields", field.name, "lists"), unknown(UNIT_TYPE, name, types)
        if field.lists and types and types[0] not in field.lists:
            yield (
                ("fields", field.name, "lists"),
                Text(
                    f"units without a type are of '{types[0]}', and there is no list for it",
                    f"未登记类型的单位按“{types[0]}”，但未为其指定列表",
                ),
            )


def ladders_named(workflow: Workflow, _: Known) -> Iterable[Finding]:
    """Every ladder that a deadline names is declared."""
    for deadline in workflow.deadlines.values():
        if deadline.ladder is not None and deadline.ladder not in workflow.ladders:
            yield ("deadlines", deadline.name, "ladder"), unknown(LADDER, deadline.ladder, workflow.ladders)


def workflows_named(workflow: Workflow, known: Known) -> Iterable[Finding]:
    """The parent, and every child that a step opens, is a workflow."""
    all_known = known.with_itself(workflow)
    for parent in workflow.parents:
        if parent not in all_known:
            yield ("parent",), unknown(WORKFLOW, parent, all_known)
    for at, opening in openings(workflow):
        if opening.workflow not in all_known:
            yield (*at, "workflow"), unknown(WORKFLOW, opening.workflow, all_known)


def figures_named(workflow: Workflow, known: Known) -> Iterable[Finding]:
    """What a return is filled with counts the cases of a workflow, or the steps that it has."""
    all_known = known.with_itself(workflow)
    for recurs in workflow.recurs.values():
        for name, filling in recurs.fills.items():
            path: Path = ("recurs", recurs.name, "fills", name)
            if filling.of not in all_known:
                yield (*path, "of"), unknown(WORKFLOW, filling.of, all_known)
                continue
            triggers = {each.trigger for each in all_known[filling.of].transitions}
            for position, trigger in enumerate(filling.steps):
                if trigger not in triggers:
                    yield (*path, "steps", position), unknown(TRIGGER, trigger, triggers)


def triggers_named(workflow: Workflow, known: Known) -> Iterable[Finding]:
    """An officer who is kept from a step by `not_by` did a trigger that exists, on this case or on its parent."""
    own = [transition.trigger for transition in workflow.transitions]
    parent = known.parent_of(workflow)
    above = [transition.trigger for transition in parent.transitions] if parent else []
    for transition in workflow.transitions:
        path = ("transitions", transition.name, "not_by")
        for named in transition.not_by:
            if named.of_parent and workflow.parent is None:
                yield (
                    path,
                    Text(
                        f"'{named}' looks where no case stands: only a child may look at 'parent:'",
                        f"“{named}”无从查起：只有下级事项可以写“parent:”",
                    ),
                )
                continue
            triggers = above if named.of_parent else own
            if named.of_parent and parent is None:
                continue
            for trigger in filter(None, (named.trigger, named.mark)):
                if trigger not in triggers:
                    yield path, _WHO_OPENED if trigger == "open" else unknown(TRIGGER, trigger, triggers)


_WHO_OPENED = Text(
    'who opened a case is no step: keep it in a field (open: {sets: {opener: "=by"}}) and write "opener != by" in when',
    '登记人不是步骤：请以字段记下（open: {sets: {opener: "=by"}}），并在 when 中写 "opener != by"',
)


def _named_fields(workflow: Workflow) -> Iterator[tuple[Path, str]]:
    """Yield every field that is named outside expressions and openings, with its place."""
    yield ("dated_by",), workflow.dated_by
    yield ("summary",), workflow.summary
    if workflow.import_key is not None:
        yield ("import_key",), workflow.import_key
    yield from _fields_of_file(workflow.case_file or CaseFileLayout())
    listed_names = (
        (("open", "takes"), workflow.open_takes),
        (("open", "sets"), tuple(workflow.open_sets)),
        (("hand_over", "names"), workflow.hand_over_names),
    )
    yield from ((path, name) for path, named in listed_names for name in named)
    for transition in workflow.transitions:
        for key, names in (
            ("needs", transition.needs),
            ("asks", transition.asks),
            ("takes", transition.takes),
            ("sets", tuple(transition.sets)),
            ("clears", transition.clears),
        ):
            for name in names:
                yield ("transitions", transition.name, key), name
    for field in workflow.fields.values():
        for words, sets in field.implies.items():
            yield from ((("fields", field.name, "implies", words), name) for name in sets)
    for state in workflow.states.values():
        for implied in state.legacy_sets.values():
            for name in implied if isinstance(implied, Mapping) else ():
                yield ("states", state.name, "also"), name
    yield from _fields_of_deadlines(workflow.deadlines.values())


def _fields_of_file(layout: CaseFileLayout) -> Iterator[tuple[Path, str]]:
    """Yield the fields that have a place of their own in the printed file of a case."""
    marking = (layout.marking,) if layout.marking else ()
    places = {"marking": marking, "cover": layout.cover, "signatures": layout.signatures, "papers": layout.papers}
    for key, names in places.items():
        yield from ((("case_file", key), name) for name in names)


def _fields_of_deadlines(deadlines: Iterable[Deadline]) -> Iterator[tuple[Path, str]]:
    """Yield the fields by which terms start, are due, are met or are chosen."""
    for deadline in deadlines:
        if isinstance(deadline.starts, StartsByField):
            yield ("deadlines", deadline.name, "starts", "field"), deadline.starts.field
        if isinstance(deadline.due, OnField):
            yield ("deadlines", deadline.name, "on", "field"), deadline.due.field
        if isinstance(deadline.ends, EndsByField):
            yield ("deadlines", deadline.name, "ends", "field"), deadline.ends.field
        if isinstance(deadline.due, WithinByValue):
            yield ("deadlines", deadline.name, "within", "field"), deadline.due.field


def _named_roles(workflow: Workflow) -> Iterator[tuple[Path, tuple[str, ...], bool]]:
    """Yield who is named where, and whether an officer field may stand there."""
    yield ("open", "by"), workflow.open_by, False
    yield ("amend", "by"), workflow.amend_by, False
    yield from ((("restricted", "to"), (each,), True) for each in workflow.restricted_to)
    others = (
        (("hand_over", "by"), workflow.hand_over_by),
        (("void", "by"), workflow.void_by),
        (("void", "signed_by"), workflow.void_signed_by),
    )
    yield from ((where, roles, False) for where, roles in others if roles)
    for field in workflow.fields.values():
        if field.held_by:
            yield ("fields", field.name, "held_by"), field.held_by, False
    for transition in workflow.transitions:
        yield ("transitions", transition.name, "by"), transition.by, True
    for deadline in workflow.deadlines.values():
        if deadline.extend is not None:
            yield ("deadlines", deadline.name, "extend", "by"), deadline.extend.by, False
            yield ("deadlines", deadline.name, "extend", "beyond_by"), deadline.extend.beyond_by, False
            if deadline.extend.withdraw_by:
                yield ("deadlines", deadline.name, "extend", "withdraw_by"), deadline.extend.withdraw_by, False
            if deadline.extend.signed_by:
                yield ("deadlines", deadline.name, "extend", "signed_by"), deadline.extend.signed_by, False
    for name, rungs in workflow.ladders.items():
        for position, rung in enumerate(rungs):
            yield ("ladders", name, position, "to"), rung.to, True
