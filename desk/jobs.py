"""Work that no request waits for: imports, reports and exports, in a thread of their own with a page of their own.

A job lives in the memory of the desk: a restart ends it, and what it kept of an upload is destroyed. The files of
uploads lie in one private folder, which the next desk clears away where one was killed.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_urlsafe
from threading import Lock
from time import monotonic
from typing import Final, Literal, Protocol

from desk.wrong import OURS, WorkCancelledError
from engine.errors import NotFoundError, QinglingError, RefusedError
from engine.language import Text
from engine.rules.reading_rights import Reader

State = Literal["idle", "waiting", "running", "done", "refused", "cancelled"]
KEPT_FOR: Final = 2 * 3600
"""Seconds after which a job that nobody looks at any more is given up, with what it kept."""
MOST_OF_ONE: Final = 5
"""Jobs that one officer may keep."""
MOST_CANCELLED: Final = 200
"""Jobs of which it is remembered that they were cancelled: their pages still ask how far they have come."""
UPLOADS: Final = ".qingling-uploads-"
"""What the name of the folder of uploads begins with."""


class JobCancelledError(QinglingError):
    """Somebody cancelled a job while it ran; what it wrote is undone."""


class JobSubject(Protocol):
    """What a job is about, as far as its keeping goes."""

    def destroy(self) -> None:
        """Destroy what is kept of it on the disk."""


@dataclass(eq=False, kw_only=True, slots=True)
class Job:
    """Something that runs for longer than a request."""

    officer: str
    kind: str
    """Which page shows it: the first part of its address."""
    title: Text
    subject: JobSubject
    key: str = field(default_factory=lambda: token_urlsafe(16))
    state: State = "idle"
    done: int = 0
    """How far it has come, of `expected`."""
    expected: int = 0
    refused: Text | None = None
    looked_at: float = field(default_factory=monotonic)
    is_cancelled: bool = False
    is_had: bool = False
    """Its officer has what it made: it may make room for something new."""
    case: str = ""
    """Number of the only case that it is about, which its title names; empty if there is none."""
    read_as: Reader | None = None
    """What its officer might read when it was begun to be made; None as long as nothing of it was."""

    @property
    def is_under_way(self) -> bool:
        """Whether it waits or runs."""
        return self.state in {"waiting", "running"}

    @property
    def address(self) -> str:
        """Where it is looked at."""
        return f"/{self.kind}/{self.key}"

    def refuse_twice(self) -> None:
        """Refuse to begin something of it while something else of it is under way.

        Raises:
            RefusedError: If so.
        """
        if self.is_under_way:
            raise RefusedError(Text("it is under way already", "正在处理，请稍候"))

    def one_more(self) -> None:
        """Say that it has come one further.

        Raises:
            JobCancelledError: If somebody cancelled it.
        """
        self.done += 1
        if self.is_cancelled:
            raise JobCancelledError(Text("cancelled; nothing was written", "已取消，未写入任何内容"))


class Jobs:
    """All jobs of a desk; pages of several threads ask for them."""

    def __init__(self, folder: Path) -> None:
        """Begin with none.

        Args:
            folder: Where uploads are kept; only its owner reads it.
        """
        self.folder = folder
        self._jobs: dict[str, Job] = {}
        self._lock = Lock()
        self._cancelled: dict[tuple[str, str, str], None] = {}

    def of(self, officer: str) -> list[Job]:
        """Return an officer's jobs, the oldest first."""
        self._give_up_old()
        return [each for each in tuple(self._jobs.values()) if each.officer == officer]

    def job(self, officer: str, kind: str, key: str) -> Job:
        """Return a job of an officer.

        Raises:
            NotFoundError: If there is none, or none any more.
            WorkCancelledError: If it was cancelled while it was under way.
        """
        found = next((each for each in self.of(officer) if each.kind == kind and each.key == key), None)
        if (officer, kind, key) in self._cancelled:
            raise WorkCancelledError(Text("cancelled; nothing was written", "已取消，未写入任何内容"), kind=kind)
        if found is None:
            raise NotFoundError(
                Text("there is no such work any more; begin it again", "该项处理已结束或已清除，请重新开始")
            )
        found.looked_at = monotonic()
        return found

    def keep(self, job: Job) -> None:
        """Keep a new job; the oldest whose officer has what it made makes room for it.

        Raises:
            RefusedError: If its officer has too many that are still to be seen to; what it kept is destroyed.
        """
        kept = self.of(job.officer)
        if len(kept) >= MOST_OF_ONE:
            had = next((each for each in kept if each.is_had and not each.is_under_way), None)
            if had is None:
                job.subject.destroy()
                raise RefusedError(
                    Text(
                        f"{MOST_OF_ONE} such pieces of work are open already; end one of them first, on My tasks",
                        f"已有 {MOST_OF_ONE} 项处理未结束；请先到“我的待办”打开其中一项，下载或清除",
                    )
                )
            self.end(had)
        self._jobs[job.key] = job

    def hide(self, job: Job) -> None:
        """Give a job up, though it be under way, since its officer may read less than it shows; nothing names it."""
        job.is_cancelled = True
        self._jobs.pop(job.key, None)
        if not job.is_under_way:
            job.subject.destroy()

    def begin(self, job: Job) -> None:
        """Let a job wait for its turn.

        Raises:
            RefusedError: If something of it is under way already.
        """
        with self._lock:
            job.refuse_twice()
            job.state, job.done, job.expected, job.refused, job.is_cancelled = "waiting", 0, 0, None, False

    def run(self, job: Job, work: Callable[[], None]) -> None:
        """Do what a job waited for, in the thread of jobs.

        Raises:
            Exception: What *work* raises; the job says it as well.
        """
        job.state = "running"
        try:
            if job.is_cancelled:
                job.one_more()
            work()
        except JobCancelledError as error:
            job.state, job.refused = "cancelled", error.sentence
            if job.key in self._jobs:  # what was hidden is cancelled by nobody
                self._cancelled[job.officer, job.kind, job.key] = None
            while len(self._cancelled) > MOST_CANCELLED:
                del self._cancelled[next(iter(self._cancelled))]
            self._jobs.pop(job.key, None)
        except QinglingError as error:
            job.state, job.refused = "refused", error.sentence
            raise
        except BaseException:
            job.state, job.refused = "refused", OURS
            raise
        else:
            job.state = "done"
        finally:
            if job.key not in self._jobs:  # cancelled, or hidden meanwhile
                job.subject.destroy()

    def end(self, job: Job) -> None:
        """Give a job up: at once if nothing of it is under way, else as soon as it has come to its next step."""
        job.is_cancelled = True
        if not job.is_under_way:
            self._jobs.pop(job.key, None)
            job.subject.destroy()

    def cancel(self, job: Job) -> None:
        """Give a job up that is under way; what is done by now stays to be looked at: it can be cancelled no more."""
        if job.is_under_way:
            self.end(job)

    def close(self) -> None:
        """Give all jobs up."""
        for each in tuple(self._jobs.values()):
            self.end(each)

    def _give_up_old(self) -> None:
        """Give up the jobs that nobody has looked at for a long time."""
        for each in tuple(self._jobs.values()):
            if monotonic() - each.looked_at > KEPT_FOR:
                self.end(each)
