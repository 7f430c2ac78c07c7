"""Checkpoints of the journal, as commands handle them: where the key lies, files of notes, and the line on coverage."""

from os.path import lexists
from pathlib import Path
from typing import TYPE_CHECKING

from commands.console.command_lines import lines_as_typed
from commands.console.context import beside
from commands.console.environment import JOURNAL_KEY, path_variable
from commands.console.output import talk
from engine.errors import BadFileError, BadValueError, QinglingError, system_reason
from engine.language import Text, t
from engine.system.whole_files import written
from presentation.checkpoint_view import coverage_text

if TYPE_CHECKING:
    from engine.operations.house.checkpoints import Coverage
    from engine.operations.ledger.acting import Acting
    from engine.operations.ledger.ledger import Ledger

_LONGEST = 1 << 22
"""Bytes of a file of this kind that is read."""


def known_journal_key(database: str) -> Path | None:
    """Return where the key of the ledger's checkpoints lies; None for a server's database without a place named."""
    named = path_variable(JOURNAL_KEY)
    return named.absolute() if named else beside(database, "journal.key")


def journal_key(database: str) -> Path:
    """Return where the key of the ledger's checkpoints lies.

    Raises:
        BadValueError: If the database is a server's and no place was named.
    """
    place = known_journal_key(database)
    if place is None:
        raise BadValueError(
            Text(
                f"say where the key of the journal's checkpoints lies: {JOURNAL_KEY}",
                f"请用 {JOURNAL_KEY} 指明日志检查点密钥文件",
            )
        )
    return place


def checkpoint_after(acting: "Acting", database: str) -> None:
    """Make a checkpoint after something that ends a period of work, and print its short code; never undo that work."""
    from engine.operations.house.checkpoints import make_checkpoint

    try:
        made = make_checkpoint(acting, journal_key(database))
    except QinglingError as error:
        talk(t("no checkpoint was made: {why}", "未生成检查点：{why}", why=str(error)))
        return
    talk(
        t(
            "checkpoint of {size} journal rows, short code {code}; keep it elsewhere:"
            " qingling journal checkpoint -o FILE",
            "日志检查点：{size} 行，短码 {code}；请另行保存：qingling journal checkpoint -o 文件",
            size=made.size,
            code=made.short_code,
        )
    )


def coverage_words(ledger: "Ledger", covered: "Coverage") -> str:
    """Return in one line how far checkpoints cover the journal."""
    return lines_as_typed(str(coverage_text(ledger, covered)))


def read_note(file: Path) -> str:
    """Return the text of a checkpoint, request, answer or proof, as it is: no newline is changed.

    Raises:
        BadFileError: If it cannot be read, is far too long or no text.
    """
    try:
        with file.open("rb") as opened:
            raw = opened.read(_LONGEST + 1)
        if len(raw) > _LONGEST:
            raise BadFileError(Text(f"{file} is far too long", f"{file} 过长"))
        return raw.decode()
    except OSError as error:
        raise BadFileError(
            Text(f"{file} cannot be read ({system_reason(error).en})", f"无法读取 {file}（{system_reason(error).zh}）")
        ) from error
    except UnicodeDecodeError as error:
        raise BadFileError(Text(f"{file} is no text", f"{file} 不是文本")) from error


def refuse_no_place(*files: Path | None) -> None:
    """Refuse a new file where one lies or no folder is, before anything is made that it is to hold.

    Raises:
        BadFileError: If so.
    """
    for file in files:
        if file is not None and lexists(file):
            raise BadFileError(Text(f"{file} exists; choose another name", f"{file} 已存在；请另取文件名"))
        if file is not None and not file.absolute().parent.is_dir():
            raise BadFileError(Text(f"{file}: there is no such folder", f"{file}：没有所在的文件夹"))


def write_note(file: Path, text: str) -> None:
    """Write such a file, for others to read; never over another one.

    Raises:
        BadFileError: If there is one of that name, or it cannot be written.
    """
    try:
        with written(file, replace=False, private=False) as made:
            made.write_bytes(text.encode())
    except FileExistsError as error:
        raise BadFileError(Text(f"{file} exists; choose another name", f"{file} 已存在；请另取文件名")) from error
    except OSError as error:
        raise BadFileError(
            Text(
                f"{file} cannot be written ({system_reason(error).en})", f"无法写入 {file}（{system_reason(error).zh}）"
            )
        ) from error
