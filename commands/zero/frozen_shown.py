"""Frozen statements: shown as they were, with what came back and what of the campaign changed since."""

from typing import TYPE_CHECKING

from commands.console.output import print_json, say
from commands.zero.trusting import refuse_broken, refuse_part
from engine.campaigns.campaign import VERDICT_TITLES, Verdict
from engine.errors import ClearedLateError, NotZeroError, unreadable
from engine.language import Text, t

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from commands.console.context import AppContext
    from engine.campaigns.campaign import Campaign
    from engine.operations.zero.frozen import Frozen
    from engine.operations.zero.verdict import Statement


def show_frozen(app: "AppContext", statement: "Statement", *, as_json: bool) -> "Frozen | None":
    """Print the statements that were frozen and, next to each, what came back since.

    Returns:
        The newest of them that is of what was asked about: the only unit, or the whole campaign.
    """
    from engine.operations.house.directory import units
    from engine.operations.zero.frozen import frozen, returned_since

    every = frozen(app.ledger, statement.campaign)
    if not app.reader.reads_all:
        codes = {each.code for each in units(app.ledger) if each.id in app.reader.units}
        every = tuple(each for each in every if each.unit in codes)
    found = every if statement.unit is None else tuple(each for each in every if each.unit == statement.unit)
    rows = [(each, returned_since(app.ledger, each, statement)) for each in found]
    newest = next((each for each in reversed(found) if each.unit == statement.unit), None)
    if as_json:
        print_json([_as_json(each, back, statement.campaign) for each, back in rows])
        return newest
    if not every:
        say(t("no statement of this campaign has been frozen", "该专项行动尚无封存结果"))
    elif not found:
        say(
            t(
                "none of the {count} frozen statements is of unit {unit}, and none answers for it; "
                "without --frozen it is computed now",
                "{count} 份封存结果均不是单位 {unit} 的，不能代替；不写 --frozen 即按现状核对",
                count=len(every),
                unit=statement.unit,
            )
        )
    for each, back in rows:
        _print(app, each, back, statement.campaign)
    return newest


def _as_json(each: "Frozen", back: "Sequence[str]", campaign: "Campaign") -> dict[str, object]:
    """Return a frozen statement for scripts, with what came back and what of the campaign changed since."""
    import json

    from engine.operations.zero.frozen import changed_since

    return {
        "seq": each.seq,
        "by": each.by,
        "as_of": each.day.isoformat(),
        "unit": each.unit,
        "verdict": each.standing_verdict.value,
        "digest": each.digest,
        "whole": each.is_whole,
        "statement": json.loads(each.text),
        "not_shown": each.not_shown,
        "returned_since": list(back),
        "changed_since": [{"en": said.en, "zh": said.zh} for said in changed_since(each, campaign)],
    }


def _print(app: "AppContext", each: "Frozen", back: "Sequence[str]", campaign: "Campaign") -> None:
    """Print a frozen statement, with what came back and what of the campaign changed since."""
    import json

    from engine.operations.zero.frozen import changed_since
    from presentation.case_view import when

    said = json.loads(each.text)
    total = said["total"]
    say(
        t(
            "as of {day}{unit}: {verdict}; {scope} in scope, {blocking} not cleared; frozen {at} by {by}",
            "截至 {day}{unit}：{verdict}；纳入 {scope} 件，未清 {blocking} 件；{at} 由 {by} 封存",
            day=each.day,
            unit="" if each.unit is None else t(", only unit {unit}", "，仅单位 {unit}", unit=each.unit),
            verdict=VERDICT_TITLES[each.standing_verdict],
            scope=total["scope"],
            blocking=sum(total["groups"][name] for name in ("extended", "open", "incomplete")),
            at=when(app.ledger, each.at),
            by=each.by,
        )
    )
    if each.corrected_out:
        numbers = t(", ", "、").join(each.corrected_out)
        say(t("  corrected out of the scope: {numbers}", "  经更正移出范围：{numbers}", numbers=numbers))
    say(f"  SHA-256 {each.digest}" + ("" if each.is_whole else t("  DOES NOT MATCH", "  不符")))
    for line in said.get("filters", ()):
        say(f"  {Text(line['en'], line['zh'])}")
    for late in said.get("cleared_late", ()):
        say(
            t(
                "  {number} cleared {days} days late, on {day}",
                "  {number} 逾期 {days} 天清零（{day}）",
                number=late["number"],
                days=late["days"],
                day=late["cleared_on"],
            )
        )
    if each.not_shown:
        say(
            t(
                "  lines not shown, of cases that {by} may not see: {n}",
                "  涉及 {by} 无权查阅的事项，未显示 {n} 行",
                n=each.not_shown,
                by=app.reader.code,
            )
        )
    for change in changed_since(each, campaign):
        say(t("  ! the campaign has changed since: {said}", "  ！封存后专项行动有改动：{said}", said=change))
    say(
        t("  came back since: {numbers}", "  其后回流：{numbers}", numbers=t(", ", "、").join(back))
        if back
        else t("  nothing came back since", "  其后无回流")
    )


def refuse_altered(app: "AppContext", campaign: "Campaign", folder: "Path | None") -> None:
    """Leave with 30 if a file of a frozen statement in *folder* is not what was frozen.

    Its JSON and the text beside it are digested; statements that older versions froze have no digest of their text.

    Raises:
        BadFileError: If a file there cannot be read.
        NotZeroError: If so.
    """
    from hashlib import sha256

    from engine.operations.zero.frozen import frozen

    if folder is None:
        return
    every = [
        (f"-{each.day}" + (f"-{each.unit}" if each.unit else ""), {".json": each.digest, ".txt": each.printed})
        for each in frozen(app.ledger, campaign)
    ]
    named = f"zero-{campaign.name}" + (f"-{campaign.year}" if campaign.year else "")
    altered = []
    for file in sorted((*folder.glob(f"{named}-*.json"), *folder.glob(f"{named}-*.txt"))):
        wanted = [digests[file.suffix] for ends, digests in every if file.stem.endswith(ends)]
        if None in wanted:  # an older version froze one of that name
            continue
        try:
            content = file.read_bytes()
        except OSError as error:
            raise unreadable(str(file), error) from error
        if wanted and sha256(content).hexdigest() not in wanted:
            altered.append(str(file))
    if altered:
        raise NotZeroError(
            Text(
                "{files}: not as it was frozen; what was frozen is shown by: qingling zero NAME --frozen --json",
                "{files}：与封存时不符；日志中存有原件，请查看：qingling zero 名称 --frozen --json",
            ).format(files=", ".join(altered))
        )


def leave_frozen(app: "AppContext", newest: "Frozen | None", campaign: "Campaign") -> None:
    """Leave with exit code 0 only if the newest frozen statement says zero of this scope, and the journal holds.

    Raises:
        ClearedLateError: If it says zero, but late.
        NotZeroError: If not.
    """
    from engine.operations.zero.counted_wrong import counted_wrong, says
    from engine.operations.zero.frozen import changed_since
    from engine.operations.zero.record_checks import whole
    from engine.operations.zero.verdict import end_of

    if newest is None:
        raise NotZeroError(
            Text("no frozen statement of this scope says that it is zero", "没有认定该范围清零的封存结果")
        )
    refuse_part(app)
    refuse_broken(whole(app.ledger, now=app.now))
    at = min(end_of(newest.day, app.ledger.zone), newest.at + 1)
    if wrong := counted_wrong(app.ledger, campaign, end_at=at, unit=newest.unit):
        raise NotZeroError(says(wrong))
    changed = changed_since(newest, campaign)
    if changed:
        raise NotZeroError(
            Text(
                "the newest frozen statement ({day}) answers for another scope: {said}",
                "最近一次封存结果（截至 {day}）的范围不同：{said}",
            ).format(
                day=newest.day,
                said=Text("; ".join(each.en for each in changed), "；".join(each.zh for each in changed)),
            )
        )
    if newest.standing_verdict is Verdict.LATE and newest.is_whole:
        raise ClearedLateError(
            Text(
                "the newest frozen statement ({day}): zero, but late", "最近一次封存结果（截至 {day}）：逾期清零"
            ).format(day=newest.day)
        )
    if newest.standing_verdict is not Verdict.ZERO or not newest.is_whole:
        raise NotZeroError(
            Text("the newest frozen statement ({day}) is not zero", "最近一次封存结果（截至 {day}）不是清零").format(
                day=newest.day
            )
        )
