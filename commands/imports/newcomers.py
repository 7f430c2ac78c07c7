"""Who and what stands in a ledger that the house does not know, and who is not written whole."""

from collections.abc import Iterator
from itertools import islice
from typing import Final

from engine.language import t
from presentation.import_findings import Met

_MOST: Final = 30
"""People named in a list of each sort; the rest is counted."""


def met_lines(met: Met) -> Iterator[str]:
    """Yield what is to be looked at, one line for each."""
    for code, rows in met.units.items():
        yield t("+ new unit {code}: {rows} rows", "＋ 新单位 {code}：{rows} 行", code=code, rows=rows)
    yield from islice(_people(met), _MOST)
    rest = len(met.officers) + len(met.shortened) - _MOST
    if rest > 0:
        yield t(
            "+ … {rest} more names (all of them: --json)", "＋ …… 另有 {rest} 个姓名（全部列出用 --json）", rest=rest
        )


def _people(met: Met) -> Iterator[str]:
    for name, rows in met.officers.items():
        yield t(
            "+ not registered: {name}, in {rows} rows; register them: qingling officer add CODE NAME",
            "＋ 未在册人员 {name}：{rows} 行；登记后再填：qingling 人员 新增 代码 姓名",
            name=name,
            rows=rows,
        )
    for (name, code), rows in met.shortened.items():
        yield t(
            "≈ {name} is taken for {code}, the only one so called: {rows} rows",
            "≈ “{name}”按唯一相符的在册人员 {code} 登记：{rows} 行",
            name=name,
            code=code,
            rows=rows,
        )


def met_json(met: Met) -> dict[str, object]:
    """Return the same for scripts."""
    return {
        "new_units": dict(met.units),
        "new_officers": dict(met.officers),
        "shortened": [{"name": name, "officer": code, "count": count} for (name, code), count in met.shortened.items()],
    }
