"""What a declared workflow says of what happened elsewhere: event logs replayed by the rules, and mined; pure.

`log_replayer` plays a log case by case and says where each leaves the rules, `own_log` does so with our own logs;
`lean_plan` judges a step as `engine.rules.transitions.advance` does, in a small part of its time; `unlogged` takes out
of a workflow what a log cannot show; `mining` and `mined_draft` make a workflow of a log.
"""

__all__ = [
    "lean_plan", "log_map", "log_replayer", "logged", "mined_draft", "mining", "own_log", "surroundings", "throughput",
    "unlogged",
]  # fmt: skip
