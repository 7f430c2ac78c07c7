"""Backups encrypted with age: one file that holds the ledger and its attached files, for those who have the key only.

Nothing of it lies on the disk in clear on the way: the ledger is copied into memory, and a tar of it with the files
goes through age into the backup as it is made. That takes about twice the size of the ledger in memory. To prove it
without anybody's key, it is encrypted to one more recipient besides, whose key lives as long as this proof.
"""

import os
import sqlite3
import tarfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from functools import partial
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, BinaryIO, Final, TypeAlias, cast

from engine.errors import BadFileError, BadValueError, DatabaseError, RefusedError
from engine.language import Text
from engine.store.table_copy import Contents, contents_of

if TYPE_CHECKING:
    from pyrage import x25519

Identity: TypeAlias = "x25519.Identity"
"""The private key that opens an encrypted backup."""
SUFFIX: Final = ".age"
"""What the name of an encrypted backup ends with."""
_HEADER: Final = b"age-encryption.org/v1"
_LEDGER: Final = "ledger.db"
_FILES: Final = "files/"
_KEY: Final = "AGE-SECRET-KEY-"
_AFTER_VERSIONS: Final = slice(18, 20)
_ROLLBACK_JOURNAL: Final = b"\x01\x01"
"""The bytes of a SQLite file that say how it is written (its file format, 1.3.3): a log beside it has no place here."""


def recipients_of(words: Sequence[str]) -> "tuple[x25519.Recipient, ...]":
    """Return the keys to encrypt to.

    Raises:
        BadValueError: If one is not written as age writes them.
    """
    from pyrage import RecipientError, x25519

    found = []
    for each in words:
        try:
            found.append(x25519.Recipient.from_str(each.strip()))
        except RecipientError as error:
            raise BadValueError(
                Text(
                    f"{each!r} is no key of age; it begins with age1, see: qingling backup --help",
                    f"{each!r} 不是 age 公钥；公钥以 age1 开头，请查看：qingling backup --help",
                )
            ) from error
    return tuple(found)


def new_identity(passphrase: str) -> tuple[str, bytes]:
    """Return the public half of a new key, and the content of its file, locked by a passphrase (age, scrypt)."""
    from pyrage import passphrase as age
    from pyrage import x25519

    identity = x25519.Identity.generate()
    locked: bytes = age.encrypt(f"{identity}\n".encode(), passphrase)
    return str(identity.to_public()), locked


def identity_in(content: bytes, passphrase: Callable[[], str]) -> "x25519.Identity":
    """Return the key in the content of an identity file, as `new_identity`, `age-keygen` or `age -p` write it.

    Args:
        passphrase: Asked only if the file is locked.

    Raises:
        RefusedError: If the passphrase is wrong, or it is no such file.
    """
    from pyrage import DecryptError, IdentityError, x25519
    from pyrage import passphrase as age

    try:
        text = (age.decrypt(content, passphrase()) if content.startswith(_HEADER) else content).decode()
        return x25519.Identity.from_str(next(each for each in text.split() if each.startswith(_KEY)))
    except (DecryptError, IdentityError, UnicodeError, StopIteration) as error:
        raise RefusedError(
            Text(
                "the key of the backup cannot be used: wrong passphrase, or no identity file of age",
                "无法使用备份密钥：口令不对，或不是 age 私钥文件",
            )
        ) from error


def is_encrypted(file: Path) -> bool:
    """Say whether a file was encrypted with age."""
    with suppress(OSError), file.open("rb") as stream:
        return stream.read(len(_HEADER)) == _HEADER
    return False


def in_memory(source: sqlite3.Connection) -> bytes:
    """Return a SQLite database as the bytes of one file without a log."""
    with closing(sqlite3.connect(":memory:")) as copied:
        source.backup(copied)
        content = copied.serialize()
    return b"".join((content[: _AFTER_VERSIONS.start], _ROLLBACK_JOURNAL, memoryview(content)[_AFTER_VERSIONS.stop :]))


@contextmanager
def opened(content: bytes) -> Iterator[sqlite3.Connection]:
    """Lend the database whose file these bytes are; nothing is written to the disk."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.execute("PRAGMA temp_store=MEMORY")
        connection.deserialize(content)
        yield connection


def write_encrypted(
    ledger: bytes, files: Sequence[tuple[str, Path]], target: Path, recipients: "Sequence[x25519.Recipient]"
) -> None:
    """Write the ledger and its attached files into the new file *target*, and prove it by decrypting it.

    Args:
        files: Digest and place of each attached file.

    Raises:
        DatabaseError: If what can be decrypted is not what was encrypted.
    """
    import pyrage

    witness = pyrage.x25519.Identity.generate()

    def pack(stream: BinaryIO) -> None:
        with tarfile.open(fileobj=stream, mode="w|") as tar:
            _add(tar, _LEDGER, len(ledger), BytesIO(ledger))
            for digest, place in files:
                with place.open("rb") as content:
                    _add(tar, _FILES + digest, os.fstat(content.fileno()).st_size, content)

    with target.open("xb") as out:
        _piped(pack, lambda stream: pyrage.encrypt_io(stream, out, [*recipients, witness.to_public()]))
    wanted = [(_LEDGER, sha256(ledger).hexdigest()), *((_FILES + digest, digest) for digest, _ in files)]
    found: list[tuple[str, str]] = []
    _read(target, witness, lambda name, content: found.append((name, _digest(content))))
    if found != wanted:
        raise DatabaseError(
            Text(
                "the encrypted backup does not hold what was read; it was thrown away, try again",
                "加密备份与原库不一致，已丢弃；请重试",
            )
        )


class EncryptedBackup:
    """An encrypted backup, opened with the key."""

    def __init__(self, file: Path, identity: "x25519.Identity") -> None:
        """Decrypt all of it once, so that a part that is missing is found.

        Raises:
            RefusedError: If it was not encrypted to this key.
            BadFileError: If it is damaged or is no backup.
        """
        self._file, self._identity = file, identity
        self.ledger = b""
        """The ledger's file."""
        _read(file, identity, self._look)

    def _look(self, name: str, content: BinaryIO) -> None:
        """Keep the ledger, and read through the files."""
        if name == _LEDGER:
            self.ledger = content.read()
        else:
            _digest(content)

    def keep_files(self, target: Path | None) -> tuple[int, tuple[str, ...]]:
        """Write the attached files that the ledger names; return how many are kept, and the digests of those not."""
        with opened(self.ledger) as connection:
            wanted = {digest for (digest,) in connection.execute("SELECT DISTINCT digest FROM attachments")}
        kept = set[str]()

        def keep(folder: Path, name: str, content: BinaryIO) -> None:
            digest = name.removeprefix(_FILES)
            if digest in wanted and _kept(content, folder / digest[:2] / digest):
                kept.add(digest)

        if target is not None and wanted:
            _read(self._file, self._identity, partial(keep, target))
        return len(kept), tuple(sorted(wanted - kept))


def contents_in(ledger: bytes) -> Contents:
    """Return what a ledger's file in memory holds, after proving that it is whole.

    Raises:
        sqlite3.DatabaseError: If it is no database.
        DatabaseError: If its pages or indexes do not fit together.
    """
    with opened(ledger) as connection:
        prove_whole(connection, "main")
        return contents_of(connection)


def prove_whole(connection: sqlite3.Connection, name: str) -> None:
    """Prove that the pages and indexes of a ledger in memory fit together.

    Args:
        name: Under which it is attached.

    Raises:
        DatabaseError: If they do not.
    """
    if connection.execute(f"PRAGMA {name}.integrity_check(1)").fetchone()[0] != "ok":
        raise DatabaseError(Text("the backup is damaged", "备份已损坏"))


def _kept(content: BinaryIO, place: Path) -> bool:
    """Write an attached file whose name is its digest; say whether it is what its name says."""
    if place.exists() and sha256(place.read_bytes()).hexdigest() == place.name:
        _digest(content)
        return True
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    half = place.with_suffix(".half")
    said = sha256()
    with half.open("wb") as out:
        half.chmod(0o600)
        while part := content.read(1 << 20):
            said.update(part)
            out.write(part)
    if said.hexdigest() != place.name:
        half.unlink()
        return False
    if place.exists():  # not what its name says: put aside, for anyone who wants to know why
        place.replace(place.with_suffix(".changed"))
    half.replace(place)
    return True


def _read(file: Path, identity: "x25519.Identity", take: Callable[[str, BinaryIO], None]) -> None:
    """Hand on what an encrypted backup holds, each with its name; it is read before the next.

    Raises:
        RefusedError: If it was not encrypted to this key.
        BadFileError: If it is damaged or is no backup.
    """
    import pyrage

    def decrypt(stream: BinaryIO) -> None:
        with file.open("rb") as source:
            pyrage.decrypt_io(source, stream, [identity])

    reading, writing = os.pipe()
    thread = _Producer(decrypt, writing)
    thread.start()
    try:
        with os.fdopen(reading, "rb") as stream, tarfile.open(fileobj=stream, mode="r|") as tar:
            for each in tar:
                content = tar.extractfile(each)
                if content is not None:
                    take(each.name, cast("BinaryIO", content))
            while stream.read(1 << 16):
                pass
    except (tarfile.TarError, EOFError) as error:
        thread.join()
        if isinstance(thread.failed, pyrage.DecryptError):
            raise RefusedError(
                Text(
                    f"{file} is not for this key; name the key that it was encrypted to: --identity FILE",
                    f"{file} 不是用此密钥加密的；请用 --identity 指明对应的私钥文件",
                )
            ) from error
        raise _damaged(file) from error
    thread.join()
    if thread.failed is not None:
        raise _damaged(file) from thread.failed


def _damaged(file: Path) -> BadFileError:
    """Return what is said of a backup that cannot be decrypted to its end."""
    return BadFileError(
        Text(
            f"{file} is damaged or no backup; nothing was changed, take another backup",
            f"{file} 已损坏或不是备份；未作任何更改，请换一份备份",
        )
    )


class _Producer(Thread):
    """Writes into a pipe what another thread reads from it."""

    def __init__(self, produce: Callable[[BinaryIO], None], writing: int) -> None:
        super().__init__(name="backup", daemon=True)
        self._produce, self._writing = produce, writing
        self.failed: BaseException | None = None

    def run(self) -> None:
        """Produce it, and close the pipe however that ends."""
        try:
            with os.fdopen(self._writing, "wb") as stream:
                self._produce(stream)
        except BaseException as error:  # noqa: BLE001 - the other thread raises it
            self.failed = error


def _piped(produce: Callable[[BinaryIO], None], consume: Callable[[BinaryIO], object]) -> None:
    """Let one function read what another writes, through a pipe.

    Raises:
        Exception: What either came to.
    """
    reading, writing = os.pipe()
    thread = _Producer(produce, writing)
    thread.start()
    with os.fdopen(reading, "rb") as stream:
        consume(stream)
    thread.join()
    if thread.failed is not None:
        raise thread.failed


def _add(tar: tarfile.TarFile, name: str, size: int, content: BinaryIO) -> None:
    """Add a member that says nothing but its name and size."""
    said = tarfile.TarInfo(name)
    said.size, said.mode = size, 0o600
    tar.addfile(said, content)


def _digest(content: BinaryIO) -> str:
    """Return the SHA-256 of what is read."""
    said = sha256()
    while part := content.read(1 << 20):
        said.update(part)
    return said.hexdigest()
