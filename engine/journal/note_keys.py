"""The Ed25519 keys of ledgers and witnesses: making them, signing checkpoints, and looking at signatures.

The private key lies in a file that only its owner can read, without a passphrase, since a service signs with it by
itself. It binds nobody who holds the disk; what counts is the witness's signature, and what was printed.
"""

from typing import Final

from engine.journal.checkpoint import LOG, WITNESS, Checkpoint, Signature, VerifierKey, cosigned_text

RAW: Final = 32
"""Bytes of a private key."""

SMALL_ORDER: Final = frozenset(
    bytes.fromhex(each)
    for each in (
        "0100000000000000000000000000000000000000000000000000000000000000",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0000000000000000000000000000000000000000000000000000000000000080",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    )
)
"""Public keys for which one signature fits many texts; as their signer nobody is bound."""


def new_private() -> bytes:
    """Return a new private key."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.generate().private_bytes_raw()


def public_half(private: bytes, name: str, kind: int) -> VerifierKey:
    """Return the public half of a private key, by the name under which it signs."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    public = Ed25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()
    return VerifierKey(name=name, kind=kind, public=public)


def signed(checkpoint: Checkpoint, private: bytes) -> Checkpoint:
    """Return *checkpoint* with the ledger's signature; the ledger signs under its origin."""
    key = public_half(private, checkpoint.origin, LOG)
    value = _sign(private, checkpoint.text.encode())
    return checkpoint.signed(Signature(name=key.name, key_id=key.id, value=value))


def cosignature(checkpoint: Checkpoint, private: bytes, name: str, seconds: int) -> Signature:
    """Return a witness's signature, given at *seconds* since 1970 UTC."""
    key = public_half(private, name, WITNESS)
    value = seconds.to_bytes(8) + _sign(private, cosigned_text(checkpoint, seconds))
    return Signature(name=name, key_id=key.id, value=value)


def has_signed(key: VerifierKey, checkpoint: Checkpoint) -> bool:
    """Say whether a signature beneath *checkpoint* is by *key*; a ledger's key signs its own origin only."""
    if key.kind == LOG and key.name != checkpoint.origin:
        return False
    return any(
        _fits(key, checkpoint, each) for each in checkpoint.signatures if (each.name, each.key_id) == (key.name, key.id)
    )


def _fits(key: VerifierKey, checkpoint: Checkpoint, signature: Signature) -> bool:
    """Say whether a signature is by *key*."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    value, text = signature.value, checkpoint.text.encode()
    if key.kind == WITNESS:
        if len(value) != 72:
            return False
        value, text = value[8:], cosigned_text(checkpoint, int.from_bytes(value[:8]))
    if key.public in SMALL_ORDER:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(value, text)
    except (InvalidSignature, ValueError):
        return False
    return True


def _sign(private: bytes, text: bytes) -> bytes:
    """Return the Ed25519 signature over *text*."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.from_private_bytes(private).sign(text)
