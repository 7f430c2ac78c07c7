"""What a new version of a text changes, in words: steps, who may take them, terms, states, fields, values of lists."""

import json
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from engine.language import Text

LONGEST: Final = 160
"""Characters of a value that are shown; the text itself shows the rest."""

_PARTS: Final[Mapping[str, Text]] = {
    "fields": Text("field", "字段"),
    "states": Text("state", "状态"),
    "groups": Text("group of states", "状态组"),
    "transitions": Text("step", "动作"),
    "deadlines": Text("deadline", "期限"),
    "ladders": Text("reminders", "预警"),
    "recurs": Text("recurring", "定期开立"),
    "clearance": Text("counts as", "办结认定"),
    "rates": Text("rate", "指标"),
    "values": Text("value", "取值"),
    "words": Text("words", "用词"),
    "promises": Text("promise", "承诺"),
}
"""Parts that hold things of a kind, by name; other parts are shown whole."""

_KEYS: Final[Mapping[str, Text]] = {
    "by": Text("who may", "办理人"),
    "not_by": Text("who may not", "不得办理人"),
    "may": Text("powers", "权限"),
    "from": Text("from", "从"),
    "to": Text("to", "到"),
    "when": Text("conditions", "条件"),
    "if": Text("condition", "条件"),
    "needs": Text("must be there", "须具备"),
    "asks": Text("must be given", "须填写"),
    "takes": Text("may be given", "可填写"),
    "sets": Text("sets", "自动填写"),
    "within": Text("term", "期限"),
    "extend": Text("extension", "延期"),
    "starts": Text("starts", "起算"),
    "ends": Text("ends", "完成"),
    "runs_in": Text("runs in", "计时状态"),
    "paused_in": Text("paused in", "暂停状态"),
    "ladder": Text("reminders", "预警"),
    "required": Text("required", "必填"),
    "type": Text("type", "类型"),
    "title": Text("title", "标题"),
    "version": Text("version", "版本"),
    "open": Text("who may open", "登记"),
    "amend": Text("who may amend", "更正"),
    "void": Text("who may void", "作废"),
    "hand_over": Text("who may hand over", "移交"),
    "basis": Text("basis", "依据"),
    "authority": Text("set by", "制定依据"),
    "law": Text("row of law", "法定条目"),
    "on": Text("due on", "到期日"),
    "count_start": Text("first day counts", "起算日计入"),
    "end_roll": Text("last day off goes", "末日休息时"),
    "unpublished": Text("years without a calendar", "未公布日历的年度"),
    "reopen": Text("coming back", "再次进入时"),
    "then": Text("step once run out", "届满后的动作"),
    "whose": Text("whose time", "计时方"),
    "opens": Text("opens", "开立"),
    "clears": Text("empties", "清空"),
    "hands_to": Text("hands over to", "移交至"),
    "proof": Text("known at least by", "身份凭据"),
    "final": Text("an end", "终结状态"),
    "values": Text("values", "取值"),
    "unique": Text("given once", "不得重复"),
    "pattern": Text("form", "格式"),
    "held_by": Text("held by", "须具有角色"),
    "grows": Text("only grows", "只增不减"),
    "promise": Text("promise", "承诺"),
}


class Change(NamedTuple):
    """One thing that is otherwise."""

    part: str
    """The key of the declaration under which it stands."""
    name: str
    """Its own name there; empty if it is the whole part."""
    sentence: Text


def changes(before: Mapping[str, object] | None, after: Mapping[str, object]) -> Iterator[Text]:
    """Yield what *after* changes; nothing if there was nothing before."""
    return (each.sentence for each in named_changes(before, after))


def named_changes(before: Mapping[str, object] | None, after: Mapping[str, object]) -> Iterator[Change]:
    """Yield what *after* changes, each with where it stands; nothing if there was nothing before."""
    if before is None:
        return
    for part in dict.fromkeys((*before, *after)):
        old, new = _named(before.get(part)), _named(after.get(part))
        if part in _PARTS and (old or new):
            yield from (Change(part, name, said) for name, said in _of_part(_PARTS[part], old, new))
        elif part != "version" and before.get(part) != after.get(part):
            yield Change(part, "", _changed(_key(part), before.get(part), after.get(part)))


def changes_of_template(before: str, after: str) -> Iterator[Text]:
    """Yield which paragraphs a template has no longer and has besides, or that only its form changed."""
    from difflib import SequenceMatcher

    from documents.letters.fill import KeptTemplate, words_of
    from presentation.letter_book import template_content

    old, new = (words_of(KeptTemplate("", template_content(each))) for each in (before, after))
    parts = [each for each in SequenceMatcher(None, old, new, autojunk=False).get_opcodes() if each[0] != "equal"]
    for _, old_from, old_to, new_from, new_to in parts:
        if old_to - old_from == new_to - new_from:
            for was, now in zip(old[old_from:old_to], new[new_from:new_to], strict=True):
                yield _changed(Text("paragraph", "段落"), was, now)
            continue
        for was in old[old_from:old_to]:
            yield Text(f"paragraph removed: {_shown(was)}", f"删除段落：{_shown(was)}")
        for now in new[new_from:new_to]:
            yield Text(f"paragraph added: {_shown(now)}", f"新增段落：{_shown(now)}")
    if not parts:
        yield Text("the same words in another form: fonts, layout or pictures", "文字未变，字体、版式或图片有改动")


def _of_part(what: Text, old: Mapping[str, object], new: Mapping[str, object]) -> Iterator[tuple[str, Text]]:
    """Yield what is added, removed and changed among things of a kind, each with its name."""
    for name in dict.fromkeys((*old, *new)):
        called = Text(f"{what.en} {name}", f"{what.zh} {name}")
        if name not in new:
            yield name, Text(f"{called.en} removed", f"删除{called.zh}")
        elif name not in old:
            shown = _shown(new[name])
            yield name, Text(f"{called.en} added: {shown}", f"新增{called.zh}：{shown}")
        elif old[name] != new[name]:
            was, now = old[name], new[name]
            if not isinstance(was, Mapping) or not isinstance(now, Mapping):
                yield name, _changed(called, was, now)
                continue
            for key in dict.fromkeys((*was, *now)):
                if was.get(key) != now.get(key):
                    word = _key(key)
                    place = Text(f"{called.en}, {word.en}", f"{called.zh}，{word.zh}")
                    yield name, _changed(place, was.get(key), now.get(key))
    if list(old) != list(new) and sorted(old) == sorted(new):
        order = ", ".join(new)
        yield "", Text(f"{what.en}: another order, {order}", f"{what.zh}：顺序改为 {order}")


def _named(part: object) -> Mapping[str, object]:
    """Return the things in a part by name: a list of values by value, a value that is only a text by itself."""
    if isinstance(part, Mapping):
        return part
    if not isinstance(part, list):
        return {}
    return {str(each.get("value") if isinstance(each, Mapping) else each): each for each in part}


def _key(key: str) -> Text:
    """Return what a key means."""
    return _KEYS.get(key) or Text(key, key)


def _changed(what: Text, was: object, now: object) -> Text:
    """Return the sentence that something was one thing and is another."""
    return Text(f"{what.en}: {_shown(was)} → {_shown(now)}", f"{what.zh}：{_shown(was)} → {_shown(now)}")


def _shown(value: object) -> str:
    """Return a value on one line."""
    if value is None:
        return "-"
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        words = ", ".join(value) or "-"
    else:
        words = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return words if len(words) <= LONGEST else f"{words[:LONGEST]}…"
