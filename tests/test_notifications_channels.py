"""Bots, webhooks, gateways and trial channels against a real HTTP endpoint, sound and misbehaving."""

import base64
import hashlib
import hmac
import io
import json
import logging
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from notices import NOW, message
from servers import (
    HOST,
    Answering,
    Authority,
    Endpoint,
    Manner,
    RudeServer,
    answer,
    babbling,
    closing,
    closing_midway,
    dripping,
    dripping_http,
    echoing,
    hanging,
    raw,
)

from notifications.bots import DingTalkChannel, FeishuChannel, WeComChannel
from notifications.channels import Channel, Secret, Timeouts, redacted, shortened
from notifications.messages import Attachment, Delivered, Refused, RetryLater
from notifications.posting import Route
from notifications.trials import ConsoleChannel, FileChannel
from notifications.webhooks import SIGNATURE, TIMESTAMP, Acceptance, SmsChannel, WebhookChannel

TOKEN = "t0ken-With/plus+and=equals"
SECRET = "SEC-5ecret/with+signs="
QUICK = Timeouts(connect=0.2, total=0.2)

Building = Callable[[str, Route], Channel]

FAMILIES: Mapping[str, Building] = {
    "wecom": lambda url, route: WeComChannel(name="bot", key=Secret(TOKEN), host=url, route=route),
    "dingtalk": lambda url, route: DingTalkChannel(
        name="bot", token=Secret(TOKEN), secret=Secret(SECRET), host=url, route=route
    ),
    "feishu": lambda url, route: FeishuChannel(
        name="bot", token=Secret(TOKEN), secret=Secret(SECRET), host=url, route=route
    ),
    "webhook": lambda url, route: WebhookChannel(
        name="bot",
        url=Secret(f"{url}/hook/{TOKEN}?token={TOKEN}"),
        secret=Secret(SECRET),
        accepted=Acceptance(field="code", equals=("0",), retry_on=("9499",)),
        route=route,
    ),
    "sms": lambda url, route: SmsChannel(
        name="bot",
        url=Secret(f"{url}/send?token={TOKEN}"),
        query={"app": Secret(SECRET)},
        headers={"X-Key": Secret(SECRET)},
        body={"mobile": "{to}", "content": "{subject}", "auth": {"key": Secret(SECRET)}},
        accepted=Acceptance(field="code", equals=("0",), retry_on=("9499",)),
        route=route,
    ),
}
YES = {"errcode": 0, "errmsg": "ok", "code": 0, "msg": "success"}


def build(family: str, url: str, *, ca: Path | None = None, timeouts: Timeouts | None = None) -> Channel:
    """Return a channel of *family* that speaks to *url*."""
    return FAMILIES[family](url, Route(name="bot", ca=ca, timeouts=timeouts or Timeouts()))


def patience(manner: Manner) -> Timeouts:
    """Return little of it for servers that would never come to an end."""
    return QUICK if manner in (hanging, dripping, dripping_http) else Timeouts()


families = pytest.mark.parametrize("family", sorted(FAMILIES))


@families
def test_a_yes_is_a_delivery(family: str) -> None:
    """An answer that says yes in status and body is a delivery, and the request was one."""
    with Endpoint(answer(YES)) as endpoint:
        outcome = build(family, endpoint.url).deliver(message(), "13900000000", now=NOW)

    assert isinstance(outcome, Delivered)
    assert len(endpoint.requests) == 1


@families
@pytest.mark.parametrize(
    ("answering", "kind", "down"),
    [
        pytest.param(answer(status=400), Refused, None, id="400"),
        pytest.param(answer(status=404), Refused, None, id="404"),
        pytest.param(
            answer(status=302, headers={"Location": "http://elsewhere.invalid/"}), Refused, None, id="redirect"
        ),
        pytest.param(answer(status=429), RetryLater, False, id="429"),
        pytest.param(answer(status=500), RetryLater, True, id="500"),
        pytest.param(answer(status=503), RetryLater, True, id="503"),
        pytest.param(raw(b"<html>login</html>"), RetryLater, True, id="a login page"),
        pytest.param(raw(b"\xff\xfe" * 50), RetryLater, True, id="garbage"),
        pytest.param(raw(b"[" * 60_000), RetryLater, True, id="deep garbage"),
        pytest.param(raw(b" " * 100_000), RetryLater, True, id="an answer without end"),
        pytest.param(raw(b"no gzip", {"Content-Encoding": "gzip"}), RetryLater, True, id="a broken encoding"),
        pytest.param(
            answer({"errcode": 310000, "code": 310000, "errmsg": "sign not match"}), Refused, None, id="no in the body"
        ),
    ],
)
def test_a_no_is_told_from_a_not_now(family: str, answering: Answering, kind: type, down: bool | None) -> None:
    """4xx and a no in the body are final; 429, 5xx and what cannot be read are tried again; one line each."""
    with Endpoint(answering) as endpoint:
        outcome = build(family, endpoint.url).deliver(message(), "13900000000", now=NOW)

    assert isinstance(outcome, kind)
    assert not isinstance(outcome, Delivered)
    assert getattr(outcome, "channel_down", None) is down
    assert "\n" not in outcome.reason.en + outcome.reason.zh
    assert HOST in outcome.reason.en


@pytest.mark.parametrize(
    ("family", "code"),
    [
        ("wecom", 45009),
        ("wecom", -1),
        ("dingtalk", 130101),
        ("dingtalk", 410100),
        ("feishu", 9499),
        ("feishu", 11232),
        ("sms", 9499),
    ],
)
def test_too_fast_is_tried_again(family: str, code: int) -> None:
    """The vendors' codes for too many messages mean later, not no; the channel is not down."""
    with Endpoint(answer({"errcode": code, "code": code})) as endpoint:
        outcome = build(family, endpoint.url).deliver(message(), "13900000000", now=NOW)

    assert isinstance(outcome, RetryLater)
    assert not outcome.channel_down


@pytest.mark.parametrize(
    ("family", "code", "minutes"),
    [("wecom", 45009, 1), ("dingtalk", 130101, 10), ("feishu", 11232, 1), ("wecom", -1, None)],
)
def test_a_robot_that_blocks_is_left_alone_for_as_long_as_its_vendor_says(
    family: str, code: int, minutes: int | None
) -> None:
    """Too many messages shut a robot for a minute, at DingTalk for ten; a busy one may be asked at once."""
    with Endpoint(answer({"errcode": code, "code": code})) as endpoint:
        outcome = build(family, endpoint.url).deliver(message(), "", now=NOW)

    assert isinstance(outcome, RetryLater)
    assert outcome.blocked == (minutes is not None)
    assert outcome.wait == (None if minutes is None else timedelta(minutes=minutes))


def test_the_wait_that_is_asked_for_is_kept() -> None:
    """Retry-After in seconds is handed on, a day at most."""
    with Endpoint(answer(status=429, headers={"Retry-After": "999999"})) as endpoint:
        outcome = build("wecom", endpoint.url).deliver(message(), "", now=NOW)

    assert isinstance(outcome, RetryLater)
    assert outcome.wait == timedelta(days=1)


@families
@pytest.mark.parametrize(
    ("manner", "told"),
    [
        pytest.param(hanging, "no answer within 0.2 s", id="hangs"),
        pytest.param(dripping, "bot", id="drips from the first byte"),
        pytest.param(dripping_http, "no answer within 0.2 s", id="drips the body"),
        pytest.param(closing, "closed the connection midway", id="closes at once"),
        pytest.param(closing_midway, "closed the connection midway", id="closes midway"),
        pytest.param(babbling, "does not speak HTTP", id="talks garbage"),
    ],
)
def test_a_server_that_misbehaves_costs_a_wait(family: str, manner: Manner, told: str) -> None:
    """Whatever the server does: one line, tried again, the channel counts as down."""
    with RudeServer(manner) as server:
        outcome = build(family, f"http://{HOST}:{server.port}", timeouts=patience(manner)).deliver(
            message(), "13900000000", now=NOW
        )

    assert isinstance(outcome, RetryLater)
    assert outcome.channel_down
    assert told in outcome.reason.en


@pytest.mark.parametrize("fault", ["unknown authority", "another name", "none"])
def test_a_certificate_must_be_right(fault: str, tmp_path: Path) -> None:
    """A bad certificate stops the request before a word of it; a good one of the unit's own authority is fine."""
    authority = Authority()
    context = authority.context("other.invalid" if fault == "another name" else HOST)
    ca = None if fault == "unknown authority" else authority.file(tmp_path)
    with Endpoint(answer(YES), tls=context) as endpoint:
        outcome = build("wecom", endpoint.url, ca=ca).deliver(message(), "", now=NOW)

    assert isinstance(outcome, Delivered) is (fault == "none")
    assert len(endpoint.requests) == (fault == "none")
    assert isinstance(outcome, Delivered) or "certificate is not valid" in getattr(outcome, "reason").en  # noqa: B009 - typed union


@families
@pytest.mark.parametrize(
    "answering",
    [
        *(pytest.param(echoing(status), id=f"repeats all with {status}") for status in (200, 302, 400, 403, 429, 500)),
        pytest.param(answer({"errcode": 1, "code": 1, "errmsg": f"bad {TOKEN}", "msg": f"{TOKEN} no"}), id="no"),
        pytest.param(answer({"errcode": 0, "code": 0, "errmsg": TOKEN}), id="yes"),
    ],
)
def test_no_secret_is_ever_repeated(family: str, answering: Answering, caplog: pytest.LogCaptureFixture) -> None:
    """Whatever a server repeats, no secret and no part of an address stands in reason, repr or log."""
    caplog.set_level(logging.DEBUG)
    with Endpoint(answering) as endpoint:
        channel = build(family, endpoint.url)
        outcome = channel.deliver(message(), "13900000000", now=NOW)
    told = unquote(repr(outcome) + repr(channel) + caplog.text)

    assert [word for word in (TOKEN, SECRET, base64.b64encode(SECRET.encode()).decode()) if word in told] == []


@families
@pytest.mark.parametrize(
    "manner", [hanging, closing, closing_midway, babbling], ids=["hang", "close", "midway", "garbage"]
)
def test_no_secret_is_repeated_when_the_line_breaks(
    family: str, manner: Manner, caplog: pytest.LogCaptureFixture
) -> None:
    """A broken connection tells no secret either."""
    caplog.set_level(logging.DEBUG)
    with RudeServer(manner) as server:
        channel = build(family, f"http://{HOST}:{server.port}", timeouts=patience(manner))
        outcome = channel.deliver(message(), "13900000000", now=NOW)
    told = unquote(repr(outcome) + repr(channel) + caplog.text)

    assert [word for word in (TOKEN, SECRET) if word in told] == []


def test_wecom_is_asked_as_it_wants_to_be() -> None:
    """The key survives in the query, the words and the number to call by stand in the body."""
    with Endpoint(answer(YES)) as endpoint:
        build("wecom", endpoint.url).deliver(message(), "13900000000", now=NOW)
    (request,) = endpoint.requests

    assert request.path == "/cgi-bin/webhook/send"
    assert request.query == {"key": [TOKEN]}
    assert request.fields["msgtype"] == "text"
    assert request.fields["text"]["content"].startswith("【清零】1 个今天到期\n\nXQ-XS-2019-0001")
    assert request.fields["text"]["mentioned_mobile_list"] == ["13900000000"]


def test_wecom_markdown_names_its_papers() -> None:
    """As markdown the subject is bold; papers are named, since a bot cannot carry them."""
    paper = Attachment(name="催办单.docx", media_type="application/msword", content=b"x")
    with Endpoint(answer(YES)) as endpoint:
        channel = WeComChannel(
            name="bot", key=Secret(TOKEN), host=endpoint.url, style="markdown", route=Route(name="bot")
        )
        channel.deliver(message(attachments=(paper,)), "", now=NOW)
    content = endpoint.requests[0].fields["markdown"]["content"]

    assert content.startswith("**【清零】1 个今天到期**")
    assert content.endswith("附件：催办单.docx")


def test_wecom_gets_no_more_than_it_takes() -> None:
    """A long digest is cut at 2048 bytes between two characters, and says so."""
    with Endpoint(answer(YES)) as endpoint:
        build("wecom", endpoint.url).deliver(message("逾期" * 2000), "", now=NOW)
    content = endpoint.requests[0].fields["text"]["content"]

    assert 2040 < len(content.encode()) <= 2048
    assert content.endswith("其余请运行 qingling 期限 列表 查看")


def test_dingtalk_is_signed_once_encoded() -> None:
    """The signature is that of DingTalk's rule, percent-encoded once; its stamp is in milliseconds."""
    with Endpoint(answer(YES)) as endpoint:
        build("dingtalk", endpoint.url).deliver(message(), "13900000000", now=NOW)
    (request,) = endpoint.requests
    stamp = request.query["timestamp"][0]
    expected = base64.b64encode(hmac.digest(SECRET.encode(), f"{stamp}\n{SECRET}".encode(), hashlib.sha256)).decode()

    assert stamp == "1562202000000"
    assert request.query["sign"] == [expected]
    assert "%25" not in request.raw_query
    assert request.query["access_token"] == [TOKEN]
    assert request.fields["at"]["atMobiles"] == ["13900000000"]


def test_feishu_is_signed() -> None:
    """The signature is that of Feishu's rule: stamp in seconds and secret are the key, the text is empty."""
    with Endpoint(answer({"StatusCode": 0, "StatusMessage": "success"})) as endpoint:
        outcome = build("feishu", endpoint.url).deliver(message(), "", now=NOW)
    fields = endpoint.requests[0].fields
    expected = base64.b64encode(hmac.digest(f"1562202000\n{SECRET}".encode(), b"", hashlib.sha256)).decode()

    assert (fields["timestamp"], fields["sign"]) == ("1562202000", expected)
    assert fields["content"]["text"].startswith("【清零】")
    assert isinstance(outcome, Delivered)


def test_the_webhook_is_signed_over_stamp_and_body() -> None:
    """The receiver can check signature and age, and knows a resending by the idempotency key."""
    with Endpoint(answer(YES)) as endpoint:
        channel = build("webhook", endpoint.url)
        channel.deliver(message(), "officer-a", now=NOW)
        channel.deliver(message(), "officer-a", now=NOW + timedelta(minutes=5))
    first, again = endpoint.requests
    signed = first.headers[TIMESTAMP].encode() + b"." + first.body

    assert first.headers[SIGNATURE] == "sha256=" + hmac.digest(SECRET.encode(), signed, "sha256").hex()
    assert first.headers["Idempotency-Key"] == again.headers["Idempotency-Key"] == first.fields["message_id"]
    assert first.headers[SIGNATURE] != again.headers[SIGNATURE]
    assert first.fields["to"] == {"name": "甲某", "address": "officer-a"}


@pytest.mark.parametrize("form", [False, True], ids=["json", "form"])
def test_a_gateway_is_asked_as_declared(form: bool) -> None:
    """Signs stand for what is sent, in address and body; what is sent is not searched for signs again."""
    with Endpoint(answer({"result": {"status": "OK"}})) as endpoint:
        channel = SmsChannel(
            name="sms",
            url=Secret(f"{endpoint.url}/sms/{{to}}"),
            query={"sig": Secret("a&b")},
            body={"to": "{to}", "words": "{text}", "again": 3},
            form=form,
            accepted=Acceptance(field="result.status", equals=("OK",)),
            route=Route(name="sms"),
        )
        outcome = channel.deliver(message("{to} 请 & 处理"), "+86 139", now=NOW)
    (request,) = endpoint.requests

    assert isinstance(outcome, Delivered)
    assert unquote(request.path) == "/sms/+86 139"
    assert request.query == {"sig": ["a&b"]}
    if form:
        assert request.body.decode().startswith("to=%2B86+139&words=%7Bto%7D+")
    else:
        assert request.fields == {"to": "+86 139", "words": "{to} 请 & 处理", "again": 3}


@given(words=st.text(max_size=300), limit=st.integers(min_value=10, max_value=400))
def test_a_cut_never_splits_a_character(words: str, limit: int) -> None:
    """Cut words fit into the bytes, begin like the whole and end with the note; short ones stay whole."""
    words = words.encode(errors="ignore").decode()
    cut = shortened(words, limit, "…")

    assert len(cut.encode()) <= limit
    assert cut == words or (cut.endswith("…") and words.startswith(cut[:-1]))


@given(secret=st.text(st.characters(codec="utf-8"), min_size=4, max_size=30), around=st.text(max_size=20))
def test_redaction_leaves_no_secret(secret: str, around: str) -> None:
    """Whatever the secret and whatever stands around it, redacted words do not hold it."""
    assert secret not in redacted(f"{around}{secret}{around}", [Secret(secret)]).replace("***", "")


def test_a_file_is_written_once_per_message(tmp_path: Path) -> None:
    """The same message again replaces its file; no half file is left behind."""
    channel = FileChannel(name="drop", folder=tmp_path / "out", shape="json")
    for _ in range(2):
        channel.deliver(message(), "officer@bureau.invalid", now=NOW)
    (file,) = (tmp_path / "out").iterdir()

    assert json.loads(file.read_text())["subject"] == "【清零】1 个今天到期"


def test_a_folder_that_cannot_be_written_costs_a_wait(tmp_path: Path) -> None:
    """A folder that is a file is said to be none, and the message is tried again."""
    (tmp_path / "out").write_text("")
    outcome = FileChannel(name="drop", folder=tmp_path / "out").deliver(message(), "", now=NOW)

    assert isinstance(outcome, RetryLater)
    assert "cannot write" in outcome.reason.en


def test_the_screen_shows_the_message() -> None:
    """The console prints to whom, subject and text."""
    screen = io.StringIO()
    ConsoleChannel(name="screen", stream=screen).deliver(message(), "", now=NOW)

    assert screen.getvalue().splitlines()[:2] == ["── 2019-07-04T09:00+08:00 → 甲某", "【清零】1 个今天到期"]
