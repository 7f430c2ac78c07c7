"""Runs tests against changes, each change in a process of its own, so that what is on the disk stays as it is.

The tests of a room are imported once. Into a process that is forked from theirs the changed code of a function is
put, and only the tests run that enter it: some hundredths of a second. What cannot be changed so, or lived, is
imported from the start in a process that has the libraries already: some seconds.
"""

import gc
import importlib.machinery
import os
import resource
import select
import signal
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from types import CodeType, FrameType, FunctionType, ModuleType
from typing import Any

import pytest

from tools.mutants.changes import HOUSE, Mutant

PASSED, FAILED, NOT_PUT_IN = 0, 1, 3
"""What a process of one change ends with."""
LONGEST = 300
"""Seconds after which a process is ended that waits for something; one that is busy ends by its own limit."""
ENOUGH = 10.0
"""Seconds of the processor for the tests of one change; the slow ones that come last are left out beyond it."""
MEMORY = 6 << 30
"""Bytes that a change may take that makes a list endless."""

_Place = tuple[str, str]
"""A file and the function in it, as its code names it."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The tests that can notice a change, the quickest first, and the seconds that they took without it."""

    tests: tuple[str, ...]
    seconds: float

    @property
    def limit(self) -> int:
        """Return the seconds of the processor after which a change counts as noticed: it made something endless."""
        return 10 + int(5 * self.seconds)


class WarmTests:
    """A plugin of pytest in place of its loop: runs all tests once, then those that a change concerns, per change."""

    def __init__(self, files: Iterable[Path], line: Connection) -> None:
        self._files = {str(file) for file in files}
        self._line = line
        self._entered: set[_Place] = set()
        self._by_place: dict[_Place, set[int]] = defaultdict(set)
        self._seconds: list[float] = []
        self._items: list[pytest.Item] = []
        self._functions: dict[_Place, list[FunctionType]] = defaultdict(list)
        self._caches: list[Any] = []

    def watch(self) -> None:
        """Note from now on which functions of the files are entered."""
        threading.settrace(self._note)
        sys.settrace(self._note)

    def _note(self, frame: FrameType, event: str, _arg: object) -> None:
        if event == "call" and (file := frame.f_code.co_filename) in self._files:
            self._entered.add((file, _outermost(frame.f_code)))

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Run the tests as they are, then answer for each change that comes."""
        sys.settrace(None)
        threading.settrace(None)
        at_import = frozenset(self._entered)
        self._items = session.items
        self._find_functions()
        failed = self._run_as_it_is(session)
        for place in at_import:  # what it gave then is already in the tests, so it must be imported changed
            self._functions.pop(place, None)
        gc.collect()
        gc.freeze()
        self._line.send((len(self._items), failed))
        while (mutant := self._line.recv()) is not None:
            self._line.send(self._survived(mutant, session))
        return True

    def _find_functions(self) -> None:
        gc.unfreeze()  # what is frozen is not among what the collector names
        for each in gc.get_objects():
            if type(each) is FunctionType and each.__code__.co_filename in self._files:
                code = each.__code__
                if "<locals>" not in code.co_qualname:
                    self._functions[code.co_filename, code.co_qualname].append(each)
            elif hasattr(type(each), "cache_clear") and _file_of(each) in self._files:
                self._caches.append(each)

    def _run_as_it_is(self, session: pytest.Session) -> list[str]:
        """Note which code each test enters and how long it takes; return those that fail, which say nothing later."""
        failed: list[str] = []
        for number, (item, after) in enumerate(zip(self._items, _following(self._items), strict=True)):
            self._entered = set()
            self._forget()
            began = time.process_time()
            self.watch()
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=after)
            sys.settrace(None)
            threading.settrace(None)
            self._seconds.append(time.process_time() - began)
            if session.testsfailed:
                failed.append(item.nodeid)
                session.testsfailed = 0
                continue
            for place in self._entered:
                self._by_place[place].add(number)
        return failed

    def _forget(self) -> None:
        """Empty the caches of the files, so that a test asks the code and not what an earlier test was given."""
        for cache in self._caches:
            cache.cache_clear()

    def _survived(self, mutant: Mutant, session: pytest.Session) -> Chosen | None:
        """Return the tests that let a change pass, and must be asked again after an import; None if one noticed."""
        path = str(HOUSE / mutant.file)
        place = path, mutant.function
        functions = self._functions.get(place)
        if not functions:
            entering = {n for (file, _), those in self._by_place.items() if file == path for n in those}
            return self._chosen(entering or set(range(len(self._items))))  # a file may hold declarations alone
        chosen = self._chosen(self._by_place[place])
        code = code_of(compile(mutant.text, path, "exec", dont_inherit=True), mutant.function)
        if not chosen.tests or code is None:
            return chosen

        def run() -> int:
            self._forget()
            try:
                for function in functions:
                    function.__code__ = code
            except ValueError:  # it no longer takes the same names from outside
                return NOT_PUT_IN
            wanted = [self._by_name[name] for name in chosen.tests]
            for item, after in zip(wanted, [*wanted[1:], None], strict=True):
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=after)
                if session.testsfailed:
                    return FAILED
            return PASSED

        return chosen if in_process(run, chosen.limit) in {PASSED, NOT_PUT_IN} else None

    @property
    def _by_name(self) -> dict[str, pytest.Item]:
        return {item.nodeid: item for item in self._items}

    def _chosen(self, numbers: set[int]) -> Chosen:
        """Return tests file by file, since a file is furnished once; the quicker first, and as many as time allows."""
        whole: dict[Path, float] = defaultdict(float)
        for number in numbers:
            whole[self._items[number].path] += self._seconds[number]
        names, seconds = [], 0.0
        for n in sorted(numbers, key=lambda n: (whole[self._items[n].path], self._items[n].path, self._seconds[n])):
            if seconds + self._seconds[n] <= ENOUGH:
                names.append(self._items[n].nodeid)
                seconds += self._seconds[n]
        return Chosen(tuple(names), seconds)


def _following(items: Sequence[pytest.Item]) -> list[pytest.Item | None]:
    """Return what comes after each test; after the last one of another file, so that only the session stays set up."""
    other = next((item for item in items if item.path != items[-1].path), None)
    return [*items[1:], other]


def _outermost(code: CodeType) -> str:
    return code.co_qualname.partition(".<locals>")[0]


def _file_of(cache: Any) -> str:
    wrapped = getattr(cache, "__wrapped__", None)
    return wrapped.__code__.co_filename if isinstance(wrapped, FunctionType) else ""


def code_of(within: CodeType, name: str) -> CodeType | None:
    """Return the code of a function of a module or class; None where two have the name, as a property has."""
    found = [each for each in _codes(within) if each.co_qualname == name]
    return found[0] if len(found) == 1 else None


def _codes(within: CodeType) -> Iterable[CodeType]:
    for each in within.co_consts:
        if isinstance(each, CodeType) and "<locals>" not in each.co_qualname:
            yield each
            yield from _codes(each)


class _OnlyThese:
    """A plugin of pytest that takes the tests that are named, in that order."""

    def __init__(self, names: Sequence[str]) -> None:
        self._order = {name: place for place, name in enumerate(names)}

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Leave out all others."""
        items[:] = sorted(
            (item for item in items if item.nodeid in self._order), key=lambda item: self._order[item.nodeid]
        )


class _Changed(importlib.machinery.SourceFileLoader):
    """Loads a file as a change would have it; nothing of it is kept on the disk."""

    text = ""

    def get_code(self, fullname: str) -> CodeType:
        """Return the changed code, never what an earlier run compiled."""
        return compile(self.text, self.get_filename(fullname), "exec", dont_inherit=True)


class ChangedFile:
    """Finds one module as a change would have it."""

    def __init__(self, mutant: Mutant) -> None:
        self._path = str(HOUSE / mutant.file)
        self._text = mutant.text

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Return how the module is loaded, or None for every other."""
        if not name.startswith("engine"):
            return None
        found = importlib.machinery.PathFinder.find_spec(name, path, target)
        if found is None or found.origin != self._path:
            return None
        found.loader = _Changed(name, self._path)
        found.loader.text = self._text
        return found


def survives_import(mutant: Mutant, chosen: Chosen) -> bool:
    """Say whether the tests pass where the changed file is imported; none are left where it cannot be."""

    def run() -> int:
        sys.meta_path.insert(0, ChangedFile(mutant))
        files = dict.fromkeys(name.partition("::")[0] for name in chosen.tests)
        return pytest.main([*OPTIONS, "-x", *files], plugins=[_OnlyThese(chosen.tests)])

    return in_process(run, chosen.limit + 20) == PASSED


OPTIONS = ("-q", "-p", "no:cacheprovider", "-o", "addopts=--strict-markers --strict-config")


def serve(files: Sequence[Path], tests: Sequence[str], line: Connection) -> int:
    """Collect the tests and answer for changes until None comes, in the process that calls it."""
    plugin = WarmTests(files, line)
    plugin.watch()
    return pytest.main([*OPTIONS, *tests], plugins=[plugin])


def be_unheard() -> None:
    """Let what this process prints go nowhere."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)


def in_process(work: Callable[[], int], limit: int) -> int:
    """Do something in a process of its own, unheard, and return what it ends with; negative if it had to be ended."""
    process = os.fork()
    if process == 0:
        code = FAILED
        try:
            os.setpgid(0, 0)
            be_unheard()
            resource.setrlimit(resource.RLIMIT_CPU, (limit, limit + 1))
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
            code = work()
        finally:
            os._exit(code)
    waiting = os.pidfd_open(process)
    ended, _, _ = select.select([waiting], [], [], LONGEST)
    os.close(waiting)
    if not ended:
        os.kill(process, signal.SIGKILL)
    _, status = os.waitpid(process, 0)
    return os.waitstatus_to_exitcode(status)
