"""Several names or codes that somebody typed as one text: what stands between them, wherever it is read."""

from typing import Final

from engine.language import lazy_pattern

_BETWEEN: Final = lazy_pattern(r"\s*[,，、;；\n]\s*")


def parted(words: str) -> list[str]:
    """Return what is listed in *words*: parted by commas, semicolons, enumeration commas or line ends, of any width."""
    return [each for each in _BETWEEN.split(words.strip()) if each]
