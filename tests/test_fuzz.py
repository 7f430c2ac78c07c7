"""What people and other programs write for us, altered at random: one sentence or a result, soon, and no half write.

Some thousands of inputs stand here; `make fuzz` tries a million others, `make fuzz FUZZED=100000` fewer.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random
from time import process_time, time_ns

import pytest
from ledgers import furnished
from notices import DIGEST, row, shipped_templates

from commands.imports.mapping_file import read_mapping
from engine.campaigns.campaign_file import CampaignContext, campaign_in, listed_in
from engine.errors import QinglingError
from engine.expressions.evaluate import FUNCTIONS, check, compile_expression
from engine.journal.canonical import canonical, parsed
from engine.journal.checkpoint import checkpoint_in, key_given, request_in
from engine.journal.events import TYPES, legible, read
from engine.journal.sealing import joined, parted
from engine.journal.signing import unlock_key
from engine.operations.cases.where_words import where_meant
from engine.operations.identity.logging_in import shown_by_session
from engine.operations.ledger.ledger import Ledger
from engine.reading.calendar_file import parse_calendar, read_calendar
from engine.reading.choice_lists import choices_in, law_in, levels_in, roles_in, wordings_in
from engine.store import schema
from engine.workflow.computed import STANDING_NAMES
from notifications.settings import read_settings
from workflows.loader import Declarations

INPUTS = int(os.environ.get("QINGLING_TEST_FUZZED", "6000"))
"""Over all kinds."""
SEED = os.environ.get("QINGLING_TEST_SEED") or (str(time_ns()) if "QINGLING_TEST_FUZZED" in os.environ else "1")
"""The same inputs come of the same seed and number; a failure names it."""
SHIPPED = Path(__file__).parents[1] / "workflows"
NOW = datetime(2019, 7, 1, 2, tzinfo=UTC)
SOON = 10.0
"""Seconds of this process's own work after which an input hangs: a machine that is busy with others makes none fail."""

TOKENS = (
    *("", ":", "- ", "\n", "\n  ", "{", "}", "[", "]", "'", '"', "&a ", "*a", "!!python/none ", "? ", "|", ">", "#"),
    *("null", "~", "-1", "0", "1e999", "9" * 30, "2019-02-30", "真", "：", "，", "=", "==", "{{", "}}", "{%", "%}"),
    *(
        "\0",
        "\ufeff",
        "\u202e",
        "\\ud800",
        "not ",
        " in ",
        "(",
        ")",
        ".",
        "a" * 300,
        "(" * 99,
        "[" * 2000,
        "%d",
        "\x1b",
    ),
)
"""What means something to one reader or another."""
SIGNS = ((32, 127), (0, 0x300), (0x2000, 0x2100), (0x4E00, 0x9FFF), (0xFF00, 0xFFF0), (0x1F300, 0x1F600))
"""Ranges of signs of which other pieces are made."""


def edits(random: Random) -> list[tuple[float, int, str]]:
    """Return up to four edits: where, how many characters, and by what."""
    found = []
    for _ in range(random.randrange(5)):
        signs = (chr(random.randrange(*random.choice(SIGNS))) for _ in range(random.randrange(7)))
        piece = random.choice(TOKENS) if random.random() < 0.6 else "".join(signs)
        found.append((random.random(), random.randrange(31), piece))
    return found


def altered(text: str, changes: list[tuple[float, int, str]]) -> str:
    """Return a text of which some places were replaced."""
    for where, length, piece in changes:
        place = int(where * len(text))
        text = text[:place] + piece + text[place + length :]
    return text


class Desk:
    """Who reads what was altered: a folder for files, and a ledger that stays as it is."""

    def __init__(self, folder: Path, ledger: Ledger) -> None:
        self.folder = folder
        self.ledger = ledger
        self.supervision = ledger.rules("supervision").workflow
        self.lead = ledger.rules("lead").workflow

    def file(self, name: str, text: str) -> Path:
        """Return a file with that content."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
        return path


def workflow(desk: Desk, text: str) -> None:
    """A declaration of steps, read and judged as a whole."""
    path = desk.file("declared/supervision.yaml", text)
    Declarations((path.parent,)).latest("supervision")


def lists(desk: Desk, text: str) -> None:
    """A list of roles, levels, law or words."""
    path = desk.file("roles.yaml", text)
    for each in (roles_in, levels_in, law_in, wordings_in, choices_in):
        with suppress(QinglingError):
            each(path, "roles.yaml")


def campaign(desk: Desk, text: str) -> None:
    """A campaign."""
    path = desk.file("c.yaml", text)
    around = CampaignContext(workflow=lambda name: desk.ledger.rules(name).workflow, measures=lambda _: None)
    for each in (
        lambda: listed_in(path),
        lambda: campaign_in(path, 2019, around),
        lambda: campaign_in(path, None, around),
    ):
        with suppress(QinglingError):
            each()


def calendar(desk: Desk, text: str) -> None:
    """A calendar, as a file and as a ledger keeps it."""
    with suppress(QinglingError):
        read_calendar(desk.file("calendar", text))
    parse_calendar(text, file="calendar")


def where(desk: Desk, text: str) -> None:
    """What is typed at `--where`."""
    meant = where_meant(desk.ledger, desk.lead, text, today=date(2019, 7, 1))
    if not check(meant, {*desk.lead.fields, *STANDING_NAMES}, FUNCTIONS):
        compile_expression(meant).verdict(dict.fromkeys((*desk.lead.fields, *STANDING_NAMES)))
    compile_expression.cache_clear()


def template(desk: Desk, text: str) -> None:
    """A template of messages."""
    path = desk.file("own/digest/zh/subject.txt", text)
    templates = shipped_templates(path.parents[2])
    templates.placeholders("digest", "zh")
    templates.render(row("digest", payload=DIGEST))


def json(_: Desk, text: str) -> None:
    """The body of a journal row of each kind, and JSON alone."""
    for kind in TYPES:
        with suppress(QinglingError):
            read(kind, text)
        with suppress(QinglingError):
            legible(kind, text).body()
    with suppress(ValueError):
        canonical(parsed(text))


def key(desk: Desk, text: str) -> None:
    """Key files, their halves, checkpoints and what a log-in is kept as."""
    content = text.encode("utf-8", "surrogatepass")
    for each in (
        lambda: unlock_key(content, "correct horse"),
        lambda: joined((content, HALVES[1])),
        lambda: key_given(text),
        lambda: checkpoint_in(text),
        lambda: request_in(text),
        lambda: shown_by_session(desk.ledger, text, now=NOW),
    ):
        with suppress(QinglingError):
            each()


def mapping(desk: Desk, text: str) -> None:
    """What the columns of a ledger are."""
    read_mapping(desk.file("mapping", text))


def channels(desk: Desk, text: str) -> None:
    """How messages go out."""
    read_settings(desk.file("channels.toml", text), {"SECRET": "x"})


HALVES = parted(bytes(range(32)))
BODY = canonical(
    {
        "dated_on": "2019-06-28",
        "unit": "0101",
        "version": 4,
        "workflow": "lead",
        "trigger": "assign",
        "reason": "x",
        "set": {"amount": 12500},
        "house": [4, "a1e1f0319b1f297b"],
        "code": "li",
        "proof": ["session", 3],
        "deadlines": {
            "disposal": {
                "due_on": "2019-07-29",
                "original_due_on": "2019-07-29",
                "extended": 0,
                "round": 1,
                "status": 0,
            }
        },
    }
)
CHECKPOINT = f"qingling/abc/1\n12\n{'A' * 43}=\n\n— qingling/abc/1 {'A' * 96}\n"
CALENDAR = "calendar: x\nversion: 1\nyears:\n  2019:\n    off: [2019-10-01]\n    working: [2019-09-29]\n"
WHERE = (
    "state == 'received' and amount > 100",
    "收到时间 ≥ 6月1日 且 类别 = 'A3'",
    "children('referral') | all_in('filed')",
)
SUBJECTS = (
    "{% for each in entries %}{{ each.number|upper }}{% endfor %}{{ as_of * 3 }}",
    "{{ '%s' % as_of }}{{ as_of.x }}",
)


def shipped(pattern: str) -> tuple[str, ...]:
    """Return the texts of declarations that the program brings."""
    return tuple(each.read_text("utf-8") for each in sorted(SHIPPED.glob(pattern)))


KINDS: dict[str, tuple[Callable[[Desk, str], None], tuple[str, ...]]] = {
    "workflow": (workflow, (*shipped("supervision.yaml"), "workflow: x\n")),
    "list": (lists, (*shipped("lists/roles.yaml"), *shipped("lists/l*.yaml"))),
    "campaign": (campaign, shipped("campaigns/*.yaml")),
    "calendar": (calendar, (CALENDAR, "{}")),
    "where": (where, WHERE),
    "template": (template, SUBJECTS),
    "json": (json, (BODY, '{"schema":2}', "[]")),
    "key": (key, ("x", HALVES[0].decode(), "qingling-officer-key-v1 AAAAAAAAAAA= AAAA", CHECKPOINT, "12.abcdef")),
    "mapping": (mapping, ("反映内容: summary\n收到时间：received_on\nC: -\n",)),
    "channels": (channels, ('[channels.mail]\nkind = "mail"\nhost = "h"\nport = 25\nfrom = "a@b.cn"\n',)),
}
"""Who reads each kind, and what is altered."""
SHARES = {"workflow": 0.008, "list": 0.03, "key": 0.005, "template": 0.01}
"""Of the inputs, for kinds of which one takes some milliseconds."""
REST = (1 - sum(SHARES.values())) / (len(KINDS) - len(SHARES))


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Lend a folder and a ledger; nothing that is read may change the ledger."""
    folder = tmp_path_factory.mktemp("fuzz")
    (folder / "files").mkdir()
    schema.bring_up(str(folder / "l.db"))
    with furnished(str(folder / "l.db")) as ledger:
        rows = ledger.store.value("SELECT count(*) FROM journal")
        yield Desk(folder / "files", ledger)
        assert ledger.store.value("SELECT count(*) FROM journal") == rows


@pytest.mark.parametrize("kind", KINDS)
def test_whatever_is_written_is_read_or_refused(kind: str, desk: Desk) -> None:
    """Each altered text gives a result or an error of ours, within seconds."""
    reads, begun = KINDS[kind]
    random = Random(f"{SEED} {kind}")
    for place in range(max(1, round(INPUTS * SHARES.get(kind, REST)))):
        text = altered(random.choice(begun), edits(random))
        begun_at = process_time()
        try:
            with suppress(QinglingError):
                reads(desk, text)
        except Exception as error:
            error.add_note(f"input {place} of {kind}, QINGLING_TEST_SEED={SEED}: {text!r}")
            raise
        assert process_time() - begun_at < SOON, (place, SEED, text)
