"""`qingling demo`: some months of a county's ledger, played forward with the real commands."""

import shlex
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from commands.console.bilingual import argument, command, option, pass_app
from commands.console.context import AppContext
from commands.console.environment import DATABASE, LANGUAGE, OFFICER, only
from commands.console.output import heading, print_table, say
from commands.demo.player import in_use, paragraph, play, quoted, typed
from commands.demo.story import evening, story, ways_on
from engine.errors import BadFileError, system_reason
from engine.language import Text, language, t
from engine.operations.ledger.hand_clock import REHEARSAL
from engine.system.whole_files import written

DATABASE_NAME: Final = "qingling.db"
PASSPHRASE: Final = "for rehearsal only"  # noqa: S105 - it opens nothing but the invented reporter of the story


@command(
    "demo",
    en="Play some months of 2019 in a new folder. It sets up an invented county, imports its old ledger, takes the "
    "leads forward with the real commands, shows each command as it can be pasted, and ends with what is not "
    "closed yet and who must act.",
    zh="在新文件夹里演示2019年的几个月。虚构一个县，导入旧台账，用真实命令逐步办理，每条命令都可照样粘贴执行，"
    "最后列出哪些尚未办结、该谁办。",
    example="qingling demo demo",
)
@argument(
    "folder", metavar="FOLDER", en="A folder that is empty or not there yet.", zh="空文件夹，或尚不存在的文件夹。"
)
@option(
    "--desk",
    "opens_desk",
    is_flag=True,
    en="Then open the desk over it, on the evening on which the story ends; stop with Ctrl-C.",
    zh="演示后打开网页，时间停在故事结束的当晚，按 Ctrl-C 停止。",
)
@pass_app
def demo(_app: AppContext, folder: str, opens_desk: bool) -> None:
    """Play the story."""
    from documents.ledger_out.demo_ledger import write_demo_ledger

    place = _fresh(Path(folder))
    files = {
        "ledger": str(place / "ledger.xlsx"),
        "mended": str(place / "ledger-mended.xlsx"),
        "passphrase": str(place / "passphrase.txt"),
    }
    for name in ("ledger", "mended"):
        with written(Path(files[name]), private=False) as file:
            write_demo_ledger(file, mended=name == "mended")
    with written(Path(files["passphrase"])) as file:
        file.write_text(PASSPHRASE + "\n", "utf-8")
    with only({DATABASE: str(place / DATABASE_NAME)}):
        _begin(place)
        for number, scene in enumerate(story(), start=1):
            play(number, scene, files)
        _who_must_act()
    _go_on(place)
    if opens_desk:
        _open_desk(place)


def _open_desk(place: Path) -> None:
    """Open the desk over the ledger of the story."""
    from commands.shared.serving import DeskAsked, open_desk

    app = AppContext()
    app.database_option, app.now_option = str(place / DATABASE_NAME), evening()
    try:
        open_desk(app, DeskAsked())
    finally:
        app.close()


def _fresh(folder: Path) -> Path:
    """Make the folder, and return it.

    Raises:
        BadFileError: If there is something in it, or it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        taken = any(folder.iterdir())
    except OSError as error:
        raise BadFileError(
            Text(
                f"{folder} cannot be made a folder ({system_reason(error).en}); name another",
                f"无法建立文件夹 {folder}（{system_reason(error).zh}）；请另指一个",
            )
        ) from error
    if taken:
        raise BadFileError(
            Text(
                f"{folder} is not empty; name a new folder, so that nothing of yours is touched",
                f"{folder} 不是空文件夹；请另指一个新的，以免动到您的文件",
            )
        )
    return folder


def _begin(place: Path) -> None:
    """Say what this is, and print the settings that the commands below need."""
    paragraph(
        t(
            "This plays some months of 2019 in {place}. People, units and leads are invented; the commands are "
            "real. Lines that begin with $ are what you would type, the lines under them what comes back. The ledger "
            "is for rehearsal: each of its pages begins with '{mark}', which is left out below.",
            "以下在 {place} 中演示2019年的几个月。人员、单位、线索均系虚构，命令是真的。"
            "以 $ 开头的行是输入的命令，其下是回答。这是演练台账，每页开头均有“{mark}”字样，以下从略。",
            place=place,
            mark=REHEARSAL,
        )
    )
    say()
    for line in _exports(place):
        say(f"$ {line}")


def _exports(place: Path) -> Iterator[str]:
    """Yield the lines of a shell that let the commands find the program, the database and the language."""
    program = Path(sys.argv[0]).absolute()
    if shutil.which("qingling") is None and program.stem == "qingling":
        yield f'export PATH={quoted(str(program.parent))}:"$PATH"'
    elif program.name == "cli.py":
        yield f'qingling() {{ {quoted(sys.executable)} {quoted(str(program))} "$@"; }}'
    yield f"export {DATABASE}={quoted(str(place / DATABASE_NAME))}"
    yield f"export {OFFICER}=wang"
    yield f"export {LANGUAGE}={language()}"


def _who_must_act() -> None:
    """Print, for every lead that is not cleared, what it waits for and who answers for it."""
    from engine.operations.cases.lookup import list_cases
    from engine.operations.deadlines.standings import standings
    from engine.operations.house.directory import officers
    from presentation.case_view import state_words
    from presentation.deadline_view import due_words, left_words

    app = AppContext()
    app.now_option = evening()
    try:
        ledger = app.ledger
        names = {each.code: each.name for each in officers(ledger)}
        rows = []
        late = 0
        for case in list_cases(ledger, "lead", open_only=True, now=app.now):
            first = next(iter(standings(ledger, number=case.number, now=app.now)), None)
            late += first is not None and first.overdue
            answers = [str(each) for name in ("handler", "responsible_leader") if (each := case.fields.get(name))]
            rows.append(
                (
                    case.number,
                    state_words(ledger.rules_of(case).workflow, case.state),
                    str(first.declared.title) if first else "",
                    due_words(ledger, first.clock) if first else "",
                    left_words(first) if first else "",
                    t(", ", "、").join(t(f"{code} {names[code]}", names[code]) for code in answers)
                    or t("nobody named yet: the office", "尚未明确：局扫黑办"),
                )
            )
    finally:
        app.close()
    say()
    heading(t("What is not closed yet, and who must act", "哪些尚未办结，该谁办"))
    paragraph(
        t(
            "{count} leads are not cleared; {late} of them have let a day pass. Nobody has to look for them: the "
            "most urgent day of each, and who answers for it.",
            "未办结 {count} 件，其中 {late} 件已有期限超期。逐件列出最急的期限和责任人。",
            count=len(rows),
            late=late,
        ),
        indent=3,
    )
    say()
    print_table(
        [
            t("number", "编号"),
            t("state", "状态"),
            t("waits for", "最急期限"),
            t("due", "到期"),
            t("left", "剩余"),
            t("who answers", "责任人"),
        ],
        rows,
    )


def _go_on(place: Path) -> None:
    """Print the commands by which a newcomer goes on by hand."""
    say()
    heading(t("Go on by hand", "接下来自己试"))
    for line in _exports(place):
        say(line)
    for line, words, why in ways_on():
        args = in_use(["--now", evening(), *shlex.split(typed(line, words))])
        say(f"qingling {' '.join(map(quoted, args))}   # {why}")
