"""`qingling run` as a service: a second one takes over at once, and its log tells the time of the house."""

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread
from time import monotonic

import pytest
from houses import House, built_house, house

from commands.run import stop_when_told

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


def test_the_log_tells_the_time_of_the_house(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The log and `doctor` tell local time, whatever the zone of the machine."""
    from commands.run import log_time

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

    assert "return (weekly): no unit owes it" in house.run("run", "--once").stderr
    assert "no unit owes it" not in house.run("run", "--once").stderr
    assert "return (monthly): no unit owes it" in house.run("doctor").stdout.replace("\n", " ")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_at_the_worst_moment_still_stops_the_watch(number: signal.Signals) -> None:
    """It comes while its own thread holds the lock within what it is waiting for: nobody waits for himself."""
    stopping = Event()
    before = {each: signal.getsignal(each) for each in (signal.SIGTERM, signal.SIGINT)}
    try:
        stop_when_told(stopping)
        with stopping._cond:  # type: ignore[attr-defined]  # as `Event.wait` has it before it waits
            os.kill(os.getpid(), number)
        assert stopping.wait(60)
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
