"""How a statement of clearing to zero is printed: figures, what blocks, what was checked, and the pace."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from commands.console.command_lines import as_typed
from commands.console.output import heading, print_json, print_pairs, print_table, say, say_lines
from commands.console.widths import padded, width
from engine.campaigns.campaign import GROUP_TITLES, VERDICT_TITLES, Verdict, ZeroGroup, percent
from engine.campaigns.stated_scope import filters, plain_scope
from engine.language import Text, t
from engine.rules.reading_rights import is_masked
from presentation.case_view import entitled, state_words
from presentation.plain_words import harmless
from presentation.question_view import must_be_dated

if TYPE_CHECKING:
    from commands.console.context import AppContext
    from commands.zero.ledger import Difference
    from engine.operations.zero.blocking import Blocker
    from engine.operations.zero.late_leads import ClearedLate
    from engine.operations.zero.nearest import Act
    from engine.operations.zero.pace import Pace, UnitPace
    from engine.operations.zero.record_checks import Concern
    from engine.operations.zero.verdict import Statement, ZeroTally
    from engine.workflow.model import Workflow


_Lines = tuple[str, ...]


class _Kind(NamedTuple):
    """What is said alike of cases of one version that stand alike."""

    workflow: "Workflow"
    words: str
    """Their group and their state."""
    is_dated: bool
    """Each is dated by a day of its own, whatever its values."""


RHYTHMS = {
    "daily": Text("daily", "每日"),
    "weekly": Text("weekly", "每周"),
    "monthly": Text("monthly", "每月"),
    "quarterly": Text("quarterly", "每季度"),
}
"""How often, in words."""

SHOWN = 12
"""Numbers named of one finding; --json names all."""


def print_statement(
    app: "AppContext",
    statement: "Statement",
    found: "Sequence[Blocker]",
    checks: "Sequence[Concern]",
    differences: "Sequence[Difference] | None",
    *,
    as_json: bool,
    limit: int | None = None,
) -> None:
    """Print a statement, for scripts or for eyes.

    Args:
        found: What blocks: all of it, or as many as are named.
        limit: How many cases are named in each list; all if None, and for scripts.
    """
    if as_json:
        print_json(_as_json(statement, found, checks, differences))
        return
    for line in _head(statement):
        heading(line)
    if statement.verdict is Verdict.UNKNOWN:
        heading(t("THE JOURNAL DOES NOT HOLD: no figure here can be trusted", "日志校验不符：以下数字均不可信"))
    say()
    print_table(*_units(statement))
    say()
    heading(t("Rates", "指标"))
    print_pairs(_rates(statement.total, statement), indent=2)
    _print_beside(statement)
    for title, count, entries in _lists(app, statement, found):
        say()
        heading(title)
        say_lines(line for entry in islice(entries, limit) for line in entry)
        if limit is not None and count > limit:
            more = t("… and {rest} more (raise --limit, or leave it out)", "…… 另有 {rest} 件（调高或不写 --limit）",
                     rest=count - limit)  # fmt: skip
            say(f"  {as_typed(more)}")
    if checks:
        say()
        heading(t("Checks", "核查"))
        print_pairs(_concerns(checks), indent=2)
    if differences is not None:
        _print_differences(differences)


def print_pace(statement: "Statement", found: "Pace", *, as_json: bool) -> None:
    """Print how many days are left, what is needed on each, and who is behind."""
    if as_json:
        print_json(_pace_json(statement, found))
        return
    for line in _head(statement):
        heading(line)
    say()
    days = found.days_left
    print_pairs(
        [
            (
                t("time left", "剩余时间"),
                t("{days} days, {working} of them working days", "{days} 天，其中工作日 {working} 天",
                  days=days, working=found.working_days_left)
                if days >= 0
                else t("over for {days} days", "已超过 {days} 天", days=-days),
            ),
            (t("not cleared", "未清"), str(found.total.left)),
            (t("needed per working day", "每个工作日须清"), _per_day(found.total)),
            *_rhythm(statement),
        ],
        indent=2,
    )  # fmt: skip
    say()
    print_table(
        [
            t("unit", "单位"),
            t("not cleared", "未清"),
            t("per working day", "每工作日须清"),
            t("behind an even pace", "落后于均衡进度"),
        ],
        [
            (f"{each.unit} {each.name}", str(each.left), _per_day(each), str(each.behind) if each.behind else "—")
            for each in found.units
        ],
    )


def _rhythm(statement: "Statement") -> list[tuple[str, str]]:
    """Return the stage that a campaign is in, when it reports, and how often it looks and tells."""
    campaign, day = statement.campaign, statement.day
    stages = [str(each.title) for each in campaign.stages if each.from_on <= day <= each.to_on]
    return [
        (t("stage", "阶段"), t(", ", "、").join(stages)),
        (t("report due", "报告时限"), campaign.report_on.isoformat() if campaign.report_on else ""),
        (t("check-in", "调度"), str(RHYTHMS[campaign.check_in]) if campaign.check_in else ""),
        (t("bulletin", "通报"), str(RHYTHMS[campaign.bulletin]) if campaign.bulletin else ""),
    ]


def frozen_text(app: "AppContext", statement: "Statement", found: "Sequence[Blocker]", digest: str, heads: str) -> str:
    """Return a frozen statement as people read it, in the language in use.

    Args:
        digest: Of its JSON.
        heads: Digest of all chains.
    """
    from commands.shared.journal_notes import coverage_words
    from engine.operations.house.checkpoints import coverage
    from engine.operations.ledger.hand_clock import mark_of

    headings, rows = _units(statement)
    rooms = [max(width(row[place]) for row in (headings, *rows)) for place in range(len(headings))]
    lines = [*map(str, filter(None, [mark_of(app.ledger)])), *_head(statement), ""]
    lines += ["  ".join(map(padded, row, rooms)).rstrip() for row in (headings, *rows)]
    lines += ["", t("Rates", "指标")]
    rates = _rates(statement.total, statement)
    room = max((width(name) for name, _ in rates), default=0)
    lines += [f"  {padded(name, room)}  {value}" for name, value in rates]
    for title, _, entries in _lists(app, statement, found):
        lines += ["", title, *(harmless(line) for entry in entries for line in entry)]
    lines += ["", f"SHA-256  {digest}", t("chains   {heads}", "日志链  {heads}", heads=heads)]
    lines.append(coverage_words(app.ledger, coverage(app.ledger)))
    return "\n".join(lines) + "\n"


def _head(statement: "Statement") -> Iterator[str]:
    """Yield the lines that say what is asked and what the answer is."""
    campaign, total = statement.campaign, statement.total
    yield t("{title}, as of {day}", "{title}  截至 {day}", title=campaign.title, day=statement.day)
    scope = (
        t("received up to {to}", "{to}（含）以前收到", to=campaign.received_to)
        if campaign.received_from is None
        else t(
            "received from {first} to {to}", "{first} 至 {to} 收到",
            first=campaign.received_from, to=campaign.received_to,
        )
    ) + t(", to be cleared by {by}", "，{by} 前清零", by=campaign.clear_by)  # fmt: skip
    if campaign.extend_to is not None:
        scope += t(", extensions to {day} at most", "，延期最迟至 {day}", day=campaign.extend_to)
    yield scope + (t(", only unit {unit}", "，仅单位 {unit}", unit=statement.unit) if statement.unit else "")
    yield from map(str, filters(campaign))
    if statement.verdict is Verdict.EMPTY:
        yield str(VERDICT_TITLES[Verdict.EMPTY])
        return
    said = t(
        "{verdict}: {left} of {scope} not cleared",
        "{verdict}：纳入 {scope} 件，未清 {left} 件",
        verdict=VERDICT_TITLES[statement.verdict],
        left=total.blocking,
        scope=total.scope,
    )
    if total.overdue:
        said += t("; {count} cleared late", "；逾期清零 {count} 件", count=total.overdue)
    gone = t("; {count} corrected out of the scope", "；另有 {count} 件经更正移出范围", count=total.left)
    yield said + (gone if total.left else "")


def _units(statement: "Statement") -> tuple[list[str], list[tuple[str, ...]]]:
    """Return the table of the five groups by unit."""
    headings = [t("unit", "单位"), t("in scope", "纳入"), *(str(GROUP_TITLES[each]) for each in ZeroGroup)]
    headings.append(t("cleared", "清零率"))
    rows = [_row(f"{each.unit} {each.name}", each) for each in statement.units]
    return headings, [*rows, _row(t("all", "合计"), statement.total)]


def _row(name: str, tally: "ZeroTally") -> tuple[str, ...]:
    """Return the figures of one unit."""
    cleared = tally.groups[ZeroGroup.FULLY_CLOSED] + tally.groups[ZeroGroup.CLEARED]
    figures = (str(tally.groups[each]) for each in ZeroGroup)
    return name, str(tally.scope), *figures, percent(cleared, tally.scope)


def _rates(tally: "ZeroTally", statement: "Statement") -> list[tuple[str, str]]:
    """Return the rates with their figures and definitions."""
    found = []
    for rate in statement.campaign.rates:
        top, bottom = tally.rates[rate.name]
        definition = str(rate.definition)
        if rate.on_time:
            terms = (str(statement.campaign.words.get(each, Text(each, each))) for each in rate.on_time)
            definition += t(" (terms: {terms})", "（期限：{terms}）", terms=t(", ", "、").join(terms))
        found.append((str(rate.title), f"{padded(percent(top, bottom), 9)} {top}/{bottom}  {definition}"))
    return found


def _print_differences(differences: "Sequence[Difference]") -> None:
    """Print where ledgers and the register do not agree."""
    say()
    heading(t("Ledgers compared", "台账核对"))
    for each in differences:
        say("  " + harmless(str(each.sentence)))
    if not differences:
        say("  " + t("every row agrees with the register", "逐行一致"))


def _named(count: int, numbers: "Sequence[str]") -> str:
    """Return a figure with the numbers behind it; nothing for none."""
    more = t(" and {rest} more", " 等", rest=count - SHOWN) if count > SHOWN else ""
    return f"{count}  {t(', ', '、').join(numbers[:SHOWN])}{more}" if count else ""


def _print_beside(statement: "Statement") -> None:
    """Print what stands beside the figures."""
    total = statement.total
    say()
    print_pairs(
        [
            (t("registered after the cut-off", "截止日后补登"), str(total.late) if total.late else ""),
            (t("cleared after their day", "逾期清零"), str(total.overdue) if total.overdue else ""),
            (t("came back after they were cleared", "回流"), _named(total.returned, statement.returned)),
            (t("corrected out of the scope", "经更正移出范围"), str(total.left) if total.left else ""),
            (t("repeats, counted with the first", "重复件（并入首件）"), str(total.repeats) if total.repeats else ""),
            (t("void", "已作废"), str(total.void) if total.void else ""),
        ],
        indent=2,
    )


def _lists(
    app: "AppContext", statement: "Statement", found: "Sequence[Blocker]"
) -> Iterator[tuple[str, int, Iterator[list[str]]]]:
    """Yield a title, a count and the lines of each case: what blocks, was cleared late, or taken out of the scope."""
    if statement.blocking:
        words = _BlockerWords(app)
        yield t("Not cleared", "未清事项"), len(statement.blocking), map(words.lines, found)
    if statement.overdue:
        late = ([f"  {_overdue(each)}"] for each in statement.overdue)
        yield t("Cleared late", "逾期清零事项"), len(statement.overdue), late
    if statement.left:
        gone = ([f"  {each}"] for each in statement.left)
        yield t("Corrected out of the scope", "经更正移出范围"), len(statement.left), gone


def _overdue(each: "ClearedLate") -> str:
    """Return one case that was cleared after its day."""
    return t(
        "{number}  {unit}  cleared {cleared}, its day was {due}: {days} days late",
        "{number}  {unit}  {cleared} 清零，应于 {due} 前，逾期 {days} 天",
        number=each.number,
        unit=each.unit,
        cleared=each.cleared_on,
        due=each.due_on,
        days=each.days,
    )


class _BlockerWords:
    """Says what there is to say of cases that block; of those that are alike in it, once.

    What a sentence of every case says is taken once from both languages, and filled in for each.
    """

    def __init__(self, app: "AppContext") -> None:
        self._app = app
        self._received = t("received {day}", "{day} 收到")
        self._extended = t("extended to {day}", "延期至 {day}")
        self._due = t("due {day}", "{day} 到期")
        self._back = t("came back", "回流")
        self._kinds: dict[tuple[str, int, str, ZeroGroup], _Kind] = {}
        self._known: dict[
            tuple[object, ...], tuple[object, tuple[str, ...], dict[tuple[str, ...], tuple[str, ...]]]
        ] = {}
        """By what they have in common: what that is, who is named by their values, and what is said for these."""

    def lines(self, each: "Blocker") -> list[str]:
        """Return the lines about one case."""
        case = each.case
        key = (case.workflow, case.version, case.state, each.group)
        kind = self._kinds.get(key)
        if kind is None:
            workflow = self._app.ledger.rules_of(case).workflow
            words = f"{GROUP_TITLES[each.group]}  {state_words(workflow, case.state)}"
            kind = self._kinds[key] = _Kind(workflow, words, must_be_dated(workflow))
        said = f"  {case.number}  {kind.words}"
        if kind.is_dated or case.fields.get(kind.workflow.dated_by) is not None:
            said += "  " + self._received.format(day=case.dated_on)
        if each.extended_to:
            said += "  " + self._extended.format(day=each.extended_to)
        elif each.due_on:
            said += "  " + self._due.format(day=each.due_on)
        if each.is_returned:
            said += "  " + self._back
        return [said, *self._below(each, kind.workflow)]

    def _below(self, each: "Blocker", workflow: "Workflow") -> Iterable[str]:
        """Return what a case lacks, and who must act."""
        case, acts = each.case, each.acts
        for act in acts:
            if act.case is not case:  # it names another case
                return _below(self._app, each, workflow)
        steps = [act.step for act in acts]
        key = (case.workflow, case.version, is_masked(case.number), id(each.missing), *map(id, steps))
        known = self._known.get(key)
        if known is None:
            by = tuple(name for step in steps for name in step.by) or tuple(workflow.amend_by)
            held = each.missing, *steps  # held, or another might have its id
            known = self._known[key] = held, tuple(name for name in by if name in workflow.fields), {}
        who = tuple([str(case.fields.get(name)) for name in known[1]])
        said = known[2].get(who)
        if said is None:
            said = known[2][who] = tuple(_below(self._app, each, workflow))
        return said


def _below(app: "AppContext", each: "Blocker", workflow: "Workflow") -> Iterator[str]:
    """Yield what a case lacks, and who must act."""
    for sentence in each.missing:
        yield f"      - {sentence}"
    for act in each.acts:
        yield "      → " + _act(app, each, act)
    if not each.acts and not is_masked(each.case.number):
        who = entitled(app.ledger, workflow, workflow.amend_by, each.case.fields)
        yield "      → " + t("complete the record; by {who}", "补全数据；办理人：{who}", who=who)


def _act(app: "AppContext", blocker: "Blocker", act: "Act") -> str:
    """Return the nearest step, by whom, and what it lacks."""
    workflow = app.ledger.rules_of(act.case).workflow
    on = "" if act.case.number == blocker.case.number else f"{act.case.number} "
    who = entitled(app.ledger, workflow, act.step.by, act.case.fields)
    line = t(
        "{on}{title} ({trigger}); by {who}", "{on}{title}；办理人：{who}",
        on=on, title=act.step.title, trigger=act.step.trigger, who=who,
    )  # fmt: skip
    lacks = t("; ", "；").join(map(str, act.step.missing))
    return line + (t("; lacks: {lacks}", "；尚缺：{lacks}", lacks=lacks) if lacks else "")


def _concerns(checks: "Iterable[Concern]") -> list[tuple[str, str]]:
    """Return what was looked for and what was found."""
    pairs = []
    for each in checks:
        named = t(", ", "、").join(each.found[:SHOWN])
        count = len(each.found)
        more = t(" and {rest} more", " 等共 {count} 件", rest=count - SHOWN, count=count)
        said = t("none", "无") if not each.found else f"{count}  {named}"
        pairs.append((("! " if each.found else "✓ ") + str(each.title), said + (more if count > SHOWN else "")))
    return pairs


def _per_day(each: "UnitPace") -> str:
    """Return how many must be cleared on each working day."""
    if each.left == 0:
        return "0"
    return "—" if each.per_day is None else str(each.per_day)


def _as_json(
    statement: "Statement",
    found: "Sequence[Blocker]",
    checks: "Sequence[Concern]",
    differences: "Sequence[Difference] | None",
) -> dict[str, object]:
    """Return a statement for scripts."""
    from engine.operations.zero.frozen import plain

    said = plain(statement, found)
    said["checked"] = bool(checks)
    if checks:
        said["checks"] = [
            {"name": each.name, "title": _both(each.title), "found": list(each.found), "grave": each.is_grave}
            for each in checks
        ]
    if differences is not None:
        said["ledgers"] = [
            {"file": each.file, "at": each.at, "number": each.number, "kind": each.kind, "said": _both(each.sentence)}
            for each in differences
        ]
    return said


def _pace_json(statement: "Statement", found: "Pace") -> dict[str, object]:
    """Return the pace for scripts."""

    def unit(each: "UnitPace") -> dict[str, object]:
        return {"left": each.left, "needed_per_working_day": each.per_day, "behind": each.behind}

    return {
        "campaign": statement.campaign.name,
        "year": statement.campaign.year,
        "as_of": statement.day.isoformat(),
        "clear_by": statement.campaign.clear_by.isoformat(),
        "scope": plain_scope(statement.campaign, statement.unit),
        "verdict": statement.verdict.value,
        "cleared_late": [each.number for each in statement.overdue],
        "corrected_out": [each.number for each in statement.left],
        "days_left": found.days_left,
        "working_days_left": found.working_days_left,
        "working_days_elapsed": found.elapsed,
        "working_days_in_all": found.length,
        "total": unit(found.total),
        "units": [{"unit": each.unit, "name": each.name, **unit(each)} for each in found.units],
    }


def _both(text: Text) -> dict[str, str]:
    """Return a text in both languages."""
    return {"en": text.en, "zh": text.zh}
