"""What stands in a letter: looked up in the ledger, asked for where it is missing, never what is sealed."""

import shutil
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import pytest
from ledgers import DAY, START, furnished, register
from letters import GIVEN, MARK, SUBJECT, Letters, gathered

from documents.letters.fill import prove, template_of
from documents.letters.kinds import STANDING, kinds
from engine.errors import BadValueError, NotFoundError, RefusedError
from engine.language import speaking
from engine.operations.deadlines.sweep import sweep
from engine.operations.ledger.acting import Acting
from engine.operations.letters.issue import issue
from engine.workflow.model import FieldType
from engine.working_days.dates import chinese_day
from workflows.loader import Declarations


@pytest.fixture(scope="module")
def letters(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Letters]:
    """Return cases that letters are written about; nothing here changes them."""
    place = shutil.copy(sqlite_template, tmp_path_factory.mktemp("values") / "ledger.db")
    with furnished(str(place)) as ledger:
        yield Letters(ledger)


@pytest.mark.parametrize("name", kinds())
def test_every_kind_is_filled(letters: Letters, name: str) -> None:
    """With what the ledger has and an officer gives nothing is missing, and every placeholder has a value or none."""
    found = letters.gathered(name)
    assert found.missing == ()
    assert set(found.context) == kinds()[name].placeholders
    for value in kinds()[name].values.values():
        assert isinstance(found.context[value.name], list if value.split else str)


BY_HAND = "　　　　年　　月　　日"
ISSUED, SIGNED = "the day of issue", "the day of the signature"
DATED = {
    "transfer": SIGNED,
    "pass_on": ISSUED,
    "chase_letter": ISSUED,
    "supervision_notice": SIGNED,
    "extension_form": ISSUED,
    "verification_report": SIGNED,
    "closing_report": SIGNED,
    "proposal_reply": SIGNED,
    "talk_notice": SIGNED,
    "talk_record": ISSUED,
    "criticism_circular": SIGNED,
    "praise_circular": SIGNED,
    "special_management_notice": SIGNED,
    "minutes": SIGNED,
    "bulletin_circular": SIGNED,
}
"""Which day each kind bears: what a leader signs bears that of the signature (GB/T 9704-2012, 7.3.5.4)."""


@pytest.mark.parametrize("name", kinds())
def test_a_signed_letter_bears_the_day_of_the_signature(letters: Letters, name: str) -> None:
    """Until a leader has signed, the day is left to be written by hand; what the office issues bears its issue."""
    now = letters.moments.get(name, letters.now)
    if DATED[name] == ISSUED:
        assert letters.gathered(name).context["dated_on"] == chinese_day(now.date())
        with pytest.raises(BadValueError, match="dated_on"):
            letters.gathered(name, dated_on="2019-07-05")
        return
    assert letters.gathered(name).context["dated_on"] == BY_HAND
    assert letters.gathered(name, dated_on="2019年7月5日").context["dated_on"] == "2019年7月5日"
    with pytest.raises(RefusedError, match="尚未到"):
        letters.gathered(name, dated_on=(now + DAY).date().isoformat())


@pytest.mark.parametrize("name", kinds())
def test_no_letter_holds_what_is_sealed(letters: Letters, name: str) -> None:
    """Neither the reporter nor a sign of a sealed value is in it; only a transfer letter names the one reported."""
    words = repr(letters.gathered(name).context)
    assert MARK not in words
    assert "sealed" not in words
    assert (SUBJECT in words) is (name == "transfer")
    if name in {"verification_report", "closing_report"}:
        assert "张某某" in words


@pytest.mark.parametrize("name", kinds())
def test_no_kind_looks_at_a_sealed_field(name: str) -> None:
    """Every place of a kind is a field of its workflow or of the parent of it, and none of them is sealed."""
    book = Declarations()
    kind = kinds()[name]
    shipped = [book.latest(each) for each in book.names() if kind.fits(each)]
    assert shipped
    parents = [book.latest(parent) for each in shipped for parent in each.parents]
    for place in (*kind.hide, *(each for value in kind.values.values() for each in value.places)):
        realm, _, field = place.partition(".")
        among = {"case": shipped, "parent": parents}.get(realm)
        if among is not None:
            found = [each.fields[field].type for each in among if field in each.fields]
            assert found, place
            assert FieldType.SEALED not in found, place


def test_all_that_is_missing_is_named_at_once(sqlite_url: str) -> None:
    """Each with its title and the option that gives it, the letterhead with the command that sets it."""
    with furnished(sqlite_url) as ledger:
        kind = kinds()["pass_on"]
        case = register(ledger)
        shows = prove(template_of(kind), kind)
        found = gathered(ledger, kind, case, {}, shows=shows, now=START)
        assert [each.zh for each in found.missing] == [
            "承办单位（--承办单位）",
            "联系人（qingling letter settings --contact）",
            "联系电话（qingling letter settings --telephone）",
        ]
        assert found.missing[0].en == "Office that handles it (--handling-office)"


@pytest.mark.parametrize(
    ("adoption", "missing"),
    [("采纳", ["整改措施"]), ("部分采纳", ["整改措施", "未采纳理由"]), ("未采纳", ["未采纳理由"])],
)
def test_what_an_answer_needs_depends_on_it(letters: Letters, adoption: str, missing: list[str]) -> None:
    """What was taken up asks for measures, what was not for reasons (W36)."""
    found = letters.gathered("proposal_reply", adoption=adoption, measures="", not_adopted_because="")
    assert [each.zh.split("（")[0] for each in found.missing] == missing


def test_an_officer_taken_away_is_missing(letters: Letters) -> None:
    """An empty value in place of officers leaves the letter without them, and it says so."""
    found = letters.gathered("verification_report", verifiers="")
    assert found.context["verifiers"] == ""
    assert [each.zh for each in found.missing] == ["核查组成员（--核查组成员）"]


WRONG = {
    "a value it does not have": ("transfer", {"recieving_body": "x"}, "没有“recieving_body”（是否指“主送机关”？）"),
    "a choice that is none": ("proposal_reply", {"adoption": "大概"}, "采纳情况：“大概” 不在"),
    "a day that is none": ("extension_form", {"new_due_on": "下周"}, "申请延期至：“下周”不是日期"),
    "a day that the calendar does not have": (
        "extension_form",
        {"new_due_on": "2019-02-30"},
        "申请延期至：“2019-02-30”这一天不存在",
    ),
    "what is sealed": ("pass_on", {"reporter": MARK}, "reporter"),
    "an officer who is none": ("verification_report", {"verifiers": "nobody"}, "nobody"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_cannot_be_is_refused(letters: Letters, case: str) -> None:
    """The value is named; a sealed one cannot be given, and is not repeated."""
    name, given, says = WRONG[case]
    with pytest.raises(BadValueError) as refused:
        letters.gathered(name, **given)
    assert says in refused.value.sentence.zh
    assert MARK not in refused.value.sentence.zh


def test_values_are_chinese_whatever_is_spoken(letters: Letters) -> None:
    """Dates, choices and officers are written as Chinese papers write them."""
    with speaking("en"):
        found = letters.gathered("transfer").context
    assert found["received_on"] == "2019年6月28日"
    assert found["finding"] == "查实"
    assert found["source"] == "电话举报"
    assert found["handler"] == "chen某"
    assert found["material"] == ["核查情况报告1份", "谈话笔录12份", "监控录像光盘2张"]
    assert chinese_day(date(2019, 12, 31)) == "2019年12月31日"


@pytest.mark.parametrize(
    ("day", "law"),
    [
        (datetime(2022, 4, 30, 23, tzinfo=START.tzinfo), "《行政执法机关移送涉嫌犯罪案件的规定》"),
        (datetime(2022, 5, 1, 0, tzinfo=START.tzinfo), "《中华人民共和国反有组织犯罪法》"),
    ],
    ids=["the day before", "the day it came into force"],
)
def test_a_law_is_cited_once_it_is_in_force(
    letters: Letters, day: datetime, law: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A letter rests on what was in force on its local day."""
    monkeypatch.setattr(letters, "now", day)
    assert str(letters.gathered("transfer").context["basis"]).startswith(law)


def test_a_talk_has_no_notice_of_praise(letters: Letters) -> None:
    """A paper for another sort of case is refused, with what the case is and where to see its papers."""
    praised = letters.case("praise_circular")
    with pytest.raises(RefusedError, match=r"通报表扬.*不能编发“约谈通知书”.*letter list"):
        gathered(letters.ledger, kinds()["talk_notice"], praised, {}, shows=(), now=letters.now)
    assert kinds()["praise_circular"].fits_case(praised.workflow, praised.fields)
    assert not kinds()["talk_notice"].fits_case(praised.workflow, praised.fields)


def test_nothing_late_is_not_chased(sqlite_url: str) -> None:
    """A case in time gets neither chase letter nor notice; the due day itself is in time."""
    with furnished(sqlite_url) as ledger:
        case, kind = register(ledger), kinds()["chase_letter"]
        for now in (START, START + 28 * DAY):  # due on Monday 29 July
            with pytest.raises(RefusedError, match="没有超期"):
                gathered(ledger, kind, case, {}, shows=(), now=now)
        found = gathered(ledger, kind, case, {}, shows=(), now=START + 29 * DAY)
        assert (found.context["late"], found.context["due_on"]) == ("1天", "2019年7月29日")
        assert found.context["answer_by"] == "2019年8月2日"


def test_a_letter_answers_the_newest_reminder(sqlite_url: str, tmp_path: Path) -> None:
    """It is about the deadline whose reminder asks for it, and says how often that was chased."""
    with furnished(sqlite_url) as ledger:
        number = register(ledger).number
        for days in (30, 37):
            sweep(ledger, now=START + days * DAY)
        kind = kinds()["supervision_notice"]
        found = gathered(ledger, kind, ledger.case(number), {}, shows=(), now=START + 38 * DAY)
        assert found.letter.about["deadline"] == "disposal"
        assert "reminder" in found.letter.about
        assert found.context["chased"] == "1次"
        acting = Acting(ledger, "zhou", START + 38 * DAY)
        issue(acting, ledger.case(number), found.letter, make=lambda _: b"", folder=tmp_path)
        again = gathered(ledger, kind, ledger.case(number), {}, shows=(), now=START + 38 * DAY)
        assert "reminder" not in again.letter.about


def test_a_deadline_that_does_not_run_is_named(letters: Letters) -> None:
    """A misspelt one is answered with those that run."""
    kind = kinds()["extension_form"]
    with pytest.raises(NotFoundError, match="verification"):
        gathered(
            letters.ledger, kind, letters.case("extension_form"), {}, shows=(), deadline="verfication", now=letters.now
        )


def test_the_form_applies_for_the_next_extension(letters: Letters) -> None:
    """It asks for a day after the one that holds now, and says how often that was moved."""
    asked = letters.gathered("extension_form", new_due_on="2019-10-31", reason="")
    assert (asked.context["current_due_on"], asked.context["new_due_on"]) == ("2019年9月12日", "2019年10月31日")
    assert asked.context["times"] == "1次"
    assert asked.letter.about["extension"] == 2
    assert [each.zh for each in asked.missing] == ["延期理由（--延期理由）"]


TOO_LATE: dict[str, tuple[str, dict[str, str], int, str]] = {
    "to be extended, on its last day": ("extension_form", {"new_due_on": "2019-10-31"}, 73, ""),
    "to be extended, the day after": ("extension_form", {"new_due_on": "2019-10-31"}, 74, "已于 2019-09-12 到期"),
    "extended already": ("extension_form", {}, 5, "已延期至 2019-09-12"),
    "to be extended to a day that is past": (
        "extension_form",
        {"new_due_on": "2019-07-05"},
        5,
        "“申请延期至”为 2019-07-05",
    ),
    "to be extended to an earlier day": (
        "extension_form",
        {"new_due_on": "2019-09-11"},
        5,
        "“申请延期至”为 2019-09-11，不晚于“现办结期限”（2019-09-12）；请用 --new-due-on",
    ),
    "to be extended to the same day": ("extension_form", {"new_due_on": "2019-09-12"}, 5, "不晚于“现办结期限”"),
    "to be extended by a day": ("extension_form", {"new_due_on": "2019-09-13"}, 5, ""),
    "passed on, on the last day": ("pass_on", {}, 73, ""),
    "passed on, the day after": ("pass_on", {}, 74, "“办结时限”为 2019-09-12，已经过去；请用 --due-on"),
    "passed on, another day given": ("pass_on", {"due_on": "2019-09-30"}, 74, ""),
    "passed on, that day past too": ("pass_on", {"due_on": "2019-09-13"}, 76, "“办结时限”为 2019-09-13"),
}


@pytest.mark.parametrize("case", TOO_LATE)
def test_what_comes_too_late_is_refused(letters: Letters, case: str) -> None:
    """Nobody applies for what was granted, is over, for no later day, or by one that is past; a last day is in time."""
    name, given, days, says = TOO_LATE[case]
    now, kind = START + days * DAY, kinds()[name]
    if not says:
        assert gathered(letters.ledger, kind, letters.case(name), given, shows=(), now=now).context["due_on"]
        return
    with pytest.raises(RefusedError) as refused:
        gathered(letters.ledger, kind, letters.case(name), given, shows=(), now=now)
    assert says in refused.value.sentence.zh


def test_what_a_file_cannot_hold_is_left_out(letters: Letters) -> None:
    """Control characters go, line ends become one kind, the rest stays as it was written."""
    found = letters.gathered("pass_on", demands="甲\x00乙\x0b丙\a丁\ud800\r\n二\r三")
    assert found.context["demands"] == ["甲乙丙丁", "二", "三"]


def test_letterhead_may_be_given_for_one_letter(letters: Letters) -> None:
    """Sender, contact and telephone given by hand go before the settings."""
    found = letters.gathered("pass_on", contact="吴某", sender="示例县卫生监督所")
    assert (found.context["contact"], found.context["sender"]) == ("吴某", "示例县卫生监督所")
    assert set(STANDING) <= set(found.context)
    assert GIVEN["pass_on"]["handling_office"] == found.context["handling_office"]
