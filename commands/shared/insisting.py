"""Free text that a command brings: looked through, asked about at a terminal, refused elsewhere unless insisted on."""

import dataclasses
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final

import click

from commands.console.bilingual import F, option
from commands.console.context import AppContext
from commands.console.output import can_ask, talk
from commands.console.prompts import ask_yes
from engine.language import t
from engine.workflow.model import Workflow

if TYPE_CHECKING:
    from engine.operations.ledger.acting import Acting

_INSISTS: Final = "commands.shared.insisting.insists"


def insist_option(function: F) -> F:
    """Add `--insist`."""
    return option(
        "--insist",
        is_flag=True,
        expose_value=False,
        callback=_keep,
        en="Write it though a text shows a telephone, an ID number or who reports; journaled as seen.",
        zh="文字中含电话、身份证号或举报人信息时仍坚持写入；记入日志。",
    )(function)


def _keep(ctx: click.Context, _param: click.Parameter, value: bool) -> None:
    """Keep whether the writer insists, so that no command has to hand it on."""
    ctx.meta[_INSISTS] = value


def looked_through(
    app: AppContext,
    workflow: Workflow | None = None,
    brought: Iterable[Mapping[str, object]] = (),
    **words: str | None,
) -> "Acting":
    """Return who acts, with what was seen in the text that is brought and is to be journaled with it.

    Args:
        workflow: Of the cases; None if no fields are brought.
        brought: Values of each case as typed.
        words: Texts beside fields, by their names in `engine.operations.ledger.free_text.WORDS`.

    Raises:
        IdentitySeenError: If a text shows who somebody is and nobody insisted.
    """
    from engine.operations.ledger.free_text import refusal, seen_in, seen_words

    acting = app.acting
    seen = seen_in(workflow, brought, {name: text for name, text in words.items() if text})
    if not seen:
        return acting
    if not click.get_current_context().meta.get(_INSISTS):
        if not can_ask():
            raise refusal(workflow, seen)
        talk(seen_words(workflow, seen))
        if not ask_yes(t("It would stand in clear for ever. Write it?", "写入后将长期以明文保留。仍要写入吗？")):
            raise refusal(workflow, seen)
    return dataclasses.replace(acting, seen=seen)
