"""The folder of attached files: each content is kept once, under its digest."""

import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import Final

from engine.errors import BadFileError, NotFoundError, QinglingError, system_reason
from engine.journal.chain import Break
from engine.language import Text
from engine.operations.ledger.ledger import Ledger
from engine.rules.case import Case
from engine.store import case_rows
from engine.store import chain_rows as chains
from engine.store.case_columns import AttachedFile
from engine.store.chain_columns import AttachedContent

_MARKS: Final = ".qingling-keeping-"
"""What the name of a folder begins with that marks a content whose row is being written."""
_WHICH: Final = "digest"
"""The file in it that names the content."""
_TELLING = 8
"""Signs of a digest that tell one content from another."""


def content_file(folder: Path, digest: str) -> Path:
    """Return where the content with that SHA-256 is kept."""
    return folder / digest[:2] / digest


def attached(ledger: Ledger, case: Case) -> list[AttachedFile]:
    """Return the files that are kept with a case, oldest first."""
    return case_rows.attachments(ledger.store, case.id)


def content_of(file: Path) -> bytes:
    """Return the content of a file that is to be kept.

    Raises:
        BadFileError: If it cannot be read, or is no file that can be kept.
    """
    if file.exists() and not file.is_file():
        raise BadFileError(Text(f"{file} is no file that can be kept", f"{file} 不是可以保存的普通文件"))
    try:
        return file.read_bytes()
    except OSError as error:
        raise BadFileError(
            Text(f"{file} cannot be read ({system_reason(error).en})", f"无法读取 {file}（{system_reason(error).zh}）")
        ) from error


@contextmanager
def keeping(ledger: Ledger, folder: Path, content: bytes) -> Iterator[str]:
    """Keep *content*, and lend its SHA-256 while the row that names it is written; without that row it goes again.

    Where the program is killed in the block the content stays, with a mark beside it: the next file that is kept
    takes both away, unless the row was written, or somebody else keeps the same content just then.

    Raises:
        BadFileError: If it cannot be written.
    """
    from engine.system.whole_files import held_apart

    digest = sha256(content).hexdigest()
    target = content_file(folder, digest)
    with ExitStack() as marked:
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            take_away_left(ledger, folder)
            mark = marked.enter_context(held_apart(folder, begins=_MARKS))
            (mark / _WHICH).write_text(digest, encoding="ascii")
            is_new = not target.exists()
            if is_new:
                _put(mark, target, content)
        except OSError as error:
            raise _unwritten(folder, error) from error
        try:
            yield digest
        except BaseException:
            with suppress(QinglingError, OSError):  # what was wrong first is what is said
                if is_new:
                    _take_away(ledger, folder, digest, but=mark)
            raise
        if not target.exists():  # somebody who had kept the same took it away meanwhile
            try:
                _put(mark, target, content)
            except OSError as error:
                raise _unwritten(folder, error) from error


def left_aside(ledger: Ledger, folder: Path) -> tuple[str, ...]:
    """Return the digests of contents that programs left that were killed while they attached them."""
    from engine.system.whole_files import abandoned

    if not ledger.store.sees_all:
        return ()
    found = {_named(mark) for mark in abandoned(folder, begins=_MARKS)}
    return tuple(
        sorted(
            each
            for each in found
            if each and content_file(folder, each).exists() and not chains.is_attached(ledger.store, each)
        )
    )


def take_away_left(ledger: Ledger, folder: Path) -> None:
    """Remove what programs left that were killed while they attached it.

    Nothing is removed that a row names or that bears no mark: a folder may be newer than a ledger that was restored.
    """
    from shutil import rmtree

    from engine.system.whole_files import abandoned

    if not ledger.store.sees_all:  # a row that is hidden from who asks may name it
        return
    for mark in abandoned(folder, begins=_MARKS):
        _take_away(ledger, folder, _named(mark), but=mark)
        rmtree(mark, ignore_errors=True)


def _take_away(ledger: Ledger, folder: Path, digest: str, *, but: Path) -> None:
    """Remove a content unless a row names it, or somebody keeps the same just then.

    It is put aside before it is asked for the last time: who begins to keep the same after that writes it again.

    Args:
        but: The mark by which it is removed.
    """
    if not digest or not ledger.store.sees_all or _is_kept(ledger, folder, digest, but=but):
        return
    target, aside = content_file(folder, digest), but / digest
    with suppress(FileNotFoundError):
        target.replace(aside)
        is_kept = True
        try:
            is_kept = _is_kept(ledger, folder, digest, but=but)
        finally:
            if is_kept:
                aside.replace(target)


def _is_kept(ledger: Ledger, folder: Path, digest: str, *, but: Path) -> bool:
    """Say whether a row names a content, or somebody else is about to write one."""
    if any(_named(each) == digest for each in folder.glob(f"{_MARKS}*") if each != but):
        return True
    return chains.is_attached(ledger.store, digest)


def _named(mark: Path) -> str:
    """Return the digest that a mark names; empty if none."""
    try:
        found = (mark / _WHICH).read_text(encoding="ascii")
    except (OSError, ValueError):
        return ""
    return found if re.fullmatch("[0-9a-f]{64}", found) else ""


def _put(mark: Path, target: Path, content: bytes) -> None:
    """Write a content whole or not at all, readable by its owner only."""
    from engine.system.whole_files import put

    half = mark / target.name
    half.write_bytes(content)
    target.parent.mkdir(mode=0o700, exist_ok=True)
    put(half, target, replace=True)


def _unwritten(folder: Path, error: OSError) -> BadFileError:
    """Return the refusal to keep a content."""
    return BadFileError(
        Text(
            f"{folder} cannot take the file ({system_reason(error).en}); nothing was written",
            f"无法写入 {folder}（{system_reason(error).zh}）；未写入任何内容",
        )
    )


def write_out(ledger: Ledger, number: str, name: str, *, folder: Path, target: Path) -> AttachedFile:
    """Write a file that is kept with a case to *target*, if its content is still the one that was attached.

    Args:
        name: As it was kept, or the beginning of its SHA-256; of several with that name, the newest.
        folder: Where the contents are kept.
        target: A file, which must not exist yet.

    Raises:
        NotFoundError: If the case keeps no such file.
        BadFileError: If the content is gone or was changed, or *target* exists or cannot be written.
    """
    veiled = ledger.naming.veiled
    kept = [
        each._replace(name=veiled(each.name)) for each in case_rows.attachments(ledger.store, ledger.case(number).id)
    ]
    found = [each for each in kept if each.name == name]
    if not found and len(name) >= _TELLING:
        found = [each for each in kept if each.digest.startswith(name.lower())]
    if not found:
        raise NotFoundError(
            Text(
                f"{number} keeps no file '{name}'; see: qingling show {number}",
                f"{number} 没有名为“{name}”的附件；请查看：qingling show {number}",
            )
        )
    file = found[-1]
    from engine.system.whole_files import written

    content = content_of(content_file(folder, file.digest))
    if sha256(content).hexdigest() != file.digest:
        raise BadFileError(
            Text(
                f"the content of {file.name} is not the one that was attached; see: qingling journal verify",
                f"{file.name} 的内容与所附时不一致；请查看：qingling journal verify",
            )
        )
    try:
        with written(target, replace=False) as half:
            half.write_bytes(content)
    except FileExistsError as error:
        raise BadFileError(
            Text(f"{target} is there already; name another file with --out", f"{target} 已存在；请用 --out 另写文件名")
        ) from error
    return file


def verify_contents(ledger: Ledger, folder: Path) -> tuple[int, tuple[Break, ...]]:
    """Return how many attachments were checked, and each whose content in *folder* is not the one that was attached."""
    kept = chains.attachments(ledger.store)
    return len(kept), tuple(_not_as_attached(kept, folder))


def _not_as_attached(kept: Sequence[AttachedContent], folder: Path) -> Iterator[Break]:
    """Yield what is gone or changed; a content that several attachments share is read once."""
    known: dict[str, str] = {}
    for each in kept:
        if each.digest not in known:
            known[each.digest] = _verdict(content_file(folder, each.digest), each.digest)
        if known[each.digest]:
            yield Break(case=each.number, seq=each.seq, what=known[each.digest], which=each.name)


def _verdict(file: Path, digest: str) -> str:
    """Say what is wrong with a kept content; nothing if it is the one of that SHA-256."""
    from engine.store.backup import digest_of

    try:
        return "" if digest_of(file) == digest else "content changed"
    except OSError:
        return "content missing"
