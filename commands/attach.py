"""`qingling attach`: keep files with a case."""

from pathlib import Path

import click

from commands.console.bilingual import argument, command, json_option, option, pass_app
from commands.console.context import AppContext, files_folder
from commands.console.output import print_json, talk
from commands.shared.insisting import insist_option, looked_through
from commands.shared.parameters import case_number
from commands.shared.reading import case_read
from engine.errors import BadValueError
from engine.language import Text, t
from engine.rules.reading_rights import Deed
from engine.system.whole_files import make_folder
from presentation.plain_words import file_size


@command(
    "attach",
    en="Keep a file with a case, or with --get write one out again. It is kept by the hash of its content, so that a "
    "later change is found; one that was changed is not written out, and no file is overwritten.",
    zh="给事项附文件，或用 --get 取出已附的文件。文件按内容散列值保存，事后改动可查；"
    "已被改动的不取出，也不覆盖现有文件。",
    example="qingling attach 0101-XS-2019-0001 report.pdf --title 核查报告.pdf",
)
@case_number
@argument("files", metavar="FILE", nargs=-1, type=click.Path(path_type=Path), en="Files.", zh="文件。")
@option("--title", metavar="NAME", en="Name to keep it under, instead of its own.", zh="保存的名称（默认为原文件名）。")
@option(
    "--get",
    "wanted",
    metavar="NAME",
    en="Write out the kept file of that name, or whose SHA-256 begins so.",
    zh="取出该名称（或散列值开头）的附件。",
)
@option(
    "--out", metavar="FILE", type=click.Path(path_type=Path), en="Where to, with --get.", zh="与 --get 合用：写到何处。"
)
@insist_option
@json_option
@pass_app
def attach(
    app: AppContext,
    number: str,
    files: tuple[Path, ...],
    title: str | None,
    wanted: str | None,
    out: Path | None,
    as_json: bool,
) -> None:
    """Keep the files, or write one out."""
    if wanted is not None:
        if files or title is not None:
            raise BadValueError(
                Text("--get takes no files to keep and no --title", "--get 不能与要附的文件或 --title 合用")
            )
        _write_out(app, number, wanted, out, as_json=as_json)
        return
    if not files or out is not None:
        raise BadValueError(
            Text("name the files to keep, or with --get the one to write out", "请写明要附的文件，或用 --get 取出文件")
        )
    from engine.journal.case_events import FileAttached
    from engine.operations.cases.attachments import content_of
    from engine.operations.cases.casework import attach as operation

    if title is not None and len(files) > 1:
        raise BadValueError(Text("--title is for one file only", "--title 只能用于一个文件"))
    # All are read before any is kept, so that a mistake in the last does not leave half of them.
    for file in files:
        content_of(file)
    acting = looked_through(app, title=title, file="\n".join(each.name for each in files) if title is None else None)
    folder = files_folder(app.database)
    make_folder(folder, mode=0o700)
    kept = []
    for file in files:
        outcome = operation(acting, number, file, folder=folder, title=title)
        event = outcome.decision.event
        assert isinstance(event, FileAttached)
        kept.append({"case": number, "name": event.name, "digest": event.digest, "size": event.size})
        if not as_json:
            talk(
                t(
                    "{name} ({size}) is kept with {number}, SHA-256 {digest}",
                    "{name}（{size}）已附于 {number}，SHA-256 {digest}",
                    name=event.name,
                    size=file_size(event.size),
                    number=number,
                    digest=event.digest[:16],
                )
            )
    if as_json:
        print_json(kept)


def _write_out(app: AppContext, number: str, wanted: str, out: Path | None, *, as_json: bool) -> None:
    """Write one kept file to *out*, or under its own name into the present folder."""
    from engine.operations.cases.attachments import write_out

    target = Path(Path(wanted).name) if out is None else out
    ledger = case_read(app, Deed.PRINT, number, file=wanted)
    file = write_out(ledger, number, wanted, folder=files_folder(app.database), target=target)
    if as_json:
        print_json({"case": number, "name": file.name, "digest": file.digest, "size": file.size, "file": str(target)})
        return
    talk(
        t(
            "{name} ({size}) of {number} is written to {target}, SHA-256 {digest} as attached",
            "{number} 的 {name}（{size}）已写到 {target}，SHA-256 {digest} 与所附时一致",
            name=file.name,
            size=file_size(file.size),
            number=number,
            target=target,
            digest=file.digest[:16],
        )
    )
