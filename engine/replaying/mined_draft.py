"""The file that a mined log becomes: a workflow with a state after each activity, to be corrected by people."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from engine.language import Text, t
from engine.replaying.mining import MinedLog

_BEGIN: Final = "begun"
_FINISH: Final = "finish"
_FINISHED: Final = "finished"
_UNSEEN_DAYS: Final = 30
"""The term of a state that the log never sees the end of."""
_LONGEST_NAME: Final = 40
_LONGEST_TERM: Final = 3650


def draft(log: MinedLog, name: str) -> str:
    """Return the text of a workflow file, with comments in the language in use.

    Args:
        name: Of the workflow: lower-case letters, digits, _.
    """
    names = _names({activity for step in log.steps for activity in step if activity})
    lines = [*_head(log, name), "states:", f"  {_BEGIN}: {{title: {_both_of(Text('Begun', '已开始'))}}}"]
    for activity, short in names.items():
        final = ", final: true" if activity in log.finals else ""
        lines.append(f"  {short}: {_title(activity, more=final)}")
    if log.lasts:
        lines.append(f"  {_FINISHED}: {{title: {_both_of(Text('Finished', '已结束'))}, final: true}}")
    lines += ["transitions:", *_transitions(log, names)]
    lines += _deadlines(log, names)
    ends = ", ".join([*(names[each] for each in sorted(log.finals)), *([_FINISHED] if log.lasts else [])])
    lines += ["clearance:", f"  cleared: {{states: [{ends}]}}", f"  fully_closed: {{states: [{ends}]}}"]
    return "\n".join(lines) + "\n"


def _head(log: MinedLog, name: str) -> Iterator[str]:
    share = round(100 * log.covered / log.cases)
    yield t(
        "# Drafted from a log of {cases} cases and {events} events: {kept} of {found} steps, {share} % of the cases.",
        "# 由日志草拟（{cases} 件，{events} 个事件）：保留 {kept}/{found} 个步骤，覆盖 {share}% 的事项。",
        cases=log.cases,
        events=log.events,
        kept=len(log.steps),
        found=log.found,
        share=share,
    )
    yield t(
        "# What was done, not what must be: put in roles, fields and conditions. Test it: qingling workflow check",
        "# 只反映做过什么，未必应当如此：请补充角色、字段和条件。检查：qingling 流程 检查",
    )
    yield f"workflow: {name}"
    yield "version: 1"
    yield f"title: {{en: {name}, zh: {name}}}"
    yield f'number: "{{unit}}-{name.upper()}-{{year}}-{{serial:04}}"'
    yield "dated_by: received_on"
    yield "summary: subject"
    yield "open: {by: [office]}"
    yield "amend: {by: [office]}"
    yield "void: {by: [unit_head]}"
    yield "fields:"
    yield "  received_on: {type: date, required: true, title: {en: Received on, zh: 收到日期}}"
    yield "  subject: {type: text, title: {en: Subject, zh: 事由}}"


def _transitions(log: MinedLog, names: Mapping[str, str]) -> Iterator[str]:
    sources: dict[str, list[str]] = {}
    for before, after in log.steps:
        if before != after:
            sources.setdefault(after, []).append(names.get(before, _BEGIN))
    for activity, short in names.items():
        how_often = sum(count for (before, after), count in log.steps.items() if after == activity and before != after)
        again = log.steps.get((activity, activity))
        if activity in sources:
            states = ", ".join(sources[activity])
            yield f"  {short}:  # {how_often}"
            yield f"    {{title: {_both(activity)}, from: [{states}], to: {short}, by: [office]}}"
        if again:
            yield f"  {short}_again:  # {again}"
            yield f"    {{trigger: {short}, title: {_both(activity)}, from: {short}, by: [office]}}"
    if log.lasts:
        yield "  # " + t(
            "not in the log: cases were last seen in these states", "日志中没有此步骤：事项最后见于这些状态"
        )
        ends = ", ".join(names[each] for each in sorted(log.lasts))
        title = _both_of(Text("Finish", "结束"))
        yield f"  {_FINISH}: {{title: {title}, from: [{ends}], to: {_FINISHED}, by: [office]}}"


def _deadlines(log: MinedLog, names: Mapping[str, str]) -> Iterator[str]:
    yield "deadlines:"
    for activity, days in log.terms.items():
        if activity in log.finals:
            continue
        short = names.get(activity, _BEGIN)
        title = _both_of(Text(f"In {activity or 'begun'}", f"{activity or '已开始'}之后"))
        why = (
            t("nine of ten stays in the log were over by then", "日志中九成不超过此期限")
            if days is not None
            else t("the log sees no stay end; put in your own", "日志中未见结束，请自行填写")
        )
        yield f"  in_{short}:"
        yield f"    title: {title}"
        yield f"    starts: {{enter: {short}}}"
        yield f"    runs_in: {short}"
        yield f"    within: {min(days or _UNSEEN_DAYS, _LONGEST_TERM)} days  # {why}"
        yield "    authority: default"
        yield "    ladder: usual"
    yield "ladders:"
    yield "  usual:"
    yield "    - {at: +1 day, every: 7 days, level: chase, to: [office]}"


def _title(words: str, *, more: str = "") -> str:
    return f"{{title: {_both(words)}{more}}}"


def _both(words: str) -> str:
    """Return a title that is the same in both languages, as YAML."""
    return _both_of(Text(words, words))


def _both_of(words: Text) -> str:
    return f"{{en: {json.dumps(words.en, ensure_ascii=False)}, zh: {json.dumps(words.zh, ensure_ascii=False)}}}"


def _names(activities: Iterable[str]) -> dict[str, str]:
    """Return a name for each activity, such as a declaration may have; each is given once."""
    found: dict[str, str] = {}
    taken = {_BEGIN, _FINISH, _FINISHED}
    for place, activity in enumerate(sorted(activities), 1):
        plain = re.sub(r"[^a-z0-9]+", "_", activity.lower()).strip("_")[:_LONGEST_NAME].strip("_")
        short = plain if re.match(r"[a-z]", plain) else f"a{place}_{plain}".rstrip("_")
        while short in taken or short.endswith("_again") or short in {"back", "state", "open"}:
            short = f"{short}_{place}"
        taken.add(short)
        found[activity] = short
    return found
