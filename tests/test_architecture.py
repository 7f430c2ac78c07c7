"""Who imports whom, floor by floor and door by door, and which library lives in which file."""

import ast
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from functools import cache
from pathlib import Path

import pytest

from workflows.loader import Declarations

HOUSE = Path(__file__).resolve().parent.parent

MAY_IMPORT = {
    "cli": {"commands", "engine", "presentation"},
    "commands": {"engine", "workflows", "notifications", "documents", "presentation", "desk"},
    "desk": {"engine", "workflows", "notifications", "documents", "presentation"},
    "presentation": {"engine", "documents"},
    "documents": {"engine"},
    "workflows": {"engine"},
    "notifications": {"engine"},
    "engine": set[str](),
}
"""Package -> packages it may look into."""

ENGINE_DOORS = {
    "cli": {"errors", "language", "operations", "system"},
    "commands": {
        "campaigns",
        "deadlines",
        "errors",
        "expressions",
        "journal",
        "language",
        "operations",
        "proving",
        "reading",
        "replaying",
        "rules",
        "scheduler",
        "system",
        "validation",
        "workflow",
        "working_days",
    },
    "desk": {
        "campaigns",
        "deadlines",
        "errors",
        "journal",
        "language",
        "operations",
        "rules",
        "system",
        "workflow",
        "working_days",
    },
    "presentation": {
        "campaigns",
        "deadlines",
        "errors",
        "journal",
        "language",
        "operations",
        "rules",
        "workflow",
        "working_days",
    },
    "workflows": {"campaigns", "errors", "language", "reading", "rules", "validation", "workflow"},
    "notifications": {"errors", "expressions", "language", "reading", "workflow"},
    "documents": {
        "campaigns",
        "deadlines",
        "errors",
        "expressions",
        "journal",
        "language",
        "operations.figures.figure_values",
        "operations.figures.period",
        "operations.imports.row",
        "reading",
        "replaying",
        "rules",
        "system",
        "workflow",
        "working_days",
    },
}
"""Of the engine's rooms, which ones a package may look into; all of them if it is not named."""

VALUES_ONLY = (
    "engine.operations.figures.figure_values",
    "engine.operations.figures.period",
    "engine.operations.imports.row",
)
"""What a document writes and what a reader of ledgers gives: values that an operation takes or makes."""

NOUNS = {
    "adopt",
    "advance",
    "amend",
    "attach",
    "backup",
    "calendar",
    "case_file",
    "clock",
    "credential",
    "database",
    "deadline",
    "demo",
    "desk",
    "doctor",
    "export",
    "extend",
    "hand_over",
    "imports",
    "init",
    "journal",
    "letter",
    "link",
    "listing",
    "login",
    "note",
    "officer",
    "outbox",
    "pause",
    "receipt",
    "receive",
    "replay",
    "report",
    "reporter",
    "restrict",
    "run",
    "show",
    "sign",
    "sweep",
    "today",
    "unit",
    "upgrade",
    "void",
    "workflow",
    "zero",
}
"""The commands: a file or a room for each noun, none of which imports another."""

FLOORS = {
    "commands": ({"console"}, {"presentation"}, {"shared"}, NOUNS),
    "engine": (
        {"language", "errors", "scheduler"},
        {"workflow", "system"},
        {"expressions", "working_days"},
        {"reading", "validation", "deadlines", "journal"},
        {"rules"},
        {"campaigns", "proving", "replaying"},
        {"store"},
        {"operations"},
    ),
    "engine.operations": (
        {"ledger"},
        {"identity"},
        {"house", "outbox"},
        {"zero"},
        {"figures"},
        {"cases"},
        {"deadlines", "imports", "migrating"},
        {"letters", "returns"},
    ),
    "documents": (
        {"checkpoint_marks", "diagrams", "event_log_in", "ledger_in", "ledger_out"},
        {"event_log", "letters", "reports"},
        {"case_file"},
    ),
}
"""Room -> its rooms from the ground up; each may look into those below it, and no other on its floor."""

ON_THE_GROUND = {("errors", "language")}
"""What may look sideways: an error is made of sentences."""

PURE = {
    "workflow",
    "expressions",
    "reading",
    "working_days",
    "validation",
    "deadlines",
    "rules",
    "campaigns",
    "journal",
    "proving",
    "replaying",
}
"""Rooms of the engine without input, output, database or clock."""

FORBIDDEN_WHERE_PURE = {"sqlite3", "psycopg", "os", "subprocess", "socket", "random", "time"}
"""What has no place in rules and dates."""

ONLY_IN = {
    "alembic": {"engine/store/schema.py", "engine/store/migrations"},
    "apscheduler": {"engine/scheduler.py"},
    "authlib": {"desk/single_sign_on.py"},
    "click": {"cli.py", "commands"},
    "cryptography": {
        "desk/kept_forms.py",
        "desk/passkeys.py",
        "engine/journal/assertions.py",
        "engine/journal/note_keys.py",
        "engine/journal/sealing.py",
        "engine/journal/signing.py",
        "engine/operations/identity/passwords.py",
    },
    "docxtpl": {"documents/letters"},
    "graphviz": {"documents/diagrams/diagram.py"},
    "httpx2": {"desk/single_sign_on.py", "notifications"},
    "joserfc": {"desk/single_sign_on.py"},
    "jinja2": {"engine/expressions", "notifications", "documents", "desk/rendering.py"},
    "msgspec": {"desk/kept_forms.py", "engine/journal", "engine/reading", "engine/workflow"},
    "numpy": {"engine/campaigns/forecasting"},
    "openpyxl": {"documents/ledger_in"},
    "orjson": {"engine/journal/canonical.py", "documents/ledger_in/files/frames.py"},
    "psycopg": {"engine/store/database.py", "engine/store/postgres_connection.py", "engine/store/table_copy.py"},
    "pyrage": {"engine/journal/sealing.py", "engine/store/encrypted.py"},
    "python_calamine": {"documents/ledger_in"},
    "rich": {"commands"},
    "smtplib": {"notifications"},
    "sqlalchemy": {
        "engine/store/column_kinds.py",
        "engine/store/desk_tables.py",
        "engine/store/signature_tables.py",
        "engine/store/sum_tables.py",
        "engine/store/tables.py",
        "engine/store/sessions.py",
        "engine/store/schema.py",
        "engine/store/database.py",
        "engine/store/migrations",
    },
    "sqlite3": {"engine/store"},
    "starlette": {"desk"},
    "uvicorn": {"desk/server.py"},
    "sqlmodel": {
        "engine/store/column_kinds.py",
        "engine/store/desk_tables.py",
        "engine/store/signature_tables.py",
        "engine/store/sum_tables.py",
        "engine/store/tables.py",
        "engine/store/sessions.py",
        "engine/store/outbox_rows.py",
    },
    "transitions": {"engine/rules/machine.py", "documents/diagrams/diagram.py"},
    "webauthn": {"desk/passkeys.py"},
    "xlsxwriter": {"documents"},
    "yaml": {"engine", "workflows", "notifications", "documents", "commands"},
}
"""Library -> the only files or folders that may import it."""

THE_CLOCK = "commands/console/wall_clock.py"
"""The one module that asks what time it is."""

ASKS_THE_CLOCK = {
    "datetime.datetime.now",
    "datetime.datetime.today",
    "datetime.datetime.utcnow",
    "datetime.date.today",
    "email.utils.formatdate",
    "email.utils.localtime",
    "time.ctime",
    "time.gmtime",
    "time.localtime",
    "time.strftime",
    "time.time",
    "time.time_ns",
}
"""What tells the time of day; a stopwatch (`time.monotonic`) tells none, and is free."""

THE_ENVIRONMENT = "commands/console/environment.py"
"""The one module that reads the environment and expands `~`."""

READS_THE_ENVIRONMENT = {
    "os.environ",
    "os.environb",
    "os.getenv",
    "os.getenvb",
    "os.path.expanduser",
    "os.path.expandvars",
    "pathlib.Path.home",
}

MAY_READ_THE_ENVIRONMENT = {
    # A program that is started gets our environment but for what is ours, with variables of its own.
    "engine/system/secrecy.py": {"os.environ"},
    "documents/letters/pdf.py": {"os.environ"},
    # Its name is handed to the reader so, since arguments are seen by every account of the machine.
    "documents/ledger_in/files/reader.py": {"os.environ"},
    # A path that a channels file writes starts from that file's folder, which only its reader knows.
    "notifications/declared.py": {".expanduser"},
}
"""File -> what it may use of that all the same, and why."""

MOST_ROOMS = 15
MOST_FLOORS = 8
MOST_LINES = 450
MOST_LINES_OF_A_FUNCTION = 60
MOST_PARAMETERS = 10


@cache
def modules() -> dict[str, Path]:
    """Return every module of the program, by its dotted name."""
    paths = [HOUSE / "cli.py"]
    for room in MAY_IMPORT:
        paths += sorted((HOUSE / room).rglob("*.py"))
    return {".".join(path.relative_to(HOUSE).with_suffix("").parts).removesuffix(".__init__"): path for path in paths}


@cache
def tree_of(path: Path) -> ast.Module:
    """Return what a file says; each is read once."""
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    """Return everything that stands in a file."""
    return tuple(ast.walk(tree_of(path)))


@cache
def imports(path: Path) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return each module that a file imports, and the names it takes from it."""
    found: list[tuple[str, tuple[str, ...]]] = []
    for node in nodes(path):
        if isinstance(node, ast.Import):
            found += [(each.name, ()) for each in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            found.append((node.module or "", tuple(each.name for each in node.names)))
    return tuple(found)


def targets(module: str) -> Iterator[str]:
    """Yield what a module takes from our own house, as dotted names: modules where they are modules."""
    for source, names in imports(modules()[module]):
        if source.split(".")[0] in MAY_IMPORT:
            yield from (f"{source}.{name}" for name in names) if names else iter([source])


def rooms() -> dict[str, Path]:
    """Return every package of the program, by its dotted name."""
    return {name: path for name, path in modules().items() if path.name == "__init__.py"}


def within(name: str, room: str) -> bool:
    """Say whether a name stands in a room or is the room."""
    return name == room or name.startswith(f"{room}.")


def room_in(name: str, house: str) -> str:
    """Return in which room of *house* a name stands."""
    return name.removeprefix(f"{house}.").split(".")[0]


@cache
def door_of(room: str) -> tuple[str, list[str]]:
    """Return what a room's front door says of it, and what it lets out."""
    tree = tree_of(rooms()[room])
    for node in tree.body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__":
            return ast.get_docstring(tree) or "", list(ast.literal_eval(node.value))
    pytest.fail(f"{room} has no __all__")


def may_look_at(own: str, target: str) -> bool:
    """Say whether a package may take *target*, by the tables."""
    package = target.split(".", maxsplit=1)[0]
    if package != own and package not in MAY_IMPORT[own]:
        return False
    if package != "engine" or own not in ENGINE_DOORS:
        return True
    return any(within(target, f"engine.{door}") for door in ENGINE_DOORS[own])


def test_packages_look_only_where_they_may() -> None:
    """A package imports only the packages that the table permits, and of the engine only those rooms."""
    wrong = [
        (module, target)
        for module in modules()
        for target in targets(module)
        if not may_look_at(module.split(".", maxsplit=1)[0], target)
    ]

    assert wrong == []


def test_documents_know_values_of_operations_and_no_operation() -> None:
    """A document is given what was counted, and a reader of ledgers gives rows; neither can reach the store."""
    seen: set[str] = set()
    waiting = [name for name in modules() if within(name, "documents")]
    while waiting:
        seen.add(module := waiting.pop())
        for target in targets(module):
            found = target if target in modules() else target.rpartition(".")[0]
            waiting += [found] if found not in seen else []

    reached = {name for name in seen if name not in rooms() and within(name, "engine.operations")}
    assert reached == set(VALUES_ONLY)
    assert {name for name in seen if within(name, "engine.store")} == set()


def test_the_product_uses_none_of_its_tools() -> None:
    """What makes shipped files, measures or proves the program is not shipped, so nothing shipped imports it."""
    wrong = [
        (module, source)
        for module, path in modules().items()
        for source, _ in imports(path)
        if source.split(".")[0] in {"tools", "benchmarks", "tests"}
    ]

    assert wrong == []


@pytest.mark.parametrize("house", FLOORS)
def test_every_room_has_a_floor(house: str) -> None:
    """The floors name each room once and no room that is not there; there are not too many of either."""
    there = {room_in(name, house) for name in modules() if name.startswith(f"{house}.")}
    floors = FLOORS[house]

    assert sorted(room for floor in floors for room in floor) == sorted(there)
    assert len(there - NOUNS) <= MOST_ROOMS
    assert len(floors) <= MOST_FLOORS


@pytest.mark.parametrize("house", FLOORS)
def test_no_arrow_runs_back_up(house: str) -> None:
    """A room looks only into rooms below its own floor."""
    floor = {room: height for height, rooms in enumerate(FLOORS[house]) for room in rooms}
    arrows = {
        (room_in(module, house), room_in(target, house))
        for module in modules()
        if module.startswith(f"{house}.")
        for target in targets(module)
        if target.startswith(f"{house}.")
    }
    upward = {(a, b) for a, b in arrows if a != b and floor[b] >= floor[a] and (a, b) not in ON_THE_GROUND}

    assert upward == set()


def test_no_circle_of_modules() -> None:
    """Modules do not import each other in a circle, whatever room they stand in."""
    tied = {
        name: {
            target if target in modules() else target.rpartition(".")[0] for target in targets(name) if target != name
        }
        for name in modules()
    }
    while free := {name for name, seen in tied.items() if not seen & tied.keys() - {name}}:
        for name in free:
            del tied[name]

    assert tied == {}


def test_every_room_has_a_front_door() -> None:
    """The door says in one to ten lines what lives in a room, and lets out only what is there."""
    for room, path in rooms().items():
        says, lets_out = door_of(room)
        body = tree_of(path).body
        own = {each.asname or each.name for node in body if isinstance(node, ast.ImportFrom) for each in node.names}
        there = {room_in(name, room) for name in modules() if name.startswith(f"{room}.")}

        assert 1 <= len(says.splitlines()) <= 10, room
        assert set(lets_out) <= there | own, room
        assert own <= set(lets_out), room


def test_rooms_are_entered_by_the_door() -> None:
    """From outside, a room gives only what its door lets out."""
    lets_out = {room: door_of(room)[1] for room in rooms()}
    wrong = [
        f"{module}: {target} is not let out by {room}"
        for module in modules()
        for target in targets(module)
        for room in lets_out
        if target.startswith(f"{room}.") and not within(module, room) and room_in(target, room) not in lets_out[room]
    ]

    assert wrong == []


def test_libraries_live_in_their_place() -> None:
    """A library is imported only where the table says."""
    wrong = [
        (module, source)
        for module, path in modules().items()
        for source, _ in imports(path)
        if (homes := ONLY_IN.get(source.split(".")[0])) and not any(stands_in(path, home) for home in homes)
    ]

    assert wrong == []


def stands_in(path: Path, home: str) -> bool:
    """Say whether a module is the file *home* or lies in the folder."""
    place = path.relative_to(HOUSE).as_posix()
    return place == home or place.startswith(f"{home}/")


LENT = {("documents.ledger_in.marked_copy", "_writer")}
"""Which private name of a library is taken all the same: openpyxl asks nowhere else for a place of its files."""


def test_private_names_stay_private() -> None:
    """No module takes another's private names."""
    taken = [
        (module, name)
        for module, path in modules().items()
        for _, names in imports(path)
        for name in names
        if name.startswith("_") and name != "__all__"
    ]

    assert set(taken) == LENT


def test_rules_and_dates_are_pure() -> None:
    """What lies below the store has no input, output, database or clock."""
    wrong = [
        (module, source)
        for module, path in modules().items()
        if module.startswith("engine.") and room_in(module, "engine") in PURE
        for source, _ in imports(path)
        if source.split(".")[0] in FORBIDDEN_WHERE_PURE
    ]

    assert wrong == []


def written() -> Iterator[tuple[str, ast.Module, str]]:
    """Yield each module that we write and ship or make shipped files with: its place, its tree and its text."""
    for path in (*modules().values(), *sorted((HOUSE / "tools").rglob("*.py"))):
        text = path.read_text(encoding="utf-8")
        yield path.relative_to(HOUSE).as_posix(), ast.parse(text), text


def test_nothing_outgrows_its_name() -> None:
    """No module is longer than 450 lines, and no function longer than 60 from its `def` to its end, docstring counted.

    None may; one that is longer does two things, and the second wants a name.
    """
    too_long = {place: lines for place, _, text in written() if (lines := len(text.splitlines())) > MOST_LINES}
    too_long |= {
        f"{place}:{node.name}": lines
        for place, tree, _ in written()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (lines := (node.end_lineno or 0) - node.lineno + 1) > MOST_LINES_OF_A_FUNCTION
    }

    assert too_long == {}


def test_rows_are_read_by_name() -> None:
    """What the database gives is unpacked or has named parts: a column that is put in between misleads nobody."""
    by_place = {
        f"{name}:{node.lineno}"
        for name, path in modules().items()
        if within(name, "engine.store")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Subscript)
        and getattr(node.value, "id", "") == "row"
        and isinstance(getattr(node.slice, "value", None), int)
    }

    assert by_place == set()


MANY_PARAMETERS = {
    "engine/journal/chain.py:chained": "makes a row of the journal, for each of very many; one value each would cost",
}
"""Function -> why it may take more than ten parameters."""


def test_what_belongs_together_is_handed_on_together() -> None:
    """No function takes more than ten parameters; what was asked of a command is one value (`pass_as`)."""
    many = {
        f"{place}:{node.name}"
        for place, tree, _ in written()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and len([*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]) > MOST_PARAMETERS
    }

    assert many == set(MANY_PARAMETERS)


@cache
def names_used(path: Path) -> frozenset[str]:
    """Return every name that a file uses, as it is called where it comes from: `datetime.datetime.now`.

    A method of something that no import names begins with a point: `.expanduser`.
    """
    known: dict[str, str] = {}
    for node in nodes(path):
        if isinstance(node, ast.Import):
            known |= {each.asname: each.name for each in node.names if each.asname}
        elif isinstance(node, ast.ImportFrom):
            known |= {each.asname or each.name: f"{node.module}.{each.name}" for each in node.names}
    found = set(known.values())
    for node in nodes(path):
        if isinstance(node, ast.Attribute):
            found.add(f".{node.attr}")
            source, _, rest = ast.unparse(node).partition(".")
            found.add(f"{known.get(source, source)}.{rest}")
    return frozenset(found)


def users_of(names: AbstractSet[str], *, besides: str) -> dict[str, set[str]]:
    """Return each file that uses any of *names*, and which, leaving out the one whose business they are."""
    used = {path.relative_to(HOUSE).as_posix(): set(names_used(path) & names) for path in modules().values()}
    return {place: found for place, found in used.items() if found and place != besides}


def test_one_module_asks_the_clock() -> None:
    """Everything else is given the instant, so that `--now` holds everywhere and a test needs no clock."""
    assert users_of(ASKS_THE_CLOCK, besides=THE_CLOCK) == {}


def test_one_module_reads_the_environment() -> None:
    """No two modules read one variable in two ways, or expand `~` in one place and not in the other."""
    assert users_of(READS_THE_ENVIRONMENT | {".expanduser"}, besides=THE_ENVIRONMENT) == MAY_READ_THE_ENVIRONMENT


@pytest.mark.parametrize(
    ("source", "uses"),
    [
        ("import datetime\ndatetime.datetime.now()", "datetime.datetime.now"),
        ("from datetime import datetime as d\nclock = d.now", "datetime.datetime.now"),
        ("import time as clocks\nclocks.time()", "time.time"),
        ("from time import time", "time.time"),
        ("from os import environ", "os.environ"),
        ("import os.path\nos.path.expanduser(x)", "os.path.expanduser"),
        ("import os\nos.environ.get(x)", "os.environ"),
        ("Path(x).expanduser()", ".expanduser"),
    ],
)
def test_a_name_is_known_whichever_way_it_is_imported(tmp_path: Path, source: str, uses: str) -> None:
    """The two tests above see through aliases, references and imports of names."""
    file = tmp_path / "module.py"
    file.write_text(source, "utf-8")

    assert uses in names_used(file)


def test_who_acts_and_when_go_together() -> None:
    """No operation takes a ledger and an officer or a stored instant side by side: that is an `Acting`."""
    wrong = [
        (module, node.name)
        for module, path in modules().items()
        if module.startswith("engine.operations.")
        for node in nodes(path)
        if isinstance(node, ast.FunctionDef) and takes_apart(node.args)
    ]

    assert wrong == []


def takes_apart(args: ast.arguments) -> bool:
    """Say whether arguments name a ledger, and beside it who acts in it or when."""
    taken = {each.arg for each in (*args.posonlyargs, *args.args, *args.kwonlyargs)}
    return "ledger" in taken and bool(taken & {"by", "now_at"})


def test_the_engine_knows_no_workflow_by_name() -> None:
    """No shipped workflow, state or trigger of it is named in the engine's code."""
    names = {path.stem for path in (HOUSE / "workflows").glob("*.yaml")} - {"return"}
    words = {
        node.value
        for name, path in modules().items()
        if within(name, "engine")
        for node in nodes(path)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    doors = {name for room in rooms() for name in door_of(room)[1]}

    assert names & words - doors == set()


NOT_ROLES = {
    ("custodian", "engine.journal.replayed_house"),
    ("custodian", "engine.operations.ledger.ledger"),
    ("custodian", "engine.operations.house.registration"),
    ("custodian", "engine.operations.cases.key_change"),
    ("custodian", "commands.shared.house_checks"),
    ("auditor", "engine.store.login_roles"),
    ("custodian", "engine.store.login_roles"),
}
"""Words that are spelt like a role and mean something else: the setting with the sealing key, classes of a server."""


def test_no_role_is_named_in_the_code() -> None:
    """What a role may do is declared in workflows and in roles.yaml, nowhere else."""
    roles = set(Declarations().roles())
    named = {
        (node.value, name)
        for name, path in modules().items()
        for node in nodes(path)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in roles
    }

    assert named - NOT_ROLES == set()


READ_THE_DECLARATION = {
    "engine/workflow": "holds it",
    "engine/reading": "makes it",
    "engine/validation": "judges it before there is a machine",
    "engine/rules/machine.py": "makes the machine of it",
    "engine/proving": "walks it with all cases at once; a machine moves one",
    "engine/operations/figures/filed_returns.py": "reads of a past day whether a return had left its first state",
    "documents/diagrams": "draws it: where cases begin; the steps it asks the machine",
    "commands/presentation/workflow_view.py": "prints it",
}
"""File or folder -> why it may look into a workflow for what leads where; all others ask the machine."""


def test_only_the_machine_says_what_leads_where() -> None:
    """Nobody else looks up which transitions leave a state, from where they lead, or where cases begin."""
    found = {
        f"{path.relative_to(HOUSE)}:{node.lineno}"
        for path in modules().values()
        if not any(str(path.relative_to(HOUSE)).startswith(allowed) for allowed in READ_THE_DECLARATION)
        for node in nodes(path)
        if isinstance(node, ast.Attribute)
        and node.attr in {"transitions_from", "initial"}
        and not (isinstance(node.value, ast.Attribute) and node.value.attr == "machine")
    }

    assert found == set()


def test_no_two_public_classes_share_a_name() -> None:
    """A class name means one thing in the whole house."""
    found: dict[str, list[str]] = {}
    for name, path in modules().items():
        for node in tree_of(path).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                found.setdefault(node.name, []).append(name)

    assert {name: places for name, places in found.items() if len(places) > 1} == {}


def test_no_two_public_modules_share_a_name() -> None:
    """A module that a door lets out has a name of its own; rooms and commands are called by their noun."""
    found: dict[str, list[str]] = {}
    for room in rooms():
        for name in door_of(room)[1]:
            if f"{room}.{name}" in modules() and f"{room}.{name}" not in rooms():
                found.setdefault(name, []).append(room)

    assert {name: places for name, places in found.items() if len(places) > 1} == {}
