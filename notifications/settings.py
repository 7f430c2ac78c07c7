"""The channels as their keeper declares them: one YAML file, checked whole, all problems at once.

Secrets never stand in the file; it says where they are: `{env: NAME}` or `{file: path}`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import parseaddr
from pathlib import Path
from types import MappingProxyType
from typing import cast

import yaml

from engine.errors import BadFileError, InvalidWorkflowError
from engine.language import Text
from notifications.bots import (
    DINGTALK_HOST,
    FEISHU_HOST,
    WECOM_HOST,
    DingTalkChannel,
    FeishuChannel,
    Style,
    WeComChannel,
)
from notifications.channels import Channel
from notifications.declared import CheckedMapping, Place, Reading
from notifications.mailing import MailChannel, Security
from notifications.trials import AbsentChannel, ConsoleChannel, FileChannel, Shape
from notifications.webhooks import Acceptance, SmsChannel, Value, WebhookChannel


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """What the file declares."""

    channels: Mapping[str, Channel]
    templates: Path | None = None
    """A folder whose templates come before the shipped ones."""

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
    try:
        words = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise BadFileError(Text("{path}: no such file", "{path}：没有这个文件").format(path=path)) from None
    except UnicodeDecodeError:
        sentence = Text("{path}: not UTF-8; save it as UTF-8", "{path}：不是 UTF-8 编码；请另存为 UTF-8")
        raise BadFileError(sentence.format(path=path)) from None
    except OSError as error:
        sentence = Text("{path}: cannot be read ({why})", "{path}：无法读取（{why}）")
        raise BadFileError(sentence.format(path=path, why=error.strerror)) from None
    reading = Reading(path=path, environment=environment)
    try:
        node = yaml.compose(words, Loader=yaml.SafeLoader)
        if node is not None:
            reading.note_lines(node, ())
        plain = yaml.safe_load(words)
    except RecursionError:
        sentence = Text("{path}: nests too deeply, or within itself", "{path}：嵌套过深，或嵌套了自身")
        raise BadFileError(sentence.format(path=path)) from None
    except ValueError as error:
        # The reader takes what looks like a day, a time or a number for one, and it may be none.
        sentence = Text("{path}: {why}; put such a value into quotes", "{path}：{why}；请给该值加引号")
        raise BadFileError(sentence.format(path=path, why=" ".join(str(error).split())[:160])) from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{path}:{mark.line + 1}" if mark else f"{path}"
        sentence = Text("{where}: not YAML; check indentation and quotes", "{where}：不是有效的 YAML；请检查缩进和引号")
        raise BadFileError(sentence.format(where=where)) from None
    settings = _settings(reading, plain)
    if reading.problems:
        raise InvalidWorkflowError(reading.problems)
    return settings


def _settings(reading: Reading, plain: object) -> Settings:
    """Return the whole declaration; what is wrong with it stands in *reading*."""
    top = CheckedMapping(reading, (), reading.mapping(plain, ()))
    own = top.path("templates")
    if own is not None and not own.is_dir():
        top.complain("templates", Text("no such folder", "没有这个文件夹"))
    declared = reading.mapping(top.take("channels", needed=plain is None or isinstance(plain, dict)), ("channels",))
    channels = {name: _channel(reading, name, given) for name, given in declared.items()}
    top.refuse_the_rest()
    built = {name: channel for name, channel in channels.items() if channel is not None}
    return Settings(channels=MappingProxyType(built), templates=own)


def _channel(reading: Reading, name: str, given: object) -> Channel | None:
    """Return one channel, absent if it is sound but a secret is not there; None if it is not sound."""
    place = ("channels", name)
    before, missed = len(reading.problems), len(reading.missing)
    table = CheckedMapping(reading, place, reading.mapping(given, place))
    family = table.choice("family", tuple(_FAMILIES), needed=True)
    if family is None:
        return None
    built = _FAMILIES[family](name, table)
    table.refuse_the_rest()
    if len(reading.problems) > before:
        return None
    return AbsentChannel(name=name, missing=reading.missing[missed]) if len(reading.missing) > missed else built


def _mail(name: str, table: CheckedMapping) -> Channel | None:
    """Return a mail server."""
    security = cast("Security", table.choice("security", ("ssl", "starttls", "none"), default="ssl"))
    usual = {"ssl": 465, "starttls": 587, "none": 25}[security]
    sender, user, password = table.text("from", needed=True), table.text("user"), table.secret("password")
    if sender is not None and parseaddr(sender)[1].count("@") != 1:
        table.complain("from", Text("must be an address", "应为邮件地址"))
    if ("user" in table.given) != ("password" in table.given):
        table.complain("user", Text("user and password go together", "user 和 password 须同时给出"))
    if security == "none" and user is not None and not table.flag("unencrypted"):
        sentence = Text(
            "a login without encryption gives the password away; use ssl or starttls, or add unencrypted: true",
            "未加密登录会泄露密码；请用 ssl 或 starttls，或声明 unencrypted: true",
        )
        table.complain("security", sentence)
    host = table.text("host", needed=True)
    port = table.whole("port", 1, 65535, usual)
    ca, timeouts = table.authorities(), table.timeouts()
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


def _wecom(name: str, table: CheckedMapping) -> Channel | None:
    """Return a WeCom bot."""
    key, host, route = table.secret("key", needed=True), table.host(WECOM_HOST), table.route(name)
    style = cast("Style", table.choice("style", ("text", "markdown"), default="text"))
    return None if key is None else WeComChannel(name=name, key=key, host=host, style=style, route=route)


def _dingtalk(name: str, table: CheckedMapping) -> Channel | None:
    """Return a DingTalk bot."""
    token, secret = table.secret("token", needed=True), table.secret("secret")
    host, route = table.host(DINGTALK_HOST), table.route(name)
    style = cast("Style", table.choice("style", ("text", "markdown"), default="text"))
    if token is None:
        return None
    return DingTalkChannel(name=name, token=token, secret=secret, host=host, style=style, route=route)


def _feishu(name: str, table: CheckedMapping) -> Channel | None:
    """Return a Feishu bot."""
    token, secret = table.secret("token", needed=True), table.secret("secret")
    host, route = table.host(FEISHU_HOST), table.route(name)
    return None if token is None else FeishuChannel(name=name, token=token, secret=secret, host=host, route=route)


def _webhook(name: str, table: CheckedMapping) -> Channel | None:
    """Return a signed JSON webhook."""
    url, secret = table.address("url"), table.secret("secret", needed=True)
    accepted, route = _acceptance(table, needed=False), table.route(name)
    if url is None or secret is None:
        return None
    return WebhookChannel(name=name, url=url, secret=secret, accepted=accepted, route=route)


def _sms(name: str, table: CheckedMapping) -> Channel | None:
    """Return a gateway for short messages."""
    url, accepted, route = table.address("url"), _acceptance(table, needed=True), table.route(name)
    method = table.choice("method", ("POST", "GET", "PUT"), default="POST")
    query, headers, body = (_pattern(table, key) for key in ("query", "headers", "body"))
    form, longest = table.flag("form"), table.whole("longest", 20, 2000, 200)
    shown = (query, headers, body or {}, url.reveal() if url is not None else "")
    if url is not None and "{to}" not in repr(shown):
        table.complain("body", Text("{{to}} must stand somewhere", "须在某处写明 {{to}}").format())
    if url is None or accepted is None:
        return None
    return SmsChannel(
        name=name,
        url=url,
        method=method or "POST",
        query=query,
        headers=headers,
        body=body or None,
        form=form,
        accepted=accepted,
        longest=longest,
        route=route,
    )


def _file(name: str, table: CheckedMapping) -> Channel | None:
    """Return a folder."""
    folder = table.path("folder", needed=True)
    shape = cast("Shape", table.choice("shape", ("eml", "json"), default="eml"))
    return None if folder is None else FileChannel(name=name, folder=folder, shape=shape)


def _console(name: str, table: CheckedMapping) -> Channel | None:  # noqa: ARG001 - the screen has no settings
    """Return the screen."""
    return ConsoleChannel(name=name)


def _acceptance(table: CheckedMapping, *, needed: bool) -> Acceptance | None:
    """Return where the endpoint says yes."""
    given = table.take("accepted", needed=needed)
    if given is None:
        return None
    place = (*table.place, "accepted")
    within = CheckedMapping(table.reading, place, table.reading.mapping(given, place))
    key = within.text("field", needed=True)
    equals, retry_on = within.words("equals", needed=True), within.words("retry_on")
    within.refuse_the_rest()
    return None if key is None else Acceptance(field=key, equals=equals, retry_on=retry_on)


def _pattern(table: CheckedMapping, key: str) -> dict[str, Value]:
    """Return a declared query, headers or body, its secrets found."""
    given = table.take(key)
    place = (*table.place, key)
    found = {} if given is None else table.reading.mapping(given, place)
    return {name: _value(table.reading, value, (*place, name)) for name, value in found.items()}


def _value(reading: Reading, given: object, place: Place) -> Value:
    """Return one declared value; `{env: …}` and `{file: …}` alone are secrets."""
    match given:
        case {"env": _, **rest} | {"file": _, **rest} if not rest:
            return reading.secret(given, place) or ""
        case dict():
            found = reading.mapping(given, place)
            return {name: _value(reading, value, (*place, name)) for name, value in found.items()}
        case list():
            return tuple(_value(reading, value, place) for value in given)
        case str() | bool() | int():
            return given
        case _:
            reading.complain(place, Text("must be text, a whole number or a mapping", "应为文本、整数或映射"))
            return ""


_FAMILIES: Mapping[str, Callable[[str, CheckedMapping], Channel | None]] = {
    "mail": _mail,
    "wecom": _wecom,
    "dingtalk": _dingtalk,
    "feishu": _feishu,
    "webhook": _webhook,
    "sms": _sms,
    "file": _file,
    "console": _console,
}
