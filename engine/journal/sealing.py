"""Sealing to the custodian's key, so that the machine that stores a value cannot read it.

A value is sealed with HPKE (RFC 9180: X25519, HKDF-SHA256, ChaCha20-Poly1305) and bound to its case
and field, so that it cannot be moved to another. The private key stands in a file of its own, locked
with the custodian's passphrase by age (scrypt); it is never written to the database.
"""

from base64 import b64decode, b64encode
from collections.abc import Sequence
from hashlib import sha256
from typing import TYPE_CHECKING

from engine.errors import RefusedError
from engine.language import Text
from engine.workflow.frozen_struct import FrozenStruct

if TYPE_CHECKING:
    from cryptography.hazmat.primitives import hpke

_SCHEME = "qingling/seal/1"
_HALF = "qingling/half/1"
_MEMORY = 65_536
"""KiB that one guess at a code takes."""
_ROUNDS = 3


class PublicKey(FrozenStruct, frozen=True, kw_only=True):
    """What values are sealed to."""

    id: str
    """The first 16 hexadecimal digits of its SHA-256."""
    value: str
    """Base64 of the 32 bytes of the X25519 key."""


def make_keys(passphrase: str) -> tuple[PublicKey, bytes]:
    """Return a new public key, and the private one as the content of a file locked by *passphrase*."""
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
    from pyrage import passphrase as age

    private = X25519PrivateKey.generate()
    locked: bytes = age.encrypt(private.private_bytes_raw(), passphrase)
    public = private.public_key().public_bytes_raw()
    return PublicKey(id=sha256(public).hexdigest()[:16], value=b64encode(public).decode()), locked


def seal(key: PublicKey, *, case: str, field: str, value: str) -> str:
    """Return *value* sealed for one field of one case, as base64."""
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey

    public = X25519PublicKey.from_public_bytes(b64decode(key.value))
    return b64encode(_suite().encrypt(value.encode(), public, info=_binding(case, field))).decode()


def unlock(locked: bytes, passphrase: str, *, patience: int = 3) -> bytes:
    """Return the private key in the file's content *locked*.

    Args:
        patience: How often to try again while the machine is too busy.

    Raises:
        RefusedError: If the passphrase is wrong or the file is not a custodian's key.
    """
    import pyrage

    try:
        private: bytes = pyrage.passphrase.decrypt(locked, passphrase)
    except pyrage.DecryptError as error:
        if "xcessive work" in str(error) and patience:
            # It measures the machine each time, and takes one that is busy for one too weak.
            return unlock(locked, passphrase, patience=patience - 1)
        raise RefusedError(
            Text(
                "the custodian's key cannot be unlocked: wrong passphrase, or not a key file",
                "无法解锁保管人密钥：口令不对，或不是密钥文件",
            )
        ) from error
    return private


def open_sealed(private: bytes, sealed: str, *, case: str, field: str) -> str:
    """Return the value that was sealed for one field of one case.

    Raises:
        RefusedError: If it was sealed to another key, for another case or field, or was altered.
    """
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    key = X25519PrivateKey.from_private_bytes(private)
    try:
        return _suite().decrypt(b64decode(sealed), key, info=_binding(case, field)).decode()
    except (InvalidTag, ValueError) as error:  # ValueError: not even base64 of bytes, or of text
        raise RefusedError(
            Text(
                f"the sealed value of {case} cannot be opened: another key, or it was altered or moved",
                f"{case} 的密封内容无法启封：密钥不符，或内容被改动、挪动",
            )
        ) from error


def parted(private: bytes) -> tuple[bytes, bytes]:
    """Return two halves of a private key, as the content of two files; either alone says nothing of it."""
    from secrets import token_bytes

    one = token_bytes(len(private))
    other = bytes(a ^ b for a, b in zip(one, private, strict=True))
    head = f"{_HALF} {key_id(private)} "
    return (head + b64encode(one).decode() + "\n").encode(), (head + b64encode(other).decode() + "\n").encode()


def joined(halves: Sequence[bytes]) -> bytes:
    """Return the private key of its two halves.

    Raises:
        RefusedError: If they are not the two halves of one key.
    """
    wrong = RefusedError(Text("these are not the two halves of one key", "这不是同一把密钥的两份托管"))
    try:
        (scheme, name, one), (other_scheme, other_name, other) = (each.decode().split() for each in halves)
        private = bytes(a ^ b for a, b in zip(b64decode(one), b64decode(other), strict=True))
        if (scheme, name) != (other_scheme, other_name) or scheme != _HALF or key_id(private) != name:
            raise wrong
    except ValueError as error:  # not two, not text, not base64, not of one length, no key
        raise wrong from error
    return private


def key_id(private: bytes) -> str:
    """Return the id of the public key that belongs to *private*."""
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    public = X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()
    return sha256(public).hexdigest()[:16]


def key_of_code(code: str, salt: str) -> bytes:
    """Return the private key that follows from a short code; each guess costs the same computation over much memory."""
    from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

    start = sha256(salt.encode()).digest()[:16]
    return Argon2id(salt=start, length=32, iterations=_ROUNDS, lanes=1, memory_cost=_MEMORY).derive(code.encode())


def public_of(private: bytes) -> str:
    """Return the public key that belongs to a private one, as base64."""
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    return b64encode(X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()).decode()


def _binding(case: str, field: str) -> bytes:
    """Return what a sealed value is bound to."""
    return f"{_SCHEME}/{case}/{field}".encode()


def _suite() -> "hpke.Suite":
    """Return the parts of HPKE that we use."""
    from cryptography.hazmat.primitives import hpke

    return hpke.Suite(hpke.KEM.X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.CHACHA20_POLY1305)
