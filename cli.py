"""The front door: one group that loads only the command that is asked for, and shows every error."""

import atexit
import errno
import gc
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, NoReturn, TextIO

import click

from commands.console.bilingual import CommandGroup, Context, option, share_settings
from commands.console.chinese_words import OPTION_WORDS, command_shown
from commands.console.click_zh import translate_click
from commands.console.command_lines import as_typed
from commands.console.command_table import COMMANDS
from commands.console.context import language_asked
from commands.console.environment import PASSPHRASE, SIGNING_PASSPHRASE, variable, variables
from commands.console.widths import padded, width
from engine.errors import BadFileError, BadValueError, InvalidWorkflowError, QinglingError, system_reason
from engine.language import Text, t, use

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

VERSION: Final = "0.1.0"
"""A test keeps it to pyproject.toml; asking the installed metadata would cost half of `--version`."""

A_FAULT: Final = 1
INTERRUPTED: Final = 130
NO_OUTPUT: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF)
"""What the system says of output that goes nowhere."""
PIPE_CLOSED: Final = 141
"""What a shell reports for a program whose reader went away."""

LONG_WORD: Final = 300
"""Signs of a word of the command line beyond which an error repeats only its two ends."""

POOR_ENCODINGS: Final = ("ascii", "us-ascii", "ansi_x3.4-1968", "latin-1", "iso-8859-1", "iso8859-1")


class FrontDoor(CommandGroup):
    """The outermost group: finds commands by name and shows every error in one place."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - Click's signature
        """Return the names of all commands, in the order of the help."""
        return [name for section in COMMANDS.values() for name in section]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - Click's signature
        """Load the command called *cmd_name*; None if there is none."""
        if cmd_name in self.commands:
            return self.commands[cmd_name]
        for section in COMMANDS.values():
            if cmd_name in section:
                module, _, attribute = section[cmd_name].place.partition(":")
                found: click.Command = getattr(import_module(module), attribute)
                if found.context_class is not Context:
                    share_settings(found)
                self.commands[cmd_name] = found
                return found
        return None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands by section, from the table alone."""
        shown = {name: t(name, command_shown(name)) for name in self.list_commands(ctx)}
        room = max(width(name) for name in shown.values())
        for heading, section in COMMANDS.items():
            with formatter.section(str(heading)):
                formatter.write_dl([(padded(shown[name], room), t(each.en, each.zh)) for name, each in section.items()])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> "list[CompletionItem]":
        """Complete the names of commands from the table alone."""
        from click.shell_completion import CompletionItem

        if incomplete.startswith("-"):
            return super().shell_complete(ctx, incomplete)
        return [
            CompletionItem(name, help=t(each.en, each.zh))
            for section in COMMANDS.values()
            for name, each in section.items()
            if name.startswith(incomplete)
        ]

    def main(self, args: Sequence[str] | None = None, *rest: Any, **extra: Any) -> NoReturn:
        """Run the program and leave with its exit code; never with a traceback unless asked for one."""
        given = list(sys.argv[1:] if args is None else args)
        extra["standalone_mode"] = False
        extra["prog_name"] = "qingling"
        _open_closed()
        _leave_no_core()
        _look_for_garbage_seldom()
        for stream in (sys.stdout, sys.stderr):
            _speak_utf8(stream)
        debug = "--debug" in given or OPTION_WORDS["--debug"] in given
        try:
            _speak_as_asked(given)
            translate_click()
            _refuse_unreadable(given)
            left_with = super().main(given, *rest, **extra)
            sys.stdout.flush()
        except (click.Abort, KeyboardInterrupt):
            _tell(t("stopped; nothing half done was kept", "已中断，没有留下半截内容"), None, given)
            sys.exit(INTERRUPTED)
        except click.ClickException as error:
            _tell(_usage_error(error), error if debug else None, given)
            sys.exit(error.exit_code)
        except InvalidWorkflowError as error:
            for problem in error.problems:
                _write(as_typed(str(problem)), given)
            sys.exit(error.exit_code)
        except QinglingError as error:
            _tell(str(error), error if debug else None, given)
            sys.exit(error.exit_code)
        except BrokenPipeError:
            _leave_quietly()
        except Exception as error:  # noqa: BLE001 - the outermost place: a fault is one line, not a traceback
            _leave_with(error, given, debug=debug)
        sys.exit(left_with if isinstance(left_with, int) else 0)

    def make_context(self, *args: Any, **extra: Any) -> click.Context:
        """Read the command line; a reader of the help that went away is no fault of ours."""
        try:
            return super().make_context(*args, **extra)
        except BrokenPipeError:
            _leave_quietly()

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a reader that went away is no fault of ours."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            _leave_quietly()


def _show_version(ctx: click.Context, _param: click.Parameter, asked: bool) -> None:
    """Print the version, if it was asked for."""
    if asked and not ctx.resilient_parsing:
        click.echo(f"qingling {VERSION}")
        ctx.exit()


@click.group(
    "qingling",
    cls=FrontDoor,
    words=Text(
        "Qingling keeps the ledger of leads of a health authority: every lead numbered, watched and cleared.",
        "清零：卫生健康系统问题线索台账。每条线索有编号、有人管、有期限、有结果。",
    ),
    example=Text("qingling init --help\nqingling receive --help", "qingling init --help\nqingling receive --help"),
)
@option("--version", is_flag=True, is_eager=True, expose_value=False, callback=_show_version,
        en="Show the version and leave.", zh="显示版本。")  # fmt: skip
def main() -> None:
    """Say nothing by itself; the commands do the work."""


def _speak_as_asked(given: Sequence[str]) -> None:
    """Speak the language that was asked for; of one that is not spoken here, say so in that of the surroundings.

    Raises:
        BadValueError: If it is not.
    """
    try:
        use(language_asked(given, variables()))
    except BadValueError:
        with suppress(BadValueError):
            use(language_asked((), variables()))
        raise


def _leave_no_core() -> None:
    """Let a crash leave no image of the memory on the disk: a passphrase or a reporter's name may stand in it.

    Where a secret is asked for or read, `engine.system.secrecy` does more, which takes longer.
    """
    if variable(PASSPHRASE) or variable(SIGNING_PASSPHRASE):
        from engine.system.secrecy import leave_no_image

        leave_no_image()
    with suppress(ImportError, OSError, ValueError):  # Windows writes none by itself
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _look_for_garbage_seldom() -> None:
    """Let Python look through its objects less often, and not at its end: what a command loads lasts as long as it.

    It takes a twentieth or more of the processor time of `show`.
    """
    gc.set_threshold(100_000)
    atexit.register(gc.disable)


def _refuse_unreadable(arguments: Sequence[str]) -> None:
    """Refuse words that are not UTF-8: they could be neither shown nor hashed.

    Raises:
        BadValueError: For the first such word.
    """
    for place, word in enumerate(arguments, start=1):
        if not word.isascii() and any("\ud800" <= sign <= "\udfff" for sign in word):
            raise BadValueError(
                Text(
                    f"word {place} of the command is not UTF-8; set the terminal to UTF-8 and type it again",
                    f"命令的第 {place} 个词不是 UTF-8 编码；请将终端设为 UTF-8 后重新输入",
                )
            )


def _speak_utf8(stream: TextIO) -> None:
    """Let *stream* write Chinese: a character that it has not becomes a question mark, never a crash.

    A terminal keeps its own encoding unless that is ASCII; a file or pipe gets UTF-8.
    """
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is None:
        return
    poor = (stream.encoding or "ascii").lower() in POOR_ENCODINGS
    if poor or not (stream.isatty() or variable("PYTHONIOENCODING")):
        reconfigure(encoding="utf-8", errors="replace")
    else:
        reconfigure(errors="replace")


def _tell(sentence: str, error: BaseException | None, typed: Sequence[str]) -> None:
    """Say what went wrong, in one line; with the traceback before it if *error* is given."""
    if error is not None:
        from traceback import format_exception

        from commands.console.hushing import hushed

        click.echo(hushed("".join(format_exception(error)), typed), err=True, nl=False)
    _write(t("Error: ", "错误：") + as_typed(sentence), typed)


def _write(sentence: str, typed: Sequence[str]) -> None:
    """Write one line on standard error; what was typed or read may hold line ends, or steer the terminal."""
    from commands.console.hushing import hushed
    from presentation.plain_words import harmless

    click.echo(harmless(" ".join(hushed(_cut(sentence, typed), typed).splitlines())), err=True)


def _cut(sentence: str, typed: Sequence[str]) -> str:
    """Return a sentence in which a whole page that was pasted for one word stands by its two ends."""
    for word in typed:
        value = word.partition("=")[2] if word.startswith("--") else word
        if len(value) > LONG_WORD:
            short = f"{value[:80]}…{value[-20:]}"
            for form in dict.fromkeys((value, value.strip(), repr(value)[1:-1], " ".join(value.split()))):
                sentence = sentence.replace(form, short)
    return sentence


def _usage_error(error: click.ClickException) -> str:
    """Return what Click found wrong with the command line, and where to read more, in one line."""
    sentence = " ".join(error.format_message().split())
    if isinstance(error, click.MissingParameter):
        sentence = sentence.replace("'.", t("'.", "'。"))
    if isinstance(error, click.UsageError) and error.ctx is not None:
        sentence += t("  (see {path} --help)", "（用法见 {path} --help）", path=error.ctx.command_path)
    return sentence


def _fault(error: Exception) -> str:
    """Return the sentence for what should not have happened."""
    return t(
        "this is a fault of the program ({kind}: {error}); run it again with --debug and report what it shows",
        "这是程序的毛病（{kind}：{error}）；请加 --debug 重做一次，并把显示的内容报告给维护者",
        kind=type(error).__name__,
        error=" ".join(str(error).split()),
    )


def _leave_with(error: Exception, typed: Sequence[str], *, debug: bool) -> NoReturn:
    """Say what went wrong where nobody expected it, and leave: no room for output, an altered database, a fault."""
    from engine.operations.ledger.access import altered

    refused: QinglingError | None = altered(error)
    if isinstance(error, OSError) and error.errno in NO_OUTPUT and error.filename is None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what is still to be written has nowhere to go
        refused = BadFileError(
            Text(
                f"the output cannot be written ({system_reason(error).en})",
                f"无法写出结果（{system_reason(error).zh}）",
            )
        )
    elif refused is None:
        refused = _of_the_surroundings(error)
    _tell(_fault(error) if refused is None else str(refused), error if debug else None, typed)
    sys.exit(A_FAULT if refused is None else refused.exit_code)


def _of_the_surroundings(error: Exception) -> QinglingError | None:
    """Return the refusal of what the machine or the input does not allow, where no command said so itself."""
    from engine.system.whole_files import no_room

    disk = error if isinstance(error, OSError) and error.filename is not None else no_room(error)
    if disk is not None:
        why = system_reason(disk)
        if disk.filename is None:
            return BadFileError(
                Text(
                    f"no room to write a file ({why.en}); make room, try again",
                    f"无法写入文件（{why.zh}）；请清理后重试",
                )
            )
        name = os.fsdecode(disk.filename) if isinstance(disk.filename, (str, bytes)) else str(disk.filename)
        return BadFileError(
            Text(f"{name} cannot be used ({why.en}); name another file", f"无法使用 {name}（{why.zh}）；请另指文件")
        )
    if isinstance(error, MemoryError):
        return BadFileError(
            Text(
                "there is not enough memory for this; give it in smaller parts, or on a larger machine",
                "内存不足；请分批处理，或换用内存更大的机器",
            )
        )
    if isinstance(error, ValueError) and str(error).startswith("embedded null"):
        return BadValueError(
            Text(
                "the name of a file holds a character that no name can hold (U+0000); type it again",
                "文件名中有不可用的字符（U+0000）；请重新输入",
            )
        )
    if isinstance(error, UnicodeEncodeError) and error.reason == "surrogates not allowed":
        sign = f"U+{ord(error.object[error.start]):04X}"
        return BadValueError(
            Text(
                f"a text holds half a character ({sign}), which cannot be kept; type it again",
                f"文字中有残缺字符（{sign}），无法保存；请重新输入",
            )
        )
    return None


def _open_closed() -> None:
    """Give streams that the caller has closed somewhere to go, before a file of ours gets their place."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            while os.open(os.devnull, os.O_RDWR) < number:
                continue
            setattr(sys, name, open(number, "r" if number == 0 else "w", encoding="utf-8", closefd=False))  # noqa: SIM115 - for as long as the program runs


def _leave_quietly() -> NoReturn:
    """Leave as a program does whose reader went away."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    sys.exit(PIPE_CLOSED)


if __name__ == "__main__":
    main()
