"""A field whose list goes by the type of the unit and the day of receipt (domain §4.2): `lists`."""

from collections.abc import Mapping
from types import MappingProxyType

from engine.language import Text
from engine.reading.choices import choices_of, plain_choice
from engine.reading.terms import Part, Plain
from engine.workflow.model import Choice, ListInForce
from engine.workflow.problems import did_you_mean


def lists_in_force_of(part: Part) -> Mapping[str, tuple[ListInForce, ...]]:
    """Return by type of units which list is in force from which day of receipt on, the oldest first."""
    found: dict[str, tuple[ListInForce, ...]] = {}
    below = part.part("lists")
    for kind, given in below.plain.items() if below else ():
        assert below is not None
        if isinstance(given, str):
            found[str(kind)] = (ListInForce(use=given),)
            continue
        rows = []
        for row in below.rows(str(kind)):
            row.only(("from", "use"), ("use",))
            day, use = row.day("from"), row.name("use")
            if use is not None:
                rows.append(ListInForce(from_on="" if day is None else day.isoformat(), use=use))
        found[str(kind)] = tuple(sorted(rows, key=lambda each: each.from_on))
    return MappingProxyType(found)


def chosen_by_type(
    part: Part, in_force: Mapping[str, tuple[ListInForce, ...]], lists: Mapping[str, tuple[Choice, ...]]
) -> tuple[tuple[Choice, ...], Plain]:
    """Return the choices of all lists of a field, each with its list, and the field's plain with them in it.

    A code stands in one of the lists only: it tells for ever by which one a case was classed.
    """
    if part.plain.get("list") is not None or part.plain.get("from_list") is not None:
        part.wrong(Text("write list or lists, not both", "list 和 lists 只能写一个"), "lists")
    if part.plain.get("values") is not None:  # a version that is kept: its lists stand in it
        kept = choices_of(part, "values", besides=("list",))
        rows = part.plain["values"]
        listed = rows if isinstance(rows, (list, tuple)) else ()
        named = {str(each.get("value")): each.get("list") for each in listed if isinstance(each, Mapping)}
        return tuple(
            Choice(value=each.value, title=each.title, also=each.also, of_list=named.get(each.value)) for each in kept
        ), part.plain
    found: dict[str, Choice] = {}
    for name in dict.fromkeys(each.use for rows in in_force.values() for each in rows):
        if name not in lists:
            near = did_you_mean(name, lists)
            part.wrong(Text(f"no list is called '{name}'{near.en}", f"没有名为“{name}”的列表{near.zh}"), "lists")
            continue
        for each in lists[name]:
            if each.value in found:
                other = found[each.value].of_list
                part.wrong(
                    Text(
                        f"'{each.value}' stands in {other} and in {name}; a code must tell its list",
                        f"“{each.value}”在 {other} 和 {name} 中重复，代码须能区分所属列表",
                    ),
                    "lists",
                )
            found[each.value] = Choice(value=each.value, title=each.title, also=each.also, of_list=name)
    values = [{**plain_choice(each), "list": each.of_list} for each in found.values()]
    return tuple(found.values()), {**part.plain, "values": values}
