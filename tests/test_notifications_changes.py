"""Changes of cases reach a program as signed webhooks: each once, with nothing of what was written in the case."""

import base64
import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from houses import House, built_house, house
from notices import NOW, message
from servers import Endpoint, Request, answer

from notifications.changes import sign
from notifications.channels import Secret
from notifications.messages import ChangeNotice, Message, Refused
from notifications.settings import read_settings

__all__ = ["built_house", "house"]

OLD, NEW = ("whsec_" + base64.b64encode(each).decode() for each in (b"k" * 32, bytes(range(24))))
CHANNELS = """
desk: https://leads.example.org/
channels:
  oa:
    family: changes
    url: {url}
    unencrypted: true
    inside: [127.0.0.1]
    workflows: lead
    keys: [{{env: HOOK_NEW}}, {{env: HOOK_OLD}}]
"""
KEYS = {"HOOK_OLD": OLD, "HOOK_NEW": NEW}
SUMMARY = "医院门口有人强揽生意"


def by_the_book(key: str, identifier: str, stamp: str, body: bytes) -> str:
    """Return the signature by the letter of RFC 2104, without the library that the program uses."""
    word = base64.b64decode(key.removeprefix("whsec_")).ljust(64, b"\0")
    inner = hashlib.sha256(bytes(each ^ 0x36 for each in word) + f"{identifier}.{stamp}.".encode() + body)
    outer = hashlib.sha256(bytes(each ^ 0x5C for each in word) + inner.digest())
    return "v1," + base64.b64encode(outer.digest()).decode()


def as_documented(found: dict[str, str]) -> Callable[[str, dict[str, str], bytes], bool]:
    """Return how the page on deployment lets a program judge what comes, at the instant of a request."""
    page = (Path(__file__).parents[1] / "docs" / "deployment.md").read_text("utf-8")
    known: dict[str, Any] = {}
    exec(page.split("```python\n")[1].split("```")[0], known)
    known["time"] = SimpleNamespace(time=lambda: float(found["webhook-timestamp"]) + 1)
    judge: Callable[[str, dict[str, str], bytes], bool] = known["is_ours"]
    return judge


def headers(request: Request) -> dict[str, str]:
    """Return the headers of a request by their names in small letters."""
    return {name.lower(): value for name, value in request.headers.items()}


def deliver(house: House, endpoint: Endpoint) -> str:
    """Deliver with the program that listens at *endpoint* declared, and return what was said."""
    (house.folder / "ledger-channels.yaml").write_text(CHANNELS.format(url=endpoint.url), "utf-8")
    return house.run("outbox", "deliver", env=KEYS).output


def test_signatures_are_those_of_the_published_library() -> None:
    """Two signatures that `standardwebhooks` 1.0 made of the same key, identifier, time and body."""
    body = '{"a":"线索"}'.encode()
    made = [sign(Secret(key), "msg_1", "1562202000", body) for key in (OLD, NEW)]

    assert made == [
        "v1,btXqZ1nKbtqwiEhlj2wN/sFIrseGAIWULXb6cA/FlcM=",
        "v1,kXhrYLbbo2unOlyc09ICNkE6jP14TOud3VsnYeb8Ps4=",
    ]


def test_a_program_hears_of_each_step_once(house: House) -> None:
    """Number, step, revision and link, signed by both keys; nothing from before, twice, or of a restricted case."""
    with Endpoint(answer({})) as endpoint:
        number = house.lead()
        deliver(house, endpoint)  # from here on it listens
        house.assigned(number)
        house.done("note", number, "no step")
        hidden = house.lead()
        house.done("restrict", hidden, "--to", "wang", "--reason", "names a colleague")
        house.now = "2019-07-06T23:00"  # at night on a day off: a program is awake
        said = [deliver(house, endpoint), deliver(house, endpoint)]

    [request] = endpoint.requests
    found, body = headers(request), request.body
    assert json.loads(body) == {
        "type": "case.changed",
        "timestamp": "2019-07-01T10:00:00+08:00",
        "rehearsal": True,
        "data": {
            "number": number,
            "trigger": "assign",
            "revision": 2,
            "link": f"https://leads.example.org/case/{number}",
        },
    }
    assert found["webhook-signature"].split() == [
        by_the_book(key, found["webhook-id"], found["webhook-timestamp"], body) for key in (NEW, OLD)
    ]
    late = found | {"webhook-timestamp": str(int(found["webhook-timestamp"]) - 301)}
    sent = ((OLD, found, body), (NEW, found, body), (NEW, late, body), (NEW, found, body + b" "))
    assert [as_documented(found)(*each) for each in sent] == [True, True, False, False]
    assert ["1 sent" in each for each in said] == [True, False], said
    assert SUMMARY not in body.decode()


def test_a_change_is_tried_again_under_one_name_and_410_switches_off(house: House) -> None:
    """503 comes again with the same identifier; after 410 nothing is promised until a retry is taken."""
    replies = [503, 200, 410, 200, 200]

    def turns(_request: Request) -> tuple[int, dict[str, str], bytes]:
        return replies.pop(0), {}, b""

    with Endpoint(turns) as endpoint:
        deliver(house, endpoint)
        number = house.lead()
        deliver(house, endpoint)
        house.now = "2019-07-01T10:30"
        deliver(house, endpoint)
        house.assigned(number)
        refused = deliver(house, endpoint)
        other = house.lead()
        deliver(house, endpoint)
        asked_while_off = len(endpoint.requests)
        house.done("outbox", "retry")
        deliver(house, endpoint)
        deliver(house, endpoint)

    heard = [(headers(each)["webhook-id"], json.loads(each.body)["data"]["number"]) for each in endpoint.requests]
    assert heard[0] == heard[1]
    assert "410" in refused
    assert asked_while_off == 3
    assert [each[1] for each in heard] == [number, number, number, number, other]


def test_what_was_promised_before_a_case_was_restricted_is_not_sent(house: House) -> None:
    """A change that is tried again is cancelled once nobody but the named may know of its case."""
    with Endpoint(lambda _: (503, {}, b"")) as endpoint:
        deliver(house, endpoint)
        number = house.lead()
        deliver(house, endpoint)
        house.done("restrict", number, "--to", "wang", "--reason", "names a colleague")
        house.now = "2019-07-01T10:30"
        deliver(house, endpoint)
        listed = house.run("outbox").output

    assert [json.loads(each.body)["data"]["number"] for each in endpoint.requests] == [number]
    assert number not in listed


@pytest.mark.parametrize(
    ("inside", "taken"), [("", False), ("inside: [10.0.0.0/8]", False), ("inside: [127.0.0.0/8]", True)]
)
def test_a_machine_inside_is_reached_only_if_named(tmp_path: Path, inside: str, taken: bool) -> None:
    """An address that is not on the open network is refused before a byte is sent, unless the file names it."""
    with Endpoint(answer({})) as endpoint:
        file = tmp_path / "channels.yaml"
        words = CHANNELS.format(url=endpoint.url).replace("inside: [127.0.0.1]", inside)
        file.write_text(words, "utf-8")
        channel = read_settings(file, KEYS).channels["oa"]
        outcome = channel.deliver(changed(), "", now=NOW)

    assert len(endpoint.requests) == int(taken)
    assert taken or (isinstance(outcome, Refused) and "127.0.0.1" in outcome.reason.en)


def changed() -> Message:
    """Return a message to a program."""
    return replace(message(), change=ChangeNotice(number="1", trigger="assign", revision=2, at=NOW.isoformat()))
