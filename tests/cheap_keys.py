"""Locks key files as age does, with little work: the format is age's own, so the program unlocks them as any other.

age chooses so much work that one try takes this machine a second. The tests of sealing leave it that; all others
make and open hundreds of keys, and prove nothing about how long a try takes.
"""

import hashlib
import hmac
import os
from base64 import b64encode

from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

LITTLE_WORK = 4
"""Logarithm of scrypt's N; age itself comes to 18 or more."""


def encrypt(content: bytes, passphrase: str) -> bytes:
    """Return *content* (up to 64 KiB) as a file of age v1 that *passphrase* opens."""
    file_key, salt, nonce = os.urandom(16), os.urandom(16), os.urandom(16)
    wrapping = hashlib.scrypt(
        passphrase.encode(), salt=b"age-encryption.org/v1/scrypt" + salt, n=2**LITTLE_WORK, r=8, p=1, dklen=32
    )
    wrapped = ChaCha20Poly1305(wrapping).encrypt(bytes(12), file_key, None)
    header = b"\n".join(
        (b"age-encryption.org/v1", b"-> scrypt %s %d" % (_text(salt), LITTLE_WORK), _text(wrapped), b"---")
    )
    mac = hmac.digest(_derived(file_key, b"", b"header"), header, "sha256")
    first_and_last = bytes(11) + b"\x01"
    sealed = ChaCha20Poly1305(_derived(file_key, nonce, b"payload")).encrypt(first_and_last, content, None)
    return header + b" " + _text(mac) + b"\n" + nonce + sealed


def _derived(key: bytes, salt: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=salt, info=purpose).derive(key)


def _text(content: bytes) -> bytes:
    return b64encode(content).rstrip(b"=")
