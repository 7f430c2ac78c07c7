"""The ledger holds its rules: it works by what was adopted, and by no file that a caller points at."""

import json
import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from houses import COMPLAINT, House, built_house, house

from commands.shared import rule_files
from engine.errors import DatabaseError, InvalidWorkflowError, NotFoundError, RefusedError
from engine.operations.house.registration import add_officer, set_up
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.ledger import Ledger
from engine.store import schema
from engine.store.connection import open_store
from workflows.book import SHIPPED
from workflows.loader import Declarations

__all__ = ["built_house", "house"]

FIRST = "0101-XS-2019-0001"
LEAD = (SHIPPED / "lead.yaml").read_text("utf-8")
ROLES = (SHIPPED / "lists" / "roles.yaml").read_text("utf-8")

PUT_IN = (
    "INSERT INTO adopted SELECT kind, name, version + 1, digest, plain, shipped, seq FROM adopted"
    " WHERE kind = 'workflow' AND name = 'lead'"
)


def changed(house: House, statement: str, *values: object) -> None:
    """Change the ledger's file beside the program."""
    with closing(sqlite3.connect(house.database)) as opened:
        opened.execute(statement, values)
        opened.commit()


def liaison(house: House) -> None:
    """Register an officer who may only receive leads."""
    house.done("officer", "add", "lian", "连某", "--role", "liaison", "--unit", "0101")


def closing_lead() -> str:
    """Return a lead.yaml of the next version in which who received a lead closes it, verified by nobody."""
    step = "transitions:\n  shut: {title: {en: Shut, zh: 关闭}, from: received, to: closed, by: [liaison]}\n"
    version = int(LEAD.split("version: ")[1].split()[0])
    return LEAD.replace(f"version: {version}", f"version: {version + 1}").replace("transitions:\n", step)


def powerful_auditor(powers: str) -> str:
    """Return the list of roles in which auditors have powers."""
    assert "[read_access_log, read_restricted]" in ROLES
    return ROLES.replace("[read_access_log, read_restricted]", f"[read_access_log, read_restricted, {powers}]")


def from_before(folder: Path) -> House:
    """Return a house whose ledger never adopted anything."""
    before = House(folder)
    schema.bring_up(str(before.database))
    with closing(open_store(str(before.database))) as store:
        ledger = Ledger(store, Declarations())
        begun = datetime(2019, 7, 1, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
        set_up(
            ledger, name="某县卫健局", unit=("0101", "县医院"), officer=("wang", "王某"), zone="Asia/Shanghai",
            custodian=None, now=begun, rehearsal=True,
        )  # fmt: skip
        add_officer(Acting(ledger, "wang", begun), "qian", "钱某", roles=["auditor"])
    return before


@pytest.fixture
def brought(house: House) -> Path:
    """Return a folder with a lead.yaml that an officer wrote for himself."""
    folder = house.folder / "brought"
    folder.mkdir()
    (folder / "lead.yaml").write_text(closing_lead(), "utf-8")
    return folder


class TestAttacks:
    """What an officer, or whoever holds the file, tries with rules of his own."""

    def test_own_workflow_brought_along(self, house: House, brought: Path) -> None:
        """A liaison officer's own lead.yaml opens and closes nothing: the ledger does not know it."""
        liaison(house)
        env = {"QINGLING_WORKFLOWS": str(brought)}
        args = ("receive", "--unit", "0101", "--received-on", "2019-06-28", "--source", "letter", "--summary", "x")
        assert house.run(*args, by="lian", env=env).exit_code == 0

        assert house.run("advance", FIRST, "shut", by="lian", env=env).exit_code != 0
        assert house.found("show", FIRST)["state"] == "received"
        assert house.found("journal", "verify")["breaks"] == []

    def test_own_roles_brought_along(self, house: House, brought: Path) -> None:
        """A list of roles by which the auditor keeps the ledger gives the auditor nothing."""
        (brought / "lists").mkdir()
        (brought / "lists" / "roles.yaml").write_text(powerful_auditor("keep_ledger, manage_officers"), "utf-8")
        house.done("officer", "grant", "qian", "auditor")
        env = {"QINGLING_WORKFLOWS": str(brought)}

        assert house.run("unit", "add", "0199", "某院", by="qian", env=env).exit_code == RefusedError.exit_code
        given = house.run("officer", "grant", "zhao", "office", by="qian", env=env)
        assert given.exit_code == RefusedError.exit_code

    def test_own_workflow_adopted(self, house: House, brought: Path) -> None:
        """Who does not keep the ledger adopts nothing, neither with his own roles nor with the shipped ones."""
        liaison(house)
        for env in ({}, {"QINGLING_WORKFLOWS": str(brought)}):
            for by in ("lian", "qian", "zhao"):
                args = ("adopt", str(brought / "lead.yaml"), "--apply", "--reason", "x")
                assert house.run(*args, by=by, env=env).exit_code == RefusedError.exit_code

    def test_own_campaign_and_format(self, house: House) -> None:
        """Neither a campaign nor a format of ledgers is taken from a file that was not adopted."""
        own = house.folder / "ledger-workflows"
        (own / "campaigns").mkdir(parents=True)
        yearly = (SHIPPED / "campaigns" / "yearly.yaml").read_text("utf-8")
        (own / "campaigns" / "mine.yaml").write_text(yearly.replace("campaign: yearly", "campaign: mine"), "utf-8")
        house.refused(NotFoundError.exit_code, "zero", "mine", "--year", "2019")
        (own / "mine.yaml").write_text("workflow: lead\ncolumns: [case.number]\n", "utf-8")
        house.refused(
            NotFoundError.exit_code, "export", "ledger", "--format", str(own / "mine.yaml"), "-o", str(own / "x.csv")
        )

    @pytest.mark.parametrize("also_digest", [False, True])
    def test_kept_version_changed_used_and_changed_back(self, house: House, *, also_digest: bool) -> None:
        """A step is not taken by a version that was changed in the table, with or without its digest."""
        house.lead()
        with closing(sqlite3.connect(house.database)) as opened:
            asked = "SELECT plain, digest FROM adopted WHERE kind = 'workflow' AND name = 'lead'"
            plain, digest = opened.execute(asked).fetchone()
        altered = json.loads(plain)
        altered["transitions"]["shut"] = {"from": "received", "to": "closed", "by": ["office"], "title": "x"}
        written = json.dumps(altered, ensure_ascii=False)
        new = sha256(written.encode()).hexdigest() if also_digest else digest
        change = "UPDATE adopted SET plain = ?, digest = ? WHERE kind = 'workflow' AND name = 'lead'"
        changed(house, change, written, new)

        assert "journal verify" in house.refused(DatabaseError.exit_code, "advance", FIRST, "shut")
        assert "workflow lead" in house.run("journal", "verify").stdout
        changed(house, change, plain, digest)
        assert house.found("show", FIRST)["state"] == "received"
        assert house.found("journal", "verify")["breaks"] == []

    @pytest.mark.parametrize(
        ("statement", "said"),
        [
            ("UPDATE adopted SET plain = replace(plain, 'office', 'liaison') WHERE name = 'lead'", "workflow lead"),
            ("UPDATE adopted SET plain = replace(plain, 'liaison', 'office') WHERE name = 'roles'", "list roles"),
            ("DELETE FROM adopted WHERE kind = 'list' AND name = 'law'", "list law"),
            ("UPDATE adopted SET seq = 1 WHERE kind = 'campaign' AND name = 'yearly'", "campaign yearly"),
            (PUT_IN, "workflow lead"),
            ("UPDATE cases SET version = 99", FIRST),
            ("UPDATE workflow_versions SET digest = 'x'", "lead"),
        ],
    )
    def test_a_text_altered_beside_the_journal(self, house: House, statement: str, said: str) -> None:
        """Whatever is changed, put in or removed among the adopted texts, verifying names it."""
        house.lead()
        changed(house, statement)
        result = house.run("journal", "verify")
        assert result.exit_code != 0
        assert said in result.output

    def test_a_version_put_in_beside_the_journal(self, house: House) -> None:
        """A newer version of a workflow that no row of the journal adopts opens no case."""
        changed(house, PUT_IN)
        args = ("--unit", "0101", "--received-on", "2019-06-28", "--source", "letter", "--summary", "x")
        house.refused(DatabaseError.exit_code, "receive", *args)


class TestAdopting:
    """What who keeps the ledger may do."""

    def test_shown_first(self, house: House, brought: Path) -> None:
        """Without --apply the change is said in words, in both languages, and nothing is adopted."""
        file = str(brought / "lead.yaml")
        said = house.done("adopt", file)
        assert "step shut added" in said
        assert "新增动作 shut" in house.done("adopt", file, lang="zh")
        assert json.loads(house.done("adopt", file, "--json"))[0]["applied"] is False
        assert len([each for each in house.found("adopt", "--list") if each["name"] == "lead"]) == 2  # with measures

    @pytest.mark.parametrize(
        ("was", "now", "said"),
        [
            ("by: [liaison]}\namend", "by: [liaison, office]}\namend", "who may open"),
            ("within: 15 days", "within: 20 days", "deadline answer, term: 15 days → 20 days"),
            ("asks: [answer]", "asks: []", "step answer, must be given: answer → -"),
            ("to: answered, by: [liaison]", "to: answered, by: [office]", "step answer, who may: liaison → office"),
            ("answer: {type: text,", "answer: {type: text, required: true,", "field answer, required: - → true"),
            ("  open: {title: {en: Open", "  open: {title: {en: Opened", "state open, title"),
        ],
    )
    def test_said_in_words(self, house: House, was: str, now: str, said: str) -> None:
        """Steps, who may take them, terms, states and fields are named where they change."""
        file = house.folder / "complaint.yaml"
        file.write_text(COMPLAINT, "utf-8")
        house.adopt(file)
        assert was in COMPLAINT
        file.write_text(COMPLAINT.replace("version: 1", "version: 2").replace(was, now), "utf-8")
        assert said in house.done("adopt", str(file))

    def test_adopted_and_journaled(self, house: House, brought: Path) -> None:
        """With --apply new cases begin by the new version, older ones end by theirs; the journal says who and why."""
        house.lead()
        assert "(--reason)" in house.refused(2, "adopt", str(brought / "lead.yaml"), "--apply")
        house.adopt(brought / "lead.yaml")
        second = house.lead()
        house.done("officer", "add", "lian", "连某", "--role", "liaison", "--unit", "0101")
        house.done("advance", second, "shut", by="lian")
        assert house.run("advance", FIRST, "shut", by="lian").exit_code != 0
        with closing(sqlite3.connect(house.database)) as opened:
            asked = "SELECT by, body FROM journal WHERE case_id = 0 AND kind = 'adopted' ORDER BY seq DESC LIMIT 1"
            by, body = opened.execute(asked).fetchone()
        assert (by, json.loads(body)["reason"]) == ("wang", "decided")
        assert house.found("journal", "verify")["breaks"] == []

    @pytest.mark.parametrize("version", ["1", "0"])
    def test_a_version_is_taken_once(self, house: House, version: str) -> None:
        """Another text under an adopted version, or an older one, is refused; the same one is nothing to do."""
        file = house.folder / "complaint.yaml"
        file.write_text(COMPLAINT, "utf-8")
        house.adopt(file)
        assert "already" in house.run("adopt", str(file)).stderr
        file.write_text(COMPLAINT.replace("15 days", "20 days").replace("version: 1", f"version: {version}"), "utf-8")
        assert house.run("adopt", str(file)).exit_code == InvalidWorkflowError.exit_code

    def test_roles_are_those_adopted(self, house: House) -> None:
        """A role that is given a power by the list that is adopted has it, and not before."""
        file = house.folder / "roles.yaml"
        file.write_text(powerful_auditor("keep_ledger"), "utf-8")
        house.done("officer", "grant", "qian", "auditor")
        house.refused(RefusedError.exit_code, "unit", "add", "0199", "某院", by="qian")
        assert "read_access_log, read_restricted → read_access_log, read_restricted, keep_ledger" in house.done(
            "adopt", str(file)
        )
        house.adopt(file)
        house.done("unit", "add", "0199", "某院", by="qian")

    def test_unsound(self, house: House) -> None:
        """What is not sound is not adopted, and every fault is named with its line."""
        file = house.folder / "complaint.yaml"
        file.write_text(COMPLAINT.replace("from: open", "from: opened"), "utf-8")
        result = house.run("adopt", str(file), "--apply", "--reason", "x")
        assert result.exit_code == InvalidWorkflowError.exit_code
        assert "complaint.yaml:" in result.stderr
        assert "complaint" not in {each["name"] for each in house.found("adopt", "--list")}

    def test_a_new_house_adopts_its_folder(self, house: House) -> None:
        """At init the shipped texts and those of the folder are adopted; what the folder says later is nothing."""
        folder = house.folder / "again-workflows"
        folder.mkdir()
        (folder / "complaint.yaml").write_text(COMPLAINT, "utf-8")
        again = House(house.folder)
        again.database = house.folder / "again.db"
        again.done(
            "init", "--rehearsal", "--not-classified", "--name", "某局", "--unit", "0101", "--unit-name", "某院",
            "--officer", "wang", "--officer-name", "王某", "--passphrase-file", str(house.folder / "passphrase.txt"),
            "--key-file", str(house.folder / "again.key"),
        )  # fmt: skip
        shutil.rmtree(folder)
        found = {each["name"]: each["shipped"] for each in again.found("adopt", "--list")}
        assert (found["complaint"], found["roles"]) == (False, True)
        again.done(
            "receive", "--workflow", "complaint", "--unit", "0101", "--received-on", "2019-06-30", "--words", "x"
        )


class TestUpgrade:
    """New versions of the program's texts are adopted only when somebody says yes."""

    def test_a_ledger_from_before(self, tmp_path: Path) -> None:
        """A ledger that never adopted anything does nothing until upgrade adopts what it worked by."""
        before = from_before(tmp_path)
        assert "qingling upgrade" in before.refused(DatabaseError.exit_code, "receive", "--unit", "0101")
        before.refused(RefusedError.exit_code, "upgrade", by="qian")
        before.done("upgrade")
        assert {"lead", "roles", "yearly", "full"} <= {each["name"] for each in before.found("adopt", "--list")}
        before.lead()
        assert before.found("journal", "verify")["breaks"] == []

    def test_a_backup_from_before(self, tmp_path: Path) -> None:
        """A backup in which nothing was adopted comes back, by the program's roles, and is then brought up."""
        before = from_before(tmp_path)
        file = str(tmp_path / "copy.db")
        before.done("backup", file)
        before.database = tmp_path / "again.db"
        before.refused(RefusedError.exit_code, "restore", file, by="qian")
        before.done("restore", file)
        before.done("upgrade")
        before.lead()

    def test_newer_texts_are_asked_about(self, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
        """A newer list of the program is said by doctor, shown by upgrade, and adopted only with --yes."""
        shipped = rule_files.shipped_texts()
        newer = tuple(
            each._replace(plain=each.plain.replace('"read_access_log"', '"read_access_log","freeze"'))
            if each.name == "roles"
            else each
            for each in shipped
        )
        monkeypatch.setattr(rule_files, "shipped_texts", lambda: newer)
        assert "list roles" in house.run("doctor").stdout
        said = house.run("upgrade")
        assert said.exit_code == RefusedError.exit_code
        assert "read_access_log, read_restricted → read_access_log, freeze, read_restricted" in said.stdout
        assert versions(house, "roles") == [1]
        assert house.run("upgrade", "--yes", by="qian").exit_code == RefusedError.exit_code
        house.done("upgrade", "--yes")
        assert versions(house, "roles") == [1, 2]
        assert "list roles" not in house.run("doctor").stdout


def versions(house: House, name: str) -> Sequence[int]:
    """Return the versions of a text that were adopted."""
    return [each["version"] for each in house.found("adopt", "--list") if each["name"] == name]
