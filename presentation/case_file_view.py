"""The file of a case in words: each part as the reader would say it, under the titles that the workflow declares."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final

from documents.case_file.sheets import FileBlock, FilePart, FileSheets
from documents.reports.section import Cell, ReportTable
from engine.language import t
from engine.operations.ledger.ledger import Ledger
from engine.rules.values import shown
from engine.workflow.case_file_layout import CaseFileLayout
from engine.workflow.model import FieldType
from presentation.case_deadlines import deadline_pair
from presentation.case_view import (
    clock_words,
    entry_words,
    field_pairs,
    state_words,
    when,
)
from presentation.letter_book import letters_of
from presentation.plain_words import file_size

if TYPE_CHECKING:
    from engine.operations.cases.file_gathering import CaseFile, FiledMark

_PAIR: Final = (42.0, 114.0)
"""Widths of a table of titles and values, in millimetres."""
_ROWS: Final = (36.0, 24.0, 96.0)
"""Those of the journal: when, who, what."""


def sheets_of(ledger: Ledger, filed: "CaseFile", *, now: datetime, made: str, mark: str = "") -> FileSheets:
    """Return the file of a case in the language in use.

    Args:
        now: Aware instant.
        made: When and by whom it is printed.
        mark: What stands on every page.
    """
    workflow, case = filed.workflow, filed.view.case
    layout = workflow.case_file or CaseFileLayout()
    titles = workflow.fields

    def value(name: str) -> str:
        return ledger.naming.veiled(shown(titles[name], case.fields.get(name), ledger.naming))

    cover = [
        (t("unit", "单位"), str(ledger.naming.unit(case.unit))),
        (t("state", "当前状态"), state_words(workflow, case.state)),
        *((str(titles[name].title), value(name)) for name in layout.cover if name in titles),
    ]
    marking = ""
    if layout.marking in titles:
        assert layout.marking is not None
        marking = t("{title}: {value}", "{title}：{value}", title=titles[layout.marking].title,
                    value=value(layout.marking) or t("not set", "未定"))  # fmt: skip
    return FileSheets(
        house=str(ledger.settings.get("name") or ""),
        title=t("File of a case: {title}", "{title}案卷", title=workflow.title),
        number=case.number,
        marking=marking,
        cover=tuple(cover),
        parts=tuple(_parts(ledger, filed, now=now)),
        made=made,
        mark=mark,
    )


def _parts(ledger: Ledger, filed: "CaseFile", *, now: datetime) -> Iterator[FilePart]:
    """Yield the parts of the case itself, and one for each case that it opened, and for what those opened."""
    for block in _blocks(ledger, filed, now=now):
        yield FilePart(title=block.title, blocks=(_untitled(block),))
    for child in _all_children(filed):
        case = child.view.case
        title = t("{number} {title}", "{title} {number}", number=case.number, title=child.workflow.title)
        blocks = tuple(each for each in _blocks(ledger, child, now=now) if each.table is not None)
        yield FilePart(title=title, blocks=blocks)


def _all_children(filed: "CaseFile") -> Iterator["CaseFile"]:
    """Yield what was opened from a case, each followed by what was opened from it."""
    for child in filed.children:
        yield child
        yield from _all_children(child)


def _untitled(block: FileBlock) -> FileBlock:
    """Return a block without its heading, which its part has."""
    return FileBlock(title="", table=block.table, words=block.words, widths=block.widths)


def _blocks(ledger: Ledger, filed: "CaseFile", *, now: datetime) -> Iterator[FileBlock]:
    """Yield what is filed of one case."""
    view, workflow = filed.view, filed.workflow
    pair = (t("matter", "项目"), t("entry", "内容"))
    open_values = {
        name: value
        for name, value in view.case.fields.items()
        if name in workflow.fields and workflow.fields[name].type is not FieldType.SEALED
    }
    stands = (t("state", "当前状态"), state_words(workflow, view.case.state))
    pairs = [stands, *field_pairs(workflow, open_values, ledger.naming)]
    yield _block(t("Entries", "登记事项"), pair, pairs, _PAIR)
    terms = [deadline_pair(ledger, view.case, each, now=now) for each in view.deadlines]
    yield _block(t("Deadlines", "办理期限"), (t("deadline", "期限"), t("stands", "情况")), terms, _PAIR)
    heads = (t("issued", "编发时间"), t("letter", "文书"), t("number", "文号"), t("kept as", "存档文件"))
    book = letters_of(ledger)
    letters = [(when(ledger, each.at), str(book.title(each.letter)), each.number, each.name) for each in filed.letters]
    yield _block(t("Letters", "文书"), heads, letters)
    heads = (t("recorded", "登记时间"), t("step", "办理动作"), t("signature", "签批事项"), t("signed by", "签批人"))
    yield _block(t("Signatures", "签批"), heads, list(_marks(ledger, filed, filed.signatures)))
    heads = (t("recorded", "登记时间"), t("step", "办理动作"), t("paper", "文件"), t("number", "文号"))
    yield _block(t("Papers", "文件依据"), heads, list(_marks(ledger, filed, filed.papers)))
    heads = (t("no.", "序号"), t("file", "附件"), t("size", "大小"), "SHA-256")
    files = [
        (str(place), each.name, file_size(each.size), each.digest[:16])
        for place, each in enumerate(view.attachments, start=1)
    ]
    yield _block(t("Attachments", "附件清单"), heads, files)
    columns = (t("when", "时间"), t("who", "经办人"), t("what", "经过"))
    history = [
        (
            when(ledger, each.at),
            str(ledger.naming.officer(each.by)),
            entry_words(ledger, workflow, each) + clock_words(ledger, each),
        )
        for each in view.timeline
    ]
    yield _block(t("History", "办理经过"), columns, history, _ROWS)


def _marks(ledger: Ledger, filed: "CaseFile", marks: Iterable["FiledMark"]) -> Iterator[tuple[Cell, ...]]:
    """Yield rows of signatures or papers."""
    workflow = filed.workflow
    steps = {each.trigger: str(each.title) for each in workflow.transitions}
    for each in marks:
        field = workflow.fields[each.field]
        step = t("entered", "登记") if each.trigger is None else steps.get(each.trigger, each.trigger)
        yield when(ledger, each.at), step, str(field.title), shown(field, each.value, ledger.naming)


def _block(
    title: str, heads: Sequence[str], rows: Sequence[tuple[Cell, ...]], widths: tuple[float, ...] | None = None
) -> FileBlock:
    """Return a block; without rows it says that there is nothing."""
    if not rows:
        return FileBlock(title=title, table=None, words=t("None.", "无。"))
    return FileBlock(title=title, table=ReportTable(heads=tuple(heads), rows=tuple(rows)), widths=widths)
