"""The whole checkpoint of the journal as a QR code, for papers: who holds the paper holds the checkpoint.

What a phone reads from it is the signed note itself, which `qingling journal verify --against FILE` and
`tools/check_proof.py` take as it is.
"""

from io import BytesIO
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from segno import QRCode

MILLIMETRES: Final = 32
"""How wide it is printed with its margin: the modules of a co-signed checkpoint are then 0.4 mm wide."""


def png_of(note: str) -> bytes:
    """Return the code as PNG, black on white, with its margin."""
    made = BytesIO()
    _code(note).save(made, kind="png", scale=6, border=4)
    return made.getvalue()


def svg_of(note: str) -> str:
    """Return the code as SVG that stands in a page."""
    return _code(note).svg_inline(border=4, omitsize=True, light="#fff", svgclass="checkpoint", lineclass=None)


def _code(note: str) -> "QRCode":
    """Return the code, of medium error correction: a stamp or a fold may cover a part of it."""
    import segno

    return segno.make(note, error="m", micro=False, encoding="utf-8")
