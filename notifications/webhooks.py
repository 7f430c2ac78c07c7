"""Endpoints of the unit's own: a signed JSON webhook, and whatever gateway sends short messages."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from urllib.parse import quote, urlencode

from notifications.channels import Secret, address_secrets, shortened
from notifications.messages import Delivered, Delivery, Message
from notifications.posting import Answer, Route, not_understood, place_of, post, refusal

SIGNATURE = "X-Qingling-Signature"
TIMESTAMP = "X-Qingling-Timestamp"

_CODES = ("errcode", "errno", "code")
_FINE = {"errcode": ("0", "ok"), "errno": ("0", "ok"), "code": ("0", "200", "ok", "success")}
"""What a code says that is none of an error; `code` often repeats that of HTTP."""
_WORDS = ("errmsg", "msg", "message")

Value = str | int | bool | Secret | Mapping[str, "Value"] | tuple["Value", ...]
"""What may stand in a gateway's declared query, headers or body."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Acceptance:
    """Where in its answer an endpoint says yes; most gateways say no with HTTP 200."""

    field: str
    """The name in the answer's JSON object, with dots for what lies within."""
    equals: tuple[str, ...]
    """The values that mean yes, compared as text."""
    retry_on: tuple[str, ...] = ()
    """The values that mean not now."""

    def read(self, answer: Answer, where: str, secrets: tuple[Secret, ...]) -> Delivery:
        """Return what *answer* means."""
        found: object = answer.fields
        for part in self.field.split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
        if found is None or isinstance(found, Mapping | list):
            return not_understood(where)
        code = str(found).lower() if isinstance(found, bool) else str(found)
        if code in self.equals:
            return Delivered(receipt=f"{self.field} {code}")
        return refusal(where, f"{self.field} {code}", "", secrets, later=code in self.retry_on)


@dataclass(frozen=True, kw_only=True, slots=True)
class WebhookChannel:
    """An endpoint that takes each message as JSON, signed so that it can be trusted."""

    name: str
    url: Secret
    secret: Secret
    accepted: Acceptance | None = None
    """None: a 2xx is a yes, unless the answer's own code or bytes say otherwise."""
    route: Route

    def deliver(self, message: Message, address: str, *, now: datetime) -> Delivery:
        """Post *message*; the signature is HMAC-SHA256 over time stamp, a full stop and the body."""
        content = {
            "key": message.key,
            "message_id": message.message_id,
            "to": {"name": message.to, "address": address},
            "language": message.language,
            "subject": message.subject,
            "text": message.text,
            "html": message.html,
            "attachments": [
                {
                    "name": paper.name,
                    "media_type": paper.media_type,
                    "content": base64.b64encode(paper.content).decode(),
                }
                for paper in message.attachments
            ],
        }
        body = json.dumps(content, ensure_ascii=False, sort_keys=True).encode()
        stamp = str(int(now.timestamp()))
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Idempotency-Key": message.message_id,
            TIMESTAMP: stamp,
            SIGNATURE: webhook_signature(self.secret, stamp, body),
        }
        url, secrets = self.url.reveal(), (*address_secrets(self.url), self.secret)
        answer = post(url, body, route=self.route, secrets=secrets, headers=headers)
        if not isinstance(answer, Answer):
            return answer
        where = place_of(self.name, url)
        return _usual(answer, where, secrets) if self.accepted is None else self.accepted.read(answer, where, secrets)


@dataclass(frozen=True, kw_only=True, slots=True)
class SmsChannel:
    """A gateway for short messages, as its own manual wants to be asked.

    In query, headers and body `{to}` `{subject}` `{text}` `{key}` stand for what is sent; secrets
    stand there as secrets.
    """

    name: str
    url: Secret
    method: str = "POST"
    query: Mapping[str, Value] = field(default_factory=lambda: MappingProxyType({}))
    headers: Mapping[str, Value] = field(default_factory=lambda: MappingProxyType({}))
    body: Mapping[str, Value] | None = None
    form: bool = False
    """Send the body as a form instead of JSON."""
    accepted: Acceptance
    longest: int = 200
    """Bytes of `{text}`; short messages are paid by the piece."""
    route: Route

    def deliver(self, message: Message, address: str, *, now: datetime) -> Delivery:  # noqa: ARG002 - gateways sign by key
        """Send the subject, or as much of the text as the gateway takes, to the number *address*."""
        put = {
            "{to}": address,
            "{subject}": message.subject,
            "{text}": shortened(message.text.strip(), self.longest, "…"),
            "{key}": message.key,
        }
        url = self.url.reveal()
        for sign, word in put.items():
            # Quoted whole: what somebody wrote into a case must add no parameter of its own.
            url = url.replace(sign, quote(word, safe=""))
        if self.query:
            asked = {key: str(_filled(value, put)) for key, value in self.query.items()}
            url += ("&" if "?" in url else "?") + urlencode(asked)
        # A line end in a header would begin another one.
        headers = {key: _one_line(str(_filled(value, put))) for key, value in self.headers.items()}
        sent = b""
        if self.body is not None:
            filled = {key: _filled(value, put) for key, value in self.body.items()}
            sent = urlencode(filled).encode() if self.form else json.dumps(filled, ensure_ascii=False).encode()
            kind = "application/x-www-form-urlencoded" if self.form else "application/json"
            headers.setdefault("Content-Type", f"{kind}; charset=utf-8")
        secrets = (
            *address_secrets(self.url),
            *_secrets_in(self.query),
            *_secrets_in(self.headers),
            *_secrets_in(self.body or {}),
        )
        answer = post(url, sent, route=self.route, secrets=secrets, headers=headers, method=self.method)
        if not isinstance(answer, Answer):
            return answer
        return self.accepted.read(answer, place_of(self.name, url), secrets)


def webhook_signature(secret: Secret, stamp: str, body: bytes) -> str:
    """Return the header by which the receiver knows that *body* is ours and of the time *stamp*."""
    signed = stamp.encode() + b"." + body
    return "sha256=" + hmac.new(secret.reveal().encode(), signed, hashlib.sha256).hexdigest()


def _usual(answer: Answer, where: str, secrets: tuple[Secret, ...]) -> Delivery:
    """Return what a 2xx answer means where nothing is declared: bots and gateways say no with HTTP 200.

    What is not plainly a yes is tried again: whether the message arrived is then unknown.
    """
    fields = answer.fields
    if fields is None:
        return Delivered(receipt="HTTP 2xx") if answer.is_text else not_understood(where)
    for name in _CODES:
        code = fields.get(name)
        if code is None or isinstance(code, bool | Mapping | list) or str(code).lower() in _FINE[name]:
            continue
        words = next((fields[each] for each in _WORDS if isinstance(fields.get(each), str)), "")
        return refusal(where, f"{name} {code}", words, secrets, later=True)
    return Delivered(receipt="HTTP 2xx")


def _filled(value: Value, put: Mapping[str, str]) -> object:
    """Return a declared value with what is sent set in; what is set in is not searched again."""
    match value:
        case Secret():
            return value.reveal()
        case str():
            return _put_in(value, put)
        case Mapping():
            return {key: _filled(within, put) for key, within in value.items()}
        case tuple():
            return [_filled(within, put) for within in value]
        case _:
            return value


def _put_in(pattern: str, put: Mapping[str, str]) -> str:
    """Return *pattern* with each sign replaced once."""
    for sign, word in put.items():
        if sign in pattern:
            before, _, after = pattern.partition(sign)
            return _put_in(before, put) + word + _put_in(after, put)
    return pattern


def _one_line(words: str) -> str:
    """Return *words* fit for a header."""
    return " ".join(words.split())


def _secrets_in(value: Value) -> tuple[Secret, ...]:
    """Return every secret that a declared value holds."""
    match value:
        case Secret():
            return (value,)
        case Mapping():
            return tuple(secret for within in value.values() for secret in _secrets_in(within))
        case tuple():
            return tuple(secret for within in value for secret in _secrets_in(within))
        case _:
            return ()
