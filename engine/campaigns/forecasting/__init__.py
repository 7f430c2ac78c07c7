"""How many cases will still be open on a day, and how far that can be trusted; pure functions over arrays.

`foresee` is the door; `answers` is what it says, `history` what it learns from. `survival` estimates how soon cases
end, `pace` how much whole weeks differ, `calibration` how wide the band must be to have held, and when nothing may
be said; `simulating` plays it out, `assumed` takes declared priors where there is no history yet. Time is counted in
working days throughout. Only this room knows NumPy.
"""

__all__ = ["answers", "foresee", "history"]
