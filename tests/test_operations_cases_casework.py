"""What is done with a case besides its steps: opening, amending, noting, attaching, voiding, linking."""

import json
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from ledgers import DAY, LEAD, START, Move, Story, dump, furnished, opened, register
from paths import ASSIGN, CLEANED_UP, DISCIPLINE, POLICE, REVIEWED, SIGNED

from engine.deadlines.clock import Status
from engine.errors import BadFileError, BadValueError, InvalidWorkflowError, NotFoundError, QinglingError, RefusedError
from engine.operations.cases.bulk import advance_many, selection
from engine.operations.cases.casework import advance, amend, attach, link, note, open_case, void
from engine.operations.house import registration as house_verbs
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.ledger import Ledger
from engine.rules.case import Count
from engine.store import case_rows, clock_rows
from engine.store import house_rows as house
from engine.working_days.instants import microseconds

Act = Callable[..., object]
OPEN, ONE = ("lead", LEAD), ("0101-XS-2019-0001",)
REASON = {"reason": "更正"}

WRONG: dict[str, tuple[Act, tuple[object, ...], Mapping[str, Any], type[QinglingError], str]] = {
    "open without a source": (
        open_case, ("lead", {**LEAD, "source": ""}), {"unit": "0101"}, RefusedError, "'Source' (--source) must be",
    ),
    "open with a finding": (
        open_case, ("lead", {**LEAD, "finding": "unclear"}), {"unit": "0101"}, RefusedError,
        "'Finding' (finding) is set by a step",
    ),
    "open where one has no role": (
        open_case, OPEN, {"unit": "0102"}, RefusedError, "zhou has none of the roles office, custodian, liaison",
    ),
    "open without a role": (open_case, OPEN, {"unit": "0101", "by": "chen"}, RefusedError, "chen has none of"),
    "open in a name that nobody has": (open_case, OPEN, {"unit": "0101", "by": "zhou某某"}, NotFoundError, "'zhou某'?"),
    "open a letter by hand": (
        open_case, ("referral", {}), {"unit": "0101"}, RefusedError, "is opened by a step of its lead, not by hand",
    ),
    "open what comes tomorrow": (
        open_case, ("lead", {**LEAD, "received_on": "2019-07-02"}), {"unit": "0101"}, BadValueError, "in the future",
    ),
    "open in no unit": (open_case, OPEN, {"unit": "0109"}, NotFoundError, "no unit has the code '0109'"),
    "open what nobody declared": (open_case, ("laed", {}), {"unit": "0101"}, NotFoundError, "'laed'"),
    "amend what a step writes": (
        amend, (*ONE, {"category": "A1"}), REASON, RefusedError, "'Category' (category) is set by a step",
    ),
    "amend without a reason": (amend, (*ONE, {"amount": "5"}), {"reason": " "}, BadValueError, "give a reason"),
    "amend to nothing new": (amend, (*ONE, {"summary": LEAD["summary"]}), REASON, RefusedError, "nothing would"),
    "amend away what is required": (amend, (*ONE, {"summary": ""}), REASON, RefusedError, "is missing"),
    "amend to a receipt that comes tomorrow": (
        amend, (*ONE, {"received_on": "2019-07-02"}), REASON, BadValueError, "2019-07-02 lies after 0101-XS-2019-0001",
    ),
    "amend without the role": (amend, (*ONE, {"amount": "5"}), {**REASON, "by": "chen"}, RefusedError, "has none"),
    "note without words": (note, (*ONE, " "), {}, BadValueError, "a note has 1 to"),
    "note by nobody known": (note, (*ONE, "看过"), {"by": "gone"}, RefusedError, "has left"),
    "note on nothing": (note, ("0101-XS-2019-0999", "看过"), {}, NotFoundError, "no case has the number"),
    "void without a reason": (void, ONE, {"reason": ""}, BadValueError, "give a reason"),
    "void without the role": (void, ONE, {**REASON, "by": "chen"}, RefusedError, "has none of the roles"),
    "repeat of itself": (link, (*ONE, *ONE), REASON, RefusedError, "it cannot repeat itself"),
    "attach what is not there": (
        attach, (*ONE, Path("no/such/file")), {"folder": Path("kept")}, BadFileError, "cannot be read",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_what_must_not_be_written_is_refused(sqlite_url: str, case: str) -> None:
    """The refusal has its sentence, on one line, and the database stays as it was."""
    act, args, more, kind, says = WRONG[case]
    with furnished(sqlite_url) as ledger:
        register(ledger)
        before = dump(ledger.store)
        rest = {name: value for name, value in more.items() if name != "by"}
        with pytest.raises(kind) as refused:
            act(Acting(ledger, more.get("by", "zhou"), START), *args, **rest)
        assert says in refused.value.sentence.en
        assert "\n" not in refused.value.sentence.en + refused.value.sentence.zh
        assert dump(ledger.store) == before


@pytest.mark.parametrize(
    ("road", "step", "day"),
    [
        (REVIEWED, 2, "review_requested_on"),
        (CLEANED_UP, 4, "rectification_started_on"),
    ],
)
@pytest.mark.parametrize(("on", "says"), [("2019-08-31", "lies in the future"), ("2019-06-27", "lies before 0101-XS")])
@pytest.mark.parametrize("dry_run", [True, False])
def test_nothing_is_opened_by_a_decision_of_an_impossible_day(
    sqlite_url: str, road: tuple[Move, ...], step: int, day: str, on: str, says: str, dry_run: bool
) -> None:
    """Whatever the declaration asks, a case is opened between its parent's receipt and today: its terms are true."""
    move = road[step]
    with furnished(sqlite_url) as ledger:
        story = Story(ledger).play(road[:step])
        before, now = dump(ledger.store), story.now + DAY
        values = {**move.values, day: on}
        values = {k: f"{now:%Y-%m-%d}" if v == "+0" else v for k, v in values.items()}
        values |= {"rectification_due_on": "2019-12-31"} if day == "rectification_started_on" else {}
        with pytest.raises(BadValueError) as refused:
            advance(Acting(ledger, move.by, now), story.number, move.trigger, values, dry_run=dry_run)
        assert says in refused.value.sentence.en
        assert dump(ledger.store) == before


def test_a_repeat_lends_its_first_the_earlier_date(database_url: str) -> None:
    """Both arrivals stay on record; the earliest decides what the first counts from, and both journals tell it."""
    with furnished(database_url) as ledger:
        first = register(ledger, received_on="2019-06-28").number
        repeat = register(ledger, received_on="2019-05-05", summary="同一件事").number
        link(Acting(ledger, "zhou", START + DAY), repeat, first, reason="重复举报")
        one, other = ledger.case(first), ledger.case(repeat)
        assert (one.dated_on, one.fields["received_on"]) == ("2019-05-05", "2019-06-28")
        assert (other.dated_on, other.clearance, other.first_id) == ("2019-05-05", Count.REPEATS, one.id)
        told = case_rows.entries(ledger.store, one.id)[-1]
        assert (told.kind, '"was_dated_on":"2019-06-28"' in told.body) == ("repeated", True)


def test_a_repeat_keeps_its_first_at_the_earlier_date(sqlite_url: str) -> None:
    """Correcting the first's own receipt moves what it counts from no further than its repeats allow; void ones do."""
    with furnished(sqlite_url) as ledger:
        first = register(ledger, received_on="2019-06-28").number
        repeat = register(ledger, received_on="2019-05-05", summary="同一件事").number
        link(Acting(ledger, "zhou", START), repeat, first, reason="重复举报")
        seen = []
        for received_on in ("2019-06-29", "2019-04-01", "2019-07-01"):
            after = amend(Acting(ledger, "zhou", START), first, {"received_on": received_on}, reason="笔误").case
            assert ledger.case(first) == after
            seen.append(after.dated_on)
        assert seen == ["2019-05-05", "2019-04-01", "2019-05-05"]
        told = json.loads(case_rows.entries(ledger.store, after.id)[-1].body)
        assert (told["dated_on"], told["was_dated_on"]) == ("2019-05-05", "2019-04-01")
        void(Acting(ledger, "zhou", START), repeat, reason="误登")
        after = amend(Acting(ledger, "zhou", START), first, {"received_on": "2019-06-30"}, reason="笔误").case
        assert after.dated_on == "2019-06-30"


def test_a_repeat_moves_the_deadlines_of_its_first(sqlite_url: str) -> None:
    """What runs from the receipt runs from the earlier one, and still does after the next correction."""
    with furnished(sqlite_url) as ledger:
        alone = register(ledger, received_on="2019-06-24").number
        first = register(ledger, received_on="2019-06-28").number
        repeat = register(ledger, received_on="2019-06-24", summary="同一件事").number
        wanted = _due(ledger, alone)
        assert _due(ledger, first) != wanted
        link(Acting(ledger, "zhou", START), repeat, first, reason="重复举报")
        assert _due(ledger, first) == wanted
        amend(Acting(ledger, "zhou", START), first, {"amount": "5"}, reason="补充")
        assert _due(ledger, first) == wanted


@pytest.mark.parametrize(
    ("what", "says"),
    [
        ("taken a step", "it has taken a step of its own"),
        ("first is cleared", "is cleared already"),
        ("first of another unit", "zhou has none of the roles"),
    ],
)
def test_what_is_no_repeat_any_more(sqlite_url: str, what: str, says: str) -> None:
    """A lead under way, one of a unit where the officer has no role and a cleared first are not linked."""
    with furnished(sqlite_url) as ledger:
        house_verbs.grant(Acting(ledger, "keeper", START), "feng", "office", "0102")
        first = register(ledger, unit="0102", by="feng").number if what == "first of another unit" else None
        if what == "first is cleared":
            first = Story(ledger).play(REVIEWED).number
            assert ledger.case(first).clearance in {Count.CLEARED, Count.FULLY_CLOSED}
        first = first or register(ledger).number
        repeat = register(ledger, summary="同一件事").number
        if what == "taken a step":
            advance(Acting(ledger, "zhou", START), repeat, "assign", ASSIGN.values)
        before = dump(ledger.store)
        with pytest.raises(RefusedError) as refused:
            link(Acting(ledger, "zhou", START + 90 * DAY), repeat, first, reason="重复")
        assert says in refused.value.sentence.en
        assert dump(ledger.store) == before


def test_a_clock_set_back_does_not_turn_time_round(sqlite_url: str) -> None:
    """A deadline ends and goes on at the instants of the journal, though the machine's clock was put back between."""
    with furnished(sqlite_url) as ledger:
        number = register(ledger, now=START + 2 * DAY).number
        advance(Acting(ledger, "zhou", START), number, "assign", ASSIGN.values)
        entry = case_rows.entries(ledger.store, ledger.case(number).id)[-1]
        (met,) = [each for each in clock_rows.of_case(ledger.store, entry.case_id) if each.ended_at is not None]
        assert met.ended_at == entry.at == microseconds(START + 2 * DAY)
        void(Acting(ledger, "tang", START - DAY), number, reason="误登")
        assert {each.ended_at for each in clock_rows.of_case(ledger.store, entry.case_id)} == {entry.at}


def test_a_repeat_is_not_linked_in_a_chain_or_a_ring(sqlite_url: str) -> None:
    """Only a first case is repeated, and a repeat only once."""
    with furnished(sqlite_url) as ledger:
        one, two, three = (register(ledger, summary=f"第{n}件").number for n in "一二三")
        link(Acting(ledger, "zhou", START), two, one, reason="重复")
        before = dump(ledger.store)
        for number, first, says in (
            (one, two, "is void or repeats another itself; others repeat it"),
            (three, two, "is void or repeats another itself"),
            (two, three, "it is linked already"),
        ):
            with pytest.raises(RefusedError) as refused:
                link(Acting(ledger, "zhou", START), number, first, reason="重复")
            assert says in refused.value.sentence.en
        assert dump(ledger.store) == before


def test_a_step_nobody_declared_is_named_with_those_that_are(sqlite_url: str) -> None:
    """One by one and in bulk, the misspelt step is not found, and the like one is shown."""
    with furnished(sqlite_url) as ledger:
        number = register(ledger).number
        with pytest.raises(NotFoundError, match="clsoe"):
            advance(Acting(ledger, "zhou", START), number, "clsoe", {})
        with pytest.raises(NotFoundError, match="clsoe"):
            list(advance_many(Acting(ledger, "zhou", START), selection(Acting(ledger, "", START), "lead"), "clsoe", {}))


def test_the_dead_take_no_step(sqlite_url: str) -> None:
    """A void lead and a repeat are neither advanced, amended nor linked; the sentence says where to go."""
    with furnished(sqlite_url) as ledger:
        first, repeat, gone = (register(ledger, summary=f"第{n}件").number for n in "一二三")
        link(Acting(ledger, "zhou", START), repeat, first, reason="重复举报")
        void(Acting(ledger, "zhou", START), gone, reason="误登")
        before = dump(ledger.store)
        for number, says in ((repeat, "repeats an earlier case"), (gone, "is void")):
            with pytest.raises(RefusedError, match=r"0101-XS-2019-000[23]") as refused:
                amend(Acting(ledger, "zhou", START), number, {"amount": "5"}, reason="改")
            assert says in refused.value.sentence.en
            with pytest.raises(RefusedError):
                link(Acting(ledger, "zhou", START), number, first, reason="重")
        assert dump(ledger.store) == before


def test_a_first_case_cannot_be_voided_away_under_its_repeats(sqlite_url: str) -> None:
    """Voiding the one that others repeat would leave them counted nowhere (件件有着落)."""
    with furnished(sqlite_url) as ledger:
        first, repeat = register(ledger).number, register(ledger, summary="再次举报").number
        link(Acting(ledger, "zhou", START), repeat, first, reason="重复举报")
        before = dump(ledger.store)
        with pytest.raises(RefusedError) as refused:
            void(Acting(ledger, "zhou", START + DAY), first, reason="误登")
        assert f"{repeat}" in refused.value.sentence.en
        assert dump(ledger.store) == before
        void(Acting(ledger, "zhou", START + DAY), repeat, reason="误登")
        void(Acting(ledger, "zhou", START + DAY), first, reason="误登")


def test_what_is_dead_has_no_deadline_running(sqlite_url: str) -> None:
    """Voiding and linking cancel every clock of the case at that moment."""
    with furnished(sqlite_url) as ledger:
        first, repeat, gone = (register(ledger, real_name=True, summary=each) for each in "一二三")
        link(Acting(ledger, "zhou", START), repeat.number, first.number, reason="重复")
        void(Acting(ledger, "zhou", START), gone.number, reason="误登")
        for case, status in ((first, Status.RUNNING), (repeat, Status.CANCELLED), (gone, Status.CANCELLED)):
            clocks = clock_rows.of_case(ledger.store, case.id)
            assert [each.status for each in clocks] == [status] * 2
            assert [each.ended_at is None for each in clocks] == [status is Status.RUNNING] * 2


def test_children_are_voided_before_their_parent(sqlite_url: str) -> None:
    """A lead with a living letter is not voided."""
    with furnished(sqlite_url) as ledger:
        story = Story(ledger).play(DISCIPLINE[:3])
        with pytest.raises(RefusedError, match="0101-YS-2019-0001"):
            void(Acting(ledger, "tang", story.now), story.number, reason="误登")


def test_a_dry_run_says_the_same_and_writes_nothing(sqlite_url: str) -> None:
    """With dry_run the decision is that of the real step, refusals too, and the database stays as it was."""
    with furnished(sqlite_url) as ledger:
        story = Story(ledger).play(POLICE[:2])
        values = {key: story.dated(value) for key, value in SIGNED.items()}
        before = dump(ledger.store)
        tried = advance(Acting(ledger, "zhou", story.now), story.number, "transfer_police", values, dry_run=True)
        with pytest.raises(RefusedError):
            advance(Acting(ledger, "zhou", story.now), story.number, "close", {}, dry_run=True)
        assert dump(ledger.store) == before
        done = advance(Acting(ledger, "zhou", story.now), story.number, "transfer_police", values)
        assert (done.decision, len(done.opened)) == (tried.decision, len(tried.opened))


def test_a_refusal_leaves_the_ledger_able_to_write(database_url: str) -> None:
    """After a refusal in the middle of a write, the same connection writes on."""
    with furnished(database_url) as ledger:
        with pytest.raises(ZeroDivisionError):
            _broken_off(ledger, "UPDATE settings SET value = 'x'")
        assert register(ledger).number == "0101-XS-2019-0001"


def test_a_declaration_is_kept_though_the_first_try_was_undone(database_url: str) -> None:
    """What a rolled-back commit kept is kept again by the next: no case lacks the declaration it began with."""
    with furnished(database_url) as ledger:
        version = ledger.rules("lead").workflow.version
        with pytest.raises(ZeroDivisionError):
            _broken_off(ledger, keeping="lead")
        assert house.kept_workflow(ledger.store, "lead", version) is None
        register(ledger)
        assert house.kept_workflow(ledger.store, "lead", version) is not None


def test_a_declaration_that_is_kept_is_never_replaced(postgres_url: str) -> None:
    """Whoever comes second with the same version and other content is refused, even at the same instant."""
    with furnished(postgres_url) as ledger, opened(postgres_url) as rival, ThreadPoolExecutor(1) as beside:
        version = rival.rules("lead").workflow.version
        with rival.store.begin():
            house.keep_workflow(rival.store, "lead", version, "other", "{}", 0)
            late = beside.submit(register, ledger)
            waiting = "SELECT 1 FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE NOT l.granted"
            while not late.done() and not rival.store.query(f"{waiting} AND a.datname = current_database()"):
                pass
        with pytest.raises(InvalidWorkflowError, match="内容不同"):
            late.result()
        assert house.kept_workflow(rival.store, "lead", version) == ("other", "{}")


def test_an_attachment_is_kept_once_by_its_content(sqlite_url: str, tmp_path: Path) -> None:
    """The same content under two names is one file; the journal names its digest."""
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text("同一内容", "utf-8")
    with furnished(sqlite_url) as ledger:
        number = register(ledger).number
        for name in ("a.txt", "b.txt"):
            attach(Acting(ledger, "zhou", START), number, tmp_path / name, folder=tmp_path / "kept")
        assert len([each for each in (tmp_path / "kept").rglob("*") if each.is_file()]) == 1
        kept = case_rows.attachments(ledger.store, ledger.case(number).id)
        assert [each[2] for each in kept] == ["a.txt", "b.txt"]
        assert len({each[1] for each in kept}) == 1


def _due(ledger: Ledger, number: str) -> dict[str, str]:
    """Return the due days of a case's deadlines."""
    return {each.name: each.due_on for each in clock_rows.of_case(ledger.store, ledger.case(number).id)}


def _broken_off(ledger: Ledger, statement: str = "SELECT 1", *, keeping: str | None = None) -> None:
    """Begin a commit, write in it, and break it off."""
    with ledger.store.begin():
        ledger.store.query(statement) if statement.startswith("SELECT") else ledger.store.change(statement)
        if keeping is not None:
            ledger.keep(ledger.rules(keeping).workflow, 0)
        raise ZeroDivisionError


def test_strangers_write_nothing_into_a_case(sqlite_url: str, tmp_path: Path) -> None:
    """An officer without any role in the unit neither notes nor attaches; nor is a file kept."""
    with furnished(sqlite_url) as ledger:
        number, file = register(ledger).number, tmp_path / "a.txt"
        file.write_text("x", "utf-8")
        before = dump(ledger.store)
        with pytest.raises(RefusedError, match="没有任何角色"):
            note(Acting(ledger, "none", START), number, "看过")
        with pytest.raises(RefusedError, match="没有任何角色"):
            attach(Acting(ledger, "none", START), number, file, folder=tmp_path / "files")
        assert dump(ledger.store) == before
        assert not (tmp_path / "files").exists()


@pytest.mark.parametrize(
    ("given", "moves", "in_time"), [("2019-09-30", False, False), ("", False, True), ("2019-07-08", True, True)]
)
def test_what_is_over_gets_no_time_by_a_correction(database_url: str, given: str, moves: bool, in_time: bool) -> None:
    """A limit gets more time by an extension only; it is corrected to an earlier day, and emptied before it is over."""
    over = START + 10 * DAY
    with furnished(database_url) as ledger:
        number = register(ledger, handling_due_on="2019-07-10").number
        values = {"handling_due_on": given, "remark": "笔误"}
        if moves:
            assert amend(Acting(ledger, "zhou", over), number, values, reason="笔误").case.fields["remark"] == "笔误"
        else:
            before = ledger.case(number)
            with pytest.raises(RefusedError, match="2019-07-10 到期"):
                amend(Acting(ledger, "zhou", over), number, values, reason="笔误")
            assert ledger.case(number) == before
        assert amend(Acting(ledger, "zhou", over), number, {"remark": "补充"}, reason="补充").case.revision > 1
        early = register(ledger, handling_due_on="2019-07-10").number
        if in_time:
            amend(Acting(ledger, "zhou", START), early, values, reason="笔误")
        else:
            with pytest.raises(RefusedError, match="须按延期办理"):
                amend(Acting(ledger, "zhou", START), early, values, reason="笔误")
        assert (ledger.case(early).fields.get("remark") == "笔误") is in_time


@pytest.mark.parametrize(
    ("workflow", "values", "field"),
    [
        ("lead", {**LEAD, "feedback_due_on": "2019-07-10"}, "feedback_due_on"),
        (
            "proposal",
            {
                "received_on": "2019-07-01",
                "kind": "procuratorial",
                "issued_by": "某院",
                "summary": "加强管理",
                "answer_due_on": "2019-07-10",
            },
            "answer_due_on",
        ),
    ],
)
def test_a_day_that_was_set_and_is_over_stands(
    database_url: str, workflow: str, values: dict[str, object], field: str
) -> None:
    """Where no extension is declared nobody moves it by a correction, the leading group neither."""
    with furnished(database_url) as ledger:
        number = open_case(Acting(ledger, "zhou", START), workflow, values, unit="0101").case.number
        with pytest.raises(RefusedError, match="2019-07-10 到期，不能以修改延长"):
            amend(Acting(ledger, "zhou", START + 10 * DAY), number, {field: "2019-09-30"}, reason="笔误")
        assert amend(Acting(ledger, "zhou", START), number, {field: "2019-07-20"}, reason="笔误").case.revision > 1


def test_an_overdue_case_is_not_made_young_again(database_url: str) -> None:
    """A receipt is corrected to the day of registration at the latest, however late the correction comes."""
    with furnished(database_url) as ledger:
        number = register(ledger).number
        late = START + 50 * DAY
        with pytest.raises(BadValueError, match="2019-08-10 晚于"):
            amend(Acting(ledger, "zhou", late), number, {"received_on": "2019-08-10"}, reason="笔误")
        assert (
            amend(Acting(ledger, "zhou", late), number, {"received_on": "2019-07-01"}, reason="笔误").case.revision > 1
        )
