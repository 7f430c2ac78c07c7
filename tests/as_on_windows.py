"""Makes this process look like Windows to our own modules, imports all of them, and keeps a ledger by them.

Run as a program by `test_windows.py`. Python's own modules and other packages are loaded before, as what they are
here: it is our code that is looked at. Paths, file locks and consoles of Windows cannot be had this way.
"""

import errno
import fcntl
import importlib
import os
import pathlib
import pkgutil
import signal
import socket
import sys
import warnings
from pathlib import Path
from typing import Any

ROOMS = ("engine", "workflows", "notifications", "documents", "commands", "desk", "presentation")
OTHERS = (
    "alembic.command", "alembic.context", "apscheduler.schedulers.background", "asyncio", "click.testing",
    "cryptography.hazmat.primitives.asymmetric.ed25519", "ctypes", "docxtpl", "getpass", "graphviz", "httpx2",
    "httptools", "jinja2.sandbox", "multiprocessing", "msgspec", "openpyxl", "orjson", "psycopg", "pyrage",
    "python_calamine", "python_multipart", "rich.table", "segno", "sqlmodel", "ssl", "starlette.applications",
    "subprocess", "tempfile", "transitions", "tzdata", "uvicorn.protocols.http.httptools_impl", "xlsxwriter", "yaml",
)  # fmt: skip
"""What is loaded as it is here."""
NO_MODULES = ("fcntl", "grp", "pty", "pwd", "resource", "syslog", "termios", "tty")
NOT_OF_OS = (
    "O_DIRECTORY", "O_NOFOLLOW", "WNOHANG", "chown", "fchmod", "fchown", "fork", "forkpty", "getegid", "geteuid",
    "getgid", "getloadavg", "getpgid", "getuid", "killpg", "mkfifo", "pread", "pwrite", "sched_getaffinity", "setsid",
    "uname",
)  # fmt: skip
NO_SIGNALS = ("SIGALRM", "SIGHUP", "SIGKILL", "SIGUSR1", "SIGXCPU", "alarm", "setitimer")

flush, flags_of, mode_of = os.fsync, fcntl.fcntl, os.stat


def flushed(opened: int) -> None:
    """Refuse, as Windows does, to flush what was opened for reading only."""
    if flags_of(opened, fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDONLY:
        raise OSError(errno.EBADF, "Bad file descriptor")
    flush(opened)


def pretend() -> None:
    """Take away what Windows has not."""
    for name in NO_MODULES:
        sys.modules[name] = None  # type: ignore[assignment]  # what makes an import fail
    for owner, names in ((os, NOT_OF_OS), (signal, NO_SIGNALS), (socket, ("AF_UNIX",))):
        for name in names:
            if hasattr(owner, name):
                delattr(owner, name)
    system: Any = os
    system.fsync = flushed
    system.getlogin = lambda: "wang"
    paths: Any = pathlib
    paths.WindowsPath = pathlib.PosixPath  # the disk is still the one that it is
    os.name, sys.platform = "nt", "win32"


def every_module() -> list[str]:
    """Import each of our modules; return those that cannot be."""
    failed = []
    for room in ROOMS:
        places = importlib.import_module(room).__path__
        for each in pkgutil.walk_packages(places, f"{room}."):
            if ".migrations" in each.name or each.name.endswith("__main__"):
                continue
            try:
                importlib.import_module(each.name)
            except Exception as error:  # noqa: BLE001 - whatever it is, it is what is looked for
                failed.append(f"{each.name}: {type(error).__name__} {error}")
    return failed


def a_ledger(folder: Path) -> list[str]:
    """Keep a ledger by the commands; return what went wrong."""
    from click.testing import CliRunner

    import cli

    (folder / "passphrase.txt").write_text("correct horse battery\n", encoding="utf-8")
    (folder / "hook.key").write_text("s3cret\n", encoding="utf-8")
    (folder / "hook.key").chmod(0o666)  # as every file is there
    (folder / "ledger-channels.yaml").write_text(
        "channels:\n  hook: {family: webhook, url: https://hook.invalid, secret: {file: hook.key}}\n", encoding="utf-8"
    )
    ledger = str(folder / "ledger.db")
    settings = {"QINGLING_DATABASE": ledger, "QINGLING_NOW": "2019-07-01T10:00", "QINGLING_LANG": "en"}
    settings |= {"QINGLING_OFFICER": "wang", "QINGLING_SESSION": str(folder / "session")}
    unit, officer = "--unit 0101 --unit-name Hospital", "--officer wang --officer-name Wang"
    lines = (
        f"init --rehearsal --not-classified --name B {unit} {officer} --passphrase-file {folder / 'passphrase.txt'}",
        "receive --unit 0101 --received-on 2019-06-28 --source letter --summary words",
        "show 0101-XS-2019-0001",
        f"export ledger -o {folder / 'out.xlsx'}",
        f"backup {folder / 'copy.db'}",
        f"--database {folder / 'again.db'} restore {folder / 'copy.db'}",
        "sweep",
        "outbox deliver",
        "journal verify",
        "doctor",
    )
    wrong = []
    for line in lines:
        result = CliRunner().invoke(cli.main, line.split(), env=settings)
        expected = (0, 1, 2) if line == "doctor" else (0,)
        if result.exit_code not in expected or "chmod" in result.output:
            wrong.append(f"{line.split()[0]}: {result.exit_code} {result.output.strip()[-400:]}")
        if line == "doctor" and "icacls" not in result.output:
            wrong.append(f"doctor says nothing of who may read: {result.output}")
    return wrong


if __name__ == "__main__":
    for name in OTHERS:
        importlib.import_module(name)
    warnings.filterwarnings("error", category=EncodingWarning, module=rf"({'|'.join(ROOMS)}|cli)\b")
    pretend()
    for line in (*every_module(), *a_ledger(Path(sys.argv[1]))):
        print(line)
