"""Messages to one person through an application of the house: WeCom 企业微信, DingTalk 钉钉, Feishu 飞书.

All three ask for a token first, answer a no with HTTP 200, and say yes to what they do not deliver. What is sent is
the message's brief, since it passes through a machine that is not the house's. Hosts are settings, since 政务微信 and
a Feishu of one's own have their own addresses.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from urllib.parse import urlencode

from engine.language import Text
from notifications.bots import DINGTALK_HOST, FEISHU_HOST, WECOM_HOST
from notifications.channels import Secret, cut_note, shortened_list
from notifications.messages import Delivered, Delivery, Message, Refused, RetryLater
from notifications.posting import USUAL_BLOCK, Answer, Route, not_understood, place_of, post, refusal
from notifications.tokens import Token, kept_tokens

FeishuId = Literal["user_id", "open_id", "union_id", "email"]

_WECOM_LIMIT = 2_048  # bytes of the text
_DINGTALK_LIMIT = 2_048  # bytes of the text
_FEISHU_LIMIT = 18_000  # bytes; the vendor takes more, nobody reads more

_BUSY = -1
_WECOM_ENDED = frozenset({40014, 42001})
_WECOM_FULL = frozenset({45009, 45033})
_WECOM_NOBODY = 81013
_WECOM_CLOSED = 60020  # the address of this machine is not on the application's list
_DINGTALK_ENDED = frozenset({"40014", "42001"})
_DINGTALK_FULL = frozenset({"90018"})
_DINGTALK_OVER = "88"  # the true code stands in sub_code
_DINGTALK_THERE = "143106"  # the same text was delivered to the same person today
_FEISHU_ENDED = frozenset({99991663})
_FEISHU_FULL = frozenset({99991400})


class _Ended:
    """The token has ended before its time."""


_ENDED = _Ended()
_Sent = Delivery | _Ended


@dataclass(frozen=True, kw_only=True, slots=True)
class WeComApp:
    """An application of a WeCom or 政务微信 corporation."""

    name: str
    corp: str
    agent: int
    secret: Secret
    host: str = WECOM_HOST
    route: Route

    def deliver(self, message: Message, address: str, *, now: datetime) -> Delivery:
        """Send the brief of *message* to the member *address*, cut at 2048 bytes."""
        # WeCom parts members by `|` and takes `@all` for everybody; a message is for one person.
        if not address or "|" in address or address == "@all":
            return _no_person(self.name)
        content = {"content": _cut(message, _WECOM_LIMIT)}
        body = {
            "touser": address,
            "msgtype": "text",
            "agentid": self.agent,
            "text": content,
            # A message is sent at least once: one that is sent again after a break is dropped there for half an hour.
            "enable_duplicate_check": 1,
            "duplicate_check_interval": 1800,
        }
        return _with_token(self, f"{self.corp}/{self.agent}", now, lambda token: self._send(token, body, address))

    def fetch(self) -> Token | RetryLater | Refused:
        """Ask for a token; WeCom gives the same one until it ends."""
        query = urlencode({"corpid": self.corp, "corpsecret": self.secret.reveal()})
        return _token(f"{self.host}/cgi-bin/gettoken?{query}", self.route, self.secret, "access_token")

    def _send(self, token: Secret, body: dict[str, object], address: str) -> _Sent:
        """Send once."""
        url = f"{self.host}/cgi-bin/message/send?{urlencode({'access_token': token.reveal()})}"
        secrets, where = (token, self.secret), place_of(self.name, self.host)
        found = _asked(url, body, self.route, secrets)
        if not isinstance(found, Mapping):
            return found
        code = found.get("errcode")
        if not isinstance(code, int):
            return not_understood(where)
        if code in _WECOM_ENDED:
            return _ENDED
        # A member whom the application does not reach stands in a reply that says ok, in small letters.
        missed = str(found.get("invaliduser") or "").lower().split("|")
        if code == _WECOM_NOBODY or (code == 0 and address.lower() in missed):
            return _not_reached(where)
        if code == 0:
            return Delivered(receipt=f"msgid {str(found.get('msgid') or '?')[:80]}")
        outcome = refusal(
            where, code, found.get("errmsg"), secrets,
            later=code in {_BUSY, _WECOM_CLOSED}, block=USUAL_BLOCK if code in _WECOM_FULL else None,
        )  # fmt: skip
        return _shut(outcome) if code == _WECOM_CLOSED else outcome


@dataclass(frozen=True, kw_only=True, slots=True)
class DingTalkApp:
    """An application of a DingTalk organisation, by its work notices 工作通知."""

    name: str
    app: str
    agent: int
    secret: Secret
    host: str = DINGTALK_HOST
    route: Route

    def deliver(self, message: Message, address: str, *, now: datetime) -> Delivery:
        """Send the brief of *message* to the member *address*, cut at 2048 bytes.

        The same text reaches a person once a day, and the second one is dropped without a word: the brief says when
        the message was made.
        """
        if not address or "," in address:
            return _no_person(self.name)
        content = {"msgtype": "text", "text": {"content": _cut(message, _DINGTALK_LIMIT)}}
        body = {"agent_id": self.agent, "userid_list": address, "msg": content}
        return _with_token(self, self.app, now, lambda token: self._send(token, body, address))

    def fetch(self) -> Token | RetryLater | Refused:
        """Ask for a token."""
        query = urlencode({"appkey": self.app, "appsecret": self.secret.reveal()})
        return _token(f"{self.host}/gettoken?{query}", self.route, self.secret, "access_token")

    def _send(self, token: Secret, body: dict[str, object], address: str) -> _Sent:
        """Send once, and ask what became of it: a yes only says that it was put in a queue."""
        found = self._call("asyncsend_v2", token, body)
        if not isinstance(found, Mapping):
            return found
        task = found.get("task_id")
        receipt = Delivered(receipt=f"task {str(task)[:80]}")
        asked = self._call("getsendresult", token, {"agent_id": self.agent, "task_id": task})
        result = asked.get("send_result") if isinstance(asked, Mapping) else None
        if not isinstance(result, Mapping):
            return receipt  # it is taken; what cannot be asked changes nothing
        where = place_of(self.name, self.host)
        if address in _listed(result, "invalid_user_id_list"):
            return _not_reached(where)
        held = [each for each in _listed(result, "forbidden_list") if isinstance(each, Mapping)]
        codes = [str(each.get("code")) for each in held if each.get("userid") == address]
        if _DINGTALK_THERE in codes:
            return Delivered(receipt=f"task {str(task)[:80]}, there already")
        if codes or any(address in _listed(result, f"{each}_user_id_list") for each in ("forbidden", "failed")):
            code = codes[0] if codes else "?"
            return refusal(where, code, "forbidden", (token, self.secret), later=True)
        return receipt

    def _call(self, verb: str, token: Secret, body: dict[str, object]) -> Mapping[str, object] | _Sent:
        """Return what the vendor answers, if it is a yes."""
        query = urlencode({"access_token": token.reveal()})
        url = f"{self.host}/topapi/message/corpconversation/{verb}?{query}"
        secrets, where = (token, self.secret), place_of(self.name, self.host)
        found = _asked(url, body, self.route, secrets)
        if not isinstance(found, Mapping):
            return found
        code = found.get("errcode")
        if not isinstance(code, int):
            return not_understood(where)
        if code == 0:
            return found
        true = str(found.get("sub_code") or code) if str(code) == _DINGTALK_OVER else str(code)
        if true in _DINGTALK_ENDED:
            return _ENDED
        words = found.get("sub_msg") or found.get("errmsg")
        block = USUAL_BLOCK if true in _DINGTALK_FULL else None
        return refusal(where, true, words, secrets, later=code == _BUSY, block=block)


@dataclass(frozen=True, kw_only=True, slots=True)
class FeishuApp:
    """An application of a Feishu tenant, by its robot."""

    name: str
    app: str
    secret: Secret
    ids: FeishuId = "user_id"
    """What officers' addresses are."""
    host: str = FEISHU_HOST
    route: Route

    def deliver(self, message: Message, address: str, *, now: datetime) -> Delivery:
        """Send the brief of *message* to the member *address*; Feishu drops a second try within the hour."""
        if not address:
            return _no_person(self.name)
        body: dict[str, object] = {
            "receive_id": address,
            "msg_type": "text",
            "content": json.dumps({"text": _cut(message, _FEISHU_LIMIT)}, ensure_ascii=False),
            "uuid": message.message_id,
        }
        return _with_token(self, self.app, now, lambda token: self._send(token, body))

    def fetch(self) -> Token | RetryLater | Refused:
        """Ask for a token."""
        url = f"{self.host}/open-apis/auth/v3/tenant_access_token/internal"
        body: dict[str, object] = {"app_id": self.app, "app_secret": self.secret.reveal()}
        return _token(url, self.route, self.secret, "tenant_access_token", body=body)

    def _send(self, token: Secret, body: dict[str, object]) -> _Sent:
        """Send once."""
        url = f"{self.host}/open-apis/im/v1/messages?receive_id_type={self.ids}"
        secrets, where = (token, self.secret), place_of(self.name, self.host)
        found = _asked(url, body, self.route, secrets, {"Authorization": f"Bearer {token.reveal()}"})
        if not isinstance(found, Mapping):
            return found
        code = found.get("code")
        if not isinstance(code, int):
            return not_understood(where)
        if code in _FEISHU_ENDED:
            return _ENDED
        if code == 0:
            data = found.get("data")
            sent = data.get("message_id") if isinstance(data, Mapping) else None
            return Delivered(receipt=f"message {str(sent or '?')[:80]}")
        block = USUAL_BLOCK if code in _FEISHU_FULL else None
        return refusal(where, code, found.get("msg"), secrets, later=False, block=block)


App = WeComApp | DingTalkApp | FeishuApp


def _with_token(app: App, who: str, now: datetime, send: Callable[[Secret], _Sent]) -> Delivery:
    """Send with the application's token, and once more with a new one if it has ended before its time."""
    tokens, stale = kept_tokens(f"{app.host}/{who}", app.secret), None
    for _ in range(2):
        token = tokens.token(app.fetch, now=now, instead_of=stale)
        if not isinstance(token, Secret):
            return token
        outcome = send(token)
        if not isinstance(outcome, _Ended):
            return outcome
        stale = token
    sentence = Text("{where}: takes no token that it gave", "{where}：不认可其刚发放的令牌")
    return RetryLater(reason=sentence.format(where=place_of(app.name, app.host)), channel_down=True)


def _token(
    url: str, route: Route, secret: Secret, key: str, *, body: dict[str, object] | None = None
) -> Token | RetryLater | Refused:
    """Return a token with its life in seconds; an application that is refused one is down, and no person at fault."""
    found = _asked(url, body, route, (secret,))
    where = place_of(route.name, url)
    if not isinstance(found, Mapping):
        return _shut(found)
    code, word = found.get("errcode", found.get("code")), found.get(key)
    life = found.get("expires_in", found.get("expire"))
    if code == 0 and isinstance(word, str) and word and isinstance(life, int):
        return Token(word=Secret(word), seconds=life)
    if not isinstance(code, int) or code == 0:
        return not_understood(where)
    return _shut(refusal(where, code, found.get("errmsg") or found.get("msg"), (secret,), later=True))


def _asked(
    url: str,
    body: dict[str, object] | None,
    route: Route,
    secrets: tuple[Secret, ...],
    headers: Mapping[str, str] | None = None,
) -> Mapping[str, object] | RetryLater | Refused:
    """Return the JSON object that the vendor answers; asked by GET if there is no *body*."""
    sent = b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
    kind = {"Content-Type": "application/json; charset=utf-8", **(headers or {})}
    method = "GET" if body is None else "POST"
    answer = post(url, sent, route=route, secrets=secrets, headers=kind, method=method, reads_refusals=True)
    if not isinstance(answer, Answer):
        return answer
    return answer.fields if answer.fields is not None else not_understood(place_of(route.name, url))


def _shut(outcome: RetryLater | Refused) -> RetryLater:
    """Return *outcome* as one that every message would meet."""
    if isinstance(outcome, Refused) or not outcome.channel_down:
        wait = None if isinstance(outcome, Refused) else outcome.wait
        return RetryLater(reason=outcome.reason, channel_down=True, wait=wait, blocked=wait is not None)
    return outcome


def _cut(message: Message, limit: int) -> str:
    """Return the brief with the desk's link, which is never cut, in at most *limit* bytes."""
    foot = "" if message.link is None else f"\n{message.link}"
    return shortened_list(message.brief, limit - len(foot.encode()), cut_note(message)) + foot


def _listed(result: Mapping[str, object], key: str) -> list[object]:
    """Return a list of the answer; empty if it is none."""
    found = result.get(key)
    return found if isinstance(found, list) else []


def _no_person(name: str) -> Refused:
    """Return what to say of an address that is none of one person."""
    sentence = Text(
        "{name}: the address must be one person's id there; see qingling officer contact",
        "{name}：地址应为一名人员在该平台的账号；请用 qingling officer contact 登记",
    )
    return Refused(reason=sentence.format(name=name))


def _not_reached(where: str) -> Refused:
    """Return what to say of a person whom the application does not reach; the reply never repeats the id."""
    sentence = Text(
        "{where}: does not reach this person; check the id, and the application's visible range",
        "{where}：未送达此人；请检查账号及应用的可见范围",
    )
    return Refused(reason=sentence.format(where=where))
