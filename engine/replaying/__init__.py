"""What a declared workflow says of what happened elsewhere: event logs replayed by the rules, and mined; pure.

`replay` plays the events of a log case by case and says where each case leaves the rules; `lean_plan` judges a step as
`engine.rules.transitions.advance` does, at a tenth of the time; `unlogged` takes out of a workflow what a log cannot
show; `mining` and `draft` make a workflow of a log.
"""

__all__ = ["draft", "lean_plan", "log_map", "logged", "mining", "own_log", "replay", "throughput", "unlogged"]
