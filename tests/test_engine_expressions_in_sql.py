"""Conditions as SQL: no case that meets one, or cannot be judged, is passed over, on either database."""

import random
from collections.abc import Mapping
from contextlib import closing
from datetime import date

import pytest

from engine.expressions.evaluate import compile_expression
from engine.expressions.in_sql import names_cases, narrowing, same_in_all
from engine.journal.canonical import canonical
from engine.rules.case import Case
from engine.store import case_rows, named_rows
from engine.store.condition_rows import ids_meeting, meeting
from engine.store.connection import Store, open_store
from engine.workflow.field_traits import DAY_TYPES, OFFICER_TYPES
from engine.workflow.model import FieldType

TODAY = date(2019, 7, 1)

FIELDS = {
    "words": FieldType.TEXT,
    "kind": FieldType.CHOICE,
    "kinds": FieldType.CHOICES,
    "handler": FieldType.OFFICER,
    "team": FieldType.OFFICERS,
    "received_on": FieldType.DATE,
    "seen_at": FieldType.MOMENT,
    "urgent": FieldType.FLAG,
    "amount": FieldType.NUMBER,
}
TEXTS = ("a", "ab", "A3", "说“好”", 'say "kind":"a" twice', "null", "\\", "")
VALUES: Mapping[str, tuple[object, ...]] = {
    "words": (None, *TEXTS),
    "kind": (None, "a", "ab", "A3"),
    "kinds": (None, [], ["a"], ["ab", "A3"], ["说“好”"]),
    "handler": (None, "wang", "li"),
    "team": (None, ["wang"], ["li", "wang"]),
    "received_on": (None, "2019-06-30", "2019-07-01", "2019-07-02", "0999-01-01"),
    "seen_at": (None, "2019-07-01T09:00", "2018-12-31T23:59"),
    "urgent": (None, True, False),
    "amount": (None, 0, 1, 5, 50, 5.0, -0.0, 2.5),
}


def expression(chance: random.Random, depth: int = 3) -> str:
    """Return a random sound expression over the fields and the columns."""
    inner = depth - 1
    if depth and chance.random() < 0.6:
        match chance.randrange(4):
            case 0:
                return f"not ({expression(chance, inner)})"
            case 1:
                return f"({expression(chance, inner)}) if ({expression(chance, inner)}) else (kind == 'a')"
            case joined:
                return f"({expression(chance, inner)}) {('and', 'or')[joined - 2]} ({expression(chance, inner)})"
    name = chance.choice([*FIELDS, "state", "number", "unit"])
    other = chance.choice([*FIELDS])
    text = chance.choice(
        ["'a'", "'ab'", "'A3'", "'wang'", "'说“好”'", "'null'", "''", "1", "0", "5", "true", "false", "none"]
    )
    if name in {"state", "number", "unit"}:
        text = chance.choice(["'open'", "'closed'", "'n3'", "'0101'"])
    day = chance.choice(["'2019-07-01'|day", "today", "'0999-01-01'|day"])
    order = chance.choice(["<", "<=", ">", ">=", "==", "!="])
    return chance.choice([
        name, f"{name} == {text}", f"{text} != {name}", f"{name} in [{text}, 'li', 5]", f"{name} not in ({text}, 'b')",
        f"'a' in {name}", f"'wang' not in {name}", f"{name} is none", f"{name} is not none", f"{name} == {other}",
        f"received_on {order} {day}", f"{day} {order} seen_at", f"amount {order} 5", f"{name}|length > 1",
        f"'2019-06-30'|day < received_on <= {day}",
    ])  # fmt: skip


def scope_of(case: Case) -> dict[str, object]:
    """Return what an expression may name, worked out by itself: a day is a date, what is missing is None."""
    scope = {**dict.fromkeys(FIELDS), **case.fields, "state": case.state, "number": case.number, "unit": case.unit}
    for name, kind in FIELDS.items():
        if kind in DAY_TYPES and scope[name] is not None:
            scope[name] = date.fromisoformat(str(scope[name])[:10])
    return {**scope, "today": TODAY}


def filled(store: Store) -> list[Case]:
    """Write forty cases with random values in two units, and return them."""
    chance = random.Random(7)
    cases = []
    with store.begin():
        for unit_id, code in ((1, "0101"), (2, "0102")):
            store.change("INSERT INTO units (id, code, name, own_days) VALUES (?, ?, 'x', '{}')", (unit_id, code))
        for case_id in range(1, 41):
            chosen = {name: chance.choice(each) for name, each in VALUES.items()}
            fields = {name: value for name, value in chosen.items() if value is not None or chance.random() < 0.2}
            unit_id = 1 + case_id % 2
            cases.append(
                Case(
                    id=case_id, number=f"n{case_id}", workflow="lead", version=1,
                    state=chance.choice(["open", "closed", "kept"]), unit_id=unit_id, unit=f"010{unit_id}",
                    parent_id=None, first_id=None, dated_on="2019-07-01", opened_at=1, changed_at=1,
                    clearance=case_id % 2, fields=fields, import_key=None, revision=1, head="",
                )
            )  # fmt: skip
        case_rows.insert(store, cases, [0] * len(cases))
        officers = [name for name, kind in FIELDS.items() if kind in OFFICER_TYPES]
        named = ((each.id, {str(n) for o in officers for n in _several(each.fields.get(o))}) for each in cases)
        named_rows.begin(store, named)
    return cases


def _several(value: object) -> list[object]:
    return value if isinstance(value, list) else [] if value is None else [value]


def test_no_case_is_passed_over(database_url: str) -> None:
    """Whatever is asked, SQL finds every case for which the expression holds or cannot be judged; often no other."""
    chance = random.Random(20191)
    missed: list[str] = []
    found_more = asked_in_all = 0
    with closing(open_store(database_url)) as store:
        cases = filled(store)
        for _ in range(150):
            source = expression(chance)
            wanted = set()
            for case in cases:
                verdict = compile_expression(source).verdict(scope_of(case))
                if verdict.holds or not verdict.judged:
                    wanted.add(case.id)
            narrowed = narrowing(source, FIELDS, today=TODAY, dialect=store.dialect, written=canonical)
            found = {
                each.id
                for each in meeting(
                    store, narrowed, "lead", unit_id=None, states=narrowed.states, after_id=0, limit=100
                )
            }
            missed += [f"{source}: {sorted(wanted - found)}"] if wanted - found else []
            by_index = ids_meeting(
                store, narrowed, "lead", unit_id=1, states=narrowed.states or {"open", "closed", "kept"},
                open_only=False, most=None,
            )  # fmt: skip
            if by_index != sorted(each.id for each in cases if each.id in found and each.unit_id == 1):
                missed.append(f"{source}: not the same by index")
            found_more += len(found - wanted)
            asked_in_all += len(cases) - len(wanted)

    assert missed == []
    assert found_more < 0.7 * asked_in_all, "SQL leaves most of the work to the sandbox"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("handler == 'wang'", "handler"),
        ("kind == 'a' and received_on < '2019-07-01'|day", "kind"),
    ],
)
def test_what_is_selective_is_found_exactly(sqlite_url: str, source: str, expected: str) -> None:
    """Comparisons with a word leave the sandbox no case that does not meet them."""
    with closing(open_store(sqlite_url)) as store:
        cases = filled(store)
        narrowed = narrowing(source, FIELDS, today=TODAY, dialect=store.dialect, written=canonical)
        found = meeting(store, narrowed, "lead", unit_id=None, states=None, after_id=0, limit=100)

    value = source.split("'")[1]
    assert {each.fields[expected] for each in found} == {value}
    assert len(found) < len(cases)


def test_what_is_asked_of_the_database_stays_small(sqlite_url: str) -> None:
    """However long an expression may be, SQLite takes what becomes of it, and finds what it should."""
    days = {f"d{n}": FieldType.DATE for n in range(40)}
    narrowly = [" and ".join(f"{each} < today" for each in days), " or ".join(f"not ({each} < today)" for each in days)]
    mixed = " and ".join(f"({each} < today or {each} > today)" for each in days)
    many = f"d0 in [{', '.join(map(str, range(500)))}]"
    with closing(open_store(sqlite_url)) as store:
        filled(store)
        for source in (*narrowly, mixed, many):
            narrowed = narrowing(source, days, today=TODAY, dialect=store.dialect, written=canonical)
            assert len(narrowed.condition.values) <= 700, source[:60]
            meeting(store, narrowed, "lead", unit_id=None, states=None, after_id=0, limit=100)
    ten = narrowing(
        " and ".join(f"d{n} < today" for n in range(10)), days, today=TODAY, dialect="sqlite", written=canonical
    )
    assert 0 < len(ten.condition.values) < 200


def test_only_fields_that_are_the_same_in_every_version_are_asked_in_sql() -> None:
    """A field that changed its type, or is not in all versions, lets every row pass."""
    older = {"kind": FieldType.TEXT, "words": FieldType.TEXT}
    assert same_in_all([{"kind": FieldType.CHOICE, "words": FieldType.TEXT, "new": FieldType.TEXT}, older]) == {
        "words": FieldType.TEXT
    }
    assert narrowing("kind == 'a'", {}, today=TODAY, dialect="sqlite", written=canonical).condition.values == ()
    assert [names_cases(each) for each in ("number == 'n1'", "state in ['a']", "kind == 'state'")] == [
        True,
        True,
        False,
    ]
