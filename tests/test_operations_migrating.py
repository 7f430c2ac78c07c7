"""Running cases move to another version of their workflow: planned, journaled, as planned, and without harm."""

import os
import random
import signal
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import pytest
from houses import INQUIRY
from ledgers import DAY, START, Story, dump, furnished, undone
from msgspec.structs import replace
from paths import ROADS
from test_journal_page import faults

from commands.listing import say_alike
from engine.deadlines.clock import Status
from engine.errors import BadValueError, InvalidWorkflowError, NotFoundError, RefusedError
from engine.journal.event import SEALED
from engine.journal.migration_events import CaseMigrated, VersionMap
from engine.language import Text, speaking
from engine.operations.cases.casework import advance, amend, note, open_case
from engine.operations.deadlines.standings import standing, standings
from engine.operations.deadlines.sweep import sweep
from engine.operations.house import verifying
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.ledger import Ledger
from engine.operations.ledger.need_to_know import reader_called
from engine.operations.ledger.older_versions import older_states
from engine.operations.migrating.families import Migrating
from engine.operations.migrating.map_file import version_maps
from engine.operations.migrating.plans import MigrationPlan, migrate, plan_migration, planned
from engine.operations.migrating.versions import versions_in_use
from engine.operations.zero.outlook import by_now
from engine.rules.case import Case
from engine.rules.moving import moved
from engine.rules.reading_rights import mask
from engine.store import case_rows, clock_rows, forecast_rows
from engine.store import house_rows as house
from engine.store.connection import open_store
from workflows.loader import Declarations

COMPLAINT = """
workflow: complaint
version: 1
title: {en: Complaint, zh: 投诉}
number: "{unit}-TS-{year}-{serial:03}"
dated_by: received_on
summary: words
open: {by: [liaison]}
amend: {by: [office]}
fields:
  received_on: {type: date, required: true, title: {en: Received on, zh: 收到时间}}
  words: {type: text, required: true, title: {en: Complaint, zh: 投诉内容}}
  kind: {type: choice, title: {en: Kind, zh: 类别}, values: [{value: car, title: {en: Car, zh: 停车}}]}
  answer: {type: text, title: {en: Answer, zh: 答复}}
states:
  open: {title: {en: Open, zh: 待办}}
  review: {title: {en: In review, zh: 审核中}}
  answered: {title: {en: Answered, zh: 已答复}, final: true}
transitions:
  take: {title: {en: Take, zh: 受理}, from: open, to: review, by: [liaison, office]}
  back: {title: {en: Back, zh: 退回}, from: review, to: open, by: [liaison, office]}
  ask: {title: {en: Ask, zh: 询问}, from: review, by: [liaison, office],
    opens: [{workflow: inquiry, set: {words: =words, asked_on: =received_on}}]}
  answer: {title: {en: Answer, zh: 答复}, from: review, to: answered, by: [liaison, office], not_by: [take],
    asks: [answer]}
deadlines:
  answer: {title: {en: Answer, zh: 答复期限}, starts: {field: received_on}, runs_in: [open, review], within: 30 days,
    ladder: usual}
  look: {title: {en: Look, zh: 审核期限}, starts: {enter: review}, runs_in: [review], within: 10 days, ladder: usual}
ladders:
  usual: [{at: -3 days, level: remind, to: [liaison]}, {at: +1 day, every: 1 month, level: chase, to: [liaison]}]
clearance:
  cleared: {states: [answered]}
  fully_closed: {states: [answered]}
"""


def with_version(text: str, version: int, *changes: tuple[str, str]) -> str:
    """Return a declaration of another version, changed in words."""
    found = text.replace("version: 1", f"version: {version}")
    for was, now in changes:
        assert was in found, was
        found = found.replace(was, now)
    return found


SECOND = with_version(
    COMPLAINT, 2,
    ("review: {title", "checking: {title"), ("to: review", "to: checking"), ("from: review", "from: checking"),
    ("[open, review]", "[open, checking]"), ("enter: review", "enter: checking"), ("[review]", "[checking]"),
    ("  take:", "  start:"), ("not_by: [take]", "not_by: [start]"), ("within: 30 days", "within: 8 days"),
    ("value: car", "value: parking"),
    ("  kind: {type", "  urgency: {type: text, required: true, title: {en: Urgency, zh: 缓急}}\n  kind: {type"),
)  # fmt: skip
"""A version in which a state, a step and a value are called otherwise, a field is new, and a term is shorter."""
SECOND_INQUIRY = with_version(INQUIRY, 2, ("asked: {title", "waiting: {title"), ("from: asked", "from: waiting"),
                              ("[asked]", "[waiting]"), ("within: 15 days", "within: 20 days"))  # fmt: skip
MAP = VersionMap(states={"review": "checking"}, triggers={"take": "start"}, values={"kind": {"car": "parking"}},
                 set={"urgency": "普通"})  # fmt: skip
MAPS = {"complaint": MAP, "inquiry": VersionMap(states={"asked": "waiting"})}


class Office:
    """A ledger that works by declarations in a folder, and what its officers do there."""

    def __init__(self, ledger: Ledger, folder: Path, *texts: str) -> None:
        self.folder = folder / "own"
        self.folder.mkdir(exist_ok=True)
        self.store = ledger.store
        self.now = START
        self.write(*(texts or (COMPLAINT, INQUIRY)))

    def write(self, *texts: str) -> None:
        """Put declarations in place of those of their names, and open the ledger as the next command would."""
        for text in texts:
            name = text.split("workflow: ")[1].split()[0]
            (self.folder / f"{name}.yaml").write_text(text, "utf-8")
        kept = Declarations([self.folder], stored=lambda name, version: house.kept_workflow(self.store, name, version))
        self.ledger = Ledger(self.store, kept)

    def by(self, officer: str) -> Acting:
        """Return what an officer acts in."""
        return Acting(self.ledger, officer, self.now)

    def complain(self, *steps: tuple[str, str], **more: object) -> str:
        """Register a complaint, take steps with it, and return its number."""
        values = {"received_on": "2019-06-28", "words": "停车乱收费", **more}
        number = open_case(self.by("lian"), "complaint", values, unit="0101").case.number
        for officer, step in steps:
            self.step(officer, number, step)
        return number

    def step(self, officer: str, number: str, step: str) -> Case:
        """Take a step."""
        values = {"answer": "已退费"} if step == "answer" else {}
        return advance(self.by(officer), number, step, values).case

    def plan(self, grace: int = 0, maps: Mapping[str, VersionMap] | None = None, version: int = 2) -> MigrationPlan:
        """Plan a move."""
        return plan_migration(self.by("keeper"), "complaint", version, MAPS if maps is None else maps, grace=grace)

    def case(self, number: str) -> Case:
        """Return a case."""
        return self.ledger.case(number)

    def due(self, number: str) -> dict[str, str]:
        """Return the due days of a case, by deadline."""
        return {each.name: each.due_on for each in clock_rows.of_case(self.store, self.case(number).id)}

    def sound(self) -> bool:
        """Say whether verifying finds nothing."""
        found = verifying.verify(self.ledger)[1]
        assert found == ()
        return True


def test_families_move_as_planned_and_history_goes_on_by_its_new_names(database_url: str, tmp_path: Path) -> None:
    """A new version alone moves nobody; a plan changes nothing; the move does just what it said, children with it."""
    with furnished(database_url, adopts=False) as bare:
        office = Office(bare, tmp_path)
        fresh = office.complain()
        taken = office.complain(("zhou", "take"), ("zhou", "ask"), kind="car")
        done = office.complain(("zhou", "take"), ("lian", "answer"))
        office.write(SECOND, SECOND_INQUIRY)
        (child,) = case_rows.children(office.store, office.case(taken).id)
        assert [office.case(each).version for each in (fresh, taken, child.number)] == [1, 1, 1]
        assert office.step("lian", fresh, "take").state == "review"
        assert older_states(office.ledger, office.ledger.workflows.latest("complaint")).keys() == {"review"}

        before = dump(office.store)
        plan = office.plan(grace=3)
        after = dump(office.store)
        assert [each for each in after if after[each] != before[each]] == ["journal", "settings", "workflow_versions"]
        assert office.sound()
        assert [[each.case.number for each in family] for family in plan.families] == [[fresh], [taken, child.number]]
        assert (plan.event.count, plan.refused) == (3, ())

        found = migrate(office.by("keeper"), plan.event.digest[:12], reason="试行")
        assert (found.moved, found.before, found.left) == (3, 0, ())
        moved = office.case(taken)
        assert (moved.version, moved.state, moved.fields["kind"], moved.fields["urgency"]) == (
            2,
            "checking",
            "parking",
            "普通",
        )
        assert (office.case(child.number).version, office.case(child.number).state) == (2, "waiting")
        # Within 8 days from 28 June is past by 1 July plus 3 days of grace; the child's term is longer now.
        assert office.due(taken) == {"answer": "2019-07-06", "look": "2019-07-11"}
        assert office.due(child.number) == {"tell": "2019-07-18"}
        assert (office.case(done).version, office.case(done).state) == (1, "answered")
        row = case_rows.last_entry(office.store, moved.id)
        assert row is not None
        event = CaseMigrated.read(row.body)
        assert (event.was_version, event.version, event.was_due) == (1, 2, {"answer": "2019-07-28"})
        assert office.sound()

        with pytest.raises(RefusedError):  # who took it was called otherwise then, and still may not answer it
            office.step("zhou", taken, "answer")
        assert office.step("lian", taken, "answer").state == "answered"
        asked = office.complain(("zhou", "start"), ("zhou", "ask"), urgency="急")
        assert case_rows.children(office.store, office.case(asked).id)[0].version == 2
        again = migrate(office.by("keeper"), plan.event.digest, reason="试行")
        assert (again.moved, again.before, again.left) == (0, 3, ())
        states = [(each.version, each.state, each.cases) for each in versions_in_use(office.by("keeper"), "complaint")]
        assert states == [(1, "answered", 1), (2, "answered", 1), (2, "checking", 2)]
        assert office.sound()


def test_what_cannot_move_is_refused_with_the_reason(sqlite_url: str, tmp_path: Path) -> None:
    """Each rule of what may move refuses the plan or the case that breaks it, and says which."""
    with furnished(sqlite_url, adopts=False) as bare:
        office = Office(bare, tmp_path)
        number = office.complain(("zhou", "take"), kind="car")
        office.write(SECOND, SECOND_INQUIRY)

        def refused(**more: object) -> str:
            plan = office.plan(maps={"complaint": replace(MAP, **more)})
            return "; ".join(why.en for _, reasons in plan.refused for why in reasons)

        assert "no state 'review'" in refused(states={})
        assert "no value 'car' any more" in refused(values={})
        assert "'Urgency' is required" in refused(set={})
        assert refused() == ""
        faults: list[tuple[dict[str, object], str]] = [
            ({"triggers": {}}, "conditions ask whether 'start' was done"),
            ({"states": {"review": "nowhere"}}, "no state 'nowhere'"),
            ({"states": {"review": "answered"}}, "a move neither ends a case"),
            ({"fields": {"nothing": "kind"}}, "no field 'nothing'"),
            ({"triggers": {"take": "start", "gone": "start"}}, "no step 'gone'"),
        ]
        for more, why in faults:
            with pytest.raises(InvalidWorkflowError) as error:
                refused(**more)
            assert why in str(error.value.sentence.en) + str(error.value), why
        assert refused(triggers={}, new_steps=("start",)) == ""
        with pytest.raises(RefusedError):
            plan_migration(office.by("zhou"), "complaint", 2, MAPS)
        with pytest.raises(NotFoundError):
            plan_migration(office.by("keeper"), "complaint", 9, MAPS)

        plan = office.plan()
        note(office.by("zhou"), number, "已电话联系")
        found = migrate(office.by("keeper"), plan.event.digest, reason="试行")
        assert found.moved == 0
        assert "changed since the plan" in found.left[0][1].en
        key = office.ledger.case(number).id
        office.ledger.reader = reader_called(office.ledger, "keeper").replace(hidden={key: number})
        found = migrate(office.by("keeper"), plan.event.digest, reason="试行")
        office.ledger.reader = None
        assert mask(key) in [each for each, _ in found.left]  # of what is restricted nobody else learns the number
        assert number not in str(found)
        office.now += DAY
        with pytest.raises(RefusedError):
            migrate(office.by("keeper"), plan.event.digest, reason="试行")
        with pytest.raises(NotFoundError):
            planned(office.ledger, "00")
        assert office.sound()


def test_what_only_an_older_version_had_is_over_and_harms_no_later_step(sqlite_url: str, tmp_path: Path) -> None:
    """A case goes on, back and to its end though terms that it had are declared no more; late ones stay on record."""
    with furnished(sqlite_url, adopts=False) as bare:
        office = Office(bare, tmp_path)
        late, met = office.complain(("zhou", "take")), office.complain(("zhou", "take"), ("zhou", "back"))
        office.now += timedelta(days=12)  # 'look' was due on the 11th
        look = "  look: {title: {en: Look, zh: 审核期限}, starts: {enter: review}, runs_in: [review], within: 10 days,"
        office.write(with_version(COMPLAINT, 2, (f"{look} ladder: usual}}\n", "")))
        assert migrate(office.by("keeper"), office.plan(maps={}).event.digest, reason="试行").moved == 2
        (clock,) = (each for each in clock_rows.of_case(office.store, office.case(late).id) if each.name == "look")
        assert (clock.status, [each.first_late_on for each in clock.breaches]) == (Status.CANCELLED, ["2019-07-12"])
        for number, steps in ((late, ("back", "take", "answer")), (met, ("take", "answer"))):
            for each in steps:
                office.step("lian" if each == "answer" else "zhou", number, each)
            seen = standings(office.ledger, now=office.now, number=number)
            assert [each.declared.name for each in seen] == []
            ended = clock_rows.of_case(office.store, office.case(number).id)
            assert {standing(office.ledger, office.case(number), each, now=office.now).declared.name for each in ended}
        assert office.sound()


def test_a_state_that_is_called_otherwise_was_entered_when_the_case_came_into_it(
    sqlite_url: str, tmp_path: Path
) -> None:
    """A term that a second move brings counts from the step that led there, not from the move that renamed it."""
    with furnished(sqlite_url, adopts=False) as bare:
        office = Office(bare, tmp_path)
        number = office.complain(("zhou", "take"))  # on 1 July
        office.write(SECOND, SECOND_INQUIRY)
        office.now += DAY
        assert migrate(office.by("keeper"), office.plan().event.digest, reason="试行").moved == 1
        third = SECOND.replace("version: 2", "version: 3").replace("  look: {title", "  view: {title")
        office.write(third)
        end_at = round((office.now + DAY).timestamp() * 1_000_000)
        renamed = forecast_rows.renamed_states(office.store, "complaint", end_at=end_at)
        assert (renamed, by_now(renamed, {"checking"})) == ({"review": "checking"}, {"review": "checking"})
        assert by_now({"a": "b", "b": "c", "d": "a", "x": "y", "y": "x"}, {"c", "b"}) == {"a": "b", "d": "b"}
        plan = office.plan(maps={}, version=3)
        assert [(name, was, each.due_on) for name, was, each in plan.families[0][0].due_days] == [
            ("look", "2019-07-11", "2019-07-11"),
            ("view", None, "2019-07-11"),
        ]
        assert migrate(office.by("keeper"), plan.event.digest, reason="试行").moved == 1
        assert office.due(number)["view"] == "2019-07-11"
        assert office.sound()


def test_a_state_of_the_same_title_in_an_older_version_is_named(
    sqlite_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Who filters by a title that states of two versions have is shown how to see the cases of the older one."""
    with furnished(sqlite_url, adopts=False) as bare:
        office = Office(bare, tmp_path)
        office.complain(("zhou", "take"))
        office.write(SECOND, SECOND_INQUIRY)
        newest = office.ledger.workflows.latest("complaint")
        with speaking("zh"):
            say_alike(office.ledger, newest, "open")
            assert capsys.readouterr().err == ""
            say_alike(office.ledger, newest, "checking")
        assert capsys.readouterr().err.strip().endswith("--状态 review")


def test_children_go_by_their_parents_version_only(sqlite_url: str, tmp_path: Path) -> None:
    """A case under a running one does not move by itself, and one that cannot move keeps its parent where it is."""
    with furnished(sqlite_url, adopts=False) as bare:
        office = Office(bare, tmp_path)
        taken = office.complain(("zhou", "take"), ("zhou", "ask"))
        office.write(SECOND, SECOND_INQUIRY)
        alone = plan_migration(office.by("keeper"), "inquiry", 2, {"inquiry": MAPS["inquiry"]})
        assert [f"it goes with {taken}" in reasons[0].en for _, reasons in alone.refused] == [True]
        without = office.plan(maps={"complaint": MAP})
        ((case, reasons),) = without.refused
        assert (case.number, "no state 'asked'" in reasons[0].en) == (taken, True)


def test_what_would_be_lost_or_forgotten_by_a_map_is_refused(sqlite_url: str, tmp_path: Path) -> None:
    """Of two values for one field none is lost unnoticed; who did a step is known under another name, also below."""
    with furnished(sqlite_url, adopts=False) as bare:
        apart = ("by: [liaison]}\ndeadlines", "by: [liaison], not_by: [put]}\ndeadlines")
        more = "  put: {title: {en: Put, zh: 询}, from: asked, to: asked, by: [liaison]}\n  tell: {title: {en: Tell"
        put = ("  tell: {title: {en: Tell, zh: 答复}, from", f"{more}, zh: 答复}}, from")
        office = Office(bare, tmp_path, COMPLAINT, with_version(INQUIRY, 1, put, apart))
        number = office.complain(("zhou", "take"), ("zhou", "ask"))
        office.write(SECOND, with_version(INQUIRY, 2, put, apart, ("  put:", "  pose:"), ("[put]", "[pose]")))

        ((case, reasons),) = office.plan(maps={"complaint": MAP}).refused
        assert (case.number, "conditions ask whether 'pose' was done" in reasons[0].en) == (number, True)
        named = VersionMap(triggers={"put": "pose"})
        assert office.plan(maps={"complaint": MAP, "inquiry": named}).event.count == 2
        with pytest.raises(NotFoundError):
            office.plan(maps={"complaint": MAP, "enquiry": named})

        lost = replace(MAP, fields={"words": "answer"}, set={"urgency": "普通", "words": "已补"})
        assert office.plan(maps={"complaint": lost, "inquiry": named}).refused == ()
        amend(office.by("keeper"), number, {"answer": "口头已答"}, reason="补记")
        ((_, reasons),) = office.plan(maps={"complaint": lost, "inquiry": named}).refused
        assert "two values would become 'Answer'" in reasons[0].en

        works_out = "asks: [answer], sets: {words: \"=last_doer('hand')\"}"
        office.write(with_version(COMPLAINT, 3, ("  back:", "  hand:"), ("asks: [answer]", works_out)))
        with pytest.raises(InvalidWorkflowError, match="是否办过“hand”"):
            office.plan(maps={}, version=3)


WRONG_FILE = """stats: {a: b}
states: [a, b]
triggers: {take: [start]}
new_steps: recheck
fields: {a: ~, b: {c: d}}
values: {kind: car}
set: {urgency: {a: b}}
under: {inquiry: 5, complaint: {states: {asked: ~}}}
"""


def test_all_mistakes_in_the_form_of_a_map_file_are_named(tmp_path: Path) -> None:
    """Each has its line and a sentence in both languages, whatever stands there; the file on the page has none."""
    file = tmp_path / "map.yaml"
    file.write_text(WRONG_FILE, "utf-8")
    with pytest.raises(InvalidWorkflowError) as error:
        version_maps(file, "complaint", states={}, values={})
    lines = [each.en.removeprefix(f"{file}:") for each in error.value.problems]
    assert [each.split(":")[0] for each in lines] == ["1", "2", "3", "4", "5", "6", "7", "8", "8", "8"]
    assert "did you mean 'states'?" in lines[0]
    assert all(not each.zh.isascii() for each in error.value.problems)
    file.write_text("states: {review: checking}\nunder: {inquiry: {states: {asked: waiting}}}\n", "utf-8")
    found = version_maps(file, "complaint", states={"open": "new"}, values={"urgency": "普通"})
    own = VersionMap(states={"review": "checking", "open": "new"}, set={"urgency": "普通"})
    assert found == {"complaint": own, "inquiry": MAPS["inquiry"]}


def test_a_plan_is_named_so_that_it_is_the_only_one(sqlite_url: str, tmp_path: Path) -> None:
    """Of seventeen plans two begin with the same digit: that alone names neither, and nothing moves by a guess."""
    with furnished(sqlite_url, adopts=False) as bare:
        office = Office(bare, tmp_path)
        office.complain()
        office.write(SECOND, SECOND_INQUIRY)
        digests = [office.plan(grace=days).event.digest for days in range(17)]
        first = next(each[0] for each in digests if sum(other[0] == each[0] for other in digests) > 1)
        with pytest.raises(BadValueError, match="不止一个"):
            planned(office.ledger, first)
        assert planned(office.ledger, digests[3][:12]).digest == digests[3]


def test_cases_of_several_versions_move_by_one_map(sqlite_url: str, tmp_path: Path) -> None:
    """What a map says of names that only one of the versions had harms no case of another; a name of none is wrong."""
    with furnished(sqlite_url, adopts=False) as bare:
        office = Office(bare, tmp_path)
        office.complain(("zhou", "take"))
        office.write(SECOND, SECOND_INQUIRY)
        office.complain(("zhou", "start"), urgency="特急")
        office.write(SECOND.replace("version: 2", "version: 3"))
        with pytest.raises(InvalidWorkflowError, match="“gone”不存在"):
            office.plan(maps={"complaint": replace(MAP, triggers={"take": "start", "gone": "start"})}, version=3)
        plan = office.plan(version=3)
        assert (plan.event.count, plan.refused) == (2, ())
        assert migrate(office.by("keeper"), plan.event.digest, reason="试行").moved == 2
        assert office.sound()


TAMPERED = [
    # what is done to the database of a ledger whose cases have moved, and what is found
    ("UPDATE cases SET version = 1 WHERE number LIKE '%TS%'", "workflow"),
    ("UPDATE cases SET state = 'open' WHERE number LIKE '%TS%'", "state"),
    ("UPDATE journal SET body = replace(body, '\"version\":2', '\"version\":3') WHERE kind = 'migrated'", "changed"),
    ("UPDATE deadlines SET due_on = '2019-09-01' WHERE name = 'answer'", "deadlines"),
    ("UPDATE deadlines SET rung = 5, next_at = NULL WHERE name = 'answer'", "rung"),
    ("DELETE FROM journal WHERE kind = 'migrated'", "missing"),
    ("UPDATE journal SET body = replace(body, '普通', '特急') WHERE kind = 'migration_planned'", "changed"),
]


def test_a_move_that_is_altered_is_found(sqlite_url: str, tmp_path: Path) -> None:
    """Whatever of a move is changed beside the journal, or in it, verifying names; an unplanned one is not allowed."""
    with furnished(sqlite_url, adopts=False) as bare:
        office = Office(bare, tmp_path)
        number = office.complain(("zhou", "take"))
        office.write(SECOND, SECOND_INQUIRY)
        plan = office.plan()
        migrate(office.by("keeper"), plan.event.digest, reason="试行")
        assert office.sound()
        with closing(sqlite3.connect(sqlite_url)) as connection:
            assert faults(connection) == []  # by docs/journal.md alone
        for statement, what in TAMPERED:
            with undone(office.store):
                office.store.change(statement, ())
                broken = {each.what for each in verifying.verify(on_same(office))[1]}
                assert what in broken, (statement, broken)
        # A row that is chained as it should be, and that no plan allows.
        case = office.case(number)
        unplanned = CaseMigrated(version=2, was_version=2, plan=plan.event.digest, reason="x")
        for event, what in (
            (unplanned, "not allowed"),
            (unplanned.replace(plan="0" * 64), "not allowed"),
            (unplanned.replace(version=7), "workflow"),
        ):
            with undone(office.store):
                entry = office.by("keeper").entry(case, event)
                case_rows.update_one(
                    office.store,
                    case,
                    state=case.state,
                    clearance=case.clearance,
                    fields=case.fields,
                    entry=entry,
                    shaping=(-1, 0),
                    otherwise=lambda: RefusedError(Text("changed", "已变动")),
                )
                case_rows.append(office.store, [entry])
                assert what in {each.what for each in verifying.verify(on_same(office))[1]}


def on_same(office: Office) -> Ledger:
    """Return a ledger that remembers nothing, on the same open store."""
    office.write()
    return office.ledger


def test_a_killed_move_goes_on_where_it_was(sqlite_url: str, tmp_path: Path) -> None:
    """After `kill -9` a family has moved or has not; the same plan moves the rest, and nothing twice."""
    with furnished(sqlite_url, adopts=False) as bare:
        office = Office(bare, tmp_path)
        numbers = [office.complain(("zhou", "take"), ("zhou", "ask")) for _ in range(4)]
        office.write(SECOND, SECOND_INQUIRY)
        digest = office.plan().event.digest
        for turn in range(2):
            child = os.fork()
            if child == 0:
                office.store = open_store(sqlite_url)
                office.write()
                migrate(office.by("keeper"), digest, reason="试行", after_each=_killing_after(2))
                os._exit(0)
            _, status = os.waitpid(child, 0)
            assert os.WTERMSIG(status) == signal.SIGKILL
            office.write()
            assert [office.case(each).version for each in numbers] == [2] * (turn + 1) + [1] * (3 - turn)
            assert office.sound()
        found = migrate(office.by("keeper"), digest, reason="试行")
        assert (found.moved, found.before, found.left) == (4, 4, ())
        assert office.sound()


def _killing_after(count: int) -> Any:
    """Return what kills this process once so many cases have moved."""

    def killing(moved: int) -> None:
        if moved >= count:
            os.kill(os.getpid(), signal.SIGKILL)

    return killing


def test_a_sweep_between_two_families_reminds_of_nothing_twice(sqlite_url: str, tmp_path: Path) -> None:
    """Reminders that were sent before the move are not sent again by it; each rung is taken once for each arming."""
    with furnished(sqlite_url, adopts=False) as bare:
        office = Office(bare, tmp_path)
        numbers = [office.complain(("zhou", "take")) for _ in range(2)]
        office.now += timedelta(days=8)
        sweep(office.ledger, now=office.now)  # 'look' is due on the 11th: its first rung of the 8th
        office.write(SECOND, SECOND_INQUIRY)
        digest = office.plan(grace=1).event.digest

        def other(_: int) -> None:
            with open_ledger(sqlite_url, office) as ledger:
                sweep(ledger, now=office.now)

        found = migrate(office.by("keeper"), digest, reason="试行", after_each=other)
        assert (found.moved, found.left) == (2, ())
        sweep(office.ledger, now=office.now)
        reminded = [
            (number, each.kind)
            for number in numbers
            for each in case_rows.entries(office.store, office.case(number).id)
            if each.kind == "reminded"
        ]  # fmt: skip
        assert len(reminded) == 2
        assert [office.due(each) for each in numbers] == [{"answer": "2019-07-10", "look": "2019-07-11"}] * 2
        assert office.sound()


class open_ledger:  # noqa: N801 - used as a function is
    """A ledger on a connection of its own, by the declarations of an office."""

    def __init__(self, url: str, office: Office) -> None:
        self._store = open_store(url)
        kept = Declarations(
            [office.folder], stored=lambda name, version: house.kept_workflow(self._store, name, version)
        )
        self._ledger = Ledger(self._store, kept)

    def __enter__(self) -> Ledger:
        return self._ledger

    def __exit__(self, *_: object) -> None:
        self._store.close()


PLAYS: Final = 6 if "QINGLING_TEST_PROVED" not in os.environ else 10 * int(os.environ["QINGLING_TEST_PROVED"])
"""Random plays moved to the same words, and as many to others; a thousand in all in `make prove`."""
RENAMED: Final = with_version(
    COMPLAINT, 2,
    ("review: {title", "checking: {title"), ("to: review", "to: checking"), ("from: review", "from: checking"),
    ("[open, review]", "[open, checking]"), ("enter: review", "enter: checking"), ("[review]", "[checking]"),
    ("  take:", "  start:"), ("not_by: [take]", "not_by: [start]"),
)  # fmt: skip
CALLED: Final = {"review": "checking", "take": "start"}


@pytest.mark.parametrize("otherwise", [False, True], ids=["same words", "called otherwise"])
def test_a_case_that_moved_ends_as_one_that_never_moved(sqlite_url: str, tmp_path: Path, *, otherwise: bool) -> None:
    """Random plays, each moved at a random step to the same terms, whatever they are called: all ends as without it."""
    chance = random.Random(20 + otherwise)
    called = CALLED if otherwise else {}
    with furnished(sqlite_url, adopts=False) as bare:
        office = Office(bare, tmp_path)
        pairs: list[tuple[str, str, list[str]]] = []
        for _ in range(PLAYS):
            steps = [chance.choice(("take", "back")) for _ in range(chance.randrange(5))]
            plain = [each for each, before in zip(steps, ["back", *steps], strict=False) if each != before]
            moved, stays = office.complain(), office.complain()
            for each in plain:
                office.now += DAY if len(pairs) < 12 else timedelta(hours=1)
                for number in (moved, stays):
                    office.step("zhou", number, each)
            ends = ["answer"] if chance.random() < 0.5 else ["back"]
            pairs.append((moved, stays, ends if plain and plain[-1] == "take" else ["take"]))
        office.write(RENAMED if otherwise else with_version(COMPLAINT, 2))
        plan = office.plan(maps={"complaint": VersionMap(states={"review": "checking"}, triggers={"take": "start"})}
                           if otherwise else {})  # fmt: skip
        assert not plan.refused
        keep = {office.case(stays).id for _, stays, _ in pairs}
        assert all(not each.clocks for family in plan.families for each in family)
        event = plan.event.replace(moves=tuple(each for each in plan.event.moves if each[0][0] not in keep)).digested()
        with office.store.begin():
            office.by("keeper").note_in_house(event)
        assert migrate(office.by("keeper"), event.digest, reason="试行").moved == len(pairs)
        for moved, stays, steps in pairs:
            office.now += DAY if PLAYS < 12 else timedelta(hours=1)
            for each in steps:
                office.step("lian", moved, called.get(each, each))
                office.step("lian", stays, each)
            assert _stands(office, moved) == _stands(office, stays, called)
        sweep(office.ledger, now=office.now + timedelta(days=40))
        assert all(_stands(office, moved) == _stands(office, stays, called) for moved, stays, _ in pairs)
        assert office.sound()


RESTING: Final = (
    ("runs_in: [open, review], within: 30 days", "runs_in: [open], paused_in: [review], within: 30 days"),
)


def test_a_term_at_rest_moves_on_any_day_of_the_grace_as_planned(sqlite_url: str, tmp_path: Path) -> None:
    """A paused term goes on with as many days as the plan gave it, on whatever day it moves, and the plan says them."""
    with furnished(sqlite_url, adopts=False) as bare:
        office = Office(bare, tmp_path, with_version(COMPLAINT, 1, *RESTING), INQUIRY)
        number = office.complain(("zhou", "take"))
        office.now += 4 * DAY
        office.write(with_version(COMPLAINT, 2, *RESTING, ("within: 30 days", "within: 4 days")))
        plan = office.plan(grace=5, maps={})
        (move,) = plan.families[0]
        said = {name: clock.due_on for name, _, clock in move.due_days}
        assert said == {"answer": "2019-07-06"}, "it rests since 1 July and goes on with five days"

        office.now += 3 * DAY
        assert migrate(office.by("keeper"), plan.event.digest, reason="试行").left == ()
        assert office.due(number)["answer"] == said["answer"]
        office.step("zhou", number, "back")
        assert office.due(number)["answer"] == "2019-07-13", "of the seven days at rest none counts"


def test_a_case_that_would_count_as_less_is_refused_with_why_and_what_to_do(sqlite_url: str, tmp_path: Path) -> None:
    """The plan says how it counts, how it would, what lacks or which state does not count so, and three ways out."""
    asked = ("to: open, by: [liaison, office]", "to: open, by: [liaison, office], asks: [answer]")
    counting = ("  cleared: {states: [answered]}", "  cleared: {states: [answered, review]}")
    lacking = (
        "  cleared: {states: [answered]}",
        '  cleared: {states: [answered, review], when: {"note": {en: the note is missing, zh: 缺少备注}}}',
    )
    with_note = ("  answer: {type: text", "  note: {type: text, title: {en: Note, zh: 备注}}\n  answer: {type: text")
    with furnished(sqlite_url, adopts=False) as bare:
        office = Office(bare, tmp_path, with_version(COMPLAINT, 1, counting, asked), INQUIRY)
        office.complain(("zhou", "take"))
        found = []
        for version, changes in ((2, ()), (3, (lacking, with_note, asked))):
            office.write(with_version(COMPLAINT, version, *changes))
            ((_, (why,)),) = office.plan(maps={}, version=version).refused
            found.append(why)
        assert "counts as cleared, and by that version would only count as open: state 'In review'" in found[0].en
        assert "现计为“本单位办结”，按该版本仅计为“未办结”：该版本中状态“审核中”不如此计" in found[0].zh
        assert "the note is missing; complete that first" in found[1].en
        assert "缺少备注；请先补齐" in found[1].zh


def _stands(office: Office, number: str, called: Mapping[str, str] = MappingProxyType({})) -> tuple[object, ...]:
    """Return how a case stands, but for what is its own; states by what they are called in the new version."""
    case = office.case(number)
    clocks = [each._replace(id=None, case_id=0) for each in clock_rows.of_case(office.store, case.id)]
    return called.get(case.state, case.state), case.clearance, case.fields, clocks


def test_at_every_step_of_a_lead_its_own_version_leaves_it_as_it_is(sqlite_url: str) -> None:
    """On a road through the shipped workflow a move to the same words would change nothing; a seal is never dropped."""
    with furnished(sqlite_url) as ledger:
        road = ROADS["review overturns, verified again"]
        story = Story(ledger, real_name=False)
        version = story.lead.version
        for move in road:
            story.play([move])
            acting = Acting(ledger, "keeper", story.now)
            migrating = Migrating(acting, "lead", version, {}, date.max)
            if migrating.is_alive(story.lead):
                (found,) = migrating.of_family(story.lead)
                assert (found.clocks, found.reasons, found.after) == ((), (), story.lead), move.trigger
        lead = ledger.rules_of(story.lead).workflow
        sealed = story.lead._replace(state="assigned", fields={**story.lead.fields, "reporter": SEALED})
        dropped = moved(lead, lead, VersionMap(fields={"reporter": None}), sealed)
        assert ["nothing that is sealed" in each.en for each in dropped.reasons] == [True]


def test_nothing_to_move_is_said_and_not_planned(sqlite_url: str, tmp_path: Path) -> None:
    """Where every running case goes by that version, no map can be judged: refused, and nothing is journaled."""
    with furnished(sqlite_url, adopts=False) as bare:
        office = Office(bare, tmp_path)
        office.complain(("zhou", "take"))
        office.write(SECOND, SECOND_INQUIRY)
        before = office.store.value("SELECT count(*) FROM journal")
        with pytest.raises(RefusedError, match="无可迁移"):
            office.plan(maps={"complaint": VersionMap(states={"review": "nowhere"})}, version=1)
        assert office.store.value("SELECT count(*) FROM journal") == before
