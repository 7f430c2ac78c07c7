"""The channels as their keeper declares them: one YAML file, checked whole, all problems at once.

Secrets never stand in the file; it says where they are: `{env: NAME}` or `{file: path}`.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from email.utils import parseaddr
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple, cast

from engine.errors import BadFileError, InvalidWorkflowError
from engine.language import Text
from engine.reading.yaml_file import read
from engine.workflow.problems import Problem
from notifications.apps import DingTalkApp, FeishuApp, FeishuId, WeComApp
from notifications.bots import (
    DINGTALK_HOST,
    FEISHU_HOST,
    WECOM_HOST,
    DingTalkChannel,
    FeishuChannel,
    Style,
    WeComChannel,
)
from notifications.changes import LONGEST_KEY, SHORTEST_KEY, ChangesChannel, key_bytes
from notifications.channels import Channel
from notifications.declared import ROUTE, ChannelPart, SecretSources
from notifications.mailing import MailChannel, Security
from notifications.trials import AbsentChannel, ConsoleChannel, FileChannel, Shape
from notifications.webhooks import Acceptance, SmsChannel, Value, WebhookChannel


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """What the file declares."""

    channels: Mapping[str, Channel]
    templates: Path | None = None
    """A folder whose templates come before the shipped ones."""
    desk: str | None = None
    """The address of the desk, for the links in messages, without a slash at its end."""

    @property
    def changes(self) -> Mapping[str, tuple[str, ...]]:
        """Return the channels that hear of changes of cases, with the workflows of each."""
        hearing = {name: each for name, each in self.channels.items() if isinstance(each, ChangesChannel)}
        return {name: each.workflows for name, each in hearing.items()}

    @property
    def absent(self) -> tuple[Text, ...]:
        """Return, for each channel that lacks a secret, one sentence that says which."""
        return tuple(each.reason for each in self.channels.values() if isinstance(each, AbsentChannel))


def read_settings(path: Path, environment: Mapping[str, str]) -> Settings:
    """Return the channels declared in the file *path*; paths in it start from its folder.

    A channel whose secret is not there is declared soundly: it is down, and the others are not.

    Args:
        path: The YAML file.
        environment: Where `{env: NAME}` looks.

    Raises:
        BadFileError: The file cannot be read or is not YAML.
        InvalidWorkflowError: Anything in it is not sound; all problems, each with its line.
    """
    plain, where, wrong = read(path, str(path))
    if wrong and not plain:
        raise BadFileError(wrong[0].text)
    problems = list(wrong)
    sources = SecretSources(folder=path.parent, environment=environment)
    top = ChannelPart(plain, (), problems, where, sources)
    top.only(("templates", "desk", "unencrypted", "channels"), ("channels",))
    desk = top.text("desk")
    if desk is not None:
        top.check_address("desk", desk)
    own = top.file("templates")
    if own is not None and not own.is_dir():
        top.wrong(Text("no such folder", "没有这个文件夹"), "templates")
    channels = dict(_channels(top, problems))
    if problems:
        raise InvalidWorkflowError([each.text for each in problems])
    built = {name: channel for name, channel in channels.items() if channel is not None}
    return Settings(channels=MappingProxyType(built), templates=own, desk=desk and desk.rstrip("/"))


def _channels(top: ChannelPart, problems: list[Problem]) -> Iterator[tuple[str, Channel | None]]:
    """Yield the channels by name; it may be any text, since people give it."""
    declared = top.within("channels")
    for name, given in declared.plain.items() if declared is not None else ():
        if declared is not None and given is None:
            yield name, _channel(name, declared.below({}, name), problems)
        elif declared is not None and (part := declared.within(name)) is not None:
            yield name, _channel(name, part, problems)


def _channel(name: str, part: ChannelPart, problems: list[Problem]) -> Channel | None:
    """Return one channel, absent if it is sound but a secret is not there; None if it is not sound."""
    missing = part.sources.missing
    before, missed = len(problems), len(missing)
    if part.plain.get("family") is None:
        part.only(("family",), ("family",))
        return None
    family = _FAMILIES.get(part.one_of("family", tuple(_FAMILIES), ""))
    if family is None:
        return None
    part.only(("family", *family.keys), family.needs)
    built = family.build(name, part)
    if len(problems) > before:
        return None
    return AbsentChannel(name=name, missing=missing[missed].text) if len(missing) > missed else built


def _mail(name: str, part: ChannelPart) -> Channel | None:
    """Return a mail server."""
    security = cast("Security", part.one_of("security", ("ssl", "starttls", "none"), "ssl"))
    usual = {"ssl": 465, "starttls": 587, "none": 25}[security]
    sender, user, password = part.text("from"), part.text("user"), part.secret("password")
    if sender is not None and parseaddr(sender)[1].count("@") != 1:
        part.wrong(Text("must be an address", "应为邮件地址"), "from")
    if ("user" in part.plain) != ("password" in part.plain):
        part.wrong(Text("user and password go together", "user 和 password 须同时给出"), "user")
    if security == "none" and user is not None and not part.flag("unencrypted", default=False):
        sentence = Text(
            "a login without encryption gives the password away; use ssl or starttls, or add unencrypted: true",
            "未加密登录会泄露密码；请用 ssl 或 starttls，或声明 unencrypted: true",
        )
        part.wrong(sentence, "security")
    host = part.text("host")
    port = part.whole("port", usual, most=65_535)
    ca, timeouts = part.authorities(), part.timeouts()
    if host is None or sender is None:
        return None
    return MailChannel(
        name=name,
        host=host,
        port=port,
        security=security,
        sender=sender,
        user=user,
        password=password,
        ca=ca,
        timeouts=timeouts,
    )


def _wecom(name: str, part: ChannelPart) -> Channel | None:
    """Return a WeCom bot."""
    key, host, route = part.secret("key"), part.host(WECOM_HOST), part.route(name)
    style = cast("Style", part.one_of("style", ("text", "markdown"), "text"))
    return None if key is None else WeComChannel(name=name, key=key, host=host, style=style, route=route)


def _dingtalk(name: str, part: ChannelPart) -> Channel | None:
    """Return a DingTalk bot."""
    token, secret = part.secret("token"), part.secret("secret")
    host, route = part.host(DINGTALK_HOST), part.route(name)
    style = cast("Style", part.one_of("style", ("text", "markdown"), "text"))
    if token is None:
        return None
    return DingTalkChannel(name=name, token=token, secret=secret, host=host, style=style, route=route)


def _feishu(name: str, part: ChannelPart) -> Channel | None:
    """Return a Feishu bot."""
    token, secret = part.secret("token"), part.secret("secret")
    host, route = part.host(FEISHU_HOST), part.route(name)
    return None if token is None else FeishuChannel(name=name, token=token, secret=secret, host=host, route=route)


def _wecom_app(name: str, part: ChannelPart) -> Channel | None:
    """Return an application of WeCom."""
    corp, agent, secret = part.text("corp"), part.whole("agent", 0, most=_HIGHEST_AGENT), part.secret("secret")
    host, route = part.host(WECOM_HOST), part.route(name)
    if corp is None or secret is None:
        return None
    return WeComApp(name=name, corp=corp, agent=agent, secret=secret, host=host, route=route)


def _dingtalk_app(name: str, part: ChannelPart) -> Channel | None:
    """Return an application of DingTalk."""
    app, agent, secret = part.text("app"), part.whole("agent", 0, most=_HIGHEST_AGENT), part.secret("secret")
    host, route = part.host(DINGTALK_HOST), part.route(name)
    if app is None or secret is None:
        return None
    return DingTalkApp(name=name, app=app, agent=agent, secret=secret, host=host, route=route)


def _feishu_app(name: str, part: ChannelPart) -> Channel | None:
    """Return an application of Feishu."""
    app, secret = part.text("app"), part.secret("secret")
    ids = cast("FeishuId", part.one_of("ids", ("user_id", "open_id", "union_id", "email"), "user_id"))
    host, route = part.host(FEISHU_HOST), part.route(name)
    if app is None or secret is None:
        return None
    return FeishuApp(name=name, app=app, secret=secret, ids=ids, host=host, route=route)


def _changes(name: str, part: ChannelPart) -> Channel | None:
    """Return a program that hears of changes of cases."""
    url, keys, workflows = part.address("url"), part.secrets("keys"), part.words("workflows")
    for each in keys:
        try:
            key_bytes(each)
        except ValueError:
            sentence = Text(
                "a key is whsec_ and {least} to {most} bytes in base64",
                "密钥应为 whsec_ 加 {least} 至 {most} 字节的 base64",
            )
            part.wrong(sentence.format(least=SHORTEST_KEY, most=LONGEST_KEY), "keys")
    route = replace(part.route(name), inside=part.networks("inside"))
    if url is None or not keys:
        return None
    return ChangesChannel(name=name, url=url, keys=keys, workflows=workflows, route=route)


def _webhook(name: str, part: ChannelPart) -> Channel | None:
    """Return a signed JSON webhook."""
    url, secret = part.address("url"), part.secret("secret")
    accepted, route = _acceptance(part), part.route(name)
    if url is None or secret is None:
        return None
    return WebhookChannel(name=name, url=url, secret=secret, accepted=accepted, route=route)


def _sms(name: str, part: ChannelPart) -> Channel | None:
    """Return a gateway for short messages."""
    url, accepted, route = part.address("url"), _acceptance(part), part.route(name)
    method = part.one_of("method", ("POST", "GET", "PUT"), "POST")
    query, headers, body = (_pattern(part, key) for key in ("query", "headers", "body"))
    form, longest = part.flag("form", default=False), part.whole("longest", 200, least=20, most=2_000)
    shown = (query, headers, body or {}, url.reveal() if url is not None else "")
    if url is not None and "{to}" not in repr(shown):
        part.wrong(Text("{{to}} must stand somewhere", "须在某处写明 {{to}}").format(), "body")
    if url is None or accepted is None:
        return None
    return SmsChannel(
        name=name,
        url=url,
        method=method,
        query=query,
        headers=headers,
        body=body or None,
        form=form,
        accepted=accepted,
        longest=longest,
        route=route,
    )


def _file(name: str, part: ChannelPart) -> Channel | None:
    """Return a folder."""
    folder = part.file("folder")
    shape = cast("Shape", part.one_of("shape", ("eml", "json"), "eml"))
    return None if folder is None else FileChannel(name=name, folder=folder, shape=shape)


def _console(name: str, part: ChannelPart) -> Channel | None:  # noqa: ARG001 - the screen has no settings
    """Return the screen."""
    return ConsoleChannel(name=name)


def _acceptance(part: ChannelPart) -> Acceptance | None:
    """Return where the endpoint says yes."""
    within = part.within("accepted")
    if within is None:
        return None
    within.only(("field", "equals", "retry_on"), ("field", "equals"))
    key = within.text("field")
    equals, retry_on = within.words("equals"), within.words("retry_on")
    return None if key is None else Acceptance(field=key, equals=equals, retry_on=retry_on)


def _pattern(part: ChannelPart, key: str) -> dict[str, Value]:
    """Return a declared query, headers or body, its secrets found."""
    found = part.part(key)
    return {} if found is None else {name: _value(part, value, key, name) for name, value in found.plain.items()}


def _value(part: ChannelPart, given: object, *place: str | int) -> Value:
    """Return one declared value; `{env: …}` and `{file: …}` alone are secrets."""
    match given:
        case {"env": _, **rest} | {"file": _, **rest} if not rest:
            return part.secret_of(given, *place) or ""
        case dict():
            return {name: _value(part, value, *place, name) for name, value in given.items()}
        case list():
            return tuple(_value(part, value, *place) for value in given)
        case str() | bool() | int():
            return given
        case _:
            part.wrong(Text("must be text, a whole number or a mapping", "应为文本、整数或映射"), *place)
            return ""


_HIGHEST_AGENT = 2**53
"""Numbers of applications; DingTalk's have ten digits."""


class _Family(NamedTuple):
    """One family of channels."""

    build: Callable[[str, ChannelPart], Channel | None]
    keys: tuple[str, ...]
    needs: tuple[str, ...]


_FAMILIES: Mapping[str, _Family] = {
    "mail": _Family(
        _mail,
        ("host", "port", "security", "from", "user", "password", "unencrypted", "ca", "timeouts"),
        ("host", "from"),
    ),
    "wecom": _Family(_wecom, ("key", "host", "style", "unencrypted", *ROUTE), ("key",)),
    "dingtalk": _Family(_dingtalk, ("token", "secret", "host", "style", "unencrypted", *ROUTE), ("token",)),
    "feishu": _Family(_feishu, ("token", "secret", "host", "unencrypted", *ROUTE), ("token",)),
    "wecom_app": _Family(
        _wecom_app, ("corp", "agent", "secret", "host", "unencrypted", *ROUTE), ("corp", "agent", "secret")
    ),
    "dingtalk_app": _Family(
        _dingtalk_app, ("app", "agent", "secret", "host", "unencrypted", *ROUTE), ("app", "agent", "secret")
    ),
    "feishu_app": _Family(_feishu_app, ("app", "secret", "ids", "host", "unencrypted", *ROUTE), ("app", "secret")),
    "changes": _Family(
        _changes,
        ("url", "keys", "workflows", "inside", "unencrypted", *ROUTE),
        ("url", "keys", "workflows"),
    ),
    "webhook": _Family(_webhook, ("url", "secret", "accepted", "unencrypted", *ROUTE), ("url", "secret")),
    "sms": _Family(
        _sms,
        ("url", "accepted", "method", "query", "headers", "body", "form", "longest", "unencrypted", *ROUTE),
        ("url", "accepted"),
    ),
    "file": _Family(_file, ("folder", "shape"), ("folder",)),
    "console": _Family(_console, (), ()),
}
