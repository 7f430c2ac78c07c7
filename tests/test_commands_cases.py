"""The daily verbs: receive, show, list, advance, note, attach, amend, link and void, by command."""

import json
import os
import pty
import re
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import ClassVar

import pytest
from houses import COMPLAINT, LEAD, REPORTER, House, built_house, house

__all__ = ["built_house", "house"]

CLI = Path(__file__).parent.parent / "cli.py"
FIRST = "0101-XS-2019-0001"
SECOND = "0101-XS-2019-0002"


class TestReceive:
    """Registering."""

    def test_the_number_alone_is_data(self, house: House) -> None:
        """The number is on stdout, the talk on stderr."""
        result = house.run("receive", "--unit", "0101", *LEAD)
        assert (result.exit_code, result.stdout) == (0, f"{FIRST}\n")
        assert result.stderr == f"registered; see: qingling show {FIRST}\n"

    def test_numbers_follow(self, house: House) -> None:
        """Numbers count up by unit."""
        assert [house.lead(), house.lead()] == [FIRST, SECOND]
        assert house.done("receive", "--unit", "0102", *LEAD) == "0102-XS-2019-0001"

    @pytest.mark.parametrize(
        "args",
        [
            ["--set", "received_on=2019-06-28", "--set", "source=letter", "--set", "summary=x"],
            ["--received_on=2019-06-28", "--source=群众来信", "--summary=x"],
            ["--set", "收到时间=2019年6月28日", "--线索来源", "letter", "--summary", "x", "--suspected-crime"],
            ["--received-on", "2019-06-28", "--source", "letter", "--summary", "-x", "--no-suspected-crime"],
        ],
        ids=["set", "underscores", "titles and a flag", "dash and no-flag"],
    )
    def test_ways_to_give_fields(self, house: House, args: list[str]) -> None:
        """A field may be given by option or --set, by name or title; a flag needs no value."""
        number = house.done("receive", "--unit", "0101", *args)
        fields = house.found("show", number)["fields"]
        assert (fields["received_on"], fields["source"]) == ("2019-06-28", "letter")
        if "--suspected-crime" in args or "--no-suspected-crime" in args:
            assert fields["suspected_crime"] is ("--suspected-crime" in args)

    @pytest.mark.parametrize(
        ("args", "code", "said"),
        [
            (["--sourec", "x"], 2, "lead has no field or option sourec; did you mean source"),
            (["--dry-rum"], 2, "lead has no field or option dry-rum; did you mean dry-run?"),
            (["--set", "source"], 2, "--set source: write it as FIELD=VALUE"),
            (["--source"], 2, "--source needs a value after it"),
            (["--source", "letter", "--source", "hotline"], 2, "field source is given twice"),
            (["--unit", "0109", *LEAD], 20, "no unit has the code '0109'"),
            ([*LEAD], 2, "say which unit it belongs to: --unit CODE"),
            (["--unit", "0101", "--source", "letter"], 21, "--received-on"),
            (["--unit", "0101", *LEAD, "--workflow", "laed"], 20, "laed"),
            (["--unit", "0101", "--workflow", "referral"], 21, "not by hand"),
            (["--unit", "0101", *LEAD, "--by", "nobody"], 20, "'nobody' is no registered officer"),
            (["--unit", "0101", *LEAD, "--now", "soon"], 2, "--now: 'soon' is no instant; write 2019-06-30"),
            (["--unit", "0101", *LEAD, "--now", "2019-06-01"], 2, "future"),
        ],
    )
    def test_refusals(self, house: House, args: list[str], code: int, said: str) -> None:
        """What cannot be registered is refused in one line that says what is wrong."""
        assert said in house.refused(code, "receive", *args)
        assert house.found("list") == []

    def test_everything_missing_is_named_at_once(self, house: House) -> None:
        """One line names every required field that is missing."""
        said = house.refused(21, "receive", "--unit", "0101")
        assert all(name in said for name in ("--received-on", "--source", "--summary"))

    def test_dry_run_writes_nothing(self, house: House) -> None:
        """--dry-run shows what would be registered."""
        result = house.run("receive", "--unit", "0101", *LEAD, "--dry-run")
        assert "医院门口有人强揽生意" in result.stdout
        assert "leave out --dry-run" in result.stderr
        assert house.found("list") == []

    def test_from_json(self, house: House) -> None:
        """A list of objects on standard input is registered and answered in JSON."""
        leads = [
            {"unit": "0102", "received_on": "2019-06-28", "source": "letter", "summary": "一", "suspected_crime": True},
            {"received_on": "2019-06-29", "source": "hotline_12345", "summary": "二"},
        ]
        answer = json.loads(house.done("receive", "--json", "-", "--unit", "0101", stdin="\ufeff" + json.dumps(leads)))
        assert [each["number"] for each in answer] == ["0102-XS-2019-0001", FIRST]
        assert answer[0]["fields"]["suspected_crime"] is True

    def test_one_object_is_answered_by_one(self, house: House, tmp_path: Path) -> None:
        """One object in a file is answered by one object."""
        file = tmp_path / "lead.json"
        file.write_text('{"received_on": "2019-06-28", "source": "letter", "summary": "一"}', "utf-8")
        assert json.loads(house.done("receive", "--json", str(file), "--unit", "0101"))["number"] == FIRST

    @pytest.mark.parametrize(
        ("stdin", "code", "said"),
        [
            (
                '[{"received_on": "2019-06-28", "source": "letter", "summary": "x"}, {"source": "leter"}]',
                2,
                "object 2: ",
            ),
            ('{"source": ', 11, "standard input is not JSON in UTF-8"),
            ('["letter"]', 11, "write one JSON object, or a list of objects"),
            ("[" * 200_000, 11, "standard input nests too deeply"),
            (r'{"received_on": "2019-06-28", "source": "letter", "summary": "a\ud800"}', 2, "control characters"),
            (r'{"received_on": "2019-06-28", "source": "letter", "\ud800": "x"}', 2, "no field"),
        ],
        ids=["second is wrong", "cut off", "no object", "deep", "half a character", "a name with half of one"],
    )
    def test_json_refusals(self, house: House, stdin: str, code: int, said: str) -> None:
        """If one object is wrong, none is registered, and the line says which."""
        assert said in house.refused(code, "receive", "--unit", "0101", "--json", "-", stdin=stdin)
        assert house.found("list") == []

    def test_a_sealed_value_is_never_shown(self, house: House) -> None:
        """The reporter's identity can come by standard input, and appears nowhere afterwards."""
        result = house.run(
            "receive", "--unit", "0101", *LEAD, "--real-name", "yes", "--reporter", "-", stdin=REPORTER + "\n"
        )
        assert result.exit_code == 0
        seen = [
            result.output,
            *(house.run(*args).output for args in (["show", FIRST], ["show", FIRST, "--json"], ["journal", "log"])),
            *(house.run(*args, "--json").output for args in (["list"], ["journal", "log"])),
        ]
        assert [each for each in seen if REPORTER in each] == []
        assert REPORTER.encode() not in house.database.read_bytes()

    @pytest.mark.parametrize("lang", ["en", "zh"])
    def test_a_sealed_value_is_not_taken_from_the_command_line(self, house: House, lang: str) -> None:
        """Others see arguments and the shell keeps them: refused in one line that does not repeat it."""
        typed = ("receive", "--unit", "0101", *LEAD, "--real-name", "yes", "--reporter", REPORTER)
        said = house.refused(2, *typed, lang=lang)
        assert ("--举报人信息 -" if lang == "zh" else "--reporter -") in said
        assert "@" in said
        assert REPORTER not in said
        assert house.found("list") == []

    def test_a_sealed_value_comes_from_a_file(self, house: House, tmp_path: Path) -> None:
        """What stands in the file after @ is sealed, not those letters; a file that is not there is refused."""
        (tmp_path / "who").write_text(REPORTER + "\n", "utf-8")
        house.done("receive", "--unit", "0101", *LEAD, "--real-name", "yes", "--reporter", f"@{tmp_path / 'who'}")
        phrase = ("--passphrase-file", str(house.folder / "passphrase.txt"))
        house.agreed(FIRST)
        assert REPORTER in house.done("reporter", "open", FIRST, "--reason", "asked for", *phrase)
        said = house.refused(11, "receive", "--unit", "0101", *LEAD, "--real-name", "yes", "--reporter", "@gone")
        assert "cannot be read" in said

    IDENTITIES: ClassVar = {
        "a mobile in the summary": ("receive", "--unit", "0101", *LEAD[:-1], "电话１３９００００１１１１反映"),
        "the reporter in the summary": (
            "receive", "--unit", "0101", *LEAD[:-1], "赵 建国反映收费", "--real-name", "yes", "--reporter", "-",
        ),
        "a given name in a field": (
            "receive", "--unit", "0101", *LEAD, "--subject", "建国同事", "--real-name", "yes", "--reporter", "-"
        ),
        "an ID number in a note": ("note", FIRST, "证号一一〇一〇五一九四九一二三一〇〇二X"),
        "a mobile in a reason": ("amend", FIRST, "--amount", "5", "--reason", "问过139 0000 1111"),
        "a mobile in a step": ("advance", FIRST, "merge", "--remark", "13900001111"),
        "a mobile in a void": ("void", FIRST, "--reason", "13900001111"),
        "a mobile in a link": ("link", FIRST, FIRST, "--reason", "13900001111"),
        "a mobile in a hand-over": ("hand-over", FIRST, "0102", "--reason", "13900001111"),
        "a mobile in a file's name": ("attach", FIRST, "13900001111.pdf"),
        "a mobile in many notes": ("note", "--where", "True", "13900001111", "--apply"),
    }  # fmt: skip

    @pytest.mark.parametrize("case", IDENTITIES)
    @pytest.mark.parametrize("lang", ["en", "zh"])
    def test_free_text_that_shows_who_somebody_is_is_refused(
        self, house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, case: str, lang: str
    ) -> None:
        """Without a terminal, in one line that names the field and the kind and repeats nothing; nothing is written."""
        monkeypatch.chdir(tmp_path)
        (tmp_path / "13900001111.pdf").write_bytes(b"x")
        house.lead()
        before = house.found("journal", "log", FIRST)
        said = house.refused(21, *self.IDENTITIES[case], stdin="赵建国", lang=lang)
        assert ("--坚持" if lang == "zh" else "--insist") in said
        for sign in ("赵建国", "建国", "139", "一一〇", "１３９"):
            assert sign not in said
        assert house.found("journal", "log", FIRST) == before
        assert len(house.found("list")) == 1

    def test_what_the_writer_insists_on_is_journaled_as_seen(self, house: House) -> None:
        """Kind and field stand in the journal row, the match only where it was written."""
        house.done("receive", "--unit", "0101", *LEAD[:-1], "电话13900001111", "--insist")
        body = house.found("show", FIRST)["timeline"][0]["body"]
        assert body["seen"] == {"summary": ["telephone"]}
        house.done("note", FIRST, "13900001111", "--insist")
        assert house.found("show", FIRST)["timeline"][1]["body"]["seen"] == {"words": ["telephone"]}
        house.done("journal", "verify")


class TestShowAndList:
    """Looking."""

    def test_show_says_what_is_next_by_whom_and_what_is_missing(self, house: House) -> None:
        """The case is shown with its fields, its history and its possible steps."""
        house.lead()
        page = house.done("show", FIRST)
        assert page.splitlines()[0] == f"{FIRST}  Lead  Received"
        assert "  What is reported  医院门口有人强揽生意" in page
        assert "  2019-07-01 10:00  wang  registered: Received on=2019-06-28; Source=Letter" in page
        step = page[page.index("  assign  Assign → Assigned") :].splitlines()[:4]
        assert "Anti-gang office" in step[1]
        assert "--responsible-leader" in step[2]
        assert "--handler" in step[3]

    def test_show_in_chinese(self, house: House) -> None:
        """The same page in Chinese has no English but names that are typed."""
        house.lead()
        page = house.done("show", FIRST, lang="zh")
        assert page.splitlines()[0] == f"{FIRST}  问题线索  已受理"
        assert "下一步\n  交办 → 已交办" in page

    def test_show_json(self, house: House) -> None:
        """JSON has stable English keys."""
        house.assigned(house.lead())
        seen = house.found("show", FIRST)
        assert (seen["state"], seen["clearance"], seen["unit"], seen["dated_on"]) == (
            "assigned", "open", "0101", "2019-06-28",
        )  # fmt: skip
        assert seen["opened_at"] == "2019-07-01T10:00:00+08:00"
        assert [(each["kind"], each["by"], each["to"]) for each in seen["timeline"]] == [
            ("opened", "wang", "received"),
            ("moved", "wang", "assigned"),
        ]
        steps = {each["trigger"]: each for each in seen["next"]}
        assert steps["verify"]["to"] == "verified"
        assert steps["verify"]["missing"]

    def test_show_deadlines(self, house: House) -> None:
        """The deadlines of a case are shown with what is left of them, and what is over."""
        house.assigned(house.lead())
        running = [each for each in house.found("show", FIRST)["deadlines"] if each["status"] == "running"]
        due = date.fromisoformat(running[0]["due_on"])
        house.now = str(due)
        assert f"{due}  due today" in house.done("show", FIRST)
        house.now = str(due + timedelta(days=3))
        assert f"{due}  已超期 3 天" in house.done("show", FIRST, lang="zh")

    def test_show_says_what_the_list_says(self, house: House) -> None:
        """A term of working days has working days left on the page of its case too, and an exception is named."""
        house.assigned(house.lead())
        house.done("officer", "add", "tang", "唐某", "--role", "leading_group")
        signed = ("--reason", "x", "--signed-by", "tang", "--filed-on", "2019-07-01", "--exception")
        house.done("extend", FIRST, "verification", "--for", "2 months", *signed, by="tang")
        assert "first due 2019-09-02; by exception" in house.done("show", FIRST)
        house.done(
            "advance", FIRST, "verify", "--finding", "substantiated", "--irregularity", "yes", "--category", "A5",
            "--verifiers", "zhao", "--verified-on", "2019-07-01", "--report-number", "1", by="zhao",
        )  # fmt: skip
        shown, listed = house.done("show", FIRST), house.found("deadline", "list", FIRST)
        own = [each["left"] for each in listed if each["number"] == FIRST and each["counted_in"] == "working_days"]
        assert own
        assert f"{own[0]} working days left" in shown

    def test_unknown_number(self, house: House) -> None:
        """A number that nobody has is refused with exit 20."""
        assert "0101-XS-2019-0099" in house.refused(20, "show", "0101-XS-2019-0099")

    def test_list_plain(self, house: House) -> None:
        """Into a pipe, the list is plain aligned text."""
        house.lead()
        assert house.done("list", lang="zh").splitlines() == [
            "编号               状态    单位    收到        责任人      反映的主要问题",
            f"{FIRST}  已受理  县医院  2019-06-28  王某、李某  医院门口有人强揽生意",
        ]

    @pytest.mark.parametrize(
        ("args", "numbers"),
        [
            ([], [FIRST, SECOND, "0102-XS-2019-0001"]),
            (["--state", "assigned"], [FIRST]),
            (["--state", "已受理"], [SECOND, "0102-XS-2019-0001"]),
            (["--unit", "0102"], ["0102-XS-2019-0001"]),
            (["--open"], [FIRST, SECOND, "0102-XS-2019-0001"]),
            (["--where", "handler == 'zhao'"], [FIRST]),
            (["--where", "received_on.month == 6 and not handler"], [SECOND, "0102-XS-2019-0001"]),
            (["--limit", "1"], [FIRST]),
            (["--workflow", "referral"], []),
        ],
    )
    def test_list_narrowed(self, house: House, args: list[str], numbers: list[str]) -> None:
        """The list is narrowed by state, unit, expression and count."""
        house.assigned(house.lead())
        house.lead()
        house.done("receive", "--unit", "0102", *LEAD)
        assert [each["number"] for each in house.found("list", *args)] == numbers

    @pytest.mark.parametrize(
        ("args", "code", "said"),
        [
            (["--state", "assinged"], 20, "did you mean 'assigned'?"),
            (["--unit", "x"], 20, "no unit has the code 'x'"),
            (["--where", "handlr == 1"], 2, "handlr"),
            (["--workflow", "x"], 20, "x"),
            (["--limit", "0"], 2, "--limit"),
            (["--limit", "9" * 30], 2, "--limit"),
        ],
    )
    def test_list_refusals(self, house: House, args: list[str], code: int, said: str) -> None:
        """A state, unit, workflow or expression that does not exist is refused, not answered by nothing."""
        assert said in house.refused(code, "list", *args)


class TestAdvance:
    """Steps."""

    def test_a_step(self, house: House) -> None:
        """A step is said by the states it leads from and to, and what it changed."""
        house.lead()
        said = house.done("advance", FIRST, "assign", "--responsible-leader", "li", "--handler", "zhao")
        assert said.splitlines()[0] == f"{FIRST}  Received → Assigned"
        assert "Handler" in said
        assert house.found("show", FIRST)["state"] == "assigned"

    def test_a_step_by_its_title(self, house: House) -> None:
        """A step may be called by its title."""
        house.lead()
        house.done("advance", FIRST, "交办", "--responsible-leader", "li", "--handler", "zhao", lang="zh")
        assert house.found("show", FIRST)["state"] == "assigned"

    def test_dry_run(self, house: House) -> None:
        """--dry-run shows the step and writes nothing."""
        house.lead()
        args = ("advance", FIRST, "assign", "--responsible-leader", "li", "--handler", "zhao", "--dry-run")
        result = house.run(*args)
        assert "Received → Assigned" in result.stdout
        assert "nothing was written" in result.stderr
        assert house.found("show", FIRST)["state"] == "received"

    @pytest.mark.parametrize(
        ("args", "code", "said"),
        [
            ([FIRST, "assign"], 21, "--handler"),
            ([FIRST, "verify"], 21, "verify"),
            ([FIRST, "assing"], 20, "assing"),
            ([FIRST, "assign", "--handler", "nobody", "--responsible-leader", "li"], 2, "nobody"),
            ([FIRST, "assign", "--summary", "x", "--handler", "zhao", "--responsible-leader", "li"], 21, "summary"),
            ([FIRST], 2, f"say which step; see: qingling show {FIRST}"),
            ([], 2, "say which case"),
            ([FIRST, "assign", "--apply"], 2, "go with --where"),
            ([FIRST, "assign", "--where", "true"], 2, "either a number or --where"),
            (["--where", "true"], 2, "say which step"),
            (["assign", "--where", "true", "--apply", "--dry-run"], 2, "contradict"),
            (["assing", "--where", "true"], 20, "assing"),
        ],
    )
    def test_refusals(self, house: House, args: list[str], code: int, said: str) -> None:
        """A refused step says all that is missing, exits by its kind, and changes nothing."""
        house.lead()
        before = house.database.read_bytes()
        assert said in house.refused(code, "advance", *args)
        assert house.database.read_bytes() == before

    def test_without_the_role(self, house: House) -> None:
        """An officer without the role for a step is refused it."""
        house.lead()
        said = house.refused(
            21, "advance", FIRST, "assign", "--responsible-leader", "li", "--handler", "zhao", by="qian"
        )
        assert "qian" in said

    def test_children_are_named(self, house: House) -> None:
        """A dual transfer says which letters it opened."""
        house.assigned(house.lead("--category", "A1", "--suspected-crime", "--involves-official"))
        house.now = "2019-07-20"
        house.done(
            "advance", FIRST, "verify", "--finding", "substantiated", "--verifiers", "zhao", "--verifiers", "li",
            "--verified-on", "2019-07-19", "--report-number", "R1", by="zhao",
        )  # fmt: skip
        steps = {each["trigger"]: each for each in house.found("show", FIRST)["next"]}
        assert {"transfer_police", "transfer_discipline", "transfer_both"} <= set(steps)


class TestBulk:
    """One step for many."""

    BULK = ("advance", "assign", "--where", "state == 'received'", "--responsible-leader", "li", "--handler", "zhao")

    def test_dry_run_is_the_default(self, house: House) -> None:
        """Without --apply every verdict is shown, nothing is written, and the last line says how to do it."""
        house.lead()
        house.lead()
        result = house.run(*self.BULK)
        assert result.stdout.splitlines() == [f"{FIRST}  → Assigned", f"{SECOND}  → Assigned"]
        assert result.stderr.strip() == "2 would move, 0 would be refused; nothing was written. To do it: add --apply"
        assert {each["state"] for each in house.found("list")} == {"received"}

    def test_apply(self, house: House) -> None:
        """With --apply the cases move; given again, there is nothing left to do."""
        house.lead()
        house.lead()
        assert house.found(*self.BULK, "--apply")["moved"] == 2
        assert {each["state"] for each in house.found("list")} == {"assigned"}
        assert house.found(*self.BULK, "--apply") == {"applied": True, "moved": 0, "refused": 0, "cases": []}

    def test_some_are_refused(self, house: House) -> None:
        """Each case is judged by its own rules; if some are refused, the others move and the exit code says so."""
        house.lead()
        house.assigned(house.lead())
        result = house.run(*self.BULK[:3], "summary and state", *self.BULK[4:], "--apply")
        assert result.exit_code == 21
        lines = result.stdout.splitlines()
        assert lines[0] == f"{FIRST}  → Assigned"
        assert lines[1].startswith(f"{SECOND}  ✗ ")
        assert result.stderr == "Error: 1 moved, 1 refused (named above)\n"


class TestPaperwork:
    """Notes, files, corrections, repeats, void entries."""

    def test_note(self, house: House) -> None:
        """A note stands in the history."""
        house.lead()
        house.done("note", FIRST, "called the hospital", by="zhao")
        assert "zhao  note: called the hospital" in house.done("show", FIRST)

    def test_attach(self, house: House, tmp_path: Path) -> None:
        """A file is kept by its hash, beside the database, readable by its owner only."""
        house.lead()
        file = tmp_path / "报告.txt"
        file.write_text("content", "utf-8")
        (kept,) = house.found("attach", FIRST, str(file))
        (shown,) = house.found("show", FIRST)["files"]
        assert shown["digest"] == kept["digest"]
        path = Path(shown["path"])
        assert path.read_text("utf-8") == "content"
        assert (path.stat().st_mode & 0o777, path.is_relative_to(house.folder)) == (0o600, True)
        assert "报告.txt" in house.done("show", FIRST)

    def test_attach_get_writes_the_kept_file_out(self, house: House, tmp_path: Path) -> None:
        """By its name or its digest, with the very content that was attached; no file that is there is overwritten."""
        house.lead()
        file, out = tmp_path / "报告.pdf", tmp_path / "again.pdf"
        file.write_bytes(b"as it was")
        (kept,) = house.found("attach", FIRST, str(file))
        file.write_bytes(b"changed since")

        written = house.found("attach", FIRST, "--get", "报告.pdf", "--out", str(out))
        assert (out.read_bytes(), written["digest"]) == (b"as it was", kept["digest"])
        assert "is there already" in house.refused(11, "attach", FIRST, "--get", "报告.pdf", "--out", str(out))
        assert out.read_bytes() == b"as it was"
        house.found("attach", FIRST, "--get", kept["digest"][:12], "--out", str(tmp_path / "third.pdf"))
        assert (tmp_path / "third.pdf").read_bytes() == b"as it was"

    def test_attach_get_refuses_what_was_changed(self, house: House, tmp_path: Path) -> None:
        """A content that is not the one attached, and a name that is not kept, write nothing and are one line."""
        house.lead()
        file, out = tmp_path / "a.pdf", tmp_path / "b.pdf"
        file.write_bytes(b"as it was")
        (kept,) = house.found("attach", FIRST, str(file))
        (content,) = house.folder.rglob(kept["digest"])
        content.chmod(0o600)
        content.write_bytes(b"forged")

        assert "is not the one" in house.refused(11, "attach", FIRST, "--get", "a.pdf", "--out", str(out))
        assert "keeps no file" in house.refused(20, "attach", FIRST, "--get", "c.pdf", "--out", str(out))
        assert not out.exists()

    def test_list_shows_unit_and_who_must_act(self, house: House) -> None:
        """By name in the table, by code in JSON: office and head before the lead is assigned, then its handler."""
        number = house.lead()
        (before,) = house.found("list")
        house.assigned(number)
        (after,) = house.found("list")
        words = house.done("list")

        assert (before["unit_name"], before["must_act"]) == ("县医院", ["wang", "li"])
        assert (after["unit_name"], after["must_act"]) == ("县医院", ["zhao"])
        assert "县医院" in words
        assert "赵某" in words

    def test_what_a_condition_cannot_judge_is_said(self, house: House) -> None:
        """A case that lacks the value a condition asks for is left out, and how many are is said; never in silence."""
        house.lead()
        found = house.run("list", "--where", "feedback_due_on < '2019-09-01'", lang="zh")
        judged = house.run("list", "--where", "summary == 'x'", lang="zh")

        assert "另有 1 件未填“上级要求反馈期限”" in found.stderr
        assert "另有" not in judged.stderr

    def test_attach_refusals(self, house: House, tmp_path: Path) -> None:
        """A file that is not there is refused with exit 11."""
        house.lead()
        assert "cannot be read" in house.refused(11, "attach", FIRST, str(tmp_path / "none.pdf"))

    def test_attach_keeps_all_or_none(self, house: House, tmp_path: Path) -> None:
        """A mistake in the last file leaves nothing half done."""
        house.lead()
        file = tmp_path / "a.txt"
        file.write_text("content", "utf-8")
        house.refused(11, "attach", FIRST, str(file), str(tmp_path / "none.pdf"))
        assert house.found("show", FIRST)["files"] == []

    def test_amend(self, house: House) -> None:
        """A correction keeps the old value in the journal, with the reason."""
        house.lead()
        assert "2019-06-27" in house.done("amend", FIRST, "--received-on", "2019-06-27", "--reason", "misread")
        seen = house.found("show", FIRST)
        body = seen["timeline"][-1]["body"]
        assert (seen["fields"]["received_on"], body["was"]["received_on"], body["reason"]) == (
            "2019-06-27", "2019-06-28", "misread",
        )  # fmt: skip

    def test_the_history_tells_what_a_correction_replaced(self, house: House) -> None:
        """Old and new value stand in one row; what was emptied, or is listed no more, is named too."""
        house.lead()
        house.done("amend", FIRST, "--summary", "first words", "--amount", "5", "--reason", "misread")
        house.done("amend", FIRST, "--summary", "other words", "--reason", "misread")
        house.done(
            "amend", FIRST, "--amount", "", "--reporter", "-", "--real-name", "yes", "--reason", "not money",
            stdin="Mrs Example",
        )  # fmt: skip
        house.done("amend", FIRST, "--reporter", "", "--reason", "asked for")
        told = house.done("journal", "log", FIRST)
        assert "=other words (was first words)" in told
        assert "Money involved (yuan) emptied (was 5); Reporter sealed" in told
        assert "asked for; Reporter hidden; what is sealed stays" in told
        assert "Mrs Example" not in told

    def test_amend_needs_a_reason(self, house: House) -> None:
        """Without a reason nothing is corrected."""
        house.lead()
        assert "--reason" in house.refused(2, "amend", FIRST, "--received-on", "2019-06-27")

    def test_void(self, house: House) -> None:
        """A void entry keeps its number, leaves the list and does nothing more."""
        house.lead()
        house.done("void", FIRST, "--reason", "registered twice")
        assert house.found("list") == []
        page = house.done("show", FIRST)
        assert "voided: registered twice" in page
        assert "nothing: this is where it ends" in page
        assert house.lead() == SECOND

    def test_link(self, house: House) -> None:
        """A repeat is linked to the first, and both say so."""
        house.lead()
        house.lead()
        house.done("link", SECOND, FIRST, "--reason", "same facts")
        assert house.found("show", SECOND)["first"] == FIRST
        assert house.found("show", FIRST)["repeats"] == [SECOND]
        assert re.search(rf"repeated by +{SECOND}", house.done("show", FIRST))
        assert f"linked as a repeat of {FIRST}: same facts" in house.done("show", SECOND)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        (f"advance {FIRST} as", ["assign", "assess"]),
        ("list --state re", ["received", "rectifying", "rectified"]),
        ("advance --wh", ["--where"]),
        (f"show {FIRST} --js", ["--json"]),
    ],
)
def test_completion(house: House, typed: str, found: list[str]) -> None:
    """Triggers that can follow, states and options are completed."""
    house.lead()
    words = f"qingling {typed}"
    env = {"_QINGLING_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(len(words.split()) - 1)}
    result = house.run(env=env)
    assert [line.partition(",")[2] for line in result.stdout.split()] == found


def test_a_workflow_of_the_house(house: House) -> None:
    """A workflow that the house wrote itself runs with all commands, without a line of Python."""
    own = house.folder / "ledger-workflows"
    own.mkdir()
    (own / "complaint.yaml").write_text(COMPLAINT, "utf-8")
    house.adopt(own)
    args = ("--workflow", "complaint", "--unit", "0101", "--received-on", "2019-06-30", "--words", "too slow")
    number = house.done("receive", *args)
    assert number == "0101-TS-2019-001"
    assert "'Answer' (--answer) must be given" in house.done("show", number)
    assert "--answer" in house.refused(21, "advance", number, "answer")
    assert house.done("advance", number, "answer", "--answer", "sorry").splitlines()[0] == f"{number}  Open → Answered"
    assert [each["clearance"] for each in house.found("list", "--workflow", "complaint")] == ["fully_closed"]
    (own / "complaint.yaml").unlink()
    assert house.found("show", number)["state"] == "answered"


def test_at_a_terminal_what_is_missing_is_asked_for(house: House) -> None:
    """At a terminal, receive asks for what is missing, and for what the answers demand; sealed fields unseen."""
    answers = ["1", "2019-06-28", "99", "1", "医院门口有人强揽生意", REPORTER, "y", "2019-07-28"]
    main, terminal = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, str(CLI), "receive", "--lang", "zh", "--by", "wang"],
        stdin=terminal,
        stdout=subprocess.PIPE,
        stderr=terminal,
        env={"QINGLING_DATABASE": str(house.database), "QINGLING_NOW": house.now, "PATH": "/usr/bin:/bin"},
        close_fds=True,
    )
    os.close(terminal)
    seen = b""
    prompts = [
        "序号：",
        "（如 2019-06-30）：",
        "序号：",
        "序号：",
        "反映的主要问题：",
        "回车）：",
        "实名举报",
        "反馈期限（如",
    ]
    for prompt, answer in zip(prompts, answers, strict=True):
        start = len(seen)
        while prompt.encode() not in seen[start:]:
            seen += os.read(main, 4096)
        os.write(main, answer.encode() + b"\n")
    out = process.stdout.read() if process.stdout else b""
    assert process.wait() == 0, seen.decode()
    assert out.decode().strip() == FIRST
    assert "  1  县医院 (0101)" in seen.decode()
    assert REPORTER not in seen.decode()
    os.close(main)
    if process.stdout:
        process.stdout.close()
