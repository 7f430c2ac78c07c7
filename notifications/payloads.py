"""What each kind of message may carry: a list of permitted keys, and nothing beyond it.

Messages leave the house. A key that is not listed here is refused, so that no name of a reporter
or of a person reported can travel because someone found it handy (`domain.md` §8, §12).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from unicodedata import category

from engine.language import Text

COUNTED_IN = ("days", "working_days", "months", "hours", "working_hours", "minutes")

EVENTS = (
    "assigned",
    "answered",
    "returned",
    "receipted",
    "reopened",
    "extended",
    "paused",
    "resumed",
    "closed",
)
"""What a notice may be about."""

_LONGEST = 300  # characters of one value; a title, never a story


@dataclass(frozen=True, kw_only=True, slots=True)
class Key:
    """One permitted key of a payload."""

    fits: Callable[[object], bool]
    expected: Text
    needed: bool = True
    each: Mapping[str, "Key"] | None = None
    """The keys of each row of a list."""


def _is_text(value: object) -> bool:
    """Tell whether *value* is one short text, or one in each language."""
    if isinstance(value, Mapping):
        return set(value) <= {"en", "zh"} and bool(value) and all(map(_is_line, value.values()))
    return _is_line(value)


def _is_line(value: object) -> bool:
    """Tell whether *value* is one short line; blanks of every width are no fault: 张　三 is how a name is set."""
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST:
        return False
    return value.isprintable() or all(each.isprintable() or category(each) == "Zs" for each in value)


def _is_number(value: object) -> bool:
    """Tell whether *value* can be the number of a case."""
    return _is_line(value) and not any(each.isspace() for each in str(value)) and len(str(value)) <= 64


def _is_count(value: object) -> bool:
    """Tell whether *value* is a whole number."""
    return isinstance(value, int) and not isinstance(value, bool)


def _is_flag(value: object) -> bool:
    """Tell whether *value* is yes or no."""
    return isinstance(value, bool)


def _is_day(value: object) -> bool:
    """Tell whether *value* is a date, written YYYY-MM-DD."""
    try:
        return isinstance(value, str) and bool(date.fromisoformat(value))
    except ValueError:
        return False


def _is_due(value: object) -> bool:
    """Tell whether *value* is a date or an instant with its zone."""
    if _is_day(value):
        return True
    try:
        return isinstance(value, str) and datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False


def _one_of(*words: str) -> Callable[[object], bool]:
    """Return the test that a value is one of *words*."""
    return lambda value: isinstance(value, str) and value in words


def _is_rows(value: object) -> bool:
    """Tell whether *value* is a list of mappings, at least one."""
    return isinstance(value, list | tuple) and bool(value) and all(isinstance(row, Mapping) for row in value)


_TEXT = Key(fits=_is_text, expected=Text("one short line of text", "一行短文本"))
_NUMBER = Key(fits=_is_number, expected=Text("the number of a case", "事项编号"))
_COUNT = Key(fits=_is_count, expected=Text("a whole number", "整数"))
_DAY = Key(fits=_is_day, expected=Text("a date YYYY-MM-DD", "日期 YYYY-MM-DD"))
_DUE = Key(fits=_is_due, expected=Text("a date or an instant with its zone", "日期，或带时区的时刻"))
_UNIT = Key(
    fits=_one_of(*COUNTED_IN),
    expected=Text("one of " + ", ".join(COUNTED_IN), "应为 " + "、".join(COUNTED_IN)),
)
_EVENT = Key(fits=_one_of(*EVENTS), expected=Text("one of " + ", ".join(EVENTS), "应为 " + "、".join(EVENTS)))
_FLAG = Key(fits=_is_flag, expected=Text("true or false", "true 或 false"))


def _optional(key: Key) -> Key:
    """Return *key*, not needed."""
    return Key(fits=key.fits, expected=key.expected, needed=False, each=key.each)


def _rows(each: Mapping[str, Key]) -> Key:
    """Return the key of a list whose rows carry *each*."""
    return Key(fits=_is_rows, expected=Text("a list of mappings", "由映射组成的列表"), each=each)


_TERM = {"due": _DUE, "left": _optional(_COUNT), "counted_in": _optional(_UNIT)}

_ENTRY = {
    "number": _NUMBER,
    "case": _optional(_TEXT),
    "deadline": _TEXT,
    "level": _TEXT,
    **_TERM,
    "action": _optional(_TEXT),
    "provisional": _optional(_FLAG),
    "theirs": _optional(_FLAG),
    "acting_for": _optional(_TEXT),
    "unit": _optional(_TEXT),
    "lacking": _optional(_TEXT),
}

_RETURN = {
    "title": _TEXT,
    "period": _TEXT,
    "number": _optional(_NUMBER),
    "due": _DUE,
    "whose": _optional(_TEXT),
}

_SIGNATURE = {
    "number": _NUMBER,
    "case": _TEXT,
    "signature": _optional(_TEXT),
    "step": _optional(_TEXT),
}

KINDS: Mapping[str, Mapping[str, Key]] = {
    "digest": {
        "as_of": _DAY,
        "entries": _rows(_ENTRY),
        "night": _optional(_FLAG),
    },
    "notice": {
        "event": _EVENT,
        "number": _NUMBER,
        "case": _TEXT,
        "deadline": _optional(_TEXT),
        "due": _optional(_DUE),
        "action": _optional(_TEXT),
        "by": _optional(_TEXT),
        "acting_for": _optional(_TEXT),
    },
    "test": {"by": _optional(_TEXT), "sent_at": _DUE},
    "calendar_missing": {"year": _COUNT, "last_year": _COUNT, "provisional": _COUNT},
    "key_replaced": {"key": _TEXT, "by": _TEXT, "replaced_at": _DUE},
    "return_due": {
        "title": _TEXT,
        "period": _TEXT,
        "number": _optional(_NUMBER),
        "whose": _optional(_TEXT),
        **_TERM,
    },
    "returns_due": {"returns": _rows(_RETURN)},
    "to_sign": {"signatures": _rows(_SIGNATURE)},
    "unsigned": {"signatures": _rows({**_SIGNATURE, "of": _TEXT, "why": _TEXT})},
    "change": {
        "number": _NUMBER,
        "trigger": _TEXT,
        "revision": _COUNT,
        "at": _DUE,
        "night": _optional(_FLAG),
    },
    "undelivered": {"failures": _rows({"id": _COUNT, "to": _TEXT, "why": _TEXT})},
}
"""Kind to permitted keys. `left` counts in `counted_in`: 0 due now, negative late. `by` and
`acting_for` name officers, never anyone else."""


def payload_problems(kind: str, payload: Mapping[str, object]) -> tuple[Text, ...]:
    """Return all that speaks against sending *payload* as *kind*; empty if nothing does.

    Values are never repeated in the sentences: what must not be sent must not be logged either.
    """
    if kind not in KINDS:
        kinds = ", ".join(KINDS)
        return (Text("no such kind of message; there are {kinds}", "没有这种消息；可用：{kinds}").format(kinds=kinds),)
    return tuple(_problems(KINDS[kind], payload, ""))


def _problems(keys: Mapping[str, Key], given: Mapping[str, object], where: str) -> list[Text]:
    """Return what is wrong with *given*, each culprit named by its path."""
    found = [
        Text("{key} must not be in a message", "消息中不得含有 {key}").format(key=f"{where}{key}")
        for key in given
        if key not in keys
    ]
    for name, key in keys.items():
        path = f"{where}{name}"
        if name not in given or given[name] is None:
            if key.needed:
                found.append(Text("{key} is missing", "缺少 {key}").format(key=path))
            continue
        value = given[name]
        if not key.fits(value):
            sentence = Text("{key} must be {expected}", "{key} 应为{expected}")
            found.append(sentence.format(key=path, expected=key.expected))
        elif key.each is not None and isinstance(value, list | tuple):
            for place, row in enumerate(value, start=1):
                found += _problems(key.each, row, f"{path}[{place}].")
    return found
