"""The cases of a period by the values of a field: one table, or one for each list where the field goes by several."""

from collections import Counter
from collections.abc import Iterator, Mapping

from engine.language import Text
from engine.operations.figures.figure_values import Share, Split
from engine.workflow.model import Field

_REST = "not_classed"
"""Stands for the list of values that are in none, and of cases that are not classed yet."""


def splits_of(
    field: Field, counted: Counter[tuple[str, str | None, str]], types: Mapping[str, Text]
) -> Iterator[Split]:
    """Yield the cases by a field, in the order of its values; those without one come last.

    Where the cases stand in several lists, each list has a table of its own: a share of one is none of the other.

    Args:
        counted: Cases by field, value and what is counted (`entered`, `cleared`, `open`).
        types: Titles of the types of units, by name.
    """
    titles: dict[str | None, Text] = {each.value: each.title for each in field.choices}
    found = {value for name, value, _ in counted if name == field.name}
    titles |= {each: Text(each, each) for each in sorted(filter(None, found - set(titles)))}
    titles[None] = Text("not stated", "未填")
    shares = {
        value: Share(title=title, **{each: counted[field.name, value, each] for each in ("entered", "cleared", "open")})
        for value, title in titles.items()
    }
    kept = {value: each for value, each in shares.items() if each.entered or each.cleared or each.open}
    by_list: dict[str, list[Share]] = {}
    listed = {each.value: each.of_list for each in field.choices}
    for value, share in kept.items():
        by_list.setdefault(listed.get(value or "") or _REST, []).append(share)
    if len(by_list.keys() - {_REST}) < 2:
        yield Split(field=field.name, title=field.title, shares=tuple(kept.values()))
        return
    called = _called(field, types)
    for name, own in by_list.items():
        title = Text("{field} ({list})", "{field}（{list}）").format(field=field.title, list=called[name])
        yield Split(field=field.name, title=title, shares=tuple(own), of_list=name)


def _called(field: Field, types: Mapping[str, Text]) -> dict[str, Text]:
    """Return what each list of a field is called: whose it is, and since when where a type has had several."""
    found = {_REST: Text("not classed", "未分类")}
    for kind, rows in field.lists.items():
        whose = types.get(kind, Text(kind, kind))
        for each in rows:
            own = whose
            if each.from_on and len(rows) > 1:
                own = Text(f"{whose.en}, from {each.from_on}", f"{whose.zh}，{each.from_on} 起")
            before = found.get(each.use)
            found[each.use] = own if before is None else Text(f"{before.en}; {own.en}", f"{before.zh}、{own.zh}")
    return found
