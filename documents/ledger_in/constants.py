"""Values that hold for every row of a ledger, as a person types them: `source=petition`, `source=@sheet`."""

from collections.abc import Mapping, Sequence
from datetime import date

from documents.ledger_in.columns import UNIT, ledger_columns
from documents.ledger_in.dates import DateRules
from documents.ledger_in.sheet_model import WantedColumn
from documents.ledger_in.text import quoted
from documents.ledger_in.values import CellRemark, cell_reader
from engine.errors import BadValueError
from engine.language import Text
from engine.workflow.model import Workflow
from engine.workflow.problems import did_you_mean

FROM_SHEET = "@sheet"
"""What stands for the name of the sheet."""


def constants_typed(workflow: Workflow, typed: Sequence[str], *, today: date) -> Mapping[str, object]:
    """Return the values that hold for all rows, by field; one that is taken from the sheet's name as `FROM_SHEET`.

    Raises:
        BadValueError: If one is not written as FIELD=VALUE, names no field, or is no value of it.
    """
    columns = {each.name: each for each in ledger_columns(workflow)}
    found: dict[str, object] = {}
    for each in typed:
        name, equals, value = (part.strip() for part in each.partition("="))
        if not equals or not value:
            raise BadValueError(
                Text(
                    f"--set {each}: write it as FIELD=VALUE, such as --set source=petition",
                    f"--set {each}：请写作 字段=值，如 --set 线索来源=信访受理",
                )
            )
        column = _called(columns, name)
        found[column.name] = value if value == FROM_SHEET else constant(column, value, today=today)
    return found


def constant(column: WantedColumn, written: str, *, today: date, said: str = "--set ") -> object:
    """Return what *written* means in a column, as in a cell of a ledger.

    Args:
        said: By which option it was said, for the refusal; nothing if it was asked for.

    Raises:
        BadValueError: If it means nothing there.
    """
    value = cell_reader(column, DateRules(today=today))(written)
    if not isinstance(value, CellRemark):
        return value
    if value.wrong is not None and value.right is not None:
        raise BadValueError(
            Text("{said}{name}: {wrong}; right: {right}", "{said}{title}：{wrong}；改法：{right}").format(
                said=said, name=column.name, title=column.titles[0], wrong=value.wrong, right=value.right
            )
        )
    return value.value


def _called(columns: Mapping[str, WantedColumn], name: str) -> WantedColumn:
    """Return the column that is called so, by its field, a title or a synonym."""
    known = {name: each for name, each in columns.items() if "." not in name and name != UNIT}
    if name.replace("-", "_") in known:
        return known[name.replace("-", "_")]
    for each in known.values():
        if name in each.titles or name in each.synonyms:
            return each
    near = did_you_mean(name, [*known, *(each.titles[0] for each in known.values())])
    raise BadValueError(
        Text("--set: there is no field '{name}'{near}", "--set：没有字段“{name}”{near}").format(
            name=quoted(name), near=near
        )
    )
