"""Does a workflow keep its promises, whatever happens? Explicit search over all that cases can come to; pure.

`prove` is the door; `proof_verdicts` is what it says. `domains`, `questions` and `families` say which values,
conditions and children have to be distinguished, `abstraction` puts them together, `steps` and `search` walk; every
other module holds one promise. Conditions are judged by the sandbox itself, so there is no second meaning of them.
"""

__all__ = ["proof_verdicts", "prove"]
