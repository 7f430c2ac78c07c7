"""Questions that ledgers left, and rows as they stood, in words and as JSON; asks nothing, changes nothing."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from engine.journal.case_events import CaseOpened, RowKept
from engine.journal.chain import JournalEntry
from engine.journal.events import legible_of_case
from engine.journal.ledger_row import OriginalRow, Question
from engine.language import t
from engine.operations.imports.file_label import label_of
from engine.rules.case import Case
from engine.rules.questions import asked_title
from engine.rules.values import SEALED_SHOWN
from engine.workflow.model import Workflow


def question_words(question: Question) -> str:
    """Return what stood there, why that is asked and what would answer it, in one line."""
    why, answer = question.reason, question.wanted
    return t("{why}; to be answered by: {answer}", "{why}；待核对：{answer}", why=why, answer=answer)


def question_pairs(workflow: Workflow, questions: Iterable[Question]) -> list[tuple[str, str]]:
    """Return what questions are about, each with its words."""
    return [(str(asked_title(workflow, each.field)), question_words(each)) for each in questions]


def question_json(question: Question) -> dict[str, object]:
    """Return a question for scripts."""
    return {
        "at": question.at,
        "field": question.field,
        "stood": question.stood,
        "why": str(question.reason),
        "answer": str(question.wanted),
    }


def originals_of(timeline: Iterable[JournalEntry]) -> Iterator[tuple[int, str, OriginalRow]]:
    """Yield the rows of ledgers that a case came from, oldest first: journal row, label of the file, and the row."""
    for entry in timeline:
        if entry.kind in {CaseOpened.kind, RowKept.kind}:
            event = legible_of_case(entry.kind, entry.body)
            if isinstance(event, CaseOpened | RowKept) and event.original is not None:
                yield entry.seq, label_of(event.file)["name"] if event.file else "", event.original


def original_pairs(row: OriginalRow) -> list[tuple[str, str]]:
    """Return heading and text of each cell with its marks; what is sealed as dots."""
    comments: dict[int, list[str]] = {}
    for place, comment in row.comments:
        comments.setdefault(place, []).append(comment)
    return [
        (heading, "  ".join([SEALED_SHOWN if place in row.sealed_at else text, *_marks(row, place, comments)]))
        for place, (heading, text) in enumerate(row.cells)
    ]


def original_json(seq: int, file: str, row: OriginalRow) -> dict[str, object]:
    """Return a row as it stood for scripts; the text of what is sealed is null."""
    comments: dict[int, list[str]] = {}
    for place, comment in row.comments:
        comments.setdefault(place, []).append(comment)
    return {
        "seq": seq,
        "file": file,
        "at": row.at,
        "hidden": row.is_hidden,
        "cells": [
            {
                "heading": heading,
                "text": None if place in row.sealed_at else text,
                "sealed": place in row.sealed_at,
                "struck": place in row.struck,
                "hidden": place in row.concealed,
                "comments": comments.get(place, []),
            }
            for place, (heading, text) in enumerate(row.cells)
        ],
    }


def _marks(row: OriginalRow, place: int, comments: Mapping[int, list[str]]) -> Iterator[Any]:
    """Yield the words for what marks a cell."""
    if place in row.struck:
        yield t("(struck through)", "（已划去）")
    if place in row.concealed:
        yield t("(hidden column)", "（隐藏列）")
    for each in comments.get(place, ()):
        yield t("(comment: {said})", "（批注：{said}）", said=each)


def is_dated(workflow: Workflow, case: Case) -> bool:
    """Say whether a case is dated by a day of its own, not by its registration, as where receipt is asked about."""
    return must_be_dated(workflow) or case.fields.get(workflow.dated_by) is not None


def must_be_dated(workflow: Workflow) -> bool:
    """Say whether every case of a workflow is dated by a day of its own, whatever its values."""
    declared = workflow.fields.get(workflow.dated_by)
    return declared is None or not declared.required
