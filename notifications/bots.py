"""The three group bots: WeCom 企业微信, DingTalk 钉钉, Feishu 飞书.

All three answer HTTP 200 and put their no into the body; only the code there counts. Hosts are
settings, since 政务微信 and 专有钉钉 have their own.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from urllib.parse import quote, quote_plus

from notifications.channels import Secret, cut_note, shortened_list
from notifications.messages import Delivered, Delivery, Message
from notifications.posting import USUAL_BLOCK, Answer, Route, not_understood, place_of, post, refusal

Style = Literal["text", "markdown"]

WECOM_HOST = "https://qyapi.weixin.qq.com"
DINGTALK_HOST = "https://oapi.dingtalk.com"
FEISHU_HOST = "https://open.feishu.cn"

_WECOM_LIMIT = 2048  # bytes of the text
_DINGTALK_LIMIT = 18_000  # bytes; the whole request may have 20,000
_FEISHU_LIMIT = 18_000  # bytes; the whole request may have 20 KB

_BUSY = -1
"""The same message will be taken later."""

_WECOM_BLOCKS = dict.fromkeys((45009, 45033), USUAL_BLOCK)
_DINGTALK_BLOCKS = dict.fromkeys((130101, 410100), timedelta(minutes=10))
_FEISHU_BLOCKS = dict.fromkeys((9499, 11232, 11233), USUAL_BLOCK)
"""Too many messages in a minute: for how long nothing is taken; DingTalk shuts out a bot for ten minutes."""


@dataclass(frozen=True, kw_only=True, slots=True)
class WeComChannel:
    """A WeCom group bot."""

    name: str
    key: Secret
    host: str = WECOM_HOST
    style: Style = "text"
    route: Route

    def deliver(self, message: Message, address: str, *, now: datetime) -> Delivery:  # noqa: ARG002 - WeCom signs nothing
        """Send *message*, cut at 2048 bytes; *address* is a mobile number to call by, or empty."""
        url = f"{self.host}/cgi-bin/webhook/send?key={quote(self.key.reveal(), safe='')}"
        words = shortened_list(_words(message, self.style), _WECOM_LIMIT, cut_note(message))
        content: dict[str, object] = {"content": words}
        if address and self.style == "text":
            content["mentioned_mobile_list"] = [address]
        body: dict[str, object] = {"msgtype": self.style, self.style: content}
        return _deliver(url, body, self.route, (self.key,), code="errcode", words="errmsg", blocks=_WECOM_BLOCKS)


@dataclass(frozen=True, kw_only=True, slots=True)
class DingTalkChannel:
    """A DingTalk group bot, signed if it has a secret."""

    name: str
    token: Secret
    secret: Secret | None = None
    host: str = DINGTALK_HOST
    style: Style = "text"
    route: Route

    def deliver(self, message: Message, address: str, *, now: datetime) -> Delivery:
        """Send *message*; *address* is a mobile number to call by, or empty."""
        url = f"{self.host}/robot/send?access_token={quote(self.token.reveal(), safe='')}"
        secrets: tuple[Secret, ...] = (self.token,)
        if self.secret is not None:
            stamp = str(int(now.timestamp() * 1000))
            url += f"&timestamp={stamp}&sign={quote_plus(dingtalk_sign(self.secret, stamp))}"
            secrets = (self.token, self.secret)
        words = shortened_list(_words(message, self.style), _DINGTALK_LIMIT, cut_note(message))
        content = {"content": words} if self.style == "text" else {"title": message.subject, "text": words}
        body: dict[str, object] = {"msgtype": self.style, self.style: content}
        if address:
            body["at"] = {"atMobiles": [address], "isAtAll": False}
        return _deliver(url, body, self.route, secrets, code="errcode", words="errmsg", blocks=_DINGTALK_BLOCKS)


@dataclass(frozen=True, kw_only=True, slots=True)
class FeishuChannel:
    """A Feishu group bot, signed if it has a secret."""

    name: str
    token: Secret
    secret: Secret | None = None
    host: str = FEISHU_HOST
    route: Route

    def deliver(self, message: Message, address: str, *, now: datetime) -> Delivery:  # noqa: ARG002 - the bot knows its group
        """Send *message* to the bot's group."""
        url = f"{self.host}/open-apis/bot/v2/hook/{quote(self.token.reveal(), safe='')}"
        words = shortened_list(_words(message, "text"), _FEISHU_LIMIT, cut_note(message))
        body: dict[str, object] = {"msg_type": "text", "content": {"text": words}}
        secrets: tuple[Secret, ...] = (self.token,)
        if self.secret is not None:
            stamp = str(int(now.timestamp()))
            body |= {"timestamp": stamp, "sign": feishu_sign(self.secret, stamp)}
            secrets = (self.token, self.secret)
        return _deliver(url, body, self.route, secrets, code="code", words="msg", blocks=_FEISHU_BLOCKS)


def dingtalk_sign(secret: Secret, stamp: str) -> str:
    """Return DingTalk's signature for *stamp* in milliseconds, not yet percent-encoded."""
    word = secret.reveal()
    digest = hmac.new(word.encode(), f"{stamp}\n{word}".encode(), hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def feishu_sign(secret: Secret, stamp: str) -> str:
    """Return Feishu's signature for *stamp* in seconds: stamp and secret are the key, nothing is signed."""
    digest = hmac.new(f"{stamp}\n{secret.reveal()}".encode(), b"", hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def _deliver(
    url: str,
    body: dict[str, object],
    route: Route,
    secrets: tuple[Secret, ...],
    *,
    code: str,
    words: str,
    blocks: Mapping[int, timedelta],
) -> Delivery:
    """Post *body* and read the bot's own code out of the answer."""
    sent = json.dumps(body, ensure_ascii=False).encode()
    headers = {"Content-Type": "application/json; charset=utf-8"}
    answer = post(url, sent, route=route, secrets=secrets, headers=headers)
    if not isinstance(answer, Answer):
        return answer
    where = place_of(route.name, url)
    fields = answer.fields
    found = None if fields is None else fields.get(code, fields.get("StatusCode"))
    if fields is None or not isinstance(found, int):
        return not_understood(where)
    if found == 0:
        return Delivered(receipt=f"{code} 0")
    return refusal(where, found, fields.get(words), secrets, later=found == _BUSY, block=blocks.get(found))


def _words(message: Message, style: Style) -> str:
    """Return subject and text as one; papers are named, since a bot cannot carry them."""
    head = f"**{message.subject}**\n\n" if style == "markdown" else f"{message.subject}\n\n"
    papers = ", ".join(attachment.name for attachment in message.attachments)
    foot = "" if not papers else f"\n附件：{papers}" if message.language == "zh" else f"\nPapers: {papers}"
    return head + message.text.strip() + foot
