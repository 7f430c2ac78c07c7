"""A form that was begun is there again for who typed it, for a week, and nothing sealed is in it."""

from datetime import timedelta

import pytest
from ledgers import Story, furnished
from paths import ASSIGN

from engine.errors import BadValueError, NotFoundError
from engine.operations.cases.casework import amend
from engine.operations.cases.drafts import drafts_of, drop_draft, load_draft, save_draft
from engine.operations.ledger.acting import Acting
from engine.store import named_rows


def test_a_form_is_kept_a_week_for_who_typed_it(database_url: str) -> None:
    """It is there again as typed, on both databases; another officer has none, and a week later nobody has."""
    with furnished(database_url) as ledger:
        story = Story(ledger)
        zhou, chen = (Acting(ledger, code, story.now) for code in ("zhou", "chen"))
        save_draft(zhou, story.number, "assign", {"handler": "chen", "category": ""})
        save_draft(zhou, story.number, "assign", {"handler": "chen", "summary": "两个字", "verifiers": ["a", "b"]})
        typed = {"received_on": "昨天", "feedback_due_on": "7月30日", "handling_due_on": "某日", "summary": "昨天"}
        save_draft(zhou, "", "lead", typed)
        begun = load_draft(zhou, "", "lead")
        assert begun is not None
        yesterday = (zhou.today - timedelta(days=1)).isoformat()
        assert begun.values == {**typed, "received_on": yesterday}, "tomorrow it is still the day that was meant"
        kept = load_draft(zhou, story.number, "assign")
        assert kept is not None
        assert (kept.values, kept.revision) == (
            {"handler": "chen", "summary": "两个字", "verifiers": ["a", "b"]},
            story.lead.revision,
        )
        assert load_draft(chen, story.number, "assign") is None
        assert {(each.number, each.trigger) for each in drafts_of(zhou)} == {(story.number, "assign"), ("", "lead")}
        later = Acting(ledger, "zhou", story.now + timedelta(days=8))
        assert drafts_of(later) == []
        drop_draft(zhou, story.number, "assign")
        save_draft(zhou, "", "lead", {})
        assert drafts_of(zhou) == []


def test_nothing_sealed_is_kept_and_no_form_is_endless(sqlite_url: str) -> None:
    """Nothing sealed, nothing that shows who reports and no field that is none stands in a draft; none is endless."""
    with furnished(sqlite_url) as ledger:
        story = Story(ledger)
        zhou = Acting(ledger, "zhou", story.now)
        save_draft(zhou, "", "lead", {"summary": "x", "reporter": "王五 13800000000", "nonsense": "y"})
        save_draft(zhou, story.number, "assign", {"remark": "电 138 0000 0000", "handler": "chen"})
        kept = load_draft(zhou, "", "lead")
        assert kept is not None
        assert kept.values == {"summary": "x"}
        rows = ledger.store.query("SELECT typed FROM drafts")
        assert [each for each in ("王五", "138") if each in str(rows)] == []
        with pytest.raises(BadValueError):
            save_draft(zhou, "", "lead", {"summary": "x" * 300_000})
        with pytest.raises(NotFoundError):
            save_draft(zhou, "2019-999", "assign", {})


def test_whom_a_case_names_stands_beside_it(database_url: str) -> None:
    """After each step and correction the table names who the case names; also of a case that was never changed."""
    with furnished(database_url) as ledger:
        story = Story(ledger, handler="wang")

        def named() -> set[str]:
            rows = ledger.store.query("SELECT officer FROM named_officers WHERE case_id = ?", (story.lead.id,))
            return {str(row[0]) for row in rows}

        assert named() == {"wang"}
        story.play((ASSIGN,))
        assert named() == {"chen", "liu"}
        amend(Acting(ledger, "zhou", story.now), story.number, {"handler": "wang"}, reason="换人")
        assert named() == {"wang", "liu"}
        assert named_rows.of(ledger.store, "wang") == {story.lead.id}


def test_whom_a_case_is_taken_to_name_already_is_named_once(database_url: str) -> None:
    """A code that stood in some other field when the table was made is no obstacle when that officer is named."""
    with furnished(database_url) as ledger:
        story = Story(ledger, handler="wang")
        with ledger.store.begin():
            ledger.store.change("INSERT INTO named_officers VALUES ('chen', ?)", (story.lead.id,))
        story.play((ASSIGN,))
        assert story.lead.id in named_rows.of(ledger.store, "chen")
