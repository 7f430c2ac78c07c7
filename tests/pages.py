"""Pages of the documentation: their console blocks, run in a real shell or here, and the generated parts."""

import os
import re
import shlex
import subprocess
import sys
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path

import click
from click.testing import CliRunner

import cli
from commands.console.command_table import COMMANDS
from engine.language import Language, speaking

HOUSE = Path(__file__).resolve().parent.parent
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BEGIN = "<!-- written by `make docs` from the program's own help; changes by hand are lost -->\n"
FILE = re.compile(r"^<!-- file: (\S+) -->\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PARTED = "\x1e"


@dataclass(frozen=True, slots=True)
class Typed:
    """A command as a page shows it, and the answer that it promises."""

    line: str
    promised: tuple[str, ...]


def typed_in(page: Path) -> list[Typed]:
    """Return the commands of all console blocks of a page, in their order."""
    found: list[Typed] = []
    for block in BLOCK.findall(page.read_text("utf-8")):
        for piece in re.split(r"^\$ ", block.replace("\\\n", " "), flags=re.MULTILINE)[1:]:
            line, *promised = piece.splitlines()
            found.append(Typed(line, tuple(promised)))
    return found


def write_files_of(page: Path, folder: Path) -> None:
    """Write the files that a page shows into *folder*, where its commands expect them."""
    for name, content in FILE.findall(page.read_text("utf-8")):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content, "utf-8")


def answers(commands: list[Typed], folder: Path) -> list[str]:
    """Run the commands in one shell in *folder*, with `qingling` being this program, and return the answers."""
    programs = folder / ".bin"
    programs.mkdir()
    program = programs / "qingling"
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} {shlex.quote(str(HOUSE / "cli.py"))} "$@"\n')
    program.chmod(0o755)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("QINGLING_", "LC_", "LANG"))}
    environment = {**kept, "PATH": f"{programs}:{kept['PATH']}", "COLUMNS": "100", "PYTHONUTF8": "1"}
    # The exit code of a command is kept for the next one, which may ask for it.
    script = "".join(f"( exit $code ); {each.line}\ncode=$?; printf '{PARTED}'\n" for each in commands)
    done = subprocess.run(
        ["bash"],
        cwd=folder, env=environment, input="code=0\n" + script,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8", check=False, timeout=120,
    )  # fmt: skip
    return done.stdout.split(PARTED)[:-1]


def answers_here(commands: list[Typed], folder: Path) -> list[str]:
    """Run the commands in *folder* as a shell would, but those of this program within this process.

    Some ten times faster than `answers`; that `qingling` also works as a program of its own is proved there.
    """
    environment: dict[str, str | None] = {name: None for name in os.environ if name.startswith(("QINGLING_", "LC_"))}
    environment |= {"COLUMNS": "100", "LANG": None, "LANGUAGE": None}
    runner, code, seen = CliRunner(), 0, []
    with chdir(folder):
        for each in commands:
            before, piped, typed = each.line.rpartition(" | ") if " | qingling " in each.line else ("", "", each.line)
            words = shlex.split(typed, comments=True)
            if words[0] == "export":
                environment |= dict(word.split("=", 1) for word in words[1:])
                seen.append("")
            elif words[0] == "qingling":
                given = _of_the_shell(before, code) if piped else None
                done = runner.invoke(cli.main, words[1:], env=environment, input=given)
                code = done.exit_code
                seen.append(done.output)
            else:
                seen.append(_of_the_shell(each.line, code))
                code = 0
    return seen


def _of_the_shell(line: str, code: int) -> str:
    """Return what a line that is none of this program prints; *code* is the exit code before it."""
    return subprocess.run(
        ["bash", "-c", f"( exit {code} ); {line}"],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8", check=True, timeout=60,
    ).stdout  # fmt: skip


def keeps(promised: tuple[str, ...], answer: str) -> bool:
    """Say whether an answer is what was promised; … stands for anything, and blanks are not counted."""
    pattern = "".join(
        r"(?:.*\n)*?" if line.strip() == "…" else ".*".join(map(re.escape, _blanks(line).split("…"))) + r"\n"
        for line in promised
        if line.strip()
    )
    plain = "".join(f"{_blanks(line)}\n" for line in answer.splitlines() if line.strip())
    return re.fullmatch(pattern, plain) is not None


def commands_of_the_program() -> list[tuple[str, click.Command]]:
    """Return every command with the words by which it is called, in the order of the help."""
    context = click.Context(cli.main, info_name="qingling")
    found: list[tuple[str, click.Command]] = []
    for section in COMMANDS.values():
        for name in section:
            loaded = cli.main.get_command(context, name)
            assert loaded is not None
            found.append((name, loaded))
            if isinstance(loaded, click.Group):
                found += [(f"{name} {verb}", each) for verb, each in loaded.commands.items()]
    return found


def help_of(called: str, language: Language) -> str:
    """Return the help of a command in a language."""
    with speaking(language):
        result = CliRunner().invoke(
            cli.main, [*called.split(), "--help"], env={"COLUMNS": "91", "QINGLING_LANG": language}
        )
    assert result.exit_code == 0, result.output
    return result.stdout


def reference() -> str:
    """Return the part of docs/reference.md that lists every command with its help."""
    pages = [
        f"### qingling {called}\n\n```text\n{help_of(called, 'en')}```\n" for called, _ in commands_of_the_program()
    ]
    return BEGIN + "\n" + "\n".join(pages)


def _blanks(line: str) -> str:
    """Return a line with its blanks made one."""
    return " ".join(line.split())
