"""Click in two languages: commands, options and arguments whose help is chosen when it is shown.

Every command accepts the settings that the whole program knows (`--database`, `--by`, `--now`,
`--lang`, `--debug`), before its name or after it.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import update_wrapper
from typing import Any, Final, TypeVar

import click

from commands.console.chinese_words import (
    COMMAND_WORDS,
    OPTION_WORDS,
    VALUE_WORDS,
    command_shown,
    command_typed,
    command_word,
    option_word,
)
from commands.console.command_lines import as_typed, lines_as_typed
from commands.console.context import app_of, instant_given, language_given
from commands.console.help_pages import HelpFormatter
from commands.console.names import TYPES, place_meant
from commands.console.slips import as_meant, shown
from engine.language import Text, language, t, use

F = TypeVar("F", bound=Callable[..., Any])

WHOLE: Final = click.IntRange(1, 2**31 - 1)
"""A whole number from 1 on that every database can hold: an ID, or how many at most."""


class Context(click.Context):
    """A context that writes help our way."""

    formatter_class = HelpFormatter

    @property
    def command_path(self) -> str:
        """Return the command as it is typed in the language in use."""
        return lines_as_typed(super().command_path)


LISTED = frozenset({"NAME", "OFFICER", "ROLE", "UNIT"})
"""What stands for names and codes, which no separator is part of."""


class Option(click.Option):
    """An option that explains itself in the language in use."""

    def __init__(self, decls: Sequence[str], *, words: Text, **attrs: Any) -> None:
        if attrs.get("metavar") in TYPES:
            attrs.setdefault("type", TYPES[attrs["metavar"]])
        super().__init__([*decls, *(OPTION_WORDS[each] for each in decls if each in OPTION_WORDS)], **attrs)
        self.words = words
        self.noun: str | None = None

    def stand_behind(self, noun: str | None) -> None:
        """Be called as an option of a verb behind *noun* is."""
        words = {OPTION_WORDS[each]: option_word(each, noun) for each in self.opts if each in OPTION_WORDS}
        self.opts, self.noun = [words.get(each, each) for each in self.opts], noun

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """Return the line for this option in the language in use, its name in that language first."""
        self.help = as_typed(str(self.words), self.noun)
        declared = self.opts
        chinese = [each for each in declared if not each.isascii()]
        english = [each for each in declared if each.isascii()]
        self.opts = [*(chinese if language() == "zh" else ()), *english]
        try:
            return super().get_help_record(ctx)
        finally:
            self.opts = declared

    def type_cast_value(self, ctx: click.Context, value: Any) -> Any:
        """Read the value; several names or codes may be given one by one, or as one text with commas of any width."""
        if self.multiple and self.metavar in LISTED and value:
            from engine.reading.listed import parted

            value = tuple(part for each in value for part in parted(each) or [each])
        return super().type_cast_value(ctx, place_meant(ctx, self, value))

    def get_error_hint(self, ctx: click.Context | None) -> str:  # noqa: ARG002 - Click's signature
        """Return what the option is called in the language in use, each name once."""
        names = [each for each in self.opts if not (each.startswith("--") and each.isascii() == (language() == "zh"))]
        return t(" / ", "／").join(f"'{each}'" for each in dict.fromkeys(names or self.opts))

    def make_metavar(self, ctx: click.Context) -> str:
        """Return what stands for the value, in the language in use."""
        return _metavar(super().make_metavar(ctx))


class Shared(Option):
    """An option that every command has; kept in the application context, not handed to the command."""


class Argument(click.Argument):
    """An argument that explains itself in the language in use."""

    def __init__(self, decls: Sequence[str], *, words: Text, **attrs: Any) -> None:
        if attrs.get("metavar") in TYPES:
            attrs.setdefault("type", TYPES[attrs["metavar"]])
        super().__init__(decls, **attrs)
        self.words = words

    def type_cast_value(self, ctx: click.Context, value: Any) -> Any:
        """Read the value; a file may lie in one's home."""
        return super().type_cast_value(ctx, place_meant(ctx, self, value))

    def make_metavar(self, ctx: click.Context) -> str:  # noqa: ARG002 - Click's signature
        """Return what stands for the value, in the language in use."""
        shown = _metavar(self.metavar or self.name.upper())
        if not self.required:
            shown = f"[{shown}]"
        return shown + ("..." if self.nargs != 1 else "")


class Command(click.Command):
    """A command with help and an example in both languages."""

    context_class = Context

    def __init__(self, *args: Any, words: Text, example: str | Text = "", **attrs: Any) -> None:
        super().__init__(*args, **attrs)
        self.words = words
        self.example = example
        self.noun: str | None = None
        share_settings(self)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the words as they are meant; what is typed twice, or without its value, is refused."""
        if not ctx.resilient_parsing:
            args = as_meant(ctx, self.get_params(ctx), args, fields=False)
        return super().parse_args(ctx, args)

    def get_short_help_str(self, limit: int = 45) -> str:  # noqa: ARG002 - Click's signature
        """Return the first sentence of the help."""
        return as_typed(first_sentence(str(self.words)), self.noun)

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the whole help in the language in use."""
        self.format_usage(ctx, formatter)
        formatter.write_paragraph()
        with formatter.indentation():
            formatter.write_text(as_typed(str(self.words), self.noun))
        _write_arguments(self, ctx, formatter)
        self.format_options(ctx, formatter)
        _write_example(self.example, formatter)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options of this command, and only name the ones that all share."""
        _write_options(self, ctx, formatter)

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """Return the pieces of the usage line in the language in use."""
        self.options_metavar = t("[OPTIONS]", "[选项]")
        return super().collect_usage_pieces(ctx)


class CommandGroup(Command, click.Group):
    """A noun with its verbs."""

    command_class = Command

    def __init__(self, *args: Any, **attrs: Any) -> None:
        attrs.setdefault("no_args_is_help", False)
        attrs.setdefault("invoke_without_command", True)
        super().__init__(*args, **attrs)

    def add_command(self, cmd: click.Command, name: str | None = None) -> None:
        """Put a verb behind this noun, by which some of its options are called otherwise."""
        super().add_command(cmd, name)
        if isinstance(cmd, Command):
            cmd.noun = self.name
        for each in cmd.params:
            if isinstance(each, Option):
                each.stand_behind(self.name)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the verb; without one, show the help."""
        if not ctx.args and not getattr(ctx, "_protected_args", None):
            click.echo(ctx.get_help())
            return None
        return super().invoke(ctx)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the verb that was typed; if there is none, say which it may have been meant for."""
        typed = args[0]
        name = command_typed(typed, self.name)
        found = self.get_command(ctx, name)
        if found is None and not ctx.resilient_parsing:
            ctx.fail(
                t("there is no command {typed!r}", "没有命令 {typed!r}", typed=typed) + meant(typed, self._names(ctx))
            )
        return (name if found else None), found, args[1:]

    def _names(self, ctx: click.Context) -> list[str]:
        """Return what the verbs are called, in both languages."""
        names = self.list_commands(ctx)
        return [*names, *(command_word(each, self.name) for each in names if each in COMMAND_WORDS)]

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - Click's signature
        """Return the verbs in the order in which they were declared."""
        return list(self.commands)

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """Return the pieces of the usage line in the language in use."""
        self.subcommand_metavar = t("COMMAND [ARGS]...", "命令 [参数]...")
        return super().collect_usage_pieces(ctx)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the verbs, then the options."""
        self.format_commands(ctx, formatter)
        _write_options(self, ctx, formatter)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write each verb with its first sentence."""
        rows = [
            (t(name, command_shown(name, self.name)), each.get_short_help_str())
            for name in self.list_commands(ctx)
            if (each := self.get_command(ctx, name)) is not None and not each.hidden
        ]
        if rows:
            with formatter.section(t("Commands", "命令")):
                formatter.write_dl(rows)


def command(name: str, *, en: str, zh: str, example: str | Text, **attrs: Any) -> Callable[[F], Command]:
    """Make a command of a function, with its help in both languages and an example that works."""
    attrs.setdefault("cls", Command)
    return click.command(name, words=Text(en, zh), example=example, **attrs)


def group(name: str, *, en: str, zh: str, example: str | Text, **attrs: Any) -> Callable[[F], CommandGroup]:
    """Make a group of a function, with its help in both languages and an example that works."""
    return click.group(name, cls=CommandGroup, words=Text(en, zh), example=example, **attrs)


def option(*decls: str, en: str, zh: str, **attrs: Any) -> Callable[[F], F]:
    """Add an option, explained in both languages."""
    return click.option(*decls, cls=Option, words=Text(en, zh), **attrs)


def argument(*decls: str, en: str, zh: str, **attrs: Any) -> Callable[[F], F]:
    """Add an argument, explained in both languages."""
    return click.argument(*decls, cls=Argument, words=Text(en, zh), **attrs)


def json_option(function: F) -> F:
    """Add `--json`: print what was found for scripts instead of for eyes."""
    return option(
        "--json",
        "as_json",
        is_flag=True,
        en="Print JSON for scripts: stable English keys.",
        zh="输出 JSON，供脚本使用（英文键名固定）。",
    )(function)


def verb(
    noun: CommandGroup, name: str, *, en: str, zh: str, example: str | Text, **attrs: Any
) -> Callable[[F], Command]:
    """Make a command of a function and put it into the group *noun*."""

    def put(function: F) -> Command:
        made = command(name, en=en, zh=zh, example=example, **attrs)(function)
        noun.add_command(made)
        return made

    return put


def pass_app(function: Callable[..., Any]) -> Callable[..., Any]:
    """Hand the application context to the command as its first argument."""

    def call(*args: Any, **kwargs: Any) -> Any:
        return function(app_of(click.get_current_context()), *args, **kwargs)

    return update_wrapper(call, function)


def pass_as(kind: Callable[..., Any]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Hand the application context to a command, and all that was asked of it as one value of *kind*."""

    def handing(function: Callable[..., Any]) -> Callable[..., Any]:
        def call(**given: Any) -> Any:
            return function(app_of(click.get_current_context()), kind(**given))

        return update_wrapper(call, function)

    return handing


def share_settings(each: click.Command) -> None:
    """Let *each*, and every command in it, accept the settings that the whole program knows."""
    each.context_class = Context
    names = {name for param in each.params for name in param.opts}
    each.params.extend(shared for shared in _shared_options() if not names.intersection(shared.opts))
    each.context_settings.setdefault("help_option_names", ["-h", "--help", OPTION_WORDS["--help"]])
    if isinstance(each, click.Group):
        for inner in each.commands.values():
            share_settings(inner)


def first_sentence(text: str) -> str:
    """Return the first sentence of *text*, without its full stop; what stands in brackets ends none."""
    line = text.strip().split("\n", 1)[0]
    depth = 0
    for place, sign in enumerate(line):
        depth += (sign in "(（") - (sign in ")）")
        if not depth and (sign in "。；" or line[place : place + 2] in {". ", "; "}):
            return line[:place]
    return line.removesuffix(".")


def meant(typed: str, known: Iterable[str]) -> str:
    """Return the question what *typed* was meant for; empty if nothing known is like it."""
    from difflib import get_close_matches

    # Of two signs one may be wrong: 列彪 is half of 列表.
    like = get_close_matches(typed, list(known), n=2, cutoff=0.6 if typed.isascii() or len(typed) > 2 else 0.5)
    return t("; did you mean {like}?", "；是不是想写 {like}？", like=" / ".join(like)) if like else ""


def _keep_language(_ctx: click.Context, _param: click.Parameter, value: str | None) -> None:
    """Speak the language that was asked for."""
    if value is not None:
        use(language_given(value, where="--lang"))


def _keep(ctx: click.Context, param: click.Parameter, value: str | None) -> None:
    """Keep a setting on the app.

    Raises:
        click.UsageError: If another one was given before the command.
        BadValueError: If it is the clock's, and says no instant.
    """
    if value is None:
        return
    kept = f"{param.name}_option"
    if getattr(app_of(ctx), kept) not in {None, value} and isinstance(param, click.Option):
        raise click.UsageError(
            t("{name} is given twice; give it once", "{name} 写了两次；请只写一次", name=shown(param)), ctx
        )
    if param.name == "now" and not ctx.resilient_parsing:
        instant_given(value, where="--now")  # also where nothing asks the clock
    setattr(app_of(ctx), kept, value)


def _keep_nothing(_ctx: click.Context, _param: click.Parameter, _value: object) -> None:
    """Leave `--debug` to the front door, which looks for it before anything can fail."""


def _shared_options() -> list[Shared]:
    """Return the options that every command has."""
    settings: list[tuple[str, str | None, Callable[..., None], str, str]] = [
        (
            "database",
            "FILE",
            _keep,
            "The database: a file or a postgresql:// URL (QINGLING_DATABASE; else qingling.db in this folder).",
            "数据库：文件，或 postgresql:// 地址（QINGLING_DATABASE；否则为当前文件夹的 qingling.db）。",
        ),
        (
            "by",
            "OFFICER",
            _keep,
            "Who acts or reads (QINGLING_OFFICER; else the officer that init made, while nobody else is registered).",
            "以谁的名义办理或查阅（QINGLING_OFFICER；只有 init 所设一人在册时可不写）。",
        ),
        (
            "now",
            "INSTANT",
            _keep,
            "Ask as if it were this day or instant (QINGLING_NOW), or act so in a rehearsal ledger: qingling clock.",
            "当作此日或此刻查询（QINGLING_NOW），演练台账可如此办理；见 qingling clock。",
        ),
        ("lang", "zh|en", _keep_language, "Chinese or English (QINGLING_LANG).", "中文或英文（QINGLING_LANG）。"),
        (
            "debug",
            None,
            _keep_nothing,
            "Show the traceback when something goes wrong.",
            "出错时显示程序的调用经过。",
        ),
    ]
    return [
        Shared(
            [f"--{name}"],
            words=Text(en, zh),
            metavar=metavar,
            is_flag=True if metavar is None else None,
            callback=keep,
            expose_value=False,
            type=str,  # who acts is looked up when the ledger is open
            is_eager=True,  # a unit by its name is looked up in the ledger that was named
        )
        for name, metavar, keep, en, zh in settings
    ]


def _metavar(shown: str) -> str:
    """Return what stands for a value in the language in use; unknown ones stay as they are."""
    return t(shown, VALUE_WORDS.get(shown, shown))


def _write_arguments(each: click.Command, ctx: click.Context, formatter: click.HelpFormatter) -> None:
    """Write what each argument means."""
    rows = [
        (param.make_metavar(ctx), as_typed(str(param.words))) for param in each.params if isinstance(param, Argument)
    ]
    if rows:
        with formatter.section(t("Arguments", "参数")):
            formatter.write_dl(rows)


def _write_options(each: click.Command, ctx: click.Context, formatter: click.HelpFormatter) -> None:
    """Write the options; those that all commands share only in the outermost help."""
    rows: list[tuple[str, str]] = []
    shared: list[str] = []
    for param in each.params:
        if isinstance(param, Shared) and ctx.parent is not None:
            shared.extend(each for each in param.opts if each.isascii() == (language() == "en"))
        elif not isinstance(param, click.Argument) and (record := param.get_help_record(ctx)):
            rows.append(record)
    rows.append((t("-h, --help", "-h, --帮助, --help"), t("Show this and leave.", "显示本说明。")))
    with formatter.section(t("Options", "选项")):
        formatter.write_dl(rows)
    if shared:
        formatter.write_paragraph()
        formatter.write_text(
            t("Also {names}: see qingling --help.", "另有 {names}：见 qingling --帮助。", names=" ".join(shared))
        )


def _write_example(example: str | Text, formatter: click.HelpFormatter) -> None:
    """Write the example as it can be pasted."""
    lines = lines_as_typed(str(example).strip())
    if lines:
        with formatter.section(t("Example", "例")):
            formatter.write_text("\b\n" + lines)
