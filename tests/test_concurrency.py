"""Several processes at once on one ledger: nobody's work is lost, doubled or half done."""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

import pytest
from ledgers import DAY, LEAD, START, Story, furnished, opened, register
from paths import BOTH, POLICE, REVIEWED, TO_POLICE, UPHOLD
from psycopg.errors import DeadlockDetected
from rivals import FILE, ROOT, heard, let_go, rivals

from engine.errors import ConflictError, QinglingError, RefusedError
from engine.operations.cases.bulk import advance_many, selection
from engine.operations.cases.casework import advance, amend, note, open_cases
from engine.operations.cases.commit import Outcome
from engine.operations.cases.numbering import hold_series
from engine.operations.deadlines.scheduler_lease import hold_watch
from engine.operations.deadlines.sweep import sweep
from engine.operations.house import registration as keeping
from engine.operations.house import verifying
from engine.operations.imports.row import Row
from engine.operations.imports.take_in import take_in
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.ledger import Ledger
from engine.operations.returns.filing import open_returns
from engine.store import case_rows, number_rows

PROCESSES = 10
EACH = 6


def test_ten_processes_number_without_gap_or_double(database_url: str) -> None:
    """Ten processes register at once in two units: each unit's numbers are 1 to n, each given once."""
    with furnished(database_url) as ledger:
        calls = [("register", database_url, str(EACH), "0101" if turn % 2 else "0102") for turn in range(PROCESSES)]
        with rivals(*calls) as started:
            for each in started:
                let_go(each)
            given = [heard(each) for each in started for _ in range(EACH)]
        wanted = [
            f"{unit}-XS-2019-{serial:04}" for unit in ("0101", "0102") for serial in range(1, PROCESSES * EACH // 2 + 1)
        ]
        assert sorted(given) == wanted
        assert sorted(each.number for each in case_rows.select(ledger.store)) == wanted
        assert verifying.verify(ledger)[1] == ()


def test_a_number_is_not_used_again(database_url: str) -> None:
    """A number whose registration was broken off goes to the next; one that was void stays spent."""
    from engine.operations.cases.casework import void

    with furnished(database_url) as ledger:
        first = register(ledger).number
        void(Acting(ledger, "zhou", START), first, reason="误登")
        with pytest.raises(ZeroDivisionError):
            _broken_off(ledger)
        assert register(ledger).number == "0101-XS-2019-0002"
        assert register(ledger, unit="0102", by="keeper").number == "0102-XS-2019-0001"
        assert register(ledger, now=START.replace(year=2020)).number == "0101-XS-2020-0001"


def _broken_off(ledger: Ledger) -> None:
    """Take a number in a commit that is broken off."""
    with ledger.store.begin():
        number_rows.next_serials(ledger.store, "0101-XS-2019-{serial:04}")
        raise ZeroDivisionError


def test_of_two_who_decided_on_the_same_state_one_wins(database_url: str) -> None:
    """Both read the lead, then both commit: one is done, the other gets exit 22 and one line naming who."""
    with furnished(database_url) as ledger:
        number = register(ledger).number
        calls = [("advance", database_url, number, by) for by in ("zhou", "feng")]
        with rivals(*calls) as started:
            for each in started:
                let_go(each)
            said = dict(zip(("zhou", "feng"), map(heard, started), strict=True))
        winner = next(by for by, line in said.items() if line == "done")
        loser = said["feng" if winner == "zhou" else "zhou"]
        assert loser == (
            f"22 {number} was changed by {winner} at 2019-07-01 11:00:00 (moved); nothing was written,"
            f" look again: qingling show {number}"
        )
        rows = case_rows.entries(ledger.store, ledger.case(number).id)
        assert [(each.kind, each.by) for each in rows] == [("opened", "zhou"), ("moved", winner)]
        assert verifying.verify(ledger)[1] == ()


def test_two_importing_the_same_ledger_make_each_case_once(database_url: str) -> None:
    """Whoever comes second finds the rows taken."""
    with furnished(database_url) as ledger:
        with rivals(*[("import", database_url, "40")] * 2) as started:
            for each in started:
                let_go(each)
            assert sorted(map(heard, started)) == ["opened", "unchanged"]
        assert len(case_rows.select(ledger.store)) == 40
        assert verifying.verify(ledger)[1] == ()


def test_two_commands_at_once_never_say_anything_else(database_url: str, tmp_path: Path) -> None:
    """`advance` twice in parallel: one moves the lead, the other is told that it was overtaken or is not possible."""
    with furnished(database_url) as ledger:
        numbers = [register(ledger, summary=f"第{n}件").number for n in range(3)]
        bare = {k: v for k, v in os.environ.items() if not k.startswith(("QINGLING_", "LC_", "LANG"))}
        env = {**bare, "QINGLING_DATABASE": database_url, "QINGLING_LANG": "en", "PYTHONUTF8": "1"}
        # The ledger begins in the past. Whoever writes first hears of the gap, in a line that is no refusal.
        note = [sys.executable, "-m", "cli", "note", numbers[0], "到此", "--by", "zhou"]
        subprocess.run(note, cwd=ROOT, env=env, capture_output=True, check=True)
        for number in numbers:
            command = [
                sys.executable, "-m", "cli", "advance", number, "assign", "--handler", "chen", "--responsible-leader",
                "liu", "--by",
            ]  # fmt: skip
            started = [
                subprocess.Popen(
                    [*command, by], cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
                )
                for by in ("zhou", "feng")
            ]
            said = [each.communicate(timeout=60) for each in started]
            codes = Counter(each.returncode for each in started)
            assert codes in ({0: 1, 21: 1}, {0: 1, 22: 1}), said
            (refused,) = (err.splitlines() for (_, err), each in zip(said, started, strict=True) if each.returncode)
            (line,) = refused
            assert "was changed by" in line or f"is not possible for {number}: it is 'Assigned'" in line
        assert [ledger.case(number).revision for number in numbers] == [3, 2, 2]


def test_a_refusal_of_what_changed_since_the_command_was_given_is_a_conflict(sqlite_url: str) -> None:
    """Refused because of a change that came after the command was given, the officer hears of the change."""
    from datetime import timedelta

    with furnished(sqlite_url) as ledger:
        story = Story(ledger).play(BOTH[:1])
        given_before = story.now - timedelta(seconds=1)
        with pytest.raises(ConflictError) as refused:
            advance(Acting(ledger, "feng", story.now), story.number, "assign", {}, given_at=given_before)
        assert "was changed by zhou" in refused.value.sentence.en


def test_bulk_takes_what_others_left_alone(database_url: str) -> None:
    """One case of a chunk that was changed meanwhile gets its own verdict; all others move."""
    with furnished(database_url) as ledger, opened(database_url) as rival:
        numbers = [register(ledger, summary=f"第{n}件").number for n in range(4)]
        chunks = iter([next(iter(selection(Acting(ledger, "", START), "lead")))])
        note(Acting(rival, "feng", START), numbers[1], "先行一步")
        values = {"handler": "chen", "responsible_leader": "liu"}
        verdicts = list(advance_many(Acting(ledger, "zhou", START), chunks, "assign", values, apply=True))
        assert [each.refusal is None for each in verdicts] == [True, False, True, True]
        assert [each.state for each in verdicts] == ["assigned", "received", "assigned", "assigned"]
        assert "was changed by feng" in str(verdicts[1].refusal and verdicts[1].refusal.en)
        assert [ledger.case(each).state for each in numbers] == [each.state for each in verdicts]
        assert verifying.verify(ledger)[1] == ()


def test_a_lost_race_leaves_no_letter_behind(database_url: str) -> None:
    """A transfer that was overtaken opens no child and spends no number of a letter."""
    with furnished(database_url) as ledger, opened(database_url) as rival:
        story = Story(ledger).play(POLICE[:2])
        decided = ledger.store.begin

        def noted_first() -> object:
            note(Acting(rival, "feng", story.now), story.number, "先行一步")
            return decided()

        ledger.store.begin = noted_first  # type: ignore[method-assign,assignment]  # between reading and writing
        with pytest.raises(ConflictError):
            story.take(TO_POLICE)
        ledger.store.begin = decided  # type: ignore[method-assign]
        assert story.children == ()
        story.take(TO_POLICE)
        assert story.case("police").number == "0101-YS-2019-0001"
        assert verifying.verify(ledger)[1] == ()


def test_two_children_answered_at_once_lose_nothing(database_url: str) -> None:
    """Two letters of one lead move in two connections: the parent's chain holds, its count is right in the end."""
    with furnished(database_url) as ledger, opened(database_url) as rival:
        story = Story(ledger).play(BOTH[:7])
        story.now += DAY
        for hand, agency in ((ledger, "police"), (rival, "discipline")):
            values = {"answered_on": story.now.date().isoformat(), "outcome": "filed"}
            advance(Acting(hand, "zhou", story.now), story.case(agency).number, "answer", values)
        assert len(case_rows.entries(ledger.store, story.lead.id)) == story.lead.revision
        assert verifying.verify(ledger)[1] == ()


def test_a_child_is_not_judged_on_a_parent_that_has_changed(database_url: str) -> None:
    """A step that asks about the parent is a conflict if the parent has changed since; nothing is written."""
    with furnished(database_url) as ledger, opened(database_url) as rival:
        story = Story(ledger).play(REVIEWED[:4])
        review, decided = story.case("review"), ledger.store.begin

        def amended_first() -> object:
            ledger.store.begin = decided  # type: ignore[method-assign]  # only once
            amend(Acting(rival, "zhou", story.now), story.number, {"amount": "5"}, reason="补充")
            return decided()

        ledger.store.begin = amended_first  # type: ignore[method-assign,assignment]  # between reading and writing
        with pytest.raises(ConflictError, match=story.number):
            story.take(UPHOLD)
        assert ledger.case(review.number) == review
        assert story.take(UPHOLD).case.state == "upheld"


def test_a_parent_is_counted_anew_when_a_child_is_corrected(sqlite_url: str) -> None:
    """Its rules may look at the child's values, so a correction is told to it as a step is."""
    with furnished(sqlite_url) as ledger:
        story = Story(ledger).play(POLICE[:4])
        before = story.lead.revision
        amend(Acting(ledger, "zhou", story.now), story.case("police").number, {"remark": "补充"}, reason="补充")
        told = case_rows.entries(ledger.store, story.lead.id)[before:]
        assert [each.kind for each in told] == ["child_moved"]
        assert verifying.verify(ledger)[1] == ()


def test_a_step_and_a_sweep_do_not_lose_each_other(database_url: str) -> None:
    """A reminder that was recorded after the lead was read makes the step a conflict, not a broken chain."""
    later = START.replace(month=8, day=20)
    with furnished(database_url) as ledger, opened(database_url) as rival:
        number = register(ledger).number
        decided = ledger.store.begin

        def swept_first() -> object:
            sweep(rival, now=later)
            return decided()

        ledger.store.begin = swept_first  # type: ignore[method-assign,assignment]  # between reading and writing
        values = {"handler": "chen", "responsible_leader": "liu"}
        with pytest.raises(ConflictError) as refused:
            advance(Acting(ledger, "zhou", later), number, "assign", values)
        assert "was changed by qingling" in refused.value.sentence.en
        assert verifying.verify(rival)[1] == ()


WAITING = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
"""Whether somebody waits in this database for what another has locked."""


def at_once(
    ledger: Ledger, first: Callable[[Ledger], object], second: Callable[[Ledger], object]
) -> tuple[object, object]:
    """Return what became of two acts, the second of which begins before the first has committed."""
    begun, started = ledger.store.begin, list[Future[object]]()

    def tried() -> object:
        with opened(ledger.store.url) as other:
            try:
                return second(other)
            except QinglingError as refused:
                return type(refused)

    @contextmanager
    def slow() -> Iterator[None]:
        with begun():
            yield
            started.append(threads.submit(tried))
            while not started[0].done() and not watching.store.query(WAITING):
                pass

    with opened(ledger.store.url) as watching, ThreadPoolExecutor() as threads:
        ledger.store.begin = slow  # type: ignore[method-assign,assignment]  # to be slow between writing and commit
        done = first(ledger)
        ledger.store.begin = begun  # type: ignore[method-assign]
        return done, started[0].result()


def test_who_writes_into_the_record_of_the_house_waits_for_who_began_before(postgres_url: str) -> None:
    """Two write at once: the second waits for the commit of the first and follows it in the chain."""

    def adding(code: str) -> Callable[[Ledger], object]:
        return lambda ledger: keeping.add_unit(Acting(ledger, "keeper", START), code, f"{code}院")

    with furnished(postgres_url) as ledger:
        assert at_once(ledger, adding("0103"), adding("0104")) == (None, None)
        assert [each.body for each in case_rows.entries(ledger.store, 0)][-2:] == [
            '{"code":"0103","name":"0103院"}',
            '{"code":"0104","name":"0104院"}',
        ]
        assert verifying.verify(ledger)[1] == ()


def test_of_two_schedulers_at_once_one_gets_the_lease(postgres_url: str) -> None:
    """The second looks only when the first has taken it."""
    with furnished(postgres_url) as ledger:
        taking = [partial(hold_watch, holder=name, now=START) for name in ("first", "second")]

        assert at_once(ledger, *taking) == (True, False)


def test_of_two_processes_that_give_one_file_number_the_database_lets_one(database_url: str) -> None:
    """Even those who did not look: the other is refused in one line that names who has it, and writes nothing."""
    with furnished(database_url) as ledger:
        numbers = [register(ledger).number for _ in range(2)]
        with rivals(*(("amend", database_url, each, "DA-1") for each in numbers)) as started:
            for each in started:
                let_go(each)
            said = [heard(each) for each in started]
        has = numbers[said.index("done")]
        refusal = f"{{}} is not changed: 'File number' (--archive-number) is that of {has} already"
        assert [each for each in said if each != "done"] == [
            f"{RefusedError.exit_code} {refusal.format(next(each for each in numbers if each != has))}"
        ]
        assert [each.fields.get("archive_number") for each in case_rows.select(ledger.store) if each.number == has] == [
            "DA-1"
        ]
        assert ledger.store.query("SELECT count(*) FROM unique_values") == [(1,)]
        assert verifying.verify(ledger)[1] == ()


def test_who_takes_several_series_of_numbers_waits_for_no_ring(postgres_url: str) -> None:
    """A sweep that proposes cases in two units and a list of two units wait for who takes both series, all get theirs.

    The sweep begins again after a race that it lost, and says everything once.
    """
    later, units = START.replace(month=12), ("0102", "0101")
    with ExitStack() as ends:
        ledger = ends.enter_context(furnished(postgres_url))
        sweeping, listing, watching = (ends.enter_context(opened(postgres_url)) for _ in range(3))
        for unit, by, day in zip(units, ("keeper", "zhou"), ("2019-06-20", "2019-06-28"), strict=True):
            register(ledger, unit=unit, by=by, received_on=day)  # what is due first is of the last unit
        first, second = (f"{unit}-YT-2019-{{serial:04}}" for unit in sorted(units))
        talk = {"proposed_on": "2019-12-01", "kind": "talk", "concerns": "某医院院长", "facts": "三件线索超期。"}
        begun = sweeping.store.begin

        @contextmanager
        def broken_once() -> Iterator[None]:
            with begun():
                yield
                if sweeping.store.value("SELECT count(*) FROM reminders"):
                    sweeping.store.begin = begun  # type: ignore[method-assign]
                    raise DeadlockDetected

        sweeping.store.begin = broken_once  # type: ignore[method-assign,assignment]
        with ThreadPoolExecutor() as threads:
            with ledger.store.begin():
                hold_series(ledger.store, [ledger.rules("consequence").workflow])
                number_rows.next_serials(ledger.store, first)
                swept = threads.submit(sweep, sweeping, now=later)
                lister = Acting(listing, "keeper", later)
                listed = threads.submit(open_cases, lister, "consequence", [(unit, talk) for unit in units])
                while not (swept.done() or listed.done()) and len(watching.store.query(WAITING)) < 2:
                    pass
                number_rows.next_serials(ledger.store, second)
            assert (swept.result().opened, swept.result().reminded) == (2, 2)
            assert [each.case.unit for each in listed.result()] == list(units)
        messages = map(json.loads, ledger.store.column("SELECT payload FROM outbox"))
        said = [[tuple(line["ref"]) for line in each["entries"]] for each in messages]
        assert all(len(set(each)) == len(each) for each in said)
        assert len({ref for each in said for ref in each}) == 2
        assert sorted(each.number for each in case_rows.select(ledger.store) if each.workflow == "consequence") == [
            f"{unit}-YT-2019-{serial:04}" for unit in sorted(units) for serial in (2, 3)
        ]


def test_a_ledger_and_a_list_of_the_same_units_wait_for_no_ring(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A list that is opened when a ledger has taken one of its series takes none before the ledger is in."""
    monkeypatch.setattr("engine.operations.imports.take_in.CHUNK", 1)
    units = ("0102", "0101")
    with ExitStack() as ends:
        ledger = ends.enter_context(furnished(postgres_url))
        listing, watching = (ends.enter_context(opened(postgres_url)) for _ in range(2))
        threads = ends.enter_context(ThreadPoolExecutor())
        listed: list[Future[list[Outcome]]] = []

        def rows() -> Iterator[Row]:
            yield Row(at="A1", values=LEAD, unit=units[0])
            wanted = [(unit, LEAD) for unit in sorted(units)]
            listed.append(threads.submit(open_cases, Acting(listing, "keeper", START), "lead", wanted))
            while not listed[0].done() and not watching.store.query(WAITING):
                pass
            yield Row(at="A2", values={**LEAD, "summary": "另一件"}, unit=units[1])

        with ledger.store.begin():
            taken = list(take_in(Acting(ledger, "keeper", START), "lead", rows(), file=FILE))
        assert [each.outcome for each in taken] == ["opened", "opened"]
        assert [each.case.number for each in listed[0].result()] == [f"{unit}-XS-2019-0002" for unit in sorted(units)]


def test_what_is_owed_is_opened_behind_who_takes_several_series(postgres_url: str) -> None:
    """Whatever the order in which another commit takes them: it is not broken off, and all that is owed is opened."""
    first, second = (f"0101-{form}-2019-{{serial:04}}" for form in ("BB", "YP"))
    with furnished(postgres_url) as ledger, opened(postgres_url) as returning, opened(postgres_url) as watching:
        with ThreadPoolExecutor() as threads, ledger.store.begin():
            hold_series(ledger.store, (ledger.rules(each).workflow for each in ("return", "meeting")))
            number_rows.next_serials(ledger.store, first)
            returned = threads.submit(open_returns, returning, now=START)
            while not returned.done() and not watching.store.query(WAITING):
                pass
            assert number_rows.next_serials(ledger.store, second) == 1
        assert {"0101-BB-2019-0002", "0101-YP-2019-0002"} <= set(returned.result().numbers)
