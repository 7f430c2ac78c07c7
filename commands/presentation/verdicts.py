"""What became, or would become, of each of many cases, as the commands with `--where` say it."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from commands.console.output import counting, print_json, say, talk
from engine.errors import RefusedError
from engine.language import Text, t
from engine.workflow.frozen_struct import FrozenStruct

if TYPE_CHECKING:
    from engine.operations.cases.bulk import BulkResult


class ManyWords(FrozenStruct, frozen=True, kw_only=True):
    """How a command sums up; each sentence may name {done} and {refused}."""

    done: Text
    """All of them."""
    partly: Text
    """Some were refused."""
    tried: Text
    """Nothing was written."""
    counted: str
    """The key under which --json counts those that were done."""


def print_verdicts(
    verdicts: "Iterable[BulkResult]",
    words: ManyWords,
    *,
    becomes: "Callable[[BulkResult], str]",
    apply: bool,
    as_json: bool,
) -> None:
    """Print a line for each case as it comes, and the sum.

    Args:
        becomes: What is said of a case that was not refused.

    Raises:
        RefusedError: If, with *apply*, some were refused; the others were done.
    """
    done = refused = 0
    rows: list[dict[str, object]] = []
    with counting(t("cases", "件")) as count:
        for each in verdicts:
            count()
            done += each.refusal is None
            refused += each.refusal is not None
            said = None if each.refusal is None else str(each.refusal)
            if as_json:
                rows.append({"number": each.number, "state": each.state, "refused": said})
            else:
                say(f"{each.number}  {becomes(each) if said is None else f'✗ {said}'}")
    if as_json:
        print_json({"applied": apply, words.counted: done, "refused": refused, "cases": rows})
    if not apply:
        talk(words.tried.format(done=done, refused=refused))
    elif refused:
        raise RefusedError(words.partly.format(done=done, refused=refused))
    else:
        talk(words.done.format(done=done, refused=refused))
