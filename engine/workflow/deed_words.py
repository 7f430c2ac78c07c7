"""What officers sign and is no step of a workflow, by the word that stands where a step would be named."""

from collections.abc import Mapping
from typing import Final

from engine.language import Text

EXTENSION: Final = "extend"
"""For what a signature under an extension is, where others name a step."""
VOIDING: Final = "void"
"""For what a signature under the voiding of a case is, and the field in which it stands."""

DEEDS: Final[Mapping[str, Text]] = {EXTENSION: Text("extend", "延期"), VOIDING: Text("void", "作废")}
"""All of them, with what they are called: no step and no field of a workflow may be called so."""
