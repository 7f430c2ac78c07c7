"""`qingling attach`: keep files with a case."""

from pathlib import Path

import click

from commands.console.bilingual import argument, command, json_option, option, pass_app
from commands.console.context import AppContext, files_folder
from commands.console.output import file_size, print_json, talk
from commands.shared.parameters import case_number
from engine.errors import BadValueError
from engine.language import Text, t
from engine.whole_files import make_folder


@command(
    "attach",
    en="Keep a file with a case. It is kept by the hash of its content, so that a later change is found.",
    zh="给事项附文件。文件按内容散列值保存，事后改动可查。",
    example="qingling attach 0101-XS-2019-0001 report.pdf --title 核查报告.pdf",
)
@case_number
@argument("files", metavar="FILE", nargs=-1, required=True, type=click.Path(path_type=Path), en="Files.", zh="文件。")
@option("--title", metavar="NAME", en="Name to keep it under, instead of its own.", zh="保存的名称（默认为原文件名）。")
@json_option
@pass_app
def attach(app: AppContext, number: str, files: tuple[Path, ...], title: str | None, as_json: bool) -> None:
    """Keep the files."""
    from engine.journal.case_events import FileAttached
    from engine.operations.cases.attachments import content_of
    from engine.operations.cases.casework import attach as operation

    if title is not None and len(files) > 1:
        raise BadValueError(Text("--title is for one file only", "--title 只能用于一个文件"))
    # All are read before any is kept, so that a mistake in the last does not leave half of them.
    for file in files:
        content_of(file)
    folder = files_folder(app.database)
    make_folder(folder, mode=0o700)
    kept = []
    for file in files:
        outcome = operation(app.acting, number, file, folder=folder, title=title)
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
