"""Declarations in YAML become the values of `workflow`, with the line of every mistake.

One reader of YAML, one of keys, and one that fills frozen models by their types; whether what a workflow
says is sound is for `validation`. Campaigns, letters, ledger formats and channels are read by the same three.
"""

__all__ = [
    "calendar_file",
    "calendar_words",
    "choice_lists",
    "choices",
    "conditions",
    "declarations",
    "heading_words",
    "listed",
    "terms",
    "typed",
    "yaml_file",
]
