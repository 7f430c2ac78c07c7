"""How the values of a declaration are written, where their types alone do not say so.

Markers for the annotations of the frozen models; `engine.reading.typed` reads by them. A model
thus names each key, its type and its default once: `text` is a name, `Line` is free text.
"""

from typing import Annotated


class As:
    """How one field of a model is written.

    The key is the field's own name (without a last underscore) unless *keys* says otherwise; several
    fields may be read from one key, and one field from several. A plain class: a dataclass would cost
    each command another millisecond of its start.
    """

    __slots__ = ("form", "keys", "needed", "options")

    def __init__(
        self,
        form: str = "",
        *,
        keys: tuple[str, ...] | None = None,
        needed: bool | None = None,
        **options: object,
    ) -> None:
        """Mark a field.

        Args:
            form: Which method of `Part` reads it; by the field's type if empty.
            keys: Under which keys it stands; none if the reader gives it.
            needed: Whether it must be there; None: if it has neither a default nor None among its types.
            options: What the method of `Part` is given besides.
        """
        self.form = form
        self.keys = keys
        self.needed = needed
        self.options = options


OwnName = Annotated[str, As("own_name", keys=())]
"""The name under which the mapping itself stands."""
Line = Annotated[str, As("line")]
"""A text, where a plain `str` is a name."""
Lines = Annotated[tuple[str, ...], As("lines")]
"""Texts, where a plain tuple holds names; one may stand without a list."""


def given(*keys: str, needed: bool = False) -> As:
    """Return the marker of a field that its reader gives: from *keys*, or, without any, from elsewhere."""
    return As("given", keys=keys, needed=needed)
