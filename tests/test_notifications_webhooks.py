"""An endpoint that answers yes with its status and no with its words has not taken the message."""

import pytest
from notices import NOW, message
from servers import Endpoint, raw

from notifications.channels import Secret
from notifications.messages import Delivered, RetryLater
from notifications.posting import Route
from notifications.webhooks import WebhookChannel


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        pytest.param(b"", Delivered, id="nothing said"),
        pytest.param(b"ok", Delivered, id="a word"),
        pytest.param("成功".encode(), Delivered, id="a Chinese word"),
        pytest.param(b'{"accepted": true}', Delivered, id="an object without a code"),
        pytest.param(b'{"errcode": 0, "errmsg": "ok"}', Delivered, id="code 0"),
        pytest.param(b'{"code": "0"}', Delivered, id="code 0 as text"),
        pytest.param(b'{"code": 200}', Delivered, id="the code of HTTP itself"),
        pytest.param(b'{"errcode": 93000, "errmsg": "invalid webhook url"}', RetryLater, id="errcode"),
        pytest.param(b'{"code": 19001}', RetryLater, id="code"),
        pytest.param(b'{"errno": "7"}', RetryLater, id="errno as text"),
        pytest.param(b'{"code": "E_LIMIT"}', RetryLater, id="a word for a code"),
        pytest.param(b'{"code": "OK"}', Delivered, id="OK for a code"),
        pytest.param(b"\x89PNG\r\n\x1a\n\x00\xff\xfe", RetryLater, id="a picture"),
        pytest.param(b"\x00\x01\x02", RetryLater, id="control characters"),
    ],
)
def test_an_answer_that_says_no_is_not_taken(body: bytes, kind: type) -> None:
    """Without `accepted`, a 2xx answer is a yes unless its own code or its bytes say otherwise."""
    with Endpoint(raw(body)) as endpoint:
        channel = WebhookChannel(
            name="hook", url=Secret(endpoint.url), secret=Secret("s3cret"), route=Route(name="hook")
        )
        outcome = channel.deliver(message(), "a", now=NOW)

    assert isinstance(outcome, kind), outcome


def test_what_it_said_is_told() -> None:
    """The code and the words of the endpoint stand in the reason."""
    with Endpoint(raw(b'{"errcode": 93000, "errmsg": "invalid webhook url"}')) as endpoint:
        channel = WebhookChannel(
            name="hook", url=Secret(endpoint.url), secret=Secret("s3cret"), route=Route(name="hook")
        )
        outcome = channel.deliver(message(), "a", now=NOW)

    assert isinstance(outcome, RetryLater)
    assert "errcode 93000 invalid webhook url" in outcome.reason.en
