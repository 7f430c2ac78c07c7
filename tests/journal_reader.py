"""Reads a journal as somebody would who has the database and `docs/journal.md`, and nothing of Qingling's code.

Nothing of the program is imported here, and what a kind or a key is comes from the tables of the page alone.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

PAGE = Path(__file__).resolve().parent.parent / "docs" / "journal.md"

_SIMPLE: Mapping[str, str] = {
    "text": r'"(?:[^"\\]|\\.)*"',
    "whole number": r"-?\d+",
    "truth": "true|false",
    "date": r'"\d{4}-\d\d-\d\d"',
    "moment": r'"\d{4}-\d\d-\d\dT\d\d:\d\d"',
    "instant": r"-?\d+",
    "digest": '"[0-9a-f]{64}"',
}
"""Type -> what its canonical JSON looks like."""


_DESCRIBED: Mapping[str, str] = {
    "deadline": "A deadline",
    "original": "An original",
    "question": "A question",
    "version map": "A version map",
}
"""Type -> the heading of the table that lists its keys."""


class Key(NamedTuple):
    """One line of a table of keys."""

    type: str
    is_always: bool
    since: int


class Entry(NamedTuple):
    """One row of the table `journal`."""

    case_id: int
    seq: int
    at: int
    by: str
    kind: str
    from_state: str | None
    to_state: str | None
    clearance: int
    body: str
    hash: str


def sections() -> dict[str, dict[str, Key]]:
    """Return the keys of each table that the page gives, by the heading it stands under."""
    found: dict[str, dict[str, Key]] = {}
    heading = ""
    for line in PAGE.read_text("utf-8").splitlines():
        if line.startswith("#"):
            heading = line.lstrip("# ").strip("`")
        cells = [each.strip() for each in line.strip("|").split(" | ")]
        if line.startswith("| `") and len(cells) == 5:
            name, kind, written, since, _ = cells
            assert written in {"always", "if so"}, line
            found.setdefault(heading, {})[name.strip("`")] = Key(kind, written == "always", int(since))
    return found


def kinds() -> tuple[dict[str, dict[str, Key]], dict[str, dict[str, Key]]]:
    """Return the kinds of rows of cases and of the house, each with all its keys."""
    tables = sections()
    of_cases, of_house = (
        re.findall(r"^#### `(\w+)`$", part, re.MULTILINE)
        for part in PAGE.read_text("utf-8").split("### Rows of a case")[1].split("### Rows of the house")
    )
    every, every_case = tables["Every row"], tables["Every row of a case"]
    return (
        {kind: {**every, **every_case, **tables[kind]} for kind in of_cases},
        {kind: {**every, **tables[kind]} for kind in of_house},
    )


def canonical(value: object) -> str:
    """Return *value* by the rules of the page; json orders keys by code points, which is the order of their UTF-8."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def hashed(entry: Entry, *, case: str, previous: str) -> str:
    """Return the text over which the hash of a row is taken."""
    parts: dict[str, object] = {
        "at": entry.at,
        "by": entry.by,
        "case": case,
        "clearance": entry.clearance,
        "from": entry.from_state,
        "kind": entry.kind,
        "previous": previous,
        "seq": entry.seq,
        "to": entry.to_state,
    }
    said = {name: canonical(value) for name, value in parts.items()} | {"body": entry.body}
    return "{" + ",".join(f'"{name}":{said[name]}' for name in sorted(said)) + "}"


def unlike_the_page(entries: Iterable[tuple[Any, ...]], cases: Iterable[tuple[int, str, int, str]]) -> Iterator[str]:
    """Yield each place where a journal is not what the page says.

    Args:
        entries: The rows of `journal`, its columns in the order of the page.
        cases: id, number, revision and head of every row of `cases`.
    """
    of_cases, of_house = kinds()
    ends = {0: ("", None, None)} | {case_id: (number, seq, head) for case_id, number, seq, head in cases}
    chains: dict[int, list[Entry]] = {each: [] for each in ends}
    for row in sorted(entries, key=lambda row: row[:2]):
        chains[row[0]].append(Entry._make(row))
    for case_id, chain in chains.items():
        number, length, head = ends[case_id]
        previous, last_at = "", 0
        for place, entry in enumerate(chain, start=1):
            where = f"{number or 'house'} {entry.seq} {entry.kind}"
            if entry.seq != place:
                yield f"{where}: there is a gap"
            if sha256(hashed(entry, case=number, previous=previous).encode()).hexdigest() != entry.hash:
                yield f"{where}: the hash is another"
            if entry.at < last_at:
                yield f"{where}: is dated before the row before"
            yield from (f"{where}: {each}" for each in _wrong(entry, of_cases if case_id else of_house))
            previous, last_at = entry.hash, entry.at
        if case_id and (len(chain), previous) != (length, head):
            yield f"{number}: ends elsewhere"


def _wrong(entry: Entry, known: Mapping[str, Mapping[str, Key]]) -> Iterator[str]:
    """Yield what of a body the page does not say."""
    body = json.loads(entry.body)
    if canonical(body) != entry.body:
        yield "the body is not canonical JSON"
    if entry.kind not in known:
        yield "the page does not list this kind"
        return
    yield from _wrong_keys(body, known[entry.kind])


def _wrong_keys(found: Mapping[str, object], keys: Mapping[str, Key]) -> Iterator[str]:
    """Yield which keys the page does not list, which are missing, and which are of another type."""
    yield from (f"the page does not list the key '{name}'" for name in found.keys() - keys.keys())
    for name, key in keys.items():
        if name in found:
            if not _fits(found[name], key.type):
                yield f"'{name}' is no {key.type}: {found[name]!r}"
            if not key.is_always and found[name] in (None, False, [], {}, ""):
                yield f"'{name}' is written though there is nothing to say"
        elif key.is_always:
            yield f"'{name}' is missing"


def _fits(value: object, kind: str) -> bool:
    """Say whether a value is of a type of the page."""
    outer, inner = _taken_apart(kind)
    match outer:
        case "one of":
            return any(value is None if each == "null" else _fits(value, each) for each in inner.split(" or "))
        case "map":
            return isinstance(value, dict) and (inner == "value" or all(_fits(each, inner) for each in value.values()))
        case "deadline" | "original" | "question" | "version map":
            return isinstance(value, dict) and not [*_wrong_keys(value, sections()[_DESCRIBED[outer]])]
        case "list":
            return isinstance(value, list) and all(_fits(each, inner) for each in value)
        case "these":
            kinds = inner.split(", ")
            return isinstance(value, list) and len(value) == len(kinds) and all(map(_fits, value, kinds))
    return re.fullmatch(_SIMPLE[kind], canonical(value)) is not None


def _taken_apart(kind: str) -> tuple[str, str]:
    """Return what holds others in a type of the page, and the types of these."""
    if kind.endswith(" or null"):
        return "one of", kind
    if kind.startswith("list of "):
        return "list", kind.removeprefix("list of ")
    if kind.startswith("["):
        return "these", kind.strip("[]")
    if " or " in kind:
        return "one of", kind
    found = re.fullmatch("map of (?:text|field) to (.*)", kind)
    return ("map", found[1]) if found else (kind, "")
