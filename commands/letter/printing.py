"""Writing letters into files: with a number, without one, and once more; and saying so.

A letter goes down once: its facts are gathered, put into words, and issued with a number. What it says is left to
`documents.letters`, what may be done to `engine.operations.letters`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from os.path import lexists
from pathlib import Path
from typing import TYPE_CHECKING

from commands.console.context import AppContext, files_folder
from commands.console.output import print_json, say, talk
from commands.letter.wording import next_step
from commands.shared.insisting import looked_through
from engine.errors import BadFileError, BadValueError, RefusedError
from engine.language import Text, t
from engine.system.whole_files import written

if TYPE_CHECKING:
    from documents.letters.draft import LetterDraft
    from documents.letters.kinds import LetterKind
    from documents.letters.pdf import Printed
    from engine.operations.letters.gather import LetterFacts
    from engine.operations.letters.issue import IssuedLetter
    from engine.rules.case import Case


@dataclass(frozen=True, kw_only=True, slots=True)
class LetterOptions:
    """How a letter was asked for on the command line."""

    output: Path | None
    overwrite: bool
    pdf: bool
    preview: bool
    reissue: bool
    letter_number: str | None
    another: bool
    why: str
    deadline: str | None
    code: str | None
    settings: tuple[str, ...]
    """`--set NAME=VALUE`, as they were typed."""
    names: tuple[str, ...]
    no_names: tuple[str, ...]
    as_json: bool


def print_new(
    app: AppContext, kind: "LetterKind", case: "Case", place: Path, given: Mapping[str, str], asked: LetterOptions
) -> None:
    """Issue a letter, or write it without a number."""
    from engine.operations.letters.issue import issue
    from presentation.letter_prepared import prepared

    workflow = app.ledger.rules_of(case).workflow
    if not kind.fits(case.workflow):
        raise RefusedError(
            Text(
                f"there is no '{kind.title.en}' for a {case.workflow}; see: qingling letter list {case.number}",
                f"流程“{workflow.title.zh}”没有“{kind.title.zh}”；请查看：qingling letter list {case.number}",
            )
        )
    acting = looked_through(app, workflow, [given], reason=asked.why)
    ready = prepared(
        acting,
        case,
        kind,
        given,
        code=asked.code,
        deadline=asked.deadline,
        names=asked.names,
        no_names=asked.no_names,
    )
    _refuse_gaps(kind, ready.facts, ready.draft, preview=asked.preview)
    with written(place) as file:

        def make(number: str) -> bytes:
            # Written before the number is given for good: a full disk then costs no number.
            content = ready.paper(number)
            file.write_bytes(content)
            return content

        if asked.preview:
            letter = None
            content = ready.sample()
            file.write_bytes(content)
        else:
            letter, content = issue(
                acting,
                case,
                ready.facts.letter,
                make=make,
                folder=files_folder(app.database),
                another=asked.another,
                reason=asked.why,
            )
    step = next_step(app, kind, case, letter.number) if letter else None
    _finish(kind, case, letter, place, content, asked, step)


def print_again(app: AppContext, kind: "LetterKind", case: "Case", place: Path, asked: LetterOptions) -> None:
    """Write a letter again that was issued before."""
    from engine.operations.letters.issue import reissue

    acting = looked_through(app, reason=asked.why)
    with written(place) as file:
        letter, content = reissue(
            acting,
            case,
            kind.name,
            roles=kind.by,
            number=asked.letter_number or "",
            folder=files_folder(app.database),
            reason=asked.why,
            write=file.write_bytes,
        )
    _finish(kind, case, letter, place, content, asked, next_step(app, kind, case, letter.number))


def output_place(output: Path | None, *, overwrite: bool, pdf: bool, suffix: str = ".docx") -> Path:
    """Return where to write, or refuse it before anything is done."""
    if output is None:
        raise BadValueError(Text("name the file to write: -o FILE.docx", "请指明写出的文件：-o 文件.docx"))
    if output.suffix.lower() != suffix:
        raise BadValueError(
            Text(
                f"{output}: write a .docx; for a PDF beside it add --pdf",
                f"{output}：请写 .docx 文件；需要 PDF 请加 --pdf",
            )
        )
    for each in (output, output.with_suffix(".pdf")) if pdf else (output,):
        if lexists(each) and not overwrite:
            raise BadFileError(
                Text(
                    f"{each} is there already; name another file, or add --overwrite",
                    f"{each} 已存在；请换文件名，或加 --overwrite",
                )
            )
    if pdf:
        from documents.letters.pdf import require_office

        require_office()
    return output


def _refuse_gaps(kind: "LetterKind", facts: "LetterFacts", draft: "LetterDraft", *, preview: bool) -> None:
    """Refuse a letter that lacks something; all is named at once, before anything is written."""
    missing = list(draft.missing)
    if not facts.code and not preview:
        code = Text(
            "the house's code (--code; once for all letters: qingling letter settings --code)",
            "机关代字（--code；一次设好：qingling letter settings --code）",
        )
        missing.insert(0, code)
    if missing:
        number = facts.case.number
        raise RefusedError(
            Text(
                f"'{kind.title.en}' of {number} lacks {len(missing)}",
                f"{number} 的“{kind.title.zh}”缺少 {len(missing)} 项",
            ),
            missing,
        )
    if draft.doubted:
        number = facts.case.number
        raise RefusedError(
            Text(
                f"'{kind.title.en}' of {number} must not name those reported: {len(draft.doubted)} to answer",
                f"{number} 的“{kind.title.zh}”不得写明被举报人姓名，有 {len(draft.doubted)} 处待确认",
            ),
            draft.doubted,
        )


def _as_pdf(content: bytes, place: Path, again: Text, letter: "IssuedLetter | None") -> "Printed":
    """Write a letter as a PDF beside it.

    Raises:
        BadFileError: If LibreOffice cannot, or the file cannot be written; with the number, if it was given.
    """
    from documents.letters.pdf import pdf_of

    try:
        printed = pdf_of(content)
        with written(place.with_suffix(".pdf")) as file:
            file.write_bytes(printed.content)
    except BadFileError as error:
        if letter is None:
            raise
        raise BadFileError(
            Text(
                f"{letter.number} is issued and stands in {place}, but not as a PDF: {error.sentence.en};"
                f" it can be printed again: {again.en}",
                f"{letter.number} 已编发，见 {place}，但未生成 PDF：{error.sentence.zh}；可重新打印：{again.zh}",
            )
        ) from error
    return printed


def _finish(
    kind: "LetterKind",
    case: "Case",
    letter: "IssuedLetter | None",
    place: Path,
    content: bytes,
    asked: LetterOptions,
    step: Text | None,
) -> None:
    """Make the PDF, say what was written and how to go on."""
    again = Text(
        f"qingling letter {kind.name} {case.number} --reissue --reason …",
        f"qingling letter {kind.title.zh} {case.number} --reissue --reason …",
    )
    printed = _as_pdf(content, place, again, letter) if asked.pdf else None
    if asked.as_json:
        print_json(
            {
                "case": case.number,
                "kind": kind.name,
                "letter_number": letter.number if letter else None,
                "digest": letter.digest if letter else None,
                "file": str(place),
                "pdf": str(place.with_suffix(".pdf")) if printed else None,
                "stand_ins": dict(printed.stand_ins) if printed else {},
                "next": step.en if step else None,
            }
        )
        return
    if letter is None:
        talk(t("written without a number: {file}", "样稿（未取文号）：{file}", file=place))
    else:
        say(letter.number)
        talk(t("written: {file}", "已写出：{file}", file=place))
    if printed:
        talk(t("written: {file}", "已写出：{file}", file=place.with_suffix(".pdf")))
        if printed.stand_ins:
            pairs = t(", ", "、").join(f"{name} → {other}" for name, other in printed.stand_ins.items())
            talk(t("fonts that stand in, in the PDF only: {pairs}", "PDF 中的替代字体：{pairs}", pairs=pairs))
    if step:
        talk(t("go on with: {step}", "下一步：{step}", step=step))
