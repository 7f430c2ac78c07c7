"""Who comes in: log-ins with a password, kept in the ledger; in a rehearsal, officers chosen from a list.

A rehearsal ledger proves nothing, so there nobody need prove who they are; its choices live as long as the process.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from secrets import token_urlsafe
from threading import Lock
from typing import Final

from desk.ceremonies import Ceremonies
from desk.kept_forms import FormLock
from engine.errors import QinglingError, RefusedError
from engine.journal.assertions import Passkey
from engine.language import Text
from engine.operations.house.directory import acting_officers, officer_called, roles_given
from engine.operations.identity.logging_in import (
    MustWaitError,
    log_in,
    log_in_again,
    log_out,
    once_shown_by,
    shown_by_session,
)
from engine.operations.identity.passkeys import log_in_by_passkey
from engine.operations.identity.showing import act_as
from engine.operations.ledger.acting import Acting
from engine.operations.ledger.ledger import Ledger

_CHOSEN: Final = "chosen."
"""With what the browser's part of a choice begins; that of a log-in begins with a number."""
LONGEST_CODE: Final = 80
"""Characters of what may be typed as an officer."""
LONGEST_PASSWORD: Final = 1000
BUSY: Final = 30
"""Failures from one machine within a while after which nobody there may try again for a time."""
MACHINES: Final = 10_000
"""Of how many machines failures are remembered at a time."""
CHOICES: Final = 2000
"""Officers chosen from the list of a rehearsal who are remembered at a time."""
WHILE: Final = timedelta(minutes=15)


class Door:
    """Lets officers in and out."""

    def __init__(self) -> None:
        """Nobody is in."""
        self._lock = Lock()
        self._chosen: dict[str, str] = {}
        self._failed: dict[str, list[datetime]] = {}
        self._rights: dict[str, tuple[tuple[int, str] | None, frozenset[tuple[str, str]]]] = {}
        """How the house stood when a session was seen last, and the roles of its officer then."""
        self.ceremonies = Ceremonies()
        self.forms = FormLock()

    def who(self, ledger: Ledger, held: str, *, now: datetime) -> str | None:
        """Return the officer of a session, and let the ledger know how they are known; None if it is none.

        Args:
            held: What the browser keeps.
            now: The clock's aware instant.
        """
        if held.startswith(_CHOSEN):
            code = self._chosen.get(held)
            known = code is not None and ledger.is_rehearsal and code in {each.code for each in acting_officers(ledger)}
            return code if known else None
        found = shown_by_session(ledger, held, now=now) if held else None
        if found is None:
            return None
        act_as(ledger, found)
        return found.officer

    def choose(self, ledger: Ledger, code: str) -> str:
        """Return what the browser keeps of an officer who was chosen from the list of a rehearsal.

        Raises:
            RefusedError: If the ledger is for earnest, or nobody acts under that code.
        """
        if not ledger.is_rehearsal or code not in {each.code for each in acting_officers(ledger)}:
            raise RefusedError(Text("log in with your password", "请用口令登录"))
        held = _CHOSEN + token_urlsafe(32)
        with self._lock:
            self._chosen[held] = code
            while len(self._chosen) > CHOICES:
                del self._chosen[next(iter(self._chosen))]
        return held

    def log_in(self, ledger: Ledger, typed: str, password: str, *, source: str, now: datetime) -> str:
        """Log an officer in, and return what the browser keeps.

        Args:
            typed: Code or name of the officer.
            source: Address of the machine.
            now: The clock's aware instant.

        Raises:
            RefusedError: If the password is wrong or one must wait; the same for those who are no officers.
        """
        self._refuse_flood(source, now)
        if len(typed) > LONGEST_CODE or len(password) > LONGEST_PASSWORD:
            raise _wrong()
        try:
            code = officer_called(ledger, typed)
        except QinglingError:  # several are called so: that there are is nobody's business yet
            code = typed
        try:
            held, _ = log_in(ledger, code, lambda: password, source=f"{source} (desk)", now=now)
        except RefusedError as refused:
            self._remember(source, now)
            raise refused if isinstance(refused, MustWaitError) else _wrong() from refused
        return held

    def log_in_by_passkey(
        self, ledger: Ledger, shown: str, is_answer: Callable[[Passkey], bool], *, source: str, now: datetime
    ) -> str:
        """Log an officer in who shows a passkey, and return what the browser keeps.

        Args:
            shown: Its id, as base64url.
            is_answer: Whether what came with it is an answer by that passkey to what was asked.
            source: Address of the machine.
            now: The clock's aware instant.

        Raises:
            RefusedError: If it is none, or one must wait.
        """
        self._refuse_flood(source, now)
        try:
            return log_in_by_passkey(ledger, shown, is_answer, now=now)
        except RefusedError:
            self._remember(source, now)
            raise

    def once(self, ledger: Ledger, held: str) -> str | None:
        """Return whose session it was that has ended; empty if it was chosen from a list, None if it was none."""
        if held.startswith(_CHOSEN):
            return "" if ledger.is_rehearsal else None
        return once_shown_by(ledger, held) if held else None

    def renewed(self, ledger: Ledger, held: str, officer: str, *, now: datetime) -> str | None:
        """Return what the browser keeps from now on if its officer may do more than when it was seen last; else None.

        Args:
            now: The clock's aware instant.
        """
        before, stands = self._rights.get(held), ledger.house_stands
        if held.startswith(_CHOSEN) or (before is not None and before[0] == stands):
            return None
        roles = frozenset(roles_given(ledger).get(officer, ()))
        # A session that gains rights gets another name, so that somebody who planted the old one gains nothing.
        has_more = before is not None and not roles <= before[1]
        fresh = log_in_again(ledger, held, now=now) if has_more else None
        with self._lock:
            self._rights.pop(held, None)
            self._rights[fresh or held] = ledger.house_stands, roles
            while len(self._rights) > CHOICES:
                del self._rights[next(iter(self._rights))]
        if fresh is not None:
            act_as(ledger, shown_by_session(ledger, fresh, now=now))
        return fresh

    def log_out(self, ledger: Ledger, held: str, *, now: datetime) -> None:
        """End a session; nothing if it has ended.

        Args:
            held: What the browser keeps.
            now: The clock's aware instant.
        """
        with self._lock:
            was_chosen = self._chosen.pop(held, None) is not None
        if was_chosen:
            return
        found = shown_by_session(ledger, held, now=now)
        if found is not None:
            act_as(ledger, found)
            log_out(Acting(ledger, found.officer, now), found.seq)

    def _refuse_flood(self, source: str, now: datetime) -> None:
        """Refuse a machine from which too many passwords were wrong of late."""
        with self._lock:
            recent = [each for each in self._failed.get(source, ()) if now - each < WHILE]
            self._failed[source] = recent
            if not recent:
                del self._failed[source]
        if len(recent) >= BUSY:
            raise RefusedError(
                Text("too many wrong passwords from this machine; wait 15 minutes", "本机输错口令过多，请等待 15 分钟")
            )

    def _remember(self, source: str, now: datetime) -> None:
        """Count a wrong password of a machine."""
        with self._lock:
            if len(self._failed) > MACHINES:  # of a flood from everywhere only the newest are remembered
                self._failed.clear()
            self._failed.setdefault(source, []).append(now)


def _wrong() -> RefusedError:
    """Return the refusal that is the same for everybody."""
    return RefusedError(Text("name or password is wrong", "姓名或口令不对"))
