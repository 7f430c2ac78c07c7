"""A condition typed in a clerk's own words becomes the expression that it means: 状态='已受理' 且 责任人='赵某'.

Titles of fields stand for their names, titles of states and choices for their values, names of units and
officers for their codes, and 且, 或, 非 for and, or, not; a day may be written in any way that people write
one. What is no such word stays as it was typed, and the check of expressions says what is wrong with it. A
comparison that can never hold is refused: it would answer that there is no such lead.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Final, assert_never

from engine.errors import BadValueError
from engine.expressions.evaluate import all_comparisons, check, names
from engine.language import Text
from engine.operations.house.directory import officers, unit_called, units
from engine.operations.ledger.ledger import Ledger
from engine.rules.readers import codes_by_name
from engine.rules.short_names import officer_meant
from engine.rules.transitions import Rules
from engine.workflow.field_traits import CHOICE_TYPES, DAY_TYPES, OFFICER_TYPES, TRAITS
from engine.workflow.model import Field, FieldType, Workflow
from engine.workflow.problems import did_you_mean
from engine.working_days.loose_dates import day_meant

_QUOTES: Final = str.maketrans("‘’“”＇＂「」", "''\"\"'\"''")
_DAY: Final = r"\d{4}(?:[-/.]\d{1,2}[-/.]\d{1,2}|年\d{1,2}月\d{1,2}日)"
_WIDE_DAY: Final = re.compile(r"""'[^']*'|"[^"]*"|[\d－．／-]+""")
_TOKEN: Final = re.compile(rf"""'[^']*'|"[^"]*"|{_DAY}|[^\W\d]\w*|\d+(?:\.\d+)?|[=!<>＝！＜＞][=＝]|\S""")
_COMPARED: Final = frozenset({"==", "!=", "<", ">", "<=", ">="})
_WORDS: Final = {
    "且": "and",
    "并且": "and",
    "或": "or",
    "或者": "or",
    "非": "not",
    "不是": "!=",
    "等于": "==",
    "是": "==",
}
_SIGNS: Final = {"=": "==", "≠": "!=", "≥": ">=", "≤": "<=", "，": ",", "、": ",", "【": "[", "】": "]"}
_BESIDES: Final = {"state": Text("state", "状态"), "unit": Text("unit", "单位")}
_FLAGS: Final = {"'是'": "true", "'否'": "false"}
_LINKS: Final = frozenset({"==", "!=", "in", "[", ",", "(", "not", "<", ">", "<=", ">="})
"""What may stand between a field and a value that it is compared with."""


def where_meant(ledger: Ledger, workflow: Workflow, typed: str, *, today: date) -> str:
    """Return the expression that *typed* means; one that is an expression already stays as it is.

    Args:
        today: The local date on which it was typed; a day without a year is of this one.

    Raises:
        BadValueError: If a quotation mark is left open, a day is none, or several units are called so.
    """
    if not typed.isascii() or re.search(r"(?<![=!<>])=(?!=)", typed):
        names = {"state": "state", "状态": "state", "unit": "unit", "单位": "unit", "所属单位": "unit"}
        names |= {word: field.name for field in workflow.fields.values() for word in (*field.also, field.title.zh)}
        names |= {field.name: field.name for field in workflow.fields.values()}
        tokens = [part for each in _tokens(typed) for part in _parted(each, names)]
        typed = " ".join(_translated(ledger, workflow, tokens, names))
    return _with_days(workflow, typed, today)


def never_holding(ledger: Ledger, workflow: Workflow, where: str) -> Iterator[Text]:
    """Yield why a comparison in an expression never holds, whatever the cases hold: nothing can have that value."""
    for name, literal in all_comparisons(where):
        field = workflow.fields.get(name)
        if literal is None or (field is None and name not in {"state", "unit"}):
            continue
        known: Sequence[str] = ()
        called: Sequence[str] = ()
        if name == "state":
            known, called = tuple(workflow.states), tuple(each.title.zh for each in workflow.states.values())
        elif field is None or field.type is FieldType.UNIT:
            known = tuple(each.code for each in units(ledger))
            called = tuple(each.name for each in units(ledger))
        elif field.type in OFFICER_TYPES:
            known = tuple(each.code for each in officers(ledger))
            called = tuple(each.name for each in officers(ledger))
        elif field.type in CHOICE_TYPES:
            known = tuple(each.value for each in field.choices)
            called = tuple(each.title.zh for each in field.choices)
        elif _may_hold(field.type, literal):
            continue
        if literal not in known:
            said = str(literal)[:40]
            yield Text("'{name}' is never '{said}'{guess}", "“{name}”不会是“{said}”{guess}").format(
                name=_BESIDES[name] if field is None else field.title,
                said=said,
                guess=Text(did_you_mean(said, known).en, did_you_mean(said, [*called, *known]).zh),
            )


def _may_hold(kind: FieldType, literal: object) -> bool:
    """Say whether a field that takes many values may have the one that stands in an expression.

    A day is compared with a day, which is no literal (`'2019-06-30'|day`).
    """
    stored = TRAITS[kind].stored
    match stored:
        case "truth":
            return isinstance(literal, bool)
        case "number":
            return isinstance(literal, int | float) and not isinstance(literal, bool)
        case "text" | "list":
            return isinstance(literal, str)
        case "day":
            return False
        case _:
            assert_never(stored)


def _with_days(workflow: Workflow, expression: str, today: date) -> str:
    """Return the expression with each day that a date is compared with as one."""
    dates = {each.name for each in workflow.fields.values() if each.type in DAY_TYPES} | {"today"}
    tokens = list(_TOKEN.finditer(expression))
    texts = [each.group() for each in tokens]
    parts: list[str] = []
    end = 0
    for place, each in enumerate(tokens):
        written = texts[place]
        after = texts[place + 1] if place + 1 < len(texts) else ""
        besides = (
            place >= 2 and texts[place - 1] in _COMPARED and texts[place - 2] in dates,
            after in _COMPARED and place + 2 < len(texts) and texts[place + 2] in dates,
        )
        is_day = written[0] in "'\"" or re.fullmatch(_DAY, written) is not None
        if is_day and after != "|" and any(besides):
            day = day_meant(written.strip("'\""), today=today)
            parts += [expression[end : each.start()], f"'{day.isoformat()}'|day"]
            end = each.end()
    return "".join((*parts, expression[end:]))


def _narrow(found: re.Match[str]) -> str:
    """Return a day in common width, that it is known as one; what stands in quotes stays."""
    return found[0] if found[0][0] in "'\"" else unicodedata.normalize("NFKC", found[0])


def _tokens(typed: str) -> Iterator[str]:
    """Yield the parts of what was typed, in common width outside quotes."""
    for each in _TOKEN.findall(_WIDE_DAY.sub(_narrow, typed.translate(_QUOTES))):
        if each in {"'", '"'}:
            raise BadValueError(
                Text("--where: a quotation mark is not closed", "--where：引号不成对"),
            )
        if each[0] in "'\"":
            yield f"'{each[1:-1]}'" if "'" not in each[1:-1] else each
        else:
            plain = unicodedata.normalize("NFKC", each)
            yield _SIGNS.get(plain, plain)


def _parted(token: str, names: Mapping[str, str]) -> tuple[str, ...]:
    """Return a title and the word that was written behind it without a blank (状态是); else the token."""
    for word in sorted(_WORDS, key=len, reverse=True):
        if token not in names and token.removesuffix(word) in names:
            return token.removesuffix(word), word
    return (token,)


def _translated(ledger: Ledger, workflow: Workflow, tokens: list[str], names: Mapping[str, str]) -> Iterator[str]:
    """Yield the parts of the expression; a value in quotes is that of the field beside it."""
    beside = ""
    for place, each in enumerate(tokens):
        if each[0] in "'\"":
            field = beside or _ahead(tokens[place + 1 :], names)
            yield _value(ledger, workflow, field, each)
        elif each in names:
            beside = names[each]
            yield beside
        elif each in {"是", "否"} and place and _WORDS.get(tokens[place - 1], tokens[place - 1]) in {"==", "!="}:
            yield _FLAGS[f"'{each}'"]
        else:
            word = _WORDS.get(each, each)
            if word not in _LINKS and word not in {"]", ")"}:
                beside = ""
            yield word


def _ahead(rest: list[str], names: Mapping[str, str]) -> str:
    """Return the field that follows a value, as in '已受理' == 状态; empty if none does."""
    return names.get(rest[1], "") if len(rest) > 1 and _WORDS.get(rest[0], rest[0]) in {"==", "!=", "in"} else ""


def _value(ledger: Ledger, workflow: Workflow, field: str, quoted: str) -> str:
    """Return the value that the words in quotes mean for *field*."""
    words = quoted[1:-1]
    found: str | None = None
    if field == "state":
        found = _state_called(workflow, words)
    elif field == "unit":
        found = unit_called(ledger, words)
    elif field in workflow.fields:
        declared = workflow.fields[field]
        if declared.type is FieldType.FLAG:
            return _FLAGS.get(quoted, quoted)
        if declared.type is FieldType.UNIT:
            found = unit_called(ledger, words)
        elif declared.type in OFFICER_TYPES:  # those who have left may be named still
            named = [(each.code, each.name) for each in officers(ledger)]
            found = codes_by_name(named).get(words) or officer_meant(words, named)
        else:
            said = {word: it.value for it in declared.choices for word in (*it.also, it.title.en, it.title.zh)}
            found = said.get(words)
            if found is not None and declared.lists:
                _refuse_several(declared, words)
    return quoted if found is None else f"'{found}'"


def _state_called(workflow: Workflow, words: str) -> str | None:
    """Return the state that is called so, by its title or another wording that only one of them has."""
    titled = {each.title.zh: each.name for each in workflow.states.values()}
    others = [each.name for each in workflow.states.values() if words in {each.title.en, *each.also}]
    return titled.get(words) or (others[0] if len(others) == 1 else None)


def _refuse_several(field: Field, words: str) -> None:
    """Refuse words that mean one value in each of several lists of a field.

    Raises:
        BadValueError: If they do; it names the codes.
    """
    meant = [it.value for it in field.choices if words in (*it.also, it.title.en, it.title.zh)]
    if len(meant) > 1:
        raise BadValueError(
            Text(
                f"'{words}' stands in several lists; write the code: {', '.join(meant)}",
                f"“{words}”见于多个列表，请写代码：{'、'.join(meant)}",
            )
        )


def refuse_unsound(ledger: Ledger, rules: Rules, where: str) -> None:
    """Refuse an expression that names what the workflow does not have, or what is sealed, or that can never hold.

    Raises:
        BadValueError: If it does.
    """
    wrong = list(check(where, rules.names))
    wrong += [
        Text(f"'{name}' is sealed and cannot be searched", f"“{name}”是密封字段，不能作为条件")
        for name in sorted(rules.sealed & names(where))
    ]
    wrong += () if wrong else never_holding(ledger, rules.workflow, where)
    if wrong:
        raise BadValueError(
            Text("--where: " + "; ".join(each.en for each in wrong), "--where：" + "；".join(each.zh for each in wrong))
        )
