"""A condition typed in a clerk's own words becomes the expression that it means: 状态='已受理' 且 责任人='赵某'.

Titles of fields stand for their names, titles of states and choices for their values, names of units and
officers for their codes, and 且, 或, 非 for and, or, not. What is no such word stays as it was typed, and
the check of expressions says what is wrong with it.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Final

from engine.operations.ledger.ledger import Ledger
from engine.workflow.model import FieldType, Workflow

_QUOTES: Final = str.maketrans("‘’“”＇＂「」", "''\"\"'\"''")
_TOKEN: Final = re.compile(r"""'[^']*'|"[^"]*"|[^\W\d]\w*|\d+(?:\.\d+)?|[=!<>]=|\S""")
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
_FLAGS: Final = {"'是'": "true", "'否'": "false"}
_LINKS: Final = frozenset({"==", "!=", "in", "[", ",", "(", "not", "<", ">", "<=", ">="})
"""What may stand between a field and a value that it is compared with."""


def where_meant(ledger: Ledger, workflow: Workflow, typed: str) -> str:
    """Return the expression that *typed* means; one that is an expression already stays as it is."""
    if typed.isascii() and not re.search(r"(?<![=!<>])=(?!=)", typed):
        return typed
    names = {"state": "state", "状态": "state", "unit": "unit", "单位": "unit", "所属单位": "unit"}
    names |= {word: field.name for field in workflow.fields.values() for word in (*field.also, field.title.zh)}
    names |= {field.name: field.name for field in workflow.fields.values()}
    tokens = [part for each in _tokens(typed) for part in _parted(each, names)]
    return " ".join(_translated(ledger, workflow, tokens, names))


def _tokens(typed: str) -> Iterator[str]:
    """Yield the parts of what was typed, in common width outside quotes."""
    for each in _TOKEN.findall(typed.translate(_QUOTES)):
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
    officers, units = ledger.known_codes()
    if field == "state":
        found = {each.title.zh: each.name for each in workflow.states.values()}.get(words)
    elif field == "unit":
        found = units.get(words)
    elif field in workflow.fields:
        declared = workflow.fields[field]
        if declared.type is FieldType.FLAG:
            return _FLAGS.get(quoted, quoted)
        known: Mapping[str, str] = {
            word: each.value for each in declared.choices for word in (*each.also, each.title.en, each.title.zh)
        }
        if declared.type in {FieldType.OFFICER, FieldType.OFFICERS}:
            known = officers
        elif declared.type is FieldType.UNIT:
            known = units
        found = known.get(words)
    else:
        found = None
    return quoted if found is None else f"'{found}'"
