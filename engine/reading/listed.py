"""Several names or codes that somebody typed as one text: what stands between them, wherever it is read."""

import re
from typing import Final

_BETWEEN: Final = re.compile(r"\s*[,，、;；\n]\s*")


def parted(words: str) -> list[str]:
    """Return what is listed in *words*: parted by commas, semicolons, enumeration commas or line ends, of any width."""
    return [each for each in _BETWEEN.split(words.strip()) if each]
