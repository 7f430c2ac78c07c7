"""What a template sees: a payload put into words, order and pictures in one language.

Everything here is pure. A template finds every name of its kind, `None` where the payload left
out what it may leave out; so a strict template can ask without knowing.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from engine.language import Language, Text, plain_text
from engine.workflow.ladder_levels import LadderLevel
from engine.workflow.lengths import length_said
from notifications.messages import OutboxMessage
from notifications.payloads import KINDS

SHOWN = 50
"""Entries of a digest that are written out; the rest is a number and the command that lists them."""

RETURNS_SHOWN = 100
"""Returns that a message lists; more than a year's of one unit."""

BAR_HEIGHT = 64
"""Pixels of the highest bar in the picture of the week."""

Levels = Mapping[str, LadderLevel]
"""The declared levels of reminding by name, the mildest first."""

_EVENT_TITLES = {
    "assigned": Text("assigned to you", "已交办给您"),
    "answered": Text("result has come back", "已收到反馈结果"),
    "returned": Text("returned to you", "已退回给您"),
    "receipted": Text("receipt confirmed", "已签收"),
    "reopened": Text("reopened", "已重新启动"),
    "extended": Text("deadline extended", "期限已延长"),
    "paused": Text("deadline paused", "期限已暂停"),
    "resumed": Text("deadline resumed", "期限已恢复"),
    "closed": Text("closed", "已办结"),
}

_OF_TIME = frozenset({"minutes", "hours", "working_hours"})

_WEEKDAYS = (
    Text("Mon", "一"),
    Text("Tue", "二"),
    Text("Wed", "三"),
    Text("Thu", "四"),
    Text("Fri", "五"),
    Text("Sat", "六"),
    Text("Sun", "日"),
)

_COMMON = ("recipient", "unit", "language", "kind", "link")
_DERIVED: Mapping[str, tuple[str, ...]] = {
    "digest": ("count", "overdue", "awaited", "today", "coming", "more", "week", "week_begins", "week_ends"),
    "notice": ("event_title", "due_said"),
    "test": ("sent_said",),
    "change": ("at_said",),
    "calendar_missing": (),
    "key_replaced": ("replaced_said",),
    "return_due": ("due_said", "left_said", "late"),
    "returns_due": ("count", "more"),
    "to_sign": ("count",),
    "unsigned": ("count",),
    "undelivered": ("count",),
}
_MOMENTS = {
    "test": ("sent_at", "sent_said"),
    "key_replaced": ("replaced_at", "replaced_said"),
    "change": ("at", "at_said"),
}
"""Kinds that tell of a moment: the key that holds it, and the name under which templates say it."""


def names_of(kind: str) -> frozenset[str]:
    """Return every name that a template of *kind* may use."""
    return frozenset((*_COMMON, *KINDS[kind], *_DERIVED[kind]))


def view_of(row: OutboxMessage, levels: Levels) -> dict[str, object]:
    """Return what the templates of *row* see; the payload has been found sound before."""
    language = row.language
    seen: dict[str, object] = dict.fromkeys(names_of(row.kind))
    seen |= {key: _said(value, language) for key, value in row.payload.items()}
    seen |= {"recipient": row.recipient.name, "unit": row.unit, "language": language, "kind": row.kind}
    if row.kind == "digest":
        seen |= _digest(row.payload, levels, language)
    if row.kind == "notice":
        seen["event_title"] = _in(_EVENT_TITLES[str(row.payload["event"])], language)
    if row.payload.get("due") is not None:
        seen["due_said"] = due_said(str(row.payload["due"]), language)
    if row.kind == "return_due":
        left = row.payload.get("left")
        seen["left_said"] = left_said(left, row.payload.get("counted_in"), language)
        seen["late"] = isinstance(left, int) and left < 0
    if row.kind == "returns_due":
        seen |= _returns(row.payload, language)
    if row.kind in {"to_sign", "unsigned"}:
        seen |= _signatures(row.payload, language)
    if row.kind == "undelivered":
        failures = row.payload["failures"]
        assert isinstance(failures, list | tuple), "checked by payload_problems"
        seen["count"] = len(failures)
    if row.kind in _MOMENTS:
        given, derived = _MOMENTS[row.kind]
        seen[derived] = due_said(str(row.payload[given]), language)
    return seen


def left_said(left: object, counted_in: object, language: Language, *, theirs: bool = False) -> str | None:
    """Say how much of a term is left or how late it is, in the term's own unit.

    Args:
        theirs: It is the other side's time.
    """
    if not isinstance(left, int) or not isinstance(counted_in, str):
        return None
    if left == 0:
        now = Text("due now", "即将到时") if counted_in in _OF_TIME else Text("due today", "今天到期")
        return _in(now, language)
    late = Text("{length} late", "已逾期 {length}")
    if theirs:
        late = Text("the other side's time is over by {length}", "对方已逾其期限 {length}")
    sentence = Text("{length} left", "还剩 {length}") if left > 0 else late
    return _in(sentence.format(length=length_said(abs(left), counted_in)), language)


def due_said(due: str, language: Language) -> str:
    """Say a due day or a due instant the way people write it."""
    if "T" not in due and " " not in due:
        day = date.fromisoformat(due)
        return due if language == "en" else f"{day.year}年{day.month}月{day.day}日"
    at = datetime.fromisoformat(due)
    if language == "en":
        return at.strftime("%Y-%m-%d %H:%M")
    return f"{at.year}年{at.month}月{at.day}日 {at:%H:%M}"


def week_of(dues: Sequence[date], as_of: date, language: Language) -> tuple[dict[str, object], ...]:
    """Return the bars of the week of *as_of*: before it, Monday to Sunday, after it.

    Every due day is in exactly one bar. `tone` is late, today or coming; `height` is in pixels,
    the highest bar `BAR_HEIGHT`, no bar that counts anything below 3.
    """
    monday = as_of - timedelta(days=as_of.weekday())
    days = [monday + timedelta(days=n) for n in range(7)]
    bars: list[tuple[str, date | None, int]]
    bars = [(_in(Text("earlier", "更早"), language), None, sum(due < monday for due in dues))]
    bars += [(_in(_WEEKDAYS[day.weekday()], language), day, sum(due == day for due in dues)) for day in days]
    bars.append((_in(Text("later", "以后"), language), None, sum(due > days[-1] for due in dues)))
    highest = max(count for _, _, count in bars)
    return tuple(
        {
            "label": label,
            "day": f"{day.month}-{day.day}" if day else "",
            "count": count,
            "tone": _tone(day or (as_of - timedelta(days=8 if place == 0 else -8)), as_of),
            "height": max(3, round(count / highest * BAR_HEIGHT)) if count else 0,
        }
        for place, (label, day, count) in enumerate(bars)
    )


def _tone(day: date, as_of: date) -> str:
    """Return how a due day stands to today; the day itself is not late."""
    return "late" if day < as_of else "today" if day == as_of else "coming"


def _digest(payload: Mapping[str, object], levels: Levels, language: Language) -> dict[str, object]:
    """Return the entries, most urgent first, with their counts and the picture of the week."""
    as_of = date.fromisoformat(str(payload["as_of"]))
    given = payload["entries"]
    assert isinstance(given, list | tuple), "checked by payload_problems"
    ranks = {name: rank for rank, name in enumerate(levels)}
    entries = sorted(given, key=lambda each: _urgency(each, ranks))
    dues = [_day_of(entry) for entry in entries]
    overdue = sum(due < as_of and not entry.get("theirs") for due, entry in zip(dues, entries, strict=True))
    awaited = sum(due < as_of and bool(entry.get("theirs")) for due, entry in zip(dues, entries, strict=True))
    shown = [due for due, entry in zip(dues, entries, strict=True) if due >= as_of or not entry.get("theirs")]
    today = dues.count(as_of)
    monday = as_of - timedelta(days=as_of.weekday())
    return {
        "as_of": due_said(as_of.isoformat(), language),
        "entries": [_entry(entry, as_of, levels, language) for entry in entries[:SHOWN]],
        "count": len(entries),
        "overdue": overdue,
        "today": today,
        "awaited": awaited,
        "coming": len(entries) - overdue - awaited - today,
        "more": max(0, len(entries) - SHOWN),
        "week": week_of(shown, as_of, language),
        "week_begins": f"{monday.month}-{monday.day}",
        "week_ends": "{0.month}-{0.day}".format(monday + timedelta(days=6)),
    }


def _returns(payload: Mapping[str, object], language: Language) -> dict[str, object]:
    """Return the returns that are owed, the first due first, with how many there are."""
    given = payload["returns"]
    assert isinstance(given, list | tuple), "checked by payload_problems"
    owed = sorted(given, key=lambda each: (_day_of(each), str(each["period"])))
    return {
        "returns": [
            {
                "number": None,
                "whose": None,
                **{key: _said(value, language) for key, value in each.items()},
                "due": due_said(str(each["due"]), language),
            }
            for each in owed[:RETURNS_SHOWN]
        ],
        "count": len(owed),
        "more": max(0, len(owed) - RETURNS_SHOWN),
    }


def _signatures(payload: Mapping[str, object], language: Language) -> dict[str, object]:
    """Return the signatures that are missing, with how many there are."""
    given = payload["signatures"]
    assert isinstance(given, list | tuple), "checked by payload_problems"
    blank = dict.fromkeys(("signature", "step", "of", "why"))
    said = [{**blank, **{key: _said(value, language) for key, value in each.items()}} for each in given]
    return {"signatures": said, "count": len(said)}


def _entry(entry: Mapping[str, object], as_of: date, levels: Levels, language: Language) -> dict[str, object]:
    """Return one entry in words."""
    level = entry["level"]
    known = levels.get(level) if isinstance(level, str) else None
    is_theirs = bool(entry.get("theirs"))
    return dict.fromkeys(_entry_keys()) | {
        **{key: _said(value, language) for key, value in entry.items()},
        "level": _in(known.title, language) if known else _said(level, language),
        "level_name": known.name if known else "other",
        "level_tone": known.tone if known else "other",
        "due": due_said(str(entry["due"]), language),
        "left": left_said(entry.get("left"), entry.get("counted_in"), language, theirs=is_theirs),
        "tone": "coming" if is_theirs else _tone(_day_of(entry), as_of),
    }


def _entry_keys() -> tuple[str, ...]:
    """Return the permitted keys of one entry."""
    each = KINDS["digest"]["entries"].each
    assert each is not None, "entries are rows"
    return tuple(each)


def _urgency(entry: Mapping[str, object], ranks: Mapping[str, int]) -> tuple[date, int, str]:
    """Return what to sort by: the longest overdue first, among equals the higher level, the number."""
    level = entry["level"]
    rank = ranks.get(level, -1) if isinstance(level, str) else -1
    return _day_of(entry), -rank, str(entry["number"])


def _day_of(entry: Mapping[str, object]) -> date:
    """Return the local due day of an entry."""
    return datetime.fromisoformat(str(entry["due"])).date()


def _said(value: object, language: Language) -> object:
    """Return a text in *language*; anything else as it is."""
    return _in(plain_text(value), language) if isinstance(value, Mapping) else value


def _in(text: Text, language: Language) -> str:
    """Return *text* in *language*."""
    return text.zh if language == "zh" else text.en
