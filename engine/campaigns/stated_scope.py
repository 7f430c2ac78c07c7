"""The whole scope of a statement: every filter in words, as JSON can hold it, and what two of them differ in."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from types import MappingProxyType
from typing import Any

from engine.campaigns.campaign import Campaign, FallingDue
from engine.language import Text

_TITLES: Mapping[str, Text] = MappingProxyType(
    {
        "workflow": Text("kind of case", "事项种类"),
        "received_from": Text("received from", "收到时间起"),
        "received_to": Text("received up to", "收到时间止"),
        "unit": Text("asked of unit", "查询单位"),
        "units": Text("units", "单位"),
        "where": Text("only where", "限定条件"),
        "falling_due": Text("falling due", "到期范围"),
        "clear_by": Text("to be cleared by", "清零日"),
        "extend_to": Text("extensions at most to", "延期最迟至"),
        "extend_deadlines": Text("extensions that excuse", "可延期的期限"),
        "measures": Text("what makes a record complete, and the rates", "完整性要求和指标"),
    }
)
"""What people call the parts of a scope."""


def plain_scope(campaign: Campaign, unit: str | None) -> dict[str, Any]:
    """Return everything that decides what a statement answers for, as JSON can hold it; its keys are stable.

    Args:
        unit: Code of the only unit that was asked about.
    """
    span, measures = campaign.falling_due, (campaign.complete, sorted(campaign.follow_up), campaign.rates)
    return {
        "workflow": campaign.workflow,
        "received_from": None if campaign.received_from is None else campaign.received_from.isoformat(),
        "received_to": campaign.received_to.isoformat(),
        "unit": unit,
        "units": sorted(campaign.units),
        "where": {name: list(values) for name, values in sorted(campaign.where.items())},
        "falling_due": None
        if span is None
        else {"field": span.field, "from": span.from_on.isoformat(), "to": span.to_on.isoformat()},
        "clear_by": campaign.clear_by.isoformat(),
        "extend_to": None if campaign.extend_to is None else campaign.extend_to.isoformat(),
        "extend_deadlines": sorted(campaign.extend_deadlines),
        "measures": _digest(measures),
    }


def narrowed(campaign: Campaign, scope: Mapping[str, Any]) -> Campaign:
    """Return a campaign with the filters of a scope that `plain_scope` returned."""
    span = scope["falling_due"]
    return replace(
        campaign,
        received_from=None if scope["received_from"] is None else date.fromisoformat(scope["received_from"]),
        received_to=date.fromisoformat(scope["received_to"]),
        units=frozenset(scope["units"]),
        where=MappingProxyType({name: tuple(values) for name, values in scope["where"].items()}),
        falling_due=None
        if span is None
        else FallingDue(
            field=span["field"], from_on=date.fromisoformat(span["from"]), to_on=date.fromisoformat(span["to"])
        ),
    )


def filters(campaign: Campaign) -> Iterator[Text]:
    """Yield a sentence for each filter besides the days of receipt and of clearing; nothing if there is none."""
    if campaign.declared_to is not None:
        yield Text(
            f"cut-off {campaign.received_to} as asked (--received-to); the campaign says {campaign.declared_to}",
            f"纳入截止日按要求为 {campaign.received_to}（--received-to）；专项行动规定为 {campaign.declared_to}",
        )
    if campaign.units:
        codes = sorted(campaign.units)
        yield Text(f"only units {', '.join(codes)}", f"仅限单位 {'、'.join(codes)}")
    for name, values in sorted(campaign.where.items()):
        named = [campaign.words.get(f"{name}={each}", _said(each)) for each in values]
        yield Text("only {title}: {values}", "仅限{title}：{values}").format(
            title=_title(campaign, name),
            values=Text(", ".join(each.en for each in named), "、".join(each.zh for each in named)),
        )
    span = campaign.falling_due
    if span is not None:
        yield Text("only where “{title}” lies from {first} to {last}", "仅限“{title}”在 {first} 至 {last} 之间").format(
            title=_title(campaign, span.field), first=span.from_on, last=span.to_on
        )
    if campaign.deciding:
        yield Text(
            "what lacks such a value is in the scope as an incomplete record",
            "缺少上述内容的纳入范围，按数据不全统计",
        )
    if campaign.extend_to is not None and campaign.extend_deadlines:
        named = [_title(campaign, each) for each in sorted(campaign.extend_deadlines)]
        yield Text("extensions that excuse: {titles}", "有效延期限于：{titles}").format(
            titles=Text(", ".join(each.en for each in named), "、".join(each.zh for each in named))
        )


def differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Text]:
    """Yield a sentence for each part in which two scopes differ."""
    for name, title in _TITLES.items():
        was, is_now = before.get(name), now.get(name)
        if was == is_now:
            continue
        if name == "measures":
            yield Text("{title} were changed", "{title}已改变").format(title=title)
        else:
            yield Text("{title}: {was}, now {now}", "{title}：原为 {was}，现为 {now}").format(
                title=title, was=_shown(was), now=_shown(is_now)
            )


def _title(campaign: Campaign, name: str) -> Text:
    """Return what people call a field or a deadline."""
    return campaign.words.get(name, Text(name, name))


def _said(value: str | bool) -> Text:
    """Return a value in words."""
    if isinstance(value, bool):
        return Text("yes", "是") if value else Text("no", "否")
    return Text(value, value)


def _shown(value: object) -> Text:
    """Return a part of a scope in words."""
    if not value:
        return Text("none", "无")
    if isinstance(value, Mapping):
        listed = "; ".join(f"{name} {_flat(each)}" for name, each in value.items())
        return Text(listed, listed)
    return Text(_flat(value), _flat(value))


def _flat(value: object) -> str:
    """Return a value, or values side by side."""
    return ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)


def _digest(measures: object) -> str:
    """Return a digest of what makes records complete and of the rates."""
    from hashlib import sha256

    return sha256(_canonical(measures).encode()).hexdigest()[:16]


def _canonical(value: Any) -> str:
    """Return values of declarations in one fixed order, whatever order their sets are in."""
    if hasattr(value, "__dataclass_fields__"):
        return "{" + ",".join(f"{name}:{_canonical(getattr(value, name))}" for name in value.__dataclass_fields__) + "}"
    if isinstance(value, Mapping):
        return "{" + ",".join(sorted(f"{key}:{_canonical(each)}" for key, each in value.items())) + "}"
    if isinstance(value, (set, frozenset)):
        return "[" + ",".join(sorted(map(_canonical, value))) + "]"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(map(_canonical, value)) + "]"
    return repr(value)
