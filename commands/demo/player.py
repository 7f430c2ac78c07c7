"""Plays the scenes of the story: shows each command as it can be pasted, runs it, and shows what came back."""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from typing import Final

import click

from commands.console.output import heading, say
from commands.console.widths import width, wrapped
from commands.demo.story import Scene, StoryStep
from engine.errors import QinglingError, RefusedError
from engine.language import Text, language, t
from engine.operations.ledger.hand_clock import REHEARSAL

PLAIN: Final = "-_./:,=@+、，〔〕"
"""Characters beside letters and digits that mean nothing to a shell."""
ROOM: Final = 100
"""Columns that a line fills at most."""


def play(number: int, scene: Scene, files: Mapping[str, str]) -> None:
    """Say what a scene is about, and run its commands."""
    say()
    heading(f"{number}. {scene.title}")
    paragraph(str(scene.said), indent=3)
    for step in scene.steps:
        settings = ["--now", step.on, *(["--by", step.by] if step.by else [])]
        args = in_use([*settings, *shlex.split(typed(step.run, {**files, **step.words}))])
        say()
        for line in _continued(args):
            say(line)
        _answer(step, *_run(step, args))


def in_use(args: Sequence[str]) -> list[str]:
    """Return a command as it is typed in the language in use."""
    if language() == "en":
        return list(args)
    from commands.demo.chinese import as_a_clerk_types

    return as_a_clerk_types(args)


def _continued(args: Sequence[str]) -> Iterator[str]:
    """Yield the command as it is typed, an option with its value never parted, long lines continued."""
    pieces: list[str] = ["qingling"]
    for each in args:
        word = quoted(each)
        if pieces[-1].startswith("--") and " " not in pieces[-1] and not each.startswith("--"):
            pieces[-1] += f" {word}"
        else:
            pieces.append(word)
    line = "$"
    for each in pieces:
        if width(line) + width(each) > ROOM - 3:
            yield line + " \\"
            line = "   "
        line += f" {each}"
    yield line


def typed(line: str, words: Mapping[str, str | Text]) -> str:
    """Return a command with its words in the language in use, each as a shell takes it whole."""
    return line.format(**{name: quoted(str(each)) for name, each in words.items()})


def quoted(word: str) -> str:
    """Return a word as a shell takes it whole; letters of any script stand as they are."""
    if word and all(each.isalnum() or each in PLAIN for each in word):
        return word
    return f'"{word}"' if "'" in word and not set(word) & set('"$`\\!') else shlex.quote(word)


def _run(step: StoryStep, args: Sequence[str]) -> tuple[list[str], int]:
    """Run one command in this process, as if it had been typed; return what it said, and its exit code."""
    root = click.get_current_context().find_root().command
    said = StringIO()
    code = 0
    with redirect_stdout(said), redirect_stderr(said):
        try:
            with root.make_context("qingling", list(args)) as inner:
                root.invoke(inner)
        except QinglingError as refusal:
            code = refusal.exit_code
            click.echo(t("Error: ", "错误：") + str(refusal))
    if code != step.code:
        # The story and the program have parted; a test holds them together.
        msg = f"{' '.join(args)} ended with {code}, not {step.code}: {said.getvalue()}"
        raise RuntimeError(msg)
    # The mark on every page is said once, at the beginning.
    return [each for each in said.getvalue().rstrip("\n").splitlines() if each != str(REHEARSAL)], code


def _answer(step: StoryStep, lines: Sequence[str], code: int) -> None:
    """Print what came back, in short; a refusal whole."""
    refused = code == RefusedError.exit_code
    ends = lines[max(step.shows, len(lines) - step.ends) :]
    shown = lines if refused else lines[: step.shows]
    left_out = 0 if refused else len(lines) - len(shown) - len(ends)
    for line in shown:
        _indented(line)
    if left_out:
        say(t("  … (and {count} more)", "  …（另有 {count} 行）", count=left_out))
    for line in () if refused else ends:
        _indented(line)
    if refused:
        say(
            t(
                "  (refused, exit code {code}; nothing has changed)",
                "  （不予办理，退出码 {code}；未作任何改动）",
                code=code,
            )
        )


def _indented(line: str) -> None:
    """Print a line of an answer: a sentence that is too long is wrapped, a row of a table cut."""
    if width(line) <= ROOM - 2:
        say(f"  {line}".rstrip())
    elif "  " not in line.strip():
        for part in wrapped(line, ROOM - 2):
            say(f"  {part}")
    else:
        kept = line
        while width(kept) > ROOM - 3:
            kept = kept[:-1]
        say(f"  {kept.rstrip()}…")


def paragraph(words: str, *, indent: int = 0) -> None:
    """Print sentences, broken to fit."""
    for line in wrapped(words, ROOM - indent):
        say(f"{'':{indent}}{line}")
