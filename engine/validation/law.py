"""Rules on law: a term fixed by law may be shortened by configuration, never relaxed (domain §0)."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import product

from engine.language import Text
from engine.validation.known import Finding, Known, listed
from engine.validation.terms import may_be_longer, written
from engine.workflow.deadline import Authority, Deadline, EndsByField, Extension, Term
from engine.workflow.model import Workflow
from engine.workflow.problems import Path, did_you_mean


def law_row(workflow: Workflow, deadline: Deadline) -> str | None:
    """Return the row of law that fixes *deadline*, as its declaration names it."""
    declared = workflow.plain.get("deadlines")
    mine = declared.get(deadline.name) if isinstance(declared, Mapping) else None
    row = mine.get("law") if isinstance(mine, Mapping) else None
    return row if isinstance(row, str) else None


def law_is_kept(workflow: Workflow, known: Known) -> Iterable[Finding]:
    """A deadline fixed by law names its row, and is no longer, not more extensible and not later than the row."""
    for deadline in workflow.deadlines.values():
        at: Path = ("deadlines", deadline.name)
        row = law_row(workflow, deadline)
        if deadline.authority is not Authority.LAW:
            if row is not None:
                yield (
                    (*at, "authority"),
                    Text(
                        f"row '{row}' is law, so the authority must be law",
                        f"“{row}”是法定期限，authority 必须为 law",
                    ),
                )
        elif row is None:
            yield (
                at,
                Text(
                    "a deadline fixed by law names its row of the list of law, as `law: N18`",
                    "法定期限须写明依据的法定期限条目，如 law: N18",
                ),
            )
        elif row not in known.law:
            yield (
                (*at, "law"),
                Text("the list of law has no row '{row}'{guess}", "法定期限表中没有“{row}”{guess}").format(
                    row=row, guess=did_you_mean(row, known.law)
                ),
            )
        else:
            yield from _beyond_row(deadline, row, known)


def shipped_law_is_kept(workflow: Workflow, known: Known) -> Iterable[Finding]:
    """A declaration that replaces a shipped one keeps each of its deadlines fixed by law, at least as strict."""
    shipped = known.shipped
    if shipped is None:
        return
    for was in shipped.deadlines.values():
        if was.authority is not Authority.LAW:
            continue
        now = workflow.deadlines.get(was.name)
        if now is None:
            yield (
                ("deadlines",),
                Text(
                    f"'{was.name}' is fixed by law and may not be left out",
                    f"“{was.name}”是法定期限，不得删去",
                ),
            )
        else:
            yield from _relaxed(was, now, shipped, workflow)


def _beyond_row(deadline: Deadline, row: str, known: Known) -> Iterator[Finding]:
    """Yield how *deadline* goes beyond its row of law."""
    at: Path = ("deadlines", deadline.name)
    limit = known.law[row]
    if not deadline.lengths:
        yield (
            at,
            Text(
                f"{row} fixes a term of {written(limit)} from the start, not a date; write `within`",
                f"{row} 规定自起算之日起 {written(limit)}，请用 within，不能写成固定日期",
            ),
        )
    for term in deadline.lengths:
        if may_be_longer(term, limit):
            yield (*at, "within"), _longer(term, limit, row)
    allowed = known.law_extensions.get(row)
    if deadline.extend is not None:
        yield from _extension_beyond(deadline.extend, allowed, row, (*at, "extend"))
    if deadline.end_roll == "forward" and row in known.law_unrolled:
        yield (
            (*at, "end_roll"),
            Text(
                f"{row} lets no last day move to the next working day",
                f"{row} 不允许期限末日顺延至下一工作日",
            ),
        )


def _extension_beyond(extend: Extension, allowed: Term | None, row: str, path: Path) -> Iterator[Finding]:
    """Yield how an extension goes beyond what the row of law allows."""
    if allowed is None:
        yield path, Text(f"{row} allows no extension", f"{row} 不允许延期")
        return
    if may_be_longer(extend.at_most, allowed):
        yield (*path, "at_most"), _longer(extend.at_most, allowed, row)
    if extend.times > 1:
        yield (*path, "times"), Text(f"{row} allows one extension", f"{row} 只允许延期一次")
    if extend.beyond_by:
        yield (
            (*path, "beyond_by"),
            Text(f"nobody may go beyond {row}", f"任何人不得超出 {row} 的规定"),
        )


def _relaxed(was: Deadline, now: Deadline, shipped: Workflow, workflow: Workflow) -> Iterator[Finding]:
    """Yield how the deadline *now* is laxer than the shipped *was*."""
    at: Path = ("deadlines", was.name)
    # Which value of a case will choose which term is not known here, so each is held to each.
    for limit, term in product(was.lengths, now.lengths):
        if may_be_longer(term, limit):
            yield (*at, "within"), _longer(term, limit, f"'{was.name}'")
    fewer = [state for state in was.runs_in if state not in now.runs_in]
    more = [state for state in now.paused_in if state not in was.paused_in]
    is_law = now.authority is Authority.LAW
    table = (
        ("authority", not is_law, Text("it must stay law", "authority 必须仍为 law")),
        ("law", is_law and law_row(shipped, was) != law_row(workflow, now), _KEEPS_ROW),
        ("within", was.lengths and not now.lengths, _STAYS_TERM),
        ("whose", now.is_theirs and not was.is_theirs, Text("it must stay ours", "必须仍为本方期限")),
        ("starts", now.starts != was.starts, Text("it must start as before", "起算方式不得更改")),
        ("runs_in", fewer, Text("it must still run in {fewer}", "必须仍在{fewer}计算").format(fewer=listed(fewer))),
        ("paused_in", more, Text("it may not rest in {more}", "不得在{more}暂停").format(more=listed(more))),
        ("if", now.if_ is not None and now.if_ != was.if_, _APPLIES),
        ("ends", _ends_earlier(was, now), Text("it must be met by the same act", "办结条件不得更改")),
        ("end_roll", now.end_roll == "forward" != was.end_roll, Text("its last day may not move", "末日不得顺延")),
        ("count_start", was.count_start and not now.count_start, Text("its first day counts", "起算当日必须计入")),
        ("reopen", _REOPENING.index(now.reopen) < _REOPENING.index(was.reopen), _COMES_BACK),
        ("extend", now.extend is not None and not _within_extension(now.extend, was.extend), _NO_MORE_TIME),
    )
    for key, relaxed, how in table:
        if relaxed:
            yield (*at, key), _relaxes(was, how)


def _ends_earlier(was: Deadline, now: Deadline) -> bool:
    """Say whether the deadline *now* may be met by another act than *was*; one way of leaving is no other act."""
    if was.ends is None:
        return isinstance(now.ends, EndsByField)
    return now.ends != was.ends


_KEEPS_ROW = Text("it must keep its row", "必须保留原法定期限条目")
_STAYS_TERM = Text("it must stay a term, not a date", "必须仍为期间，不能改为固定日期")
_APPLIES = Text("it must apply to as many cases", "适用范围不得缩小")
_COMES_BACK = Text("it must come back as before", "重新启动后的计算方式不得放宽")
_NO_MORE_TIME = Text("no more extension is allowed than before", "延期不得多于原规定")

_REOPENING = ("none", "restart", "continue")
"""What happens when a case comes back, from the laxest on."""


def _within_extension(now: Extension, was: Extension | None) -> bool:
    """Say whether the extension *now* allows nothing that *was* did not."""
    return (
        was is not None
        and not may_be_longer(now.at_most, was.at_most)
        and now.times <= was.times
        and (now.before_expiry or not was.before_expiry)
        and set(was.needs) <= set(now.needs)
        and set(now.beyond_by) <= set(was.beyond_by)
        and now.signature >= was.signature
        and (not was.signed_by or set() < set(now.signed_by) <= set(was.signed_by))
    )


def _longer(term: Term, limit: Term, source: str) -> Text:
    """Return the sentence that *term* goes beyond *limit*."""
    same = term.unit is limit.unit
    return Text(
        f"'{written(term)}' {'is' if same else 'can be'} longer than {source} allows ({written(limit)}); "
        "a term fixed by law cannot be relaxed",
        f"“{written(term)}”{'超出' if same else '可能超出'}{source}的规定（{written(limit)}），法定期限不得放宽",
    )


def _relaxes(was: Deadline, how: Text) -> Text:
    """Return the sentence that a deadline fixed by law is relaxed."""
    return Text("'{name}' is fixed by law and cannot be relaxed: {how}", "“{name}”是法定期限，不得放宽：{how}").format(
        name=was.name, how=how
    )
