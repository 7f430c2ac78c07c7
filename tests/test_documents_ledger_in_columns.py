"""The columns that a workflow wants of a ledger: taken from its declaration alone."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from msgspec.structs import replace

from documents.ledger_in.columns import STATE, UNIT, ledger_columns, state_wordings
from documents.ledger_in.sheet_model import WantedColumn
from workflows.loader import Declarations

TICKET = """
workflow: ticket
version: 1
title: {en: Ticket, zh: 工单}
number: "{unit}-GD-{year}-{serial:03}"
dated_by: came_on
summary: words
import_key: own_number
open: {by: [liaison]}
amend: {by: [office]}
fields:
  came_on: {type: date, required: true, title: {en: Came on, zh: 来件时间}, also: [来件日期]}
  words: {type: text, required: true, title: {en: Words, zh: 诉求}}
  own_number: {type: text, title: {en: Own number, zh: 原号}}
  kind: {type: choice, title: {en: Kind, zh: 类别}, values: [{value: a, title: {en: Alpha, zh: 甲类}, also: [甲]}]}
  caller: {type: sealed, title: {en: Caller, zh: 来电人}}
  helpers: {type: officers, title: {en: Helpers, zh: 协办人}}
  urgent: {type: flag, title: {en: Urgent, zh: 是否紧急}}
states:
  waiting: {title: {en: Waiting, zh: 待办}, also: [未办, 搁置]}
  resting: {title: {en: Resting, zh: 暂停}, also: [{text: 暂停（紧急）, sets: {urgent: true}}]}
  done: {title: {en: Done, zh: 办完}, final: true}
transitions:
  rest: {title: {en: Rest, zh: 暂停}, from: waiting, to: resting, by: [liaison]}
  finish: {title: {en: Finish, zh: 办结}, from: [waiting, resting], to: done, by: [liaison]}
deadlines:
  finish: {title: {en: Finish, zh: 期限}, starts: {field: came_on}, runs_in: [waiting, resting], within: 15 days,
    ladder: usual}
ladders:
  usual: [{at: +1 day, every: 1 month, level: chase, to: [liaison]}]
clearance:
  cleared: {states: [done]}
  fully_closed: {states: [done]}
"""


@pytest.fixture
def columns(tmp_path: Path) -> Mapping[str, WantedColumn]:
    """Return the columns of a workflow of a house's own, by name."""
    return {each.name: each for each in ledger_columns(_book(tmp_path).latest("ticket"))}


def _book(folder: Path) -> Declarations:
    (folder / "ticket.yaml").write_text(TICKET, "utf-8")
    return Declarations([folder])


@pytest.mark.parametrize(
    ("name", "kind", "titles", "synonyms"),
    [
        ("came_on", "date", ("来件时间", "Came on"), ("来件日期",)),
        ("words", "text", ("诉求", "Words"), ()),
        ("own_number", "ledger_number", ("原号", "Own number"), ()),
        ("kind", "choice", ("类别", "Kind"), ()),
        ("caller", "sealed", ("来电人", "Caller"), ()),
        ("helpers", "officer", ("协办人", "Helpers"), ()),
        ("urgent", "flag", ("是否紧急", "Urgent"), ()),
    ],
)
def test_a_column_for_each_field(
    columns: Mapping[str, WantedColumn], name: str, kind: str, titles: tuple[str, ...], synonyms: tuple[str, ...]
) -> None:
    """A field's column has its kind, its titles in both languages and its other headings."""
    found = columns[name]
    assert (found.kind, found.titles, found.synonyms) == (kind, titles, synonyms)


def test_choices_are_known_by_all_their_words(columns: Mapping[str, WantedColumn]) -> None:
    """A value is known by title in both languages, by itself and by its other wordings, Chinese titles first."""
    assert dict(columns["kind"].choices) == {"甲类": "a", "Alpha": "a", "a": "a", "甲": "a"}


def test_state_and_unit_stand_beside_the_fields(columns: Mapping[str, WantedColumn]) -> None:
    """Besides the fields a ledger may name the state, by any wording of it, and the unit."""
    assert list(columns)[7:9] == [STATE, UNIT]
    assert (columns[STATE].kind, columns[UNIT].kind) == ("state", "unit")
    assert list(columns[STATE].choices)[:3] == ["待办", "暂停", "办完"]
    assert {"办理情况", "办结情况", "当前状态"} <= {*columns[STATE].titles, *columns[STATE].synonyms}
    assert "单位" in columns[UNIT].titles


def test_a_wording_of_two_states_is_asked_about(tmp_path: Path) -> None:
    """A wording that could mean two states, however it is spaced, belongs to neither."""
    workflow = _book(tmp_path).latest("ticket")
    done = replace(workflow.states["done"], also=("搁 置",))
    found = state_wordings(replace(workflow, states={**workflow.states, "done": done}))
    assert {"搁置", "搁 置"} & set(found) == set()
    assert (found["未办"].state, found["Done"].state) == ("waiting", "done")


def test_a_wording_keeps_what_it_implies(tmp_path: Path) -> None:
    """A wording stands for itself, so that the values it implies can be looked up."""
    workflow = _book(tmp_path).latest("ticket")
    found = state_wordings(workflow)["暂停（紧急）"]
    assert workflow.states[found.state].legacy_sets[found.text] == {"urgent": True}


def test_a_house_extends_the_words(tmp_path: Path) -> None:
    """Headings, states and values of a list of synonyms in the house's folder are known too."""
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "synonyms.yaml").write_text(
        "list: synonyms\ntitle: {en: Ours, zh: 本地}\n"
        "fields: {words: [来电内容]}\nstates: {done: [销单]}\nvalues: {kind.a: [头等]}\n",
        "utf-8",
    )
    workflow = _book(tmp_path).latest("ticket")
    columns = {each.name: each for each in ledger_columns(workflow)}
    assert columns["words"].synonyms == ("来电内容",)
    assert state_wordings(workflow)["销单"].state == "done"
    assert columns["kind"].choices["头等"] == "a"


@pytest.mark.parametrize("name", ["lead", "proposal", "return"])
def test_no_heading_of_a_shipped_workflow_means_two_fields(name: str) -> None:
    """Titles of shipped workflows are of one field only, and none is that of the state or the unit."""
    seen: dict[str, str] = {}
    for column in ledger_columns(Declarations().latest(name)):
        for title in column.titles:
            assert seen.setdefault(title, column.name) == column.name
