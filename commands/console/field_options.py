"""Values of fields on the command line: `--field value`, `--set field=value`, JSON, and asking for them.

Which fields there are is known only when the workflow is; so what is no option of the command is
lifted out first and matched to the fields later, with the same refusals as for a misspelt option.
"""

import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final
from unicodedata import normalize

import click

from commands.console.bilingual import Command, meant, option
from commands.console.output import can_ask
from commands.console.slips import as_meant
from engine.errors import BadFileError, BadValueError, system_reason, unreadable
from engine.language import Text, language, t
from engine.system.secrecy import leave_no_image
from engine.workflow.field_traits import SEVERAL_TYPES
from engine.workflow.model import Field, FieldType, Workflow

LIFTED: Final = "qingling.fields"
"""Where the context keeps what was lifted."""

STDIN: Final = "-"

Given = tuple[str, str | bool]
"""A field as it was typed, and its value; True or False for a bare `--flag` or `--no-flag`."""


class FieldCommand(Command):
    """A command that takes any field of the workflow as an option."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Lift out what is not an option of this command, then parse the rest."""
        if not ctx.resilient_parsing:
            args = as_meant(ctx, self.get_params(ctx), args, fields=True)
        kept, lifted = _lifted(self.get_params(ctx), args)
        ctx.meta[LIFTED] = lifted
        return super().parse_args(ctx, kept)


def set_option(function: Any) -> Any:
    """Add `--set FIELD=VALUE`."""
    return option(
        "--set",
        "settings",
        multiple=True,
        metavar="FIELD=VALUE",
        en="Give a field its value; may be repeated. --FIELD VALUE does the same. An empty value clears it.",
        zh="填写字段，可多次使用；也可写作 --字段名 值。空值表示清除。",
    )(function)


def given_fields(settings: Sequence[str]) -> list[Given]:
    """Return what was given by `--field value` and by `--set`, as it was typed.

    Raises:
        BadValueError: If a `--set` has no `=`.
    """
    given: list[Given] = list(click.get_current_context().meta.get(LIFTED, ()))
    for each in settings:
        name, equals, value = _parted(each)
        if not equals:
            raise BadValueError(
                Text(
                    f"--set {each}: write it as FIELD=VALUE, such as --set source=petition",
                    f"--set {each}：请写作 字段=值，如 --填写 线索来源=来信",
                )
            )
        given.append((name.strip(), value))
    return given


def fields_given(workflow: Workflow, given: Iterable[Given]) -> dict[str, object]:
    """Return the values by field.

    A sealed field given as `-` is read from the terminal without echo, or from standard input; as `@FILE` from a file.

    Raises:
        BadValueError: If the workflow has no such field, or a field is given twice or without value.
    """
    values: dict[str, object] = {}
    for typed, value in given:
        field = field_called(workflow, typed, flag_off=value is False)
        if isinstance(value, bool) and field.type is not FieldType.FLAG:
            raise BadValueError(Text(f"--{typed} needs a value after it", f"--{typed} 后面要有值"))
        if field.type in SEVERAL_TYPES and field.name in values:
            before = values[field.name]
            values[field.name] = [*(before if isinstance(before, list) else [before]), value]
        elif field.name in values:
            raise BadValueError(Text(f"field {field.name} is given twice", f"“{field.title.zh}”写了两次"))
        else:
            values[field.name] = _unsealed(field, value) if field.type is FieldType.SEALED else value
    return values


def field_called(workflow: Workflow, typed: str, *, flag_off: bool = False) -> Field:
    """Return the field that was typed: by its name, with dashes or not, by its title or another heading of it.

    Raises:
        BadValueError: If there is none.
    """
    plain = normalize("NFKC", typed).strip()
    name = plain.replace("-", "_")
    if flag_off:
        name = name.removeprefix("no_")
    if name in workflow.fields:
        return workflow.fields[name]
    for field in workflow.fields.values():
        if typed in (field.title.en, field.title.zh, *field.also) or plain == normalize("NFKC", field.title.zh):
            return field
    raise BadValueError(
        Text("{workflow} has no field or option {typed}{meant}", "流程“{title}”没有字段或选项 {typed}{meant}").format(
            workflow=workflow.name,
            title=workflow.title.zh,
            typed=typed,
            meant=_meant(workflow, typed),
        )
    )


def json_given(place: str) -> list[Mapping[str, object]]:
    """Return the objects in a JSON file, or on standard input if *place* is `-`.

    Raises:
        BadFileError: If it cannot be read, or is neither an object nor a list of objects.
    """
    import json
    from pathlib import Path

    where = t("standard input", "标准输入") if place == STDIN else place
    try:
        # Bytes, whatever the terminal speaks: JSON is UTF-8, and on Windows standard input is not.
        content = sys.stdin.buffer.read() if place == STDIN else Path(place).read_bytes()
        found = json.loads(content.decode("utf-8-sig"))
    except OSError as error:
        raise BadFileError(
            Text(f"{where} cannot be read: {system_reason(error).en}", f"无法读取 {where}：{system_reason(error).zh}")
        ) from error
    except RecursionError as error:
        raise BadFileError(Text(f"{where} nests too deeply", f"{where} 嵌套过深")) from error
    except ValueError as error:
        raise BadFileError(
            Text(
                f"{where} is not JSON in UTF-8: {error}; write one object, or a list of objects",
                f"{where} 不是 UTF-8 编码的 JSON：{error}；请写一个对象或对象列表",
            )
        ) from error
    objects = found if isinstance(found, list) else [found]
    if not all(isinstance(each, dict) for each in objects):
        raise BadFileError(
            Text(
                f'{where}: write one JSON object, or a list of objects, such as {{"source": "petition"}}',
                f'{where}：请写一个 JSON 对象或对象列表，如 {{"source": "petition"}}',
            )
        )
    return objects


def _meant(workflow: Workflow, typed: str) -> str:
    """Return the question which field, or which option of the command, *typed* was meant for."""
    ctx = click.get_current_context(silent=True)
    options = [name.lstrip("-") for param in (ctx.command.params if ctx else ()) for name in param.opts]
    fields = [name.replace("_", "-") if "-" in typed else name for name in workflow.fields]
    titles = [str(each.title) for each in workflow.fields.values()]
    known = [*titles, *fields] if language() == "zh" else [*fields, *titles]
    return meant(typed, [*known, *options])


def _unsealed(field: Field, value: str | bool) -> str:
    """Return what must be sealed: asked for or read from standard input if `-` was given, from a file if `@FILE`.

    Raises:
        BadValueError: If it was typed after the option: others see arguments, and the shell keeps them.
        BadFileError: If the file cannot be read.
    """
    typed = str(value)
    if not typed:
        return ""  # it is cleared
    leave_no_image()
    if typed == STDIN:
        if can_ask():
            from commands.console.prompts import ask_secret

            return ask_secret(str(field.title))
        return sys.stdin.readline().rstrip("\r\n")
    if typed.startswith("@"):
        from pathlib import Path

        try:
            return Path(typed[1:]).read_text("utf-8-sig").strip()
        except (OSError, UnicodeError) as error:
            named = Text(f"the file of '{field.title.en}'", f"“{field.title.zh}”的文件")
            raise unreadable(named, error) from error
    option_ = f"--{field.option}"
    raise BadValueError(
        Text(
            f"'{field.title.en}' is not taken from the command line, where others see it and the shell keeps it; write"
            f" {option_} - or {option_} @FILE, and clear the shell's history",
            f"“{field.title.zh}”不能写在命令行上，以免他人看到或留在历史记录中；请写 {option_} - 或 {option_} @文件，"
            "并清除命令行历史",
        )
    )


def _parted(typed: str) -> tuple[str, str, str]:
    """Return the field, the equals sign of any width, and the value."""
    sign = min((each for each in "=＝" if each in typed), key=typed.index, default="=")
    return typed.partition(sign)


def _lifted(params: Iterable[click.Parameter], args: Sequence[str]) -> tuple[list[str], list[Given]]:
    """Part the arguments into what the command knows and what must be fields."""
    takes = {
        name: 0 if each.is_flag else each.nargs
        for each in params
        if isinstance(each, click.Option)
        for name in (*each.opts, *each.secondary_opts)
    }
    kept: list[str] = []
    lifted: list[Given] = []
    rest = list(args)
    while rest:
        each = rest.pop(0)
        name, equals, value = each.partition("=")
        if each == STDIN * 2:
            return [*kept, each, *rest], lifted
        if not each.startswith("--"):
            kept.append(each)
        elif name in takes:
            kept.append(each)
            if not equals:
                kept.extend(rest.pop(0) for _ in range(min(takes[name], len(rest))))
        elif equals:
            lifted.append((name[2:], value))
        elif rest and not rest[0].startswith("--"):
            lifted.append((name[2:], rest.pop(0)))
        else:
            lifted.append((name[2:], not name.startswith("--no-")))
    return kept, lifted
