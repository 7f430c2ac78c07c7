"""Changes of cases, sent to a program of the house as signed webhooks (Standard Webhooks, version 1).

A body says that there was a step, in which case, and where to look; it never says what was written there. Who
receives it asks `/api/v1` with a token of its own, so that need to know holds for programs too.
"""

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from engine.language import Text
from notifications.channels import Secret, address_secrets
from notifications.messages import Delivered, Delivery, Message, Refused
from notifications.posting import Answer, Route, place_of, post

PREFIX = "whsec_"
"""How a key begins; what follows is the key in base64."""
SHORTEST_KEY, LONGEST_KEY = 24, 64
"""Bytes of a key."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ChangesChannel:
    """An endpoint that hears of every change of a case of some workflows."""

    name: str
    url: Secret
    keys: tuple[Secret, ...]
    """Each signs: while a key is being replaced, the receiver may know the old one or the new one."""
    workflows: tuple[str, ...]
    route: Route

    def deliver(self, message: Message, address: str, *, now: datetime) -> Delivery:  # noqa: ARG002 - a program has no address
        """Post the change that *message* tells of, signed by every key; 410 means that it wants no more.

        The identifier is the same at every try, so that a change that comes twice can be known as one.
        """
        change = message.change
        if change is None:
            sentence = Text("{name}: takes no messages to people", "{name}：不接收发给人员的消息")
            return Refused(reason=sentence.format(name=self.name))
        data = {"number": change.number, "trigger": change.trigger, "revision": change.revision, "link": message.link}
        content: dict[str, object] = {"type": "case.changed", "timestamp": change.at, "data": data}
        if change.rehearsal:
            content["rehearsal"] = True
        body = json.dumps(content, ensure_ascii=False, sort_keys=True).encode()
        stamp = str(int(now.timestamp()))
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "webhook-id": message.message_id,
            "webhook-timestamp": stamp,
            "webhook-signature": " ".join(sign(each, message.message_id, stamp, body) for each in self.keys),
        }
        url, secrets = self.url.reveal(), (*address_secrets(self.url), *self.keys)
        answer = post(url, body, route=self.route, secrets=secrets, headers=headers)
        if isinstance(answer, Answer):
            return Delivered(receipt="HTTP 2xx")
        if isinstance(answer, Refused) and answer.status == HTTPStatus.GONE:
            sentence = Text(
                "{where}: wants no more changes (410); switched off until qingling outbox retry",
                "{where}：不再接收（410）；已停用，运行 qingling outbox retry 重新启用",
            )
            return Refused(reason=sentence.format(where=place_of(self.name, url)), gone=True)
        return answer


def sign(key: Secret, identifier: str, stamp: str, body: bytes) -> str:
    """Return one signature of *body*: `v1,` and the base64 of HMAC-SHA256 over identifier, time stamp and body."""
    signed = f"{identifier}.{stamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key_bytes(key), signed, hashlib.sha256).digest()).decode()


def key_bytes(key: Secret) -> bytes:
    """Return the bytes of a key.

    Raises:
        ValueError: If it does not begin with `whsec_`, or is not 24 to 64 bytes in base64 after it.
    """
    word = key.reveal()
    found = base64.b64decode(word.removeprefix(PREFIX), validate=True)
    if not word.startswith(PREFIX) or not SHORTEST_KEY <= len(found) <= LONGEST_KEY:
        raise ValueError
    return found
