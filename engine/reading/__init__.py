"""Declarations in YAML become the values of `workflow`, with the line of every mistake.

Reads text that is given; whether what it says is sound is for `validation`.
"""

__all__ = ["choice_lists", "declarations", "terms", "typed", "yaml_file"]
