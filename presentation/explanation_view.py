"""How a date was counted, step by step: a line for a person, or JSON."""

from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.working_days.explain import ExplainedStep


def explained_step_json(step: "ExplainedStep") -> dict[str, object]:
    """Return one step as JSON says it; what is empty is left out."""
    found: dict[str, object] = {"on": step.on.isoformat(), "kind": step.kind, "reason": str(step.reason)}
    if step.until is not None:
        found["until"] = step.until.isoformat()
    if step.number is not None:
        found["number"] = step.number
    return found


def explained_step_line(step: "ExplainedStep") -> str:
    """Return one step as a line: a sign, the day, its number and the reason."""
    from engine.working_days.calendars import WEEKDAYS

    sign = {"start": "·", "counted": "+", "skipped": "-", "paused": "=", "rolled": ">"}[step.kind]
    number = "" if step.number is None else str(step.number)
    if isinstance(step.on, datetime):
        until = f" – {step.until:%Y-%m-%d %H:%M}" if step.until is not None else ""
        return f"{sign} {step.on:%Y-%m-%d %H:%M}{until}  {step.reason}"
    weekday = str(WEEKDAYS[step.on.weekday()])
    reason = str(step.reason)
    return f"{sign} {step.on.isoformat()} {number:>4}  {weekday if reason == weekday else f'{weekday}  {reason}'}"
