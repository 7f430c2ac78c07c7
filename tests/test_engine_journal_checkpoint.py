"""Checkpoints, requests and signatures as texts: what is written is read back, and anything else is refused."""

from base64 import b64encode

import pytest

from engine.errors import BadFileError
from engine.journal.checkpoint import (
    LOG,
    LONGEST,
    WITNESS,
    Checkpoint,
    Request,
    Signature,
    checkpoint_in,
    cosigned_at,
    key_given,
    request_in,
    signature_in,
)
from engine.journal.note_keys import cosignature, has_signed, public_half, signed

ROOT = bytes(range(32))
KEY = bytes(32)
PLAIN = Checkpoint(origin="ledger", size=7, root=ROOT)
SIGNED = signed(PLAIN, KEY)


def test_what_is_written_is_read_back() -> None:
    """A checkpoint, what a witness is asked and a public key: each text gives the same again."""
    asked = Request(old=3, proof=(ROOT, bytes(32)), checkpoint=SIGNED)
    key = public_half(KEY, "ledger", LOG)

    shortest = f"— ledger {b64encode(b'12345').decode()}"
    assert signature_in(shortest) == Signature(name="ledger", key_id=b"1234", value=b"5")
    assert checkpoint_in(str(SIGNED)) == SIGNED
    assert request_in(str(asked)) == asked
    assert key_given(f" {key}\n") == key
    with pytest.raises(BadFileError):
        key_given(f"{str(key)[:-4]}!{str(key)[-4:]}")


def test_a_witness_says_when_it_signed() -> None:
    """The seconds stand before the signature proper; what is of another length does not say."""
    kept = (1_572_566_400).to_bytes(8) + bytes(64)

    assert cosigned_at(Signature(name="w", key_id=b"1234", value=kept)) == 1_572_566_400
    assert cosigned_at(Signature(name="w", key_id=b"1234", value=kept[8:])) == 0


def otherwise_written(raw: bytes) -> str:
    """Return base64 that gives the same bytes and is not how they are written: bits beyond the last byte are set."""
    text = b64encode(raw).decode()
    assert text.endswith("8=")
    return f"{text[:-2]}9="


REFUSED = {
    "a root that is written in another way": str(SIGNED).replace(b64encode(ROOT).decode(), otherwise_written(ROOT)),
    "a root of 31 bytes": str(SIGNED).replace(b64encode(ROOT).decode(), b64encode(ROOT[:31]).decode()),
    "a root that is no base64": str(SIGNED).replace(b64encode(ROOT).decode(), "A"),
    "no signature": str(PLAIN),
    "a size with a leading zero": str(SIGNED).replace("\n7\n", "\n07\n"),
    "a signature without a value": f"{PLAIN}\n— ledger {b64encode(b'1234').decode()}\n",
    "longer than any": str(SIGNED) + "— ledger MTIzNDU=\n" * (LONGEST // 18),
}


def test_what_is_no_checkpoint_is_refused() -> None:
    """One text stands for one checkpoint: whatever is written in another way is none."""
    read = []
    for case, text in REFUSED.items():
        try:
            checkpoint_in(text)
        except BadFileError:
            continue
        read.append(case)

    assert read == []


def test_what_asks_nothing_of_a_witness_is_refused() -> None:
    """No count of what the witness holds, one that is none, a hash that is none, more of them than any tree needs."""
    asked = str(Request(old=3, proof=(ROOT,), checkpoint=SIGNED))
    hash_line = f"{b64encode(ROOT).decode()}\n"
    for wrong in (
        asked.replace("old 3", "3"),
        asked.replace("old 3", "old 03"),
        asked.replace(hash_line, "AAAA\n"),
        asked.replace(hash_line, hash_line * 64, 1),
    ):
        with pytest.raises(BadFileError) as refused:
            request_in(wrong)
        assert "--request FILE" in refused.value.sentence.en
    assert len(request_in(asked.replace(hash_line, hash_line * 63, 1)).proof) == 63


def test_a_signature_binds_its_key_its_name_and_its_text() -> None:
    """The ledger signs its own origin only, a witness with the time beside it; a cut or altered value is none."""
    ledger, other = public_half(KEY, "ledger", LOG), public_half(bytes([1] * 32), "ledger", LOG)
    witness = public_half(KEY, "tower", WITNESS)
    seen = SIGNED.signed(cosignature(SIGNED, KEY, "tower", 9))
    (first, second) = seen.signatures
    cut = Signature(name="tower", key_id=witness.id, value=second.value[:71])
    altered = Signature(name="ledger", key_id=ledger.id, value=bytes(64))

    assert (has_signed(ledger, seen), has_signed(witness, seen), has_signed(other, seen)) == (True, True, False)
    assert not has_signed(public_half(KEY, "elsewhere", LOG), seen)
    assert not has_signed(ledger, Checkpoint(origin="ledger", size=8, root=ROOT, signatures=(first,)))
    assert not has_signed(witness, Checkpoint(origin="ledger", size=7, root=ROOT, signatures=(cut,)))
    assert not has_signed(ledger, Checkpoint(origin="ledger", size=7, root=ROOT, signatures=(altered,)))
    assert seen.signed(second) == seen, "one by the same key takes its place"
