"""Running cases move to another version of their workflow: planned and journaled first, then done as planned.

`families` says what becomes of a case and those under it; `plans` writes that down, and moves by it. `versions` says
which cases go by which version, `map_file` what a file says is called otherwise.
"""

__all__ = ["families", "map_file", "plans", "versions"]
