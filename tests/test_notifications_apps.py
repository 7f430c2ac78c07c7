"""Messages to one person by an application of WeCom, DingTalk or Feishu, against a server that is as sly as theirs."""

import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from notices import NOW, PAYLOADS, entry, row
from servers import Endpoint, Request

from notifications.apps import WeComApp
from notifications.channels import Channel, Secret
from notifications.messages import Delivered, Delivery, Message, Refused, RetryLater
from notifications.posting import Route
from notifications.render import Templates
from notifications.settings import read_settings
from workflows.loader import Declarations

DESK = "https://leads.example.org"
SECRET = "5ecret-Of/The+App"
NAMES = ("Officer A", "County Health", "某县卫生健康局", "甲某", "乙某", "丙某", "李某", "某县卫健局", "县医院", "赵某")

FAMILIES = {
    "wecom_app": "corp: ww1, agent: 1000002",
    "dingtalk_app": "app: ding1, agent: 2000000001",
    "feishu_app": "app: cli_1",
}


@dataclass(slots=True)
class Vendor:
    """All three vendors: tokens that end, a no with HTTP 200, a yes that delivers nothing."""

    ended: set[str] = field(default_factory=set)
    given: int = 0
    busy: bool = False
    """Answers once that there were too many messages."""
    http_busy: bool = False
    ignores_tokens: bool = False
    delivered: list[tuple[str, str]] = field(default_factory=list)
    """Person and text."""
    results: list[dict[str, object]] = field(default_factory=list)

    def __call__(self, request: Request) -> tuple[int, dict[str, str], bytes]:
        """Answer one request."""
        if self.http_busy and "token" not in request.path:
            self.http_busy = False
            return 429, {"Retry-After": "7"}, b""
        said = self.answer(request, json.loads(request.body or b"{}"))
        return 200, {"Content-Type": "application/json"}, json.dumps(said).encode()

    def answer(self, request: Request, body: Mapping[str, Any]) -> Mapping[str, object]:
        """Return what the JSON object of the answer is."""
        match request.path:
            case "/cgi-bin/gettoken" | "/gettoken":
                asked = request.query.get("corpsecret") or request.query.get("appsecret")
                return self.token("access_token", "expires_in", 40001, right=asked == [SECRET])
            case "/open-apis/auth/v3/tenant_access_token/internal":
                return self.token("tenant_access_token", "expire", 10014, right=body["app_secret"] == SECRET)
            case "/cgi-bin/message/send":
                text = body["text"]["content"]
                assert len(text.encode()) <= 2048
                wrong = self.wrong(request.query["access_token"][0], 42001, 45009)
                return wrong or self.by_wecom(body["touser"], text)
            case "/topapi/message/corpconversation/asyncsend_v2":
                text = body["msg"]["text"]["content"]
                assert len(text.encode()) <= 2048
                wrong = self.wrong(request.query["access_token"][0], 40014, 90018)
                hidden = wrong and {"errcode": 88, "sub_code": str(wrong["errcode"]), "sub_msg": "no"}
                return hidden or self.by_dingtalk(body["userid_list"], text)
            case "/topapi/message/corpconversation/getsendresult":
                return {"errcode": 0, "send_result": self.results[int(body["task_id"])]}
            case "/open-apis/im/v1/messages":
                text = json.loads(body["content"])["text"]
                wrong = self.wrong(request.headers["Authorization"].removeprefix("Bearer "), 99991663, 99991400)
                return {"code": wrong["errcode"], "msg": "no"} if wrong else self.by_feishu(body["receive_id"], text)
        raise AssertionError(request.path)

    def token(self, name: str, life: str, no: int, *, right: bool) -> Mapping[str, object]:
        """Give a token."""
        self.given += right
        if not right:
            return {"errcode": no, "code": no, "errmsg": f"invalid secret {SECRET}"}
        return {"errcode": 0, "code": 0, name: f"token-{self.given}", life: 7200}

    def wrong(self, token: str, ended: int, full: int) -> dict[str, object] | None:
        """Refuse a token that has ended, and once what is too much."""
        if token in self.ended or self.ignores_tokens:
            return {"errcode": ended, "errmsg": f"token {token} is over"}
        if self.busy:
            self.busy = False
            return {"errcode": full, "errmsg": "too many"}
        return None

    def by_wecom(self, person: str, text: str) -> Mapping[str, object]:
        """Say ok, and name in small letters who was not reached."""
        if person == "Away":
            return {"errcode": 81013, "errmsg": "all invalid"}
        if person == "Unseen":
            return {"errcode": 0, "errmsg": "ok", "invaliduser": "other|unseen"}
        self.delivered.append((person, text))
        return {"errcode": 0, "errmsg": "ok", "msgid": "m1"}

    def by_dingtalk(self, person: str, text: str) -> Mapping[str, object]:
        """Say ok whatever becomes of it; the same text of a day is dropped."""
        result: dict[str, object] = {"invalid_user_id_list": [], "failed_user_id_list": [], "forbidden_list": []}
        if person in {"Away", "Unseen"}:
            result["invalid_user_id_list"] = [person]
        elif (person, text) in self.delivered:
            result["forbidden_list"] = [{"code": "143106", "count": 1, "userid": person}]
        else:
            self.delivered.append((person, text))
        self.results.append(result)
        return {"errcode": 0, "task_id": len(self.results) - 1}

    def by_feishu(self, person: str, text: str) -> Mapping[str, object]:
        """Say who is out of reach by a code."""
        if person in {"Away", "Unseen"}:
            return {"code": 230013, "msg": "Bot has NO availability to this user"}
        self.delivered.append((person, text))
        return {"code": 0, "data": {"message_id": "om_1"}}


def app(family: str, url: str, folder: Path, secret: str = SECRET) -> Channel:
    """Return an application that speaks to *url*, as a file of channels declares it."""
    file = folder / "channels.yaml"
    more = FAMILIES[family]
    file.write_text(
        f"channels:\n  app: {{family: {family}, {more}, secret: {{env: S}}, host: '{url}', unencrypted: true}}\n",
        "utf-8",
    )
    return read_settings(file, {"S": secret}).channels["app"]


@cache
def templates() -> Templates:
    """Return the shipped templates."""
    return Templates(levels=Declarations().levels(), desk=DESK)


def said(kind: str = "digest", **more: Any) -> Message:
    """Return a message as it is sent."""
    return templates().render(row(kind, **more))


families = pytest.mark.parametrize("family", sorted(FAMILIES))


@families
def test_a_token_is_kept_renewed_early_and_fetched_once(family: str, tmp_path: Path) -> None:
    """One for many messages and threads, a new one five minutes before its end, and once more if it ends too soon."""
    vendor = Vendor()
    with Endpoint(vendor) as endpoint:

        def send(n: int, now: Any = NOW) -> Delivery:
            channel = app(family, endpoint.url, tmp_path)  # read again for every delivery, as the watch does
            return channel.deliver(said("to_sign", key=f"k{n}"), "zhao", now=now)

        with ThreadPoolExecutor(3) as pool:
            channel = app(family, endpoint.url, tmp_path)
            sent = list(pool.map(lambda _: channel.deliver(said(), "zhao", now=NOW), range(3)))
        sent.append(send(0, NOW + timedelta(seconds=6_899)))
        assert all(isinstance(each, Delivered) for each in sent), sent
        assert vendor.given == 1
        send(1, NOW + timedelta(seconds=6_900))
        assert vendor.given == 2
        vendor.ended.add("token-2")
        assert isinstance(send(2, NOW + timedelta(seconds=7_000)), Delivered)
        assert vendor.given == 3
        vendor.ignores_tokens = True
        outcome = send(3, NOW + timedelta(seconds=7_001))

    assert isinstance(outcome, RetryLater)
    assert outcome.channel_down
    assert vendor.given == 4


@families
def test_a_yes_that_reaches_nobody_is_a_failure_of_that_person(family: str, tmp_path: Path) -> None:
    """Who is not reached fails alone, at once; what would reach everybody, or several, is not sent."""
    with Endpoint(vendor := Vendor()) as endpoint:
        channel = app(family, endpoint.url, tmp_path)
        outcomes = {each: channel.deliver(said(), each, now=NOW) for each in ("zhao", "Unseen", "Away", "")}
        many = {"wecom_app": ("@all", "a|b"), "dingtalk_app": ("a,b",), "feishu_app": ()}[family]
        outcomes |= {each: channel.deliver(said(), each, now=NOW) for each in many}

    assert isinstance(outcomes.pop("zhao"), Delivered)
    assert all(isinstance(each, Refused) for each in outcomes.values()), outcomes
    assert [person for person, _ in vendor.delivered] == ["zhao"]


@families
def test_too_many_messages_rest_the_channel(family: str, tmp_path: Path) -> None:
    """The vendor's code and HTTP 429 both mean that nothing is asked for a while, and no attempt is lost for good."""
    with Endpoint(vendor := Vendor(busy=True)) as endpoint:
        channel = app(family, endpoint.url, tmp_path)
        first = channel.deliver(said(), "zhao", now=NOW)
        vendor.http_busy = True
        second = channel.deliver(said(), "zhao", now=NOW)
        third = channel.deliver(said(), "zhao", now=NOW)

    assert [isinstance(each, RetryLater) and each.blocked and each.wait for each in (first, second)] == [
        timedelta(minutes=1),
        timedelta(seconds=7),
    ]
    assert isinstance(third, Delivered)


@families
def test_a_wrong_secret_downs_the_channel_and_is_not_repeated(family: str, tmp_path: Path) -> None:
    """Every message would meet it, so the others wait; the vendor's words come without the secret."""
    with Endpoint(Vendor()) as endpoint:
        outcome = app(family, endpoint.url, tmp_path, "wr0ng-secret").deliver(said(), "zhao", now=NOW)

    assert isinstance(outcome, RetryLater)
    assert outcome.channel_down
    assert "wr0ng" not in str(outcome)


@families
@pytest.mark.parametrize("language", ["zh", "en"])
def test_nothing_that_names_anybody_leaves_the_house(family: str, language: Any, tmp_path: Path) -> None:
    """Whatever the kind, the body has no person and no unit, but the desk's link, also where it is cut."""
    named = entry(1, "2019-07-05", "remind", 1, acting_for="乙某", unit="县医院", lacking="李某")
    kinds = {**PAYLOADS, "digest": {"as_of": "2019-07-04", "entries": [named] * 60}}
    messages = [said(kind, payload=payload, language=language) for kind, payload in kinds.items()]
    with Endpoint(Vendor()) as endpoint:
        channel = app(family, endpoint.url, tmp_path)
        outcomes = [channel.deliver(each, "zhao", now=NOW) for each in messages]
        bodies = [each.body.decode() for each in endpoint.requests if b"zhao" in each.body]

    assert all(isinstance(each, Delivered) for each in outcomes), outcomes
    assert [name for name in NAMES for body in bodies if name in body or name in repr(json.loads(body))] == []
    assert all(DESK in body for body in bodies)
    assert len(bodies) == len(kinds)


def test_dingtalk_shows_two_days_alike_and_a_second_try_is_no_failure(tmp_path: Path) -> None:
    """Two messages that say the same differ by their minute; the same one again is there already."""
    with Endpoint(vendor := Vendor()) as endpoint:
        channel = app("dingtalk_app", endpoint.url, tmp_path)
        today, tomorrow = (
            templates().render(replace(row("notice"), created_at=NOW + timedelta(days=n))) for n in (0, 1)
        )
        outcomes = [channel.deliver(each, "zhao", now=NOW) for each in (today, today, tomorrow)]

    assert all(isinstance(each, Delivered) for each in outcomes)
    assert [text.splitlines()[0] for _, text in vendor.delivered] == [
        "【清零】问题线索 XQ-XS-2019-0001：已交办给您（2019年7月4日 09:00）",
        "【清零】问题线索 XQ-XS-2019-0001：已交办给您（2019年7月5日 09:00）",
    ]


def test_a_machine_that_wecom_does_not_know_is_nobodys_fault() -> None:
    """Code 60020 downs the channel: no message is given up for it."""

    def turns(request: Request) -> tuple[int, dict[str, str], bytes]:
        token = {"errcode": 0, "access_token": "t", "expires_in": 7200}
        return 200, {}, json.dumps(token if "gettoken" in request.path else {"errcode": 60020}).encode()

    with Endpoint(turns) as endpoint:
        channel = WeComApp(
            name="app", corp="w", agent=1, secret=Secret("s"), host=endpoint.url, route=Route(name="app")
        )
        outcome = channel.deliver(said(), "zhao", now=NOW)

    assert isinstance(outcome, RetryLater)
    assert outcome.channel_down
