"""Check that an entry stands in a journal: python -I -S check_proof.py PROOF LEDGER-KEY [WITNESS-KEY|CODE...].

Stands alone: nothing but Python, neither the program that wrote the proof nor any library. Keys are lines NAME+ID+KEY
that came to you by another way than the proof, a CODE is that of a paper. Instead of a proof it takes a checkpoint, as
the QR code of a paper holds it. Leaves with 0 only if it says PROVEN, or SIGNED of a checkpoint by itself.
"""

import base64
import binascii
import hashlib
import re
import sys
from datetime import UTC, datetime
from pathlib import Path

P, Q = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
Point = tuple[int, int, int, int]
D = -121665 * pow(121666, P - 2, P) % P


def add(a: Point, b: Point) -> Point:
    """Add two points of the curve, in extended coordinates."""
    m, n = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    c, d = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = n - m, d - c, d + c, n + m
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(s: int, a: Point) -> Point:
    """Multiply a point."""
    found = (0, 1, 1, 0)
    while s:
        found = add(found, a) if s & 1 else found
        a, s = add(a, a), s >> 1
    return found


def same(a: Point, b: Point) -> bool:
    """Say whether two points are one."""
    return (a[0] * b[2] - b[0] * a[2]) % P == 0 and (a[1] * b[2] - b[1] * a[2]) % P == 0


def point(raw: bytes) -> Point:
    """Return the point that 32 bytes name (RFC 8032, 5.1.3)."""
    y = int.from_bytes(raw, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    need(len(raw) == 32 and y < P, "a key or signature is no point of the curve")
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    x = x if (x * x - square) % P == 0 else x * pow(2, (P - 1) // 4, P) % P
    need((x * x - square) % P == 0 and not (x == 0 and sign), "a key or signature is no point of the curve")
    x = x if x & 1 == sign else P - x
    return x, y, 1, x * y % P


def fits(public: bytes, signature: bytes, text: bytes) -> bool:
    """Say whether an Ed25519 signature is that of *text*; keys of small order bind nobody."""
    if len(signature) != 64 or len(public) != 32:
        return False
    a, r, s = point(public), point(signature[:32]), int.from_bytes(signature[32:], "little")
    if s >= Q or same(times(8, a), (0, 1, 1, 0)):
        return False
    base = point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))
    h = int.from_bytes(hashlib.sha512(signature[:32] + public + text).digest(), "little") % Q
    return same(times(s, base), add(r, times(h, a)))


def need(holds: object, otherwise: str) -> None:
    """Stop if something does not hold."""
    if not holds:
        sys.exit(f"NOT shown: {otherwise}")


def decoded(text: str, length: int = 0) -> bytes:
    """Return what base64 stands for, written in the one way in which it may be."""
    raw = base64.b64decode(text, validate=True)
    need(base64.b64encode(raw).decode() == text and length in {0, len(raw)}, "something in it is no base64 of ours")
    return raw


def included(leaf: bytes, index: int, size: int, proof: list[bytes]) -> bytes:
    """Return the root to which *proof* leads (RFC 9162, 2.1.3.2)."""
    need(index < size, "the index lies beyond the tree")
    place, last = index, size - 1
    for each in proof:
        need(last > 0, "the proof has too many hashes")
        if place & 1 or place == last:
            leaf = hashlib.sha256(b"\1" + each + leaf).digest()
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            leaf = hashlib.sha256(b"\1" + leaf + each).digest()
        place, last = place >> 1, last >> 1
    need(last == 0, "the proof has too few hashes")
    return leaf


def signed_at(line: str, text: str, signatures: list[tuple[str, bytes]], kind: int) -> str:
    """Say when the owner of a key signed; it must have, and as ledger or as witness, as *kind* says."""
    name, key_id, value = line.strip().split("+", 2)
    key = decoded(value, 33)
    own = hashlib.sha256(name.encode() + b"\n" + key).digest()[:4]
    need(key[0] == kind and own.hex() == key_id, "not a key for this: " + name)
    need(kind == 4 or text.startswith(name + "\n"), "the proof is of another journal than that of " + name)
    for raw in (raw for signer, raw in signatures if (signer, raw[:4]) == (name, own)):
        seconds = int.from_bytes(raw[4:12], "big") if kind == 4 else 0
        said = f"cosignature/v1\ntime {seconds}\n{text}" if kind == 4 else text
        if fits(key[1:], raw[12 if kind == 4 else 4 :], said.encode()):
            return f"signed by {name}" + f" at {datetime.fromtimestamp(seconds, UTC)}" * (seconds > 0)
    sys.exit(f"NOT shown: not signed by {name}")


def check(content: bytes, ledger: str, others: list[str]) -> list[str]:
    """Return the lines that say what is shown, of a proof or of a checkpoint by itself, as a QR code holds it."""
    *head, text, rest = content.decode().split("\n\n")
    text += "\n"
    found = re.fullmatch("[!-*,-~]{1,200}\n(0|[1-9][0-9]{0,17})\n([A-Za-z0-9+/]{43}=)\n", text)
    if found is None or not re.fullmatch("(\u2014 [!-*,-~]+ [A-Za-z0-9+/=]+\n)+", rest):
        sys.exit("NOT shown: it holds no signed checkpoint")
    size, code = int(found[1]), hashlib.sha256(text.encode()).hexdigest()[:16]
    for each in others:
        need("+" in each or "".join(each.split()).lower() == code, "not the short code of this checkpoint: " + each)
    signatures = [(each.split(" ")[1], decoded(each.split(" ")[2])) for each in rest[:-1].split("\n")]
    said = [signed_at(ledger, text, signatures, 1)] + [signed_at(k, text, signatures, 4) for k in others if "+" in k]
    if not head:
        return [f"SIGNED: the checkpoint {code} of {size} entries of the journal.", *said]
    first, extra, index, *hashes = "\n\n".join(head).split("\n")
    need(first == "c2sp.org/tlog-proof@v1" and extra[:6] == "extra ", "this is no proof of an entry")
    need(re.fullmatch("index (0|[1-9][0-9]{0,17})", index), "it names no index")
    entry, place = decoded(extra[6:]), int(index[6:])
    leaf = hashlib.sha256(b"\0" + hashlib.sha256(entry).digest()).digest()
    root = included(leaf, place, size, [decoded(each, 32) for each in hashes])
    need(root == decoded(found[2], 32), "the entry, or the proof, is not that of this checkpoint")
    return [f"PROVEN: this entry is number {place + 1} of {size} of the journal, by {code}.", *said, entry.decode()]


def main(arguments: list[str]) -> int | str:
    """Check one file; say what is shown, or in one line why nothing is."""
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        need(len(arguments) >= 2, "usage: check_proof.py PROOF LEDGER-KEY [WITNESS-KEY|CODE...]")
        for each in check(Path(arguments[0]).read_bytes(), arguments[1], arguments[2:]):
            print("".join(c if c.isprintable() else ascii(c)[1:-1] for c in each))
    except (OSError, ValueError, OverflowError, binascii.Error, IndexError):
        return "NOT shown: the file or a key cannot be read, or was altered"
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
