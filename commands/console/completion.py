"""`qingling completion`: the script by which a shell completes commands, numbers, triggers and states."""

from collections.abc import Callable

import click

from commands.console.bilingual import argument, command
from commands.console.context import AppContext, app_of
from engine.errors import QinglingError

SHELLS = ("bash", "zsh", "fish")


@command(
    "completion",
    en="Print the completion script of a shell. It completes commands, options, numbers, triggers and states.",
    zh="输出命令行补全脚本。可补全命令、选项、编号、动作和状态。",
    example='eval "$(qingling completion bash)"\nqingling completion zsh',
)
@argument("shell", type=click.Choice(SHELLS), metavar="SHELL", en="bash, zsh or fish.", zh="bash、zsh 或 fish。")
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print the script."""
    from click.shell_completion import get_completion_class

    found = get_completion_class(shell)
    assert found is not None
    click.echo(found(ctx.find_root().command, {}, "qingling", "_QINGLING_COMPLETE").source())


def completing(
    find: Callable[[AppContext, click.Context, str], list[str]],
) -> Callable[[click.Context, click.Parameter, str], list[str]]:
    """Make of *find* what Click asks for completions; without a database there are none."""

    def complete(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
        try:
            return [each for each in find(app_of(ctx), ctx, incomplete) if each.startswith(incomplete)]
        except QinglingError:
            return []

    return complete
