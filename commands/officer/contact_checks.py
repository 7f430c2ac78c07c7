"""What could never reach anybody is refused as it is typed: a channel nobody declared, an address that is none."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from commands.console.output import talk
from engine.errors import QinglingError
from engine.language import t

if TYPE_CHECKING:
    from commands.console.context import AppContext


def check_reach(app: "AppContext", addresses: Mapping[str, object], channels: Iterable[str]) -> None:
    """Refuse names of channels that are not declared and addresses that cannot be; warn where none are declared.

    Raises:
        BadValueError: If one is wrong.
    """
    from commands.shared.delivery import channels_file, declared_channels
    from engine.operations.house.contacts import refuse_unreachable

    named = dict.fromkeys((*addresses, *channels))
    if not named:
        return
    declared, is_wrong = None, False
    try:
        declared = declared_channels(app.ledger, app.database)
    except QinglingError as error:
        talk(str(error.sentence))
        is_wrong = True
    refuse_unreachable(declared, addresses, channels)
    if is_wrong and channels_file(app.ledger, app.database) is not None:
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
