"""A second party's part: it keeps the last checkpoint of each ledger that it knows, and signs only what continues it.

It needs no ledger: a folder with its key and one small file for each origin is all that it holds.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Final

from engine.errors import BadFileError, ConflictError, RefusedError
from engine.journal.checkpoint import LOG, WITNESS, Request, VerifierKey, key_given
from engine.journal.note_keys import RAW, cosignature, has_signed, new_private, public_half
from engine.journal.tree import is_consistent
from engine.language import Text
from engine.system.whole_files import make_folder, written

KEY: Final = "witness.key"
"""The file that holds the witness's name and private key."""


def witness_key(folder: Path, name: str | None) -> VerifierKey:
    """Return the public key of the witness whose things lie in *folder*; makes it if a name is given and none is there.

    Raises:
        BadFileError: If the key cannot be read, or the name is none.
        RefusedError: If there is none and no name is given.
    """
    place = folder / KEY
    if not place.exists():
        if name is None:
            raise RefusedError(
                Text(
                    f"there is no witness's key in {folder}; the first time say who you are: --name",
                    f"{folder} 中没有见证密钥；首次使用请用 --name 指明名称",
                )
            )
        private = new_private()
        key = key_given(str(public_half(private, name, WITNESS)))
        make_folder(folder, mode=0o700)
        with written(place, replace=False) as file:
            file.write_text(f"{key.name}\n{b64encode(private).decode()}\n", encoding="utf-8")
        return key
    name, private = _own(folder)
    return public_half(private, name, WITNESS)


def witness(folder: Path, asked: Request, *, trusted: VerifierKey | None, seconds: int) -> str:
    """Return the signature line for a checkpoint, after it was written down that it was seen.

    Args:
        folder: Holds the key and what was signed before.
        trusted: The key of a ledger that is not known yet; given by hand, once for each origin.
        seconds: Since 1970 UTC; stands in the signature.

    Raises:
        BadFileError: If what lies in the folder cannot be read.
        ConflictError: If another request is being answered.
        RefusedError: If the ledger is not known, did not sign, or its checkpoint does not continue the one before.
    """
    checkpoint = asked.checkpoint
    name, private = _own(folder)
    place = folder / f"{sha256(checkpoint.origin.encode()).hexdigest()[:16]}.json"
    with _alone(folder):
        key, size, root = _kept(place)
        if key is None:
            if trusted is None or trusted.name != checkpoint.origin or trusted.kind != LOG:
                raise RefusedError(
                    Text(
                        f"{checkpoint.origin} is not known here; name its key once, as its keeper gave it: --trust KEY",
                        f"不认识 {checkpoint.origin}；请用 --trust 指明其公钥（由台账保管人提供）一次",
                    )
                )
            key = trusted
        if not has_signed(key, checkpoint):
            raise RefusedError(Text("the ledger's key did not sign this checkpoint", "该检查点不是由台账密钥签名的"))
        _refuse_what_does_not_continue(asked, size, root)
        held = {"key": str(key), "size": checkpoint.size, "root": b64encode(checkpoint.root).decode()}
        with written(place) as file:  # on the disk before the answer is given
            file.write_text(json.dumps(held) + "\n", encoding="utf-8")
    return f"{cosignature(checkpoint, private, name, seconds)}\n"


def _refuse_what_does_not_continue(asked: Request, size: int, root: bytes) -> None:
    """Refuse a checkpoint that is smaller than the one that is held, or whose beginning is another.

    Raises:
        RefusedError: If so, with the size that is held.
    """
    checkpoint = asked.checkpoint
    if checkpoint.size < size:
        raise RefusedError(
            Text(
                f"the checkpoint has {checkpoint.size} entries, and one of {size} was signed here: entries are gone;"
                " not signed, keep both files and call the auditor",
                f"该检查点仅有 {checkpoint.size} 行，而此前已见证 {size} 行：日志有缺失；未签名，请保留文件并报告审计",
            )
        )
    if asked.old != size:
        raise RefusedError(
            Text(
                f"the request begins at {asked.old}, and the last one signed here had {size} entries; ask again:"
                f" qingling journal checkpoint --since {size} --request FILE",
                f"请求起点为 {asked.old}，此前已见证至 {size} 行；请重新生成："
                f"qingling journal checkpoint --since {size} --request 文件",
            )
        )
    if not size:
        continues = not asked.proof
    else:
        continues = is_consistent(size, root, checkpoint.size, checkpoint.root, asked.proof)
    if not continues:
        raise RefusedError(
            Text(
                f"the first {size} entries are not those that were signed here: the journal was rewritten; not signed,"
                " keep both files and call the auditor",
                f"前 {size} 行与此前见证的不一致：日志被改写；未签名，请保留文件并通知审计人员",
            )
        )


def _kept(place: Path) -> tuple[VerifierKey | None, int, bytes]:
    """Return what is held of an origin: its key, the size and the root that were signed last; nothing of a new one.

    Raises:
        BadFileError: If it cannot be read.
    """
    try:
        held = json.loads(place.read_text(encoding="utf-8"))
        return key_given(held["key"]), int(held["size"]), b64decode(held["root"], validate=True)
    except FileNotFoundError:
        return None, 0, b""
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise _unreadable(place) from error


def _own(folder: Path) -> tuple[str, bytes]:
    """Return the witness's name and private key.

    Raises:
        BadFileError: If they cannot be read.
    """
    try:
        name, line = (folder / KEY).read_text(encoding="utf-8").split()
        private = b64decode(line, validate=True)
    except (OSError, ValueError) as error:
        raise _unreadable(folder / KEY) from error
    if len(private) != RAW:
        raise _unreadable(folder / KEY)
    return name, private


def _unreadable(place: Path) -> BadFileError:
    """Return the refusal of a file that is not as it was written."""
    return BadFileError(
        Text(f"{place} cannot be read, or was altered; nothing was signed", f"{place} 无法读取或已被改动；未签名")
    )


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Answer one request at a time; the lock is a folder of its own, which the system makes for one only.

    Raises:
        ConflictError: If another request is being answered.
    """
    lock = folder / "answering"
    try:
        lock.mkdir()
    except FileExistsError:
        raise ConflictError(
            Text(
                f"another request is being answered; try again, and if none is, remove the folder {lock}",
                f"正在答复另一请求；请稍后重试；若确无其他请求，请删除文件夹 {lock}",
            )
        ) from None
    try:
        yield
    finally:
        lock.rmdir()
