"""Passkeys as a browser makes them (WebAuthn): what is asked of it, and what its answer brings."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from hashlib import sha256
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from webauthn import generate_registration_options, verify_registration_response
from webauthn.helpers import (
    base64url_to_bytes,
    bytes_to_base64url,
    decode_credential_public_key,
    decoded_public_key_to_cryptography,
    options_to_json_dict,
)
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from engine.errors import RefusedError
from engine.journal.assertions import ALGORITHMS, Assertion, Passkey
from engine.language import Text

LONGEST: Final = 20_000
"""Characters of each part of an answer that are looked at."""
_TAKEN: Final = [COSEAlgorithmIdentifier(each) for each in ALGORITHMS]


def host_of(origin: str) -> str:
    """Return the host name on which passkeys hang that are made at an origin.

    Raises:
        RefusedError: If it is an address: no passkey can hang on one.
    """
    host = urlsplit(origin).hostname or ""
    try:
        ip_address(host)
    except ValueError:
        return host
    port = urlsplit(origin).port
    here = f"http://localhost{'' if port is None else f':{port}'}/"
    raise RefusedError(
        Text(
            f"a passkey hangs on a host name, and {host} is an address: open {here} on this machine, else the name of"
            " the desk",
            f"通行密钥与主机名绑定，{host} 是 IP 地址：本机请改用 {here} 打开，其他机器请用本系统的主机名",
        )
    )


def made_with(
    challenge: bytes, *, host: str, house: str, code: str, name: str, known: Sequence[Passkey]
) -> Mapping[str, object]:
    """Return what a browser is asked to make a passkey with, bytes as base64url.

    Args:
        host: The host name on which it will hang.
        house: What the ledger is called.
        code: Code of the officer.
        name: Their name, which the device shows.
        known: Passkeys that they have: no device makes a second one.
    """
    options = generate_registration_options(
        rp_id=host,
        rp_name=house or host,
        # Devices keep this in clear and hand it out, so that it must not say who the officer is.
        user_id=sha256(f"{host}\n{code}".encode()).digest(),
        user_name=name,
        user_display_name=name,
        challenge=challenge,
        timeout=300_000,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=base64url_to_bytes(each.id)) for each in known],
        supported_pub_key_algs=_TAKEN,
    )
    return options_to_json_dict(options)


def passkey_made(
    id_: str, client: str, attestation: str, *, challenge: bytes, host: str, origin: str, name: str
) -> Passkey:
    """Return the passkey that a browser made.

    Args:
        id_: Its id, and the parts of the browser's answer, as base64url.
        name: What its officer calls it.

    Raises:
        RefusedError: If it was made for something else, or without its person being verified.
    """
    answer = {
        "id": id_,
        "rawId": id_,
        "type": "public-key",
        "response": {"clientDataJSON": client, "attestationObject": attestation},
    }
    try:
        if max(map(len, (id_, client, attestation))) > LONGEST:
            raise ValueError("too long")  # noqa: TRY301 - one way out of all that is wrong with it
        made = verify_registration_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=host,
            expected_origin=origin,
            require_user_verification=True,
            supported_pub_key_algs=_TAKEN,
        )
        decoded = decode_credential_public_key(made.credential_public_key)
        public = decoded_public_key_to_cryptography(decoded)
        written = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    except (WebAuthnException, ValueError, KeyError, TypeError, IndexError) as error:
        raise RefusedError(
            Text("the device did not make a passkey that can be used here", "设备未能生成可用的通行密钥，请重试")
        ) from error
    id_ = bytes_to_base64url(made.credential_id)
    return Passkey(id_, int(decoded.alg), host, name, b64encode(written).decode())


def answer_of(form: Mapping[str, tuple[str, ...]], rows: tuple[str, ...] = ()) -> Assertion:
    """Return what a browser answered for a passkey.

    Args:
        rows: Hashes of the rows that it signs.
    """
    authenticator, client, signature = (
        (form.get(name) or ("",))[0][:LONGEST] for name in ("_authenticator", "_client", "_signature")
    )
    return Assertion(authenticator=authenticator, client=client, signature=signature, rows=rows)
