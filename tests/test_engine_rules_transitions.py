"""What may happen to a case, decided over values alone: by whom, with what, and what it then counts as."""

from collections.abc import Mapping
from datetime import date
from functools import cache

import pytest
from msgspec.structs import replace

from engine.errors import NotFoundError, RefusedError
from engine.journal.case_events import StepTaken
from engine.journal.event import SEALED
from engine.journal.migration_events import VersionMap
from engine.language import Text
from engine.rules.amendments import amendment, may_amend
from engine.rules.case import Actor, Birth, Case, Count, Decision, Family, doers_of
from engine.rules.computed_values import as_stored
from engine.rules.gathered_values import gathered, gathering_fields, given
from engine.rules.moving import moved
from engine.rules.openings import born_with, opening
from engine.rules.paired_values import unpaired
from engine.rules.refusals import same_hands
from engine.rules.transitions import Rules, advance, steps
from engine.workflow.earlier_step import EarlierStep
from engine.workflow.model import Guard
from workflows.loader import Declarations

TODAY = date(2019, 9, 2)
OFFICE = Actor(code="zhou", roles=frozenset({"office"}))
NOBODY = Actor(code="none", roles=frozenset())
CHEN = Actor(code="chen", roles=frozenset())
LEAD: Mapping[str, object] = {
    "received_on": "2019-07-01", "source": "telephone", "summary": "停车场", "category": "A6",
    "handler": "chen", "responsible_leader": "liu",
}  # fmt: skip
REPORT = {
    "finding": "partly", "verifiers": ["chen", "wang"], "verified_on": "2019-08-01", "report_number": "核报1",
}  # fmt: skip
TO_POLICE = {"signed_by": "zhao", "signed_on": "2019-09-01"}


@cache
def rules(workflow: str = "lead") -> Rules:
    """Return the rules of a shipped workflow."""
    return Rules(Declarations().latest(workflow))


def case(state: str, fields: Mapping[str, object] = LEAD, clearance: int = Count.OPEN, workflow: str = "lead") -> Case:
    """Return a case as it could stand in the ledger."""
    return Case(
        id=1, number="X-1", workflow=workflow, version=1, state=state, unit_id=1, unit="0101", parent_id=None,
        first_id=None, dated_on="2019-07-01", opened_at=0, changed_at=0, clearance=clearance, fields=fields,
        import_key=None, revision=1, head="",
    )  # fmt: skip


def decided(
    state: str,
    trigger: str,
    brought: Mapping[str, object],
    *,
    fields: Mapping[str, object] = LEAD,
    actor: Actor = OFFICE,
    family: Family | None = None,
) -> Decision:
    """Return what the rules decide."""
    return advance(rules(), case(state, fields), trigger, brought, actor=actor, family=family or Family(), today=TODAY)


def test_a_decision_tells_what_changed_and_what_it_was() -> None:
    """The journal will hold the trigger, what was set and what stood there before, and nothing else."""
    before = {**LEAD, "handler": "old"}
    found = decided("received", "assign", {"handler": "chen"}, fields=before)
    assert (found.state, found.clearance) == ("assigned", Count.OPEN)
    assert found.event == StepTaken(trigger="assign", set={"handler": "chen"}, was={"handler": "old"})
    assert found.fields == LEAD


def test_what_a_step_clears_is_gone_unless_it_is_brought_anew() -> None:
    """Sending back takes the old finding out; verifying again clears an old waiver of review."""
    verified = {**LEAD, **REPORT, "review_waiver": "旧"}
    back = decided("verified", "send_back", {"reason": "补证"}, fields=verified)
    assert not set(back.fields) & {"finding", "verified_on", "report_number", "verifiers"}
    assert back.event.replaced == REPORT
    again = decided("assigned", "verify", REPORT, fields=verified, actor=CHEN)
    assert "review_waiver" not in again.fields
    assert again.fields["finding"] == "partly"


def test_who_is_named_on_the_case_needs_no_role() -> None:
    """The handler may report; naming oneself in the same step does not make one entitled."""
    assert decided("assigned", "verify", REPORT, actor=CHEN).state == "verified"
    ordered = case("ordered", {"opened_on": "2019-08-01", "responsible_leader": "liu"}, workflow="rectification")
    brought = {"measures": "重签", "handler": "none"}
    with pytest.raises(RefusedError) as refused:
        advance(rules("rectification"), ordered, "begin", brought, actor=NOBODY, family=Family(), today=TODAY)
    assert "none is none of: office, Handler" in refused.value.sentence.en


def test_a_list_names_as_well_as_a_single_officer_does() -> None:
    """An officer field with several names entitles each of them, and nobody else."""
    from msgspec.structs import replace

    workflow = Declarations().latest("lead")
    both = Rules(
        replace(
            workflow,
            transitions=tuple(
                replace(each, by=("verifiers",)) if each.name == "handle" else each for each in workflow.transitions
            ),
        )
    )
    verified = case("verified", {**LEAD, **REPORT})
    wang = Actor(code="wang", roles=frozenset())
    taken = advance(both, verified, "handle", {"measures": "约谈"}, actor=wang, family=Family(), today=TODAY)
    assert taken.state == "handled_in_house"
    with pytest.raises(RefusedError):
        advance(both, verified, "handle", {"measures": "约谈"}, actor=OFFICE, family=Family(), today=TODAY)


def test_whose_hands_were_in_it_keeps_out() -> None:
    """Who did the step named in not_by may not do this one, whatever the roles; others may."""
    verified = {**LEAD, **REPORT, "finding": "unsubstantiated"}
    waiver = {"review_waiver": "同一事实", "review_waiver_signed_by": "zhao"}
    family = Family(doers={"verify": frozenset({"zhou"})})
    with pytest.raises(RefusedError) as refused:
        decided("verified", "waive_review", waiver, fields=verified, family=family)
    assert "zhou did 'verify' and may not do this as well" in refused.value.sentence.en
    other = Family(doers={"verify": frozenset({"chen"}), "assign": frozenset({"zhou"})})
    assert decided("verified", "waive_review", waiver, fields=verified, family=other).fields


@pytest.mark.parametrize(
    ("declared", "kept_out"),
    [
        (EarlierStep("verify"), {"chen", "sun"}),
        (EarlierStep("verify", side="before", mark="reverify"), {"chen"}),
        (EarlierStep("verify", side="since", mark="reverify"), {"sun"}),
        (EarlierStep("verify", side="before", mark="reopen"), set()),
        (EarlierStep("verify", side="since", mark="reopen"), {"chen", "sun"}),
        (EarlierStep("verify", side="since", mark="verify"), {"sun"}),
        (EarlierStep("verify", side="last"), {"sun"}),
        (EarlierStep("reopen", side="last"), set()),
    ],
    ids=lambda each: " and ".join(sorted(each)) or "nobody" if isinstance(each, set) else str(each),
)
def test_not_by_means_the_rounds_that_it_names(declared: EarlierStep, kept_out: set[str]) -> None:
    """Ever, before a step, since it, or last; a step that was never taken begins no round."""
    moves = (("assign", "zhou"), ("verify", "chen"), ("reverify", "zhou"), ("verify", "sun"))
    family = Family(doers=doers_of(moves), moves=moves)
    lead = Declarations().latest("lead")
    told = replace(lead.transitions[0], not_by=(declared,))
    found = {by for by in ("chen", "sun", "zhou") if same_hands(told, Actor(code=by, roles=frozenset()), family)}
    assert found == kept_out


def test_who_acted_on_the_parent_keeps_out_of_its_child() -> None:
    """A review is not upheld by who verified the lead, though nothing on the review names them."""
    fields = {"requested_on": "2019-08-05", "summary": "停车场", "reason": "复核", "reviewer": "sun"}
    brought = {"conclusion": "成立", "methods": ["file_read"], "concluded_on": "2019-09-01", "signed_by": "zhao"}
    sun = Actor(code="sun", roles=frozenset({"verifier"}))
    asked = case("reviewing", fields, workflow="review")
    for doer, may in (("sun", False), ("chen", True)):
        family = Family(parent=case("under_review"), parent_doers={"verify": frozenset({doer})})
        if may:
            done = advance(rules("review"), asked, "uphold", brought, actor=sun, family=family, today=TODAY)
            assert done.state == "upheld"
            continue
        with pytest.raises(RefusedError):
            advance(rules("review"), asked, "uphold", brought, actor=sun, family=family, today=TODAY)


def test_all_reasons_come_at_once() -> None:
    """Role, hands, values that are not taken, values that are missing and guards: one refusal names them all."""
    family = Family(doers={"verify": frozenset({"none"})})
    with pytest.raises(RefusedError) as refused:
        decided("verified", "waive_review", {"amount": 5}, fields={**LEAD, **REPORT}, actor=NOBODY, family=family)
    said = [each.en for each in refused.value.reasons]
    wanted = ("is none of: office", "did 'verify'", "it does not take 'Money", "(--review-waiver)", "re-review is for")
    assert [any(words in each for each in said) for words in wanted] == [True] * len(wanted)


def test_what_a_step_asks_for_is_given_anew_each_time() -> None:
    """A signature of an earlier step does not sign this one; what is only needed may stand there already."""
    verified = {**LEAD, **REPORT, "suspected_crime": True, **TO_POLICE}
    with pytest.raises(RefusedError) as refused:
        decided("verified", "transfer_police", {}, fields=verified)
    assert [each.en for each in refused.value.reasons] == [
        "'Signed by' (--signed-by) must be given",
        "'Signed on' (--signed-on) must be given",
    ]
    assert decided("received", "assign", {}).state == "assigned"


def test_a_transfer_opens_a_child_with_what_it_inherits() -> None:
    """The child gets what the parent holds after the step; what the parent lacks stays out."""
    verified = {**LEAD, **REPORT, "suspected_crime": True}
    found = decided("verified", "transfer_police", TO_POLICE, fields=verified)
    inherited = {
        "agency": "police", "decided_on": "2019-09-01", "signed_by": "zhao", "summary": "停车场", "handler": "chen",
        "responsible_leader": "liu",
    }  # fmt: skip
    assert found.births == (Birth(workflow="referral", values=inherited),)
    assert found.clearance == Count.OPEN


@pytest.mark.parametrize(
    ("states", "counts"),
    [
        ((), Count.OPEN),
        (("drafted",), Count.OPEN),
        (("receipted",), Count.CLEARED),
        (("receipted", "sent"), Count.OPEN),
        (("receipted", "answered"), Count.CLEARED),
    ],
    ids=["no letter", "drafted", "receipted", "one of two", "both"],
)
def test_a_transferred_lead_counts_by_its_letters(states: tuple[str, ...], counts: Count) -> None:
    """Only when every living letter has its receipt (W6); a void one neither helps nor harms."""
    children = tuple(case(each, {"agency": "police"}, workflow="referral") for each in states)
    dead = case("drafted", {"agency": "police"}, Count.VOID, "referral")
    lead = case("transferred_police")
    scope = rules().scope(lead, LEAD, Family(children=(*children, dead)), by="", today=TODAY)
    assert rules().count("transferred_police", scope) is counts


def test_a_sealed_value_is_a_mark_among_the_values_and_in_clear_for_the_sealer_alone() -> None:
    """Neither the values nor the journal's words hold what is to be sealed."""
    marker = "举报人甲"
    kept = opening(rules(), {**LEAD_ONLY, "reporter": marker, "real_name": True}, actor=OFFICE, unit="0101")
    assert kept["reporter"] == SEALED
    amended = amendment(
        rules(), case("received"), {"reporter": marker, "real_name": True}, actor=OFFICE, family=Family(), today=TODAY
    )
    assert amended["reporter"] == SEALED


LEAD_ONLY = {key: LEAD[key] for key in ("received_on", "source", "summary")}

CANNOT_OPEN: Mapping[str, tuple[Mapping[str, object], Actor, str]] = {
    "no role": (LEAD_ONLY, NOBODY, "none has none of the roles office, custodian, liaison in unit 0101"),
    "nothing": ({}, OFFICE, "'Received on' (--received-on) must be given; 'Source' (--source) must be given"),
    "a finding": ({**LEAD_ONLY, "finding": "partly"}, OFFICE, "'Finding' (finding) is set by a step"),
    "a signature": ({**LEAD_ONLY, "head_signature": "zhao"}, OFFICE, "(head_signature) is set by a step"),
}


@pytest.mark.parametrize("what", CANNOT_OPEN)
def test_a_case_does_not_begin_with(what: str) -> None:
    """A new case needs a role and what is required, and holds nothing that only steps write."""
    values, actor, says = CANNOT_OPEN[what]
    with pytest.raises(RefusedError) as refused:
        opening(rules(), values, actor=actor, unit="0101")
    assert says in refused.value.sentence.en


def test_a_ledger_may_bring_what_steps_write() -> None:
    """What a spreadsheet said is taken with it; a parent's step needs no role for its child."""
    assert opening(rules(), {**LEAD_ONLY, "finding": "partly"}, actor=OFFICE, unit="0101", legacy=True)
    assert opening(rules(), {**LEAD_ONLY, "finding": None}, actor=None, unit="0101") == LEAD_ONLY


@pytest.mark.parametrize("clearance", [Count.VOID, Count.REPEATS])
def test_the_dead_neither_move_nor_change(clearance: Count) -> None:
    """No step, no amendment, nothing to do next; a void one is not voided or linked again either."""
    dead = case("received", clearance=clearance)
    with pytest.raises(RefusedError):
        advance(rules(), dead, "assign", {}, actor=OFFICE, family=Family(), today=TODAY)
    with pytest.raises(RefusedError):
        amendment(rules(), dead, {"amount": 5}, actor=OFFICE, family=Family(), today=TODAY)
    assert steps(rules(), dead, Family(), today=TODAY) == ()
    if clearance is Count.VOID:
        with pytest.raises(RefusedError):
            may_amend(rules(), dead, actor=OFFICE)
    else:
        may_amend(rules(), dead, actor=OFFICE)


def test_what_can_be_done_next_is_what_can_be_done() -> None:
    """A step that `steps` shows with nothing missing is taken; one that lacks something is refused for that."""
    bare = case("received", LEAD_ONLY)
    shown = {each.trigger: each for each in steps(rules(), bare, Family(), today=TODAY, by="zhou")}
    assert set(shown) == {each.trigger for each in rules().workflow.transitions_from("received")}
    assert [each.en for each in shown["assign"].missing] == [
        "'Responsible leader' (--responsible-leader) is missing", "'Handler' (--handler) is missing",
    ]  # fmt: skip
    ready = {each.trigger: each for each in steps(rules(), case("received"), Family(), today=TODAY, by="zhou")}
    assert ready["assign"].missing == ()
    assert decided("received", "assign", {}).state == "assigned"


def test_a_trigger_that_does_not_exist_is_not_found_but_near() -> None:
    """A misspelt step is exit 20 with the like one; a real one from the wrong state is exit 21."""
    with pytest.raises(NotFoundError) as lost:
        decided("received", "asign", {})
    assert "did you mean 'assign'" in lost.value.sentence.en
    for typed, said in (("登记已告知受", "（是否指“登记已告知受理”？）"), ("毫不相干的词", "")):
        with pytest.raises(NotFoundError) as lost:
            decided("received", typed, {})
        assert f"没有动作“{typed}”{said}；" in lost.value.sentence.zh
    with pytest.raises(NotFoundError) as lost:  # where one step alone can be taken, it is not what anything meant
        advance(
            rules("referral"), case("drafted", {}, workflow="referral"), "毫不相干的词", {},
            actor=OFFICE, family=Family(), today=TODAY,
        )  # fmt: skip
    assert "没有动作“毫不相干的词”；" in lost.value.sentence.zh
    with pytest.raises(RefusedError) as refused:
        decided("received", "close", {})
    assert "it is 'Received' (received); possible now: assign, recuse" in refused.value.sentence.en


def test_a_condition_that_chooses_between_steps_names_itself_when_none_applies() -> None:
    """Of steps with one trigger that one is taken whose condition holds, by what is brought as well."""
    fields = {"agency": "police", "decided_on": "2019-08-01", "receipted_on": "2019-08-05"}
    letter = case("receipted", fields, workflow="referral")
    chosen = {}
    for outcome, held in (("filed", True), ("filed", False), ("not_filed", None)):
        brought = {"answered_on": "2019-09-01", "outcome": outcome, "outcome_reason": "理由", "goods_held": held}
        given = {key: value for key, value in brought.items() if value is not None}
        found = advance(rules("referral"), letter, "answer", given, actor=OFFICE, family=Family(), today=TODAY)
        chosen[outcome, held] = found.state
    assert chosen == {("filed", True): "filed", ("filed", False): "answered", ("not_filed", None): "not_filed"}


@pytest.mark.parametrize(
    ("workflow", "trigger", "in_bulk"),
    [
        ("lead", "assign", True),
        ("lead", "close", True),
        pytest.param("lead", "verify", False, id="declared so"),
        pytest.param("return", "submit", False, id="filled from the register, for each by itself"),
    ],
)
def test_what_is_done_for_many_at_once(workflow: str, trigger: str, in_bulk: bool) -> None:
    """All but what is declared to go case by case, and what the register fills."""
    assert rules(workflow).in_bulk(trigger) is in_bulk


def test_a_step_is_shown_as_it_would_be_judged_after_it_has_emptied_a_field() -> None:
    """A condition on a field that the step itself empties does not stand against it."""
    emptied = Guard(expression="not amount", sentence=Text("amount is empty", "金额为空"))
    workflow = rules().workflow
    changed = tuple(
        replace(each, clears=("amount",), when=(emptied,)) if each.trigger == "assign" else each
        for each in workflow.transitions
    )
    received = case("received", {**LEAD, "amount": 5})
    shown = steps(Rules(replace(workflow, transitions=changed)), received, Family(), today=TODAY)

    assert [each.missing for each in shown if each.trigger == "assign"] == [()]


@pytest.mark.parametrize(
    ("real_name", "said"),
    [
        (True, None),
        (False, "given although 'Reported under a real name' (--real-name) is no"),
        (None, "say as well: 'Reported under a real name' (--real-name yes)"),
    ],
)
def test_a_named_reporter_has_a_real_name(real_name: bool | None, said: str | None) -> None:
    """A lead with a reporter is one under a real name: a no is refused, silence is asked; by hand and corrected."""
    values: dict[str, object] = {**LEAD_ONLY, "reporter": "举报人甲"}
    more = {} if real_name is None else {"real_name": real_name}

    def corrected(before: Mapping[str, object], brought: Mapping[str, object]) -> None:
        lead = case("received", dict(before))
        amendment(rules(), lead, brought, actor=OFFICE, family=Family(), today=TODAY)

    for way in (
        lambda: opening(rules(), {**values, **more}, actor=OFFICE, unit="0101"),
        lambda: corrected(LEAD_ONLY, {"reporter": "举报人甲", **more}),
        lambda: corrected({**LEAD_ONLY, "real_name": real_name, "remark": "一"}, {"reporter": "举报人甲"}),
    ):
        if said is None:
            way()
            continue
        with pytest.raises(RefusedError) as refused:
            way()
        assert said in refused.value.sentence.en


def test_who_gives_no_name_needs_no_real_name() -> None:
    """匿名 in the place of a name is kept as it stands; a name beside it that is changed is asked about again."""
    pairs = rules().pairs
    found = {
        (reporter, real_name): bool(
            list(unpaired(pairs, {"reporter": "前"}, {"reporter": reporter, "real_name": real_name}))
        )
        for reporter in ("匿名", "举报人甲", SEALED, None)
        for real_name in (None, False, True)
    }

    assert {at for at, asked in found.items() if asked} == {
        ("举报人甲", None), ("举报人甲", False), (SEALED, None), (SEALED, False),
    }  # fmt: skip


def test_a_case_lists_what_its_living_children_say() -> None:
    """A void child, one in another state and one of another workflow say nothing; what none speaks of stays."""
    (field,) = gathering_fields(rules().workflow)
    assert field.gathers is not None
    source = field.gathers

    def child(value: str | None, *, clearance: int = Count.OPEN, state: str = source.states[0]) -> Case:
        fields = {} if value is None else {source.field: value}
        return case(state, fields, clearance, source.workflow)

    children = [
        child("new"), child("new"), child(None), child("void", clearance=Count.VOID), child("over", state="elsewhere"),
        case(source.states[0], {source.field: "other"}),
    ]  # fmt: skip
    before = {field.name: ["old", "over"]}

    assert gathered(before, [field], children) == {field.name: ["old", "new"]}
    assert gathered({field.name: ["old", "new"]}, [field], children) == {}
    assert gathered({field.name: ["over"]}, [field], [children[4]]) == {field.name: None}


def test_a_child_is_born_with_what_its_parent_has() -> None:
    """What the declaration copies from the parent is there at once; without a parent, or brought, it is not given."""
    found = [
        born_with(rules("task"), brought, family=family, by="zhou", unit="0101", today=TODAY)
        for brought in ({}, {"related_number": "别号"})
        for family in (Family(parent=case("assigned")), Family())
    ]

    assert [(values.get("related_number"), wrong) for values, wrong in found] == [
        ("X-1", []), (None, []), (None, []), (None, []),
    ]  # fmt: skip


def test_what_is_worked_out_is_said_apart_from_what_is_copied() -> None:
    """Of the values that a child is given those are named that an expression came to; a code fits an officer field."""
    sets = {"urgent": "=not real_name", "summary": "=summary", "source": "letter"}
    values, worked, lacking = given(sets, {"summary": "停车场"}, {"real_name": True})

    assert (values, worked, lacking) == (
        {"urgent": False, "summary": "停车场", "source": "letter"}, frozenset({"urgent"}), {},
    )  # fmt: skip
    assert as_stored(rules().workflow, "handler", "chen", today=TODAY) == "chen"


def test_a_value_that_lost_its_form_cannot_move() -> None:
    """A field that asks for another form in the new version keeps only what has it."""
    old = rules().workflow
    new = old.replace(fields={**old.fields, "remark": old.fields["remark"].replace(pattern=r"\d+")})
    moves = {
        words: moved(old, new, VersionMap(), case("received", {**LEAD, "remark": words})).reasons
        for words in ("12", "十二")
    }

    assert moves["12"] == ()
    assert [each.zh for each in moves["十二"]] == [f"“{old.fields['remark'].title.zh}”：不符合新的格式"]


def test_a_reporter_on_record_keeps_the_real_name() -> None:
    """The flag is not taken back under a sealed reporter; other corrections go on, as does emptying both."""
    lead = case("received", {**LEAD_ONLY, "reporter": SEALED, "real_name": True})
    with pytest.raises(RefusedError):
        amendment(rules(), lead, {"real_name": False}, actor=OFFICE, family=Family(), today=TODAY)
    for brought in ({"remark": "已阅"}, {"real_name": None, "reporter": None}):
        amendment(rules(), lead, brought, actor=OFFICE, family=Family(), today=TODAY)


def test_a_ledger_may_leave_the_real_name_open_but_not_deny_it() -> None:
    """What another ledger never asked is taken in; what it says against itself is not."""
    values = {**LEAD_ONLY, "reporter": "举报人甲"}
    assert opening(rules(), values, actor=OFFICE, unit="0101", legacy=True)["reporter"] == SEALED
    with pytest.raises(RefusedError):
        opening(rules(), {**values, "real_name": False}, actor=OFFICE, unit="0101", legacy=True)
