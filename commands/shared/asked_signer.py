"""A signature that a command asks for instead of doing what is to be signed, or enters from paper."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands.console.bilingual import F, option
from commands.console.context import AppContext, files_folder
from commands.console.output import talk
from engine.errors import BadValueError
from engine.language import Text, t
from engine.system.whole_files import make_folder

if TYPE_CHECKING:
    from engine.operations.cases.signatures import Page


@dataclass(frozen=True, kw_only=True, slots=True)
class AskedSigner:
    """Who is asked to sign, and the paper if they did so on one; as it was typed."""

    ask: str | None
    paper: Path | None
    on: str | None


def signing_options(function: F) -> F:
    """Add `--ask`, `--paper` and `--on`."""
    on = option("--on", metavar="DATE", en="Day on the paper (default: today).", zh="纸上的签字日期（默认今天）。")
    paper = option(
        "--paper",
        metavar="FILE",
        type=click.Path(path_type=Path),
        en="Scanned page with the signature of the one who is named by --ask; it is kept with the case.",
        zh="--ask 所写人员的纸质签字页扫描件，附于事项保存。",
    )
    ask = option(
        "--ask",
        metavar="OFFICER",
        en="Only ask this officer to sign it; once it is signed, give the command again without --ask.",
        zh="仅提请该人员签字；签字后去掉 --ask 再办理。",
    )
    return ask(paper(on(function)))


def page_of(app: AppContext, asked: AskedSigner) -> "tuple[Page, Path] | None":
    """Return the page that a signature stands on, and where contents are kept; None if it is only asked for.

    Raises:
        BadValueError: If a day or a paper is given without what it belongs to.
    """
    if asked.paper is None:
        if asked.on is not None:
            raise BadValueError(
                Text("--on is the day on a paper: --paper FILE", "--on 为纸质签字日期，须与 --paper 合用")
            )
        return None
    if asked.ask is None:
        raise BadValueError(Text("say who signed the paper: --ask OFFICER", "请写明纸质签字人：--ask 人员"))
    from engine.operations.cases.signatures import Page
    from engine.working_days.loose_dates import day_meant

    today = app.acting.today
    folder = files_folder(app.database)
    make_folder(folder, mode=0o700)
    return Page(asked.paper, today if asked.on is None else day_meant(asked.on, today=today)), folder


def say_asked(number: str, asked: AskedSigner) -> None:
    """Say that it was asked for, or entered."""
    if asked.paper is None:
        talk(t("{number}: the signature is asked for", "{number}：已提请签字", number=number))
    else:
        talk(t("{number}: the signature on paper is entered", "{number}：已登记纸质签字", number=number))
