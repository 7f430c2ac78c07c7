"""What the interface for programs answers: JSON, a file, or a problem as RFC 9457 has it, in both languages."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

from engine.errors import (
    ConflictError,
    DatabaseError,
    NotFoundError,
    QinglingError,
    RefusedError,
    without_hints,
)
from engine.language import Text, t
from engine.operations.ledger.free_text import IdentitySeenError
from engine.operations.ledger.overtaken import OvertakenError

JSON: Final = "application/json"
PROBLEM: Final = "application/problem+json"


@dataclass(frozen=True, kw_only=True, slots=True)
class Reply:
    """An answer."""

    body: object = None
    """As JSON; bytes go out as they are."""
    status: int = HTTPStatus.OK
    headers: Mapping[str, str] = field(default_factory=dict)
    kind: str = JSON

    @property
    def content(self) -> bytes:
        """What goes over the wire."""
        if isinstance(self.body, bytes):
            return self.body
        return json.dumps(self.body, ensure_ascii=False, separators=(",", ":")).encode()


class ProblemError(QinglingError):
    """What is wrong with a request before any rule is asked."""

    def __init__(self, status: HTTPStatus, sentence: Text, **headers: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.headers = headers


_TITLES: Final = {
    HTTPStatus.BAD_REQUEST: Text("The request cannot be read", "请求无法读取"),
    HTTPStatus.UNAUTHORIZED: Text("No token in force", "令牌无效"),
    HTTPStatus.FORBIDDEN: Text("Not permitted", "不能办理"),
    HTTPStatus.NOT_FOUND: Text("Not found", "未找到"),
    HTTPStatus.CONFLICT: Text("Changed meanwhile", "内容已有变化"),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: Text("Too large", "内容过大"),
    HTTPStatus.UNPROCESSABLE_ENTITY: Text("Not possible", "不能办理"),
    HTTPStatus.PRECONDITION_REQUIRED: Text("Say which revision you saw", "须写明所见版本"),
    HTTPStatus.INTERNAL_SERVER_ERROR: Text("Something went wrong", "系统出错"),
    HTTPStatus.SERVICE_UNAVAILABLE: Text("The ledger cannot be used now", "台账暂时无法使用"),
}


def problem(
    status: int, sentence: Text, more: Mapping[str, object] | None = None, headers: Mapping[str, str] | None = None
) -> Reply:
    """Return a problem; what it is about stands in it in both languages besides the one that is spoken."""
    title = _TITLES.get(HTTPStatus(status), Text("Not possible", "不能办理"))
    body: dict[str, object] = {
        "type": "about:blank",
        "title": t(title.en, title.zh),
        "status": int(status),
        "detail": t(sentence.en, sentence.zh),
        "en": sentence.en,
        "zh": sentence.zh,
        **(more or {}),
    }
    return Reply(body=body, status=int(status), headers=headers or {}, kind=PROBLEM)


_STATUS: Final[tuple[tuple[type[QinglingError], HTTPStatus], ...]] = (
    (ConflictError, HTTPStatus.CONFLICT),
    (NotFoundError, HTTPStatus.NOT_FOUND),
    (DatabaseError, HTTPStatus.SERVICE_UNAVAILABLE),
)


def problem_of(error: QinglingError, *, writes: bool) -> Reply:
    """Return the problem that a refusal is, with each reason and the field where it is mended."""
    sentence = without_hints(error.sentence)
    if isinstance(error, ProblemError):
        return problem(error.status, sentence, headers=error.headers)
    more: dict[str, object] = {}
    status = next((status for kind, status in _STATUS if isinstance(error, kind)), HTTPStatus.UNPROCESSABLE_ENTITY)
    if isinstance(error, RefusedError) and not writes:
        status = HTTPStatus.FORBIDDEN
    if isinstance(error, OvertakenError):
        more["since"] = [{"seq": each.seq, "by": each.by, "kind": each.kind} for each in error.since]
    elif status is HTTPStatus.UNPROCESSABLE_ENTITY:
        more["reasons"] = _reasons(error)
        if isinstance(error, IdentitySeenError):
            more["insist"] = True  # sent again with ?insist=1 it goes through
    return problem(status, sentence, more)


def _reasons(error: QinglingError) -> list[Mapping[str, object]]:
    """Return each reason."""
    found: list[Mapping[str, object]] = []
    for each in error.reasons:
        words = without_hints(each)
        found.append({"kind": each.kind, "field": each.field, "basis": each.basis, "en": words.en, "zh": words.zh})
    return found
