"""What a passkey has signed for a row: by a person who was there and verified, for this host and this row alone."""

from base64 import b64encode

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from devices import PRESENT, VERIFIED, Device, words

from engine.journal.assertions import Assertion, Passkey, challenge_of, is_answer, is_asserted

HOST = "ledger.example.org"
HERE = f"https://{HOST}"
ROWS = ("ab", "cd")


@pytest.mark.parametrize("algorithm", [-7, -8])
def test_a_row_is_signed_by_who_was_there_and_verified(algorithm: int) -> None:
    """Each part that is otherwise makes it no signature of this row; where it was made counts by name and scheme."""
    device = Device(algorithm, "one")
    public = device.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    passkey = Passkey(words(device.id), algorithm, HOST, "一", b64encode(public).decode())

    def asserted(
        *, flags: int = PRESENT | VERIFIED, origin: str = HERE, host: str = HOST, type_: str = "webauthn.get"
    ) -> Assertion:
        asked = {"host": host, "challenge": words(challenge_of(ROWS)), "nonce": ""}
        given = device.shows(asked, origin=origin, flags=flags, type_=type_)
        return Assertion(
            authenticator=given["_authenticator"], client=given["_client"], signature=given["_signature"], rows=ROWS
        )

    made = {
        "as it must be": asserted(),
        "on a machine of its own": asserted(origin=f"http://{HOST}"),
        "nobody there": asserted(flags=VERIFIED),
        "nobody verified": asserted(flags=PRESENT),
        "another host": asserted(host="example.org"),
        "another page": asserted(origin="https://example.org"),
        "another ceremony": asserted(type_="webauthn.create"),
        "cut short": Assertion(
            authenticator=asserted().authenticator[:-4], client=asserted().client, signature=asserted().signature
        ),
    }

    assert [name for name, each in made.items() if is_asserted(passkey, "ab", each.kept)] == ["as it must be"]
    assert not is_asserted(passkey, "ef", made["as it must be"].kept)
    assert is_answer(passkey, challenge_of(ROWS), asserted(), origin=HERE)
    assert not is_answer(passkey, challenge_of(ROWS), asserted(), origin="https://desk.example.org")
