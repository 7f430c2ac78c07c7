"""Words that harm nobody who reads them, and sizes as people read them."""

from unicodedata import category


def harmless(words: str) -> str:
    """Return *words* without the control characters by which a text could steer the terminal; blanks stay."""
    if words.isprintable():
        return words
    return "".join(each for each in words if each.isprintable() or each in "\n\t" or category(each) == "Zs")


def file_size(count: int) -> str:
    """Return *count* bytes as people read them."""
    size = float(count)
    for unit in ("B", "KB", "MB"):
        if size < 1024:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1024
    return f"{size:.1f} GB"
