"""The watch: the chores that nobody must forget, and how they are done at their times until somebody stops it.

Shared by `run`, which is the watch, and by the desk, which may keep it besides.
"""

import os
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from queue import SimpleQueue
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING, Final
from uuid import uuid4
from zoneinfo import ZoneInfo

from commands.console.context import AppContext, known_files_folder
from commands.console.output import talk
from commands.console.wall_clock import real_now
from commands.shared.outages import Outages
from engine.errors import QinglingError, WatchKeptError
from engine.language import Text, language, t, use
from engine.system.whole_files import make_folder

if TYPE_CHECKING:
    from engine.operations.ledger.ledger import Ledger

BEAT: Final = timedelta(seconds=30)
"""Between two signs of life; a lease lasts three times as long."""

DAILY: Final = timedelta(minutes=15)
"""Between two looks at what is to be done once a day."""

TURN: Final = timedelta(seconds=2)
"""Between two looks of a scheduler that waits for the watch to be free, however seldom it sweeps."""

BACKUP_HOUR: Final = 2
"""Local hour from which on the backup of the day is made."""


def stop_on_signal(stopping: Event) -> None:
    """Let SIGTERM and SIGINT set *stopping*, so that what is under way finishes, and then all ends.

    A signal may come while its own thread is about to wait for *stopping* and holds the lock within; a handler that
    set it would wait for itself for ever. So the signal is only passed on, and another thread sets it.
    """
    signals: SimpleQueue[int] = SimpleQueue()  # may be put into from anywhere, also in the midst of another put

    def wait_and_stop() -> None:
        signals.get()
        stopping.set()

    Thread(target=wait_and_stop, name="stopping", daemon=True).start()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda number, _frame: signals.put(number))


class Watchman:
    """The chores of a watch; each opens the ledger for itself, since it runs in a thread of its own."""

    def __init__(self, app: AppContext, *, folder: Path | None, keep: int) -> None:
        self.stopping = Event()
        self.zone = app.ledger.zone
        self._app = app
        self._folder = folder
        self._keep = keep
        self._language = language()
        self._holder = f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:8]}"
        self._waits = False
        self._at_the_door = Lock()
        self._mute = False
        self._absent: tuple[Text, ...] = ()
        self._outages = Outages(self.say)

    def keep(self, *, every: timedelta) -> None:
        """Do every chore at its times until `stopping` is set.

        Args:
            every: Between two sweeps.
        """
        from engine.scheduler import Chore, keep_watch

        use(self._language)  # the watch may be kept in a thread of its own
        chores = [
            Chore(name=name, every=each, do=self.noting_success(name, chore))
            for name, each, chore in (
                ("beat", BEAT, self.beat),
                ("turn", TURN, self.take_turn),
                ("sweep", every, self.guarded(self.sweep)),
                ("deliver", timedelta(minutes=1), self.guarded(self.deliver)),
                ("tree", every, self.guarded(self.integrate)),
                *((name, DAILY, self.guarded(chore)) for name, chore in self.daily().items()),
            )
        ]
        self.say(t("keeping watch; stop with Ctrl-C or SIGTERM", "开始值守；按 Ctrl-C 或发送 SIGTERM 停止"))
        keep_watch(chores, clock=real_now, zone=self.zone, stopping=self.stopping, failed=self.failed)
        try:
            self.leave()
        except QinglingError as error:  # the lease ends by itself
            self.failed("leave", error)
        self.say(t("stopped", "已停止"))

    def do_all(self) -> None:
        """Do every chore once, unless a scheduler keeps watch; one that fails costs none of the others.

        Raises:
            WatchKeptError: If another scheduler keeps watch; then nothing was done.
            Exception: What the first chore that failed came to, after the others were done.
        """
        self._take()
        if self._waits:
            raise self._kept_by_another()
        wrong: list[Exception] = []
        daily = self.daily()
        first = {"returns": daily.pop("returns"), "sweep": self.sweep}  # what opens may have to be reminded of at once
        last = {"deliver": self.deliver, "backup": daily.pop("backup")}  # what takes long holds up no message
        for name, chore in {**first, **daily, **last, "leave": self.leave}.items():
            try:
                chore()
            except Exception as error:  # noqa: BLE001 - whatever it is, it costs none of the others
                self.failed(name, error)
                wrong.append(error)
        if wrong:
            raise wrong[0]

    def beat(self) -> None:
        """Take the watch or keep it, and leave a sign of life."""
        with self._at_the_door:
            waited = self._waits
            self._take()
            if self._waits and not waited:
                self.say(t("another scheduler keeps watch; waiting to take over", "另有值守进程在运行；等候接替"))
            elif waited and not self._waits:
                self.say(t("took over the watch", "已接替值守"))

    def _take(self) -> None:
        """Take the watch or keep it, if no other scheduler has it."""
        from engine.operations.deadlines.scheduler_lease import hold_watch

        with self._opened() as app:
            self._waits = not hold_watch(app.ledger, self._holder, now=app.clock_now)

    def _kept_by_another(self) -> WatchKeptError:
        """Return the refusal to do anything while another scheduler keeps watch."""
        from engine.operations.deadlines.scheduler_lease import watch

        with self._opened() as app:
            kept = watch(app.ledger)
        holder = "" if kept is None else kept.holder
        return WatchKeptError(
            Text(
                f"another scheduler keeps watch ({holder}): nothing was swept, sent, opened or backed up here; "
                "leave it to that one, or stop it first",
                f"另有值守进程在运行（{holder}）：本次未巡检、未发送、未生成报表、未备份；请由其办理，或先将其停止",
            )
        )

    def take_turn(self) -> None:
        """Where another keeps watch, look whether it has left, and then begin at once."""
        from engine.operations.deadlines.scheduler_lease import watch

        if not self._waits:
            return
        # Only read: to ask for the watch itself would be a write, every other second.
        with self._opened() as app:
            kept, now = watch(app.ledger), app.clock_now
        if kept is not None and kept.is_kept(now):
            return
        for chore in (self.sweep, self.deliver):
            self.guarded(chore)()

    def guarded(self, chore: Callable[[], None]) -> Callable[[], None]:
        """Return *chore* as it is done only by the scheduler that holds the watch."""

        def do() -> None:
            self.beat()
            if not self._waits and not self.stopping.is_set():
                chore()

        return do

    def noting_success(self, name: str, chore: Callable[[], None]) -> Callable[[], None]:
        """Return *chore* as it says that it works again, if it had failed."""

        def do() -> None:
            chore()
            use(self._language)
            self._outages.succeeded(name)

        return do

    def leave(self) -> None:
        """Give the watch back."""
        from engine.operations.deadlines.scheduler_lease import leave_watch

        with self._opened() as app:
            leave_watch(app.ledger, self._holder, now=app.clock_now)

    def failed(self, chore: str, error: BaseException) -> None:
        """Say in one line that a chore failed; it is woken again, and fails in silence for the same reason."""
        use(self._language)
        self._outages.failed(chore, error)

    def sweep(self) -> None:
        """Record what is due."""
        from commands.presentation.chores_view import swept_words
        from engine.operations.cases.searching import take_words_in
        from engine.operations.deadlines.sweep import sweep

        with self._opened() as app:
            swept = sweep(app.ledger, now=app.now)
            take_words_in(app.ledger)
        if swept.reminded:
            self.say(swept_words(swept))

    def deliver(self) -> None:
        """Send what was promised."""
        from commands.presentation.chores_view import sent_words
        from commands.shared.delivery import channels_file, channels_of, deliver

        with self._opened() as app:
            ledger = app.ledger
            if channels_file(ledger, self._app.database) is None:
                if not self._mute:
                    self.say(t("no channel is set up: nothing is sent", "未配置发送通道：不发送"))
                self._mute = True
                return
            settings = channels_of(ledger, self._app.database)
            for each in settings.absent:
                if each not in self._absent:
                    self.say(str(each))
            self._absent = settings.absent
            report = deliver(ledger, settings, now=app.now, stopping=self.stopping)
        if report.sent or report.waiting or report.failed:
            self.say(sent_words(report))

    def daily(self) -> dict[str, Callable[[], None]]:
        """Return what is done once a day, each by itself, so that none waits for another to succeed."""
        return {
            "returns": self.open_returns,
            "calendar": self.warn_of_calendar,
            "backup": self.back_up,
            "checkpoint": self.make_checkpoint,
            "statistics": self.refresh_statistics,
        }

    def refresh_statistics(self) -> None:
        """Let the database look again at how the rows of a grown ledger are spread."""
        from engine.operations.house.installation import refresh_statistics

        with self._opened() as app:
            refresh_statistics(app.ledger)

    def integrate(self) -> None:
        """Bring new entries of the journal into the tree over all of them."""
        from engine.operations.house.checkpoints import integrate

        with self._opened() as app:
            integrate(app.ledger)

    def make_checkpoint(self) -> None:
        """Sign the checkpoint of the day."""
        from commands.shared.journal_notes import known_journal_key
        from engine.operations.deadlines.sweep import SWEEPER
        from engine.operations.house.checkpoints import is_made_on, make_checkpoint
        from engine.operations.ledger.acting import Acting

        key_file = known_journal_key(self._app.database)
        with self._opened() as app:
            if key_file is None:
                return  # a server's ledger whose keeper named no place: `journal verify` says what is not covered
            if is_made_on(app.ledger, app.ledger.today(app.now)):
                return  # also where each minute's cron asks again: the day has its checkpoint
            made = make_checkpoint(Acting(app.ledger, SWEEPER, app.now), key_file, unattended=True)
        self.say(
            t(
                "checkpoint of {size} journal rows, short code {code}",
                "日志检查点：{size} 行，短码 {code}",
                size=made.size,
                code=made.short_code,
            )
        )

    def open_returns(self) -> None:
        """Open the returns that have fallen due."""
        from commands.presentation.chores_view import unowed_words
        from engine.operations.returns.filing import open_returns

        with self._opened() as app:
            opened = open_returns(app.ledger, now=app.now)
            for none in opened.unowed:
                self.say(str(unowed_words(app.ledger, none)))
        if opened.numbers:
            self.say(t("opened by themselves: {n}", "到期自动生成 {n} 件", n=len(opened.numbers)))
        for each in opened.passed_over:
            self.say(
                t(
                    "{workflow} ({recurs}): {n} periods since {since} were missed too long ago and not opened",
                    "{workflow}（{recurs}）：自 {since} 起有 {n} 期间隔过久，未补开",
                    workflow=each.workflow, recurs=each.recurs, n=each.periods, since=each.since,
                )
            )  # fmt: skip
        if opened.numbers:
            self.sweep()  # what opens may have to be reminded of at once, and the next sweep may be hours away

    def warn_of_calendar(self) -> None:
        """Warn of a missing calendar."""
        from engine.operations.deadlines.scheduler_lease import warn_of_missing_calendar

        with self._opened() as app:
            warned = warn_of_missing_calendar(app.ledger, now=app.now)
        if warned:
            self.say(
                t("next year's calendar is not loaded; the keepers are warned", "缺少下一年度日历，已提示管理人员")
            )

    def back_up(self) -> None:
        """Make the backup of the day, once its hour has come."""
        from engine.operations.deadlines.scheduler_lease import is_backup_due

        with self._opened() as app:
            ledger, now = app.ledger, app.now
            local = now.astimezone(ledger.calendar.zone)
            if self._folder is not None and local.hour >= BACKUP_HOUR and is_backup_due(ledger, now=now):
                self._back_up(ledger, self._folder, now)

    def _back_up(self, ledger: "Ledger", folder: Path, now: datetime) -> None:
        """Make the backup of the day and remove those beyond the number to keep.

        One that is there but not in the journal was made just before the program was killed: it is journaled now.

        Raises:
            BadFileError: If attached files are not in it; all else is, and is kept.
        """
        from commands.presentation.backup_view import refuse_missing
        from engine.operations.deadlines.scheduler_lease import note_backup
        from engine.operations.house.safekeeping import (
            back_up_tables,
            declared_keys,
            digest_of,
            encrypted_name,
            files_beside,
        )

        make_folder(folder, mode=0o700)
        local = now.astimezone(ledger.calendar.zone)
        target = folder / f"qingling-daily-{local:%Y%m%d}.db"
        if declared_keys(self._app.database):
            target = encrypted_name(target)
        missing: tuple[str, ...] = ()
        if target.exists():
            digest = digest_of(target)
        else:
            files = known_files_folder(self._app.database)
            made = back_up_tables(self._app.database, target, now=now, files=files)
            digest, missing = made.digest, made.missing
        note_backup(ledger, digest=digest, now=now)
        self.say(t("backed up: {file}", "已备份：{file}", file=target))
        for old in sorted(folder.glob("qingling-daily-????????.db*"))[: -self._keep]:
            import shutil

            shutil.rmtree(files_beside(old), ignore_errors=True)
            old.unlink()
        refuse_missing(missing)

    def say(self, words: str) -> None:
        """Say something with the local time of the house before it, for the log of a service."""
        talk(f"{log_time(self.zone, real_now())}  {words}")

    @contextmanager
    def _opened(self) -> "Iterator[AppContext]":
        """Open the ledger for one chore, and with it the clock that decides."""
        use(self._language)
        app = AppContext()
        app.database_option, app.now_option = self._app.database_option, self._app.now_option
        try:
            _ = app.ledger
            yield app
        finally:
            app.close()


def log_time(zone: str, at: datetime) -> str:
    """Return what time it is in *zone* at the aware instant *at*, as the log of a service says it."""
    return f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M:%S}"
