"""Who a program acts for: the officer of its token, known by a log-in that the token begins."""

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from http import HTTPStatus
from threading import Lock

from desk.api.replies import ProblemError
from engine.language import Text
from engine.operations.identity.logging_in import shown_by_session
from engine.operations.identity.showing import act_as
from engine.operations.identity.tokens import log_in_by_token, officer_of
from engine.operations.identity.ways import READS, WRITES
from engine.operations.ledger.ledger import Ledger


class TokenDoor:
    """Lets programs in: each token has a log-in, which ends as those of officers do, and is begun again."""

    def __init__(self) -> None:
        """Nobody is in."""
        self._lock = Lock()
        self._held: dict[str, str] = {}

    def who(self, ledger: Ledger, secret: str, *, writes: bool, now: datetime) -> str:
        """Return the officer, and let the ledger know how they are known.

        Args:
            secret: The token.
            writes: Something is to be written.
            now: The clock's aware instant.

        Raises:
            ProblemError: If the token is not in force, or only for reading.
        """
        found = officer_of(ledger, secret, (READS, WRITES))
        if found is None:
            raise ProblemError(
                HTTPStatus.UNAUTHORIZED,
                Text(
                    "send a token that is in force: Authorization: Bearer …", "请提供有效令牌：Authorization: Bearer …"
                ),
                **{"www-authenticate": 'Bearer realm="qingling"'},
            )
        officer, way = found
        if writes and way != WRITES:
            raise ProblemError(
                HTTPStatus.FORBIDDEN, Text("this token only reads", "此令牌只能查阅，不能办理"),
                **{"www-authenticate": 'Bearer error="insufficient_scope"'},
            )  # fmt: skip
        key = sha256(secret.encode()).hexdigest()
        with self._lock:
            held = self._held.get(key, "")
        evidence = shown_by_session(ledger, held, now=now) if held else None
        if evidence is None:
            held = log_in_by_token(ledger, secret, now=now)
            evidence = shown_by_session(ledger, held, now=now)
            with self._lock:
                self._held[key] = held
        act_as(ledger, evidence)
        return officer


def secret_in(headers: Mapping[str, str]) -> str:
    """Return the token that stands in the header; empty if none does."""
    scheme, _, secret = headers.get("authorization", "").partition(" ")
    return secret.strip() if scheme.lower() == "bearer" else ""
