"""Writing letters into files: with a number, without one, and once more; and saying so."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from commands.console.context import Desk, files_folder
from commands.console.output import print_json, say, talk
from commands.letter.wording import folders, next_step
from engine.errors import BadFileError, BadValueError, RefusedError
from engine.language import Text, t
from engine.whole_files import written

if TYPE_CHECKING:
    from documents.letters.kinds import LetterKind
    from documents.letters.letter_values import Gathered
    from documents.letters.pdf import Printed
    from engine.operations.letters.issue import Letter
    from engine.rules.case import Case


def print_new(
    desk: Desk,
    kind: "LetterKind",
    case: "Case",
    place: Path,
    given: Mapping[str, str],
    *,
    pdf: bool,
    preview: bool,
    another: bool,
    why: str,
    deadline: str | None,
    code: str | None,
    as_json: bool,
) -> None:
    """Issue a letter, or write it without a number."""
    from documents.letters.fill import filled, prove, template_of
    from documents.letters.letter_values import gathered
    from engine.operations.letters import issue as issuing

    ledger = desk.ledger
    if not kind.fits(case.workflow):
        raise RefusedError(
            Text(
                f"there is no '{kind.title.en}' for a {case.workflow}; see: qingling letter list {case.number}",
                f"流程 {case.workflow} 没有“{kind.title.zh}”；请查看：qingling letter list {case.number}",
            )
        )
    issuing.may_issue(ledger, case, kind.by, by=desk.officer)
    template = template_of(kind, folders(desk.database))
    found = gathered(ledger, kind, case, given, shows=prove(template, kind), deadline=deadline, now=desk.now)
    code = (str(ledger.settings.get("letter_code") or "") if code is None else code).strip()
    issuing.refuse_bad_code(code)
    missing = list(found.missing)
    if not code and not preview:
        missing.insert(
            0,
            Text(
                "the house's code (qingling letter settings --code, or --code)",
                "机关代字（qingling letter settings --code 或 --code）",
            ),
        )
    if missing:
        raise RefusedError(
            Text(
                f"'{kind.title.en}' of {case.number} lacks {len(missing)}",
                f"{case.number} 的“{kind.title.zh}”缺少 {len(missing)} 项",
            ),
            missing,
        )
    with written(place) as file:
        if preview:
            year = ledger.today(desk.now).year
            content = filled(template, found.context, number=f"{code or '××'}{kind.series}〔{year}〕　号（样稿）")
            file.write_bytes(content)
            made = None
        else:

            def make(number: str) -> bytes:
                paper = filled(template, found.context, number=number)
                file.write_bytes(paper)
                return paper

            paper = issuing.IssuedLetter(
                kind=kind.name,
                series=code + kind.series,
                by=kind.by,
                name=kind.title.zh + " {number}",
                about=found.about,
            )
            made, content = issuing.issue(
                ledger, case, paper, make=make, folder=files_folder(desk.database), another=another, reason=why,
                by=desk.officer, now=desk.now,
            )  # fmt: skip
    _tell(desk, kind, made, place, content, pdf=pdf, as_json=as_json, gathered=found, case=case)


def print_again(
    desk: Desk, kind: "LetterKind", case: "Case", place: Path, number: str, why: str, *, pdf: bool, as_json: bool
) -> None:
    """Write a letter again that was issued before."""
    from engine.operations.letters.issue import may_issue, reissue

    may_issue(desk.ledger, case, kind.by, by=desk.officer)
    with written(place) as file:
        made, content = reissue(
            desk.ledger, case, kind.name, number=number, folder=files_folder(desk.database), reason=why,
            by=desk.officer, now=desk.now, write=file.write_bytes,
        )  # fmt: skip
    _tell(desk, kind, made, place, content, pdf=pdf, as_json=as_json, case=case)


def output_place(output: Path | None, *, overwrite: bool, pdf: bool) -> Path:
    """Return where to write, or refuse it before anything is done."""
    if output is None:
        raise BadValueError(Text("name the file to write: -o FILE.docx", "请指明写出的文件：-o 文件.docx"))
    if output.suffix.lower() != ".docx":
        raise BadValueError(
            Text(
                f"{output}: write a .docx; for a PDF beside it add --pdf",
                f"{output}：请写 .docx 文件；需要 PDF 请加 --pdf",
            )
        )
    for each in (output, output.with_suffix(".pdf")) if pdf else (output,):
        if each.exists() and not overwrite:
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


def _as_pdf(content: bytes, place: Path) -> "Printed":
    """Write a letter as a PDF beside it.

    Raises:
        BadFileError: If LibreOffice cannot, or the file cannot be written.
    """
    from documents.letters.pdf import pdf_of

    printed = pdf_of(content)
    with written(place) as file:
        file.write_bytes(printed.content)
    return printed


def _tell(
    desk: Desk,
    kind: "LetterKind",
    made: "Letter | None",
    place: Path,
    content: bytes,
    *,
    pdf: bool,
    as_json: bool,
    case: "Case",
    gathered: "Gathered | None" = None,
) -> None:
    """Say what was written, and how to go on; make the PDF."""
    workflow = desk.ledger.rules_of(case).workflow
    step = "" if made is None else next_step(desk, kind, case, workflow, made.number, gathered)
    printed = None
    if pdf:
        try:
            printed = _as_pdf(content, place.with_suffix(".pdf"))
        except BadFileError as error:
            if made is None:
                raise
            again = f"qingling letter {kind.name} {case.number} --reissue --reason …"
            raise BadFileError(
                Text(
                    f"{made.number} is issued and stands in {place}, but not as a PDF: {error.sentence.en};"
                    f" it can be printed again: {again}",
                    f"{made.number} 已编发，见 {place}，但未生成 PDF：{error.sentence.zh}；可重新打印：{again}",
                )
            ) from error
    if as_json:
        print_json(
            {
                "case": case.number,
                "kind": kind.name,
                "letter_number": None if made is None else made.number,
                "digest": None if made is None else made.digest,
                "file": str(place),
                "pdf": str(place.with_suffix(".pdf")) if printed else None,
                "stand_ins": dict(printed.stand_ins) if printed else {},
                "next": step or None,
            }
        )
        return
    if made is None:
        talk(t("written without a number: {file}", "样稿（未取文号）：{file}", file=place))
    else:
        say(made.number)
        talk(t("written: {file}", "已写出：{file}", file=place))
    if printed:
        talk(t("written: {file}", "已写出：{file}", file=place.with_suffix(".pdf")))
        if printed.stand_ins:
            pairs = t(", ", "、").join(f"{name} → {other}" for name, other in printed.stand_ins.items())
            talk(t("fonts that stand in, in the PDF only: {pairs}", "PDF 中的替代字体：{pairs}", pairs=pairs))
    if step:
        talk(t("go on with: {step}", "下一步：{step}", step=step))
