"""What a workflow declares, as frozen values; its graph; the registry of those loaded; problems found.

Has no behaviour: `reading` makes these values, `validation` judges them, `rules` follows them.
"""

__all__ = [
    "called",
    "children",
    "earlier_step",
    "field_traits",
    "frozen_struct",
    "graph",
    "ladder_levels",
    "lengths",
    "model",
    "powers",
    "problems",
    "proofs",
    "recurring_cases",
    "registry",
    "texts",
    "written",
]
