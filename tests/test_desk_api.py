"""Programs ask the ledger as people do: the same operations, rights and journal, by tokens, described as OpenAPI."""

import json
import re
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from desks import Clock, serving
from icalendar import Calendar
from ledgers import DAY, LEAD, START, furnished, opened, register
from openapi_spec_validator import validate
from starlette.testclient import TestClient

from engine.operations.cases.casework import advance
from engine.operations.cases.restricting import restrict
from engine.operations.deadlines.extending import ask_extension
from engine.operations.deadlines.sweep import SWEPT_AT
from engine.operations.house import registration as keeping
from engine.operations.house.verifying import verify
from engine.operations.identity import credentials
from engine.operations.identity.logging_in import shown_by_session
from engine.operations.identity.showing import act_as
from engine.operations.identity.tokens import log_in_by_token, make_token
from engine.operations.identity.ways import FEED, READS, WRITES
from engine.operations.ledger.acting import Acting
from engine.store import house_rows as house
from engine.workflow.deadline import Term, TermUnit
from engine.working_days.instants import microseconds

API = "/api/v1"
LATER = START + timedelta(days=2)


class Program:
    """A program that asks in an officer's name."""

    def __init__(self, client: TestClient, token: str, language: str = "zh") -> None:
        self.client = client
        self.headers = {"authorization": f"Bearer {token}", "accept-language": language}

    def asks(self, path: str, status: int = 200, **more: str) -> Any:
        """Return what is answered."""
        self.client.headers.pop("sec-fetch-site", None)
        answer = self.client.get(API + path, headers={**self.headers, **more})
        assert answer.status_code == status, (path, answer.status_code, answer.text)
        return answer.json()

    def sends(self, path: str, body: object, status: int = 200, **more: str) -> Any:
        """Return what is answered to what is sent."""
        self.client.headers.pop("sec-fetch-site", None)
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {**self.headers, **{name.replace("_", "-"): value for name, value in more.items()}}
        answer = self.client.post(API + path, content=content, headers=headers)
        assert answer.status_code == status, (path, answer.status_code, answer.text)
        return answer.json()


def secrets(url: str, officer: str, *ways: str) -> list[str]:
    """Return new secrets of an officer: the first is a token, who has one is known by it for the others."""
    found: list[str] = []
    with opened(url) as ledger:
        for way in ways:
            found.append(make_token(Acting(ledger, officer, START), way))
            if len(ways) > len(found) == 1:
                held = log_in_by_token(ledger, found[0], now=START)
                act_as(ledger, shown_by_session(ledger, held, now=START))
    return found


def test_a_program_registers_and_takes_steps(database_url: str, tmp_path: Path) -> None:
    """Open, show, step, note, file, list: by the rules, as seen, once; and the journal of it is whole."""
    with furnished(database_url):
        pass
    (zhou,), (chen,), (reads,) = (
        secrets(database_url, *each) for each in (("zhou", WRITES), ("chen", WRITES), ("lian", READS))
    )
    with serving(database_url, files=tmp_path / "files") as client:
        office, reader = Program(client, zhou), Program(client, reads)
        asked = {**LEAD, "summary": "反映车站旁有人倒卖门票"}
        lead = "/workflows/lead/cases"
        made = office.sends(f"{lead}?unit=0101", asked, 201, idempotency_key="a")
        number = made["number"]
        assert office.sends(f"{lead}?unit=0101", asked, 200, idempotency_key="a")["number"] == number
        assign = f"{lead}/{number}/steps/assign"
        named = {"responsible_leader": "liu", "handler": "chen"}
        assert office.sends(assign, named, 428)["status"] == 428
        wrong = office.sends(assign, {"handler": "nobody"}, 422, if_match='"1"')
        assert {each["field"] for each in wrong["reasons"]} >= {"handler"}
        done = office.sends(assign, named, if_match='"1"')
        assert (done["state"], done["revision"]) == ("assigned", 2)
        assert office.sends(assign, named, if_match='"1"')["revision"] == 2  # sent again: the same, once
        late = Program(client, chen, "en").sends(f"/cases/{number}/notes", {"words": "x"}, 409, if_match='"1"')
        assert [each["by"] for each in late["since"]] == ["zhou"]
        assert late["zh"] != late["en"] == late["detail"]
        office.sends(f"/cases/{number}/notes", {"words": "已电话联系"}, 201, if_match='"2"')
        office.sends(f"/cases/{number}/attachments?name=a.txt", b"content", 201)
        seen = reader.asks(f"/cases/{number}")
        assert [each["kind"] for each in seen["timeline"]] == ["opened", "moved", "noted", "attached"]
        digest = seen["attachments"][0]["digest"]
        file = client.get(f"{API}/cases/{number}/attachments/{digest}", headers=office.headers)
        assert (file.content, file.headers["content-disposition"]) == (b"content", "attachment")
        assert [each["number"] for each in reader.asks(f"{lead}?search=门票&state=assigned&limit=1")["cases"]] == [
            number
        ]
        assert reader.sends(f"/cases/{number}/notes", {"words": "x"}, 403, if_match='"4"')["status"] == 403
        assert office.asks("/zero/zhengzhou_2019")["verdict"]
    with opened(database_url) as ledger:
        assert verify(ledger)[1] == ()
        rows = ledger.store.query("SELECT way, officer FROM access_log") if ledger.store.dialect != "sqlite" else []
        assert all(way == "api" for way, _ in rows)


def test_what_is_wrong_is_a_problem_in_both_languages(sqlite_url: str) -> None:
    """No token, a revoked one, none of this house, broken JSON, too much: each its status, and nothing written."""
    with furnished(sqlite_url) as ledger:
        number = register(ledger).number
        keeping.grant(Acting(ledger, "keeper", START), "ji", "discipline_office", None)
        hidden = register(ledger, received_on="2019-06-27").number
        restrict(Acting(ledger, "ji", START), hidden, ["chen"], reason="事关本院")
    writes, reads = secrets(sqlite_url, "zhou", WRITES, READS)
    (none,) = secrets(sqlite_url, "none", READS)
    lead = "/workflows/lead/cases"
    with serving(sqlite_url) as client:
        program, stranger = Program(client, writes), Program(client, none)
        nobody, reader = Program(client, "wrong"), Program(client, reads)
        wrong = [
            nobody.asks("/openapi.json", 401),
            Program(client, "").asks(f"/cases/{number}", 401),
            nobody.sends(f"{lead}?unit=0101", dict(LEAD), 401),
            reader.sends(f"{lead}?unit=0101", dict(LEAD), 403),
            program.asks(f"/cases/{hidden}", 404),
            stranger.asks(f"/cases/{number}", 404),
            program.asks("/cases/2019-99", 404),
            program.asks("/workflows/nonsense/cases", 404),
            program.asks(f"{lead}?limit=0", 422),
            program.asks(f"{lead}?state=nonsense", 404),
            program.sends(f"{lead}?unit=0101", b"{", 400),
            program.sends(f"{lead}?unit=0101", b"[1]", 400),
            program.sends(f"{lead}?unit=0101", b'{"summary": NaN}', 400),
            program.sends(f"{lead}?unit=0101", b"[" * 100_000, 400),
            program.sends(f"{lead}?unit=0101", b'{"summary": ["a", "\\u0000"]}', 400),
            program.sends(f"{lead}?unit=0101", b'{"summary": "\\ud800"}', 400),
            program.sends(f"{lead}?unit=0101", {"summary": 3, "nonsense": {}}, 422),
            program.sends(f"{lead}?unit=9999", dict(LEAD), 404),
            program.sends(f"{lead}/{number}/steps/nonsense", {}, 404, if_match='"1"'),
            program.sends(f"/workflows/task/cases/{number}/steps/assign", {}, 404, if_match='"1"'),
        ]
        assert all(each["en"] and each["zh"] and each["detail"] == each["zh"] for each in wrong)
        large = client.post(f"{API}{lead}", content=b"x" * 1_100_000, headers=program.headers)
        assert large.status_code == 413
        forged = client.post(f"{API}{lead}?unit=0101", json=dict(LEAD), headers={"origin": "https://elsewhere"})
        assert forged.status_code == 403  # no token: as any page of another site
        with opened(sqlite_url) as ledger:
            credentials.revoke(Acting(ledger, "keeper", START), "zhou", WRITES, reason="遗失")
        program.asks(f"/cases/{number}", 401)
        assert [each["number"] for each in reader.asks(lead)["cases"]] == [number]
    with opened(sqlite_url) as ledger:
        assert ledger.store.value("SELECT count(*) FROM cases") == 2
        kept = str(ledger.store.query("SELECT * FROM credentials")) + str(
            ledger.store.query("SELECT body FROM journal")
        )
        assert not any(each in kept for each in (writes, reads))


def test_the_description_is_valid_and_names_every_step(sqlite_url: str) -> None:
    """OpenAPI 3.1 of what is adopted: each step with what it asks, and no address beside it that is served."""
    with furnished(sqlite_url) as ledger:
        steps = {
            (name, each.trigger)
            for name in ledger.workflows.names()
            for each in ledger.workflows.latest(name).transitions
        }
    (token,) = secrets(sqlite_url, "zhou", READS)
    with serving(sqlite_url) as client:
        described = Program(client, token).asks("/openapi.json")
    validate(described)
    paths = described["paths"]
    assert {path for path in paths if "/steps/" in path} == {
        f"/workflows/{name}/cases/{{number}}/steps/{trigger}" for name, trigger in steps
    }
    sent = [paths[path]["post"]["requestBody"] for path in paths if "/steps/" in path]
    bodies = [each["content"]["application/json"]["schema"] for each in sent]
    assert all(each["additionalProperties"] is False for each in bodies)
    assert all(set(each.get("required", ())) <= each["properties"].keys() for each in bodies)
    assert sum("required" in each for each in bodies) > len(bodies) / 4


def test_a_calendar_shows_ones_own_days_by_a_secret_address(sqlite_url: str) -> None:
    """All-day events with number and title of a deadline, no word of a case; only the secret address leads there."""
    with furnished(sqlite_url) as ledger:
        number, zhou = register(ledger, summary="反映车站旁有人倒卖门票").number, Acting(ledger, "zhou", START + DAY)
        advance(zhou, number, "assign", {"responsible_leader": "liu", "handler": "chen"})
        month = Term(amount=1, unit=TermUnit.MONTHS)
        ask_extension(zhou, number, "verification", "tang", length=month, reason="证人在外地")
    (leads,) = secrets(sqlite_url, "tang", FEED)
    reads, secret = secrets(sqlite_url, "zhou", READS, FEED)
    with serving(sqlite_url) as client:
        answer = client.get(f"/feed/{secret}.ics")
        assert answer.status_code == 200
        assert client.get(f"/feed/{secret}.ics", headers={"if-none-match": answer.headers["etag"]}).status_code == 304
        assert client.get(f"/feed/{reads}.ics").status_code == client.get("/feed/x.ics").status_code == 404
        assert all(len(line) <= 75 for line in answer.content.split(b"\r\n"))
        events = Calendar.from_ical(answer.content).walk("VEVENT")
        assert events
        asked = Calendar.from_ical(client.get(f"/feed/{leads}.ics").content).walk("VEVENT")
        assert f"{number} 待您签字" in [str(each["summary"]) for each in asked]
        assert all(number in str(each["summary"]) for each in events)
        assert "门票" not in answer.text
        days = [(str(each.decoded("dtstart")), str(each.decoded("dtend"))) for each in events]
        assert all(date.fromisoformat(to) - date.fromisoformat(day) == timedelta(days=1) for day, to in days)
        with opened(sqlite_url) as ledger:
            credentials.revoke(Acting(ledger, "keeper", START), "zhou", FEED, reason="遗失")
        assert client.get(f"/feed/{secret}.ics").status_code == 404


def test_figures_are_for_this_machine_only(sqlite_url: str) -> None:
    """Who watches the machine reads figures; from elsewhere, or through a proxy, there is no such page."""
    with furnished(sqlite_url) as ledger:
        register(ledger)
    with serving(sqlite_url) as client:
        assert client.get("/metrics").status_code == 404  # the test's client is no loopback address
        here = TestClient(client.app, base_url="http://localhost", client=("127.0.0.1", 5))
        text = here.get("/metrics").text
        assert "qingling_up 1" in text
        assert here.get("/metrics", headers={"x-forwarded-for": "10.0.0.1"}).status_code == 404
        assert client.get("/healthz").text == "ok\n"


def test_the_age_of_the_last_sweep_goes_by_the_clock_that_it_was_swept_by(sqlite_url: str) -> None:
    """A clock set by hand dates sweep and age alike; of a sweep by a clock that was ahead no age is said."""
    with furnished(sqlite_url, rehearsal=True):
        pass
    by_hand, real = START + 2 * DAY, START + timedelta(days=2700)
    rows: tuple[tuple[datetime, datetime, list[str]], ...] = (
        (by_hand - timedelta(hours=1), by_hand, ["3600"]),
        (by_hand, by_hand, ["0"]),
        (by_hand + DAY, by_hand, []),
    )
    wrong = []
    for swept, now, age in rows:
        with opened(sqlite_url) as ledger, ledger.store.begin():
            house.put_setting(ledger.store, SWEPT_AT, microseconds(swept))
        with serving(sqlite_url, clock=Clock(now), real=Clock(real), is_hand_clock=True) as client:
            here = TestClient(client.app, base_url="http://localhost", client=("127.0.0.1", 5))
            found = re.findall(r"^qingling_sweep_age_seconds (\S+)", here.get("/metrics").text, re.MULTILINE)
        if found != age:
            wrong.append((swept, now, found))
    assert wrong == []
