"""Passkeys (WebAuthn): what one signs for journal rows, and whether an assertion is by it, as `docs/journal.md` says.

A browser cannot sign a text of ours: its authenticator signs data of its own and the SHA-256 of a JSON text, in which
our challenge stands. The challenge is the SHA-256 of what an officer's key would sign. That can be checked years later
with the journal alone: no server, no vendor and no counter is asked. Counters of keys that are synced always say 0.
"""

from base64 import b64decode, urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from hashlib import sha256
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from msgspec import MsgspecError, Struct
from msgspec.json import Decoder

from engine.journal.canonical import canonical
from engine.journal.house_events import CredentialSet
from engine.journal.note_keys import SMALL_ORDER
from engine.journal.signing import signed_text

EDDSA: Final = -8
ES256: Final = -7
RS256: Final = -257
ALGORITHMS: Final = (EDDSA, ES256, RS256)
"""Those that are taken, as COSE numbers them; the first is asked for first."""
LEAST_RSA: Final = 2048
"""Bits of an RSA key."""
_PRESENT: Final = 0x01
_VERIFIED: Final = 0x04
_DATA: Final = 37
"""Bytes of authenticator data at least: hash of the host name, flags, counter."""


class Passkey(NamedTuple):
    """A passkey as the journal holds it."""

    id: str
    """Base64url."""
    algorithm: int
    """As COSE numbers it."""
    host: str
    """The host name (RP ID) on which it hangs."""
    name: str
    """What its officer calls it."""
    public: str
    """Base64 of its SubjectPublicKeyInfo (DER)."""

    @property
    def kept(self) -> str:
        """What is kept of it among credentials: canonical JSON."""
        return canonical(self._asdict())


class Assertion(Struct, frozen=True, kw_only=True):
    """What an authenticator gave, each part as base64url."""

    authenticator: str
    client: str
    signature: str
    rows: tuple[str, ...] = ()
    """Hashes of all rows that it signs."""

    @property
    def kept(self) -> str:
        """What stands in the place of a signature: canonical JSON."""
        return canonical(
            {
                "authenticator": self.authenticator,
                "client": self.client,
                "rows": list(self.rows),
                "signature": self.signature,
            }
        )


class _Client(Struct, frozen=True, rename="camel"):
    """What a browser said of a ceremony."""

    type: str
    challenge: str
    origin: str
    cross_origin: bool | None = None


class _Kept(Struct, frozen=True):
    """A passkey as it is kept among credentials."""

    id: str
    algorithm: int
    host: str
    name: str
    public: str


_KEPT: Final = Decoder(_Kept)
_ASSERTION: Final = Decoder(Assertion)
_CLIENT: Final = Decoder(_Client)


def passkey_of(event: CredentialSet) -> Passkey | None:
    """Return the passkey that a row tells of; None if it is of another kind."""
    if event.passkey is None or event.public is None:
        return None
    return Passkey(*event.passkey, event.public)


def passkey_kept(kept: str) -> Passkey:
    """Return the passkey that is kept so among credentials.

    Raises:
        ValueError: If it is none.
    """
    try:
        found = _KEPT.decode(kept)
    except MsgspecError as error:
        raise ValueError(kept) from error
    return Passkey(found.id, found.algorithm, found.host, found.name, found.public)


def challenge_of(rows: Sequence[str]) -> bytes:
    """Return what a passkey is asked to sign for rows with these hashes."""
    return sha256(signed_text("\n".join(rows))).digest()


def is_asserted(passkey: Passkey, written: str, kept: str) -> bool:
    """Say whether what is kept as the signature of a row with the hash *written* is by a passkey, for this row."""
    try:
        found = _ASSERTION.decode(kept)
    except MsgspecError:
        return False
    return written in found.rows and is_answer(passkey, challenge_of(found.rows), found)


def is_answer(passkey: Passkey, challenge: bytes, found: Assertion, *, origin: str | None = None) -> bool:
    """Say whether an assertion is by a passkey, over a challenge, by a person whom its authenticator has verified.

    Args:
        origin: Where it must have been made; None: anywhere under the host name of the passkey.
    """
    try:
        data, client, signature = map(from_base64url, (found.authenticator, found.client, found.signature))
        said = _CLIENT.decode(client)
        host = urlsplit(said.origin)
    except (MsgspecError, ValueError):
        return False
    is_secure = host.scheme == "https" or (host.scheme == "http" and host.hostname == "localhost")
    is_here = host.hostname == passkey.host and is_secure if origin is None else said.origin == origin
    return (
        said.type == "webauthn.get"
        and said.challenge == base64url(challenge)
        and is_here
        and not said.cross_origin
        and len(data) >= _DATA
        and data[:32] == sha256(passkey.host.encode()).digest()
        and data[32] & _PRESENT != 0
        and data[32] & _VERIFIED != 0
        and _is_signed(passkey, data + sha256(client).digest(), signature)
    )


def is_usable(passkey: Passkey) -> bool:
    """Say whether the public key is one of its algorithm that signatures can be checked with."""
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    try:
        key = load_der_public_key(b64decode(passkey.public, validate=True))
    except ValueError:
        return False
    match passkey.algorithm:
        case -8:
            return isinstance(key, ed25519.Ed25519PublicKey) and key.public_bytes_raw() not in SMALL_ORDER
        case -7:
            return isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1)
        case -257:
            return isinstance(key, rsa.RSAPublicKey) and key.key_size >= LEAST_RSA
    return False


def base64url(value: bytes) -> str:
    """Return bytes as base64url without padding."""
    return urlsafe_b64encode(value).rstrip(b"=").decode()


def from_base64url(words: str) -> bytes:
    """Return the bytes that base64url without padding says.

    Raises:
        ValueError: If it is none, or there is another way to write the same.
    """
    value = urlsafe_b64decode(words + "=" * (-len(words) % 4))
    if base64url(value) != words:
        raise ValueError(words)
    return value


def _is_signed(passkey: Passkey, text: bytes, signature: bytes) -> bool:
    """Say whether a text is signed by a passkey, by the algorithm that was registered with it and no other."""
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    if not is_usable(passkey):
        return False
    try:
        match load_der_public_key(b64decode(passkey.public)):
            case ed25519.Ed25519PublicKey() as key:
                key.verify(signature, text)
            case ec.EllipticCurvePublicKey() as key:
                key.verify(signature, text, ec.ECDSA(SHA256()))
            case rsa.RSAPublicKey() as key:
                key.verify(signature, text, padding.PKCS1v15(), SHA256())
            case _:
                return False
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        return False
    return True
