"""A restricted case: read by those named and by roles that may; to all others, by every door, as if there were none."""

from contextlib import closing, suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from zipfile import ZipFile

import pytest
from ledgers import LEAD, START, Story, furnished, opened, register
from paths import ASSIGN, CRIME, TO_POLICE
from test_commands_reading import ONE_CASE, OWN, SEVERAL, Office

from engine.errors import RefusedError
from engine.journal.canonical import canonical
from engine.journal.house_events import RESTRICTED
from engine.operations.cases import restricting
from engine.operations.cases.casework import advance, link, open_case
from engine.operations.deadlines.reprojecting import move_each, moves
from engine.operations.deadlines.sweep import sweep
from engine.operations.house import registration as keeping
from engine.operations.house.checkpoints import make_checkpoint, prove
from engine.operations.house.own_days import set_days
from engine.operations.house.verifying import verify
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.need_to_know import log_of, reader_called, veiled
from engine.operations.outbox.promises import waiting
from engine.operations.zero.frozen import as_read, freeze, frozen, returned_since
from engine.operations.zero.verdict import check_zero
from engine.rules.reading_rights import mask
from engine.store import house_rows
from engine.store.outbox_rows import lines_of
from workflows.campaigns_found import Campaigns

RESTRICTED_LEAD, OTHER, REPEAT = OWN, "0101-XS-2019-0002", "0101-XS-2019-0003"
WORDS = "限阅之事"
SEES = {
    # officer: roles,                                       reads the restricted lead
    "keeper": False,  # all roles of the office, everywhere, but not those that may read what is restricted
    "tang": False,  # leading group
    "ji": False,  # discipline committee
    "qian": True,  # auditor
    "lian": False,  # liaison of its unit
    "zhou": False,  # office of its unit
    "chen": True,  # named
    "none": False,
}


@pytest.fixture
def office(database_url: str, tmp_path: Path) -> Office:
    """Return a house with two leads of 0101, of which one is restricted to chen by ji."""
    with furnished(database_url, rehearsal=True) as ledger:
        keeper = Acting(ledger, "keeper", START)
        keeping.grant(keeper, "qian", "auditor", None)
        keeping.grant(keeper, "ji", "discipline_office", None)
        keeping.revoke(keeper, "keeper", "custodian", None)
        keeping.revoke(keeper, "keeper", "auditor", None)
        register(ledger, by="keeper", summary=WORDS)
        register(ledger, by="keeper", received_on="2019-06-27")
        advance(keeper, RESTRICTED_LEAD, "assign", {"responsible_leader": "liu", "handler": "chen"})
        restricting.restrict(Acting(ledger, "ji", START), RESTRICTED_LEAD, ["chen"], reason="事关本院")
    return Office(tmp_path, database_url)


def test_it_is_named_to_nobody_else(office: Office) -> None:
    """No command on one case or on many, in the hands of an officer who is not let in, names it or quotes it."""
    with opened(office.url) as ledger:
        register(ledger, by="keeper", received_on="2019-06-28", summary=f"另见{RESTRICTED_LEAD}。")
        link(Acting(ledger, "keeper", START), REPEAT, RESTRICTED_LEAD, reason=f"与{RESTRICTED_LEAD}相同")
        sweep(ledger, now=START + timedelta(days=120))
        assert veiled(reader_called(ledger, "lian"), f"{RESTRICTED_LEAD}0") == f"{RESTRICTED_LEAD}0", "a longer number"
    wrong = []
    for officer, sees in SEES.items():
        commands = {name: words for name, (words, _, _) in SEVERAL.items()}
        commands |= {name: words.replace("{}", OTHER) for name, words in ONE_CASE.items() if "dry-run" in words}
        commands["show it"], commands["zero"] = f"show {RESTRICTED_LEAD}", "zero zhengzhou_2019"
        commands["report"] = "report monthly --period 2019-06 -o {file}.html --reason words"
        # A repeat of it that they may read names it in its journal, and so does what a clerk wrote there.
        commands |= {f"{command} the repeat": f"{command} {REPEAT}" for command in ("show", "show --json")}
        commands |= {f"journal log{more}": f"journal log {REPEAT}{more}" for more in ("", " --json")}
        del commands["backup"]  # the whole database; what it protects is the key it is encrypted to
        for name, words in commands.items():
            code, answer = office.typed(words, officer)
            bare = answer.replace(f"no case has the number '{RESTRICTED_LEAD}'", "")
            if not sees and (RESTRICTED_LEAD in bare or WORDS in bare):
                wrong.append((officer, name, code, bare[:400]))
        code, _ = office.typed(f"show {RESTRICTED_LEAD}", officer)
        if (code == 0) != sees:
            wrong.append((officer, "show", code, ""))
    paper = office.folder / "its file.docx"
    assert (
        office.run("case-file", REPEAT, "-o", str(paper), by="lian", env={"QINGLING_DATABASE": office.url}).exit_code
        == 0
    )
    said = ZipFile(paper).read("word/document.xml").decode()
    assert (RESTRICTED_LEAD in said, mask(1) in said) == (False, True)
    with opened(office.url) as ledger:
        make_checkpoint(Acting(ledger, "keeper", START), office.folder / "journal.key")
        given = []
        for officer in ("lian", "qian"):
            ledger.reader = reader_called(ledger, officer)
            for number, row in ((OTHER, None), (REPEAT, 1), (REPEAT, 2)):
                with suppress(RefusedError):  # the row itself stands in a proof, and cannot be masked
                    prove(ledger, number, row)
                    given.append((officer, number, row))
    assert given == [("lian", OTHER, None), ("qian", OTHER, None), ("qian", REPEAT, 1), ("qian", REPEAT, 2)]
    assert not wrong, "\n".join(map(str, wrong))


def test_figures_count_it(office: Office) -> None:
    """Zero counts it for those who may not read it, by a mask; so do the dates that move, which name it to nobody."""
    counted = {}
    for officer in ("qian", "tang", "lian"):
        _, answer = office.typed("zero zhengzhou_2019", officer)
        counted[officer] = sum(name in answer for name in ("*1", OTHER, RESTRICTED_LEAD))
        assert (RESTRICTED_LEAD in answer) is SEES[officer]
    assert counted == {"qian": 2, "tang": 2, "lian": 2}
    day = START.date()
    with opened(office.url) as ledger:
        set_days(Acting(ledger, "keeper", START), "0101", day, day + timedelta(days=90), works=False, reason="台风")
        moved, refused = move_each(Acting(ledger, "qian", START), moves(ledger), reason="台风", most=1)
    assert (moved, len(refused)) == (0, 2), "none that is refused stands in the way of another"
    for officer, more in (("lian", " --apply --reason words"), ("lian", " --json"), ("chen", "")):
        _, answer = office.typed(f"calendar reproject{more}", officer)
        named = [each in answer for each in (RESTRICTED_LEAD, OTHER, "another case", "1 that you may not read")]
        assert named == [SEES[officer], True, "apply" in more, not SEES[officer]], (officer, answer)
    with opened(office.url) as ledger, closing(log_of(ledger)) as log:
        asked = [(each.officer, each.answer) for each in log.rows() if '"moves"' in each.asked]
    assert asked == [("lian", "shown"), ("lian", "shown"), ("chen", "shown")]


def test_it_is_journaled_and_lifted(office: Office) -> None:
    """Who may restrict lifts it only while they read it; both stand in the journal, and the journal holds."""
    code, answer = office.typed(f"restrict {RESTRICTED_LEAD} --lift --reason words", "ji")
    assert (code, "no case has the number" in answer) == (20, True)
    with opened(office.url) as ledger:
        chen = reader_called(ledger, "chen")
        assert chen.given == {ledger.case(RESTRICTED_LEAD).id}
        keeping.grant(Acting(ledger, "keeper", START), "chen", "discipline_office", None)
    assert office.typed(f"restrict {RESTRICTED_LEAD} --lift --reason words", "chen")[0] == 0
    assert office.typed(f"show {RESTRICTED_LEAD}", "lian")[0] == 0
    with opened(office.url) as ledger:
        assert verify(ledger)[1] == ()
        assert ledger.restricted == {}


def test_another_keeper_lifts_what_he_may_not_read(office: Office) -> None:
    """Who keeps the ledger lifts what another restricted, unseen; not what he restricted himself, nor as a liaison."""
    lift = f"restrict {RESTRICTED_LEAD} --lift --reason words"
    assert [office.typed(lift, by)[0] for by in ("ji", "lian")] == [20, 21]
    assert office.typed(f"show {RESTRICTED_LEAD}", "keeper")[0] == 20
    assert office.typed(lift, "keeper")[0] == 0
    assert office.typed(f"restrict {RESTRICTED_LEAD} --to chen --reason words", "keeper")[0] == 0
    assert office.typed(lift, "keeper")[0] == 20
    with opened(office.url) as ledger:
        assert verify(ledger)[1] == ()


def test_what_it_opened_is_restricted_further(office: Office) -> None:
    """A child is read by those who read its parent, or by those of them whom it names; never by others."""
    with opened(office.url) as ledger:
        keeper, ji = Acting(ledger, "keeper", START), Acting(ledger, "ji", START)
        keeping.grant(keeper, "ji", "custodian", None)
        restricting.restrict(ji, RESTRICTED_LEAD, ["chen", "zhou"], reason="事关本院")
        parent = ledger.case(RESTRICTED_LEAD)
        number = open_case(keeper, "lead", {**LEAD, "received_on": "2019-06-26"}, unit="0101").case.number
        with ledger.store.begin():
            ledger.store.change("UPDATE cases SET parent_id = ? WHERE number = ?", (parent.id, number))
        child = ledger.case(number)
        assert ledger.restricted[child.id] == {"chen", "zhou"}
        with pytest.raises(RefusedError, match="lian"):
            restricting.restrict(ji, number, ["lian", "chen"], reason="更小范围")
        restricting.restrict(ji, number, ["chen"], reason="更小范围")
        assert (ledger.restricted[parent.id], ledger.restricted[child.id]) == (
            frozenset({"chen", "zhou"}),
            frozenset({"chen"}),
        )
        restricting.restrict(ji, RESTRICTED_LEAD, ["zhou"], reason="换人")
        assert ledger.restricted[child.id] == frozenset()
        restricting.lift(ji, number, reason="不再需要")
        assert ledger.restricted[child.id] == {"zhou"}
        with pytest.raises(RefusedError):
            restricting.lift(ji, number, reason="不再需要")


def test_a_restriction_that_is_taken_away_is_found(office: Office) -> None:
    """Who takes the restriction out of the settings, behind the program's back, is found by `journal verify`."""
    with opened(office.url) as ledger:
        with ledger.store.begin():
            house_rows.put_setting(ledger.store, RESTRICTED, {})
        assert [(each.what, each.which) for each in verify(ledger)[1]] == [("settings", RESTRICTED)]


def test_reminders_go_to_those_let_in(office: Office) -> None:
    """A reminder about the restricted lead goes to nobody who may not read it; what was promised before is left out."""
    with opened(office.url) as ledger:
        sweep(ledger, now=START + timedelta(days=120))
        named = {
            each.promise.recipient
            for each in waiting(ledger)
            if any(isinstance(line, dict) and line["number"] == RESTRICTED_LEAD for line in lines_of(each.payload))
        }
        assert named
        assert named <= {"chen", "qian"}


def test_two_who_restrict_at_once_both_do(database_url: str) -> None:
    """What another restricts between one's look and one's writing stays restricted, also when one lifts."""
    with furnished(database_url, rehearsal=True) as ledger, opened(database_url) as beside:
        keeping.grant(Acting(ledger, "keeper", START), "ji", "discipline_office", None)
        first, second, third = (register(ledger).number for _ in range(3))
        ji, other = Acting(ledger, "ji", START), Acting(beside, "ji", START)

        def meanwhile(number: str) -> None:
            def restrict() -> None:
                ledger.store.before_writing = None
                beside.forget()
                restricting.restrict(other, number, ["chen"], reason="事关本院")

            ledger.store.before_writing = restrict

        meanwhile(second)
        restricting.restrict(ji, first, ["chen"], reason="事关本院")
        meanwhile(third)
        restricting.lift(ji, first, reason="事毕")
        ledger.forget()

        assert sorted(ledger.restricted) == [ledger.case(each).id for each in (second, third)]
        assert not verify(ledger)[1]


def test_a_statement_that_is_frozen_names_nothing_that_its_cases_opened(sqlite_url: str) -> None:
    """Many read it: a restricted referral of a lead that is not restricted is the next to be done by its mask."""
    with furnished(sqlite_url, rehearsal=True) as ledger:
        story = Story(ledger).play([ASSIGN, CRIME, TO_POLICE])
        opened_by_it = story.case("referral")
        keeper = Acting(ledger, "keeper", story.now)
        campaign = Campaigns(workflow=ledger.workflows.latest).campaign("zhengzhou_2019", year=None)
        assert opened_by_it.number in freeze(keeper, campaign)[0].text
        restricting.restrict(keeper, opened_by_it.number, ["chen"], reason="事关本院")
        kept, _, (blocker,) = freeze(keeper, campaign)
        said = (opened_by_it.number in kept.text, f'"{mask(opened_by_it.id)}"' in kept.text, story.number in kept.text)
        assert (said, [each.case.number for each in blocker.acts]) == ((False, True, True), [mask(opened_by_it.id)])


def test_a_statement_of_before_names_it_to_nobody_else_now(sqlite_url: str, tmp_path: Path) -> None:
    """What was frozen before a case was restricted is read as the policy of now has it; its digest holds as it was."""
    office = Office(tmp_path, sqlite_url)
    with furnished(sqlite_url, rehearsal=True) as ledger:
        keeper = Acting(ledger, "keeper", START)
        keeping.grant(keeper, "qian", "auditor", None)
        keeping.grant(keeper, "ji", "discipline_office", None)
        register(ledger, by="keeper", summary=WORDS)
        register(ledger, by="keeper", received_on="2019-06-27")
        campaign = Campaigns(workflow=ledger.workflows.latest).campaign("zhengzhou_2019", year=None)
        kept, _, _ = freeze(keeper, campaign)
        restricting.restrict(Acting(ledger, "ji", START), RESTRICTED_LEAD, ["chen"], reason="事关本院")
        assert RESTRICTED_LEAD in kept.text
        for officer, lines in (("qian", 0), ("tang", 1)):
            ledger.reader = reader_called(ledger, officer)
            (seen,) = frozen(ledger, campaign)
            assert (RESTRICTED_LEAD in seen.text, seen.not_shown) == (not lines, lines), officer
            assert (seen.digest, seen.is_whole, OTHER in seen.text) == (kept.digest, True, True), officer
        words = f"待{RESTRICTED_LEAD}办结，与{RESTRICTED_LEAD}7无关"  # named in a sentence about another case alone
        waiting_for = replace(kept, text=canonical({"blocking": [{"number": OTHER, "missing": [words]}]}))
        masked = as_read(waiting_for, ledger.reader).text
        assert masked.count(RESTRICTED_LEAD) == masked.count(f"与{RESTRICTED_LEAD}7") == 1
        assert returned_since(ledger, seen, check_zero(ledger, campaign, now=START)) == ()
    for officer, sees in (("qian", True), ("tang", False)):
        for words in ("zero zhengzhou_2019 --frozen", "zero zhengzhou_2019 --frozen --json"):
            _, answer = office.typed(words, officer)
            assert kept.digest in answer
            assert (RESTRICTED_LEAD in answer) == (sees and "json" in words), (officer, words)
            assert ("lines not shown, of cases that tang may not see: 1" in answer) == (
                not sees and "json" not in words
            )


def test_a_frozen_row_that_says_other_than_its_statement_does_not_match(sqlite_url: str) -> None:
    """Its digest covers the statement alone: a verdict, day, unit or name beside it that is another is shown so."""
    edits = {
        '"verdict":"not_zero","year":null}': '"verdict":"zero","year":null}',
        '"as_of":"2019-07-01","digest"': '"as_of":"2019-12-31","digest"',
        'null},"unit":null,"verdict"': 'null},"unit":"0101","verdict"',
    }
    with furnished(sqlite_url) as ledger:
        register(ledger)
        campaign = Campaigns(workflow=ledger.workflows.latest).campaign("zhengzhou_2019", year=None)
        assert freeze(Acting(ledger, "keeper", START), campaign)[0].is_whole
        unfound = []
        for was, said in edits.items():
            for before, after in ((was, said), (said, was)):
                with ledger.store.begin():
                    changed = (
                        "UPDATE journal SET body = replace(body, ?, ?) WHERE kind = 'statement_frozen' AND body LIKE ?"
                    )
                    assert ledger.store.change(changed, (before, after, f"%{before}%")) == 1, before
                (kept,) = frozen(ledger, campaign)
                if kept.is_whole is not (after == was):
                    unfound.append(after)
    assert unfound == []


def test_who_looks_after_the_machine_reads_no_number(sqlite_url: str, tmp_path: Path) -> None:
    """`doctor` asks nobody who they are: what waits for an officer who has left is named by its mask."""
    with furnished(sqlite_url, rehearsal=True) as ledger:
        keeper = Acting(ledger, "keeper", START)
        for each in (register(ledger), register(ledger, received_on="2019-06-27")):
            advance(keeper, each.number, "assign", {"responsible_leader": "liu", "handler": "chen"})
        restricting.restrict(keeper, RESTRICTED_LEAD, ["bao"], reason="事关本院")
        keeping.leave(keeper, "liu")
    _, said = Office(tmp_path, sqlite_url).typed("doctor", "none")
    assert (RESTRICTED_LEAD in said, f"{mask(1)}" in said, OTHER in said) == (False, True, True), said
