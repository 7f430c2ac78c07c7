"""What leaves the machine of the tree: checkpoints, the signatures of witnesses over them, and proofs, as texts.

The forms are those of C2SP (signed-note, tlog-checkpoint, tlog-cosignature, tlog-witness, tlog-proof), so that
programs not of ours can read them. They are carried as files; nothing here asks a network.
"""

import binascii
import re
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Final

from engine.errors import BadFileError
from engine.journal.tree import SIZE
from engine.language import Text

LOG: Final = 1
"""The kind of a ledger's Ed25519 key."""
WITNESS: Final = 4
"""The kind of a witness's Ed25519 key, whose signature says when it was given."""

PROOF: Final = "c2sp.org/tlog-proof@v1"
LONGEST: Final = 1 << 20
"""Characters of a file that is read here; a checkpoint has some hundreds."""

MOST_HASHES: Final = 63
"""Of a proof that a witness is given."""

_NAME: Final = re.compile(r"[^\s+]{1,200}", re.ASCII)
_CHECKPOINT: Final = re.compile(
    r"([^\s+]{1,200})\n(0|[1-9][0-9]{0,17})\n([A-Za-z0-9+/=]+)\n\n((?:— [^\s+]+ [A-Za-z0-9+/=]+\n)+)", re.ASCII
)
_SIGNATURE: Final = re.compile(r"— ([^\s+]+) ([A-Za-z0-9+/=]+)")
_COUNT: Final = re.compile(r"0|[1-9][0-9]{0,17}")


@dataclass(frozen=True, kw_only=True, slots=True)
class VerifierKey:
    """The public half of a key by which checkpoints are signed, with the name under which it signs."""

    name: str
    kind: int
    public: bytes

    @property
    def id(self) -> bytes:
        """The four bytes by which a signature line names it."""
        return sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public).digest()[:4]

    def __str__(self) -> str:
        """Return it in one line, as it is given to others."""
        return f"{self.name}+{self.id.hex()}+{b64encode(bytes([self.kind]) + self.public).decode()}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Signature:
    """A line beneath a checkpoint."""

    name: str
    key_id: bytes
    value: bytes

    def __str__(self) -> str:
        """Return the line."""
        return f"— {self.name} {b64encode(self.key_id + self.value).decode()}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Checkpoint:
    """How many entries a tree has, and its root, with the signatures beneath."""

    origin: str
    size: int
    root: bytes
    signatures: tuple[Signature, ...] = ()

    @property
    def text(self) -> str:
        """What is signed."""
        return f"{self.origin}\n{self.size}\n{b64encode(self.root).decode()}\n"

    @property
    def short_code(self) -> str:
        """16 hexadecimal digits that stand for it in print."""
        return sha256(self.text.encode()).hexdigest()[:16]

    def __str__(self) -> str:
        """Return the whole signed note."""
        return f"{self.text}\n" + "".join(f"{each}\n" for each in self.signatures)

    def signed(self, more: Signature) -> "Checkpoint":
        """Return it with one signature more, in place of one by the same key."""
        others = tuple(each for each in self.signatures if (each.name, each.key_id) != (more.name, more.key_id))
        return replace(self, signatures=(*others, more))


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """What a witness is asked to sign: a checkpoint, and the proof that it continues the one that it holds."""

    old: int
    proof: tuple[bytes, ...]
    checkpoint: Checkpoint

    def __str__(self) -> str:
        """Return the file."""
        return (
            f"old {self.old}\n"
            + "".join(f"{b64encode(each).decode()}\n" for each in self.proof)
            + f"\n{self.checkpoint}"
        )


def key_given(text: str) -> VerifierKey:
    """Return the public key that a line names.

    Raises:
        BadFileError: If it names none.
    """
    try:
        name, key_id, value = text.strip().split("+", 2)
        raw = b64decode(value, validate=True)
        key = VerifierKey(name=name, kind=raw[0], public=raw[1:])
    except (ValueError, IndexError):
        raise _no_key() from None
    if not _NAME.fullmatch(name) or key.kind not in {LOG, WITNESS} or len(key.public) != SIZE or key.id.hex() != key_id:
        raise _no_key()
    return key


def checkpoint_in(text: str) -> Checkpoint:
    """Return the checkpoint that a file holds.

    Raises:
        BadFileError: If it holds none.
    """
    refusal = BadFileError(
        Text("this is no checkpoint of a journal, or it was altered", "该文件不是日志检查点，或已被改动")
    )
    found = None if len(text) > LONGEST else _CHECKPOINT.fullmatch(text)
    if found is None:
        raise refusal
    try:
        signatures = tuple(map(signature_in, found[4].splitlines()))
        return Checkpoint(origin=found[1], size=int(found[2]), root=_hash(found[3]), signatures=signatures)
    except ValueError:
        raise refusal from None


def signature_in(line: str) -> Signature:
    """Return the signature in one line.

    Raises:
        ValueError: If there is none.
    """
    found = _SIGNATURE.fullmatch(line)
    raw = b64decode(found[2], validate=True) if found else b""
    if found is None or len(raw) < 5 or not _NAME.fullmatch(found[1]):
        raise ValueError(line[:80])
    return Signature(name=found[1], key_id=raw[:4], value=raw[4:])


def request_in(text: str) -> Request:
    """Return what a witness is asked.

    Raises:
        BadFileError: If the file asks nothing.
    """
    head, _, rest = text.partition("\n\n")
    first, *lines = head.split("\n")
    refusal = BadFileError(
        Text(
            "this is no request to a witness; it is made by: qingling journal checkpoint --request FILE",
            "该文件不是见证请求；请用 qingling journal checkpoint --request 生成",
        )
    )
    old = first.removeprefix("old ")
    if old == first or not _COUNT.fullmatch(old) or len(lines) > MOST_HASHES:
        raise refusal
    try:
        proof = tuple(map(_hash, lines))
    except ValueError:
        raise refusal from None
    return Request(old=int(old), proof=proof, checkpoint=checkpoint_in(rest))


def proof_text(entry: str, index: int, proof: Sequence[bytes], checkpoint: Checkpoint) -> str:
    """Return the proof that an entry is in the tree of *checkpoint*.

    Args:
        entry: The text whose SHA-256 the leaf holds.
        index: Its place, from 0.
        proof: The hashes of the proof of inclusion.
    """
    hashes = "".join(f"{b64encode(each).decode()}\n" for each in proof)
    return f"{PROOF}\nextra {b64encode(entry.encode()).decode()}\nindex {index}\n{hashes}\n{checkpoint}"


def cosigned_text(checkpoint: Checkpoint, seconds: int) -> bytes:
    """Return what a witness signs at *seconds* since 1970 UTC."""
    return f"cosignature/v1\ntime {seconds}\n{checkpoint.text}".encode()


def cosigned_at(signature: Signature) -> int:
    """Return when a witness signed, in seconds since 1970 UTC; 0 if it does not say so."""
    return int.from_bytes(signature.value[:8]) if len(signature.value) == 72 else 0


def _hash(text: str) -> bytes:
    """Return a hash as base64 tells it.

    Raises:
        ValueError: If it is no hash.
    """
    try:
        raw = b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError(text[:80]) from error
    if len(raw) != SIZE or b64encode(raw).decode() != text:
        raise ValueError(text[:80])
    return raw


def _no_key() -> BadFileError:
    """Return the refusal of what is no key."""
    return BadFileError(
        Text(
            "this is no public key of a ledger or witness; it is one line, NAME+ID+KEY",
            "这不是台账或见证方的公钥；应为一行：名称+编号+密钥",
        )
    )
