"""What a form asks for one field: made of its declaration, so that no page knows a field by name."""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, assert_never

from engine.errors import Reason
from engine.language import Text, language, t
from engine.operations.cases.drafts import Draft
from engine.operations.cases.value_checks import own_lists
from engine.operations.house.directory import acting_officers, open_units, roles_given
from engine.operations.ledger.acting import Acting
from engine.rules.case import Case
from engine.rules.transitions import Rules
from engine.rules.values import shown
from engine.workflow.field_traits import ByFieldType
from engine.workflow.model import Field, FieldType, Workflow

Kind = Literal["area", "line", "date", "moment", "number", "flag", "one", "several", "sealed"]
FEW: Final = 6
"""Up to so many choices stand there to be pressed; more are a list."""

MOST_POSTS: Final = 2
"""Posts that stand beside an officer."""

_KINDS: Final = ByFieldType[Kind](
    text="area",
    date="date",
    moment="moment",
    flag="flag",
    number="number",
    choice="one",
    choices="several",
    officer="one",
    officers="several",
    unit="one",
    sealed="sealed",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class FieldOption:
    """Something that can be chosen."""

    value: str
    title: str
    note: str = ""
    """What parts it from another of the same title."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Input:
    """One field of a form."""

    name: str
    title: str
    kind: Kind
    given: tuple[str, ...]
    """What was typed or chosen, as it was."""
    options: tuple[FieldOption, ...] = ()
    is_long: bool = False
    """There are more options than can stand side by side."""
    required: bool
    current: str = ""
    """What the case holds there now, in words."""
    basis: str = ""
    wrong: tuple[str, ...] = ()
    """Why what was typed cannot stand."""
    hint: str = ""
    """How it is written, where its kind does not say."""

    @property
    def words(self) -> str:
        """What was typed."""
        return self.given[0] if self.given else ""

    @property
    def is_given(self) -> bool:
        """Something was typed or chosen: a form that is sent brings its empty inputs as well."""
        return any(each.strip() for each in self.given)


class Fields:
    """Makes the inputs of a form about one case, or about one that is to be opened."""

    def __init__(self, acting: Acting, rules: Rules, *, unit: str, case: Case | None = None) -> None:
        """Remember what options depend on.

        Args:
            unit: Code of the unit whose case it is; empty if that is not known yet.
            case: The case; None if it is only about to be opened.
        """
        self._acting = acting
        self._ledger = acting.ledger
        self._rules = rules
        self._unit = unit
        self._case = case
        self._officers: Sequence[tuple[FieldOption, frozenset[str]]] | None = None

    def inputs(
        self,
        names: Iterable[str],
        *,
        required: frozenset[str],
        given: Mapping[str, tuple[str, ...]],
        reasons: Sequence[Reason] = (),
    ) -> list[Input]:
        """Return the inputs for some fields, in declared order.

        Args:
            required: Those that must be filled in.
            given: What was typed, by field.
            reasons: Why it was refused.
        """
        wanted = set(names)
        declared = self._rules.workflow.fields
        found = [each for each in declared.values() if each.name in wanted and each.gathers is None]
        lists: Mapping[str, str] = {}
        if self._unit and any(each.lists for each in found):
            asked = {each.name: "" for each in found if each.lists}
            lists = own_lists(
                self._ledger, self._rules, asked, unit=self._unit, today=self._acting.today, case=self._case
            )
        return [
            self._input(each, required=each.name in required, given=given, reasons=reasons, lists=lists)
            for each in found
        ]

    def _input(
        self,
        field: Field,
        *,
        required: bool,
        given: Mapping[str, tuple[str, ...]],
        reasons: Sequence[Reason],
        lists: Mapping[str, str],
    ) -> Input:
        """Return the input for one field."""
        kind: Kind = _KINDS[field.type]
        if kind == "area" and (field.pattern or field.unique):
            kind = "line"
        options = self._options(field, lists)
        value = None if self._case is None else self._case.fields.get(field.name)
        return Input(
            name=field.name,
            title=str(field.title),
            kind=kind,
            given=given.get(field.name, ()),
            options=options,
            is_long=len(options) > FEW,
            required=required,
            current="" if value is None else self._ledger.naming.veiled(shown(field, value, self._ledger.naming)),
            basis=field.basis or "",
            wrong=tuple(str(each.sentence) for each in reasons if each.field == field.name),
        )

    def _options(self, field: Field, lists: Mapping[str, str]) -> tuple[FieldOption, ...]:
        """Return what can be chosen."""
        match field.type:
            case FieldType.CHOICE | FieldType.CHOICES:
                own, workflow = lists.get(field.name), self._rules.workflow
                key = ("choices", workflow.name, str(workflow.version), field.name, str(own), language())
                return self._ledger.store.kept(
                    key,
                    lambda: tuple(
                        FieldOption(value=each.value, title=str(each.title))
                        for each in field.choices
                        if own is None or each.of_list == own
                    ),
                )
            case FieldType.OFFICER | FieldType.OFFICERS:
                wanted = frozenset(field.held_by)
                return tuple(each for each, roles in self._known_officers() if not wanted or roles & wanted)
            case FieldType.UNIT:
                return tuple(
                    FieldOption(value=each.code, title=each.name, note=each.code) for each in open_units(self._ledger)
                )
            case FieldType.FLAG:
                return (
                    FieldOption(value="true", title=t("yes", "是")),
                    FieldOption(value="false", title=t("no", "否")),
                )
            case FieldType.TEXT | FieldType.DATE | FieldType.MOMENT | FieldType.NUMBER | FieldType.SEALED:
                return ()
            case _:
                assert_never(field.type)

    def people(self) -> list[FieldOption]:
        """Return all officers who act, each with their post; those of the unit first."""
        return [each for each, _ in self._known_officers()]

    def _known_officers(self) -> Sequence[tuple[FieldOption, frozenset[str]]]:
        """Return the officers with their post and the roles that they have here; those of the unit first."""
        if self._officers is None:
            key = ("people", self._unit, language())
            self._officers = self._ledger.store.kept(key, self._officers_of_the_house)
        return self._officers

    def _officers_of_the_house(self) -> Sequence[tuple[FieldOption, frozenset[str]]]:
        """Return what `_known_officers` does, of the house as it stands."""
        given, titles, naming = roles_given(self._ledger), self._ledger.workflows.roles(), self._ledger.naming
        rows = []
        for each in acting_officers(self._ledger):
            roles = given.get(each.code, [])
            here = frozenset(role for role, unit in roles if unit in {"", self._unit} or not self._unit)
            own = any(unit and unit == self._unit for _, unit in roles)
            posts = dict.fromkeys(
                _post(titles.get(role), role, str(naming.unit(unit)) if unit else "") for role, unit in roles
            )
            note = t(", ", "、").join(list(posts)[:MOST_POSTS]) + ("…" if len(posts) > MOST_POSTS else "")
            rows.append((not own, not here, (FieldOption(value=each.code, title=each.name, note=note), here)))
        rows.sort(key=lambda row: row[:2])
        return [row[2] for row in rows]


def _post(title: Text | None, role: str, unit: str) -> str:
    """Return a post in words."""
    words = str(title or role)
    return f"{unit} {words}" if unit else words


def as_typed(draft: Draft) -> dict[str, tuple[str, ...]]:
    """Return a form that was begun as it stood."""
    return {
        name: tuple(map(str, value)) if isinstance(value, list) else (str(value),)
        for name, value in draft.values.items()
    }


def brought(
    workflow: Workflow,
    form: Mapping[str, tuple[str, ...]],
    *,
    names: Container[str] | None = None,
    whole: bool = False,
) -> dict[str, object]:
    """Return what a form brings, as an operation reads it.

    Args:
        form: What was typed, by field.
        names: Only these fields; None: all that are declared.
        whole: What stands empty is brought as empty; else it is left out.
    """
    found: dict[str, object] = {}
    for field in workflow.fields.values():
        if field.gathers is not None or (names is not None and field.name not in names):
            continue
        typed = [words for words in form.get(field.name, ()) if words.strip()]
        if typed:
            found[field.name] = typed if _KINDS[field.type] == "several" else typed[0]
        elif whole:
            found[field.name] = ""
    return found
