"""Pairs of times: ours and the floor's, taken in turn, so that a machine whose speed drifts cancels out."""

import gc
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

Run = Callable[[], float]
"""Does the work once on fresh ground and returns the seconds that the work itself took."""

_BETWEEN = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(used.ru_maxrss, used.ru_utime + used.ru_stime)
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """What one measure found."""

    what: str
    floor: str
    ours_s: float
    """Median of the rounds."""
    floor_s: float
    """Median of the rounds."""
    ratio: float
    """Median of the rounds' own ratios; what counts."""
    spread: tuple[float, float]
    """Least and greatest ratio."""
    at_most: float
    remark: str = ""

    @property
    def met(self) -> bool:
        """Whether the target is met."""
        return self.ratio <= self.at_most


def paired(
    what: str,
    floor: str,
    ours: Run,
    theirs: Run,
    *,
    at_most: float,
    rounds: int,
    remark: Callable[[], str] | None = None,
) -> Finding:
    """Run *ours* and *theirs* in turn, the second going first next, and compare each pair."""
    pairs: list[tuple[float, float]] = []
    for turn in range(rounds):
        gc.collect()
        if turn % 2:
            other = theirs()
            own = ours()
        else:
            own = ours()
            other = theirs()
        pairs.append((own, other))
    ratios = [own / other for own, other in pairs]
    return Finding(
        what=what,
        floor=floor,
        ours_s=median(own for own, _ in pairs),
        floor_s=median(other for _, other in pairs),
        ratio=median(ratios),
        spread=(min(ratios), max(ratios)),
        at_most=at_most,
        remark=remark() if remark else "",
    )


def peak(program: Sequence[str], environment: Mapping[str, str]) -> tuple[int, float]:
    """Run a program; return the most memory that it took in KiB, and its processor time in seconds.

    A program that is begun from here would be charged with what this one holds; a small one stands between.
    """
    line = subprocess.run(
        [sys.executable, "-c", _BETWEEN, *program], env=environment, check=True, capture_output=True, text=True
    )
    largest, used = line.stdout.split()[-2:]
    return int(largest), float(used)


def seconds(work: Callable[[], object]) -> float:
    """Return how long *work* takes."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun
