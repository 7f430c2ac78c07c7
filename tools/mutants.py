"""Small changes of the code, one at a time: each that no test notices shows a promise that no test holds.

    python -m tools.mutants [--rooms deadlines,…] [--sample N] [--seconds N]

A change is made in a copy of the house, never here; against it run only the tests of its room, until the first
that fails. What survives is printed as it is found; docs/mutants.md judges it.
"""

import argparse
import ast
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

HOUSE = Path(__file__).resolve().parent.parent
SEED = 7
NOTHING_RAN = {4, 5}
"""What pytest leaves with if a file is not there, or holds no test: that proves nothing about a change."""
LONGEST = 120
"""Seconds after which a run counts as failed: a change that makes a loop endless is noticed."""

TESTS = {
    "deadlines": tuple(f"tests/test_engine_deadlines_{name}.py" for name in ("clock", "ladder", "recurrence")),
    "journal": tuple(
        f"tests/test_engine_journal_{name}.py"
        for name in ("canonical", "chain", "events", "replay", "reminded", "house_history", "checkpoint", "tree")
    ),
    "rules": (
        *(f"tests/test_engine_rules_{name}.py" for name in ("values", "machine", "transitions", "cache")),
        "tests/test_workflows_guards.py",
    ),
    "working_days": (
        *(
            f"tests/test_engine_working_days_{name}.py"
            for name in ("count", "dates", "walk", "calendars", "explain", "count_clerk")
        ),
        "tests/test_engine_reading_calendar_file.py",
    ),
}
"""Room of the engine -> the tests that must notice a change in it; those of the changed module run before them."""

COMPARED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
"""Comparison -> the one that stands for it in a change."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Mutant:
    """One change of one line."""

    file: str
    line: int
    was: str
    now: str
    text: str
    """The whole file with the change."""


def of_file(path: Path) -> Iterator[Mutant]:
    """Yield each change of a file; names, docstrings, sentences and annotations stay."""
    source = path.read_text("utf-8")
    tree = ast.parse(source)
    kept = {id(below) for node in ast.walk(tree) for part in _left_alone(node) for below in ast.walk(part)}
    for node in ast.walk(tree):
        if id(node) in kept or not isinstance(node, (ast.expr, ast.stmt)):
            continue
        for changed in _changes(node):
            segment = ast.get_source_segment(source, node)
            if segment is None:
                continue
            start = _offset(source, node.lineno, node.col_offset)
            text = f"{source[:start]}{changed}{source[start + len(segment) :]}"
            yield Mutant(
                file=path.relative_to(HOUSE).as_posix(), line=node.lineno, was=_short(segment), now=_short(changed),
                text=text,
            )  # fmt: skip


def _left_alone(node: ast.AST) -> list[ast.AST]:
    """Return the parts of a node whose change means nothing: annotations, sentences, decorators."""
    if isinstance(node, ast.FunctionDef):
        return [*node.decorator_list, *([node.returns] if node.returns else [])]
    if isinstance(node, ast.ClassDef):
        return list(node.decorator_list)
    if isinstance(node, (ast.arg, ast.AnnAssign)) and node.annotation:
        return [node.annotation]
    if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"Text", "t", "cast", "TypeVar"}:
        return [node]
    return [node] if isinstance(node, (ast.JoinedStr, ast.Raise, ast.Assert)) else []


def _changes(node: ast.AST) -> Iterator[str]:
    """Yield what may stand for an expression or a statement."""
    match node:
        case ast.Compare():
            yield from _compared(node)
        case ast.BoolOp():
            other = ast.Or() if isinstance(node.op, ast.And) else ast.And()
            yield f"({ast.unparse(ast.BoolOp(other, node.values))})"
        case ast.BinOp(op=ast.Add() | ast.Sub()):
            opposite = ast.Sub() if isinstance(node.op, ast.Add) else ast.Add()
            yield f"({ast.unparse(ast.BinOp(node.left, opposite, node.right))})"
        case ast.UnaryOp(op=ast.Not()):
            yield f"({ast.unparse(node.operand)})"
        case ast.Constant(value=bool() as truth):
            yield str(not truth)
        case ast.Constant(value=int() as number):
            yield f"({number} + 1)"
        case ast.Return(value=ast.expr() as value) if not isinstance(value, ast.Constant):
            yield "return None"
        case ast.Expr(value=ast.Call()):
            yield "pass"


def _compared(node: ast.Compare) -> Iterator[str]:
    """Yield the comparison with each of its operators changed."""
    for place, operator in enumerate(node.ops):
        operators = [*node.ops]
        operators[place] = COMPARED[type(operator)]()
        yield f"({ast.unparse(ast.Compare(node.left, operators, node.comparators))})"


def _offset(source: str, line: int, column: int) -> int:
    """Return where in the text a node begins; columns are counted in bytes."""
    lines = source.splitlines(keepends=True)
    return sum(map(len, lines[: line - 1])) + len(lines[line - 1].encode()[:column].decode())


def _short(text: str) -> str:
    """Return the beginning of a text, on one line."""
    joined = " ".join(text.split())
    return joined if len(joined) <= 90 else f"{joined[:89]}…"


def survives(mutant: Mutant, copy: Path, room: str) -> bool:
    """Say whether all tests of the changed module and of its room pass with the change.

    Raises:
        RuntimeError: If no test was run.
    """
    own = f"tests/test_engine_{room}_{Path(mutant.file).stem}.py"
    tests = dict.fromkeys([*([own] if (HOUSE / own).exists() else []), *TESTS[room]])
    place = copy / mutant.file
    whole = place.read_text("utf-8")
    place.write_text(mutant.text, "utf-8")
    try:
        command = [sys.executable, "-B", "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests]
        done = subprocess.run(command, cwd=copy, capture_output=True, timeout=LONGEST, check=False)  # noqa: S603 - our own
    except subprocess.TimeoutExpired:
        return False
    finally:
        place.write_text(whole, "utf-8")
    if done.returncode in NOTHING_RAN:
        raise RuntimeError(done.stderr.decode() or done.stdout.decode())
    return done.returncode == 0


def main() -> None:
    """Try the changes of the rooms that are asked for, in an order drawn with a fixed seed."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    asked.add_argument("--rooms", default=",".join(TESTS))
    asked.add_argument("--sample", type=int, default=0, help="how many changes of each room; 0 for all")
    asked.add_argument("--seconds", type=int, default=0, help="how long for each room; 0 for as long as it takes")
    given = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "house"
        shutil.copytree(HOUSE, copy, ignore=shutil.ignore_patterns(".venv", ".git", "build", "__pycache__", ".*_cache"))
        for room in given.rooms.split(","):
            files = sorted((HOUSE / "engine" / room).rglob("*.py"))
            found = [each for file in files for each in of_file(file)]
            random.Random(SEED).shuffle(found)  # noqa: S311 - no secret
            wanted = found[: given.sample] if given.sample else found
            began, tried, lived = time.monotonic(), 0, 0
            for each in wanted:
                if given.seconds and time.monotonic() - began > given.seconds:
                    break
                tried += 1
                if survives(each, copy, room):
                    lived += 1
                    print(f"{each.file}:{each.line}: {each.was}  ->  {each.now}", flush=True)
            print(f"{room}: {tried} of {len(found)} tried, {lived} survived", flush=True)


if __name__ == "__main__":
    main()
