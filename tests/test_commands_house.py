"""Setting up a house and keeping it: init, unit, officer, reporter, journal, doctor."""

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from houses import LEAD, PASSPHRASE, REPORTER, House, built_house, house
from ledgers import furnished, register

from commands.console.context import AppContext, beside, files_folder, instant_given
from commands.shared.examining import ROOMS, names
from engine.errors import BadValueError

__all__ = ["built_house", "house"]

FIRST = "0101-XS-2019-0001"
WHOLE = (
    "init", "--rehearsal", "--not-classified", "--name", "某县卫健局", "--unit", "0101", "--unit-name", "县医院",
    "--officer", "wang", "--officer-name", "王某",
)  # fmt: skip


@pytest.fixture
def empty(tmp_path: Path) -> House:
    """Return a folder without a ledger."""
    (tmp_path / "passphrase.txt").write_text(PASSPHRASE, "utf-8")
    return House(tmp_path)


class TestInit:
    """A new house."""

    def test_what_it_makes(self, empty: House) -> None:
        """The database and the custodian's key are made, readable by their owner only, and it is said where."""
        result = empty.run(*WHOLE, "--passphrase-file", str(empty.folder / "passphrase.txt"))
        assert (result.exit_code, result.stdout) == (0, "")
        key = empty.folder / "ledger-custodian.key"
        assert str(key) in result.stderr
        assert str(empty.database) in result.stderr
        assert [path.stat().st_mode & 0o777 for path in (empty.database, key)] == [0o600, 0o600]
        assert PASSPHRASE.encode() not in key.read_bytes() + empty.database.read_bytes()

    def test_twice(self, house: House) -> None:
        """A house that is set up is not set up again, and its key stays as it is."""
        key = (house.folder / "ledger-custodian.key").read_bytes()
        said = house.refused(21, *WHOLE, "--passphrase-file", str(house.folder / "passphrase.txt"))
        assert "is set up already; name another place with --database" in said
        assert (house.folder / "ledger-custodian.key").read_bytes() == key

    @pytest.mark.parametrize(
        ("args", "code", "said"),
        [
            (["init"], 21, "say that the leads are no state secrets (--not-classified)"),
            (
                ["init", "--rehearsal", "--not-classified"],
                2,
                "init needs --name, --unit, --unit-name, --officer, --officer-name as well",
            ),
            ([*WHOLE], 2, "the custodian's passphrase is missing: --passphrase-file FILE, or QINGLING_PASSPHRASE"),
            ([*WHOLE, "--passphrase-file", "nowhere.txt"], 11, "nowhere.txt cannot be read"),
            ([*WHOLE, "--passphrase-file", "-"], 2, "is too easily guessed"),
            ([*WHOLE[:6], "a b", *WHOLE[7:]], 2, "'a b' is no code"),
            ([*WHOLE, "--database", "mysql://x"], 12, "mysql"),
            ([*WHOLE, "--database", "/nonexistent/x.db"], 12, "/nonexistent"),
        ],
    )
    def test_refusals(self, empty: House, args: list[str], code: int, said: str) -> None:
        """What is missing or wrong is said in one line, and no key is left behind."""
        assert said in empty.refused(code, *args, stdin="short\n")
        assert list(empty.folder.glob("*.key")) == []

    def test_a_key_is_never_overwritten(self, empty: House) -> None:
        """A key file that is there already is refused."""
        (empty.folder / "ledger-custodian.key").write_bytes(b"another house's key")
        said = empty.refused(11, *WHOLE, "--passphrase-file", str(empty.folder / "passphrase.txt"))
        assert "exists already and is not overwritten" in said


@pytest.mark.parametrize("verb", [["list"], ["show", "x"], ["receive"], ["journal", "verify"], ["unit", "list"]])
def test_without_a_ledger(empty: House, verb: list[str]) -> None:
    """Every command that needs a ledger says in one line how to make one."""
    assert "qingling init" in empty.refused(12, *verb)


class TestUnitsAndOfficers:
    """Who leads belong to, and who acts."""

    def test_units(self, house: House) -> None:
        """Units are added, listed and closed; a closed one takes no new cases."""
        house.done("unit", "add", "0103", "妇幼保健院")
        house.done("unit", "close", "0102", "--reason", "merged")
        units = {each["code"]: each for each in house.found("unit", "list")}
        assert sorted(units) == ["0101", "0102", "0103"]
        assert units["0102"]["closed_at"].startswith("2019-07-01T10:00")
        assert "closed" in house.refused(21, "receive", "--unit", "0102", *LEAD)

    def test_officers(self, house: House) -> None:
        """Officers are added with roles and contact, listed, and leave."""
        house.done(
            "officer", "add", "sun", "孙某", "--role", "核查人", "--unit", "0102", "--contact", "email=s@example.org"
        )
        house.done("officer", "grant", "sun", "liaison")
        house.done("officer", "revoke", "sun", "verifier", "--unit", "0102")
        house.done("officer", "contact", "sun", "sms=000", by="sun")
        house.done("officer", "leave", "sun")
        (sun,) = [each for each in house.found("officer", "list") if each["code"] == "sun"]
        assert sun["roles"] == [{"role": "liaison", "unit": None}]
        assert sun["contact"] == {"sms": "000"}
        assert sun["left_at"] is not None
        house.lead()
        assert "has left" in house.refused(21, "note", FIRST, "y", by="sun")

    def test_doing_it_twice_is_said(self, house: House) -> None:
        """To give a role that is there, or take one that is not, is no error."""
        assert "already" in house.run("officer", "grant", "zhao", "verifier", "--unit", "0101").stderr
        assert "no such role" in house.run("officer", "revoke", "zhao", "auditor").stderr

    @pytest.mark.parametrize(
        ("args", "by", "code", "said"),
        [
            (["unit", "add", "0101", "x"], "wang", 2, "unit '0101' exists already"),
            (["unit", "add", "a b", "x"], "wang", 2, "'a b' is no code"),
            (
                ["unit", "add", "0109", "x"],
                "zhao",
                21,
                "zhao may not keep this ledger (needs role office in all units)",
            ),
            (["unit", "close", "0109", "--reason", "x"], "wang", 20, "no unit has the code '0109'"),
            (["unit", "ad"], "wang", 2, "did you mean add?"),
            (["officer", "add", "zhao", "x"], "wang", 2, "officer 'zhao' exists already"),
            (["officer", "add", "x", "y", "--role", "verifer"], "wang", 20, "did you mean 'verifier'?"),
            (["officer", "add", "x", "y", "--contact", "mail"], "wang", 2, "write it as KIND=ADDRESS"),
            (["officer", "grant", "wang", "auditor"], "wang", 21, "nobody gives a role to themselves"),
            (["officer", "grant", "zaho", "auditor"], "wang", 20, "did you mean 'zhao'?"),
            (["officer", "leave", "zhao"], "li", 21, "li may not manage officers and their roles (needs role office"),
        ],
    )
    def test_refusals(self, house: House, args: list[str], by: str, code: int, said: str) -> None:
        """What must not be is refused in one line."""
        assert said in house.refused(code, *args, by=by)

    def test_a_refused_officer_leaves_no_trace(self, house: House) -> None:
        """If a role is wrong, the officer is not half added."""
        house.refused(20, "officer", "add", "sun", "孙某", "--role", "nothing")
        assert "sun" not in [each["code"] for each in house.found("officer", "list")]

    def test_lists_for_eyes(self, house: House) -> None:
        """Units and officers are listed in aligned columns, roles by their titles."""
        assert house.done("unit", "list", lang="zh").splitlines()[0].split() == ["代码", "名称", "类型", "停用"]
        assert "核查人 (0101)" in house.done("officer", "list", lang="zh")


class TestReporter:
    """What is sealed."""

    @pytest.fixture
    def sealed(self, house: House) -> House:
        """Return a house with a lead whose reporter is sealed."""
        house.done("receive", "--unit", "0101", *LEAD, "--real-name", "yes", "--reporter", "-", stdin=REPORTER + "\n")
        return house

    def passphrase(self, house: House) -> tuple[str, str]:
        """Return the option that names the right passphrase."""
        return ("--passphrase-file", str(house.folder / "passphrase.txt"))

    def test_open(self, sealed: House) -> None:
        """The custodian opens the seal; who and why are in the journal, the value is not."""
        sealed.agreed(FIRST)
        result = sealed.run("reporter", "open", FIRST, "--reason", "protection", *self.passphrase(sealed))
        assert (result.exit_code, result.stdout) == (0, f"Reporter: {REPORTER}\n")
        last = sealed.found("show", FIRST)["timeline"][-1]
        assert (last["kind"], last["by"], last["body"]["reason"]) == ("seal_opened", "wang", "protection")
        assert REPORTER not in sealed.done("journal", "log", "--json")

    @pytest.mark.parametrize(
        ("args", "by", "code", "said"),
        [
            (["--reason", "x", "--passphrase-file", "-"], "wang", 21, "wrong passphrase"),
            (["--reason", "x", "--passphrase-file", "-"], "zhao", 21, "zhao may not open what is sealed"),
            (["--reason", " ", "--passphrase-file", "-"], "wang", 21, "give a reason"),
            (["--passphrase-file", "-"], "wang", 2, "--reason"),
            (["--reason", "x", "--key-file", "none.key"], "wang", 11, "none.key cannot be read"),
            (["--reason", "x"], "wang", 2, "passphrase is missing"),
        ],
    )
    def test_refusals(self, sealed: House, args: list[str], by: str, code: int, said: str) -> None:
        """Without role, reason, key or passphrase the seal stays closed, and nothing of it is shown."""
        sealed.agreed(FIRST)
        line = sealed.refused(code, "reporter", "open", FIRST, *args, by=by, stdin="not the passphrase\n")
        assert said in line
        assert REPORTER not in line

    def test_a_refused_opening_is_journaled(self, sealed: House) -> None:
        """Who asked in vain stands in the journal."""
        sealed.refused(21, "reporter", "open", FIRST, "--reason", "x", *self.passphrase(sealed), by="zhao")
        last = sealed.found("show", FIRST)["timeline"][-1]
        assert (last["kind"], last["by"]) == ("opening_refused", "zhao")

    def test_nobody_opens_alone(self, sealed: House) -> None:
        """Another officer agrees, for one opening within three days; each attempt is journaled."""
        opening = ("reporter", "open", FIRST, "--reason", "x", *self.passphrase(sealed))
        assert "qingling reporter ask" in sealed.refused(21, *opening)
        assert "nobody asks" in sealed.refused(21, "reporter", "agree", FIRST, by="li")
        sealed.done("reporter", "ask", FIRST, "--reason", "asked for")
        assert "another officer" in sealed.refused(21, *opening)
        assert "asked for themselves" in sealed.refused(21, "reporter", "agree", FIRST)
        sealed.refused(21, "reporter", "agree", FIRST, by="zhao")
        sealed.refused(21, "reporter", "ask", FIRST, "--reason", "asked for", by="zhao")
        sealed.done("reporter", "agree", FIRST, by="li")
        assert REPORTER in sealed.done(*opening)
        assert "another officer" in sealed.refused(21, *opening)
        sealed.agreed(FIRST)
        sealed.now = "2019-07-05T10:00"
        assert "another officer" in sealed.refused(21, *opening)
        kinds = [each["kind"].removeprefix("opening_") for each in sealed.found("show", FIRST)["timeline"]]
        assert " ".join(kinds[1:]) == ("refused asked refused agreed seal_opened refused asked agreed refused")
        sealed.done("journal", "verify")

    def test_a_new_key(self, sealed: House) -> None:
        """It takes the old passphrase; all that was sealed opens with the new key, and no more with the old one."""
        new, old = str(sealed.folder / "new.key"), ("--old-passphrase-file", str(sealed.folder / "passphrase.txt"))
        said = sealed.refused(2, "reporter", "key", "--key-file", new, *self.passphrase(sealed))
        assert "--old-passphrase-file" in said
        assert not Path(new).exists()
        sealed.done("reporter", "key", "--key-file", new, *old, *self.passphrase(sealed))
        sealed.agreed(FIRST)
        opening = ("reporter", "open", FIRST, "--reason", "x", *self.passphrase(sealed))
        assert sealed.done(*opening, "--key-file", new) == f"Reporter: {REPORTER}"
        sealed.agreed(FIRST)
        assert "sealed to another key" in sealed.refused(21, *opening)
        sealed.done("journal", "verify")

    def test_a_lost_passphrase_is_got_over_by_both_halves(self, sealed: House) -> None:
        """The halves are written once for two others; one alone does nothing, and only its owner reads each."""
        one, two, new = (str(sealed.folder / each) for each in ("one.half", "two.half", "new.key"))
        sealed.done("reporter", "escrow", "--half", one, "--half", two, *self.passphrase(sealed))
        assert Path(one).stat().st_mode & 0o077 == 0
        changing = ("reporter", "key", "--key-file", new, *self.passphrase(sealed))
        sealed.refused(21, *changing, "--half", one)
        sealed.done(*changing, "--half", one, "--half", two)
        sealed.agreed(FIRST)
        opening = ("reporter", "open", FIRST, "--reason", "x", "--key-file", new, *self.passphrase(sealed))
        assert sealed.done(*opening) == f"Reporter: {REPORTER}"

    def test_a_refused_key_leaves_no_file(self, house: House) -> None:
        """If the officer may not change the key, no key file is left."""
        new = house.folder / "new.key"
        old = ("--old-passphrase-file", str(house.folder / "passphrase.txt"))
        house.refused(21, "reporter", "key", "--key-file", str(new), *old, *self.passphrase(house), by="zhao")
        assert not new.exists()


class TestJournal:
    """What happened."""

    def test_log(self, house: House) -> None:
        """The journal is printed oldest first, narrowed by case, kind and instant."""
        house.lead()
        house.now = "2019-07-02"
        house.done("note", FIRST, "called")
        kinds = [each["kind"] for each in house.found("journal", "log")]
        assert kinds[0] == "set_up"
        assert kinds[-2:] == ["opened", "noted"]
        assert [each["kind"] for each in house.found("journal", "log", FIRST)] == ["opened", "noted"]
        assert [each["case"] for each in house.found("journal", "log", "--kind", "noted")] == [FIRST]
        assert [each["kind"] for each in house.found("journal", "log", "--since", "2019-07-02")] == ["noted"]
        assert house.found("journal", "log", "--kind", "voided") == []
        assert "did you mean 'voided'?" in house.refused(2, "journal", "log", "--kind", "voidd")

    def test_log_on_postgresql(self, postgres_url: str, empty: House) -> None:
        """On a database server it is printed as well, though each line asks the same connection for more."""
        with furnished(postgres_url) as ledger:
            number = register(ledger).number
        for form in ([], ["--json"]):
            result = empty.run("journal", "log", *form, env={"QINGLING_DATABASE": postgres_url})
            assert result.exit_code == 0
            assert result.stdout.strip().splitlines()[-1 - len(form)].count(number) == 1

    def test_log_for_eyes(self, house: House) -> None:
        """Each row is a line with when, which case, who and what."""
        house.lead()
        last = house.done("journal", "log", lang="zh").splitlines()[-1]
        assert last.startswith(f"2019-07-01 10:00  {FIRST}  王某  登记：收到时间=2019-06-28")

    def test_verify(self, house: House) -> None:
        """An untouched journal holds."""
        house.lead()
        result = house.run("journal", "verify")
        assert (result.exit_code, result.stdout) == (0, "")
        assert "the journal holds" in result.stderr

    def test_a_changed_row_is_found(self, house: House) -> None:
        """A row changed behind the program's back is named, and the exit code says so."""
        house.lead()
        with closing(sqlite3.connect(house.database)) as database:
            database.execute("UPDATE journal SET by = 'li' WHERE case_id > 0")
            database.commit()
        result = house.run("journal", "verify")
        assert result.exit_code == 12
        assert result.stdout.splitlines()[0] == f"{FIRST}, row 1: was changed"
        assert "keep this database as it is" in result.stderr
        assert json.loads(house.run("journal", "verify", "--json").stdout)["breaks"]


class TestDoctor:
    """What is wrong with an installation."""

    def verdicts(self, house: House) -> dict[str, str]:
        """Return the worst verdict by topic."""
        worst: dict[str, str] = {}
        for each in json.loads(house.run("doctor", "--json").stdout):
            if worst.get(each["topic"]) != "wrong":
                worst[each["topic"]] = each["verdict"]
        return worst

    def test_a_sound_house(self, house: House) -> None:
        """In a sound house nothing is wrong, and a clock set by hand is noted."""
        result = house.run("doctor")
        assert result.exit_code == 0, result.output
        verdicts = self.verdicts(house)
        assert "wrong" not in verdicts.values()
        assert (verdicts["clock"], verdicts["database"], verdicts["workflows"]) == ("note", "ok", "ok")

    def test_a_clock_set_back(self, house: House) -> None:
        """A machine whose clock is behind what was journaled, of a case as of the house, is told so."""
        house.now = ""
        assert self.verdicts(house)["clock"] == "ok"
        house.now = (datetime.now(UTC) + timedelta(days=40)).isoformat()
        house.lead()
        house.now = ""
        assert self.verdicts(house)["clock"] == "wrong"

    def test_no_database(self, empty: House) -> None:
        """A missing database is wrong, and all else is looked at nevertheless."""
        assert empty.run("doctor").exit_code == 1
        verdicts = self.verdicts(empty)
        assert (verdicts["database"], verdicts["calendar"]) == ("wrong", "ok")

    def test_open_permissions(self, house: House) -> None:
        """A database that others can read is wrong."""
        house.database.chmod(0o644)
        assert self.verdicts(house)["permissions"] == "wrong"

    @pytest.mark.parametrize("name", ["QINGLING_KEY_FILE", "QINGLING_FILES", "QINGLING_DATABASE"])
    def test_open_permissions_of_what_lies_at_home(self, house: House, name: str) -> None:
        """What a variable names with `~` is looked at where the commands would find it."""
        at_home = {
            "QINGLING_KEY_FILE": house.folder / "k.key",
            "QINGLING_FILES": house.folder / "kept",
            "QINGLING_DATABASE": house.database,
        }[name]
        if name == "QINGLING_FILES":
            at_home.mkdir()
        elif name == "QINGLING_KEY_FILE":
            at_home.write_text("locked", "utf-8")
        env = {"HOME": str(house.folder), name: f"~/{at_home.name}"}
        for mode, verdict in ((0o700, "ok"), (0o744, "wrong")):
            at_home.chmod(mode)
            found = json.loads(house.run("doctor", "--json", env=env).stdout)

            assert [
                each["verdict"]
                for each in found
                if each["topic"] == "permissions" and f"{at_home} (" in each["sentence"]
            ] == [verdict]

    def test_open_permissions_beside_a_server(self, house: House) -> None:
        """Where the database is a server's, the key and the attached files are looked at all the same."""
        key, kept = house.folder / "k.key", house.folder / "kept"
        key.write_text("locked", "utf-8")
        key.chmod(0o644)
        kept.mkdir(mode=0o755)
        env = {"QINGLING_KEY_FILE": str(key), "QINGLING_FILES": str(kept)}

        found = json.loads(house.run("--database", "postgresql://127.0.0.1:1/none", "doctor", "--json", env=env).stdout)

        wrong = [each["sentence"] for each in found if each["topic"] == "permissions" and each["verdict"] == "wrong"]
        assert [str(place) in sentence for place, sentence in zip((key, kept), wrong, strict=True)] == [True, True]

    @pytest.mark.parametrize(
        ("name", "command"),
        [
            ("QINGLING_KEY_FILE", "doctor"),
            ("QINGLING_FILES", "doctor"),
            ("QINGLING_DATABASE", "doctor"),
            ("QINGLING_WORKFLOWS", "workflow list"),
        ],
    )
    def test_a_home_that_nobody_has(self, house: House, name: str, command: str) -> None:
        """A `~` that leads nowhere is refused in one line that says how to write the place, not a fault of ours."""
        result = house.run(*command.split(), env={name: "~nobody-here/place"})

        assert result.exit_code == 11, result.output
        assert "./~nobody-here" in result.output

    def test_a_damaged_database(self, house: House) -> None:
        """A file that is no database is wrong, in one line."""
        house.database.write_bytes(b"not a database" * 1000)
        assert self.verdicts(house)["database"] == "wrong"

    def test_a_calendar_that_ended(self, house: House) -> None:
        """A year without published working days is wrong."""
        house.now = "2040-01-01"
        assert self.verdicts(house)["calendar"] == "wrong"

    def test_a_calendar_that_the_house_carried_on(self, house: House) -> None:
        """A house whose own calendar goes on is not blamed for China's, which the program brings along."""
        own = house.folder / "county.yaml"
        own.write_text("base: cn\npublished: 2004-2040\n", "utf-8")
        house.done("calendar", "use", str(own))
        house.now = "2040-01-01"
        assert self.verdicts(house)["calendar"] == "ok"
        own.write_text("weekend: [sat, sun]\n", "utf-8")
        house.now = "2019-07-01T10:00"
        house.done("calendar", "use", str(own))
        assert "working days of every year are known" in house.run("doctor").stdout

    def test_a_file_beside_the_ledger_changes_nothing(self, house: House) -> None:
        """A declaration in the house's own folder, sound or not, is nothing to the ledger until it is adopted."""
        own = house.folder / "ledger-workflows"
        own.mkdir()
        (own / "complaint.yaml").write_text("workflow: complaint\nversoin: 1\n", "utf-8")
        assert self.verdicts(house)["workflows"] == "ok"

    def test_after_attaching(self, house: House) -> None:
        """Attached files lie where only their owner can read them."""
        house.lead()
        house.done("attach", FIRST, str(house.folder / "passphrase.txt"))
        assert "wrong" not in self.verdicts(house).values()

    @pytest.mark.parametrize(
        ("owners", "verdict", "said"),
        [
            ({}, "ok", "engine"),
            ({"engine": ["qingling"]}, "ok", "engine"),
            ({"engine": ["qingling", "other-engine"]}, "wrong", "also shipped by other-engine"),
        ],
        ids=["checkout", "installed", "contested"],
    )
    def test_contested_names(self, owners: dict[str, list[str]], verdict: str, said: str) -> None:
        """A top-level name that another distribution ships too is wrong (pip says nothing of it)."""
        found = {each.topic.en: each for each in names(lambda: owners)}
        assert len(found) == len(ROOMS)
        assert found["name engine"].verdict == verdict
        assert said in found["name engine"].sentence.en

    def test_names_loaded_from_elsewhere(self, tmp_path: Path) -> None:
        """A name that is loaded from another place is wrong."""
        assert {each.verdict for each in names(dict, root=tmp_path)} == {"wrong"}


class TestAppContext:
    """Where settings come from."""

    @pytest.fixture(autouse=True)
    def bare(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Take away what the environment sets."""
        for name in ("QINGLING_DATABASE", "QINGLING_NOW", "QINGLING_OFFICER", "QINGLING_FILES"):
            monkeypatch.delenv(name, raising=False)

    def test_database(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The option goes before the variable, the variable before qingling.db in this folder."""
        app = AppContext()
        assert app.database == "qingling.db"
        monkeypatch.setenv("QINGLING_DATABASE", "a.db")
        assert app.database == "a.db"
        app.database_option = "b.db"
        assert app.database == "b.db"

    def test_now(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The clock is asked unless the option or the variable sets it."""
        app = AppContext()
        assert abs(app.now - datetime.now(UTC)) < timedelta(seconds=5)
        assert app.given_at is not None
        assert abs(app.given_at - datetime.now(UTC)) < timedelta(seconds=5)
        monkeypatch.setenv("QINGLING_NOW", "2019-06-30")
        assert app.now == datetime(2019, 6, 30, 9, tzinfo=timezone(timedelta(hours=8)))
        assert app.given_at is None
        app.now_option = "2019-07-01T00:00Z"
        assert app.now == datetime(2019, 7, 1, tzinfo=UTC)

    @pytest.mark.parametrize(
        ("words", "iso"),
        [
            ("2019-06-30", "2019-06-30T09:00:00+08:00"),
            ("20190630", "2019-06-30T09:00:00+08:00"),
            ("2019-06-30T15:00", "2019-06-30T15:00:00+08:00"),
            ("2019-06-30 15:00", "2019-06-30T15:00:00+08:00"),
            ("2019-06-30T15:00+01:00", "2019-06-30T15:00:00+01:00"),
            (" 2019-06-30T15:00Z ", "2019-06-30T15:00:00+00:00"),
        ],
    )
    def test_instants(self, words: str, iso: str) -> None:
        """A day means nine in the morning in Shanghai, a time without zone means local time."""
        assert instant_given(words, where="--now").isoformat() == iso

    def test_instants_of_another_zone(self) -> None:
        """What names no zone is local time where the ledger is kept; what names one is not touched."""
        there = instant_given("2019-06-30", where="--now", zone=lambda: "Asia/Urumqi")
        assert there.isoformat() == "2019-06-30T09:00:00+06:00"
        given = instant_given("2019-06-30T15:00+01:00", where="--now", zone=lambda: "Asia/Urumqi")
        assert given.isoformat() == "2019-06-30T15:00:00+01:00"

    @pytest.mark.parametrize(
        "words", ["", "soon", "6.7.2019", "2019-13-01", "2019-06-30T25:00", "0001-01-01T00:00+14:00", "9999-12-31"]
    )
    def test_no_instants(self, words: str) -> None:
        """Anything else is refused with where it came from and how to write it."""
        with pytest.raises(BadValueError, match=r"QINGLING_NOW.*2019-06-30"):
            instant_given(words, where="QINGLING_NOW")

    def test_what_lies_beside(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Files lie beside the database's file; a server's must be named."""
        assert beside(str(tmp_path / "a.db"), "files") == tmp_path / "a-files"
        with pytest.raises(BadValueError, match="QINGLING_FILES"):
            files_folder("postgresql://host/name")
        monkeypatch.setenv("QINGLING_FILES", str(tmp_path))
        assert files_folder("postgresql://host/name") == tmp_path

    def test_options_stand_before_or_after(self, house: House) -> None:
        """A setting of the whole program is taken before the command or after it."""
        before = house.done("--lang", "zh", "--by", "zhao", "unit", "list")
        assert before == house.done("unit", "list", "--lang", "zh", "--by", "zhao")
        assert "--by" not in before
        house.lead()
        house.done("note", FIRST, "x", "--by", "zhao", "--now", "2019-07-05")
        last = house.found("show", FIRST)["timeline"][-1]
        assert (last["by"], last["at"]) == ("zhao", "2019-07-05T09:00:00+08:00")


def test_the_officer_of_init_acts_by_default(house: House) -> None:
    """If nobody is named, the officer that init made acts, while nobody else does."""
    for other in ("li", "zhao", "qian"):
        house.done("officer", "leave", other)
    done = subprocess.run(
        [sys.executable, str(Path(__file__).parent.parent / "cli.py"), "receive", "--unit", "0101", *LEAD],
        env={"QINGLING_DATABASE": str(house.database), "QINGLING_NOW": house.now},
        capture_output=True,
        check=True,
    )
    assert done.stdout.decode().strip() == FIRST
    assert house.found("show", FIRST)["timeline"][0]["by"] == "wang"


def test_a_unit_has_a_type_that_is_declared_and_journaled(house: House) -> None:
    """A unit is of the first declared type until another is registered; the journal tells it, and finds a change."""
    house.done("unit", "add", "0105", "某县医疗保障局", "--type", "医疗保障")
    house.done("unit", "type", "0102", "insurance", "--reason", "mandate")
    types = {each["code"]: each["type"] for each in house.found("unit", "list")}
    unknown = house.refused(2, "unit", "add", "0106", "x", "--type", "healh")

    assert types == {"0101": "health", "0102": "insurance", "0105": "insurance"}
    assert "did you mean 'health'?" in unknown
    assert "类型为 insurance" in house.done("journal", "log", lang="zh")
    house.done("journal", "verify", "--tables")
    with sqlite3.connect(house.database) as database:
        database.execute("UPDATE settings SET value = '{}' WHERE name = 'unit_types'")
    assert house.run("journal", "verify", "--tables").exit_code != 0


def test_several_names_in_one_text(house: House) -> None:
    """Names and codes may be given one by one or as one text, parted by commas or semicolons of any width."""
    for place, between in enumerate((",", "，", "、", ";", "； ")):
        code = f"new{place}"
        house.done(
            "officer",
            "add",
            code,
            f"新{'一二三四五'[place]}",
            "--role",
            f"liaison{between}verifier",
            "--role",
            "auditor",
        )
        found = next(each for each in house.found("officer", "list") if each["code"] == code)
        assert {each["role"] for each in found["roles"]} == {"liaison", "verifier", "auditor"}, between
    number = house.lead()
    house.done("restrict", number, "--to", "wang，li", "--reason", "own hospital")
    house.done("show", number, by="li")
    house.refused(20, "show", number, by="zhao")
