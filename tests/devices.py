"""A device with passkeys, and a check of what one signed by the rules of docs/journal.md; neither uses our code."""

import json
import sqlite3
from base64 import b64decode, urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from contextlib import closing
from hashlib import sha256
from typing import Any

import cbor2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def words(value: bytes) -> str:
    """Return base64url without padding."""
    return urlsafe_b64encode(value).decode().rstrip("=")


def octets(text: str) -> bytes:
    """Return what base64url without padding says."""
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Device:
    """One passkey."""

    def __init__(self, algorithm: int, name: str) -> None:
        self.algorithm, self.id = algorithm, sha256(name.encode()).digest()
        self.key: Any
        if algorithm == -8:
            self.key = ed25519.Ed25519PrivateKey.from_private_bytes(self.id)
            self.cose = {1: 1, 3: -8, -1: 6, -2: self.key.public_key().public_bytes_raw()}
        elif algorithm == -7:
            self.key = ec.derive_private_key(int.from_bytes(self.id) >> 1, ec.SECP256R1())
            place = self.key.public_key().public_numbers()
            self.cose = {1: 2, 3: -7, -1: 1, -2: place.x.to_bytes(32), -3: place.y.to_bytes(32)}
        else:
            self.key = rsa.generate_private_key(65537, 2048)
            numbers = self.key.public_key().public_numbers()
            self.cose = {1: 3, 3: -257, -1: numbers.n.to_bytes(256), -2: numbers.e.to_bytes(3)}

    def makes(self, options: Mapping[str, Any], *, origin: str, flags: int = PRESENT | VERIFIED) -> dict[str, str]:
        """Return what a browser sends of a passkey that was made."""
        host = sha256(options["rp"]["id"].encode()).digest()
        body = bytes(16) + len(self.id).to_bytes(2) + self.id + cbor2.dumps(self.cose)
        data = host + bytes([flags | ATTESTED]) + bytes(4) + body
        return {
            "_id": words(self.id),
            "_client": words(self._client("webauthn.create", options["challenge"], origin)),
            "_attestation": words(cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})),
        }

    def shows(
        self, asked: Mapping[str, Any], *, origin: str, flags: int = PRESENT | VERIFIED, type_: str = "webauthn.get"
    ) -> dict[str, str]:
        """Return what a browser sends of an assertion."""
        data = sha256(asked["host"].encode()).digest() + bytes([flags]) + bytes(4)
        client = self._client(type_, asked["challenge"], origin)
        return {
            "_nonce": asked["nonce"],
            "_id": words(self.id),
            "_client": words(client),
            "_authenticator": words(data),
            "_signature": words(self._sign(data + sha256(client).digest())),
        }

    def _client(self, type_: str, challenge: str, origin: str) -> bytes:
        said = {"type": type_, "challenge": challenge, "origin": origin, "crossOrigin": False}
        return json.dumps(said).encode()

    def _sign(self, text: bytes) -> bytes:
        if self.algorithm == -8:
            return bytes(self.key.sign(text))
        if self.algorithm == -7:
            return bytes(self.key.sign(text, ec.ECDSA(SHA256())))
        return bytes(self.key.sign(text, padding.PKCS1v15(), SHA256()))


def wrong_with(file: str, case_id: int, seq: int) -> list[str]:
    """Return what is wrong with a row that says it was signed by a passkey; nothing if it was."""
    with closing(sqlite3.connect(file)) as ledger:
        row = ledger.execute("SELECT hash, by, body FROM journal WHERE case_id = ? AND seq = ?", (case_id, seq))
        written, by, body = row.fetchone()
        asked = "SELECT signature FROM signatures WHERE case_id = ? AND seq = ?"
        given = json.loads(ledger.execute(asked, (case_id, seq)).fetchone()[0])
        word, number = json.loads(body)["proof"]
        told = ledger.execute("SELECT body FROM journal WHERE case_id = 0 AND seq = ?", (number,)).fetchone()
    credential = json.loads(told[0])
    _, algorithm, host, _ = credential["passkey"]
    data, client = octets(given["authenticator"]), octets(given["client"])
    said = json.loads(client)
    statement = "qingling/sign/1\n" + "\n".join(given["rows"])
    holds = {
        "proof": word == "signature",
        "officer": credential["code"] == by,
        "row": written in given["rows"],
        "challenge": said["challenge"] == words(sha256(statement.encode()).digest()),
        "type": said["type"] == "webauthn.get",
        "origin": said["origin"].split("//")[1].split(":")[0] == host,
        "host": data[:32] == sha256(host.encode()).digest(),
        "flags": data[32] & (PRESENT | VERIFIED) == PRESENT | VERIFIED,
        "signature": is_signed(
            algorithm, credential["public"], data + sha256(client).digest(), octets(given["signature"])
        ),
    }
    return [what for what, each in holds.items() if not each]


def is_signed(algorithm: int, public: str, text: bytes, signature: bytes) -> bool:
    """Say whether a text is signed by a key."""
    key: Any = load_der_public_key(b64decode(public))
    more = {-8: (), -7: (ec.ECDSA(SHA256()),), -257: (padding.PKCS1v15(), SHA256())}[algorithm]
    try:
        key.verify(signature, text, *more)
    except InvalidSignature:
        return False
    return True
