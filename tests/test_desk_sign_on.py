"""Single sign-on: a fake provider on loopback; who comes back is matched by issuer and subject, and signs nothing."""

import json
import shutil
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from datetime import timedelta
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from asked_to_sign import NUMBER, PAGE, PASSWORD, known, set_up
from desks import Browser, Clock, serving
from joserfc import jwt
from joserfc.jwk import OctKey, OKPKey
from ledgers import DAY, START, opened

from desk.desk_settings import SignOn
from engine.errors import RefusedError
from engine.journal.events import legible
from engine.operations.house.verifying import verify
from engine.operations.identity.passkeys import set_sign_on
from engine.store import case_rows

SUBJECT, CLIENT, SECRET, CODE = "8f14e45f", "qingling-desk", "a secret of the desk", "a code"
KEY = OKPKey.generate_key("Ed25519", {"kid": "1", "alg": "Ed25519", "use": "sig"})
OTHER = OKPKey.generate_key("Ed25519", {"kid": "1", "alg": "Ed25519", "use": "sig"})


class Provider(ThreadingHTTPServer):
    """What vouches for somebody; a test says what it claims, and reads what it was asked."""

    claims: dict[str, Any]
    key = KEY
    verifier = ""
    forged: Callable[[dict[str, Any]], str] | None = None
    """Makes what it says of somebody in place of a signature by its key."""

    def __init__(self, *about: Any) -> None:
        super().__init__(*about)
        self.asked, self.answers = Event(), Event()
        """Somebody asks; it may answer."""
        self.answers.set()

    @property
    def issuer(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.server_address[1]}"


class Answering(BaseHTTPRequestHandler):
    """Its three addresses."""

    server: Provider

    def do_GET(self) -> None:
        """Say where things are, or by which keys it signs."""
        self.server.asked.set()
        self.server.answers.wait(30)
        issuer = self.server.issuer
        known = {
            "issuer": issuer, "authorization_endpoint": f"{issuer}/authorize", "token_endpoint": f"{issuer}/token",
            "jwks_uri": f"{issuer}/keys",
        }  # fmt: skip
        self._say(known if "well-known" in self.path else {"keys": [KEY.as_dict(private=False)]})

    def do_POST(self) -> None:
        """Say who somebody is, to whom brings the code."""
        asked = parse_qs(self.rfile.read(int(self.headers["content-length"])).decode())
        self.server.verifier = asked["code_verifier"][0]
        assert asked["code"] == [CODE]
        header = {"alg": "Ed25519", "kid": "1"}
        said = jwt.encode(header, self.server.claims, self.server.key, algorithms=["Ed25519"])
        said = said if self.server.forged is None else self.server.forged(self.server.claims)
        self._say({"access_token": "x", "token_type": "Bearer", "id_token": said})

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def _say(self, values: dict[str, Any]) -> None:
        body = json.dumps(values).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def provider() -> Iterator[Provider]:
    """Serve the provider."""
    with Provider(("127.0.0.1", 0), Answering) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def desk(tmp_path: Path, sqlite_template: Path, provider: Provider) -> Iterator[tuple[str, Clock, Browser]]:
    """Return a ledger in which the leader's account is registered, the desk's clock, and a browser before its door."""
    file, clock = str(shutil.copy(sqlite_template, tmp_path / "ledger.db")), Clock(START + 2 * DAY)
    set_up(file)
    with opened(file) as ledger:
        set_sign_on(known(ledger, "keeper"), "tang", provider.issuer, SUBJECT)
        with pytest.raises(RefusedError):
            set_sign_on(known(ledger, "keeper"), "zhou", provider.issuer, SUBJECT)
    sign_on = SignOn(issuer=provider.issuer, client_id=CLIENT, client_secret=SECRET, title="统一身份认证")
    with serving(file, clock=clock, is_secure=True, sign_on=sign_on) as client:
        yield file, clock, Browser(client)


def by_secret(secret: bytes) -> Callable[[dict[str, Any]], str]:
    """Return what signs with a secret that others know as well, under the name of the provider's key."""
    key = OctKey.import_key(secret, {"kid": "1"})
    return lambda said: jwt.encode({"alg": "HS256", "kid": "1"}, said, key, algorithms=["HS256"])


def unsigned(said: dict[str, Any]) -> str:
    """Return what somebody says with no signature at all."""
    parts = ({"alg": "none", "kid": "1"}, said)
    return ".".join(urlsafe_b64encode(json.dumps(each).encode()).decode().rstrip("=") for each in parts) + "."


DOWNGRADED: dict[str, Callable[[dict[str, Any]], str]] = {
    "no signature": unsigned,
    "the desk's own secret": by_secret(SECRET.encode()),
    "what is public of its key": by_secret(str(KEY.as_dict(private=False)["x"]).encode()),
    "no token": lambda _: "x",
}


def goes_out(browser: Browser, to: str = PAGE) -> dict[str, str]:
    """Go to the provider, and return what it is asked."""
    answer = browser.client.get(f"/sign-on?to={to}")
    assert answer.status_code == 303
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}


def test_who_has_an_account_comes_in_and_signs_nothing(desk: tuple[str, Clock, Browser], provider: Provider) -> None:
    """The account that is registered opens a session that names it; under what is signed it does not stand."""
    file, clock, browser = desk
    entrance = browser.client.get("/login")
    assert "统一身份认证" in entrance.text
    assert f"form-action 'self' {provider.issuer};" in entrance.headers["content-security-policy"]
    asked = goes_out(browser)
    assert (asked["client_id"], asked["scope"], asked["code_challenge_method"]) == (CLIENT, "openid", "S256")
    assert asked["redirect_uri"] == "https://localhost/sign-on/back"
    provider.claims = claims(provider, clock, asked)
    back = browser.client.get("/sign-on/back", params={"state": asked["state"], "code": CODE})

    assert (back.status_code, back.headers["location"]) == (303, PAGE)
    challenge = urlsafe_b64encode(sha256(provider.verifier.encode()).digest()).decode().rstrip("=")
    assert challenge == asked["code_challenge"]
    assert browser.sends(f"{PAGE}/sign", {"only": "extend:verification"}, page=PAGE).status_code == 422
    assert browser.sends(f"{PAGE}/note", {"words": "已阅"}, page=PAGE).status_code == 303
    with opened(file) as ledger:
        last = list(case_rows.entries(ledger.store, ledger.case(NUMBER).id))[-1]
        event = legible(last.kind, last.body)
        assert event is not None
        assert event.proof is not None
        assert (last.by, event.proof[0]) == ("tang", "session")
        assert [each.what for each in verify(ledger)[1]] == []


def test_what_the_provider_did_not_vouch_for_opens_nothing(
    desk: tuple[str, Clock, Browser], provider: Provider
) -> None:
    """Another's state or nonce, a code twice, what is for others, over, or signed by less than its key: no log-in."""
    _, clock, browser = desk
    changes: dict[str, dict[str, Any]] = {
        "another nonce": {"nonce": "x"},
        "another desk": {"aud": "other"},
        "another party": {"aud": [CLIENT, "other"], "azp": "other"},
        "another issuer": {"iss": "https://other.example"},
        "an unknown account": {"sub": "tang"},
        "over": {"exp": int((clock.now - timedelta(minutes=5)).timestamp())},
        "no nonce": {"nonce": None},
        "no end": {"exp": None},
        **{what: {} for what in DOWNGRADED},
        "another key": {},
        "another state": {},
    }
    came_in = []
    for what, change in changes.items():
        asked = goes_out(browser)
        provider.claims = {**claims(provider, clock, asked), **change}
        provider.forged = DOWNGRADED.get(what)
        provider.key = OTHER if what == "another key" else KEY
        if what == "another state":  # begun in the attacker's browser
            browser.client.cookies.clear()
        back = browser.client.get("/sign-on/back", params={"state": asked["state"], "code": CODE})
        if back.status_code != 422 or browser.client.get(PAGE).status_code != 303:
            came_in.append(what)
    assert came_in == []
    asked = goes_out(browser, to="//evil.example")
    provider.claims = claims(provider, clock, asked)
    twice = [browser.client.get("/sign-on/back", params={"state": asked["state"], "code": CODE}) for _ in range(2)]
    assert [each.status_code for each in twice] == [303, 422]
    assert twice[0].headers["location"] == "/"


def test_who_has_a_password_comes_in_while_the_provider_does_not_answer(
    desk: tuple[str, Clock, Browser], provider: Provider
) -> None:
    """A provider that keeps one browser waiting keeps nobody else waiting at the door."""
    _, _, browser = desk
    provider.answers.clear()
    sent: list[int] = []
    waiting = Thread(target=lambda: sent.append(browser.client.get("/sign-on").status_code))
    waiting.start()
    assert provider.asked.wait(30)
    entered = browser.client.post("/login", data={"officer": "zhou", "password": PASSWORD}).status_code
    assert (entered, sent) == (303, [])
    provider.answers.set()
    waiting.join(30)
    assert sent == [303]


def claims(provider: Provider, clock: Clock, asked: dict[str, str]) -> dict[str, Any]:
    """Return what the provider rightly says of the leader."""
    until = int((clock.now + timedelta(minutes=5)).timestamp())
    return {"iss": provider.issuer, "sub": SUBJECT, "aud": CLIENT, "nonce": asked["nonce"], "exp": until}
