"""What is done with a case beside its steps: linked to the one it repeats, handed over, restricted, voided.

Each has a page of its own, since none of them is done in passing: it says what it brings about before it is pressed.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from http import HTTPStatus
from secrets import token_urlsafe
from typing import Final

from desk.affair_forms import GIVE_A_REASON, AffairForm, asked_input, refuse_missing, why_input
from desk.answers import Answer, GoTo, PageShown
from desk.case_shown import entries_shown, title_of
from desk.fields import FieldOption, Fields, Input, brought
from desk.foreseeing import LOOK, LOOK_FIRST, WouldChange, foreseen
from desk.likely_twins import resembling
from desk.steps import reasons_of, said
from desk.visit import Visit, whole_number
from engine.errors import BadValueError, NotFoundError, QinglingError, Reason, RefusedError, without_hints
from engine.language import Text
from engine.operations.cases import restricting
from engine.operations.cases.casework import link, void
from engine.operations.cases.handing_over import hand_over
from engine.operations.cases.lookup import number_meant
from engine.operations.cases.signatures import standing_of
from engine.operations.cases.signed_deeds import may_sign
from engine.operations.cases.unlinking import unlink
from engine.operations.cases.voiding import ask_voiding, demands_signature
from engine.operations.house.directory import acting_officers, open_units
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.changed_cases import with_descendants
from engine.operations.ledger.free_text import IdentitySeenError
from engine.operations.ledger.need_to_know import reader_called
from engine.operations.ledger.overtaken import OvertakenError
from engine.rules.case import Case, Count
from engine.rules.reading_rights import Deed
from engine.rules.refusals import lacks_role
from engine.workflow.deed_words import VOIDING
from engine.workflow.powers import Power
from presentation.signature_view import covered_pairs

_CAUGHT: Final = (BadValueError, NotFoundError, RefusedError, OvertakenError)
_LINK: Final = Text("Link to the case it repeats", "关联重复件")
_UNLINK: Final = Text("Undo the link", "取消关联")
_HAND_OVER: Final = Text("Hand over to another unit", "移交其他单位")
_RESTRICT: Final = Text("Restrict who reads it", "限定查阅人员")
_RESTRICTED: Final = Text("Change or lift the restriction", "更改或解除查阅限制")
_PART: Final = Text("has a part in it", "本件经办或责任人员")
_VOID: Final = Text("Void a mistaken entry", "作废误登")

_WHY: Final = ("reason", GIVE_A_REASON)

Doing = Callable[[Visit, Case, Acting], object]


def affairs_of(visit: Visit, case: Case) -> list[tuple[str, Text]]:
    """Return the affairs of a case that the officer's roles let them begin: part of the address and title."""
    workflow = visit.ledger.rules_of(case).workflow
    actor = visit.ledger.actor(visit.officer, case.unit_id)
    is_linked, is_void = case.clearance == Count.REPEATS, case.clearance == Count.VOID
    may_amend = not lacks_role(workflow.amend_by, actor, case.unit)
    found = []
    if may_amend and not is_void:
        found.append(("link", _UNLINK if is_linked else _LINK))
    goes = case.parent_id is None and not is_void and not is_linked
    if goes and not lacks_role(workflow.hand_over_by, actor, case.unit):
        found.append(("hand-over", _HAND_OVER))
    if Power.RESTRICT in visit.reader.powers:
        found.append(("restrict", _RESTRICTED if case.id in visit.ledger.restricted else _RESTRICT))
    if not is_void and (may_amend or not lacks_role(workflow.void_by, actor, case.unit)):
        found.append(("void", _VOID))
    return found


def link_page(visit: Visit) -> Answer:
    """Show what a case may repeat, or the link that can be undone."""
    return _shown(visit, _link_form)


def change_link(visit: Visit) -> Answer:
    """Link a case to the one it repeats, or undo that."""

    def linked(visit: Visit, case: Case, acting: Acting) -> None:
        first = visit.asked.one("other") or visit.asked.one("first")
        wanted = [] if first else [("other", Text("say which case it repeats", "请选择或填写首件编号"))]
        refuse_missing(visit, *wanted, _WHY)
        try:
            target = visit.ledger.case(number_meant(visit.ledger, first))
        except (BadValueError, NotFoundError) as error:
            wrong = without_hints(error.sentence)
            raise BadValueError(wrong, [Reason.of(wrong, "value", field="other")]) from error
        link(acting, case.number, target.number, reason=visit.asked.one("reason"))

    def unlinked(visit: Visit, case: Case, acting: Acting) -> None:
        refuse_missing(visit, _WHY)
        unlink(acting, case.number, reason=visit.asked.one("reason"))

    return _done(visit, _link_form, {"link": linked, "unlink": unlinked})


def hand_over_page(visit: Visit) -> Answer:
    """Show what handing a case over takes."""
    return _shown(visit, _hand_over_form)


def change_unit(visit: Visit) -> Answer:
    """Hand a case over to another unit."""

    def handed(visit: Visit, case: Case, acting: Acting) -> None:
        people = _in_charge(visit, case, ())
        again = Text("name again: {who}", "请重新指定{who}")
        named = [(each.name, again.format(who=each.title)) for each in people if each.required]
        refuse_missing(visit, ("_unit", Text("say which unit it goes to", "请选择接收单位")), *named, _WHY)
        asked, workflow = visit.asked, visit.ledger.rules_of(case).workflow
        named_now = brought(workflow, asked.form, names=[each.name for each in people])
        hand_over(acting, case.number, asked.one("_unit"), named_now, reason=asked.one("reason"))

    return _done(visit, _hand_over_form, {"hand-over": handed})


def restrict_page(visit: Visit) -> Answer:
    """Show who reads a case, and who may be named."""
    return _shown(visit, _restrict_form)


def change_readers(visit: Visit) -> Answer:
    """Let only those who are named read a case, or all again."""

    def restricted(visit: Visit, case: Case, acting: Acting) -> None:
        refuse_missing(visit, ("to", Text("name who may read it", "请选择可查阅的人员")), _WHY)
        named = [each for each in visit.asked.form["to"] if each]
        restricting.restrict(acting, case.number, named, reason=visit.asked.one("reason"))

    def lifted(visit: Visit, case: Case, acting: Acting) -> None:
        refuse_missing(visit, _WHY)
        restricting.lift(acting, case.number, reason=visit.asked.one("reason"))

    return _done(visit, _restrict_form, {"restrict": restricted, "lift": lifted})


def void_page(visit: Visit) -> Answer:
    """Show what voiding a case means, and whose signature it takes."""
    return _shown(visit, _void_form)


def void_entry(visit: Visit) -> Answer:
    """Void a mistaken entry, or ask for the signature that this takes."""

    def asked(visit: Visit, case: Case, acting: Acting) -> None:
        refuse_missing(visit, _WHY, ("signed_by", Text("say who is to sign it", "请选择签字人")))
        ask_voiding(acting, case.number, visit.asked.one("signed_by"), reason=visit.asked.one("reason"))

    def voided(visit: Visit, case: Case, acting: Acting) -> None:
        signed = _voiding_signed(visit, case)
        if signed is None or not signed[1]:
            refuse_missing(visit, _WHY)
        void(acting, case.number, reason=visit.asked.one("reason"))

    return _done(visit, _void_form, {"void": voided, "ask": asked})


def _shown(visit: Visit, form: Callable[[Visit, Case, Sequence[Reason]], AffairForm]) -> Answer:
    """Show the page of an affair."""
    return _page(visit, visit.case(Deed.READ, visit.asked.path["number"]), form, None, HTTPStatus.OK)


def _done(
    visit: Visit, form: Callable[[Visit, Case, Sequence[Reason]], AffairForm], deeds: Mapping[str, Doing]
) -> Answer:
    """Do what the button says that was pressed, or show the page again with why it may not be and what was typed."""
    asked = visit.asked
    case = visit.case(Deed.READ, asked.path["number"])
    before = visit.once.led(visit.officer, asked.one("_form"))
    if before is not None:
        return GoTo(to=before)
    pressed = asked.one("_deed")
    doing = deeds.get(pressed.removeprefix(LOOK), next(iter(deeds.values())))
    try:
        seen = whole_number(asked.one("_seen"), least=1, most=999_999_999)
        acting = visit.looked_through(as_seen=(case.number, seen), words={"reason": asked.one("reason")})
        if pressed.startswith(LOOK):
            found = foreseen(visit, with_descendants(visit.ledger, case), lambda: doing(visit, case, acting))
            return _page(visit, case, form, None, HTTPStatus.OK, found=found)
        doing(visit, case, acting)
    except _CAUGHT as refused:
        late = isinstance(refused, OvertakenError)
        status = HTTPStatus.CONFLICT if late else HTTPStatus.UNPROCESSABLE_ENTITY
        return _page(visit, visit.ledger.case(case.number), form, refused, status)
    visit.ledger.reader = reader_called(visit.ledger, visit.officer)
    after = _still_seen(visit, case)
    to = f"/list/{case.workflow}" if after is None else f"/case/{case.number}?done={after.revision}"
    visit.once.leads(visit.officer, asked.one("_form"), to)
    return GoTo(to=to)


def _still_seen(visit: Visit, case: Case) -> Case | None:
    """Return the case as it stands; None if the officer reads it no more."""
    try:
        return visit.ledger.case(case.number)
    except NotFoundError:
        return None


def _page(
    visit: Visit,
    case: Case,
    form: Callable[[Visit, Case, Sequence[Reason]], AffairForm],
    refused: QinglingError | None,
    status: HTTPStatus,
    *,
    found: WouldChange | None = None,
) -> PageShown:
    """Return the page of an affair.

    Args:
        found: What was asked to be shown before it is done.
    """
    since = refused.since if isinstance(refused, OvertakenError) else ()
    reasons = [] if refused is None or since else list(reasons_of(refused))
    shown = form(visit, case, reasons)
    values = {
        "number": case.number,
        "about": title_of(visit, case),
        "form": shown,
        "foreseen": found,
        "way": visit.asked.address.partition("?")[0],
        "pressed": visit.asked.one("_form") or token_urlsafe(12),
        "said": said(reasons, [each.name for each in shown.inputs]),
        "changed": entries_shown(visit, visit.ledger.rules_of(case).workflow, since),
        "insists": isinstance(refused, IdentitySeenError),
        "seen": case.revision,
    }
    return PageShown(template="affair.html", values=values, status=status)


def _link_form(visit: Visit, case: Case, reasons: Sequence[Reason]) -> AffairForm:
    """Return what the page of a link says and asks."""
    if case.clearance == Count.REPEATS:
        hints = [
            Text(
                "It then counts again by itself, and its deadlines run as if it had never been linked.",
                "取消后本件重新单独计数，期限按从未关联计算。",
            )
        ]
        why = Text("Why it is no repetition", "取消关联的原因")
        return AffairForm(
            title=_UNLINK, hints=hints, inputs=[why_input(visit, reasons, why)], buttons=[("unlink", _UNLINK)]
        )
    hints = [
        Text(
            "Say so if both are the same lead: only the first is acted on and counted, and both arrivals stay.",
            "两件确属同一线索的，关联后只办理和统计首件，两次来件均留痕。",
        ),
        Text("A wrong link can be undone.", "关联有误可以取消。"),
    ]
    alike = resembling(visit, case)
    options = tuple(FieldOption(value=each.number, title=each.number) for each in alike)
    inputs = []
    if options:
        inputs.append(
            asked_input(
                visit, reasons, "first", Text("The first case", "首件"), options=options, kind="one", optional=True
            )
        )
    other = Text("Another number", "其他编号") if options else Text("Number of the first case", "首件编号")
    inputs.append(asked_input(visit, reasons, "other", other, optional=bool(options)))
    inputs.append(why_input(visit, reasons, Text("Why they are the same", "认定重复的原因")))
    return AffairForm(title=_LINK, hints=hints, inputs=inputs, buttons=[("link", Text("Link", "关联"))], alike=alike)


def _hand_over_form(visit: Visit, case: Case, reasons: Sequence[Reason]) -> AffairForm:
    """Return what the page of handing a case over says and asks."""
    units = tuple(
        FieldOption(value=each.code, title=each.name, note=each.code)
        for each in open_units(visit.ledger)
        if each.code != case.unit
    )
    hints = [
        Text(
            "The case goes with what it has opened. Number and deadlines stay; what was counted before stays with the "
            "unit that had it. Those in charge are named again.",
            "本件连同其下属事项一并移交。编号和期限不变，此前的统计仍计入原单位；责任人等须重新指定。",
        )
    ]
    where = Text("Unit that has it from now on", "接收单位")
    return AffairForm(
        title=_HAND_OVER,
        hints=hints,
        inputs=[
            asked_input(visit, reasons, "_unit", where, options=units, kind="one", long=True),
            *_in_charge(visit, case, reasons),
            why_input(visit, reasons, Text("Why", "移交原因")),
        ],
        buttons=[("hand-over", Text("Hand over", "移交")), (f"{LOOK}hand-over", LOOK_FIRST)],
    )


def _in_charge(visit: Visit, case: Case, reasons: Sequence[Reason]) -> list[Input]:
    """Return the inputs of those who are named again when the case goes to another unit."""
    rules = visit.ledger.rules_of(case)
    names = rules.workflow.hand_over_names
    fields = Fields(visit.acting, rules, unit=visit.asked.one("_unit"), case=case)
    wanted = frozenset(name for name in names if case.fields.get(name) is not None)
    return fields.inputs(names, required=wanted, given=visit.asked.form, reasons=reasons)


def _restrict_form(visit: Visit, case: Case, reasons: Sequence[Reason]) -> AffairForm:
    """Return what the page of a restriction says and asks."""
    stands = restricting.restriction_of(visit.acting, case)
    ledger = visit.ledger
    people = [
        replace(each, note=str(_PART)) if ledger.names(each.value, case) else each
        for each in Fields(visit.acting, ledger.rules_of(case), unit=case.unit, case=case).people()
        if stands.above is None or each.value in stands.above
    ]
    people.sort(key=lambda each: each.note != str(_PART))
    hints = [
        Text(
            "To all who are not named, to you as well, it is then as if there were no such case, nor what it opened. "
            "Figures count it without its number. Roles that may read restricted cases read it all the same.",
            "除选中的人员外，本件及其下属事项对其他人（包括您本人）如同不存在；统计计入但不显示编号。"
            "有权查阅限制事项的角色仍可查阅。",
        )
    ]
    buttons = [("restrict", Text("Only these read it", "仅限以上人员查阅"))]
    pairs = []
    if stands.own:
        who = str(Text(", ", "、")).join(ledger.naming.person(each).name for each in stands.own)
        pairs = [(str(Text("Read by", "现可查阅")), who)]
        buttons.append(("lift", Text("Let all read it again", "解除限制")))
    to = asked_input(visit, reasons, "to", Text("Who reads it", "可查阅人员"), options=tuple(people), kind="several")
    to = to if visit.asked.form else replace(to, given=stands.own)
    return AffairForm(
        title=_RESTRICTED if stands.own else _RESTRICT,
        hints=hints,
        inputs=[to, why_input(visit, reasons, Text("Why", "理由"))],
        buttons=buttons,
        pairs=pairs,
    )


def _void_form(visit: Visit, case: Case, reasons: Sequence[Reason]) -> AffairForm:
    """Return what the page of a voiding says and asks."""
    hints = [
        Text(
            "For what should never have been registered. Nothing is deleted: its number is used no more, it counts "
            "nowhere, and who and why stay. It cannot be undone.",
            "只用于误登。作废不删除：编号不再使用，不再计数，何人何故留痕。作废后不能恢复。",
        )
    ]
    signed = _voiding_signed(visit, case)
    if signed is not None and signed[1]:
        return AffairForm(
            title=_VOID,
            hints=[*hints, Text("It is signed as follows.", "已签字，内容如下，可以作废。")],
            pairs=signed[0],
            buttons=[("void", Text("Void it", "作废"))],
        )
    why = why_input(visit, reasons, Text("Why it is void", "作废理由"))
    if not demands_signature(visit.ledger, case):
        return AffairForm(title=_VOID, hints=hints, inputs=[why], buttons=[("void", Text("Void it", "作废"))])
    hints.append(
        Text(
            "It has taken a step, so one of those below signs it first; then it can be voided here.",
            "本件已办理过，须先由下列人员之一签字，签字后再到此页作废。",
        )
    )
    if signed is not None:
        hints.append(Text("The signature is asked for, and not given yet:", "已提请签字，尚未签署："))
    roles = visit.ledger.rules_of(case).workflow.void_signed_by
    people = tuple(
        FieldOption(value=each.code, title=each.name)
        for each in acting_officers(visit.ledger)
        if not may_sign(visit.ledger, case, roles, each.code)
    )
    by = asked_input(visit, reasons, "signed_by", Text("Who signs it", "签字人"), options=people, kind="one", long=True)
    return AffairForm(
        title=_VOID,
        hints=hints,
        inputs=[why, by],
        pairs=[] if signed is None else signed[0],
        buttons=[("ask", Text("Ask for the signature", "提请签字"))],
    )


def _voiding_signed(visit: Visit, case: Case) -> tuple[list[tuple[str, str]], bool] | None:
    """Return the signature under a voiding in words, and whether it is given; None if none was asked for."""
    standing = standing_of(visit.ledger, case).get(VOIDING)
    if standing is None:
        return None
    naming = visit.ledger.naming
    pairs = covered_pairs(visit.ledger.rules_of(case).workflow, standing.asked, naming)
    return [*pairs, (str(Text("Signed by", "签字人")), naming.person(standing.row.officer).name)], (
        standing.row.given_seq is not None
    )
