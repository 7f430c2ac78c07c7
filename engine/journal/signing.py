"""Officers' Ed25519 keys: making one, keeping it in a file that a passphrase locks, signing rows, and checking that.

What is signed is the hash of the journal row, which covers already who wrote it, when, what and by which key.
The file is locked by Argon2id and ChaCha20-Poly1305 with a header that names the scheme, so its cost is fixed by that.
"""

from base64 import b64decode, b64encode
from hashlib import sha256
from typing import TYPE_CHECKING, Final, NamedTuple

from engine.errors import RefusedError
from engine.journal.note_keys import SMALL_ORDER
from engine.language import Text

if TYPE_CHECKING:
    from collections.abc import Callable

_SCHEME: Final = "qingling/officer-key/1"
_SIGNED: Final = "qingling/sign/1\n"
_SALT: Final = 16
_NONCE: Final = bytes(12)
"""Each file has a salt, and so a key, of its own that locks one text."""


class SigningKey(NamedTuple):
    """A key by which rows can be signed, wherever its private half is."""

    public: str
    """Its public half, as base64."""
    sign: "Callable[[str], str]"
    """Signs the hash of a row, as base64."""


def make_key(passphrase: str) -> tuple[str, bytes]:
    """Return a new public key as base64, and the private one as the content of a file locked by *passphrase*."""
    from secrets import token_bytes

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

    private = Ed25519PrivateKey.generate()
    salt = token_bytes(_SALT)
    head = f"{_SCHEME} {b64encode(salt).decode()}"
    locked = ChaCha20Poly1305(_stretched(passphrase, salt)).encrypt(_NONCE, private.private_bytes_raw(), head.encode())
    public = b64encode(private.public_key().public_bytes_raw()).decode()
    return public, f"{head} {b64encode(locked).decode()}\n".encode()


def unlock_key(locked: bytes, passphrase: str) -> bytes:
    """Return the private key in the content of a file.

    Raises:
        RefusedError: If the passphrase is wrong, or it is not an officer's key.
    """
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

    try:
        _, salt, body = locked.decode().split()  # which scheme it is, the lock itself covers
        key = _stretched(passphrase, b64decode(salt, validate=True))
        return ChaCha20Poly1305(key).decrypt(_NONCE, b64decode(body, validate=True), f"{_SCHEME} {salt}".encode())
    except (InvalidTag, ValueError) as error:
        raise RefusedError(
            Text(
                "the signing key cannot be unlocked: wrong passphrase, or not an officer's key file",
                "无法解锁签名密钥：口令不对，或不是人员签名密钥文件",
            )
        ) from error


def public_of(private: bytes) -> str:
    """Return the public half of a private key, as base64."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return b64encode(Ed25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()).decode()


def signing_key(private: bytes) -> SigningKey:
    """Return a private key as what signs rows."""
    return SigningKey(public_of(private), signer(private))


def signer(private: bytes) -> "Callable[[str], str]":
    """Return what signs hashes of rows with a private key, as base64."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    key = Ed25519PrivateKey.from_private_bytes(private)
    return lambda written: b64encode(key.sign(signed_text(written))).decode()


def is_signed(public: str, written: str, signature: str) -> bool:
    """Say whether a signature over the hash of a row is by the key whose public half is *public*; both base64.

    A key of small order has signed nothing: with it, one signature fits many texts.
    """
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        raw = b64decode(public, validate=True)
        if raw in SMALL_ORDER:
            return False
        Ed25519PublicKey.from_public_bytes(raw).verify(b64decode(signature, validate=True), signed_text(written))
    except (InvalidSignature, ValueError):
        return False
    return True


def signed_text(written: str) -> bytes:
    """Return what is signed for the hash of a row."""
    return (_SIGNED + written).encode()


def digest_of(kept: str) -> str:
    """Return the SHA-256 of what is kept of a password, which the journal says and nobody can guess it by."""
    return sha256(kept.encode()).hexdigest()


def _stretched(passphrase: str, salt: bytes) -> bytes:
    """Return the key that a passphrase makes."""
    from unicodedata import normalize

    from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

    words = normalize("NFKC", passphrase).encode()
    return Argon2id(salt=salt, length=32, iterations=3, lanes=1, memory_cost=65_536).derive(words)
