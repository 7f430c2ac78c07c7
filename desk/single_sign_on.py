"""Log-ins by a house's single sign-on (OpenID Connect): code flow with PKCE, state and nonce; never a signature.

The account that comes back is matched by issuer and subject, as they were registered for its officer; a name or an
address proves nothing, since others may be given the same.
"""

from collections.abc import Mapping
from datetime import datetime
from hmac import compare_digest
from secrets import token_urlsafe
from typing import Any, Final
from urllib.parse import urlsplit

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import OAuth2Client
from httpx2 import HTTPError
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from desk.answers import GoOut
from desk.ceremonies import Ceremonies, SignOnBegun
from desk.desk_settings import SignOn
from engine.errors import RefusedError
from engine.language import Text

BACK: Final = "/sign-on/back"
"""Where browsers come back to."""
_ALGORITHMS: Final = ["RS256", "PS256", "ES256", "Ed25519", "EdDSA"]
_PATIENCE: Final = 10
"""Seconds that the provider has for an answer."""
_LEEWAY: Final = 120
"""Seconds by which its clock may differ."""


def sent_out(sign_on: SignOn, ceremonies: Ceremonies, *, origin: str, to: str, now: datetime) -> GoOut:
    """Return the way to the provider.

    Args:
        origin: Where the browser has the desk open.
        to: Where it wants to go when it is back.
        now: The clock's aware instant.

    Raises:
        RefusedError: If the provider cannot be reached, or is not what was declared.
    """
    nonce, verifier = token_urlsafe(32), token_urlsafe(48)
    state = ceremonies.begin(SignOnBegun(nonce=nonce, verifier=verifier, to=to), now=now)
    try:
        with _client(sign_on, origin) as client:
            known = _discovered(sign_on, client)
            address, _ = client.create_authorization_url(
                known["authorization_endpoint"], state=state, nonce=nonce, code_verifier=verifier
            )
    except (HTTPError, AuthlibBaseError, ValueError, KeyError, TypeError) as error:
        raise _refused() from error
    return GoOut(to=address, kept=state)


def subject_of(
    sign_on: SignOn, ceremonies: Ceremonies, *, origin: str, state: str, kept: str, code: str, now: datetime
) -> tuple[str, str]:
    """Return who has come back, by what the provider calls them for ever; and where they wanted to go.

    Args:
        origin: Where the browser has the desk open.
        state: What it came back with.
        kept: What it kept meanwhile: who comes back with another's state has kept none.
        code: For which the provider says who it is.
        now: The clock's aware instant.

    Raises:
        RefusedError: If it took too long, was begun by another browser, or the provider does not vouch for it.
    """
    begun = ceremonies.end(state, SignOnBegun, now=now)
    if begun is None or not code or not compare_digest(state.encode(), kept.encode()):
        raise _refused()
    try:
        with _client(sign_on, origin) as client:
            known = _discovered(sign_on, client)
            token = client.fetch_token(known["token_endpoint"], code=code, code_verifier=begun.verifier)
            keys = KeySet.import_key_set(client.request("GET", known["jwks_uri"], withhold_token=True).json())
            said = jwt.decode(str(token["id_token"]), keys, algorithms=_ALGORITHMS).claims
    except (HTTPError, AuthlibBaseError, JoseError, ValueError, KeyError, TypeError) as error:
        raise _refused() from error
    _refuse_other(sign_on, said, nonce=begun.nonce, now=now)
    return str(said["sub"]), begun.to


def _refuse_other(sign_on: SignOn, said: Mapping[str, Any], *, nonce: str, now: datetime) -> None:
    """Refuse what a provider said of somebody if it is for another desk, another log-in, or over."""
    audience = said.get("aud")
    several = audience if isinstance(audience, list) else [audience]
    until, subject = said.get("exp"), said.get("sub")
    fits = (
        said.get("iss") == sign_on.issuer
        and sign_on.client_id in several
        and (len(several) == 1 or said.get("azp") == sign_on.client_id)
        and compare_digest(str(said.get("nonce")).encode(), nonce.encode())
        and isinstance(until, int | float)
        and now.timestamp() < until + _LEEWAY
        and isinstance(subject, str)
        and bool(subject)
    )
    if not fits:
        raise _refused()


def _client(sign_on: SignOn, origin: str) -> Any:
    """Return what asks the provider."""
    return OAuth2Client(
        sign_on.client_id,
        sign_on.client_secret,
        scope="openid",
        redirect_uri=origin + BACK,
        code_challenge_method="S256",
        timeout=_PATIENCE,
        # No proxy and no .netrc that somebody put into the environment: what is sent holds the desk's secret.
        trust_env=False,
    )


def _discovered(sign_on: SignOn, client: Any) -> Mapping[str, str]:
    """Return where the provider is asked for what.

    Raises:
        ValueError: If it says of itself that it is another one, or would be asked in clear.
    """
    address = sign_on.issuer.rstrip("/") + "/.well-known/openid-configuration"
    known: Mapping[str, str] = client.request("GET", address, withhold_token=True).raise_for_status().json()
    places = [known[each] for each in ("authorization_endpoint", "token_endpoint", "jwks_uri")]
    if known["issuer"] != sign_on.issuer or not all(map(is_safe, places)):
        raise ValueError(sign_on.issuer)
    return known


def is_safe(address: str) -> bool:
    """Say whether what is asked of an address is read by nobody on the way."""
    parts = urlsplit(address)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in {"localhost", "127.0.0.1"})


def _refused() -> RefusedError:
    """Return the refusal that is the same for everything that may be wrong."""
    return RefusedError(
        Text(
            "the log-in by single sign-on did not succeed; try again, or use your password",
            "统一登录未成功，请重试，或使用口令登录",
        )
    )
