"""Pictures of workflows: all that the machine knows stands in them, titles do no harm, and Graphviz draws them."""

import re
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import yaml

from documents.diagrams.diagram import graphviz_source, mermaid, write
from documents.diagrams.wording import deadline_said, opened, rung_said, step_lines, term_said
from engine.errors import BadFileError
from engine.language import Language, Text, speaking
from engine.reading.declarations import parse_workflow
from engine.workflow.deadline import Rung, Term, TermUnit
from engine.workflow.model import Choice, Workflow
from workflows.loader import Declarations

DATA = Path(__file__).parent / "data"
ROLES = {"office": Text("The office", "办公室"), "unit_head": Text("Head", "负责人")}


def declared(**changes: object) -> Workflow:
    """Return the base workflow of the rules' tests, changed at the top."""
    lists = {"kinds": (Choice(value="big", title=Text("Big", "大")),)}
    plain = yaml.safe_load((DATA / "validation_base.yaml").read_text("utf-8"))
    workflow, wrong = parse_workflow({**plain, **changes}, lists=lists)

    assert wrong == ()
    assert workflow is not None

    return workflow


def text(lang: Language = "zh", **changes: object) -> str:
    """Return the base workflow as Mermaid text."""
    with speaking(lang):
        return mermaid(declared(**changes), roles=ROLES, others={})


def graph(lang: Language = "zh", **changes: object) -> str:
    """Return the base workflow as Graphviz is given it."""
    with speaking(lang):
        return str(graphviz_source(declared(**changes), roles=ROLES, others={}).source)


def words_of(file: Path) -> list[str]:
    """Return every text that an SVG file shows; fails if it is no XML."""
    root = ET.fromstring(file.read_text("utf-8"))
    found = [each.text or "" for each in root.iter("{http://www.w3.org/2000/svg}text")]
    return [" ".join(each.split()) for each in found]


def test_mermaid_names_everything() -> None:
    """The text has each state with its deadlines, each way with its step, who takes it and its condition."""
    lines = text().splitlines()

    assert lines[:5] == ["---", 'title: "投诉"', "---", "stateDiagram-v2", "  direction TB"]
    assert '  state "已收到<br/>• 办理期限 1个月" as s_received' in lines
    assert "  Class s_received s_open" in lines
    assert "  [*] --> s_received" in lines
    assert "  s_received --> s_assigned: assign<br/>(办公室)" in lines
    assert any(
        each.startswith("  s_asked --> s_answered: ") and "answer_well<br/>(承办人)<br/>仅当 serious" in each
        for each in lines
    )
    assert "  s_closed --> [*]" in lines
    assert any("• 暂停：办理期限<br/>• 等待期限 10日" in each for each in lines)


@pytest.mark.parametrize("draw", [text, graph], ids=["mermaid", "graphviz"])
def test_every_state_step_and_child_is_drawn(draw: Callable[[], str]) -> None:
    """Titles of states and steps, who takes them, the steps that stay, and the cases that a step opens."""
    workflow, drawn = declared(), draw()

    assert [each.title.zh for each in workflow.states.values() if each.title.zh not in drawn] == []
    assert [each.title.zh for each in workflow.transitions if each.title.zh not in drawn] == []
    assert "不改变状态的动作" in drawn
    assert "↻ note_kind (办公室、承办人)" in drawn
    assert re.search(r"s_asked -+> child_question:? .*生成", drawn)


@pytest.mark.parametrize("draw", [text, graph], ids=["mermaid", "graphviz"])
def test_the_picture_speaks_the_language_in_use(draw: Callable[[Language], str]) -> None:
    """The same workflow is drawn in English where English is spoken."""
    drawn = draw("en")

    assert [each for each in ("Received", "The office", "Handling 1 month", "rests") if each not in drawn] == []
    assert "已收到" not in drawn


def test_final_states_are_doubled_and_counts_coloured() -> None:
    """What is final has a second frame; what is cleared and what is fully closed have their own colours."""
    drawn = graph()
    boxes = {each[0]: each[1] for each in re.findall(r"^\t(s_\w+) \[label=(.*)\]$", drawn, re.MULTILINE)}

    assert "peripheries=2" in boxes["s_closed"]
    assert "peripheries=1" in boxes["s_received"]
    assert '"#f6f8fa"' in boxes["s_received"]
    assert '"#dff3e4"' in boxes["s_answered"]
    assert '"#b9e4c4"' in boxes["s_closed"]
    assert "\tstart -> s_received" in drawn


def test_signs_are_harmless_to_mermaid() -> None:
    """Signs that mean something to Mermaid are written as entities, and lines stay lines."""
    plain = yaml.safe_load((DATA / "validation_base.yaml").read_text("utf-8"))
    states = {**plain["states"], "received": {"title": 'a"; [*] --> end\n%%{init}%%'}}
    drawn = text("en", states=states, title='Two: "marks"\\')

    assert '  state "a#34;#59; #91;*#93; --#62; end #37;#37;#123;init#125;#37;#37;<br/>' in drawn
    assert 'title: "Two: \\"marks\\"\\\\"\n' in drawn


def test_a_workflow_of_one_state_is_drawn() -> None:
    """The smallest workflow, with no step and no deadline, has a picture."""
    smallest: dict[str, Any] = {
        "states": {"closed": {"final": True}},
        "transitions": {},
        "deadlines": {},
        "ladders": {},
        "clearance": {key: {"states": ["closed"]} for key in ("cleared", "fully_closed")},
    }

    assert 'state "closed" as s_closed' in text(**smallest)
    assert "start -> s_closed" in graph(**smallest)


@pytest.mark.office("dot")
def test_hostile_titles_do_no_harm(tmp_path: Path) -> None:
    """A title that looks like markup of SVG or Graphviz is shown as it is written, without control characters."""
    hostile = '<b>\\N\\G"];x[</text><script>alert(1)</script>&amp;\u0000\u001b[31m'
    plain = yaml.safe_load((DATA / "validation_base.yaml").read_text("utf-8"))
    states = {**plain["states"], "received": {"title": hostile}}
    with speaking("zh"):
        write(declared(states=states, title=hostile), tmp_path / "x.svg", roles=ROLES, others={})
    shown = [each for each in words_of(tmp_path / "x.svg") if "script" in each]

    assert shown == ['<b>\\N\\G"];x[</text><script>alert(1)</script>&amp; [31m'] * 2
    assert "<script" not in (tmp_path / "x.svg").read_text("utf-8")


@pytest.mark.office("dot")
@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("name", Declarations().names())
def test_shipped_workflows_are_drawn_whole(tmp_path: Path, name: str, lang: Language) -> None:
    """Every title of a state, every deadline that runs and every child stands whole in the picture."""
    book = Declarations()
    others = {each: book.latest(each) for each in book.names()}
    workflow = others[name]
    with speaking(lang):
        write(workflow, tmp_path / "x.svg", roles=book.roles(), others=others)
        shown = words_of(tmp_path / "x.svg")
        wanted = [str(workflow.title), *(str(each.title) for each in workflow.states.values())]
        wanted += [f"• {deadline_said(workflow, each)}" for each in workflow.deadlines.values() if each.runs_in]
        wanted += [title for step in workflow.transitions for _, title in opened(step, others)]

    assert [each for each in wanted if each not in shown] == []


@pytest.mark.office("dot")
def test_graphviz_draws_png(tmp_path: Path) -> None:
    """The real program draws a picture."""
    write(declared(), tmp_path / "x.png", roles=ROLES, others={})
    content = (tmp_path / "x.png").read_bytes()

    assert content.startswith(b"\x89PNG")
    assert int.from_bytes(content[16:20], "big") > 300


def test_a_step_says_who_takes_it_and_what_it_opens() -> None:
    """A step is told with who takes it and its condition; a child by the title of its workflow, if that is known."""
    workflow = declared()
    steps = {each.name: each for each in workflow.transitions}
    with speaking("en"):
        others = {"question": declared(title="A question")}

        assert step_lines(workflow, steps["ask"], ROLES) == ("ask", "(The office)")
        assert step_lines(workflow, steps["answer_plain"], ROLES)[2] == "only if not serious"
        assert opened(steps["ask"], others) == (("question", "A question"),)
        assert opened(steps["ask"], {}) == (("question", "question"),)


@pytest.mark.parametrize(
    ("term", "en", "zh"),
    [
        (Term(amount=1, unit=TermUnit.MONTHS), "1 month", "1个月"),
        (Term(amount=15, unit=TermUnit.WORKING_DAYS), "15 working days", "15个工作日"),
        (Term(amount=60, unit=TermUnit.DAYS), "60 days", "60日"),
        (Term(amount=24, unit=TermUnit.HOURS), "24 hours", "24小时"),
        (Term(amount=8, unit=TermUnit.WORKING_HOURS), "8 working hours", "8个工作小时"),
    ],
)
def test_terms_are_said_as_people_say_them(term: Term, en: str, zh: str) -> None:
    """A length of time reads well in both languages."""
    with speaking("en"):
        english = term_said(term)
    with speaking("zh"):
        chinese = term_said(term)

    assert (english, chinese) == (en, zh)


def test_deadlines_and_rungs_are_said_as_people_say_them() -> None:
    """Fixed dates, dates of fields and repeated reminders read well."""
    field = {"starts": {"enter": "received"}, "runs_in": ["received"], "on": {"field": "answer_by"}, "title": "甲"}
    workflow = declared(deadlines={"field": field, "day": {**field, "on": "2019-12-31", "if": "serious"}})
    days = [Rung(at=Term(amount=each, unit=TermUnit.DAYS), level="remind", to=()) for each in (-3, 0, 7)]
    again = Rung(
        at=Term(amount=7, unit=TermUnit.DAYS), level="x", to=(), every=Term(amount=7, unit=TermUnit.DAYS), times=3
    )
    with speaking("zh"):
        said = [deadline_said(workflow, each) for each in workflow.deadlines.values()]
        rungs = [rung_said(each) for each in (*days, again)]

    assert said == ["甲 至答复期限", "甲 至 2019-12-31 *"]
    assert rungs == ["到期前3日", "到期当日", "到期后7日", "到期后7日，每7日一次，共3次"]


@pytest.mark.parametrize("name", ["x.mmd", "x.mermaid", "X.MMD"])
def test_mermaid_needs_no_other_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Text is written wherever the program runs."""
    monkeypatch.setenv("PATH", str(tmp_path))
    write(declared(), tmp_path / name, roles=ROLES, others={})

    assert (tmp_path / name).read_text("utf-8").startswith("---\ntitle")


@pytest.mark.parametrize(
    ("name", "says"),
    [("x.gif", "pictures end in .svg, .png or .mmd"), ("x", "pictures end in"), ("no/x.mmd", "cannot be written")],
)
def test_what_cannot_be_written_is_refused(tmp_path: Path, name: str, says: str) -> None:
    """Another ending, or a folder that is not there, is one sentence and exit 11."""
    with speaking("en"), pytest.raises(BadFileError, match=re.escape(says)) as caught:
        write(declared(), tmp_path / name, roles=ROLES, others={})

    assert caught.value.exit_code == 11
    assert not (tmp_path / name).exists()


@pytest.mark.parametrize("name", ["x.svg", "x.png"])
def test_without_graphviz_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Where Graphviz is not installed, the sentence says what is needed and what to do instead; exit 11."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with speaking("en"), pytest.raises(BadFileError, match=r"needs Graphviz.*write \.mmd instead") as caught:
        write(declared(), tmp_path / name, roles=ROLES, others={})

    assert caught.value.exit_code == 11
    assert not (tmp_path / name).exists()


def test_graphviz_that_fails_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that draws nothing is named, and nothing is written."""
    program = tmp_path / "dot"
    program.write_text("#!/bin/sh\nexit 1\n", "utf-8")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(tmp_path))
    with speaking("en"), pytest.raises(BadFileError, match=r"Graphviz \(dot\) drew nothing; write \.mmd instead"):
        write(declared(), tmp_path / "x.svg", roles=ROLES, others={})

    assert not (tmp_path / "x.svg").exists()
