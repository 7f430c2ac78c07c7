"""How an officer is reached: addresses, order of channels, quiet hours, absence with a deputy; checks words only."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, time
from typing import Final

from engine.errors import BadValueError, Reason
from engine.language import Text
from engine.operations.house.directory import Officer
from engine.workflow.problems import did_you_mean

SETTINGS = frozenset({"absent", "channels", "language", "quiet"})
"""What stands beside the addresses."""
MAIL: Final = frozenset({"email", "mail"})
"""Names that mean mail where no file says what a channel is."""
_ADDRESS: Final = re.compile(r"[^\s@<>,;:\"()\[\]]+@[^\s@<>,;:\"()\[\]]+")


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
        raise _wrong("absent", Text("--deputy goes with --absent FROM..TO", "--deputy 须与 --absent 起..止 同用"))
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
        raise _wrong("quiet", Text(f"{words}: write it like 21:00-08:00", f"{words}：请写作 21:00-08:00")) from error


def _absent(words: str, deputy: str | None) -> dict[str, str] | None:
    """Return an absence as it is kept; None if there is none."""
    from engine.working_days.dates import read_span

    if not words:
        return None
    begins, ends = read_span(words)
    if ends < begins:
        raise _wrong(
            "absent",
            Text(f"{words}: the earlier day comes first", f"起始日期 {begins} 晚于截止日期 {ends}；请先写较早的日期"),
        )
    if not deputy:
        raise _wrong("deputy", Text("say who acts meanwhile (--deputy OFFICER)", "请写明由谁代办（--deputy 人员）"))
    return {"from": begins.isoformat(), "to": ends.isoformat(), "deputy": deputy}


def clash_of_deputy(code: str, deputy: str, absent: object, officers: Iterable[Officer]) -> Text | None:
    """Return the warning of a deputy who is away on the same days; None if they are there.

    Args:
        code: Of the officer who is away.
        absent: The absence as it is kept; None if there is none.

    Raises:
        BadValueError: If an officer is their own deputy.
    """
    if deputy == code:
        sentence = Text(
            f"{code} cannot be their own deputy; name somebody else", f"{code} 不能由本人代办；请另写代办人"
        )
        raise _wrong("deputy", sentence)
    theirs = next((each.contact.get("absent") for each in officers if each.code == deputy), None)
    if not isinstance(absent, Mapping) or not isinstance(theirs, Mapping):
        return None
    begins = max(_day(absent, "from"), _day(theirs, "from"))
    ends = min(_day(absent, "to"), _day(theirs, "to"))
    if begins > ends:
        return None
    return Text(
        "{deputy} is away too from {begins} to {ends}, with {other} as deputy; name somebody who is there",
        "{deputy} 在 {begins} 至 {ends} 也外出，代办人为 {other}；请另写在岗的代办人",
    ).format(deputy=deputy, begins=begins, ends=ends, other=theirs.get("deputy"))


def refuse_unreachable(
    declared: Mapping[str, bool] | None, addresses: Mapping[str, object], channels: Iterable[str]
) -> None:
    """Refuse a channel that nobody declared and an address that is none.

    Args:
        declared: The channels that there are, each with whether it is mail; None if nobody has said.
        addresses: By channel.
        channels: Others that are named.

    Raises:
        BadValueError: If one is wrong.
    """
    for name, address in addresses.items():
        if not str(address).isprintable():
            raise _wrong(name, Text(f"{name}: an address is one line of text", f"{name}：地址应为一行文本"))
    for name in dict.fromkeys((*addresses, *channels)):
        if declared is not None and name not in declared:
            near, listed = did_you_mean(name, declared), tuple(declared)
            raise _wrong(
                name,
                Text(
                    f"no channel is called '{name}'{near.en}; there are: {', '.join(listed)}",
                    f"没有通道“{name}”{near.zh}；可用：{'、'.join(listed)}",
                ),
            )
    for name, address in addresses.items():
        is_mail = name in MAIL if declared is None else declared[name]
        if is_mail and not _ADDRESS.fullmatch(str(address)):
            raise _wrong(
                name,
                Text(
                    f"{name}={address}: this is no mail address; write it like li@example.org",
                    f"{name}={address}：这不是邮件地址；请写作 li@example.org",
                ),
            )


def _day(absence: Mapping[str, object], key: str) -> date:
    """Return the first or the last day of an absence."""
    return date.fromisoformat(str(absence[key]))


def _wrong(field: str, sentence: Text) -> BadValueError:
    """Return the refusal of what was given for a part of a contact."""
    return BadValueError(sentence, [Reason.of(sentence, "value", field=field)])
