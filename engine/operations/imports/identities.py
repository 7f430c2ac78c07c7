"""Rows of ledgers whose free text shows who somebody is: the place is masked and asked, the text itself is sealed.

Nobody can be asked while thousands of rows come in, and a row is never refused for its words; so neither the register
nor the journal gets them in clear, and nothing of the sheet is lost: the custodian can open it.
"""

from collections.abc import Mapping

from engine.journal.canonical import parsed
from engine.journal.ledger_row import OriginalRow, Question, original_seal
from engine.operations.imports.row import IDENTITY_ANSWER, Row
from engine.rules.identities import (
    NOBODY,
    KnownReporter,
    Sight,
    are_worth_a_look,
    is_no_name,
    known_of,
    masked,
    sights,
)
from engine.rules.transitions import Rules


def without_identities(rules: Rules, row: Row) -> Row:
    """Return a row whose text fields show nobody; what was taken out is sealed with the row as it stood, and asked."""
    secrets = [str(row.values[name]) for name in rules.sealed if row.values.get(name)]
    known = known_of(secrets) if secrets else NOBODY
    texts = {name: value for name, value in row.values.items() if name in rules.texts and isinstance(value, str)}
    found: dict[str, tuple[Sight, ...]] = {}
    if are_worth_a_look(texts.values(), known):
        found = {name: seen for name, value in texts.items() if (seen := sights(value, known))}
    values = _not_real(rules, row.values)
    if values is not row.values or row.questions:
        row = row._replace(values=values, questions=tuple(_quiet(each, known) for each in row.questions))
    if not found:
        return row
    texts = {name: texts[name] for name in found}
    asked = tuple(_question(rules, row, name, seen) for name, seen in found.items())
    original, seal = _sealed(rules, row, texts, known)
    kept = {**row.values, **{name: masked(texts[name], seen) for name, seen in found.items()}}
    return row._replace(values=kept, original=original, seal=seal, questions=(*row.questions, *asked))


def _quiet(question: Question, known: KnownReporter) -> Question:
    """Return a question that does not repeat who somebody is."""
    seen = question.stood is not None and sights(question.stood, known)
    return question.quiet() if seen else question


def _not_real(rules: Rules, values: Mapping[str, object]) -> Mapping[str, object]:
    """Return values whose flag says no beside what names nobody: 匿名 is sealed as it stands and is no real name."""
    for sealed, flag in rules.pairs:
        value = values.get(sealed.name)
        unsaid = values.get(flag.name) in {None, ""}
        if unsaid and sealed.name in rules.sealed and isinstance(value, str) and value and is_no_name(value):
            values = {**values, flag.name: "no"}
    return values


def _question(rules: Rules, row: Row, name: str, seen: tuple[Sight, ...]) -> Question:
    """Return the question about a text in which an identity was masked."""
    kinds = list(dict.fromkeys(each.kind.says for each in seen))
    field = rules.workflow.fields[name]
    return Question(
        field=name,
        at=row.at,
        why=(
            f"'{field.title.en}' showed {' and '.join(each.en for each in kinds)}; it is masked, the row is sealed",
            f"“{field.title.zh}”含{'、'.join(each.zh for each in kinds)}，已隐去，原文已密封",
        ),
        answer=(IDENTITY_ANSWER.en, IDENTITY_ANSWER.zh),
    )


def _sealed(rules: Rules, row: Row, texts: Mapping[str, str], known: KnownReporter) -> tuple[OriginalRow, str]:
    """Return the row as it stood without the cells and comments that show what was masked, and all that is sealed."""
    original = row.original
    if original is None:
        cells = tuple((str(rules.workflow.fields[name].title.zh), "") for name in texts)
        alone = OriginalRow(at=row.at, cells=cells, sealed_at=tuple(range(len(cells))))
        return alone, original_seal(list(texts.values()), [])
    before = parsed(row.seal) if row.seal is not None else {"cells": [], "comments": []}
    secret = dict(zip(original.sealed_at, map(str, before["cells"]), strict=True))
    comments = [(int(place), str(text)) for place, text in before["comments"]]
    for place, (_, text) in enumerate(original.cells):
        if place not in secret and _shows(text, texts, known):
            secret[place] = text
    plain = []
    for place, text in original.comments:
        if place in secret or _shows(text, texts, known):
            secret.setdefault(place, original.cells[place][1])
            comments.append((place, text))
        else:
            plain.append((place, text))
    kept = original.sealing(frozenset(secret), tuple(plain))
    return kept, original_seal([secret[place] for place in kept.sealed_at], comments)


def _shows(text: str, texts: Mapping[str, str], known: KnownReporter) -> bool:
    """Say whether a cell holds a text in which something was masked, or shows who reports."""
    return bool(text) and (
        any(text.strip() == each.strip() or each.strip() in text for each in texts.values())
        or bool(sights(text, known))
    )
