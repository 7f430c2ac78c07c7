"""Signing keys of officers: what was locked once opens for good, by its passphrase alone."""

from engine.journal.signing import public_of, unlock_key

LOCKED = (
    "qingling/officer-key/1 wCDl2nH6XkmKwT2yPGRFtw== vU0r8n2v3jwuunb86wHbjAVTG+B+8DiQnRAkg8CCWnAT/lX+gICbCbZlRzsKubGC\n"
)
"""A key file, made on 2026-11-30."""
PUBLIC = "9mJGJYRDJU06oGRfZ3H3pE9V5vj0iqcgB94F6WViCAA="


def test_a_key_file_that_was_made_long_ago_opens() -> None:
    """How a passphrase is stretched never changes: key files outlive the program that made them."""
    assert public_of(unlock_key(LOCKED.encode(), "correct horse 口令")) == PUBLIC
