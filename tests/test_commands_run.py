"""`qingling run` as a service: a second one takes over at once, and its log tells the time of the house."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread
from time import monotonic

import pytest
from houses import House, built_house, house

from commands.console.context import AppContext
from commands.shared.outages import Outages
from commands.shared.watching import Watchman, stop_on_signal
from engine.errors import QinglingError
from engine.language import language, speaking, use
from engine.operations.deadlines.scheduler_lease import hold_watch
from engine.operations.deadlines.scheduler_lease import watch as lease
from engine.operations.ledger.ledger import Ledger
from engine.store.connection import open_store
from workflows.loader import Declarations

__all__ = ["built_house", "house"]

ROOT = Path(__file__).resolve().parent.parent


def test_a_second_scheduler_takes_over_at_once(house: House) -> None:
    """Seconds after the first was told to stop, the second keeps watch, however seldom it sweeps."""
    env = {**{k: v for k, v in os.environ.items() if not k.startswith("QINGLING_")}, "QINGLING_LANG": "en"}
    command = [sys.executable, str(ROOT / "cli.py"), "--database", str(house.database), "run", "--every", "1440"]
    kept: list[subprocess.Popen[str]] = []
    try:
        for wanted in ("keeping watch", "waiting to take over"):
            kept.append(subprocess.Popen(command, env=env, cwd=house.folder, stderr=subprocess.PIPE, text=True))
            _heard(kept[-1], wanted)
            if wanted == "keeping watch":
                _heard(kept[-1], "no channel is set up")
        first, second = kept
        first.send_signal(signal.SIGTERM)
        assert first.wait(60) == 0
        since = monotonic()
        _heard(second, "took over the watch", 8)
        assert monotonic() - since < 8
    finally:
        for each in kept:
            each.send_signal(signal.SIGTERM)
            each.communicate(timeout=60)


def test_a_daily_backup_without_its_files_is_no_quiet_success(house: House) -> None:
    """An attached file that is gone is told, with the exit code that `backup` itself has; all else is backed up."""
    number = house.lead()
    paper = house.folder / "paper.txt"
    paper.write_text("what was found", "utf-8")
    house.done("attach", number, str(paper))
    (kept,) = [each for each in (house.folder / "ledger-files").rglob("*") if each.is_file()]
    kept.unlink()

    result = house.run("run", "--once", "--backup-to", str(house.folder / "kept"))

    assert result.exit_code == 11, result.output
    assert "attached files that are not in it" in result.stderr
    assert (house.folder / "kept" / "qingling-daily-20190701.db").exists()


@pytest.mark.parametrize("place", ["a file", "below a file"])
def test_a_backup_that_fails_stops_no_reminder(house: House, place: str) -> None:
    """The messages of the day go out, and the returns open, though the backup has nowhere to go; then that is told."""
    house.done("officer", "contact", "wang", "trial=x")
    (house.folder / "ledger-channels.yaml").write_text("channels: {trial: {family: file, folder: letters}}", "utf-8")
    house.assigned(house.lead())
    house.now = "2019-12-02T10:00"
    taken = house.folder / "taken"
    taken.write_text("", "utf-8")

    result = house.run("run", "--once", "--backup-to", str(taken if place == "a file" else taken / "below"))

    assert result.exit_code == 11, result.output
    assert "cannot be made" in result.stderr
    sent = {each["kind"]: each["status"] for each in house.found("outbox", "list")}
    assert sent == {"digest": "sent", "returns_due": "sent"}
    assert list((house.folder / "letters").glob("*.eml"))
    assert house.found("list", "--workflow", "return")


def test_once_beside_a_live_scheduler_says_what_it_did_not_do(house: House) -> None:
    """It leaves with 41, names who keeps watch, and nothing was done."""
    house.assigned(house.lead())
    house.now = "2019-12-02T10:00"
    with closing(open_store(str(house.database))) as store:
        assert hold_watch(Ledger(store, Declarations()), "other:1", now=datetime.now(UTC))

    said = house.refused(41, "run", "--once", "--backup-to", str(house.folder / "kept"))

    assert "(other:1): nothing was swept, sent, opened or backed up" in said
    assert house.found("outbox", "list") == []
    assert not (house.folder / "kept").exists()


def test_a_lasting_outage_is_told_once_and_its_end_once(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    """A ledger that is away for a hundred tries of all chores makes two lines: gone, and back again."""
    watch = watchman(house)
    chores = {name: watch.noting_success(name, watch.guarded(chore)) for name, chore in watch.daily().items()}
    chores["beat"] = watch.noting_success("beat", watch.beat)
    away = house.database.rename(house.folder / "away.db")

    for _ in range(100):
        for name, chore in chores.items():
            try:
                chore()
            except QinglingError as error:
                watch.failed(name, error)
    away.rename(house.database)
    for chore in (*chores.values(), *chores.values()):
        chore()

    lines = [each for each in capsys.readouterr().err.splitlines() if "no database" in each]
    assert ["will be tried again" in each for each in lines] == [True, False], lines
    assert "works again after 0 minutes" in lines[1]


def test_outages_are_told_by_their_reasons() -> None:
    """Another reason is another outage; a reason that comes back after a success is told again."""
    lines: list[str] = []
    seconds = iter(range(0, 60 * 1000, 60))
    outages = Outages(lines.append, clock=lambda: float(next(seconds)))
    story = "a-disk b-disk a-disk a-net b+ b-disk a+ a+ b+"
    with speaking("en"):
        for chore, sign, why in (re.fullmatch(r"(.)([-+])(.*)", each).groups() for each in story.split()):  # type: ignore[union-attr]
            if sign == "-":
                outages.failed(chore, OSError(why))
            else:
                outages.succeeded(chore)

    assert [re.sub(r"( failed| works).*OSError: ", r"\1 ", each) for each in lines] == [
        "a failed disk",
        "a failed net",
        "b works disk",
        "b failed disk",
        "a works net",
        "b works disk",
    ]


def test_a_watch_taken_by_a_wrong_clock_is_free(house: House) -> None:
    """A lease that ends later than any could is worth nothing, to who takes the watch as to who waits for it."""
    now = datetime.now(UTC)
    with closing(open_store(str(house.database))) as store:
        ledger = Ledger(store, Declarations())
        assert hold_watch(ledger, "ahead:1", now=now + timedelta(days=3))
        kept = lease(ledger)
        assert kept is not None
        assert not kept.is_kept(now)
        assert kept.is_kept(now + timedelta(days=3))
        assert hold_watch(ledger, "here:1", now=now)


@pytest.fixture(autouse=True)
def own_language() -> Iterator[None]:
    """Leave the language as it was found; a watch speaks its own in whatever thread it works."""
    before = language()
    yield
    use(before)


def watchman(house: House) -> Watchman:
    """Return the watch of a house, as `run` has it."""
    use("en")
    app = AppContext()
    app.database_option, app.now_option = str(house.database), house.now
    watch = Watchman(app, folder=None, keep=1)
    app.close()
    return watch


def test_the_log_tells_the_time_of_the_house(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The log and `doctor` tell local time, whatever the zone of the machine."""
    from commands.shared.watching import log_time

    monkeypatch.setenv("TZ", "UTC")
    assert log_time("Asia/Shanghai", datetime(1970, 1, 1, tzinfo=UTC)) == "1970-01-01 08:00:00"
    (clock,) = [each for each in house.found("doctor") if each["topic"] == "clock"]
    assert "UTC" not in clock["sentence"]
    assert "2019-07-01 10:00" in clock["sentence"]


def test_doctor_says_what_happens_beyond_the_calendar(house: House) -> None:
    """Which terms are refused beyond the published years, and which are provisional, is told by workflow."""
    (found,) = [each for each in house.found("doctor") if each["topic"] == "calendar"]

    assert "provisional in" in found["sentence"]
    assert "lead" in found["sentence"].partition("provisional in")[2]


def _heard(running: "subprocess.Popen[str]", words: str, seconds: float = 20) -> None:
    """Read the log until *words* come; fail after *seconds*."""
    assert running.stderr is not None
    lines: list[str] = []

    def read() -> None:
        assert running.stderr is not None
        for line in running.stderr:
            lines.append(line)
            if words in line:
                return

    reader = Thread(target=read, daemon=True)
    reader.start()
    reader.join(seconds)
    assert any(words in line for line in lines), lines


def test_returns_that_nobody_owes_are_told(house: House) -> None:
    """Where nobody is liaison officer anywhere, the watch and the doctor say so."""
    house.done("officer", "revoke", "wang", "liaison")

    assert "return (daily, weekly, monthly, stage, annual): no unit owes it" in house.run("run", "--once").stderr
    assert "no unit owes it" not in house.run("run", "--once").stderr
    assert "stage, annual): no unit owes it" in " ".join(house.run("doctor").stdout.split())


def test_what_opens_after_the_sweep_is_reminded_of_at_once(house: House) -> None:
    """Chores begin side by side: a return that opens when its time has come waits for no later sweep."""
    house.now = "2019-11-07T09:00"
    watch = watchman(house)
    watch.sweep()
    watch.open_returns()

    with closing(open_store(str(house.database))) as store:
        at = int(datetime(2019, 11, 7, 1, tzinfo=UTC).timestamp()) * 1_000_000
        taken = store.query("SELECT count(*) FROM deadlines WHERE status = 0 AND rung > 0")
        left = store.query("SELECT name, due_on FROM deadlines WHERE status = 0 AND next_at <= ?", (at,))
    assert left == []
    assert taken[0][0]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_at_the_worst_moment_still_stops_the_watch(number: signal.Signals) -> None:
    """It comes while its own thread holds the lock within what it is waiting for: nobody waits for himself."""
    stopping = Event()
    before = {each: signal.getsignal(each) for each in (signal.SIGTERM, signal.SIGINT)}
    try:
        stop_on_signal(stopping)
        with stopping._cond:  # type: ignore[attr-defined]  # as `Event.wait` has it before it waits
            os.kill(os.getpid(), number)
        assert stopping.wait(60)
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
