"""A signing key that stays unlocked for a while: a process of the officer's own holds it in memory and signs by it.

Its socket is open to the officer's account alone, and it signs hashes of rows and nothing else. It ends when nobody
asked it for long, at its last hour, or when its end is asked for; the key is written nowhere.
"""

import os
import re
import socket
import stat
import sys
import time
from base64 import b64decode, b64encode
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Final

from commands.console.environment import state_folder, variable
from engine.errors import BadFileError, RefusedError
from engine.journal.signing import SigningKey, is_signed, signing_key
from engine.language import Text
from engine.system.secrecy import environment_handed_on

_HOUSE: Final = Path(__file__).resolve().parents[2]
_PROGRAM: Final = "import sys; sys.path.insert(0, sys.argv.pop(1)); from commands.console.key_agent import main; main()"
_HASH: Final = re.compile(r"[0-9a-f]{64}")
_LONGEST_PATH: Final = 100
"""Bytes of the path of a socket: what every system takes."""
_LONGEST_LINE: Final = 200
_PATIENCE_S: Final = 5.0
_NOT_DUMPABLE: Final = 4
"""PR_SET_DUMPABLE of Linux: no core, and no other process of the account may look into the memory."""


def unlocked(locked: bytes) -> SigningKey | None:
    """Return the key in the content of a locked file, if an agent of this account holds it unlocked; else None."""
    place = _socket_of(locked)
    public = "" if place is None else _asked(place, "public")
    if place is None or not public:
        return None

    def sign(written: str) -> str:
        signature = _asked(place, f"sign {written}")
        if not is_signed(public, written, signature):
            raise RefusedError(
                Text(
                    "the signing key is locked again; unlock it: qingling credential unlock",
                    "签名密钥已重新锁定；请解锁：qingling credential unlock",
                )
            )
        return signature

    return SigningKey(public, sign)


def lock(locked: bytes) -> bool:
    """End the agent that holds the key in the content of a locked file; say whether there was one."""
    place = _socket_of(locked)
    return place is not None and _asked(place, "end") == "ended"


def hold(locked: bytes, private: bytes, *, idle_s: float, longest_s: float) -> None:
    """Start an agent that holds a private key, in place of one that holds it already.

    Args:
        locked: The content of the file that the key was unlocked from; it is found again by that.
        private: The key.
        idle_s: Seconds without being asked after which it ends.
        longest_s: Seconds after which it ends in any case.

    Raises:
        BadFileError: If its socket cannot be made here.
    """
    import subprocess

    place = _socket_of(locked)
    if place is None or len(os.fsencode(place)) > _LONGEST_PATH:
        raise _no_agent()
    lock(locked)
    try:
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        place.unlink(missing_ok=True)  # of one that was killed
    except OSError as error:
        raise _no_agent() from error
    if not _is_own(place.parent):
        raise _no_agent()
    # No secret of this run goes along: what a process was started with can be read while it lives.
    with subprocess.Popen(  # noqa: S603 - our own program; the key comes by its standard input
        [sys.executable, "-I", "-c", _PROGRAM, str(_HOUSE), str(place), str(idle_s), str(longest_s)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        env=environment_handed_on(), cwd="/", start_new_session=True, text=True,
    ) as agent:  # fmt: skip
        assert agent.stdin is not None
        assert agent.stdout is not None
        with suppress(BrokenPipeError):
            agent.stdin.write(b64encode(private).decode() + "\n")
            agent.stdin.flush()
        agent.returncode = 0 if agent.stdout.readline().strip() == "ready" else None  # it is left to itself
        if agent.returncode is None:
            raise _no_agent()


def main() -> None:
    """Be the agent: the key comes as a line of standard input; `ready` is said when it listens."""
    import signal

    place, idle_s, longest_s = sys.argv[1], float(sys.argv[2]), float(sys.argv[3])
    _close_memory()
    key = signing_key(b64decode(sys.stdin.readline()))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with socket.socket(socket.AF_UNIX) as door:
        before = os.umask(0o177)
        door.bind(place)
        os.umask(before)
        door.listen(8)
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        nowhere = os.open(os.devnull, os.O_RDWR)
        os.dup2(nowhere, 0)
        os.dup2(nowhere, 1)
        try:
            _answer_until(door, key, idle_s, longest_s)
        finally:
            with suppress(OSError):
                Path(place).unlink()


def _answer_until(door: socket.socket, key: SigningKey, idle_s: float, longest_s: float) -> None:
    """Answer until nobody asked for long, the last hour has come, or the end is asked for."""
    end = _clock() + longest_s
    idle_end = _clock() + idle_s
    while (left := min(end, idle_end) - _clock()) > 0:
        door.settimeout(left)
        try:
            peer, _ = door.accept()
        except TimeoutError:
            return
        with peer, suppress(OSError):
            if _clock() >= min(end, idle_end):  # the machine slept
                return
            peer.settimeout(_PATIENCE_S)
            asked = _line(peer) if _is_of_this_account(peer) else ""
            what, _, written = asked.partition(" ")
            if what == "end":
                peer.sendall(b"ended\n")
                return
            if what == "public":
                peer.sendall(key.public.encode() + b"\n")
            elif what == "sign" and _HASH.fullmatch(written):
                idle_end = _clock() + idle_s
                peer.sendall(key.sign(written).encode() + b"\n")


def _asked(place: Path, words: str) -> str:
    """Return what the agent at a socket answers; empty if there is none, or it is not this account's."""
    if not _is_own(place.parent) or not _is_own(place):
        return ""
    try:
        with socket.socket(socket.AF_UNIX) as peer:
            peer.settimeout(_PATIENCE_S)
            peer.connect(str(place))
            peer.sendall(words.encode() + b"\n")
            return _line(peer)
    except OSError:
        return ""


def _line(peer: socket.socket) -> str:
    """Return one line that the other end sends; empty if it sends none."""
    got = b""
    while not got.endswith(b"\n") and len(got) < _LONGEST_LINE:
        more = peer.recv(_LONGEST_LINE)
        if not more:
            return ""
        got += more
    return got.decode("ascii", "replace").strip()


def _socket_of(locked: bytes) -> Path | None:
    """Return where the agent of a key listens: in memory where the system has a place for that; None if nowhere."""
    if not hasattr(socket, "AF_UNIX"):
        return None
    folder = Path(variable("XDG_RUNTIME_DIR"), "qingling") if variable("XDG_RUNTIME_DIR") else state_folder()
    return None if folder is None else folder.absolute() / f"key-{sha256(locked).hexdigest()[:16]}"


def _is_own(place: Path) -> bool:
    """Say whether a folder or socket is this account's, and nobody else may put something in its place."""
    try:
        found = place.lstat()
    except OSError:
        return False
    return found.st_uid == os.geteuid() and not found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def _is_of_this_account(peer: socket.socket) -> bool:
    """Say whether the other end runs under this account; where the system cannot tell, the socket's mode does."""
    if not hasattr(socket, "SO_PEERCRED"):
        return True
    found = peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
    return int.from_bytes(found[4:8], sys.byteorder) == os.geteuid()


def _close_memory() -> None:
    """Let nothing of the memory reach a core file, nor other programs of the account, where the system can do that."""
    with suppress(ImportError, OSError, ValueError):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with suppress(ImportError, OSError, AttributeError):
        from ctypes import CDLL

        CDLL(None).prctl(_NOT_DUMPABLE, 0, 0, 0, 0)


def _clock() -> float:
    """Return seconds that no setting of the clock moves; they pass while the machine sleeps, where it can tell."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


def _no_agent() -> BadFileError:
    """Return the refusal to hold a key where no socket can be made."""
    return BadFileError(
        Text(
            "the key cannot be held unlocked here: that takes a Unix socket in a folder of your own; name a short one"
            " with XDG_RUNTIME_DIR",
            "本机无法保持密钥解锁：须能在本人文件夹中建立 Unix 套接字；请用 XDG_RUNTIME_DIR 指定路径较短的文件夹",
        )
    )
