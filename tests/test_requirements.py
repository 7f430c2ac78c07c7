"""What is declared is what is imported, and what is installed is what the lock files name."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.metadata import PackageNotFoundError, packages_distributions, requires
from itertools import pairwise
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

HOUSE = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((HOUSE / "pyproject.toml").read_text("utf-8"))["project"]
EXTRAS: dict[str, list[str]] = PROJECT["optional-dependencies"]

PROGRAM = ("cli.py", "commands", "desk", "documents", "engine", "notifications", "presentation", "workflows")
AROUND_IT = ("benchmarks", "tests", "tools")

NOT_IMPORTED = {
    "editables": "hatchling needs it for an editable installation",
    "hatchling": "builds the wheel, in a process of its own",
    "httptools": "uvicorn reads requests with it",
    "mypy": "run as a program",
    "playwright": "drives a browser in the ring of other programs, where it is installed",
    "pm4py": "reads event logs, in a process of its own",
    "pytest-timeout": "found by pytest",
    "pytest-xdist": "found by pytest",
    "python-multipart": "Starlette reads forms with it",
    "ruff": "run as a program",
    "types-openpyxl": "types for mypy",
    "types-pyyaml": "types for mypy",
    "tzdata": "time zones for zoneinfo where the system has none",
}
"""Declared package -> why no file imports it."""

OPTIONAL = ("forecast", "oidc")
"""Extras of the program itself, which those who want more install beside it; the tests need them all."""

LOCKED: dict[str, list[str]] = {
    "requirements/run.txt": [],
    "requirements/test.txt": ["test"],
    "requirements/office.txt": ["test", "mining", "browser"],
}
"""Lock file -> the extras that it holds beside what the program needs."""


def declared(*extras: str) -> dict[str, Requirement]:
    """Return what pyproject.toml declares, by normal name: the program's own needs, or those of extras."""
    wanted = [line for extra in extras for line in EXTRAS[extra]] if extras else PROJECT["dependencies"]
    return {canonicalize_name(each.name): each for each in map(Requirement, wanted)}


def imported(places: Iterable[str]) -> set[str]:
    """Return the packages, by normal name, that the files of some places import; ours and Python's own left out."""
    owners = packages_distributions()
    found: set[str] = set()
    for place in places:
        path = HOUSE / place
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            for module in modules_of(file):
                if module not in sys.stdlib_module_names and module in owners:
                    found |= {canonicalize_name(each) for each in owners[module]}
    return found - {canonicalize_name(PROJECT["name"])}


def modules_of(file: Path) -> Iterator[str]:
    """Yield the first part of each module that a file imports."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (each.name.split(".")[0] for each in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.split(".")[0]


@cache
def locked(lock: str) -> dict[str, list[tuple[Requirement, Version]]]:
    """Return of each package that a lock file names where it applies and its version."""
    found: dict[str, list[tuple[Requirement, Version]]] = {}
    for line in (HOUSE / lock).read_text("utf-8").splitlines():
        if "==" in line and not line.startswith(("#", " ")):
            each = Requirement(line.removesuffix("\\").strip())
            (exact,) = each.specifier
            found.setdefault(canonicalize_name(each.name), []).append((each, Version(exact.version)))
    return found


def needed(wanted: Iterable[Requirement]) -> set[str]:
    """Return all packages that some packages need on this machine, themselves among them, by normal name."""
    found: set[str] = set()
    left = list(wanted)
    while left:
        each = left.pop()
        name = canonicalize_name(each.name)
        if name in found and not each.extras:
            continue
        found.add(name)
        try:
            beneath = [Requirement(line) for line in requires(each.name) or ()]
        except PackageNotFoundError:
            continue  # an extra that is not installed here
        marks = [{"extra": extra} for extra in each.extras or {""}]
        left += [one for one in beneath if one.marker is None or any(one.marker.evaluate(mark) for mark in marks)]
    return found


def test_the_program_declares_what_it_imports() -> None:
    """Each package that the program imports is declared, and each that is declared is imported or has a reason."""
    assert {*declared(), *declared(*OPTIONAL)} - set(NOT_IMPORTED) == imported(PROGRAM)


def test_the_tests_declare_what_they_import_besides() -> None:
    """Extras name what tests, measures and tools import beyond the program, and nothing without a reason."""
    extras = set(declared("test", "mining", "browser")) - set(NOT_IMPORTED)

    assert set(declared(*OPTIONAL)) <= set(declared("test"))
    theirs = set(declared(*OPTIONAL, "peers"))  # peers are measured where they are installed
    assert extras - set(declared(*OPTIONAL)) == imported(AROUND_IT) - set(declared()) - theirs


def test_no_reason_is_left_over() -> None:
    """Whatever has a reason not to be imported is declared."""
    assert set(NOT_IMPORTED) <= {*declared(), *declared("test", "mining", "browser")}


@pytest.mark.parametrize("lock", LOCKED)
def test_the_lock_holds_what_is_declared(lock: str) -> None:
    """Each declared package is locked in a version that its declaration permits."""
    there = locked(lock)
    for name, wanted in {**declared(), **declared(*LOCKED[lock])}.items():
        assert name in there, f"{wanted} is not in {lock}: run make lock"
        for _, version in there[name]:
            assert wanted.specifier.contains(version), f"{lock} has {name} {version}, not {wanted}: run make lock"


def test_the_lock_holds_nothing_that_nobody_needs() -> None:
    """A package that is locked for this machine is needed by one that is declared."""
    there = {
        name
        for name, found in locked("requirements/test.txt").items()
        if any(each.marker is None or each.marker.evaluate() for each, _ in found)
    }

    assert there == needed([*declared().values(), *declared("test").values()]), "run: make lock"


def test_the_locks_agree() -> None:
    """What two lock files name has the same versions in both, and each holds all of the one before."""
    for fewer, more in pairwise(locked(each) for each in LOCKED):
        assert {name: more.get(name) for name in fewer} == fewer


@pytest.mark.parametrize("lock", LOCKED)
def test_every_locked_package_has_hashes_and_no_address(lock: str) -> None:
    """Each locked package comes with hashes, and the file says from nowhere where it is fetched."""
    text = (HOUSE / lock).read_text("utf-8")
    blocks = re.split(r"\n(?=\S)", text)

    assert all("--hash=sha256:" in block for block in blocks if "==" in block.splitlines()[0])
    assert not re.search(r"://|^-|index-url|find-links", text, re.MULTILINE)
