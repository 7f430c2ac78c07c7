"""Channels as they are declared and chosen: one that cannot work holds up no other, and no name is mistyped."""

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from houses import House, built_house, house

import cli

__all__ = ["built_house", "house"]

ROOT = Path(__file__).resolve().parent.parent
TWO = """
channels:
  gateway: {family: webhook, url: {env: H_OK}, secret: {file: gone.key}, unencrypted: true}
  trial: {family: file, folder: letters}
"""


@pytest.fixture
def promised(house: House, monkeypatch: pytest.MonkeyPatch) -> House:
    """Return a house in which three messages wait: one for a gateway, two for a folder."""
    monkeypatch.chdir(house.folder)
    monkeypatch.delenv("H_OK", raising=False)
    house.assigned(house.lead())
    (house.folder / "ledger-channels.yaml").write_text(TWO, "utf-8")
    house.now = "2019-08-30T10:00"
    house.done("officer", "contact", "li", "gateway=li")
    house.done("officer", "contact", "zhao", "trial=zhao")
    house.done("sweep")
    return house


class TestDelivery:
    """What a channel that is not ready means for the others."""

    def test_a_missing_secret_stops_one_channel(self, promised: House) -> None:
        """The others deliver; what is missing is told in one line, and its messages wait untouched."""
        result = promised.run("outbox", "deliver")
        listed = {each["to"]: each for each in promised.found("outbox", "list")}

        assert result.exit_code == 0, result.output
        assert "gateway is down" in result.stderr
        assert "the environment has no H_OK" in result.stderr
        assert "unencrypted" not in result.stderr
        assert (listed["zhao"]["status"], listed["li"]["status"]) == ("sent", "waiting")
        assert {each["to"] for each in promised.found("outbox", "list", by="zhao")} == {"zhao"}, "only their own"
        assert listed["li"]["attempts"] == 0

    def test_run_goes_on_too(self, promised: House) -> None:
        """`run --once` delivers by the others and tells of the channel that is down, once."""
        result = promised.run("run", "--once")

        assert result.exit_code == 0, result.output
        assert result.stderr.count("gateway is down") == 1
        assert "4 sent, 1 wait" in result.stderr

    def test_what_is_left_out_of_a_list_is_said(self, promised: House) -> None:
        """A list that was cut says so; a number that fits into no database is refused in one line."""
        assert "there are more: raise --limit" in promised.run("outbox", "list", "--limit", "1").stderr
        assert "there are more" not in promised.run("outbox", "list", "--limit", "3").stderr
        for args in (("list", "--limit", "9" * 30), ("list", "--limit", "-1"), ("retry", "9" * 30)):
            promised.refused(2, "outbox", *args)

    @pytest.mark.parametrize(
        ("words", "told"),
        [
            (TWO, "gateway is down"),
            ("channels: [", "not YAML"),
            ("channels: {x: {family: pigeon}}", "channels.x.family"),
            ("channels: {t: {family: file, folder: f}}\ntemplates: own", "own"),
        ],
    )
    def test_doctor_looks_at_what_messages_go_out_by(self, promised: House, words: str, told: str) -> None:
        """A file of channels by which nothing goes out is wrong, and so is a secret or template that is."""
        own = promised.folder / "own/test/zh"
        own.mkdir(parents=True)
        (own / "body.txt").write_text("{{ nmae }}", "utf-8")
        (promised.folder / "ledger-channels.yaml").write_text(words, "utf-8")

        result = promised.run("doctor", "--json")

        assert result.exit_code == 1
        assert any(told in each["sentence"] for each in json.loads(result.stdout) if each["topic"] == "channels")

    def test_a_file_that_is_wrong_stays_wrong(self, promised: House) -> None:
        """A mistyped setting is refused as before, with nothing sent."""
        (promised.folder / "ledger-channels.yaml").write_text(TWO.replace("folder", "foldr"), "utf-8")
        assert promised.run("outbox", "deliver").exit_code == 10

    @pytest.mark.parametrize("spoilt", ["{", "[]", "null", '{"entries":[1]}', '{"entries":[{"ref":[1]}]}'])
    def test_a_spoilt_message_fails_alone(self, promised: House, spoilt: str) -> None:
        """A message that somebody spoilt by hand is given up by name; the others go out, and leads go on."""
        with closing(sqlite3.connect(promised.database)) as raw, raw:
            raw.execute("UPDATE outbox SET payload = ? WHERE recipient = 'li'", (spoilt,))

        assert "cannot be sent" in promised.done("outbox", "preview")
        result = promised.run("outbox", "deliver")
        listed = {each["to"]: each["status"] for each in promised.found("outbox", "list")}

        assert (result.exit_code, listed) == (40, {"zhao": "sent", "wang": "sent", "li": "failed"})
        assert "3 sent, 0 wait, 1 failed" in result.stderr

    def test_a_closed_pipe_ends_cleanly(self, promised: House) -> None:
        """`outbox deliver | true` sends what it can, and the message for the screen waits."""
        (promised.folder / "ledger-channels.yaml").write_text("channels:\n  screen: {family: console}\n", "utf-8")
        reading, writing = os.pipe()
        os.close(reading)
        env = {**{k: v for k, v in os.environ.items() if not k.startswith("QINGLING_")}, "QINGLING_LANG": "en"}
        env["QINGLING_OFFICER"] = "wang"
        command = [sys.executable, str(ROOT / "cli.py"), "--database", str(promised.database), "--now", promised.now]
        done = subprocess.run(
            [*command, "outbox", "deliver"], env=env, stdout=writing, stderr=subprocess.PIPE, text=True, check=False
        )
        os.close(writing)
        listed = promised.found("outbox", "list")

        assert "unexpectedly" not in done.stderr + repr(listed)
        assert "Traceback" not in done.stderr
        assert "BrokenPipe" not in done.stderr
        assert done.returncode in (0, cli.PIPE_CLOSED)
        assert {(each["status"], each["attempts"]) for each in listed} == {("waiting", 0)}


class TestContact:
    """`qingling officer contact` refuses what could never arrive."""

    @pytest.mark.parametrize(
        ("args", "said"),
        [
            (("nosuch=x", "--channel", "nosuch"), "nosuch"),
            (("trail=li",), "did you mean 'trial'"),
            (("--channel", "trail"), "did you mean 'trial'"),
            (("mail=li.example.invalid",), "mail address"),
            (("mail=li@example.invalid\nBcc: x@y.invalid",), "one line"),
            (("mail=a@b.invalid,c@d.invalid",), "mail address"),
            (("mail=Bcc:a@b.invalid",), "mail address"),
            (("--absent", "2019-10-01", "--deputy", "li"), "deputy"),
        ],
        ids=str,
    )
    def test_refusals(self, house: House, args: tuple[str, ...], said: str) -> None:
        """A name that no channel bears, an address that is none, oneself as deputy: one line, exit code 2."""
        (house.folder / "ledger-channels.yaml").write_text(
            "channels:\n  trial: {family: file, folder: letters}\n"
            "  mail: {family: mail, host: h.invalid, from: a@b.invalid}\n",
            "utf-8",
        )
        assert said in house.refused(2, "officer", "contact", "li", *args)

    def test_without_channels_it_is_only_told(self, house: House) -> None:
        """Where no channel is declared yet, the names are taken with a word of warning."""
        result = house.run("officer", "contact", "li", "mail=li@example.invalid")

        assert result.exit_code == 0
        assert "no channel is set up yet" in result.stderr
        assert "mail address" in house.refused(2, "officer", "contact", "li", "mail=nowhere")

    def test_a_file_that_is_wrong_is_not_called_missing(self, house: House) -> None:
        """Where channels are declared but not soundly, that is told, and not that there are none."""
        (house.folder / "ledger-channels.yaml").write_text(TWO.replace("folder: letters", "foldr: x"), "utf-8")
        result = house.run("officer", "contact", "li", "trial=x")
        assert "foldr: no key is called" in result.stderr
        assert "trial cannot be checked until that is mended" in result.stderr
        assert "set up yet" not in result.stderr

    def test_two_who_stand_in_for_each_other(self, house: House) -> None:
        """Deputies of each other who are away at once are told of; at different times they are not."""
        house.done("officer", "contact", "li", "--absent", "2019-10-01..2019-10-07", "--deputy", "zhao")
        apart = house.run("officer", "contact", "zhao", "--absent", "2019-10-08..2019-10-09", "--deputy", "li")
        both = house.run("officer", "contact", "zhao", "--absent", "2019-10-07..2019-10-09", "--deputy", "li")

        assert "away" not in apart.stderr
        assert (both.exit_code, "li is away too" in both.stderr) == (0, True)
