"""A workflow as a picture: Mermaid text, SVG, or PNG drawn by a browser that is at hand."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from documents.diagrams.svg import drawn
from documents.diagrams.wording import Roles, badges, moves, stays, steps
from engine.errors import BadFileError
from engine.language import Text, t
from engine.whole_files import written
from engine.workflow.model import Workflow

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge")
OFFICES = ("soffice", "libreoffice")
DRAWING_SECONDS = 90
"""After that a program that draws is given up."""
SHARP_UP_TO = 9_000
"""Pixels of the longer side up to which a picture is drawn at double density."""

_ENDINGS = (".svg", ".png", ".mmd", ".mermaid")


def mermaid(workflow: Workflow, *, roles: Roles, others: Mapping[str, Workflow]) -> str:
    """Return *workflow* as a Mermaid state diagram in the language in use.

    Args:
        roles: Titles of roles, by name.
        others: The workflows whose titles are said where a step opens a case.
    """
    told = steps(workflow, roles, others)
    lines = ["---", f"title: {_quoted(str(workflow.title))}", "---", "stateDiagram-v2", "  direction TB"]
    lines += [f'  state "{_safe(str(each.title))}" as {_id(name)}' for name, each in workflow.states.items()]
    lines.append(f"  [*] --> {_id(workflow.initial)}")
    for (source, target), names in moves(workflow).items():
        for name in names:
            step = told[name]
            words = [f"{step.number} {step.title}", f"({step.who})"]
            if step.condition:
                words.append(t("only if {words}", "仅当 {words}", words=step.condition))
            lines.append(f"  {_id(source)} --> {_id(target)} : {_safe(' '.join(words))}")
    lines += [f"  {_id(name)} --> [*]" for name, each in workflow.states.items() if each.final]
    for name in workflow.states:
        lines += _note(name, _said_of(workflow, roles, others, name))
    return "\n".join(lines) + "\n"


def svg(workflow: Workflow, *, roles: Roles, others: Mapping[str, Workflow]) -> str:
    """Return *workflow* drawn as SVG in the language in use; needs no other program.

    Args:
        roles: Titles of roles, by name.
        others: The workflows whose titles are said where a step opens a case.
    """
    return drawn(workflow, roles=roles, others=others)


def write(workflow: Workflow, file: Path, *, roles: Roles, others: Mapping[str, Workflow]) -> None:
    """Draw *workflow* into *file*, as its ending says: .svg, .png or .mmd.

    Raises:
        BadFileError: If the ending is another one, the file cannot be written, or nothing is
            installed that draws PNG.
    """
    ending = file.suffix.lower()
    if ending not in _ENDINGS:
        raise BadFileError(
            Text(
                f"{file}: pictures end in .svg, .png or .mmd; give the file one of these endings",
                f"{file}：图形文件须以 .svg、.png 或 .mmd 结尾",
            )
        )
    draw = mermaid if ending in (".mmd", ".mermaid") else svg
    words = draw(workflow, roles=roles, others=others)
    content = _png(words) if ending == ".png" else words.encode()
    with written(file, private=False) as made:
        made.write_bytes(content)


def _png(drawing: str) -> bytes:
    """Return *drawing* as PNG, by the first program that can."""
    browser = _found(BROWSERS)
    office = _found(OFFICES)
    if browser is None and office is None:
        raise BadFileError(
            Text(
                "drawing PNG needs Chromium, Chrome or LibreOffice, and none is installed; write .svg instead",
                "生成 PNG 需要 Chromium、Chrome 或 LibreOffice，但均未安装；请改用 .svg",
            )
        )
    # A profile of its own, so that a browser that is open is not disturbed and two may draw at once.
    with tempfile.TemporaryDirectory(prefix="qingling-", ignore_cleanup_errors=True) as folder:
        source, picture = Path(folder, "diagram.svg"), Path(folder, "diagram.png")
        source.write_text(drawing, "utf-8")
        for command in _commands(browser, office, source, picture, _size(drawing)):
            try:
                subprocess.run(command, capture_output=True, timeout=DRAWING_SECONDS, check=False)  # noqa: S603 - found on PATH, own file
            except (OSError, subprocess.TimeoutExpired):
                continue
            if picture.exists() and picture.stat().st_size:
                return picture.read_bytes()
    raise BadFileError(
        Text(
            "the program that draws PNG ({name}) failed; write .svg instead",
            "生成 PNG 的程序（{name}）失败；请改用 .svg",
        ).format(name=Path(browser or office or "").name)
    )


def _commands(
    browser: str | None, office: str | None, source: Path, picture: Path, size: tuple[int, int]
) -> Iterator[list[str]]:
    """Yield the command lines that draw *source* into *picture*, the better one first."""
    folder = source.parent
    if browser is not None:
        density = 2 if max(size) <= SHARP_UP_TO // 2 else 1
        yield [
            browser,
            "--headless",
            # Chromium refuses to start as root otherwise; what it opens is our own drawing.
            "--no-sandbox",
            "--disable-gpu",
            "--hide-scrollbars",
            "--no-first-run",
            f"--force-device-scale-factor={density}",
            f"--user-data-dir={folder / 'profile'}",
            f"--window-size={size[0]},{size[1]}",
            f"--screenshot={picture}",
            source.as_uri(),
        ]
    if office is not None:
        profile = (folder / "office").as_uri()
        yield [
            office,
            f"-env:UserInstallation={profile}",
            "--headless",
            "--convert-to",
            "png",
            "--outdir",
            str(folder),
            str(source),
        ]


def _size(drawing: str) -> tuple[int, int]:
    """Return width and height of *drawing* in whole pixels."""
    opening = drawing[drawing.index("<svg") : drawing.index(">", drawing.index("<svg"))]
    width, height = (float(opening.split(f' {name}="')[1].split('"')[0]) for name in ("width", "height"))
    return int(width) + 1, int(height) + 1


def _found(programs: Iterable[str]) -> str | None:
    """Return the path of the first of *programs* that is installed."""
    return next((path for name in programs if (path := shutil.which(name)) is not None), None)


def _said_of(workflow: Workflow, roles: Roles, others: Mapping[str, Workflow], state: str) -> Iterator[str]:
    """Yield what the note of a state says: deadlines, guards of the steps that leave it, steps that stay."""
    for badge in badges(workflow, state):
        yield t("rests: {words}", "暂停：{words}", words=badge.words) if badge.rests else f"⏱ {badge.words}"
    told = steps(workflow, roles, others)
    staying = stays(workflow)
    for each in workflow.transitions_from(state):
        step = told[each.name]
        if state in staying.get(each.name, ()):
            yield f"{step.number} {step.title} ({step.who})"
        for sentence in step.refused_if:
            yield f"{step.number} ✕ {sentence}"


def _note(state: str, said: Iterable[str]) -> Iterator[str]:
    """Yield the lines of a note; none if nothing is said."""
    lines = [f"    {_safe(each)}" for each in said]
    if lines:
        yield f"  note right of {_id(state)}"
        yield from lines
        yield "  end note"


def _id(state: str) -> str:
    """Return the name of a state in the diagram; alone, `state` or `end` would be words of Mermaid's."""
    return f"s_{state}"


def _quoted(words: str) -> str:
    """Return *words* as the front matter writes a text."""
    return '"' + words.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _safe(words: str) -> str:
    """Return *words* on one line, with the signs that mean something to Mermaid as its entities."""
    line = " ".join(words.split())
    return "".join(f"#{ord(each)};" if each in _SIGNS else each for each in line)


_SIGNS = frozenset('#;:"<>{}[]`%&')
