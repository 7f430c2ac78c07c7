"""The house itself: its units, its officers and their roles; what they are known by; and who keeps it may change it."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from desk.answers import Answer, GoTo, PageShown
from desk.steps import reasons_of, said
from desk.visit import Visit, whole_number
from engine.errors import BadValueError, InvalidWorkflowError, NotFoundError, QinglingError, RefusedError
from engine.language import Text
from engine.operations.cases import restricting
from engine.operations.house import registration
from engine.operations.house.directory import acting_officers, officers, open_units, roles_given, units
from engine.operations.house.own_days import last_published
from engine.operations.identity import credentials as proofs
from engine.operations.ledger.demands import least_in
from engine.operations.ledger.ledger import Ledger
from engine.operations.letters.issue import change_letterhead
from engine.rules.reading_rights import Deed
from engine.workflow.powers import Power
from engine.workflow.proofs import DECLARED_PROOFS, PROOFS, Proof
from presentation.case_view import when
from presentation.house_words import WAYS

DEMANDED: Final = tuple(each for each in DECLARED_PROOFS if each != Proof.SIGNATURE.word)
"""What may be demanded of all who act; who signs is said by a step."""
CAUGHT: Final = (BadValueError, NotFoundError, RefusedError, InvalidWorkflowError)
"""What a page of the house says again, with what was typed."""
_CREDENTIALS_DONE: Final = {
    "demand": Text("It is demanded from now on.", "已更改要求，即时生效。"),
    "revoke": Text("It is taken away, and log-ins by it have ended.", "已撤销，以其登录的即告失效。"),
}
_LETTERHEAD: Final = {
    "letter_code": Text("Code in the numbers of letters, such as 示卫", "机关代字（如 示卫移〔2026〕1号 中的“示卫”）"),
    "letter_sender": Text("Sender, if not the house's name", "发文机关（留空为本单位名称）"),
    "letter_contact": Text("Whom to ask", "联系人"),
    "letter_telephone": Text("Telephone", "联系电话"),
    "letter_superior": Text("Superior to whom forms and reports go", "主送上级机关（审批表和报告）"),
}
"""What every letter carries."""


def tabs(visit: Visit) -> list[tuple[str, Text, str]]:
    """Return the pages of the house that concern the officer: name, title and address."""
    ways = [
        ("house", Text("Units and officers", "单位和人员"), "/house"),
        ("proofs", Text("What officers are known by", "身份凭据"), "/house/credentials"),
        ("texts", Text("Adopted files", "现行文本"), "/house/texts"),
        ("days", Text("Working days", "工作日"), "/house/days"),
        ("outbox", Text("Messages", "消息"), "/house/outbox"),
        ("sources", Text("What rules rest on", "依据代号"), "/sources"),
        ("codes", Text("Codes of reporters", "凭码答复"), "/codes"),
    ]
    if visit.settings.tools is not None and Power.KEEP_LEDGER in visit.reader.powers:
        ways.append(("doctor", Text("Installation", "检查安装"), "/house/doctor"))
    if visit.may(Deed.VERIFY):
        ways.append(("journal", Text("Verify the journal", "校验日志"), "/house/journal"))
        ways.append(("checkpoints", Text("Checkpoints", "检查点和见证"), "/house/checkpoints"))
    if visit.may(Deed.ACCESS):
        ways.append(("access", Text("Who read what", "查阅记录"), "/house/access"))
    return ways


def refused_on(visit: Visit, refused: QinglingError | None) -> Mapping[str, object]:
    """Return what every page of the house shows: its tabs, and why something may not be."""
    reasons = [] if refused is None else list(reasons_of(refused))
    return {"tabs": tabs(visit), "said": said(reasons, ()), "typed": visit.asked.one}


def house_page(visit: Visit) -> Answer:
    """Show units and officers."""
    return _house(visit, None)


def change_house(visit: Visit) -> Answer:
    """Change what a form of the page says of units, officers or roles, or show the page with why it may not be."""
    asked, acting = visit.asked, visit.acting
    code, name, role, unit = (asked.one(each) for each in ("code", "name", "role", "unit"))
    try:
        match asked.one("_deed"):
            case "unit":
                registration.add_unit(acting, code, name)
            case "officer":
                registration.add_officer(acting, code, name)
            case "letterhead":
                change_letterhead(acting, {each: asked.one(each) for each in _LETTERHEAD})
            case "grant":
                registration.grant(acting, code, role, unit or None)
            case "revoke":
                registration.revoke(acting, code, role, unit or None)
            case "lift":
                restricting.lift(acting, asked.one("number"), reason=asked.one("reason"))
            case _:
                raise BadValueError(Text("say what is to be done", "请选择要做的事"))
    except CAUGHT as refused:
        return _house(visit, refused)
    return GoTo(to="/house")


def credentials_page(visit: Visit) -> Answer:
    """Show what officers are known by: one's own, and those of others to who manages officers."""
    return _credentials(visit, None)


def revoke_credential(visit: Visit) -> Answer:
    """Take away what an officer is known by, or say what is demanded of all; or show why that may not be."""
    asked = visit.asked
    try:
        if asked.one("_deed") == "demand":
            return _demand(visit)
        number = whole_number(asked.one("number"), least=1, most=999_999_999) if asked.one("number") else None
        proofs.revoke(visit.acting, asked.one("code"), asked.one("way"), reason=asked.one("reason"), number=number)
    except CAUGHT as refused:
        return _credentials(visit, refused)
    return GoTo(to="/house/credentials?done=revoke")


def _demand(visit: Visit) -> Answer:
    """Say by what officers must at least be known.

    Raises:
        BadValueError: If nothing was chosen, or there is no reason.
        RefusedError: If the officer does not keep the ledger or is known by less, or it is a rehearsal.
    """
    least = visit.asked.one("least")
    if least not in DEMANDED:
        raise BadValueError(Text("say what is demanded", "请选择要求"))
    proofs.demand(visit.acting, PROOFS[least], reason=visit.asked.one("why"))
    return GoTo(to="/house/credentials?done=demand")


def _house(visit: Visit, refused: QinglingError | None) -> PageShown:
    """Return the page of units and officers."""
    with visit.viewing(Deed.HOUSE) as view:
        view.shown()
    ledger = visit.ledger
    titles, given = ledger.workflows.roles(), roles_given(ledger)
    people = [
        {
            "code": each.code,
            "name": each.name,
            "is_own": each.code == visit.officer,
            "has_left": each.left_at is not None,
            "roles": [
                {
                    "role": role,
                    "unit": unit,
                    "words": f"{ledger.naming.unit_name(unit) if unit else ''} {titles.get(role, role)}".strip(),
                }
                for role, unit in given.get(each.code, ())
            ],
        }
        for each in officers(ledger)
    ]
    values = {
        **refused_on(visit, refused),
        "facts": _facts(ledger),
        "officers": people,
        "units": [(each.code, each.name, each.closed_at is not None) for each in units(ledger)],
        "manages": Power.MANAGE_OFFICERS in visit.reader.powers,
        "enrols": visit.settings.tools is not None,
        "keeps": Power.KEEP_LEDGER in visit.reader.powers,
        "lifts": {Power.KEEP_LEDGER, Power.RESTRICT} <= visit.reader.powers,
        "people": [(each.code, each.name) for each in acting_officers(ledger)],
        "places": [(each.code, each.name) for each in open_units(ledger)],
        "titles": list(titles.items()),
        "letterhead": [(each, title, str(ledger.settings.get(each) or "")) for each, title in _LETTERHEAD.items()],
    }
    return PageShown(template="house.html", values=values, status=status_of(refused))


def _facts(ledger: Ledger) -> list[tuple[Text, Text]]:
    """Return by what the house counts days and by what officers must at least be known."""
    calendar, last = ledger.calendar, last_published(ledger.calendar)
    until = Text("every year", "所有年度") if last is None else Text(f"published up to {last}", f"已公布至 {last} 年")
    if ledger.is_rehearsal:
        least = Text("nothing: this ledger is a rehearsal", "演练台账，不作要求")
    else:
        least = Text("{least}, once there are two officers", "有两名以上人员时，至少为{least}").format(
            least=least_in(ledger).title
        )
    return [
        (
            Text("Working days", "工作日历"),
            Text("{name}, {until}", "{name}，{until}").format(name=calendar.title, until=until),
        ),
        (Text("To act one must be known by", "办理所需身份凭据"), least),
    ]


def _credentials(visit: Visit, refused: QinglingError | None) -> PageShown:
    """Return the page of what officers are known by; nothing of a secret stands on it."""
    with visit.viewing(Deed.HOUSE, credentials=True) as view:
        view.shown(credentials=True)
    ledger = visit.ledger
    manages = Power.MANAGE_OFFICERS in visit.reader.powers
    since = {each.seq: each for each in proofs.credentials(ledger, None if manages else visit.officer)}
    rows = [
        {
            "officer": each.officer,
            "name": ledger.naming.person(each.officer).name,
            "way": each.way,
            "number": each.seq,
            "words": WAYS.get(each.way, each.way),
            "ended": when(ledger, each.ended_at) if each.ended_at is not None else "",
            "is_mine": each.officer == visit.officer,
        }
        for each in since.values()
    ]
    rows.sort(key=lambda row: (not row["is_mine"], bool(row["ended"]), str(row["name"])))
    values = {
        **refused_on(visit, refused),
        "rows": rows,
        "manages": manages,
        "keeps": Power.KEEP_LEDGER in visit.reader.powers and not ledger.is_rehearsal,
        "least": least_in(ledger),
        "demands": [PROOFS[each] for each in DEMANDED],
        "done": None if refused is not None else _CREDENTIALS_DONE.get(visit.asked.one("done")),
    }
    return PageShown(template="house_credentials.html", values=values, status=status_of(refused))


def status_of(refused: QinglingError | None) -> HTTPStatus:
    """Return how a page is answered."""
    return HTTPStatus.OK if refused is None else HTTPStatus.UNPROCESSABLE_ENTITY
