"""The console's plumbing: Click, its Chinese, output, prompts, completion and the application context.

Nothing here knows a noun of the subject or calls an operation; a command asks for a context and gets the
ledger, the officer and the instant. `cli.py` loads `command_table` and little else, so what is heavy is
imported where it is used.
"""

__all__ = [
    "bilingual",
    "chinese_words",
    "click_zh",
    "command_lines",
    "command_table",
    "completion",
    "context",
    "environment",
    "field_options",
    "help_pages",
    "hushing",
    "key_agent",
    "names",
    "output",
    "prompts",
    "wall_clock",
    "who_acts",
    "widths",
]
