"""The workflows that the pages on the language show: tests run them as they stand there."""

import re
from functools import cache
from pathlib import Path
from typing import Final

from engine.language import Language

_DOCS: Final = Path(__file__).parents[1] / "docs"
PAGES: Final = {"en": _DOCS / "language", "zh": _DOCS / "zh" / "language"}
_BLOCK: Final = re.compile(r"```yaml\n(workflow: (\w+)\n.*?)```", re.DOTALL)


@cache
def shown_on(page: str, language: Language = "en") -> dict[str, str]:
    """Return the whole workflows that a page shows in a language, by name."""
    return {name: text for text, name in _BLOCK.findall((PAGES[language] / page).read_text("utf-8"))}


def write_example(folder: Path, page: str) -> None:
    """Write the workflows that a page shows into a folder."""
    for name, text in shown_on(page).items():
        (folder / f"{name}.yaml").write_text(text, "utf-8")
