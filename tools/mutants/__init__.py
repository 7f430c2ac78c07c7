"""Small changes of the code, one at a time: each that no test notices shows a promise that no test holds.

What may be changed is in `changes`; `trying` runs the tests against a change; `python -m tools.mutants` asks both.
"""
