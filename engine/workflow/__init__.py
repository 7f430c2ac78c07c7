"""What a workflow declares, as frozen values; its graph; the registry of those loaded; problems found.

Has no behaviour: `reading` makes these values, `validation` judges them, `rules` follows them.
"""

__all__ = [
    "called",
    "case_file_layout",
    "children",
    "computed",
    "deadline",
    "deed_words",
    "earlier_step",
    "expanding",
    "field_traits",
    "frozen_struct",
    "graph",
    "ladder_levels",
    "lengths",
    "list_in_force",
    "model",
    "number_format",
    "own_promises",
    "page_shapes",
    "powers",
    "problems",
    "proofs",
    "recurring_cases",
    "registry",
    "texts",
    "written",
]
