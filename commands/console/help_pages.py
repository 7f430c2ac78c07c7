"""Pages of help with widths as they stand on a screen; says nothing itself."""

from collections.abc import Iterable
from typing import Final

import click

from commands.console.widths import padded, screen_width, width, wrapped
from engine.language import t

PAGE: Final = 90
"""Columns that help fills at most."""


class HelpFormatter(click.HelpFormatter):
    """Click's help with widths as they stand on a screen."""

    def __init__(self, width: int | None = None, max_width: int | None = None) -> None:
        super().__init__(width=width or min(screen_width(), max_width or PAGE) - 1)

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """Write the usage line, wrapped behind the program's name."""
        head = f"{prefix if prefix is not None else t('Usage: ', '用法：')}{prog} "
        room = max(self.width - self.current_indent - width(head), 20)
        for position, line in enumerate(wrapped(args, room)):
            lead = head if position == 0 else " " * width(head)
            self.write(f"{'':>{self.current_indent}}{lead}{line}\n")

    def write_heading(self, heading: str) -> None:
        """Write a heading with the colon of its language."""
        self.write(f"{'':>{self.current_indent}}{heading}{t(':', '：')}\n")

    def write_text(self, text: str) -> None:
        """Write paragraphs; one that begins with a line of a backspace character keeps its lines."""
        indent = " " * self.current_indent
        for position, paragraph in enumerate(text.strip("\n").split("\n\n")):
            if position:
                self.write("\n")
            if paragraph.startswith("\b\n"):
                lines = paragraph.split("\n")[1:]
            else:
                lines = wrapped(paragraph, max(self.width - self.current_indent, 20))
            for line in lines:
                self.write(f"{indent}{line}\n")

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        """Write terms with their explanations beside them."""
        rows = tuple(rows)
        indent = " " * self.current_indent
        first = min(max((width(term) for term, _ in rows), default=0), col_max) + col_spacing
        room = max(self.width - self.current_indent - first, 20)
        for term, explanation in rows:
            lines = wrapped(explanation, room)
            if width(term) > first - col_spacing:
                self.write(f"{indent}{term}\n")
            else:
                self.write(f"{indent}{padded(term, first)}{lines.pop(0)}".rstrip() + "\n")
            for line in lines:
                self.write(f"{indent}{'':>{first}}{line}".rstrip() + "\n")
