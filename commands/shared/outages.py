"""What a watch says of chores that fail: once when that begins, once when it ends, not at each try in between."""

from collections.abc import Callable
from threading import Lock
from time import monotonic

from engine.errors import QinglingError
from engine.language import t


class Outages:
    """Reasons for which chores fail at present, however many chores fail for one of them."""

    def __init__(self, say: Callable[[str], None], *, clock: Callable[[], float] = monotonic) -> None:
        """Begin with none.

        Args:
            say: Writes a line into the log.
            clock: Returns seconds that only ever grow.
        """
        self._say = say
        self._clock = clock
        self._chores: dict[str, set[str]] = {}
        self._since: dict[str, float] = {}
        self._at_the_door = Lock()

    def failed(self, chore: str, error: BaseException) -> None:
        """Say that a chore failed, unless one failed for the same reason and none of those has succeeded since."""
        why = str(error) if isinstance(error, QinglingError) else f"{type(error).__name__}: {error}"
        why = " ".join(why.split())
        with self._at_the_door:
            for other in [each for each, chores in self._chores.items() if chore in chores and each != why]:
                self._chores[other].discard(chore)
                if not self._chores[other]:
                    self._forget(other)
            is_new = why not in self._chores
            self._chores.setdefault(why, set()).add(chore)
            self._since.setdefault(why, self._clock())
        if is_new:
            self._say(
                t(
                    "{chore} failed and will be tried again, which is not said each time: {why}",
                    "{chore} 未成功，将继续重试，不再逐次提示：{why}",
                    chore=chore,
                    why=why,
                )
            )

    def succeeded(self, chore: str) -> None:
        """Say that what made a chore fail has ended, if it had failed."""
        with self._at_the_door:
            ended = [(each, self._since[each]) for each, chores in self._chores.items() if chore in chores]
            for why, _ in ended:
                self._forget(why)
        for why, since in ended:
            self._say(
                t(
                    "{chore} works again after {minutes} minutes: {why}",
                    "{chore} 已恢复，历时 {minutes} 分钟：{why}",
                    chore=chore,
                    minutes=round((self._clock() - since) / 60),
                    why=why,
                )
            )

    def _forget(self, why: str) -> None:
        """Take a reason for ended."""
        del self._chores[why], self._since[why]
