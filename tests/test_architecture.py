"""Who imports whom, floor by floor and door by door, and which library lives in which file."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

HOUSE = Path(__file__).resolve().parent.parent

MAY_IMPORT = {
    "cli": {"commands", "engine"},
    "commands": {"engine", "workflows", "notifications", "documents"},
    "documents": {"engine"},
    "workflows": {"engine"},
    "notifications": {"engine"},
    "engine": set[str](),
}
"""Package -> packages it may look into."""

ENGINE_DOORS = {
    "workflows": {"campaigns", "errors", "language", "reading", "rules", "validation", "workflow"},
    "notifications": {"errors", "language"},
    "documents": {
        "campaigns",
        "deadlines",
        "errors",
        "whole_files",
        "journal",
        "language",
        "operations",
        "rules",
        "store",
        "workflow",
        "working_days",
    },
}
"""Of the engine's rooms, which ones a package may look into; all of them if it is not named."""

FLOORS = {
    "engine": (
        {"language", "errors", "scheduler"},
        {"workflow", "whole_files"},
        {"expressions", "reading", "working_days"},
        {"validation", "deadlines"},
        {"rules"},
        {"campaigns", "journal"},
        {"store"},
        {"operations"},
    ),
    "engine.operations": (
        {"ledger"},
        {"house"},
        {"zero"},
        {"figures"},
        {"cases"},
        {"deadlines", "imports"},
        {"letters", "returns"},
    ),
    "documents": (
        {"diagrams", "ledger_in", "ledger_out", "letters"},
        {"event_log", "reports"},
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
}
"""Rooms of the engine without input, output, database or clock."""

FORBIDDEN_WHERE_PURE = {"sqlite3", "psycopg", "os", "subprocess", "socket", "random", "time"}
"""What has no place in rules and dates."""

ONLY_IN = {
    "alembic": {"engine/store/schema.py", "engine/store/migrations"},
    "apscheduler": {"engine/scheduler.py"},
    "click": {"cli.py", "commands"},
    "cryptography": {"engine/journal/sealing.py"},
    "docxtpl": {"documents/letters"},
    "httpx2": {"notifications"},
    "jinja2": {"engine/expressions", "notifications", "documents"},
    "openpyxl": {"documents/ledger_in"},
    "orjson": {"engine/journal/canonical.py"},
    "psycopg": {"engine/store/database.py", "engine/store/table_copy.py"},
    "pyrage": {"engine/journal/sealing.py"},
    "python_calamine": {"documents/ledger_in"},
    "rich": {"commands"},
    "smtplib": {"notifications"},
    "sqlalchemy": {
        "engine/store/tables.py",
        "engine/store/schema.py",
        "engine/store/database.py",
        "engine/store/migrations",
    },
    "sqlite3": {"engine/store"},
    "sqlmodel": {"engine/store/tables.py"},
    "transitions": {"engine/rules/machine.py"},
    "xlsxwriter": {"documents"},
    "yaml": {"engine", "workflows", "notifications", "documents", "commands"},
}
"""Library -> the only files or folders that may import it."""

MOST_ROOMS = 15
MOST_FLOORS = 8


@cache
def modules() -> dict[str, Path]:
    """Return every module of the program, by its dotted name."""
    paths = [HOUSE / "cli.py"]
    for room in MAY_IMPORT:
        paths += sorted((HOUSE / room).rglob("*.py"))
    return {".".join(path.relative_to(HOUSE).with_suffix("").parts).removesuffix(".__init__"): path for path in paths}


@cache
def imports(path: Path) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return each module that a file imports, and the names it takes from it."""
    found: list[tuple[str, tuple[str, ...]]] = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
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


def door_of(room: str) -> tuple[str, list[str]]:
    """Return what a room's front door says of it, and what it lets out."""
    tree = ast.parse(rooms()[room].read_text(encoding="utf-8"))
    for node in tree.body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__":
            return ast.get_docstring(tree) or "", list(ast.literal_eval(node.value))
    pytest.fail(f"{room} has no __all__")


@pytest.mark.parametrize("module", modules())
def test_packages_look_only_where_they_may(module: str) -> None:
    """A package imports only the packages that the table permits, and of the engine only those rooms."""
    own = module.split(".", maxsplit=1)[0]
    for target in targets(module):
        package = target.split(".")[0]

        assert package == own or package in MAY_IMPORT[own], target
        if package == "engine" and own in ENGINE_DOORS:
            assert room_in(target, "engine") in ENGINE_DOORS[own], target


@pytest.mark.parametrize("house", FLOORS)
def test_every_room_has_a_floor(house: str) -> None:
    """The floors name each room once and no room that is not there; there are not too many of either."""
    there = {room_in(name, house) for name in modules() if name.startswith(f"{house}.")}
    floors = FLOORS[house]

    assert sorted(room for floor in floors for room in floor) == sorted(there)
    assert len(there) <= MOST_ROOMS
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


@pytest.mark.parametrize("room", rooms())
def test_every_room_has_a_front_door(room: str) -> None:
    """The door says in one to ten lines what lives in a room, and lets out only what is there."""
    says, lets_out = door_of(room)
    tree = ast.parse(rooms()[room].read_text(encoding="utf-8"))
    own = {each.asname or each.name for node in tree.body if isinstance(node, ast.ImportFrom) for each in node.names}
    there = {room_in(name, room) for name in modules() if name.startswith(f"{room}.")}

    assert 1 <= len(says.splitlines()) <= 10
    assert set(lets_out) <= there | own
    assert own <= set(lets_out)


@pytest.mark.parametrize("module", modules())
def test_rooms_are_entered_by_the_door(module: str) -> None:
    """From outside, a room gives only what its door lets out."""
    for target in targets(module):
        for room in rooms():
            if target.startswith(f"{room}.") and not within(module, room):
                assert room_in(target, room) in door_of(room)[1], f"{target} is not let out by {room}"


@pytest.mark.parametrize("module", modules())
def test_libraries_live_in_their_place(module: str) -> None:
    """A library is imported only where the table says."""
    place = modules()[module].relative_to(HOUSE).as_posix()
    for source, _ in imports(modules()[module]):
        homes = ONLY_IN.get(source.split(".")[0])

        assert homes is None or any(place == home or place.startswith(f"{home}/") for home in homes), source


@pytest.mark.parametrize("module", modules())
def test_private_names_stay_private(module: str) -> None:
    """No module takes another's private names."""
    taken = [
        name for _, names in imports(modules()[module]) for name in names if name.startswith("_") and name != "__all__"
    ]

    assert taken == []


@pytest.mark.parametrize("module", [name for name in modules() if name.startswith("engine.")])
def test_rules_and_dates_are_pure(module: str) -> None:
    """What lies below the store has no input, output, database or clock."""
    if room_in(module, "engine") in PURE:
        for source, _ in imports(modules()[module]):
            assert source.split(".")[0] not in FORBIDDEN_WHERE_PURE, source


@pytest.mark.parametrize("module", modules())
def test_no_module_outgrows_its_noun(module: str) -> None:
    """No module is longer than 450 lines."""
    assert len(modules()[module].read_text(encoding="utf-8").splitlines()) <= 450


def test_the_engine_knows_no_workflow_by_name() -> None:
    """No shipped workflow, state or trigger of it is named in the engine's code."""
    names = {path.stem for path in (HOUSE / "workflows").glob("*.yaml")} - {"return"}
    words = {
        node.value
        for name, path in modules().items()
        if within(name, "engine")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    doors = {name for room in rooms() for name in door_of(room)[1]}

    assert names & words - doors == set()


def test_no_two_public_classes_share_a_name() -> None:
    """A class name means one thing in the whole house."""
    found: dict[str, list[str]] = {}
    for name, path in modules().items():
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
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
