"""The pages on the language of workflows: whole, and every example on them is sound."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from test_architecture import HOUSE

from engine.expressions.evaluate import FUNCTIONS, check
from engine.expressions.grammar import FILTERS, LISTING, STATES_OF, TESTS
from engine.language import Language, speaking
from engine.reading.typed import keys_of
from engine.reading.yaml_file import read
from engine.workflow.children import ChildOpening, EachChild
from engine.workflow.computed import OF_CHILDREN, STANDING_NAMES
from engine.workflow.deadline import Deadline, Extension, Rung, TermUnit
from engine.workflow.model import Clearance, Field, FieldType, State, Transition, Workflow
from engine.workflow.number_format import FORMAT_PARTS
from engine.workflow.own_promises import OwnPromise
from engine.workflow.recurring_cases import Filling, Recurrence
from workflows.campaigns_found import Campaigns
from workflows.first_file import first_file
from workflows.loader import Declarations

PAGES: Mapping[Language, str] = {"en": "docs/language.md", "zh": "docs/zh/language.md"}
BLOCK = re.compile(r"^```yaml\n(.*?)^```", re.MULTILINE | re.DOTALL)
PARTS = (
    Workflow, Field, State, Transition, ChildOpening, EachChild, Deadline, Extension, Rung, Clearance,
    Recurrence, Filling, OwnPromise,
)  # fmt: skip
OF_OPEN = ("alone", "when", "sets")
WORDS = (
    *STANDING_NAMES, *FUNCTIONS, *FILTERS, *LISTING, *STATES_OF, *OF_CHILDREN, *TESTS, *FieldType, *TermUnit,
    "among", "day", "after", *(f"{{{each}}}" for each in FORMAT_PARTS),
)  # fmt: skip


def merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Return *below* with what *above* says, mapping by mapping; null takes a part out."""
    found = dict(below)
    for key, value in above.items():
        there = found.get(key)
        found[key] = merged(there, value) if isinstance(there, Mapping) and isinstance(value, Mapping) else value
    return {key: value for key, value in found.items() if value is not None}


def blocks(page: str) -> Iterator[str]:
    """Yield the examples of a page."""
    yield from BLOCK.findall((HOUSE / page).read_text("utf-8"))


def laid_out(page: str, folder: Path) -> Iterator[tuple[str, Path]]:
    """Write the examples of a page as files of a house's folder, one each; yield the text and the file.

    The first is a whole workflow. One with `list`, `campaign`, `measures` or `workflow` is a file of its own; any
    other says what it changes of the first.
    """
    base: dict[str, Any] = {}
    for number, text in enumerate(blocks(page)):
        own = folder / str(number)
        (own / "lists").mkdir(parents=True)
        (own / "campaigns" / "measures").mkdir(parents=True)
        scratch = own / "text.txt"
        scratch.write_text(text, "utf-8")
        said, _, wrong = read(scratch, page)
        assert wrong == (), text
        base = base or said
        kind = next((each for each in ("list", "campaign", "measures") if each in said), "")
        room = {"list": "lists", "campaign": "campaigns", "measures": "campaigns/measures"}.get(kind, "")
        whole = said if kind or "workflow" in said else merged(base, said)
        file = own / room / f"{whole[kind or 'workflow']}.yaml"
        file.write_text(json.dumps(whole, ensure_ascii=False), "utf-8")
        if "child" in text and "workflow" not in said:
            child = merged(base, {"workflow": "child", "parent": whole["workflow"], "number": "{unit}-C-{serial}"})
            child["fields"] = merged(child["fields"], {"cost": {"type": "number"}, "due": {"type": "date"}})
            (own / "child.yaml").write_text(json.dumps(child, ensure_ascii=False), "utf-8")
        if file.parent != own:
            (own / f"{base['workflow']}.yaml").write_text(json.dumps(base, ensure_ascii=False), "utf-8")
        yield text, file


@pytest.mark.parametrize("lang", list(PAGES))
def test_every_example_is_sound(lang: Language, tmp_path: Path) -> None:
    """Each example is read and checked as a house's own file; the first is what `workflow new leave` writes."""
    with speaking(lang):
        assert next(blocks(PAGES[lang])) == first_file("leave")
    wrong = []
    for text, file in laid_out(PAGES[lang], tmp_path):
        own = next(each for each in file.parents if each.parent == tmp_path)
        book = Declarations([own])
        if "campaigns" in file.parts:
            if file.parent.name == "measures":
                spring = {
                    "campaign": "spring",
                    "workflow": "leave",
                    "measures": file.stem,
                    "received": {"to": "{year}-01-01"},
                    "clear_by": "{year}-06-30",
                }
                (own / "campaigns" / "spring.yaml").write_text(json.dumps(spring), "utf-8")
            found = Campaigns([own / "campaigns"], workflow=book.latest)
            assert found.campaign("spring", year=2026).workflow == "leave"
        else:
            wrong += [(text.splitlines()[0], each.text.en) for each in book.check([file])[1]]
    assert wrong == []


@pytest.mark.parametrize("lang", list(PAGES))
def test_the_page_names_every_key_and_every_word(lang: Language) -> None:
    """Every key that a part can have, every name, function, filter and test of expressions stands on the page."""
    page = (HOUSE / PAGES[lang]).read_text("utf-8")
    code = " ".join((*re.findall(r"`([^`\n]+)`", BLOCK.sub("", page)), *blocks(PAGES[lang])))
    keys = {key for each in PARTS for key in keys_of(each)} | {*WORDS, *OF_OPEN}
    missing = [key for key in sorted(keys) if not re.search(rf"(?<!\w){re.escape(key)}(?!\w)", code)]
    assert missing == []


@pytest.mark.parametrize("lang", list(PAGES))
def test_every_expression_on_the_page_is_sound(lang: Language) -> None:
    """The example beside each word of expressions can be understood and names what the page's own file declares."""
    rows = re.findall(r"^\| .* \| `([^`]+)` \|$", (HOUSE / PAGES[lang]).read_text("utf-8"), re.MULTILINE)
    named = {"received_on", "subject", "handler", "outcome", "reason", "topics", "cost", *STANDING_NAMES}
    found = {each: check(each.replace("\\|", "|"), named) for each in rows}
    assert len(found) > 15
    assert {each: wrong for each, wrong in found.items() if wrong} == {}
