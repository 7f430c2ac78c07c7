"""What comes from outside the command line: the one module that reads the environment and expands `~`.

A variable that is empty counts as not set. The names stand here, so that no two commands read one
variable in two ways.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from engine.errors import BadFileError
from engine.language import Text

if TYPE_CHECKING:
    from pathlib import Path

DATABASE: Final = "QINGLING_DATABASE"
OFFICER: Final = "QINGLING_OFFICER"
NOW: Final = "QINGLING_NOW"
LANGUAGE: Final = "QINGLING_LANG"
WORKFLOWS: Final = "QINGLING_WORKFLOWS"
FILES: Final = "QINGLING_FILES"
LETTERS: Final = "QINGLING_LETTERS"
"""Names a folder of templates, from which older versions made letters; `doctor` says which are not adopted."""
CHANNELS: Final = "QINGLING_CHANNELS"
KEY_FILE: Final = "QINGLING_KEY_FILE"
JOURNAL_KEY: Final = "QINGLING_JOURNAL_KEY"
SESSION: Final = "QINGLING_SESSION"
"""Names the file that keeps a log-in."""
SIGNING_KEY: Final = "QINGLING_SIGNING_KEY"
"""Names the file of the key with which the officer signs what is written."""
SIGNING_PASSPHRASE: Final = "QINGLING_SIGNING_PASSPHRASE"  # noqa: S105 - the name of a variable
PASSPHRASE: Final = "QINGLING_PASSPHRASE"  # noqa: S105 - the name of a variable

LISTEN_PID: Final = "LISTEN_PID"
LISTEN_FDS: Final = "LISTEN_FDS"
"""By which systemd says to which process it hands how many sockets."""

_OWN: Final = "QINGLING_"
_SQLITE: Final = "sqlite:///"


def variable(name: str) -> str:
    """Return what a variable is set to; empty if it is not set."""
    return os.environ.get(name, "")


def variables() -> Mapping[str, str]:
    """Return all variables as they are now, for what looks names up that it does not know beforehand."""
    return dict(os.environ)


def path_variable(name: str) -> "Path | None":
    """Return the path that a variable is set to, with `~` expanded; None if it is not set."""
    words = variable(name)
    return path_given(words) if words else None


def path_given(words: str) -> "Path":
    """Return the path that *words* name, with `~` expanded: a shell does that only where a word begins.

    Raises:
        BadFileError: If it begins with `~` and nobody here has such a home.
    """
    from pathlib import Path

    try:
        return Path(words).expanduser()
    except RuntimeError as error:  # all that Python says of a home that it does not find
        home = Path(words).parts[0]
        raise BadFileError(
            Text(
                f"{words}: nobody here has the home folder {home}; write the whole path, or ./{home} for a folder here",
                f"{words}：本机没有 {home} 这个主目录；请写完整路径，当前目录下的同名文件夹请写 ./{home}",
            )
        ) from error


def state_folder() -> "Path | None":
    """Return the folder in which programs keep what they know of their user; None if nobody here has a home."""
    from pathlib import Path

    if variable("XDG_STATE_HOME"):
        return Path(variable("XDG_STATE_HOME"), "qingling")
    try:
        return Path.home() / ".local" / "state" / "qingling"
    except RuntimeError:  # all that Python says of a home that it does not find
        return None


def system_account() -> str:
    """Return the name of the account that runs this program, from the system and not from a variable."""
    try:
        from pwd import getpwuid
    except ImportError:
        return os.getlogin()  # on Windows it asks the system
    try:
        return getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


def database_given(words: str) -> str:
    """Return the database that *words* name, with `~` expanded if that is the path of a file."""
    scheme = _SQLITE if words.startswith(_SQLITE) else ""
    path = words.removeprefix(scheme)
    return scheme + str(path_given(path)) if path.startswith("~") else words


def forbids_colour() -> bool:
    """Say whether NO_COLOR asks for plain text (https://no-color.org)."""
    return bool(variable("NO_COLOR"))


def columns() -> int:
    """Return how wide the screen is said to be; 0 if nothing is said."""
    words = variable("COLUMNS")
    return int(words) if words.isdigit() else 0


@contextmanager
def only(settings: Mapping[str, str]) -> Iterator[None]:
    """Let what runs meanwhile see *settings* and no other variable of this program."""
    own = {name: value for name, value in os.environ.items() if name.startswith(_OWN)}
    for name in own:
        del os.environ[name]
    os.environ.update(settings)
    try:
        yield
    finally:
        for name in settings:
            os.environ.pop(name, None)
        os.environ.update(own)
