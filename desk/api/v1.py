"""The operations of `/api/v1`: each reads what is asked, calls the operation that the page and the command call."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from desk.api.openapi import described
from desk.api.replies import ProblemError, Reply
from desk.pages.clearing import EARLIEST, LATEST, campaigns_of
from desk.visit import Visit, whole_number
from engine.errors import NotFoundError
from engine.language import Text
from engine.operations.cases.attachments import write_out
from engine.operations.cases.casework import advance, attach, note, open_case
from engine.operations.cases.commit import Outcome
from engine.operations.cases.lookup import list_cases, view_for
from engine.operations.ledger.older_versions import older_states
from engine.operations.zero.blocking import blockers
from engine.operations.zero.frozen import plain
from engine.operations.zero.verdict import check_zero
from engine.rules.case import Case
from engine.rules.reading_rights import Deed
from engine.system.whole_files import make_folder
from engine.working_days.loose_dates import day_meant
from presentation.case_deadlines import deadline_json
from presentation.json_view import case_json, entry_json, step_json

MOST: Final = 200
"""Cases in one answer."""
CREATED: Final = HTTPStatus.CREATED


class ApiVisit(Visit):
    """A request of a program, for an officer who is known."""

    way = "api"


@dataclass(frozen=True, kw_only=True, slots=True)
class ApiAsked:
    """What a program sent besides its address."""

    body: Mapping[str, object] = field(default_factory=dict)
    content: bytes = b""
    if_match: str = ""
    key: str = ""
    """By which a request that is sent again is known."""


Operation = Callable[[ApiVisit, ApiAsked], Reply]


def description(visit: ApiVisit, _asked: ApiAsked) -> Reply:
    """Return what can be asked, as OpenAPI, made of what the ledger has adopted."""
    return Reply(body=described(visit.ledger.workflows))


def listed(visit: ApiVisit, _asked: ApiAsked) -> Reply:
    """Return cases of a workflow, narrowed and in pages."""
    query, name = visit.asked, visit.asked.path["workflow"]
    declared = visit.ledger.workflows.latest(name)
    state, unit, words = query.one("state") or None, query.one("unit") or None, query.one("search") or None
    if state is not None and state not in declared.states and state not in older_states(visit.ledger, declared):
        raise NotFoundError(Text("there is no such state", "没有这个状态"))
    limit = whole_number(query.one("limit") or "50", least=1, most=MOST)
    everything, after = query.one("closed") in {"1", "true"}, query.one("after") or None
    asks: dict[str, object] = {"workflow": name, "unit": unit, "state": state, "open": not everything, "search": words}
    with visit.viewing(Deed.SEARCH if words else Deed.LIST, **asks) as view:
        found = list_cases(
            view.ledger, name, unit=unit, state=state, open_only=not everything, words=words, after=after, now=visit.now
        )
        cases = list(islice(found, limit + 1))
        view.shown([each.number for each in cases[:limit]], **asks)
        rows = [case_json(view.ledger, each) for each in cases[:limit]]
    return Reply(body={"cases": rows, "next": cases[limit - 1].number if len(cases) > limit else None})


def one(visit: ApiVisit, _asked: ApiAsked) -> Reply:
    """Return a case with its deadlines, what can be done next, and its journal."""
    case = visit.case(Deed.READ, visit.asked.path["number"])
    seen = view_for(visit.acting, case.number)
    ledger = visit.ledger
    body = {
        **case_json(ledger, seen.case),
        "parent": seen.parent.number if seen.parent else None,
        "children": [each.number for each in seen.children],
        "deadlines": [deadline_json(ledger, seen.case, each, now=visit.now) for each in seen.deadlines],
        "next": [{**step_json(each), "mine": each.mine, "asks": each.asks, "takes": each.takes} for each in seen.steps],
        "attachments": [{"digest": each.digest, "name": each.name, "size": each.size} for each in seen.attachments],
        "timeline": [entry_json(ledger, each) for each in seen.timeline],
    }
    return Reply(body=body, headers=_etag(seen.case))


def step(visit: ApiVisit, asked: ApiAsked) -> Reply:
    """Take a step with a case, as it was seen."""
    path = visit.asked.path
    case = visit.case(Deed.READ, path["number"])
    if case.workflow != path["workflow"]:
        raise NotFoundError(Text("no such case in that workflow", "该流程中没有此事项"))
    workflow = visit.ledger.rules_of(case).workflow
    acting = visit.looked_through(workflow, asked.body, as_seen=(case.number, _revision(asked)))
    return _done(visit, advance(acting, case.number, path["trigger"], asked.body))


def opened(visit: ApiVisit, asked: ApiAsked) -> Reply:
    """Register a case."""
    name = visit.asked.path["workflow"]
    before = visit.once.led(visit.officer, asked.key)
    if before is not None:
        return _case_reply(visit, visit.case(Deed.READ, before), HTTPStatus.OK)
    under = visit.asked.one("under")
    parent = visit.case(Deed.READ, under) if under else None
    rules = visit.ledger.rules(name) if parent is None else visit.ledger.rules_of_child(parent, name)
    acting = visit.looked_through(rules.workflow, asked.body)
    outcome = open_case(acting, name, asked.body, unit=visit.asked.one("unit"), under=parent and parent.number)
    visit.once.leads(visit.officer, asked.key, outcome.case.number)
    return _case_reply(visit, outcome.case, CREATED)


def noted(visit: ApiVisit, asked: ApiAsked) -> Reply:
    """Write a remark into the journal of a case."""
    case = visit.case(Deed.READ, visit.asked.path["number"])
    words = asked.body.get("words")
    if not isinstance(words, str) or len(asked.body) != 1:
        raise ProblemError(HTTPStatus.BAD_REQUEST, Text('send {"words": "…"}', '请发送 {"words": "…"}'))
    acting = visit.looked_through(words={"words": words}, as_seen=(case.number, _revision(asked)))
    return _done(visit, note(acting, case.number, words), CREATED)


def attached(visit: ApiVisit, asked: ApiAsked) -> Reply:
    """Keep a file with a case."""
    case = visit.case(Deed.READ, visit.asked.path["number"])
    name = visit.asked.one("name")
    if not name or not asked.content:
        raise ProblemError(HTTPStatus.BAD_REQUEST, Text("send a file, and ?name=", "请发送文件，并写明 ?name="))
    folder = visit.files_folder
    make_folder(folder, mode=0o700)
    with TemporaryDirectory() as place:
        file = Path(place, "sent")
        file.write_bytes(asked.content)
        outcome = attach(visit.looked_through(words={"title": name}), case.number, file, folder=folder, title=name)
    return _done(visit, outcome, CREATED)


def given(visit: ApiVisit, _asked: ApiAsked) -> Reply:
    """Return a file that is kept with a case."""
    digest = visit.asked.path["digest"]
    case = visit.case(Deed.PRINT, visit.asked.path["number"], file=digest[:16])
    with TemporaryDirectory() as place:
        target = Path(place, "kept")
        write_out(visit.ledger, case.number, digest, folder=visit.files_folder, target=target)
        return Reply(
            body=target.read_bytes(), kind="application/octet-stream",
            headers={"content-disposition": "attachment"},
        )  # fmt: skip


def zero(visit: ApiVisit, _asked: ApiAsked) -> Reply:
    """Return whether a campaign is cleared to zero, with all that blocks."""
    asked, year = visit.asked, visit.asked.one("year")
    campaign = campaigns_of(visit.ledger).campaign(
        asked.path["campaign"], year=whole_number(year, least=EARLIEST, most=LATEST) if year else None
    )
    today = visit.acting.today
    day = day_meant(asked.one("as_of"), today=today) if asked.one("as_of") else today
    unit = asked.one("unit") or None
    about: dict[str, object] = {"campaign": campaign.name, "unit": unit, "as_of": asked.one("as_of")}
    with visit.viewing(Deed.ZERO, **about) as view:
        statement = check_zero(view.ledger, campaign, day=day, unit=unit, now=visit.now).unchecked()
        view.shown(**about, scope=statement.total.scope)
        body = dict(plain(statement, tuple(blockers(view.ledger, statement))))
        body["limited"] = None if view.limited is None else str(view.limited)
    return Reply(body=body)


def _revision(asked: ApiAsked) -> int:
    """Return the revision of a case that the program saw.

    Raises:
        ProblemError: If it does not say, or none.
    """
    words = asked.if_match.strip().removeprefix("W/").strip('"')
    if not words:
        sentence = Text('send the revision that you saw: If-Match: "7"', '请写明所见版本：If-Match: "7"')
        raise ProblemError(HTTPStatus.PRECONDITION_REQUIRED, sentence)
    return whole_number(words, least=1, most=999_999_999)


def _etag(case: Case) -> Mapping[str, str]:
    """Return the revision of a case as a header."""
    return {"etag": f'"{case.revision}"'}


def _done(visit: ApiVisit, outcome: Outcome, status: int = HTTPStatus.OK) -> Reply:
    """Return the case after something was done, and what it opened; the same if it had been done already."""
    return _case_reply(visit, outcome.case, status, opened=[each.number for each in outcome.opened])


def _case_reply(visit: ApiVisit, case: Case, status: int, **more: object) -> Reply:
    """Return a case as it stands."""
    headers = {**_etag(case), "location": f"/api/v1/cases/{case.number}"}
    return Reply(body={**case_json(visit.ledger, case), **more}, status=int(status), headers=headers)
