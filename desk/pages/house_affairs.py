"""What the house runs on: adopted texts, messages, the state of the installation, and the log of who read what."""

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Final

from desk.answers import Answer, GoTo, PageShown
from desk.house_tools import ComparedText, HouseTools
from desk.pages.house import CAUGHT, refused_on, status_of
from desk.visit import Visit, whole_number
from engine.errors import BadFileError, NotFoundError, QinglingError
from engine.language import Text
from engine.operations.house.adopting import adopt, adopted_versions
from engine.operations.ledger.administrators import refuse_unless
from engine.operations.ledger.need_to_know import broken_at, log_of, refuse_unless_may
from engine.operations.ledger.reasons import reason_given
from engine.operations.outbox.promises import FAILED, WAITING, promised, send_again
from engine.rules.reading_rights import Deed
from engine.workflow.powers import Power
from engine.workflow.texts import TextKind
from presentation.access_view import access_lines
from presentation.adopted_titles import AdoptedTitles
from presentation.case_view import when
from presentation.house_words import MESSAGE_STATUS, MESSAGES

MOST_MESSAGES: Final = 200
MOST_ROWS: Final = 300
"""Rows of the access log on a page, the newest first."""
LARGEST: Final = 500_000
"""Bytes of a file of rules; it stands in the form by which it is adopted."""


def texts_page(visit: Visit) -> Answer:
    """Show by which texts the ledger works."""
    return _texts(visit, None)


def adopt_text(visit: Visit) -> Answer:
    """Show what a file that was sent changes; adopt it once that was looked at."""
    asked = visit.asked
    try:
        refuse_unless(visit.acting, Power.KEEP_LEDGER)
        name, content = _sent(visit)
        compared = _tools(visit).compare(name, content)
        if not asked.one("_apply"):
            return _texts(visit, None, compared=compared, name=name, content=content)
        adopt(visit.acting, [each.text for each in compared if each.is_new], reason=reason_given(asked.one("reason")))
    except (*CAUGHT, BadFileError) as refused:
        return _texts(visit, refused)
    return GoTo(to="/house/texts")


def outbox_page(visit: Visit) -> Answer:
    """Show the messages that go to the officer; to the keeper of the ledger all of them, and the ways out."""
    return _outbox(visit, None)


def try_again(visit: Visit) -> Answer:
    """Let a message that failed wait again, or all of them."""
    try:
        refuse_unless_may(visit.ledger, visit.reader, Deed.SEND)
        only = visit.asked.one("message")
        number = whole_number(only, least=1, most=999_999_999) if only else None
        if not send_again(visit.ledger, now=visit.now, promise_id=number) and number is not None:
            raise NotFoundError(Text(f"no message {number} has failed", f"没有失败的消息 {number}"))
    except CAUGHT as refused:
        return _outbox(visit, refused)
    return GoTo(to="/house/outbox")


def doctor_page(visit: Visit) -> Answer:
    """Show what is wrong with the installation, to the keeper of the ledger."""
    with visit.viewing(Deed.HOUSE, doctor=True) as view:
        refuse_unless(visit.acting, Power.KEEP_LEDGER)
        view.shown(doctor=True)
    order = ("wrong", "attention", "note", "ok")
    found = sorted(_tools(visit).examine(), key=lambda each: order.index(each.verdict))
    return PageShown(template="house_doctor.html", values={**refused_on(visit, None), "found": found})


def access_page(visit: Visit) -> Answer:
    """Show who read what, the newest first; that it is looked at is written down as well."""
    asked = visit.asked
    of, number, refused = asked.one("of"), asked.one("case"), bool(asked.one("refused"))
    with visit.viewing(Deed.ACCESS, of=of, case=number, refused=refused) as view:
        view.shown(of=of, case=number, refused=refused)
    log = log_of(visit.ledger)
    rows = list(log.rows())
    log.close()
    found = (
        each
        for each in reversed(rows)
        if of in {"", each.officer} and number in {"", each.subject} and (not refused or each.answer == "refused")
    )
    values = {
        **refused_on(visit, None),
        "rows": list(access_lines(visit.ledger, islice(found, MOST_ROWS))),
        "most": MOST_ROWS,
        "broken": broken_at(rows),
        "filters": {"of": of, "case": number, "refused": refused},
        "officers": [
            (each, visit.ledger.naming.person(each).name)
            for each in sorted({each.officer for each in rows if each.officer})
        ],
    }
    return PageShown(template="house_access.html", values=values)


def _texts(
    visit: Visit, refused: QinglingError | None, *, compared: Sequence[ComparedText] | None = None, name: str = "",
    content: bytes = b"",
) -> PageShown:  # fmt: skip
    """Return the page of adopted texts, with what one that was sent changes."""
    with visit.viewing(Deed.HOUSE, texts=True) as view:
        view.shown(texts=True)
    newest = {(each.kind, each.name): each for each in adopted_versions(visit.ledger)}
    titles = AdoptedTitles(visit.ledger)
    values = {
        **refused_on(visit, refused),
        "rows": [
            {
                "kind": TextKind(each.kind).says,
                "title": titles.title(TextKind(each.kind), each.name),
                "name": each.name,
                "version": each.version,
                "shipped": bool(each.shipped),
                "digest": each.digest[:16],
            }
            for each in newest.values()
        ],
        "may_adopt": Power.KEEP_LEDGER in visit.reader.powers and visit.settings.tools is not None,
        "compared": compared,
        "is_any_new": any(each.is_new for each in compared or ()),
        "name": name,
        "content": content.decode("utf-8", "replace"),
    }
    return PageShown(template="house_texts.html", values=values, status=status_of(refused))


def _outbox(visit: Visit, refused: QinglingError | None) -> PageShown:
    """Return the page of messages."""
    with visit.viewing(Deed.OUTBOX) as view:
        found = promised(view.ledger, limit=MOST_MESSAGES)
        view.shown(count=len(found))
    ledger, keeps = visit.ledger, visit.may(Deed.SEND)
    tools = visit.settings.tools
    rows: list[Mapping[str, object]] = [
        {
            "id": each.id,
            "kind": MESSAGES.get(each.kind, each.kind),
            "to": ledger.naming.person(each.recipient).name,
            "status": MESSAGE_STATUS[each.status],
            "is_failed": each.status == FAILED,
            "waits": each.status == WAITING,
            "attempts": each.attempts,
            "at": when(ledger, each.sent_at if each.sent_at is not None else each.next_try_at),
            "remark": each.remark or "",
        }
        for each in found
    ]
    values = {
        **refused_on(visit, refused),
        "rows": sorted(rows, key=lambda row: (not row["is_failed"], not row["waits"])),
        "keeps": keeps,
        "failed": sum(bool(row["is_failed"]) for row in rows),
        "channels": tools.channels() if keeps and tools is not None else None,
        "most": MOST_MESSAGES,
    }
    return PageShown(template="house_outbox.html", values=values, status=status_of(refused))


def _tools(visit: Visit) -> HouseTools:
    """Return what the command lends.

    Raises:
        NotFoundError: If it lends nothing.
    """
    if visit.settings.tools is None:
        raise NotFoundError(Text("this desk cannot do that", "本系统未提供此功能"))
    return visit.settings.tools


def _sent(visit: Visit) -> tuple[str, bytes]:
    """Return name and content of the file that was sent, or that its form brings back after it was looked at.

    Raises:
        BadFileError: If there is none, or it is too large.
    """
    sent = visit.asked.files.get("file", ())
    kept = (visit.asked.form.get("_content") or ("",))[0].replace("\r\n", "\n")
    name, content = (sent[0].name, sent[0].content) if sent else (visit.asked.one("_name"), kept.encode())
    if not content:
        raise BadFileError(Text("choose a file", "请选择文件"))
    if len(content) > LARGEST:
        raise BadFileError(Text("the file is too large", "文件过大"))
    return name, content
