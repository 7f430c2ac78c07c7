"""The commands of time, as they are typed: extend, pause, resume, deadline, sweep, outbox, run, calendar, contact."""

import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from houses import House, built_house, house
from servers import Endpoint, answer

from engine.errors import DatabaseError

__all__ = ["built_house", "house"]

ROOT = Path(__file__).resolve().parent.parent
N = "0101-XS-2019-0001"
SIGNED = ("--reason", "证人在外", "--signed-by", "li", "--filed-on", "2019-07-01")


@pytest.fixture
def at_work(house: House) -> House:
    """Return a house with an assigned lead, whose verification is due on 2 September 2019."""
    house.assigned(house.lead())
    return house


@pytest.fixture
def trial(at_work: House) -> House:
    """Return the same, with a channel that writes files, on the day of the second reminder."""
    (at_work.folder / "ledger-channels.yaml").write_text(
        "channels:\n  trial: {family: file, folder: letters}\n", "utf-8"
    )
    at_work.now = "2019-08-30T10:00"
    return at_work


@pytest.mark.parametrize(
    ("now", "left"),
    [
        ("2019-07-01T20:00", "14 hours left"),
        ("2019-07-02T09:30", "within the hour"),
        ("2019-07-02T15:00", "5 hours late"),
    ],
)
def test_a_term_of_hours_is_late_on_its_own_day(at_work: House, now: str, left: str) -> None:
    """`show` tells what is left of it as `deadline list` does: in hours, and late as soon as they are over."""
    at_work.done("officer", "add", "sun", "孙某", "--role", "verifier", "--unit", "0101")
    found = ("--finding", "substantiated", "--category", "A5", "--suspected-crime", "--report-number", "核1")
    verified = ("--verifiers", "zhao", "--verifiers", "sun", "--verified-on", "2019-07-01")
    at_work.done("advance", N, "verify", *found, *verified, by="zhao")
    at_work.done("advance", N, "transfer_police", "--signed-by", "li", "--signed-on", "2019-07-01")
    at_work.now = now

    for told in (at_work.done("show", "0101-YS-2019-0001"), at_work.done("deadline", "list")):
        (line,) = [each for each in told.splitlines() if "Send it to the police" in each]
        assert "2019-07-02 10:00" in line
        assert left in line


class TestExtend:
    """`qingling extend`, `pause`, `resume`."""

    def test_extend(self, at_work: House) -> None:
        """The new date is data, the sentence is talk, and history tells who signed."""
        result = at_work.run("extend", N, "核查期限", "--for", "1个月", *SIGNED, lang="zh")

        assert (result.stdout, result.stderr) == ("2019-10-08\n", f"{N}：核查期限延至 2019-10-08，原期限 2019-09-02\n")
        assert "核查期限延期：2019-09-02 → 2019-10-08，李某 签批，2019-07-01 备案：证人在外" in at_work.done(
            "show", N, lang="zh"
        )

    def test_dry_run(self, at_work: House) -> None:
        """A trial says so and writes nothing."""
        assert "nothing was written" in at_work.run("extend", N, "--for", "1 month", *SIGNED, "--dry-run").stderr
        assert at_work.found("deadline", "list", N)[0]["due_on"] == "2019-09-02"

    @pytest.mark.parametrize(
        ("args", "code", "said"),
        [
            ((), 2, "say by how much: --for LENGTH or --until DATE"),
            (("--for", "1 month", "--until", "2019-09-20"), 2, "say by how much"),
            (("--for", "a while"), 2, "'a while' is not a length of time"),
            (("--for", "1.5 days"), 2, "write a whole number"),
            (("--for", "2 months"), 21, "at most 1 month (until 2019-10-08)"),
            (("--until", "2019-08-01"), 21, "the new date lies not after the old one"),
        ],
    )
    def test_refusals(self, at_work: House, args: tuple[str, ...], code: int, said: str) -> None:
        """What cannot be is one line with its exit code."""
        assert said in at_work.refused(code, "extend", N, *args, *SIGNED)

    def test_pause_and_resume(self, at_work: House) -> None:
        """A paused deadline stands so in the list, and moves when it runs again."""
        at_work.now = "2019-07-11T10:00"
        at_work.done("pause", N, "--reason", "待鉴定", "--since", "2019-07-02")
        assert "paused since 2019-07-02" in at_work.done("deadline", "list")
        at_work.now = "2019-07-12T10:00"
        assert "is due on 2019-09-11, first due 2019-09-02" in at_work.run("resume", N, "--reason", "完毕").stderr
        assert "paused, dated back to 2019-07-02: 待鉴定" in at_work.done("show", N)
        assert "paused 2019-07-02 – 2019-07-12 (dated back)" in at_work.done("deadline", "list")
        assert "自 2019-07-02 起（补记）" in at_work.done("journal", "log", N, lang="zh")

    def test_nothing_to_resume(self, at_work: House) -> None:
        """Where nothing is paused it is said so."""
        assert f"none of the deadlines of {N} is paused" in at_work.refused(20, "resume", N, "--reason", "x")

    def test_who_signs(self, at_work: House) -> None:
        """Who is no head of the unit signs no extension."""
        signed = ("--reason", "x", "--signed-by", "zhao", "--filed-on", "2019-07-01")
        assert "zhao may not sign it" in at_work.refused(21, "extend", N, "--for", "1 month", *signed)

    def test_a_signature_asked_for_is_told_to_scripts(self, at_work: House) -> None:
        """Asked for with --json, an extension prints what stands to be signed, as `sign --ask` does."""
        asked = at_work.found("extend", N, "--for", "1 month", "--reason", "x", "--ask", "li")
        assert (asked["case"], asked["of"], asked["step"], asked["covers"]["amount"]) == (N, "li", "extend", 1)

    def test_a_provisional_date(self, at_work: House) -> None:
        """A date in a year whose calendar nobody knows is told as such."""
        at_work.done("officer", "add", "tang", "唐某", "--role", "leading_group", "--unit", "0101")
        assert "provisional" not in at_work.run("extend", N, "--for", "1 month", *SIGNED).stderr
        said = at_work.run("extend", N, "--until", "2030-10-08", "--exception", *SIGNED, by="tang").stderr
        assert "; provisional: the calendar of a year it needs is not published yet" in said

    def test_what_is_cancelled(self, trial: House) -> None:
        """A reminder that has not gone out stands as cancelled at once, in the outbox and in the history."""
        trial.done("sweep")
        trial.done("pause", N, "--reason", "待鉴定")
        assert {each["status"] for each in trial.found("outbox", "list")} == {"cancelled"}
        assert "cancelled before it went out: reminder of Verification" in trial.done("show", N)


class TestDeadline:
    """`qingling deadline`."""

    def test_a_name_that_is_none(self, at_work: House) -> None:
        """What is not there is told with what is there to be explained, and nothing that ended is said to run."""
        said = at_work.refused(20, "deadline", "explain", N, "nonsense")
        assert "has no deadline 'nonsense'; there is: disposal, verification" in said
        said = at_work.refused(20, "pause", N, "disposal", "--reason", "x")
        assert "has no deadline 'disposal' running; there is: verification" in said

    @pytest.mark.parametrize("words", ["x", "", "1 month", "1.5 days", "-3d", "9999999d", "99999999999d"])
    def test_within_what(self, at_work: House, words: str) -> None:
        """Anything but whole days within a century is refused, and what is suggested is taken."""
        assert "in whole days, such as 7d" in at_work.refused(2, "deadline", "list", "--due-within", words)

    @pytest.mark.parametrize(
        ("now", "args", "said"),
        [
            ("2019-08-30T10:00", (), "3 days left"),
            ("2019-08-30T10:00", ("--due-within", "7d"), "3 days left"),
            ("2019-09-02T23:59", (), "due today"),
            ("2019-09-03T00:00", ("--overdue",), "1 day late"),
            ("2019-09-03T00:00", ("--unit", "0101"), "1 day late"),
        ],
    )
    def test_list(self, at_work: House, now: str, args: tuple[str, ...], said: str) -> None:
        """What is left is told; what fits the question is listed."""
        at_work.now = now
        assert said in at_work.done("deadline", "list", *args)

    def test_list_shows_unit_and_who_must_act(self, at_work: House) -> None:
        """By name in the table, by code in JSON: the handler of an assigned lead."""
        found = {each["name"]: each for each in at_work.found("deadline", "list")}["verification"]
        words = at_work.done("deadline", "list")

        assert (found["unit_name"], found["must_act"]) == ("县医院", ["zhao"])
        assert "县医院" in words
        assert "赵某" in words

    @pytest.mark.parametrize(
        "args", [("--overdue",), ("--due-within", "2d"), ("--unit", "0102"), ("--papers",)], ids=str
    )
    def test_nothing_fits(self, at_work: House, args: tuple[str, ...]) -> None:
        """An empty answer is no data and one sentence."""
        at_work.now = "2019-08-30T10:00"
        assert at_work.done("deadline", "list", *args) == ""
        assert at_work.found("deadline", "list", *args) == []

    def test_explain(self, at_work: House) -> None:
        """Each day stands there with its reason, and the last line is the date."""
        lines = at_work.done("deadline", "explain", N, "verification").splitlines()
        told = at_work.found("deadline", "explain", N, "verification")

        assert lines[:3] == [
            f"{N}  Verification",
            "2 months from 2019-07-01, by calendar cn 2026.1",
            "· 2019-07-01       Monday  start day, not counted",
        ]
        assert lines[-2:] == [
            "> 2019-09-02       Monday  the last day is off (Sunday): the next working day",
            "due 2019-09-02, 63 days left",
        ]
        assert (told["steps"][-1]["on"], told["recomputed"], told["calendar"]) == (
            "2019-09-02",
            "2019-09-02",
            "cn 2026.1",
        )

    def test_what_was_missed_is_named(self, at_work: House) -> None:
        """The history names each rung that nobody was told of, with its place."""
        at_work.now = "2019-10-08T10:00"
        at_work.done("sweep")
        assert (
            "missed: reminder (-7 days), reminder (-3 days), chase (+1 working day), supervision (+7 days),"
            " supervision (+14 days), supervision (+21 days); to be written: supervision notice"
        ) in at_work.done("journal", "log", N)

    def test_a_met_one(self, at_work: House) -> None:
        """What is met tells the day and whether in time, and counts nothing any more."""
        at_work.now = "2019-10-08T10:00"
        lines = at_work.done("deadline", "explain", N, "disposal").splitlines()
        assert lines[-1].endswith(", met 2019-07-01, in time")
        assert at_work.found("deadline", "explain", N, "disposal")["left"] is None

    def test_papers(self, at_work: House) -> None:
        """A chase makes its letter ready."""
        at_work.now = "2019-09-03T10:00"
        assert at_work.found("sweep") == {
            "reminded": 1,
            "skipped": 2,
            "papers": 1,
            "acted": 0,
            "refused": 0,
            "opened": 0,
            "unheard": 0,
            "repeated": 0,
            "to": ["li", "wang", "zhao"],
        }
        (paper,) = at_work.found("deadline", "list", "--papers")
        assert (paper["paper"], paper["level"], paper["ready_since"]) == ("chase_letter", "chase", "2019-09-03")
        assert "催办单" in at_work.done("deadline", "list", "--papers", lang="zh")
        assert "待制发：催办单" in at_work.done("show", N, lang="zh")


class TestOutbox:
    """`qingling sweep` and `qingling outbox`."""

    @pytest.mark.parametrize(
        ("args", "code", "said"),
        [
            (("list", "--limit", "0"), 2, "--limit"),
            (("list", "--limit", "9" * 25), 2, "--limit"),
            (("retry", "9" * 25), 2, "NUMBER"),
            (("retry", "99"), 20, "no message 99 has failed"),
            (("preview", "99"), 20, "no message 99 waits"),
        ],
    )
    def test_numbers_that_are_none(self, at_work: House, args: tuple[str, ...], code: int, said: str) -> None:
        """A number that no message has, or that no database holds, is refused in one line."""
        assert said in at_work.refused(code, "outbox", *args)

    def test_from_sweep_to_letter(self, trial: House, monkeypatch: pytest.MonkeyPatch) -> None:
        """What a sweep promised is previewed, delivered once, and listed as sent, also to those of a missed rung."""
        monkeypatch.chdir(trial.folder)
        assert "1 reminder for 3 officers; 1 missed rung skipped" in trial.run("sweep").stderr
        assert trial.run("sweep").stderr == "nothing was due\n"
        preview = trial.done("outbox", "preview")
        assert f"{N} 核查期限（问题线索）" in preview
        sent = trial.found("outbox", "deliver")["sent"]
        assert sorted(each["key"].split("/")[1] for each in sent) == ["li", "wang", "zhao"]
        assert trial.run("outbox", "deliver").stderr == "0 sent, 0 wait, 0 failed\n"
        assert {each["status"] for each in trial.found("outbox", "list")} == {"sent"}
        assert len(list((trial.folder / "letters").glob("*.eml"))) == 3
        assert "taken by trial" in trial.run("outbox", "test", "--to", "li").stderr

    def test_what_fails_for_good(self, at_work: House) -> None:
        """A refusal is the exit code 40, stands in the list, and goes out again when asked."""
        at_work.now = "2019-08-30T10:00"
        folder = at_work.folder
        for name, content in (("url", ""), ("secret", "s3cret")):
            (folder / name).write_text(content, "utf-8")
            (folder / name).chmod(0o600)
        (folder / "ledger-channels.yaml").write_text(
            "channels:\n  hook: {family: webhook, url: {file: url}, secret: {file: secret}, unencrypted: true}\n",
            "utf-8",
        )
        for code in ("li", "zhao", "wang"):
            at_work.done("officer", "contact", code, f"hook={code}")
        at_work.done("sweep")
        with Endpoint(answer(status=400)) as rude:
            (folder / "url").write_text(rude.url, "utf-8")
            result = at_work.run("outbox", "deliver")
        said = result.stderr.strip().splitlines()[-1]
        assert result.exit_code == 40
        assert "messages failed (first to" in said
        assert "s3cret" not in said
        assert {each["status"] for each in at_work.found("outbox", "list", "--failed")} == {"failed"}
        assert "no message 99 has failed" in at_work.refused(20, "outbox", "retry", "99")
        assert "wait again" in at_work.run("outbox", "retry").stderr
        with Endpoint(answer()) as kind:
            (folder / "url").write_text(kind.url, "utf-8")
            assert at_work.found("outbox", "deliver")["failed"] == []

    def test_without_channels(self, at_work: House) -> None:
        """It is said where to declare them."""
        assert "ledger-channels.yaml" in at_work.refused(11, "outbox", "deliver")
        assert "nothing waits" in at_work.run("outbox", "preview").stderr
        assert at_work.found("outbox", "list") == []


class TestRun:
    """`qingling run`."""

    def test_once(self, trial: House, monkeypatch: pytest.MonkeyPatch) -> None:
        """Everything is done once: reminders, delivery, the backup of the day; then doctor knows of it."""
        monkeypatch.chdir(trial.folder)
        trial.done("officer", "revoke", "wang", "liaison")  # no return opens, only the meeting of the house
        said = trial.run("run", "--once", "--backup-to", "kept", "--keep", "1").stderr
        again = trial.run("run", "--once", "--backup-to", "kept", "--keep", "1").stderr

        assert [words in said for words in ("2 reminders for 3 officers", "backed up", "4 sent")] == [True, True, True]
        assert again == ""
        trial.now = "2019-08-31T10:00"
        trial.done("run", "--once", "--backup-to", "kept", "--keep", "1")
        assert [each.name for each in Path("kept").glob("*.db")] == ["qingling-daily-20190831.db"]
        found = json.loads(trial.run("doctor", "--json").stdout)
        assert any(each["topic"] == "scheduler" and "stopped at" in each["sentence"] for each in found)

    def test_returns_that_fail_cost_no_backup(self, trial: House, monkeypatch: pytest.MonkeyPatch) -> None:
        """A declaration that was altered stops the returns alone; the backup is made, the failure told."""
        monkeypatch.chdir(trial.folder)
        with closing(sqlite3.connect(trial.database)) as opened:
            opened.execute("UPDATE adopted SET plain = '{}' WHERE kind = 'workflow' AND name = 'return'")
            opened.commit()
        said = trial.run("run", "--once", "--backup-to", "kept")

        assert said.exit_code == DatabaseError.exit_code
        assert "returns" in said.stderr
        assert len(list(Path("kept").glob("*.db"))) == 1

    def test_a_backup_that_was_not_journaled_is(self, trial: House, monkeypatch: pytest.MonkeyPatch) -> None:
        """Killed between the backup and its journal row, the next run writes the row for the file that is there."""
        monkeypatch.chdir(trial.folder)
        Path("kept").mkdir()
        day = trial.now[:10].replace("-", "")
        shutil.copy(trial.database, f"kept/qingling-daily-{day}.db")
        trial.run("run", "--once", "--backup-to", "kept")

        with closing(sqlite3.connect(trial.database)) as opened:
            assert opened.execute("SELECT count(*) FROM journal WHERE kind = 'backed_up'").fetchone() == (1,)

    @pytest.mark.parametrize("name", [signal.SIGTERM, signal.SIGINT])
    def test_stops_cleanly(self, trial: House, name: signal.Signals) -> None:
        """Told to stop, it finishes, gives the watch back and leaves with 0."""
        trial.done("officer", "revoke", "wang", "liaison")  # no return opens, so that two messages go out
        env = {**{k: v for k, v in os.environ.items() if not k.startswith("QINGLING_")}, "QINGLING_LANG": "zh"}
        command = [sys.executable, str(ROOT / "cli.py"), "--database", str(trial.database), "--now", trial.now, "run"]
        with subprocess.Popen(command, env=env, cwd=trial.folder, stderr=subprocess.PIPE, text=True) as running:
            try:
                assert running.stderr is not None
                sent = 0
                while sent < 3:  # two reminders and the meeting that opens, in one delivery or in two
                    line = running.stderr.readline()
                    assert line
                    sent += sum(map(int, re.findall(r"已发 (\d+) 条，待重试 0 条，失败 0 条", line)))
                running.send_signal(name)
                rest = running.communicate(timeout=60)[1]
            finally:
                running.kill()  # whatever went wrong, nobody waits for it for ever

        assert (running.returncode, rest[-4:]) == (0, "已停止\n")


class TestCalendar:
    """`qingling calendar` in a house, and `qingling officer contact`."""

    def test_close_and_reproject(self, at_work: House) -> None:
        """Closed days move open dates: listed first, then moved with the reason in the history."""
        at_work.done("calendar", "close", "0101", "2019-09-02..2019-09-03", "--reason", "台风")
        assert at_work.found("calendar", "own")["units"]["0101"]["off"] == {"2019-09-02": "台风", "2019-09-03": "台风"}
        (moved,) = at_work.found("calendar", "reproject")
        assert (moved["was"], moved["becomes"], moved["days"], moved["applied"]) == (
            "2019-09-02",
            "2019-09-04",
            2,
            False,
        )
        assert "it would be 2019-09-04 now" in at_work.done("deadline", "explain", N, "verification")
        assert "needs a reason" in at_work.refused(2, "calendar", "reproject", "--apply")
        assert "1 deadlines moved" in at_work.run("calendar", "reproject", "--apply", "--reason", "台风停诊").stderr
        assert "2019-09-02 → 2019-09-04：台风停诊" in at_work.done("show", N, lang="zh")
        assert at_work.run("calendar", "reproject").stderr == "no date moves\n"
        at_work.done("calendar", "open", "0101", "2019-09-01", "--reason", "补班")
        at_work.done("calendar", "release", "0101", "2019-09-01..2019-09-03", "--reason", "取消")
        assert at_work.found("calendar", "own")["units"] == {}

    def test_use(self, at_work: House) -> None:
        """A file counts from then on, and China's days again when told so."""
        file = at_work.folder / "county.yaml"
        file.write_text("base: cn\nname: county\nversion: '2'\nholidays: [2019-09-02]\n", "utf-8")
        assert "counting by county 2 now" in at_work.run("calendar", "use", str(file)).stderr
        assert len(at_work.found("calendar", "reproject")) == 1
        at_work.done("calendar", "use", "cn")
        assert at_work.found("calendar", "own")["calendar"] == "cn"

    @pytest.mark.parametrize(
        ("args", "after"),
        [
            (("mail=a@b.invalid", "--quiet", "21:00-8:00"), None),
            (("mail=a@b.invalid", "--quiet", "21:00-08:00"), {"mail": "a@b.invalid", "quiet": "21:00-08:00"}),
            (("--channel", "group", "--channel", "mail"), {"channels": ["group", "mail"]}),
            (("--absent", "2019-10-01..2019-10-07"), None),
            (("--absent", "2019-10-07..2019-10-01", "--deputy", "zhao"), None),
            (("--absent", "2019-10-01", "--deputy", "zhao"),
             {"absent": {"from": "2019-10-01", "to": "2019-10-01", "deputy": "zhao"}}),
            (("--deputy", "zhao"), None),
            (("--language", "en"), {"language": "en"}),
        ],
        ids=str,
    )  # fmt: skip
    def test_contact(self, house: House, args: tuple[str, ...], after: dict[str, object] | None) -> None:
        """How an officer is reached is kept as it was said, or refused in one line."""
        if after is None:
            house.refused(2, "officer", "contact", "li", *args)
        else:
            house.done("officer", "contact", "li", *args)
            house.done("officer", "contact", "li", "--quiet", "")
            (li,) = [each for each in house.found("officer", "list") if each["code"] == "li"]
            assert li["contact"] == {name: value for name, value in after.items() if name != "quiet"}
            assert json.dumps(li)
