"""What is answered when something may not be: a page with the sentence, and what to do."""

from http import HTTPStatus
from typing import Final
from urllib.parse import quote

from desk.answers import PageShown
from engine.errors import (
    ConflictError,
    DatabaseError,
    NotFoundError,
    QinglingError,
    RefusedError,
    without_hints,
)
from engine.language import Text

_FAULTS: Final = {
    HTTPStatus.NOT_FOUND: Text("there is no such page", "没有这个页面"),
    HTTPStatus.METHOD_NOT_ALLOWED: Text("this page does not take that", "此页面不接受该操作"),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: Text(
        "what was sent is too large: texts up to 1 MB, files up to 25 MB together",
        "内容过大：文字最多 1 MB，附件合计最多 25 MB",
    ),
    HTTPStatus.SERVICE_UNAVAILABLE: Text(
        "the ledger cannot be used now, and nothing was written; tell the keeper of the ledger, then try again",
        "台账暂时无法使用，本次未写入任何内容；请告知台账管理员后重试",
    ),
    HTTPStatus.BAD_REQUEST: Text("the form could not be read; open the page again", "表单无法读取，请重新打开页面"),
}
OURS: Final = Text(
    "something went wrong here, and nothing was written; try again, and tell the keeper of the ledger",
    "系统出错，本次未写入任何内容；请重试，并告知台账管理人员",
)
"""What is said of a fault of the program."""
_BEGUN_AT: Final = {"import": "/import", "report": "/reports", "verify": "/house/journal"}
"""Where a job of a kind is begun; files are begun at many places."""


class WorkCancelledError(NotFoundError):
    """Somebody cancelled a job that ran, and its page still asks how far it has come."""

    def __init__(self, sentence: Text, *, kind: str) -> None:
        """Say of which kind it was: the first part of the address of its page."""
        super().__init__(sentence)
        self.begun_at = _BEGUN_AT.get(kind)


_STATUS: Final[tuple[tuple[type[QinglingError], HTTPStatus], ...]] = (
    (WorkCancelledError, HTTPStatus.GONE),
    (NotFoundError, HTTPStatus.NOT_FOUND),
    (RefusedError, HTTPStatus.FORBIDDEN),
    (ConflictError, HTTPStatus.CONFLICT),
    (DatabaseError, HTTPStatus.SERVICE_UNAVAILABLE),
)
_TITLES: Final = {
    HTTPStatus.NOT_FOUND: Text("Not found", "未找到"),
    HTTPStatus.GONE: Text("Cancelled", "已取消"),
    HTTPStatus.FORBIDDEN: Text("Not permitted", "不能办理"),
    HTTPStatus.CONFLICT: Text("Changed meanwhile", "内容已有变化"),
    HTTPStatus.SERVICE_UNAVAILABLE: Text("The ledger cannot be used now", "台账暂时无法使用"),
}


def answer_of(error: QinglingError, *, case: str | None = None) -> PageShown:
    """Return the page for a refusal that no form catches.

    Args:
        case: Number of the case on one of whose pages it was met, and which the officer may read.
    """
    status = next((status for kind, status in _STATUS if isinstance(error, kind)), HTTPStatus.BAD_REQUEST)
    title = _TITLES.get(status, Text("Not possible", "不能办理"))
    begun_at = error.begun_at if isinstance(error, WorkCancelledError) else None
    again = None if begun_at is None else (begun_at, Text("Begin again", "重新开始"))
    if case is not None:
        again = (f"/case/{quote(case)}", Text("Back to the case", "返回事项"))
    return refused_page(title, without_hints(error.sentence), status, again=again)


def refused_page(title: Text, words: Text, status: int, *, again: tuple[str, Text] | None = None) -> PageShown:
    """Return a page that says why something was not done.

    Args:
        again: Where it can be tried again, and what the link says.
    """
    return PageShown(template="refused.html", values={"title": title, "words": words, "again": again}, status=status)


def fault(status: int) -> tuple[int, Text]:
    """Return what is said of a request that reached no page."""
    return status, _FAULTS.get(HTTPStatus(status), OURS)
