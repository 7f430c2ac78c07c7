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

_BESIDE = """
import os, pathlib, resource, subprocess, sys, time

def largest(process):
    for line in pathlib.Path("/proc", str(process), "status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1])
    return 0

def called(process):
    return pathlib.Path("/proc", str(process), "cmdline").read_bytes()

def begun(process):
    for thread in pathlib.Path("/proc", str(process), "task").iterdir():
        for child in (thread / "children").read_text().split():
            if called(child) != called(process):  # else it is about to become what was begun, and still looks like this
                yield int(child)
                yield from begun(int(child))

together, seen = 0, {}
program = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
while program.poll() is None:
    try:
        living = {each: largest(each) for each in (program.pid, *begun(program.pid))}
        seen |= {each: max(seen.get(each, 0), kib) for each, kib in living.items()}
        together = max(together, sum(living.values()))
    except OSError:
        pass
    time.sleep(0.01)
if program.returncode:
    sys.exit(program.returncode)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(together, *seen.values(), used.ru_utime + used.ru_stime)
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


def peaks(program: Sequence[str], environment: Mapping[str, str]) -> tuple[int, tuple[int, ...], float]:
    """Run a program; return the most memory in KiB that it and those it began took together, and its processor time.

    Between the two stands the most that each took, itself first; not all need live at once. The system keeps only the
    largest of several processes that have ended, so each is looked at while it lives; what one takes in the last
    hundredth of a second of its life is not seen.
    """
    line = subprocess.run(
        [sys.executable, "-c", _BESIDE, *program], env=environment, check=True, capture_output=True, text=True
    )
    together, *each, used = line.stdout.split()
    return int(together), tuple(map(int, each)), float(used)


def seconds(work: Callable[[], object]) -> float:
    """Return how long *work* takes."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun
