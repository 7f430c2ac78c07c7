"""Asking at the terminal for the unit and the fields of a new case, with numbered choices; writes nothing."""

from collections.abc import Mapping
from datetime import date
from typing import Final, assert_never

from commands.console.output import talk
from commands.console.prompts import ask_secret, ask_words, ask_yes
from engine.errors import BadValueError
from engine.language import Text, language, t
from engine.operations.house.directory import acting_officers, open_units
from engine.operations.ledger.ledger import Ledger
from engine.rules.required import lacking_by_condition
from engine.rules.values import check_values
from engine.workflow.called import called
from engine.workflow.model import Choice, Field, FieldType, Workflow


def ask_unit(ledger: Ledger, *, ask: bool) -> str | None:
    """Return the only open unit; else the one that is chosen at the terminal, or None if none can be."""
    units = open_units(ledger)
    if len(units) == 1:
        return units[0].code
    if not ask:
        return None
    return chosen(t("Unit", "单位"), [(each.code, each.name) for each in units])


def ask_fields(ledger: Ledger, workflow: Workflow, values: dict[str, object], *, unit: str, today: date) -> None:
    """Ask for each required field that *values* lacks, for the sealed ones, and for what the answers demand."""
    missing = [each for each in workflow.fields.values() if each.required and values.get(each.name) in (None, "")]
    if not (missing or lacking_by_condition(workflow, values)):
        return

    def answered(field: Field) -> str:
        lists = _own_lists(ledger, workflow, field, values, unit, today)
        return _answered(ledger, workflow, field, lists=lists, today=today)

    talk(t("Ctrl-C stops; nothing is written until the end.", "按 Ctrl-C 中止；最后才写入。"))
    sealed = [f for f in workflow.fields.values() if f.type is FieldType.SEALED and f.name not in values]
    sealed = sealed if missing else []
    for field in [*missing, *(each for each in sealed if each not in missing)]:
        answer = answered(field)
        if answer != "":
            values[field.name] = answer
            if field.only_if is not None and values.get(field.only_if) is None:
                flag = workflow.fields[field.only_if]
                values[flag.name] = ask_yes(str(flag.title))
    for field in lacking_by_condition(workflow, values):
        values[field.name] = answered(field)


def _own_lists(
    ledger: Ledger, workflow: Workflow, field: Field, values: Mapping[str, object], unit: str, today: date
) -> Mapping[str, str]:
    """Return by which list the new case is classed, if the field goes by the unit's type and the day of receipt."""
    from engine.operations.cases.value_checks import own_lists

    if not field.lists:
        return {}
    rules, code = ledger.rules(workflow.name), ledger.unit(unit).code
    return own_lists(ledger, rules, {**values, field.name: ""}, unit=code, today=today)


def _answered(ledger: Ledger, workflow: Workflow, field: Field, *, lists: Mapping[str, str], today: date) -> str:
    """Ask for one field until the answer is right."""
    officers, units = ledger.known_codes()
    while True:
        answer = _asked(ledger, field, lists.get(field.name))
        if answer == "" and not field.required:
            return ""
        try:
            check_values(workflow, {field.name: answer}, officers=officers, units=units, today=today, lists=lists)
        except BadValueError as error:
            talk(error)
        else:
            if answer:
                return answer


_SUCH_AS: Final = {
    FieldType.DATE: Text(" (such as 2019-06-30)", "（如 2019-06-30）"),
    FieldType.MOMENT: Text(" (such as 2019-06-30 14:30)", "（如 2019-06-30 14:30）"),
    FieldType.FLAG: Text(" (yes or no)", "（是或否）"),
}
"""What shows how a value of a type is typed."""


def _asked(ledger: Ledger, field: Field, of_list: str | None) -> str:
    """Ask for one field in the way of its type; a choice among those of *of_list* if the case is classed by one."""
    title = str(field.title)
    match field.type:
        case FieldType.SEALED:
            return ask_secret(title + t(" (not shown; Enter if there is none)", "（不显示；没有则直接回车）"))
        case FieldType.CHOICE:
            own = tuple(each for each in field.choices if of_list in {None, each.of_list})
            return chosen(title, [(each.value, str(each.title)) for each in own], own, shows=language() == "en")
        case FieldType.OFFICER:
            return chosen(title, [(each.code, each.name) for each in acting_officers(ledger)])
        case FieldType.DATE | FieldType.MOMENT | FieldType.FLAG:
            return ask_words(title + str(_SUCH_AS[field.type]))
        case FieldType.TEXT | FieldType.NUMBER | FieldType.CHOICES | FieldType.OFFICERS | FieldType.UNIT:
            return ask_words(title)
        case _:
            assert_never(field.type)


def chosen(title: str, choices: list[tuple[str, str]], declared: tuple[Choice, ...] = (), *, shows: bool = True) -> str:
    """Show a numbered list and return the value that was chosen by number, value or title.

    Args:
        shows: Whether to show values beside titles; a number such as A5 always stands there, a name in a file does not.
    """
    talk(f"{title}{t(':', '：')}")
    for position, (value, name) in enumerate(choices, start=1):
        talk(f"  {position:>2}  {name}" + (f" ({value})" if name != value and (shows or not value.islower()) else ""))
    known = {value: value for value, _ in choices} | {name: value for value, name in choices}
    known |= {word: each.value for each in declared for word in (each.title.en, each.title.zh, *each.also)}
    while True:
        answer = ask_words(t("Number", "序号"))
        if answer.isdigit() and 1 <= int(answer) <= len(choices):
            return choices[int(answer) - 1][0]
        if answer in known:
            return known[answer]
        try:
            if (found := called(answer, {value: Text(value, name) for value, name in choices})) is not None:
                return found
        except BadValueError as several:
            talk(str(several))
        talk(t("choose 1 to {last}, or write one out", "请选 1 至 {last}，或写出其中一项", last=len(choices)))
