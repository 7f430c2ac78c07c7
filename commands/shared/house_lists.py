"""Units and officers from a spreadsheet: what the lists may hold, and what is said of each row."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from commands.console.bilingual import option
from commands.console.output import say, talk
from engine.errors import BadFileError, BadValueError, NotFoundError, QinglingError
from engine.language import Text, t
from engine.reading.listed import parted

if TYPE_CHECKING:
    from documents.ledger_in.list_sheets import ListRow
    from engine.operations.house.enrolling import Enrolment, ListedOfficer
    from engine.operations.ledger.ledger import Ledger

Command = TypeVar("Command", bound=Callable[..., object])


def list_options(command: Command) -> Command:
    """Add --from and what goes with it."""
    for add in (
        option("--apply", is_flag=True, en="With --from: really do it.", zh="配合 --from：真正登记。"),
        option(
            "--from",
            "file",
            metavar="FILE",
            type=click.Path(path_type=Path),
            en="A spreadsheet that lists them.",
            zh="列有名单的电子表格。",
        ),
    ):
        command = add(command)
    return command


@contextmanager
def placed_at(at: str) -> Iterator[None]:
    """Let a refusal say which row it is about."""
    try:
        yield
    except QinglingError as error:
        error.sentence = Text(f"{at}: {error.sentence.en}", f"{at}：{error.sentence.zh}")
        raise


def unit_rows(file: Path) -> "list[ListRow]":
    """Return the rows of a list of units.

    Raises:
        BadFileError: If it is none.
    """
    from documents.ledger_in.list_sheets import Column, read_list

    return read_list(file, (
        Column("code", ("code", "unit", "单位代码", "代码")),
        Column("name", ("name", "单位", "单位名称", "名称")),
        Column("type", ("type", "类型", "单位类型"), needed=False),
    ))  # fmt: skip


def officer_rows(file: Path) -> "list[ListRow]":
    """Return the rows of a list of officers.

    Raises:
        BadFileError: If it is none.
    """
    from documents.ledger_in.list_sheets import Column, read_list

    return read_list(file, (
        Column("code", ("code", "officer", "人员代码", "代码")),
        Column("name", ("name", "姓名")),
        Column("roles", ("roles", "role", "角色"), needed=False),
        Column("unit", ("unit", "unitcode", "单位代码", "单位"), needed=False),
        Column("contact", ("contact", "联系方式"), needed=False),
    ))  # fmt: skip


def listed_officer(
    row: "ListRow", role_called: Callable[[str], str], contact_of: Callable[[Sequence[str]], dict[str, object]]
) -> "ListedOfficer":
    """Return the officer that a row writes.

    Raises:
        BadValueError: If the code or the name is missing, or a contact is none.
        NotFoundError: If there is no such role.
    """
    from engine.operations.house.enrolling import ListedOfficer

    code, name = code_and_name(row)
    return ListedOfficer(
        code=code,
        name=name,
        roles=tuple(role_called(each) for each in parted(row.values.get("roles", ""))),
        unit=row.values.get("unit"),
        contact=contact_of(parted(row.values.get("contact", ""))),
    )


def role_called(ledger: "Ledger", typed: str) -> str:
    """Return the role that was typed, by its name or its title.

    Raises:
        BadValueError: If several may be meant.
        NotFoundError: If there is none.
    """
    from engine.workflow.called import called, near

    roles = ledger.workflows.roles()
    found = called(typed, roles)
    if found is not None:
        return found
    guess = near(typed, roles)
    raise NotFoundError(
        Text(
            f"no role is called '{typed}'{guess.en}; there are: {', '.join(roles)}",
            f"没有角色“{typed}”{guess.zh}；可用：{'、'.join(each.zh for each in roles.values())}",
        )
    )


def contact_given(given: Sequence[str]) -> dict[str, object]:
    """Return what was given as KIND=ADDRESS.

    Raises:
        BadValueError: If one of them is not.
    """
    found: dict[str, object] = {}
    for each in given:
        kind, equals, address = each.partition("=")
        if not equals or not kind.strip() or not address.strip():
            raise BadValueError(
                Text(
                    f"{each}: write it as KIND=ADDRESS, such as email=wang@example.org",
                    f"{each}：请写作 种类=地址，如 email=wang@example.org",
                )
            )
        found[kind.strip()] = address.strip()
    return found


def code_and_name(row: "ListRow") -> tuple[str, str]:
    """Return what every row has.

    Raises:
        BadValueError: If one of them is missing.
    """
    code, name = row.values.get("code"), row.values.get("name")
    if code is None or name is None:
        raise BadValueError(Text("code or name is missing", "缺少代码或名称"))
    return code, name


def print_enrolled(rows: "Sequence[ListRow]", found: "Sequence[Enrolment]", *, apply: bool) -> None:
    """Print what became of each row, and the sum.

    Raises:
        BadFileError: If a row is refused; then nothing was written.
    """
    refused = 0
    for row, each in zip(rows, found, strict=True):
        refused += each.refusal is not None
        say(f"{row.at}  {each.code} {each.name}  {'✓' if each.refusal is None else f'✗ {each.refusal}'}")
    if refused:
        raise BadFileError(
            Text(
                f"{refused} rows are refused (named above); nothing was written",
                f"{refused} 行不予登记（见上）；未写入任何内容",
            )
        )
    if apply:
        talk(t("{count} registered", "已登记 {count} 行", count=len(found)))
    else:
        talk(
            t(
                "{count} would be registered; nothing was written. To do it: add --apply",
                "可登记 {count} 行；尚未写入。确认后加 --apply 正式登记",
                count=len(found),
            )
        )


def one_named(code: str | None, name: str | None, file: Path | None, *, apply: bool) -> tuple[str, str] | None:
    """Return the one who is named; None if a list is.

    Raises:
        BadValueError: If both are, or half of one.
    """
    if file is not None:
        if code is not None:
            raise BadValueError(Text("write either CODE and NAME or --from", "代码、名称与 --from 只能写一种"))
        return None
    if apply:
        raise BadValueError(Text("--apply goes with --from", "--apply 须与 --from 同用"))
    if code is None or name is None:
        raise BadValueError(Text("write CODE and NAME, or --from FILE", "请写明代码和名称，或 --from 文件"))
    return code, name
