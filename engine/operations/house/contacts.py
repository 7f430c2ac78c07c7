"""How an officer is reached: addresses, order of channels, quiet hours, absence with a deputy; checks words only."""

from collections.abc import Mapping, Sequence
from datetime import time

from engine.errors import BadValueError
from engine.language import Text

SETTINGS = frozenset({"absent", "channels", "language", "quiet"})
"""What stands beside the addresses."""


def changed_contact(
    before: Mapping[str, object],
    addresses: Mapping[str, object],
    *,
    channels: Sequence[str] = (),
    quiet: str | None = None,
    absent: str | None = None,
    deputy: str | None = None,
    language: str | None = None,
) -> dict[str, object]:
    """Return a contact with what was given instead of what stood there; what was not named stays.

    Args:
        addresses: By channel; if any are given they replace all.
        quiet: Such as "21:00-08:00"; empty for none.
        absent: Such as "2019-10-01..2019-10-07"; empty for present.

    Raises:
        BadValueError: If something cannot be read.
    """
    found = {name: value for name, value in before.items() if name in SETTINGS or not addresses}
    found.update(addresses)
    if channels:
        found["channels"] = list(channels)
    if quiet is not None:
        found["quiet"] = _quiet(quiet)
    if absent is not None:
        found["absent"] = _absent(absent, deputy)
    elif deputy is not None:
        raise BadValueError(Text("--deputy goes with --absent FROM..TO", "--deputy 须与 --absent 起..止 同用"))
    if language is not None:
        found["language"] = language
    return {name: value for name, value in found.items() if value not in ("", None)}


def _quiet(words: str) -> str:
    """Return quiet hours as they are kept."""
    if not words:
        return ""
    begins, dash, ends = words.partition("-")
    try:
        if not dash:
            raise ValueError(words)  # noqa: TRY301 - one refusal for all that it is not
        return f"{time.fromisoformat(begins.strip()):%H:%M}-{time.fromisoformat(ends.strip()):%H:%M}"
    except ValueError as error:
        raise BadValueError(
            Text(f"--quiet {words}: write it like 21:00-08:00", f"--quiet {words}：请写作 21:00-08:00")
        ) from error


def _absent(words: str, deputy: str | None) -> dict[str, str] | None:
    """Return an absence as it is kept; None if there is none."""
    from engine.working_days.dates import read_span

    if not words:
        return None
    begins, ends = read_span(words)
    if ends < begins:
        raise BadValueError(
            Text(f"--absent {words}: the earlier day comes first", f"--absent {words}：请先写较早的日期")
        )
    if not deputy:
        raise BadValueError(Text("say who acts meanwhile: --deputy OFFICER", "请写明由谁代办：--deputy 人员"))
    return {"from": begins.isoformat(), "to": ends.isoformat(), "deputy": deputy}
