"""Files that pages load: named after their content, so that a browser may keep them for a year."""

from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Final

_FOLDER: Final = Path(__file__).parent / "static"
_KINDS: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


@cache
def assets() -> dict[str, tuple[bytes, str]]:
    """Return content and kind of each file, by the name under which it is served."""
    found = {}
    for file in sorted(_FOLDER.iterdir()):
        if file.suffix in _KINDS:
            content = file.read_bytes()
            found[f"{file.stem}.{sha256(content).hexdigest()[:12]}{file.suffix}"] = content, _KINDS[file.suffix]
    return found


@cache
def address_of(name: str) -> str:
    """Return the address of a file, by the name under which it lies in the folder."""
    content = (_FOLDER / name).read_bytes()
    stem, _, suffix = name.rpartition(".")
    return f"/static/{stem}.{sha256(content).hexdigest()[:12]}.{suffix}"
