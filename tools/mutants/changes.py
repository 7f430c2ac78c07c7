"""What may be changed in a file, one place at a time."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

HOUSE = Path(__file__).resolve().parents[2]

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
    function: str = ""
    """The function or method that holds it, as its code names it; empty for what runs as the file is imported."""


def of_file(path: Path) -> Iterator[Mutant]:
    """Yield each change of a file; names, docstrings, sentences and annotations stay."""
    raw = path.read_bytes()
    tree = ast.parse(raw)
    starts = list(accumulate(map(len, raw.splitlines(keepends=True)), initial=0))
    kept = {id(below) for node in ast.walk(tree) for part in _left_alone(node) for below in ast.walk(part)}
    inside = dict(_bodies(tree, ""))
    for node in ast.walk(tree):
        if id(node) in kept or not isinstance(node, (ast.expr, ast.stmt)):
            continue
        for changed in _changes(node):
            start, end = (starts[line - 1] + column for line, column in _ends(node))
            segment, text = raw[start:end].decode(), (raw[:start] + changed.encode() + raw[end:]).decode()
            yield Mutant(
                file=path.relative_to(HOUSE).as_posix(), line=node.lineno, was=_short(segment), now=_short(changed),
                text=text, function=inside.get(id(node), ""),
            )  # fmt: skip


def _bodies(node: ast.AST, within: str) -> Iterator[tuple[int, str]]:
    """Yield each node that runs as a function is called, with the name of the outermost; defaults run at import."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.ClassDef):
            yield from _bodies(child, f"{within}{child.name}.")
        elif isinstance(child, ast.FunctionDef):
            for statement in child.body:
                yield from ((id(below), f"{within}{child.name}") for below in ast.walk(statement))


def _left_alone(node: ast.AST) -> list[ast.AST]:
    """Return the parts of a node whose change means nothing, or is no code: annotations, sentences, decorators."""
    if isinstance(node, ast.FunctionDef):
        return [*node.decorator_list, *([node.returns] if node.returns else [])]
    if isinstance(node, ast.ClassDef):
        return list(node.decorator_list)
    if isinstance(node, (ast.arg, ast.AnnAssign)) and node.annotation:
        return [node.annotation]
    if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"Text", "t", "cast", "TypeVar"}:
        return [node]
    return [node] if isinstance(node, (ast.JoinedStr, ast.Raise, ast.Assert, ast.pattern)) else []


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


def _ends(node: ast.expr | ast.stmt) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return where a node begins and ends: lines from 1, columns in bytes."""
    return (node.lineno, node.col_offset), (node.end_lineno or node.lineno, node.end_col_offset or node.col_offset)


def _short(text: str) -> str:
    """Return the beginning of a text, on one line."""
    joined = " ".join(text.split())
    return joined if len(joined) <= 90 else f"{joined[:89]}…"
