"""The columns that a workflow wants of a ledger, and how ledgers write its states; reads nothing.

Everything is taken from the declaration: titles in both languages, other headings (`also` and the
synonyms, which a house extends in a file of its own), choices and their wordings. Besides the
fields a ledger may say in which state a case is and to which unit it belongs.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from documents.ledger_in.sheet_model import Kind, WantedColumn
from documents.ledger_in.text import compact, dashed
from engine.language import Text
from engine.rules.values import due_fields
from engine.workflow.model import Field, FieldType, State, Workflow

STATE = "state"
UNIT = "unit"
"""What the two columns beside the fields are called; no field may be called so."""

WHERE = "subject_unit"
"""The field for where something happened, by which a ledger of several units often says whose a lead is (涉及单位)."""

NUMBER = "case.number"
REVISION = "case.revision"
"""The columns by which an exported ledger is known when it comes back; a name with a dot is no field's."""

STATE_TITLES = ("当前状态", "State", "状态", "Status")
STATE_SYNONYMS = (
    *("办理情况", "办结情况", "办理状态", "办件状态", "核查状态", "处理状态", "案件状态", "线索状态", "办理进度"),
    *("办理进展", "进展情况", "工作进展", "目前状态", "Progress", "Current state"),
)
UNIT_TITLES = ("所属单位", "Unit", "单位", "单位代码")
UNIT_SYNONYMS = ("填报单位", "报送单位", "上报单位", "线索单位", "线索所属单位", "Unit code", "Reporting unit")


@dataclass(frozen=True, kw_only=True, slots=True)
class Wording:
    """One way in which ledgers write a state."""

    text: str
    state: str


def ledger_columns(workflow: Workflow) -> tuple[WantedColumn, ...]:
    """Return the columns that a ledger of *workflow* may have: one for each field, its state and its unit."""
    columns = [_column(workflow, field) for field in workflow.fields.values()]
    # A wording stands for itself: which one it was says more than the state alone (what it implies).
    choices = {text: text for text in state_wordings(workflow)}
    state = WantedColumn(
        name=STATE, kind="state", titles=STATE_TITLES, synonyms=STATE_SYNONYMS, choices=MappingProxyType(choices)
    )
    unit = WantedColumn(name=UNIT, kind="unit", titles=UNIT_TITLES, synonyms=UNIT_SYNONYMS)
    number = WantedColumn(name=NUMBER, kind="text", titles=("清零编号", "Qingling number"))
    revision = WantedColumn(name=REVISION, kind="number", titles=("清零版次", "Qingling revision"))
    return (*columns, state, unit, number, revision)


def state_wordings(workflow: Workflow) -> Mapping[str, Wording]:
    """Return every wording of a state by its text; one that could mean two states is left out, to be asked about."""
    found: dict[str, Wording] = {}
    by_key: dict[str, set[str]] = {}
    for wordings in _in_turn(workflow.states.values()):
        for each in wordings:
            found.setdefault(each.text, each)
            by_key.setdefault(_key(each.text), set()).add(each.state)
    return MappingProxyType({text: each for text, each in found.items() if len(by_key[_key(text)]) == 1})


_KINDS: Mapping[FieldType, Kind] = {
    FieldType.TEXT: "text",
    FieldType.DATE: "date",
    FieldType.MOMENT: "text",
    FieldType.FLAG: "flag",
    FieldType.NUMBER: "number",
    FieldType.CHOICE: "choice",
    FieldType.CHOICES: "text",
    FieldType.OFFICER: "officer",
    FieldType.OFFICERS: "officer",
    FieldType.UNIT: "unit",
    FieldType.SEALED: "sealed",
}


def _column(workflow: Workflow, field: Field) -> WantedColumn:
    """Return the column of one field."""
    is_key = field.name == workflow.import_key and field.type is FieldType.TEXT
    return WantedColumn(
        name=field.name,
        kind="ledger_number" if is_key else _KINDS[field.type],
        titles=tuple(dict.fromkeys((field.title.zh, field.title.en))),
        synonyms=field.also,
        due=field.name in due_fields(workflow),
        received=field.name == workflow.dated_by,
        choices=MappingProxyType(dict(_choices(field)) if field.type is FieldType.CHOICE else {}),
        implies=field.implies,
    )


def _choices(field: Field) -> Iterator[tuple[str, str]]:
    """Yield every way in which a value is written, with the value; titles first, since they are what is proposed.

    One that stands in several lists of the field stands for itself: the list of the row's unit says what it means.
    """
    known: set[str] = set()
    several = _of_several_lists(field)
    for words in (
        [(each.title.zh, each.value) for each in field.choices],
        [(word, each.value) for each in field.choices for word in (each.title.en, each.value)],
        [(word, each.value) for each in field.choices for word in each.also],
    ):
        for word, value in words:
            if word not in known:
                known.add(word)
                yield word, word if _key(word) in several else value


def _of_several_lists(field: Field) -> frozenset[str]:
    """Return the wordings that stand in several of the lists by which a field goes, as they are compared."""
    lists: dict[str, set[str | None]] = {}
    for each in field.choices if field.lists else ():
        for word in (each.title.zh, each.title.en, *each.also):
            lists.setdefault(_key(word), set()).add(each.of_list)
    return frozenset(word for word, found in lists.items() if len(found) > 1)


def _in_turn(states: Iterable[State]) -> Iterator[list[Wording]]:
    """Yield the wordings of all states: titles first, since they are what is proposed."""
    known = list(states)
    yield [Wording(text=each.title.zh, state=each.name) for each in known]
    yield [Wording(text=word, state=each.name) for each in known for word in each.also]
    yield [Wording(text=word, state=each.name) for each in known for word in (each.title.en, each.name)]


def _key(text: str) -> str:
    """Return the form in which wordings are compared."""
    return dashed(compact(text))


def no_column(field: Field) -> tuple[Text, Text]:
    """Return what is wrong with a sheet that has no column for a field that every row needs."""
    return (
        Text(
            f"no column for {field.title.en} ({field.name}), which every row needs",
            f"没有“{field.title.zh}”一栏，该栏必填",
        ),
        Text(
            f"add the column, or say with --map which one it is (HEADING: {field.name})",
            f"增加该栏，或用 --map 指明是哪一栏（写作“表头: {field.title.zh}”）",
        ),
    )
