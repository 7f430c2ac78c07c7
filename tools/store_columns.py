"""Writes `engine/store/*_columns.py`: what the store reads and writes, as named tuples derived from the table classes.

Daily commands must not load SQLAlchemy, so the names and types of columns are taken from the classes of
`engine.store.tables` here, once, and not while a command runs. A test compares what is written with what this
would write.
"""

import ast
import inspect
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlmodel import SQLModel

from tools.store_parts import parts_written
from tools.store_records import RECORDS, RecordPlan

STORE = Path(__file__).resolve().parent.parent / "engine" / "store"

_HEAD = '''"""Rows of {rows}_rows as named tuples: names, types and order are those of the classes in `tables`.

Written by `python -m tools.store_columns`; change the classes, or what is listed there, and not this file.
Instants are microseconds since 1970 UTC, dates that end in `_on` are local dates.
"""

{imports}from typing import NamedTuple
'''


def written(module: str) -> str:
    """Return the text of a module, as ruff formats it."""
    plans = RECORDS[module]
    imports = "from collections.abc import Mapping\n" if any(each.parsed for each in plans) else ""
    head = _HEAD.format(rows=module.removesuffix("_columns"), imports=imports)
    text = "\n\n".join([head, *("\n".join(_record(plan)) + "\n" for plan in plans)])
    command = [sys.executable, "-m", "ruff", "format", "--stdin-filename", f"{module}.py", "-"]
    done = subprocess.run(command, input=text, capture_output=True, encoding="utf-8", check=True)  # noqa: S603
    return done.stdout


def _record(plan: RecordPlan) -> Iterator[str]:
    """Yield the lines of one named tuple."""
    yield f"class {plan.name}(NamedTuple):"
    yield f'    """{plan.says}"""\n'
    parsed = {each.key for each in plan.parsed}
    for name, attribute in _fields(plan):
        kind = "Mapping[str, object]" if attribute.key in parsed else _type(attribute)
        yield f"    {name}: {kind}"
        says = _docstrings(attribute.class_).get(attribute.key)
        if says and attribute.key not in parsed and attribute.key == name:
            yield f'    """{says}"""'


def _fields(plan: RecordPlan) -> Iterator[tuple[str, Any]]:
    """Yield name and column of each field."""
    for each in plan.columns:
        if isinstance(each, str):
            yield each, plan.named[each]
        elif inspect.isclass(each):
            row: Any = each
            yield from ((column.name, getattr(row, column.name)) for column in row.__table__.columns)
        else:
            yield each.key, each


def _type(attribute: Any) -> str:
    """Return how a column's values are annotated; what may be empty follows the column, not the class."""
    (column,) = attribute.property.columns
    kind: str = column.type.python_type.__name__
    return f"{kind} | None" if column.nullable else kind


def _docstrings(row: type[SQLModel]) -> dict[str, str]:
    """Return what a class says of its columns."""
    (tree,) = ast.parse(inspect.getsource(row)).body
    assert isinstance(tree, ast.ClassDef)
    found = {}
    for before, after in zip(tree.body, tree.body[1:], strict=False):
        match before, after:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(says))):
                found[name] = says
    return found


if __name__ == "__main__":
    for each in RECORDS:
        (STORE / f"{each}.py").write_text(written(each), encoding="utf-8")
    (STORE / "parts.py").write_text(parts_written(), encoding="utf-8")
