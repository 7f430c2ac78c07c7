"""Who imports whom, and which library lives in which file: two tables, held to the code."""

import ast
from collections.abc import Iterator
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
"""Room -> rooms it may look into."""

ENGINE_DOORS = {
    "workflows": {
        "engine.campaigns",
        "engine.cases",
        "engine.definition",
        "engine.errors",
        "engine.language",
        "engine.parsing",
        "engine.parsing.terms",
        "engine.problems",
        "engine.validation",
        "engine.validation.known",
        "engine.yaml_nodes",
    },
    "notifications": {"engine.errors", "engine.language"},
}
"""Of the engine's modules, which ones a room may look into; all of them if it is not named."""

LEVELS = (
    {"language"},
    {"errors", "problems", "collecting", "canonical"},
    {"definition", "instants", "journal", "cases", "yaml_nodes"},
    {
        "dates",
        "working_time",
        "calendar_words",
        "calendars",
        "walking",
        "counting",
        "explaining",
        "calendar_files",
        "graph",
        "syntax",
        "sandbox",
    },
    {"expressions", "parsing_terms", "parsing_steps", "parsing", "value_readers", "values", "book"},
    {"machine", "refusals", "seals"},
    {"rules", "deadlines", "remembering", "validation", "campaigns"},
    {"places", "models", "scheduler"},
    {"schema", "copying", "migrations"},
    {"backup", "restoring", "store"},
    {"operations"},
)
"""Modules of the engine; each may import its own level and those before it."""

PURE = 7
"""Levels without input, output, database or clock."""

ONLY_IN = {
    "alembic": {"engine/schema.py", "engine/migrations"},
    "apscheduler": {"engine/scheduler.py"},
    "click": {"cli.py", "commands"},
    "cryptography": {"engine/seals.py"},
    "docxtpl": {"documents"},
    "httpx2": {"notifications"},
    "jinja2": {"engine/sandbox.py", "engine/syntax.py", "notifications", "documents"},
    "openpyxl": {"documents"},
    "orjson": {"engine/canonical.py"},
    "psycopg": {"engine/places.py", "engine/copying.py"},
    "pyrage": {"engine/seals.py"},
    "python_calamine": {"documents"},
    "rich": {"commands"},
    "smtplib": {"notifications"},
    "sqlalchemy": {"engine/models.py", "engine/schema.py", "engine/places.py", "engine/migrations"},
    "sqlite3": {"engine"},
    "sqlmodel": {"engine/models.py"},
    "transitions": {"engine/machine.py"},
    "xlsxwriter": {"documents"},
    "yaml": {"engine", "workflows", "notifications", "documents", "commands"},
}
"""Library -> the only files or folders that may import it."""

FORBIDDEN_WHERE_PURE = {"sqlite3", "psycopg", "os", "subprocess", "socket", "random", "time"}
"""What has no place in rules and dates."""


def modules() -> list[Path]:
    """Return every module of the program."""
    found = [HOUSE / "cli.py"]
    for room in MAY_IMPORT:
        found += sorted((HOUSE / room).rglob("*.py"))
    return found


def imports(path: Path) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield each module that a file imports, and the names it takes from it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((each.name, ()) for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield node.module or "", tuple(each.name for each in node.names)


def room_of(path: Path) -> str:
    """Return the room that a file stands in."""
    return path.relative_to(HOUSE).parts[0].removesuffix(".py")


def named(path: Path) -> str:
    """Return a file's place in the house."""
    return path.relative_to(HOUSE).as_posix()


def engine_part(module: str) -> str | None:
    """Return which module or package of the engine is meant; None for the room itself."""
    parts = module.split(".")
    return parts[1] if parts[0] == "engine" and len(parts) > 1 else None


def level_of(part: str) -> int:
    """Return the level of a module of the engine; those split off by noun stand with their stem."""
    for position, level in enumerate(LEVELS):
        if part in level or any(part.startswith(f"{each}_") for each in level if part not in set().union(*LEVELS)):
            return position
    pytest.fail(f"engine/{part} has no level; give it one in tests/test_architecture.py")


@pytest.mark.parametrize("path", modules(), ids=named)
def test_rooms_look_only_where_they_may(path: Path) -> None:
    """A room imports only the rooms that the table permits."""
    room = room_of(path)
    seen = {module for module, _ in imports(path)}
    others = {module.split(".")[0] for module in seen} & set(MAY_IMPORT) - {room}

    assert others <= MAY_IMPORT[room]
    if room in ENGINE_DOORS:
        assert {module for module in seen if module.startswith("engine")} <= ENGINE_DOORS[room]


@pytest.mark.parametrize("path", modules(), ids=named)
def test_libraries_live_in_their_place(path: Path) -> None:
    """A library is imported only where the table says."""
    place = named(path)
    for module, _ in imports(path):
        homes = ONLY_IN.get(module.split(".")[0])

        assert homes is None or any(place == home or place.startswith(f"{home}/") for home in homes), module


@pytest.mark.parametrize("path", modules(), ids=named)
def test_private_names_stay_private(path: Path) -> None:
    """No module takes another's private names."""
    taken = [name for module, names in imports(path) for name in names if name.startswith("_") and name != "__all__"]

    assert taken == []


@pytest.mark.parametrize("path", [each for each in modules() if room_of(each) == "engine"], ids=named)
def test_the_engine_is_built_in_levels(path: Path) -> None:
    """A module of the engine imports only its own level and those before it; the first ones are pure."""
    parts = path.relative_to(HOUSE / "engine").with_suffix("").parts
    if parts == ("__init__",):
        return
    own = level_of(parts[0])
    for module, names in imports(path):
        if own < PURE:
            assert module.split(".")[0] not in FORBIDDEN_WHERE_PURE, module
        for part in [engine_part(module)] if module != "engine" else list(names):
            assert part is None or level_of(part) <= own, f"{module} stands above engine/{parts[0]}"


@pytest.mark.parametrize("path", modules(), ids=named)
def test_no_module_outgrows_its_noun(path: Path) -> None:
    """No module is longer than 450 lines."""
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 450


def test_the_engine_knows_no_workflow_by_name() -> None:
    """No shipped workflow, state or trigger of it is named in the engine's code."""
    names = {path.stem for path in (HOUSE / "workflows").glob("*.yaml")} - {"return"}
    words = {
        node.value
        for path in modules()
        if room_of(path) == "engine"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }

    assert names & words == set()
