"""The form of every step of every shipped workflow: it is made, refuses at its fields, and lets no markup in."""

from collections import Counter
from html.parser import HTMLParser

from ledgers import START, furnished

from desk.fields import Fields, Input, brought
from desk.rendering import rendered
from desk.steps import StepAsked, said
from engine.errors import Reason
from engine.language import Text, speaking
from engine.operations.ledger.acting import Acting
from engine.rules.transitions import Rules

EVIL = (
    '"><script>alert(1)</script>', "' onfocus=alert(1) autofocus x='", "{{ 7 * 7 }}", '<img src=x onerror="alert(1)">',
    '" hx-get="//evil.test" hx-trigger="load', "</textarea><a href=javascript:alert(1)>",
)  # fmt: skip
FRAME: dict[str, object] = {
    "mark": None, "house": EVIL[0], "here": "step", "address": EVIL[1], "token": "t", "who": EVIL[3], "ways": [],
}  # fmt: skip


class Markup(HTMLParser):
    """Counts what stands in a page: elements with the names of their attributes, and identifiers."""

    def __init__(self) -> None:
        super().__init__()
        self.found: Counter[tuple[str, tuple[str, ...]]] = Counter()
        self.ids: list[str] = []
        self.ways: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Count an element."""
        self.found[tag, tuple(sorted(name for name, _ in attrs))] += 1
        self.ids += [value for name, value in attrs if name == "id" and value]
        self.ways += [value for name, value in attrs if name == "href" and value]


def markup_of(page: str) -> Markup:
    """Return what stands in a page."""
    found = Markup()
    found.feed(page)
    return found


def form_of(rules: Rules, inputs: list[Input], words: str, reasons: list[Reason]) -> str:
    """Return the page of a step as it is shown after a refusal."""
    title = Text(words, words)
    step = StepAsked(
        trigger=words, title=title, basis=words, required=frozenset(), optional=frozenset(), known={},
        to_sign=frozenset(rules.signatures),
    )  # fmt: skip
    shown = {
        **FRAME, "number": words, "title": words, "state": words, "step": step, "asks": inputs, "takes": [],
        "opened": False, "known": [(words, words)], "said": said(reasons, [each.name for each in inputs]),
        "changed": [], "insists": True, "seen": 1, "is_draft": True, "back": "/agendas", "signs": None,
    }  # fmt: skip
    return rendered("step.html", shown)


def test_every_step_of_every_workflow_has_a_form(sqlite_url: str) -> None:
    """Each field of each step has one input with its refusal, and what is typed changes no element of the page."""
    wrong: list[object] = []
    count = 0
    with furnished(sqlite_url, rehearsal=True) as ledger, speaking("zh"):
        acting = Acting(ledger, "zhou", START)
        for name in ledger.workflows.names():
            rules = ledger.rules(name)
            fields = Fields(acting, rules, unit="0101")
            for step in rules.workflow.transitions:
                names = [each for each in rules.takes[step.name] if rules.workflow.fields[each].gathers is None]
                evil = EVIL[count % len(EVIL)]
                count += 1
                pages = {}
                for words in ("harmless", evil):
                    reasons = [Reason(words, words, field=each, basis=words) for each in names]
                    given = dict.fromkeys(names, (words,))
                    inputs = fields.inputs(names, required=frozenset(names), given=given, reasons=reasons)
                    if brought(rules.workflow, given).keys() != set(names):
                        wrong.append((name, step.name, "not brought"))
                    pages[words] = markup_of(form_of(rules, inputs, words, reasons))
                plain, other = pages.values()
                wrong += [(name, step.name, evil, other.found - plain.found)] if plain.found != other.found else []
                lost = [each for each in names if other.ids.count(f"f-{each}") != 1 or f"#f-{each}" not in other.ways]
                wrong += (
                    [(name, step.name, lost)]
                    if lost or not all(f"f-{each}-wrong" in other.ids for each in names)
                    else []
                )
                wrong += [(name, each) for each in other.ways if not each.startswith(("/", "#"))]
    assert wrong == []
    assert count > 100
