"""What ships: each declaration as a table of its steps and terms, sound, titled, and with its grounds."""

import re
from collections.abc import Iterator, Mapping
from datetime import date

import pytest
from msgspec.structs import replace

from engine.expressions.evaluate import Expression
from engine.language import Text
from engine.workflow.deadline import Authority, OnField, Within, WithinByValue
from engine.workflow.graph import reachable, successors
from engine.workflow.model import Workflow
from workflows.loader import Declarations

BOOK = Declarations()
NAMES = (
    "ambulance", "carer", "circular", "consequence", "extension_filing", "inspection", "lead", "major_information",
    "meeting", "misconduct", "plan", "proceeding", "progress_meeting", "proposal", "protection", "rectification",
    "referral", "return", "review", "supervision", "supervision_report", "task",
)  # fmt: skip

STEPS: Mapping[str, str] = {
    "supervision_report": """
        due: submit>submitted drop>not_needed
        submitted: send_back>due accept>accepted
        accepted:
        not_needed:
        """,
    "extension_filing": """
        filed: receipt>receipted object>objected
        receipted:
        objected: settle>settled
        settled:
        """,
    "carer": """
        registered: check renew strike_off>gone
        gone:
        """,
    "ambulance": """
        registered: check renew strike_off>gone
        gone:
        """,
    "proceeding": """
        recorded: prove>proven do_without>without_paper
        proven:
        without_paper:
        """,
    "circular": """
        begun: issue>issued leave_out>left_out
        issued:
        left_out:
        """,
    "consequence": """
        proposed: order>ordered drop>dropped
        ordered: carry_out>carried_out|in_force drop>dropped
        in_force: prolong lift>lifted
        carried_out:
        lifted:
        dropped:
        """,
    "major_information": """
        discovered: inform>informed report>reported dismiss>not_major
        informed: report>reported dismiss>not_major
        reported: continue_report close>closed
        closed:
        not_major:
        """,
    "meeting": """
        called: hold>held leave_out>left_out
        held: decide correct close>closed
        closed:
        left_out:
        """,
    "misconduct": """
        reported: examine>examined
        examined: conclude>found
        found: settle>settled
        settled:
        """,
    "protection": """
        asked: record_opening protect>in_force settle>settled refuse>refused
        in_force: look_again end>settled
        settled:
        refused:
        """,
    "task": """
        ordered: begin>under_way drop>dropped
        under_way: report_done>done drop>dropped
        done: send_back>under_way accept>accepted keep_up>kept
        kept: check_again set_again>under_way end>accepted
        accepted:
        dropped:
        """,
    "progress_meeting": """
        called: hold>held leave_out>left_out
        held:
        left_out:
        """,
    "plan": """
        due: submit>submitted record_missed>missed
        submitted: send_back>sent_back accept>accepted
        sent_back: submit>submitted record_missed>missed
        accepted:
        missed:
        """,
    "inspection": """
        planned: inspect>inspected
        inspected: settle>settled
        settled:
        """,
    "lead": """
        received: assign>assigned recuse set_secrecy reclassify escalate assess
            decline>declining shelve>shelved tell_acceptance
        assigned: recuse set_secrecy reclassify escalate assess
            decline>declining shelve>shelved verify>verified tell_acceptance
        verified: recuse set_secrecy reclassify escalate assess
            decline>declining shelve>shelved send_back>assigned
            transfer_police>transferred_police transfer_discipline>transferred_discipline
            transfer_both>transferred_both refer_elsewhere handle>handled_in_house record_penalty
            tell_acceptance tell_result tell_superior request_review>under_review waive_review close>closed
        shelved: recuse set_secrecy reclassify escalate assess
            keep_shelved take_up>assigned tell_acceptance
        transferred_police: recuse set_secrecy reclassify escalate assess
            transfer_discipline>transferred_both transfer_police
            refer_elsewhere record_penalty revise_finding tell_acceptance tell_result tell_superior
            request_review>under_review waive_review close>closed
        transferred_discipline: recuse set_secrecy reclassify escalate assess
            transfer_police>transferred_both transfer_discipline
            refer_elsewhere record_penalty revise_finding tell_acceptance tell_result tell_superior
            request_review>under_review waive_review close>closed
        transferred_both: recuse set_secrecy reclassify escalate assess
            transfer_police transfer_discipline
            refer_elsewhere record_penalty revise_finding tell_acceptance tell_result tell_superior
            request_review>under_review waive_review close>closed
        handled_in_house: recuse set_secrecy reclassify escalate assess
            send_back>assigned refer_elsewhere record_penalty
            tell_acceptance tell_result tell_superior close>closed
        under_review: recuse set_secrecy reclassify escalate assess
            record_penalty tell_acceptance tell_result tell_superior
            request_review reverify>assigned close>closed
        declining: confirm_acceptance>declined take_back>received tell_acceptance tell_result tell_superior
        closed: set_secrecy tell_result tell_superior request_review>under_review waive_review reopen>assigned
            start_rectification>rectifying waive_rectification>struck_off
        rectifying: set_secrecy escalate tell_result tell_superior reopen>assigned start_rectification
            finish_rectification>rectified
        rectified:
        struck_off:
        declined:
        """,
    "referral": """
        drafted: send>sent
        sent: receipt>receipted return_letter>returned
        receipted: return_letter>returned answer>answered|filed|not_filed
        returned: redraft>drafted
        not_filed: object>objected accept_refusal>answered
        objected: settle_objection>answered
        filed: hand_over>answered
        answered:
        """,
    "rectification": """
        ordered: begin>under_way
        under_way: report_done>done
        done: send_back>under_way accept>accepted keep_up>kept
        kept: check_again set_again>under_way end>accepted
        accepted:
        """,
    "review": """
        requested: name_reviewer>reviewing
        reviewing: change_reviewer send_back>sent_back uphold>upheld overturn>overturned
        sent_back: change_reviewer resubmit>reviewing
        upheld:
        overturned:
        """,
    "supervision": """
        in_force: look_again lift>lifted
        lifted:
        """,
    "return": """
        due: submit>submitted record_missed>missed
        submitted: send_back>sent_back accept>accepted
        sent_back: submit>submitted record_missed>missed
        accepted:
        missed:
        """,
    "proposal": """
        received: assign>assigned
        assigned: answer>answered
        answered:
        """,
}
"""State: trigger>target for each step that moves, trigger alone for each that stays."""

TERMS = """
    ambulance checking: on next_check_on default S1-P12 一(三); [proposal]
    ambulance paper_ends: on licence_until default [proposal]
    carer checking: on next_check_on default S1-P12 一(三); [proposal]
    carer paper_ends: on certificate_until default [proposal]
    circular issuing: on due_on local S1-P5 三(三)
    consequence decision: 5 working_days default [proposal]
    consequence carrying_out: on due_on default [proposal]
    consequence special_management: on ends_on default [proposal]
    extension_filing receipt_due: 3 working_days default S2 二(一); [proposal]
    extension_filing settlement: 5 working_days default [proposal]
    inspection inspection_due: on due_on local S1-P7 三(二)2
    inspection settlement: 3 months default [proposal]
    lead disposal: 1 months local W20
    lead handling: on handling_due_on local S2 一(一); S2 二(一)
    lead superior_feedback: on feedback_due_on local S1-P4 三(二); S1-P5 二(一)
    lead acceptance_notice: 15 working_days local W1
    lead result_notice: 15 working_days local W1
    lead verification: 2 months local W41; S2 二(一)
    lead transfer_decision: 3 days law L-移送5
    lead next_step: 10 working_days default S0 五(二)3; S2 二(一)
    lead next_review: on next_review_on default [proposal]
    lead agency_results: 3 months default W6
    lead in_house: 2 months default S0 五(三)
    lead re_review: 45 days default S2 二(四)
    lead takeover: 5 working_days local W15 第十六条
    lead clean_up_decision: 15 working_days default S1-P5 二(三)1; [proposal]
    lead clean_up_entry: 5 working_days default [proposal]
    lead clean_up: on rectification_due_on local S1-P5 二(三)1; S1-P7 三
    major_information informing: 1 hours default S3 四(二)1; [proposal]
    major_information reporting: attack 6 hours | else 24 hours local W45; S3 四(二)1
    major_information closing: 10 working_days default [proposal]
    meeting holding: on due_on local S3 四(二)1
    meeting minutes: 5 working_days default [proposal]
    misconduct naming: 3 working_days default [proposal]
    misconduct examination: 1 months default [proposal]
    misconduct settlement: 1 months default [proposal]
    plan filing: on due_on local S1-P12 二
    plan check: 5 working_days default [proposal]
    plan redo: 5 working_days default [proposal]
    proceeding paper_due: 15 working_days default S3 四(二)1; [proposal]
    progress_meeting holding: on due_on local S1-P5 三(三)
    proposal assignment: 3 working_days default [proposal]
    proposal procuratorial: 2 months law W36
    proposal asked_for: on answer_due_on local W36
    proposal supervisory: 1 months default [proposal]
    proposal judicial: 2 months default [proposal]
    proposal police_notice: 15 working_days default [proposal]
    proposal disciplinary: 1 months default [proposal]
    proposal any_kind: 2 months default L-信访40; [proposal]
    protection decision: protection 1 working_days | answer 15 working_days | else 1 months local W1; [proposal]
    protection insurance_answer: 5 working_days law W37
    protection review_due: on next_review_on default [proposal]
    rectification begin_due: 5 working_days default [proposal]
    rectification completion: on due_on local S1-P7 三; S1-P5 二(三)1
    rectification at_once: 10 working_days default S1-P7 三; [proposal]
    rectification next_check: on next_check_on local S1-P11
    rectification acceptance: 10 working_days default [proposal]
    referral send_to_police: 24 hours law L-移送5
    referral send_to_others: 3 working_days default S0 五(二)3
    referral receipt_due: 3 working_days default L-移送7
    referral police_decision: 3 days law L-移送8; L-公安程序180
    referral result: 1 months default W6; W20
    referral objection_due: 3 days law L-移送9; L-公安程序181
    referral objection_answer: 1 months default [proposal]
    referral handover_due: 3 days law L-移送12
    referral redraft_due: 3 working_days default [proposal]
    return filing: on due_on local S3 四(二)1; S1-P6 五4; S2 三(二)
    return filing_daily: on due_on local S3 四(二)1
    return check: 5 working_days default [proposal]
    return redo: 2 days local W34
    review naming: 3 working_days default [proposal]
    review reviewing_due: 1 months default [proposal]
    review redo: 2 days local W34
    supervision supervised: on due_on local S2 二(二)
    supervision review_due: 3 months default [proposal]
    supervision next_review: on next_review_on default [proposal]
    supervision_report filing: on due_on default S1-P5 三(三); [proposal]
    supervision_report reading: 5 working_days default [proposal]
    task begin_due: 10 working_days default [proposal]
    task completion: on due_on local S1-P7 三; S1-P10 二
    task at_once: 10 working_days default S1-P7 三; [proposal]
    task acceptance: 10 working_days default [proposal]
    task next_check: on next_check_on local S1-P11
"""
"""Workflow and deadline: length or date field, authority, grounds."""

FINAL = {
    "supervision_report": {"accepted", "not_needed"},
    "extension_filing": {"receipted", "settled"},
    "ambulance": {"gone"},
    "carer": {"gone"},
    "proceeding": {"proven", "without_paper"},
    "circular": {"issued", "left_out"},
    "consequence": {"carried_out", "lifted", "dropped"},
    "major_information": {"closed", "not_major"},
    "meeting": {"closed", "left_out"},
    "misconduct": {"settled"},
    "protection": {"settled", "refused"},
    "task": {"accepted", "dropped"},
    "progress_meeting": {"held", "left_out"},
    "plan": {"accepted", "missed"},
    "lead": {"rectified", "struck_off", "declined"},
    "referral": {"answered"},
    "inspection": {"settled"},
    "rectification": {"accepted"},
    "review": {"upheld", "overturned"},
    "supervision": {"lifted"},
    "return": {"accepted", "missed"},
    "proposal": {"answered"},
}

TRANSFERRED = ("transferred_police", "transferred_discipline", "transferred_both")

SHORTCUTS = (
    ("received", TRANSFERRED, "verify"),
    ("received", ("closed", "handled_in_house", "under_review"), "verify"),
    ("assigned", ("closed",), "verify"),
    ("shelved", ("closed", *TRANSFERRED), "take_up"),
    ("shelved", ("closed", *TRANSFERRED), "verify"),
    ("under_review", ("rectified", "struck_off"), "close"),
    (TRANSFERRED[0], ("rectified", "struck_off"), "close"),
    (TRANSFERRED[1], ("rectified", "struck_off"), "close"),
    (TRANSFERRED[2], ("rectified", "struck_off"), "close"),
    ("closed", ("rectified",), "finish_rectification"),
    ("received", ("declined",), "confirm_acceptance"),
)
"""From a state, none of these can be come to without that step (domain §5)."""

TAG = re.compile(
    r"S[0-4]|S[0234] [一二三四五六]\S*|S1-P\d{1,2}( \S+)?"
    r"|W\d{1,2}( 第[一-龥]+条)?|L-[一-龥]+\d*|\[proposal\]"
)
CHINESE = re.compile(r"[一-龥]")


@pytest.fixture(scope="module", params=NAMES)
def workflow(request: pytest.FixtureRequest) -> Workflow:
    """Return each shipped workflow in turn."""
    return BOOK.latest(str(request.param))


def texts(workflow: Workflow) -> Iterator[tuple[str, Text]]:
    """Yield every title and sentence of a declaration, with the place where it stands."""
    yield "title", workflow.title
    for field in workflow.fields.values():
        yield f"fields.{field.name}", field.title
        for choice in field.choices:
            yield f"fields.{field.name}.{choice.value}", choice.title
    for state in workflow.states.values():
        yield f"states.{state.name}", state.title
    for step in workflow.transitions:
        yield f"transitions.{step.name}", step.title
        for guard in step.when:
            yield f"transitions.{step.name}.{guard.expression}", guard.sentence
    for deadline in workflow.deadlines.values():
        yield f"deadlines.{deadline.name}", deadline.title
    for clearance in (workflow.cleared, workflow.fully_closed):
        for guard in clearance.when:
            yield f"clearance.{guard.expression}", guard.sentence


def grounds(workflow: Workflow) -> Iterator[tuple[str, str | None]]:
    """Yield what each rule of a declaration rests on."""
    yield "workflow", workflow.basis
    for state in workflow.states.values():
        yield f"states.{state.name}", state.basis
    for step in workflow.transitions:
        yield f"transitions.{step.name}", step.basis
    for deadline in workflow.deadlines.values():
        yield f"deadlines.{deadline.name}", deadline.basis


def guards(workflow: Workflow) -> Iterator[str]:
    """Yield every expression of a declaration."""
    for step in workflow.transitions:
        yield from (guard.expression for guard in step.when)
        yield from filter(None, [step.if_])
    for clearance in (workflow.cleared, workflow.fully_closed):
        yield from (guard.expression for guard in clearance.when)
    yield from (each.if_ for each in workflow.deadlines.values() if each.if_)


def table(workflow: Workflow) -> dict[str, dict[str, str]]:
    """Return state → trigger → targets, an empty target for a step that stays."""
    found: dict[str, dict[str, str]] = {}
    for state in workflow.states:
        row = found.setdefault(state, {})
        for step in workflow.transitions_from(state):
            row[step.trigger] = "|".join(filter(None, [row.get(step.trigger, ""), step.target or ""]))
    return found


def written(rows: str) -> dict[str, dict[str, str]]:
    """Return the table that *rows* write."""
    found: dict[str, dict[str, str]] = {}
    state = ""
    for word in rows.split():
        if word.endswith(":"):
            state = word[:-1]
            found[state] = {}
        else:
            trigger, _, target = word.partition(">")
            found[state][trigger] = target
    return found


def term(workflow: Workflow, name: str) -> str:
    """Return a deadline as the table writes it."""
    deadline = workflow.deadlines[name]
    if isinstance(deadline.due, Within):
        length = f"{deadline.due.term.amount} {deadline.due.term.unit}"
    elif isinstance(deadline.due, WithinByValue):
        terms = {**deadline.due.terms, "else": deadline.due.otherwise}
        length = " | ".join(f"{value} {each.amount} {each.unit}" for value, each in terms.items() if each)
    else:
        assert isinstance(deadline.due, OnField)
        length = f"on {deadline.due.field}"
    return f"{workflow.name} {name}: {length} {deadline.authority} {deadline.basis}"


def test_all_are_there() -> None:
    """These workflows ship, and no other."""
    assert BOOK.names() == NAMES


def test_nothing_is_wrong() -> None:
    """No rule of the language finds anything in any shipped file."""
    _, problems = BOOK.check()
    assert [str(each) for each in problems] == []


def test_steps(workflow: Workflow) -> None:
    """Exactly these steps lead from each state, to exactly these states."""
    assert table(workflow) == written(STEPS[workflow.name])


def test_terms() -> None:
    """Every deadline has this length, this authority and these grounds."""
    found = [term(BOOK.latest(name), each) for name in NAMES for each in BOOK.latest(name).deadlines]
    assert found == [line.strip() for line in TERMS.strip().splitlines()]


def test_final_states(workflow: Workflow) -> None:
    """Exactly these states are final."""
    assert {each.name for each in workflow.states.values() if each.final} == FINAL[workflow.name]


def test_numbers_tell_nothing_and_differ() -> None:
    """Each workflow has its own letters in its numbers, and they name neither category nor agency."""
    formats = [BOOK.latest(name).number for name in NAMES]
    letters = (
        "JH", "HG", "TB", "YT", "YQ", "JC", "XS", "ZD", "YP", "WJ", "FA", "HX", "DD", "JY", "BH", "ZG", "YS", "BB",
        "FH", "DB", "DBJ", "RW",
    )  # fmt: skip
    assert formats == [f"{{unit}}-{two}-{{year}}-{{serial:04}}" for two in letters]


def test_both_languages(workflow: Workflow) -> None:
    """Every title and sentence is said in Chinese and in an English of its own."""
    wrong = [place for place, text in texts(workflow) if not CHINESE.search(text.zh) or CHINESE.search(text.en)]
    assert wrong == []


def test_every_rule_has_its_grounds(workflow: Workflow) -> None:
    """Each state, step and deadline says what it rests on, or that it is our own proposal."""
    missing = [place for place, basis in grounds(workflow) if not basis]
    assert missing == []


def test_grounds_are_tags(workflow: Workflow) -> None:
    """What a rule rests on is written with the tags of the sources, several parted by semicolons."""
    bases = [basis for _, basis in grounds(workflow)]
    bases += [guard.basis for step in workflow.transitions for guard in step.when]
    bases += [field.basis for field in workflow.fields.values()]
    wrong = [tag for basis in bases if basis for tag in basis.split("; ") if not TAG.fullmatch(tag)]
    assert wrong == []


@pytest.mark.parametrize(("start", "ends", "step"), SHORTCUTS, ids=str)
def test_no_shortcut(start: str, ends: tuple[str, ...], step: str) -> None:
    """None of the forbidden shortcuts is possible: whoever leaves a step out never arrives."""
    lead = BOOK.latest("lead")
    without = replace(lead, transitions=tuple(each for each in lead.transitions if each.trigger != step))
    assert not reachable(successors(without), {start}) & set(ends)
    assert reachable(successors(lead), {start}) & set(ends)


def test_transfers_name_who_signed() -> None:
    """Each step that sends a lead to another body asks for a signatory and the day, and opens letters with both."""
    steps = [
        each
        for each in BOOK.latest("lead").transitions
        if any(opening.workflow == "referral" for opening in each.opens)
    ]
    assert {each.trigger for each in steps} == {
        "transfer_police", "transfer_discipline", "transfer_both", "refer_elsewhere",
    }  # fmt: skip
    for each in steps:
        assert {"signed_by", "signed_on"} <= set(each.asks)
        assert all(opening.sets["signed_by"] == "=signed_by" for opening in each.opens)
        assert not each.bulk


def test_what_only_steps_may_set() -> None:
    """Findings, signatures, letters, receipts and told-on dates cannot be amended by hand."""
    held = {name: {each.name for each in BOOK.latest(name).fields.values() if not each.amend} for name in NAMES}
    assert held["lead"] >= {
        "finding", "suspected_crime", "category", "signed_by", "verifiers", "leader_signature", "head_signature",
        "result_told_on", "superior_told_on", "closed_on", "review_waiver", "cleanup_waiver",
    }  # fmt: skip
    assert held["referral"] >= {"agency", "letter_number", "sent_on", "receipted_on", "answered_on", "outcome"}
    assert held["return"] >= {"nil_return", "work_done", "signed_by", "submitted_on"}
    assert held["review"] >= {"reviewer", "conclusion"}


def test_what_is_sealed() -> None:
    """Who reported, suffers from it or is accused of that is sealed; that a report was under a real name is not."""
    sealed = [
        (name, each.name) for name in NAMES for each in BOOK.latest(name).fields.values() if each.type == "sealed"
    ]
    assert sealed == [
        ("lead", "reporter"), ("misconduct", "sufferer"), ("misconduct", "accused"), ("misconduct", "facts"),
        ("protection", "reporter"), ("protection", "request"),
    ]  # fmt: skip
    assert BOOK.latest("lead").fields["real_name"].type == "flag"


def test_law_is_named_and_not_extended() -> None:
    """What the law fixes stands in the list of law with that very term, and cannot be extended."""
    for name in NAMES:
        declared = BOOK.latest(name).plain["deadlines"]
        assert isinstance(declared, Mapping)
        for deadline in BOOK.latest(name).deadlines.values():
            if deadline.authority is Authority.LAW:
                assert isinstance(deadline.due, Within)
                assert BOOK.law.terms[declared[deadline.name]["law"]] == deadline.due.term
                assert deadline.extend is None


def test_extensions_follow_the_plan() -> None:
    """Every extension is asked for before expiry, once, for a month at most, with reason, signature and filing."""
    extensions = [each.extend for name in NAMES for each in BOOK.latest(name).deadlines.values() if each.extend]
    assert len(extensions) == 8
    for each in extensions:
        assert (each.at_most.amount, each.at_most.unit, each.times, each.before_expiry) == (1, "months", 1, True)
        assert each.needs == ("reason", "signed_by", "filed_on")
        assert (each.by, each.beyond_by) == (("office",), ("leading_group",))
        assert each.signed_by == ("unit_head", "leading_group")


def test_expressions_stand_empty_cases(workflow: Workflow) -> None:
    """No expression stumbles over a case that has no value yet; what is missing is a sentence, not a riddle."""
    scope: dict[str, object] = dict.fromkeys(workflow.fields)
    scope |= {
        "state": workflow.initial, "number": "x", "unit": "x", "by": "x", "today": date(2019, 7, 1),
        "children": lambda _: [], "done": lambda _: False, "doers": lambda _: [],
    }  # fmt: skip
    if workflow.parent:
        parent = BOOK.latest(workflow.parent)
        scope["parent"] = {**dict.fromkeys(parent.fields), "state": parent.initial, "number": "x"}
    required = {each.name for each in workflow.fields.values() if each.required and each.type == "date"}
    scope |= dict.fromkeys(required, date(2019, 6, 30))
    assert [each for each in guards(workflow) if not Expression(each).verdict(scope).judged] == []
