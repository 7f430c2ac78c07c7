"""Words that harm nobody who reads them, and sizes as people read them."""

from unicodedata import category

from engine.language import t


def harmless(words: str) -> str:
    """Return *words* without the control characters by which a text could steer the terminal; blanks stay."""
    if words.isprintable():
        return words
    return "".join(each for each in words if each.isprintable() or each in "\n\t" or category(each) == "Zs")


def basis_said(basis: str | None) -> str:
    """Return on what a rule rests as people are shown it: that it is nobody's but our own choice, in their language."""
    return (basis or "").replace("[proposal]", t("[proposal]", "[建议]")).replace("; ", t("; ", "；"))


def file_size(count: int) -> str:
    """Return *count* bytes as people read them."""
    size = float(count)
    for unit in ("B", "KB", "MB"):
        if size < 1024:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1024
    return f"{size:.1f} GB"
