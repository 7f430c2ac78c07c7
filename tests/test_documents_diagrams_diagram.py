"""Pictures of workflows: all that is declared stands in them, nothing lies on anything else."""

import os
import re
import stat
from itertools import combinations, pairwise
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from documents.diagrams.diagram import mermaid, svg, write
from documents.diagrams.layout import Arrow, Layout, Size, layered
from documents.diagrams.wording import deadline_said, rung_said, stays, steps, term_said
from engine.errors import BadFileError
from engine.language import Language, Text, speaking
from engine.reading.declarations import parse_workflow
from engine.workflow.model import Choice, Rung, Term, TermUnit, Workflow
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


def picture(lang: Language = "zh", **changes: object) -> str:
    """Return the base workflow as SVG."""
    with speaking(lang):
        return svg(declared(**changes), roles=ROLES, others={})


def words_of(drawing: str) -> list[str]:
    """Return every text that a drawing shows; fails if the drawing is no XML."""
    root = ET.fromstring(drawing)
    return [each.text or "" for each in root.iter("{http://www.w3.org/2000/svg}text")]


def test_every_state_step_and_deadline_stands_in_the_picture() -> None:
    """Titles of states, steps, who takes them, deadlines that run and rest, and guards are all drawn."""
    workflow = declared()
    words = words_of(picture())
    shown = "\n".join(words)

    assert [str(each.title.zh) for each in workflow.states.values() if each.title.zh not in words] == []
    assert [each.title.zh for each in workflow.transitions if each.title.zh not in words] == []
    assert [each for each in ("办公室", "承办人", "办公室、承办人；适用：已收到、已交办") if each not in words] == []
    assert [
        each for each in ("办理期限 1个月", "暂停：办理期限", "等待期限 10日", "法定答复 2个月") if each not in words
    ] == []
    assert "仅当 serious" in words
    assert "still unclear" in shown
    assert "须有：承办人" in words


def test_the_picture_speaks_the_language_in_use() -> None:
    """The same workflow is drawn in English where English is spoken."""
    words = words_of(picture("en"))

    assert [
        each for each in ("Received", "The office", "Handling 1 month", "rests: Handling") if each not in words
    ] == []
    assert "已收到" not in words


def test_final_states_are_doubled_and_counts_coloured() -> None:
    """What is final has a second frame; what is cleared and what is fully closed have their own colours."""
    drawing = picture()

    assert drawing.count('class="inner counts2"') == 1
    assert drawing.count('class="state counts1"/>') == 2  # the state, and the legend
    assert 'class="law"' in drawing
    assert 'class="rests"' in drawing


def test_hostile_titles_do_no_harm() -> None:
    """A title that looks like markup is shown as it is written, and control characters are left out."""
    title = {"en": "x", "zh": '</text><script>alert("1")</script>&\u0000\u001b[31m'}
    drawing = picture(title=title)

    assert "<script" not in drawing
    assert any('</text><script>alert("1")</script>&' in each for each in words_of(drawing))


def test_a_workflow_of_one_state_is_drawn() -> None:
    """The smallest workflow, with no step and no deadline, has a picture."""
    drawing = picture(
        states={"closed": {"final": True}},
        transitions={},
        deadlines={},
        ladders={},
        clearance={key: {"states": ["closed"]} for key in ("cleared", "fully_closed")},
    )

    assert "closed" in words_of(drawing)


def test_mermaid_names_everything() -> None:
    """The text has each state, each way with its step, who takes it and its condition, and the guards as notes."""
    with speaking("zh"):
        text = mermaid(declared(), roles=ROLES, others={})

    assert text.startswith('---\ntitle: "投诉"\n---\nstateDiagram-v2\n')
    assert '  state "已收到" as s_received\n' in text
    assert "  [*] --> s_received\n" in text
    assert "  s_received --> s_assigned : 1 assign (办公室)\n" in text
    assert "  s_asked --> s_answered : 6 answer_well (承办人) 仅当 serious\n" in text
    assert "  s_closed --> [*]\n" in text
    assert "  note right of s_waiting\n    暂停：办理期限\n    ⏱ 等待期限 10日\n  end note\n" in text
    assert "    9 ✕ still unclear\n" in text


def test_mermaid_signs_are_harmless() -> None:
    """Signs that mean something to Mermaid are written as entities, and lines stay lines."""
    plain = yaml.safe_load((DATA / "validation_base.yaml").read_text("utf-8"))
    states = {**plain["states"], "received": {"title": 'a"; [*] --> end\n%%{init}%%'}}
    with speaking("en"):
        text = mermaid(declared(states=states, title='Two: "marks"\\'), roles={}, others={})

    assert '  state "a#34;#59; #91;*#93; --#62; end #37;#37;#123;init#125;#37;#37;" as s_received\n' in text
    assert 'title: "Two: \\"marks\\"\\\\"\n' in text


@pytest.mark.parametrize("name", Declarations().names())
def test_shipped_workflows_are_drawn_without_overlap(name: str) -> None:
    """In the pictures of all shipped workflows no box and no label lies on another one."""
    book = Declarations()
    others = {each: book.latest(each) for each in book.names()}
    drawing = svg(others[name], roles=book.roles(), others=others)
    root = ET.fromstring(drawing)
    place = "{http://www.w3.org/2000/svg}"
    frames = [
        tuple(float(each.attrib[key]) for key in ("x", "y", "width", "height"))
        for group in root.findall(f"{place}g")[:1]
        for each in group.iter(f"{place}rect")
        if each.attrib["class"].startswith("state") or each.attrib["class"].endswith("label")
    ]

    assert len(frames) >= len(others[name].states)
    assert not [
        (one, other)
        for one, other in combinations(frames, 2)
        if one[0] < other[0] + other[2]
        and other[0] < one[0] + one[2]
        and one[1] < other[1] + other[3]
        and other[1] < one[1] + one[3]
    ]


def laid_out(names: str, ways: str) -> Layout:
    """Return the layout of boxes of one letter each, with ways such as `ab`."""
    boxes = {name: Size(width=120, height=60) for name in names}
    arrows = [Arrow(source=way[0], target=way[1], label=Size(width=80, height=30)) for way in ways.split()]
    return layered(boxes, arrows)


def test_a_road_runs_straight_down() -> None:
    """Boxes in a row stand below each other, and their arrows are straight."""
    layout = laid_out("abc", "ab bc")

    assert len({x for x, _ in layout.boxes.values()}) == 1
    assert [y for _, y in layout.boxes.values()] == sorted(y for _, y in layout.boxes.values())
    assert all(len({round(x, 3) for x, _ in route.points}) == 1 for route in layout.routes)


def test_a_way_back_leads_up() -> None:
    """An arrow to an earlier box starts at the upper side of its box and ends at the lower side of the other."""
    layout = laid_out("abc", "ab bc ca")
    back = layout.routes[2]

    assert [route.back for route in layout.routes] == [False, False, True]
    assert back.points[0][1] == layout.boxes["c"][1]
    assert back.points[-1][1] == layout.boxes["a"][1] + 60


def test_ways_that_need_not_cross_do_not() -> None:
    """Two roads declared crosswise are laid side by side."""
    layout = laid_out("abcd", "ad bc")
    middle = {name: x for name, (x, _) in layout.boxes.items()}

    assert (middle["a"] - middle["b"]) * (middle["d"] - middle["c"]) > 0


NAMES = "abcdefgh"


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)).filter(lambda way: way[0] != way[1]), max_size=24
    )
)
def test_no_layout_lets_things_meet(ways: list[tuple[str, str]]) -> None:
    """Whatever leads where: boxes and labels keep apart, arrows join their boxes, and all has room."""
    layout = laid_out(NAMES, " ".join("".join(way) for way in ways))
    frames = [(x, y, 120.0, 60.0) for x, y in layout.boxes.values()]
    frames += [(route.label[0] - 40, route.label[1] - 15, 80.0, 30.0) for route in layout.routes]

    assert not [
        (one, other)
        for one, other in combinations(frames, 2)
        if one[0] + 1 < other[0] + other[2]
        and other[0] + 1 < one[0] + one[2]
        and one[1] < other[1] + other[3]
        and other[1] < one[1] + one[3]
    ]
    for (source, target), route in zip(ways, layout.routes, strict=True):
        assert _touches(layout, source, route.points[0])
        assert _touches(layout, target, route.points[-1])
        assert all(one != other for one, other in pairwise(route.points))
    assert all(x >= -0.01 and x + wide <= layout.width + 0.01 for x, _, wide, _ in frames)
    assert all(y >= 0 and y + high <= layout.height + 0.01 for _, y, _, high in frames)


def _touches(layout: Layout, name: str, point: tuple[float, float]) -> bool:
    """Say whether *point* lies on the upper or the lower side of a box."""
    x, y = layout.boxes[name]
    return x <= point[0] <= x + 120 and min(abs(point[1] - y), abs(point[1] - y - 60)) < 0.01


def test_steps_say_what_they_bring_and_open() -> None:
    """A step is told with its number, who takes it, what it brings, and the cases that it opens."""
    workflow = declared()
    with speaking("en"):
        told = steps(workflow, ROLES, {"question": declared(title="A question")})

    assert (told["ask"].number, told["ask"].who, told["ask"].opens) == (5, "The office", "A question")
    assert told["answer_plain"].condition == "not serious"
    assert told["doubt"].brings == "Reason"
    assert stays(workflow) == {"note_kind": ("received", "assigned")}


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


@pytest.mark.parametrize(("name", "begins"), [("x.svg", "<?xml"), ("x.mmd", "---\ntitle"), ("X.SVG", "<?xml")])
def test_the_ending_says_what_is_written(tmp_path: Path, name: str, begins: str) -> None:
    """A file becomes what its ending promises."""
    write(declared(), tmp_path / name, roles=ROLES, others={})

    assert (tmp_path / name).read_text("utf-8").startswith(begins)


@pytest.mark.parametrize(
    ("name", "says"),
    [("x.gif", "pictures end in .svg, .png or .mmd"), ("x", "pictures end in"), ("no/x.svg", "cannot be written")],
)
def test_what_cannot_be_written_is_refused(tmp_path: Path, name: str, says: str) -> None:
    """Another ending, or a folder that is not there, is one sentence and exit 11."""
    with speaking("en"), pytest.raises(BadFileError, match=re.escape(says)) as caught:
        write(declared(), tmp_path / name, roles=ROLES, others={})

    assert caught.value.exit_code == 11
    assert not (tmp_path / name).exists()


def test_png_without_a_program_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing can draw PNG, the sentence says what is needed and what to do instead."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with speaking("en"), pytest.raises(BadFileError, match=r"needs Chromium.*write \.svg instead"):
        write(declared(), tmp_path / "x.png", roles=ROLES, others={})


def test_png_by_a_program_that_fails_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A browser that draws nothing is named, and nothing is written."""
    _program(tmp_path / "chromium", "exit 1")
    monkeypatch.setenv("PATH", str(tmp_path))
    with speaking("en"), pytest.raises(BadFileError, match=r"\(chromium\) failed; write \.svg instead"):
        write(declared(), tmp_path / "x.png", roles=ROLES, others={})

    assert not (tmp_path / "x.png").exists()


def test_png_is_what_the_browser_draws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The browser is given our drawing, its size and a profile of its own; its picture is kept."""
    script = 'for each; do case $each in --screenshot=*) printf "%s" "$*" > "${each#*=}";; esac; done'
    _program(tmp_path / "chromium", script)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.defpath}")
    write(declared(), tmp_path / "x.png", roles=ROLES, others={})
    given_words = (tmp_path / "x.png").read_text("utf-8")

    assert re.search(r"--user-data-dir=\S+ --window-size=\d+,\d+ --screenshot=\S+ file:///\S+\.svg$", given_words)


@pytest.mark.office("chromium")
def test_chromium_draws_png(tmp_path: Path) -> None:
    """The real browser draws a picture of the size of the drawing, at double density."""
    write(declared(), tmp_path / "x.png", roles=ROLES, others={})
    content = (tmp_path / "x.png").read_bytes()
    width = float(picture().split(' width="')[1].split('"')[0])

    assert content.startswith(b"\x89PNG")
    assert abs(int.from_bytes(content[16:20], "big") - 2 * width) <= 2


def _program(file: Path, script: str) -> None:
    """Make a program of a few lines."""
    file.write_text(f"#!/bin/sh\n{script}\n", "utf-8")
    file.chmod(file.stat().st_mode | stat.S_IXUSR)
