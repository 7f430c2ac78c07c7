"""The book of declarations: files that are refused and why, lists, and versions that are in use."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.errors import BadFileError, InvalidWorkflowError, NotFoundError
from engine.language import Text, speaking
from engine.reading.yaml_file import read
from engine.workflow.deadline import Term, TermUnit
from engine.workflow.model import Workflow
from engine.workflow.powers import MAY_BE_NOBODYS, Power
from workflows.loader import Declarations

DESK = """
workflow: desk
version: 1
number: "{unit}-DK-{year}-{serial:03}"
dated_by: written_on
summary: summary
open: {by: [office]}
amend: {by: [office]}
fields:
  written_on: {type: date, required: true}
  summary: {type: text}
  handler: {type: oficer}
states:
  working:
  done: {final: true}
transitions:
  answer: {from: wrking, to: done, by: [handler, office], neds: [summary]}
deadlines:
  answering: {starts: {field: written_on}, runs_in: working, within: 24 hours, ladder: l2}
clearance:
  cleared: {states: done}
  fully_closed: {states: done}
"""
"""A declaration with two faults of shape and two of meaning."""

DECLARATIONS = Path(__file__).parent / "data" / "declarations"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A user's folder that may be written to."""
    return Path(shutil.copytree(DECLARATIONS, tmp_path / "own", ignore=shutil.ignore_patterns("bad")))


def _kept(*workflows: Workflow) -> Callable[[str, int], tuple[str, str] | None]:
    kept = {(each.name, each.version): ("digest", json.dumps(each.plain)) for each in workflows}
    return lambda name, version: kept.get((name, version))


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("alias_of_itself", ":2: *me stands for nothing"),
        ("alias_of_nothing", ":2: *nobody stands for nothing"),
        ("aliases_bomb", ":5: holds too many values"),
        ("archive", ": is no text file; save it as UTF-8 text"),
        ("bell", ": is not YAML: control characters are not allowed"),
        ("duplicate_key", ":4: version: the key stands here and in line 2"),
        ("empty", ": is empty"),
        ("gbk", ":2: the file is in GBK; save it as UTF-8"),
        ("key_is_a_list", ":2: a key must be a text"),
        ("latin", ":2: the file is not UTF-8; save it as UTF-8"),
        ("not_keys", ":1: must begin with keys, as in `key: value`"),
        ("remark_only", ":1: must begin with keys, as in `key: value`"),
        ("tab", ":3: is not YAML: use blanks instead of tabs"),
        ("tag", ":2: tags such as tag:yaml.org,2002:python/object/apply:os.system are not allowed"),
        ("two_documents", ":2: holds more than one document"),
        ("unclosed", ":3: is not YAML: did not find expected ',' or '}'"),
        ("not_there", ": cannot be read: No such file or directory"),
    ],
)
def test_a_bad_file_is_refused_in_one_line(file: str, said: str) -> None:
    """Each mistake is one sentence with file and line; both languages have it."""
    name = f"{file}.yaml"

    _, _, problems = read(DECLARATIONS / "bad" / name, name)

    with speaking("en"):
        assert [name + said] == [str(each) for each in problems]
    assert all(each.sentence.zh != each.sentence.en for each in problems)


def test_every_bad_file_is_in_the_table() -> None:
    """No file of a mistake lies about unproved."""
    for path in (DECLARATIONS / "bad").iterdir():
        assert read(path, path.name)[2]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("a: " + "[" * 200_000, "is nested too deeply"),
        ("a: " + "{b: " * 100_000, "is nested too deeply"),
        ("".join(f"{'  ' * depth}k:\n" for depth in range(400)), "is nested too deeply"),
        ("a: [" + "x," * 60_000 + "]", "holds too many values"),
        ("a: " + "x" * 1_000_001, "is larger than 1 MB; no declaration is"),
    ],
    ids=["lists", "mappings", "blocks", "values", "bytes"],
)
def test_a_bomb_does_no_harm(tmp_path: Path, content: str, said: str) -> None:
    """Depth, number and size are limited before they can hurt."""
    path = tmp_path / "bomb.yaml"
    path.write_text(content, encoding="utf-8")

    _, _, problems = read(path, "bomb.yaml")

    assert [said] == [each.sentence.en for each in problems]


def test_words_stay_what_their_writer_sees(tmp_path: Path) -> None:
    """Only nothing, true, false and plain numbers mean more than they say; keys are always texts."""
    path = tmp_path / "words.yaml"
    path.write_text(
        "on: 2019-12-31\noff: no\nyes: YES\nno: on\n1: 1\ntrue: True\nnull: ~\nempty:\n"
        "time: 12:30\noctal: 0123\nhex: 0x1F\nbig: 12345678901234567890\ndecimal: -1.50\nexponent: 1e5\n"
        "plus: +3 days\nquoted: 'true'\nblock: |\n  null\nshared: &s [a]\nagain: *s\nmark: n\n",
        encoding="utf-8-sig",
    )

    plain, where, problems = read(path, "words.yaml")

    assert problems == ()
    assert plain == {
        "on": "2019-12-31",
        "off": "no",
        "yes": "YES",
        "no": "on",
        "1": 1,
        "true": True,
        "null": None,
        "empty": None,
        "time": "12:30",
        "octal": "0123",
        "hex": "0x1F",
        "big": "12345678901234567890",
        "decimal": -1.5,
        "exponent": "1e5",
        "plus": "+3 days",
        "quoted": "true",
        "block": "null\n",
        "shared": ["a"],
        "again": ["a"],
        "mark": "n",
    }
    assert (where.line(("time",)), where.line(("shared", 0, "deeper"))) == (9, 19)


def test_the_shipped_book_is_sound() -> None:
    """Every shipped declaration and list is without a problem, and can be opened."""
    book = Declarations()

    sound, problems = book.check()

    assert [str(each) for each in problems] == []
    assert book.names() == tuple(sorted(each.name for each in sound))
    for name in book.names():
        assert name == book.latest(name).name
        assert book.at(name, book.latest(name).version) == book.latest(name)
    assert book.roles()
    assert book.law.terms


def test_the_user_comes_after_the_shipped(folder: Path) -> None:
    """The user's folder adds workflows and replaces lists by name; synonyms come together."""
    book = Declarations((folder,))

    letter = book.latest("letter")

    assert {"lead", "letter", "reply"} <= set(book.names())
    assert book.roles() == {"office": Text("Office", "办公室")}
    assert [each.value for each in letter.fields["kind"].choices] == ["A1", "A2"]
    assert {"举报", "控告"} <= set(letter.fields["kind"].choices[0].also)
    assert {"部分", "一部分"} <= set(letter.fields["outcome"].choices[2].also)
    assert {"受理时间", "来件日期"} <= set(letter.fields["received_on"].also)
    assert {"待办", "未办"} <= set(letter.states["received"].also)
    assert book.law.terms["N18"] == Term(amount=15, unit=TermUnit.WORKING_DAYS)
    assert book.law.extensions == {"N18": Term(amount=1, unit=TermUnit.MONTHS)}
    assert book.law.unrolled == {"N19"}


def test_a_version_in_use_is_read_from_where_it_is_kept(folder: Path) -> None:
    """A case keeps its version: neither a changed list nor a lost file changes it."""
    letter = Declarations((folder,)).latest("letter")
    book = Declarations(stored=_kept(letter))

    kept = book.at("letter", 1)

    assert [each.value for each in kept.fields["kind"].choices] == ["A1", "A2"]
    assert kept.plain == json.loads(json.dumps(letter.plain))
    assert kept is book.at("letter", 1)
    assert "from_list" in str(kept.plain)


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("letter.yaml", "within: 15 working_days", "within: 10 working_days"),
        ("lists/kinds.yaml", "zh: 建议", "zh: 意见"),
    ],
    ids=["the file", "a list it uses"],
)
def test_other_content_needs_another_version(folder: Path, file: str, old: str, new: str) -> None:
    """A declaration that cases began with may not change under its version; its file and line are named."""
    kept = _kept(Declarations((folder,)).latest("letter"))
    path = folder / file
    path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")

    with pytest.raises(InvalidWorkflowError) as caught:
        Declarations((folder,), stored=kept).latest("letter")

    assert caught.value.sentence.en == (
        f"{folder / 'letter.yaml'}:3: version: version 1 is in use with other content;"
        " write version: 2 for the changed declaration"
    )


def test_the_same_content_may_be_written_anew(folder: Path) -> None:
    """Remarks, order of lists in other files and synonyms are no other content."""
    kept = _kept(Declarations((folder,)).latest("letter"))
    (folder / "letter.yaml").write_text("# a remark\n" + (folder / "letter.yaml").read_text("utf-8"), "utf-8")
    (folder / "lists" / "synonyms.yaml").write_text("states: {received: [新收]}\n", "utf-8")

    letter = Declarations((folder,), stored=kept).latest("letter")

    assert {"待办", "新收"} <= set(letter.states["received"].also)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("from: received\n", "from: recieved\n", "31: transitions.answer.from: no state is called 'recieved'"),
        ("type: date, req", "type: dat, req", "12: fields.received_on.type: write one of"),
        ("list: kinds", "list: kind", "15: fields.kind.list: no list is called 'kind' (did you mean 'kinds'?)"),
        ("workflow: letter\n", "workflow: lettre\n", "2: workflow: the file must be called lettre.yaml"),
    ],
)
def test_a_user_file_is_judged(folder: Path, old: str, new: str, said: str) -> None:
    """What is wrong with a user's file is said with its line, whether shape or meaning, and it is not opened."""
    path = folder / "letter.yaml"
    path.write_text(path.read_text("utf-8").replace(old, new, 1), "utf-8")

    with pytest.raises(InvalidWorkflowError) as caught:
        Declarations((folder,)).latest("letter")

    assert f"{path}:{said}" in caught.value.sentence.en


def test_all_files_are_checked_at_once(folder: Path) -> None:
    """Workflows and lists may be checked together; the sound ones are returned, every problem is told."""
    (folder / "lists" / "kinds.yaml").write_text("list: kind\nvalues: [a, a, {valu: b}]\n", "utf-8")
    (folder / "lists" / "law.yaml").write_text("list: law\nvalues: [{value: N18, within: soon}]\n", "utf-8")
    (folder / "lists" / "synonyms.yaml").write_text("field: {a: [b]}\n", "utf-8")
    paths = (folder / "reply.yaml", *sorted((folder / "lists").glob("*.yaml")))

    sound, problems = Declarations((folder,)).check(paths)

    with speaking("en"):
        said = [str(each).removeprefix(f"{folder}/lists/") for each in problems]
    assert [each.name for each in sound] == []
    assert said[:-1] == [
        "kinds.yaml:1: list: write one of kinds (did you mean 'kinds'?)",
        "kinds.yaml:2: values.1: 'a' stands here twice",
        "kinds.yaml:2: values.2.valu: no key is called 'valu' here (did you mean 'value'?)",
        (
            "law.yaml:2: values.0.within: write a length of time as '15 days', with minutes, hours, working_hours, "
            "days, working_days or months"
        ),
        "synonyms.yaml:1: field: no key is called 'field' here (did you mean 'fields'?)",
    ]
    assert said[-1].endswith("reply.yaml:4: parent: no workflow is called 'letter'")


@pytest.mark.parametrize(
    ("within", "more"),
    [("24 hours", []), ("soon", ["deadlines.answering.within: write a length of time"])],
    ids=["all as it must have been meant", "a term that means nothing"],
)
def test_shape_and_meaning_are_told_together(folder: Path, within: str, more: list[str]) -> None:
    """A misspelt type or key, and a state and a ladder that are not there: every one is told at once, nothing else."""
    path = folder / "desk.yaml"
    path.write_text(DESK.replace("24 hours", within), "utf-8")

    sound, problems = Declarations((folder,)).check((path,))

    with speaking("en"):
        said = [f"{each.culprit}: {each.sentence}" for each in problems]
    assert [each.name for each in sound] == []
    wanted = [
        "fields.handler.type: write one of",
        "transitions.answer.neds: no key is called 'neds' here (did you mean 'needs'?)",
        *more,
        "transitions.answer.from: no state is called 'wrking' (did you mean 'working'?)",
        "deadlines.answering.ladder: no ladder is called 'l2'",
    ]
    assert len(said) == len(wanted)
    assert all(each.startswith(start) for each, start in zip(said, wanted, strict=True))
    with pytest.raises(InvalidWorkflowError):
        Declarations((folder,)).latest("desk")


@pytest.mark.parametrize(
    ("old", "new", "unread"),
    [
        ("clearance:", "colour: red\nclearance:", "colour: no key is called 'colour'"),
        ("  fully_closed: {states: done}\n", "", "clearance: 'fully_closed' is missing"),
        ("24 hours", "soon", "deadlines.answering.within: write a length of time"),
        (
            "  summary: {type: text}",
            "  summary: {type: text}\n  kind: {type: choice, list: kidns}",
            "fields.kind.list:",
        ),
        ("  done: {final: true}", "  done: {final: true}\n  done: {final: true}", "states.done: the key stands here"),
        ("version: 1", "version: 1\nversion: 1", "version: the key stands here"),
    ],
)
def test_one_part_that_cannot_be_read_hides_no_other(folder: Path, old: str, new: str, unread: str) -> None:
    """A slip in one part leaves traps, dead ends and bad expressions elsewhere to be told in the same go."""
    path = folder / "desk.yaml"
    sound = DESK.replace("wrking", "working").replace("neds", "needs").replace("l2", "l1").replace("oficer", "officer")
    faulty = sound.replace(
        "[summary]}", '[summary], when: {"summry and": never}}\n  go: {from: working, to: trap, by: [office]}'
    )
    faulty = faulty.replace("  done: {final: true}\ntransitions", "  done: {final: true}\n  trap:\ntransitions")
    path.write_text(faulty.replace(old, new, 1), "utf-8")

    _, problems = Declarations((folder,)).check((path,))

    with speaking("en"):
        said = [f"{each.culprit}: {each.sentence}" for each in problems]
    wanted = [unread, "transitions.answer.when.summry and: ends too early"]
    wanted += [] if unread.startswith("states") else ["states.trap: no way leads from here to a final state"]
    for start in wanted:
        assert [each for each in said if each.startswith(start)], said


def test_what_is_not_there() -> None:
    """A name, a version or a folder that does not exist is a refusal with a way out."""
    book = Declarations()

    with pytest.raises(NotFoundError, match=r"qingling workflow list"):
        book.latest("leda")
    with pytest.raises(NotFoundError, match=r"99"):
        book.at("lead", 99)
    with pytest.raises(NotFoundError):
        book.problems("leda")
    with pytest.raises(BadFileError):
        Declarations((Path("no-such-folder"),))
    assert book.problems("lead") == ()


def test_a_list_of_roles_that_cannot_be_read(folder: Path) -> None:
    """Without sound roles nobody could act, so that is a refusal too."""
    (folder / "lists" / "roles.yaml").write_text("list: roles\n", "utf-8")

    with pytest.raises(InvalidWorkflowError, match=r"roles\.yaml"):
        Declarations((folder,)).roles()


MOST_POWERS = "keep_ledger, manage_officers, freeze, agree_to_open, restore, read_access_log"
ALL_POWERS = "may: [keep_ledger, manage_officers, freeze, open_seals, agree_to_open, restore, read_access_log]"


@pytest.mark.parametrize(
    ("values", "says"),
    [
        (f"- {{value: a, {ALL_POWERS}}}\n- b", []),
        (
            f"- {{value: a, may: [{MOST_POWERS}]}}\n- {{value: b, may: open_seal}}",
            [f"4: values.1.may.0: write one of {', '.join(Power)} (did you mean 'open_seals'?)"],
        ),
        (
            f"- {{value: a, {ALL_POWERS.replace('manage_officers, ', '')}}}\n- {{value: b, can: freeze}}",
            [
                "4: values.1.can: no key is called 'can' here",
                "2: values: no role may manage officers and their roles; write may: [manage_officers] at one",
            ],
        ),
        (
            f"- {{value: a, {ALL_POWERS}}}\n- value: b\n  may:\n    - freeze\n    - freez\n    - 7",
            [
                f"7: values.1.may.1: write one of {', '.join(Power)} (did you mean 'freeze'?)",
                f"8: values.1.may.2: write one of {', '.join(Power)}",
            ],
        ),
        (
            f"- {{value: a, {ALL_POWERS}}}\n- {{value: a, title: {{en: 3}}}}",
            ["4: values.1: 'a' stands here twice", "4: values.1.title.en: write a text"],
        ),
    ],
)
def test_what_roles_may_do(folder: Path, values: str, says: list[str]) -> None:
    """Powers are known words, each is held by some role, and every fault is found with its line."""
    path = folder / "lists" / "roles.yaml"
    path.write_text(f"list: roles\nvalues:\n{values}\n", "utf-8")

    _, problems = Declarations((folder,)).check((path,))

    found = [each.text.en.removeprefix(f"{path}:") for each in problems]
    assert found == says


def test_a_workflow_needs_only_the_names_of_roles(folder: Path) -> None:
    """Powers that no role has are a fault of the list where it is checked or taken on, not of each workflow beside."""
    path = folder / "lists" / "roles.yaml"
    path.write_text("list: roles\nvalues: [office, handler]\n", "utf-8")
    book = Declarations((folder,))

    assert book.check((folder / "reply.yaml",))[1] == ()
    assert len(book.check((path, folder / "reply.yaml"))[1]) == len(Power) - len(MAY_BE_NOBODYS)


def test_terms_stand_beside_the_roles(folder: Path) -> None:
    """How long consent holds, sealed values stay and a comparison is enough is declared; left out, it is as before."""
    path = folder / "lists" / "roles.yaml"
    found = []
    for terms in ("", "opening_days: 7\nsealed_years: 10\ncompared_days: 1\n"):
        path.write_text(f"list: roles\n{terms}values:\n- {{value: a, {ALL_POWERS}}}\n", "utf-8")
        terms_of = Declarations((folder,)).house_terms()
        found.append((terms_of.opening_days, terms_of.sealed_years, terms_of.compared_days))

    assert found == [(3, 0, 7), (7, 10, 1)]


def test_a_level_of_reminding_is_declared_and_nothing_else(folder: Path) -> None:
    """A ladder may use a level as soon as the list of levels has it, and never falls below the order there."""
    levels = (
        "list: levels\nvalues:\n- remind\n- {value: chase, chases: true}\n- {value: summon, tone: alarm}\n- supervise\n"
    )
    ladder = folder / "letter.yaml"
    ladder.write_text(ladder.read_text("utf-8").replace("level: supervise", "level: summon"), "utf-8")
    before = [each.sentence.en for each in Declarations((folder,)).check((ladder,))[1]]
    (folder / "lists" / "levels.yaml").write_text(levels, "utf-8")

    book = Declarations((folder,))
    falling = ladder.read_text("utf-8").replace("level: remind", "level: supervise")

    assert before == ["no level is called 'summon'; there are 'remind', 'chase', 'supervise', 'listed'"]
    assert book.check((ladder, folder / "lists" / "levels.yaml"))[1] == ()
    assert {name: (each.tone, each.chases) for name, each in book.levels().items()} == {
        "remind": ("calm", False), "chase": ("calm", True), "summon": ("alarm", False), "supervise": ("calm", False),
    }  # fmt: skip
    ladder.write_text(falling, "utf-8")
    found = [each.sentence.en for each in Declarations((folder,)).check((ladder,))[1]]
    assert found == ["a level never falls, but 'chase' follows 'supervise'"]


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ("- {value: a, tone: loud}", "3: values.0.tone: write one of calm, warning, alarm"),
        ("- {value: a, chases: often}", "3: values.0.chases: write true or false"),
        ("- {value: a, by: office}", "3: values.0.by: no key is called 'by' here"),
    ],
)
def test_a_level_that_is_not_sound(folder: Path, values: str, says: str) -> None:
    """What is wrong with a level is said with its line, and nothing goes on without the list."""
    path = folder / "lists" / "levels.yaml"
    path.write_text(f"list: levels\nvalues:\n{values}\n", "utf-8")

    _, problems = Declarations((folder,)).check((path,))

    assert [each.text.en.removeprefix(f"{path}:") for each in problems] == [says]
    with pytest.raises(InvalidWorkflowError, match=r"levels\.yaml"):
        Declarations((folder,)).levels()


@pytest.mark.parametrize(
    "name", ["letter.yaml", "lists/kinds.yaml", "lists/law.yaml", "lists/levels.yaml", "lists/synonyms.yaml"]
)
def test_a_file_that_is_no_yaml_is_one_problem(folder: Path, name: str) -> None:
    """A file that cannot be read at all is told of once, whatever it should have been."""
    (folder / name).write_bytes((DECLARATIONS / "bad" / "gbk.yaml").read_bytes())

    sound, problems = Declarations((folder,)).check((folder / name,))

    assert sound == ()
    assert [(each.line, each.sentence.en) for each in problems] == [(2, "the file is in GBK; save it as UTF-8")]


def test_a_kept_version_that_cannot_be_read() -> None:
    """A stored version that this program cannot read is a refusal that says what is wrong with it."""
    book = Declarations(stored=lambda _name, _version: ("digest", '{"workflow": "letter"}'))

    with pytest.raises(InvalidWorkflowError) as caught:
        book.at("letter", 1)

    assert "'number' is missing" in caught.value.sentence.en


def test_a_stored_version_keeps_the_declared_order() -> None:
    """States and steps come back from the database in the order in which they were declared."""
    latest = Declarations().latest("lead")
    kept = json.dumps(latest.plain, ensure_ascii=False)
    stored = Declarations(stored=lambda _name, _version: ("", kept)).at("lead", latest.version)

    assert stored.initial == latest.initial
    assert list(stored.states) == list(latest.states)
    assert stored.transitions == latest.transitions
