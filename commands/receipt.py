"""`qingling receipt`: answers for reporters without a name, by the code that they were given."""

import sys
from pathlib import Path

from commands.console.bilingual import group, option, pass_app, verb
from commands.console.context import AppContext
from commands.console.output import can_ask, say, talk
from commands.console.prompts import ask_secret, ask_words
from commands.shared.custody import first_line
from commands.shared.parameters import case_number
from commands.shared.reading import write_down
from engine.errors import BadValueError, NotFoundError, RefusedError, unreadable
from engine.language import Text, t
from engine.rules.reading_rights import Deed
from presentation.plain_words import harmless


@group(
    "receipt",
    en="Answer reporters without a name: receive --receipt-code shows a code once, and its holder is answered by "
    "it. The code is kept nowhere; what is answered is sealed to it.",
    zh="答复匿名举报人：receive --receipt-code 登记时显示一次查询码，持码人凭码获知答复。查询码不保存，答复以其密封。",
    example="qingling receipt answer 0101-XS-2019-0001 --words-file answer.txt",
)
def receipt() -> None:
    """Hold the verbs of codes."""


@verb(
    receipt,
    "answer",
    en="Leave an answer for the holder of the code of a case. Nobody else reads it, you neither, once it is written.",
    zh="为持有查询码的人留下答复。写入后他人（包括本人）均无法再读。",
    example="qingling receipt answer 0101-XS-2019-0001 --words-file answer.txt",
)
@case_number
@option(
    "--words-file",
    "file",
    metavar="FILE",
    en="File with the answer, - for standard input; else it is asked for.",
    zh="答复所在文件，- 表示标准输入；不写则询问。",
)
@pass_app
def answer(app: AppContext, number: str, file: str | None) -> None:
    """Seal the answer."""
    from engine.operations.cases import receipts

    receipts.answer(app.acting, number, _words(file))
    talk(t("answered; the holder of the code can read it", "已答复；持查询码者可查看"))


@verb(
    receipt,
    "read",
    en="Show what was answered to the holder of a code. It shows nothing else of the case, not even its number. Wrong "
    "codes are written down; after several you must wait.",
    zh="凭查询码查看答复；不显示事项的其他内容和编号。输错会被记录，多次输错须等待。",
    example="qingling receipt read --code-file code.txt",
)
@option(
    "--code-file",
    "file",
    metavar="FILE",
    en="File with the code in its first line, - for standard input; else it is asked for.",
    zh="首行为查询码的文件，- 表示标准输入；不写则询问。",
)
@pass_app
def read(app: AppContext, file: str | None) -> None:
    """Show the answers."""
    from engine.operations.cases import receipts
    from presentation.case_view import when

    if file is None and not can_ask():
        raise BadValueError(Text("the code is missing: --code-file FILE", "缺少查询码：--code-file 文件"))
    code = first_line(file) if file is not None else ask_secret(t("code", "查询码"), twice=False)
    try:
        found = receipts.read_answers(app.acting, code)
    except (NotFoundError, RefusedError):
        write_down(app, Deed.READ, "", "refused", by="receipt")
        raise
    write_down(app, Deed.READ, found.number, "shown", by="receipt")
    for at, words in found.answers:
        say(f"{when(app.ledger, at)}  {harmless(words)}")
    if not found.answers:
        talk(t("nothing was answered yet", "尚无答复"))


def _words(file: str | None) -> str:
    """Return the answer from a file, from standard input, or as it is typed.

    Raises:
        BadFileError: If the file cannot be read.
        BadValueError: If there is none, and nobody can be asked.
    """
    if file is None:
        if can_ask():
            return ask_words(t("answer", "答复"))
        raise BadValueError(Text("the answer is missing: --words-file FILE", "缺少答复：--words-file 文件"))
    try:
        return sys.stdin.read() if file == "-" else Path(file).read_text("utf-8-sig")
    except (OSError, UnicodeError) as error:
        raise unreadable(file, error) from error
