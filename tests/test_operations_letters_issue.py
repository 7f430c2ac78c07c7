"""Papers get numbers without gaps and never twice, in the commit that journals them."""

import multiprocessing
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ledgers import DAY, START, dump, furnished, opened, register

from engine.errors import BadFileError, BadValueError, ConflictError, NotFoundError, QinglingError, RefusedError
from engine.language import Text
from engine.operations.cases.casework import note, void
from engine.operations.deadlines.sweep import sweep
from engine.operations.house.verifying import verify
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.ledger import Ledger
from engine.operations.letters.issue import (
    IssuedLetter,
    LetterToIssue,
    awaited,
    change_letterhead,
    issue,
    issued,
    refuse_bad_code,
    reissue,
)
from engine.store import case_rows

PROCESSES = multiprocessing.get_context("fork")
NEXT_YEAR = START + 366 * DAY
MAY = ("office", "handler")


def paper(kind: str = "chase", series: str = "示卫催", **about: object) -> LetterToIssue:
    """Return a paper of which the engine knows only the words."""
    return LetterToIssue(kind=kind, series=series, by=MAY, name="某文书 {number}", about=about)


def content(number: str) -> bytes:
    """Return what stands in for a Word file."""
    return f"paper {number}".encode()


def give(
    ledger: Ledger, number: str, folder: Path, wanted: LetterToIssue | None = None, **more: Any
) -> tuple[IssuedLetter, bytes]:
    """Issue a paper for a case as it is now."""
    settled = {"make": content, "folder": folder, "by": "zhou", "now": START, **more}
    acting = Acting(ledger, settled.pop("by"), settled.pop("now"))
    return issue(acting, ledger.case(number), wanted or paper(), **settled)


def test_numbers_run_by_series_and_year(database_url: str, tmp_path: Path) -> None:
    """Each series counts by itself, each year begins anew, and the journal of the case has number and digest."""
    with furnished(database_url) as ledger:
        one, two = register(ledger).number, register(ledger).number
        got = [
            give(ledger, one, tmp_path)[0].number,
            give(ledger, two, tmp_path)[0].number,
            give(ledger, two, tmp_path, paper("order", "示卫转"))[0].number,
            give(ledger, two, tmp_path, paper(asked=2), now=NEXT_YEAR)[0].number,
        ]
        assert got == ["示卫催〔2019〕1号", "示卫催〔2019〕2号", "示卫转〔2019〕1号", "示卫催〔2020〕1号"]
        (letter,) = issued(ledger, ledger.case(one))
        assert (letter.kind, letter.number, letter.by) == ("chase", got[0], "zhou")
        case = ledger.case(one)
        assert verify(ledger)[1] == ()
        ((_, digest, name, size),) = case_rows.attachments(ledger.store, case.id)
        assert (digest, name, size) == (letter.digest, f"某文书 {got[0]}.docx", len(content(got[0])))
        assert (tmp_path / digest[:2] / digest).read_bytes() == content(got[0])


def broken(_number: str) -> bytes:
    """Fail while the paper is made."""
    raise BadValueError(Text("no", "不行"))


FAILURES: dict[str, tuple[Callable[[Ledger, str, Path], object], type[QinglingError]]] = {
    "the paper cannot be made": (lambda led, n, f: give(led, n, f, make=broken), BadValueError),
    "its content cannot be kept": (lambda led, n, f: give(led, n, _file(f)), BadFileError),
    "by one without the role": (lambda led, n, f: give(led, n, f, by="qian"), RefusedError),
    "by nobody known": (lambda led, n, f: give(led, n, f, by="nobody"), NotFoundError),
    "one more without a reason": (lambda led, n, f: give(led, n, f, another=True), BadValueError),
    "again, by one without the role": (
        lambda led, n, f: reissue(Acting(led, "qian", START), led.case(n), "chase", roles=MAY, folder=f, reason="丢失"),
        RefusedError,
    ),
    "again, before any": (
        lambda led, n, f: reissue(Acting(led, "zhou", START), led.case(n), "chase", roles=MAY, folder=f, reason="丢失"),
        NotFoundError,
    ),
}


def _file(folder: Path) -> Path:
    """Return a file where a folder should be."""
    (folder / "file").write_text("x")
    return folder / "file"


@pytest.mark.parametrize("case", FAILURES)
def test_what_fails_uses_no_number(database_url: str, tmp_path: Path, case: str) -> None:
    """Nothing is written, and the next paper gets the number that would have been."""
    attempt, kind = FAILURES[case]
    with furnished(database_url) as ledger:
        number = register(ledger).number
        before = dump(ledger.store)
        with pytest.raises(kind):
            attempt(ledger, number, tmp_path)
        assert dump(ledger.store) == before
        assert give(ledger, number, tmp_path)[0].number == "示卫催〔2019〕1号"


def test_one_paper_is_issued_once(sqlite_url: str, tmp_path: Path) -> None:
    """The same paper is refused with its number; one about something else, or wanted with a reason, is not."""
    with furnished(sqlite_url) as ledger:
        number = register(ledger).number
        give(ledger, number, tmp_path, paper(reminder=3))
        with pytest.raises(RefusedError, match="示卫催〔2019〕1号"):
            give(ledger, number, tmp_path, paper(reminder=3))
        assert give(ledger, number, tmp_path, paper(reminder=4))[0].number == "示卫催〔2019〕2号"
        again = give(ledger, number, tmp_path, paper(reminder=3), another=True, reason="收件单位变更")[0]
        assert again.number == "示卫催〔2019〕3号"
        assert "收件单位变更" in case_rows.entries(ledger.store, ledger.case(number).id)[-1].body


def test_a_case_changed_meanwhile_is_a_conflict(database_url: str, tmp_path: Path) -> None:
    """A paper whose values were read before somebody else wrote is not issued."""
    with furnished(database_url) as ledger:
        number = register(ledger).number
        seen = ledger.case(number)
        note(Acting(ledger, "zhou", START), number, "来电更正")
        with pytest.raises(ConflictError):
            issue(Acting(ledger, "zhou", START), seen, paper(), make=content, folder=tmp_path)
        assert not [each for each in tmp_path.iterdir() if each.is_dir()], "no letter bears a number never given"
        assert give(ledger, number, tmp_path)[0].number == "示卫催〔2019〕1号"


def test_the_void_get_no_paper(sqlite_url: str, tmp_path: Path) -> None:
    """A case that is void sends nothing."""
    with furnished(sqlite_url) as ledger:
        number = register(ledger).number
        void(Acting(ledger, "zhou", START), number, reason="误登")
        with pytest.raises(RefusedError, match="作废"):
            give(ledger, number, tmp_path)


def test_printed_again_it_is_the_same(database_url: str, tmp_path: Path) -> None:
    """The same bytes under the same number; journaled with who and why; the series does not move."""
    with furnished(database_url) as ledger:
        number = register(ledger).number
        first, made = give(ledger, number, tmp_path)
        case = ledger.case(number)
        again, copied = reissue(
            Acting(ledger, "feng", START + DAY), case, "chase", roles=MAY, folder=tmp_path, reason="原件受潮"
        )
        assert (again.number, copied) == (first.number, made)
        row = case_rows.entries(ledger.store, case.id)[-1]
        assert (row.kind, row.by, "原件受潮" in row.body, first.number in row.body) == (
            "letter_copied", "feng", True, True,
        )  # fmt: skip
        assert give(ledger, number, tmp_path, paper(asked=2), now=START + DAY)[0].number == "示卫催〔2019〕2号"


@pytest.mark.parametrize("spoilt", ["gone", "changed", "no reason"])
def test_a_copy_that_is_not_the_same_is_not_printed(sqlite_url: str, tmp_path: Path, spoilt: str) -> None:
    """What is gone or was changed in the folder is not handed out as the paper; nor is any without a reason."""
    with furnished(sqlite_url) as ledger:
        number = register(ledger).number
        letter, _ = give(ledger, number, tmp_path)
        kept = tmp_path / letter.digest[:2] / letter.digest
        if spoilt == "gone":
            kept.unlink()
        elif spoilt == "changed":
            kept.write_bytes(b"another")
        reason = "" if spoilt == "no reason" else "补打"
        before, acting = dump(ledger.store), Acting(ledger, "zhou", START)
        with pytest.raises((BadFileError, BadValueError)):
            reissue(acting, ledger.case(number), "chase", roles=MAY, folder=tmp_path, reason=reason)
        assert dump(ledger.store) == before


def test_a_reminder_asks_for_its_paper_until_it_is_issued(sqlite_url: str, tmp_path: Path) -> None:
    """A paper answers its reminder and the earlier ones of the same deadline."""
    with furnished(sqlite_url) as ledger:
        number = register(ledger).number
        late = START + 40 * DAY
        sweep(ledger, now=late)
        asked = awaited(ledger, ledger.case(number))
        assert asked
        assert {sent.paper for _, sent in asked} <= {"chase_letter", "supervision_notice"}
        row = asked[-1][0]
        give(ledger, number, tmp_path, paper(reminder=row.seq, deadline="disposal"), now=late)
        assert not awaited(ledger, ledger.case(number))


def _issue_some(url: str, number: str, folder: Path, count: int) -> None:
    """Issue papers of one series in a process of its own."""
    with opened(url) as ledger:
        for turn in range(count):
            give(ledger, number, folder, paper(turn=turn))


def test_ten_at_once_leave_no_gap_and_no_double(database_url: str, tmp_path: Path) -> None:
    """Ten processes, three papers each: the numbers are 1 to 30."""
    with furnished(database_url) as ledger:
        numbers = [register(ledger).number for _ in range(10)]
    running = [PROCESSES.Process(target=_issue_some, args=(database_url, each, tmp_path, 3)) for each in numbers]
    for each in running:
        each.start()
    for each in running:
        each.join(60)
    assert [each.exitcode for each in running] == [0] * 10
    with opened(database_url) as ledger:
        got = [letter.number for each in numbers for letter in issued(ledger, ledger.case(each))]
    assert sorted(got, key=lambda each: int(each[9:-1])) == [f"示卫催〔2019〕{each}号" for each in range(1, 31)]


def _die(_number: str) -> bytes:
    """Be killed while the paper is made."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def _die_issuing(url: str, number: str, folder: Path) -> None:
    """Issue a paper and be killed within the commit."""
    with opened(url) as ledger:
        give(ledger, number, folder, make=_die)


def test_a_kill_uses_no_number(database_url: str, tmp_path: Path) -> None:
    """Whoever is killed between number and commit leaves the number to the next."""
    with furnished(database_url) as ledger:
        number = register(ledger).number
    killed = PROCESSES.Process(target=_die_issuing, args=(database_url, number, tmp_path))
    killed.start()
    killed.join(60)
    assert killed.exitcode == -signal.SIGKILL
    with opened(database_url) as ledger:
        assert give(ledger, number, tmp_path)[0].number == "示卫催〔2019〕1号"


def test_the_letterhead_is_the_keepers(sqlite_url: str) -> None:
    """Only who keeps the ledger sets it; the house's journal has it."""
    with furnished(sqlite_url) as ledger:
        with pytest.raises(RefusedError, match="不能管理本台账"):
            change_letterhead(Acting(ledger, "zhou", START), {"letter_code": "示卫"})
        change_letterhead(Acting(ledger, "keeper", START), {"letter_code": " 示卫 "})
        assert ledger.settings["letter_code"] == "示卫"
        assert case_rows.entries(ledger.store, 0)[-1].kind == "letterhead_changed"


@pytest.mark.parametrize("code", ["示 卫", "示〔卫", "示卫〕", "卫(1)", "卫" * 21, "卫\u202e"])
def test_what_cannot_begin_a_number_is_refused(code: str) -> None:
    """Blanks, brackets and what cannot be printed have no place in it."""
    with pytest.raises(BadValueError):
        refuse_bad_code(code)


def test_no_paper_is_older_than_what_it_tells_of(sqlite_url: str, tmp_path: Path) -> None:
    """A clock set back before the last thing that happened to a case gives no letter and no number."""
    with furnished(sqlite_url) as ledger:
        number = register(ledger).number
        before = dump(ledger.store)

        long_ago = START.replace(year=2018, month=12, day=31)
        with pytest.raises(RefusedError, match="不能编发日期为 2018-12-31"):
            issue(Acting(ledger, "zhou", long_ago), ledger.case(number), paper(), make=content, folder=tmp_path)
        assert dump(ledger.store) == before
