"""The levels of reminding, as `lists/levels.yaml` declares them; a rung of a ladder names one."""

from typing import Literal, get_args

from engine.language import Text
from engine.workflow.frozen_struct import FrozenStruct

Tone = Literal["calm", "warning", "alarm"]
"""How a message marks what has reached a level."""

TONES: tuple[Tone, ...] = get_args(Tone)


class LadderLevel(FrozenStruct, frozen=True, kw_only=True):
    """One level of reminding; the mildest is declared first, and a ladder never falls below a level reached."""

    name: str
    title: Text
    tone: Tone
    chases: bool
    """Whether its reminders count as chasing, which a chase letter says."""
