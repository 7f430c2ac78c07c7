"""What could never reach anybody is refused as it is typed: a channel nobody declared, an address that is none."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from commands.console.output import talk
from engine.errors import BadValueError, QinglingError
from engine.language import Text, t
from engine.workflow.problems import did_you_mean

if TYPE_CHECKING:
    from commands.console.context import AppContext

MAIL: Final = frozenset({"email", "mail"})
"""Names that mean mail where no file says what a channel is."""

_ADDRESS: Final = re.compile(r"[^\s@<>,;:\"()\[\]]+@[^\s@<>,;:\"()\[\]]+")


def check_reach(app: "AppContext", addresses: Mapping[str, object], channels: Iterable[str]) -> None:
    """Refuse names of channels that are not declared and addresses that cannot be; warn where none are declared.

    Raises:
        BadValueError: If one is wrong.
    """
    for name, address in addresses.items():
        if not str(address).isprintable():
            raise BadValueError(Text(f"{name}: an address is one line of text", f"{name}：地址应为一行文本"))
    named = dict.fromkeys((*addresses, *channels))
    if not named:
        return
    declared = _declared(app)
    for name in named:
        if declared is not None and name not in declared:
            near, listed = did_you_mean(name, declared), tuple(declared)
            raise BadValueError(
                Text(
                    f"no channel is called '{name}'{near.en}; there are: {', '.join(listed)}",
                    f"没有通道“{name}”{near.zh}；可用：{'、'.join(listed)}",
                )
            )
    for name, address in addresses.items():
        is_mail = name in MAIL if declared is None else declared[name]
        if is_mail and not _ADDRESS.fullmatch(str(address)):
            raise BadValueError(
                Text(
                    f"{name}={address}: this is no mail address; write it like li@example.org",
                    f"{name}={address}：这不是邮件地址；请写作 li@example.org",
                )
            )
    if declared is None and _file(app) is not None:
        talk(
            t(
                "{names} cannot be checked until that is mended",
                "以上问题改正之前，无法核对 {names}",
                names=t(", ", "、").join(named),
            )
        )
    elif declared is None:
        talk(
            t(
                "no channel is set up yet: {names} cannot be checked; docs/deployment.md shows how to declare it",
                "尚未配置发送通道：无法核对 {names}；配置方法见 docs/zh/deployment.md",
                names=t(", ", "、").join(named),
            )
        )


def _declared(app: "AppContext") -> Mapping[str, bool] | None:
    """Return the declared channels, each with whether it is mail; None if there are none or the file is wrong."""
    from commands.shared.delivery import channels_of
    from notifications.mailing import MailChannel

    if _file(app) is None:
        return None
    try:
        found = channels_of(app.ledger, app.database).channels
    except QinglingError as error:
        talk(str(error.sentence))
        return None
    return {name: isinstance(each, MailChannel) or name in MAIL for name, each in found.items()}


def _file(app: "AppContext") -> Path | None:
    """Return the file that declares the channels, if there is one."""
    from commands.shared.delivery import channels_file

    return channels_file(app.ledger, app.database)
